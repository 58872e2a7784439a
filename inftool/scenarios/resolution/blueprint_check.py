"""The resolver run over whole blueprints: every reference that a user makes, with what it resolves
to and what the plan means."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from inftool.core.blueprints import Blueprint, Reference
from inftool.core.json_pointer import at_pointer
from inftool.scenarios.plan import resolve
from inftool.scenarios.resolution.resolver import ConversationMemory, point
from inftool.scenarios.tool_schema.places import matching
from inftool.scenarios.world_pool import WorldPool

IMPLICIT = frozenset(("name", "mark", "order", "relation", "place", "again"))


class Resolved(NamedTuple):
    """One reference: its turn, what the words can mean (one value where they are clear), and the
    argument's value in the plan."""

    turn: int
    reference: Reference
    found: list[Any]
    meant: Any

    @property
    def exact(self) -> bool:
        """Whether the words mean exactly the argument."""
        return len(self.found) == 1 and str(self.found[0]) == str(self.meant)


def references(blueprint: Blueprint, stage: WorldPool) -> Iterator[Resolved]:
    """Every reference of a blueprint, resolved from what was said and shown up to the call that it
    is for."""
    known = stage.maps[blueprint.world.api]
    world = stage.world(blueprint.world.api, blueprint.world.seed, blueprint.world.size)
    memory, results = ConversationMemory(), dict[str, Any]()
    for number, turn in enumerate(blueprint.turns):
        for step in (blueprint.step(step_id) for step_id in turn.steps):
            arguments = resolve(step.arguments, step.bindings, results)
            role = known.roles[step.tool]
            for reference in turn.references:
                goal = (
                    matching(reference.pointer, role.references)
                    if reference.step == step.id
                    else None
                )
                if goal is not None:
                    found = point(reference.words, goal[1], goal[0], memory, known.resources)
                    yield Resolved(
                        number, reference, found, at_pointer(arguments, reference.pointer)
                    )
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
    """The share of requests (turns with calls behind them) that point at something without its key."""
    turns = [turn for blueprint in blueprints for turn in blueprint.turns if turn.steps]
    return sum(
        any(reference.kind in IMPLICIT for reference in turn.references) for turn in turns
    ) / max(1, len(turns))
