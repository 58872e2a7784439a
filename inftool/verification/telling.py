"""What was told: the facts that a user asked for, in any usual wording, and claims of success or inability held against what happened."""

from __future__ import annotations

import re
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from inftool.agents import script
from inftool.records import Blueprint, Checker, Finding
from inftool.scenarios.plan import Unresolved, at_pointer
from inftool.scenarios.words import mentions, normalise
from inftool.verification.calls import Call, Conversation
from inftool.verification.grounding import key_of

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


def told(checker: Checker, blueprint: Blueprint, conversation: Conversation, by_step: Mapping[str, Call] | None = None) -> list[Finding]:
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
        said = [piece for pieces in conversation.said[first : at if ranges else None] for piece in pieces]
        closing = conversation.closing(min(at, len(conversation.said)) - 1)
        where = f"/blueprint/turns/{number}"
        mine = facts.get(number, [])
        times = Counter(key_of(fact.value) for _, fact in mine)
        for index, fact in mine:
            spoken = normalise("\n".join(text for message, text in said if message > fact.since))
            wanted = times[key_of(fact.value)]
            # "Left the depot 2" does not say "Left the depot".
            text = asserted(_without_longer(spoken, fact.value, mine), fact.value, fact.currency, fact.words)
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
    otherwise = any(call.arguments != needed.arguments for needed in checker.calls if (call := by_step.get(needed.step)) is not None)
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
        yield number, Told(fact.words, value, call.message, _currency(answer, fact.pointer) if type(value) in (int, float) else "")


def _currency(answer: Any, pointer: str) -> str:
    """The currency (ISO code) that stands beside a value, or beside what it is part of."""
    node, found = answer, ""
    for part in (*pointer.split("/")[1:], ""):
        if isinstance(node, dict):
            here = next((node[key] for key in _CURRENCY_KEYS if key in node), None)
            found = here if isinstance(here, str) and _ISO.match(here) else found
            node = node.get(part.replace("~1", "/").replace("~0", "~"))
        elif isinstance(node, list) and part.isdigit() and int(part) < len(node):
            node = node[int(part)]
    return found.upper()


_CURRENCY_KEYS = ("currency", "currencyCode", "currency_code")
_ISO = re.compile(r"^[A-Za-z]{3}$")
_SIGNS = {"€": ("EUR",), "£": ("GBP",), "¥": ("JPY", "CNY"), "₹": ("INR",), "₩": ("KRW",), "₺": ("TRY",), "zł": ("PLN",)}
_NAMES = {
    "euro": "EUR", "pound": "GBP", "quid": "GBP", "yen": "JPY", "rupee": "INR", "franc": "CHF", "zloty": "PLN", "yuan": "CNY", "won": "KRW", "lira": "TRY",
}  # fmt: skip
_CODES = frozenset("aud brl cad chf cny czk dkk eur gbp hkd huf inr jpy krw mxn nok nzd pln sek sgd try usd zar".split())
_KRONE = frozenset(("DKK", "NOK", "SEK", "ISK", "CZK"))
_DOLLAR = frozenset(("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "BBD", "BSD", "BZD", "FJD", "JMD", "LRD", "NAD", "TTD", "XCD"))
_BEFORE = re.compile(r"(\$|€|£|¥|₹|₩|₺|zł|\b[a-z]{3}\b) ?(?=\d)")
_AFTER = re.compile(
    r"(?<=\d) ?(\$|€|£|¥|₹|₩|₺|zł|\b[a-z]{3}\b|dollars?|euros?|pounds?|quid|yen|rupees?|francs?|zloty|yuan|won|liras?|kron(?:er|or|a|e)|rand)(?!\w)"
)
_SCALE = re.compile(r"(?<=\d) ?(?=(?:hundred|thousand|million|billion|trillion|dozen)\b)")
_PERCENT = re.compile(r"(?<=\d) ?(?=%|percent\b|per cent\b)")
_MONEY = re.compile(r"price|amount|total|balance|cost|fee|fare|sum|paid|due\b")
_OWN = "\ue000"
_MINUS = re.compile(r"(^|[\s(€$£])(?:-|minus )(?=[€$£]?\d)")
_DENIED = re.compile(
    r"(\bnot|n't|\bnever|\bno longer|\brather than|\binstead of|\bno more than|\bformerly|\bused to be)(?! (?:only|just|until|before|much)\b)"
    r"((?: (?:the|a|an|at|on|in|for|by|be|been|actually|really|exactly|quite|set to|priced at|called|named|about|around|approximately|eur|usd|gbp))*) [€$£]?(?=\S)"
)


def asserted(text: str, value: Any, currency: str = "", words: str = "") -> str:
    """A normalised text in which a value that is only denied ("not 5"), of another sign, scale or currency no longer stands by itself.

    What makes it another value is joined to it with an underscore, so that `mentions` does not take it for the value itself.
    """
    found = text
    if type(value) in (int, float):
        found = _SCALE.sub("_", found)
        if value >= 0:
            found = _MINUS.sub(r"\1_", found)
        if currency:
            found = _BEFORE.sub(lambda sign: sign[0] if _may_mean(sign[1], currency) else f"{sign[1]}_", found)
            found = _AFTER.sub(lambda sign: sign[0] if _may_mean(sign[1], currency) else f"_{sign[1]}", found)
            if abs(value) >= 1 and _MONEY.search(words.casefold()):
                found = _PERCENT.sub("_", found)
    # "Not started" may be the value itself; what is denied is no mention of it, and is taken out.
    own = normalise(value) if isinstance(value, str) else ""
    if not own:
        return _DENIED.sub(r"\1\2_", found)
    return _DENIED.sub(r"\1\2_", found.replace(own, _OWN)).replace(f"_{_OWN}", "_").replace(_OWN, own)


def _may_mean(sign: str, currency: str) -> bool:
    """Whether a currency's sign, name or code may stand for a currency; whatever is none of these may."""
    if sign in _SIGNS:
        return currency in _SIGNS[sign]
    if sign == "$" or sign.startswith("dollar"):
        return currency in _DOLLAR
    if sign.startswith("kron"):
        return currency in _KRONE
    if (known := _NAMES.get(sign.removesuffix("s"))) is not None:
        return currency == known
    return sign not in _CODES or sign.upper() == currency


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


def _without_longer(spoken: str, value: Any, facts: Sequence[tuple[int, Told]]) -> str:
    """A text without those other facts' values that hold this one's."""
    if not isinstance(value, str) or len(facts) < 2:
        return spoken
    mine = normalise(value)
    for _, fact in facts:
        if isinstance(fact.value, str) and len(fact.value) > len(value) and mine in (other := normalise(fact.value)):
            spoken = spoken.replace(other, "…")
    return spoken
