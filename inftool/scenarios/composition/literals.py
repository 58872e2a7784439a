"""How the literal arguments of a step become details that the user can say."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from inftool.core.blueprints import Detail
from inftool.core.json_pointer import at_pointer
from inftool.core.tools import Tool
from inftool.core.types import JsonObject
from inftool.language.dates import round_time
from inftool.scenarios.composition.scene import Scene
from inftool.scenarios.composition.unplayable import Unplayable, UnplayableReason
from inftool.scenarios.plan import leaves
from inftool.scenarios.resolution.value_parser import recovers, recovers_list, recovers_together
from inftool.scenarios.tool_schema.places import choices, schema_at
from inftool.scenarios.wording.combined import Together, apart, groups, together
from inftool.scenarios.wording.details import Style, detail, list_detail
from inftool.scenarios.wording.sayable import machine_made
from inftool.world.resources.models import Role

_STYLES: dict[str, Style] = {
    "list": "filter",
    "search": "filter",
    "patch": "change",
    "replace": "change",
    "singleton_update": "change",
}


def rounded(value: Any) -> Any:
    """A sampled value with its moments on the full quarter of an hour."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return round_time(value)


def say_literals(
    scene: Scene, tool: Tool, role: Role, arguments: JsonObject, bound: set[str]
) -> list[tuple[str, Detail]]:
    """Words for every literal that no reference covers, with its pointer; lists of plain values are said in one go."""
    rng = scene.rng
    style = _STYLES.get(role.kind, "new" if role.kind == "create" else "ask")
    said: list[tuple[str, Detail]] = []
    done: set[str] = set()
    blunder = scene.self_corrects and rng.random() < 0.6
    spots = [
        (pointer, value)
        for pointer, value in leaves(arguments)
        if pointer not in bound and not isinstance(value, (dict, list, bool)) and value is not None
    ]
    whole = {group.pointers[0]: group for group in groups(spots)} if len(spots) > 1 else {}
    done.update(pointer for group in whole.values() for pointer in group.pointers[1:])
    for pointer, value in leaves(arguments):
        head = pointer.rpartition("/")[0]
        if isinstance(value, (dict, list)) or pointer in bound or head in done or pointer in done:
            continue
        if (group := whole.get(pointer)) is not None:
            said.append(
                (
                    _joint(group),
                    together(
                        group,
                        [at_pointer(arguments, other) for other in group.pointers],
                        style,
                        rng,
                    ),
                )
            )
            continue
        home = at_pointer(arguments, head)
        options = choices(schema_at(tool, pointer))
        if (
            isinstance(home, list)
            and all(not isinstance(item, (dict, list, bool)) for item in home)
            and not any(f"{head}/{n}" in bound for n in range(len(home)))
        ):
            said.append((head, list_detail(head, home, arguments, rng, options=options)))
            done.add(head)
            continue
        wrong = other_value(value, options, rng) if blunder else None
        blunder = blunder and wrong is None
        # What a list cannot do without is no filter.
        way: Style = (
            "ask"
            if style == "filter" and pointer[1:] in tool.input_schema.get("required", ())
            else style
        )
        said.append(
            (
                pointer,
                detail(pointer, value, arguments, rng, options=options, style=way, wrong=wrong),
            )
        )
    return said


def unsay(scene: Scene, tool: Tool, arguments: JsonObject, bound: set[str]) -> None:
    """Leave out optional arguments that hold what only machines make; Unplayable where they are needed and nobody has them before their eyes."""
    if not scene.choosy or tool.name in scene.keys_at_hand:
        return
    for pointer, value in list(leaves(arguments)):
        top = pointer[1:].split("/", 1)[0]
        if (
            pointer in bound
            or not machine_made(value)
            or value in choices(schema_at(tool, pointer))
        ):
            continue
        if top in tool.input_schema.get("required", ()) or any(
            other.startswith(f"/{top}") for other in bound
        ):
            raise Unplayable(UnplayableReason.KEY_NOBODY_SAYS)
        arguments.pop(top, None)


def _joint(group: Together) -> str:
    """The place of several values said together, as one."""
    return f"{group.kind}|{group.name}|{'|'.join(group.pointers)}"


def _group(pointer: str) -> Together | None:
    if "|" not in pointer or pointer.startswith("/"):
        return None
    kind, name, *pointers = pointer.split("|")
    return Together(kind, tuple(pointers), name)


def other_value(value: Any, options: Sequence[Any], rng: random.Random) -> Any:
    """What somebody might say for a value by mistake; None where nothing comes to mind."""
    if options:
        others = [option for option in options if option != value]
        return rng.choice(others) if others else None
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value + rng.choice((1, 2, 5)) if abs(value) < 10_000 else None
    if isinstance(value, float):
        return round(value + rng.choice((1, 2.5, 10)), 2)
    if isinstance(value, str) and len(value) == 10 and value[4:5] == "-":
        try:
            return (date.fromisoformat(value) + timedelta(days=rng.choice((1, 7)))).isoformat()
        except ValueError:
            return None
    return None


def clear(
    text: str, tool: Tool, arguments: JsonObject, said: Sequence[tuple[str, Detail]]
) -> list[int]:
    """Which of the details do not give their value back when the whole text is heard."""
    lost = []
    for index, (pointer, item) in enumerate(said):
        if (group := _group(pointer)) is not None:
            schemas = [schema_at(tool, other) for other in group.pointers]
            values = [at_pointer(arguments, other) for other in group.pointers]
            heard = recovers_together(text, group.kind, group.name, values, schemas) or all(
                recovers(text, other, value, schema, arguments)
                for other, value, schema in zip(group.pointers, values, schemas, strict=True)
            )
        elif isinstance(item.value, list):
            heard = recovers_list(
                text, pointer, item.value, schema_at(tool, f"{pointer}/0"), arguments
            )
        else:
            heard = recovers(text, pointer, item.value, schema_at(tool, pointer), arguments)
        if not heard:
            lost.append(index)
    return lost


def plainly(
    tool: Tool, arguments: JsonObject, pointer: str, item: Detail, rng: random.Random
) -> Detail:
    """A detail in the plainest words."""
    if (group := _group(pointer)) is not None:
        phrase = apart(group, [at_pointer(arguments, other) for other in group.pointers], arguments)
        return item.model_copy(update={"phrase": phrase})
    if isinstance(item.value, list):
        return list_detail(
            pointer,
            item.value,
            arguments,
            rng,
            options=choices(schema_at(tool, f"{pointer}/0")),
            withheld=item.withheld,
        )
    return detail(
        pointer,
        item.value,
        arguments,
        rng,
        options=choices(schema_at(tool, pointer)),
        withheld=item.withheld,
    )
