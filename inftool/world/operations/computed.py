"""Answers that are computed rather than read: totals, quotes, checks and the like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inftool.core.json_values import canonical
from inftool.core.tools import Result, Tool
from inftool.core.types import Arguments
from inftool.language.identifiers import squash
from inftool.world.operations import log
from inftool.world.operations.entity_bodies import flags
from inftool.world.operations.targets import scope
from inftool.world.rendering.statuses import success_status
from inftool.world.resources import references
from inftool.world.resources.models import Role
from inftool.world.resources.routes.responses import has_undescribed_answer
from inftool.world.sampling.context import ReferencePicker
from inftool.world.seeding.entries import Entry

if TYPE_CHECKING:
    from inftool.world.state import WorldState


def handle_compute(world: WorldState, tool: Tool, role: Role, arguments: Arguments) -> Result:
    """Answer what cannot be inferred from the schema alone: a pure function of the call and of which entities exist."""
    scope(world, role, arguments)
    if tool.effect != "read" and role.kind == "action":
        log.record(world, tool, arguments)
    return Result(
        status=success_status(tool),
        body=sampled(world, tool, role, arguments),
        fallback=True,
    )


def sampled(
    world: WorldState, tool: Tool, role: Role, arguments: Arguments, entry: Entry | None = None
) -> Any:
    """A body sampled from the output schema, the same for the same tool, arguments and entity."""
    if tool.output_schema is None:
        return {"status": "ok"} if has_undescribed_answer(tool) else None
    key = ("sampled", tool.name, canonical(arguments), entry.key if entry else "")
    memory = world.base.memory
    if key in memory:
        return memory[key]
    base, views = world.base, world.views
    maker = base.sampler(
        base.rng("answer", tool.name, canonical(arguments)), refer=referrer(world, tool)
    )
    shape = views.output(tool)
    body = maker.value(shape, role.target.resource or "")
    if isinstance(body, dict):
        echo = {squash(name): value for name, value in arguments.items()}
        for name, sub in shape.properties.items():
            if squash(name) in echo and name in body:
                body[name] = views.fit(sub, echo[squash(name)], tool.name)
            elif entry is not None and name in entry.value and name in body:
                body[name] = entry.value[name]
    body = views.check(tool, flags(shape, body), canonical(arguments))
    if len(memory) < 50_000:
        memory[key] = body
    return body


def referrer(world: WorldState, tool: Tool) -> ReferencePicker:
    """Keys of entities that exist, for the references inside a sampled answer."""
    memory = world.base.memory
    key = ("referrer", tool.name)
    if key not in memory:
        memory[key] = references.find_references(
            world.views.output(tool), world.resources.resources
        )
    linked = memory[key]
    turn = {"next": 0}

    def refer(pointer: str) -> Any:
        found = linked.get(pointer)
        if found is None:
            return None
        name, prop = found
        pool = list(world.collection(name).values())
        if not pool:
            return None
        turn["next"] += 1
        entry = pool[(turn["next"] * 7) % len(pool)]
        return entry.value.get(prop, entry.key)

    return refer
