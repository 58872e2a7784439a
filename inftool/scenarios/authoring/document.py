"""Blueprints written by hand: what the user wants, what they say, which calls fulfil it, and what
they must be told."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

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

PLAIN = Persona(
    name="plain", about=("Somebody who wants "
"something done."), manner="Plain and polite.", openers=("Hello.",), requests=("I'd like to {intent}.",), closers=("",), replies=("{Reply}.",)
)  # fmt: skip


class Misplaced(ScenarioError):
    """Something in a blueprint written by hand does not hold; `place` leads to it: keys and indices
    from the top of the document."""

    def __init__(self, message: str, place: tuple[str | int, ...]) -> None:
        super().__init__(message)
        self.place = place


class WrittenCall(Record):
    """One call of the plan.

    An argument may be `{"$from": "s1", "at": "/data/0/id"}`: a value of an earlier call's result,
    counted s1, s2, … through all turns.
    """

    tool: str
    arguments: JsonObject = Field(default_factory=dict)
    lookup: bool = False


class WrittenTurn(Record):
    """One wish: `want` is an imperative in lower case ("cancel my order"), `say` what the user says
    with it by name, `tell` what they must be told, each
    a reference as in `WrittenCall` under the words the user asks for it with. `withhold` names what
    of `say` is told only when asked for.
    """

    want: str
    say: JsonObject = Field(default_factory=dict)
    withhold: tuple[str, ...] = ()
    calls: tuple[WrittenCall, ...] = ()
    tell: dict[str, JsonObject] = Field(default_factory=dict)


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
    """A blueprint out of turns written by hand, its plan run in the seeded world of `api` (the
    first by default) before it is handed out.

    `tools` are the visible ones (all of the API by default). ScenarioError that names the turn and
    call where a plan does not run.
    """
    home = api or stage.api_names[0]
    if home not in stage.api_names:
        raise ScenarioError(
            f"there is no API {home!r}", hint=f"there are: {', '.join(stage.api_names)}"
        )
    world = stage.world(home, seed)
    digest = world.digest()
    results: dict[str, Any] = {}
    plan: list[Step] = []
    played: list[Turn] = []
    for number, turn in enumerate(turns, 1):
        steps: list[Step] = []
        for position, call in enumerate(turn.calls):
            place = ("turns", number - 1, "calls", position)
            where = f"turn {number}, call s{len(plan) + 1} ({call.tool})"
            if call.tool not in stage.tools:
                raise Misplaced(f"{where}: there is no such tool", (*place, "tool"))
            arguments, bindings = split_references(call.arguments)
            try:
                made = resolve(arguments, bindings, results)
            except Unresolved as error:
                raise Misplaced(f"{where}: {error}", (*place, "arguments")) from error
            if broken := violations(stage.tools[call.tool], made):
                raise Misplaced(
                    f"{where}: {broken[0].message}", (*place, "arguments", broken[0].argument)
                )
            answer = world.call(call.tool, made)
            if not answer.ok:
                raise Misplaced(f"{where}: the world answers {answer.status}: {answer.body}", place)
            step = Step(
                id=f"s{len(plan) + 1}",
                tool=call.tool,
                arguments=arguments,
                bindings=bindings,
                after=source_steps(bindings),
                goal=not call.lookup,
            )
            results[step.id] = answer.body
            steps.append(step)
            plan.append(step)
        try:
            facts = tuple(
                Fact(
                    step=source["$from"],
                    pointer=source["at"],
                    words=words,
                    value=at_pointer(results[source["$from"]], source["at"]),
                )
                for words, source in turn.tell.items()
            )
        except (KeyError, Unresolved) as error:
            raise Misplaced(
                f"turn {number}: what is to be told is not in the results: {error}",
                ("turns", number - 1, "tell"),
            ) from error
        details = tuple(
            Detail(words=words, said=say(value), value=value, withheld=words in turn.withhold)
            for words, value in turn.say.items()
        )
        played.append(
            Turn(
                intent=turn.want,
                details=details,
                asks=tuple(turn.tell),
                steps=tuple(step.id for step in steps),
                facts=facts,
            )
        )
    visible = (
        tuple(tools) if tools is not None else tuple(tool.name for tool in stage.api(home).tools)
    )
    shown = f"({home!r}, {seed!r}, {played!r}, [{', '.join(map(_shown, plan))}])"
    name = hashlib.sha256(shown.encode()).hexdigest()[:10]
    return Blueprint(
        id=f"written-{name}",
        category=category,
        difficulty=difficulty(played, plan, len(visible)),
        persona=persona,
        world=WorldRef(api=home, seed=seed, digest=digest, expected=world.digest()),
        now=world.now.strftime("%A, %d %B %Y, %H:%M"),
        tools=visible,
        turns=tuple(played),
        plan=tuple(plan),
    )


def _shown(step: Step) -> str:
    """A step as text, its references as they were written: ids of blueprints are made of it."""
    fields = {**dict(step), "arguments": step.written_arguments()}
    del fields["bindings"]
    return f"Step({', '.join(f'{name}={value!r}' for name, value in fields.items())})"
