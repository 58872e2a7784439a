"""Converted schemas -> self-contained ones that fit a budget: only the definitions in use, and of the rest what is nearest to the root."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from inftool.records import JsonObject
from inftool.specs.keywords import size
from inftool.specs.schema import Converter

_REF = "#/$defs/"
_TEXTS = frozenset({"description", "title", "examples"})
MAX_ENUM_BYTES = 4096
_FAR = 24
_ALL = 1 << 40
# Applicators that hold one schema, a list of schemas, or schemas by name.
_DEEPER = frozenset({"items", "additionalProperties", "contains", "unevaluatedProperties", "unevaluatedItems"})
_ONE = frozenset({*_DEEPER, "not", "if", "then", "else", "propertyNames"})
_MANY = frozenset({"allOf", "oneOf", "anyOf", "prefixItems"})
_NAMED = frozenset({"patternProperties", "dependentSchemas"})
_INNER = frozenset({"$ref", "properties", *_ONE, *_MANY, *_NAMED})
_COMPLEX = frozenset({"properties", "items", "oneOf", "anyOf", "allOf", "$ref", "patternProperties", "prefixItems"})


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
_GENTLE = (Limits(texts=1), Limits(texts=1, enum=MAX_ENUM_BYTES), Limits(texts=0, enum=MAX_ENUM_BYTES))
# Then optional members, from the deepest up; then the inside of required ones.
_DEPTHS = tuple(Limits(optional=depth, texts=1, enum=MAX_ENUM_BYTES) for depth in range(1, _FAR))
_HARSH = tuple(Limits(optional=0, texts=texts, required=depth, enum=1024 if texts else 256) for depth in (_FAR, 6, 4, 3, 2, 1, 0) for texts in (1, 0))
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

    def assemble(self, schema: JsonObject, uses: Iterable[str], budget: int) -> tuple[JsonObject, list[Cut]]:
        """The schema with its `$defs`, no larger than `budget` bytes where that can be, and what was cut for it."""
        definitions = self.converter.definitions
        uses = set(uses)
        if list(schema) == ["$ref"]:
            # A root that is only a reference says nothing: put the definition itself there, and keep its name only if it refers to itself.
            name = schema["$ref"].removeprefix(_REF)
            schema, uses = definitions[name].schema, set(definitions[name].uses)
        names = self._closure(uses, budget - size(schema))
        if names is None:
            return self._shrink(schema, budget)
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

    def _shrink(self, root: JsonObject, budget: int) -> tuple[JsonObject, list[Cut]]:
        """The root and its definitions within the mildest limits that fit."""
        for limits in _GENTLE:
            if (found := self._attempt(root, limits, budget)) is not None:
                return found
        best = None
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

    def _attempt(self, root: JsonObject, limits: Limits, budget: int) -> tuple[JsonObject, list[Cut]] | None:
        top = _prune(root, limits, is_root=True)
        parts = [top]
        room = budget - top.size - 10
        definitions: JsonObject = {}
        known = {name for name, _ in top.refers}
        todo = deque(sorted(dict(reversed(top.refers)).items(), key=lambda entry: entry[1]))
        while todo and room >= 0:
            name, depth = todo.popleft()
            key = (name, limits.below(depth))
            pruned = self._pruned.get(key)
            if pruned is None:
                pruned = self._pruned[key] = _prune(self.converter.definitions[name].schema, key[1], name=name)
            parts.append(pruned)
            definitions[name] = pruned.schema
            room -= pruned.size + len(name) + 4
            for inner, further in pruned.refers:
                if inner not in known:
                    known.add(inner)
                    todo.append((inner, depth + further))
        if room < 0:
            return None
        return ({**top.schema, "$defs": definitions} if definitions else top.schema), _cuts(parts)


def _cuts(parts: list[_Pruned]) -> list[Cut]:
    counts: dict[str, int] = {}
    names: dict[str, dict[str, None]] = {}
    for part in parts:
        for code, count, some in part.left:
            counts[code] = counts.get(code, 0) + count
            names.setdefault(code, {}).update(dict.fromkeys(some))
    return [Cut(code, count, tuple(names[code])[:8]) for code, count in counts.items()]


def _prune(schema: JsonObject, limits: Limits, *, name: str = "", is_root: bool = False) -> _Pruned:
    pruner = _Pruner(is_root)
    found = pruner.schema(schema, limits, 0, name)
    left = tuple((code, count, tuple(names)) for code, (count, names) in pruner.left.items())
    return _Pruned(found, size(found), tuple(pruner.refers), left)


class _Pruner:
    """One walk over one schema, without following its references, that leaves out what lies below the limits."""

    def __init__(self, is_root: bool) -> None:
        self.is_root = is_root
        self.refers: list[tuple[str, int]] = []
        self.left: dict[str, tuple[int, dict[str, None]]] = {}

    def schema(self, schema: Any, limits: Limits, depth: int, name: str) -> Any:
        """The schema within limits; `depth`: levels below the start of this walk."""
        if not isinstance(schema, dict):
            return schema
        if limits.required < 0 or (limits.required == 0 and depth and not self.is_root):
            return self._outline(schema, name)
        if limits.texts >= 0 and not schema.keys() & _INNER and len(schema.get("enum", ())) <= 8:
            return schema
        kept: JsonObject = {}
        for word, value in schema.items():
            if word in _TEXTS and limits.texts < 0:
                self._leave("cut_text", name)
            elif word == "enum" and limits.enum < _ALL and len(value) > 8 and size(value) > limits.enum:
                self._leave("cut_enum", name)
                if "type" not in schema and all(isinstance(choice, str) for choice in value):
                    kept["type"] = "string"
            elif word == "$ref":
                self.refers.append((value.removeprefix(_REF), depth))
                kept[word] = value
            elif word == "properties":
                kept[word] = self._members(value, frozenset(schema.get("required", ())), limits, depth)
            elif word in _NAMED:
                kept[word] = {key: self.schema(inner, limits.below(1), depth + 1, key) for key, inner in value.items()}
            elif word in _ONE:
                levels = 1 if word in _DEEPER and depth else 0
                kept[word] = self.schema(value, limits.below(levels), depth + levels, name)
            elif word in _MANY:
                kept[word] = [self.schema(inner, limits, depth, name) for inner in value]
            else:
                kept[word] = value
        return kept

    def _members(self, members: JsonObject, required: frozenset[str], limits: Limits, depth: int) -> JsonObject:
        kept: JsonObject = {}
        below = limits.below(1)
        for name, inner in members.items():
            # Arguments of simple types are cheap and say what the operation is about: they stay as long as anything does.
            simple = self.is_root and depth == 0 and limits.required == _FAR and isinstance(inner, dict) and not inner.keys() & _COMPLEX
            if limits.optional <= 0 and name not in required and not simple:
                self._leave("cut_optional", name)
            else:
                kept[name] = self.schema(inner, below, depth + 1, name)
        return kept

    def _outline(self, schema: JsonObject, name: str) -> JsonObject:
        """The outline of a schema whose inside does not fit."""
        plain: JsonObject = {word: schema[word] for word in ("type", "format", "const") if word in schema and size(schema[word]) < 200}
        if schema.keys() - plain.keys() - _TEXTS:
            self._leave("cut_required", name)
        return plain

    def _leave(self, code: str, name: str) -> None:
        count, names = self.left.get(code, (0, {}))
        if len(names) < 8:
            names[name] = None
        self.left[code] = (count + 1, names)
