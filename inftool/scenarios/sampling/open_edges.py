"""Edges that no blueprint has covered yet, and conversations along them."""

from __future__ import annotations

from collections.abc import Iterator

from inftool.core.tools import Tool
from inftool.scenarios.composition.edge_execution import EdgeProver
from inftool.scenarios.composition.edges import edges_by_producer
from inftool.scenarios.composition.scene import Scene
from inftool.scenarios.sampling.coverage import Coverage
from inftool.scenarios.world_pool import WorldPool
from inftool.toolset.producer_graph import Edge


class OpenEdges:
    """The inferred edges of all APIs, and which of them are open. Without coverage none is.

    An edge is executed before it is proposed, as a conversation cannot follow one that fails.
    """

    def __init__(self, pool: WorldPool, coverage: Coverage | None) -> None:
        self.pool = pool
        self.coverage = coverage
        self._outgoing: dict[str, dict[str, list[Edge]]] = {}
        self._lookup_edges: dict[str, dict[str, list[Edge]]] = {}
        self._provers: dict[str, EdgeProver] = {}

    def is_open(self, edge: Edge) -> bool:
        """Whether nothing has covered an edge yet."""
        return self.coverage is not None and self.coverage.is_open(
            f"edge:{edge.producer}>{edge.consumer}{edge.argument}"
        )

    def holds(self, api: str, edge: Edge) -> bool:
        """Whether an edge was executed with success."""
        return not self._provers.setdefault(api, EdgeProver(self.pool, api)).why(edge)

    def outgoing(self, api: str, tool: str) -> list[Edge]:
        """All edges that lead out of a tool."""
        if api not in self._outgoing:
            self._outgoing[api] = edges_by_producer(self.pool, api)
        return self._outgoing[api].get(tool, [])

    def count_outgoing(self, api: str, tool: str) -> int:
        """How many open edges lead out of a tool."""
        return sum(self.is_open(edge) for edge in self.outgoing(api, tool))

    def count_lookups(self, api: str, tool: str) -> int:
        """How many open edges a lookup for a tool can follow: those out of lists."""
        if api not in self._lookup_edges:
            by_consumer: dict[str, list[Edge]] = {}
            for producer in self.pool.api(api).tools:
                if self._shows_list(producer):
                    for edge in self.outgoing(api, producer.name):
                        by_consumer.setdefault(edge.consumer, []).append(edge)
            self._lookup_edges[api] = by_consumer
        return sum(self.is_open(edge) for edge in self._lookup_edges[api].get(tool, []))

    def can_be_led_to(self, api: str, tool: str) -> bool:
        """Whether an edge that holds, open or not, leads to a tool."""
        return any(
            edge.consumer == tool and self.holds(api, edge)
            for producer in self.pool.api(api).tools
            for edge in self.outgoing(api, producer.name)
        )

    def without_lists(self, api: str) -> list[Edge]:
        """The open edges of an API but for those out of lists, which lookups can follow too."""
        return [
            edge
            for producer in self.pool.api(api).tools
            if not self._shows_list(producer)
            for edge in self.outgoing(api, producer.name)
            if self.is_open(edge)
        ]

    def openings(self, scene: Scene, most: int) -> list[Edge]:
        """Open edges to begin a conversation with, of different producers, drawn at random."""
        edges = self.without_lists(scene.api)
        by_producer: dict[str, Edge] = {}
        while edges and len(by_producer) < most:
            edge = scene.rng.choice(edges)
            if self.holds(scene.api, edge):
                by_producer[edge.producer] = edge
                edges = [other for other in edges if other.producer != edge.producer]
            # Each is executed when it is drawn: executing all of them takes long.
            else:
                edges.remove(edge)
        return list(by_producer.values())

    def onward(self, scene: Scene, most: int) -> list[Edge]:
        """Open edges that a conversation can follow: they take what an answer told the user.

        In random order; a consumer whose own answer leads on along open edges mostly comes first.
        """
        if self.coverage is None:
            return []
        told = [
            name for name in dict.fromkeys(scene.tool_by_step.values()) if name in scene.used_tools
        ]
        candidates = [edge for name in told for edge in self._to_unused(scene, name)]
        # One number for each edge, drawn before sorting, so that the draws do not depend on how the
        # sort compares.
        rank = {
            edge.key: scene.rng.random() * (1 + self.count_outgoing(scene.api, edge.consumer))
            for edge in candidates
        }
        edges: list[Edge] = []
        for edge in sorted(candidates, key=lambda edge: -rank[edge.key]):
            if len(edges) == most:
                break
            if self.holds(scene.api, edge):
                edges.append(edge)
        return edges

    def one_from(self, scene: Scene, tool: Tool) -> Edge | None:
        """An open edge that the answer of a tool can lead on by; None if there is none."""
        edges = list(self._to_unused(scene, tool.name))
        for edge in scene.rng.sample(edges, len(edges)):
            if self.holds(scene.api, edge):
                return edge
        return None

    def _to_unused(self, scene: Scene, tool: str) -> Iterator[Edge]:
        """The open edges from a tool to tools that no request of a scene was made for yet."""
        for edge in self.outgoing(scene.api, tool):
            if edge.consumer not in scene.used_tools and self.is_open(edge):
                yield edge

    def _shows_list(self, tool: Tool) -> bool:
        return self.pool.maps[tool.api].roles[tool.name].response.items is not None
