"""The seeded start of a world: collections made on first use, shared by all its forks, each a function of (API, seed) alone."""

from __future__ import annotations

import random

from inftool.core.json_pointer import find_all, replace_at, split_pointer
from inftool.core.tools import Api
from inftool.core.types import JsonObject
from inftool.language.identifiers import split
from inftool.world.resources.models import Resource, ResourceMap
from inftool.world.sampling.coherence.state_dates import fit_to_state
from inftool.world.sampling.coherence.totals import reconcile_totals
from inftool.world.schema.repair import repair
from inftool.world.schema.shape import VARIANTS, Shape
from inftool.world.schema.validation import is_valid
from inftool.world.seeding import identifiers
from inftool.world.seeding.context import SeedContext
from inftool.world.seeding.derivation import (
    copy_repeated_properties,
    count_shared_properties,
    inherited_properties,
    make_distinct,
    nested_objects,
    parents_agree,
)
from inftool.world.seeding.entries import Collection, Entry


class SeededBase(SeedContext):
    """What every fork of one seeded world shares; collections appear when first asked for and are never changed."""

    def __init__(self, api: Api, seed: int, resources: ResourceMap, size: int) -> None:
        super().__init__(api, seed, resources, size)
        self._drafts: dict[str, list[tuple[str, JsonObject, dict[str, str]]]] = {}
        self._done: dict[str, Collection] = {}
        self.fixed: dict[str, list[JsonObject]] = {}
        self.lookups = _lookups(resources)
        self._busy: set[str] = set()
        self._turns: dict[str, int] = {}

    def collection(self, name: str) -> Collection:
        """The seeded entities of a resource, by key."""
        found = self._done.get(name)
        if found is None:
            found = self._finish(name) if name in self.map.resources else {}
            self._done[name] = found
        return found

    def drafts(self, name: str) -> list[tuple[str, JsonObject, dict[str, str]]]:
        """A resource's entities before references are set: (key, value, parents) each."""
        found = self._drafts.get(name)
        if found is None:
            if name in self._busy:
                return []
            self._busy.add(name)
            found = self._draft(self.map.resources[name])
            self._busy.discard(name)
            self._drafts[name] = found
        return found

    def _count(self, resource: Resource, parents: int, rng: random.Random) -> int:
        if resource.virtual:
            return 3
        if resource.parents:
            return min(max(4, parents * 2), self.size * 2)
        return self.size + rng.randint(-2, 2) if self.size > 4 else self.size

    def _draft(self, resource: Resource) -> list[tuple[str, JsonObject, dict[str, str]]]:
        rng = self.rng("collection", resource.name)
        # A place is the keys of all that an entity lies under, the parents' own parents included.
        above = {
            parent: [{**place, parent: key} for key, _, place in self.drafts(parent)]
            for parent in resource.parents
            if parent in self.map.resources
        }
        above = {parent: places for parent, places in above.items() if places}
        first = next(iter(above), None)
        if resource.singleton:
            places: list[dict[str, str]] = (
                [dict(place) for place in above[first]] if first else [{}]
            )
        else:
            count = max(
                self._count(resource, len(above[first]) if first else 0, rng),
                len(self.fixed.get(resource.name, ())),
            )
            lender = resource.references.get(f"/{resource.identifier}")
            if lender is not None and (lent := self.drafts(lender[0])):
                count = min(count, len(lent))
            places = []
            for index in range(count):
                place = dict(above[first][index % len(above[first])]) if first else {}
                for parent, others in above.items():
                    if parent not in place:
                        place.update(
                            rng.choice(
                                [other for other in others if parents_agree(other, place)] or [{}]
                            )
                        )
                places.append(place)
        out: list[tuple[str, JsonObject, dict[str, str]]] = []
        shape = self.shapes[resource.name]
        keys: set[str] = set()
        labels: set[str] = set()
        for index, place in enumerate(places):
            value = self._one(resource, index, labels)
            for prop in self.lookups.get(resource.name, ()):
                make_distinct(value, prop, shape, {str(other.get(prop)) for _, other, _ in out})
            value.update(self._given(resource.name, index))
            if resource.singleton:
                key = place[first] if first else ""
            elif resource.identifier and resource.identifier in self._given(resource.name, index):
                key = str(value[resource.identifier])
            else:
                key = identifiers.seeded_key(
                    self, resource, index, value, keys, self._lent(resource, keys)
                )
            for name in resource.key_names:
                if resource.identifier in value:
                    value[name] = value[str(resource.identifier)]
            keys.add(key)
            out.append((key, value, place))
        return out

    def _lent(self, resource: Resource, taken: set[str]) -> str | None:
        """A free key of another resource, where this one has none of its own: an inventory is known by its book's."""
        lender = resource.references.get(f"/{resource.identifier}")
        if lender is None:
            return None
        return next((key for key, _, _ in self.drafts(lender[0]) if key not in taken), None)

    def _given(self, name: str, index: int) -> JsonObject:
        """What the world's rules say of the n-th entity of a resource."""
        fixed = self.fixed.get(name, ())
        return fixed[index] if index < len(fixed) else {}

    def _kind(self, shape: Shape, index: int) -> Shape:
        """The shape to make the n-th entity of: kinds of a thing (a card payment, a transfer) take turns."""
        kinds = shape.node.get(VARIANTS)
        return (
            Shape(kinds[index % len(kinds)], shape.root)
            if isinstance(kinds, list) and kinds
            else shape
        )

    def _one(self, resource: Resource, index: int, labels: set[str]) -> JsonObject:
        shape = self.shapes[resource.name]
        value: JsonObject = {}
        # "event" alone would be a meeting; the event of a shipment is another thing.
        spoken = (
            f"{resource.parents[0]} {resource.name}"
            if resource.parents
            and split(resource.name)[-1:]
            in (
                ("event",),
                ("item",),
                ("line",),
                ("entry",),
                ("note",),
                ("comment",),
                ("message",),
                ("activity",),
            )
            else resource.name
        )
        for attempt in range(9):
            maker = self.sampler(self.rng("entity", resource.name, index, attempt))
            value = maker.entity(self._kind(shape, index), spoken)
            label = value.get(resource.label) if resource.label else None
            if not isinstance(label, str) or label.casefold() not in labels:
                break
        if (
            resource.label
            and isinstance(label := value.get(resource.label), str)
            and label.casefold() in labels
        ):
            # The words for such things have run out: the second of a name is told apart by its number, as people do.
            numbered = (f"{label} {number}" for number in range(2, 60))
            value[resource.label] = next(
                (
                    text
                    for text in numbered
                    if text.casefold() not in labels
                    and is_valid(shape.properties[resource.label].schema(), text)
                ),
                label,
            )
        if resource.label and isinstance(label := value.get(resource.label), str):
            labels.add(label.casefold())
        if resource.status is not None and resource.status.property in value:
            rng = self.rng("status", resource.name)
            turn = rng.randrange(len(resource.status.values))
            value[resource.status.property] = resource.status.values[
                (index + turn) % len(resource.status.values)
            ]
            fit_to_state(value, shape, self.now)
        return value

    def _finish(self, name: str) -> Collection:
        resource, shape = self.map.resources[name], self.shapes[name]
        out: Collection = {}
        for index, (key, value, parents) in enumerate(self.drafts(name)):
            rng = self.rng("references", name, index)
            if resource.entity and not is_valid(resource.entity, value):
                value = self._mend(resource, shape, value, index)
                if (
                    resource.identifier
                    and not resource.virtual
                    and resource.identifier in shape.properties
                ):
                    value[resource.identifier] = identifiers.typed_key(
                        shape, resource.identifier, key
                    )
            given = self._given(name, index)
            value = self._link(resource, value, parents, rng, frozenset(given))
            for pattern, (target, _) in resource.references.items():
                if (
                    pattern.count("/") == 1
                    and split_pointer(pattern)[0] in given
                    and target in parents
                ):
                    parents[target] = str(given[split_pointer(pattern)[0]])
            out[key] = Entry(key, value, parents, (0, f"{index:06d}"))
        return out

    def _mend(self, resource: Resource, shape: Shape, value: JsonObject, index: int) -> JsonObject:
        def make(attempt: int) -> JsonObject:
            maker = self.sampler(
                self.rng("mend", resource.name, index, attempt),
                optional=0.0 if attempt % 2 else 0.5,
                strict=True,
            )
            return maker.entity(shape, resource.name)

        found = repair(resource.entity, value, make)
        return found if isinstance(found, dict) else value

    def _turn(self, name: str) -> int:
        """Where a resource stands in the order in which references are set: what it refers to comes first where there is no cycle."""
        if not self._turns:
            seen: set[str] = set()

            def visit(one: str) -> None:
                if one in seen:
                    return
                seen.add(one)
                resource = self.map.resources[one]
                for other in sorted(
                    {target for target, _ in resource.references.values()} | set(resource.parents)
                ):
                    if other in self.map.resources:
                        visit(other)
                self._turns[one] = len(self._turns)

            for one in sorted(self.map.resources):
                visit(one)
        return self._turns[name]

    def _pool(self, target: str, asking: str) -> list[tuple[str, JsonObject, dict[str, str]]]:
        """What a reference may point at: finished entities where the target comes first, else drafts; who asked first does not matter."""
        if self._turn(target) < self._turn(asking):
            return [
                (entry.key, entry.value, {**entry.parents, **self._named(target, entry.value)})
                for entry in self.collection(target).values()
            ]
        return self.drafts(target)

    def _named(self, name: str, value: JsonObject) -> dict[str, str]:
        """The keys that an entity's own properties name: resource -> key."""
        out: dict[str, str] = {}
        for pattern, (target, _) in self.map.resources[name].references.items():
            if pattern.count("/") == 1 and isinstance(
                value.get(split_pointer(pattern)[0]), str | int
            ):
                out.setdefault(target, str(value[split_pointer(pattern)[0]]))
        return out

    def _link(
        self,
        resource: Resource,
        value: JsonObject,
        parents: dict[str, str],
        rng: random.Random,
        given: frozenset[str],
    ) -> JsonObject:
        around = dict(parents)
        settled: set[str] = set()
        # What says which parent it lies under is the parent's to say.
        fixed_by_place = {
            split_pointer(pattern)[0]
            for pattern, (target, _) in resource.references.items()
            if pattern.count("/") == 1 and target in parents
        }
        # What shares most with the entity comes first: an appointment's slot says when and with whom before its patient does.
        own = self.shapes[resource.name]
        ranked = sorted(
            resource.references.items(),
            key=lambda pair: (
                "*" in pair[0],
                pair[1][0] == resource.name,
                -count_shared_properties(own, self.shapes[pair[1][0]].properties),
            ),
        )
        for pattern, (target, prop) in ranked:
            top = pattern.count("/") == 1
            if split_pointer(pattern)[0] in settled:
                continue
            pool = self._pool(target, resource.name)
            if (
                not pool
                or split_pointer(pattern)[0] in given
                or pattern == f"/{resource.identifier}"
            ):
                continue
            used: set[str] = set()
            for pointer, _ in find_all(value, pattern):
                own_key = (
                    str(value.get(resource.identifier))
                    if target == resource.name and resource.identifier
                    else None
                )
                fixed = parents.get(target) if top or target in resource.parents else None
                options = [draft for draft in pool if draft[0] == fixed]
                # A device's room is in the device's home, a payment's card is on the payment's account.
                options = (
                    options
                    or [
                        draft
                        for draft in pool
                        if draft[0] not in used and parents_agree(draft[2], around)
                    ]
                    or [draft for draft in pool if draft[0] not in used]
                    or pool
                )
                key, other, _ = rng.choice(
                    [draft for draft in options if draft[0] != own_key] or options
                )
                used.add(key)
                if top and "*" not in pattern:
                    around.setdefault(target, key)
                replace_at(value, pointer, other.get(prop, key))
                copy_repeated_properties(value, pointer, target, other, self.map.resources[target])
                # Of drafts nothing is taken over: their own references are not set yet.
                if top and "*" not in pattern and self._turn(target) < self._turn(resource.name):
                    taken = inherited_properties(
                        resource,
                        self.shapes[resource.name],
                        other,
                        skip={*given, *settled, *fixed_by_place},
                    )
                    value.update(taken)
                    settled |= {*taken, split_pointer(pattern)[0]}
            if (
                top
                and (target in resource.parents or target == next(iter(resource.parents), None))
                and isinstance(value.get(split_pointer(pattern)[0]), str | int)
            ):
                parents[target] = parents.get(target) or str(value[split_pointer(pattern)[0]])
        reconcile_totals(value)
        for _, inner in list(nested_objects(value)):
            reconcile_totals(inner)
        reconcile_totals(value)
        return value


def _lookups(resources: ResourceMap) -> dict[str, tuple[str, ...]]:
    """The properties beside its key that tools find an entity of each resource by (a slug, an email address)."""
    out: dict[str, dict[str, None]] = {}
    for role in resources.roles.values():
        for name, prop in role.target.keys.values():
            if (
                prop
                and role.target.argument is not None
                and role.target.keys[role.target.argument] == (name, prop)
                and prop != resources.resources[name].identifier
            ):
                out.setdefault(name, {})[prop] = None
    return {name: tuple(sorted(found)) for name, found in out.items()}
