"""What has to hold of every blueprint, whatever it is about: each law gives the ways in which a
blueprint breaks it."""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from inftool.agents.scripted import user_lines
from inftool.core.blueprints import Blueprint, Step
from inftool.core.chat import ChatMessage
from inftool.core.json_pointer import at_pointer, replace_at
from inftool.core.trajectories import Trajectory
from inftool.core.types import JsonObject
from inftool.scenarios.composition.edge_execution import corrupted, succeeds
from inftool.scenarios.plan import resolve, run
from inftool.scenarios.resolution.blueprint_check import references
from inftool.scenarios.resolution.picking import pick
from inftool.scenarios.sampling.tool_choice import ToolChooser
from inftool.scenarios.tool_schema.places import pattern
from inftool.scenarios.world_pool import WorldPool
from inftool.specs import violations
from inftool.synthesis.rehearsal import rehearsed
from inftool.toolset.producer_graph import is_connected
from inftool.verification.conversation_reader import read_conversation
from inftool.verification.verdict import judge

# A name that only a machine gives: of several words, joined by a sign or by a capital letter.
MACHINE = re.compile(r"[A-Za-z0-9]+(?:[_.-][A-Za-z0-9]+)+|[a-z0-9]+(?:[A-Z][a-z0-9]*)+")


class Played:
    """A blueprint with its gold play, made once for all laws."""

    def __init__(self, blueprint: Blueprint, stage: WorldPool, chooser: ToolChooser) -> None:
        self.blueprint, self.stage, self.chooser = blueprint, stage, chooser
        self.trajectory: Trajectory = rehearsed(blueprint, stage)

    def passes(self, messages: Sequence[ChatMessage]) -> bool:
        """Whether the gates let other messages pass for a play of it."""
        return judge(
            self.trajectory.model_copy(update={"messages": tuple(messages)}), self.stage
        ).passed


def gold_reaches_the_state(played: Played) -> Iterator[str]:
    blueprint, world = played.blueprint, played.stage.blueprint_world(played.blueprint)
    if world.digest() != blueprint.world.digest:
        yield "the world is another"
    results, made = run(world, blueprint.plan)
    for step, result, arguments in zip(blueprint.plan, results, made, strict=False):
        if not result.ok and result.status != step.refused:
            yield f"{step.tool} answers {result.status}"
        if wrong := violations(played.stage.tools[step.tool], arguments):
            yield f"{step.tool}: {wrong[0]}"
    if len(results) < len(blueprint.plan) or world.digest() != blueprint.world.expected:
        yield "the plan ends elsewhere"
    bodies = {step.id: result.body for step, result in zip(blueprint.plan, results, strict=False)}
    for fact in (fact for turn in blueprint.turns for fact in turn.facts):
        if at_pointer(bodies[fact.step], fact.pointer) != fact.value:
            yield f"{fact.words} is not {fact.value!r}"
    yield from (
        f"gold fails: {finding.code}" for finding in judge(played.trajectory, played.stage).findings
    )


def doing_nothing_fails(played: Played) -> Iterator[str]:
    silent = [
        message
        for message in played.trajectory.messages
        if not message.get("tool_calls") and message["role"] != "tool"
    ]
    if played.passes(
        [
            {**message, "content": "All right, that is settled."}
            if message["role"] == "assistant"
            else message
            for message in silent
        ]
    ):
        yield "doing nothing passes"
    # The right words without a deed are no better.
    if played.blueprint.plan and played.passes(silent):
        yield "saying so without doing it passes"


def every_call_is_needed(played: Played) -> Iterator[str]:
    conversation, _ = read_conversation(played.trajectory.messages)
    for call in conversation.calls if conversation else ():
        rest: list[ChatMessage] = []
        for message in played.trajectory.messages:
            if message["role"] == "tool" and message["tool_call_id"] == call.id:
                continue
            if message.get("tool_calls"):
                kept = [item for item in message["tool_calls"] if item["id"] != call.id]
                if not kept:
                    continue
                message = {**message, "tool_calls": kept}
            rest.append(message)
        if played.passes(rest):
            yield f"nothing misses {call.name}"


def plans_are_closed(played: Played) -> Iterator[str]:
    blueprint, known = played.blueprint, set[str]()
    for step in blueprint.plan:
        needs = {source.step for source in step.bindings.values()}
        if not needs <= known or needs != set(step.after):
            yield f"{step.id} needs {sorted(needs - known)}"
        known.add(step.id)
    if [step_id for turn in blueprint.turns for step_id in turn.steps] != [
        step.id for step in blueprint.plan
    ]:
        yield "turns and plan have other steps"
    if not {step.tool for step in blueprint.plan} <= set(blueprint.all_tools()):
        yield "a tool of the plan is never in sight"
    again = Counter(
        (step.tool, repr((step.arguments, step.bindings)))
        for step in blueprint.plan
        if not step.anew
    )
    # The same call twice is one too many, unless something was changed in between.
    changed = any(played.stage.tools[step.tool].effect != "read" for step in blueprint.plan)
    yield from (
        f"{tool} is called {count} times alike"
        for (tool, _), count in again.items()
        if count > 1 and not changed
    )


def tools_hang_together(played: Played) -> Iterator[str]:
    blueprint = played.blueprint
    if blueprint.plan and not is_connected(
        [step.tool for step in blueprint.plan], played.chooser.related_tools(blueprint.world.api)
    ):
        yield f"{[step.tool for step in blueprint.plan]} do not hang together"


def users_name_no_machinery(played: Played) -> Iterator[str]:
    names = set(played.blueprint.all_tools())
    for tool in names.copy():
        names |= _properties(played.stage.tools[tool].input_schema)
    said = {
        token for text in user_lines.utterances(played.blueprint) for token in MACHINE.findall(text)
    }
    yield from (
        f"the user says {name}"
        for name in sorted(said & {name for name in names if MACHINE.fullmatch(name)})
    )


def references_mean_one_thing(played: Played) -> Iterator[str]:
    for item in references(played.blueprint, played.stage):
        if item.reference.kind != "key" and not item.exact:
            yield f"{item.reference.words!r} means {item.candidates}, not {item.value!r}"


def what_is_named_exists(played: Played) -> Iterator[str]:
    """Where calls are made, that they succeed shows it (`gold_reaches_the_state`); what an
    irrelevant wish names is out of the reach of the tools on purpose."""
    blueprint, home = played.blueprint, played.stage.blueprint_world(played.blueprint)
    known = played.stage.maps[blueprint.world.api].resources
    for reference in (
        reference for turn in blueprint.turns for reference in turn.references if not reference.step
    ):
        things = list(home.entities(reference.pointer[1:]).values())
        if len(pick(reference.words, things, known[reference.pointer[1:]])) != 1:
            yield f"{reference.words!r} is no one thing"
    if (
        blueprint.category == "identify_limitation"
        and re.search(r"\b(?:of|for) (?:the|my) \w+ [A-Z\"]", blueprint.turns[0].intent)
        and not blueprint.turns[0].references
    ):
        yield f"{blueprint.turns[0].intent!r} names what nobody looked for"


def edges_survive_their_control(played: Played) -> Iterator[str]:
    """Every value that a step takes from another: corrupted, the call must not do what it did."""
    blueprint, world = played.blueprint, played.stage.blueprint_world(played.blueprint)
    world.interceptor = None
    results: dict[str, Any] = {}
    for step in blueprint.plan:
        tool, role = (
            played.stage.tools[step.tool],
            played.stage.maps[blueprint.world.api].roles[step.tool],
        )
        taken = set() if step.refused else {pattern(pointer) for pointer in step.bindings}
        for place in sorted(taken):
            # Of several keys at one place (`/labelIds/*`) all are corrupted: one of them may well
            # add nothing.
            wrong = _spoiled(step, place, results)
            if not violations(tool, wrong) and succeeds(world.fork().call(step.tool, wrong), role):
                yield f"{step.tool}{place} succeeds with a corrupted value"
        arguments = resolve(step.arguments, step.bindings, results)
        results[step.id] = world.call(step.tool, arguments).body


Law = Callable[[Played], Iterator[str]]
LAWS: tuple[Law, ...] = (
    gold_reaches_the_state,
    doing_nothing_fails,
    every_call_is_needed,
    plans_are_closed,
    tools_hang_together,
    users_name_no_machinery,
    references_mean_one_thing,
    what_is_named_exists,
    edges_survive_their_control,
)


def broken(blueprint: Blueprint, stage: WorldPool, chooser: ToolChooser) -> list[str]:
    """Every law that a blueprint breaks, with how."""
    played = Played(blueprint, stage, chooser)
    return [
        f"{blueprint.id} ({blueprint.category}, {blueprint.world.api}) {law.__name__}: {how}"
        for law in LAWS
        for how in law(played)
    ]


def _properties(schema: Any) -> set[str]:
    found: set[str] = set()
    stack: list[Any] = [schema]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if isinstance(properties := node.get("properties"), dict):
                found.update(properties)
            stack += [
                value
                for key, value in node.items()
                if key not in ("enum", "const", "default", "examples")
            ]
        elif isinstance(node, list):
            stack += node
    return found


def _spoiled(step: Step, place: str, results: dict[str, Any]) -> JsonObject:
    spoiled = copy.deepcopy(resolve(step.arguments, step.bindings, results))
    for pointer in step.bindings:
        if pattern(pointer) == place:
            replace_at(spoiled, pointer, corrupted(at_pointer(spoiled, pointer)))
    return spoiled
