"""Sets the references of seeded entities, and what follows from them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from inftool.core.json_pointer import find_all, replace_at, split_pointer
from inftool.world.resources.models import Resource
from inftool.world.sampling.coherence.totals import reconcile_totals
from inftool.world.seeding.context import SeedContext
from inftool.world.seeding.derived_values import (
    copy_repeated_properties,
    count_shared_properties,
    inherited_properties,
    nested_objects,
    parents_agree,
)
from inftool.world.seeding.entries import Draft


@dataclass
class _Unlinked:
    """One entity while its references are set."""

    draft: Draft
    """The entity; its value and parents are changed in place."""

    fixed: frozenset[str]
    """The properties that the world's rules give."""

    rng: random.Random
    """Chooses what to refer to."""

    near: dict[str, str]
    """Resource -> key of what the entity lies under or refers to; further references agree."""
    from_parents: frozenset[str]
    """The properties that name a parent."""

    settled: set[str] = field(default_factory=set)
    """The properties that follow from a reference set before."""


class ReferenceLinker:
    """Sets the references of one resource's entities.

    `pool_of` gives what a reference to a resource may point at, and `is_finished` says whether
    entities of a resource have their own references set.
    """

    def __init__(
        self,
        context: SeedContext,
        resource: Resource,
        pool_of: Callable[[str], Sequence[Draft]],
        is_finished: Callable[[str], bool],
    ) -> None:
        self._context = context
        self._resource = resource
        self._pool_of = pool_of
        self._is_finished = is_finished
        # What shares most with the entity comes first: an appointment's slot says when and with
        # whom before its patient does. References in lists and to entities like it come last.
        shape = context.shapes[resource.name]
        self._references = sorted(
            resource.references.items(),
            key=lambda reference: (
                "*" in reference[0],
                reference[1][0] == resource.name,
                -count_shared_properties(shape, context.shapes[reference[1][0]].properties),
            ),
        )

    def link(self, draft: Draft, fixed: frozenset[str], rng: random.Random) -> None:
        """Set the references of an entity in place, and those of its parents that they tell."""
        from_parents = frozenset(
            prop for prop, target, _ in self._resource.links if target in draft.parents
        )
        entity = _Unlinked(draft, fixed, rng, dict(draft.parents), from_parents)
        for pattern, (target, prop) in self._references:
            self._set_reference(entity, pattern, target, prop)
        value = draft.value
        # Totals depend on the lines, and lines on totals of their own, whichever are nested.
        reconcile_totals(value)
        for inner in nested_objects(value):
            reconcile_totals(inner)
        reconcile_totals(value)

    def _set_reference(self, entity: _Unlinked, pattern: str, target: str, prop: str) -> None:
        """Set one reference; in a list, that of each element to another entity."""
        resource, (_, value, parents) = self._resource, entity.draft
        first = split_pointer(pattern)[0]
        if first in entity.settled:
            # The slot told the practitioner.
            return
        pool = self._pool_of(target)
        # A borrowed key was set when the entity was drafted.
        if not pool or first in entity.fixed or pattern == f"/{resource.identifier}":
            return
        is_top = pattern.count("/") == 1
        used: set[str] = set()
        for pointer, _ in find_all(value, pattern):
            # A line's `orderId` is that of the order it lies under; a reference deeper inside may
            # point elsewhere, unless it is to a kind of parent.
            parent = parents.get(target) if is_top or target in resource.parents else None
            chosen = self._choose(entity, target, pool, parent, used)
            used.add(chosen.key)
            replace_at(value, pointer, chosen.value.get(prop, chosen.key))
            copied_from = self._context.map.resources[target]
            copy_repeated_properties(value, pointer, target, chosen.value, copied_from)
            if is_top and "*" not in pattern:
                entity.near.setdefault(target, chosen.key)
                # Of drafts nothing is taken over: their own references are not set yet.
                if self._is_finished(target):
                    self._inherit(entity, first, chosen.value)
        # An entity may lie under a parent that no path names; then its reference says which.
        if is_top and target in resource.parents and isinstance(value.get(first), str | int):
            parents[target] = parents.get(target) or str(value[first])

    def _choose(
        self,
        entity: _Unlinked,
        target: str,
        pool: Sequence[Draft],
        parent: str | None,
        used: set[str],
    ) -> Draft:
        """What a reference points at: the parent, else something unused that fits the rest.

        A device's room is in the device's home, a payment's card is on the payment's account. An
        entity does not refer to itself if there is another one.
        """
        options: Sequence[Draft] = [draft for draft in pool if draft.key == parent]
        if not options:
            unused = [draft for draft in pool if draft.key not in used]
            near = [draft for draft in unused if parents_agree(draft.parents, entity.near)]
            options = near or unused or pool
        resource = self._resource
        if target == resource.name and resource.identifier:
            itself = str(entity.draft.value.get(resource.identifier))
            options = [draft for draft in options if draft.key != itself] or options
        return entity.rng.choice(options)

    def _inherit(self, entity: _Unlinked, first: str, other: Mapping[str, object]) -> None:
        """Take over what follows from a reference, and keep it from being set again."""
        resource = self._resource
        inherited = inherited_properties(
            resource,
            self._context.shapes[resource.name],
            other,
            skip=entity.fixed | entity.settled | entity.from_parents,
        )
        entity.draft.value.update(inherited)
        entity.settled.update(inherited, (first,))
