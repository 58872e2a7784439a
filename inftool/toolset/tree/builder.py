"""The MCP tree: near-duplicate tools merged round by round, then arranged as domain, server and tool (InfTool, section on the MCP tree).

δ and the number of rounds are not published; both are settings, and every round says what it merged.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import Field

from inftool.core.errors import StoreError
from inftool.core.tools import Tool
from inftool.core.types import JsonObject, Record
from inftool.toolset.tree.embeddings import Embedder, close_pairs, tfidf_rows, words
from inftool.toolset.tree.merging import ToolSummary, group_by_rules, merge_tools, summarize_tool

DELTA = 0.82
MAX_ROUNDS = 8
KIN = 0.2
MAX_SERVER = 40

Discriminator = Callable[[Sequence[ToolSummary]], Sequence[Sequence[int]]]


class Merge(Record):
    """One consolidated definition of a round and what went into it."""

    into: str
    members: tuple[str, ...]


class MergeRound(Record):
    """One round: how many tools went in and came out, how many pairs lay above δ in how many clusters, and each merge."""

    number: int
    before: int
    after: int
    pairs: int
    clusters: int
    merges: tuple[Merge, ...] = ()


class TreeLeaf(Record):
    """A tool of the tree; `members` are the tools it stands for (itself alone where it was unique)."""

    name: str
    description: str
    effect: str
    parameters: tuple[str, ...] = ()
    members: tuple[str, ...] = ()


class ServerNode(Record):
    """Tools that one server offers: an API, or one tag of a large one."""

    name: str
    api: str
    tools: tuple[TreeLeaf, ...]


class Domain(Record):
    """Servers of one field, named after the words that set it apart."""

    name: str
    servers: tuple[ServerNode, ...]


class ToolTree(Record):
    """Domains, servers and tools, and the rounds that led there. `delta` is the cosine above which tools are compared."""

    delta: float
    embedding: str
    tools: int
    domains: tuple[Domain, ...]
    rounds: tuple[MergeRound, ...] = Field(default=())

    def leaves(self) -> list[TreeLeaf]:
        """Every tool of the tree."""
        return [
            leaf for domain in self.domains for server in domain.servers for leaf in server.tools
        ]

    def save(self, path: str | Path) -> None:
        """Write it as JSON; StoreError where the disk does not take it."""
        try:
            Path(path).write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise StoreError(f"cannot write {path}: {error.strerror}") from error

    def render(self, most: int = 12) -> str:
        """The tree as plain text, at most some tools a server."""
        lines: list[str] = []
        for domain in self.domains:
            lines.append(
                f"{domain.name}  ({sum(len(server.tools) for server in domain.servers)} tools)"
            )
            for server in domain.servers:
                lines.append(f"  {server.name}  ({len(server.tools)})")
                for leaf in server.tools[:most]:
                    also = f"  = {', '.join(leaf.members)}" if len(leaf.members) > 1 else ""
                    lines.append(f"    {leaf.name}{also}")
                if len(server.tools) > most:
                    lines.append(f"    … and {len(server.tools) - most} more")
        for item in self.rounds:
            lines.append(
                f"round {item.number}: {item.before} tools, {item.pairs} pairs above {self.delta} in {item.clusters} clusters, {item.after} left"
            )
        return "\n".join(lines)


def build_tree(
    tools: Iterable[Tool],
    *,
    titles: dict[str, str] | None = None,
    delta: float = DELTA,
    rounds: int = MAX_ROUNDS,
    embed: Embedder = tfidf_rows,
    embedding: str = "tfidf",
    discriminate: Discriminator = group_by_rules,
) -> ToolTree:
    """The tree of some tools: embed, cluster by cosine above `delta`, split each cluster into redundant and unique, merge, until nothing merges.

    `titles` name the APIs (by `Tool.api`) for the servers; `discriminate` says which cards of a cluster are one tool (rules by default).
    """
    cards = [summarize_tool(tool) for tool in tools]
    total = len(cards)
    history: list[MergeRound] = []
    for number in range(1, rounds + 1):
        vectors = embed([card.text for card in cards])
        heads = list(range(len(cards)))
        pairs = 0
        for first, second, _ in close_pairs(vectors, delta):
            pairs += 1
            _join(heads, first, second)
        clusters: dict[int, list[int]] = defaultdict(list)
        for index in range(len(cards)):
            clusters[_head(heads, index)].append(index)
        several = [members for members in clusters.values() if len(members) > 1]
        gone: set[int] = set()
        merges: list[Merge] = []
        for members in several:
            for group in discriminate([cards[index] for index in members]):
                if len(group) < 2:
                    continue
                merged = merge_tools([cards[members[at]] for at in group])
                keep = members[group[0]]
                cards[keep] = merged
                gone.update(members[at] for at in group[1:])
                merges.append(Merge(into=merged.name, members=merged.members))
        before = len(cards)
        cards = [card for index, card in enumerate(cards) if index not in gone]
        history.append(
            MergeRound(
                number=number,
                before=before,
                after=len(cards),
                pairs=pairs,
                clusters=len(several),
                merges=tuple(merges),
            )
        )
        if not merges:
            break
    domains = _arrange(cards, titles or {}, embed)
    return ToolTree(
        delta=delta, embedding=embedding, tools=total, domains=domains, rounds=tuple(history)
    )


def _head(heads: list[int], index: int) -> int:
    while heads[index] != index:
        heads[index] = heads[heads[index]]
        index = heads[index]
    return index


def _join(heads: list[int], first: int, second: int) -> None:
    one, other = _head(heads, first), _head(heads, second)
    if one != other:
        heads[max(one, other)] = min(one, other)


def _arrange(
    cards: Sequence[ToolSummary], titles: dict[str, str], embed: Embedder
) -> tuple[Domain, ...]:
    """Servers out of APIs and the tags of large ones; domains out of APIs whose words are alike."""
    by_api: dict[str, list[ToolSummary]] = defaultdict(list)
    for card in cards:
        by_api[card.api].append(card)
    names = sorted(by_api)
    bags = [
        " ".join(
            [
                *words(titles.get(name, name)) * 5,
                *(
                    word
                    for card in by_api[name][:200]
                    for word in words(" ".join((card.noun, *card.tags)))
                ),
            ]
        )
        for name in names
    ]
    heads = list(range(len(names)))
    sizes = [1] * len(names)
    # No field grows to hold everything: a chain of likenesses is none.
    most = max(4, 2 * math.isqrt(len(names)))
    if len(names) > 1:
        # The nearest first.
        for first, second, _ in sorted(close_pairs(embed(bags), KIN), key=lambda pair: -pair[2]):
            one, other = _head(heads, first), _head(heads, second)
            if one != other and (together := sizes[one] + sizes[other]) <= most:
                _join(heads, one, other)
                sizes[min(one, other)] = together
    fields: dict[int, list[int]] = defaultdict(list)
    for index in range(len(names)):
        fields[_head(heads, index)].append(index)
    spread = Counter(word for bag in bags for word in set(bag.split()))
    taken: set[str] = set()
    domains = []
    for members in fields.values():
        name = _domain_name([bags[member] for member in members], spread, taken)
        servers = [
            server
            for api in (names[member] for member in members)
            for server in _servers(api, titles.get(api, api), by_api[api])
        ]
        domains.append(Domain(name=name, servers=tuple(servers)))
    return tuple(sorted(domains, key=lambda domain: domain.name))


_PLAIN = frozenset(
    "get list create delete update search add remove set api apis service services rest open public v1 v2 v3 the app cloud com www data inc core main platform".split()
)


def _domain_name(bags: Sequence[str], spread: Counter[str], taken: set[str]) -> str:
    """The two words that are most this field's own."""
    counts = Counter(
        word
        for bag in bags
        for word in bag.split()
        if word not in _PLAIN and not word.isdigit() and len(word) > 2
    )
    ranked = sorted(counts, key=lambda word: (-counts[word] / (0.5 + spread[word]), word))
    for size in (2, 3, 4):
        name = (
            " and ".join([", ".join(ranked[: size - 1]), ranked[size - 1]])
            if len(ranked) >= size
            else " ".join(ranked) or "other"
        )
        if name not in taken:
            break
    number, base = 2, name
    while name in taken:
        name, number = f"{base} {number}", number + 1
    taken.add(name)
    return name


def _servers(api: str, title: str, cards: Sequence[ToolSummary]) -> list[ServerNode]:
    """One server an API; a large API with tags gives one a tag."""
    groups: dict[str, list[ToolSummary]] = defaultdict(list)
    tagged = len(cards) > MAX_SERVER and sum(bool(card.tags) for card in cards) > len(cards) // 2
    for card in cards:
        groups[f"{title}: {card.tags[0] if card.tags else 'other'}" if tagged else title].append(
            card
        )
    return [
        ServerNode(
            name=name,
            api=api,
            tools=tuple(_leaf(card) for card in sorted(group, key=lambda card: card.name)),
        )
        for name, group in sorted(groups.items())
    ]


def _leaf(card: ToolSummary) -> TreeLeaf:
    return TreeLeaf(
        name=card.name,
        description=card.description,
        effect=card.effect,
        parameters=tuple(sorted(card.types)),
        members=card.members,
    )


def tree_document(tree: ToolTree) -> JsonObject:
    """The JSON document of `inftool tree`."""
    leaves = tree.leaves()
    document: dict[str, Any] = tree.model_dump(mode="json")
    return {
        "tools": tree.tools,
        "left": len(leaves),
        "merged": sum(len(leaf.members) > 1 for leaf in leaves),
        "servers": sum(len(d.servers) for d in tree.domains),
        **document,
    }
