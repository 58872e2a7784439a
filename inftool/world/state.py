"""The state of a simulated world, without behavior: collections that are cheap to fork, and a digest independent of write order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple, Self

from inftool.core.errors import ToolError, WorldError
from inftool.core.tools import Api, Tool
from inftool.core.types import JsonObject, Record
from inftool.world.rendering.views import Views
from inftool.world.resources import inference
from inftool.world.resources.models import ResourceMap
from inftool.world.resources.satisfiability import satisfiable_api
from inftool.world.rules import Rules
from inftool.world.schema.shape import Shape
from inftool.world.seeding.base import SeededBase
from inftool.world.seeding.entries import Collection, Entry

_MODULUS = 1 << 256


class Change(NamedTuple):
    """One entity that two worlds disagree about: what it is in each (None where it is absent)."""

    resource: str
    key: str
    before: JsonObject | None
    after: JsonObject | None


class Snapshot(Record):
    """A world's state to come back to; opaque."""

    world: Any


class Entities(Mapping[str, JsonObject]):
    """The entities of one resource, key -> value, in their default order; values must not be changed."""

    __slots__ = ("_entries",)

    def __init__(self, entries: Collection) -> None:
        self._entries = entries

    def __getitem__(self, key: str) -> JsonObject:
        return self._entries[key].value

    def __iter__(self) -> Any:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


class WorldState:
    """The entities of one API as they are now, shared with every fork until one of them writes.

    Values share memory with the state: read them, never change them.
    """

    __slots__ = ("_fresh", "_sum", "_written", "base", "rules", "views")

    def __init__(
        self,
        base: SeededBase,
        views: Views,
        written: dict[str, Collection],
        total: int,
        rules: Rules | None = None,
    ) -> None:
        self.base = base
        self.views = views
        self.rules = rules
        self._written = written
        self._fresh: set[str] = set()
        self._sum = total

    @classmethod
    def seed(
        cls,
        api: Api,
        seed: int = 0,
        *,
        resources: ResourceMap | None = None,
        size: int = 8,
        rules: Rules | None = None,
    ) -> Self:
        """A world in its seeded start: about `size` entities of each top-level resource; the same API and seed give the same bytes.

        `rules`: its own ones, from `load_rules`.
        """
        api = satisfiable_api(api)
        base = SeededBase(api, seed, resources or inference.infer_resources(api), size)
        if rules is not None:
            rules.prepare(base)
        return cls(base, Views(base), {}, 0, rules)

    @property
    def api(self) -> Api:
        """The API that is played."""
        return self.base.api

    @property
    def now(self) -> datetime:
        """The world's fixed time (UTC)."""
        return self.base.now

    @property
    def resources(self) -> ResourceMap:
        """What the API's tools read and write."""
        return self.base.map

    @property
    def currency(self) -> str:
        """The money that prices without a currency of their own are in."""
        return self.base.currency

    def tool(self, name: str) -> Tool:
        """A tool by name; ToolError where the API has none."""
        found = self.base.tools.get(name)
        if found is None:
            raise ToolError(f"{self.api.name} has no tool {name!r}")
        return found

    def collection(self, name: str) -> Collection:
        """The entries of a resource as they are now (shared: read only)."""
        found = self._written.get(name)
        return found if found is not None else self.base.collection(name)

    def entities(self, resource: str) -> Mapping[str, JsonObject]:
        """The entities of a resource: key -> value, in default order."""
        found = self.collection(resource)
        if resource in self._written:
            found = dict(sorted(found.items(), key=lambda pair: pair[1].rank))
        return Entities(found)

    def parents(self, resource: str, key: str) -> Mapping[str, str]:
        """The keys of the things that an entity lies under: resource -> key."""
        entry = self.collection(resource).get(key)
        return entry.parents if entry is not None else {}

    def label(self, resource: str, key: str) -> str:
        """What a person would call an entity: its label, else its key."""
        entry = self.collection(resource).get(key)
        if entry is None:
            return key
        kind = self.resources.resources.get(resource)
        names = {
            name.lower().replace("_", ""): value
            for name, value in entry.value.items()
            if isinstance(value, str)
        }
        if (
            kind is not None
            and kind.label
            and isinstance(entry.value.get(kind.label), str)
            and kind.label.lower().replace("_", "") != "lastname"
        ):
            return str(entry.value[kind.label])
        if "firstname" in names and "lastname" in names:
            return f"{names['firstname']} {names['lastname']}"
        return (
            str(entry.value[kind.label])
            if kind is not None and kind.label and entry.value.get(kind.label)
            else key
        )

    def address(self, tool: str, key: str) -> JsonObject | None:
        """The arguments that make a tool work on one entity of its resource (its own key and its parents'); None where a parent is unknown."""
        role = self.resources.roles[tool]
        if role.target.resource is None:
            return {}
        entry = self.collection(role.target.resource).get(key)
        if entry is None:
            return None
        found: JsonObject = {}
        if role.target.argument is not None:
            prop = role.target.keys[role.target.argument][1]
            found[role.target.argument] = self.typed(
                tool, role.target.argument, entry.value.get(prop, entry.key)
            )
        for parent, argument in role.target.scope:
            if argument is None:
                continue
            above = entry.parents.get(parent)
            if above is None:
                return None
            other = self.collection(parent).get(above)
            prop = role.target.keys[argument][1] if argument in role.target.keys else ""
            found[argument] = self.typed(
                tool, argument, other.value.get(prop, above) if other is not None else above
            )
        element = role.element
        if element is not None and element.argument is not None:
            held = entry.value.get(element.property)
            first = (
                next(
                    (item for item in held if isinstance(item, dict) and element.key in item),
                    None,
                )
                if isinstance(held, list)
                else None
            )
            if first is None:
                return None
            found[element.argument] = self.typed(tool, element.argument, first[element.key])
        return found

    def typed(self, tool: str, argument: str, value: Any) -> Any:
        """A key in the type that an argument wants: HTTP paths are text, JSON is not."""
        key = ("argument", tool, argument)
        shape = self.base.memory.get(key)
        if shape is None:
            shape = self.base.memory[key] = Shape.of(self.tool(tool).input_schema).properties.get(
                argument
            ) or Shape.of(None)
        if isinstance(value, int) and shape.has("string") and not shape.has("integer"):
            return str(value)
        if (
            isinstance(value, str)
            and not shape.has("string")
            and shape.has("integer")
            and value.lstrip("-").isdigit()
        ):
            return int(value)
        return value

    def _writable(self, name: str) -> Collection:
        if name not in self._fresh:
            self._written[name] = dict(self.collection(name))
            self._fresh.add(name)
        return self._written[name]

    def put(self, resource: str, entry: Entry) -> None:
        """Add or replace an entity."""
        collection = self._writable(resource)
        before = collection.get(entry.key)
        if before is not None:
            self._sum -= before.hash(resource)
        collection[entry.key] = entry
        self._sum = (self._sum + entry.hash(resource)) % _MODULUS

    def drop(self, resource: str, key: str) -> None:
        """Take an entity out; nothing happens where there is none."""
        collection = self._writable(resource)
        before = collection.pop(key, None)
        if before is not None:
            self._sum = (self._sum - before.hash(resource)) % _MODULUS

    def fork(self) -> Self:
        """A world that starts as this one is now and then goes its own way; costs a dictionary of collections."""
        self._fresh = set()
        return type(self)(self.base, self.views, dict(self._written), self._sum, self.rules)

    def snapshot(self) -> Snapshot:
        """The state now, to come back to with `restore`."""
        return Snapshot(world=self.fork())

    def restore(self, snapshot: Snapshot) -> None:
        """Come back to a snapshot of this world (or of a fork of the same seed); WorldError where it is another world's."""
        other = snapshot.world
        if not isinstance(other, WorldState) or other.base.identity != self.base.identity:
            raise WorldError(
                "the snapshot is of another world",
                hint="restore takes what snapshot() of the same API and seed gave",
            )
        self._written = dict(other._written)
        self._fresh = set()
        self._sum = other._sum

    def digest(self) -> str:
        """A hash of the state: equal for equal states, however they were reached; independent writes may come in any order."""
        return blake2b(f"{self.base.identity}:{self._sum:x}".encode(), digest_size=16).hexdigest()

    def diff(self, other: WorldState) -> tuple[Change, ...]:
        """What is different in `other`: one change an entity, in order of resource and key."""
        changes: list[Change] = []
        for name in sorted({*self._written, *other._written}):
            mine, theirs = self.collection(name), other.collection(name)
            if mine is theirs:
                continue
            for key in sorted({*mine, *theirs}):
                before, after = mine.get(key), theirs.get(key)
                if before is after or (
                    before is not None
                    and after is not None
                    and before.hash(name) == after.hash(name)
                ):
                    continue
                changes.append(
                    Change(
                        name, key, before.value if before else None, after.value if after else None
                    )
                )
        return tuple(changes)
