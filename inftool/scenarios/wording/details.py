"""One detail of a request in words: a name, a value, and both in one clause."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from typing import Literal

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
from inftool.scenarios.wording.word_sets import WORD_SETS

Style = Literal["new", "change", "filter", "ask", "plain"]
"""What a value is said for: something new, a change, a filter, an argument, or in plain words."""

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
# A slip of the tongue and its correction.
_CORRECTIONS = (
    "{wrong}, no, sorry, {v}",
    "{wrong}, sorry, I mean {v}",
    "{wrong}, no, wait, make that {v}",
)
# A text that needs no quotes: one word, without punctuation that could belong to the sentence.
TOKEN = re.compile(r"^[^\s,;:\"'()]*[^\s,;:.!?\"'()]$")
# A text of more words than this is said like a message: "the note should read ...".
_SHORT_TEXT = 4
_ARRANGEMENTS = WORD_SETS["arrangements"]
_ORDER = re.compile(r"(asc|desc)(?:ending)?$", re.IGNORECASE)
ORDERS = WORD_SETS["order_arguments"]
"""Names of arguments that say in which order a list goes."""
SPANS = WORD_SETS["durations"]
"""Names of arguments that hold how long something lasts: "nights"."""
_PREPOSITION_ENDINGS = (
    " from",
    " to",
    " since",
    " until",
    " before",
    " after",
    " by",
    " between",
    " within",
    " at least",
    " at most",
)
_NAMES_OF_NEW_THINGS = ("name", "title", "display name", "friendly name")


def spoken(value: object, options: Sequence[object], rng: random.Random) -> str:
    """A value as it stands in a clause.

    Numbers and moments are written as people say them, texts of several words in quotes, so that
    it is clear where they end: `"Mill Road"` -> `'"Mill Road"'`. `options` are the values that the
    schema lists; they need no quotes.
    """
    said = say(value, rng)
    if not isinstance(value, str) or value in options:
        return said
    if said != value and not is_code(value):
        return said
    return value if TOKEN.match(value) else f'"{value}"'


def detail(
    pointer: str,
    value: object,
    arguments: object,
    rng: random.Random,
    *,
    options: Sequence[object] = (),
    style: Style = "plain",
    wrong: object = None,
) -> Detail:
    """One value that the user knows, said under its name in one clause.

    `("/quantity", 3, ...)` -> words "quantity", phrase "the quantity is 3". `options` are the
    values that its schema lists; `wrong`, if given, is said first and corrected.
    """
    words = path_words(pointer, arguments)
    said = spoken(value, options, rng)
    if isinstance(value, bool):
        words = re.sub(r"^(?:is|has|should be) ", "", words)
        phrase = boolean_clause(pointer.rsplit("/", 1)[-1], words, value, style, rng)
        return Detail(words=words, said="yes" if value else "no", value=value, phrase=phrase)
    shown = said
    if wrong is not None:
        correction = rng.choice(_CORRECTIONS)
        shown = correction.format(wrong=spoken(wrong, options, rng), v=said)
    phrase = ""
    if words.lower() in SEARCHES and isinstance(value, str) and not options:
        phrase = rng.choice(("look for", "search for")) + f' "{value}"'
    elif wrong is None:
        phrase = _idiom(words, value, said, style)
    if not phrase and isinstance(value, str) and said[:1] == '"':
        phrase = _quoted_phrase(pointer, words, value, shown, style, rng)
    frame: Literal["", "new", "change", "filter", "ask"] = ""
    if not phrase:
        forms = _FORMS[style] if wrong is None else _FORMS["plain"]
        verb = are(words)
        phrase = rng.choice(forms).format(
            w=words, v=shown, is_=verb, has="have" if verb == "are" else "has"
        )
        if wrong is None and style != "plain":
            frame = style
    plain = said.strip('"') if said[:1] == '"' else said
    return Detail(words=words, said=plain, value=value, phrase=phrase, frame=frame)


def _idiom(words: str, value: object, said: str, style: Style) -> str:
    """A clause that fits this name only, empty if there is none.

    ("sort by", "price") -> "please sort them by price", ("order", "desc") -> "in descending order",
    ("nights", 3) -> "for 3 nights".
    """
    order = _ORDER.match(said)
    # "sort" may be an order as well as a property, and is neither when something is made.
    is_plain_sort = words == "sort" and (style not in ("filter", "ask") or order is not None)
    if words in _ARRANGEMENTS and not is_plain_sort:
        return f"please {words.split(maxsplit=1)[0]} them by {said}"
    if words in ORDERS and order:
        return f"in {order[1].lower()}ending order"
    if words in SPANS and isinstance(value, int) and value > 1 and style in ("new", "ask", "plain"):
        return f"for {value} {words}"
    return _limit(words, value, said, style)


def _limit(words: str, value: object, said: str, style: Style) -> str:
    """One end of a range as people say it, empty if the name is no such end.

    ("minimum rating", 4) -> "only those with the rating at least 4".
    """
    low, high = LEAST.match(words), MOST.match(words)
    match = low or high
    if match and style == "filter":
        return _filter_limit(match[1] or match[2], value, said, is_low=low is not None)
    if words.endswith(_PREPOSITION_ENDINGS):
        # "the date from is 3 May" is no English.
        return f"use {said} as the {words}"
    return f"the {words} {are(words)} {said}" if match else ""


def _filter_limit(stem: str, value: object, said: str, *, is_low: bool) -> str:
    """A filter by one end of a range: ("rating", 4) -> "only those with the rating at least 4"."""
    if not isinstance(value, str):
        return f"only those with the {stem} {'at least' if is_low else 'at most'} {said}"
    if not value[:4].isdigit():
        # A text that is no moment has no order.
        return ""
    limit = f"{'no earlier than' if is_low else 'no later than'} {said}"
    if stem == "due" or stem.endswith("ed"):
        return f"only those {stem} {limit}"
    return f"the {stem} should be {limit}" if said != value else ""


def _quoted_phrase(
    pointer: str, words: str, value: str, shown: str, style: Style, rng: random.Random
) -> str:
    """A clause for a text in quotes, as a name or as a message; empty where it is neither."""
    last = split_name(pointer.rsplit("/", 1)[-1]).lower().replace(" ", "")
    if last in NAMES and style != "plain" and pointer.count("/") == 1:
        return rng.choice(
            (
                f"the {words} is {shown}",
                f"it's called {shown}",
                f"the {words} should be {shown}",
                f"call it {shown}",
            )
        )
    if last in TEXTS or len(value.split()) > _SHORT_TEXT:
        return rng.choice(
            (
                f"the {words} should read {shown}",
                f"as the {words}, put {shown}",
                f"the {words} {are(words)} {shown}",
            )
        )
    return ""


def titled(intent: str, noun: str, details: Sequence[Detail]) -> tuple[str, list[Detail]]:
    """An intent to make something, with the name it gets, and the details without that name.

    ("create a project", "project", name "Mobile app") -> 'create a project called "Mobile app"'.
    Both are unchanged unless the noun is the object of the verb, so that nothing else can be what
    is called so.
    """
    names = [index for index, item in enumerate(details) if _is_name_of(item, noun)]
    if len(names) != 1 or not noun:
        return intent, list(details)
    object_ = re.match(
        rf"^\w+ (?:an?|the) (?:new )?(?:\w+ )?{re.escape(noun)}"
        r"(?=$| (?:for|in|on|to|with|from|at|under)\b)",
        intent,
    )
    if object_ is None:
        return intent, list(details)
    name = details[names[0]].said
    phrase = f'{intent[: object_.end()]} called "{name}"{intent[object_.end() :]}'
    return phrase, [item for index, item in enumerate(details) if index != names[0]]


def _is_name_of(item: Detail, noun: str) -> bool:
    """Whether a detail is the name of something new, said plainly and without a correction."""
    is_plain = (
        isinstance(item.value, str)
        and item.said == item.value
        and not item.withheld
        and item.value in item.phrase
        and '"' not in item.said
        and ", no" not in item.phrase
        and ", sorry" not in item.phrase
    )
    names = (*_NAMES_OF_NEW_THINGS, f"{noun} name".lower(), f"{noun} title".lower())
    return is_plain and item.words.lower() in names


def list_detail(
    pointer: str,
    values: Sequence[object],
    arguments: object,
    rng: random.Random,
    *,
    options: Sequence[object] = (),
    withheld: bool = False,
) -> Detail:
    """Several plain values under one name: "the weekdays are monday, friday and sunday"."""
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
