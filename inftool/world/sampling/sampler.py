"""Values sampled from a schema: valid, coherent within an object, like what people would type."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from inftool.core.types import JsonObject
from inftool.language.identifiers import noun as noun_of
from inftool.language.identifiers import split, squash
from inftool.world.lexicon.word_groups import word_sets
from inftool.world.sampling.arrays import sample_array
from inftool.world.sampling.context import (
    BUDGET,
    MAX_DEPTH,
    FieldPosition,
    SamplerSettings,
    SamplingContext,
)
from inftool.world.sampling.examples import examples_of
from inftool.world.sampling.named_values.entity_names import own_name
from inftool.world.sampling.named_values.facts import Facts
from inftool.world.sampling.named_values.moments import (
    format_timestamp,
    is_temporal_name,
    plausible_moment,
)
from inftool.world.sampling.named_values.number_values import number_for_name
from inftool.world.sampling.named_values.text_values import text_for_name
from inftool.world.sampling.numbers import sample_number
from inftool.world.sampling.objects import sample_object
from inftool.world.sampling.strings import sample_string
from inftool.world.schema.repair import repair
from inftool.world.schema.shape import Shape
from inftool.world.schema.validation import is_valid

_BOOLEANS = word_sets("boolean")
_LIKELY_SHARE, _EVEN_SHARE, _UNLIKELY_SHARE = 0.8, 0.5, 0.1
# If a schema allows several types, the first of these is sampled: it carries the most information.
_TYPES = ("object", "array", "string", "number", "integer", "boolean")
# Deeper than this, plain values are preferred to objects and arrays.
_PLAIN_DEPTH = 3
# The shares of optional properties with which the alternatives of a `oneOf` are tried after the
# usual share. An alternative may be told from the others by a property that was left out (so all
# are included), or by one that must be absent (so half of them are).
_OTHER_SHARES = (1.0, 0.5)
_DEFAULTS = SamplerSettings()


class ValueSampler(SamplingContext):
    """Samples values for schemas; the same generator state and settings give the same values."""

    def __init__(self, rng: random.Random, settings: SamplerSettings = _DEFAULTS) -> None:
        super().__init__(rng, settings)

    def value(self, shape: Shape, name: str = "", facts: Facts | None = None) -> Any:
        """A value of a shape for a field called `name`; `facts` are those of the object around it.

        It may be invalid where parts of the schema contradict each other: see `repair`.
        """
        return self.value_at(shape, FieldPosition(name), facts)

    def entity(self, shape: Shape, noun: str) -> JsonObject:
        """An object of a shape, such as a "book", even if the shape also allows other types."""
        self.budget = BUDGET
        return sample_object(self, shape, FieldPosition(noun), None)

    def value_at(self, shape: Shape, position: FieldPosition, facts: Facts | None) -> Any:
        """A value of a shape at a position; `facts` are those of the object around it."""
        self.budget = BUDGET if position.depth == 0 else self.budget - 1
        node, name = shape.node, position.name
        if facts is None:
            facts = self.facts(split(noun_of(name)) if name else ())
        # References hold keys of entities, which are scalars; objects are always sampled.
        if self.settings.refer is not None and position.pointer and not shape.properties:
            reference = self.settings.refer(position.pointer)
            if reference is not None:
                return reference
        if shape.only_null:
            return None
        if "const" in node:
            return node["const"]
        if isinstance(node.get("enum"), list) and node["enum"]:
            return self._enum(node["enum"], name, facts)
        alternatives = [variant for variant in shape.variants if variant is not shape]
        if alternatives:
            return self._alternative(shape, alternatives, position, facts)
        if not shape.types:
            return self._untyped(shape, name, facts)
        return self._of_type(_preferred_type(shape.types, position.depth), shape, position, facts)

    def _of_type(self, kind: str, shape: Shape, position: FieldPosition, facts: Facts) -> object:
        if kind == "object":
            return sample_object(self, shape, position, facts)
        if kind == "array":
            return sample_array(self, shape, position, facts)
        if kind == "string":
            return sample_string(shape, position.name, facts)
        if kind in {"integer", "number"}:
            return sample_number(shape, position.name, facts, integer=kind == "integer")
        if kind == "boolean":
            return self._boolean(position.name)
        return None

    def _alternative(
        self, shape: Shape, alternatives: list[Shape], position: FieldPosition, facts: Facts
    ) -> object:
        """A value of one of the alternatives of a `oneOf` or `anyOf`."""
        if position.depth > MAX_DEPTH:
            # Deep inside a value, the alternative with the fewest required parts is enough.
            chosen = min(alternatives, key=lambda option: len(option.required))
            return self.value_at(chosen, position.alternative(), facts)
        if self.settings.strict and "oneOf" in shape.node:
            return self._one_of(shape, alternatives, position, facts)
        plain = [
            option for option in alternatives if option.object() is None and option.array() is None
        ]
        prefers_plain = position.depth > _PLAIN_DEPTH or len(plain) == len(alternatives)
        chosen = self.rng.choice(plain if plain and prefers_plain else alternatives)
        return self.value_at(chosen, position.alternative(), facts)

    def _one_of(
        self, shape: Shape, alternatives: list[Shape], position: FieldPosition, facts: Facts
    ) -> object:
        """A value that exactly one of the alternatives accepts; else the last that was tried."""
        schema, usual, value = shape.schema(), self.optional, None
        for share in (usual, *_OTHER_SHARES):
            self.optional = share
            for option in self.rng.sample(alternatives, len(alternatives)):
                value = self.value_at(option, position.alternative(), facts)
                if is_valid(schema, value):
                    self.optional = usual
                    return value
        self.optional = usual
        return value

    def _enum(self, values: list[object], name: str, facts: Facts) -> object:
        """One of the listed values: if possible the world's currency, or the object's country."""
        # Null is chosen only if nothing else is listed.
        choices = [value for value in values if value is not None] or values
        currency = self.settings.currency
        if squash(name).endswith(("currency", "currencycode")) and currency in choices:
            return currency
        if "country" in split(name):
            country = facts.place().country_code
            if country in choices:
                return country
        return self.rng.choice(choices)

    def _untyped(self, shape: Shape, name: str, facts: Facts) -> object:
        """A value for a schema without a type: its example or default, else by the name."""
        examples = examples_of(shape.node)
        if examples:
            return self.rng.choice(examples)
        if "default" in shape.node:
            return shape.node["default"]
        if is_temporal_name(name):
            return format_timestamp(plausible_moment(split(name), facts))
        text = text_for_name(name, facts)
        if text is not None:
            return text
        number = number_for_name(name, facts, integer=False)
        return number if number is not None else own_name(facts)

    def _boolean(self, name: str) -> bool:
        words = set(split(name))
        share = _EVEN_SHARE
        # Most entities are `active` and `available`, few are `archived`.
        if words & _BOOLEANS["likely"]:
            share = _LIKELY_SHARE
        elif words & _BOOLEANS["unlikely"]:
            share = _UNLIKELY_SHARE
        return self.rng.random() < share


def _preferred_type(types: tuple[str, ...], depth: int) -> str:
    if len(types) == 1:
        return types[0]
    candidates = _TYPES[2:] if depth > _PLAIN_DEPTH else _TYPES
    return next((kind for kind in candidates if kind in types), types[0])


def sample(
    schema: JsonObject,
    rng: random.Random,
    *,
    name: str = "",
    noun: str = "",
    settings: SamplerSettings = _DEFAULTS,
) -> Any:
    """A value that a schema accepts, unless it accepts none.

    `name` is the name of the field, `noun` the kind of entity that it belongs to ("book"). The same
    schema, generator state and settings give the same value.
    """
    shape = Shape.of(schema)
    seed = rng.getrandbits(64)

    def make(attempt: int) -> object:
        # Later attempts alternate between no optional properties and all of them.
        share = settings.optional if attempt == 0 else 0.0 if attempt % 2 else 1.0
        sampler = ValueSampler(
            random.Random(f"{seed}:{attempt}"),
            replace(settings, optional=share, strict=attempt > 0),
        )
        # Here the schema describes the entity itself, and not one of its fields.
        if shape.object() is not None and noun and not name:
            return sampler.value(shape, noun)
        return sampler.value(shape, name, sampler.facts(split(noun_of(noun))) if noun else None)

    return repair(schema, make(0), make)
