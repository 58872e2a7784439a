"""Blueprints out of turns and steps that were composed, with the tools that the assistant sees."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from inftool.core.blueprints import Blueprint, Category, Persona, Step, Turn, WorldRef
from inftool.core.tools import Tool
from inftool.scenarios.composition.scene import Scene
from inftool.scenarios.composition.session import with_session_values
from inftool.scenarios.composition.unplayable import Unplayable, UnplayableReason
from inftool.scenarios.sampling.schedule import difficulty
from inftool.scenarios.sampling.visible_tools import VisibleTools
from inftool.scenarios.tool_schema.session_values import session_detail


@dataclass(frozen=True)
class BlueprintDraft:
    """What a blueprint is made of."""

    index: int
    """Its number in the run."""

    category: Category
    """Its category."""

    persona: Persona
    """Who the user is."""

    scene: Scene
    """The scene in which its steps were run."""

    world: WorldRef
    """The world that it starts in."""

    turns: Sequence[tuple[Turn, list[Step]]]
    """Its turns, each with its steps."""

    tools: Sequence[Tool] = ()
    """Tools to show beside those that the steps call."""


def assemble(draft: BlueprintDraft, visible_tools: VisibleTools, seed: int) -> Blueprint:
    """The blueprint of a draft; Unplayable if it has no tool to show.

    Its id is a hash of the run's seed and of everything that a draft decides.
    """
    scene, category = draft.scene, draft.category
    turns = [turn for turn, _ in draft.turns]
    plan = tuple(step for _, steps in draft.turns for step in steps)
    if scene.session:
        plan = with_session_values(plan, scene.session, scene.pool.tools)
    # A tool that a turn adds is not visible from the start.
    hidden = {name for turn in turns for name in turn.adds}
    names = dict.fromkeys([*(step.tool for step in plan), *(tool.name for tool in draft.tools)])
    visible = [name for name in names if name not in hidden]
    # In plan order, the tools would give the plan away.
    scene.rng.shuffle(visible)
    if not visible:
        raise Unplayable(UnplayableReason.NO_TOOL_TO_SHOW)
    visible = visible_tools.choose(category, visible, turns, plan, scene.rng)
    content = [
        seed,
        draft.index,
        category,
        visible,
        [turn.model_dump() for turn in turns],
        [_written(step) for step in plan],
    ]
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return Blueprint(
        id=f"{draft.index:06d}-{digest[:10]}",
        category=category,
        difficulty=difficulty(turns, plan, len(visible)),
        persona=draft.persona,
        world=draft.world.model_copy(update={"expected": scene.world.digest()}),
        now=scene.world.now.strftime("%A, %d %B %Y, %H:%M"),
        tools=tuple(visible),
        turns=tuple(turns),
        plan=plan,
        session=tuple(session_detail(name, value) for name, value in scene.session.items()),
    )


def _written(step: Step) -> dict[str, object]:
    """A step as InfTool 0.1.0 recorded it, so that ids of blueprints stay what they were."""
    return {**step.model_dump(exclude={"bindings"}), "arguments": step.written_arguments()}
