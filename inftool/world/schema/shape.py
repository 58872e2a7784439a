"""A JSON Schema as a shape: references followed, `allOf` merged, alternatives listed."""

from __future__ import annotations

from collections.abc import Iterator

from inftool.core.json_schema import lookup
from inftool.core.types import JsonObject, Schema
from inftool.language.identifiers import squash
from inftool.world.schema.merging import MORE_ALTERNATIVES, either_schema, merge_schemas

VARIANTS = "x-variants"
"""The keyword under which the schema of an entity keeps the schemas of its kinds."""

# How many references and nested `allOf`s are followed before a schema is considered endless.
_MAX_HOPS = 40
# Which keywords imply a type if `type` is missing.
_TYPES_BY_KEYWORD = (
    ("object", ("properties", "additionalProperties", "required")),
    ("array", ("items", "prefixItems")),
    ("string", ("pattern", "format", "minLength", "maxLength")),
    ("number", ("minimum", "maximum", "multipleOf")),
)


def integer_keyword(node: Schema, keyword: str, default: int) -> int:
    """The integer under a keyword such as `minLength`, or a default if there is none."""
    value = node.get(keyword)
    return value if isinstance(value, int) and not isinstance(value, bool) else default


class Shape:
    """A schema node, flattened. What is derived from it is computed once, when asked for.

    Shapes and their nodes are shared, and must not be changed.
    """

    __slots__ = (
        "_items",
        "_object",
        "_properties",
        "_property_names",
        "_schema",
        "_variants",
        "merged_variants",
        "name",
        "node",
        "nullable",
        "plain_text",
        "required",
        "root",
        "types",
    )

    def __init__(self, node: object, root: JsonObject, name: str = "") -> None:
        self.root = root
        """The document that local references (`#/$defs/Order`) point into."""
        self.name = name
        """The name of the definition that the node refers to, such as "Order"; may be empty."""
        self.merged_variants: tuple[Shape, ...] = ()
        """The alternatives that `object` put together, if this shape was made by it."""
        self.node: JsonObject = self._flatten(node if isinstance(node, dict) else {})
        """The keywords of the node, with those of its references and its `allOf`."""
        declared = self.node.get("type")
        types: tuple[str, ...] = ()
        if isinstance(declared, str):
            types = (declared,)
        elif isinstance(declared, list):
            types = tuple(declared)
        self.nullable = "null" in types or self.node.get("nullable") is True
        self.types: tuple[str, ...] = (
            tuple(kind for kind in types if kind != "null") if types else self._guess_types()
        )
        """The JSON types besides null; empty if the node does not tell."""
        # A shortcut: most properties are plain strings, and have no alternatives to look at.
        self.plain_text = (
            self.types == ("string",) and "oneOf" not in self.node and "anyOf" not in self.node
        )
        """Whether the shape is a string and nothing else, apart from null."""
        required = self.node.get("required")
        self.required: tuple[str, ...] = tuple(required) if isinstance(required, list) else ()
        """The names of the required properties."""
        self._properties: dict[str, Shape] | None = None
        self._items: Shape | None = None
        self._variants: tuple[Shape, ...] | None = None
        # Wrapped in a tuple: None means "not computed yet", (None,) means "not an object".
        self._object: tuple[Shape | None] | None = None
        self._schema: JsonObject | None = None
        self._property_names: frozenset[str] | None = None

    @classmethod
    def of(cls, schema: JsonObject | None) -> Shape:
        """The shape of a whole self-contained schema."""
        return cls(schema or {}, schema or {})

    def _guess_types(self) -> tuple[str, ...]:
        for kind, keywords in _TYPES_BY_KEYWORD:
            if any(keyword in self.node for keyword in keywords):
                return (kind,)
        return ()

    def _flatten(self, node: JsonObject, depth: int = 0) -> dict[str, object]:
        hops = 0
        # Definitions may refer to one another without end.
        while "$ref" in node and hops < _MAX_HOPS:
            reference = str(node["$ref"])
            # The first definition on the way names the shape.
            if reference != "#" and not (self.name and hops):
                self.name = reference.rsplit("/", 1)[-1]
            node = self._follow(node, reference)
            hops += 1
        if "allOf" not in node or depth >= _MAX_HOPS:
            return node
        merged = {keyword: value for keyword, value in node.items() if keyword != "allOf"}
        for part in node["allOf"]:
            if isinstance(part, dict):
                merged = merge_schemas(merged, self._flatten(part, depth + 1))
        return merged

    def _follow(self, node: JsonObject, reference: str) -> JsonObject:
        """What a node refers to, merged with the keywords beside `$ref` (since draft 2019-09)."""
        target = lookup(self.root, reference)
        beside = {keyword: value for keyword, value in node.items() if keyword != "$ref"}
        if not isinstance(target, dict):
            return beside
        return merge_schemas(beside, target) if beside else target

    @property
    def properties(self) -> dict[str, Shape]:
        """The declared properties, in the order of the schema."""
        if self._properties is None:
            declared = self.node.get("properties")
            self._properties = {}
            if isinstance(declared, dict):
                # A property with the schema `false` must not be there.
                self._properties = {
                    str(name): Shape(node, self.root)
                    for name, node in declared.items()
                    if node is not False
                }
        return self._properties

    @property
    def property_names(self) -> frozenset[str]:
        """The names of the declared properties without case and separators: `unitprice`."""
        if self._property_names is None:
            self._property_names = frozenset(map(squash, self.properties))
        return self._property_names

    @property
    def items(self) -> Shape | None:
        """The shape of an array's items, or None if the schema does not tell."""
        if self._items is None and isinstance(self.node.get("items"), dict):
            self._items = Shape(self.node["items"], self.root)
        return self._items

    @property
    def variants(self) -> tuple[Shape, ...]:
        """The alternatives of `oneOf` or `anyOf`, without null, merged with the keywords beside."""
        if self._variants is None:
            self._variants = tuple(self._read_variants())
        return self._variants

    def _read_variants(self) -> Iterator[Shape]:
        for keyword in ("oneOf", "anyOf"):
            options = self.node.get(keyword)
            if not isinstance(options, list):
                continue
            left_out = {keyword, MORE_ALTERNATIVES}
            beside = {name: value for name, value in self.node.items() if name not in left_out}
            for option in options:
                if isinstance(option, dict) and not _is_null(option):
                    variant = Shape(option, self.root)
                    node = merge_schemas(beside, variant.node)
                    yield Shape(node, self.root, variant.name)
            # An `anyOf` beside the `oneOf` stays among the keywords of each variant.
            return

    @property
    def only_null(self) -> bool:
        """Whether null is the only value."""
        return self.nullable and not self.types and not self.variants and not self.properties

    @property
    def may_be_null(self) -> bool:
        """Whether null is a declared value."""
        if self.nullable or None in self.node.get("enum", ()):
            return True
        if self.plain_text:
            return False
        # `variants` leaves null out, so the options are looked at themselves.
        return any(
            isinstance(option, dict) and option.get("type") == "null"
            for keyword in ("oneOf", "anyOf")
            for option in self.node.get(keyword) or ()
        )

    def has(self, kind: str) -> bool:
        """Whether the shape, or one of its alternatives, may be of a JSON type."""
        return kind in self.types or any(
            variant.has(kind) for variant in self.variants if variant is not self
        )

    def object(self) -> Shape | None:
        """The shape as an object with properties, or None if it cannot be an object.

        Alternatives are put together: all their properties, of which those are required that every
        alternative requires.
        """
        if self._object is None:
            self._object = (self._as_object(),)
        return self._object[0]

    def _as_object(self) -> Shape | None:
        if self.properties and not self.variants:
            return self
        # Callers want a single list of properties, so the alternatives are merged.
        options = [view for variant in self.variants if (view := variant.object()) is not None]
        if not options:
            return self if self.properties or "object" in self.types else None
        if len(options) == 1:
            return options[0]
        return self._merged(options)

    def _merged(self, options: list[Shape]) -> Shape:
        """One object shape for several alternatives."""
        declared: dict[str, list[Schema]] = {}
        for shape in (self, *options):
            for name, node in (shape.node.get("properties") or {}).items():
                nodes = declared.setdefault(name, [])
                if node not in nodes:
                    nodes.append(node)
        required = [
            name
            for name in options[0].required
            if all(name in option.required for option in options)
        ]
        properties = {name: self._either(nodes) for name, nodes in declared.items()}
        node = {"type": "object", "properties": properties, "required": required}
        merged = Shape(node, self.root, self.name)
        merged.merged_variants = tuple(options)
        return merged

    def _either(self, nodes: list[Schema]) -> Schema:
        """One schema for a property that several alternatives declare."""
        if len(nodes) == 1:
            return nodes[0]
        return either_schema(nodes, [Shape(node, self.root).node for node in nodes])

    def array(self) -> Shape | None:
        """The shape as an array: itself or its first alternative that is one; None if none is."""
        if "array" in self.types:
            return self
        arrays = (variant.array() for variant in self.variants)
        return next((array for array in arrays if array is not None), None)

    @property
    def closed(self) -> bool:
        """Whether undeclared properties are refused."""
        return (
            self.node.get("additionalProperties") is False
            or self.node.get("unevaluatedProperties") is False
        )

    def schema(self) -> JsonObject:
        """The shape as a self-contained schema: the same object every time, not to be changed."""
        if self._schema is None:
            schema = {
                keyword: value
                for keyword, value in self.node.items()
                if keyword != MORE_ALTERNATIVES
            }
            for keyword in ("$defs", "definitions"):
                if keyword in self.root:
                    schema.setdefault(keyword, self.root[keyword])
            self._schema = schema
        return self._schema

    def walk(self, depth: int = 4, pointer: str = "") -> Iterator[tuple[str, Shape]]:
        """Every nested shape with its pointer pattern (`/lines/*/bookId`), outermost first.

        `depth` is how many levels of objects and arrays are entered.
        """
        yield pointer, self
        if depth <= 0:
            return
        view = self.object()
        if view is not None:
            for name, prop_shape in view.properties.items():
                yield from prop_shape.walk(depth - 1, f"{pointer}/{name}")
        array = self.array()
        if array is not None and array.items is not None:
            yield from array.items.walk(depth - 1, f"{pointer}/*")


def _is_null(option: Schema) -> bool:
    return option.get("type") == "null" or option.get("const", 0) is None
