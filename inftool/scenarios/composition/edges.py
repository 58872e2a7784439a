"""Producer edges as the resource map implies them: which tool's answer gives which argument.

They are candidates. `edge_execution` finds out in a world which of them hold.
"""

from __future__ import annotations

from collections.abc import Iterator

from inftool.core.tools import Tool
from inftool.scenarios.world_pool import WorldPool
from inftool.toolset.producer_graph import Edge, Evidence, ToolGraph, candidate_edges
from inftool.world.resources.models import (
    Resource,
    ResourceMap,
    ResourceProperty,
    Role,
    RoleKind,
)

# The kinds of tools whose answers show entities; a deletion shows what is gone.
_SHOWING: frozenset[RoleKind] = frozenset(
    (
        "list",
        "search",
        "get",
        "create",
        "replace",
        "patch",
        "action",
        "singleton_get",
        "singleton_update",
    )
)


def inferred_edges(pool: WorldPool, api: str) -> list[Edge]:
    """The edges of an API that its resource map implies, in order of consumer and producer.

    Evidence from schemas and links is added to each. A producer that has to be given the same key
    first gives nothing new, so there is no edge. Nor is there one from an entity to what it refers
    to if nobody would say that entity's key: it has to be found in a list, which shows the
    reference already.
    """
    resource_map, opaque = pool.maps[api], pool.opaque_keys(api)
    tools = pool.api(api).tools
    by_schema = {edge.key: edge for edge in candidate_edges(tools)}
    edges: dict[tuple[str, str, str], Edge] = {}
    for consumer in tools:
        references = resource_map.roles[consumer.name].references
        for argument, key_property in sorted(references.items()):
            resource = resource_map.resources.get(key_property[0])
            if resource is None or resource.virtual:
                continue
            for producer in tools:
                if producer.name == consumer.name:
                    continue
                sources = _sources(resource_map, producer, key_property, resource, opaque)
                for source, reason in sources:
                    also = by_schema.get((producer.name, consumer.name, argument))
                    edge = Edge(
                        producer=producer.name,
                        source=source,
                        consumer=consumer.name,
                        argument=argument,
                        evidence=(reason, *(also.evidence if also else ())),
                        certain=bool(also and also.certain),
                    )
                    # Of several places in an answer, the first that the schema names stands.
                    edges.setdefault(edge.key, edge)
    return [edges[key] for key in sorted(edges, key=lambda key: (key[1], key[0], key[2]))]


def _sources(
    resource_map: ResourceMap,
    producer: Tool,
    key_property: ResourceProperty,
    resource: Resource,
    opaque: frozenset[ResourceProperty],
) -> Iterator[tuple[str, Evidence]]:
    """Where a producer's answer holds a key: in the entity itself, or in one that refers to it.

    Each place is a pointer pattern into the answer, with the evidence for it.
    """
    role = resource_map.roles[producer.name]
    response, shown = role.response, role.target.resource
    is_list = response.items is not None
    if shown is None or not _shows_entities(producer, role):
        return
    if _needs_key(producer, role, key_property):
        return
    head = f"{response.items}/*" if is_list else response.item or ""
    if shown == key_property[0]:
        if key_property[1] in resource.entity.get("properties", {}):
            yield f"{head}/{key_property[1]}", "entity"
        return
    # Without a key that people say, the answer could only be had after a list that shows the
    # reference as well.
    target_key = role.target.keys.get(role.target.argument) if role.target.argument else None
    if not is_list and target_key in opaque and resource_map.tools(shown, "list", "search"):
        return
    for place, target in resource_map.resources[shown].references.items():
        # A list inside an item of a list: which of so many keys is meant could not be said.
        if target == key_property and not (is_list and "*" in place):
            yield f"{head}{place}", "reference"


def _shows_entities(producer: Tool, role: Role) -> bool:
    """Whether a tool's answer shows entities, as far as its role and its schema say."""
    if role.kind not in _SHOWING or role.fallback:
        return False
    response = role.response
    is_declared = response.items is not None or response.item is not None
    return is_declared or producer.output_schema is not None


def _needs_key(producer: Tool, role: Role, key_property: ResourceProperty) -> bool:
    """Whether a tool can only be called with the key that its answer would give."""
    required = {f"/{name}" for name in producer.input_schema.get("required", ())}
    return any(
        target == key_property for place, target in role.references.items() if place in required
    )


def edges_by_producer(pool: WorldPool, api: str) -> dict[str, list[Edge]]:
    """By producer, the inferred edges that lead out of it."""
    outgoing: dict[str, list[Edge]] = {}
    for edge in inferred_edges(pool, api):
        outgoing.setdefault(edge.producer, []).append(edge)
    return outgoing


def related_tools(pool: WorldPool, api: str) -> dict[str, frozenset[str]]:
    """By tool of an API, the tools that share an edge or a resource with it."""
    related: dict[str, set[str]] = {tool.name: set() for tool in pool.api(api).tools}
    for name, others in ToolGraph(edges=tuple(inferred_edges(pool, api))).neighbors().items():
        related[name] |= others
    by_resource: dict[str, set[str]] = {}
    for name, role in pool.maps[api].roles.items():
        # Tools that only refer to a resource count as well: an order's customer, say.
        targets = {target for target, _ in role.references.values()}
        for resource in {role.target.resource, *targets} - {None}:
            by_resource.setdefault(str(resource), set()).add(name)
    for names in by_resource.values():
        for name in names:
            related.setdefault(name, set()).update(names - {name})
    return {name: frozenset(others) for name, others in related.items()}
