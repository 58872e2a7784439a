"""One attempt at composing a request; the scene stays as it is until the attempt is committed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from inftool.core.blueprints import Detail, Reference, ReferenceKind, Step
from inftool.core.step_references import StepRef
from inftool.core.tools import Tool
from inftool.core.types import Arguments, JsonPointer
from inftool.language.values import say
from inftool.scenarios.composition.options import ComposeOptions
from inftool.scenarios.composition.scene import (
    ComposedRequest,
    Scene,
    comparable,
    comparable_scalars,
)
from inftool.scenarios.resolution.memory import ConversationMemory
from inftool.world.resources.models import ResourceProperty, Role
from inftool.world.world import World


class Choice(NamedTuple):
    """The entity chosen for an argument."""

    key: Any
    """The value that the argument becomes."""

    words: str
    """The referring expression for the entity."""

    kind: ReferenceKind
    """How the expression refers to it."""

    source: StepRef | None = None
    """Which earlier result the key is taken from; None if the user says the key itself."""


class Mention(NamedTuple):
    """A referring expression for one argument of the call, before the call's step has an id."""

    pointer: JsonPointer
    """The argument."""

    words: str
    """The expression."""

    kind: ReferenceKind
    """How it refers to its entity."""


@dataclass
class WishAttempt:
    """One attempt at composing a request for a tool."""

    scene: Scene
    """The conversation so far."""

    tool: Tool
    """The tool that the request is for."""

    role: Role
    """What the tool does to the world."""

    request: ComposeOptions
    """What kind of request it is to be."""

    world: World
    """A fork of the scene's world, in which the steps are run."""

    memory: ConversationMemory
    """What was shown so far, lookups of this attempt included."""

    results: dict[str, Any]
    """By step id, the body that it answered, lookups of this attempt included."""

    shown_keys: dict[str, frozenset[str]]
    """By step id, every scalar of its answer as `comparable` text."""

    session: dict[str, Any]
    """By argument, the value that every call which takes it is given."""

    relied_on: set[str]
    """Steps whose answers give later steps what nothing else gives."""

    steps: list[Step] = field(default_factory=list)
    """The lookups so far."""

    details: list[Detail] = field(default_factory=list)
    """What the user says about the entities."""

    bound: dict[ResourceProperty, Any] = field(default_factory=dict)
    """By property, the value that was last chosen for it."""

    bindings: dict[JsonPointer, StepRef] = field(default_factory=dict)
    """By argument, the earlier result that its value is taken from."""

    target_arguments: dict[str, Any] = field(default_factory=dict)
    """The arguments that name an entity which was chosen beforehand, and what it lies under."""

    target: str = ""
    """The referring expression for the target, as far as the intent names it."""

    qualifiers: list[tuple[str, str]] = field(default_factory=list)
    """What the target belongs to, as far as the intent names it: (noun, referring expression)."""

    mentions: list[Mention] = field(default_factory=list)
    """The referring expressions for arguments of the call."""

    lookup_references: list[Reference] = field(default_factory=list)
    """The referring expressions for arguments of lookups."""

    reused: tuple[JsonPointer, Choice] | None = None
    """The argument that goes along the edge of the request, and the entity chosen for it."""

    sources_used: int = 0
    """How many arguments take their value from a result."""

    @classmethod
    def begin(cls, scene: Scene, tool: Tool, request: ComposeOptions) -> WishAttempt:
        """An attempt in a fork of the scene's world."""
        return cls(
            scene,
            tool,
            scene.role(tool.name),
            request,
            scene.world.fork(),
            scene.memory.copy(),
            results=dict(scene.results),
            shown_keys=dict(scene.shown_keys),
            session=dict(scene.session),
            relied_on=set(scene.relied_on),
        )

    @property
    def edge_argument(self) -> str:
        """The argument (a pointer pattern) at the end of the request's edge; empty without one."""
        edge = self.request.reuse.edge if self.request.reuse else None
        return edge.argument if edge else ""

    @property
    def edge_producer(self) -> str:
        """The tool at the start of the request's edge; empty without one."""
        edge = self.request.reuse.edge if self.request.reuse else None
        return edge.producer if edge else ""

    @property
    def read_again(self) -> bool:
        """Whether what was shown before is read again."""
        return self.request.reuse is not None and self.request.reuse.read_again

    def only_shown_by(self, step: str, value: object) -> bool:
        """Whether no answer but that of one step shows a value."""
        key = comparable(value)
        return not any(key in keys for other, keys in self.shown_keys.items() if other != step)

    def tool_of(self, step: str) -> str:
        """The tool of a step, empty if there is no such step."""
        for lookup in self.steps:
            if lookup.id == step:
                return lookup.tool
        return self.scene.tool_by_step.get(step, "")

    def savepoint(self) -> Callable[[], None]:
        """A function that takes back the lookups performed from here on.

        Lookups only read, so the world does not change.
        """
        steps, results, shown = list(self.steps), dict(self.results), dict(self.shown_keys)
        entities, lists, count = list(self.memory.things), self.memory.lists, self.scene.count

        def undo() -> None:
            self.steps, self.results, self.shown_keys = steps, results, shown
            self.memory.things, self.memory.lists, self.scene.count = entities, lists, count

        return undo

    def perform(self, step: Step, arguments: Arguments) -> None:
        """Run a lookup in the attempt's world and remember what it shows."""
        result = self.world.call(step.tool, arguments)
        self.steps.append(step)
        self.record_answer(step.id, result.body)
        self.learn(step, result.body, looked_up=True)

    def record_answer(self, step: str, body: object) -> None:
        """Keep what a step answered."""
        self.results[step] = body
        self.shown_keys[step] = comparable_scalars(body)

    def learn(self, step: Step, body: object, *, looked_up: bool) -> None:
        """Remember the entities that a step's answer shows.

        `looked_up`: only the assistant gets to see them; the user was not told about them.
        """
        role = self.scene.role(step.tool)
        if role.target.resource is None:
            return
        response = role.response
        self.memory.learn(
            role.target.resource,
            step.id,
            body,
            response.items,
            response.item,
            looked_up=looked_up,
        )

    def commit(self, wish: ComposedRequest) -> None:
        """Make the attempt part of the scene: its world, its results, what it showed and said."""
        scene = self.scene
        scene.world, scene.results, scene.memory = self.world, self.results, self.memory
        scene.shown_keys, scene.session = self.shown_keys, self.session
        scene.relied_on = self.relied_on
        told = " ".join(say(fact.value) for fact in wish.facts)
        scene.texts.append(f"{wish.normalized_text()} {told}")
        # Tools of lookups stay unused, so that requests can still be made for them.
        scene.used_tools.update(step.tool for step in wish.steps if step.goal)
        scene.tool_by_step.update({step.id: step.tool for step in wish.steps})
        scene.steps_taken += wish.steps
        if wish.tool.effect != "read" or not wish.facts:
            return
        for step in wish.steps:
            # What is read again on request says the same as before, which is no flaw.
            if step.goal and not step.anew:
                scene.told_keys[step.id] = frozenset(
                    comparable(fact.value) for fact in wish.facts if fact.step == step.id
                )
