"""Lists: which arguments filter, search, sort and page; and the playing of them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from inftool.records import JsonObject
from inftool.servers.resources import Filter, Paging, Style, Target, each
from inftool.servers.shapes import Shape, whole
from inftool.servers.words import bag, noun, split, squash

_PAGE = {"page", "pagenumber", "pageno", "pageindex", "currentpage", "paged", "p"}
_SIZE = bag(
    "limit perpage pagesize size maxresults count top take resultsperpage pagelimit itemsperpage first maxitems rows max num pagecount maxcount"
)
_OFFSET = {"offset", "skip", "start", "startindex", "from", "startat", "pageoffset"}
_CURSOR = bag(
    "cursor pagetoken startingafter after nexttoken nextcursor continuationtoken continuation marker startcursor "
    "nextpagetoken aftercursor pagecursor scrollid bookmark nextpage token"
)
_SORT = {"sort", "sortby", "orderby", "order", "sortfield", "sortkey", "ordering", "sortcolumn", "sortorder"}
_DIRECTION = {"direction", "sortdirection", "sortorder", "orderdirection", "sortdir", "order", "dir", "ascending", "descending", "sorttype"}
_SEARCH = bag("q query search searchterm keyword keywords term text searchquery searchtext fulltext filtertext phrase")
_MIN = {"min", "minimum", "gte", "gt", "least", "above", "over"}
_MAX = {"max", "maximum", "lte", "lt", "most", "below", "under"}
_FROM = {"from", "after", "since", "start", "starting", "begin", "gte", "gt", "earliest", "later"}
_TO = {"to", "before", "until", "end", "ending", "lte", "lt", "till", "latest", "by"}
_CONTAINS = {"contains", "like", "includes", "prefix", "startswith", "match"}


def paging(arguments: Mapping[str, Shape]) -> Paging:
    """How a list's arguments page, sort and search it."""
    found: dict[str, str] = {}

    def take(kind: str, words: Collection[str], test: Callable[[Shape], bool]) -> None:
        for name, shape in arguments.items():
            if squash(name.removeprefix("$").replace("page[", "page_")) in words and name not in found.values() and test(shape):
                found[kind] = name
                return

    take("page", _PAGE, lambda shape: _is_number(shape) or (shape.has("string") and not shape.node.get("format")))
    take("size", _SIZE, _is_number)
    take("offset", _OFFSET, _is_number)
    take("cursor", _CURSOR, lambda shape: shape.has("string") and shape.node.get("format") not in {"date", "date-time"} and "enum" not in shape.node)
    take("search", _SEARCH, lambda shape: shape.has("string") and "enum" not in shape.node)
    take("sort", _SORT, lambda shape: not _is_direction(shape))
    take("direction", _DIRECTION, _is_direction)
    style: Style = "none"
    if "page" in found and _is_number(arguments[found["page"]]):
        style = "page"
    elif "offset" in found:
        style = "offset"
    elif "cursor" in found or "page" in found:
        style = "cursor"
    elif "size" in found:
        style = "page"
    first = 1
    if "page" in found:
        node = arguments[found["page"]].node
        first = 0 if node.get("minimum") == 0 or node.get("default") == 0 else 1
    if style == "cursor" and "cursor" not in found:
        found["cursor"] = found.pop("page")
    size = whole(arguments[found["size"]].node, "default", 20) if "size" in found else 20
    return Paging(style=style, first=first, default_size=size if size > 0 else 20, **dict(found))


def _is_number(shape: Shape) -> bool:
    return shape.has("integer") or shape.has("number")


def _is_direction(shape: Shape) -> bool:
    values = {str(value).lower() for value in shape.node.get("enum") or ()}
    return bool(values) and values <= {"asc", "desc", "ascending", "descending", "1", "-1"}


def filters(
    arguments: Mapping[str, Shape], entity: Shape, used: set[str], references: Mapping[str, Target], entity_references: Mapping[str, Target]
) -> dict[str, Filter]:
    """Which property each remaining argument of a list filters on, and how."""
    props: dict[str, tuple[str, Shape]] = {}
    for pointer, sub in entity.walk(2):
        steps = pointer.split("/")[1:]
        if not steps or len(steps) > 3:
            continue
        names = [step for step in steps if step != "*"]
        if not names:
            continue
        for key in (squash(names[-1]), squash(" ".join(names)), squash(noun(names[-1]))):
            props.setdefault(key, (pointer, sub))
    dates = [(pointer, sub) for pointer, sub in entity.walk(1) if pointer and sub.node.get("format") in {"date", "date-time"}]
    found: dict[str, Filter] = {}
    for name, shape in arguments.items():
        if name in used:
            continue
        chosen = _one(name, shape, props, dates)
        if chosen is None and f"/{name}" in references:
            where = next((place for place, target in entity_references.items() if target == references[f"/{name}"]), None)
            chosen = Filter(pointer=where) if where else None
        if chosen is not None:
            found[name] = chosen
    return found


def _one(name: str, shape: Shape, props: dict[str, tuple[str, Shape]], dates: list[tuple[str, Shape]]) -> Filter | None:
    bare = name.removeprefix("filter").strip("[]_.") or name
    exact = props.get(squash(bare)) or props.get(squash(noun(bare)))
    if exact is not None:
        pointer, sub = exact
        if sub.array() is not None and sub.object() is None:
            return Filter(pointer=f"{pointer}/*", compare="eq")
        if sub.object() is not None and sub.properties:
            return None
        free = (
            sub.has("string")
            and not sub.node.get("enum")
            and not sub.node.get("format")
            and shape.has("string")
            and squash(bare) in bag("name title description subject summary email firstname lastname displayname city")
        )
        return Filter(pointer=pointer, compare="contains" if free else "eq")
    words = list(split(bare))
    for edge in (0, -1):
        if len(words) < 2:
            break
        mark, rest = words[edge], words[1:] if edge == 0 else words[:-1]
        if mark in {"is", "has", "only", "with", "in", "by"}:
            again = props.get(squash(" ".join(rest)))
            if again is not None and again[1].has("boolean") == shape.has("boolean"):
                return Filter(pointer=again[0])
            continue
        low, high = mark in _MIN | _FROM, mark in _MAX | _TO
        if not low and not high:
            if mark in _CONTAINS and (again := props.get(squash(" ".join(rest)))) is not None:
                return Filter(pointer=again[0], compare="contains")
            continue
        target = props.get(squash(" ".join(rest)))
        for ending in ("at", "on", "date", "time", "datetime", "d at"):
            target = target or props.get(squash(" ".join(rest)) + ending.replace(" ", ""))
        if target is None and rest in (["date"], ["time"], ["timestamp"]) and dates:
            target = dates[0]
        if target is not None:
            temporal = target[1].node.get("format") in {"date", "date-time"} or (
                target[1].has("string") and shape.node.get("format") in {"date", "date-time"}
            )
            if temporal:
                return Filter(pointer=target[0], compare="after" if low else "before")
            if target[1].has("number") or target[1].has("integer"):
                return Filter(pointer=target[0], compare="min" if low else "max")
    if len(words) == 1 and words[0] in _FROM | _TO and shape.node.get("format") in {"date", "date-time"} and dates:
        return Filter(pointer=dates[0][0], compare="after" if words[0] in _FROM else "before")
    return None


def _same(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, list):
        return any(_same(value, item) for item in wanted)
    if isinstance(value, str) and isinstance(wanted, str):
        return value.casefold() == wanted.casefold() or (
            "," in wanted and value.casefold() in [part.strip().casefold() for part in wanted.split(",")]
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
    return value[:size] >= wanted[:size] if how.compare == "after" else value[:size] <= wanted[:size]


def keep(values: list[JsonObject], chosen: Mapping[str, Filter], arguments: JsonObject, query: str | None) -> list[bool]:
    """Which of some entities meet every filter that the arguments set, and the search text."""
    active = [(how, arguments[name]) for name, how in chosen.items() if arguments.get(name) is not None]
    words = [word for word in query.casefold().split() if word] if query else []
    out: list[bool] = []
    for value in values:
        fits = all(any(_meets(found, how, wanted) for _, found in each(value, how.pointer)) for how, wanted in active)
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
    turned = str(arguments.get(rules.direction) or "").lower().startswith(("desc", "-1")) if rules.direction else False
    out: list[tuple[str, bool]] = []
    pieces = wanted if isinstance(wanted, list) else str(wanted).split(",") if isinstance(wanted, str) else []
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


def arrange(values: list[tuple[JsonObject, Any]], rules: Paging, arguments: JsonObject) -> list[tuple[JsonObject, Any]]:
    """Entities (with what travels beside them) in the order that the arguments ask for; a property that none of them has changes nothing."""
    for name, down in reversed(ordering(rules, arguments)):
        wanted = squash(name)

        def key(pair: tuple[JsonObject, Any], wanted: str = wanted) -> tuple[int, Any]:
            return _order_key(next((value for prop, value in pair[0].items() if squash(prop) == wanted), None))

        values = sorted(values, key=key, reverse=down)
    return values


class Page:
    """One page of a list: which slice, how many in all, and where the next one starts."""

    __slots__ = ("cursor", "number", "size", "start", "total")

    def __init__(self, start: int, size: int, total: int, number: int, cursor: str | None) -> None:
        self.start, self.size, self.total, self.number, self.cursor = start, size, total, number, cursor

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
    size = int(size) if isinstance(size, int | float) and not isinstance(size, bool) and 0 < size < 10**9 else rules.default_size
    if rules.style == "none":
        return Page(0, max(total, 1), total, rules.first, None)
    start, number = 0, rules.first
    if rules.style == "page" and rules.page and isinstance(arguments.get(rules.page), int | float):
        number = max(rules.first, int(min(arguments[rules.page], 10**9)))
        start = (number - rules.first) * size
    elif rules.style == "offset" and rules.offset and isinstance(arguments.get(rules.offset), int | float):
        start = max(0, int(min(arguments[rules.offset], 10**9)))
        number = rules.first + start // size
    elif rules.style == "cursor" and rules.cursor and isinstance(arguments.get(rules.cursor), str) and arguments[rules.cursor]:
        start = _position(arguments[rules.cursor], keys)
        number = rules.first + start // size
    return Page(start, size, total, number, token(start + size) if start + size < total else None)
