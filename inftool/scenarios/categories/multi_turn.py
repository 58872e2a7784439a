"""Categories of several turns: `multi_turn_base`, `_miss_param`, `_miss_func`, `_long_context`, and
`change_of_mind`."""

from __future__ import annotations

from inftool.core.blueprints import Detail, Step, Turn
from inftool.core.tools import Tool
from inftool.scenarios.categories.single_turn import Drawn, compose_either, turn_of
from inftool.scenarios.composition.composer import compose
from inftool.scenarios.composition.literals import other_value
from inftool.scenarios.composition.options import ComposeOptions, Lookup, ReuseOptions
from inftool.scenarios.composition.scene import ComposedRequest, Scene
from inftool.scenarios.composition.unplayable import Unplayable, UnplayableReason
from inftool.scenarios.plan import leaves
from inftool.scenarios.sampling.tool_choice import ToolChooser
from inftool.scenarios.sampling.tool_trials import Mode
from inftool.scenarios.tool_schema.places import choices, schema_at
from inftool.scenarios.wording.details import spoken
from inftool.toolset.producer_graph import Edge

# How many edges a turn is tried along.
AIMS = 12
# How often an opening that leads nowhere new is given up for another.
PATIENCE = 0.85

# How often what is done next is chosen for where its answer leads.
OUTWARD = 0.8

# More values than this nobody tells in one go.
MANY = 5


def multi_turn_base(chooser: ToolChooser, scene: Scene) -> Drawn:
    """Several wishes, each after the answer to the one before; later ones build on what was shown."""
    first = _opening(chooser, scene, "multi_turn_base")
    turns = [turn_of(first)]
    _go_on(
        turns,
        _length(chooser, scene, "multi_turn_base", (2, 3, 4, 5)),
        2,
        chooser,
        scene,
        "multi_turn_base",
    )
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
        prefer_producers=scene.rng.random() < 0.8,
    )
    first = compose(scene, tool)
    turns = [turn_of(first)]
    _go_on(
        turns,
        _length(chooser, scene, "multi_turn_long_context", (3, 4, 5)),
        4,
        chooser,
        scene,
        "multi_turn_long_context",
    )
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
    """Add turns; where nothing more can be wished for, `least` in all are enough."""
    for number in range(count):
        try:
            wish = request_along_open_edge(chooser, scene)
            if (
                wish is None
                and not number
                and category == "multi_turn_base"
                and scene.choosy
                and scene.rng.random() < PATIENCE
                and chooser.edges.without_lists(scene.api)
            ):
                raise Unplayable(UnplayableReason.NO_OPEN_EDGE)
            turns.append(turn_of(wish or next_wish(chooser, scene, category)))
        except Unplayable:
            if len(turns) < least:
                raise
            return


def _opening(chooser: ToolChooser, scene: Scene, category: str) -> ComposedRequest:
    """The first wish: of a tool whose answers still have to be used somewhere, where there are
    such."""
    for edge in chooser.edges.openings(scene, 5) if scene.rng.random() < 0.9 else ():
        try:
            return compose_either(scene, chooser.pool.tools[edge.producer], toward=edge)
        except Unplayable:
            continue
    mode: Mode = "lookup" if scene.rng.random() < 0.5 else "plain"
    return compose_either(
        scene,
        chooser.pick(scene, mode, category=category, prefer_producers=scene.rng.random() < 0.8),
    )


def _length(chooser: ToolChooser, scene: Scene, category: str, options: tuple[int, ...]) -> int:
    """How many turns follow: what there was least of so far."""
    if chooser.coverage is None:
        return scene.rng.choice(options)
    uses = [chooser.coverage.hits[f"shape:{category}:{option + 1}"] for option in options]
    return scene.rng.choice(
        [option for option, count in zip(options, uses, strict=True) if count == min(uses)]
    )


def next_wish(chooser: ToolChooser, scene: Scene, category: str) -> ComposedRequest:
    """A wish that builds on what was shown, else one that at least hangs together with what was
    done."""
    if (wish := request_along_open_edge(chooser, scene)) is not None:
        return wish
    known, near = scene.shown_resources(), chooser.related_tools(scene.api)
    around = {name for used in scene.used_tools for name in near.get(used, ())} - scene.used_tools

    def builds(tool: Tool) -> bool:
        role = scene.role(tool.name)
        if tool.name not in around or not any(
            resource in known for resource, _ in role.references.values()
        ):
            return False
        # A thing that a list has shown has nothing more to say where the list says it all.
        return role.kind != "get" or chooser.is_proven(scene.api, tool, "lookup")

    for _ in range(4):
        # Where nothing leads on along an open edge, something does that may open one.
        tool = chooser.pick(
            scene,
            "plain",
            builds,
            category,
            allow_unproven=True,
            prefer_producers=scene.rng.random() < OUTWARD,
        )
        try:
            lookup: Lookup = "direct" if scene.rng.random() < 0.3 else "none"
            options = ComposeOptions(
                lookup, reuse=ReuseOptions(), toward=chooser.edges.one_from(scene, tool)
            )
            return compose(scene, tool, options)
        except Unplayable:
            continue
    return compose_either(
        scene,
        chooser.pick(
            scene,
            "lookup" if scene.rng.random() < 0.5 else "plain",
            lambda tool: tool.name in around,
            category,
        ),
    )


def another_follows(chooser: ToolChooser, scene: Scene, share: float) -> bool:
    """Whether another wish follows where none has to: more often while it can go along an edge that
    is still open."""
    return scene.rng.random() < (0.8 if chooser.edges.onward(scene, 1) else share)


def request_along_open_edge(chooser: ToolChooser, scene: Scene) -> ComposedRequest | None:
    """A wish along an edge that nothing has covered yet; None where none can be made."""
    for edge in chooser.edges.onward(scene, AIMS):
        try:
            return request_along(chooser, scene, edge)
        except Unplayable:
            continue
    return None


def request_along(chooser: ToolChooser, scene: Scene, edge: Edge) -> ComposedRequest:
    """A wish whose call takes what the edge's producer has answered; one that reads what was shown
    reads it again, in so many words."""
    tool = chooser.pool.tools[edge.consumer]
    try:
        return compose(scene, tool, ComposeOptions("direct", reuse=ReuseOptions(edge)))
    except Unplayable:
        role = scene.role(tool.name)
        # What an answer said of another thing is looked at itself now and then, even where that
        # says no more.
        if role.kind != "get" or (
            scene.role(edge.producer).target.resource != role.target.resource
            and scene.rng.random() < 0.5
        ):
            raise
        again = ReuseOptions(edge, read_again=True)
        return compose(scene, tool, ComposeOptions("direct", reuse=again))


def multi_turn_miss_param(chooser: ToolChooser, scene: Scene) -> Drawn:
    """Something that is needed is left out; the assistant has to ask, and gets it."""
    wish = _incomplete(chooser, scene, "multi_turn_miss_param", scene.rng.choice((1, 1, 2)))
    turns = [turn_of(wish)]
    if another_follows(chooser, scene, 0.4):
        turns.append(turn_of(next_wish(chooser, scene, "multi_turn_miss_param")))
    return turns, chooser.distractors(scene, wish.tool, 2, 7)


def _incomplete(chooser: ToolChooser, scene: Scene, category: str, count: int) -> ComposedRequest:
    """A wish of which something is left out that is needed: a value, or which thing it is about."""

    def needs(tool: Tool) -> bool:
        return bool(tool.input_schema.get("required"))

    problem = Unplayable(UnplayableReason.NOTHING_TRIED)
    modes: list[Mode] = ["plain", "lookup"]
    scene.rng.shuffle(modes)
    for mode in modes:
        try:
            tool = chooser.pick(
                scene, mode, needs, category, prefer_producers=scene.rng.random() < OUTWARD
            )
            options = ComposeOptions(
                "direct" if mode == "lookup" else "none",
                withhold=count,
                toward=chooser.edges.one_from(scene, tool),
            )
            return compose(scene, tool, options)
        except Unplayable as error:
            problem = error
    raise problem


def multi_turn_miss_func(chooser: ToolChooser, scene: Scene) -> Drawn:
    """The tool that a wish needs is not there at first: the assistant says so; then it becomes
    available, and the wish is fulfilled."""
    before = []
    if scene.rng.random() < (OUTWARD if chooser.edges.without_lists(scene.api) else 0.5):
        before.append(turn_of(_opening(chooser, scene, "multi_turn_miss_func")))
        wish = next_wish(chooser, scene, "multi_turn_miss_func")
    else:
        wish = _opening(chooser, scene, "multi_turn_miss_func")
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


def change_of_mind(chooser: ToolChooser, scene: Scene) -> Drawn:
    """The user corrects a value, takes a thing back, or drops a wish."""
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
    """A value that was given is given anew with the answer to a question."""
    rng = scene.rng
    wish = _incomplete(chooser, scene, "change_of_mind", 1)
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
        turns.append(turn_of(next_wish(chooser, scene, "change_of_mind")))
    return turns, chooser.distractors(scene, tool, 2, 8)


def _undone(chooser: ToolChooser, scene: Scene) -> Drawn:
    """What was done is changed or taken back after all."""
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
    """A wish is dropped when the assistant asks about it, and another one takes its place."""
    aside = Scene(
        scene.pool,
        scene.api,
        scene.world.fork(),
        scene.rng,
        block=scene.block,
        choosy=scene.choosy,
    )
    given_up = _incomplete(chooser, aside, "change_of_mind", 1)
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


def told_piecewise(
    turns: list[tuple[Turn, list[Step]]], chooser: ToolChooser, scene: Scene
) -> list[tuple[Turn, list[Step]]]:
    """The same turns of somebody who tells what they know piece by piece: of the first that needs
    several values, some are told only when asked for."""
    for number, (turn, steps) in enumerate(turns):
        if not steps or turn.kind != "wish" or any(detail.withheld for detail in turn.details):
            continue
        tool = chooser.pool.tools[steps[-1].tool]
        needed = set(tool.input_schema.get("required", ()))
        spots = []
        for pointer, value in leaves(steps[-1].arguments):
            if pointer[1:] in needed:
                spots += [
                    i
                    for i, item in enumerate(turn.details)
                    if item.value == value
                    and item.value is not None
                    and not isinstance(value, bool)
                    and type(item.value) is type(value)
                ]
        spots = list(dict.fromkeys(spots))
        if not spots:
            continue
        kept = set(scene.rng.sample(spots, scene.rng.randint(1, min(3, len(spots)))))
        # Of a great many values, half come with the answer.
        rest = [
            index for index, item in enumerate(turn.details) if index not in kept and item.frame
        ]
        later = set(rest[len(rest) // 2 :]) if len(turn.details) > MANY else set()
        details = tuple(
            item.model_copy(update={"withheld": True, "volunteered": index in later})
            if index in kept | later
            else item
            for index, item in enumerate(turn.details)
        )
        turns[number] = (turn.model_copy(update={"details": details}), steps)
        break
    return turns
