"""Lists: which arguments filter, search, sort and page; and the playing of them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from inftool.core.json_pointer import each
from inftool.core.types import JsonObject
from inftool.language.identifiers import squash
from inftool.world.resources.models import Filter, Paging


def _same(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, list):
        return any(_same(value, item) for item in wanted)
    if isinstance(value, str) and isinstance(wanted, str):
        return value.casefold() == wanted.casefold() or (
            "," in wanted
            and value.casefold() in [part.strip().casefold() for part in wanted.split(",")]
        )
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted or str(value).lower() == str(wanted).lower()
    return bool(value == wanted) or str(value) == str(wanted)


def _meets(value: Any, how: Filter, wanted: Any) -> bool:
    if how.compare == "eq":
        return _same(value, wanted)
    if how.compare == "contains":
        return isinstance(value, str) and str(wanted).casefold() in value.casefold()
    if how.compare in {"min", "max"}:
        try:
            number, bound = float(value), float(wanted)
        except (TypeError, ValueError, OverflowError):
            return True
        return number >= bound if how.compare == "min" else number <= bound
    if not isinstance(value, str) or not isinstance(wanted, str):
        return True
    size = min(len(value), len(wanted), 19)
    return (
        value[:size] >= wanted[:size] if how.compare == "after" else value[:size] <= wanted[:size]
    )


def keep(
    values: list[JsonObject], chosen: Mapping[str, Filter], arguments: JsonObject, query: str | None
) -> list[bool]:
    """Which of some entities meet every filter that the arguments set, and the search text."""
    active = [
        (how, arguments[name]) for name, how in chosen.items() if arguments.get(name) is not None
    ]
    words = [word for word in query.casefold().split() if word] if query else []
    out: list[bool] = []
    for value in values:
        fits = all(
            any(_meets(found, how, wanted) for _, found in each(value, how.pointer))
            for how, wanted in active
        )
        out.append(fits and (not words or _mentions(value, words)))
    return out


def _mentions(value: Any, words: list[str]) -> bool:
    texts: list[str] = []

    def gather(node: Any, depth: int) -> None:
        if isinstance(node, str):
            texts.append(node.casefold())
        elif depth and isinstance(node, dict):
            for item in node.values():
                gather(item, depth - 1)
        elif depth and isinstance(node, list):
            for item in node[:20]:
                gather(item, depth - 1)

    gather(value, 3)
    whole = "\n".join(texts)
    return all(word in whole for word in words)


def _order_key(value: Any) -> tuple[int, Any]:
    if value is None:
        return (3, "")
    if isinstance(value, bool):
        return (0, int(value))
    if isinstance(value, int | float):
        return (0, value)
    if isinstance(value, str):
        return (1, value.casefold())
    return (2, str(value))


def ordering(rules: Paging, arguments: JsonObject) -> list[tuple[str, bool]]:
    """What a list is sorted by: (property, descending) pairs out of `-price`, `price:desc`, `price desc,title` and the like."""
    wanted = arguments.get(rules.sort) if rules.sort else None
    turned = (
        str(arguments.get(rules.direction) or "").lower().startswith(("desc", "-1"))
        if rules.direction
        else False
    )
    out: list[tuple[str, bool]] = []
    pieces = (
        wanted
        if isinstance(wanted, list)
        else str(wanted).split(",")
        if isinstance(wanted, str)
        else []
    )
    for piece in pieces:
        text = str(piece).strip()
        down = turned or text.startswith("-")
        text = text.lstrip("+-").strip()
        for ending, descending in (
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
        ):
            if text.endswith(ending):
                text, down = text.removesuffix(ending), descending or down
                break
        if text:
            out.append((text, down))
    return out


def arrange(
    values: list[tuple[JsonObject, Any]], rules: Paging, arguments: JsonObject
) -> list[tuple[JsonObject, Any]]:
    """Entities (with what travels beside them) in the order that the arguments ask for; a property that none of them has changes nothing."""
    for name, down in reversed(ordering(rules, arguments)):
        wanted = squash(name)

        def key(pair: tuple[JsonObject, Any], wanted: str = wanted) -> tuple[int, Any]:
            return _order_key(
                next((value for prop, value in pair[0].items() if squash(prop) == wanted), None)
            )

        values = sorted(values, key=key, reverse=down)
    return values


class Page:
    """One page of a list: which slice, how many in all, and where the next one starts."""

    __slots__ = ("cursor", "number", "size", "start", "total")

    def __init__(self, start: int, size: int, total: int, number: int, cursor: str | None) -> None:
        self.start, self.size, self.total, self.number, self.cursor = (
            start,
            size,
            total,
            number,
            cursor,
        )

    @property
    def more(self) -> bool:
        """Whether something follows."""
        return self.start + self.size < self.total


def token(start: int) -> str:
    """An opaque cursor for a position."""
    return base64.urlsafe_b64encode(f"o:{start}".encode()).decode().rstrip("=")


def _position(text: str, keys: Sequence[str]) -> int:
    if text in keys:
        return keys.index(text) + 1
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        return max(0, int(plain.removeprefix("o:")))
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return int(text) if text.isdigit() and len(text) < 10 else 0


def page(rules: Paging, arguments: JsonObject, total: int, keys: Sequence[str]) -> Page:
    """The page that the arguments ask for; numbers out of range give an empty page, not an error."""
    size = arguments.get(rules.size) if rules.size else None
    size = (
        int(size)
        if isinstance(size, int | float) and not isinstance(size, bool) and 0 < size < 10**9
        else rules.default_size
    )
    if rules.style == "none":
        return Page(0, max(total, 1), total, rules.first, None)
    start, number = 0, rules.first
    if rules.style == "page" and rules.page and isinstance(arguments.get(rules.page), int | float):
        number = max(rules.first, int(min(arguments[rules.page], 10**9)))
        start = (number - rules.first) * size
    elif (
        rules.style == "offset"
        and rules.offset
        and isinstance(arguments.get(rules.offset), int | float)
    ):
        start = max(0, int(min(arguments[rules.offset], 10**9)))
        number = rules.first + start // size
    elif (
        rules.style == "cursor"
        and rules.cursor
        and isinstance(arguments.get(rules.cursor), str)
        and arguments[rules.cursor]
    ):
        start = _position(arguments[rules.cursor], keys)
        number = rules.first + start // size
    return Page(start, size, total, number, token(start + size) if start + size < total else None)
