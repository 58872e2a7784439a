"""Categories of several turns: `multi_turn_base`, `_miss_param`, `_miss_func`, `_long_context`."""

from __future__ import annotations

from inftool.core.blueprints import Step, Turn
from inftool.scenarios.categories.following import (
    OUTWARD,
    another_follows,
    incomplete_request,
    next_request,
    opening_request,
    request_along_open_edge,
)
from inftool.scenarios.categories.single_turn import Drawn, turn_of
from inftool.scenarios.composition.composer import compose
from inftool.scenarios.composition.scene import Scene
from inftool.scenarios.composition.unplayable import Unplayable, UnplayableReason
from inftool.scenarios.sampling.tool_choice import ToolChooser

# How often an opening that no open edge leads on from is given up for another one.
_GIVE_UP_OPENING = 0.85


def multi_turn_base(chooser: ToolChooser, scene: Scene) -> Drawn:
    """Several requests, each after the answer to the last; later ones build on what was shown."""
    first = opening_request(chooser, scene, "multi_turn_base")
    turns = [turn_of(first)]
    count = _length(chooser, scene, "multi_turn_base", (2, 3, 4, 5))
    _go_on(turns, count, 2, chooser, scene, "multi_turn_base")
    if not any(step.after for _, steps in turns[1:] for step in steps):
        raise Unplayable(UnplayableReason.TURNS_UNRELATED)
    return turns, chooser.distractors(scene, first.tool, 2, 8)


def multi_turn_long_context(chooser: ToolChooser, scene: Scene) -> Drawn:
    """Many turns over large answers; something shown at the beginning is needed near the end."""
    tool = chooser.pick(
        scene,
        "plain",
        lambda tool: scene.role(tool.name).response.items is not None,
        category="multi_turn_long_context",
        prefer_producers=scene.rng.random() < OUTWARD,
    )
    first = compose(scene, tool)
    turns = [turn_of(first)]
    count = _length(chooser, scene, "multi_turn_long_context", (3, 4, 5))
    _go_on(turns, count, 4, chooser, scene, "multi_turn_long_context")
    if not any(step.after for _, steps in turns[2:] for step in steps):
        raise Unplayable(UnplayableReason.TURNS_UNRELATED)
    return turns, chooser.distractors(scene, first.tool, 4, 12)


def _go_on(
    turns: list[tuple[Turn, list[Step]]],
    count: int,
    least: int,
    chooser: ToolChooser,
    scene: Scene,
    category: str,
) -> None:
    """Add up to `count` turns; Unplayable if there are fewer than `least` in all then."""
    for number in range(count):
        try:
            wish = request_along_open_edge(chooser, scene)
            if (
                wish is None
                and not number
                and category == "multi_turn_base"
                and scene.choosy
                and scene.rng.random() < _GIVE_UP_OPENING
                and chooser.edges.without_lists(scene.api)
            ):
                raise Unplayable(UnplayableReason.NO_OPEN_EDGE)
            turns.append(turn_of(wish or next_request(chooser, scene, category)))
        except Unplayable:
            if len(turns) < least:
                raise
            return


def _length(chooser: ToolChooser, scene: Scene, category: str, options: tuple[int, ...]) -> int:
    """How many turns follow: one of `options` that the category has had least of so far."""
    if chooser.coverage is None:
        return scene.rng.choice(options)
    uses = [chooser.coverage.hits[f"shape:{category}:{option + 1}"] for option in options]
    return scene.rng.choice(
        [option for option, count in zip(options, uses, strict=True) if count == min(uses)]
    )


def multi_turn_miss_param(chooser: ToolChooser, scene: Scene) -> Drawn:
    """Something that is needed is left out; the assistant has to ask, and is told."""
    wish = incomplete_request(chooser, scene, "multi_turn_miss_param", scene.rng.choice((1, 1, 2)))
    turns = [turn_of(wish)]
    if another_follows(chooser, scene, 0.4):
        turns.append(turn_of(next_request(chooser, scene, "multi_turn_miss_param")))
    return turns, chooser.distractors(scene, wish.tool, 2, 7)


def multi_turn_miss_func(chooser: ToolChooser, scene: Scene) -> Drawn:
    """The tool that a request needs is not there at first.

    The assistant says so; then the tool becomes available, and the request is fulfilled.
    """
    before = []
    if scene.rng.random() < (OUTWARD if chooser.edges.without_lists(scene.api) else 0.5):
        before.append(turn_of(opening_request(chooser, scene, "multi_turn_miss_func")))
        wish = next_request(chooser, scene, "multi_turn_miss_func")
    else:
        wish = opening_request(chooser, scene, "multi_turn_miss_func")
    hidden = wish.tool.name
    used = {step.tool for _, steps in before for step in steps} | {
        step.tool for step in wish.steps if not step.goal
    }
    if hidden in used:
        raise Unplayable(UnplayableReason.TOOL_NEEDED_EARLIER)
    # Nothing that could do the same may be left in sight.
    mine = scene.role(hidden)
    rivals = {
        name
        for name, role in chooser.pool.maps[scene.api].roles.items()
        if role.target.resource == mine.target.resource and role.kind == mine.kind
    }
    asked, _ = turn_of(wish)
    refused = Turn(
        intent=asked.intent,
        details=asked.details,
        asks=asked.asks,
        why="there is no tool for it yet",
    )
    granted = asked.model_copy(
        update={"details": (), "asks": (), "kind": "more", "adds": (hidden,)}
    )
    others = [
        tool
        for tool in chooser.distractors(scene, wish.tool, 3, 8)
        if tool.name not in rivals and tool.name != hidden
    ]
    if not others and not before and not used:
        raise Unplayable(UnplayableReason.NO_OTHER_TOOL)
    return [*before, (refused, []), (granted, wish.steps)], others
