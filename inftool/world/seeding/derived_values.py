"""Values of entities that follow from other entities: distinct names, copies, inherited fields."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from inftool.core.json_pointer import split_pointer
from inftool.language.identifiers import split, squash
from inftool.world.resources.models import Resource
from inftool.world.schema.shape import Shape
from inftool.world.schema.validation import is_valid
from inftool.world.seeding.word_sets import WORDS

# More numbers than a collection has entities with one text.
_MAX_NUMBER = 200
# Totals and references lie no deeper in an entity than this.
_DEPTH = 3


def make_distinct(
    value: dict[str, object], prop: str, shape: Shape, taken: Collection[str]
) -> None:
    """Number a text that entities are found by, in place, if another one has it.

    `acme` -> `acme-2`; `acme2` or `acme 2` if the schema refuses that.
    """
    text = value.get(prop)
    if not isinstance(text, str) or text not in taken:
        return
    schema = shape.properties[prop].schema() if prop in shape.properties else {}
    for number in range(2, _MAX_NUMBER):
        for joint in ("-", "", " "):
            numbered = f"{text}{joint}{number}"
            if numbered not in taken and is_valid(schema, numbered):
                value[prop] = numbered
                return


def parents_agree(left: Mapping[str, str], right: Mapping[str, str]) -> bool:
    """Whether two entities lie under the same parents, as far as both name them.

    Both arguments map resources to keys.
    """
    return all(right.get(name, key) == key for name, key in left.items())


def count_shared_properties(shape: Shape, names: Collection[str]) -> int:
    """How many properties of an entity another one has too, those that every entity has aside."""
    own = WORDS["own_properties"]
    return sum(name in shape.properties and name.lower() not in own for name in names)


def inherited_properties(
    resource: Resource, shape: Shape, other: Mapping[str, object], *, skip: Collection[str]
) -> dict[str, object]:
    """What an entity takes over from one that it refers to.

    An appointment takes the time and the practitioner of its slot: properties of the same name that
    nobody writes, that are required or refer to something, and that are about more than the entity
    itself, as an id, a name and a status are.
    """
    inherited: dict[str, object] = {}
    for name in shape.properties:
        if name not in other or name in skip or name in resource.writable:
            continue
        is_own = name.lower() in WORDS["own_properties"] or name == resource.identifier
        if is_own or WORDS["stamp_words"].intersection(split(name)):
            continue
        # What is optional may be missing for a reason.
        is_needed = name in shape.required or f"/{name}" in resource.references
        if is_needed and not isinstance(other[name], list):
            inherited[name] = other[name]
    return inherited


def nested_objects(value: object, depth: int = _DEPTH) -> list[dict[str, object]]:
    """Every object inside a value, the outer ones first, down to some depth."""
    objects: list[dict[str, object]] = []
    if depth <= 0:
        return objects
    items: Collection[object] = ()
    if isinstance(value, dict):
        items = value.values()
    elif isinstance(value, list):
        items = value
    for item in items:
        if isinstance(item, dict):
            objects.append(item)
        objects += nested_objects(item, depth - 1)
    return objects


class _Repeated(NamedTuple):
    """What may be repeated beside a reference to an entity."""

    nouns: tuple[str, str]
    """The squashed noun of the entity, and its last word: `paymentmethod`, `method`."""

    properties: Mapping[str, object]
    """Squashed property of the entity -> its value, scalars only and no keys."""

    label: object
    """What the entity is called, None if it has no label."""

    in_own_object: bool
    """Whether the reference lies in an object of the entity's name: `/customer/id`."""

    in_list: bool
    """Whether the reference lies in an element of a list: `/lines/0/bookId`."""

    labels_lines: bool
    """Whether the entity's label is a name or title, as lines repeat it."""

    def value_of(self, name: str) -> object:
        """What a property beside the reference repeats, None if it is about something else."""
        word = squash(name)
        if self.in_own_object and word in self.properties:
            return self.properties[word]
        for noun in self.nouns:
            # `customerEmail`
            if word.startswith(noun) and word[len(noun) :] in self.properties:
                return self.properties[word[len(noun) :]]
        # `customerName` is the customer's label, be it a `fullName` or a `title`.
        if any(word in {f"{noun}name", f"{noun}title"} for noun in self.nouns):
            return self.label
        if self.in_list and word in WORDS["unit_price_properties"]:
            return self.properties.get("price", self.properties.get("unitprice"))
        if self.in_list and self.labels_lines and word in WORDS["line_label_properties"]:
            return self.label
        return None


def copy_repeated_properties(
    value: object, pointer: str, target: str, other: Mapping[str, object], resource: Resource
) -> None:
    """Copy, in place, what stands beside a reference and repeats the entity referred to.

    `customerName` beside `customerId` gets the customer's name, a line's `unitPrice` the book's
    price. `pointer` is that of the reference, `target` the resource that it refers to, and `other`
    the entity.
    """
    *above, last = split_pointer(pointer)
    holder = value
    for step in above:
        if isinstance(holder, list):
            holder = holder[int(step)]
        elif isinstance(holder, dict):
            holder = holder[step]
    if not isinstance(holder, dict):
        return
    noun = squash(target)
    nouns = noun, split(target)[-1] if split(target) else noun
    in_list = bool(above) and above[-1].isdigit()
    in_own_object = bool(above) and squash("" if in_list else above[-1]) in nouns
    # A line repeats the price of what it is about; an order repeats nothing of its customer except
    # under the customer's name.
    names_entity = any(squash(name).startswith(nouns) for name in holder if name != last)
    if not in_own_object and not in_list and not names_entity:
        return
    repeated = _Repeated(
        nouns=nouns,
        properties=_repeatable_properties(other, resource),
        label=other.get(resource.label) if resource.label else None,
        in_own_object=in_own_object,
        in_list=in_list,
        labels_lines=bool(resource.label) and squash(str(resource.label)) in {"title", "name"},
    )
    for name, old in list(holder.items()):
        if name == last or old is None or isinstance(old, dict | list | bool):
            continue
        new = repeated.value_of(name)
        # A number is not replaced by a text, whatever the names say: the schemas differ.
        if new is not None and isinstance(new, str) == isinstance(old, str):
            holder[name] = new


def _repeatable_properties(other: Mapping[str, object], resource: Resource) -> dict[str, object]:
    """The texts and numbers of an entity by squashed name.

    Keys are left out: beside `transferAccountId`, `accountId` is another account.
    """
    return {
        squash(name): item
        for name, item in other.items()
        if name != resource.identifier
        and split(name)[-1:] not in (("id",), ("uuid",), ("ids",))
        and isinstance(item, str | int | float)
        and not isinstance(item, bool)
    }
