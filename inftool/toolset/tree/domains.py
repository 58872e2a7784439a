"""Arranging the tools that are left: servers out of APIs, domains out of servers."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from inftool.core.word_sets import load_word_sets
from inftool.toolset.tool_text import words
from inftool.toolset.tree.disjoint_sets import DisjointSets
from inftool.toolset.tree.embeddings import Embedder
from inftool.toolset.tree.merging import ToolSummary
from inftool.toolset.tree.neighbors import close_pairs
from inftool.toolset.tree.tool_tree import Domain, ServerNode, TreeLeaf

# The cosine above which two APIs may share a domain. Far lower than for tools, since two APIs of
# a field have only some words in common; lower still, and "user" or "file" would make a field.
_SAME_DOMAIN = 0.2
# A title says more about the field than any one of its tools does.
_TITLE_WEIGHT = 5
# More tools of an API do not change what its words are.
_TOOLS_READ = 200
# A server with more tools is divided by its tags. Chosen so that a server is a list to read.
_LARGEST_SERVER = 40
# No domain takes more APIs than this many times the square root of their number, or 4 if that is
# more: otherwise a chain of similar pairs would end up in a single domain.
_LARGEST_DOMAIN = 2
_LARGEST_DOMAIN_FLOOR = 4
# How many words a name has; more only if the shorter name is taken.
_NAME_LENGTHS = (2, 3, 4)
# Added to how many APIs use a word, so that a word of one API alone does not beat every other.
_SMOOTHING = 0.5
_GENERIC_WORDS = load_word_sets("inftool.toolset", "word_sets.json")["generic_domain_words"]


def arrange(
    summaries: Sequence[ToolSummary], titles: Mapping[str, str], embed: Embedder
) -> tuple[Domain, ...]:
    """The domains of some tools, by name; `titles` has the titles of APIs by their names."""
    by_api: dict[str, list[ToolSummary]] = defaultdict(list)
    for summary in summaries:
        by_api[summary.api].append(summary)
    apis = sorted(by_api)
    texts = [_api_text(titles.get(api, api), by_api[api]) for api in apis]
    used_by = Counter(word for text in texts for word in set(text.split()))
    taken: set[str] = set()
    domains = []
    for members in _similar_apis(texts, embed):
        name = _domain_name([texts[member] for member in members], used_by, taken)
        servers: list[ServerNode] = []
        for api in (apis[member] for member in members):
            servers += _servers(api, titles.get(api, api), by_api[api])
        domains.append(Domain(name=name, servers=tuple(servers)))
    return tuple(sorted(domains, key=lambda domain: domain.name))


def _api_text(title: str, summaries: Sequence[ToolSummary]) -> str:
    """The words of an API: those of its title several times, and those of its nouns and tags."""
    api_words = words(title) * _TITLE_WEIGHT
    for summary in summaries[:_TOOLS_READ]:
        api_words += words(" ".join((summary.noun, *summary.tags)))
    return " ".join(api_words)


def _similar_apis(texts: Sequence[str], embed: Embedder) -> list[list[int]]:
    """The APIs of each domain, as numbers of texts; the most similar are joined first."""
    sets = DisjointSets(len(texts))
    largest = max(_LARGEST_DOMAIN_FLOOR, _LARGEST_DOMAIN * math.isqrt(len(texts)))
    if len(texts) > 1:
        # A domain that is full closes, so the order decides who is in it.
        pairs = sorted(close_pairs(embed(texts), _SAME_DOMAIN), key=lambda pair: -pair[2])
        for first, second, _ in pairs:
            is_apart = sets.find(first) != sets.find(second)
            if is_apart and sets.size(first) + sets.size(second) <= largest:
                sets.join(first, second)
    return sets.sets()


def _domain_name(texts: Sequence[str], used_by: Counter[str], taken: set[str]) -> str:
    """The words that set a domain apart: frequent in its texts and rare in those of other APIs.

    Two words, such as "books and loans", or more if that name is taken.
    """
    counts = Counter(
        word
        for text in texts
        for word in text.split()
        if word not in _GENERIC_WORDS and not word.isdigit() and len(word) > 2
    )
    ranked = sorted(counts, key=lambda word: (-counts[word] / (_SMOOTHING + used_by[word]), word))
    name = ""
    for length in _NAME_LENGTHS:
        if len(ranked) >= length:
            name = f"{', '.join(ranked[: length - 1])} and {ranked[length - 1]}"
        else:
            name = " ".join(ranked) or "other"
        if name not in taken:
            break
    number, base = 2, name
    while name in taken:
        name, number = f"{base} {number}", number + 1
    taken.add(name)
    return name


def _servers(api: str, title: str, summaries: Sequence[ToolSummary]) -> list[ServerNode]:
    """The servers of an API: one, or one for each tag if it is large and most tools have tags."""
    tagged = sum(bool(summary.tags) for summary in summaries)
    is_divided = len(summaries) > _LARGEST_SERVER and tagged > len(summaries) // 2
    groups: dict[str, list[ToolSummary]] = defaultdict(list)
    for summary in summaries:
        tag = summary.tags[0] if summary.tags else "other"
        groups[f"{title}: {tag}" if is_divided else title].append(summary)
    return [
        ServerNode(name=name, api=api, tools=_leaves(group))
        for name, group in sorted(groups.items())
    ]


def _leaves(summaries: Sequence[ToolSummary]) -> tuple[TreeLeaf, ...]:
    return tuple(
        TreeLeaf(
            name=summary.name,
            description=summary.description,
            effect=summary.effect,
            parameters=tuple(sorted(summary.types)),
            members=summary.members,
        )
        for summary in sorted(summaries, key=lambda summary: summary.name)
    )
