"""One detail in words: a name, a value, and both in one clause."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from typing import Any, Literal

from inftool.core.blueprints import Detail
from inftool.language.values import is_code, join, say, split_name
from inftool.scenarios.wording.booleans import boolean_clause
from inftool.scenarios.wording.phrases import (
    LEAST,
    MOST,
    NAMES,
    SEARCHES,
    TEXTS,
    are,
    path_words,
    singular,
)

Style = Literal["new", "change", "filter", "ask", "plain"]
_FORMS: dict[Style, tuple[str, ...]] = {
    "new": ("the {w} {is_} {v}", "the {w} should be {v}", "use {v} as the {w}"),
    "change": (
        "set the {w} to {v}",
        "change the {w} to {v}",
        "make the {w} {v}",
        "the {w} should be {v}",
    ),
    "filter": (
        "only those with the {w} {v}",
        "the {w} {has} to be {v}",
        "I only need the ones with the {w} {v}",
    ),
    "ask": ("the {w} {is_} {v}", "use {v} as the {w}", "with the {w} {v}"),
    "plain": ("the {w} {is_} {v}",),
}
_WRONG = (
    "{wrong}, no, sorry, {v}",
    "{wrong}, sorry, I mean {v}",
    "{wrong}, no, wait, make that {v}",
)
TOKEN = re.compile(r"^[^\s,;:\"'()]*[^\s,;:.!?\"'()]$")


def spoken(value: Any, options: Sequence[Any], rng: random.Random) -> str:
    """A value as it stands in a clause: numbers and moments as people say them, texts of several
    words in quotes, so that it can be told where they end."""
    if not isinstance(value, str):
        return say(value, rng)
    if value in options:
        return say(value, rng)
    said = say(value, rng)
    if said != value and not is_code(value):
        return said
    return value if TOKEN.match(value) else f'"{value}"'


def detail(
    pointer: str,
    value: Any,
    arguments: Any,
    rng: random.Random,
    *,
    options: Sequence[Any] = (),
    style: Style = "plain",
    wrong: Any = None,
    withheld: bool = False,
) -> Detail:
    """One value that the user knows, said under its name in one clause.

    `options` are the values that its schema lists; `wrong` is said first and corrected.
    """
    words = path_words(pointer, arguments)
    frame: Literal["", "new", "change", "filter", "ask"] = ""
    name = pointer.rsplit("/", 1)[-1]
    said = spoken(value, options, rng)
    last = split_name(name).lower().replace(" ", "")
    if isinstance(value, bool):
        words = re.sub(r"^(?:is|has|should be) ", "", words)
        return Detail(
            words=words,
            said="yes" if value else "no",
            value=value,
            phrase=boolean_clause(name, words, value, style, rng),
            withheld=withheld,
        )
    shown = (
        rng.choice(_WRONG).format(wrong=spoken(wrong, options, rng), v=said)
        if wrong is not None
        else said
    )
    if words.lower() in SEARCHES and isinstance(value, str) and not options:
        phrase = rng.choice(("look for", "search for")) + f' "{value}"'
    elif (
        words in _ARRANGED
        and wrong is None
        and not (words == "sort" and (style not in ("filter", "ask") or _WAYS.match(said)))
    ):
        phrase = f"please {words.split()[0]} them by {shown}"
    elif words in ORDERS and (way := _WAYS.match(said)) and wrong is None:
        phrase = f"in {way[1].lower()}ending order"
    elif (
        words in SPANS
        and isinstance(value, int)
        and value > 1
        and wrong is None
        and style in ("new", "ask", "plain")
    ):
        phrase = f"for {value} {words}"
    elif (limit := _limit(words, value, shown, style)) and wrong is None:
        phrase = limit
    elif (
        isinstance(value, str)
        and said[:1] == '"'
        and last in NAMES
        and style != "plain"
        and pointer.count("/") == 1
    ):
        phrase = rng.choice(
            (
                f"the {words} is {shown}",
                f"it's called {shown}",
                f"the {words} should be {shown}",
                f"call it {shown}",
            )
        )
    elif isinstance(value, str) and said[:1] == '"' and (last in TEXTS or len(value.split()) > 4):
        phrase = rng.choice(
            (
                f"the {words} should read {shown}",
                f"as the {words}, put {shown}",
                f"the {words} {are(words)} {shown}",
            )
        )
    else:
        forms = _FORMS[style] if wrong is None else _FORMS["plain"]
        phrase = rng.choice(forms).format(
            w=words, v=shown, is_=are(words), has="have" if are(words) == "are" else "has"
        )
        if wrong is None and style != "plain":
            frame = style
    return Detail(
        words=words,
        said=said.strip('"') if said[:1] == '"' else said,
        value=value,
        phrase=phrase,
        withheld=withheld,
        frame=frame,
    )


_ARRANGED = frozenset(["group by", "sort by", "order by", "sort"])
_WAYS = re.compile(r"(asc|desc)(?:ending)?$", re.IGNORECASE)
# Arguments that say which way a list goes, and such as hold how long something lasts.
ORDERS = frozenset(
    [
        "order",
        "sort order",
        "sort direction",
        "direction",
        "sort dir",
        "sort",
        "order direction",
        "sort by direction",
    ]
)
SPANS = frozenset(["days", "nights", "weeks", "hours", "minutes", "months", "years"])


def _limit(words: str, value: Any, shown: str, style: Style) -> str:
    """One end of a range as people say it: "with a rating of at least 4", "with the date no earlier
    than 3 May"; empty where it is none."""
    for pattern, number, moment in (
        (LEAST, "at least", "no earlier than"),
        (MOST, "at most", "no later than"),
    ):
        if found := pattern.match(words):
            if style != "filter":
                return (
                    f"use {shown} as the {words}"
                    if words.endswith(_ENDINGS)
                    else f"the {words} {are(words)} {shown}"
                )
            stem = found[1] or found[2]
            if isinstance(value, str):
                if stem == "due" or stem.endswith("ed"):
                    return f"only those {stem} {moment} {shown}" if value[:4].isdigit() else ""
                return (
                    f"the {stem} should be {moment} {shown}"
                    if shown != value and value[:4].isdigit()
                    else ""
                )
            return f"only those with the {stem} {number} {shown}"
    return f"use {shown} as the {words}" if words.endswith(_ENDINGS) else ""


_ENDINGS = tuple(
    f" {word}"
    for word in (
        "from",
        "to",
        "since",
        "until",
        "before",
        "after",
        "by",
        "between",
        "within",
        "at least",
        "at most",
    )
)


def titled(intent: str, noun: str, details: Sequence[Detail]) -> tuple[str, list[Detail]]:
    """An intent that makes something, with what it is to be called, and the details without that:
    'create a project called "Mobile app"'.

    Only where the thing is the object itself, so that nothing else can be what is called so.
    """
    spots = [index for index, item in enumerate(details) if _names_it(item, noun)]
    object_ = (
        re.match(
            (
                rf"^\w+ (?:an?|the) (?:new )?(?:\w+ )?{re.escape(noun)}(?=$| "
                r"(?:for|in|on|to|with|from|at|under)\b)"
            ),
            intent,
        )
        if noun
        else None
    )
    if len(spots) != 1 or object_ is None:
        return intent, list(details)
    item = details[spots[0]]
    return f'{intent[: object_.end()]} called "{item.said}"{intent[object_.end() :]}', [
        other for index, other in enumerate(details) if index != spots[0]
    ]


def _names_it(item: Detail, noun: str) -> bool:
    plain = (
        isinstance(item.value, str)
        and item.said == item.value
        and not item.withheld
        and item.value in item.phrase
        and '"' not in item.said
    )
    return (
        plain
        and item.words.lower()
        in (
            "name",
            "title",
            f"{noun} name".lower(),
            f"{noun} title".lower(),
            "display name",
            "friendly name",
        )
        and ", no" not in item.phrase
        and ", sorry" not in item.phrase
    )


def list_detail(
    pointer: str,
    values: Sequence[Any],
    arguments: Any,
    rng: random.Random,
    *,
    options: Sequence[Any] = (),
    withheld: bool = False,
) -> Detail:
    """Several plain values under one name."""
    words = path_words(pointer, arguments)
    if len(values) == 1:
        words = singular(words)
    said = join([spoken(value, options, rng) for value in values])
    return Detail(
        words=words,
        said=said,
        value=list(values),
        phrase=f"the {words} {are(words)} {said}",
        withheld=withheld,
    )
