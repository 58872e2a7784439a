"""What a world's state is seen as from outside: entities, changes and snapshots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from inftool.core.types import JsonObject
from inftool.world.seeding.entries import Collection


class Change(NamedTuple):
    """One entity that two worlds disagree about."""

    resource: str
    """Its resource."""
    key: str
    """Its key."""
    before: JsonObject | None
    """What it is in the first world, None where it is absent."""
    after: JsonObject | None
    """What it is in the second world."""


class Snapshot(NamedTuple):
    """A world's state to come back to; opaque."""

    identity: str
    written: Mapping[str, Collection]
    total: int


class Entities(Mapping[str, JsonObject]):
    """The entities of one resource, key -> value, in default order; values must not be changed."""

    __slots__ = ("_entries",)

    def __init__(self, entries: Collection) -> None:
        self._entries = entries

    def __getitem__(self, key: str) -> JsonObject:
        return self._entries[key].value

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
