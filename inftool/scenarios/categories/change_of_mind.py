"""The category `change_of_mind`: a value is corrected, a deed undone, or a request dropped."""

from __future__ import annotations

from inftool.core.blueprints import Detail
from inftool.scenarios.categories.following import (
    another_follows,
    incomplete_request,
    next_request,
)
from inftool.scenarios.categories.single_turn import Drawn, compose_either, turn_of
from inftool.scenarios.composition.composer import compose
from inftool.scenarios.composition.literals import other_value
from inftool.scenarios.composition.options import ComposeOptions, ReuseOptions
from inftool.scenarios.composition.scene import Scene
from inftool.scenarios.composition.unplayable import Unplayable, UnplayableReason
from inftool.scenarios.plan import leaves
from inftool.scenarios.sampling.tool_choice import ToolChooser
from inftool.scenarios.tool_schema.places import choices, schema_at
from inftool.scenarios.wording.details import spoken


def change_of_mind(chooser: ToolChooser, scene: Scene) -> Drawn:
    """The user corrects a value, takes something back, or drops a request."""
    ways = [_corrected, _undone, _dropped]
    scene.rng.shuffle(ways)
    ways.sort(
        key=lambda way: (
            not scene.is_open(
                f"behaviour:{scene.api}:{'dropped' if way is _dropped else 'corrected'}"
            )
        )
    )
    problem = Unplayable(UnplayableReason.NOTHING_TRIED)
    for way in ways:
        try:
            return way(chooser, scene)
        except Unplayable as error:
            problem = error
            if scene.count:
                # The scene has moved on; another draw begins anew.
                raise
    raise problem


def _corrected(chooser: ToolChooser, scene: Scene) -> Drawn:
    """A value is given wrong first, and corrected with the answer to a question."""
    rng = scene.rng
    wish = incomplete_request(chooser, scene, "change_of_mind", 1)
    tool = wish.tool
    spots = []
    step = wish.steps[-1]
    for pointer, value in leaves(step.arguments):
        if pointer in step.bindings:
            continue
        for index, item in enumerate(wish.details):
            if (
                not item.withheld
                and not isinstance(item.value, (list, bool))
                and item.value == value
                and type(item.value) is type(value)
            ):
                options = choices(schema_at(tool, pointer))
                wrong = other_value(value, options, rng)
                if wrong is not None:
                    spots.append((index, wrong, options))
    if not spots:
        raise Unplayable(UnplayableReason.NOTHING_TO_CORRECT)
    index, wrong, options = rng.choice(spots)
    item = wish.details[index]
    first, then = spoken(wrong, options, rng), spoken(item.value, options, rng)
    wish.details[index] = Detail(
        words=item.words, said=first, value=wrong, phrase=f"the {item.words} should be {first}"
    )
    change = rng.choice(
        (
            f"and actually, make the {item.words} {then} instead of {first}",
            f"and on second thought, the {item.words} should be {then}, not {first}",
        )
    )
    wish.details.append(
        Detail(
            words=item.words,
            said=then,
            value=item.value,
            phrase=change,
            withheld=True,
            volunteered=True,
        )
    )
    turns = [turn_of(wish)]
    if another_follows(chooser, scene, 0.3):
        turns.append(turn_of(next_request(chooser, scene, "change_of_mind")))
    return turns, chooser.distractors(scene, tool, 2, 8)


def _undone(chooser: ToolChooser, scene: Scene) -> Drawn:
    """What was done is changed or taken back."""
    roles = chooser.pool.maps[scene.api].roles
    undoing = {
        name: role.target.resource
        for name, role in roles.items()
        if role.target.argument
        and role.kind in ("delete", "patch", "replace", "action")
        and role.target.resource
    }
    tool = chooser.pick(
        scene,
        "plain",
        lambda tool: (
            tool.effect in ("create", "update", "action")
            and roles[tool.name].target.resource in undoing.values()
        ),
        "change_of_mind",
    )
    first = compose_either(scene, tool)
    kind = roles[tool.name].target.resource
    second = chooser.pick(
        scene,
        "plain",
        lambda other: other.name != tool.name and undoing.get(other.name) == kind,
        "change_of_mind",
        allow_unproven=True,
    )
    wish = compose(scene, second, ComposeOptions(reuse=ReuseOptions()))
    turn, steps = turn_of(wish)
    if not any(set(step.after) & {step.id for step in first.steps} for step in steps):
        raise Unplayable(UnplayableReason.CHANGE_UNRELATED)
    return [
        turn_of(first),
        (turn.model_copy(update={"kind": "change"}), steps),
    ], chooser.distractors(scene, tool, 2, 8)


def _dropped(chooser: ToolChooser, scene: Scene) -> Drawn:
    """A request is dropped when the assistant asks about it, and another one takes its place."""
    aside = Scene(
        scene.pool,
        scene.api,
        scene.world.fork(),
        scene.rng,
        block=scene.block,
        choosy=scene.choosy,
    )
    given_up = incomplete_request(chooser, aside, "change_of_mind", 1)
    tool = given_up.tool
    turn, _ = turn_of(given_up)
    dropped = turn.model_copy(
        update={"kind": "drop", "steps": (), "facts": (), "asks": (), "references": ()}
    )
    near = chooser.related_tools(scene.api).get(tool.name, frozenset())
    wish = compose_either(
        scene, chooser.pick(scene, "plain", lambda other: other.name in near, "change_of_mind")
    )
    return [(dropped, []), turn_of(wish)], list(
        {item.name: item for item in (tool, *chooser.distractors(scene, wish.tool, 2, 8))}.values()
    )
