"""Records of a scenario before it is played: persona, turns, plan and expected state.

They are the `blueprint` of every line of a run, so names and defaults of fields are recorded data.
"""

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
"""The kinds of scenarios; docs/scenarios.md explains each."""

# Derived from the type, so that the two cannot disagree.
CATEGORIES: tuple[Category, ...] = get_args(Category)
"""All categories, in the order in which runs go round them."""

ReferenceKind = Literal["key", "name", "mark", "order", "relation", "place", "again"]
"""By what the user points at a thing.

`key`: its key as people read one out ("order PL-1719"). `name`: its name. `mark`: a value that
distinguishes it ("the red one"). `order`: where it stands in an order ("the cheapest book").
`relation`: what it belongs to ("the order of Ana Ruiz"). `place`: its place in a list that was
shown ("the second one"). `again`: what was last talked about ("that customer"). All but `key` are
implicit: the assistant has to find out which key is meant.
"""

TurnKind = Literal["wish", "more", "change", "drop"]
"""How a turn relates to the one before it.

`wish`: a request of its own. `more`: the former request, now that it can be fulfilled. `change`: a
change of what was asked for. `drop`: the former request is taken back; there is nothing to do.
"""

Frame = Literal["", "new", "change", "filter", "ask"]
"""What a detail does in a request, so that several of the same kind can share a sentence.

`new`: a value of what is created. `change`: a value that replaces another. `filter`: a condition of
a search. `ask`: a value that another read needs. Empty: the detail is said in its own phrase.
"""

Habit = Literal["at once", "piecemeal", "wrong first"]
"""How users tell what they know: all at once, piece by piece, or wrongly at first."""


class Step(Record):
    """One call of a plan."""

    id: str
    """Unique in the plan, such as `s1`."""

    tool: str
    """The name of the tool that is called."""

    arguments: JsonObject
    """Literal values, with null at each place that `bindings` fills."""

    bindings: dict[JsonPointer, StepRef] = Field(default_factory=dict)
    """By place in the arguments, what is taken from the result of an earlier step."""

    after: tuple[str, ...] = ()
    """The ids of the steps that must come first."""

    goal: bool = True
    """False for a step that only finds what a later step needs."""

    fault: str | None = None
    """A documented failure that answers the first try; the same call made again succeeds."""

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
    """Something that the user knows and that a call needs."""

    words: str
    """What a person calls it: "shipping address"."""

    said: str
    """How a person says its value: "25 Cedar Avenue, San Diego"."""

    value: object = None
    """The value as it stands in the arguments; a list of values where one phrase tells several."""

    phrase: str = ""
    """Name and value in one clause: "the shipping address is 25 Cedar Avenue, San Diego"."""

    group: int = 0
    """Of a turn with several `parts`: the number (from 1) of the part it belongs to; 0: to all."""

    withheld: bool = False
    """The user tells it only when asked for it."""

    volunteered: bool = False
    """A withheld detail that comes along with the answer to a question about another one."""

    frame: Frame = ""
    """What it does in the request, if it can share a sentence with others."""


class Reference(Record):
    """How the user points at the thing that one argument of a call names."""

    step: str
    """The id of the step; empty where no call can be made for it."""

    pointer: JsonPointer
    """The argument, as a pointer into the step's arguments; without a step, the kind of thing
    (`/book`)."""

    words: str
    """The words that stand for the thing: "the cheapest book"."""

    kind: ReferenceKind
    """By what it is pointed at."""


class Fact(Record):
    """A value that the assistant must tell the user."""

    step: str
    """The id of the step whose result holds it."""

    pointer: JsonPointer
    """Where it is in that result."""

    words: str
    """What a person calls it: "total"."""

    value: object
    """The value. A scalar in every sampled blueprint; one written by hand may name any value."""


class Turn(Record):
    """One request of the user, with everything that belongs to it."""

    intent: str
    """The request as an imperative in lower case: "cancel my order"."""

    details: tuple[Detail, ...] = ()
    """What the user knows about it, in the order in which it is told."""

    asks: tuple[str, ...] = ()
    """What the user explicitly asks to be told: "reference of the order"."""

    steps: tuple[str, ...] = ()
    """The ids of the steps that fulfill it; none where the tools at hand cannot."""

    facts: tuple[Fact, ...] = ()
    """What the user must have been told at its end."""

    parts: tuple[str, ...] = ()
    """The intents, where one request holds several."""

    adds: tuple[str, ...] = ()
    """The names of tools that become visible with this turn."""

    kind: TurnKind = "wish"
    """How it relates to the turn before it."""

    why: str = ""
    """What the assistant can say about a request that cannot be fulfilled."""

    references: tuple[Reference, ...] = ()
    """How the user points at the things that it is about."""


class Persona(Record):
    """Who the user is and how they talk; see `agents/personas/*.yaml`."""

    name: str
    """A short name, such as `student-on-phone`."""

    about: str
    """Who they are, in a sentence."""

    manner: str
    """How they talk, in a sentence."""

    openers: tuple[str, ...]
    """What they may begin with; an empty text for nothing."""

    requests: tuple[str, ...]
    """Frames for a request, with `{intent}`: "I need to {intent}."."""

    closers: tuple[str, ...]
    """What their last request may end with; an empty text for nothing."""

    replies: tuple[str, ...]
    """Frames for an answer, with `{reply}` or `{Reply}` (capitalized)."""

    farewells: tuple[str, ...] = ()
    """What they might say when everything is done; the scripted user ends without it."""

    lowercase: bool = False
    """They write without capital letters."""

    habit: Habit = "at once"
    """How they tell what they know."""


class WorldRef(Record):
    """The simulated world that a blueprint is played in."""

    api: str
    """The name of the API that it simulates."""

    seed: int
    """The seed that its entities are drawn from."""

    size: int = Field(default=8, ge=1, le=10_000)
    """About how many entities of each kind it holds."""

    digest: str
    """A hash of its state at the start."""

    expected: str
    """The hash of its state after the plan."""


class Blueprint(Record):
    """One scenario before it is played.

    What InfTool (section on role-play) calls a user's profile, known and unknown information, need
    and difficulty.
    """

    id: str
    """Unique in a run: the number of the draw and a hash, such as `000014-8e8e1ef3e0`."""

    category: Category
    """What kind of scenario it is."""

    difficulty: int
    """From 1 (easy) to 5 (hard); see `scenarios.sampling.schedule.difficulty`."""

    persona: Persona
    """Who the user is."""

    world: WorldRef
    """Where it is played."""

    now: str
    """The simulated time that both sides know: "Monday, 20 January 2025, 15:30"."""

    tools: tuple[str, ...]
    """The names of the tools that are visible at the start."""

    turns: tuple[Turn, ...]
    """The user's requests, in order."""

    plan: tuple[Step, ...] = ()
    """The calls of all turns, in an order in which they can run."""

    session: tuple[Detail, ...] = ()
    """Values that no person says, such as a tenant; the assistant's instructions give them."""

    def step(self, step_id: str) -> Step:
        """The step of that id."""
        return next(step for step in self.plan if step.id == step_id)

    def all_tools(self) -> tuple[str, ...]:
        """The names of all tools: those of the start, then those that later turns add."""
        return (
            *self.tools,
            *(name for turn in self.turns for name in turn.adds if name not in self.tools),
        )
