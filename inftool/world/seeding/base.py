"""The entities that a world starts with, shared by all its forks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, cached_property

from inftool.core.tools import Api
from inftool.world.resources.models import Resource, ResourceMap
from inftool.world.schema.repair import repair
from inftool.world.schema.validation import is_valid
from inftool.world.seeding import identifiers
from inftool.world.seeding.context import SeedContext
from inftool.world.seeding.drafting import Drafter
from inftool.world.seeding.entries import Collection, Draft, Entry
from inftool.world.seeding.linking import ReferenceLinker

# Which optional properties an attempt at a valid entity has: half of them, none, in turns.
_OPTIONAL_SHARES = (0.5, 0.0)


class SeededBase(SeedContext):
    """What every fork of one seeded world shares, a function of (API, seed, size) alone.

    Collections appear when they are first asked for, and are never changed. An entity is drafted
    first, and then gets its references, so that two resources may refer to each other.
    """

    def __init__(self, api: Api, seed: int, resources: ResourceMap, size: int) -> None:
        super().__init__(api, seed, resources, size)
        self._drafts: dict[str, list[Draft]] = {}
        self._collections: dict[str, Collection] = {}
        self._being_drafted: set[str] = set()

    def collection(self, name: str) -> Collection:
        """The seeded entities of a resource, by key."""
        collection = self._collections.get(name)
        if collection is None:
            collection = self._finished(name) if name in self.map.resources else {}
            self._collections[name] = collection
        return collection

    def drafts(self, name: str) -> Sequence[Draft]:
        """A resource's entities before their references are set.

        Drafting needs those of the parents; of resources that lie under each other, the second one
        sees the first as empty.
        """
        drafts = self._drafts.get(name)
        if drafts is None:
            if name in self._being_drafted:
                return ()
            self._being_drafted.add(name)
            drafts = Drafter(self, self.map.resources[name], self.drafts).drafts()
            self._being_drafted.discard(name)
            self._drafts[name] = drafts
        return drafts

    def _finished(self, name: str) -> Collection:
        """The entities of a resource with their references set."""
        resource = self.map.resources[name]
        linker = ReferenceLinker(
            self,
            resource,
            cache(lambda target: self._pool(target, name)),
            lambda target: self._comes_before(target, name),
        )
        collection: Collection = {}
        for index, draft in enumerate(self.drafts(name)):
            rng = self.rng("references", name, index)
            if resource.entity and not is_valid(resource.entity, draft.value):
                draft = draft._replace(value=self._repaired(resource, draft, index))
            fixed = self.fixed_values(name, index)
            linker.link(draft, frozenset(fixed), rng)
            key, value, parents = draft
            for prop, target, _ in resource.links:
                if prop in fixed and target in parents:
                    parents[target] = str(fixed[prop])
            collection[key] = Entry(key, value, parents, (0, f"{index:06d}"))
        return collection

    def _repaired(self, resource: Resource, draft: Draft, index: int) -> dict[str, object]:
        """The value of a draft that breaks its schema, made valid as far as that is possible."""
        shape, identifier = self.shapes[resource.name], resource.identifier

        def make(attempt: int) -> dict[str, object]:
            sampler = self.sampler(
                self.rng("mend", resource.name, index, attempt),
                optional=_OPTIONAL_SHARES[attempt % len(_OPTIONAL_SHARES)],
                strict=True,
            )
            return sampler.entity(shape, resource.name)

        repaired = repair(resource.entity, draft.value, make)
        value = repaired if isinstance(repaired, dict) else draft.value
        if identifier and not resource.virtual and identifier in shape.properties:
            value[identifier] = identifiers.typed_key(shape, identifier, draft.key)
        return value

    def _pool(self, target: str, asking: str) -> Sequence[Draft]:
        """What references of a resource (`asking`) to another one may point at.

        These are finished entities if the target comes before, else drafts. Which collection is
        asked for first makes no difference.
        """
        if not self._comes_before(target, asking):
            return self.drafts(target)
        return [
            Draft(key, entry.value, {**entry.parents, **self._keys_named(target, entry.value)})
            for key, entry in self.collection(target).items()
        ]

    def _keys_named(self, name: str, value: dict[str, object]) -> dict[str, str]:
        """Resource -> the key that an entity's own properties name."""
        keys: dict[str, str] = {}
        for prop, target, _ in self.map.resources[name].links:
            if isinstance(value.get(prop), str | int):
                keys.setdefault(target, str(value[prop]))
        return keys

    def _comes_before(self, target: str, name: str) -> bool:
        return self._linking_order[target] < self._linking_order[name]

    @cached_property
    def _linking_order(self) -> dict[str, int]:
        """Where each resource stands in the order in which references are set.

        What a resource refers to and lies under comes first, as far as there is no cycle.
        """
        resources = self.map.resources
        order: dict[str, int] = {}
        visited: set[str] = set()

        # Depth first, in order of name, so that the order does not depend on that of the spec.
        def visit(name: str) -> None:
            if name in visited:
                return
            visited.add(name)
            resource = resources[name]
            targets = {target for target, _ in resource.references.values()}
            for target in sorted(targets.union(resource.parents)):
                if target in resources:
                    visit(target)
            order[name] = len(order)

        for name in sorted(resources):
            visit(name)
        return order
