"""JSON texts that may have been written by anybody, read without guessing what was meant."""

from __future__ import annotations

import json
from collections import Counter
from functools import lru_cache
from typing import NoReturn

from inftool.core.types import JsonObject

# A conversation's results are read by several gates, one soon after the other; more than this many
# results of one conversation are rare.
_KEPT_TEXTS = 1024


def strict_json(text: str) -> object:
    """The value of a JSON text; ValueError for anything that readers disagree about.

    That is NaN, the infinities, and an object with one name twice, of which a reader takes either
    value (RFC 8259, section 4).
    """
    value: object = json.loads(
        text, parse_constant=_refuse_constant, object_pairs_hook=_object_of_unique_names
    )
    return value


@lru_cache(maxsize=_KEPT_TEXTS)
def json_or_text(text: str) -> object:
    """The value of a JSON text, or the text itself if it is not JSON; shared, so read only."""
    try:
        return strict_json(text)
    except (ValueError, RecursionError):
        return text


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _object_of_unique_names(items: list[tuple[str, object]]) -> JsonObject:
    members = dict(items)
    if len(members) < len(items):
        counts = Counter(name for name, _ in items)
        duplicate = next(name for name, count in counts.items() if count > 1)
        raise ValueError(f"the name {duplicate!r} stands twice in one object")
    return members
