"""The tool graph: which tool gives what another needs, each edge with its evidence, found from the tools' schemas and links alone.

An edge is a guess until it is executed in a world: `inftool.scenarios.edges` does that.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from inftool.core.json_pointer import escape
from inftool.core.tools import Tool
from inftool.core.types import JsonObject, Record
from inftool.toolset.tree.embeddings import embedding_text, words
from inftool.toolset.tree.merging import plain_name

Evidence = Literal["link", "reference", "entity", "field", "similarity"]
MAX_DEPTH = 4


class Edge(Record):
    """`producer`'s answer holds at `source` (a pointer pattern, `*` for any item) what `consumer` takes at `argument` (likewise).

    `evidence` says why it is believed: a link of the spec, a reference or an entity of the resource map, the field's name and type, and likeness of the
    descriptions (never alone). `certain`: the spec itself says so.
    """

    producer: str
    source: str
    consumer: str
    argument: str
    evidence: tuple[Evidence, ...]
    certain: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two edges the same for coverage: whose answer goes into which argument of whom."""
        return self.producer, self.consumer, self.argument


def scalar_fields(
    schema: JsonObject | None, root: JsonObject | None = None, *, depth: int = MAX_DEPTH
) -> Iterator[tuple[str, JsonObject]]:
    """Every scalar place of a schema as (pointer pattern, subschema); references followed, recursion cut at some depth."""
    root = root if root is not None else schema or {}
    stack: list[tuple[str, Any, int]] = [("", schema, 0)]
    seen = 0
    while stack and seen < 2000:
        seen += 1
        pointer, node, level = stack.pop()
        if not isinstance(node, dict) or level > depth:
            continue
        if isinstance(ref := node.get("$ref"), str) and ref.startswith("#/$defs/"):
            stack.append((pointer, (root.get("$defs") or {}).get(ref[8:]), level + 1))
            continue
        for key in ("allOf", "anyOf", "oneOf"):
            stack += [(pointer, branch, level + 1) for branch in node.get(key) or ()]
        properties = node.get("properties")
        if isinstance(properties, dict):
            stack += [
                (f"{pointer}/{escape(name)}", part, level + 1) for name, part in properties.items()
            ]
        if isinstance(items := node.get("items"), dict):
            stack.append((f"{pointer}/*", items, level + 1))
        if (
            not properties
            and "items" not in node
            and pointer
            and node.get("type") not in ("object", "array", None)
        ):
            yield pointer, node


def _kind(schema: JsonObject) -> str:
    kind = schema.get("type")
    kinds = [item for item in kind if item != "null"] if isinstance(kind, list) else [kind]
    return str(kinds[0]) if kinds else ""


_KEY = re.compile(r"^(.*?)(?:id|key|code|number|no|ref|reference|slug|sid|uuid|guid|name)$")


def _noun(tool: Tool) -> str:
    """The thing that a tool's answer is about: the last fixed word of its path, else the last word of its name."""
    parts = [part for part in tool.path.split("/") if part and "{" not in part]
    found = words(parts[-1]) if parts else words(tool.operation or tool.name)
    return found[-1] if found else ""


def _wanted(tool: Tool, pointer: str) -> str:
    """What an argument wants, spelling aside; a bare `id` in a path wants the key of what stands before it."""
    name = next((part for part in reversed(pointer.split("/")) if part and part != "*"), "")
    plain = plain_name(name)
    if plain in ("id", "key", "uuid", "slug", "sid", "code", "name"):
        before = re.search(rf"/([^/{{}}]+)/\{{{re.escape(name)}\}}", tool.path)
        owner = words(before[1])[-1:] if before else words(_noun(tool))[-1:]
        return f"{owner[0] if owner else ''}{plain}"
    return plain


def _given(tool: Tool, pointer: str) -> str:
    """What a field of an answer is, spelling aside; a bare `id` is the key of what it lies in."""
    parts = [part for part in pointer.split("/") if part and part != "*"]
    if not parts:  # an answer that is a bare list of values: they are what the path says
        return _noun(tool)
    plain = plain_name(parts[-1])
    if plain in ("id", "key", "uuid", "slug", "sid", "code", "name"):
        inner = (
            words(parts[-2])[-1:]
            if len(parts) > 1
            and parts[-2].lower() not in ("data", "items", "results", "result", "value", "values")
            else []
        )
        return f"{inner[0] if inner else _noun(tool)}{plain}"
    return plain


def candidate_edges(tools: Sequence[Tool], *, threshold: float = 0.15) -> list[Edge]:
    """The edges that schemas and links speak for, within each API, in order of consumer and producer.

    A field counts where its name (with its owner's) and type are an argument's; likeness of the descriptions is added as evidence and never stands alone.
    """
    by_api: dict[str, list[Tool]] = defaultdict(list)
    for tool in tools:
        by_api[tool.api].append(tool)
    found: list[Edge] = []
    for members in by_api.values():
        found += _within(members, threshold)
    return found


def _within(tools: Sequence[Tool], threshold: float) -> list[Edge]:
    bags = {tool.name: frozenset(words(embedding_text(tool))) for tool in tools}
    given: dict[tuple[str, str], list[tuple[Tool, str]]] = defaultdict(list)
    for tool in tools:
        for pointer, schema in scalar_fields(tool.output_schema):
            given[_given(tool, pointer), _kind(schema)].append((tool, pointer))
    edges: dict[tuple[str, str, str], Edge] = {}
    for consumer in tools:
        for argument, schema in scalar_fields(consumer.input_schema):
            wanted = _wanted(consumer, argument)
            if (
                _KEY.match(wanted) is None
                or schema.get("enum")
                or _kind(schema) in ("boolean", "number")
            ):
                continue
            for producer, source in given.get((wanted, _kind(schema)), ()):
                if producer.name == consumer.name:
                    continue
                mine, theirs = bags[producer.name], bags[consumer.name]
                alike = len(mine & theirs) / max(1, len(mine | theirs)) > threshold
                edge = Edge(
                    producer=producer.name,
                    source=source,
                    consumer=consumer.name,
                    argument=argument,
                    evidence=("field", "similarity") if alike else ("field",),
                )
                kept = edges.get(edge.key)
                if kept is None or len(source) < len(kept.source):
                    edges[edge.key] = edge
    for edge in _linked(tools):
        kept = edges.get(edge.key)
        evidence: tuple[Evidence, ...] = ("link", *(kept.evidence if kept else ()))
        edges[edge.key] = edge.model_copy(update={"evidence": evidence})
    return [edges[key] for key in sorted(edges, key=lambda key: (key[1], key[0], key[2]))]


_BODY = re.compile(r"^\$response\.body#(/.*)$")


def _linked(tools: Sequence[Tool]) -> Iterator[Edge]:
    """The edges that a spec's own `links` name: certain."""
    by_operation = {name: tool for tool in tools for name in (tool.operation, tool.name) if name}
    for producer in tools:
        for link in producer.links:
            consumer = by_operation.get(link.operation)
            if consumer is None:
                continue
            names = {parameter.name: parameter.argument for parameter in consumer.parameters}
            for name, expression in link.parameters.items():
                found = _BODY.match(expression) if isinstance(expression, str) else None
                argument = names.get(name.rpartition(".")[2])
                if found and argument:
                    yield Edge(
                        producer=producer.name,
                        source=found[1],
                        consumer=consumer.name,
                        argument=f"/{argument}",
                        evidence=("link",),
                        certain=True,
                    )


class ToolGraph(Record):
    """Edges between tools; build one from `candidates`, or from the executed edges of `inftool.scenarios.edges`."""

    edges: tuple[Edge, ...]

    def neighbors(self) -> dict[str, frozenset[str]]:
        """Every tool with those it shares an edge with, whichever way."""
        found: dict[str, set[str]] = defaultdict(set)
        for edge in self.edges:
            found[edge.producer].add(edge.consumer)
            found[edge.consumer].add(edge.producer)
        return {name: frozenset(others) for name, others in found.items()}


def is_connected(names: Sequence[str], near: dict[str, frozenset[str]]) -> bool:
    """Whether some tools hang together by edges among themselves."""
    if not names:
        return True
    left, queue = set(names), [names[0]]
    while queue:
        name = queue.pop()
        if name in left:
            left.discard(name)
            queue += [other for other in near.get(name, ()) if other in left]
    return not left
