"""Parses what a text says under a name back into values: the half of the scripted resolver that
recovers literals.

It knows the names of arguments and the shapes of English clauses. It shares no code with the
modules that word them, so that it proves that what is said can be understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from inftool.core.types import Schema
from inftool.language.values import split_name
from inftool.scenarios.resolution.value_reader import read_corrected, read_value
from inftool.scenarios.tool_schema.places import choices
from inftool.scenarios.wording.details import ORDERS, SPANS
from inftool.scenarios.wording.phrases import SEARCHES, path_words

# Names of arguments whose value may be given as a title: 'a project called "Mobile app"'.
_TITLES = ("title", "name", "label", "heading", "headline", "subject", "nickname")
# Names of arguments that arrange a list: "please sort them by price".
_ARRANGEMENTS = ("group by", "sort by", "order by", "sort")

_DETERMINERS = r"(?:the|an?|my|our|its|their)"
_IS = r"(?: is| are|:| would be| should be| should read| (?:has|have) to be| to|, put)?"
# Behind "the price" these begin something else than its value: "the price of the first line",
# "the price between 10 and 20", "the price at least 10".
_NOT_A_VALUE = (
    r"(?!of the |for |is |are |should |would |has to |have to |to |and |between |from "
    r"|at least |at most |no earlier |no later )"
)


class _Slots(NamedTuple):
    """Where the value of a name stands in a text."""

    after_name: re.Pattern[str]
    """Ends where the value begins: "the quantity is 4", "Quantity: 4"."""

    before_name: re.Pattern[str]
    """Begins where the value ends: "use 4 as the quantity"."""

    list_after_name: re.Pattern[str]
    """Ends where a list begins: "the weekdays are monday and friday"."""


@lru_cache(maxsize=8192)
def name_slots(words: str) -> _Slots:
    """The patterns of the places where a text can hold the value of a name."""
    name = re.escape(words)
    labeled = rf"(?<![^.;,?!] )(?<!\w){name}:"
    return _Slots(
        re.compile(
            rf"(?:\b{_DETERMINERS} {name}{_IS}|{labeled}) {_NOT_A_VALUE}(?=\S)", re.IGNORECASE
        ),
        re.compile(rf" (?:as|for) the {name}\b", re.IGNORECASE),
        re.compile(
            rf"\bthe {name}(?: is| are|:| should be| to| (?:has|have) to be)? (?!of the )(?=\S)",
            re.IGNORECASE,
        ),
    )


@lru_cache(maxsize=8192)
def _boolean_patterns(words: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """How a text says that something is not to be so, and that it is to be so.

    "notify guests" -> matches "don't notify guests", and "please notify guests".
    """
    bare = re.sub(r"^(?:is|has|should be) ", "", words)
    positive, negated = re.escape(bare), re.escape(bare.replace(" can ", " cannot ", 1))
    if negated != positive:
        # "guests can invite others" is negated inside: "guests cannot invite others".
        return (
            re.compile(rf"\b{negated}\b", re.IGNORECASE),
            re.compile(rf"\b{positive}\b", re.IGNORECASE),
        )
    no = (
        r"\b(?:don't|do not|no need to|shouldn't be|don't make it|without|none of the"
        rf"|leave out the) {positive}\b"
    )
    yes = (
        r"(?<!don't )(?<!not )\b(?:please|do|with|make it|should be|only the|just the)"
        rf" {positive}\b"
    )
    return re.compile(no, re.IGNORECASE), re.compile(yes, re.IGNORECASE)


# "minimum rating", "rating from" -> the low end of "rating"; "maximum price" -> its high end.
_RANGE_END = re.compile(
    r"^(?:(?P<low_first>minimum|from|after|since|start|earliest|lowest)"
    r"|maximum|to|before|until|end|latest|highest) (?P<stem_last>.+)$"
    r"|^(?P<stem_first>.+) "
    r"(?:(?P<low_last>minimum|from|after|since|min)|maximum|to|before|until|max)$",
    re.IGNORECASE,
)


@lru_cache(maxsize=8192)
def _limit_pattern(words: str) -> re.Pattern[str] | None:
    """Where the value of one end of a range stands: "the rating at least 4" for "minimum rating".

    None for a name that is no end of a range.
    """
    end = _RANGE_END.match(words)
    if not end:
        return None
    stem = re.escape(end["stem_last"] or end["stem_first"])
    is_low = end["low_first"] or end["low_last"]
    bound = r"(?:at least|no earlier than)" if is_low else r"(?:at most|no later than)"
    return re.compile(rf"\b(?:the )?{stem} (?:should be )?{bound} (?=\S)", re.IGNORECASE)


_USE = re.compile(r"\b(?:use|put) (?=\S)", re.IGNORECASE)
_CALLED = re.compile(r'\b(?:call it|called) "([^"]*)"', re.IGNORECASE)
_LOOK_FOR = re.compile(r'\b(?:look|search) for "([^"]*)"', re.IGNORECASE)
_IN_ORDER = re.compile(r"\bin (asc|desc)ending order\b", re.IGNORECASE)


def parse_values(text: str, words: str, schema: Schema) -> list[object]:
    """Every different value that a text gives under a name, with corrections applied.

    `("use 3, sorry, 4 as the quantity", "quantity", {"type": "integer"})` -> `[4]`. A name that the
    text does not mention gives an empty list; more than one value means that the text is unclear.
    """
    if _takes_booleans(schema):
        no, yes = _boolean_patterns(words)
        return [value for value, pattern in ((False, no), (True, yes)) if pattern.search(text)]
    unique: list[object] = []
    for value in _all_values(text, words, schema):
        if not any(type(value) is type(kept) and value == kept for kept in unique):
            unique.append(value)
    return unique


def _takes_booleans(schema: Schema) -> bool:
    kinds = schema.get("type")
    return kinds == "boolean" or (isinstance(kinds, list) and "boolean" in kinds)


def _all_values(text: str, words: str, schema: Schema) -> Iterator[object]:
    """Every value that a text gives under a name, in whichever of the usual clauses."""
    slots = name_slots(words)
    for match in slots.after_name.finditer(text):
        if (reading := read_corrected(text, match.end(), schema)) is not None:
            yield reading.value
    limit = _limit_pattern(words)
    if limit is not None:
        yield from _values_after(limit, text, schema)
    for match in _USE.finditer(text):
        reading = read_corrected(text, match.end(), schema)
        if reading is not None and slots.before_name.match(text, reading.end):
            yield reading.value
    last_word = split_name(words).lower().rpartition(" ")[2]
    if last_word in _TITLES:
        yield from (match[1] for match in _CALLED.finditer(text))
    if words in _ARRANGEMENTS:
        verb = words.split(maxsplit=1)[0]
        pattern = re.compile(rf"\b{verb} them by (?=\S)", re.IGNORECASE)
        yield from _values_after(pattern, text, schema)
    if words in ORDERS:
        yield from _orders(text, schema)
    if words in SPANS and schema.get("type") == "integer":
        spans = re.finditer(rf"\bfor (\d+) {words}\b", text, re.IGNORECASE)
        yield from (int(match[1]) for match in spans)
    if words.lower() in SEARCHES:
        yield from (match[1] for match in _LOOK_FOR.finditer(text))


def _values_after(pattern: re.Pattern[str], text: str, schema: Schema) -> Iterator[object]:
    for match in pattern.finditer(text):
        if (reading := read_value(text, match.end(), schema)) is not None:
            yield reading.value


def _orders(text: str, schema: Schema) -> list[object]:
    """The listed values that stand for an order: "in descending order" -> `["desc"]`."""
    order = _IN_ORDER.search(text)
    if not order:
        return []
    short = order[1].lower()
    return [
        option for option in choices(schema) if str(option).lower() in (short, f"{short}ending")
    ]


def recovers(text: str, pointer: str, value: object, schema: Schema, arguments: object) -> bool:
    """Whether a text gives exactly this value for the place at a pointer of the arguments."""
    values = parse_values(text, path_words(pointer, arguments), schema)
    return len(values) == 1 and same_value(values[0], value)


def same_value(parsed: object, argument: object) -> bool:
    """Whether a parsed value is the argument: 1 is 1.0 but not true, and moments are compared.

    "2026-05-03 09:00" and "2026-05-03T09:00:00Z" are the same moment.
    """
    if isinstance(parsed, bool) or isinstance(argument, bool):
        return parsed is argument
    if isinstance(parsed, (int, float)) and isinstance(argument, (int, float)):
        return parsed == argument
    if isinstance(parsed, str) and isinstance(argument, str):
        return parsed == argument or _to_the_minute(parsed) == _to_the_minute(argument)
    return bool(parsed == argument)


def _to_the_minute(text: str) -> str:
    """A moment without its seconds, since people do not say them; any other text unchanged."""
    if re.match(r"^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}", text):
        return f"{text[:10]}T{text[11:16]}"
    if re.match(r"^\d{2}:\d{2}:00$", text):
        return text[:5]
    return text
