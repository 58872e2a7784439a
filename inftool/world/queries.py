"""How a list is filtered, searched, sorted and paged, as the arguments of a call ask."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

from inftool.core.json_pointer import find_all
from inftool.core.types import Arguments, JsonObject
from inftool.language.identifiers import squash
from inftool.world.resources.listing import Filter, Paging

T = TypeVar("T")

# `2025-03-04T05:06:07`: dates and times are compared down to the second, whatever follows it.
_SECONDS_LENGTH = 19
# Words are looked for in the entity, its objects and the objects in those: `lines/*/book/title`.
_SEARCH_DEPTH = 3
# A search looks at the first elements of a list only, so that its cost has a bound.
_SEARCHED_ELEMENTS = 20
# Larger sizes, pages and offsets mean the same as this: after the end of any list.
_MAX_NUMBER = 10**9
# How an order is written into a sort argument: "price_desc", "price:asc", "priceDesc", ...
_ORDER_SUFFIXES: tuple[tuple[str, bool], ...] = (
    ("_desc", True),
    (":desc", True),
    (" desc", True),
    ("Desc", True),
    (".desc", True),
    ("_asc", False),
    (":asc", False),
    (" asc", False),
    ("Asc", False),
    (".asc", False),
)


def keep(
    values: list[JsonObject],
    filters: Mapping[str, Filter],
    arguments: Arguments,
    query: str | None,
) -> list[bool]:
    """Which entities meet every filter that the arguments set, and hold all words of the query.

    `filters`: argument -> what it compares. An entity meets a filter on a list
    (`/lines/*/bookId`) where one element does.
    """
    active = [
        (rule, arguments[name]) for name, rule in filters.items() if arguments.get(name) is not None
    ]
    words = query.casefold().split() if query else []
    # A mask instead of the entities: callers keep their entries, which hold more than values.
    mask: list[bool] = []
    for value in values:
        meets_filters = all(
            any(_meets(item, rule, expected) for _, item in find_all(value, rule.pointer))
            for rule, expected in active
        )
        mask.append(meets_filters and (not words or _mentions(value, words)))
    return mask


def _meets(value: object, rule: Filter, expected: object) -> bool:
    """Whether one value meets a filter; what cannot be compared does."""
    if rule.compare == "eq":
        return _equals(value, expected)
    if rule.compare == "contains":
        return isinstance(value, str) and str(expected).casefold() in value.casefold()
    if rule.compare in {"min", "max"}:
        try:
            number, bound = float(value), float(expected)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            return True
        return number >= bound if rule.compare == "min" else number <= bound
    if not isinstance(value, str) or not isinstance(expected, str):
        return True
    # A date is before all times of its day: both are cut to the length of the shorter one.
    length = min(len(value), len(expected), _SECONDS_LENGTH)
    moment, bound_moment = value[:length], expected[:length]
    return moment >= bound_moment if rule.compare == "after" else moment <= bound_moment


def _equals(value: object, expected: object) -> bool:
    """Whether a value is the expected one, or one of several: "open" of ["Open"], "open,paid"."""
    if isinstance(expected, list):
        return any(_equals(value, item) for item in expected)
    if isinstance(value, str) and isinstance(expected, str):
        text = value.casefold()
        if text == expected.casefold():
            return True
        return "," in expected and text in [part.strip().casefold() for part in expected.split(",")]
    # Before the comparison of numbers, to which true is 1. Query strings say "true".
    if isinstance(value, bool) or isinstance(expected, bool):
        return value is expected or str(value).lower() == str(expected).lower()
    # "7" of a query string finds 7, and 7.0 finds 7.
    return bool(value == expected) or str(value) == str(expected)


def _mentions(value: object, words: Sequence[str]) -> bool:
    """Whether every word occurs in one of the texts of a value."""
    texts: list[str] = []
    _collect_texts(value, _SEARCH_DEPTH, texts)
    # One search instead of one for each text; no word of a query holds a line break.
    joined = "\n".join(texts)
    return all(word in joined for word in words)


def _collect_texts(value: object, depth: int, texts: list[str]) -> None:
    if isinstance(value, str):
        texts.append(value.casefold())
    elif depth and isinstance(value, dict):
        for item in value.values():
            _collect_texts(item, depth - 1, texts)
    elif depth and isinstance(value, list):
        for item in value[:_SEARCHED_ELEMENTS]:
            _collect_texts(item, depth - 1, texts)


def ordering(paging: Paging, arguments: Arguments) -> list[tuple[str, bool]]:
    """What a list is sorted by: (property, whether descending), the most important first.

    "-price" -> [("price", True)]; "price:desc,title" -> [("price", True), ("title", False)].
    """
    sort = arguments.get(paging.sort) if paging.sort else None
    direction = str(arguments.get(paging.direction) or "") if paging.direction else ""
    is_reversed = direction.lower().startswith(("desc", "-1"))
    pieces: Sequence[object] = []
    if isinstance(sort, list):
        pieces = sort
    elif isinstance(sort, str):
        pieces = sort.split(",")
    keys = (_sort_key(str(piece).strip(), is_reversed) for piece in pieces)
    return [(name, descending) for name, descending in keys if name]


def _sort_key(text: str, is_reversed: bool) -> tuple[str, bool]:
    """One key of a sort argument: "-price" -> ("price", True)."""
    # A direction argument turns every key; a suffix at one key is about that key only.
    descending = is_reversed or text.startswith("-")
    name = text.lstrip("+-").strip()
    for suffix, is_descending in _ORDER_SUFFIXES:
        if name.endswith(suffix):
            return name.removesuffix(suffix), is_descending or descending
    return name, descending


def arrange(
    values: list[tuple[JsonObject, T]], paging: Paging, arguments: Arguments
) -> list[tuple[JsonObject, T]]:
    """Entities (with what travels beside them) in the order that the arguments ask for.

    A property that none of them has changes nothing.
    """
    # Sorting is stable: the last key first, so that the first one decides.
    for name, descending in reversed(ordering(paging, arguments)):
        squashed = squash(name)

        def key(pair: tuple[JsonObject, T], squashed: str = squashed) -> tuple[int, float | str]:
            values = (value for prop, value in pair[0].items() if squash(prop) == squashed)
            return _comparable(next(values, None))

        values = sorted(values, key=key, reverse=descending)
    return values


def _comparable(value: object) -> tuple[int, float | str]:
    """A key that sorts any JSON values: numbers, then texts, then the rest, then null."""
    if value is None:
        return (3, "")
    if isinstance(value, int | float):
        return (0, value)
    if isinstance(value, str):
        return (1, value.casefold())
    return (2, str(value))


class Page(NamedTuple):
    """One page of a list."""

    start: int
    """The position of its first entity, from 0."""
    size: int
    """How many entities it may hold."""
    total: int
    """How many entities the list has in all."""
    number: int
    """Its number, from the list's first page number (0 or 1)."""
    cursor: str | None
    """The token of the next page, None on the last."""

    @property
    def more(self) -> bool:
        """Whether another page follows."""
        return self.start + self.size < self.total


def page(paging: Paging, arguments: Arguments, total: int, keys: Sequence[str]) -> Page:
    """The page that the arguments ask for; numbers out of range give an empty page, not an error.

    `keys` are those of the listed entities, in order: a cursor may be the key of the last one seen.
    """
    # A list without paging shows all it has.
    if paging.style == "none":
        return Page(0, max(total, 1), total, paging.first, None)
    size = _page_size(paging, arguments)
    start, number = 0, paging.first
    if paging.style == "page":
        page_number = _number(arguments, paging.page)
        if page_number is not None:
            number = max(paging.first, page_number)
            start = (number - paging.first) * size
    else:
        position = _start(paging, arguments, keys)
        if position is not None:
            start = position
            number = paging.first + start // size
    cursor = token(start + size) if start + size < total else None
    return Page(start, size, total, number, cursor)


def _page_size(paging: Paging, arguments: Arguments) -> int:
    size = arguments.get(paging.size) if paging.size else None
    if isinstance(size, int | float) and not isinstance(size, bool) and 0 < size < _MAX_NUMBER:
        return int(size)
    return paging.default_size


def _start(paging: Paging, arguments: Arguments, keys: Sequence[str]) -> int | None:
    """The position that an offset or a cursor asks for, None where the call names none."""
    if paging.style == "offset":
        offset = _number(arguments, paging.offset)
        return max(0, offset) if offset is not None else None
    cursor = arguments.get(paging.cursor) if paging.cursor else None
    return _position(cursor, keys) if isinstance(cursor, str) and cursor else None


def _number(arguments: Arguments, name: str | None) -> int | None:
    value = arguments.get(name) if name else None
    return int(min(value, _MAX_NUMBER)) if isinstance(value, int | float) else None


def token(start: int) -> str:
    """An opaque cursor for a position."""
    return base64.urlsafe_b64encode(f"o:{start}".encode()).decode().rstrip("=")


def _position(cursor: str, keys: Sequence[str]) -> int:
    """The position of a cursor: behind the entity whose key it is, where a token says, else 0."""
    if cursor in keys:
        return keys.index(cursor) + 1
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        text = base64.urlsafe_b64decode(padded).decode()
        return max(0, int(text.removeprefix("o:")))
    except (binascii.Error, UnicodeDecodeError, ValueError):
        # Not one of our tokens; clients that take a cursor for an offset send plain numbers.
        return int(cursor) if cursor.isdigit() and len(cursor) < len(str(_MAX_NUMBER)) else 0
