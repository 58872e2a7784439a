"""Which tools of a cluster are the same tool, and the definition that then stands for them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from inftool.core.tools import Tool
from inftool.core.types import Schema
from inftool.core.word_sets import load_word_maps, load_word_sets
from inftool.toolset.tool_text import embedding_text, plain_name, properties_of, words

# "fetch" -> "get". Reading one and listing many stay apart: "get" and "list" are no synonyms.
_VERB_SYNONYMS = load_word_maps("inftool.toolset", "word_maps.json")["verb_synonyms"]
# Words in the names of operations that say neither what is done nor to what: "api", "v2", "by".
_GENERIC_WORDS = load_word_sets("inftool.toolset", "word_sets.json")["generic_tool_words"]
# The share of words, and of parameters, that two tools must have in common to be the same. At
# half, one vendor's extra filters do no harm, and tools of neighboring things stay apart.
_SAME_SHARE = 0.5


@dataclass(slots=True)
class ToolSummary:
    """What the tree needs to know about a tool, and about the tools merged into it."""

    name: str
    """The tool's name in its toolset."""
    description: str
    """What the tool is for."""
    effect: str
    """`read`, `create`, `update`, `delete` or `action`."""
    api: str
    """The name of the API it belongs to."""
    tags: tuple[str, ...]
    """The tags of its operation."""
    verb: str
    """What it does, synonyms mapped to one word: `get` for `fetchOrder`."""
    noun: str
    """What it does it to: `order` for `fetchOrder`."""
    subject: frozenset[str]
    """All words of its name but the verb, and the words of its path."""
    path: str
    """The path with every parameter as `{}`."""
    types: dict[str, str]
    """The parameters' types by plain name."""
    needed: frozenset[str]
    """The plain names of the required parameters."""
    text: str
    """What is embedded."""
    schema: Schema
    """The input schema."""
    members: tuple[str, ...]
    """The names of the tools it stands for."""


def _type_of(schema: object) -> str:
    """A schema's first type that is not null; integers count as numbers, no type as `any`."""
    declared = schema.get("type") if isinstance(schema, dict) else None
    types = [declared or "any"]
    if isinstance(declared, list):
        types = [item for item in declared if item != "null"] or ["any"]
    return "number" if types[0] == "integer" else str(types[0])


def summarize_tool(tool: Tool) -> ToolSummary:
    """The summary of one tool that nothing was merged into."""
    name_words = [word for word in words(tool.operation or tool.name) if word not in _GENERIC_WORDS]
    # The last word of each fixed segment: "/sales-orders/{id}/items" -> "order", "item"
    segments = [part for part in tool.path.split("/") if part and not part.startswith("{")]
    path_words = [word for segment in segments for word in words(segment)[-1:]]
    verb = _VERB_SYNONYMS.get(name_words[0], name_words[0]) if name_words else tool.effect
    nouns = [word for word in path_words if word not in _GENERIC_WORDS] or name_words
    required = tool.input_schema.get("required", ())
    return ToolSummary(
        name=tool.name,
        description=tool.description,
        effect=tool.effect,
        api=tool.api,
        tags=tool.tags,
        verb=verb,
        noun=nouns[-1] if nouns else tool.name,
        subject=frozenset(name_words[1:]) | frozenset(path_words),
        path=re.sub(r"\{[^}]*\}", "{}", tool.path),
        types={
            plain_name(name): _type_of(schema)
            for name, schema in properties_of(tool.input_schema).items()
        },
        needed=frozenset(plain_name(name) for name in required),
        text=embedding_text(tool),
        schema=tool.input_schema,
        members=(tool.name,),
    )


def are_redundant(one: ToolSummary, other: ToolSummary) -> bool:
    """Whether two tools are the same tool.

    Their effect, verb, noun and required parameters are the same, the types of the parameters
    that they share agree, and they share most words and most parameters.
    """
    if _merge_key(one) != _merge_key(other):
        return False
    # An API does not offer the same thing under two paths; two APIs may.
    if one.api == other.api and one.path != other.path:
        return False
    if len(one.subject & other.subject) < _SAME_SHARE * len(one.subject | other.subject):
        return False
    shared = one.types.keys() & other.types.keys()
    if any(not _types_agree(one.types[name], other.types[name]) for name in shared):
        return False
    every = one.types.keys() | other.types.keys()
    return not every or len(shared) >= _SAME_SHARE * len(every)


def _merge_key(summary: ToolSummary) -> tuple[str, str, str, frozenset[str]]:
    """What tools must have in common, exactly, to be the same tool."""
    return summary.effect, summary.verb, summary.noun, summary.needed


def _types_agree(one: str, other: str) -> bool:
    # Many function lists leave types out; that is no reason to keep two tools apart.
    return one == other or "any" in (one, other)


def group_by_rules(summaries: Sequence[ToolSummary]) -> list[list[int]]:
    """The tools of a cluster in groups that are one tool each, as their numbers.

    A tool joins the first group whose first tool it is the same as.
    """
    groups_by_key: dict[tuple[str, str, str, frozenset[str]], list[list[int]]] = defaultdict(list)
    for index, summary in enumerate(summaries):
        groups = groups_by_key[_merge_key(summary)]
        for group in groups:
            if are_redundant(summaries[group[0]], summary):
                group.append(index)
                break
        else:
            groups.append([index])
    return [group for groups in groups_by_key.values() for group in groups]


def merge_tools(summaries: Sequence[ToolSummary]) -> ToolSummary:
    """One definition for several tools.

    It has the shortest name, the longest description, and every parameter; a parameter is required
    if every tool requires it.
    """
    plainest = min(summaries, key=lambda summary: (len(summary.name), summary.name))
    fullest = max(summaries, key=lambda summary: (len(summary.description), summary.name))
    properties: dict[str, object] = {}
    # Plain name -> the spelling that came first: `customerId` and `customer_id` are one parameter.
    spelling: dict[str, str] = {}
    for summary in (plainest, *summaries):
        for name, schema in properties_of(summary.schema).items():
            properties.setdefault(spelling.setdefault(plain_name(name), name), schema)
    needed = frozenset.intersection(*(summary.needed for summary in summaries))
    # A caller that knows one vendor only must not have to give what the others require.
    required = [name for plain, name in spelling.items() if plain in needed]
    # The first tool has the last word on a type.
    types: dict[str, str] = {}
    for summary in reversed(summaries):
        types.update(summary.types)
    members = [member for summary in summaries for member in summary.members]
    return ToolSummary(
        name=plainest.name,
        description=fullest.description,
        effect=plainest.effect,
        api=plainest.api,
        tags=plainest.tags,
        verb=plainest.verb,
        noun=plainest.noun,
        subject=plainest.subject,
        path=plainest.path,
        types=types,
        needed=needed,
        text=fullest.text,
        schema={**plainest.schema, "properties": properties, "required": required},
        members=tuple(dict.fromkeys(members)),
    )
