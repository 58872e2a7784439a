"""Which tools of a cluster are the same tool, and the one definition that then stands for all of them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from inftool.core.tools import Tool
from inftool.core.types import JsonObject
from inftool.toolset.tree.embeddings import embedding_text, words

# Words for the same deed. A read of one and a list of many stay apart: their parameters and nouns decide.
_SAME_VERB = {
    "retrieve": "get", "fetch": "get", "read": "get", "show": "get", "view": "get", "describe": "get", "obtain": "get", "lookup": "get", "find": "search", "query": "search",
    "add": "create", "make": "create", "new": "create", "post": "create", "insert": "create", "register": "create", "remove": "delete", "destroy": "delete", "drop": "delete",
    "erase": "delete", "modify": "update", "edit": "update", "patch": "update", "change": "update", "put": "update", "set": "update", "enumerate": "list", "index": "list",
}  # fmt: skip
_GENERIC = frozenset(
    ("api", "v1", "v2", "v3", "endpoint", "method", "operation", "request", "by", "id", "all")
)
ALIKE = 0.5


@dataclass(slots=True)
class ToolSummary:
    """What the tree needs of a tool, and of the tools merged into it: `types` are the parameters' types by normalised name, `needed` the required ones."""

    name: str
    description: str
    effect: str
    api: str
    tags: tuple[str, ...]
    verb: str
    noun: str
    subject: frozenset[str]
    path: str
    types: dict[str, str]
    needed: frozenset[str]
    text: str
    schema: JsonObject
    members: tuple[str, ...]


def plain_name(name: str) -> str:
    """A parameter's name without its spelling: `customerId`, `customer_id` and `Customer-ID` are one."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _type(schema: Any) -> str:
    kind = schema.get("type") if isinstance(schema, dict) else None
    kinds = [item for item in kind if item != "null"] if isinstance(kind, list) else [kind or "any"]
    return "number" if kinds[:1] == ["integer"] else str(kinds[0] if kinds else "any")


def summarize_tool(tool: Tool) -> ToolSummary:
    """A tool as a card."""
    parts = [word for word in words(tool.operation or tool.name) if word not in _GENERIC]
    path = [
        word
        for part in tool.path.split("/")
        if part and not part.startswith("{")
        for word in words(part)[-1:]
    ]
    verb = _SAME_VERB.get(parts[0], parts[0]) if parts else tool.effect
    nouns = [word for word in path if word not in _GENERIC] or parts[1:]
    properties = tool.input_schema.get("properties") or {}
    return ToolSummary(
        name=tool.name,
        description=tool.description,
        effect=tool.effect,
        api=tool.api,
        tags=tool.tags,
        verb=verb,
        noun=nouns[-1] if nouns else (parts[-1] if parts else tool.name),
        subject=frozenset(parts[1:]) | frozenset(path),
        path=re.sub(r"\{[^}]*\}", "{}", tool.path),
        types={plain_name(name): _type(schema) for name, schema in properties.items()},
        needed=frozenset(plain_name(name) for name in tool.input_schema.get("required", ())),
        text=embedding_text(tool),
        schema=tool.input_schema,
        members=(tool.name,),
    )


def are_redundant(one: ToolSummary, other: ToolSummary) -> bool:
    """Whether two tools do the same: effect, deed and thing are the same, so are the required parameters with their types, and most of the others."""
    if (
        one.effect != other.effect
        or one.verb != other.verb
        or one.noun != other.noun
        or one.needed != other.needed
    ):
        return False
    # One API does not offer the same thing twice under two paths; two APIs may, and then say so in nearly the same words.
    if one.api == other.api and one.path != other.path:
        return False
    if len(one.subject & other.subject) < ALIKE * len(one.subject | other.subject):
        return False
    shared = one.types.keys() & other.types.keys()
    if any(
        "any" not in (one.types[name], other.types[name]) and one.types[name] != other.types[name]
        for name in shared
    ):
        return False
    every = one.types.keys() | other.types.keys()
    return not every or len(shared) >= ALIKE * len(every)


def group_by_rules(cards: Sequence[ToolSummary]) -> list[list[int]]:
    """The cards of a cluster in groups of one tool each, by rule; the first of a group speaks for it."""
    buckets: dict[tuple[Any, ...], list[list[int]]] = defaultdict(list)
    for index, card in enumerate(cards):
        groups = buckets[card.effect, card.verb, card.noun, card.needed]
        home = next((group for group in groups if are_redundant(cards[group[0]], card)), None)
        if home is None:
            groups.append([index])
        else:
            home.append(index)
    return [group for groups in buckets.values() for group in groups]


def merge_tools(cards: Sequence[ToolSummary]) -> ToolSummary:
    """One definition for several: the plainest name, the fullest description, every parameter, required only where all require it."""
    first = min(cards, key=lambda card: (len(card.name), card.name))
    told = max(cards, key=lambda card: (len(card.description), card.name))
    properties: dict[str, Any] = {}
    spelling: dict[str, str] = {}
    for card in (first, *cards):
        for name, schema in (card.schema.get("properties") or {}).items():
            properties.setdefault(spelling.setdefault(plain_name(name), name), schema)
    needed = frozenset.intersection(*(card.needed for card in cards))
    merged: JsonObject = {
        **first.schema,
        "properties": properties,
        "required": [name for key, name in spelling.items() if key in needed],
    }
    members = tuple(dict.fromkeys(member for card in cards for member in card.members))
    types = {key: kind for card in reversed(cards) for key, kind in card.types.items()}
    return ToolSummary(
        name=first.name, description=told.description, effect=first.effect, api=first.api, tags=first.tags, verb=first.verb, noun=first.noun, subject=first.subject, path=first.path,
        types=types, needed=needed, text=told.text, schema=merged, members=members,
    )  # fmt: skip
