"""A bounded cache for what was computed from an object, looked up by the object's identity."""

from __future__ import annotations

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class IdentityCache(Generic[K, V]):
    """Maps objects to values by identity, for keys that cannot be hashed, such as schemas.

    At most `limit` entries are kept; the oldest goes first. Each entry keeps its key alive, so that
    the identity of a key cannot be given to another object while the entry is there. A key must
    not be changed after it was put in.
    """

    __slots__ = ("_entries", "_limit")

    def __init__(self, limit: int) -> None:
        self._entries: dict[int, tuple[K, V]] = {}
        self._limit = limit

    def get(self, key: K) -> V | None:
        """The value computed from this very object, or None."""
        entry = self._entries.get(id(key))
        return entry[1] if entry is not None else None

    def put(self, key: K, value: V) -> V:
        """Keep a value for this object, and return it."""
        if len(self._entries) >= self._limit and id(key) not in self._entries:
            # Another thread may have dropped the same entry in between.
            self._entries.pop(next(iter(self._entries)), None)
        self._entries[id(key)] = (key, value)
        return value
