"""What the arguments of a list mean: paging, sorting, searching by words, filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from inftool.language.identifiers import noun, split, squash
from inftool.world.resources.listing import Filter, Paging, PagingStyle
from inftool.world.resources.models import ResourceProperty
from inftool.world.resources.word_sets import WORDS
from inftool.world.schema.shape import Shape, integer_keyword

_DEFAULT_PAGE_SIZE = 20

# How deep filters look into an entity: `customer.address.city` at most.
_FILTER_DEPTH = 3
_WALK_DEPTH = 2

_DATE_FORMATS = frozenset({"date", "date-time"})
# What ends the name of a date: `createdAfter` is about `createdAt`, `startFrom` about `startTime`,
# and `updateSince` about `updatedAt`.
_DATE_ENDINGS = ("at", "on", "date", "time", "datetime", "dat")

PropertyAt = tuple[str, Shape]
"""A property inside an entity: (pointer pattern, schema)."""


def paging(arguments: Mapping[str, Shape]) -> Paging:
    """How the arguments of a list page, sort and search it.

    `{"page", "per_page", "q"}` -> style `page`, size `per_page`, search `q`
    """
    taken: dict[str, str] = {}

    def take(part: str, test: Callable[[Shape], bool]) -> None:
        words = WORDS[f"{part}_arguments"]
        for name, shape in arguments.items():
            plain = squash(name.removeprefix("$").replace("page[", "page_"))
            if plain in words and name not in taken.values() and test(shape):
                taken[part] = name
                return

    # An argument is taken once, by the first part that it fits.
    take("page", _is_page)
    take("size", _is_number)
    take("offset", _is_number)
    take("cursor", _is_cursor)
    take("search", _is_free_text)
    # `order` is either: what to sort by, or up and down.
    take("sort", lambda shape: not _is_direction(shape))
    take("direction", _is_direction)
    style: PagingStyle = "none"
    if "page" in taken and _is_number(arguments[taken["page"]]):
        style = "page"
    elif "offset" in taken:
        style = "offset"
    elif "cursor" in taken or "page" in taken:
        style = "cursor"
    elif "size" in taken:
        # A size without a page: only the first page can be read.
        style = "page"
    first = 1
    if "page" in taken:
        node = arguments[taken["page"]].node
        first = 0 if node.get("minimum") == 0 or node.get("default") == 0 else 1
    if style == "cursor" and "cursor" not in taken:
        # A page that is named by a text is a cursor under another name.
        taken["cursor"] = taken.pop("page")
    size = (
        integer_keyword(arguments[taken["size"]].node, "default", _DEFAULT_PAGE_SIZE)
        if "size" in taken
        else _DEFAULT_PAGE_SIZE
    )
    return Paging(
        style=style,
        page=taken.get("page"),
        size=taken.get("size"),
        offset=taken.get("offset"),
        cursor=taken.get("cursor"),
        first=first,
        default_size=size if size > 0 else _DEFAULT_PAGE_SIZE,
        sort=taken.get("sort"),
        direction=taken.get("direction"),
        search=taken.get("search"),
    )


def _is_number(shape: Shape) -> bool:
    return shape.has("integer") or shape.has("number")


def _is_page(shape: Shape) -> bool:
    return _is_number(shape) or (shape.has("string") and not shape.node.get("format"))


def _is_cursor(shape: Shape) -> bool:
    return _is_free_text(shape) and shape.node.get("format") not in _DATE_FORMATS


def _is_free_text(shape: Shape) -> bool:
    return shape.has("string") and "enum" not in shape.node


def _is_direction(shape: Shape) -> bool:
    values = {str(value).lower() for value in shape.node.get("enum") or ()}
    return bool(values) and values <= WORDS["sort_directions"]


def filters(
    arguments: Mapping[str, Shape],
    entity: Shape,
    references: Mapping[str, ResourceProperty],
    entity_references: Mapping[str, ResourceProperty],
) -> dict[str, Filter]:
    """Which property each argument of a list filters on, and how.

    `references`: pointer into the arguments -> what it refers to; `entity_references` the same for
    the entity. An argument that no property has the name of filters on the property that refers to
    the same thing: `customer` on `/buyerId`. Arguments that filter nothing are left out.
    """
    properties = _properties_by_name(entity)
    dates = [
        (pointer, sub)
        for pointer, sub in entity.walk(1)
        if pointer and sub.node.get("format") in _DATE_FORMATS
    ]
    chosen: dict[str, Filter] = {}
    for name, shape in arguments.items():
        argument = _Argument(name.removeprefix("filter").strip("[]_.") or name, shape)
        by_name = _filter_by_name(argument, properties, dates)
        if by_name is not None:
            chosen[name] = by_name
        elif (target := references.get(f"/{name}")) is not None:
            pointer = next(
                (pointer for pointer, other in entity_references.items() if other == target), ""
            )
            if pointer:
                chosen[name] = Filter(pointer=pointer)
    return chosen


def _properties_by_name(entity: Shape) -> dict[str, PropertyAt]:
    """The properties of an entity under their own names, full names and singulars.

    `/customer/names/*` is found as `names`, `customernames` and `name`; outer ones come first.
    """
    properties: dict[str, PropertyAt] = {}
    for pointer, sub in entity.walk(_WALK_DEPTH):
        steps = pointer.split("/")[1:]
        names = [step for step in steps if step != "*"]
        if not names or len(steps) > _FILTER_DEPTH:
            continue
        for key in (squash(names[-1]), squash(" ".join(names)), squash(noun(names[-1]))):
            properties.setdefault(key, (pointer, sub))
    return properties


class _Argument(NamedTuple):
    """One argument of a list."""

    name: str
    """Its name without decoration: `price_min` for `filter[price_min]`."""

    shape: Shape
    """Its schema."""


def _filter_by_name(
    argument: _Argument, properties: Mapping[str, PropertyAt], dates: Sequence[PropertyAt]
) -> Filter | None:
    """The filter that an argument's name means: a property, or a comparison with one.

    `status` -> eq, `title` -> contains, `price_min` -> min, `created_after` -> after
    """
    same = properties.get(squash(argument.name)) or properties.get(squash(noun(argument.name)))
    # `max_price` may be a property of its own, so whole names go first.
    if same is not None:
        return _filter_on(argument, *same)
    words = list(split(argument.name))
    if len(words) > 1:
        # The comparison stands first or last: `minPrice`, `price_min`.
        for word, rest in ((words[0], words[1:]), (words[-1], words[:-1])):
            compared = _compared(argument, word, rest, properties, dates)
            if compared is not None:
                return compared
    elif words and dates and argument.shape.node.get("format") in _DATE_FORMATS:
        # `from` and `to` alone are about the entity's first date.
        if words[0] in WORDS["since_words"]:
            return Filter(pointer=dates[0][0], compare="after")
        if words[0] in WORDS["until_words"]:
            return Filter(pointer=dates[0][0], compare="before")
    return None


def _filter_on(argument: _Argument, pointer: str, sub: Shape) -> Filter | None:
    """The filter by an argument on the property of the same name, None if that is an object."""
    if sub.array() is not None and sub.object() is None:
        return Filter(pointer=f"{pointer}/*")
    # An argument is a scalar and cannot equal an object.
    if sub.object() is not None and sub.properties:
        return None
    is_text = (
        sub.has("string")
        and not sub.node.get("enum")
        and not sub.node.get("format")
        and argument.shape.has("string")
        and squash(argument.name) in WORDS["text_properties"]
    )
    return Filter(pointer=pointer, compare="contains" if is_text else "eq")


def _compared(
    argument: _Argument,
    word: str,
    rest: list[str],
    properties: Mapping[str, PropertyAt],
    dates: Sequence[PropertyAt],
) -> Filter | None:
    """The filter that a word of comparison and the rest of an argument's name mean."""
    name = squash(" ".join(rest))
    same = properties.get(name)
    if word in WORDS["flag_words"]:
        # `is_active`, `in_stock`, `by_status`: both are booleans, or neither is.
        if same is not None and same[1].has("boolean") == argument.shape.has("boolean"):
            return Filter(pointer=same[0])
        return None
    is_low = word in WORDS["minimum_words"] or word in WORDS["since_words"]
    is_high = word in WORDS["maximum_words"] or word in WORDS["until_words"]
    if not is_low and not is_high:
        if word in WORDS["containing_words"] and same is not None:
            return Filter(pointer=same[0], compare="contains")
        return None
    for ending in _DATE_ENDINGS:
        same = same or properties.get(name + ending)
    if same is None and rest in (["date"], ["time"], ["timestamp"]) and dates:
        same = dates[0]
    if same is None:
        return None
    pointer, sub = same
    is_date = sub.node.get("format") in _DATE_FORMATS or (
        sub.has("string") and argument.shape.node.get("format") in _DATE_FORMATS
    )
    if is_date:
        return Filter(pointer=pointer, compare="after" if is_low else "before")
    if _is_number(sub):
        return Filter(pointer=pointer, compare="min" if is_low else "max")
    return None
