"""Details in sentences: values under names share one, everything else has its own, and no two in a
row have the same shape."""

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
    """A sentence for several values: its head, the first value and the others; `plain`: without the
    verb "is" after a plural name."""

    head: str
    first: str
    other: str
    tail: str = ""


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
# Somebody who copies what is in front of them: "Name: …, email: …".
_LISTED = Form("", "{w}: {v}", "{w}: {v}")


def shown(detail: Detail) -> str:
    """A detail's value as it stands in a sentence: texts of several words in quotes."""
    plain = isinstance(detail.value, str) and detail.said == detail.value
    return f'"{detail.said}"' if plain and not TOKEN.match(detail.said) else detail.said


def _rng(details: Sequence[Detail]) -> random.Random:
    return random.Random("|".join(f"{detail.words}={detail.said}" for detail in details))


def sentences(details: Sequence[Detail]) -> list[str]:
    """All details in sentences, a function of the details alone: what was checked is what is said."""
    rng = _rng(details)
    found: list[str] = []
    numbers = sorted({detail.group for detail in details})
    for number in numbers:
        mine = [detail for detail in details if detail.group == number]
        found += _grouped(mine, number, len(numbers), rng) if number else ungrouped(mine, rng)
    return found


def ungrouped(details: Sequence[Detail], rng: random.Random | None = None) -> list[str]:
    """The sentences of one wish."""
    rng = rng or _rng(details)
    found: list[str] = []
    last: Form | None = None
    run: list[Detail] = []
    for detail in [*details, None]:
        if (
            detail is not None
            and detail.frame
            and (not run or run[0].frame == detail.frame)
            and len(run) < 4
        ):
            run.append(detail)
            continue
        if run:
            text, last = _together(run, last, rng)
            found.append(text)
            run = []
        if detail is None:
            break
        if detail.frame:
            run.append(detail)
        else:
            found.append(
                sentence(detail.phrase or f"the {detail.words} {are(detail.words)} {shown(detail)}")
            )
    return found


def _together(
    run: Sequence[Detail], last: Form | None, rng: random.Random
) -> tuple[str, Form | None]:
    if len(run) == 1:
        return sentence(run[0].phrase), None
    if run[0].frame in ("new", "ask") and len(run) > 2 and rng.random() < 0.15:
        form = _LISTED
    else:
        form = rng.choice([form for form in _FORMS[run[0].frame] if form is not last])
    clauses = [
        (form.first if number == 0 else form.other).format(
            w=detail.words, v=shown(detail), is_=are(detail.words)
        )
        for number, detail in enumerate(run)
    ]
    text = ", ".join(clauses) if form is _LISTED else join(clauses)
    return sentence(f"{form.head}{text}{form.tail}"), form


def _grouped(details: Sequence[Detail], number: int, count: int, rng: random.Random) -> list[str]:
    """What is said of one of several things that are wished for in one breath."""
    ordinal = _ORDINALS[number - 1]
    framed = [detail for detail in details if detail.frame in ("new", "ask")]
    if framed and len(framed) == len(details):
        head = (
            {1: "One with", 2: "another with", 3: "and a third with", 4: "and a fourth with"}[
                number
            ]
            if count > 1
            else "With"
        )
        return [
            sentence(
                f"{head} {join([f'the {detail.words} {shown(detail)}' for detail in details])}"
            )
        ]
    clauses = [
        detail.phrase or f"the {detail.words} {are(detail.words)} {shown(detail)}"
        for detail in details
    ]
    head = rng.choice((f"for the {ordinal} one,", f"the {ordinal} one:"))
    return [sentence(f"{head} {join(clauses[:3])}"), *(sentence(clause) for clause in clauses[3:])]


def sentence(text: str) -> str:
    """A clause as a sentence."""
    text = text[:1].upper() + text[1:]
    return text if text[-1:] in ".?!" else f"{text}."
