"""Keys: from the seed for what a world starts with, from content for what is created in it."""

from __future__ import annotations

import random
import uuid
from collections.abc import Container
from hashlib import blake2b

from inftool.core.types import Schema
from inftool.language.identifiers import split, squash
from inftool.world.resources.models import Resource
from inftool.world.sampling import regex_strings
from inftool.world.schema.shape import Shape, integer_keyword
from inftool.world.schema.validation import is_valid
from inftool.world.seeding.context import SeedContext
from inftool.world.seeding.word_sets import WORDS

# Letters and digits that nobody mixes up in a code: no 0 and o, no 1, i and l.
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_CODE_LENGTH = 6
# Integers have as many digits as the example, else five, and at least four, so that a key is not
# taken for a number of things.
_DIGITS = 5
_MIN_DIGITS = 4
_MAX_INTEGER = 10**12
# How many integers there are to choose from if the digits do not fit the bounds of the schema.
_NARROW_RANGE = 9999
_MAX_LENGTH = 80
_UUID_LENGTH = 36
_UUID_HYPHENS = 4
# Attempts at a free key. Sampled keys run out first: a small enum has few values.
_TRIES = 200
_NATURAL_TRIES = 100
_VIRTUAL_TRIES = 20
# Entities of one content in a collection, and how many of their keys may be skipped since they
# break the schema, before an invalid one will do.
_MAX_EQUAL = 10_000
_MAX_INVALID = 20

Key = str | int
"""A key as it stands in an entity; in collections it is text."""


def typed_key(shape: Shape, prop: str, key: str) -> Key:
    """A key in the type of its property: "42" -> 42 if the schema wants an integer."""
    sub = shape.properties.get(prop)
    if sub is not None and _is_number(sub):
        try:
            return int(key)
        except ValueError:
            return key
    return key


def _is_number(shape: Shape) -> bool:
    return not shape.has("string") and (shape.has("integer") or shape.has("number"))


def key_prefix(noun: str) -> str:
    """A short prefix for a resource's keys: `order line` -> `ol`, `customer` -> `cus`."""
    words = split(noun)
    if len(words) > 1:
        return "".join(word[0] for word in words)
    return words[0][:3] if words else "obj"


def key_shape(resource: Resource, shape: Shape) -> Shape | None:
    """What a key must look like, None if nothing says so.

    It satisfies its property and the argument that carries it, if both have a type in common. A
    format or pattern of the property goes before whatever the argument says.
    """
    prop = shape.properties.get(resource.identifier) if resource.identifier else None
    argument = Shape.of(resource.key_schema) if resource.key_schema else None
    if prop is None or argument is None:
        return prop or argument
    is_exact = bool(prop.node.get("format") or prop.node.get("pattern"))
    if is_exact or not set(prop.types) & set(argument.types):
        return prop
    conditions = {
        keyword: value
        for keyword, value in argument.node.items()
        if keyword not in {"$defs", "description"}
    }
    return Shape({"allOf": [prop.node, conditions]}, prop.root)


def _key_shape_of(context: SeedContext, resource: Resource) -> Shape | None:
    """The shape of a resource's keys, computed once for a world."""
    memory_key = ("key", resource.name)
    if memory_key not in context.memory:
        context.memory[memory_key] = key_shape(resource, context.shapes[resource.name])
    shape: Shape | None = context.memory[memory_key]
    return shape


def _examples(node: Schema) -> list[object]:
    examples = node.get("examples")
    return examples if isinstance(examples, list) else []


def make_key(shape: Shape | None, noun: str, rng: random.Random) -> Key:
    """A key as its schema wants it, else a prefix and a code: `cus_7kq2mz`.

    A schema may want an integer, a UUID, a text like its example (`ORD-1042`), or a pattern.
    """
    if shape is not None and _is_number(shape):
        return _integer_key(shape, rng)
    node = shape.node if shape is not None else {}
    if node.get("format") == "uuid":
        return _uuid(rng)
    shortest = integer_keyword(node, "minLength", 1)
    longest = integer_keyword(node, "maxLength", _MAX_LENGTH)
    pattern = node.get("pattern")
    example = next((item for item in _examples(node) if isinstance(item, str)), "")
    # All are drawn, whichever is taken, so that later draws do not depend on which one fits.
    candidates: list[str | None] = []
    # "9f1c2a3e-..." is a UUID even where the schema does not say so.
    if example.count("-") == _UUID_HYPHENS and len(example) == _UUID_LENGTH:
        candidates.append(_uuid(rng))
    # "ORD-1042" -> "ORD-7318"; an example in words is a sentence about keys.
    if any(char.isdigit() for char in example) and " " not in example:
        candidates.append(regex_strings.vary_example(example, rng))
    if isinstance(pattern, str):
        candidates.append(
            regex_strings.from_pattern(pattern, rng, shortest=shortest, longest=longest)
        )
    code = _code(rng, _CODE_LENGTH)
    candidates += [f"{key_prefix(noun)}_{code}", code]
    candidates.append(_code(rng, min(max(shortest, 4), longest)))
    # The prefix says what a key is of, so the code alone is for schemas that leave no room for it.
    for key in candidates:
        if not key or not shortest <= len(key) <= longest:
            continue
        if not isinstance(pattern, str) or regex_strings.matches_pattern(pattern, key):
            return key
    return code[:longest]


def _integer_key(shape: Shape, rng: random.Random) -> int:
    low = integer_keyword(shape.node, "minimum", 1)
    high = integer_keyword(shape.node, "maximum", _MAX_INTEGER)
    example = next((item for item in _examples(shape.node) if isinstance(item, int)), None)
    digits = max(len(str(example)) if example is not None else _DIGITS, _MIN_DIGITS)
    bottom, top = max(10 ** (digits - 1), low), min(10**digits - 1, high)
    if bottom < top:
        return rng.randint(bottom, top)
    return rng.randint(low, max(low, min(high, low + _NARROW_RANGE)))


def _uuid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def _code(rng: random.Random, length: int) -> str:
    return "".join(rng.choice(_ALPHABET) for _ in range(length))


def _is_natural(resource: Resource, shape: Shape) -> bool:
    """Whether a key has a meaning, so that it is sampled with its entity: a code, a user name."""
    sub = shape.properties.get(resource.identifier) if resource.identifier else None
    if resource.identifier is None or sub is None or not sub.has("string"):
        return False
    last = split(resource.identifier)[-1:]
    return bool(last) and (
        last[0] in WORDS["natural_key_ends"]
        or squash(resource.identifier) in WORDS["natural_keys"]
        or "enum" in sub.node
    )


def seeded_key(
    context: SeedContext,
    resource: Resource,
    index: int,
    value: dict[str, object],
    taken: Container[str],
    borrowed: str | None,
) -> str:
    """The key of the n-th seeded entity, put into its value; unique among those taken.

    `borrowed` is the key of another resource's entity that it goes by, None if it has its own. A
    natural key that is taken already is sampled again together with the rest of the entity.
    """
    shape, prop = context.shapes[resource.name], resource.identifier
    if borrowed is not None:
        value[str(prop)] = typed_key(shape, str(prop), borrowed)
        return borrowed
    natural = bool(prop) and _is_natural(resource, shape)
    sampled_key = value.get(str(prop)) if natural else None
    if isinstance(sampled_key, str) and sampled_key and sampled_key not in taken:
        return sampled_key
    wanted = _key_shape_of(context, resource)
    for attempt in range(_TRIES):
        rng = context.rng("key", resource.name, index, attempt)
        made: object
        if resource.virtual and attempt < _VIRTUAL_TRIES:
            made = context.sampler(rng).value(Shape.of(resource.key_schema), prop or resource.name)
            if not isinstance(made, str | int) or made == "":
                made = make_key(wanted, resource.name, rng)
        elif natural and attempt < _NATURAL_TRIES:
            entity_rng = context.rng("entity", resource.name, index, f"again{attempt}")
            sampled = context.sampler(entity_rng).entity(shape, resource.name)
            if prop not in sampled or str(sampled[prop]) in taken:
                continue
            # The whole entity, since an airport's name goes with its code.
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
    # A schema with fewer keys than the collection has entities: an invalid key is better than none.
    key = f"{key_prefix(resource.name)}{index}"
    if prop:
        value[prop] = typed_key(shape, prop, key)
    return key


def new_key(
    context: SeedContext, resource: Resource, content: str, taken: Container[str]
) -> tuple[str, Key | None]:
    """The key of a new entity: as text, and as it stands in the entity (None if it does not fit).

    It is a function of the seed, of the entity's content, and of how many entities with the same
    content there are already, so that equal calls in forks of a world give equal keys.
    """
    wanted = _key_shape_of(context, resource)
    memory_key = ("created", resource.name, content)
    # Without this, a thousand equal entities would cost half a million keys.
    keys: list[Key] = context.memory.get(memory_key, [])
    for ordinal in range(_MAX_EQUAL):
        if ordinal == len(keys):
            keys.append(_key_of_content(context, resource, content, ordinal))
            if ordinal == 1:
                # Most contents come once, and their keys are not worth the memory.
                context.memory[memory_key] = keys
        key = keys[ordinal]
        if str(key) in taken:
            continue
        if wanted is None or not resource.identifier or ordinal > _MAX_INVALID:
            return str(key), key
        if is_valid(wanted.schema(), key):
            return str(key), key
    digest = blake2b(content.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
    return f"{key_prefix(resource.name)}-{digest}", None


def _key_of_content(context: SeedContext, resource: Resource, content: str, ordinal: int) -> Key:
    text = f"{context.seed}\x1f{resource.name}\x1f{content}\x1f{ordinal}"
    seed = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return make_key(_key_shape_of(context, resource), resource.name, random.Random(seed))
