"""Runs the resolver over whole blueprints: what each reference can mean, beside the plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from inftool.core.blueprints import Blueprint, Reference
from inftool.core.json_pointer import at_pointer
from inftool.scenarios.plan import resolve
from inftool.scenarios.resolution.memory import ConversationMemory
from inftool.scenarios.resolution.resolver import point
from inftool.scenarios.tool_schema.places import matching
from inftool.scenarios.world_pool import WorldPool

# Kinds of references that point at something without saying its key.
IMPLICIT = frozenset(("name", "mark", "order", "relation", "place", "again"))


class Resolved(NamedTuple):
    """One reference of a blueprint, resolved."""

    turn: int
    """The turn, counted from 0."""

    reference: Reference
    """The reference."""

    candidates: list[object]
    """What its words can mean: one value if they are clear."""

    value: object
    """The value that the plan has for the argument."""

    @property
    def exact(self) -> bool:
        """Whether the words mean exactly the argument."""
        return len(self.candidates) == 1 and str(self.candidates[0]) == str(self.value)


def references(blueprint: Blueprint, stage: WorldPool) -> Iterator[Resolved]:
    """Every reference of a blueprint, resolved from what was shown before its call."""
    roles = stage.maps[blueprint.world.api].roles
    resources = stage.maps[blueprint.world.api].resources
    world = stage.world(blueprint.world.api, blueprint.world.seed, blueprint.world.size)
    memory, results = ConversationMemory(), dict[str, object]()
    for number, turn in enumerate(blueprint.turns):
        for step in (blueprint.step(step_id) for step_id in turn.steps):
            arguments = resolve(step.arguments, step.bindings, results)
            role = roles[step.tool]
            for reference in turn.references:
                target = (
                    matching(reference.pointer, role.references)
                    if reference.step == step.id
                    else None
                )
                if target is not None:
                    resource, prop = target
                    candidates = point(reference.words, prop, resource, memory, resources)
                    value = at_pointer(arguments, reference.pointer)
                    yield Resolved(number, reference, candidates, value)
            result = world.call(step.tool, arguments)
            results[step.id] = result.body
            if result.ok and role.target.resource is not None and role.kind != "delete":
                memory.learn(
                    role.target.resource,
                    step.id,
                    result.body,
                    role.response.items,
                    role.response.item,
                    looked_up=not step.goal,
                )


def implicit_share(blueprints: list[Blueprint]) -> float:
    """The share of requests (turns with calls) that point at something without saying its key."""
    turns = [turn for blueprint in blueprints for turn in blueprint.turns if turn.steps]
    implicit = [
        turn for turn in turns if any(reference.kind in IMPLICIT for reference in turn.references)
    ]
    return len(implicit) / max(1, len(turns))
