"""Drafts the entities of a collection: their parents, values and keys, but no references yet."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from inftool.language.identifiers import split
from inftool.world.resources.models import Resource
from inftool.world.sampling.coherence.state_dates import fit_to_state
from inftool.world.schema.shape import VARIANTS, Shape
from inftool.world.schema.validation import is_valid
from inftool.world.seeding.context import SeedContext
from inftool.world.seeding.derived_values import make_distinct, parents_agree
from inftool.world.seeding.entries import Draft
from inftool.world.seeding.identifiers import seeded_key
from inftool.world.seeding.word_sets import WORDS

# Any key of a virtual resource exists; a few are made to refer to.
_VIRTUAL_COUNT = 3
# Children: two for each parent, but at least four and at most twice the size of a world.
_CHILDREN = 2
_MIN_CHILDREN = 4
# The counts of small worlds are exact; others vary, so that collections differ in size.
_SMALL_WORLD = 4
_COUNT_SPREAD = 2
# Attempts at a label that no other entity has, before it gets a number.
_LABEL_TRIES = 9
_MAX_LABEL_NUMBER = 60

Lineage = dict[str, str]
"""Resource -> key of the entity that lies above."""


class Drafter:
    """Drafts the entities of one resource; `drafts_of` gives the drafts of others."""

    def __init__(
        self,
        context: SeedContext,
        resource: Resource,
        drafts_of: Callable[[str], Sequence[Draft]],
    ) -> None:
        self._context = context
        self._resource = resource
        self._shape = context.shapes[resource.name]
        self._drafts_of = drafts_of
        # Resource above -> for each of its entities, that one and all that it lies under itself.
        self._above: dict[str, list[Lineage]] = {}
        for parent in resource.parents:
            if parent in context.map.resources:
                lineages = [{**draft.parents, parent: draft.key} for draft in drafts_of(parent)]
                if lineages:
                    self._above[parent] = lineages
        self._first_parent = next(iter(self._above), None)

    def drafts(self) -> list[Draft]:
        """All entities of the resource, in order."""
        context, resource = self._context, self._resource
        drafts: list[Draft] = []
        keys: set[str] = set()
        labels: set[str] = set()
        for index, parents in enumerate(self._lineages()):
            value = self._value(index, labels)
            # Before the key, which may be made of one of these properties.
            for prop in context.lookup_properties.get(resource.name, ()):
                texts = {str(draft.value.get(prop)) for draft in drafts}
                make_distinct(value, prop, self._shape, texts)
            fixed = context.fixed_values(resource.name, index)
            value.update(fixed)
            # A singleton goes by its parent's key, as its path does: `/users/{id}/settings`.
            if resource.singleton:
                key = parents[self._first_parent] if self._first_parent else ""
            elif resource.identifier and resource.identifier in fixed:
                key = str(value[resource.identifier])
            else:
                borrowed = self._borrowed_key(keys)
                key = seeded_key(context, resource, index, value, keys, borrowed)
            if resource.identifier in value:
                for name in resource.key_names:
                    value[name] = value[resource.identifier]
            keys.add(key)
            drafts.append(Draft(key, value, parents))
        return drafts

    def _lineages(self) -> list[Lineage]:
        """What each entity lies under, the parents' own parents included."""
        first = self._first_parent
        if self._resource.singleton:
            return [dict(lineage) for lineage in self._above[first]] if first else [{}]
        rng = self._context.rng("collection", self._resource.name)
        lineages: list[Lineage] = []
        for index in range(self._count(rng)):
            # The first parents take turns, so that none is without children.
            lineage = dict(self._above[first][index % len(self._above[first])]) if first else {}
            for parent, candidates in self._above.items():
                if parent not in lineage:
                    # A stay lies under a guest and a room, both of one hotel.
                    agreeing = [other for other in candidates if parents_agree(other, lineage)]
                    lineage.update(rng.choice(agreeing or [{}]))
            lineages.append(lineage)
        return lineages

    def _count(self, rng: random.Random) -> int:
        """How many entities there are: enough for the rules, no more than keys to borrow."""
        resource, size = self._resource, self._context.size
        if resource.virtual:
            count = _VIRTUAL_COUNT
        elif resource.parents:
            parents = len(self._above[self._first_parent]) if self._first_parent else 0
            count = min(max(_MIN_CHILDREN, parents * _CHILDREN), size * _CHILDREN)
        elif size > _SMALL_WORLD:
            count = size + rng.randint(-_COUNT_SPREAD, _COUNT_SPREAD)
        else:
            count = size
        count = max(count, len(self._context.fixed.get(resource.name, ())))
        lenders = self._lenders()
        return min(count, len(lenders)) if lenders else count

    def _lenders(self) -> Sequence[Draft]:
        """The entities of another resource whose keys these ones go by: books of an inventory."""
        lender = self._resource.references.get(f"/{self._resource.identifier}")
        return self._drafts_of(lender[0]) if lender is not None else ()

    def _borrowed_key(self, taken: set[str]) -> str | None:
        """A free key of another resource, None if this one has keys of its own."""
        return next((draft.key for draft in self._lenders() if draft.key not in taken), None)

    def _value(self, index: int, labels: set[str]) -> dict[str, object]:
        """The properties of the n-th entity; its label is added to those that are taken."""
        context, resource, shape = self._context, self._resource, self._shape
        noun = self._spoken_noun()
        value: dict[str, object] = {}
        for attempt in range(_LABEL_TRIES):
            sampler = context.sampler(context.rng("entity", resource.name, index, attempt))
            value = sampler.entity(self._variant(index), noun)
            label = value.get(resource.label) if resource.label else None
            if not isinstance(label, str) or label.casefold() not in labels:
                break
        # The words for such entities may have run out.
        self._number_label(value, labels)
        status = resource.status
        if status is not None and status.property in value:
            # Entities take turns in the states, so that each state has some.
            start = context.rng("status", resource.name).randrange(len(status.values))
            value[status.property] = status.values[(index + start) % len(status.values)]
            fit_to_state(value, shape, context.now)
        return value

    def _spoken_noun(self) -> str:
        """The noun that says what to sample: an `event` of a shipment is no meeting."""
        name, parents = self._resource.name, self._resource.parents
        is_ambiguous = not WORDS["ambiguous_nouns"].isdisjoint(split(name)[-1:])
        return f"{parents[0]} {name}" if parents and is_ambiguous else name

    def _variant(self, index: int) -> Shape:
        """The shape of the n-th entity: variants (a card payment, a transfer) take turns."""
        variants = self._shape.node.get(VARIANTS)
        if isinstance(variants, list) and variants:
            return Shape(variants[index % len(variants)], self._shape.root)
        return self._shape

    def _number_label(self, value: dict[str, object], labels: set[str]) -> None:
        """Tell the second entity of a label apart by a number, as people do: `Backlog 2`."""
        prop = self._resource.label
        label = value.get(prop) if prop else None
        if prop is None or not isinstance(label, str):
            return
        if label.casefold() in labels:
            schema = self._shape.properties[prop].schema()
            numbered = (f"{label} {number}" for number in range(2, _MAX_LABEL_NUMBER))
            label = value[prop] = next(
                (
                    text
                    for text in numbered
                    if text.casefold() not in labels and is_valid(schema, text)
                ),
                label,
            )
        labels.add(label.casefold())
