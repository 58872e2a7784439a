"""Random calls: arguments that a tool's schema accepts and that point at entities that exist.

For tests, measurements and exploration.
"""

from __future__ import annotations

import random

from inftool.core.json_pointer import find_at
from inftool.core.tools import Result, Tool
from inftool.core.types import JsonObject
from inftool.specs import violations
from inftool.world.operations.calls import body_of
from inftool.world.sampling.context import SamplerSettings
from inftool.world.sampling.sampler import sample
from inftool.world.schema.validation import is_valid
from inftool.world.world import World

# How often arguments with the given share of optional properties are drawn, before the extremes
# (none of them, all of them), which some schemas need.
_ATTEMPTS = 4


def arguments_for(
    world: World, tool: Tool, rng: random.Random, *, optional: float = 0.5
) -> JsonObject | None:
    """Arguments that the tool's schema accepts, with references to entities that exist.

    `optional` is the share of optional properties that are given. None where no valid arguments
    could be made.
    """
    role = world.resources.roles[tool.name]

    def refer(pointer: str) -> object:
        target = role.references.get(pointer)
        if target is None:
            return None
        resource, prop = target
        pool = list(world.entities(resource).items())
        if not pool:
            return None
        key, value = rng.choice(pool)
        reference = value.get(prop, key)
        is_top_level = pointer.count("/") == 1
        return world.typed(tool.name, pointer[1:], reference) if is_top_level else reference

    for share in (*(optional,) * _ATTEMPTS, 0.0, 1.0):
        arguments: JsonObject = sample(
            tool.input_schema,
            rng,
            noun=role.target.resource or "",
            settings=SamplerSettings(now=world.now, optional=share, refer=refer),
        )
        if role.target.argument is not None and role.target.resource is not None:
            keys = list(world.entities(role.target.resource))
            if keys:
                arguments.update(world.address(tool.name, rng.choice(keys)) or {})
        # Address arguments replace sampled ones, and may break a pattern that the keys do not fit.
        if violations(tool, arguments):
            continue
        if share != optional or not _is_taken(world, tool, arguments):
            return arguments
    return None


def _is_taken(world: World, tool: Tool, arguments: JsonObject) -> bool:
    """Whether a create would give its entity a key or name that another one has already."""
    role = world.resources.roles[tool.name]
    if role.kind != "create" or role.target.resource is None:
        return False
    resource = world.resources.resources[role.target.resource]
    body = find_at(body_of(tool, role, arguments), role.body.pointer)
    if not isinstance(body, dict):
        return False
    names = {name for name in (resource.identifier, *resource.unique) if name} & set(body)
    return any(
        str(value.get(name)).casefold() == str(body[name]).casefold()
        for value in world.entities(role.target.resource).values()
        for name in names
    )


def answer_is_valid(tool: Tool, result: Result) -> bool:
    """Whether an answer's body satisfies the schema that the spec declares for its status."""
    if result.ok:
        return tool.output_schema is None or is_valid(tool.output_schema, result.body)
    # The exact status documents more than its range, and that more than the default.
    bodies = {answer.status.lower(): answer.body for answer in tool.responses}
    schema = (
        bodies.get(str(result.status))
        or bodies.get(f"{result.status // 100}xx")
        or bodies.get("default")
    )
    return not schema or is_valid(schema, result.body)
