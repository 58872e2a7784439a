"""The outcome gate: a checker run over a conversation. The state is as expected, every wish was carried out once, nothing more was done, all was told."""

from __future__ import annotations

import re
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from inftool.agents import script
from inftool.records import Blueprint, Checker, Fact, Finding, JsonObject, Requirement, Tool
from inftool.scenarios.plan import Unresolved, at_pointer, leaves
from inftool.scenarios.words import mentions, normalise
from inftool.verification.assignment import match
from inftool.verification.calls import Call, Conversation
from inftool.verification.grounding import key_of, scalars

_DECLINES = re.compile(
    r"\b(?:can(?:not|'t|\s+not)|could(?:n't|\s+not)|unable|not able|no (?:way|tool|access|option)|(?:don't|do not) have|isn't something|is not something|"
    r"not something (?:i|that)|outside (?:of )?what|not possible|not available|isn't available|unavailable|beyond what|not supported|doesn't support|does not support)\b"
)
# What may also be said of a call that was refused for good; of one that went through at the second try it is no more than the truth.
_REFUSED = re.compile(
    r"\b(?:did(?:n't| not) (?:work|go through|succeed)|failed|refuses?d?|rejected|not allowed|isn't allowed|not permitted|won't let)\b"
)
_SHARED = re.compile(r"\b(?:both|all|each|every|same|either|neither|none|also|too|identical)\b")


def declines(text: str) -> bool:
    """Whether an assistant's words say that it cannot do what was asked."""
    return _DECLINES.search(normalise(text)) is not None


def informing(surplus: Sequence[Call], conversation: Conversation) -> frozenset[str]:
    """The ids of the surplus reads that a later call builds on: they said something that neither the user nor a call that the plan needs said before.

    One pass over the calls, last use first, so that the cost is linear in what was called and answered.
    """
    if not surplus:
        return frozenset()
    extra = {call.id for call in surplus}
    text = [normalise(said) for said in conversation.user]
    first: dict[tuple[str, str], Call] = {}
    useful: set[str] = set()
    needed = [call for call in conversation.calls if call.id not in extra]
    # Who said a value first, where those that the plan needs anyway come before the surplus ones.
    sources: dict[tuple[str, str], int] = {}
    for call in needed:
        for value in scalars(call.answer()):
            sources.setdefault(key_of(value), call.message)
    for call in surplus:
        for value in scalars(call.answer()):
            if value is not None and not isinstance(value, bool):
                first.setdefault(key_of(value), call)
    users = deque(needed)
    while users:
        user = users.popleft()
        for _, value in leaves(user.arguments):
            if isinstance(value, (dict, list, bool)) or value is None:
                continue
            key = key_of(value)
            source = first.get(key)
            if source is None or source.id in useful or source.message >= user.message or sources.get(key, user.message) < user.message:
                continue
            if not any(mentions(said, value) for said in text):
                useful.add(source.id)
                users.append(source)
    return frozenset(useful)


class Outcome(NamedTuple):
    """What the outcome gate found, and how many reads the plan would have done without."""

    findings: list[Finding]
    extra_reads: int


def outcome(
    checker: Checker,
    blueprint: Blueprint,
    conversation: Conversation,
    tools: Mapping[str, Tool],
    statuses: Mapping[str, int],
    digest: str | None,
    expected: Callable[[Mapping[str, JsonObject]], str] | None = None,
) -> Outcome:
    """Run a checker over the calls that were true (`conversation` holds no others).

    `digest` is the state at the end; None leaves the state out. `expected` gives the state that the plan leads to with some steps' arguments replaced
    by equivalent ones.
    """
    found = match(checker, blueprint, conversation.calls, tools, statuses)
    end = checker.end
    other = {
        needed.step: call.arguments
        for needed in checker.calls
        if (call := found.by_step.get(needed.step)) is not None and call.arguments != needed.arguments
    }
    missing = [needed for needed in checker.calls if needed.goal and needed.step not in found.by_step]
    if digest is not None and digest != end and expected is not None and other and not missing:
        end = expected(other)
    surplus = found.surplus
    if missing and surplus and digest == end:
        missing, surplus = _another_way(missing, surplus, tools)
    findings = [_missing(needed, blueprint) for needed in missing]
    useful = informing([call for call in surplus if tools[call.name].effect == "read"], conversation)
    for call in surplus:
        if call.id not in useful:
            code = "needless_call" if any(turn.steps for turn in blueprint.turns) else "call_not_wanted"
            findings.append(Finding(code=code, message=f"{call.name} does nothing that was asked for", turn=call.turn, pointer=call.pointer))
    if digest is not None and digest != end:
        message = f"the state at the end is {digest[:12]}, and {end[:12]} was expected"
        findings.append(Finding(code="state_differs", message=message, pointer="/provenance/digest"))
    findings += _order(checker, blueprint, found.by_step, conversation)
    findings += told(_as_it_was(checker, found.by_step) if other else checker, blueprint, conversation)
    return Outcome(findings, len(useful))


def _another_way(missing: list[Requirement], surplus: list[Call], tools: Mapping[str, Tool]) -> tuple[list[Requirement], list[Call]]:
    """The state is as expected, so writes that were made by another tool than the plan's are another way to the same end, one for one."""
    left, rest = list(missing), list(surplus)
    for needed in missing:
        if not needed.changes:
            continue
        other = next((call for call in rest if call.name != needed.tool and tools[call.name].effect != "read"), None)
        if other is not None:
            left.remove(needed)
            rest.remove(other)
    return left, rest


def _missing(needed: Requirement, blueprint: Blueprint) -> Finding:
    place = next(index for index, step in enumerate(blueprint.plan) if step.id == needed.step)
    message = f"nothing carries out what turn {needed.turn} asks for: {needed.tool} with the values that were given"
    return Finding(code="step_missing", message=message, turn=needed.turn, pointer=f"/blueprint/plan/{place}")


# How many of the user's messages each wish takes; kept beside the blueprint, so that its identity cannot be given to another one.
_beats: OrderedDict[int, tuple[Blueprint, Counter[int]]] = OrderedDict()
_KEPT = 256


def spans(blueprint: Blueprint, conversation: Conversation) -> list[tuple[int, int]] | None:
    """Which of the user's messages belong to each wish, first and one past the last; None where the user talked more or less than was planned."""
    known = _beats.get(id(blueprint))
    if known is None or known[0] is not blueprint:
        known = _beats[id(blueprint)] = (blueprint, Counter(beat.turn for beat in script.beats(blueprint)))
        if len(_beats) > _KEPT:
            _beats.popitem(last=False)
    counts = known[1]
    if counts.total() != len(conversation.user):
        return None
    found, at = [], 0
    for number in range(len(blueprint.turns)):
        found.append((at, at + counts[number]))
        at += counts[number]
    return found


def _order(checker: Checker, blueprint: Blueprint, by_step: Mapping[str, Call], conversation: Conversation) -> list[Finding]:
    """A call before one that it has to come after, or in another turn than the one that asks for it."""
    findings: list[Finding] = []
    ranges = spans(blueprint, conversation)
    for needed in checker.calls:
        call = by_step.get(needed.step)
        if call is None:
            continue
        early = next((step for step in needed.after if step in by_step and by_step[step].message >= call.message), None)
        if early is not None:
            message = f"{call.name} was called before {by_step[early].name}, which it builds on"
            findings.append(Finding(code="out_of_order", message=message, turn=call.turn, pointer=call.pointer))
        elif ranges is not None and needed.goal and not ranges[needed.turn][0] <= call.turn < ranges[needed.turn][1]:
            message = f"{call.name} was called in another turn than the one that asks for it"
            findings.append(Finding(code="out_of_order", message=message, turn=call.turn, pointer=call.pointer))
    return findings


def _as_it_was(checker: Checker, by_step: Mapping[str, Call]) -> Checker:
    """The checker with the facts as the results of a play in other words have them: a title that the user was free to choose, the id that follows from it."""
    facts: list[tuple[int, Fact]] = []
    for number, fact in checker.tell:
        call = by_step.get(fact.step)
        try:
            value = at_pointer(call.answer(), fact.pointer) if call is not None else fact.value
        except Unresolved:
            value = fact.value
        facts.append((number, fact.model_copy(update={"value": value}) if value != fact.value else fact))
    return checker.model_copy(update={"tell": tuple(facts)})


def told(checker: Checker, blueprint: Blueprint, conversation: Conversation) -> list[Finding]:
    """Facts that were not told, and success or inability that was claimed falsely.

    Where the user kept to the plan, each wish is looked for in the messages that belong to it; a user who talked more (a model) is given the rest of
    the conversation.
    """
    findings: list[Finding] = []
    ranges = spans(blueprint, conversation)
    facts: dict[int, list[tuple[int, Any]]] = {}
    index_of: Counter[int] = Counter()
    for number, fact in checker.tell:
        facts.setdefault(number, []).append((index_of[number], fact))
        index_of[number] += 1
    at = 0
    for number, turn in enumerate(blueprint.turns):
        first, at = ranges[number] if ranges else (min(at, len(conversation.user) - 1), at + 1)
        spoken = normalise("\n".join(conversation.assistant[first : at if ranges else None]))
        closing = conversation.closing[min(at, len(conversation.closing)) - 1]
        where = f"/blueprint/turns/{number}"
        times = Counter(key_of(fact.value) for _, fact in facts.get(number, ()))
        for index, fact in facts.get(number, ()):
            wanted = times[key_of(fact.value)]
            # "Left the depot 2" does not say "Left the depot".
            text = _without_longer(spoken, fact.value, facts[number])
            short = wanted > 1 and said_times(text, fact.value, wanted) < wanted and not _SHARED.search(text)
            if short or not mentions(text, fact.value):
                message = f"the user was not told that {fact.words} is {fact.value!r}"
                findings.append(Finding(code="fact_not_told", message=message, turn=number, pointer=f"{where}/facts/{index}"))
        if number in checker.decline and not declines(closing) and not (turn.steps and _REFUSED.search(normalise(closing))):
            findings.append(Finding(code="false_success", message="the assistant does not say that it cannot do this", turn=number, pointer=where))
        if turn.steps and not turn.facts and number not in checker.decline and declines(closing):
            findings.append(
                Finding(code="false_inability", message="the assistant says that it could not do what it did", turn=number, pointer=where)
            )
    return findings


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_PIECES = re.compile(r"[,;:]\s|\s(?:and|is|are|it's)\s|\n|[.!?]\s")


def said_times(text: str, value: Any, enough: int) -> int:
    """How often a normalised text says a value, up to `enough`: by its own words, else in how many clauses; `enough` for dates, which have commas."""
    if isinstance(value, str):
        if _DAY.match(value):
            return enough
        own = len(re.findall(rf"(?<!\w){re.escape(normalise(value))}(?!\w)", text))
        if own:
            return min(own, enough)
    count = 0
    for piece in _PIECES.split(text):
        count += mentions(piece, value)
        if count >= enough:
            break
    return count


def _without_longer(spoken: str, value: Any, facts: Sequence[tuple[int, Any]]) -> str:
    """A text without those other facts' values that hold this one's."""
    if not isinstance(value, str) or len(facts) < 2:
        return spoken
    mine = normalise(value)
    for _, fact in facts:
        if isinstance(fact.value, str) and len(fact.value) > len(value) and mine in (other := normalise(fact.value)):
            spoken = spoken.replace(other, "…")
    return spoken
