"""Details in sentences.

Values under names share a sentence, everything else has its own, and no two sentences in a row have
the same form.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import NamedTuple

from inftool.core.blueprints import Detail
from inftool.language.values import join
from inftool.scenarios.wording.details import TOKEN
from inftool.scenarios.wording.phrases import are

_ORDINALS = ("first", "second", "third", "fourth")


class Form(NamedTuple):
    """A sentence for several values, with {w} for a name, {v} for a value, {is_} for the verb."""

    head: str
    """What the sentence begins with."""

    first: str
    """The clause of the first value."""

    other: str
    """The clause of each other value."""

    tail: str = ""
    """What it ends with."""


_FORMS: dict[str, tuple[Form, ...]] = {
    "new": (
        Form("", "the {w} {is_} {v}", "the {w} {v}"),
        Form("it should have ", "the {w} {v}", "the {w} {v}"),
        Form("I'd like it with ", "the {w} {v}", "the {w} {v}"),
        Form("", "use {v} as the {w}", "the {w} should be {v}"),
        Form("", "the {w} should be {v}", "the {w} {v}"),
    ),
    "ask": (
        Form("", "the {w} {is_} {v}", "the {w} {v}"),
        Form("", "use {v} as the {w}", "the {w} is {v}"),
        Form("with ", "the {w} {v}", "the {w} {v}"),
    ),
    "change": (
        Form("set ", "the {w} to {v}", "the {w} to {v}"),
        Form("change ", "the {w} to {v}", "the {w} to {v}"),
        Form("make ", "the {w} {v}", "the {w} {v}"),
        Form("", "the {w} should be {v}", "the {w} {v}"),
    ),
    "filter": (
        Form("only those with ", "the {w} {v}", "the {w} {v}"),
        Form("I only need the ones with ", "the {w} {v}", "the {w} {v}"),
        Form("just the ones with ", "the {w} {v}", "the {w} {v}", ", please"),
    ),
}
# The form of somebody who copies what is in front of them: "Name: ..., email: ...".
_LISTED = Form("", "{w}: {v}", "{w}: {v}")
# How often it is used, where there are enough values for it.
_LISTED_SHARE = 0.15
# More values in one sentence nobody could follow.
_MOST_IN_ONE = 4
_MOST_CLAUSES = 3
_HEADS = {1: "One with", 2: "another with", 3: "and a third with", 4: "and a fourth with"}


def shown(detail: Detail) -> str:
    """A detail's value as it stands in a sentence: texts of several words in quotes."""
    plain = isinstance(detail.value, str) and detail.said == detail.value
    return f'"{detail.said}"' if plain and not TOKEN.match(detail.said) else detail.said


def _rng(details: Sequence[Detail]) -> random.Random:
    """A generator that depends on the details alone, so that they are always said the same way."""
    return random.Random("|".join(f"{detail.words}={detail.said}" for detail in details))


def sentences(details: Sequence[Detail]) -> list[str]:
    """All details in sentences.

    They depend on the details alone: what was checked is what is said.
    """
    rng = _rng(details)
    texts: list[str] = []
    numbers = sorted({detail.group for detail in details})
    for number in numbers:
        members = [detail for detail in details if detail.group == number]
        texts += _grouped(members, number, len(numbers), rng) if number else ungrouped(members, rng)
    return texts


def ungrouped(details: Sequence[Detail], rng: random.Random | None = None) -> list[str]:
    """The sentences of one request."""
    rng = rng or _rng(details)
    texts: list[str] = []
    last: Form | None = None
    run: list[Detail] = []
    for detail in details:
        if run and (detail.frame != run[0].frame or len(run) == _MOST_IN_ONE):
            text, last = _shared_sentence(run, last, rng)
            texts.append(text)
            run = []
        if detail.frame:
            run.append(detail)
        else:
            texts.append(sentence(_clause(detail)))
    if run:
        texts.append(_shared_sentence(run, last, rng)[0])
    return texts


def _clause(detail: Detail) -> str:
    return detail.phrase or f"the {detail.words} {are(detail.words)} {shown(detail)}"


def _shared_sentence(
    run: Sequence[Detail], last: Form | None, rng: random.Random
) -> tuple[str, Form | None]:
    """One sentence for details of one frame, in another form than the last; with its form."""
    if len(run) == 1:
        return sentence(run[0].phrase), None
    if run[0].frame in ("new", "ask") and len(run) > 2 and rng.random() < _LISTED_SHARE:
        form = _LISTED
    else:
        form = rng.choice([form for form in _FORMS[run[0].frame] if form is not last])
    clauses = [
        (form.other if number else form.first).format(
            w=detail.words, v=shown(detail), is_=are(detail.words)
        )
        for number, detail in enumerate(run)
    ]
    text = ", ".join(clauses) if form is _LISTED else join(clauses)
    return sentence(f"{form.head}{text}{form.tail}"), form


def _grouped(details: Sequence[Detail], number: int, count: int, rng: random.Random) -> list[str]:
    """What is said about one (counted from 1) of `count` things in one request."""
    if details and all(detail.frame in ("new", "ask") for detail in details):
        head = _HEADS[number] if count > 1 else "With"
        values = join([f"the {detail.words} {shown(detail)}" for detail in details])
        return [sentence(f"{head} {values}")]
    clauses = [_clause(detail) for detail in details]
    ordinal = _ORDINALS[number - 1]
    head = rng.choice((f"for the {ordinal} one,", f"the {ordinal} one:"))
    first, rest = clauses[:_MOST_CLAUSES], clauses[_MOST_CLAUSES:]
    return [sentence(f"{head} {join(first)}"), *map(sentence, rest)]


def sentence(text: str) -> str:
    """A clause as a sentence: "make it blue" -> "Make it blue."."""
    text = text[:1].upper() + text[1:]
    return text if text[-1:] in ".?!" else f"{text}."
