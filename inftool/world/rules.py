"""A world's own rules: seed data, state transitions, constraints and effects.

They say what no API description can, and are written in `specs/NAME.world.yaml` (see `rule_files`).
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b

from pydantic import Field

from inftool.core.json_pointer import find_at
from inftool.core.json_values import canonical
from inftool.core.types import Arguments, JsonObject, Record
from inftool.world.seeding.base import SeededBase


class Constraint(Record):
    """When a call of `tool` is refused: all of `when` hold, or not all of `unless` do."""

    tool: str
    """The tool's name."""
    of: str | None = None
    """The entity looked at: the one that this argument (`slot_id`) or property of the tool's own
    entity (`/slot_id`) refers to; None for that entity itself."""
    when: JsonObject = Field(default_factory=dict)
    """Property or JSON pointer -> the value it has, or a list of values that will do."""
    unless: JsonObject = Field(default_factory=dict)
    """As `when`."""
    status: int = Field(default=409, ge=400, le=499)
    """The status of the refusal."""
    message: str
    """What the refusal says."""


class Effect(Record):
    """What else a call of `tool` does."""

    tool: str
    """The tool's name."""
    of: str | None = None
    """The entity changed, as in a constraint."""
    when: JsonObject = Field(default_factory=dict)
    """Argument -> the value it must have for the effect, or a list of values that will do."""
    set: JsonObject = Field(default_factory=dict)
    """JSON pointer -> the value put there; "$name" is the argument of that name."""

    def changes(self, arguments: Arguments) -> list[tuple[str, object]]:
        """What is put where for some arguments: (JSON pointer, value) pairs.

        An argument that the call does not give changes nothing.
        """
        changes: list[tuple[str, object]] = []
        for pointer, value in self.set.items():
            # A text that begins with "$" is always an argument: rules have no use for the text
            # itself.
            if not isinstance(value, str) or not value.startswith("$"):
                changes.append((pointer, value))
            elif value[1:] in arguments:
                changes.append((pointer, arguments[value[1:]]))
        return changes


class Rules(Record):
    """The rules of one world."""

    seed: dict[str, list[JsonObject]] = Field(default_factory=dict)
    """Resource -> what its first entities are made with."""
    transitions: dict[str, dict[str, list[str]]] = Field(default_factory=dict)
    """Resource -> state -> the states that may follow it."""
    constraints: tuple[Constraint, ...] = ()
    """Looked at before a call."""
    effects: tuple[Effect, ...] = ()
    """Done after a call, in this order."""

    def prepare(self, base: SeededBase) -> None:
        """Make a base world follow these rules (before its first use)."""
        base.fixed = self.seed
        # Worlds with other rules must not share snapshots or digests.
        text = f"{base.identity}\x1f{canonical(self.model_dump(mode='json'))}"
        base.identity = blake2b(text.encode(), digest_size=32).hexdigest()

    def allows(self, resource: str, state: str, target: str) -> bool | None:
        """Whether a state may be followed by another; None where the rules do not say."""
        table = self.transitions.get(resource)
        return None if table is None else target in table.get(state, ())

    def changes_by(self, tool: str, arguments: Arguments) -> list[tuple[str, object]]:
        """What a call puts where in its own entity, beyond what the API description implies."""
        chosen = (
            effect
            for effect in self.effects
            if effect.tool == tool and effect.of is None and meets(arguments, effect.when)
        )
        return [change for effect in chosen for change in effect.changes(arguments)]


def meets(value: Mapping[str, object], condition: Mapping[str, object]) -> bool:
    """Whether an object meets a condition: property or JSON pointer -> its value, or a list of
    values that will do."""
    for name, expected in condition.items():
        # A plain name is compared without parsing: conditions are looked at on every call.
        actual = find_at(value, name) if name.startswith("/") else value.get(name)
        if actual not in (expected if isinstance(expected, list) else [expected]):
            return False
    return True
