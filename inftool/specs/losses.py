"""The log in which one compile records what did not arrive as it was written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from inftool.core.tools import Loss, Origin
from inftool.core.types import Level
from inftool.specs.loss_codes import CODES, COUNTED


class HasOrigin(Protocol):
    """Something with a place in a document, such as a node."""

    @property
    def file_and_pointer(self) -> tuple[str, str]:
        """The name of the file and the JSON pointer into it, which identify the place."""

    def origin(self) -> Origin:
        """The place with its line. Finding the line takes longer than the pointer."""


@dataclass(slots=True)
class _Count:
    """A loss that is recorded once a document, and the number of places where it occurs."""

    origin: Origin
    message: str
    places: int = 1


@dataclass
class LossLog:
    """What one compile lost. The same loss at the same place is recorded once."""

    mild: frozenset[str] = frozenset()
    """Codes that are only information here, because the format itself is written that way."""
    _losses: dict[tuple[str, str, str, str], Loss] = field(default_factory=dict)
    """(code, file, pointer, subject) -> loss."""
    _counts: dict[tuple[str, str, str], _Count] = field(default_factory=dict)
    """(code, file, message) -> count."""
    _counted_places: set[tuple[str, str, str]] = field(default_factory=set)
    """(message, file, pointer and subject) of everything counted."""

    def add(
        self,
        code: str,
        where: HasOrigin | Origin,
        message: str = "",
        *,
        level: Level | None = None,
        subject: str = "",
    ) -> None:
        """Record a loss. Without a message, the sentence of its code is used.

        `subject` distinguishes two losses of one code at one place, such as the name of a property.
        """
        default_level, sentence = CODES[code]
        if code in COUNTED:
            self._count(code, where, message or sentence, subject)
            return
        file, pointer = _file_and_pointer(where)
        key = (code, file, pointer, subject)
        # The line is looked up only for a loss that is new, as that takes longest.
        if key not in self._losses:
            self._losses[key] = Loss(
                code=code,
                level="info" if code in self.mild else level or default_level,
                message=message or sentence,
                origin=_origin(where),
            )

    def _count(self, code: str, where: HasOrigin | Origin, message: str, subject: str) -> None:
        file, pointer = _file_and_pointer(where)
        place = (message, file, pointer + subject)
        if place in self._counted_places:
            return
        self._counted_places.add(place)
        key = (code, file, message)
        count = self._counts.get(key)
        if count is None:
            self._counts[key] = _Count(_origin(where), message)
        else:
            count.places += 1

    def losses(self) -> tuple[Loss, ...]:
        """Everything recorded, sorted by file and line."""
        counted = [
            Loss(code=code, level=CODES[code][0], message=_counted(count), origin=count.origin)
            for (code, _, _), count in self._counts.items()
        ]
        return tuple(sorted([*self._losses.values(), *counted], key=_order))


def _file_and_pointer(where: HasOrigin | Origin) -> tuple[str, str]:
    return (where.file, where.pointer) if isinstance(where, Origin) else where.file_and_pointer


def _origin(where: HasOrigin | Origin) -> Origin:
    return where if isinstance(where, Origin) else where.origin()


def _counted(count: _Count) -> str:
    if count.places == 1:
        return count.message
    return f"{count.message} ({count.places} places, the first one here)"


def _order(loss: Loss) -> tuple[str, int, str, str, str]:
    origin = loss.origin
    return origin.file, origin.line or 0, origin.pointer, loss.code, loss.message
