"""Which entity a call is about: one that exists, that suits what was chosen before, and that the
world's rules accept or refuse as the request wants it.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterable

from inftool.core.json_pointer import find_at, replace_at
from inftool.core.types import Arguments
from inftool.language.dates import round_time
from inftool.scenarios.composition.attempt import WishAttempt
from inftool.scenarios.composition.lookahead import REFUSAL_STATUSES, leading_onward
from inftool.scenarios.composition.unplayable import Unplayable, UnplayableReason
from inftool.scenarios.plan import leaves
from inftool.scenarios.tool_schema.places import matching
from inftool.scenarios.wording.sayable import sayable
from inftool.specs import violations
from inftool.world.resources.listing import Filter
from inftool.world.resources.models import ResourceProperty, Role
from inftool.world.world import World

# How many entities are tried for one that the world refuses, and for one that it accepts. Each try
# forks the world and makes a call; a world of the usual size holds 8 entities of a kind.
_REFUSAL_TRIES = 12
_ACCEPTED_TRIES = 16

# From how many entities the filters of a list are drawn.
_ANCHOR_DRAWS = 6

# A word that is searched for: shorter ones ("the", "of") are found everywhere.
_MIN_SEARCH_WORD = 4

_ISO_DATE_LENGTH = len("2026-03-14")


def choose_refused_target(attempt: WishAttempt, arguments: Arguments) -> None:
    """Choose an entity for which the world refuses the call; Unplayable if there is none."""
    world, tool, target = attempt.world, attempt.tool, attempt.role.target
    if target.resource is None or target.argument is None:
        raise Unplayable(UnplayableReason.NO_SINGLE_TARGET)
    # Not those that were shown: few entities are in a state that is refused.
    keys = list(world.entities(target.resource))
    for key in attempt.scene.rng.sample(keys, len(keys))[:_REFUSAL_TRIES]:
        # The rest of the sampled arguments may not suit this entity's place in the path.
        address = world.address(tool.name, key)
        if address is None or violations(tool, call := {**arguments, **address}):
            continue
        result = world.fork().call(tool.name, call)
        if not result.ok and result.status in REFUSAL_STATUSES:
            attempt.target_arguments = address
            return
    raise Unplayable(UnplayableReason.NEVER_REFUSED, tool=tool.name)


def choose_accepted_target(attempt: WishAttempt, arguments: Arguments) -> None:
    """Choose an entity whose state allows the call, if there is one.

    Few appointments, for instance, can be checked in at any time.
    """
    target, rng, world = attempt.role.target, attempt.scene.rng, attempt.world
    if target.argument is None or attempt.scene.resource(target.resource) is None:
        return
    suitable, every = suitable_keys(attempt), suitable_keys(attempt, prefer_shown=False)
    # What was shown and leads on comes first.
    order = dict.fromkeys(
        [
            *leading_onward(attempt, rng.sample(suitable, len(suitable))),
            *rng.sample(suitable, len(suitable)),
            *rng.sample(every, len(every)),
        ]
    )
    trial = _with_existing_entities(attempt, arguments)
    for key in [*order][:_ACCEPTED_TRIES]:
        address = world.address(attempt.tool.name, key)
        if address is None:
            continue
        result = world.fork().call(attempt.tool.name, {**trial, **address})
        if result.status not in REFUSAL_STATUSES:
            attempt.target_arguments = address
            return


def suitable_keys(attempt: WishAttempt, *, prefer_shown: bool = True) -> list[str]:
    """The keys of the entities that the call could be about.

    They are those of its resource, and only those that belong to the entity that was taken from an
    earlier result. If the request has to reuse something, only those that were shown, if any was.
    """
    role = attempt.role
    if attempt.reused is not None:
        pointer, choice = attempt.reused
        keys = keys_matching(attempt, pointer, choice.key)
    else:
        keys = list(attempt.world.entities(str(role.target.resource)))
    target = role.target.keys.get(role.target.argument) if role.target.argument else None
    if prefer_shown and attempt.request.reuse and target is not None:
        resource, key_name = target
        shown = [
            str(entity.entity[key_name])
            for entity in attempt.memory.of(resource)
            if key_name in entity.entity
        ]
        keys = [key for key in shown if key in keys] or keys
    return keys


def keys_matching(attempt: WishAttempt, pointer: str, value: object) -> list[str]:
    """The keys of the call's entities that a value for one of its arguments leaves.

    A filter leaves those that it finds, an argument of the path those that lie under its entity.
    """
    role, world = attempt.role, attempt.world
    entities = world.entities(str(role.target.resource))
    name, text = pointer[1:], str(value)
    condition = role.listing.filters.get(name)
    # Values are compared as text: a query parameter may be typed otherwise than the property.
    if condition is not None and condition.compare == "eq":
        return [
            key
            for key, entity in entities.items()
            if str(find_at(entity, condition.pointer)) == text
        ]
    if name == role.target.argument or any(name == argument for _, argument in role.target.scope):
        return [
            key
            for key in entities
            if str((world.address(attempt.tool.name, key) or {}).get(name)) == text
        ]
    return list(entities)


def shown_target_keys(attempt: WishAttempt) -> set[str]:
    """The keys of the call's entities that were shown."""
    resource = attempt.scene.resource(attempt.role.target.resource)
    if resource is None or resource.identifier is None:
        return set()
    shown = attempt.memory.of(resource.name)
    return {str(entity.entity.get(resource.identifier)) for entity in shown}


def _with_existing_entities(attempt: WishAttempt, arguments: Arguments) -> dict[str, object]:
    """Sampled arguments with an entity that exists at every reference, for a call that is a try."""
    trial = copy.deepcopy(dict(arguments))
    for pointer, _ in leaves(arguments):
        key_property = matching(pointer, attempt.role.references)
        if attempt.reused is not None and pointer == attempt.reused[0]:
            replace_at(trial, pointer, attempt.reused[1].key)
        elif key_property is not None and key_property[0] in attempt.scene.resources:
            resource, key_name = key_property
            entities = attempt.world.entities(resource).values()
            key = next((entity[key_name] for entity in entities if key_name in entity), None)
            if key is not None:
                replace_at(trial, pointer, key)
    return trial


def aim_filters(attempt: WishAttempt, arguments: dict[str, object]) -> None:
    """Set the filters of a list to values of one entity that exists, so that the list finds it.

    An entity whose values no list was filtered by yet comes first.
    """
    role, scene, world = attempt.role, attempt.scene, attempt.world
    if role.kind not in ("list", "search") or role.target.resource is None:
        return
    search = role.listing.paging.search
    used = [name for name in role.listing.filters if name in arguments]
    if not used and search not in arguments:
        return
    keys = suitable_keys(attempt)
    if not keys:
        return
    drawn = scene.rng.sample(keys, min(len(keys), _ANCHOR_DRAWS))
    chosen = max(drawn, key=lambda key: _count_open_values(attempt, key, used))
    entity = world.entities(role.target.resource)[chosen]
    attempt.target_arguments = world.address(attempt.tool.name, chosen) or {}
    kind = scene.resource(role.target.resource)
    label = entity.get(kind.label) if kind is not None and kind.label else None
    if search is not None and search in arguments and isinstance(label, str):
        arguments[search] = _search_word(label, scene.rng, arguments[search])
    for name in used:
        condition = role.listing.filters[name]
        value = _filtered_value(entity, condition)
        if value is None:
            continue
        # A filter that names an entity is bound later, with words for that entity.
        if f"/{name}" in role.references:
            attempt.target_arguments[name] = value
        else:
            arguments[name] = _filter_value(condition, value, arguments[name], scene.rng)


def _count_open_values(attempt: WishAttempt, key: str, filters: Iterable[str]) -> int:
    """For how many filters the value of an entity was in no call yet."""
    role, tool = attempt.role, attempt.tool.name
    entity = attempt.world.entities(str(role.target.resource))[key]
    values = ((name, find_at(entity, role.listing.filters[name].pointer)) for name in filters)
    return sum(attempt.scene.is_open(f"enum:{tool}/{name}={value}") for name, value in values)


def _filtered_value(entity: Arguments, condition: Filter) -> object:
    """The scalar of an entity that a filter looks at; None if there is none."""
    value = find_at(entity, condition.pointer)
    if isinstance(value, list):
        # `?tag=sale` on entities with several tags: one of them will do.
        value = next((item for item in value if isinstance(item, (str, int))), None)
    return None if isinstance(value, dict) else value


def _filter_value(condition: Filter, value: object, sampled: object, rng: random.Random) -> object:
    """What a filter has to be to find an entity with a value; the sampled one if that is no use."""
    compare = condition.compare
    if compare in ("eq", "min", "max"):
        return value if type(value) is type(sampled) and sayable(value) else sampled
    if not isinstance(value, str) or not isinstance(sampled, str):
        return sampled
    if compare == "contains":
        return _search_word(value, rng, sampled)
    if len(sampled) > len(value):
        return sampled
    # A filter that takes dates and not times gets the date: "2026-03-14T09:30:00Z" -> "2026-03-14".
    cut = value[: len(sampled)]
    return cut if len(cut) == _ISO_DATE_LENGTH else round_time(sampled)


def _search_word(text: str, rng: random.Random, default: object) -> object:
    """A word of a text that is worth searching for: "The Tin Drum" -> "Drum"."""
    words = [word for word in text.split() if len(word) >= _MIN_SEARCH_WORD and word.isalpha()]
    return rng.choice(words) if words else default


def draw_target_arguments(attempt: WishAttempt) -> dict[str, object]:
    """The arguments that name one entity that exists, and what it lies under; empty without one.

    They are drawn together, so that the keys of a path belong together.
    """
    role, world = attempt.role, attempt.world
    if role.target.resource is None or attempt.scene.resource(role.target.resource) is None:
        return {}
    keys = leading_onward(attempt, suitable_keys(attempt))
    if attempt.reused is not None and not keys:
        key_property = role.references[attempt.edge_argument]
        return parent_arguments(world, role, key_property, attempt.reused[1].key)
    if not keys:
        return {}
    return world.address(attempt.tool.name, attempt.scene.rng.choice(keys)) or {}


def parent_arguments(
    world: World, role: Role, key_property: ResourceProperty, value: object
) -> dict[str, object]:
    """The arguments for an entity and for what it lies under, if something is to be made or listed
    under it; empty if the entity does not exist.
    """
    resource, key_name = key_property
    entry = next(
        (
            entry
            for entry in world.collection(resource).values()
            if entry.value.get(key_name) == value
        ),
        None,
    )
    if entry is None:
        return {}
    arguments: dict[str, object] = {}
    for parent, argument in role.target.scope:
        if argument is None:
            continue
        if parent == resource:
            arguments[argument] = value
        elif (key := entry.parents.get(parent)) is not None:
            parent_entry = world.collection(parent).get(key)
            if parent_entry is not None and argument in role.target.keys:
                arguments[argument] = parent_entry.value.get(role.target.keys[argument][1], key)
            else:
                arguments[argument] = key
    return arguments
