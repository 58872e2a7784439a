"""The state of a conversation while it is composed, and the requests that it is composed of."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from inftool.core.blueprints import Detail, Fact, Reference, Step
from inftool.core.tools import Tool
from inftool.language.values import normalize
from inftool.scenarios.resolution.memory import ConversationMemory
from inftool.scenarios.wording.sentences import sentences
from inftool.scenarios.world_pool import WorldPool
from inftool.world.resources.models import Resource, Role
from inftool.world.world import World

MAX_TOLD = 4
"""How many entities at the head of a list are told to the user. More of them make an answer that
nobody listens to, and the ordinals of referring expressions go to "fourth"."""

# Whole floats are exact below 2**53, about 9e15; larger ones keep their own notation.
_MAX_EXACT = 1e15


def comparable(value: object) -> str:
    """A scalar as text by which values are compared, whatever their type and case.

    `42.0` -> `"42"`, `"42"` -> `"42"`.
    """
    if isinstance(value, float) and value.is_integer() and abs(value) < _MAX_EXACT:
        value = int(value)
    return str(value).casefold()


def comparable_scalars(value: object) -> frozenset[str]:
    """Every scalar in an answer but null and booleans, as `comparable` text."""
    keys: set[str] = set()
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            stack += item.values()
        elif isinstance(item, list):
            stack += item
        # True and null stand in every other answer, and identify nothing.
        elif item is not None and not isinstance(item, bool):
            keys.add(comparable(item))
    return frozenset(keys)


@dataclass
class ComposedRequest:
    """One request of the user: the words for it, and the steps that fulfill it."""

    tool: Tool
    """The tool that fulfills it."""

    intent: str
    """What the user wants, in words: "cancel the order of Ana Ruiz"."""

    details: list[Detail] = field(default_factory=list)
    """What the user says about it."""

    asks: list[str] = field(default_factory=list)
    """What the user wants to be told, in words."""

    steps: list[Step] = field(default_factory=list)
    """The lookups, then the call itself."""

    facts: list[Fact] = field(default_factory=list)
    """The values that have to be told."""

    references: list[Reference] = field(default_factory=list)
    """The referring expressions for the entities that the steps name."""

    base: str = ""
    """The intent before it names its target: "cancel an order"."""

    noun: str = ""
    """The noun for the target: "order"."""

    target: str = ""
    """The referring expression for the target, empty if the intent does not name it."""

    refusal: str = ""
    """What the world says when it refuses the call, empty if it does not."""

    qualifiers: list[tuple[str, str]] = field(default_factory=list)
    """What the target belongs to, as far as the intent names it: (noun, referring expression)."""

    def text(self) -> str:
        """Everything that the user says about it, as it is said."""
        return " ".join([f"{self.intent}.", *sentences(self.details), *self.asks])

    def normalized_text(self) -> str:
        """The same, normalized for comparison with values."""
        return normalize(self.text())


@dataclass
class Scene:
    """A conversation in the making: the world so far, what was shown, what was said.

    It changes only when a `WishAttempt` that succeeded is committed to it.
    """

    pool: WorldPool
    """The tools of all APIs, and the worlds."""

    api: str
    """The API that the conversation is about."""

    world: World
    """The world after the steps so far."""

    rng: random.Random
    """All random choices are drawn from it."""

    block: int = 0
    """The number of the stretch of a run that shares one world."""

    choosy: bool = True
    """Refuse opaque keys, and readings whose answer holds nothing worth telling."""

    self_corrects: bool = False
    """The user may say a value wrong at first, and correct it in the same sentence."""

    keys_at_hand: set[str] = field(default_factory=set)
    """Tools that the user has an opaque key for, as there is no other way to use them."""

    is_open: Callable[[str], bool] = lambda cell: False
    """Whether a coverage cell is still open; none is, by default."""

    results: dict[str, Any] = field(default_factory=dict)
    """By step id, the body that it answered."""

    memory: ConversationMemory = field(default_factory=ConversationMemory)
    """The entities that the answers showed."""

    tool_by_step: dict[str, str] = field(default_factory=dict)
    """By step id, the name of its tool."""

    texts: list[str] = field(default_factory=list)
    """What was said and told so far, normalized, one text for each request."""

    session: dict[str, Any] = field(default_factory=dict)
    """By argument, the value that every call which takes it is given, and that nobody says."""

    used_tools: set[str] = field(default_factory=set)
    """The tools that requests were made for."""

    steps_taken: list[Step] = field(default_factory=list)
    """All steps so far."""

    shown_keys: dict[str, frozenset[str]] = field(default_factory=dict)
    """By step id, every scalar of its answer as `comparable` text."""

    told_keys: dict[str, frozenset[str]] = field(default_factory=dict)
    """By the id of a step that only reads, the values that were told from its answer."""

    relied_on: set[str] = field(default_factory=set)
    """Steps whose answers give later steps what nothing else gives."""

    count: int = 0
    """How many steps were numbered."""

    def role(self, tool: str) -> Role:
        """What a tool does to the world."""
        return self.pool.maps[self.api].roles[tool]

    def resource(self, name: str | None) -> Resource | None:
        """A resource by name; None if there is no such resource."""
        return self.resources.get(name) if name else None

    @property
    def resources(self) -> dict[str, Resource]:
        """All resources of the scene's API."""
        return self.pool.maps[self.api].resources

    def next_id(self) -> str:
        """The id of a new step: "s1", "s2"."""
        self.count += 1
        return f"s{self.count}"

    def shown_resources(self) -> set[str]:
        """The resources of which an entity was shown."""
        return {entity.resource for entity in self.memory.things}

    def same_step(self, step: Step, answer: object) -> Step | None:
        """An earlier step that makes the same call and got the same answer, so that a lookup of it
        need not be repeated; None if there is none.
        """
        # The same call may be answered otherwise after a change, and then it is worth making again.
        for earlier in self.steps_taken:
            if (
                earlier.tool == step.tool
                and earlier.arguments == step.arguments
                and earlier.bindings == step.bindings
                and self.results.get(earlier.id) == answer
            ):
                return earlier
        return None
