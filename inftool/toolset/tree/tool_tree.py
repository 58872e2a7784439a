"""The records of a tool tree: domains, servers and tools, and the rounds of merging."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from inftool.core.errors import StoreError
from inftool.core.types import Record


class Merge(Record):
    """A definition that took the place of several tools."""

    into: str
    """The name that the tools are merged into."""
    members: tuple[str, ...]
    """The names of all tools that it stands for, those of earlier rounds included."""


class MergeRound(Record):
    """One round of merging."""

    number: int
    """Counts from 1."""
    before: int
    """How many tools the round began with."""
    after: int
    """How many tools were left."""
    pairs: int
    """How many pairs of tools had a cosine above `delta`."""
    clusters: int
    """How many clusters of two or more tools these pairs form."""
    merges: tuple[Merge, ...] = ()
    """What was merged."""


class TreeLeaf(Record):
    """A tool of the tree."""

    name: str
    """The tool's name, or the plainest one if it stands for several."""
    description: str
    """The fullest description among those of its members."""
    effect: str
    """`read`, `create`, `update`, `delete` or `action`."""
    parameters: tuple[str, ...] = ()
    """The parameters' names without case and separators, sorted."""
    members: tuple[str, ...] = ()
    """The names of the tools it stands for: its own alone if nothing was merged into it."""


class ServerNode(Record):
    """Tools that one server offers: those of an API, or of one tag of a large API."""

    name: str
    """The API's title, for a tag followed by the tag."""
    api: str
    """The API's name."""
    tools: tuple[TreeLeaf, ...]
    """The tools, by name."""


class Domain(Record):
    """Servers of one field."""

    name: str
    """The words that set the field apart from the others, such as "books and loans"."""
    servers: tuple[ServerNode, ...]
    """The servers; all of an API stand together."""


class ToolTree(Record):
    """Domains, servers and tools, and the rounds that led there."""

    delta: float
    """The cosine above which two tools were compared."""
    embedding: str
    """The name of the embedding, such as `tfidf`."""
    tools: int
    """How many tools there were before the first round."""
    domains: tuple[Domain, ...]
    """The domains, by name."""
    rounds: tuple[MergeRound, ...] = Field(default=())
    """The rounds of merging, in their order."""

    def leaves(self) -> list[TreeLeaf]:
        """Every tool of the tree."""
        servers = [server for domain in self.domains for server in domain.servers]
        return [leaf for server in servers for leaf in server.tools]

    def save(self, path: str | Path) -> None:
        """Write the tree as JSON; StoreError if the file cannot be written."""
        try:
            Path(path).write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise StoreError(f"cannot write {path}: {error.strerror}") from error

    def render(self, most: int = 12) -> str:
        """The tree as plain text, with at most `most` tools of each server."""
        lines: list[str] = []
        for domain in self.domains:
            count = sum(len(server.tools) for server in domain.servers)
            lines.append(f"{domain.name}  ({count} tools)")
            for server in domain.servers:
                lines += _server_lines(server, most)
        for item in self.rounds:
            lines.append(
                f"round {item.number}: {item.before} tools, {item.pairs} pairs above {self.delta}"
                f" in {item.clusters} clusters, {item.after} left"
            )
        return "\n".join(lines)


def _server_lines(server: ServerNode, most: int) -> list[str]:
    lines = [f"  {server.name}  ({len(server.tools)})"]
    for leaf in server.tools[:most]:
        members = f"  = {', '.join(leaf.members)}" if len(leaf.members) > 1 else ""
        lines.append(f"    {leaf.name}{members}")
    if len(server.tools) > most:
        lines.append(f"    … and {len(server.tools) - most} more")
    return lines


def tree_document(tree: ToolTree) -> dict[str, object]:
    """The JSON document of `inftool tree`: totals, and then the tree itself."""
    leaves = tree.leaves()
    return {
        "tools": tree.tools,
        "left": len(leaves),
        "merged": sum(len(leaf.members) > 1 for leaf in leaves),
        "servers": sum(len(domain.servers) for domain in tree.domains),
        **tree.model_dump(mode="json"),
    }
