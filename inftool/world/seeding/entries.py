"""Entities as a world stores them, and drafts of those that it starts with."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

from inftool.core.json_values import canonical
from inftool.core.types import JsonObject

RandomSource = Callable[[], random.Random]
"""Makes a generator of random numbers when one is needed."""


class Draft(NamedTuple):
    """An entity before its references are set."""

    key: str
    """Its key."""

    value: dict[str, object]
    """Its properties."""

    parents: dict[str, str]
    """Resource -> key of the entity that it lies under, for all levels of parents."""


class Entry:
    """One entity in a collection; immutable but for what is computed from it."""

    __slots__ = ("_hash", "key", "parents", "rank", "value", "views")

    def __init__(
        self, key: str, value: JsonObject, parents: Mapping[str, str], rank: tuple[int, str]
    ) -> None:
        self.key = key
        self.value = value
        self.parents = parents
        """Resource -> key of the entity that it lies under."""
        self.rank = rank
        """Where it stands in lists by default: seeded entities (0) before created ones (1)."""
        self.views: dict[str, Any] = {}
        """Tool -> what that tool shows of it, filled as tools are called."""
        self._hash: int | None = None

    def hash(self, collection: str) -> int:
        """A 256-bit hash of the collection, the key, the parents and the value."""
        if self._hash is None:
            parents, value = canonical(dict(self.parents)), canonical(self.value)
            text = f"{collection}\x1f{self.key}\x1f{parents}\x1f{value}"
            # A value may hold lone surrogates, which strict UTF-8 refuses.
            encoded = text.encode("utf-8", "surrogatepass")
            self._hash = int.from_bytes(blake2b(encoded, digest_size=32).digest(), "big")
        return self._hash


Collection = dict[str, Entry]
"""Key -> entry, in the order of creation."""
