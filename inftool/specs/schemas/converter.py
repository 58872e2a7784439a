"""Schemas of a spec -> JSON Schema 2020-12, each converted once and shared by every tool that uses it.

A converter works in one direction: inputs are closed and lack read-only members, outputs stay open and lack write-only ones.
"""

from __future__ import annotations

from collections import deque
from typing import Any
from zlib import crc32

from inftool.core.types import JsonObject
from inftool.specs.documents.library import Library, Node, RefError
from inftool.specs.naming import definition_name
from inftool.specs.prose import clean
from inftool.specs.schemas import keywords, recursion, unions
from inftool.specs.schemas.all_of import merge, merges, parts_of, pure_ref
from inftool.specs.schemas.context import Definition, Variant
from inftool.specs.schemas.inspection import declares, nullable, references
from inftool.specs.schemas.merged import Merged
from inftool.specs.schemas.simple import MAX_DESCRIPTION, MAX_ENUM, convert_leaf

MAX_INLINE_DEPTH = 50
MAX_GROWN = 2_000
_COMPOUND = frozenset({"$ref", "allOf", "oneOf", "anyOf"})
_NESTED = frozenset(
    {
        "properties",
        "items",
        "allOf",
        "oneOf",
        "anyOf",
        "$ref",
        "additionalProperties",
        "patternProperties",
        "prefixItems",
        "not",
        "if",
        "contains",
    }
)


class Converter:
    """Converts the schemas of one description in one direction; `definitions` grows as they are asked for."""

    def __init__(self, library: Library, *, closed: bool, outputs: bool, budget: int) -> None:
        self.library = library
        self.ledger = library.ledger
        self.outputs = outputs
        self.budget = budget
        self.hidden = "writeOnly" if outputs else "readOnly"
        self.variant: Variant = "closed" if closed and not outputs else "open"
        self.definitions: dict[str, Definition] = {}
        # Bodies taken apart, by the place of their schema; kept here because they live as long as the definitions they use.
        self.lifted: dict[tuple[int, str], object] = {}
        self.names: dict[tuple[Any, ...], str] = {}
        self._todo: deque[tuple[Definition, list[Node], Variant]] = deque()
        self._leaves: dict[tuple[tuple[int, str], Variant], JsonObject] = {}
        self._uses: set[str] = set()
        self._depth = 0
        self._grown = 0
        self.children: dict[int, dict[str, list[str]]] = {}

    def convert(
        self, node: Node, *, top: Variant | None = None
    ) -> tuple[JsonObject, frozenset[str]]:
        """A schema (or a reference to one) as written at `node`, and the names of the definitions that it needs directly."""
        before, self._uses = self._uses, set()
        try:
            schema = self.schema(node, top or self.variant)
            uses = frozenset(self._uses)
        finally:
            self._uses = before
        self._drain()
        return schema, uses

    def convert_merged(self, merged: Merged, variant: Variant) -> tuple[JsonObject, frozenset[str]]:
        """The same for a schema that was merged already."""
        before, self._uses = self._uses, set()
        try:
            schema = self._finish(merged, variant)
            uses = frozenset(self._uses)
        finally:
            self._uses = before
        self._drain()
        return schema, uses

    def _drain(self) -> None:
        # A work list rather than recursion: a chain of references may be longer than the interpreter's stack.
        made: list[tuple[Definition, Node]] = []
        while self._todo:
            definition, sources, variant = self._todo.popleft()
            self._uses = set()
            definition.schema = self._build(sources, variant)
            definition.uses = frozenset(self._uses)
            made.append((definition, sources[0]))
        self._uses = set()
        suspects = [
            definition.name
            for definition, _ in made
            if any(True for _ in recursion.in_place(definition.schema))
        ]
        if suspects:
            self._straighten(suspects, {definition.name: node for definition, node in made})

    def _straighten(self, names: list[str], nodes: dict[str, Node]) -> None:
        schemas = {name: self.definitions[name].schema for name in names}
        circular = recursion.find(names, schemas)
        for name in circular:
            definition = self.definitions[name]
            self.ledger.add(
                "circular_ref",
                nodes[name],
                "a union refers back to itself, the branch that does was left out",
            )
            definition.schema = recursion.without(definition.schema, circular)
            definition.uses = frozenset(references(definition.schema))

    def schema(self, node: Node, variant: Variant) -> JsonObject:
        """A schema in the middle of another one; what it refers to is noted in passing."""
        value = node.value
        if not isinstance(value, dict) or value.keys().isdisjoint(_COMPOUND):
            return self._build([node], variant)
        if (pure := pure_ref(node)) is not None:
            reference, notes = pure
            try:
                schema = self.reference(self.library.target(reference), variant)
            except RefError as error:
                self.ledger.add(error.code, reference, str(error))
                schema = {}
            for note in reversed(notes):
                schema = self._annotate(schema, note)
            return schema
        if self._depth and merges(node):
            return self._by_name([node], variant)
        return self._build([node], variant)

    def reference(self, target: Node, variant: Variant) -> JsonObject:
        """A `$ref` to the converted target, or the target itself where it is only a few words."""
        for _ in range(20):
            if not (isinstance(target.value, dict) and pure_ref(target) is not None):
                break
            try:
                following = self.library.follow(target) if list(target.value) == ["$ref"] else None
            except RefError as error:
                self.ledger.add(error.code, target, str(error))
                return {}
            if following is None:
                break
            target = following
        if not isinstance(target.value, dict) or not (_NESTED & target.value.keys()):
            key = (target.key, variant)
            if key not in self._leaves:
                self._leaves[key] = self._build([target], variant)
            leaf = self._leaves[key]
            if len(leaf.get("enum", ())) <= 40:
                return leaf
        children = unions.descendants(self, target) if "discriminator" in target.value else []
        if children:
            return unions.family(self, target, children, variant)
        return self.named((target.key, variant), definition_name(target), [target], variant)

    def named(
        self, key: tuple[Any, ...], base: str, sources: list[Node], variant: Variant
    ) -> JsonObject:
        """A `$ref` to the definition of `key`, which is made from `sources` at its first use and called `base` where that is free."""
        name = self.names.get(key)
        if name is None:
            name = base
            if variant != self.variant:
                name = f"{base}.{variant}"
            if name in self.definitions:
                name = f"{name}.{crc32(f'{sources[0].document.name}#{sources[0].pointer}'.encode()):08x}"
            while name in self.definitions:
                name += "_"
            self.names[key] = name
            definition = self.definitions[name] = Definition(name)
            self._todo.append((definition, sources, variant))
        self._uses.add(name)
        return {"$ref": f"#/$defs/{name}"}

    def _build(self, sources: list[Node], variant: Variant) -> JsonObject:
        if self._depth >= MAX_INLINE_DEPTH:
            self.ledger.add(
                "bad_schema",
                sources[0],
                f"a schema nested more than {MAX_INLINE_DEPTH} levels deep allows anything",
            )
            return {}
        if len(sources) == 1 and (leaf := self._leaf(sources[0])) is not None:
            return leaf
        parts = parts_of(sources[0], self.library)
        if len(sources) > 1:
            # Two sources may share a base: it counts once, or properties would pile up on every round of a recursion.
            parts = list(
                {
                    part.key: part for source in sources for part in parts_of(source, self.library)
                }.values()
            )
        self._depth += 1
        try:
            return self._finish(merge(parts, self.library), variant)
        finally:
            self._depth -= 1

    def _leaf(self, node: Node) -> JsonObject | None:
        """A simple schema converted, None for any other; it is the same in both directions, so the two converters share it."""
        if node.value.__class__ is not dict:
            return None
        leaves, key = self.library.leaves, (node.document.number, node.pointer)
        return (
            leaves[key]
            if key in leaves
            else leaves.setdefault(key, convert_leaf(node, self.ledger))
        )

    def _together(self, nodes: list[Node], variant: Variant) -> JsonObject:
        nodes = list({node.key: node for node in nodes}.values())
        if len(nodes) == 1:
            return self.schema(nodes[0], variant)
        return (
            self._by_name(nodes, variant)
            if self._depth and any(map(merges, nodes))
            else self._build(nodes, variant)
        )

    def _by_name(self, nodes: list[Node], variant: Variant) -> JsonObject:
        key = (*(node.key for node in nodes), variant)
        if len(nodes) > 1 and key not in self.names:
            self._grown += 1
            if self._grown > MAX_GROWN:
                self.ledger.add(
                    "bad_schema",
                    nodes[0],
                    f"more than {MAX_GROWN:,} schemas grow out of each other, this one allows anything",
                )
                return {}
        # Written out in place, schemas that merge each other would grow without end; by name each is written once.
        return self.named(key, definition_name(nodes[0]), nodes, variant)

    def _finish(self, merged: Merged, variant: Variant) -> JsonObject:
        inner: Variant = "open" if variant == "open" else self.variant
        schema: JsonObject = {}
        self._describe(schema, merged)
        self._types(schema, merged)
        if merged.choices is not None:
            self._choices(schema, merged)
        schema.update(merged.plain)
        if "const" in schema:
            schema.pop("enum", None)
        if merged.form:
            schema.setdefault("format", merged.form)
        keywords.normalize_keywords(schema, merged.node, self.ledger)
        has_unions = bool(
            merged.unions or merged.conditions or "dependentSchemas" in merged.singles
        )
        if merged.is_object:
            self._members(schema, merged, inner)
        if merged.prefix is not None:
            schema["prefixItems"] = [
                self.schema(merged.prefix.child(index), inner)
                for index in range(len(merged.prefix.value))
            ]
        if merged.items:
            schema["items"] = self._together(merged.items, inner)
        also = list(merged.also)
        unions.unions(
            self,
            schema,
            merged,
            "part"
            if variant != "open" and (merged.properties or len(merged.unions) > 1)
            else variant,
            also,
        )
        self._rest(schema, merged, also)
        if {"not": {}} in also:
            return {"not": {}}
        if also:
            schema["allOf"] = also
        if variant == "closed":
            self._close(schema, merged, has_unions)
        elif merged.closed:
            schema["additionalProperties"] = False
        if merged.nullable:
            schema = nullable(schema)
        self._values(schema, merged)
        return schema

    def _describe(self, schema: JsonObject, merged: Merged) -> None:
        for word, limit in (("title", keywords.MAX_TITLE), ("description", MAX_DESCRIPTION)):
            for part in merged.parts:
                if isinstance(part.value, dict) and (text := keywords.text(part.value.get(word))):
                    schema[word] = short = clean(text, limit)
                    if len(short) < len(text) // 2:
                        self.ledger.add("shortened_text", part)
                    break

    def _types(self, schema: JsonObject, merged: Merged) -> None:
        types = merged.types
        if types is None and merged.choices is None and "const" not in merged.plain:
            if merged.properties or merged.extra or merged.patterns:
                types = ["object"]
            elif merged.items and not merged.unions:
                types = ["array"]
            if types:
                self.ledger.add("type_inferred", merged.node)
        merged.types = types
        if types is not None:
            schema["type"] = types[0] if len(types) == 1 else list(types)

    def _choices(self, schema: JsonObject, merged: Merged) -> None:
        choices = merged.choices or []
        if len(choices) > MAX_ENUM and keywords.size(choices) > self.budget:
            # No schema within the budget could hold it: it is left out once, here, rather than cut from every tool.
            self.ledger.add(
                "cut_enum",
                merged.node,
                f"an enum of {len(choices):,} values was left out to fit {self.budget} bytes",
            )
            if "type" not in schema and all(isinstance(choice, str) for choice in choices):
                schema["type"] = "string"
        else:
            schema["enum"] = choices

    def _members(self, schema: JsonObject, merged: Merged, inner: Variant) -> None:
        members: JsonObject = {}
        for name, nodes in merged.properties.items():
            leaf = self._leaf(nodes[0]) if len(nodes) == 1 else None
            if leaf is not None and nodes[0].value.get(self.hidden) is not True:
                members[name] = leaf
            elif any(self._flagged(node, self.hidden) for node in nodes):
                merged.required.pop(name, None)
            else:
                members[name] = self._together(nodes, inner)
        if members:
            schema["properties"] = members
        if merged.patterns:
            schema["patternProperties"] = {
                pattern: self._together(nodes, inner) for pattern, nodes in merged.patterns.items()
            }
        if merged.extra:
            schema["additionalProperties"] = self._together(merged.extra, inner)
        elif merged.opened and not merged.closed:
            schema["additionalProperties"] = True

    def _close(self, schema: JsonObject, merged: Merged, has_unions: bool) -> None:
        if merged.closed and merged.opened:
            self.ledger.add("closed_allof", merged.node)
        required = [name for name in merged.required if name not in schema.get("properties", {})]
        declared = bool(merged.properties)
        if merged.closed or (
            declared and not merged.extra and not merged.opened and not merged.patterns
        ):
            spreads = has_unions and any(
                declares(schema.get(word))
                for word in ("oneOf", "anyOf", "allOf", "then", "else", "dependentSchemas")
            )
            if spreads and not merged.closed:
                schema["unevaluatedProperties"] = False
                self.ledger.add("unclosed", merged.node)
                return
            schema["additionalProperties"] = False
            for name in required:
                self.ledger.add(
                    "required_undeclared",
                    merged.node,
                    f"the required property {name!r} is not declared, anything goes",
                    subject=name,
                )
                schema.setdefault("properties", {})[name] = {}

    def _rest(self, schema: JsonObject, merged: Merged, also: list[JsonObject]) -> None:
        """Required names, conditions and the rarer keywords; what speaks about other schemas' meaning is left as open as it was written."""
        if merged.required:
            schema["required"] = list(merged.required)
        for index, part in enumerate(merged.conditions):
            condition = {
                word: self.schema(part.child(word), "open")
                for word in ("if", "then", "else")
                if isinstance(part.value.get(word), (dict, bool))
            }
            if index == 0:
                schema.update(condition)
            else:
                also.append(condition)
        for word, node in merged.singles.items():
            value = node.value
            if word in {"not", "contains", "propertyNames"}:
                if isinstance(value, (dict, bool)):
                    schema[word] = self.schema(node, "open")
            elif word in {"unevaluatedProperties", "unevaluatedItems"}:
                if isinstance(value, (dict, bool)):
                    schema[word] = value if isinstance(value, bool) else self.schema(node, "open")
            elif isinstance(value, dict):
                self._dependent(schema, word, node)

    def _dependent(self, schema: JsonObject, word: str, node: Node) -> None:
        for name, value in node.value.items():
            if (
                isinstance(value, list)
                and word != "dependentSchemas"
                and all(isinstance(other, str) for other in value)
            ):
                schema.setdefault("dependentRequired", {})[name] = list(dict.fromkeys(value))
            elif isinstance(value, (dict, bool)) and word != "dependentRequired":
                schema.setdefault("dependentSchemas", {})[name] = self.schema(
                    node.child(name), "open"
                )

    def _values(self, schema: JsonObject, merged: Merged) -> None:
        """The default and the examples, where they fit."""
        types = schema.get("type")
        names = [types] if isinstance(types, str) else types
        for part in merged.parts:
            if isinstance(part.value, dict):
                if "default" in part.value and "default" not in schema:
                    keep, value = keywords.default(
                        part, part.value["default"], names, schema.get("enum"), self.ledger
                    )
                    if keep:
                        schema["default"] = value
                if (
                    "examples" not in schema
                    and "enum" not in schema
                    and (found := keywords.examples(part, names))
                ):
                    schema["examples"] = found

    def _annotate(self, schema: JsonObject, node: Node) -> JsonObject:
        """The words that stand beside a reference."""
        value = node.value
        notes: JsonObject = {}
        if text := keywords.text(value.get("description")):
            notes["description"] = clean(text, MAX_DESCRIPTION)
        if value.get("deprecated") is True:
            notes["deprecated"] = True
        if isinstance(value.get("default"), (str, int, float, bool)) and "$ref" not in schema:
            types = schema.get("type")
            keep, default = keywords.default(
                node,
                value["default"],
                [types] if isinstance(types, str) else types,
                schema.get("enum"),
                self.ledger,
            )
            if keep:
                notes["default"] = default
        if value.get("nullable") is True or value.get("x-nullable") is True:
            schema = nullable(schema)
        return {**schema, **notes} if notes else schema

    def _flagged(self, node: Node, word: str) -> bool:
        """Whether a property is readOnly or writeOnly, said at its place or one reference away."""
        value = node.value
        if not isinstance(value, dict):
            return False
        if value.get(word) is True:
            return True
        near = [node] if "$ref" in value else []
        if isinstance(value.get("allOf"), list):
            near += [
                node.child("allOf").child(index)
                for index, member in enumerate(value["allOf"][:20])
                if isinstance(member, dict)
            ]
        for part in near:
            try:
                target = self.library.follow(part)
            except RefError:
                continue
            if isinstance(target.value, dict) and target.value.get(word) is True:
                return True
        return False
