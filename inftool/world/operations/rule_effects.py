"""What a call does to other entities because the world's own rules say so."""

from __future__ import annotations

from inftool.core.json_pointer import set_at
from inftool.core.json_values import copied
from inftool.world.operations.calls import Call
from inftool.world.operations.targets import entity_referred_to
from inftool.world.rules import meets
from inftool.world.seeding.entries import Entry


def apply_rule_effects(call: Call, entry: Entry | None) -> None:
    """Do what the rules say a call that went through does to other entities.

    `entry` is the call's own entity as it was before. Effects come in the order of the rules file:
    a slot is freed before one is taken, even where both are the same.
    """
    if call.world.rules is None:
        return
    for effect in call.world.rules.effects:
        applies = effect.tool == call.tool.name and meets(call.arguments, effect.when)
        if effect.of is None or not applies:
            continue
        name, other = entity_referred_to(call, entry, effect.of)
        if other is None:
            continue
        value = copied(other.value)
        for pointer, item in effect.changes(call.arguments):
            set_at(value, pointer, item)
        # A change of nothing writes nothing, so that the digest stays.
        if value != other.value:
            call.world.replace(name, other, value)
