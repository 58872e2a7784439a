"""JSON Schema seen as a shape: references followed, `allOf` merged, alternatives listed; and the compiled validators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inftool.core.json_schema import lookup
from inftool.core.types import JsonObject
from inftool.language.identifiers import squash

VARIANTS = "x-variants"


_META = ("$defs", "definitions", "$schema", "$id")
_MAX_HOPS = 40


def _merge(left: JsonObject, right: JsonObject) -> JsonObject:
    """Two schema objects that both hold, as one (an approximation that the validator checks in the end)."""
    out = dict(left)
    for key, value in right.items():
        if key in _META:
            continue
        if key not in out:
            out[key] = value
        elif key == "properties":
            both = dict(out[key])
            for name, sub in value.items():
                both[name] = (
                    {"allOf": [both[name], sub]}
                    if name in both
                    and both[name] != sub
                    and both[name] is not True
                    and sub is not True
                    else sub
                )
            out[key] = both
        elif key == "required":
            out[key] = [*out[key], *(name for name in value if name not in out[key])]
        elif key == "enum":
            out[key] = [item for item in out[key] if item in value] or value
        elif key == "type":
            mine = {out[key]} if isinstance(out[key], str) else set(out[key])
            theirs = [value] if isinstance(value, str) else list(value)
            kept = [
                item for item in theirs if item in mine or (item == "integer" and "number" in mine)
            ]
            out[key] = kept[0] if len(kept) == 1 else (kept or value)
        elif key in {"minimum", "exclusiveMinimum", "minLength", "minItems"}:
            out[key] = max(out[key], value)
        elif key in {"maximum", "exclusiveMaximum", "maxLength", "maxItems"}:
            out[key] = min(out[key], value)
        elif key in {"oneOf", "anyOf"}:
            out.setdefault("x-more", [])
            out["x-more"] = [*out["x-more"], value]
        elif key == "additionalProperties":
            out[key] = value if value is not True else out[key]
        elif key in {"description", "title"}:
            pass
        else:
            out[key] = value
    return out


def integer_keyword(node: JsonObject, keyword: str, default: int) -> int:
    """A keyword's whole number (`minLength`, `maxItems`), or a default where it has none."""
    found = node.get(keyword)
    return found if isinstance(found, int) and not isinstance(found, bool) else default


class Shape:
    """One schema node of a self-contained document, flattened; `root` is where its references point."""

    __slots__ = (
        "_items",
        "_object",
        "_properties",
        "_schema",
        "_squashed",
        "_variants",
        "name",
        "node",
        "nullable",
        "of_variants",
        "plain_text",
        "required",
        "root",
        "types",
    )

    def __init__(self, node: Any, root: JsonObject, name: str = "") -> None:
        self.root = root
        self.name = name
        self.of_variants: tuple[Shape, ...] = ()
        self.node = self._flatten(node if isinstance(node, dict) else {})
        declared = self.node.get("type")
        types = (declared,) if isinstance(declared, str) else tuple(declared or ())
        self.nullable = "null" in types or self.node.get("nullable") is True
        self.types: tuple[str, ...] = tuple(
            kind for kind in types if kind != "null"
        ) or self._guess(types)
        # A string and nothing else: most properties are, and none of them needs a second look.
        self.plain_text = (
            self.types == ("string",) and "oneOf" not in self.node and "anyOf" not in self.node
        )
        required = self.node.get("required")
        self.required: tuple[str, ...] = tuple(required) if isinstance(required, list) else ()
        self._properties: dict[str, Shape] | None = None
        self._items: Shape | None = None
        self._variants: tuple[Shape, ...] | None = None
        self._object: tuple[Shape | None] | None = None
        self._schema: JsonObject | None = None
        self._squashed: frozenset[str] | None = None

    @classmethod
    def of(cls, schema: JsonObject | None) -> Shape:
        """The shape of a whole self-contained schema."""
        return cls(schema or {}, schema or {})

    def _guess(self, types: tuple[str, ...]) -> tuple[str, ...]:
        if types:
            return ()
        node = self.node
        if "properties" in node or "additionalProperties" in node or "required" in node:
            return ("object",)
        if "items" in node or "prefixItems" in node:
            return ("array",)
        if "pattern" in node or "format" in node or "minLength" in node or "maxLength" in node:
            return ("string",)
        if "minimum" in node or "maximum" in node or "multipleOf" in node:
            return ("number",)
        return ()

    def _flatten(self, node: JsonObject, depth: int = 0) -> JsonObject:
        hops = 0
        while "$ref" in node and hops < _MAX_HOPS:
            reference = str(node["$ref"])
            target = lookup(self.root, reference)
            if not self.name or not hops:
                self.name = reference.rsplit("/", 1)[-1] if reference != "#" else self.name
            rest = {key: value for key, value in node.items() if key != "$ref"}
            node = (
                _merge(rest, target)
                if isinstance(target, dict) and rest
                else (target if isinstance(target, dict) else rest)
            )
            hops += 1
        if "allOf" in node and depth < _MAX_HOPS:
            merged = {key: value for key, value in node.items() if key != "allOf"}
            for part in node["allOf"]:
                if isinstance(part, dict):
                    merged = _merge(merged, self._flatten(part, depth + 1))
            return merged
        return node

    @property
    def properties(self) -> dict[str, Shape]:
        """The declared properties, in the order of the schema."""
        if self._properties is None:
            declared = self.node.get("properties")
            self._properties = {}
            if isinstance(declared, dict):
                self._properties = {
                    str(name): Shape(sub, self.root)
                    for name, sub in declared.items()
                    if sub is not False
                }
        return self._properties

    @property
    def squashed(self) -> frozenset[str]:
        """The names of the declared properties, spelling aside."""
        if self._squashed is None:
            self._squashed = frozenset(map(squash, self.properties))
        return self._squashed

    @property
    def items(self) -> Shape | None:
        """The shape of an array's items, None where it declares none."""
        if self._items is None and isinstance(self.node.get("items"), dict):
            self._items = Shape(self.node["items"], self.root)
        return self._items

    @property
    def variants(self) -> tuple[Shape, ...]:
        """The alternatives of `oneOf`/`anyOf`, each merged with what stands beside them; null is left out."""
        if self._variants is None:
            found: list[Shape] = []
            for key in ("oneOf", "anyOf"):
                options = self.node.get(key)
                if not isinstance(options, list):
                    continue
                base = {
                    name: value for name, value in self.node.items() if name not in {key, "x-more"}
                }
                for option in options:
                    if (
                        not isinstance(option, dict)
                        or option.get("type") == "null"
                        or option.get("const", 0) is None
                    ):
                        continue
                    inner = Shape(option, self.root)
                    merged = Shape(_merge(base, inner.node), self.root, inner.name)
                    found.append(merged)
                break
            self._variants = tuple(found)
        return self._variants

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
        return any(
            isinstance(option, dict) and option.get("type") == "null"
            for key in ("oneOf", "anyOf")
            for option in self.node.get(key) or ()
        )

    def has(self, kind: str) -> bool:
        """Whether the shape may be of one JSON type (itself or in one of its alternatives)."""
        return kind in self.types or any(
            variant.has(kind) for variant in self.variants if variant is not self
        )

    def object(self) -> Shape | None:
        """The shape as an object with properties: itself, or its alternatives' properties together (each optional unless in all); None otherwise."""
        if self._object is None:
            self._object = (self._seen_as_object(),)
        return self._object[0]

    def _seen_as_object(self) -> Shape | None:
        if self.properties and not self.variants:
            return self
        options = [found for variant in self.variants if (found := variant.object()) is not None]
        if not options:
            return self if self.properties or "object" in self.types else None
        if len(options) == 1:
            return options[0]
        nodes: dict[str, list[Any]] = {
            name: [sub] for name, sub in (self.node.get("properties") or {}).items()
        }
        for option in options:
            for name, sub in (option.node.get("properties") or {}).items():
                known = nodes.setdefault(name, [])
                if sub not in known:
                    known.append(sub)
        names: dict[str, Any] = {name: self._either(found) for name, found in nodes.items()}
        required = [
            name
            for name in options[0].required
            if all(name in option.required for option in options)
        ]
        whole = Shape(
            {"type": "object", "properties": names, "required": required}, self.root, self.name
        )
        whole.of_variants = tuple(options)
        return whole

    def _either(self, nodes: list[Any]) -> Any:
        """One schema for a property that several alternatives declare: their closed lists together, else whichever fits."""
        if len(nodes) == 1:
            return nodes[0]
        flat = [Shape(node, self.root).node for node in nodes]
        values = [[node["const"]] if "const" in node else node.get("enum") for node in flat]
        if all(isinstance(found, list) for found in values):
            return {
                "enum": list(
                    dict.fromkeys(
                        value
                        for found in values
                        for value in found or ()
                        if isinstance(value, str | int)
                    )
                ),
                "type": flat[0].get("type", "string"),
            }
        return {"anyOf": nodes}

    def array(self) -> Shape | None:
        """The shape as an array: itself or its first alternative that is one; None otherwise."""
        if "array" in self.types:
            return self
        return next(
            (found for variant in self.variants if (found := variant.array()) is not None), None
        )

    @property
    def closed(self) -> bool:
        """Whether undeclared properties are refused."""
        return (
            self.node.get("additionalProperties") is False
            or self.node.get("unevaluatedProperties") is False
        )

    def schema(self) -> JsonObject:
        """The shape as a self-contained schema again: the same object every time, never to be changed."""
        if self._schema is not None:
            return self._schema
        out = {key: value for key, value in self.node.items() if key not in {"x-more"}}
        for key in ("$defs", "definitions"):
            if key in self.root and key not in out:
                out[key] = self.root[key]
        self._schema = out
        return out

    def walk(self, depth: int = 4, pointer: str = "") -> Iterator[tuple[str, Shape]]:
        """Every nested shape with its pointer pattern (`/lines/*/bookId`), outermost first."""
        yield pointer, self
        if depth <= 0:
            return
        shape = self.object()
        if shape is not None and shape.properties:
            for name, sub in shape.properties.items():
                yield from sub.walk(depth - 1, f"{pointer}/{name}")
        array = self.array()
        if array is not None and array.items is not None:
            yield from array.items.walk(depth - 1, f"{pointer}/*")
