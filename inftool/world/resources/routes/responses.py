"""What the schema of an answer shows: a list of entities, one entity, or nothing said at all."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from inftool.core.json_pointer import escape
from inftool.core.tools import Tool
from inftool.language.identifiers import is_plural, nouns, split, squash
from inftool.world.resources.word_sets import WORDS
from inftool.world.schema.shape import Shape

# How sure it is that a list holds the entities of an answer, by the name of its property: that of
# the resource beats `items` and its like, any plural beats another word. A level deeper costs one,
# and what lies in a known envelope (`data`) gets two, so that `data.orders` beats `orders` beside.
_NAMED_SCORE = 4
_USUAL_SCORE = 3
_PLURAL_SCORE = 1
_ENVELOPE_BONUS = 2
# A body that is an array leaves no doubt; more than any named property can get.
_ARRAY_SCORE = 10
# Envelopes are looked into twice: `{"data": {"result": {"items": [...]}}}`.
_MAX_DEPTH = 2
# The one entity of an answer lies in a property if its name or its identity says so; less than
# this, and the answer as a whole is taken to be the entity. Every three properties beside it that
# are no metadata cost a point, since an entity may well hold another one.
_ENTITY_SCORE = 3
_IDENTITY_SCORE = 2
_PROPERTIES_A_POINT = 3

_NO_LISTS_OF_ENTITIES = frozenset({"errors", "warnings", "links", "included"})
# What says nothing about the content of an answer.
_ANNOTATIONS = frozenset({"description", "title", "examples", "$defs", "$schema"})


class EntityList(NamedTuple):
    """The list of entities inside an answer."""

    pointer: str
    """JSON pointer of the list; "" is the body itself."""

    items: Shape
    """What one item looks like."""

    score: int
    """How sure it is, see the scores above."""


class EntityView(NamedTuple):
    """The one entity inside an answer."""

    pointer: str
    """JSON pointer of the entity; "" is the body itself."""

    shape: Shape
    """What it looks like."""


def has_undescribed_answer(tool: Tool) -> bool:
    """Whether a tool must answer with something that its spec does not describe.

    So it is with lists of functions, which have no schemas of results, and with reads whose success
    response has no schema.
    """
    schema = tool.output_schema
    # Responses are known only from OpenAPI documents.
    if not tool.responses:
        return schema is None
    successes = {
        response.status
        for response in tool.responses
        if response.status.startswith("2") or response.status == "default"
    }
    is_read = tool.method.lower() == "get" and (
        not successes or bool(successes & {"200", "201", "2XX", "default"})
    )
    node = schema or {}
    keywords = set(node) - _ANNOTATIONS
    # `type: object` and no more says as little as no schema.
    is_any_object = (
        node.get("type") == "object"
        and keywords <= {"type", "additionalProperties"}
        and node.get("additionalProperties", True) in (True, {})
    )
    return is_read and (not keywords or is_any_object)


def has_identity(shape: Shape, name: str = "") -> bool:
    """Whether an object holds its own key: an `id`, a `uuid`, an `orderId` for `name="order"`."""
    usual = WORDS["identity_properties"]
    named = {squash(f"{name} {suffix}") for suffix in WORDS["identity_suffixes"]} if name else set()
    return any(
        prop.lower() in usual or squash(prop) in usual or squash(prop) in named
        for prop in shape.properties
    )


def similarity(left: Shape | None, right: Shape | None) -> float:
    """How much two objects are views of the same entity, 0 to 1.

    It is the share of the smaller one's properties that the other has by name, so that a summary
    is fully like the whole. Schemas of one name count as the same entity.
    """
    if left is None or right is None:
        return 0.0
    if left.name and left.name == right.name:
        return 1.0
    left_names, right_names = set(left.properties), set(right.properties)
    if not left_names or not right_names:
        return 0.0
    return len(left_names & right_names) / min(len(left_names), len(right_names))


def find_list(shape: Shape, name: str = "") -> EntityList | None:
    """The list of objects that an answer is there for, None if it shows no such list.

    `{"orders": [{...}], "total": 12}` -> `/orders`; `{"id": 7, "lines": [{...}]}` is one entity
    with a list inside and gives None. `name` is the noun of the resource that is expected.
    """
    array = shape.array()
    if array is not None and (array is shape or not shape.properties):
        items = array.items
        view = items.object() if items is not None else None
        if items is None or view is None or not view.properties:
            return None
        return EntityList("", items, _ARRAY_SCORE)
    names = {squash(name), squash(nouns(name))} if name else set()
    best = max(_lists(shape, names), key=lambda entity_list: entity_list.score, default=None)
    return best if best is not None and _is_envelope(shape, best.pointer, names) else None


def _lists(
    shape: Shape, names: Collection[str], pointer: str = "", depth: int = 0, bonus: int = 0
) -> Iterator[EntityList]:
    """Every list of objects inside an object and the envelopes in it, in order of properties."""
    view = shape.object()
    if view is None:
        return
    for prop, sub in view.properties.items():
        is_named = squash(prop) in names
        # Lists of errors stand beside the entities, unless errors are what the API is about.
        if squash(prop) in _NO_LISTS_OF_ENTITIES and not is_named:
            continue
        here = f"{pointer}/{escape(prop)}"
        array = sub.array()
        if array is not None:
            item = array.items.object() if array.items is not None else None
            if array.items is not None and item is not None and item.properties:
                score = bonus + _list_name_score(prop, is_named) - depth
                yield EntityList(here, array.items, score)
        elif depth < _MAX_DEPTH and (is_named or prop.lower() in WORDS["list_properties"]):
            yield from _lists(sub, names, here, depth + 1, bonus + _ENVELOPE_BONUS)


def _list_name_score(prop: str, is_named: bool) -> int:
    if is_named:
        return _NAMED_SCORE
    if prop.lower() in WORDS["list_properties"]:
        return _USUAL_SCORE
    return _PLURAL_SCORE if is_plural(prop) else 0


def _is_envelope(shape: Shape, pointer: str, names: Collection[str]) -> bool:
    """Whether a body is there for its list alone.

    So it is if the list has a usual name, or if nothing but paging and metadata stands beside it.
    """
    first = pointer.split("/")[1]
    if first.lower() in WORDS["list_properties"] or squash(first) in names:
        return True
    view = shape.object() or shape
    return all(
        prop == first
        or prop.lower() in WORDS["metadata_properties"]
        or set(split(prop)) & WORDS["paging_words"]
        for prop in view.properties
    )


def find_entity(shape: Shape, name: str = "") -> EntityView:
    """The single entity inside an answer; the whole answer if no property is more likely.

    `{"data": {"order": {"id": 7}}, "meta": {}}` with `name="order"` -> `/data/order`
    """
    view = shape.object()
    if view is None or not view.properties or has_identity(view, name):
        return EntityView("", view or shape)
    best: tuple[int, str, Shape] | None = None
    for prop, sub in view.properties.items():
        inner = sub.object()
        if inner is None or not inner.properties or sub.array() is not None:
            continue
        if prop.lower() in WORDS["metadata_properties"]:
            continue
        score = _entity_score(view, prop, inner, name)
        if score >= _ENTITY_SCORE and (best is None or score > best[0]):
            best = (score, prop, sub)
    if best is None:
        return EntityView("", view)
    _, prop, sub = best
    if prop.lower() in WORDS["wrapper_properties"]:
        pointer, entity = find_entity(sub, name)
    else:
        pointer, entity = "", sub.object() or sub
    return EntityView(f"/{prop}{pointer}", entity)


def _entity_score(view: Shape, prop: str, inner: Shape, name: str) -> int:
    """How sure it is that a property of an answer holds the entity."""
    score = 0
    if name and squash(prop) == squash(name):
        score += _NAMED_SCORE
    elif prop.lower() in WORDS["wrapper_properties"]:
        score += _USUAL_SCORE
    # `line` for `order line`.
    short = split(name)[-1] if split(name) else ""
    if has_identity(inner, name) or (short and has_identity(inner, short)):
        score += _IDENTITY_SCORE
    beside = sum(
        other != prop and other.lower() not in WORDS["metadata_properties"]
        for other in view.properties
    )
    # Division rounds down: one to three properties beside cost a point, four to six cost two.
    return score + (1 if beside == 0 else -beside // _PROPERTIES_A_POINT)
