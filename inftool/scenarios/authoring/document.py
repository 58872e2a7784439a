"""Blueprints written by hand: what the user wants and says, which calls fulfill it, what is told.

A written blueprint is run in the seeded world before it is handed out, so that every blueprint has
a plan that works.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from pydantic import Field

from inftool.core.blueprints import Blueprint, Category, Detail, Fact, Persona, Step, Turn, WorldRef
from inftool.core.errors import ScenarioError
from inftool.core.json_pointer import Unresolved, at_pointer
from inftool.core.step_references import split_references
from inftool.core.types import JsonObject, Record
from inftool.language.values import say
from inftool.scenarios.plan import resolve, source_steps
from inftool.scenarios.sampling.schedule import difficulty
from inftool.scenarios.world_pool import WorldPool
from inftool.specs import violations
from inftool.world.world import World

PLAIN = Persona(
    name="plain",
    about="Somebody who wants something done.",
    manner="Plain and polite.",
    openers=("Hello.",),
    requests=("I'd like to {intent}.",),
    closers=("",),
    replies=("{Reply}.",),
)
"""The persona of a blueprint that names none."""


class Misplaced(ScenarioError):
    """Something in a blueprint written by hand does not hold."""

    place: tuple[str | int, ...]
    """Where: keys and indices from the top of the document."""

    def __init__(self, message: str, place: tuple[str | int, ...], hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.place = place


class WrittenCall(Record):
    """One call of the plan."""

    tool: str
    """The name of the tool."""

    arguments: JsonObject = Field(default_factory=dict)
    """Its arguments. A value `{"$from": "s1", "at": "/data/0/id"}` is taken from the result of an
    earlier call; calls are counted s1, s2, ... through all turns."""

    lookup: bool = False
    """Whether the call only finds out what a later one needs."""


class WrittenTurn(Record):
    """One request of the user."""

    want: str
    """What they want, as an imperative in lower case: "cancel my order"."""

    say: JsonObject = Field(default_factory=dict)
    """What they say with it: name -> value."""

    withhold: tuple[str, ...] = ()
    """Names of `say` that they tell only when they are asked."""

    calls: tuple[WrittenCall, ...] = ()
    """The calls that fulfill the request, in order."""

    tell: dict[str, JsonObject] = Field(default_factory=dict)
    """What they must be told: the words that they ask with -> a reference to a result, written as
    in `WrittenCall.arguments`."""


def write_blueprint(
    stage: WorldPool,
    turns: Sequence[WrittenTurn],
    *,
    api: str | None = None,
    tools: Sequence[str] | None = None,
    persona: Persona = PLAIN,
    category: Category = "multi_turn_base",
    seed: int = 0,
) -> Blueprint:
    """A blueprint made of turns written by hand, its plan run in the seeded world of `api`.

    `api` is the first of the pool by default, `tools` (those that are visible) all of that API.
    ScenarioError names the turn and the call where a plan does not run.
    """
    api_name = api or stage.api_names[0]
    if api_name not in stage.api_names:
        raise ScenarioError(
            f"there is no API {api_name!r}", hint=f"there are: {', '.join(stage.api_names)}"
        )
    writer = _Writer(stage, stage.world(api_name, seed))
    digest = writer.world.digest()
    for number, turn in enumerate(turns, 1):
        writer.add_turn(number, turn)
    visible = (
        tuple(tools)
        if tools is not None
        else tuple(tool.name for tool in stage.api(api_name).tools)
    )
    plan = ", ".join(map(_step_text, writer.plan))
    content = f"({api_name!r}, {seed!r}, {writer.turns!r}, [{plan}])"
    return Blueprint(
        id=f"written-{hashlib.sha256(content.encode()).hexdigest()[:10]}",
        category=category,
        difficulty=difficulty(writer.turns, writer.plan, len(visible)),
        persona=persona,
        world=WorldRef(api=api_name, seed=seed, digest=digest, expected=writer.world.digest()),
        now=writer.world.now.strftime("%A, %d %B %Y, %H:%M"),
        tools=visible,
        turns=tuple(writer.turns),
        plan=tuple(writer.plan),
    )


class _Writer:
    """Runs written turns one after the other, and collects the turns and steps of a blueprint."""

    def __init__(self, stage: WorldPool, world: World) -> None:
        self._stage = stage
        self._results: dict[str, object] = {}
        self.world = world
        self.plan: list[Step] = []
        self.turns: list[Turn] = []

    def add_turn(self, number: int, turn: WrittenTurn) -> None:
        """Run the calls of a turn (counted from 1), and add it."""
        steps = [self._add_call(number, index, call) for index, call in enumerate(turn.calls)]
        facts = self._facts(number, turn)
        details = tuple(
            Detail(words=words, said=say(value), value=value, withheld=words in turn.withhold)
            for words, value in turn.say.items()
        )
        self.turns.append(
            Turn(
                intent=turn.want,
                details=details,
                asks=tuple(turn.tell),
                steps=tuple(step.id for step in steps),
                facts=facts,
            )
        )

    def _add_call(self, number: int, index: int, call: WrittenCall) -> Step:
        """Run a call of a turn, and add it to the plan; Misplaced if it cannot be run."""
        place = ("turns", number - 1, "calls", index)
        step_id = f"s{len(self.plan) + 1}"
        where = f"turn {number}, call {step_id} ({call.tool})"
        if call.tool not in self._stage.tools:
            raise Misplaced(f"{where}: there is no such tool", (*place, "tool"))
        arguments, bindings = split_references(call.arguments)
        try:
            resolved = resolve(arguments, bindings, self._results)
        except Unresolved as error:
            raise Misplaced(f"{where}: {error}", (*place, "arguments")) from error
        if broken := violations(self._stage.tools[call.tool], resolved):
            raise Misplaced(
                f"{where}: {broken[0].message}", (*place, "arguments", broken[0].argument)
            )
        result = self.world.call(call.tool, resolved)
        if not result.ok:
            raise Misplaced(f"{where}: the world answers {result.status}: {result.body}", place)
        step = Step(
            id=step_id,
            tool=call.tool,
            arguments=arguments,
            bindings=bindings,
            after=source_steps(bindings),
            goal=not call.lookup,
        )
        self._results[step_id] = result.body
        self.plan.append(step)
        return step

    def _facts(self, number: int, turn: WrittenTurn) -> tuple[Fact, ...]:
        """What the user must be told after a turn; Misplaced if the results do not hold it."""
        try:
            return tuple(
                Fact(
                    step=source["$from"],
                    pointer=source["at"],
                    words=words,
                    value=at_pointer(self._results[source["$from"]], source["at"]),
                )
                for words, source in turn.tell.items()
            )
        except (KeyError, Unresolved) as error:
            raise Misplaced(
                f"turn {number}: what is to be told is not in the results: {error}",
                ("turns", number - 1, "tell"),
            ) from error


def _step_text(step: Step) -> str:
    """A step as text, with its references as they were written.

    Ids of blueprints are hashes of it, so it must not change.
    """
    fields = {**dict(step), "arguments": step.written_arguments()}
    del fields["bindings"]
    return f"Step({', '.join(f'{name}={value!r}' for name, value in fields.items())})"
