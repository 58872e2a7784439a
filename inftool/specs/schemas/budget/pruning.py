"""One schema cut down to limits, without following its references."""

from __future__ import annotations

from dataclasses import dataclass

from inftool.core.identity_cache import IdentityCache
from inftool.core.types import Schema
from inftool.specs.schemas.budget.limits import ANY_SIZE, FAR, CutLimits
from inftool.specs.schemas.inspection import definition_of, enum_of, items_of, members_of
from inftool.specs.schemas.keywords.values import json_size

# Values of an enum that always stays, whatever its size.
MAX_KEPT_ENUM = 8
# Names of what was cut that a message can show.
MAX_NAMES = 8
# Bytes of a `const` that stays where the inside of a schema goes.
_MAX_OUTLINE_VALUE = 200
_TEXTS = frozenset({"description", "title", "examples"})
# Applicators of one schema. Those in `_DEEPER` apply it one level below.
_DEEPER = frozenset(
    {"items", "additionalProperties", "contains", "unevaluatedProperties", "unevaluatedItems"}
)
_ONE = frozenset({*_DEEPER, "not", "if", "then", "else", "propertyNames"})
# Applicators of a list of schemas, and of schemas by name.
_MANY = frozenset({"allOf", "oneOf", "anyOf", "prefixItems"})
_NAMED = frozenset({"patternProperties", "dependentSchemas"})
_INNER = frozenset({"$ref", "properties", *_ONE, *_MANY, *_NAMED})
_COMPLEX = frozenset(
    {"properties", "items", "oneOf", "anyOf", "allOf", "$ref", "patternProperties", "prefixItems"}
)

WithoutTexts = IdentityCache[dict[str, object], dict[str, object]]
"""Simple schema -> the same without texts, shared so that each is made once."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """A schema within limits."""

    schema: dict[str, object]
    size: int
    """Bytes of compact JSON."""
    references: tuple[tuple[str, int], ...]
    """(name of a definition, depth below this schema) for every reference in it."""
    cut: tuple[tuple[str, int, tuple[str, ...]], ...]
    """(loss code, how often, some names) of what was left out."""


def prune(
    schema: dict[str, object],
    limits: CutLimits,
    without_texts: WithoutTexts,
    *,
    name: str = "",
    is_root: bool = False,
) -> Pruned:
    """The schema within limits. `name` is that of its definition, `is_root` a tool's own schema."""
    pruner = _Pruner(is_root, without_texts)
    kept = pruner.object_schema(schema, limits, 0, name)
    cut = tuple((code, count, tuple(names)) for code, (count, names) in pruner.cut.items())
    return Pruned(kept, json_size(kept), tuple(pruner.references), cut)


def has_long_enum(schema: object) -> bool:
    """Whether there is an enum in a schema that limits could cut."""
    if isinstance(schema, dict):
        if len(enum_of(schema) or ()) > MAX_KEPT_ENUM:
            return True
        return any(map(has_long_enum, schema.values()))
    return isinstance(schema, list) and any(map(has_long_enum, schema))


class _Pruner:
    """One walk over one schema that leaves out what is beyond the limits."""

    def __init__(self, is_root: bool, without_texts: WithoutTexts) -> None:
        self.without_texts = without_texts
        self.is_root = is_root
        self.references: list[tuple[str, int]] = []
        self.cut: dict[str, tuple[int, dict[str, None]]] = {}

    def schema(self, schema: object, limits: CutLimits, depth: int, name: str) -> object:
        """The schema within limits, `depth` levels below the start of the walk."""
        if not isinstance(schema, dict):
            return schema
        return self.object_schema(schema, limits, depth, name)

    def object_schema(
        self, schema: dict[str, object], limits: CutLimits, depth: int, name: str
    ) -> dict[str, object]:
        """As `schema`, for a schema that is not a boolean."""
        at_root = self.is_root and not depth
        if limits.required < 0 or (limits.required == 0 and (depth and not self.is_root)):
            return self._outline(schema, name)
        # Most schemas are leaves, which stay as they are and are shared.
        if schema.keys().isdisjoint(_INNER) and (
            limits.enum == ANY_SIZE or len(enum_of(schema) or ()) <= MAX_KEPT_ENUM
        ):
            return schema if limits.texts >= 0 else self._without_texts(schema, name)
        kept: dict[str, object] = {}
        for keyword, value in schema.items():
            if keyword in _TEXTS and limits.texts < 0:
                self._record("cut_text", name)
            # Without the values, their type is still worth saying.
            elif keyword == "enum" and _is_too_long(value, limits):
                self._record("cut_enum", name)
                if "type" not in schema and _are_strings(value):
                    kept["type"] = "string"
            elif keyword == "properties":
                kept[keyword] = self._members(schema, limits, depth, at_root)
            elif keyword in _INNER:
                kept[keyword] = self._inner(schema, keyword, limits, depth, name)
            else:
                kept[keyword] = value
        return kept

    def _inner(
        self, schema: Schema, keyword: str, limits: CutLimits, depth: int, name: str
    ) -> object:
        """The value of an applicator within limits."""
        value = schema[keyword]
        if keyword == "$ref":
            self.references.append((definition_of(value), depth))
            return value
        if keyword in _NAMED:
            return {
                key: self.schema(inner, limits.below(1), depth + 1, key)
                for key, inner in members_of(schema, keyword).items()
            }
        if keyword in _MANY:
            branches = items_of(schema, keyword)
            return [self.schema(inner, limits, depth, name) for inner in branches]
        # The items of an argument count as the argument itself.
        levels = 1 if keyword in _DEEPER and depth else 0
        return self.schema(value, limits.below(levels), depth + levels, name)

    def _members(
        self, schema: Schema, limits: CutLimits, depth: int, at_root: bool
    ) -> dict[str, object]:
        required = frozenset(items_of(schema, "required"))
        below = limits.below(1)
        # Arguments of simple types are cheap and say what the operation is about: they stay until
        # the inside of required ones has to go.
        keep_simple = at_root and limits.required == FAR
        kept: dict[str, object] = {}
        for name, inner in members_of(schema, "properties").items():
            stays = limits.optional > 0 or name in required or (keep_simple and _is_simple(inner))
            if stays:
                kept[name] = self.schema(inner, below, depth + 1, name)
            else:
                self._record("cut_optional", name)
        return kept

    def _without_texts(self, schema: dict[str, object], name: str) -> dict[str, object]:
        kept = self.without_texts.get(schema)
        if kept is None:
            kept = schema
            if not schema.keys().isdisjoint(_TEXTS):
                kept = {word: value for word, value in schema.items() if word not in _TEXTS}
            self.without_texts.put(schema, kept)
        if kept is not schema:
            self._record("cut_text", name)
        return kept

    def _outline(self, schema: dict[str, object], name: str) -> dict[str, object]:
        """The type of a schema whose inside does not fit."""
        outline: dict[str, object] = {
            keyword: schema[keyword]
            for keyword in ("type", "format", "const")
            if keyword in schema and json_size(schema[keyword]) < _MAX_OUTLINE_VALUE
        }
        if schema.keys() - outline.keys() - _TEXTS:
            self._record("cut_required", name)
        return outline

    def _record(self, code: str, name: str) -> None:
        count, names = self.cut.get(code, (0, {}))
        if len(names) < MAX_NAMES:
            names[name] = None
        self.cut[code] = (count + 1, names)


def _is_too_long(choices: object, limits: CutLimits) -> bool:
    return (
        limits.enum < ANY_SIZE
        and isinstance(choices, list)
        and len(choices) > MAX_KEPT_ENUM
        and json_size(choices) > limits.enum
    )


def _are_strings(choices: object) -> bool:
    return isinstance(choices, list) and all(isinstance(choice, str) for choice in choices)


def _is_simple(schema: object) -> bool:
    return isinstance(schema, dict) and schema.keys().isdisjoint(_COMPLEX)
