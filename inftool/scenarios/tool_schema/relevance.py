"""How much an argument means to a person, by its name and schema: what a user would bother to say.

It sorts optional arguments and forbids none: one that means nothing to people is still drawn now
and then, until it is covered.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from functools import lru_cache

from inftool.core.identity_cache import IdentityCache
from inftool.core.tools import Tool
from inftool.core.types import Schema
from inftool.language.values import split_name
from inftool.scenarios.tool_schema.places import choices, governed
from inftool.scenarios.tool_schema.session_values import is_technical
from inftool.scenarios.tool_schema.word_sets import WORD_SETS
from inftool.world.sampling.named_values.facts import EPOCH, Facts
from inftool.world.sampling.named_values.number_values import number_for_name
from inftool.world.sampling.named_values.text_values import text_for_name

POOR, FAIR, PLAIN = 0, 1, 2
"""Nothing to a person (a hash), something (a URL), or plain (a date, a name, a price)."""

_FORMATS = {
    "date": PLAIN,
    "date-time": PLAIN,
    "time": PLAIN,
    "email": PLAIN,
    "uri": FAIR,
    "url": FAIR,
    "ipv4": FAIR,
    "duration": POOR,
    "uuid": POOR,
    "byte": POOR,
    "binary": POOR,
}
_OPAQUE_NAMES = WORD_SETS["opaque_names"]
_COUNT_NAMES = WORD_SETS["count_names"]
# Names under three letters are mostly codes of programmers; these are not: "q", "to", "by".
_MEANINGFUL_SHORT_NAMES = WORD_SETS["short_names_with_a_meaning"]
# How a list is paged is the assistant's business, even where paging was not recognized as such.
_PAGING_NAMES = WORD_SETS["paging_names"]
# Words of programmers: a text under such a name is nothing of the user's world.
_ABSTRACT_NOUNS = WORD_SETS["abstract_nouns"]
_ARRANGING_NAMES = ("by", "sort", "order", "orderby", "sortby", "direction")

# Of the arguments that mean something, how often a less plain one goes behind the plain ones.
# Below 1, so that every argument comes first at some time.
_PLAIN_FIRST = 0.7
# How often an argument that means nothing is taken where there is room for one more.
_POOR_SHARE = 0.06


@lru_cache(maxsize=16384)
def _has_known_texts(name: str) -> bool:
    """Whether the value sampler knows what a text under this name is: "city" yes, "foo" no."""
    return text_for_name(name, _plain_facts()) is not None


@lru_cache(maxsize=16384)
def _has_known_numbers(name: str) -> bool:
    """Whether a number under this name counts or measures something: "price", "max results"."""
    return (
        number_for_name(name, _plain_facts(), integer=False) is not None
        or split_name(name).lower().rpartition(" ")[2] in _COUNT_NAMES
    )


def _plain_facts() -> Facts:
    return Facts(noun=("record",), rng=random.Random(0), now=EPOCH, currency="EUR")


def sense(name: str, schema: Schema) -> int:
    """How much a value under this name means to a person: POOR, FAIR or PLAIN.

    `("deliveryDate", {"type": "string", "format": "date"})` -> PLAIN, and
    `("etag", {"type": "string"})` -> POOR.
    """
    words = split_name(name.lstrip("$")).lower().split()
    options = choices(schema)
    kinds = schema.get("type")
    kind = (
        next((item for item in kinds if item != "null"), None) if isinstance(kinds, list) else kinds
    )
    if _is_machine_name(words) or is_technical(name, schema):
        return POOR
    if len(options) == 1 or "const" in schema:
        # There is nothing to choose.
        return POOR
    last = words[-1]
    if " ".join(words) in _PAGING_NAMES:
        return POOR
    if last in _ARRANGING_NAMES and not options and kind != "boolean":
        # A free text that says how to sort is a language of the API's own: "-created,name".
        return POOR
    if options or kind == "boolean":
        return PLAIN
    form = schema.get("format")
    if isinstance(form, str) and form.lower() in _FORMATS:
        return _FORMATS[form.lower()]
    if kind in ("integer", "number"):
        return PLAIN if _has_known_numbers(name) else FAIR
    if _has_known_texts(name) and last not in _ABSTRACT_NOUNS:
        return PLAIN
    # A text under a name that says nothing gets random words, unless its schema shows what fits.
    return FAIR if any(key in schema for key in ("example", "examples", "default")) else POOR


def _is_machine_name(words: list[str]) -> bool:
    """Whether a name, as lower-case words, is one of machines: no words, "order hash", "x2"."""
    if not words:
        return True
    last = words[-1]
    return last in _OPAQUE_NAMES or (len(last) < 3 and last not in _MEANINGFUL_SHORT_NAMES)


_senses: IdentityCache[Tool, dict[str, int]] = IdentityCache(20_000)


def senses(tool: Tool) -> dict[str, int]:
    """How much each argument of a tool means to a person; for a structure, the most of its parts.

    A part of a structure counts as FAIR at most, since it takes more words to say.
    """
    cached = _senses.get(tool)
    if cached is not None:
        return cached
    by_name = dict.fromkeys(tool.input_schema.get("properties", {}), POOR)
    for place, schema in governed(tool).items():
        parts = [part for part in place.split("/")[1:] if part != "*"]
        if parts and parts[0] in by_name:
            level = sense(parts[-1], schema)
            if len(parts) > 1:
                level = min(level, FAIR)
            by_name[parts[0]] = max(by_name[parts[0]], level)
    return _senses.put(tool, by_name)


def preferred(
    tool: Tool, names: Iterable[str], count: int, rng: random.Random, *, poor: float = _POOR_SHARE
) -> list[str]:
    """Up to `count` of some arguments, in random order, with those that mean something first.

    One that means nothing is added with the probability `poor`, where there is room for it.
    """
    levels = senses(tool)
    names = list(names)
    meaningful = [name for name in names if levels.get(name, POOR) > POOR]
    meaningful = rng.sample(meaningful, len(meaningful))
    meaningful.sort(key=lambda name: levels[name] < PLAIN and rng.random() < _PLAIN_FIRST)
    meaningless = [name for name in names if levels.get(name, POOR) == POOR]
    picked = meaningful[:count]
    if meaningless and len(picked) < max(1, count) and rng.random() < poor:
        picked.append(rng.choice(meaningless))
    return picked
