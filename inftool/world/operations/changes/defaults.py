"""What the server sets when an entity is created: times, defaults, the initial state."""

from __future__ import annotations

from inftool.core.json_values import copied
from inftool.language.identifiers import split, squash
from inftool.world.lexicon import lifecycle
from inftool.world.operations.words import WORDS
from inftool.world.resources.models import Resource
from inftool.world.sampling.context import FieldPosition
from inftool.world.sampling.named_values.moments import format_date, format_timestamp
from inftool.world.schema.shape import Shape
from inftool.world.seeding.entries import RandomSource
from inftool.world.state import WorldState

# Required parts are filled in down to this depth; deeper ones only recursive schemas have.
_MAX_DEPTH = 6
# States that name a start, the likeliest first.
_INITIAL_STATES = (
    "draft",
    "pending",
    "new",
    "open",
    "created",
    "placed",
    "todo",
    "to_do",
    "scheduled",
    "booked",
    "active",
    "requested",
    "submitted",
    "queued",
    "received",
    "planned",
    "unpaid",
    "backlog",
    "confirmed",
    "registered",
    "valid",
    "available",
)


def set_defaults(
    world: WorldState, resource: Resource, shape: Shape, value: dict[str, object], rng: RandomSource
) -> None:
    """Set what the server sets itself and what the schema requires, in place.

    Times of creation, the initial state, counters and documented defaults; what was sent stays.
    """
    # Looked up once for each resource: creates are frequent, and names are slow to read.
    for name, kind in _server_properties(world, resource, shape):
        if name not in value:
            value[name] = _server_value(world, resource, shape, name, kind)
    complete(world, shape, value, rng, resource.name)


def _server_value(
    world: WorldState, resource: Resource, shape: Shape, name: str, kind: str
) -> object:
    match kind:
        case "zero":
            return 0
        case "empty":
            return []
        case "null":
            return None
        case "default":
            default: object = copied(shape.properties[name].node["default"])
            return default
        case "state":
            return initial_state(resource)
        case "seconds":
            return int(world.now.timestamp())
        case "day":
            return format_date(world.now)
        case _:
            return format_timestamp(world.now)


def _server_properties(
    world: WorldState, resource: Resource, shape: Shape
) -> tuple[tuple[str, str], ...]:
    """The properties that the server sets where the caller does not, and how: (name, kind)."""
    memory, memory_key = world.base.memory, ("server sets", resource.name)
    if memory_key not in memory:
        kinds = (
            (name, _server_kind(resource, shape, name, sub))
            for name, sub in shape.properties.items()
        )
        memory[memory_key] = tuple((name, kind) for name, kind in kinds if kind)
    properties: tuple[tuple[str, str], ...] = memory[memory_key]
    return properties


def _server_kind(resource: Resource, shape: Shape, name: str, sub: Shape) -> str:
    """What the server sets a property to, as a word of `_server_value`; empty for nothing."""
    kind = _time_kind(name, sub)
    if kind:
        return kind
    if resource.status is not None and name == resource.status.property:
        return "state"
    # Defaults of what nobody writes are examples rather than rules.
    if sub.node.get("default") is not None and name in resource.writable:
        return "default"
    if name not in shape.required:
        return ""
    # A counter that may not be zero ("minimum": 1) is drawn like any other number.
    is_counter = not WORDS["counters"].isdisjoint(split(name)[-1:])
    if is_counter and sub.has("integer") and "minimum" not in sub.node:
        return "zero"
    array = sub.array()
    if array is not None and not array.node.get("minItems") and name not in resource.references:
        return "empty"
    return "null" if sub.may_be_null else ""


def _time_kind(name: str, sub: Shape) -> str:
    """How a property holds the time of creation or change: "createdAt", "date_added"."""
    words = split(name)
    is_known = not (WORDS["creation_moments"] | WORDS["change_moments"]).isdisjoint(words)
    if not is_known:
        return ""
    text_format = sub.node.get("format")
    is_text = sub.has("string")
    if is_text and (text_format in {"date-time", "date"} or words[-1:] == ("at",)):
        return "day" if text_format == "date" else "moment"
    if sub.has("integer") and not {"at", "time", "timestamp", "date", "on"}.isdisjoint(words):
        return "seconds"
    return ""


def initial_state(resource: Resource) -> str | None:
    """The state of a new entity: the schema's default, else the first of its states, mostly.

    Where the first one is an end ("cancelled") or no start ("unknown"), a word for a start is
    looked for: ("closed", "open") -> "open".
    """
    status = resource.status
    if status is None:
        return None
    if status.initial is not None:
        return status.initial
    first = status.values[0]
    by_name = {squash(state): state for state in status.values}
    names = (squash(word) for word in _INITIAL_STATES)
    start = next((by_name[name] for name in names if name in by_name), None)
    if lifecycle.normalized_state(first) not in lifecycle.TERMINAL_STATES:
        is_start = squash(first) not in WORDS["no_initial_states"]
        return first if is_start or start is None else start
    if start is not None:
        return start
    lasting = (
        state
        for state in status.values
        if lifecycle.normalized_state(state) not in lifecycle.TERMINAL_STATES
    )
    return next(lasting, first)


def complete(
    world: WorldState, shape: Shape, value: object, rng: RandomSource, name: str, depth: int = 0
) -> object:
    """A value with the required parts that were not sent, at any depth; objects change in place.

    `name` is the property or resource that the value belongs to: it says what to draw.
    """
    if depth >= _MAX_DEPTH:
        return value
    if isinstance(value, dict):
        view = shape.object()
        if view is not None and view.properties:
            _complete_object(world, view, value, rng, name, depth)
    elif isinstance(value, list):
        array = shape.array()
        if array is not None and array.items is not None:
            items = array.items
            return [
                complete(world, items, item, rng, name, depth + 1)
                if isinstance(item, dict | list)
                else item
                for item in value
            ]
    return value


def _complete_object(
    world: WorldState,
    view: Shape,
    value: dict[str, object],
    rng: RandomSource,
    name: str,
    depth: int,
) -> None:
    missing = [prop for prop in view.required if prop not in value and prop in view.properties]
    if missing:
        sampler = world.base.sampler(rng(), optional=0.0)
        # Missing properties are drawn together, so that they fit: a first name to an email address.
        facts = sampler.facts(split(name))
        for prop in missing:
            position = FieldPosition(prop, f"/{prop}", depth + 1)
            value[prop] = sampler.value_at(view.properties[prop], position, facts)
    for prop, item in value.items():
        if isinstance(item, dict | list) and prop in view.properties:
            value[prop] = complete(world, view.properties[prop], item, rng, prop, depth + 1)
