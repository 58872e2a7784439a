"""The values that the server sets when an entity is created: ids, timestamps, defaults, the initial state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inftool.core.json_values import copied
from inftool.core.types import JsonObject
from inftool.language.identifiers import bag, row, split, squash
from inftool.world.lexicon import lifecycle
from inftool.world.resources.models import Resource
from inftool.world.sampling.context import FieldPosition
from inftool.world.sampling.named_values.moments import format_date, format_timestamp
from inftool.world.schema.shape import Shape
from inftool.world.seeding.entries import RandomSource

if TYPE_CHECKING:
    from inftool.world.state import WorldState


_MADE = bag(
    "created placed added submitted opened issued registered joined posted ordered booked uploaded requested logged recorded enrolled"
)
CHANGED = {"updated", "modified", "changed", "edited"}


_ZERO = {
    "count",
    "views",
    "likes",
    "votes",
    "followers",
    "uses",
    "attempts",
    "replies",
    "paid",
    "version",
}


def default(
    world: WorldState, resource: Resource, shape: Shape, value: JsonObject, rng: RandomSource
) -> JsonObject:
    """What the server sets itself: moments, the first state, counters, documented defaults, and what the schema demands."""
    now = world.now
    for name, kind in _server_sets(world, resource, shape):
        if name in value:
            continue
        if kind == "zero":
            value[name] = 0
        elif kind == "empty":
            value[name] = []
        elif kind == "null":
            value[name] = None
        elif kind == "default":
            value[name] = copied(shape.properties[name].node["default"])
        elif kind == "state":
            value[name] = initial_state(resource)
        else:
            value[name] = (
                int(now.timestamp())
                if kind == "seconds"
                else format_date(now)
                if kind == "day"
                else format_timestamp(now)
            )
    filled: JsonObject = complete(world, shape, value, rng, resource.name)
    return filled


def _server_sets(
    world: WorldState, resource: Resource, shape: Shape
) -> tuple[tuple[str, str], ...]:
    """The properties of a resource that its server sets where its sender does not, and how; found once."""
    memory, key = world.base.memory, ("server sets", resource.name)
    if key not in memory:
        memory[key] = tuple(
            (name, kind)
            for name, sub in shape.properties.items()
            if (kind := _server_set(resource, shape, name, sub))
        )
    found: tuple[tuple[str, str], ...] = memory[key]
    return found


def _server_set(resource: Resource, shape: Shape, name: str, sub: Shape) -> str:
    said = split(name)
    moment = sub.node.get("format") in {"date-time", "date"} or (
        sub.has("string") and said[-1:] == ("at",)
    )
    if moment and set(said) & (_MADE | CHANGED) and sub.has("string"):
        return "day" if sub.node.get("format") == "date" else "moment"
    if (
        sub.has("integer")
        and set(said) & (_MADE | CHANGED)
        and set(said) & {"at", "time", "timestamp", "date", "on"}
    ):
        return "seconds"
    if resource.status is not None and name == resource.status.property:
        return "state"
    if sub.node.get("default") is not None and name in resource.writable:
        return "default"
    if name not in shape.required:
        return ""
    if sub.has("integer") and said and said[-1] in _ZERO and "minimum" not in sub.node:
        return "zero"
    if (
        (array := sub.array()) is not None
        and not array.node.get("minItems")
        and name not in resource.references
    ):
        return "empty"
    return "null" if sub.may_be_null else ""


def initial_state(resource: Resource) -> Any:
    """The state that a new thing starts in: the schema's default, a word for a start, else the first that is no end."""
    status = resource.status
    if status is None:
        return None
    if status.initial is not None:
        return status.initial
    starts = row(
        "draft pending new open created placed todo to_do scheduled booked active requested submitted queued received planned "
        "unpaid backlog confirmed registered valid available"
    )
    by_name = {squash(str(item)): item for item in status.values}
    first = status.values[0]
    if lifecycle.normalized_state(first) not in lifecycle.TERMINAL_STATES:
        if squash(str(first)) in {
            "inactive",
            "disabled",
            "closed",
            "all",
            "unknown",
            "any",
            "none",
            "paused",
            "blocked",
        }:
            return next(
                (by_name[squash(word)] for word in starts if squash(word) in by_name), first
            )
        return first
    return next(
        (by_name[squash(word)] for word in starts if squash(word) in by_name),
        next(
            (
                item
                for item in status.values
                if lifecycle.normalized_state(item) not in lifecycle.TERMINAL_STATES
            ),
            first,
        ),
    )


def complete(
    world: WorldState, shape: Shape, value: Any, rng: RandomSource, name: str, *, depth: int = 0
) -> Any:
    """A value with the required parts that its sender left to the server, at any depth."""
    view = shape.object() if isinstance(value, dict) else None
    if view is not None and view.properties and depth < 6:
        missing = [prop for prop in view.required if prop not in value and prop in view.properties]
        if missing:
            sampler = world.base.sampler(rng(), optional=0.0)
            facts = sampler.facts(split(name))
            for prop in missing:
                position = FieldPosition(prop, f"/{prop}", depth + 1)
                value[prop] = sampler.value_at(view.properties[prop], position, facts)
        for prop, item in value.items():
            if isinstance(item, dict | list) and prop in view.properties:
                value[prop] = complete(
                    world, view.properties[prop], item, rng, prop, depth=depth + 1
                )
        return value
    if (
        isinstance(value, list)
        and (array := shape.array()) is not None
        and array.items is not None
        and depth < 6
    ):
        return [
            complete(world, array.items, item, rng, name, depth=depth + 1)
            if isinstance(item, (dict, list))
            else item
            for item in value
        ]
    return value
