"""What a person would bother to say: which optional arguments come first, and what is left out of a
structure that was sampled.

It is an order and no ban: whatever has no meaning to people is still drawn now and then, until it
is covered.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from inftool.core.identity_cache import IdentityCache
from inftool.core.json_pointer import escape, split_pointer
from inftool.core.tools import Tool
from inftool.core.types import JsonObject
from inftool.language.values import split_name
from inftool.scenarios.plan import leaves
from inftool.scenarios.tool_schema.places import choices, governed, pattern
from inftool.scenarios.tool_schema.session_values import is_technical
from inftool.specs import violations
from inftool.world.sampling.named_values.facts import EPOCH, Facts
from inftool.world.sampling.named_values.number_values import number_for_name
from inftool.world.sampling.named_values.text_values import text_for_name

MOST_LEAVES = 6
POOR, FAIR, PLAIN = 0, 1, 2
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
_SHORT = frozenset(["q", "to", "by", "ip", "on", "at", "no", "tz", "zip", "from"])
_OPAQUE = (
    "id",
    "ids",
    "sid",
    "guid",
    "uuid",
    "hash",
    "token",
    "checksum",
    "md5",
    "sha",
    "blob",
    "secret",
    "uri",
    "href",
    "salt",
    "cookie",
    "html",
    "xml",
    "json",
    "regex",
    "css",
    "script",
)
_COUNTS = frozenset(
    [
        "limit",
        "count",
        "max",
        "maximum",
        "min",
        "minimum",
        "size",
        "number",
        "days",
        "hours",
        "minutes",
        "seconds",
        "months",
        "weeks",
        "width",
        "height",
        "length",
        "radius",
        "distance",
    ]
)

# How a list is walked through is the assistant's business, whether or not the list is known to be
# walked so.
_WALKING = frozenset(
    [
        "offset",
        "limit",
        "page",
        "page number",
        "page size",
        "per page",
        "perpage",
        "pagesize",
        "skip",
        "start index",
        "max results",
        "results per page",
        "page limit",
        "page offset",
        "take",
        "rows",
    ]
)
# Words of programmers: a text under such a name is no thing of the world, whatever it is called.
_ABSTRACT = frozenset(
    (
        "property field object resource class attribute element value entity record schema namespace "
        "scope source target context action mode node type kind key index group "
        "filter expression selector operator operand pointer path payload metadata data body param "
        "parameter option options config configuration"
    ).split()
)


@lru_cache(maxsize=16384)
def _known(name: str) -> bool:
    """Whether the sampler knows what a text under this name is."""
    return (
        text_for_name(
            name, Facts(noun=("record",), rng=random.Random(0), now=EPOCH, currency="EUR")
        )
        is not None
    )


@lru_cache(maxsize=16384)
def _counted(name: str) -> bool:
    facts = Facts(noun=("record",), rng=random.Random(0), now=EPOCH, currency="EUR")
    return (
        number_for_name(name, facts, integer=False) is not None
        or split_name(name).lower().rpartition(" ")[2] in _COUNTS
    )


def sense(name: str, schema: JsonObject) -> int:
    """How much a value under this name means to a person: POOR, FAIR or PLAIN."""
    words = split_name(name.lstrip("$")).lower().split()
    last = words[-1] if words else ""
    options = choices(schema)
    kinds = schema.get("type")
    kind = (
        next((item for item in kinds if item != "null"), None) if isinstance(kinds, list) else kinds
    )
    if (
        not words
        or is_technical(name, schema)
        or len(options) == 1
        or "const" in schema
        or last in _OPAQUE
        or (len(last) < 3 and last not in _SHORT)
    ):
        return POOR
    if " ".join(words) in _WALKING or (
        last in ("by", "sort", "order", "orderby", "sortby", "direction")
        and not options
        and kind != "boolean"
    ):
        return POOR
    if options or kind == "boolean":
        return PLAIN
    if isinstance(form := schema.get("format"), str) and form.lower() in _FORMATS:
        return _FORMATS[form.lower()]
    if kind in ("integer", "number"):
        return PLAIN if _counted(name) else FAIR
    if _known(name) and last not in _ABSTRACT:
        return PLAIN
    # A text whose name says nothing gets some words that mean nothing there.
    return FAIR if any(key in schema for key in ("example", "examples", "default")) else POOR


def senses(tool: Tool) -> dict[str, int]:
    """How much each argument of a tool means to a person; of a structure, what is at most in it."""
    cached = _senses.get(tool)
    if cached is not None:
        return cached
    found = dict.fromkeys(tool.input_schema.get("properties", {}), POOR)
    for place, schema in governed(tool).items():
        parts = [part for part in place.split("/")[1:] if part != "*"]
        if parts and parts[0] in found:
            meant = sense(parts[-1], schema)
            # What lies deep in a structure takes many words.
            found[parts[0]] = max(found[parts[0]], min(meant, FAIR) if len(parts) > 1 else meant)
    return _senses.put(tool, found)


_senses: IdentityCache[Tool, dict[str, int]] = IdentityCache(20_000)


def preferred(
    tool: Tool, names: Iterable[str], count: int, rng: random.Random, *, poor: float = 0.06
) -> list[str]:
    """Up to `count` of some arguments, those that mean something first; one that means nothing only
    with the probability `poor`."""
    meant = senses(tool)
    names = list(names)
    rich = [name for name in names if meant.get(name, POOR) > POOR]
    rich = rng.sample(rich, len(rich))
    rich.sort(key=lambda name: meant[name] < PLAIN and rng.random() < 0.7)
    rest = [name for name in names if meant.get(name, POOR) == POOR]
    picked = rich[:count]
    if rest and len(picked) < max(1, count) and rng.random() < poor:
        picked.append(rng.choice(rest))
    return picked


def trimmed(
    tool: Tool,
    arguments: JsonObject,
    rng: random.Random,
    kept: Callable[[str], bool],
    most: int = MOST_LEAVES,
) -> JsonObject:
    """Arguments without those parts of their structures that nobody would mention, and with no more
    leaves than can be told, where the schema lets them go.

    `kept` says of a pointer that it stays. Empty objects and lists go as well.
    """
    nested = [(pointer, value) for pointer, value in leaves(arguments) if pointer.count("/") > 1]
    if not nested:
        return arguments
    governing = governed(tool)

    def meant(pointer: str, value: Any) -> int:
        if isinstance(value, (dict, list)):
            return POOR
        name = next((part for part in reversed(pointer.split("/")) if not part.isdigit()), "")
        return sense(name, governing.get(pattern(pointer), {}))

    for places in (
        [
            pointer
            for pointer, value in nested
            if not kept(pointer) and meant(pointer, value) == POOR
        ],
        _further(arguments),
    ):
        slim = arguments
        for pointer in reversed(places):
            slim = _without(slim, split_pointer(pointer))
        if slim is not arguments and not violations(tool, slim):
            arguments = slim
            continue
        for pointer in reversed(places[:12]):
            slim = _without(arguments, split_pointer(pointer))
            if slim is not arguments and not violations(tool, slim):
                arguments = slim
    rest = [(pointer, value) for pointer, value in leaves(arguments)]
    if len(rest) > most:
        spare = [pointer for pointer, value in rest if pointer.count("/") > 1 and not kept(pointer)]
        order = {pointer: rng.random() - meant(pointer, value) * 0.4 for pointer, value in rest}
        # From the last to the first, so that the places of what stays do not move.
        chosen = set(sorted(spare, key=lambda pointer: -order[pointer])[: len(rest) - most])
        for pointer in reversed([pointer for pointer in spare if pointer in chosen]):
            slim = _without(arguments, split_pointer(pointer))
            if slim is not arguments and not violations(tool, slim):
                arguments = slim
    return arguments


def _further(arguments: Any, pointer: str = "") -> list[str]:
    """The items of lists of objects after the first: one is told, the others only where there have
    to be several."""
    found: list[str] = []
    if isinstance(arguments, dict):
        for key, item in arguments.items():
            found += _further(item, f"{pointer}/{escape(key)}")
    elif isinstance(arguments, list):
        for index, item in enumerate(arguments):
            if index and isinstance(item, dict):
                found.append(f"{pointer}/{index}")
            else:
                found += _further(item, f"{pointer}/{index}")
    return found


def _without(value: Any, parts: Sequence[str]) -> Any:
    """A copy without the part at a pointer, and without what is empty then; the same object where
    there is no such part."""
    key: Any = parts[0]
    if isinstance(value, list):
        key = int(key) if key.isdigit() else -1
        if not 0 <= key < len(value):
            return value
        inner = _without(value[key], parts[1:]) if len(parts) > 1 else _GONE
        if inner is value[key]:
            return value
        rest = [*value[:key], *([] if _empty(inner) else [inner]), *value[key + 1 :]]
        return rest or _GONE
    if not isinstance(value, dict) or key not in value:
        return value
    inner = _without(value[key], parts[1:]) if len(parts) > 1 else _GONE
    if inner is value[key]:
        return value
    return {
        name: (inner if name == key else item)
        for name, item in value.items()
        if name != key or not _empty(inner)
    }


_GONE = object()


def _empty(value: Any) -> bool:
    return value is _GONE or (isinstance(value, (dict, list)) and not value)
