"""Entries and collections: the entities of a world as they are stored."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any

from inftool.core.json_values import canonical
from inftool.core.types import JsonObject


class Entry:
    """One entity in a collection: its value, its parents' keys, where it stands by default, and its answers so far (immutable but for caches)."""

    __slots__ = ("_hash", "key", "parents", "rank", "value", "views")

    def __init__(
        self, key: str, value: JsonObject, parents: Mapping[str, str], rank: tuple[int, str]
    ) -> None:
        self.key = key
        self.value = value
        self.parents = parents
        self.rank = rank
        self.views: dict[str, Any] = {}
        self._hash: int | None = None

    def hash(self, collection: str) -> int:
        """A 256-bit hash of where and what it is."""
        if self._hash is None:
            text = f"{collection}\x1f{self.key}\x1f{canonical(dict(self.parents))}\x1f{canonical(self.value)}"
            self._hash = int.from_bytes(
                blake2b(text.encode("utf-8", "surrogatepass"), digest_size=32).digest(), "big"
            )
        return self._hash


Collection = dict[str, Entry]
RandomSource = Callable[[], random.Random]
