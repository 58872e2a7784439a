"""The state of a simulated world, without behavior.

Collections are cheap to fork, and the digest does not depend on the order of writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Self

from inftool.core.errors import ToolError, WorldError
from inftool.core.tools import Api, Tool
from inftool.core.types import JsonObject
from inftool.world.rendering.views import Views
from inftool.world.resources import inference
from inftool.world.resources.models import ElementTarget, ResourceMap
from inftool.world.resources.satisfiability import satisfiable_api
from inftool.world.rules import Rules
from inftool.world.schema.shape import Shape
from inftool.world.seeding.base import SeededBase
from inftool.world.seeding.entries import Collection, Entry
from inftool.world.state_views import Change, Entities, Snapshot

# The digest is a sum of 256-bit hashes: a sum does not depend on the order of its terms.
_MODULUS = 1 << 256


class WorldState:
    """The entities of one API as they are now, shared with every fork until one of them writes.

    Values share memory with the state: read them, never change them.
    """

    # _written: the collections that differ from the seeded ones. _fresh: those of them that no
    # fork shares, so that they may be written in place. _sum: the sum of the hashes of all
    # entities that were written, minus those that they took the place of.
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
        """A world as it starts: about `size` entities of each top-level resource.

        The same API, seed and rules give the same bytes. `resources`: what was inferred of the API
        already; `rules`: those that `load_rules` read.
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
        """The currency of prices that do not name theirs."""
        return self.base.currency

    def tool(self, name: str) -> Tool:
        """A tool by name; ToolError where the API has none."""
        tool = self.base.tools.get(name)
        if tool is None:
            raise ToolError(f"{self.api.name} has no tool {name!r}")
        return tool

    def collection(self, name: str) -> Collection:
        """The entries of a resource as they are now (shared: read only)."""
        written = self._written.get(name)
        return written if written is not None else self.base.collection(name)

    def entities(self, resource: str) -> Mapping[str, JsonObject]:
        """The entities of a resource: key -> value, in default order."""
        entries = self.collection(resource)
        # Written collections hold their entries in order of writing.
        if resource in self._written:
            entries = dict(sorted(entries.items(), key=lambda pair: pair[1].rank))
        return Entities(entries)

    def parents(self, resource: str, key: str) -> Mapping[str, str]:
        """The keys of the entities that one lies under: resource -> key."""
        entry = self.collection(resource).get(key)
        return entry.parents if entry is not None else {}

    def label(self, resource: str, key: str) -> str:
        """What a person would call an entity: its label, else its key.

        A person with a last name for a label is called by both names: "Ada Lovelace".
        """
        entry = self.collection(resource).get(key)
        if entry is None:
            return key
        kind = self.resources.resources.get(resource)
        prop = kind.label if kind is not None else None
        label = entry.value.get(prop) if prop else None
        if prop and isinstance(label, str) and _plain(prop) != "lastname":
            return label
        texts = {
            _plain(name): value for name, value in entry.value.items() if isinstance(value, str)
        }
        if "firstname" in texts and "lastname" in texts:
            return f"{texts['firstname']} {texts['lastname']}"
        return str(label) if label else key

    def address(self, tool: str, key: str) -> JsonObject | None:
        """The arguments that make a tool work on one entity of its resource.

        They are the entity's own key and those of its parents; None where one is unknown.
        """
        role = self.resources.roles[tool]
        target = role.target
        if target.resource is None:
            return {}
        entry = self.collection(target.resource).get(key)
        if entry is None:
            return None
        arguments: JsonObject = {}
        if target.argument is not None:
            prop = target.keys[target.argument][1]
            value = entry.value.get(prop, entry.key)
            arguments[target.argument] = self.typed(tool, target.argument, value)
        for parent, argument in target.scope:
            # "me" in a path takes no argument.
            if argument is None:
                continue
            parent_key = entry.parents.get(parent)
            if parent_key is None:
                return None
            parent_entry = self.collection(parent).get(parent_key)
            prop = target.keys[argument][1] if argument in target.keys else ""
            value = parent_entry.value.get(prop, parent_key) if parent_entry else parent_key
            arguments[argument] = self.typed(tool, argument, value)
        element = role.element
        if element is not None and element.argument is not None:
            first = _first_element(entry, element)
            if first is None:
                return None
            arguments[element.argument] = self.typed(tool, element.argument, first[element.key])
        return arguments

    def typed(self, tool: str, argument: str, value: object) -> object:
        """A key in the type that an argument wants: HTTP paths are text, JSON is not."""
        memory_key = ("argument", tool, argument)
        shape = self.base.memory.get(memory_key)
        if shape is None:
            properties = Shape.of(self.tool(tool).input_schema).properties
            shape = properties.get(argument) or Shape.of(None)
            self.base.memory[memory_key] = shape
        if isinstance(value, int) and shape.has("string") and not shape.has("integer"):
            return str(value)
        if isinstance(value, str) and shape.has("integer") and not shape.has("string"):
            return int(value) if value.lstrip("-").isdigit() else value
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
        # Collections are hashed with the names of their resources: moving an entity is a change.
        self._sum = (self._sum + entry.hash(resource)) % _MODULUS

    def replace(self, resource: str, entry: Entry, value: JsonObject) -> None:
        """Put a new value in an entity's place, under the same key and parents."""
        self.put(resource, Entry(entry.key, value, entry.parents, entry.rank))

    def drop(self, resource: str, key: str) -> None:
        """Take an entity out; nothing happens where it is not there."""
        collection = self._writable(resource)
        before = collection.pop(key, None)
        if before is not None:
            self._sum = (self._sum - before.hash(resource)) % _MODULUS

    def fork(self) -> Self:
        """A world that starts as this one is now and goes its own way from there.

        It costs one dictionary of collections: entries are shared.
        """
        # From now on the collections belong to two worlds: whoever writes first copies its own.
        self._fresh = set()
        return type(self)(self.base, self.views, dict(self._written), self._sum, self.rules)

    def snapshot(self) -> Snapshot:
        """The state now, to come back to with `restore`."""
        # The collections are the snapshot's from now on: the next write copies them.
        self._fresh = set()
        return Snapshot(self.base.identity, dict(self._written), self._sum)

    def restore(self, snapshot: Snapshot) -> None:
        """Come back to a snapshot of this world, or of a fork of the same seed.

        WorldError where it is of another world.
        """
        if snapshot.identity != self.base.identity:
            raise WorldError(
                "the snapshot is of another world",
                hint="restore takes what snapshot() of the same API and seed gave",
            )
        self._written = dict(snapshot.written)
        self._fresh = set()
        self._sum = snapshot.total

    def digest(self) -> str:
        """A hash of the state: equal for equal states, whatever the order of the writes."""
        return blake2b(f"{self.base.identity}:{self._sum:x}".encode(), digest_size=16).hexdigest()

    def diff(self, other: WorldState) -> tuple[Change, ...]:
        """What is different in `other`: one change for each entity, by resource and key."""
        changes: list[Change] = []
        for name in sorted({*self._written, *other._written}):
            mine, theirs = self.collection(name), other.collection(name)
            # Collections are shared until they are written, so that most are equal by identity.
            if mine is theirs:
                continue
            for key in sorted({*mine, *theirs}):
                before, after = mine.get(key), theirs.get(key)
                if before is not after and not _is_same(name, before, after):
                    values = (entry.value if entry else None for entry in (before, after))
                    changes.append(Change(name, key, *values))
        return tuple(changes)


def _is_same(resource: str, before: Entry | None, after: Entry | None) -> bool:
    if before is None or after is None:
        return False
    return before.hash(resource) == after.hash(resource)


def _plain(name: str) -> str:
    """A property's name without its spelling: "first_name", "firstName" -> "firstname"."""
    return name.lower().replace("_", "")


def _first_element(entry: Entry, element: ElementTarget) -> JsonObject | None:
    """The first element of the list that a tool works on, of those that have a key."""
    elements = entry.value.get(element.property)
    if not isinstance(elements, list):
        return None
    keyed = (item for item in elements if isinstance(item, dict) and element.key in item)
    return next(keyed, None)
