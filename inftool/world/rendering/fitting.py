"""Entities in the shape of an answer: undeclared parts go, missing required ones are made up."""

from __future__ import annotations

from collections.abc import Container, Mapping

from inftool.core.json_values import copied
from inftool.core.types import JsonObject
from inftool.world.schema.repair import remove_invalid_parts, repair
from inftool.world.schema.shape import Shape
from inftool.world.schema.validation import is_valid, schema_errors
from inftool.world.seeding.base import SeededBase

# Deeper values are shown as they are: no entity nests that deep unless its schema is recursive.
_MAX_DEPTH = 12
# The shares of optional properties in the samples that are tried in turn: the smallest object is
# the easiest to make valid, but some schemas (`minProperties`, `anyOf` of `required`) want more.
_OPTIONAL_SHARES = (0.0, 0.0, 1.0)
# One round for each property that gives way; more than a few mean that the sample had better stand.
_MAX_ROUNDS = 6

DrawKey = tuple[object, ...]
"""What the values that have to be made up depend on; the same key gives the same values."""


class Fitter:
    """Fits values to shapes with the generators of one base world."""

    def __init__(self, base: SeededBase) -> None:
        self._base = base

    def fit(self, shape: Shape, value: object, *key: object) -> object:
        """A value as a shape shows it, valid where the schema accepts anything at all.

        `key` decides what is drawn where something has to be made up. {"id": "7", "note": "x"} in
        a shape with an integer `id` and a required `name` -> {"id": 7, "name": "Ada"}.
        """
        fitted = self._fit(shape, value, key, 0)
        schema = self.schema_of(shape)
        if is_valid(schema, fitted):
            return fitted

        def make(attempt: int) -> object:
            sampler = self._base.sampler(
                self._base.rng("fit", *key, attempt),
                optional=_OPTIONAL_SHARES[attempt % len(_OPTIONAL_SHARES)],
                strict=True,
            )
            sample: object = sampler.value(shape, str(key[0]) if key else "")
            if isinstance(sample, dict) and isinstance(fitted, dict):
                return _replace_broken(schema, fitted, sample)
            return sample

        return repair(schema, copied(fitted), make)

    def missing(self, shape: Shape, name: str, key: DrawKey) -> object:
        """A value for a required property that the entity does not have."""
        sampler = self._base.sampler(self._base.rng("missing", name, *key), optional=0.0)
        value: object = sampler.value(shape, name)
        return value

    def schema_of(self, shape: Shape) -> JsonObject:
        """The schema of a shape: the same object for all shapes of one node.

        Validators are cached by the identity of the schema, and a schema's shapes are made many
        times over.
        """
        memory = self._base.memory
        memory_key = ("schema", id(shape.node), id(shape.root))
        cached = memory.get(memory_key)
        if cached is None:
            # The node and the root are kept with it, or their ids could be given out again.
            cached = memory[memory_key] = (shape.schema(), shape.node, shape.root)
        schema: JsonObject = cached[0]
        return schema

    def _fit(self, shape: Shape, value: object, key: DrawKey, depth: int) -> object:
        if depth > _MAX_DEPTH:
            return value
        if shape.variants:
            return self._fit_alternative(shape, value, key, depth)
        if isinstance(value, dict) and ("object" in shape.types or shape.properties):
            return self._fit_object(shape, value, key, depth)
        if isinstance(value, list) and "array" in shape.types and shape.items is not None:
            items = shape.items
            return [
                self._fit(items, item, (*key, index), depth + 1) for index, item in enumerate(value)
            ]
        return _fit_scalar(shape.types, value)

    def _fit_alternative(self, shape: Shape, value: object, key: DrawKey, depth: int) -> object:
        """The value in the alternative of `oneOf` or `anyOf` that shows most of it."""
        if not shape.properties and is_valid(self.schema_of(shape), value):
            return value
        ranked: list[tuple[bool, int, object]] = []
        for variant in shape.variants:
            schema = self.schema_of(variant)
            fitted = self._fit(variant, value, key, depth + 1)
            if not is_valid(schema, fitted):
                # What this alternative has no place for gives way; the rest is shown.
                fitted = remove_invalid_parts(schema, copied(fitted))
            if is_valid(schema, fitted):
                size = len(fitted) if isinstance(fitted, dict) else 1
                # Valid under the whole schema first (`oneOf` allows one match only), then the one
                # that shows most.
                ranked.append((is_valid(self.schema_of(shape), fitted), size, fitted))
        return max(ranked, key=lambda row: row[:2])[2] if ranked else value

    def _fit_object(
        self, shape: Shape, value: Mapping[str, object], key: DrawKey, depth: int
    ) -> dict[str, object]:
        body: dict[str, object] = {}
        for name, sub in shape.properties.items():
            item = value.get(name)
            if sub.plain_text and isinstance(item, str):
                # The most frequent property by far, and there is nothing to fit in it.
                body[name] = item
            elif name in value and not (item is None and sub.types and not sub.may_be_null):
                body[name] = self._fit(sub, item, key, depth + 1)
            elif name in shape.required:
                body[name] = self.missing(sub, name, key)
        extra = shape.node.get("additionalProperties")
        if extra is True or isinstance(extra, dict) or not shape.properties:
            body.update(_without(value, shape.properties))
        # Required, but declared nowhere: any value will do.
        for name in shape.required:
            if name not in body and name not in shape.properties:
                body[name] = value.get(name, "")
        return body


def _without(value: Mapping[str, object], names: Container[str]) -> dict[str, object]:
    return {name: item for name, item in value.items() if name not in names}


def _fit_scalar(types: tuple[str, ...], value: object) -> object:
    """A scalar in the only type that a shape allows: 7 -> "7", "7" -> 7, 7.0 -> 7."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and types == ("string",):
        return str(value)
    if isinstance(value, str) and types in {("integer",), ("number",)}:
        try:
            if value.lstrip("-").isdigit():
                return int(value)
            return float(value) if types == ("number",) else value
        except ValueError:
            return value
    # JSON does not tell 7.0 from 7, but validators of structured output may.
    if isinstance(value, float) and types == ("integer",) and value.is_integer():
        return int(value)
    return value


def _replace_broken(
    schema: JsonObject, fitted: Mapping[str, object], sample: dict[str, object]
) -> dict[str, object]:
    """A fitted object whose broken properties come from a sample; the sample where that fails.

    What is valid by itself stays: only what breaks the schema gives way.
    """
    mixed = {**sample, **fitted}
    for _ in range(_MAX_ROUNDS):
        broken = schema_errors(schema, mixed)
        if not broken:
            return mixed
        broken_names = {str(path[0]) for path, _, _ in broken if path and path[0] in mixed}
        if not broken_names:
            break
        for name in broken_names:
            # A property that is the sample's already and still breaks the schema has to go.
            if name in sample and mixed[name] is not sample[name]:
                mixed[name] = sample[name]
            else:
                mixed.pop(name)
    return sample
