"""Infers what the query parameters of a list mean: paging, sorting, search, filters."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from inftool.language.identifiers import bag, noun, split, squash
from inftool.world.resources.models import Filter, Paging, PagingStyle, ResourceProperty
from inftool.world.schema.shape import Shape, integer_keyword

_PAGE = {"page", "pagenumber", "pageno", "pageindex", "currentpage", "paged", "p"}
_SIZE = bag(
    "limit perpage pagesize size maxresults count top take resultsperpage pagelimit itemsperpage first maxitems rows max num pagecount maxcount"
)
_OFFSET = {"offset", "skip", "start", "startindex", "from", "startat", "pageoffset"}
_CURSOR = bag(
    "cursor pagetoken startingafter after nexttoken nextcursor continuationtoken continuation marker startcursor "
    "nextpagetoken aftercursor pagecursor scrollid bookmark nextpage token"
)
_SORT = {
    "sort",
    "sortby",
    "orderby",
    "order",
    "sortfield",
    "sortkey",
    "ordering",
    "sortcolumn",
    "sortorder",
}
_DIRECTION = {
    "direction",
    "sortdirection",
    "sortorder",
    "orderdirection",
    "sortdir",
    "order",
    "dir",
    "ascending",
    "descending",
    "sorttype",
}
_SEARCH = bag(
    "q query search searchterm keyword keywords term text searchquery searchtext fulltext filtertext phrase"
)
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
            if (
                squash(name.removeprefix("$").replace("page[", "page_")) in words
                and name not in found.values()
                and test(shape)
            ):
                found[kind] = name
                return

    take(
        "page",
        _PAGE,
        lambda shape: _is_number(shape) or (shape.has("string") and not shape.node.get("format")),
    )
    take("size", _SIZE, _is_number)
    take("offset", _OFFSET, _is_number)
    take(
        "cursor",
        _CURSOR,
        lambda shape: (
            shape.has("string")
            and shape.node.get("format") not in {"date", "date-time"}
            and "enum" not in shape.node
        ),
    )
    take("search", _SEARCH, lambda shape: shape.has("string") and "enum" not in shape.node)
    take("sort", _SORT, lambda shape: not _is_direction(shape))
    take("direction", _DIRECTION, _is_direction)
    style: PagingStyle = "none"
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
    size = integer_keyword(arguments[found["size"]].node, "default", 20) if "size" in found else 20
    return Paging(style=style, first=first, default_size=size if size > 0 else 20, **dict(found))


def _is_number(shape: Shape) -> bool:
    return shape.has("integer") or shape.has("number")


def _is_direction(shape: Shape) -> bool:
    values = {str(value).lower() for value in shape.node.get("enum") or ()}
    return bool(values) and values <= {"asc", "desc", "ascending", "descending", "1", "-1"}


def filters(
    arguments: Mapping[str, Shape],
    entity: Shape,
    references: Mapping[str, ResourceProperty],
    entity_references: Mapping[str, ResourceProperty],
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
    dates = [
        (pointer, sub)
        for pointer, sub in entity.walk(1)
        if pointer and sub.node.get("format") in {"date", "date-time"}
    ]
    found: dict[str, Filter] = {}
    for name, shape in arguments.items():
        chosen = _one(name, shape, props, dates)
        if chosen is None and f"/{name}" in references:
            where = next(
                (
                    place
                    for place, target in entity_references.items()
                    if target == references[f"/{name}"]
                ),
                None,
            )
            chosen = Filter(pointer=where) if where else None
        if chosen is not None:
            found[name] = chosen
    return found


def _one(
    name: str, shape: Shape, props: dict[str, tuple[str, Shape]], dates: list[tuple[str, Shape]]
) -> Filter | None:
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
            and squash(bare)
            in bag(
                "name title description subject summary email firstname lastname displayname city"
            )
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
    if (
        len(words) == 1
        and words[0] in _FROM | _TO
        and shape.node.get("format") in {"date", "date-time"}
        and dates
    ):
        return Filter(pointer=dates[0][0], compare="after" if words[0] in _FROM else "before")
    return None
