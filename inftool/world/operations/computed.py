"""Answers that are computed rather than read: totals, quotes, checks and the like."""

from __future__ import annotations

from itertools import count

from inftool.core.json_values import canonical
from inftool.core.tools import Result
from inftool.language.identifiers import squash
from inftool.world.operations import log
from inftool.world.operations.calls import Call
from inftool.world.operations.entity_bodies import with_success_flags
from inftool.world.operations.targets import parent_keys
from inftool.world.rendering.statuses import success_status
from inftool.world.resources import references
from inftool.world.resources.routes.responses import has_undescribed_answer
from inftool.world.sampling.context import ReferencePicker
from inftool.world.seeding.entries import Entry

# Sampled bodies are kept for all forks of a world; this many bound the memory of a long run.
_MAX_REMEMBERED = 50_000
# Prime to most numbers of entities: steps of it come to all of them, in no obvious order.
_STRIDE = 7


def handle_compute(call: Call) -> Result:
    """Answer what cannot be inferred from the schema alone.

    The answer is a function of the call and of which entities exist.
    """
    parent_keys(call)
    if call.tool.effect != "read" and call.role.kind == "action":
        log.record(call)
    return sampled_result(call)


def sampled_result(call: Call, entry: Entry | None = None, usual: int = 200) -> Result:
    """A success with a sampled body, marked as a fallback."""
    status = success_status(call.tool, usual)
    return Result(status=status, body=_sampled_body(call, entry), fallback=True)


def _sampled_body(call: Call, entry: Entry | None) -> object:
    """A body sampled from the output schema: the same for the same tool, arguments and entity.

    It repeats what the arguments say (`currency: EUR`), else what the entity does.
    """
    world, tool = call.world, call.tool
    # Tools without HTTP (function lists) have to answer something; an HTTP answer may be empty.
    if tool.output_schema is None:
        return {"status": "ok"} if has_undescribed_answer(tool) else None
    arguments = canonical(call.arguments)
    memory = world.base.memory
    memory_key = ("sampled", tool.name, arguments, entry.key if entry else "")
    if memory_key in memory:
        remembered: object = memory[memory_key]
        return remembered
    views = world.views
    shape = views.output(tool)
    rng = world.base.rng("answer", tool.name, arguments)
    sampler = world.base.sampler(rng, refer=_reference_picker(call))
    body: object = sampler.value(shape, call.role.target.resource or "")
    if isinstance(body, dict):
        given = {squash(name): value for name, value in call.arguments.items()}
        for name, sub in shape.properties.items():
            if name not in body:
                continue
            # Spelling aside: the argument `from_currency` is the property `fromCurrency`.
            if squash(name) in given:
                body[name] = views.fit(sub, given[squash(name)], tool.name)
            elif entry is not None and name in entry.value:
                body[name] = entry.value[name]
    body = views.check(tool, with_success_flags(shape, body), arguments)
    if len(memory) < _MAX_REMEMBERED:
        memory[memory_key] = body
    return body


def _reference_picker(call: Call) -> ReferencePicker:
    """Keys of entities that exist, for the references inside a sampled body."""
    world, tool = call.world, call.tool
    memory = world.base.memory
    memory_key = ("referrer", tool.name)
    if memory_key not in memory:
        memory[memory_key] = references.find_references(
            world.views.output(tool), world.resources.resources
        )
    targets = memory[memory_key]
    turns = count(1)

    def refer(pointer: str) -> object:
        target = targets.get(pointer)
        if target is None:
            return None
        name, prop = target
        entries = list(world.collection(name).values())
        if not entries:
            return None
        entry = entries[(next(turns) * _STRIDE) % len(entries)]
        value: object = entry.value.get(prop, entry.key)
        return value

    return refer
