"""Coverage cells: what there is to cover, and what one blueprint covers.

A cell is a text such as `param:listBooks/author` or `edge:listBooks>getAuthor/authorId`. There is
one for each tool, parameter, listed value, documented status, producer edge, tool with category,
and behavior of the two sides.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from inftool.core.blueprints import CATEGORIES, Blueprint, ReferenceKind, Step, Turn
from inftool.core.tools import Tool
from inftool.scenarios.composition.edges import inferred_edges
from inftool.scenarios.composition.lookahead import REFUSAL_STATUSES
from inftool.scenarios.plan import leaves
from inftool.scenarios.tool_schema.places import choices, enumerated, governed, pattern, schema_at
from inftool.scenarios.world_pool import WorldPool
from inftool.world.faults import FAULTS, documented_faults

CELL_KINDS = ("tool", "param", "enum", "status", "edge", "category", "behaviour")
"""What cells start with. Recorded by runs, hence the spelling."""

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
"""What the two sides may have to do in a conversation."""

_BEHAVIOR_OF_REFERENCE: dict[ReferenceKind, str] = {
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
    tool_by_step = {step.id: step.tool for step in blueprint.plan}
    cells: dict[str, None] = {}
    for step in blueprint.plan:
        cells |= dict.fromkeys(_step_cells(step, blueprint, tools[step.tool], tool_by_step))
    for name in behaviors_of(blueprint):
        cells[f"behaviour:{blueprint.world.api}:{name}"] = None
    # Without a call there is no tool to count the category for.
    if not blueprint.plan:
        cells[f"category:{blueprint.world.api}:{blueprint.category}"] = None
    # Not a kind of cell: it counts how often a category had so many turns.
    cells[f"shape:{blueprint.category}:{len(blueprint.turns)}"] = None
    return list(cells)


def _step_cells(
    step: Step, blueprint: Blueprint, tool: Tool, tool_by_step: Mapping[str, str]
) -> Iterator[str]:
    """The cells that one call covers."""
    name = step.tool
    yield f"tool:{name}"
    if step.goal:
        yield f"category:{name}:{blueprint.category}"
    yield f"status:{name}:{step.refused or success_status(tool)}"
    if step.fault:
        yield f"status:{name}:{FAULTS[step.fault].status}"
        yield f"fault:{name}:{step.fault}"
    for pointer, value in leaves(step.arguments):
        place = pattern(pointer)
        yield f"param:{name}{place}"
        source = step.bindings.get(pointer)
        if source is not None:
            yield f"edge:{tool_by_step[source.step]}>{name}{place}"
        elif not isinstance(value, (dict, list)) and len(choices(schema_at(tool, pointer))) > 1:
            yield f"enum:{name}{place}={value}"


def behaviors_of(blueprint: Blueprint) -> list[str]:
    """What the two sides have to do in a blueprint, by the names in `BEHAVIORS`, each once."""
    names: dict[str, None] = {}
    for turn in blueprint.turns:
        steps = [blueprint.step(step) for step in turn.steps]
        names |= dict.fromkeys(_turn_behaviors(turn, steps))
        names |= {_BEHAVIOR_OF_REFERENCE[reference.kind]: None for reference in turn.references}
    return list(names)


def _turn_behaviors(turn: Turn, steps: list[Step]) -> Iterator[str]:
    """What the two sides have to do in a turn, but for how entities are referred to."""
    told_later = [detail for detail in turn.details if detail.withheld]
    if told_later:
        yield "asked"
    if not turn.steps and turn.kind != "drop":
        yield "declined"
    if any(step.fault for step in steps):
        yield "retried"
    if any(step.refused for step in steps):
        yield "refused"
    # A volunteered detail without a frame replaces a value that was given before.
    if turn.kind == "change" or any(item.volunteered and not item.frame for item in told_later):
        yield "corrected"
    if turn.kind == "drop":
        yield "dropped"
    if turn.adds:
        yield "tool added"
    if sum(not step.after for step in steps) > 1:
        yield "in parallel"


def success_status(tool: Tool) -> str:
    """The status of a tool's success as documented; 200 if none is."""
    return next((answer.status for answer in tool.responses if answer.status[:1] == "2"), "200")


def all_cells(
    pool: WorldPool, edges: Iterable[tuple[str, str, str]] | None = None
) -> dict[str, list[str]]:
    """All cells that there are, by kind.

    `edges` are the edges that count, as (producer, consumer, argument); by default those that the
    resource maps imply.
    """
    cells: dict[str, list[str]] = {kind: [] for kind in CELL_KINDS}
    for api in pool.api_names:
        for tool in pool.api(api).tools:
            name = tool.name
            paging = pool.maps[api].roles[name].listing.paging
            # Nobody asks for the second page, so paging is not there to be covered.
            walked = {
                f"/{argument}"
                for argument in (paging.page, paging.offset, paging.cursor, paging.size)
                if argument
            }
            cells["tool"].append(f"tool:{name}")
            cells["param"] += [
                f"param:{name}{place}" for place in governed(tool) if place not in walked
            ]
            cells["enum"] += [f"enum:{name}{place}={option}" for place, option in enumerated(tool)]
            # A response may be documented for "default" or "4XX", which is no status.
            cells["status"] += [
                f"status:{name}:{answer.status}"
                for answer in tool.responses
                if answer.status.isdigit()
            ]
            cells["category"] += [f"category:{name}:{category}" for category in CATEGORIES]
        cells["behaviour"] += [f"behaviour:{api}:{behavior}" for behavior in BEHAVIORS]
    if edges is None:
        edges = [edge.key for api in pool.api_names for edge in inferred_edges(pool, api)]
    cells["edge"] = sorted(
        {f"edge:{producer}>{consumer}{argument}" for producer, consumer, argument in edges}
    )
    return cells


def can_occur(tool: Tool, status: str) -> bool:
    """Whether a documented status can come up in a blueprint.

    It can if it is a success, a transient failure, or a refusal for the state of an entity. A 400
    or 401 cannot: no request asks for a call that is wrong.
    """
    return (
        status[:1] == "2"
        or any(str(FAULTS[fault].status) == status for fault in documented_faults(tool))
        or status in map(str, REFUSAL_STATUSES)
    )


def minimum_calls(tools: Iterable[Tool], edges: Iterable[tuple[str, str, str]]) -> int:
    """The fewest calls that could cover every listed value and every edge.

    One call has at most one value at a place and one producer of an argument, so a tool needs as
    many calls as its fullest place or argument has of them.
    """
    producers: dict[str, Counter[str]] = defaultdict(Counter)
    for _, consumer, argument in edges:
        producers[consumer][argument] += 1
    total = 0
    for tool in tools:
        # A list of plain values (`/tags/*`) has several values in one call.
        values = Counter(place for place, _ in enumerated(tool) if not place.endswith("/*"))
        total += max([1, *values.values(), *producers[tool.name].values()])
    return total
