"""References to what the conversation has shown: by name, by place on a list ("the second order on
that list"), as what was last dealt with ("that order"), or by what refers to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from inftool.core.blueprints import ReferenceKind
from inftool.core.json_pointer import find_all
from inftool.core.step_references import StepRef
from inftool.core.types import JsonPointer
from inftool.scenarios.composition.attempt import Choice, WishAttempt
from inftool.scenarios.composition.references.relations import relation_noun
from inftool.scenarios.composition.scene import MAX_TOLD
from inftool.scenarios.resolution.memory import ShownEntity
from inftool.scenarios.resolution.resolver import point
from inftool.scenarios.tool_schema.places import pattern
from inftool.scenarios.wording.distinguishing import distinguishing_attributes, name_expression
from inftool.world.resources.models import Resource, ResourceProperty

_ORDINALS = ("first", "second", "third", "fourth")

# How many expressions are tried before another tool or a lookup is: each is resolved against all
# that was shown.
_MAX_TRIED = 6

# How often "that order" comes before other expressions. It fits whatever was just dealt with, and
# would crowd them out.
_AGAIN_FIRST = 0.4

# How often an entity on a list that another one is named by goes by its name, not by its place.
_HOLDER_BY_NAME = 0.6


class _Expression(NamedTuple):
    """A referring expression, and where the key of the entity that it means was shown."""

    shown: ShownEntity
    """The entity whose answer holds the key."""

    pointer: JsonPointer
    """Where the key is in that answer."""

    value: Any
    """The key."""

    words: str
    """The expression."""

    kind: ReferenceKind
    """How it refers."""


def refer_to_shown(
    attempt: WishAttempt,
    argument: str,
    resource: Resource,
    key_property: ResourceProperty,
    *,
    producer: str = "",
    accepts: Callable[[object], bool] = lambda key: True,
) -> Choice | None:
    """An entity that the conversation has shown, or one that such an entity refers to.

    `producer`: only what this tool's answers hold, any if it is empty. `accepts` says whether a key
    will do. None if no expression means exactly one entity.
    """
    rng, scene = attempt.scene.rng, attempt.scene
    expressions = [
        *_own_expressions(attempt, argument, resource, key_property),
        *_relation_expressions(attempt, resource, key_property),
    ]
    if producer:
        expressions = [item for item in expressions if attempt.tool_of(item.shown.step) == producer]
    if not expressions:
        return None

    def rank(item: _Expression) -> tuple[bool, bool]:
        edge = f"{attempt.tool_of(item.shown.step)}>{attempt.tool.name}{pattern(argument)}"
        is_covered = not scene.is_open(f"edge:{edge}")
        return is_covered, item.kind != "again" or rng.random() < _AGAIN_FIRST

    rng.shuffle(expressions)
    expressions.sort(key=rank)
    for item in [item for item in expressions if accepts(item.value)][:_MAX_TRIED]:
        # What was deleted since is shown still, and is there no more.
        if item.shown.step in attempt.results and exists(attempt, key_property, item.value):
            source = StepRef(step=item.shown.step, pointer=item.pointer)
            choice = Choice(item.value, item.words, item.kind, source)
            if is_clear(attempt, choice, key_property):
                return choice
    return None


def is_clear(attempt: WishAttempt, choice: Choice, key_property: ResourceProperty) -> bool:
    """Whether the resolver understands an expression as exactly the entity that is meant."""
    resource, key_name = key_property
    resources = attempt.scene.resources
    return point(choice.words, key_name, resource, attempt.memory, resources) == [choice.key]


def exists(attempt: WishAttempt, key_property: ResourceProperty, value: object) -> bool:
    """Whether an entity is there in the attempt's world."""
    resource, key_name = key_property
    return any(
        entity.get(key_name) == value for entity in attempt.world.entities(resource).values()
    )


def _own_expressions(
    attempt: WishAttempt, argument: str, resource: Resource, key_property: ResourceProperty
) -> Iterator[_Expression]:
    """Expressions for the entities of a resource that were shown."""
    rng, (resource_name, key_name) = attempt.scene.rng, key_property
    shown = attempt.memory.of(resource_name)
    # What an earlier turn has shown as a whole is not read again.
    lists_only = (
        attempt.role.kind == "get"
        and argument == f"/{attempt.role.target.argument}"
        and not attempt.read_again
    )
    told = [
        entity
        for entity in shown
        if key_name in entity.entity
        and _was_told(entity)
        and not (lists_only and entity.listing is None)
    ]
    alone = [entity for entity in shown if entity.listing is None]
    for entity in told:
        pointer, value = f"{entity.pointer}/{key_name}", entity.entity[key_name]
        if alone and entity is alone[-1]:
            words = rng.choice((f"that {resource.name}", f"that same {resource.name}"))
            yield _Expression(entity, pointer, value, words, "again")
        elif entity.listing is not None:
            attributes = distinguishing_attributes(
                entity.entity,
                [other.entity for other in told],
                resource.label,
                resource.identifier,
            )
            if attributes:
                words = name_expression(resource.name, attributes, resource.label, rng)
                kind: ReferenceKind = "name" if attributes[0][0] == resource.label else "mark"
                yield _Expression(entity, pointer, value, words, kind)
            words = f"the {_ORDINALS[_index(entity)]} {resource.name} on that list"
            yield _Expression(entity, pointer, value, words, "place")


def _relation_expressions(
    attempt: WishAttempt, resource: Resource, key_property: ResourceProperty
) -> Iterator[_Expression]:
    """Expressions for what the entities that were shown refer to: "the author of that book"."""
    for shown in attempt.memory.things:
        holder = attempt.scene.resource(shown.resource)
        if holder is None or not _was_told(shown):
            continue
        for place, target in holder.references.items():
            if target != key_property or not (noun := relation_noun(holder, place, resource)):
                continue
            words = _holder_expression(attempt, shown, holder)
            values = find_all(shown.entity, place)
            for index, (pointer, value) in enumerate(values[: len(_ORDINALS)]):
                # One of several goes by its place: "the second author of that book".
                which = f"{_ORDINALS[index]} {noun}" if len(values) > 1 else noun
                yield _Expression(
                    shown,
                    f"{shown.pointer}{pointer}",
                    value,
                    f"the {which} of {words}",
                    "relation",
                )


def _holder_expression(attempt: WishAttempt, shown: ShownEntity, holder: Resource) -> str:
    """An expression for an entity that was shown, to name another one by it."""
    rng, same_kind = attempt.scene.rng, attempt.memory.of(shown.resource)
    # "that book" is the last one dealt with; any other needs a name.
    if shown.listing is None:
        alone = [entity for entity in same_kind if entity.listing is None]
        if alone[-1] is shown:
            return f"that {holder.name}"
    entities = [entity.entity for entity in same_kind]
    attributes = distinguishing_attributes(shown.entity, entities, holder.label, holder.identifier)
    if attributes and (shown.listing is None or rng.random() < _HOLDER_BY_NAME):
        return name_expression(holder.name, attributes, holder.label, rng)
    index = _index(shown)
    ordinal = _ORDINALS[index] if index < MAX_TOLD else "last"
    return f"the {ordinal} {holder.name} on that list"


def _index(shown: ShownEntity) -> int:
    """The index of an entity on its list; `MAX_TOLD` if it was shown alone."""
    last = shown.pointer.rsplit("/", 1)[-1]
    return int(last) if last.isdigit() else MAX_TOLD


def _was_told(shown: ShownEntity) -> bool:
    """Whether the user has heard of an entity: it was dealt with, or was read out from a list."""
    return shown.listing is None or (not shown.looked_up and _index(shown) < MAX_TOLD)
