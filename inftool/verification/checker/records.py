"""Records of a checker: what a blueprint demands of a conversation, as data."""

from __future__ import annotations

from inftool.core.blueprints import Fact
from inftool.core.types import JsonObject, JsonPointer, Record


class Requirement(Record):
    """One call that a conversation has to hold."""

    step: str
    """The id of the step of the plan that it comes from."""

    tool: str
    """The name of the tool."""

    arguments: JsonObject
    """The arguments as they are in the seeded world, references filled in."""

    turn: int
    """The number (from 0) of the turn it belongs to."""

    after: tuple[str, ...] = ()
    """The steps whose calls must come first."""

    goal: bool = True
    """False where the call may be left out: it only finds what a later one needs."""

    changes: bool = False
    """Whether the world's state is another one after it."""

    refused: int | None = None
    """The status with which the world is meant to refuse it."""

    free: tuple[JsonPointer, ...] = ()
    """Arguments that may have any value: perturbing them changes nothing that counts."""


class Checker(Record):
    """A blueprint's own test.

    From the state `start`, the calls lead to the state `end` in any order that `after` allows.
    """

    start: str
    """The digest of the world before the first call."""

    end: str
    """The digest of the world after the last one."""

    calls: tuple[Requirement, ...] = ()
    """The calls, in the order of the plan."""

    tell: tuple[tuple[int, Fact], ...] = ()
    """What the user must be told, each with the number (from 0) of its turn."""

    decline: tuple[int, ...] = ()
    """The numbers of the turns that the assistant must decline."""
