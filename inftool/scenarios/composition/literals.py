"""How the literal arguments of a call become details that the user says."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from inftool.core.blueprints import Detail
from inftool.core.json_pointer import at_pointer
from inftool.core.tools import Tool
from inftool.core.types import Arguments, JsonPointer
from inftool.language.dates import round_time
from inftool.scenarios.composition.scene import Scene
from inftool.scenarios.composition.unplayable import Unplayable, UnplayableReason
from inftool.scenarios.plan import leaves
from inftool.scenarios.resolution.combined_parser import recovers_combined, recovers_list
from inftool.scenarios.resolution.value_parser import recovers
from inftool.scenarios.tool_schema.places import choices, schema_at
from inftool.scenarios.wording.combined import (
    CombinedValues,
    find_combinable,
    say_combined,
    say_separately,
)
from inftool.scenarios.wording.details import Style, detail, list_detail
from inftool.scenarios.wording.sayable import machine_made
from inftool.world.resources.models import Role

# How values are framed, by what the tool does; every other tool is asked with them.
_STYLES: dict[str, Style] = {
    "list": "filter",
    "search": "filter",
    "patch": "change",
    "replace": "change",
    "singleton_update": "change",
    "create": "new",
}

# How often a user who corrects themselves gets a value wrong in a request: often enough that it
# happens in most of their conversations, not so often that every value is corrected.
_WRONG_FIRST = 0.6

# A wrong value is close to the right one, as a slip is: "3, sorry, 4".
_WRONG_STEPS = (1, 2, 5)
_WRONG_AMOUNTS = (1, 2.5, 10)
_WRONG_DAYS = (1, 7)
# A larger integer is a code or a key, and nobody is off by two in it.
_MAX_MISTAKEN = 10_000


class SpokenLiteral(NamedTuple):
    """A detail, and the arguments whose values it says."""

    pointer: JsonPointer
    """The argument; of a list that is said in one clause, the list."""

    detail: Detail
    """What is said."""

    combined: CombinedValues | None = None
    """The arguments, if several are said in one clause: a name, a span of dates."""


def rounded(value: Any) -> Any:
    """A sampled value whose times are on the full quarter of an hour, as people say them."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return round_time(value)


def say_literals(
    scene: Scene, tool: Tool, role: Role, arguments: Arguments, bound: set[JsonPointer]
) -> list[SpokenLiteral]:
    """Words for every literal that no reference covers; `bound` are the pointers that one does.

    Values that belong together, and lists of plain values, are said in one clause.
    """
    rng = scene.rng
    style = _STYLES.get(role.kind, "ask")
    required = tool.input_schema.get("required", ())
    get_wrong = scene.self_corrects and rng.random() < _WRONG_FIRST
    combined = _combined(arguments, bound)
    covered = {pointer for group in combined.values() for pointer in group.pointers[1:]}
    literals: list[SpokenLiteral] = []
    for pointer, value in leaves(arguments):
        head = pointer.rpartition("/")[0]
        if isinstance(value, (dict, list)) or pointer in bound or {head, pointer} & covered:
            continue
        # The first member speaks for its group; the others are covered from the start.
        if (group := combined.get(pointer)) is not None:
            values = [at_pointer(arguments, member) for member in group.pointers]
            literals.append(SpokenLiteral(pointer, say_combined(group, values, style, rng), group))
            continue
        options = choices(schema_at(tool, pointer))
        parent = at_pointer(arguments, head)
        if _is_said_as_list(parent, head, bound):
            literals.append(
                SpokenLiteral(head, list_detail(head, parent, arguments, rng, options=options))
            )
            covered.add(head)
            continue
        wrong = other_value(value, options, rng) if get_wrong else None
        # One slip in a request is enough.
        get_wrong = get_wrong and wrong is None
        # What a list cannot be called without is no filter.
        is_asked = style == "filter" and pointer[1:] in required
        said = detail(
            pointer,
            value,
            arguments,
            rng,
            options=options,
            style="ask" if is_asked else style,
            wrong=wrong,
        )
        literals.append(SpokenLiteral(pointer, said))
    return literals


def _combined(arguments: Arguments, bound: set[JsonPointer]) -> dict[JsonPointer, CombinedValues]:
    """The literals that are said in one clause, by the pointer of the first of them."""
    literals = [
        (pointer, value)
        for pointer, value in leaves(arguments)
        if pointer not in bound and not isinstance(value, (dict, list, bool)) and value is not None
    ]
    if len(literals) < 2:
        return {}
    return {group.pointers[0]: group for group in find_combinable(literals)}


def _is_said_as_list(value: object, pointer: JsonPointer, bound: set[JsonPointer]) -> bool:
    """Whether a value is a list of plain values, none of which a reference covers."""
    return (
        isinstance(value, list)
        and all(not isinstance(item, (dict, list, bool)) for item in value)
        and not any(f"{pointer}/{index}" in bound for index in range(len(value)))
    )


def drop_machine_made(
    scene: Scene, tool: Tool, arguments: dict[str, object], bound: set[JsonPointer]
) -> None:
    """Leave out optional arguments with texts that only machines make, such as tokens.

    Unplayable if one is needed and the user does not have it at hand.
    """
    if not scene.choosy or tool.name in scene.keys_at_hand:
        return
    required = tool.input_schema.get("required", ())
    for pointer, value in list(leaves(arguments)):
        if pointer in bound or not machine_made(value):
            continue
        # Of a list of values the user can say any, however it is spelled.
        if value in choices(schema_at(tool, pointer)):
            continue
        name = pointer[1:].split("/", 1)[0]
        if name in required or any(other.startswith(f"/{name}") for other in bound):
            raise Unplayable(UnplayableReason.KEY_NOBODY_SAYS)
        arguments.pop(name, None)


def other_value(value: object, options: Sequence[object], rng: random.Random) -> Any:
    """What somebody might say for a value by mistake; None if nothing suggests itself.

    `4, []` -> `5`; `"2026-03-14", []` -> `"2026-03-21"`; `"red", ["red", "blue"]` -> `"blue"`.
    """
    if options:
        others = [option for option in options if option != value]
        return rng.choice(others) if others else None
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value + rng.choice(_WRONG_STEPS) if abs(value) < _MAX_MISTAKEN else None
    if isinstance(value, float):
        return round(value + rng.choice(_WRONG_AMOUNTS), 2)
    if isinstance(value, str) and len(value) == len("2026-03-14") and value[4:5] == "-":
        try:
            return (date.fromisoformat(value) + timedelta(rng.choice(_WRONG_DAYS))).isoformat()
        except ValueError:
            return None
    return None


def not_understood(
    text: str, tool: Tool, arguments: Arguments, literals: Sequence[SpokenLiteral]
) -> Iterator[int]:
    """The indices of the literals that cannot be parsed back from the whole text."""
    for index, literal in enumerate(literals):
        if not _is_understood(text, tool, arguments, literal):
            yield index


def _is_understood(text: str, tool: Tool, arguments: Arguments, literal: SpokenLiteral) -> bool:
    """Whether the values of a literal can be parsed back from a text."""
    pointer, said, group = literal
    if group is not None:
        schemas = [schema_at(tool, member) for member in group.pointers]
        values = [at_pointer(arguments, member) for member in group.pointers]
        return recovers_combined(text, group.kind, group.name, values, schemas) or all(
            recovers(text, member, value, schema, arguments)
            for member, value, schema in zip(group.pointers, values, schemas, strict=True)
        )
    if isinstance(said.value, list):
        item = schema_at(tool, f"{pointer}/0")
        return recovers_list(text, pointer, said.value, item, arguments)
    return recovers(text, pointer, said.value, schema_at(tool, pointer), arguments)


def plainest(
    tool: Tool, arguments: Arguments, literal: SpokenLiteral, rng: random.Random
) -> Detail:
    """A literal in the plainest words: each value under the name of its argument."""
    pointer, said, group = literal
    if group is not None:
        values = [at_pointer(arguments, member) for member in group.pointers]
        return said.model_copy(update={"phrase": say_separately(group, values, arguments)})
    if isinstance(said.value, list):
        return list_detail(
            pointer,
            said.value,
            arguments,
            rng,
            options=choices(schema_at(tool, f"{pointer}/0")),
            withheld=said.withheld,
        )
    options = choices(schema_at(tool, pointer))
    plain = detail(pointer, said.value, arguments, rng, options=options)
    return plain.model_copy(update={"withheld": said.withheld})
