"""One request for one tool: what the user says, and the steps that fulfill it, run in a fork of the
world before anybody plays them.
"""

from __future__ import annotations

from collections.abc import Sequence

from inftool.core.blueprints import Detail, Reference, Step
from inftool.core.tools import Result, Tool
from inftool.language.values import join, split_name
from inftool.scenarios.composition.arguments import DrawOptions, draw_arguments
from inftool.scenarios.composition.attempt import WishAttempt
from inftool.scenarios.composition.checks import (
    check_edges,
    check_need,
    check_references,
    check_wording,
)
from inftool.scenarios.composition.literals import drop_machine_made, say_literals
from inftool.scenarios.composition.lookahead import REFUSAL_STATUSES, onward_argument
from inftool.scenarios.composition.options import ComposeOptions
from inftool.scenarios.composition.questions import add_questions
from inftool.scenarios.composition.references.binding import (
    bind_references,
    can_reuse,
    choose_along_edge,
)
from inftool.scenarios.composition.scene import ComposedRequest, Scene
from inftool.scenarios.composition.session import give_session_values
from inftool.scenarios.composition.targets import (
    aim_filters,
    choose_accepted_target,
    choose_refused_target,
)
from inftool.scenarios.composition.unplayable import Unplayable, UnplayableReason
from inftool.scenarios.plan import bindings_in_order, resolve, source_steps
from inftool.scenarios.wording.intents import intent
from inftool.scenarios.wording.narrowing import narrowed
from inftool.specs import violations
from inftool.world.faults import documented_faults

# The first attempt prefers what no blueprint has covered yet; the last one takes what it gets.
ATTEMPTS = 2

# Reasons that another attempt cannot change.
_FINAL = (UnplayableReason.NOTHING_SHOWN, UnplayableReason.KEY_NOBODY_SAYS)

# Where services put the text of an error: RFC 9457 (`detail`, `title`), RFC 6749, section 5.2
# (`error_description`), and what is usual besides.
_ERROR_TEXTS = ("message", "detail", "description", "error_description", "reason", "title")


def compose(scene: Scene, tool: Tool, request: ComposeOptions | None = None) -> ComposedRequest:
    """A request that a tool fulfills, its steps run in the scene's world.

    The scene moves on by it. Unplayable, with the scene unchanged, if no attempt gives one.
    """
    request = request or ComposeOptions()
    failure = Unplayable(UnplayableReason.NOTHING_TRIED)
    # If any earlier result may be reused, another tool is a better bet than another attempt.
    once = request.reuse is not None and request.reuse.edge is None
    for number in range(1 if once else ATTEMPTS):
        attempt = WishAttempt.begin(scene, tool, request)
        count = scene.count
        try:
            return _compose(attempt, steer=number < ATTEMPTS - 1)
        except Unplayable as error:
            failure = error
            scene.count = count
            if error.reason in _FINAL:
                break
    raise failure


def _compose(attempt: WishAttempt, *, steer: bool) -> ComposedRequest:
    """The request of one attempt, committed to the scene."""
    scene, tool, role = attempt.scene, attempt.tool, attempt.role
    request = attempt.request
    arguments = _draw(attempt, steer=steer)
    if request.outcome == "refused":
        choose_refused_target(attempt, arguments)
    if attempt.edge_argument:
        choose_along_edge(attempt, arguments)
    if request.outcome != "refused" and role.kind in ("action", "delete"):
        choose_accepted_target(attempt, arguments)
    aim_filters(attempt, arguments)
    covered = bind_references(attempt, arguments) | give_session_values(attempt, arguments)
    check_references(attempt, arguments)
    drop_machine_made(scene, tool, arguments, covered)
    literals = say_literals(scene, tool, role, arguments, covered)
    wish = _in_words(attempt, [literal.detail for literal in literals])
    if request.reuse and not attempt.sources_used:
        raise Unplayable(UnplayableReason.NOTHING_REUSED)
    # The intent names its target only now, when it is known that the request stands.
    wish.intent = joint_intent([wish])
    check_wording(wish, tool, arguments, literals, scene)
    if request.withhold:
        _withhold(wish, attempt)
    _call(wish, attempt, arguments)
    attempt.commit(wish)
    return wish


def _draw(attempt: WishAttempt, *, steer: bool) -> dict[str, object]:
    """The arguments of the call as they are sampled, before entities are chosen for them."""
    request = attempt.request
    if request.reuse and not can_reuse(attempt):
        raise Unplayable(UnplayableReason.NOTHING_SHOWN)
    options = DrawOptions(
        steer=steer,
        prefer_references=request.lookup in ("nested", "several"),
        without_opaque_keys=(
            request.lookup == "none" and not request.reuse and request.outcome != "refused"
        ),
        edge_argument=attempt.edge_argument,
        onward_argument=onward_argument(attempt),
    )
    return draw_arguments(attempt.scene, attempt.tool, attempt.role, options)


def _in_words(attempt: WishAttempt, said: list[Detail]) -> ComposedRequest:
    """The request in words, before its call; `said` are the details for literals."""
    resource = attempt.scene.resource(attempt.role.target.resource)
    noun = resource.name if resource else _path_noun(attempt.tool)
    phrase = intent(attempt.tool, noun, resource.plural if resource else f"{noun}s")
    return ComposedRequest(
        tool=attempt.tool,
        intent=phrase,
        details=[*attempt.details, *said],
        base=phrase,
        noun=noun,
        target=attempt.target,
        qualifiers=attempt.qualifiers,
    )


def _path_noun(tool: Tool) -> str:
    """A noun for a tool without a resource: `GET /exchange-rates/{from}` -> "exchange rates"."""
    words = [part for part in tool.path.split("/") if part and not part.startswith("{")]
    return split_name(words[-1]) if words else "request"


def _call(wish: ComposedRequest, attempt: WishAttempt, arguments: dict[str, object]) -> None:
    """Make the call, check what came of it, and add the steps and the questions to the request."""
    tool, world = attempt.tool, attempt.world
    step_id = attempt.scene.next_id()
    digest = world.digest()
    bindings = bindings_in_order(arguments, attempt.bindings)
    resolved = resolve(arguments, bindings, attempt.results)
    # A sampled argument may depend on another that was left out since.
    if violations(tool, resolved):
        raise Unplayable(UnplayableReason.SCHEMA_VIOLATION)
    # The negative control needs the world as it is before the call changes it.
    start = world.fork()
    result = world.call(tool.name, resolved)
    changes = world.digest() != digest
    step = Step(
        id=step_id,
        tool=tool.name,
        arguments=arguments,
        bindings=bindings,
        after=source_steps(bindings),
        anew=attempt.read_again,
    )
    wish.references = attempt.lookup_references + [
        Reference(step=step_id, pointer=pointer, words=words, kind=kind)
        for pointer, words, kind in attempt.mentions
    ]
    step = step.model_copy(update=_outcome(attempt, result, changes=changes))
    wish.steps = [*attempt.steps, step]
    if step.refused is not None:
        wish.refusal = refusal_reason(result)
        check_need(attempt, wish)
        return
    # From here on the answer counts as shown, so that questions can ask what only it holds.
    attempt.record_answer(step_id, result.body)
    add_questions(wish, attempt, step_id, result, changes=changes)
    check_need(attempt, wish)
    check_edges(attempt, wish, start)
    # What is deleted is shown for the last time; nothing can be done with it any more.
    if attempt.role.kind != "delete":
        attempt.learn(step, result.body, looked_up=False)


def _outcome(attempt: WishAttempt, result: Result, *, changes: bool) -> dict[str, object]:
    """The fields of a step that say how its call ends; Unplayable if it ends otherwise."""
    tool, outcome = attempt.tool, attempt.request.outcome
    if outcome == "refused":
        if result.ok or result.status not in REFUSAL_STATUSES or changes:
            raise Unplayable(UnplayableReason.NOT_REFUSED, tool=tool.name)
        return {"refused": result.status}
    if not result.ok:
        raise Unplayable(UnplayableReason.UNEXPECTED_STATUS, tool=tool.name, status=result.status)
    if tool.effect in ("create", "update", "delete") and not changes:
        raise Unplayable(UnplayableReason.NOTHING_CHANGED, tool=tool.name)
    return {"fault": _fault(attempt)} if outcome == "transient_failure" else {}


def _fault(attempt: WishAttempt) -> str:
    """A transient failure that the tool documents, one that nothing has covered yet first."""
    scene, tool = attempt.scene, attempt.tool
    faults = documented_faults(tool)
    if not faults:
        raise Unplayable(UnplayableReason.NO_TRANSIENT_FAILURE, tool=tool.name)
    uncovered = [fault for fault in faults if scene.is_open(f"fault:{tool.name}:{fault}")]
    return scene.rng.choice(uncovered or faults)


def joint_intent(wishes: Sequence[ComposedRequest]) -> str:
    """The intent of requests that differ in their target only, with the targets named.

    -> "look up the customer Ana Ruiz and the customer Ben Cole".
    """
    phrase = wishes[0].base
    if all(wish.target for wish in wishes):
        phrase = narrowed(phrase, wishes[0].noun, join([wish.target for wish in wishes]))
    for index, (noun, words) in enumerate(wishes[0].qualifiers):
        others = [wish.qualifiers[index][1] for wish in wishes[1:] if index < len(wish.qualifiers)]
        # Several targets under one parent name it once.
        phrase = narrowed(phrase, noun, join(list(dict.fromkeys([words, *others]))))
    return phrase


def refusal_reason(result: Result) -> str:
    """What a refusal says to people: the text of the error, else its status."""
    # Breadth first, so that the text nearest the top wins over those of nested errors.
    queue: list[object] = [result.body]
    while queue:
        node = queue.pop(0)
        if isinstance(node, dict):
            for key in _ERROR_TEXTS:
                text = node.get(key)
                # A single word is a code: "conflict".
                if isinstance(text, str) and " " in text:
                    return text
            queue += node.values()
        elif isinstance(node, list):
            queue += node
    return f"the service refused it with {result.status}"


def _withhold(wish: ComposedRequest, attempt: WishAttempt) -> None:
    """Let the user tell some needed details only when asked for them."""
    rng, target = attempt.scene.rng, attempt.role.target
    required = {split_name(name) for name in attempt.tool.input_schema.get("required", ())}
    # "order ID" is asked for by saying which order.
    needed = required | {name.removesuffix(" ID") for name in required}
    needed |= {resource for resource, _ in target.keys.values()}
    indices = [
        index
        for index, item in enumerate(wish.details)
        if item.words in needed and not isinstance(item.value, bool)
    ]
    if not indices:
        raise Unplayable(UnplayableReason.NOTHING_TO_WITHHOLD)
    for index in rng.sample(indices, min(len(indices), attempt.request.withhold)):
        wish.details[index] = wish.details[index].model_copy(update={"withheld": True})
