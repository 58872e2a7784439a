"""Which property of an entity is its key, its label or its state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from inftool.language.identifiers import row, split, squash
from inftool.world.resources.entity_schema import is_scalar
from inftool.world.resources.models import Status
from inftool.world.resources.routes.paths import parameter_noun
from inftool.world.schema.shape import Shape

# Each in the order in which they are tried: the more a name says "key", the earlier.
_IDENTIFIERS = ("id", "_id", "uuid", "sid", "guid", "uid", "gid")
_NAMED_KEY_SUFFIXES = row("id uuid sid key code number no ref reference")
_WEAK_IDENTIFIERS = row(
    "key code slug reference ref number identifier handle username symbol iata isbn sku urn"
)
# What people call a thing by, best first. What names it (`name`) goes before what sums it up.
_LABELS = row(
    "subject label summary headline caption friendlyname reference number code username email "
    "question topic filename symbol slug text description"
)
_STATUS = ("status", "state", "phase", "stage", "lifecycle", "lifecyclestate")

KeyParameters = Sequence[tuple[str, Shape]]
"""The parameters that pick one entity: (name, schema) each."""


def identifier_of(shape: Shape, name: str, parameters: KeyParameters) -> str | None:
    """The property that holds the key of an entity called `name`, None if no property does.

    It has the name of the path's parameter (`/orders/{orderNumber}` -> `orderNumber`), else a usual
    name (`id`), else a name made of the resource's (`order_code`), else a weaker one (`slug`).
    """
    candidates = _identifier_candidates(shape, name, parameters)
    return next((prop for prop in candidates if prop is not None), None)


def _identifier_candidates(
    shape: Shape, name: str, parameters: KeyParameters
) -> Iterator[str | None]:
    """Properties that may hold the key, the likeliest first."""
    # The first of several properties with the same squashed name counts, hence the reverse order.
    by_squashed = {
        squash(prop): prop for prop, sub in reversed(shape.properties.items()) if is_scalar(sub)
    }
    by_lower = {prop.lower(): prop for prop, sub in shape.properties.items() if is_scalar(sub)}
    usual = next((by_lower[word] for word in _IDENTIFIERS if word in by_lower), None)
    for parameter, _ in parameters:
        # A parameter `name` picks by name only if the entity has no better key.
        if squash(parameter) != "name":
            yield by_squashed.get(squash(parameter))
    for parameter, _ in parameters:
        last = next(reversed(split(parameter)), "")
        # `/orders/{orderId}` picks by the `id` of an order, or by whatever else is its usual key.
        if last in {"id", "sid", "uuid", "guid", "uid"}:
            yield by_lower.get(last) or usual
        if last:
            yield by_squashed.get(last)
    yield usual
    # `order line code`, then `line code`.
    for noun in (name, _last_word(name)):
        for suffix in _NAMED_KEY_SUFFIXES:
            yield by_squashed.get(squash(f"{noun} {suffix}")) if noun else None
    for parameter, _ in parameters:
        yield _property_with_shorter_name(parameter, by_squashed.values())
    for word in _WEAK_IDENTIFIERS:
        yield by_squashed.get(word)
    if parameters:
        yield by_squashed.get("name")


def _property_with_shorter_name(parameter: str, properties: Iterable[str]) -> str | None:
    """The property that a parameter names at greater length: `orderLineCode` for `lineCode`."""
    suffix = split(parameter)[-1:]
    if not suffix or suffix[0] not in {"id", "key", "code", "number"}:
        return None
    noun = squash(parameter_noun(parameter))
    for prop in properties:
        # A property without a noun (`code`) is no shorter name; "~" ends no noun.
        prop_noun = squash(parameter_noun(prop) or "~")
        if split(prop)[-1:] == suffix and noun.endswith(prop_noun):
            return prop
    return None


def _last_word(name: str) -> str:
    """The last word of a noun, as people say it for short: `order line` -> `line`."""
    return split(name)[-1] if split(name) else ""


def other_key_names(shape: Shape, name: str, identifier: str | None) -> tuple[str, ...]:
    """Properties that hold the key under another name: `id` in a list, `portalId` in an item."""
    key = shape.properties.get(identifier) if identifier else None
    if identifier is None or key is None:
        return ()
    words = {"id", squash(f"{name} id"), squash(f"{_last_word(name) or name} id")}
    # Only keys that are plainly called so: a `slug` beside an `id` is another property.
    if squash(identifier) not in words:
        return ()
    return tuple(
        prop
        for prop, sub in shape.properties.items()
        if prop != identifier
        and squash(prop) in words
        and is_scalar(sub)
        and sub.types == key.types
    )


def label_of(shape: Shape, name: str, identifier: str | None) -> str | None:
    """The property that people would name an entity by, None if no text serves.

    `title` of a book, `displayName` of a user, `projectName` of a project
    """
    texts = {
        squash(prop): prop
        for prop, sub in shape.properties.items()
        if prop != identifier and _is_free_text(sub)
    }
    short = split(name)[-1] if name else ""
    words = (
        *("name", "title", "displayname", "fullname"),
        *(f"{squash(name)}name", f"{short}name", f"{short}title"),
        *_LABELS,
        "lastname",
    )
    for word in words:
        if word in texts:
            return texts[word]
    # `companyTitle`, `legalName`
    return next((prop for key, prop in texts.items() if key.endswith(("name", "title"))), None)


def _is_free_text(shape: Shape) -> bool:
    return (
        shape.has("string")
        and shape.array() is None
        and "enum" not in shape.node
        and shape.node.get("format") not in {"date", "date-time", "uuid"}
    )


def status_of(shape: Shape) -> Status | None:
    """The property with a closed list of states, None if there is none.

    `status` and its like go before names that end so: `paymentStatus`.
    """
    enums = {
        prop: sub.node["enum"]
        for prop, sub in shape.properties.items()
        if sum(isinstance(value, str) for value in sub.node.get("enum") or ()) > 1
    }
    prop = next((prop for prop in enums if squash(prop) in _STATUS), None) or next(
        (prop for prop in enums if squash(prop).endswith(_STATUS)), None
    )
    if prop is None:
        return None
    states = tuple(value for value in enums[prop] if isinstance(value, str))
    default = shape.properties[prop].node.get("default")
    return Status(property=prop, values=states, initial=default if default in states else None)
