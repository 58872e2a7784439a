"""Categories of one request: `simple`, `multiple`, `parallel`, `parallel_multiple`, `multi_step`,
`composite`, `logical_jump` and `recovery`."""

from __future__ import annotations

import json
from collections.abc import Callable

from inftool.core.blueprints import Detail, Fact, Step, Turn
from inftool.core.tools import Tool
from inftool.language.values import join
from inftool.scenarios.composition.composer import compose, joint_intent
from inftool.scenarios.composition.options import ComposeOptions, Outcome
from inftool.scenarios.composition.scene import ComposedRequest, Scene
from inftool.scenarios.composition.unplayable import Unplayable, UnplayableReason
from inftool.scenarios.plan import run, source_steps
from inftool.scenarios.sampling.tool_choice import ToolChooser
from inftool.scenarios.wording.details import titled
from inftool.toolset.producer_graph import Edge

Drawn = tuple[list[tuple[Turn, list[Step]]], list[Tool]]
"""The turns of a conversation, each with its steps, and the tools to show beside theirs."""

# How often a request that can do without a lookup is tried with one first, and, after that has
# failed, how often it is tried with one again where its tool was chosen with care.
_LOOKUP_FIRST = 0.7
_LOOKUP_AGAIN = 0.5


def turn_of(wish: ComposedRequest) -> tuple[Turn, list[Step]]:
    """A turn of one wish."""
    phrase, details = (
        titled(wish.intent, wish.noun, wish.details)
        if wish.tool.effect == "create"
        else (wish.intent, wish.details)
    )
    turn = Turn(
        intent=phrase,
        details=tuple(details),
        asks=tuple(dict.fromkeys(wish.asks)),
        steps=tuple(step.id for step in wish.steps),
        facts=tuple(wish.facts),
        references=tuple(wish.references),
        why=wish.refusal,
    )
    return turn, wish.steps


def simple(chooser: ToolChooser, scene: Scene) -> Drawn:
    """One tool, one call."""
    wish = compose(scene, chooser.pick(scene, category="simple"))
    return [turn_of(wish)], [wish.tool]


def multiple(chooser: ToolChooser, scene: Scene) -> Drawn:
    """One call, several tools to choose from."""
    wish = compose(scene, chooser.pick(scene, category="multiple"))
    others = chooser.distractors(scene, wish.tool, 3, 12)
    if not others:
        raise Unplayable(UnplayableReason.NO_OTHER_TOOL)
    return [turn_of(wish)], others


def parallel(chooser: ToolChooser, scene: Scene) -> Drawn:
    """The same call for several things in one request; none needs another's answer."""
    # A list that takes no arguments would say the same twice.
    part = "required" if scene.rng.random() < 0.8 else "properties"
    tool = chooser.pick(
        scene, "plain", lambda tool: bool(tool.input_schema.get(part)), category="parallel"
    )
    wishes = [
        compose(scene, tool)
        for _ in range(scene.rng.choice((2, 2, 2, 3) if chooser.coverage is None else (2, 2, 3)))
    ]
    steps = [step for wish in wishes for step in wish.steps]
    if tool.effect in ("update", "delete", "action") and len(
        {_subject(step, scene) for step in steps}
    ) < len(steps):
        raise Unplayable(UnplayableReason.CALLS_UNDO_EACH_OTHER)
    if any(step.after for step in steps) or len(
        {json.dumps(step.arguments, sort_keys=True) for step in steps}
    ) < len(steps):
        raise Unplayable(UnplayableReason.CALLS_NOT_INDEPENDENT)
    details = _grouped(wishes)
    if (
        len({(bool(wish.target), tuple(noun for noun, _ in wish.qualifiers)) for wish in wishes})
        > 1
    ):
        raise Unplayable(UnplayableReason.CALLS_OF_DIFFERENT_KINDS)
    phrase = joint_intent(wishes)
    if len({wish.intent for wish in wishes}) < len(wishes):
        if len({item.group for item in details}) < len(wishes):
            raise Unplayable(UnplayableReason.CALLS_INDISTINGUISHABLE)
        phrase = f"{phrase} {('twice', 'three times')[len(wishes) - 2]}"
    # What is asked is asked of each, so only what every answer holds can be.
    common = set.intersection(*({fact.words for fact in wish.facts} for wish in wishes))
    facts = [fact for wish in wishes for fact in wish.facts if fact.words in common]
    where = (
        "on each of the lists" if scene.role(tool.name).response.items is not None else "of each"
    )
    if tool.effect == "read" and not common:
        raise Unplayable(UnplayableReason.NO_COMMON_FACT)
    turn = Turn(
        intent=phrase,
        details=tuple(details),
        asks=tuple(f"{words} {where}" for words in sorted(common)),
        steps=tuple(step.id for step in steps),
        facts=tuple(facts),
        references=tuple(reference for wish in wishes for reference in wish.references),
    )
    return [(turn, steps)], chooser.distractors(scene, tool, 0, 6)


def _subject(step: Step, scene: Scene) -> str:
    """The thing that a call is about."""
    role = scene.role(step.tool)
    arguments = step.written_arguments()
    return json.dumps(
        [
            arguments.get(name)
            for name in (role.target.argument, *(argument for _, argument in role.target.scope))
            if name
        ]
    )


def _among(names: frozenset[str]) -> Callable[[Tool], bool]:
    return lambda tool: tool.name in names


def _grouped(wishes: list[ComposedRequest]) -> list[Detail]:
    return [
        item.model_copy(update={"group": number})
        for number, wish in enumerate(wishes, 1)
        for item in wish.details
    ]


def parallel_multiple(chooser: ToolChooser, scene: Scene) -> Drawn:
    """Different calls in one request; none needs another's answer."""
    tools = [chooser.pick(scene, category="parallel_multiple")]
    near = chooser.related_tools(scene.api).get(tools[0].name, frozenset())
    for _ in range(scene.rng.choice((1, 1, 2))):
        tools.append(
            chooser.pick(
                scene, "plain", _among(near - {tool.name for tool in tools}), "parallel_multiple"
            )
        )
    start = scene.world.fork()
    wishes = [compose(scene, tool) for tool in tools]
    steps = [step for wish in wishes for step in wish.steps]
    if any(step.after for step in steps):
        raise Unplayable(UnplayableReason.CALLS_NOT_INDEPENDENT)
    # A change may show in what is read beside it; which of them comes first must not matter.
    results, _ = run(start, steps[::-1])
    if start.digest() != scene.world.digest() or any(
        step.id not in scene.results or result.body != scene.results[step.id]
        for step, result in zip(steps[::-1], results, strict=False)
    ):
        raise Unplayable(UnplayableReason.CALLS_INTERFERE)
    asks: list[str] = []
    facts: list[Fact] = []
    words = {ask for wish in wishes for ask in wish.asks}
    if len(words) < sum(len(wish.asks) for wish in wishes):
        raise Unplayable(UnplayableReason.QUESTION_AMBIGUOUS)
    for wish in wishes:
        asks += wish.asks
        facts += wish.facts
    turn = Turn(
        intent=join([wish.intent for wish in wishes]),
        details=tuple(_grouped(wishes)),
        asks=tuple(asks),
        steps=tuple(step.id for step in steps),
        facts=tuple(facts),
        parts=tuple(wish.intent for wish in wishes),
        references=tuple(reference for wish in wishes for reference in wish.references),
    )
    return [(turn, steps)], chooser.distractors(scene, tools[0], 1, 8)


def multi_step(chooser: ToolChooser, scene: Scene) -> Drawn:
    """One request in words; what it names has to be found first."""
    wish = compose(
        scene,
        chooser.pick(scene, "lookup", category="multi_step"),
        ComposeOptions(lookup="direct"),
    )
    if len(wish.steps) < 2:
        raise Unplayable(UnplayableReason.NO_LOOKUP_NEEDED)
    return [turn_of(wish)], chooser.distractors(scene, wish.tool, 3, 10)


def composite(chooser: ToolChooser, scene: Scene) -> Drawn:
    """A plan that is no line: one call needs the answers of two others (RandomWorld's non-linear
    compositions)."""
    tool = chooser.pick(
        scene,
        "several",
        lambda tool: chooser.is_proven(scene.api, tool, "lookup"),
        category="composite",
    )
    wish = compose(scene, tool, ComposeOptions(lookup="several"))
    if max(len(step.after) for step in wish.steps) < 2:
        raise Unplayable(UnplayableReason.NO_CALL_WITH_TWO_SOURCES)
    return [turn_of(wish)], chooser.distractors(scene, wish.tool, 3, 9)


def logical_jump(chooser: ToolChooser, scene: Scene) -> Drawn:
    """One request for which one call needs another's answer, and so on (FunReason-MT)."""
    tool = chooser.pick(
        scene,
        "nested",
        lambda tool: chooser.is_proven(scene.api, tool, "lookup"),
        category="logical_jump",
    )
    wish = compose(scene, tool, ComposeOptions(lookup="nested"))
    if depth(wish.steps) < 3:
        raise Unplayable(UnplayableReason.PLAN_TOO_SHALLOW)
    return [turn_of(wish)], chooser.distractors(scene, wish.tool, 3, 9)


def recovery(chooser: ToolChooser, scene: Scene) -> Drawn:
    """The first try fails as the operation documents, for a reason that passes; the same call made
    again goes through."""
    tool = chooser.pick(scene, "transient_failure", category="recovery")
    wish = compose_either(scene, tool, outcome="transient_failure")
    return [turn_of(wish)], chooser.distractors(scene, wish.tool, 2, 8)


def compose_either(
    scene: Scene, tool: Tool, *, outcome: Outcome = "success", toward: Edge | None = None
) -> ComposedRequest:
    """A wish with or without a lookup, whichever this tool allows."""
    with_lookup = ComposeOptions(lookup="direct", outcome=outcome, toward=toward)
    without = ComposeOptions(outcome=outcome, toward=toward)
    try:
        return compose(scene, tool, with_lookup if scene.rng.random() < _LOOKUP_FIRST else without)
    except Unplayable:
        looks_up = not scene.choosy or scene.rng.random() < _LOOKUP_AGAIN
        return compose(scene, tool, with_lookup if looks_up else without)


def depth(steps: list[Step]) -> int:
    """The length of the longest chain of calls each of which needs the one before."""
    depths: dict[str, int] = {}
    for step in steps:
        needs = {*source_steps(step.bindings), *step.after}
        depths[step.id] = 1 + max((depths.get(need, 0) for need in needs), default=0)
    return max(depths.values(), default=0)
