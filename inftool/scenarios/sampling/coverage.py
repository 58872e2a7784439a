"""What a set of blueprints has covered: endpoint × parameter × listed value × documented status × producer edge × category × behaviour.

The state is a function of the blueprints before, so that a resumed run steers as the killed one would have (TDScaling steers by entropy; nobody else by this).
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from inftool.core.blueprints import CATEGORIES, Blueprint
from inftool.core.tools import Tool
from inftool.core.types import JsonObject
from inftool.scenarios.composition.edges import inferred_edges
from inftool.scenarios.plan import leaves
from inftool.scenarios.tool_schema.places import choices, enumerated, governed, pattern, schema_at
from inftool.scenarios.world_pool import WorldPool
from inftool.world.faults import FAULTS, documented_faults

CELL_KINDS = ("tool", "param", "enum", "status", "edge", "category", "behaviour")
BEHAVIORS = (
    "asked",
    "declined",
    "retried",
    "refused",
    "corrected",
    "dropped",
    "tool added",
    "in parallel",
    "by its key",
    "by its name",
    "by a mark",
    "by an order",
    "by a relation",
    "by its place",
    "again",
)
_POINTED = {
    "key": "by its key",
    "name": "by its name",
    "mark": "by a mark",
    "order": "by an order",
    "relation": "by a relation",
    "place": "by its place",
    "again": "again",
}


def covered_cells(blueprint: Blueprint, tools: Mapping[str, Tool]) -> list[str]:
    """The cells that one blueprint covers, each once."""
    found: dict[str, None] = {}
    made_by = {step.id: step.tool for step in blueprint.plan}
    for step in blueprint.plan:
        tool = tools[step.tool]
        found[f"tool:{step.tool}"] = None
        if step.goal:
            found[f"category:{step.tool}:{blueprint.category}"] = None
        if step.refused:
            found[f"status:{step.tool}:{step.refused}"] = None
        else:
            found[f"status:{step.tool}:{success_status(tool)}"] = None
        if step.fault:
            found[f"status:{step.tool}:{FAULTS[step.fault].status}"] = None
            found[f"fault:{step.tool}:{step.fault}"] = None
        for pointer, value in leaves(step.arguments):
            place = pattern(pointer)
            found[f"param:{step.tool}{place}"] = None
            if (source := step.bindings.get(pointer)) is not None:
                found[f"edge:{made_by[source.step]}>{step.tool}{place}"] = None
            elif not isinstance(value, (dict, list)) and len(choices(schema_at(tool, pointer))) > 1:
                found[f"enum:{step.tool}{place}={value}"] = None
    for name in behaviors_of(blueprint):
        found[f"behaviour:{blueprint.world.api}:{name}"] = None
    if not blueprint.plan:
        found[f"category:{blueprint.world.api}:{blueprint.category}"] = None
    found[f"shape:{blueprint.category}:{len(blueprint.turns)}"] = None
    return list(found)


def behaviors_of(blueprint: Blueprint) -> list[str]:
    """What the two sides have to do in a blueprint, by name."""
    found: dict[str, None] = {}
    for turn in blueprint.turns:
        steps = [blueprint.step(step) for step in turn.steps]
        told = [detail for detail in turn.details if detail.withheld]
        found |= {
            name: None
            for name, there in (
                ("asked", bool(told)), ("declined", not turn.steps and turn.kind != "drop"), ("retried", any(step.fault for step in steps)),
                ("refused", any(step.refused for step in steps)), ("corrected", turn.kind == "change" or any(detail.volunteered and not detail.frame for detail in told)),
                ("dropped", turn.kind == "drop"), ("tool added", bool(turn.adds)), ("in parallel", sum(not step.after for step in steps) > 1),
            )
            if there
        }  # fmt: skip
        found |= {_POINTED[reference.kind]: None for reference in turn.references}
    return list(found)


def success_status(tool: Tool) -> str:
    """The status of a tool's success as documented."""
    return next((answer.status for answer in tool.responses if answer.status[:1] == "2"), "200")


def all_cells(
    stage: WorldPool, edges: Iterable[tuple[str, str, str]] | None = None
) -> dict[str, list[str]]:
    """All cells that there are, by kind; `edges` (producer, consumer, argument) are those that count (default: those that the resource maps believe in)."""
    found: dict[str, list[str]] = {kind: [] for kind in CELL_KINDS}
    for name in stage.api_names:
        for tool in stage.api(name).tools:
            found["tool"].append(f"tool:{tool.name}")
            paging = stage.maps[name].roles[tool.name].listing.paging
            walked = {
                f"/{argument}"
                for argument in (paging.page, paging.offset, paging.cursor, paging.size)
                if argument
            }
            found["param"] += [
                f"param:{tool.name}{place}" for place in governed(tool) if place not in walked
            ]
            found["enum"] += [
                f"enum:{tool.name}{place}={option}" for place, option in enumerated(tool)
            ]
            found["status"] += [
                f"status:{tool.name}:{answer.status}"
                for answer in tool.responses
                if answer.status.isdigit()
            ]
            found["category"] += [f"category:{tool.name}:{category}" for category in CATEGORIES]
        found["behaviour"] += [f"behaviour:{name}:{behaviour}" for behaviour in BEHAVIORS]
    pairs = (
        edges
        if edges is not None
        else (edge.key for name in stage.api_names for edge in inferred_edges(stage, name))
    )
    found["edge"] = sorted(
        {f"edge:{producer}>{consumer}{argument}" for producer, consumer, argument in pairs}
    )
    return found


class Coverage:
    """How often each cell was met, and which are still open. `is_open` answers for a cell, or for all cells of a tool's argument by the argument's."""

    def __init__(self, cells_by_kind: Mapping[str, Sequence[str]]) -> None:
        self.universe = {kind: frozenset(found) for kind, found in cells_by_kind.items()}
        self.hits: Counter[str] = Counter()
        self.apis: Counter[str] = Counter()
        self.levels: Counter[str] = Counter()
        self._open: set[str] = set().union(*self.universe.values())
        self._under: Counter[str] = Counter()
        self.open_of: Counter[str] = Counter()
        for cell in self._open:
            for head in _heads(cell):
                self._under[head] += 1
            if (tool := _tool_of(cell)) is not None:
                self.open_of[tool] += 1

    def is_open(self, cell: str) -> bool:
        """Whether a cell, or one under it, is still open."""
        return cell in self._open or self._under[cell] > 0

    def add(self, found: Iterable[str], *, api: str = "", level: str = "") -> None:
        """Count the cells of one blueprint."""
        self.apis[api] += 1
        self.levels.update((level, level.rpartition(":")[2]))
        for cell in found:
            self.hits[cell] += 1
            if cell in self._open:
                self._open.discard(cell)
                for head in _heads(cell):
                    self._under[head] -= 1
                if (tool := _tool_of(cell)) is not None:
                    self.open_of[tool] -= 1

    def share(self, kind: str) -> float:
        """The share of a kind's cells that were met."""
        every = self.universe[kind]
        return sum(cell in self.hits for cell in every) / len(every) if every else 1.0

    def open(self, kind: str) -> list[str]:
        """The cells of a kind that were not met."""
        return sorted(self.universe[kind] & self._open)


def _heads(cell: str) -> tuple[str, ...]:
    """What a cell is counted under: `enum:tool/place=value` under `enum:tool/place`; parameters and values under the argument at the top."""
    kind, _, rest = cell.partition(":")
    if kind == "enum":
        place = rest.partition("=")[0]
        tool, _, path = place.partition("/")
        return f"enum:{place}", f"param:{tool}/{path.partition('/')[0]}"
    if kind == "param":
        tool, _, path = rest.partition("/")
        return (f"param:{tool}/{path.partition('/')[0]}",) if "/" in path else ()
    return ()


def _tool_of(cell: str) -> str | None:
    """The tool any call of which could cover a cell; edges, categories and behaviours are left to their own steering."""
    kind, _, rest = cell.partition(":")
    return rest.partition("/")[0] if kind in ("tool", "param", "enum") else None


def minimum_calls(tools: Iterable[Tool], edges: Iterable[tuple[str, str, str]]) -> int:
    """The fewest calls that could cover every listed value and every edge.

    One call holds at most one value a place and one producer an argument, so each tool needs as many calls as its fullest place or argument.
    """
    producers: dict[str, Counter[str]] = defaultdict(Counter)
    for _, consumer, argument in edges:
        producers[consumer][argument] += 1
    total = 0
    for tool in tools:
        # A list of plain values holds several at once.
        values = Counter(place for place, _ in enumerated(tool) if not place.endswith("/*"))
        total += max([1, *values.values(), *producers[tool.name].values()])
    return total


def entropy(counts: Mapping[Any, int]) -> float:
    """Shannon's entropy of a distribution, in bits."""
    total = sum(counts.values())
    return (
        -sum(count / total * math.log2(count / total) for count in counts.values() if count)
        if total
        else 0.0
    )


def plan_shape(blueprint: Blueprint) -> str:
    """A plan's shape: for each turn how many calls each of its waves holds."""
    placed: dict[str, int] = {}
    turns = []
    for turn in blueprint.turns:
        for step in (blueprint.step(step) for step in turn.steps):
            placed[step.id] = 1 + max(
                (placed.get(need, 0) for need in step.after if need in turn.steps), default=0
            )
        depths = Counter(placed[step] for step in turn.steps)
        turns.append(".".join(str(depths[depth]) for depth in sorted(depths)) or "-")
    return "|".join(turns)


def entropies(blueprints: Sequence[Blueprint]) -> dict[str, float]:
    """The entropies over domains, plan shapes and complexity (TDScaling), over tools and over categories, in bits."""
    return {
        "domain": entropy(Counter(blueprint.world.api for blueprint in blueprints)),
        "shape": entropy(Counter(plan_shape(blueprint) for blueprint in blueprints)),
        "complexity": entropy(Counter(blueprint.difficulty for blueprint in blueprints)),
        "tool": entropy(
            Counter(step.tool for blueprint in blueprints for step in blueprint.plan if step.goal)
        ),
        "category": entropy(Counter(blueprint.category for blueprint in blueprints)),
    }


def can_occur(tool: Tool, status: str) -> bool:
    """Whether a documented status can come up in a blueprint: success, a failure that passes, or a refusal for what a thing is."""
    return (
        status[:1] == "2"
        or any(str(FAULTS[kind].status) == status for kind in documented_faults(tool))
        or status in ("409", "422", "403", "423")
    )


def coverage_counts(
    stage: WorldPool, blueprints: Sequence[Blueprint], edges: Sequence[tuple[str, str, str]]
) -> JsonObject:
    """The JSON document of `inftool coverage`: each kind's cells, those met, the share, and what is open (of statuses, those that can come up)."""
    coverage = Coverage(all_cells(stage, edges))
    for blueprint in blueprints:
        coverage.add(covered_cells(blueprint, stage.tools), api=blueprint.world.api)
    kinds: JsonObject = {}
    for kind in CELL_KINDS:
        every = coverage.universe[kind]
        met = sum(cell in coverage.hits for cell in every)
        kinds[kind] = {
            "cells": len(every),
            "met": met,
            "share": round(coverage.share(kind), 4),
            "open": coverage.open(kind),
        }
    calls = sum(step.goal for blueprint in blueprints for step in blueprint.plan)
    return {
        "blueprints": len(blueprints),
        "goal calls": calls,
        "minimum calls": minimum_calls(stage.tools.values(), edges),
        "kinds": kinds,
        "entropy": {name: round(value, 3) for name, value in entropies(blueprints).items()}
        if blueprints
        else {},
        "categories": dict(Counter(blueprint.category for blueprint in blueprints)),
    }


def read_weights(text: str) -> JsonObject:
    """A weights file: multipliers a category, API, tool, difficulty (1 to 5) and number of distractors (0 to 100); ValueError says what is wrong with it.

    `{"categories": {…}, "apis": {…}, "tools": {…}, "difficulty": {"4": 3, "1": 0}, "distractors": {"0": 1, "20": 2}}`. Of distractors only those named are used.
    """
    data = json.loads(text)
    if not isinstance(data, dict) or not data.keys() <= {
        "categories",
        "apis",
        "tools",
        "difficulty",
        "distractors",
    }:
        raise ValueError(
            "a weights file holds an object with the keys categories, apis, tools, difficulty and distractors"
        )
    for name, part in data.items():
        if not isinstance(part, dict) or not all(
            isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0
            for value in part.values()
        ):
            raise ValueError(f"{name}: every weight is a number that is not negative")
    unknown = sorted(set(data.get("categories", {})) - set(CATEGORIES))
    if unknown:
        raise ValueError(f"there is no category {unknown[0]!r}")
    for name, least, most in (("difficulty", 1, 5), ("distractors", 0, 100)):
        part = data.get(name, {})
        strange = sorted(
            key for key in part if not key.isdecimal() or not least <= int(key) <= most
        )
        if strange:
            raise ValueError(f"{name}: {strange[0]!r} is no number from {least} to {most}")
        if name in data and not any(
            part.get(str(key), float(name == "difficulty")) for key in range(least, most + 1)
        ):
            raise ValueError(f"{name}: the weights leave nothing")
    return data
