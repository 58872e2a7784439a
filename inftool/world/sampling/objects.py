"""Sampled objects: what is required, what is likely, and what belongs together."""

from __future__ import annotations

from inftool.language.identifiers import noun as noun_of
from inftool.language.identifiers import split, squash
from inftool.world.lexicon.vocabulary import WORDS
from inftool.world.lexicon.word_groups import word_sets
from inftool.world.sampling.coherence.date_order import order_dates
from inftool.world.sampling.coherence.kinds import match_kinds
from inftool.world.sampling.coherence.state_dates import fit_to_state
from inftool.world.sampling.coherence.totals import reconcile_totals
from inftool.world.sampling.context import (
    MAX_DEPTH,
    MAX_REQUIRED_DEPTH,
    FieldPosition,
    SamplingContext,
)
from inftool.world.sampling.examples import examples_of
from inftool.world.sampling.named_values.entity_names import own_name
from inftool.world.sampling.named_values.facts import Facts
from inftool.world.schema.shape import Shape, integer_keyword

_WORDS = word_sets("object")
# Deeper than this, most optional properties are left out to keep values small: what people ask for
# is in the first three levels.
_RARE_DEPTH = 2
_RARE_SHARE = 0.4
# If the share of optional properties is larger than this, those by which people recognize an entity
# (name, status, price) are always present.
_USUAL_SHARE = 0.6
# A map with free keys gets two entries, a deep one gets one. No map gets more than 20: the keys are
# distinct words from a list of 29.
_MAP_ENTRIES, _DEEP_MAP_ENTRIES, _MAX_MAP_ENTRIES = 2, 1, 20


def sample_object(
    context: SamplingContext, shape: Shape, position: FieldPosition, facts: Facts | None
) -> dict[str, object]:
    """An object of a shape; `facts` are those of the object around it, if there is one."""
    depth = position.depth
    inner = _facts_inside(context, position, facts)
    # The names of sibling properties give meaning: `last` beside `first` is a surname.
    inner.names |= shape.property_names
    out: dict[str, object] = {}
    for prop, prop_shape in shape.properties.items():
        required = prop in shape.required
        if _is_list_of_itself(shape, prop_shape):
            # Such as the replies to a reply: one level is enough.
            if required or depth == 0:
                out[prop] = []
        elif depth > MAX_REQUIRED_DEPTH:
            continue
        elif required and depth > MAX_DEPTH and prop_shape.may_be_null:
            out[prop] = None
        elif required or not _is_left_out(context, shape, prop, depth):
            out[prop] = context.value_at(prop_shape, position.property(prop), inner)
    if not shape.properties:
        out.update(_open_properties(context, shape, position, inner))
    if depth <= MAX_REQUIRED_DEPTH:
        _add_undeclared(context, shape, position, out, inner)
        _reach_min_properties(context, shape, position, out, inner)
    match_kinds(out, shape)
    order_dates(out, context.settings.now)
    fit_to_state(out, shape, context.settings.now)
    reconcile_totals(out)
    return out


def _facts_inside(context: SamplingContext, position: FieldPosition, facts: Facts | None) -> Facts:
    """The facts of an object at a position: its own, or those of the object around it."""
    label = noun_of(position.name) if position.name else ""
    if label and label not in _WORDS["nameless"]:
        noun = split(label)
    else:
        # The `data` of an order is still the order.
        noun = facts.noun if facts is not None else ()
    if facts is not None and (
        not noun
        or noun == facts.noun
        or label.endswith("address")
        or label in _WORDS["part_of_parent"]
    ):
        return facts
    return context.facts(noun)


def _is_list_of_itself(shape: Shape, prop_shape: Shape) -> bool:
    """Whether a property is a list of objects of the same schema, and may be empty."""
    if not shape.name or not prop_shape.has("array"):
        return False
    array = prop_shape.array()
    return (
        array is not None
        and array.items is not None
        and array.items.name == shape.name
        and not array.node.get("minItems")
    )


def _is_left_out(context: SamplingContext, shape: Shape, prop: str, depth: int) -> bool:
    """Whether to leave out an optional property, by chance or because the value is large enough."""
    if context.budget < 0 or depth >= MAX_DEPTH:
        return True
    if depth > _RARE_DEPTH and context.rng.random() > _RARE_SHARE:
        return True
    prop_shape = shape.properties[prop]
    # The schema refers to itself, as with the `parent` of a folder.
    if prop_shape.has("object") and prop_shape.name and prop_shape.name == shape.name:
        return True
    if context.rng.random() <= context.optional:
        return False
    is_usual = squash(prop) in _WORDS["usual"] and depth == 0
    return not (is_usual and context.optional > _USUAL_SHARE)


def _open_properties(
    context: SamplingContext, shape: Shape, position: FieldPosition, facts: Facts
) -> dict[str, object]:
    """The entries of an object that declares no properties, such as a map of labels."""
    extra = shape.node.get("additionalProperties")
    if not isinstance(extra, dict):
        return _free_properties(context, shape, position, facts)
    if position.depth > MAX_DEPTH:
        return {}
    least = integer_keyword(shape.node, "minProperties", 0)
    usual = _DEEP_MAP_ENTRIES if position.depth > _RARE_DEPTH else _MAP_ENTRIES
    keys = context.rng.sample(WORDS, min(max(least, usual), _MAX_MAP_ENTRIES))
    entry = Shape(extra, shape.root)
    return {key: context.value_at(entry, position.item(""), facts) for key in keys}


def _free_properties(
    context: SamplingContext, shape: Shape, position: FieldPosition, facts: Facts
) -> dict[str, object]:
    """The entries of an object whose schema does not say what they hold: those of its example."""
    examples = [item for item in examples_of(shape.node) if isinstance(item, dict)]
    entries = dict(examples[0]) if examples else {}
    least = integer_keyword(shape.node, "minProperties", 0)
    if len(entries) < least and not shape.closed and position.depth <= MAX_REQUIRED_DEPTH:
        keys = context.rng.sample(WORDS, min(least, _MAX_MAP_ENTRIES))
        entries |= {key: own_name(facts) for key in keys}
    return entries


def _add_undeclared(
    context: SamplingContext,
    shape: Shape,
    position: FieldPosition,
    out: dict[str, object],
    facts: Facts,
) -> None:
    """Add what the schema requires without declaring it among its properties."""
    extra = shape.node.get("additionalProperties")
    for prop in shape.required:
        if prop not in out and prop not in shape.properties:
            undeclared = Shape(extra if isinstance(extra, dict) else {}, shape.root)
            out[prop] = context.value_at(undeclared, position.property(prop), facts)


def _reach_min_properties(
    context: SamplingContext,
    shape: Shape,
    position: FieldPosition,
    out: dict[str, object],
    facts: Facts,
) -> None:
    """Add optional properties until an object has as many as `minProperties` asks for."""
    least = integer_keyword(shape.node, "minProperties", 0)
    for prop, prop_shape in shape.properties.items():
        if len(out) >= least:
            break
        # The value is drawn even if the property is present. Skipping it would change all later
        # draws, and with them the worlds of existing seeds.
        out.setdefault(prop, context.value_at(prop_shape, position.property(prop), facts))
