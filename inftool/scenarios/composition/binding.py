"""References made concrete: every argument that names a thing gets one that exists, with words that pick out exactly that one."""

from __future__ import annotations

import copy
from typing import Any

from inftool.core.blueprints import Detail
from inftool.core.json_pointer import find_at, replace_at
from inftool.core.types import JsonObject
from inftool.language.dates import round_time
from inftool.language.values import split_name
from inftool.scenarios.composition.anaphora import REFERRING, Goal, earlier
from inftool.scenarios.composition.lookahead import promising
from inftool.scenarios.composition.lookups import (
    better_owned,
    listings,
    looked_up,
    nested,
    owned,
    through,
)
from inftool.scenarios.composition.scene import Choice, WishAttempt
from inftool.scenarios.composition.unplayable import Unplayable, UnplayableReason
from inftool.scenarios.plan import leaves
from inftool.scenarios.tool_schema.places import matching, pattern
from inftool.scenarios.wording.distinguishing import by_key
from inftool.scenarios.wording.phrases import path_words, singular
from inftool.scenarios.wording.sayable import opaque, sayable
from inftool.specs import check
from inftool.world.resources.models import Resource, Role
from inftool.world.world import World


def bind(draft: WishAttempt, arguments: JsonObject) -> set[str]:
    """Replace every sampled leaf that names an entity by one that exists, parents before what lies under them; where that was done."""
    if not draft.wanted:
        draft.wanted = address(draft)
    done: set[str] = set()
    if draft.held is not None:
        _settle(draft, arguments, *draft.held, draft.role.references[draft.demand])
        done.add(draft.held[0])
    order = {
        f"/{argument}": rank
        for rank, argument in enumerate(
            argument for _, argument in draft.role.target.scope if argument
        )
    }
    spots = [
        (pointer, goal)
        for pointer, _ in leaves(arguments)
        if (goal := matching(pointer, draft.role.references))
    ]
    for pointer, goal in sorted(spots, key=lambda spot: (order.get(spot[0], 50), spot[0])):
        resource = draft.scene.resource(goal[0])
        if pointer in done:
            continue
        if resource is None or resource.virtual:
            # Known by its keys only: any will do, but things lie under some of them and not under others.
            if (key := draft.wanted.get(pointer[1:])) is not None and sayable(key):
                replace_at(arguments, pointer, key)
                draft.bound[goal] = key
            continue
        try:
            choice = _choose(draft, arguments, pointer, resource, goal)
        except Unplayable:
            # What nobody can name is left out where it may be.
            if pointer.count("/") > 1 or pointer[1:] in draft.tool.input_schema.get("required", ()):
                raise
            del arguments[pointer[1:]]
            continue
        if choice is not None:
            _settle(draft, arguments, pointer, choice, goal)
            done.add(pointer)
    return done


def _settle(
    draft: WishAttempt, arguments: JsonObject, pointer: str, choice: Choice, goal: Goal
) -> None:
    if choice.source is None:
        replace_at(arguments, pointer, choice.key)
    else:
        replace_at(arguments, pointer, None)
        draft.bindings[pointer] = choice.source
    draft.pointed.append((pointer, choice.words, choice.kind))
    _name_it(draft, pointer, arguments, draft.scene.resources[goal[0]], choice)


def seize(draft: WishAttempt, arguments: JsonObject) -> None:
    """Take the thing that the demanded argument is to be from the producer's answers, before anything else is chosen: the rest has to suit it."""
    pointer = next(
        (pointer for pointer, _ in leaves(arguments) if pattern(pointer) == draft.demand), None
    )
    goal = draft.role.references[draft.demand]
    known = _known(draft)

    def fruitful(value: Any) -> bool:
        # A filter by what nothing has finds nothing, one by what is known already nothing new.
        return (
            pointer is None
            or pointer[1:] not in draft.role.listing.filters
            or draft.role.target.resource is None
            or not known.issuperset(_kin(draft, pointer, value))
        )

    choice = (
        earlier(draft, draft.demand, draft.scene.resources[goal[0]], goal, draft.producer, fruitful)
        if pointer is not None
        else None
    )
    if pointer is None or choice is None:
        raise Unplayable(UnplayableReason.NOTHING_REUSED)
    draft.used += 1
    draft.bound[goal] = choice.key
    draft.held = pointer, choice


def candidates(draft: WishAttempt, *, shown: bool = True) -> list[str]:
    """The keys of the things that a call could be about: all of its kind, those that suit the thing that was taken for it; of them those that were shown."""
    role = draft.role
    keys = (
        _kin(draft, draft.held[0], draft.held[1].key)
        if draft.held is not None
        else list(draft.fork.entities(str(role.target.resource)))
    )
    target = role.target.keys.get(role.target.argument) if role.target.argument else None
    if shown and draft.request.reuse and target is not None:
        known = [
            str(thing.entity[target[1]])
            for thing in draft.memory.of(target[0])
            if target[1] in thing.entity
        ]
        keys = [key for key in known if key in keys] or keys
    return keys


def filled(draft: WishAttempt, arguments: JsonObject) -> JsonObject:
    """Sampled arguments with something that exists wherever they name a thing, for a call that is only tried."""
    trial = copy.deepcopy(arguments)
    for pointer, _ in leaves(arguments):
        goal = matching(pointer, draft.role.references)
        if draft.held is not None and pointer == draft.held[0]:
            replace_at(trial, pointer, draft.held[1].key)
        elif goal is not None and goal[0] in draft.scene.resources:
            value = next(
                (
                    entity[goal[1]]
                    for entity in draft.fork.entities(goal[0]).values()
                    if goal[1] in entity
                ),
                None,
            )
            if value is not None:
                replace_at(trial, pointer, value)
    return trial


def _known(draft: WishAttempt) -> set[str]:
    """The keys of the things of a call's kind that were shown."""
    resource = draft.scene.resource(draft.role.target.resource)
    if resource is None or resource.identifier is None:
        return set()
    return {str(thing.entity.get(resource.identifier)) for thing in draft.memory.of(resource.name)}


def _kin(draft: WishAttempt, pointer: str, held: Any) -> list[str]:
    """The keys of the things of a call's kind that suit what is held for one of its arguments."""
    role, fork = draft.role, draft.fork
    entities = fork.entities(str(role.target.resource))
    name, value = pointer[1:], str(held)
    if name in role.listing.filters and role.listing.filters[name].compare == "eq":
        return [
            key
            for key, entity in entities.items()
            if str(find_at(entity, role.listing.filters[name].pointer)) == value
        ]
    if name == role.target.argument or any(name == argument for _, argument in role.target.scope):
        return [
            key
            for key in entities
            if str((fork.address(draft.tool.name, key) or {}).get(name)) == value
        ]
    return list(entities)


def anchor(draft: WishAttempt, arguments: JsonObject) -> None:
    """Aim the filters of a list at one thing that exists, so that something is found; one whose values nothing has asked for yet comes first."""
    role, scene = draft.role, draft.scene
    searched = role.listing.paging.search
    if role.kind not in ("list", "search") or role.target.resource is None:
        return
    used = [name for name in role.listing.filters if name in arguments]
    if not used and searched not in arguments:
        return
    entities = draft.fork.entities(role.target.resource)
    keys = candidates(draft)
    if not keys:
        return
    drawn = scene.rng.sample(keys, min(len(keys), 6))

    def news(key: str) -> int:
        values = (
            (name, find_at(entities[key], role.listing.filters[name].pointer)) for name in used
        )
        return sum(
            scene.is_open(f"enum:{draft.tool.name}/{name}={value}") for name, value in values
        )

    chosen = max(drawn, key=news)
    entity = entities[chosen]
    draft.wanted = draft.fork.address(draft.tool.name, chosen) or {}
    kind = scene.resource(role.target.resource)
    if (
        searched in arguments
        and kind is not None
        and kind.label
        and isinstance(text := entity.get(kind.label), str)
    ):
        long = [word for word in text.split() if len(word) > 3 and word.isalpha()]
        arguments[searched] = scene.rng.choice(long) if long else arguments[searched]
    for name in used:
        value, way = (
            find_at(entity, role.listing.filters[name].pointer),
            role.listing.filters[name].compare,
        )
        if isinstance(value, list):
            value = next((item for item in value if isinstance(item, (str, int))), None)
        if value is None or isinstance(value, dict):
            continue
        if f"/{name}" in role.references:
            draft.wanted[name] = value
        elif (
            way in ("eq", "min", "max") and type(value) is type(arguments[name]) and sayable(value)
        ):
            arguments[name] = value
        elif (
            way in ("before", "after")
            and isinstance(value, str)
            and isinstance(arguments[name], str)
            and len(arguments[name]) <= len(value)
        ):
            day = value[: len(arguments[name])]
            arguments[name] = day if len(day) == 10 else round_time(arguments[name])
        elif way == "contains" and isinstance(value, str) and isinstance(arguments[name], str):
            long = [word for word in value.split() if len(word) > 3 and word.isalpha()]
            arguments[name] = scene.rng.choice(long) if long else arguments[name]


def can_build(draft: WishAttempt) -> bool:
    """Whether something that was shown can be pointed at for an argument (for the one demanded, where one is): asked before anything is drawn."""
    for place, goal in draft.role.references.items():
        resource = draft.scene.resource(goal[0])
        if resource is None or resource.virtual or (draft.demand and place != draft.demand):
            continue
        if earlier(draft, place, resource, goal, draft.producer) is not None:
            return True
    return False


def address(draft: WishAttempt) -> JsonObject:
    """The arguments that point at one thing that exists, its parents included, so that a path of ids belongs together."""
    role, fork = draft.role, draft.fork
    if role.target.resource is None or draft.scene.resource(role.target.resource) is None:
        return {}
    keys = promising(draft, candidates(draft))
    if draft.held is not None and not keys:
        return above(fork, role, role.references[draft.demand], draft.held[1].key)
    return (fork.address(draft.tool.name, draft.scene.rng.choice(keys)) or {}) if keys else {}


def _choose(
    draft: WishAttempt, arguments: JsonObject, pointer: str, resource: Resource, goal: Goal
) -> Choice | None:
    """One thing for one argument: from an earlier result, from a lookup, or by its key. None where what was sampled may stand, and the call decides."""
    rng, scene = draft.scene.rng, draft.scene
    wanted = draft.wanted.get(pointer[1:])
    suits = (
        (lambda value: str(value) == str(wanted))
        if draft.held is not None and wanted is not None
        else (lambda value: True)
    )
    if (draft.request.reuse or rng.random() < 0.3) and (
        choice := earlier(draft, pointer, resource, goal, fits=suits)
    ) is not None:
        draft.used += 1
        draft.bound[goal] = choice.key
        return choice
    if draft.request.lookup != "none" and rng.random() < 0.9:
        if (
            draft.request.lookup == "nested"
            and (choice := through(draft, resource, goal)) is not None
        ):
            return choice
        if (
            better_owned(draft, pointer, resource, goal)
            and (choice := owned(draft, pointer, resource, goal)) is not None
        ):
            return choice
        if (
            choice := looked_up(draft, pointer, resource, goal, wanted)
            or nested(draft, pointer, resource, goal, wanted)
        ) is not None:
            return choice
    listed = next(iter(listings(draft, resource)), None)
    pool = [item for item in listed[2] if goal[1] in item] if listed else []
    pool = pool or [entity for entity in draft.fork.entities(goal[0]).values() if goal[1] in entity]
    # From one place to another, not to itself.
    pool = [item for item in pool if item[goal[1]] != draft.bound.get(goal)] or pool
    if not pool and wanted is None:
        return None
    value = wanted if wanted is not None else rng.choice(pool)[goal[1]]
    if not sayable(value) or (
        opaque(value) and scene.choosy and draft.tool.name not in scene.keys_at_hand
    ):
        raise Unplayable(UnplayableReason.KEY_OF_RESOURCE_NOBODY_SAYS, resource=resource.name)
    part = draft.tool.input_schema.get("properties", {}).get(pointer[1:])
    if part is not None and "$ref" not in part and check(part, value):
        return None
    draft.bound[goal] = value
    return Choice(value, by_key(resource.name, value, rng), "key")


def above(world: World, role: Role, goal: tuple[str, str], value: Any) -> JsonObject:
    """The arguments for what a thing lies under, and for itself, where something is to be made or listed under it; empty where it is not there."""
    held = next(
        (
            entry
            for entry in world.collection(goal[0]).values()
            if entry.value.get(goal[1]) == value
        ),
        None,
    )
    if held is None:
        return {}
    found: JsonObject = {}
    for parent, argument in role.target.scope:
        if argument is None:
            continue
        if parent == goal[0]:
            found[argument] = value
        elif (key := held.parents.get(parent)) is not None:
            other = world.collection(parent).get(key)
            found[argument] = (
                other.value.get(role.target.keys[argument][1], key)
                if other is not None and argument in role.target.keys
                else key
            )
    return found


def _name_it(
    draft: WishAttempt, pointer: str, arguments: JsonObject, resource: Resource, choice: Choice
) -> None:
    """Put a chosen thing into words: into the wish itself where it is what the wish is about, as a detail otherwise."""
    words, is_target = choice.words, pointer == f"/{draft.role.target.argument}"
    part = next(part for part in reversed(pointer.split("/")) if not part.isdigit())
    name = REFERRING.sub("", split_name(part)) or resource.name
    if pointer.endswith(tuple("0123456789")):
        name = singular(name)
    noun = resource.name
    if (
        not set(noun.split()) & set(name.lower().split())
        and name != split_name(part)
        and not split_name(part).endswith(("ID", "IDs"))
    ):
        # "tracking number" names the key; what is meant is the shipment.
        name = noun
    if not draft.request.withhold:
        if is_target:
            draft.target = words
            return
        # Of what is changed, only what it lies under goes with it; any other thing is one of the changes.
        above = any(
            argument == part for _, argument in draft.role.target.scope
        ) or draft.role.kind not in ("patch", "replace")
        if (
            above
            and not draft.about
            and pointer.count("/") == 1
            and (part in draft.role.target.keys or name.lower() == noun.lower())
        ):
            draft.about.append((noun, words))
            return
    if pointer.count("/") > 1 and not is_target:
        # Of several things in one request it has to be said which place each is for.
        head, of, rest = path_words(pointer, arguments).partition(" of the ")
        name = f"{REFERRING.sub('', head) or noun}{of}{rest}"
        phrase = f"the {name} is {words}"
    elif draft.role.kind in ("patch", "replace") and not is_target:
        phrase = f"the {name} should be {words}"
    elif is_target or name.lower() == noun.lower():
        name, phrase = noun, f"it's {'' if is_target else 'for '}{words}"
    elif name.lower() in ("from", "to", "by", "for"):
        phrase = f"it's {name.lower()} {words}"
    else:
        phrase = f"the {name} is {words}"
    if not any(phrase == other.phrase for other in draft.details):
        value = choice.key if choice.kind == "key" else None
        draft.details.append(Detail(words=name, said=words, value=value, phrase=phrase))
