"""Building a tool tree: near-duplicate tools are merged round by round, then arranged.

Follows the section on the MCP tree of the InfTool paper. The paper does not publish δ or the number
of rounds; both are settings here, and every round records what it merged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from inftool.core.tools import Tool
from inftool.toolset.tree.disjoint_sets import DisjointSets
from inftool.toolset.tree.domains import arrange
from inftool.toolset.tree.embeddings import Embedder, tfidf_rows
from inftool.toolset.tree.merging import (
    ToolSummary,
    group_by_rules,
    merge_tools,
    summarize_tool,
)
from inftool.toolset.tree.neighbors import close_pairs
from inftool.toolset.tree.tool_tree import Merge, MergeRound, ToolTree

DELTA = 0.82
"""The default of δ. Lower compares more pairs; the discriminator still decides what is merged."""

MAX_ROUNDS = 8
"""The default limit of rounds. A round that merges nothing is the last one in any case."""

Discriminator = Callable[[Sequence[ToolSummary]], Sequence[Sequence[int]]]
"""Divides a cluster into groups that are one tool each: tools -> their numbers, by group."""


def build_tree(
    tools: Iterable[Tool],
    *,
    titles: Mapping[str, str] | None = None,
    delta: float = DELTA,
    rounds: int = MAX_ROUNDS,
    embed: Embedder = tfidf_rows,
    embedding: str = "tfidf",
    discriminate: Discriminator = group_by_rules,
) -> ToolTree:
    """The tree of some tools.

    A round embeds the tools, clusters those whose cosine is above `delta`, lets `discriminate`
    divide each cluster into groups that are one tool each, and merges the groups. Rounds end when
    nothing was merged, or after `rounds` of them. `titles` has the titles of APIs by their names;
    `embedding` is the name under which the tree records `embed`.
    """
    summaries = [summarize_tool(tool) for tool in tools]
    total = len(summaries)
    history: list[MergeRound] = []
    for number in range(1, rounds + 1):
        clusters, pairs = _clusters(summaries, embed, delta)
        merged, merges = _merge_clusters(summaries, clusters, discriminate)
        history.append(
            MergeRound(
                number=number,
                before=len(summaries),
                after=len(merged),
                pairs=pairs,
                clusters=len(clusters),
                merges=tuple(merges),
            )
        )
        summaries = merged
        if not merges:
            break
    return ToolTree(
        delta=delta,
        embedding=embedding,
        tools=total,
        domains=arrange(summaries, titles or {}, embed),
        rounds=tuple(history),
    )


def _clusters(
    summaries: Sequence[ToolSummary], embed: Embedder, delta: float
) -> tuple[list[list[int]], int]:
    """The clusters of two or more tools, as their numbers, and how many pairs connect them."""
    vectors = embed([summary.text for summary in summaries])
    sets = DisjointSets(len(summaries))
    pairs = 0
    for first, second, _ in close_pairs(vectors, delta):
        pairs += 1
        sets.join(first, second)
    return [members for members in sets.sets() if len(members) > 1], pairs


def _merge_clusters(
    summaries: Sequence[ToolSummary],
    clusters: Sequence[Sequence[int]],
    discriminate: Discriminator,
) -> tuple[list[ToolSummary], list[Merge]]:
    """The tools that are left, in their order, and what was merged.

    A merged tool stands in the place of the first of its group.
    """
    merged = list(summaries)
    gone: set[int] = set()
    merges: list[Merge] = []
    for members in clusters:
        for group in discriminate([merged[index] for index in members]):
            if len(group) < 2:
                continue
            # A discriminator numbers the tools of its cluster; these are numbers of all tools.
            indices = [members[position] for position in group]
            summary = merge_tools([merged[index] for index in indices])
            merged[indices[0]] = summary
            gone.update(indices[1:])
            merges.append(Merge(into=summary.name, members=summary.members))
    return [summary for index, summary in enumerate(merged) if index not in gone], merges
