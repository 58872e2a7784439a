"""Keys: out of a seed for what a world starts with, out of content for what is created in it."""

from __future__ import annotations

import random
import uuid
from collections.abc import Container
from hashlib import blake2b
from typing import Any

from inftool.core.types import JsonObject
from inftool.language.identifiers import bag, split, squash
from inftool.world.resources.models import Resource
from inftool.world.sampling import regex_strings
from inftool.world.schema.shape import Shape, integer_keyword
from inftool.world.schema.validation import is_valid
from inftool.world.seeding.context import SeedContext

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def typed_key(shape: Shape, prop: str, key: str) -> Any:
    """A key in the type that its property has: "42" is 42 where the schema wants an integer."""
    sub = shape.properties.get(prop)
    if sub is not None and not sub.has("string") and (sub.has("integer") or sub.has("number")):
        try:
            return int(key)
        except ValueError:
            return key
    return key


def key_prefix(noun: str) -> str:
    """A short prefix for a resource's keys: `order line` gives `ol`, `customer` gives `cus`."""
    words = split(noun)
    return (
        "".join(word[0] for word in words) if len(words) > 1 else (words[0][:3] if words else "obj")
    )


def key_shape(resource: Resource, shape: Shape) -> Shape | None:
    """What a resource's key must look like: as its property says, and as the arguments that carry it say too."""
    own = shape.properties.get(resource.identifier) if resource.identifier else None
    carried = Shape.of(resource.key_schema) if resource.key_schema else None
    if own is None or carried is None:
        return own or carried
    if set(own.types) & set(carried.types) and not (
        own.node.get("format") or own.node.get("pattern")
    ):
        return Shape(
            {
                "allOf": [
                    own.node,
                    {
                        key: value
                        for key, value in carried.node.items()
                        if key not in {"$defs", "description"}
                    },
                ]
            },
            own.root,
        )
    return own


def _wanted(context: SeedContext, resource: Resource) -> Shape | None:
    key = ("key", resource.name)
    if key not in context.memory:
        context.memory[key] = key_shape(resource, context.shapes[resource.name])
    found: Shape | None = context.memory[key]
    return found


def shown_in(node: JsonObject) -> list[Any]:
    """A schema's examples."""
    found = node.get("examples")
    return found if isinstance(found, list) else []


def make_key(shape: Shape | None, noun: str, rng: random.Random, *, ordinal: int = 0) -> Any:
    """A key's value as its schema wants it: an integer, a UUID, a pattern, a code like the example, else a short prefixed code."""
    node = shape.node if shape is not None else {}
    if (
        shape is not None
        and not shape.has("string")
        and (shape.has("integer") or shape.has("number"))
    ):
        low = integer_keyword(node, "minimum", 1)
        high = integer_keyword(node, "maximum", 10**12)
        shown = [item for item in shown_in(node) if isinstance(item, int)]
        digits = max(len(str(shown[0])) if shown else 5, 4)
        bottom, top = max(10 ** (digits - 1), low), min(10**digits - 1, high)
        return (
            rng.randint(bottom, top)
            if bottom < top
            else rng.randint(low, max(low, min(high, low + 9999)))
        )
    if node.get("format") == "uuid":
        return str(uuid.UUID(int=rng.getrandbits(128), version=4))
    least = integer_keyword(node, "minLength", 1)
    most = integer_keyword(node, "maxLength", 80)
    pattern = node.get("pattern")
    examples = [item for item in shown_in(node) if isinstance(item, str)]
    tries: list[str | None] = []
    if examples and examples[0].count("-") == 4 and len(examples[0]) == 36:
        tries.append(str(uuid.UUID(int=rng.getrandbits(128), version=4)))
    if examples and any(char.isdigit() for char in examples[0]) and " " not in examples[0]:
        tries.append(regex_strings.vary_example(examples[0], rng))
    if isinstance(pattern, str):
        tries.append(regex_strings.from_pattern(pattern, rng, shortest=least, longest=most))
    code = "".join(rng.choice(_ALPHABET) for _ in range(6))
    tries += [
        f"{key_prefix(noun)}_{code}",
        code,
        "".join(rng.choice(_ALPHABET) for _ in range(min(max(least, 4), most))),
    ]
    for found in tries:
        if (
            found
            and least <= len(found) <= most
            and (not isinstance(pattern, str) or regex_strings.matches_pattern(pattern, found))
        ):
            return found
    return code[:most]


def _natural(resource: Resource, shape: Shape) -> bool:
    """Whether a key is a word of its own (a code, a slug, a user name) that was sampled with its entity."""
    if resource.identifier is None:
        return False
    last = split(resource.identifier)[-1:]
    sub = shape.properties.get(resource.identifier)
    if sub is None or not sub.has("string"):
        return False
    return bool(last) and (
        last[0] in bag("name slug username iata isbn symbol email")
        or squash(resource.identifier)
        in {"iatacode", "countrycode", "currencycode", "airportcode", "login"}
        or "enum" in sub.node
    )


def seeded_key(
    context: SeedContext,
    resource: Resource,
    index: int,
    value: JsonObject,
    taken: Container[str],
    lent: str | None,
) -> str:
    """The key of a seeded entity, put into its value; unique among those taken.

    `lent` is the key of another resource's entity that it goes by, None where it has a key of its own.
    """
    shape = context.shapes[resource.name]
    prop = resource.identifier
    wanted = _wanted(context, resource)
    if lent is not None:
        value[str(prop)] = typed_key(shape, str(prop), lent)
        return lent
    if (
        prop
        and _natural(resource, shape)
        and isinstance(value.get(prop), str)
        and value[prop]
        and value[prop] not in taken
    ):
        return str(value[prop])
    for attempt in range(200):
        rng = context.rng("key", resource.name, index, attempt)
        if resource.virtual and attempt < 20:
            made = context.sampler(rng).value(Shape.of(resource.key_schema), prop or resource.name)
            made = (
                made
                if isinstance(made, str | int) and made != ""
                else make_key(wanted, resource.name, rng)
            )
        elif prop and _natural(resource, shape) and attempt < 100:
            sampled = context.sampler(
                context.rng("entity", resource.name, index, f"again{attempt}")
            ).entity(shape, resource.name)
            if prop not in sampled or str(sampled[prop]) in taken:
                continue
            value.clear()
            value.update(sampled)
            made = sampled[prop]
        else:
            made = make_key(wanted, resource.name, rng)
        key = str(made)
        if key not in taken:
            if prop:
                value[prop] = made
            return key
    key = f"{key_prefix(resource.name)}{index}"
    if prop:
        value[prop] = typed_key(shape, prop, key)
    return key


def new_key(
    context: SeedContext, resource: Resource, content: str, taken: Container[str]
) -> tuple[str, Any]:
    """Key and identifier of a new entity: a function of the seed, its content and how many with the same content there are."""
    wanted = _wanted(context, resource)
    # Keys of repeated content are remembered, or a thousand equal entities would cost half a million keys.
    known: list[Any] = context.memory.get(("created", resource.name, content), [])
    for ordinal in range(10_000):
        if ordinal < len(known):
            made = known[ordinal]
        else:
            made = _of_content(context, resource, wanted, content, ordinal)
            known.append(made)
            if ordinal == 1:
                context.memory["created", resource.name, content] = known
        if str(made) not in taken and (
            wanted is None
            or not resource.identifier
            or is_valid(wanted.schema(), made)
            or ordinal > 20
        ):
            return str(made), made
    return (
        f"{key_prefix(resource.name)}-{blake2b(content.encode('utf-8', 'surrogatepass'), digest_size=6).hexdigest()}",
        None,
    )


def _of_content(
    context: SeedContext, resource: Resource, wanted: Shape | None, content: str, ordinal: int
) -> Any:
    seed = blake2b(
        f"{context.seed}\x1f{resource.name}\x1f{content}\x1f{ordinal}".encode(
            "utf-8", "surrogatepass"
        ),
        digest_size=16,
    ).hexdigest()
    return make_key(wanted, resource.name, random.Random(seed), ordinal=ordinal)
