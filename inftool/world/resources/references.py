"""References between resources: which property or argument holds the key of what."""

from __future__ import annotations

from collections.abc import Mapping

from inftool.language.identifiers import bag, noun, split, squash
from inftool.world.resources.models import Resource, ResourceProperty
from inftool.world.schema.shape import Shape

_SUFFIX = bag(
    "id ids uuid uuids sid guid key keys code codes ref reference slug number no username identifier iata uid name"
)
_PEOPLE = bag(
    "assignee owner author creator reporter manager reviewer approver sender recipient member organizer organiser host "
    "attendee requester agent holder contact creatorby by participant watcher lead invitee"
)
_PERSON_RESOURCES = (
    "user",
    "member",
    "person",
    "people",
    "employee",
    "customer",
    "contact",
    "account holder",
    "staff",
    "patient",
    "client",
    "profile",
    "agent",
    "student",
)


def _compatible(shape: Shape, target: Resource, prop: str | None) -> bool:
    if prop is None:
        return False
    key = Shape.of(target.entity).properties.get(prop)
    if key is None or "enum" in shape.node or "const" in shape.node or shape.has("boolean"):
        return False
    mine = {kind for kind in ("string", "integer", "number") if shape.has(kind)}
    theirs = {kind for kind in ("string", "integer", "number") if key.has(kind)}
    if (
        not mine
        or not theirs
        or not (mine & theirs or ({"integer", "number"} & mine and {"integer", "number"} & theirs))
    ):
        return False
    formats = {shape.node.get("format"), key.node.get("format")} - {None, "int32", "int64"}
    if len(formats) == 2 or (
        formats & {"date", "date-time", "email", "uri"}
        and shape.node.get("format") != key.node.get("format")
    ):
        return False
    patterns = {shape.node.get("pattern"), key.node.get("pattern")}
    return None in patterns or len(patterns) == 1


def _property(words: tuple[str, ...], target: Resource) -> str | None:
    """The property of a resource that a reference's last word means."""
    last = words[-1] if words else ""
    if (
        last
        in {"id", "ids", "ref", "reference", "uuid", "uuids", "sid", "guid", "identifier", "uid"}
        or last not in _SUFFIX
    ):
        return target.identifier
    one = {"codes": "code", "keys": "key"}.get(last, last)
    if target.identifier and squash(target.identifier).endswith(one):
        return target.identifier
    # Another property than the key (an account number, a name) may well mean something outside this world.
    return target.identifier if target.virtual and one != "name" else None


def match_reference(
    name: str,
    shape: Shape,
    resources: Mapping[str, Resource],
    *,
    home: str | None = None,
    above: str = "",
) -> ResourceProperty | None:
    """The (resource, property) that a property or argument called `name` holds a key of, None where nothing says so.

    `home`: the resource whose property it is; `above`: the object that it lies in (`customer` in `/customer/id`).
    """
    words = split(name)
    if not words or {
        "unknown",
        "external",
        "deleted",
        "missing",
        "legacy",
        "foreign",
        "invalid",
    } & set(words):
        return None
    suffixed = words[-1] in _SUFFIX
    stem_words = words[:-1] if suffixed and len(words) > 1 else words
    if suffixed and len(words) == 1:
        if not above or words[-1] in {"name", "number", "reference"}:
            return None
        stem_words = split(above)
    by_key = _by_key(name, shape, resources, home)
    if by_key is not None:
        return by_key
    if not suffixed and not _speaks_of_id(shape):
        return None
    by_name = {
        squash(alias): resource
        for resource in resources.values()
        if not resource.singleton
        for alias in resource.aliases
    }
    by_name |= {
        squash(resource.name): resource for resource in resources.values() if not resource.singleton
    }
    if (
        home in resources
        and suffixed
        and squash(" ".join(stem_words)) == squash(str(home))
        and words[-1] != "name"
        and not above
    ):
        own = resources[str(home)]
        if own.identifier == name:
            return None
    for size in range(len(stem_words)):
        wanted = squash(noun(" ".join(stem_words[size:])))
        target = by_name.get(wanted)
        if target is None:
            # "milestone" for "project milestone", "book" for "store book": the resource's own last words, where only one fits.
            fits = [
                resource
                for key, resource in by_name.items()
                if key.endswith(wanted)
                and len(wanted) > 3
                and split(resource.name)[-1:] == split(noun(" ".join(stem_words[size:])))[-1:]
            ]
            target = fits[0] if len(fits) == 1 else None
        if target is not None:
            prop = _property(words, target)
            if (
                prop is not None
                and (target.virtual or _compatible(shape, target, prop))
                and not (target.name == home and prop == name)
            ):
                return target.name, prop
            if words[-1] != "name" or size == len(stem_words) - 1:
                return None
    last = stem_words[-1]
    if (
        home
        and last in {"parent", "root", "previous", "next", "related", "duplicate", "original"}
        and home in resources
        and words[-1] != "name"
    ):
        own = resources[home]
        return (
            (home, own.identifier)
            if own.identifier and _compatible(shape, own, own.identifier)
            else None
        )
    if (last in _PEOPLE or (words[-1] == "by" and _speaks_of_id(shape))) and words[-1] != "name":
        for person in _PERSON_RESOURCES:
            target = by_name.get(squash(person))
            if (
                target is not None
                and target.identifier
                and _compatible(shape, target, target.identifier)
            ):
                return target.name, target.identifier
    return None


_COMMON = bag(
    "id key code name number slug uuid sid reference ref type status title email date value index"
)


def _by_key(
    name: str, shape: Shape, resources: Mapping[str, Resource], home: str | None
) -> ResourceProperty | None:
    """A property named like another resource's key (`trackingNumbers`), or with its pattern and a word that says so.

    The latter is `origin` with "IATA code of the airport" for a description, where an airport's key is `iata_code`.
    """
    word = squash(noun(name))
    said = str(shape.node.get("description") or "").lower()
    pattern = shape.node.get("pattern")
    hits: list[ResourceProperty] = []
    for target in resources.values():
        if target.identifier is None or target.singleton or target.virtual or target.name == home:
            continue
        key = squash(target.identifier)
        if key in _COMMON or (len(split(target.identifier)) < 2 and key != word):
            continue
        own = Shape.of(target.entity).properties.get(target.identifier)
        same = pattern is not None and own is not None and own.node.get("pattern") == pattern
        told = same and (
            split(target.identifier)[0] in split(said) or squash(target.name) in squash(said)
        )
        if ((word == key and key not in _COMMON) or told) and _compatible(
            shape, target, target.identifier
        ):
            hits.append((target.name, target.identifier))
    return hits[0] if len(hits) == 1 else None


def _speaks_of_id(shape: Shape) -> bool:
    text = str(shape.node.get("description") or "").lower()
    if shape.node.get("format") == "uuid":
        return True
    start = " ".join(text.split()[:6])
    return any(
        word in split(start) for word in ("id", "identifier", "uuid", "ids", "identifiers", "sid")
    )


def find_references(
    shape: Shape, resources: Mapping[str, Resource], *, home: str | None = None, depth: int = 4
) -> dict[str, ResourceProperty]:
    """Every reference inside a shape: pointer pattern -> (resource, property)."""
    found: dict[str, ResourceProperty] = {}
    for pointer, sub in shape.walk(depth):
        if not pointer or sub.object() is not None or sub.array() is not None:
            continue
        steps = [step for step in pointer.split("/")[1:] if step != "*"]
        if not steps:
            continue
        target = match_reference(
            steps[-1],
            sub,
            resources,
            home=home if len(steps) == 1 else None,
            above=noun(steps[-2]) if len(steps) > 1 else "",
        )
        if target is None and pointer.endswith("/*") and len(steps) == 1:
            target = (
                match_reference(f"{noun(steps[-1])} id", sub, resources, home=home)
                if _speaks_of_id(sub)
                else None
            )
        if target is not None:
            found[pointer] = target
    return found


def settle_keys(
    resources: Mapping[str, Resource], linked: Mapping[str, dict[str, ResourceProperty]]
) -> None:
    """Take out references that a resource's own key is not, in place.

    An order's `orderId` is its own key whatever else is keyed by it; an inventory's `bookId` is a book's. Of two things that share a key
    neither is the other's owner, and a thing's key cannot be that of what lies under it.
    """
    keys = {
        name: f"/{resource.identifier}"
        for name, resource in resources.items()
        if resource.identifier is not None
    }

    def above(name: str) -> set[str]:
        found: set[str] = set()
        wanted = list(resources[name].parents)
        while wanted:
            one = wanted.pop()
            if one not in found and one in resources:
                found.add(one)
                wanted += resources[one].parents
        return found

    for name, key in sorted(keys.items()):
        target = linked[name].get(key)
        if target is None:
            continue
        words = split(key[1:])
        named = squash(
            noun(" ".join(words[:-1] if words[-1] in _SUFFIX and len(words) > 1 else words))
        )
        own = (
            bool(named)
            and (named in squash(name) or squash(name) in named)
            and squash(target[0]) != named
        )
        shared = keys.get(target[0]) in linked.get(target[0], {})
        if (
            own
            or shared
            or name == target[0]
            or name in above(target[0])
            or target[1] != resources[target[0]].identifier
        ):
            del linked[name][key]
