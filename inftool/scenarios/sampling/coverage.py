"""How often each coverage cell was met, and which cells are still open.

The state is a function of the blueprints drawn before, so that a run that is resumed steers as the
killed one would have. TDScaling steers by entropy instead (`diversity` measures it).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from inftool.core.blueprints import Blueprint
from inftool.core.types import JsonObject
from inftool.scenarios.sampling.cells import (
    CELL_KINDS,
    all_cells,
    covered_cells,
    minimum_calls,
)
from inftool.scenarios.sampling.diversity import entropies
from inftool.scenarios.world_pool import WorldPool


class Coverage:
    """How often each cell was met."""

    def __init__(self, cells_by_kind: Mapping[str, Sequence[str]]) -> None:
        self.universe = {kind: frozenset(cells) for kind, cells in cells_by_kind.items()}
        """All cells, by kind."""

        self.hits: Counter[str] = Counter()
        """By cell, how many blueprints met it; cells outside the universe are counted too."""

        self.apis: Counter[str] = Counter()
        """By API, how many blueprints it has."""

        self.levels: Counter[str] = Counter()
        """By difficulty, and by category with difficulty, how many blueprints there are."""

        self.open_of: Counter[str] = Counter()
        """By tool, how many cells are open that any call of it could cover."""

        self._open: set[str] = set().union(*self.universe.values())
        self._open_under: Counter[str] = Counter()
        for cell in self._open:
            self._count(cell, 1)

    def _count(self, cell: str, change: int) -> None:
        """Count an open cell under its heads and its tool, or no more."""
        for head in _heads(cell):
            self._open_under[head] += change
        if (tool := _tool_of(cell)) is not None:
            self.open_of[tool] += change

    def is_open(self, cell: str) -> bool:
        """Whether a cell, or one under it, was not met yet.

        Cells of listed values lie under their argument (`enum:listBooks/sort`), and places inside
        an argument under that one (`param:createOrder/lines`).
        """
        return cell in self._open or self._open_under[cell] > 0

    def add(self, cells: Iterable[str], *, api: str = "", level: str = "") -> None:
        """Count the cells of one blueprint; `level` is its category and difficulty, "simple:2"."""
        self.apis[api] += 1
        self.levels.update((level, level.rpartition(":")[2]))
        # An open cell is counted down once; after that only its hits go up.
        for cell in cells:
            self.hits[cell] += 1
            if cell in self._open:
                self._open.discard(cell)
                self._count(cell, -1)

    def share(self, kind: str) -> float:
        """The share of a kind's cells that were met, 1 if there are none."""
        cells = self.universe[kind]
        return self.met(kind) / len(cells) if cells else 1.0

    def met(self, kind: str) -> int:
        """How many of a kind's cells were met."""
        return sum(cell in self.hits for cell in self.universe[kind])

    def open(self, kind: str) -> list[str]:
        """The cells of a kind that were not met, sorted."""
        return sorted(self.universe[kind] & self._open)


def _heads(cell: str) -> tuple[str, ...]:
    """What a cell is counted under.

    `enum:tool/lines/*/size=L` -> `enum:tool/lines/*/size`, `param:tool/lines`.
    """
    kind, _, rest = cell.partition(":")
    # A value may hold any character, so it is cut off first: `enum:tool/path=a/b`.
    if kind == "enum":
        place = rest.partition("=")[0]
        tool, _, path = place.partition("/")
        return f"enum:{place}", f"param:{tool}/{path.partition('/')[0]}"
    if kind == "param":
        tool, _, path = rest.partition("/")
        return (f"param:{tool}/{path.partition('/')[0]}",) if "/" in path else ()
    return ()


def _tool_of(cell: str) -> str | None:
    """The tool any call of which could cover a cell.

    None for edges, categories and behaviors, which builders of categories steer by themselves.
    """
    kind, _, rest = cell.partition(":")
    return rest.partition("/")[0] if kind in ("tool", "param", "enum") else None


def coverage_counts(
    pool: WorldPool, blueprints: Sequence[Blueprint], edges: Sequence[tuple[str, str, str]]
) -> JsonObject:
    """The JSON document of `inftool coverage`: each kind's cells, those met, and those open."""
    coverage = Coverage(all_cells(pool, edges))
    for blueprint in blueprints:
        coverage.add(covered_cells(blueprint, pool.tools), api=blueprint.world.api)
    kinds = {
        kind: {
            "cells": len(coverage.universe[kind]),
            "met": coverage.met(kind),
            "share": round(coverage.share(kind), 4),
            "open": coverage.open(kind),
        }
        for kind in CELL_KINDS
    }
    bits = entropies(blueprints) if blueprints else {}
    return {
        "blueprints": len(blueprints),
        "goal calls": sum(step.goal for blueprint in blueprints for step in blueprint.plan),
        "minimum calls": minimum_calls(pool.tools.values(), edges),
        "kinds": kinds,
        "entropy": {name: round(value, 3) for name, value in bits.items()},
        "categories": dict(Counter(blueprint.category for blueprint in blueprints)),
    }
