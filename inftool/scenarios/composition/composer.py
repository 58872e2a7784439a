"""One wish out of one tool: arguments that a person can say or an earlier call gives, run in a forked world before anybody plays it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from inftool.core.blueprints import Reference, Step
from inftool.core.tools import Result, Tool
from inftool.core.types import JsonObject
from inftool.language.values import join, split_name
from inftool.scenarios.composition.arguments import draw_arguments, give_session
from inftool.scenarios.composition.binding import anchor, bind, can_build, candidates, filled, seize
from inftool.scenarios.composition.checks import (
    check_edges,
    check_need,
    check_references,
    check_wording,
)
from inftool.scenarios.composition.literals import say_literals, unsay
from inftool.scenarios.composition.lookahead import REFUSALS, leading, promising
from inftool.scenarios.composition.options import ComposeOptions
from inftool.scenarios.composition.questions import ask
from inftool.scenarios.composition.scene import (
    ComposedRequest,
    Scene,
    WishAttempt,
    scalars,
)
from inftool.scenarios.composition.unplayable import Unplayable, UnplayableReason
from inftool.scenarios.plan import bindings_in_order, resolve, source_steps
from inftool.scenarios.wording.intents import intent, narrowed
from inftool.specs import violations
from inftool.world.faults import documented_faults

ATTEMPTS = 2
# Reasons that another attempt cannot change.
_FINAL = (UnplayableReason.NOTHING_SHOWN, UnplayableReason.KEY_NOBODY_SAYS)


def compose(scene: Scene, tool: Tool, request: ComposeOptions | None = None) -> ComposedRequest:
    """A wish that this tool fulfils in the scene's world, its steps run there; Unplayable where none is found."""
    request = request or ComposeOptions()
    problem = Unplayable(UnplayableReason.NOTHING_TRIED)
    # What builds on any earlier result is tried with other tools rather than again.
    once = request.reuse is not None and request.reuse.edge is None
    for attempt in range(1 if once else ATTEMPTS):
        draft = WishAttempt(
            scene,
            tool,
            scene.role(tool.name),
            request,
            scene.world.fork(),
            scene.memory.copy(),
            results=dict(scene.results),
            shown_keys=dict(scene.shown_keys),
            session=dict(scene.session),
            relied_on=set(scene.relied_on),
        )
        count = scene.count
        try:
            return _attempt(draft, steer=attempt < ATTEMPTS - 1)
        except Unplayable as error:
            problem = error
            scene.count = count
            if error.reason in _FINAL:
                break
    raise problem


def _attempt(draft: WishAttempt, *, steer: bool) -> ComposedRequest:
    scene, tool, role, demand = draft.scene, draft.tool, draft.role, draft.demand
    request = draft.request
    refused = request.outcome == "refused"
    if request.reuse and not can_build(draft):
        raise Unplayable(UnplayableReason.NOTHING_SHOWN)
    unspoken = request.lookup == "none" and not request.reuse and not refused
    arguments = draw_arguments(
        scene,
        tool,
        role,
        steer=steer,
        referring=request.lookup in ("nested", "several"),
        unspoken=unspoken,
        demand=demand,
        leading=leading(draft),
    )
    if refused:
        _find_refusal(draft, arguments)
    if demand:
        seize(draft, arguments)
    if not refused and role.kind in ("action", "delete"):
        _find_readiness(draft, arguments)
    anchor(draft, arguments)
    bound = bind(draft, arguments) | give_session(draft, arguments)
    check_references(draft, arguments)
    unsay(scene, tool, arguments, bound)
    said = say_literals(scene, tool, role, arguments, bound)
    resource = scene.resource(role.target.resource)
    noun = resource.name if resource else _noun(tool)
    phrase = intent(tool, noun, resource.plural if resource else f"{noun}s")
    named = len(draft.details)
    wish = ComposedRequest(
        tool=tool,
        intent=phrase,
        details=[*draft.details, *(item for _, item in said)],
        base=phrase,
        noun=noun,
        target=draft.target,
        qualifiers=draft.about,
    )
    if request.reuse and not draft.used:
        raise Unplayable(UnplayableReason.NOTHING_REUSED)
    wish.intent = joint_intent([wish])
    check_wording(wish, named, tool, arguments, said, scene)
    if draft.request.withhold:
        _withhold(wish, draft, tool)
    step_id = scene.next_id()
    before = draft.fork.digest()
    bindings = bindings_in_order(arguments, draft.bindings)
    made = resolve(arguments, bindings, draft.results)
    if violations(tool, made):
        raise Unplayable(UnplayableReason.SCHEMA_VIOLATION)
    start = draft.fork.fork()
    result = draft.fork.call(tool.name, made)
    changes = draft.fork.digest() != before
    step = Step(
        id=step_id,
        tool=tool.name,
        arguments=arguments,
        bindings=bindings,
        after=source_steps(bindings),
        anew=draft.read_again,
    )
    wish.references = [*draft.beside] + [
        Reference(step=step_id, pointer=pointer, words=words, kind=kind)
        for pointer, words, kind in draft.pointed
    ]
    if refused:
        if result.ok or result.status not in REFUSALS or changes:
            raise Unplayable(UnplayableReason.NOT_REFUSED, tool=tool.name)
        wish.steps = [*draft.steps, step.model_copy(update={"refused": result.status})]
        wish.refusal = refusal_reason(result)
        check_need(draft, wish)
        scene.commit(draft, wish)
        return wish
    if not result.ok:
        raise Unplayable(UnplayableReason.UNEXPECTED_STATUS, tool=tool.name, status=result.status)
    if tool.effect in ("create", "update", "delete") and not changes:
        raise Unplayable(UnplayableReason.NOTHING_CHANGED, tool=tool.name)
    if request.outcome == "transient_failure":
        step = step.model_copy(update={"fault": _fault(scene, tool)})
    wish.steps = [*draft.steps, step]
    draft.results[step_id] = result.body
    draft.shown_keys[step_id] = scalars(result.body)
    ask(wish, draft, step_id, result, changes)
    check_need(draft, wish)
    check_edges(draft, wish, start)
    if role.target.resource is not None and role.kind != "delete":
        draft.memory.learn(
            role.target.resource,
            step_id,
            result.body,
            role.response.items,
            role.response.item,
            looked_up=False,
        )
    # From here on it is true: the scene takes over the draft's world and results.
    scene.commit(draft, wish)
    return wish


def joint_intent(wishes: Sequence[ComposedRequest]) -> str:
    """The intent of one wish, or of several alike, with what it is about named: "look up the customer Ana Ruiz and the customer Ben Cole"."""
    phrase = wishes[0].base
    if all(wish.target for wish in wishes):
        phrase = narrowed(phrase, wishes[0].noun, join([wish.target for wish in wishes]))
    for place, (noun, words) in enumerate(wishes[0].qualifiers):
        # Several things under one parent name it once.
        named = dict.fromkeys(
            [
                words,
                *(wish.qualifiers[place][1] for wish in wishes[1:] if place < len(wish.qualifiers)),
            ]
        )
        phrase = narrowed(phrase, noun, join(list(named)))
    return phrase


def refusal_reason(result: Result) -> str:
    """What a refusal says for people: its message, else its status."""
    stack: list[Any] = [result.body]
    while stack:
        node = stack.pop(0)
        if isinstance(node, dict):
            for key in ("message", "detail", "description", "error_description", "reason", "title"):
                if isinstance(node.get(key), str) and " " in node[key]:
                    return str(node[key])
            stack += node.values()
        elif isinstance(node, list):
            stack += node
    return f"the service refused it with {result.status}"


def _noun(tool: Tool) -> str:
    words = [part for part in tool.path.split("/") if part and not part.startswith("{")]
    return split_name(words[-1]) if words else "request"


def _find_refusal(draft: WishAttempt, arguments: JsonObject) -> None:
    """Choose the thing that the call will be refused for."""
    scene, tool, role = draft.scene, draft.tool, draft.role
    if role.target.resource is None or role.target.argument is None:
        raise Unplayable(UnplayableReason.NO_SINGLE_TARGET)
    keys = list(draft.fork.entities(role.target.resource))
    for key in scene.rng.sample(keys, len(keys))[:12]:
        place = draft.fork.address(tool.name, key)
        if place is None or violations(tool, made := {**arguments, **place}):
            continue
        result = draft.fork.fork().call(tool.name, made)
        if not result.ok and result.status in REFUSALS:
            draft.wanted = place
            return
    raise Unplayable(UnplayableReason.NEVER_REFUSED, tool=tool.name)


def _find_readiness(draft: WishAttempt, arguments: JsonObject) -> None:
    """Choose a thing that is in a state in which the call is not refused, where there is one: few appointments are due for checking in."""
    role, rng, tool = draft.role, draft.scene.rng, draft.tool
    if (
        role.target.resource is None
        or role.target.argument is None
        or draft.scene.resource(role.target.resource) is None
    ):
        return
    keys, every = candidates(draft), candidates(draft, shown=False)
    # What was shown and leads on comes first.
    order = dict.fromkeys(
        [
            *promising(draft, rng.sample(keys, len(keys))),
            *rng.sample(keys, len(keys)),
            *rng.sample(every, len(every)),
        ]
    )
    trial = filled(draft, arguments)
    for key in [*order][:16]:
        place = draft.fork.address(tool.name, key)
        if (
            place is not None
            and draft.fork.fork().call(tool.name, {**trial, **place}).status not in REFUSALS
        ):
            draft.wanted = place
            return


def _fault(scene: Scene, tool: Tool) -> str:
    kinds = documented_faults(tool)
    if not kinds:
        raise Unplayable(UnplayableReason.NO_TRANSIENT_FAILURE, tool=tool.name)
    fresh = [kind for kind in kinds if scene.is_open(f"fault:{tool.name}:{kind}")]
    return scene.rng.choice(fresh or kinds)


def _withhold(wish: ComposedRequest, draft: WishAttempt, tool: Tool) -> None:
    """Make some needed details ones that are told only when asked for."""
    rng, role = draft.scene.rng, draft.role
    required = {split_name(name) for name in tool.input_schema.get("required", ())}
    needed = (
        {name.removesuffix(" ID") for name in required}
        | required
        | {resource for resource, _ in role.target.keys.values()}
    )
    spots = [
        index
        for index, item in enumerate(wish.details)
        if item.words in needed and not isinstance(item.value, bool)
    ]
    if not spots:
        raise Unplayable(UnplayableReason.NOTHING_TO_WITHHOLD)
    for index in rng.sample(spots, min(len(spots), draft.request.withhold)):
        wish.details[index] = wish.details[index].model_copy(update={"withheld": True})
