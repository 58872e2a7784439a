"""The rows of a training dataset, with counts of what was left out."""

from __future__ import annotations

from typing import Generic, TypeVar

Row = TypeVar("Row")


class DatasetRows(Generic[Row]):
    """Rows collected from several runs."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, str, Row]] = []

        self.too_long = 0
        """How many were left out because they are longer than the model is trained with."""

        self.unsayable = 0
        """How many were left out because the chat template cannot express them."""

    def add(self, run: int, name: str, row: Row) -> None:
        """Add a row by the number of its run and its id there."""
        self._rows.append((run, name, row))

    def in_order(self) -> list[Row]:
        """The rows by run and id.

        The lines of a run lie in the order in which its conversations happened to end; training
        must not depend on that.
        """
        return [row for _, _, row in sorted(self._rows, key=lambda item: item[:2])]
