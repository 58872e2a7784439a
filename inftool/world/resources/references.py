"""References between resources: which property or argument holds the key of which resource."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from inftool.language.identifiers import noun, split, squash
from inftool.world.resources.models import Resource, ResourceProperty
from inftool.world.resources.word_sets import WORDS
from inftool.world.schema.shape import Shape

# The resources that `assignee`, `owner` and their like may be keys of, the likeliest first.
_PERSON_RESOURCES = (
    *("user", "member", "person", "people", "employee", "customer", "contact", "account holder"),
    *("staff", "patient", "client", "profile", "agent", "student"),
)
# References are looked for no deeper than this: `/order/lines/*/book`.
_DEPTH = 4
# A description that is about an identifier says so at its start: "The ID of the airport ...".
_DESCRIPTION_START = 6
# Shorter nouns are the end of too many others: `age` of `storage`, `test` of `contest`.
_MIN_NOUN_LENGTH = 4
_DATE_AND_TEXT_FORMATS = frozenset({"date", "date-time", "email", "uri"})
_INTEGER_FORMATS = frozenset({"int32", "int64"})


class _Name(NamedTuple):
    """A property's or argument's name, taken apart."""

    text: str
    """The name as it is."""

    words: tuple[str, ...]
    """All its words: `("billing", "address", "id")`."""

    stem: tuple[str, ...]
    """The words without the suffix of a key: `("billing", "address")`."""

    suffixed: bool
    """Whether it has the suffix of a key."""

    @property
    def is_of_name(self) -> bool:
        """Whether it holds a name: `customerName` may be told without being a key."""
        return self.words[-1] == "name"


def find_references(
    shape: Shape, resources: Mapping[str, Resource], *, owner: str | None = None
) -> dict[str, ResourceProperty]:
    """Every reference inside a shape: pointer pattern -> the property whose value it holds.

    `{"bookId": ..., "lines": [{"sku": ...}]}` -> `{"/bookId": ("book", "id"), "/lines/*/sku": ...}`
    `owner` is the resource whose entity it is, if it is one.
    """
    references: dict[str, ResourceProperty] = {}
    for pointer, sub in shape.walk(_DEPTH):
        if not pointer or sub.object() is not None or sub.array() is not None:
            continue
        steps = [step for step in pointer.split("/")[1:] if step != "*"]
        if not steps:
            continue
        is_top = len(steps) == 1
        target = match_reference(
            steps[-1],
            sub,
            resources,
            owner=owner if is_top else None,
            container="" if is_top else noun(steps[-2]),
        )
        if target is None and is_top and pointer.endswith("/*") and _describes_id(sub):
            # `{"participants": ["IDs of users", ...]}` is read as `participant id`.
            target = match_reference(f"{noun(steps[-1])} id", sub, resources, owner=owner)
        if target is not None:
            references[pointer] = target
    return references


def match_reference(
    name: str,
    shape: Shape,
    resources: Mapping[str, Resource],
    *,
    owner: str | None = None,
    container: str = "",
) -> ResourceProperty | None:
    """The property that a property or argument called `name` holds the value of, None if none is.

    `customerId` -> `("customer", "id")`, `airportCode` -> `("airport", "code")`, `assignee` with
    the description "User ID" -> `("user", "id")`. `owner` is the resource whose property it is,
    `container` the noun of the object that it lies in (`customer` in `/customer/id`).
    """
    parsed = _parse(name, container)
    if parsed is None:
        return None
    # A key that is no usual word is surer than any noun: `trackingNumber`.
    by_key = _match_key(name, shape, resources, owner)
    if by_key is not None:
        return by_key
    # `customer` alone may hold a name, so its description has to say that it holds an id.
    if not parsed.suffixed and not _describes_id(shape):
        return None
    if not container and parsed.suffixed and _is_own_key(parsed, resources, owner):
        return None
    by_noun = _resources_by_noun(resources)
    matched, target = _match_noun(parsed, shape, by_noun, owner)
    if matched:
        return target
    if parsed.is_of_name:
        return None
    # `parentId` of a folder is a folder.
    if owner in resources and parsed.stem[-1] in WORDS["same_kind_words"]:
        return _key_if_compatible(shape, resources[str(owner)])
    return _match_person(parsed, shape, by_noun)


def _parse(name: str, container: str) -> _Name | None:
    """A name taken apart, None if it cannot be that of a reference."""
    words = split(name)
    if not words or WORDS["foreign_words"] & set(words):
        # `externalId` is a key in another system, `unknownAddress` one that does not exist.
        return None
    suffixed = words[-1] in WORDS["reference_suffixes"]
    if not suffixed:
        return _Name(name, words, words, suffixed)
    if len(words) > 1:
        return _Name(name, words, words[:-1], suffixed)
    if not container or words[-1] in {"name", "number", "reference"}:
        # `id` alone is the entity's own key; `/customer/id` is the customer's.
        return None
    return _Name(name, words, split(container), suffixed)


def _is_own_key(parsed: _Name, resources: Mapping[str, Resource], owner: str | None) -> bool:
    """Whether an order's `orderId` is just its identifier."""
    if owner is None or owner not in resources or parsed.is_of_name:
        return False
    is_named_after = squash(" ".join(parsed.stem)) == squash(owner)
    return is_named_after and resources[owner].identifier == parsed.text


def _resources_by_noun(resources: Mapping[str, Resource]) -> dict[str, Resource]:
    """Squashed noun or alias -> resource; names go before aliases, singletons have no keys."""
    keyed = [resource for resource in resources.values() if not resource.singleton]
    by_noun = {squash(alias): resource for resource in keyed for alias in resource.aliases}
    return by_noun | {squash(resource.name): resource for resource in keyed}


def _match_noun(
    parsed: _Name, shape: Shape, by_noun: Mapping[str, Resource], owner: str | None
) -> tuple[bool, ResourceProperty | None]:
    """Whether a name's words end in the noun of a resource, and the property that is meant.

    `sellerAccountId` is tried as `seller account` and as `account`. The property is None if the
    noun fits and the schema does not.
    """
    for start in range(len(parsed.stem)):
        target = _resource_of_noun(noun(" ".join(parsed.stem[start:])), by_noun)
        if target is None:
            continue
        prop = _property_of_suffix(parsed.words, target)
        is_itself = target.name == owner and prop == parsed.text
        fits = target.virtual or _is_compatible(shape, target, prop)
        if prop is not None and fits and not is_itself:
            return True, (target.name, prop)
        # If `billing account` fits and its key does not, no shorter noun is tried; except for
        # names, which many resources have.
        if not parsed.is_of_name or start == len(parsed.stem) - 1:
            return True, None
    return False, None


def _resource_of_noun(words: str, by_noun: Mapping[str, Resource]) -> Resource | None:
    """The resource of a noun, or the only one whose noun ends in it.

    `milestone` -> `project milestone`, `book` -> `store book`
    """
    squashed = squash(words)
    if squashed in by_noun or len(squashed) < _MIN_NOUN_LENGTH:
        return by_noun.get(squashed)
    matches = [
        resource
        for key, resource in by_noun.items()
        if key.endswith(squashed) and split(resource.name)[-1:] == split(words)[-1:]
    ]
    return matches[0] if len(matches) == 1 else None


def _property_of_suffix(words: tuple[str, ...], target: Resource) -> str | None:
    """The property of a resource that the last word of a reference means, None if unknown."""
    last = words[-1] if words else ""
    if last in WORDS["identifier_suffixes"] or last not in WORDS["reference_suffixes"]:
        return target.identifier
    suffix = {"codes": "code", "keys": "key"}.get(last, last)
    if target.identifier and squash(target.identifier).endswith(suffix):
        return target.identifier
    # A property that is not the key (an account number, a name) may well mean something outside
    # this world.
    return target.identifier if target.virtual and suffix != "name" else None


def _is_compatible(shape: Shape, target: Resource, prop: str | None) -> bool:
    """Whether a value that a schema accepts may be that of a resource's property."""
    key = Shape.of(target.entity).properties.get(prop) if prop is not None else None
    if key is None or "enum" in shape.node or "const" in shape.node or shape.has("boolean"):
        return False
    if not (shape.has("string") and key.has("string")):
        is_number = shape.has("integer") or shape.has("number")
        if not (is_number and (key.has("integer") or key.has("number"))):
            return False
    shape_format, key_format = shape.node.get("format"), key.node.get("format")
    # A UUID is no date, and a text of no format may be either, but an email address is not just
    # any text. The sizes of integers do not matter.
    formats = {shape_format, key_format} - {None, *_INTEGER_FORMATS}
    if len(formats) == 2 or (formats & _DATE_AND_TEXT_FORMATS and shape_format != key_format):
        return False
    patterns = {shape.node.get("pattern"), key.node.get("pattern")}
    return None in patterns or len(patterns) == 1


def _key_if_compatible(shape: Shape, target: Resource) -> ResourceProperty | None:
    if target.identifier and _is_compatible(shape, target, target.identifier):
        return target.name, target.identifier
    return None


def _match_person(
    parsed: _Name, shape: Shape, by_noun: Mapping[str, Resource]
) -> ResourceProperty | None:
    """The person that `assigneeId`, or `approvedBy` with a description of an id, is the key of."""
    is_person = parsed.stem[-1] in WORDS["person_properties"]
    if not is_person and not (parsed.words[-1] == "by" and _describes_id(shape)):
        return None
    for person in _PERSON_RESOURCES:
        target = by_noun.get(squash(person))
        reference = _key_if_compatible(shape, target) if target is not None else None
        if reference is not None:
            return reference
    return None


def _match_key(
    name: str, shape: Shape, resources: Mapping[str, Resource], owner: str | None
) -> ResourceProperty | None:
    """The one resource whose key has this name, or has this pattern and is described here.

    `trackingNumbers` holds the `trackingNumber` of parcels; `origin`, described as "IATA code of
    the airport" and with the pattern of an airport's `iataCode`, holds that.
    """
    word = squash(noun(name))
    description = str(shape.node.get("description") or "").lower()
    pattern = shape.node.get("pattern")
    matches: list[ResourceProperty] = []
    for target in resources.values():
        if target.identifier is None or target.singleton or target.virtual or target.name == owner:
            continue
        key = squash(target.identifier)
        is_named = word == key
        if key in WORDS["common_keys"] or (len(split(target.identifier)) < 2 and not is_named):
            continue
        prop = Shape.of(target.entity).properties.get(target.identifier)
        has_pattern = (
            pattern is not None and prop is not None and prop.node.get("pattern") == pattern
        )
        is_described = has_pattern and (
            split(target.identifier)[0] in split(description)
            or squash(target.name) in squash(description)
        )
        if is_named or is_described:
            reference = _key_if_compatible(shape, target)
            if reference is not None:
                matches.append(reference)
    return matches[0] if len(matches) == 1 else None


def _describes_id(shape: Shape) -> bool:
    """Whether a schema says that it is an identifier, by its format or its description."""
    if shape.node.get("format") == "uuid":
        return True
    description = str(shape.node.get("description") or "").lower()
    start = " ".join(description.split()[:_DESCRIPTION_START])
    return not WORDS["identifier_words"].isdisjoint(split(start))
