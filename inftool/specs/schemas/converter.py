"""Schemas of a document -> JSON Schema 2020-12.

Each schema is converted once and shared by all tools that use it. A converter works in one
direction: inputs are closed and lack readOnly members, outputs stay open and lack writeOnly ones.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable
from zlib import crc32

from inftool.specs.documents.errors import RefError
from inftool.specs.documents.library import Library
from inftool.specs.documents.node import Node
from inftool.specs.naming import definition_name
from inftool.specs.schemas import recursion, unions
from inftool.specs.schemas.all_of import (
    extends_by_reference,
    flatten_all_of,
    merge_parts,
    single_reference,
)
from inftool.specs.schemas.context import Definition, Variant
from inftool.specs.schemas.inspection import DEFINITIONS, enum_of, referenced_definitions
from inftool.specs.schemas.merged import MergedSchema
from inftool.specs.schemas.simple import convert_simple
from inftool.specs.schemas.writer import annotated, write_merged

# Levels of schemas written in place, each of which takes several frames of Python's stack.
MAX_INLINE_DEPTH = 50
# Conjunctions that get a name. Schemas that merge each other can ask for ever new ones.
MAX_GROWN = 2_000
# Values of an enum that is written in place of a reference to it; a longer one is shared.
_MAX_INLINE_ENUM = 40
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
    """Converts the schemas of one description in one direction."""

    def __init__(self, library: Library, *, closed: bool, outputs: bool, budget: int) -> None:
        self.library = library
        self.loss_log = library.loss_log
        self.outputs = outputs
        self.budget = budget
        self.hidden = "writeOnly" if outputs else "readOnly"
        self.variant: Variant = "closed" if closed and not outputs else "open"
        self.definitions: dict[str, Definition] = {}
        """Name -> definition, for everything that was referred to so far."""
        self.lifted: dict[tuple[int, str], object] = {}
        """Key of a body's schema -> its members as arguments. The compiler of bodies keeps these
        here because they live as long as the definitions that they use."""
        self.names: dict[tuple[Hashable, ...], str] = {}
        self.children: dict[int, dict[str, list[str]]] = {}
        self._todo: deque[tuple[Definition, list[Node], Variant]] = deque()
        self._inlined: dict[tuple[tuple[int, str], Variant], dict[str, object]] = {}
        self._uses: set[str] = set()
        self._depth = 0
        self._grown = 0

    def convert(
        self, node: Node, *, top: Variant | None = None
    ) -> tuple[dict[str, object], frozenset[str]]:
        """The schema at `node`, and the names of the definitions that it refers to itself."""
        return self._collecting(lambda: self.schema(node, top or self.variant))

    def convert_merged(
        self, merged: MergedSchema, variant: Variant
    ) -> tuple[dict[str, object], frozenset[str]]:
        """As `convert`, for a schema that is merged already."""
        return self._collecting(lambda: write_merged(self, merged, variant))

    def _collecting(
        self, convert: Callable[[], dict[str, object]]
    ) -> tuple[dict[str, object], frozenset[str]]:
        """What `convert` returns, and the names that it used; then make what they stand for."""
        # A conversion may begin while another one is under way, whose names must not be mixed up.
        outer_uses, self._uses = self._uses, set()
        try:
            schema = convert()
            uses = frozenset(self._uses)
        finally:
            self._uses = outer_uses
        self._make_definitions()
        return schema, uses

    def _make_definitions(self) -> None:
        # A work list: a chain of references may be longer than the interpreter's stack.
        finished: list[tuple[Definition, Node]] = []
        while self._todo:
            definition, sources, variant = self._todo.popleft()
            self._uses = set()
            definition.schema = self._build(sources, variant)
            definition.uses = frozenset(self._uses)
            finished.append((definition, sources[0]))
        self._uses = set()
        # Nearly no definition applies another one in place, so the search for circles is rare.
        suspects = {
            definition.name: node
            for definition, node in finished
            if any(True for _ in recursion.applied_in_place(definition.schema))
        }
        if suspects:
            self._break_circles(suspects)

    def _break_circles(self, nodes: dict[str, Node]) -> None:
        """Take the branches out of definitions (name -> node) that lead back to themselves."""
        schemas = {name: self.definitions[name].schema for name in nodes}
        circular = recursion.find_circular(list(nodes), schemas)
        for name in circular:
            definition = self.definitions[name]
            self.loss_log.add(
                "circular_ref",
                nodes[name],
                "a union refers back to itself, the branch that does was left out",
            )
            definition.schema = recursion.without_circular(definition.schema, circular)
            definition.uses = frozenset(referenced_definitions(definition.schema))

    def schema(self, node: Node, variant: Variant) -> dict[str, object]:
        """Convert a schema that is a part of another one; the names that it uses are noted."""
        value = node.value
        if not isinstance(value, dict) or value.keys().isdisjoint(_COMPOUND):
            return self._build([node], variant)
        single = single_reference(node)
        if single is not None:
            reference, notes = single
            try:
                schema = self.reference(self.library.target(reference), variant)
            except RefError as error:
                self.loss_log.add(error.code, reference, str(error))
                schema = {}
            for note in reversed(notes):
                schema = annotated(self, schema, note)
            return schema
        # At depth 0 the node is what a definition is made of, and may be written out.
        if self._depth and extends_by_reference(node):
            return self._by_name([node], variant)
        return self._build([node], variant)

    def reference(self, target: Node, variant: Variant) -> dict[str, object]:
        """A `$ref` to the converted target, or the converted target itself if it is short."""
        if list(target.members) == ["$ref"]:
            try:
                target = self.library.follow(target)
            except RefError as error:
                self.loss_log.add(error.code, target, str(error))
                return {}
        # A schema without inner ones is no longer than a reference to it, and is read more easily.
        if target.members.keys().isdisjoint(_NESTED):
            key = (target.key, variant)
            if key not in self._inlined:
                self._inlined[key] = self._build([target], variant)
            inlined = self._inlined[key]
            if len(enum_of(inlined) or ()) <= _MAX_INLINE_ENUM:
                return inlined
        children = unions.descendants(self, target) if "discriminator" in target.members else []
        if children:
            return unions.union_of_children(self, target, children, variant)
        return self.named((target.key, variant), definition_name(target), [target], variant)

    def named(
        self, key: tuple[Hashable, ...], base: str, sources: list[Node], variant: Variant
    ) -> dict[str, object]:
        """A `$ref` to the definition of `key`, which is made from `sources` at its first use.

        It is called `base` if that name is free: "Pet", "Pet.open", "Pet.1a2b3c4d".
        """
        name = self.names.get(key)
        if name is None:
            name = base
            # One schema may be needed closed by one tool and open by another.
            if variant != self.variant:
                name = f"{base}.{variant}"
            if name in self.definitions:
                # The place of the schema, so that the name does not depend on the order of use.
                address = f"{sources[0].document.name}#{sources[0].pointer}"
                name = f"{name}.{crc32(address.encode()):08x}"
            # Two places with one checksum: not seen yet, but not impossible.
            while name in self.definitions:
                name += "_"
            self.names[key] = name
            definition = self.definitions[name] = Definition(name)
            self._todo.append((definition, sources, variant))
        self._uses.add(name)
        return {"$ref": f"{DEFINITIONS}{name}"}

    def simple(self, node: Node) -> dict[str, object] | None:
        """A simple schema converted, None for any other.

        It is the same in both directions, so the two converters of a library share it.
        """
        if not isinstance(node.value, dict):
            return None
        converted, key = self.library.simple_schemas, node.key
        if key not in converted:
            converted[key] = convert_simple(node, self.loss_log)
        return converted[key]

    def conjunction(self, nodes: list[Node], variant: Variant) -> dict[str, object]:
        """Convert schemas that must all hold into one."""
        nodes = list({node.key: node for node in nodes}.values())
        if len(nodes) == 1:
            return self.schema(nodes[0], variant)
        if self._depth and any(map(extends_by_reference, nodes)):
            return self._by_name(nodes, variant)
        return self._build(nodes, variant)

    def _build(self, sources: list[Node], variant: Variant) -> dict[str, object]:
        """Convert the conjunction of `sources`, written in place."""
        if self._depth >= MAX_INLINE_DEPTH:
            message = f"a schema nested more than {MAX_INLINE_DEPTH} levels deep allows anything"
            self.loss_log.add("bad_schema", sources[0], message)
            return {}
        if len(sources) == 1 and (simple := self.simple(sources[0])) is not None:
            return simple
        # Two sources may share a base: it counts once, or its properties would pile up with every
        # round of a recursion.
        parts = {part.key: part for node in sources for part in flatten_all_of(node, self.library)}
        self._depth += 1
        try:
            merged = merge_parts(list(parts.values()), self.library)
            return write_merged(self, merged, variant)
        finally:
            self._depth -= 1

    def _by_name(self, nodes: list[Node], variant: Variant) -> dict[str, object]:
        """A `$ref` to a definition of the conjunction of `nodes`.

        Written in place, schemas that merge each other would grow without end.
        """
        key = (*(node.key for node in nodes), variant)
        if len(nodes) > 1 and key not in self.names:
            self._grown += 1
            if self._grown > MAX_GROWN:
                message = (
                    f"more than {MAX_GROWN:,} schemas grow out of each other, "
                    "this one allows anything"
                )
                self.loss_log.add("bad_schema", nodes[0], message)
                return {}
        return self.named(key, definition_name(nodes[0]), nodes, variant)
