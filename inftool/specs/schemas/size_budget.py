"""Converted schemas -> self-contained ones that fit a budget: only the definitions in use, and of the rest what is nearest to the root."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from inftool.core.types import JsonObject
from inftool.specs.schemas.converter import Converter
from inftool.specs.schemas.keywords import size

_REF = "#/$defs/"
_TEXTS = frozenset({"description", "title", "examples"})
MAX_ENUM_BYTES = 4096
# So few values are never cut, whatever they weigh.
MAX_KEPT_ENUM = 8
_FAR = 24
_ALL = 1 << 40
# Applicators that hold one schema, a list of schemas, or schemas by name.
_DEEPER = frozenset(
    {"items", "additionalProperties", "contains", "unevaluatedProperties", "unevaluatedItems"}
)
_ONE = frozenset({*_DEEPER, "not", "if", "then", "else", "propertyNames"})
_MANY = frozenset({"allOf", "oneOf", "anyOf", "prefixItems"})
_NAMED = frozenset({"patternProperties", "dependentSchemas"})
_INNER = frozenset({"$ref", "properties", *_ONE, *_MANY, *_NAMED})
_COMPLEX = frozenset(
    {"properties", "items", "oneOf", "anyOf", "allOf", "$ref", "patternProperties", "prefixItems"}
)


@dataclass(frozen=True, slots=True)
class Cut:
    """What had to go: the loss code, how much of it, and a few names."""

    code: str
    count: int
    names: tuple[str, ...] = ()


class Limits(NamedTuple):
    """How much may stay, counted in levels from where one stands: optional members, prose and the inside of required members; an enum in bytes."""

    optional: int = _FAR
    texts: int = _FAR
    required: int = _FAR
    enum: int = _ALL

    def below(self, levels: int) -> Limits:
        """The same limits seen from further down."""
        if levels == 0:
            return self
        optional, texts, required, enum = self
        # What is far stays far, so that one definition is pruned once and not once a depth.
        return Limits(
            optional if optional == _FAR else max(optional - levels, 0),
            texts if texts == _FAR else max(texts - levels, -1),
            required if required == _FAR else max(required - levels, -1),
            enum,
        )


# What goes first: prose far from the root, long enums, all prose but the arguments' own.
_GENTLE = (
    Limits(texts=1),
    Limits(texts=1, enum=MAX_ENUM_BYTES),
    Limits(texts=0, enum=MAX_ENUM_BYTES),
)
# Then optional members, from the deepest up; then the inside of required ones.
_DEPTHS = tuple(Limits(optional=depth, texts=1, enum=MAX_ENUM_BYTES) for depth in range(1, _FAR))
_HARSH = tuple(
    Limits(optional=0, texts=texts, required=depth, enum=1024 if texts else 256)
    for depth in (_FAR, 6, 4, 3, 2, 1, 0)
    for texts in (1, 0)
)
_LAST = Limits(optional=0, texts=-1, required=0, enum=128)


@dataclass(frozen=True, slots=True)
class _Pruned:
    """A schema within limits: its size, what it refers to at which depth, and what was left out of it."""

    schema: JsonObject
    size: int
    refers: tuple[tuple[str, int], ...]
    left: tuple[tuple[str, int, tuple[str, ...]], ...]


@dataclass
class Assembler:
    """Puts the definitions of one converter behind schemas; what it counts or prunes once it shares between all tools."""

    converter: Converter
    _sizes: dict[str, int] = field(default_factory=dict)
    _pruned: dict[tuple[str, Limits], _Pruned] = field(default_factory=dict)
    _long: dict[str, bool] = field(default_factory=dict)
    _bare: dict[int, tuple[JsonObject, JsonObject]] = field(default_factory=dict)

    def assemble(
        self, schema: JsonObject, uses: Iterable[str], budget: int
    ) -> tuple[JsonObject, list[Cut]]:
        """The schema with its `$defs`, no larger than `budget` bytes where that can be, and what was cut for it."""
        definitions = self.converter.definitions
        uses = set(uses)
        if list(schema) == ["$ref"]:
            # A root that is only a reference says nothing: put the definition itself there, and keep its name only if it refers to itself.
            name = schema["$ref"].removeprefix(_REF)
            schema, uses = definitions[name].schema, set(definitions[name].uses)
        names = self._closure(uses, budget - size(schema))
        if names is None:
            schema, parts = self._shrink(schema, budget)
            return schema, _cuts(parts)
        if not names:
            return schema, []
        return {**schema, "$defs": {name: definitions[name].schema for name in names}}, []

    def _closure(self, uses: Iterable[str], room: int) -> list[str] | None:
        """The names of every definition needed, directly or not, nearest first; None where they do not fit."""
        definitions, sizes = self.converter.definitions, self._sizes
        todo = deque(sorted(uses))
        found = dict.fromkeys(todo)
        room -= 10 if found else 0
        while todo and room >= 0:
            name = todo.popleft()
            if name not in sizes:
                sizes[name] = size(definitions[name].schema) + len(name) + 4
            room -= sizes[name]
            for inner in sorted(definitions[name].uses - found.keys()):
                found[inner] = None
                todo.append(inner)
        return None if room < 0 else list(found)

    def _shrink(self, root: JsonObject, budget: int) -> tuple[JsonObject, list[_Pruned]]:
        """The root and its definitions within the mildest limits that fit."""
        best = self._attempt(root, _GENTLE[-1], budget)
        if best is not None:
            # Prose and long enums are enough; perhaps less of them is.
            milder = (self._attempt(root, limits, budget) for limits in _GENTLE[:-1])
            return next((found for found in milder if found is not None), best)
        for limits in _DEPTHS:
            found = self._attempt(root, limits, budget)
            if found is None:
                break
            best = found
        for limits in _HARSH if best is None else ():
            if (best := self._attempt(root, limits, budget)) is not None:
                break
        if best is None:
            best = self._attempt(root, _LAST, _ALL)
        return best if best is not None else (root, [])

    def _attempt(
        self, root: JsonObject, limits: Limits, budget: int
    ) -> tuple[JsonObject, list[_Pruned]] | None:
        top = self._prune(root, limits, is_root=True)
        parts = [top]
        room = budget - top.size - 10
        definitions: JsonObject = {}
        # Nearest first: a definition is pruned as the nearest of those who refer to it needs it.
        known: dict[str, int] = {}
        for name, depth in top.refers:
            known[name] = min(depth, known.get(name, depth))
        todo = deque(sorted(known.items(), key=lambda entry: entry[1]))
        while todo and room >= 0:
            name, depth = todo.popleft()
            pruned = self._definition(name, limits.below(depth))
            parts.append(pruned)
            definitions[name] = pruned.schema
            room -= pruned.size + len(name) + 4
            for inner, further in pruned.refers:
                if inner not in known:
                    known[inner] = depth + further
                    todo.append((inner, depth + further))
        if room < 0:
            return None
        return ({**top.schema, "$defs": definitions} if definitions else top.schema), parts

    def _definition(self, name: str, limits: Limits) -> _Pruned:
        schema = self.converter.definitions[name].schema
        if limits.enum != _ALL:
            if name not in self._long:
                self._long[name] = _has_long_enum(schema)
            if not self._long[name]:
                limits = limits._replace(enum=_ALL)
        key = (name, limits)
        if key not in self._pruned:
            self._pruned[key] = self._prune(schema, limits, name=name)
        return self._pruned[key]

    def _prune(
        self, schema: JsonObject, limits: Limits, *, name: str = "", is_root: bool = False
    ) -> _Pruned:
        pruner = _Pruner(is_root, self._bare)
        found = pruner.schema(schema, limits, 0, name)
        left = tuple((code, count, tuple(names)) for code, (count, names) in pruner.left.items())
        return _Pruned(found, size(found), tuple(pruner.refers), left)


def _has_long_enum(schema: Any) -> bool:
    if isinstance(schema, dict):
        return len(schema.get("enum", ())) > MAX_KEPT_ENUM or any(
            map(_has_long_enum, schema.values())
        )
    return isinstance(schema, list) and any(map(_has_long_enum, schema))


def _cuts(parts: list[_Pruned]) -> list[Cut]:
    counts: dict[str, int] = {}
    names: dict[str, dict[str, None]] = {}
    for part in parts:
        for code, count, some in part.left:
            counts[code] = counts.get(code, 0) + count
            names.setdefault(code, {}).update(dict.fromkeys(some))
    return [Cut(code, count, tuple(names[code])[:8]) for code, count in counts.items()]


class _Pruner:
    """One walk over one schema, without following its references, that leaves out what lies below the limits."""

    def __init__(self, is_root: bool, bare: dict[int, tuple[JsonObject, JsonObject]]) -> None:
        self.bare = bare
        self.is_root = is_root
        self.refers: list[tuple[str, int]] = []
        self.left: dict[str, tuple[int, dict[str, None]]] = {}

    def schema(self, schema: Any, limits: Limits, depth: int, name: str) -> Any:
        """The schema within limits; `depth`: levels below the start of this walk."""
        if not isinstance(schema, dict):
            return schema
        if limits.required < 0 or (limits.required == 0 and depth and not self.is_root):
            return self._outline(schema, name)
        if schema.keys().isdisjoint(_INNER) and (
            limits.enum == _ALL or len(schema.get("enum", ())) <= MAX_KEPT_ENUM
        ):
            return schema if limits.texts >= 0 else self._without_texts(schema, name)
        kept: JsonObject = {}
        for word, value in schema.items():
            if word in _TEXTS and limits.texts < 0:
                self._leave("cut_text", name)
            elif (
                word == "enum"
                and limits.enum < _ALL
                and len(value) > MAX_KEPT_ENUM
                and size(value) > limits.enum
            ):
                self._leave("cut_enum", name)
                if "type" not in schema and all(isinstance(choice, str) for choice in value):
                    kept["type"] = "string"
            elif word == "$ref":
                self.refers.append((value.removeprefix(_REF), depth))
                kept[word] = value
            elif word == "properties":
                kept[word] = self._members(
                    value, frozenset(schema.get("required", ())), limits, depth
                )
            elif word in _NAMED:
                kept[word] = {
                    key: self.schema(inner, limits.below(1), depth + 1, key)
                    for key, inner in value.items()
                }
            elif word in _ONE:
                levels = 1 if word in _DEEPER and depth else 0
                kept[word] = self.schema(value, limits.below(levels), depth + levels, name)
            elif word in _MANY:
                kept[word] = [self.schema(inner, limits, depth, name) for inner in value]
            else:
                kept[word] = value
        return kept

    def _members(
        self, members: JsonObject, required: frozenset[str], limits: Limits, depth: int
    ) -> JsonObject:
        kept: JsonObject = {}
        below = limits.below(1)
        for name, inner in members.items():
            # Arguments of simple types are cheap and say what the operation is about: they stay as long as anything does.
            simple = (
                self.is_root
                and depth == 0
                and limits.required == _FAR
                and isinstance(inner, dict)
                and not inner.keys() & _COMPLEX
            )
            if limits.optional <= 0 and name not in required and not simple:
                self._leave("cut_optional", name)
            else:
                kept[name] = self.schema(inner, below, depth + 1, name)
        return kept

    def _without_texts(self, schema: JsonObject, name: str) -> JsonObject:
        """A simple schema without prose, the same object every time it is asked for."""
        known = self.bare.get(id(schema))
        if known is None:
            kept = (
                schema
                if schema.keys().isdisjoint(_TEXTS)
                else {word: value for word, value in schema.items() if word not in _TEXTS}
            )
            known = self.bare[id(schema)] = (schema, kept)
        if known[1] is not schema:
            self._leave("cut_text", name)
        return known[1]

    def _outline(self, schema: JsonObject, name: str) -> JsonObject:
        """The outline of a schema whose inside does not fit."""
        plain: JsonObject = {
            word: schema[word]
            for word in ("type", "format", "const")
            if word in schema and size(schema[word]) < 200
        }
        if schema.keys() - plain.keys() - _TEXTS:
            self._leave("cut_required", name)
        return plain

    def _leave(self, code: str, name: str) -> None:
        count, names = self.left.get(code, (0, {}))
        if len(names) < 8:
            names[name] = None
        self.left[code] = (count + 1, names)
