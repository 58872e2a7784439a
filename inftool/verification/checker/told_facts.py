"""What was told: the facts that a user asked for, in any usual wording, and claims of success or inability held against what happened."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from inftool.agents.scripted.dialogue_acts import dialogue_acts
from inftool.core.blueprints import Blueprint
from inftool.core.identity_cache import IdentityCache
from inftool.core.json_pointer import Unresolved, at_pointer
from inftool.core.json_values import key_of
from inftool.core.trajectories import Finding
from inftool.language.values import mentions, normalize
from inftool.verification.checker.assertions import asserted, currency_in
from inftool.verification.checker.records import Checker
from inftool.verification.conversation import Call, Conversation

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
    return _DECLINES.search(normalize(text)) is not None


# How many of the user's messages each wish takes. A blueprint is judged once or a few times, soon
# after it was drawn or read.
_message_counts: IdentityCache[Blueprint, Counter[int]] = IdentityCache(256)


def spans(blueprint: Blueprint, conversation: Conversation) -> list[tuple[int, int]] | None:
    """Which of the user's messages belong to each wish, first and one past the last; None where the user talked more or less than was planned."""
    counts = _message_counts.get(blueprint)
    if counts is None:
        counts = Counter(act.turn for act in dialogue_acts(blueprint))
        _message_counts.put(blueprint, counts)
    if counts.total() != len(conversation.user):
        return None
    found, at = [], 0
    for number in range(len(blueprint.turns)):
        found.append((at, at + counts[number]))
        at += counts[number]
    return found


def check_facts_told(
    checker: Checker,
    blueprint: Blueprint,
    conversation: Conversation,
    by_step: Mapping[str, Call] | None = None,
) -> list[Finding]:
    """Facts that were not told, and success or inability that was claimed falsely.

    Where the user kept to the plan, each wish is looked for in the messages that belong to it; a user who talked more (a model) is given the rest of
    the conversation. `by_step`: the calls that carried out the steps; what is said before a call is no telling of what it answers.
    """
    by_step = by_step or {}
    findings: list[Finding] = []
    ranges = spans(blueprint, conversation)
    facts: dict[int, list[tuple[int, Told]]] = {}
    index_of: Counter[int] = Counter()
    for number, fact in _as_it_was(checker, by_step):
        facts.setdefault(number, []).append((index_of[number], fact))
        index_of[number] += 1
    at = 0
    for number, turn in enumerate(blueprint.turns):
        first, at = ranges[number] if ranges else (min(at, len(conversation.user) - 1), at + 1)
        said = [
            piece
            for pieces in conversation.said[first : at if ranges else None]
            for piece in pieces
        ]
        closing = conversation.closing(min(at, len(conversation.said)) - 1)
        where = f"/blueprint/turns/{number}"
        mine = facts.get(number, [])
        times = Counter(key_of(fact.value) for _, fact in mine)
        for index, fact in mine:
            spoken = normalize("\n".join(text for message, text in said if message > fact.since))
            wanted = times[key_of(fact.value)]
            # "Left the depot 2" does not say "Left the depot".
            text = asserted(
                _without_longer(spoken, fact.value, mine), fact.value, fact.currency, fact.words
            )
            short = (
                wanted > 1
                and said_times(text, fact.value, wanted) < wanted
                and not _SHARED.search(text)
            )
            if short or not mentions(text, fact.value):
                message = f"the user was not told that {fact.words} is {fact.value!r}"
                findings.append(
                    Finding(
                        code="fact_not_told",
                        message=message,
                        turn=number,
                        pointer=f"{where}/facts/{index}",
                    )
                )
        if (
            number in checker.decline
            and not declines(closing)
            and not (turn.steps and _REFUSED.search(normalize(closing)))
        ):
            findings.append(
                Finding(
                    code="false_success",
                    message="the assistant does not say that it cannot do this",
                    turn=number,
                    pointer=where,
                )
            )
        if turn.steps and not turn.facts and number not in checker.decline and declines(closing):
            findings.append(
                Finding(
                    code="false_inability",
                    message="the assistant says that it could not do what it did",
                    turn=number,
                    pointer=where,
                )
            )
    return findings


class Told(NamedTuple):
    """A fact as a play has it: `since` is the message after which it can be told, `currency` what its amount is in, where its answer says so."""

    words: str
    value: Any
    since: int = -1
    currency: str = ""


def _as_it_was(checker: Checker, by_step: Mapping[str, Call]) -> Iterator[tuple[int, Told]]:
    """The facts by the number of their wish, as the results of the play have them.

    They are the plan's own unless something was carried out in other words: then a title that the user left open, or an id that follows from it, is
    what the call answered.
    """
    otherwise = any(
        call.arguments != needed.arguments
        for needed in checker.calls
        if (call := by_step.get(needed.step)) is not None
    )
    for number, fact in checker.tell:
        call = by_step.get(fact.step)
        if call is None:
            yield number, Told(fact.words, fact.value)
            continue
        answer = call.answer()
        value = fact.value
        if otherwise:
            with suppress(Unresolved):
                value = at_pointer(answer, fact.pointer)
        yield (
            number,
            Told(
                fact.words,
                value,
                call.message,
                currency_in(answer, fact.pointer) if type(value) in (int, float) else "",
            ),
        )


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_PIECES = re.compile(r"[,;:]\s|\s(?:and|is|are|it's)\s|\n|[.!?]\s")


def said_times(text: str, value: Any, enough: int) -> int:
    """How often a normalised text says a value, up to `enough`: by its own words, else in how many clauses; `enough` for dates, which have commas."""
    if isinstance(value, str):
        if _DAY.match(value):
            return enough
        own = len(re.findall(rf"(?<!\w){re.escape(normalize(value))}(?!\w)", text))
        if own:
            return min(own, enough)
    count = 0
    for piece in _PIECES.split(text):
        count += mentions(piece, value)
        if count >= enough:
            break
    return count


def _without_longer(spoken: str, value: Any, facts: Sequence[tuple[int, Told]]) -> str:
    """A text without those other facts' values that hold this one's."""
    if not isinstance(value, str) or len(facts) < 2:
        return spoken
    mine = normalize(value)
    for _, fact in facts:
        if (
            isinstance(fact.value, str)
            and len(fact.value) > len(value)
            and mine in (other := normalize(fact.value))
        ):
            spoken = spoken.replace(other, "…")
    return spoken
