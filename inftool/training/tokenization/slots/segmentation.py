"""Words cut into pieces by rule: values as people say them, names that the tools or the answers know, function words, and the rest."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal, NamedTuple

from inftool.core.types import JsonObject
from inftool.language.dates import MONTHS
from inftool.language.values import normalize, split_name
from inftool.training.tokenization.slots.vocabulary import FUNCTION_WORDS, NO, SEARCH, TITLE, YES

Kind = Literal["word", "name", "value", "fixed"]
Phrase = tuple[str, ...]


class Piece(NamedTuple):
    """One piece of a text: a fixed token as it is, or what stands in a slot, known by `key`. `said` is its text."""

    kind: Kind
    key: str
    said: str = ""


_MONTH = "|".join([*MONTHS, *(month[:3] for month in MONTHS)])
_DAY = r"\d{1,2}(?:st|nd|rd|th|\.)?"
_DATE = rf"(?:\d{{4}}-\d{{2}}-\d{{2}}|{_DAY} (?:of )?(?:{_MONTH}),? \d{{4}}|(?:{_MONTH}) {_DAY},? \d{{4}})"
_TIME = r"(?:\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]\.?m\.?)?|\d{1,2} ?[ap]m\b|\d{1,2} o'clock)"
_PIECE = re.compile(
    rf'(?P<quoted>"[^"]+")|(?P<moment>\d{{4}}-\d{{2}}-\d{{2}}[T ]\d{{2}}:\d{{2}}\S*[\dZ])|(?P<when>{_DATE} at {_TIME})|(?P<date>{_DATE})|(?P<time>{_TIME})'
    r"|(?P<address>https?://[^\s,;\"]+[^\s,;.?!\"]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<code>[+-]?[\w/:#.&-]*\d[\w/:#-]*(?:[.,]\d[\w/:#-]*)*%?|[a-z]{2}-[A-Z]{2}\b)|(?P<word>[^\W\d_][\w'-]*(?:[/_][\w'-]+)*)|(?P<mark>[.,:?!;])"
)
_NUMBER = re.compile(r"^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$|^[+-]?\d+(?:\.\d+)?$")
_FUNCTION = frozenset(FUNCTION_WORDS)
_YES, _NO = frozenset(["yes", "on", "true"]), frozenset(["no", "off", "false", "without"])
_VERBS = frozenset(["is", "are", "should", "be", "has", "have", "to", ":"])
_ACRONYMS = frozenset(["id", "ids", "url", "iban", "vat"])
_LOOK = re.compile(r"(?:look|search) for (?=\")", re.IGNORECASE)
_DENIED = re.compile(
    r"\b(?:no need to|don't make it|it shouldn't be|none of the|leave out the)(?= )", re.IGNORECASE
)
_CALLED = re.compile(r"(?:it goes by|call it) (?=\")", re.IGNORECASE)


def stem(word: str) -> str:
    """A word as far as it counts whether two are the same."""
    low = word.casefold().removesuffix("'s")
    if low.endswith("ies") and len(low) > 4:
        return f"{low[:-3]}y"
    if low.endswith(("sses", "shes", "ches", "xes")):
        return low[:-2]
    return (
        low[:-1]
        if low.endswith("s") and len(low) > 3 and not low.endswith(("ss", "us", "is"))
        else low
    )


def phrase(words: str) -> Phrase:
    """Words as a phrase that can be looked for in a text."""
    return tuple(stem(word) for word in re.findall(r"[^\W_]+(?:['-][^\W_]+)*", words))


def value_key(value: Any) -> str:
    """What makes two values the same: numbers by their size, moments as ISO, texts by their letters."""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, (int, float)):
        return repr(float(value))
    if isinstance(value, str):
        return spoken_key(value)
    return json.dumps(value, sort_keys=True)


def spoken_key(text: str) -> str:
    """The same for a value as it was said."""
    plain = text.strip('"')
    if _NUMBER.match(plain) and not (plain[0] in "+0" and len(plain) > 1 and plain[1] not in "."):
        return repr(float(plain.replace(",", "")))
    return parse_moment(plain) or normalize(split_name(plain) if "_" in plain else plain)


def parse_moment(text: str) -> str:
    """A date, a time or both in words as ISO 8601 (without a zone); empty where it is none."""
    found = re.fullmatch(rf"({_DATE})?(?:(?: at )?({_TIME}))?", text)
    if found is None or not (found[1] or found[2]):
        return ""
    day = _heard_date(found[1]) if found[1] else ""
    clock = _heard_time(found[2]) if found[2] else ""
    return f"{day}T{clock}" if day and clock else day or clock


def _heard_date(text: str) -> str:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return text
    month = next(
        (number for number, name in enumerate(MONTHS, 1) if name[:3].lower() in text.lower()), 0
    )
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    try:
        return date(numbers[-1], month, numbers[0]).isoformat()
    except (ValueError, IndexError):
        return ""


def _heard_time(text: str) -> str:
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    hour, minute = numbers[0], numbers[1] if len(numbers) > 1 else 0
    if re.search(r"p\.?m", text):
        hour = hour % 12 + 12
    elif re.search(r"a\.?m", text):
        hour %= 12
    return f"{hour:02d}:{minute:02d}" + (f":{numbers[2]:02d}" if len(numbers) > 2 else "")


def segment(text: str, names: Mapping[Phrase, str], options: Mapping[Phrase, str]) -> list[Piece]:
    """A text as pieces. `names`: phrases that name a parameter or a field, with their keys; `options`: phrases that are listed values, with the values."""
    found: list[Piece] = []
    text = _DENIED.sub(
        "without", _CALLED.sub("\u2039title\u203a ", _LOOK.sub("\u2039search\u203a ", text))
    )
    parts = [
        (match.lastgroup or "", match[0], match.start())
        for match in re.finditer(r"\u2039(?:title|search)\u203a|" + _PIECE.pattern, text)
    ]
    stems = [stem(said) if kind in ("word", "code") else "" for kind, said, _ in parts]
    longest = max((len(item) for item in (*names, *options)), default=0)
    at = 0
    while at < len(parts):
        kind, said, start = parts[at]
        if kind == "":
            found.append(Piece("fixed", SEARCH if "search" in said else TITLE, said))
            at += 1
            continue
        size, piece = _known(stems, at, longest, names, options) if stems[at] else (0, None)
        if (
            piece is not None
            and piece.kind == "name"
            and (option := options.get(tuple(stems[at : at + size])))
            and _named_before(found)
        ):
            # "The role is member": a value there, whatever else goes by it.
            piece = Piece("value", value_key(option))
        if piece is not None and not (kind == "code" and size == 1 and piece.kind == "name"):
            end = parts[at + size - 1]
            found.append(piece._replace(said=text[start : end[2] + len(end[1])]))
            at += size
        elif kind in ("quoted", "moment", "when", "date", "time", "address", "code"):
            found.append(Piece("value", spoken_key(said), said.strip('"')))
            at += 1
        elif kind == "mark":
            found.append(Piece("fixed", {"!": ".", ";": ","}.get(said, said), said))
            at += 1
        else:
            low = said.casefold()
            short = low.split("'")[0]
            first = not found or found[-1].key in (".", "?")
            # "On my list" switches nothing on.
            turned = (
                low not in ("on", "off")
                or at + 1 == len(parts)
                or parts[at + 1][0] == "mark"
                or parts[at + 1][1] == "and"
            )
            if turned and (low in _YES or low in _NO):
                found.append(Piece("fixed", YES if low in _YES else NO, said))
            elif (low in _FUNCTION or short in _FUNCTION) and not (
                len(said) > 1 and said.isupper()
            ):
                found.append(Piece("fixed", low if low in _FUNCTION else short, said))
            elif said[:1].isupper() and not first and low not in _ACRONYMS:
                size = _run(parts, stems, at, longest, names, options)
                end = parts[at + size - 1]
                whole = text[start : end[2] + len(end[1])]
                found.append(Piece("value", spoken_key(whole), whole))
                at += size - 1
            else:
                found.append(Piece("word", stem(said), said))
            at += 1
    return found


def _named_before(found: Sequence[Piece]) -> bool:
    """Whether what comes next is said of a name."""
    last = next((piece for piece in reversed(found) if piece.key not in _VERBS), None)
    return last is not None and last.kind == "name"


def _known(
    stems: Sequence[str],
    at: int,
    longest: int,
    names: Mapping[Phrase, str],
    options: Mapping[Phrase, str],
) -> tuple[int, Piece | None]:
    for size in range(min(longest, len(stems) - at), 0, -1):
        here = tuple(stems[at : at + size])
        if here in names:
            return size, Piece("name", names[here])
        if here in options:
            return size, Piece("value", value_key(options[here]))
    return 0, None


def _run(
    parts: Sequence[tuple[str, str, int]],
    stems: Sequence[str],
    at: int,
    longest: int,
    names: Mapping[Phrase, str],
    options: Mapping[Phrase, str],
) -> int:
    """How many capitalised words make one name of a person, a place or a thing."""
    size = 1
    while (
        at + size < len(parts)
        and parts[at + size][0] == "word"
        and parts[at + size][1][:1].isupper()
        and parts[at + size][2] == parts[at + size - 1][2] + len(parts[at + size - 1][1]) + 1
        and _known(stems, at + size, longest, names, options)[1] is None
    ):
        size += 1
    return size


def as_object(text: Any) -> JsonObject | list[Any] | None:
    """JSON text read; None where it is no object or list."""
    try:
        found = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return None
    return found if isinstance(found, (dict, list)) else None
