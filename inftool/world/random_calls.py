"""Calls out of thin air: arguments that a tool's schema accepts and that point at what exists, for tests, measurements and exploration."""

from __future__ import annotations

import random
from typing import Any

from inftool.core.json_pointer import at
from inftool.core.tools import Result, Tool
from inftool.core.types import JsonObject
from inftool.specs import violations
from inftool.world.operations.checks import body_of
from inftool.world.sampling.sampler import sample
from inftool.world.schema.validation import is_valid
from inftool.world.world import World


def arguments_for(
    world: World, tool: Tool, rng: random.Random, *, optional: float = 0.5
) -> JsonObject | None:
    """Arguments that the tool's schema accepts, with references to entities that exist; None where none could be made."""
    role = world.resources.roles[tool.name]

    def refer(pointer: str) -> Any:
        target = role.references.get(pointer)
        if target is None:
            return None
        pool = list(world.entities(target[0]).items())
        if not pool:
            return None
        key, value = rng.choice(pool)
        found = value.get(target[1], key)
        return world.typed(tool.name, pointer[1:], found) if pointer.count("/") == 1 else found

    for share in (optional, optional, optional, optional, 0.0, 1.0):
        made: JsonObject = sample(
            tool.input_schema,
            rng,
            noun=role.target.resource or "",
            now=world.now,
            optional=share,
            refer=refer,
        )
        if (
            role.target.argument is not None
            and role.target.resource is not None
            and (pool := list(world.entities(role.target.resource)))
        ):
            made.update(world.address(tool.name, rng.choice(pool)) or {})
        if not violations(tool, made) and not (share == optional and _is_taken(world, tool, made)):
            return made
    return None


def _is_taken(world: World, tool: Tool, arguments: JsonObject) -> bool:
    """Whether a create would name its thing like one that is there already."""
    role = world.resources.roles[tool.name]
    if role.kind != "create" or role.target.resource is None:
        return False
    resource = world.resources.resources[role.target.resource]
    body = at(body_of(tool, role, arguments), role.body.pointer)
    names = {name for name in (resource.identifier, *resource.unique) if name}
    if not isinstance(body, dict) or not names & set(body):
        return False
    return any(
        str(value.get(name)).casefold() == str(body[name]).casefold()
        for value in world.entities(role.target.resource).values()
        for name in names & set(body)
    )


def answer_is_valid(tool: Tool, result: Result) -> bool:
    """Whether an answer fits what the spec declares for its status."""
    if result.ok:
        return tool.output_schema is None or is_valid(tool.output_schema, result.body)
    declared = {answer.status.lower(): answer.body for answer in tool.responses}
    schema = (
        declared.get(str(result.status))
        or declared.get(f"{result.status // 100}xx")
        or declared.get("default")
    )
    return not schema or is_valid(schema, result.body)
