"""The producer graph: which tool's answer holds what another tool's argument needs.

Edges are found from the tools' schemas and links alone, each with its evidence. An edge is a guess
until it was executed in a world; `inftool.scenarios.composition.edge_execution` does that.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from inftool.core.json_pointer import escape
from inftool.core.tools import Tool
from inftool.core.types import JsonObject, Record, Schema
from inftool.toolset.tool_text import embedding_text, plain_name, words

Evidence = Literal["link", "reference", "entity", "field", "similarity"]
"""Why an edge is believed.

A link of the spec, a reference or an entity of the resource map, a field with the argument's name
and type, or similar descriptions (never alone).
"""

MAX_DEPTH = 4
"""How many levels of a schema `scalar_fields` looks at."""

# A schema that refers to itself branches without end; the depth alone does not stop it in time.
_MAX_SCHEMAS = 2000
# The share of common words above which two tools' texts are similar. It only adds evidence to an
# edge that a field speaks for, so it may be low.
_SIMILAR = 0.15

# Names that identify what they belong to, and so mean something else in every object.
_BARE_KEYS = ("id", "key", "uuid", "slug", "sid", "code", "name")
# Objects that wrap an answer and do not name what it is about.
_ENVELOPES = ("data", "items", "results", "result", "value", "values")
# "customerid" and "isbnnumber" are keys; a "quantity" that two tools share connects nothing.
_KEY = re.compile(r"^(.*?)(?:id|key|code|number|no|ref|reference|slug|sid|uuid|guid|name)$")
# OpenAPI 3, runtime expressions: "$response.body#/id"
_RESPONSE_BODY = re.compile(r"^\$response\.body#(/.*)$")


class Edge(Record):
    """A field of a producer's answer that fits an argument of a consumer."""

    producer: str
    """The name of the tool that answers."""
    source: str
    """Where the answer holds the value: a JSON pointer with `*` for any item of a list."""
    consumer: str
    """The name of the tool that takes the value."""
    argument: str
    """The argument that takes it, as a pointer into the arguments, likewise."""
    evidence: tuple[Evidence, ...]
    """Why the edge is believed."""
    certain: bool = False
    """Whether the spec itself says so."""

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two edges the same for coverage: producer, consumer and argument."""
        return self.producer, self.consumer, self.argument


def scalar_fields(
    schema: JsonObject | None, *, depth: int = MAX_DEPTH
) -> Iterator[tuple[str, JsonObject]]:
    """Every scalar in a schema as (pointer pattern, subschema).

    `{"type": "array", "items": {"properties": {"id": {"type": "string"}}}}` gives
    `("/*/id", {"type": "string"})`. References are followed, and recursion ends at some depth.
    """
    definitions = (schema or {}).get("$defs") or {}
    stack: list[tuple[str, object, int]] = [("", schema, 0)]
    visited = 0
    while stack and visited < _MAX_SCHEMAS:
        visited += 1
        pointer, node, level = stack.pop()
        if not isinstance(node, dict) or level > depth:
            continue
        if isinstance(ref := node.get("$ref"), str) and ref.startswith("#/$defs/"):
            stack.append((pointer, definitions.get(ref.removeprefix("#/$defs/")), level + 1))
            continue
        stack += [(inner, part, level + 1) for inner, part in _subschemas(pointer, node)]
        is_container = node.get("properties") or "items" in node
        if pointer and not is_container and node.get("type") not in ("object", "array", None):
            yield pointer, node


def _subschemas(pointer: str, node: JsonObject) -> Iterator[tuple[str, object]]:
    """The schemas right below an inline schema, each with the pointer pattern it applies to."""
    for keyword in ("allOf", "anyOf", "oneOf"):
        for branch in node.get(keyword) or ():
            yield pointer, branch
    properties = node.get("properties")
    if isinstance(properties, dict):
        for name, part in properties.items():
            yield f"{pointer}/{escape(name)}", part
    if isinstance(items := node.get("items"), dict):
        yield f"{pointer}/*", items


def _type_of(schema: Schema) -> str:
    """The first type of a schema that is not null, as text."""
    # ["null", "string"] -> "string"; no type at all -> "None", which only meets its like
    declared = schema.get("type")
    types = (
        [item for item in declared if item != "null"] if isinstance(declared, list) else [declared]
    )
    return str(types[0]) if types else ""


def _subject(tool: Tool) -> str:
    """What a tool's answer is about.

    The last fixed word of its path, or else of its name: `/shops/{id}/orders` is about an `order`.
    """
    segments = [part for part in tool.path.split("/") if part and "{" not in part]
    subject_words = words(segments[-1]) if segments else words(tool.operation or tool.name)
    return subject_words[-1] if subject_words else ""


def _argument_meaning(tool: Tool, pointer: str) -> str:
    """What an argument asks for, spelling aside, to be compared with `_field_meaning`.

    `/customerId` asks for `customerid`; the `id` of `/orders/{id}` asks for `orderid`.
    """
    name = next((part for part in reversed(pointer.split("/")) if part and part != "*"), "")
    meaning = plain_name(name)
    if meaning not in _BARE_KEYS:
        return meaning
    # The segment in front of a path parameter says whose key it is.
    in_path = re.search(rf"/([^/{{}}]+)/\{{{re.escape(name)}\}}", tool.path)
    owner = words(in_path[1] if in_path else _subject(tool))[-1:]
    return f"{owner[0] if owner else ''}{meaning}"


def _field_meaning(tool: Tool, pointer: str) -> str:
    """What a field of an answer holds, spelling aside.

    `/customer/id` holds a `customerid`; the `/data/id` of `/orders/{id}` holds an `orderid`.
    """
    parts = [part for part in pointer.split("/") if part and part != "*"]
    if not parts:
        # The answer is a bare list of values; the path says what they are.
        return _subject(tool)
    meaning = plain_name(parts[-1])
    if meaning not in _BARE_KEYS:
        return meaning
    owner: list[str] = []
    if len(parts) > 1 and parts[-2].lower() not in _ENVELOPES:
        owner = words(parts[-2])[-1:]
    return f"{owner[0] if owner else _subject(tool)}{meaning}"


def candidate_edges(tools: Sequence[Tool]) -> list[Edge]:
    """The edges that schemas and links speak for, within each API.

    A field counts if its name (with its owner's) and type are those of an argument. The edges of an
    API are in the order of consumer, producer and argument.
    """
    by_api: dict[str, list[Tool]] = defaultdict(list)
    for tool in tools:
        by_api[tool.api].append(tool)
    return [edge for members in by_api.values() for edge in _edges_within(members)]


def _edges_within(tools: Sequence[Tool]) -> list[Edge]:
    edges: dict[tuple[str, str, str], Edge] = {}
    for edge in _field_edges(tools):
        known = edges.get(edge.key)
        # The shortest pointer is nearest to the entity itself: "/id" before "/customer/id".
        if known is None or len(edge.source) < len(known.source):
            edges[edge.key] = edge
    for edge in _link_edges(tools):
        known = edges.get(edge.key)
        evidence: tuple[Evidence, ...] = ("link", *(known.evidence if known else ()))
        edges[edge.key] = edge.model_copy(update={"evidence": evidence})
    return [edges[key] for key in sorted(edges, key=lambda key: (key[1], key[0], key[2]))]


def _field_edges(tools: Sequence[Tool]) -> Iterator[Edge]:
    """The edges from each field of an answer to each argument of its meaning and type."""
    text_words = {tool.name: frozenset(words(embedding_text(tool))) for tool in tools}
    producers: dict[tuple[str, str], list[tuple[Tool, str]]] = defaultdict(list)
    for tool in tools:
        for pointer, schema in scalar_fields(tool.output_schema):
            producers[_field_meaning(tool, pointer), _type_of(schema)].append((tool, pointer))
    for consumer in tools:
        for argument, schema in scalar_fields(consumer.input_schema):
            meaning, kind = _argument_meaning(consumer, argument), _type_of(schema)
            # A choice, a flag or an amount is the user's to say, not another tool's.
            is_key = _KEY.match(meaning) is not None and kind not in ("boolean", "number")
            if not is_key or schema.get("enum"):
                continue
            for producer, source in producers.get((meaning, kind), ()):
                if producer.name == consumer.name:
                    continue
                one, other = text_words[producer.name], text_words[consumer.name]
                is_similar = len(one & other) / max(1, len(one | other)) > _SIMILAR
                yield Edge(
                    producer=producer.name,
                    source=source,
                    consumer=consumer.name,
                    argument=argument,
                    evidence=("field", "similarity") if is_similar else ("field",),
                )


def _link_edges(tools: Sequence[Tool]) -> Iterator[Edge]:
    """The edges that a spec's own `links` name (OpenAPI 3, Link Object): certain."""
    # Links name operations; a tool list has only names.
    by_operation = {name: tool for tool in tools for name in (tool.operation, tool.name) if name}
    for producer in tools:
        for link in producer.links:
            consumer = by_operation.get(link.operation)
            if consumer is None:
                continue
            arguments = {parameter.name: parameter.argument for parameter in consumer.parameters}
            for name, expression in link.parameters.items():
                match = _RESPONSE_BODY.match(expression) if isinstance(expression, str) else None
                # A name may be qualified with its location: "path.orderId" -> "orderId"
                argument = arguments.get(name.rpartition(".")[2])
                if match and argument:
                    yield Edge(
                        producer=producer.name,
                        source=match[1],
                        consumer=consumer.name,
                        argument=f"/{argument}",
                        evidence=("link",),
                        certain=True,
                    )


class ToolGraph(Record):
    """Edges between tools: those of `candidate_edges`, or those that were executed."""

    edges: tuple[Edge, ...]
    """The edges, in any order."""

    def neighbors(self) -> dict[str, frozenset[str]]:
        """Every tool that has an edge, with the tools at the other end, whichever way it goes."""
        neighbors: dict[str, set[str]] = defaultdict(set)
        for edge in self.edges:
            neighbors[edge.producer].add(edge.consumer)
            neighbors[edge.consumer].add(edge.producer)
        return {name: frozenset(names) for name, names in neighbors.items()}


def is_connected(names: Sequence[str], neighbors: Mapping[str, frozenset[str]]) -> bool:
    """Whether edges among some tools connect all of them; True for an empty list."""
    if not names:
        return True
    unreached, queue = set(names), [names[0]]
    while queue:
        name = queue.pop()
        if name in unreached:
            unreached.discard(name)
            queue += [other for other in neighbors.get(name, ()) if other in unreached]
    return not unreached
