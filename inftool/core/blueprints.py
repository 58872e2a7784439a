"""Records of a scenario before it is played: persona, turns, plan, expected state, and its checker."""

from __future__ import annotations

from typing import Any, Literal, get_args

from pydantic import Field, model_validator

from inftool.core.step_references import StepRef, join_references, null_places, split_references
from inftool.core.types import JsonObject, JsonPointer, Record

Category = Literal[
    "simple",
    "multiple",
    "parallel",
    "parallel_multiple",
    "irrelevance",
    "multi_turn_base",
    "multi_turn_miss_param",
    "multi_turn_miss_func",
    "multi_turn_long_context",
    "multi_step",
    "composite",
    "logical_jump",
    "recovery",
    "policy",
    "change_of_mind",
    "identify_limitation",
]
CATEGORIES: tuple[Category, ...] = get_args(Category)


class Step(Record):
    """One call of a plan."""

    id: str
    tool: str
    arguments: JsonObject
    """Literal values, with null at each place that `bindings` fills."""

    bindings: dict[JsonPointer, StepRef] = Field(default_factory=dict)
    """By place in the arguments, what is taken from the result of an earlier step."""

    after: tuple[str, ...] = ()
    """The ids of the steps that must come first."""

    goal: bool = True
    """False for a step that only finds what a later step needs."""

    fault: str | None = None
    """A documented failure with which the first try is answered; the same call made again succeeds."""

    refused: int | None = None
    """The status with which the world refuses the call for good."""

    anew: bool = False
    """The user asks explicitly to read again what was shown before."""

    @model_validator(mode="before")
    @classmethod
    def _references_apart(cls, data: Any) -> Any:
        """Accept references inside the arguments: that is how 0.1.0 recorded a step."""
        # A step with bindings is in today's form: what looks like a reference in it is a literal.
        if not isinstance(data, dict) or "bindings" in data:
            return data
        if not isinstance(arguments := data.get("arguments"), dict):
            return data
        literals, bindings = split_references(arguments)
        return {**data, "arguments": literals, "bindings": bindings}

    @model_validator(mode="after")
    def _bound_places_are_null(self) -> Step:
        """Refuse bindings without a place holder, so that whoever fills them in need not look."""
        if not self.bindings:
            return self
        # "" stands for the arguments as a whole.
        places = set(null_places(self.arguments)) if self.arguments else {""}
        if not self.bindings.keys() <= places:
            raise ValueError("a binding points at no place holder (null) in the arguments")
        return self

    def written_arguments(self) -> JsonObject:
        """The arguments with references inside, as people write them and as 0.1.0 recorded them.

        Ids of blueprints and seals are hashes of this form.
        """
        return join_references(self.arguments, self.bindings)

    def with_arguments(self, arguments: JsonObject) -> Step:
        """The same step with other arguments, which are literals all of them."""
        return self.model_copy(update={"arguments": arguments, "bindings": {}})


class Detail(Record):
    """Something the user knows: `words` is what a person calls it, `said` how a person says its `value`, `phrase` both in one clause.

    A `withheld` detail is told only when it is asked for; a `volunteered` one comes with that answer though nobody asked for it. Of several things
    wished for at once, `group` counts from 1 which one it belongs to. `frame` says of a plain value under a name how it is meant (`new`, `change`,
    `filter`, `ask`), so that several of them can share a sentence; a detail without one is said in its own phrase.
    """

    words: str
    said: str
    value: Any = None
    phrase: str = ""
    group: int = 0
    withheld: bool = False
    volunteered: bool = False
    frame: Literal["", "new", "change", "filter", "ask"] = ""


ReferenceKind = Literal["key", "name", "mark", "order", "relation", "place", "again"]


class Reference(Record):
    """How the user points at the thing that one argument names: `words` stand for the leaf at `pointer` of the arguments of `step`.

    `kind`: by its key as people read one out, by its name, by a value that tells it apart, by where it stands in an order ("the cheapest book"), by
    what it belongs to ("the order of Ana Ruiz"), by its place on a list that was shown, or as what was last dealt with. All but `key` are implicit.
    Where no call can be made for it, `step` is empty and `pointer` names the kind of thing (`/book`).
    """

    step: str
    pointer: str
    words: str
    kind: ReferenceKind


class Fact(Record):
    """A value that the assistant must tell the user: `value` at `pointer` in the result of `step`; `words` is what a person calls it."""

    step: str
    pointer: str
    words: str
    value: Any


class Turn(Record):
    """One wish of the user: the intent in words, the details, the calls that fulfil it, and what must be told at its end.

    `asks` are the facts that the user asks for in so many words. A turn without steps is one that the tools at hand cannot fulfil.
    `parts` are the intents where one request holds several. `adds` names tools that can be used from this turn on. `kind`: a wish of its own; the
    former wish once `more` of it is possible; a `change` of what was wished for; or the former wish dropped, with nothing to do. `why` is what the assistant
    can say about a wish that cannot be fulfilled.
    """

    intent: str
    details: tuple[Detail, ...] = ()
    asks: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    parts: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()
    kind: Literal["wish", "more", "change", "drop"] = "wish"
    why: str = ""
    references: tuple[Reference, ...] = ()


Habit = Literal["at once", "piecemeal", "wrong first"]


class Persona(Record):
    """Who the user is, how they talk, and whether they tell what they know at once, piece by piece, or wrong at first."""

    name: str
    about: str
    manner: str
    openers: tuple[str, ...]
    requests: tuple[str, ...]
    closers: tuple[str, ...]
    replies: tuple[str, ...]
    farewells: tuple[str, ...] = ()
    lowercase: bool = False
    habit: Habit = "at once"


class WorldRef(Record):
    """Which simulated world a blueprint is played in; `digest` is its state at the start, `expected` the state after the plan.

    `size`: about how many entities of each kind it holds.
    """

    api: str
    seed: int
    size: int = Field(default=8, ge=1, le=10_000)
    digest: str
    expected: str


class Blueprint(Record):
    """One scenario before it is played (InfTool, section on role-play: profile, known and unknown information, need, difficulty).

    `tools` are the names of the tools that are visible at first, `now` the simulated time that both sides know, `plan` is in an order in which it runs.
    `session` are values that no person says (a tenant, a request id): the assistant's instructions give them.
    """

    id: str
    category: Category
    difficulty: int
    persona: Persona
    world: WorldRef
    now: str
    tools: tuple[str, ...]
    turns: tuple[Turn, ...]
    plan: tuple[Step, ...] = ()
    session: tuple[Detail, ...] = ()

    def step(self, step_id: str) -> Step:
        """The step of that id."""
        return next(step for step in self.plan if step.id == step_id)

    def all_tools(self) -> tuple[str, ...]:
        """The visible tools, those of later turns after those of the start."""
        return (
            *self.tools,
            *(name for turn in self.turns for name in turn.adds if name not in self.tools),
        )


class Requirement(Record):
    """One call that a checker wants to see: the step's tool with its arguments as they are in the seeded world.

    `free` are JSON pointers of arguments that may be anything (found by perturbing them), `changes` whether the state is another afterwards, `turn`
    the wish it belongs to, `goal` whether it must be made at all, `refused` the status with which the world is meant to refuse it.
    """

    step: str
    tool: str
    arguments: JsonObject
    turn: int
    after: tuple[str, ...] = ()
    goal: bool = True
    changes: bool = False
    refused: int | None = None
    free: tuple[str, ...] = ()


class Checker(Record):
    """A blueprint's own test, as data that the library runs: from the state `start`, the calls in any order that `after` allows lead to the state `end`.

    `tell` are the facts to be told by the number of their wish, `decline` the wishes that must be declined.
    """

    start: str
    end: str
    calls: tuple[Requirement, ...] = ()
    tell: tuple[tuple[int, Fact], ...] = ()
    decline: tuple[int, ...] = ()
