"""The arguments that a tool takes, as leaves of its schema with the words that name them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from inftool.core.chat import ToolSpec
from inftool.core.json_schema import lookup
from inftool.core.types import Schema
from inftool.scenarios.wording.phrases import SEARCHES, plain_words, singular
from inftool.training.tokenization.slots.phrases import name_key
from inftool.training.tokenization.slots.words import WORDS

Path = tuple[str, ...]
"""The keys from the outermost object in; `*` stands for an item of a list."""

# Deeper arguments are not offered: real tools hardly have them, and recursive schemas end here.
_MAX_DEPTH = 5
# References and alternatives that are followed from one node, so that circles of them end.
_MAX_STEPS = 8


class ArgumentLeaf(NamedTuple):
    """One argument that a tool takes: a plain value, or a list of plain values."""

    path: Path
    """Where it stands in the arguments: ("lines", "*", "quantity")."""

    schema: Schema
    """The schema of the value; of its items, if it is a list."""

    many: bool
    """Whether it is a list of plain values."""

    required: bool
    """Whether it is required, with everything that it is nested in."""

    words: str
    """What people call it: "quantity of the line"."""

    key: str
    """What it shares with everything else of that name: "quantity of the line"."""

    @property
    def is_search(self) -> bool:
        """Whether it holds what is searched for, like `query`."""
        return self.words.lower() in SEARCHES

    @property
    def is_title(self) -> bool:
        """Whether it holds what a thing is called, like `displayName`."""
        return len(self.path) == 1 and self.path[0].replace("_", "").lower() in WORDS["title_names"]

    @property
    def options(self) -> list[str]:
        """The texts that the schema lists as its values."""
        return [item for item in _list(self.schema.get("enum")) if isinstance(item, str)]


class _Node(NamedTuple):
    """A place in the schema on the way to its leaves."""

    schema: object
    path: Path = ()
    names: tuple[str, ...] = ()
    required: bool = True


def argument_leaves(tool: ToolSpec) -> list[ArgumentLeaf]:
    """The arguments of a tool, required ones first, otherwise in the order of its schema."""
    schema = tool["function"].get("parameters") or {}
    leaves = list(_walk(_Node(schema), schema))
    return sorted(leaves, key=lambda leaf: not leaf.required)


def path_words(names: Sequence[str]) -> str:
    """Names from the outermost in, as people say them, at most two of them.

    ("body", "shipping address", "city") -> "city of the shipping address"
    """
    # Nobody says "city of the body".
    is_wrapped = len(names) > 1 and names[0] in WORDS["body_wrappers"]
    inner = (names[1:] if is_wrapped else names)[-2:]
    return " of the ".join(reversed(inner))


def _walk(node: _Node, root: Schema, depth: int = 0) -> Iterator[ArgumentLeaf]:
    schema = _resolve(node.schema, root)
    if depth > _MAX_DEPTH:
        return
    properties = schema.get("properties")
    if isinstance(properties, dict) and properties:
        required = set(_list(schema.get("required")))
        for key, inner in properties.items():
            names = (*node.names, plain_words(key))
            is_required = node.required and key in required
            yield from _walk(_Node(inner, (*node.path, key), names, is_required), root, depth + 1)
        return
    is_list = schema.get("type") == "array"
    items = _resolve(schema.get("items"), root) if is_list else {}
    # A list of objects (or of lists) is walked into; a list of plain values is a leaf itself.
    if is_list and (items.get("properties") or items.get("type") == "array"):
        names = (*node.names[:-1], singular(node.names[-1])) if node.names else ()
        inner_node = _Node(schema["items"], (*node.path, "*"), names, node.required)
        yield from _walk(inner_node, root, depth + 1)
    elif node.path:
        words = path_words(node.names)
        value = items if is_list else schema
        yield ArgumentLeaf(node.path, value, is_list, node.required, words, name_key(words))


def _resolve(node: object, root: Schema) -> Schema:
    """A schema with its reference followed and its alternatives replaced by the first that is not
    null: {"anyOf": [{"type": "null"}, {"type": "string"}]} -> {"type": "string"}."""
    for _ in range(_MAX_STEPS):
        if not isinstance(node, dict):
            return {}
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/"):
            node = lookup(root, reference)
            continue
        alternative = _first_alternative(node)
        if alternative is not None:
            node = alternative
            continue
        # ["string", "null"], as OpenAPI 3.1 says that a value may be null.
        types = node.get("type")
        if isinstance(types, list):
            return {**node, "type": next((item for item in types if item != "null"), "null")}
        return node
    return {}


def _first_alternative(node: Mapping[str, object]) -> Schema | None:
    """The first alternative of a schema that says nothing else about the value itself."""
    if node.get("properties") or "enum" in node or node.get("type") not in (None, "object"):
        return None
    for keyword in ("anyOf", "oneOf", "allOf"):
        for item in _list(node.get(keyword)):
            if isinstance(item, dict) and item.get("type") != "null":
                return item
    return None


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, (list, tuple)) else ()
