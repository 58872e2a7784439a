"""Every argument that names an entity gets one that exists, in words that mean only that one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inftool.core.json_pointer import replace_at
from inftool.core.types import Arguments, JsonPointer
from inftool.scenarios.composition.attempt import Choice, Mention, WishAttempt
from inftool.scenarios.composition.references.anaphora import refer_to_shown
from inftool.scenarios.composition.references.clauses import name_entity
from inftool.scenarios.composition.references.listings import listing_calls
from inftool.scenarios.composition.references.lookups import (
    Wanted,
    look_up,
    look_up_under_owner,
)
from inftool.scenarios.composition.references.related_lookups import (
    look_up_through_holder,
    look_up_through_owner,
    should_look_up_through_holder,
)
from inftool.scenarios.composition.targets import (
    draw_target_arguments,
    keys_matching,
    shown_target_keys,
)
from inftool.scenarios.composition.unplayable import Unplayable, UnplayableReason
from inftool.scenarios.plan import leaves
from inftool.scenarios.tool_schema.places import matching, pattern
from inftool.scenarios.wording.distinguishing import by_key
from inftool.scenarios.wording.sayable import opaque, sayable
from inftool.specs import check
from inftool.world.resources.models import Resource, ResourceProperty

# How often a request that need not reuse anything refers to what was shown anyway, as people do.
_REUSE_SHARE = 0.3

# How often a request that may look things up does so for an argument; the rest is said by key.
_LOOKUP_SHARE = 0.9

# After the arguments of the path, which come in the order of the path.
_AFTER_PATH = 50


def can_reuse(attempt: WishAttempt) -> bool:
    """Whether something that was shown can be referred to for an argument of the call.

    If the request goes along an edge, for the argument at its end. Asked before anything is drawn.
    """
    for argument, key_property in attempt.role.references.items():
        resource = attempt.scene.resource(key_property[0])
        if resource is None or resource.virtual:
            continue
        if attempt.edge_argument and argument != attempt.edge_argument:
            continue
        producer = attempt.edge_producer
        if refer_to_shown(attempt, argument, resource, key_property, producer=producer) is not None:
            return True
    return False


def choose_along_edge(attempt: WishAttempt, arguments: Arguments) -> None:
    """Choose the entity for the argument at the end of the request's edge, before any other.

    Everything else has to suit it. Unplayable if the producer's answers hold none.
    """
    argument = next(
        (pointer for pointer, _ in leaves(arguments) if pattern(pointer) == attempt.edge_argument),
        None,
    )
    key_property = attempt.role.references[attempt.edge_argument]
    if argument is None:
        raise Unplayable(UnplayableReason.NOTHING_REUSED)
    shown = shown_target_keys(attempt)
    filters = attempt.role.listing.filters

    def shows_something_new(key: object) -> bool:
        # A filter by what no entity has finds nothing, one by what is known nothing new.
        return (
            argument[1:] not in filters
            or attempt.role.target.resource is None
            or not shown.issuperset(keys_matching(attempt, argument, key))
        )

    choice = refer_to_shown(
        attempt,
        attempt.edge_argument,
        attempt.scene.resources[key_property[0]],
        key_property,
        producer=attempt.edge_producer,
        accepts=shows_something_new,
    )
    if choice is None:
        raise Unplayable(UnplayableReason.NOTHING_REUSED)
    attempt.sources_used += 1
    attempt.bound[key_property] = choice.key
    attempt.reused = argument, choice


def bind_references(attempt: WishAttempt, arguments: dict[str, object]) -> set[JsonPointer]:
    """Replace every sampled value that names an entity by the key of one that exists.

    What an entity lies under comes before it. Returns the pointers of the arguments that a
    referring expression or a lookup covers.
    """
    if not attempt.target_arguments:
        attempt.target_arguments = draw_target_arguments(attempt)
    covered: set[JsonPointer] = set()
    references = attempt.role.references
    if attempt.reused is not None:
        argument, choice = attempt.reused
        _apply(attempt, arguments, argument, choice, references[attempt.edge_argument])
        covered.add(argument)
    for argument, key_property in _in_path_order(attempt, arguments):
        if argument in covered:
            continue
        resource = attempt.scene.resource(key_property[0])
        if resource is None or resource.virtual:
            # Any key is taken to exist, but entities lie under some keys and not under others.
            key = attempt.target_arguments.get(argument[1:])
            if key is not None and sayable(key):
                replace_at(arguments, argument, key)
                attempt.bound[key_property] = key
            continue
        try:
            chosen = _choose(attempt, argument, resource, key_property)
        except Unplayable:
            # An optional argument whose entity nobody can name is left out.
            required = attempt.tool.input_schema.get("required", ())
            if argument.count("/") > 1 or argument[1:] in required:
                raise
            del arguments[argument[1:]]
            continue
        if chosen is not None:
            _apply(attempt, arguments, argument, chosen, key_property)
            covered.add(argument)
    return covered


def _in_path_order(
    attempt: WishAttempt, arguments: Arguments
) -> list[tuple[JsonPointer, ResourceProperty]]:
    """The arguments that name entities: those of the path from the outside in, then the others."""
    scope = [argument for _, argument in attempt.role.target.scope if argument]
    ranks = {f"/{argument}": rank for rank, argument in enumerate(scope)}
    references = [
        (pointer, key_property)
        for pointer, _ in leaves(arguments)
        if (key_property := matching(pointer, attempt.role.references))
    ]
    return sorted(references, key=lambda pair: (ranks.get(pair[0], _AFTER_PATH), pair[0]))


def _apply(
    attempt: WishAttempt,
    arguments: dict[str, object],
    argument: JsonPointer,
    choice: Choice,
    key_property: ResourceProperty,
) -> None:
    """Make a choice an argument of the call, and let the user name its entity."""
    if choice.source is None:
        replace_at(arguments, argument, choice.key)
    else:
        # Null holds the place; the step's bindings say what it becomes.
        replace_at(arguments, argument, None)
        attempt.bindings[argument] = choice.source
    attempt.mentions.append(Mention(argument, choice.words, choice.kind))
    resource = attempt.scene.resources[key_property[0]]
    name_entity(attempt, argument, arguments, resource, choice)


def _choose(
    attempt: WishAttempt, argument: JsonPointer, resource: Resource, key_property: ResourceProperty
) -> Choice | None:
    """An entity for one argument: from an earlier result, from a lookup, or by its key.

    None if the sampled value may stand, and the call decides whether it does.
    """
    rng = attempt.scene.rng
    target_key = attempt.target_arguments.get(argument[1:])
    if attempt.request.reuse or rng.random() < _REUSE_SHARE:
        accepts = _accepts(target_key if attempt.reused is not None else None)
        choice = refer_to_shown(attempt, argument, resource, key_property, accepts=accepts)
        if choice is not None:
            attempt.sources_used += 1
            attempt.bound[key_property] = choice.key
            return choice
    if attempt.request.lookup != "none" and rng.random() < _LOOKUP_SHARE:
        choice = _look_up(attempt, Wanted(argument, resource, key_property, target_key))
        if choice is not None:
            return choice
    return _by_key(attempt, argument, resource, key_property)


def _accepts(target_key: object) -> Callable[[object], bool]:
    """Whether a key is the one that the call's target needs; any is if it needs none."""
    return lambda key: target_key is None or str(key) == str(target_key)


def _look_up(attempt: WishAttempt, wanted: Wanted) -> Choice | None:
    """An entity that a lookup finds: through its owner, through what refers to it, on a list."""
    if attempt.request.lookup == "nested":
        choice = look_up_through_owner(attempt, wanted)
        if choice is not None:
            return choice
    if should_look_up_through_holder(attempt, wanted):
        choice = look_up_through_holder(attempt, wanted)
        if choice is not None:
            return choice
    return look_up(attempt, wanted) or look_up_under_owner(attempt, wanted)


def _nameable_entities(
    attempt: WishAttempt, resource: Resource, key_property: ResourceProperty
) -> list[dict[str, Any]]:
    """Entities that a user could name by their keys.

    What a list shows is what the user may have seen; the world may hold entities that no list
    shows.
    """
    resource_name, key_name = key_property
    call = next(listing_calls(attempt, resource), None)
    entities = [item for item in call.answer.items if key_name in item] if call else []
    if not entities:
        existing = attempt.world.entities(resource_name).values()
        entities = [entity for entity in existing if key_name in entity]
    # From one place to another, not to itself.
    bound = attempt.bound.get(key_property)
    return [entity for entity in entities if entity[key_name] != bound] or entities


def _by_key(
    attempt: WishAttempt, argument: JsonPointer, resource: Resource, key_property: ResourceProperty
) -> Choice | None:
    """An entity that the user names by its key; Unplayable if people do not say such keys.

    None if there is no entity, or if the argument does not take its key.
    """
    rng, key_name = attempt.scene.rng, key_property[1]
    key = attempt.target_arguments.get(argument[1:])
    entities = _nameable_entities(attempt, resource, key_property)
    if key is None:
        if not entities:
            return None
        key = rng.choice(entities)[key_name]
    is_at_hand = not attempt.scene.choosy or attempt.tool.name in attempt.scene.keys_at_hand
    if not sayable(key) or (opaque(key) and not is_at_hand):
        raise Unplayable(UnplayableReason.KEY_OF_RESOURCE_NOBODY_SAYS, resource=resource.name)
    # A `$ref` cannot be followed without the tool's definitions; the call is checked as a whole.
    schema = attempt.tool.input_schema.get("properties", {}).get(argument[1:])
    if schema is not None and "$ref" not in schema and check(schema, key):
        return None
    attempt.bound[key_property] = key
    return Choice(key, by_key(resource.name, key, rng), "key")
