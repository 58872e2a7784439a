"""What the user was told, held against what happened.

The facts that the user asked for are looked for in any usual wording; claims of success and of
inability are compared with what was done.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from inftool.agents.scripted.dialogue_acts import dialogue_acts
from inftool.core.blueprints import Blueprint, Turn
from inftool.core.identity_cache import IdentityCache
from inftool.core.json_pointer import Unresolved, at_pointer
from inftool.core.json_values import key_of
from inftool.core.trajectories import Finding
from inftool.language.values import mentions, normalize
from inftool.verification.checker.assertions import asserted, currency_in
from inftool.verification.checker.records import Checker
from inftool.verification.conversation import Call, Conversation

# "I can't change the address", "there is no way to do that"
_DECLINES = re.compile(
    r"\b(?:can(?:not|'t|\s+not)|could(?:n't|\s+not)|unable|not able"
    r"|no (?:way|tool|access|option)|(?:don't|do not) have|isn't something|is not something"
    r"|not something (?:i|that)|outside (?:of )?what|not possible|not available|isn't available"
    r"|unavailable|beyond what|not supported|doesn't support|does not support)\b"
)

# "It was rejected". Said of a call that was refused for good, this declines as well; of a call that
# went through at the second try it is the plain truth, so it counts only where there were calls.
_REFUSED = re.compile(
    r"\b(?:did(?:n't| not) (?:work|go through|succeed)|failed|refuses?d?|rejected|not allowed"
    r"|isn't allowed|not permitted|won't let)\b"
)

# "Both cost 5 euros" tells two facts with one mention.
_SHARED = re.compile(r"\b(?:both|all|each|every|same|either|neither|none|also|too|identical)\b")

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

# "A is 5, B is 5" -> "A", "5", "B", "5"
_CLAUSE_ENDS = re.compile(r"[,;:]\s|\s(?:and|is|are|it's)\s|\n|[.!?]\s")

# How many of the user's messages each wish takes. A blueprint is judged once or a few times, soon
# after it was drawn or read.
_message_counts: IdentityCache[Blueprint, Counter[int]] = IdentityCache(256)


def declines(text: str) -> bool:
    """Whether an assistant's words say that it cannot do what was asked."""
    return _DECLINES.search(normalize(text)) is not None


def spans(blueprint: Blueprint, conversation: Conversation) -> list[tuple[int, int]] | None:
    """Which of the user's messages belong to each wish: the first, and one past the last.

    None if the user said more or fewer messages than were planned.
    """
    counts = _message_counts.get(blueprint)
    if counts is None:
        counts = Counter(act.turn for act in dialogue_acts(blueprint))
        _message_counts.put(blueprint, counts)
    if counts.total() != len(conversation.user):
        return None
    ranges, start = [], 0
    for number in range(len(blueprint.turns)):
        ranges.append((start, start + counts[number]))
        start += counts[number]
    return ranges


class ToldFact(NamedTuple):
    """A fact that must be told, with the value that it had in a play."""

    place: int
    """Its place among the facts of its wish."""

    words: str
    """What a person calls it."""

    value: object
    """The value that has to be said."""

    since: int = -1
    """The message (index) after which it can be told: that of the call that answers it."""

    currency: str = ""
    """The ISO code of the currency that an amount is in, if the answer says so."""


def check_facts_told(
    checker: Checker,
    blueprint: Blueprint,
    conversation: Conversation,
    by_step: Mapping[str, Call] | None = None,
) -> list[Finding]:
    """Facts that were not told, and success or inability that was claimed falsely.

    `by_step` holds the calls that carried out the steps of the plan. What is said before a call
    tells nothing of its answer. If the user kept to the plan, the facts of each wish are looked for
    in the messages that belong to it; if not (a model may say more), in the rest of the
    conversation.
    """
    ranges = spans(blueprint, conversation)
    facts: dict[int, list[ToldFact]] = {}
    for number, fact in _facts_as_played(checker, by_step or {}):
        facts_of_wish = facts.setdefault(number, [])
        facts_of_wish.append(fact._replace(place=len(facts_of_wish)))
    findings: list[Finding] = []
    for number, turn in enumerate(blueprint.turns):
        if ranges:
            first, end = ranges[number]
            said = conversation.said[first:end]
        else:
            first, end = min(number, len(conversation.user) - 1), number + 1
            said = conversation.said[first:]
        pieces = [piece for pieces_of_turn in said for piece in pieces_of_turn]
        findings += _untold(number, facts.get(number, []), pieces)
        closing = conversation.closing(min(end, len(conversation.said)) - 1)
        findings += _false_claims(number, turn, closing, declined=number in checker.decline)
    return findings


def _untold(
    number: int, facts: Sequence[ToldFact], pieces: Sequence[tuple[int, str]]
) -> Iterator[Finding]:
    """A finding for each fact of a wish that is not told in the assistant's texts."""
    counts = Counter(key_of(fact.value) for fact in facts)
    for fact in facts:
        spoken = normalize("\n".join(text for message, text in pieces if message > fact.since))
        text = asserted(
            _without_longer_values(spoken, fact.value, facts), fact.value, fact.currency, fact.words
        )
        # Two facts with one value need two mentions, or a word that speaks of both.
        needed = counts[key_of(fact.value)]
        too_few = (
            needed > 1
            and said_times(text, fact.value, needed) < needed
            and not _SHARED.search(text)
        )
        if too_few or not mentions(text, fact.value):
            yield Finding(
                code="fact_not_told",
                message=f"the user was not told that {fact.words} is {fact.value!r}",
                turn=number,
                pointer=f"/blueprint/turns/{number}/facts/{fact.place}",
            )


def _false_claims(number: int, turn: Turn, closing: str, *, declined: bool) -> Iterator[Finding]:
    """A finding if the assistant's last words about a wish claim what is not so.

    `declined`: the wish could not be fulfilled, so that it must be declined.
    """
    pointer = f"/blueprint/turns/{number}"
    if declined:
        reports_refusal = turn.steps and _REFUSED.search(normalize(closing))
        if not declines(closing) and not reports_refusal:
            yield Finding(
                code="false_success",
                message="the assistant does not say that it cannot do this",
                turn=number,
                pointer=pointer,
            )
    elif turn.steps and not turn.facts and declines(closing):
        yield Finding(
            code="false_inability",
            message="the assistant says that it could not do what it did",
            turn=number,
            pointer=pointer,
        )


def _facts_as_played(
    checker: Checker, by_step: Mapping[str, Call]
) -> Iterator[tuple[int, ToldFact]]:
    """The facts with the number of their wish, as the results of the play have them.

    Their values are the plan's own unless some call has other arguments than the plan: then a title
    that the user left open, or an id that follows from it, is what the call answered.
    """
    has_other_arguments = any(
        call.arguments != needed.arguments
        for needed in checker.calls
        if (call := by_step.get(needed.step)) is not None
    )
    for number, fact in checker.tell:
        call = by_step.get(fact.step)
        if call is None:
            yield number, ToldFact(0, fact.words, fact.value)
            continue
        answer = call.answer()
        value: object = fact.value
        if has_other_arguments:
            with suppress(Unresolved):
                value = at_pointer(answer, fact.pointer)
        currency = currency_in(answer, fact.pointer) if type(value) in (int, float) else ""
        yield number, ToldFact(0, fact.words, value, call.message, currency)


def said_times(text: str, value: object, enough: int) -> int:
    """How often a normalized text says a value, counted up to `enough`.

    Text is counted word for word, anything else by the clauses that say it. A date counts as said
    `enough` times, since the commas of its wordings ("March 5, 2026") would tear it apart.
    """
    if isinstance(value, str):
        if _ISO_DATE.match(value):
            return enough
        exact = len(re.findall(rf"(?<!\w){re.escape(normalize(value))}(?!\w)", text))
        if exact:
            return min(exact, enough)
    count = 0
    for clause in _CLAUSE_ENDS.split(text):
        count += mentions(clause, value)
        if count >= enough:
            break
    return count


def _without_longer_values(spoken: str, value: object, facts: Sequence[ToldFact]) -> str:
    """A text without the values of other facts that hold this one's.

    "Left the depot 2" does not say "Left the depot".
    """
    if not isinstance(value, str) or len(facts) < 2:
        return spoken
    shorter = normalize(value)
    for fact in facts:
        if isinstance(fact.value, str) and len(fact.value) > len(value):
            longer = normalize(fact.value)
            if shorter in longer:
                spoken = spoken.replace(longer, "…")
    return spoken
