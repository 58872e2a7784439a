"""A scenario in the making: the world as the steps so far have left it, what they answered, and what the user has said."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from inftool.core.blueprints import Detail, Fact, Reference, ReferenceKind, Step
from inftool.core.step_references import StepRef
from inftool.core.tools import Tool
from inftool.core.types import JsonObject, JsonPointer
from inftool.language.values import normalize, say
from inftool.scenarios.composition.options import ComposeOptions
from inftool.scenarios.resolution.resolver import ConversationMemory
from inftool.scenarios.wording.sentences import sentences
from inftool.scenarios.world_pool import WorldPool
from inftool.world.resources.models import Resource, Role
from inftool.world.world import World

MAX_TOLD = 4


def key_of(value: Any) -> str:
    """A scalar made comparable: 1 and 1.0 are the same, and "42" stands for 42."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return str(value).casefold()


def scalars(value: Any) -> frozenset[str]:
    """Every scalar in an answer, made comparable."""
    found: set[str] = set()
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            stack += item.values()
        elif isinstance(item, list):
            stack += item
        elif item is not None and not isinstance(item, bool):
            found.add(key_of(item))
    return frozenset(found)


class Choice(NamedTuple):
    """The thing chosen for an argument."""

    key: Any
    """The value that the argument becomes."""

    words: str
    """What the user calls the thing."""

    kind: ReferenceKind

    source: StepRef | None = None
    """Which earlier result the key is taken from; None if the user says the key itself."""


@dataclass
class ComposedRequest:
    """What became of one tool: the words of a turn and the steps behind them."""

    tool: Tool
    intent: str
    details: list[Detail] = field(default_factory=list)
    asks: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    base: str = ""
    noun: str = ""
    target: str = ""
    refusal: str = ""
    qualifiers: list[tuple[str, str]] = field(default_factory=list)

    def text(self) -> str:
        """Everything the user says of it, as it is said."""
        return " ".join([f"{self.intent}.", *sentences(self.details), *self.asks])

    def said(self) -> str:
        """The same, normalised."""
        return normalize(self.text())


@dataclass
class Scene:
    """Where wishes are composed. `is_open` tells of a coverage cell whether it is still open (nothing is, by default).

    `choosy`: wishes with an opaque key, or whose answer holds nothing worth telling, are passed over for better ones. `self_corrects`: the user may say a
    value wrong at first and correct it in the same breath. `keys_at_hand`: tools that a key is copied into, since there is no other way to use them. `session`: what nobody says
    and every call that takes it is given, by the name of the argument.
    """

    pool: WorldPool
    api: str
    world: World
    rng: random.Random
    block: int = 0
    choosy: bool = True
    self_corrects: bool = False
    keys_at_hand: set[str] = field(default_factory=set)
    is_open: Callable[[str], bool] = lambda cell: False
    results: dict[str, Any] = field(default_factory=dict)
    memory: ConversationMemory = field(default_factory=ConversationMemory)
    tool_by_step: dict[str, str] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    session: JsonObject = field(default_factory=dict)
    used_tools: set[str] = field(default_factory=set)
    steps_taken: list[Step] = field(default_factory=list)
    shown_keys: dict[str, frozenset[str]] = field(default_factory=dict)
    told_keys: dict[str, frozenset[str]] = field(default_factory=dict)
    relied_on: set[str] = field(default_factory=set)
    count: int = 0

    def role(self, tool: str) -> Role:
        """What a tool does to the world."""
        return self.pool.maps[self.api].roles[tool]

    def resource(self, name: str | None) -> Resource | None:
        """A resource by name."""
        return self.resources.get(name) if name else None

    @property
    def resources(self) -> dict[str, Resource]:
        """All resources of the scene's API."""
        return self.pool.maps[self.api].resources

    def next_id(self) -> str:
        """A new step's id."""
        self.count += 1
        return f"s{self.count}"

    def shown_resources(self) -> set[str]:
        """The kinds of things that were shown."""
        return {thing.resource for thing in self.memory.things}

    def same_step(self, step: Step, answer: Any) -> Step | None:
        """An earlier call that is the same and would still be answered the same: nobody looks that up twice."""
        return next(
            (
                old
                for old in self.steps_taken
                if old.tool == step.tool
                and old.arguments == step.arguments
                and old.bindings == step.bindings
                and self.results.get(old.id) == answer
            ),
            None,
        )

    def commit(self, draft: WishAttempt, wish: ComposedRequest) -> None:
        """Make a draft that succeeded true: its world, its results, what it showed and said."""
        self.world, self.results, self.memory = draft.fork, draft.results, draft.memory
        self.texts.append(f"{wish.said()} {' '.join(say(fact.value) for fact in wish.facts)}")
        self.used_tools.update(step.tool for step in wish.steps if step.goal)
        self.tool_by_step.update({step.id: step.tool for step in wish.steps})
        self.steps_taken += wish.steps
        self.shown_keys, self.session, self.relied_on = (
            draft.shown_keys,
            draft.session,
            draft.relied_on,
        )
        for step in wish.steps:
            if not step.anew and step.goal and wish.tool.effect == "read" and wish.facts:
                self.told_keys[step.id] = frozenset(
                    key_of(fact.value) for fact in wish.facts if fact.step == step.id
                )


@dataclass
class WishAttempt:
    """One attempt at a wish; nothing of it touches the scene until it has succeeded.

    `wanted`: the arguments that point at the one thing chosen beforehand. `bindings`: what its
    arguments take from earlier results. `pointed`: pointer, words and kind of each reference; `beside`: those that a lookup needs. `demand`: the argument
    (a pattern) that an answer of `producer` (any, where it is empty) has to give, `held` the place and the thing that were taken for it. `anew`: what was
    shown before is read again. `toward`: an edge along which its answer had better lead on.
    """

    scene: Scene
    tool: Tool
    role: Role
    request: ComposeOptions
    fork: World
    memory: ConversationMemory
    steps: list[Step] = field(default_factory=list)
    results: dict[str, Any] = field(default_factory=dict)
    details: list[Detail] = field(default_factory=list)
    bound: dict[tuple[str, str], Any] = field(default_factory=dict)
    bindings: dict[JsonPointer, StepRef] = field(default_factory=dict)
    wanted: JsonObject = field(default_factory=dict)
    target: str = ""
    about: list[tuple[str, str]] = field(default_factory=list)
    pointed: list[tuple[str, str, ReferenceKind]] = field(default_factory=list)
    beside: list[Reference] = field(default_factory=list)
    held: tuple[str, Choice] | None = None
    shown_keys: dict[str, frozenset[str]] = field(default_factory=dict)
    session: JsonObject = field(default_factory=dict)
    relied_on: set[str] = field(default_factory=set)
    used: int = 0

    @property
    def demand(self) -> str:
        """The argument (a pattern) that an earlier result has to give; empty where any will do."""
        edge = self.request.reuse.edge if self.request.reuse else None
        return edge.argument if edge else ""

    @property
    def producer(self) -> str:
        """The tool whose answer has to give it; empty where any will do."""
        edge = self.request.reuse.edge if self.request.reuse else None
        return edge.producer if edge else ""

    @property
    def read_again(self) -> bool:
        """Whether what was shown before is read again."""
        return self.request.reuse is not None and self.request.reuse.read_again

    def news(self, step: str, value: Any) -> bool:
        """Whether a value is known from one step's answer alone."""
        key = key_of(value)
        return not any(key in keys for other, keys in self.shown_keys.items() if other != step)

    def tool_of(self, step: str) -> str:
        """The tool of an earlier step."""
        return next(
            (item.tool for item in self.steps if item.id == step), ""
        ) or self.scene.tool_by_step.get(step, "")

    def savepoint(self) -> Callable[[], None]:
        """What takes back the lookups that are performed from here on; they only read, so the world needs no taking back."""
        memory, scene = self.memory, self.scene
        before = (
            list(self.steps),
            dict(self.results),
            dict(self.shown_keys),
            list(memory.things),
            memory.lists,
            scene.count,
        )

        def undo() -> None:
            self.steps, self.results, self.shown_keys, memory.things, memory.lists, scene.count = (
                before
            )

        return undo

    def perform(self, step: Step, arguments: JsonObject, *, looked_up: bool) -> None:
        """Run a lookup in the draft's world and remember what it shows."""
        result = self.fork.call(step.tool, arguments)
        self.steps.append(step)
        self.results[step.id] = result.body
        self.shown_keys[step.id] = scalars(result.body)
        role = self.scene.role(step.tool)
        if role.target.resource is not None:
            self.memory.learn(
                role.target.resource,
                step.id,
                result.body,
                role.response.items,
                role.response.item,
                looked_up=looked_up,
            )
