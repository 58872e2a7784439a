"""The shared words: every stage takes and gives these records, and nothing else crosses a stage's border."""

from __future__ import annotations

from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

JsonObject = dict[str, Any]
Effect = Literal["read", "create", "update", "delete", "action"]
Level = Literal["info", "warning", "error"]
Location = Literal["path", "query", "header", "cookie", "form", "body", "whole_body"]


class Record(BaseModel):
    """A frozen record that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Origin(Record):
    """Where something came from: a file, a JSON pointer (RFC 6901) and a 1-based line of it."""

    file: str
    pointer: str = ""
    line: int | None = None


class Loss(Record):
    """Something of a document that did not arrive as it was written, and what was done about it.

    `level`: info (nothing changes for a caller), warning (a call may be looser or stricter than documented), error (an operation or the document is gone).
    """

    code: str
    level: Level
    message: str
    origin: Origin


class Parameter(Record):
    """Where one argument of a tool travels in the HTTP request.

    `argument` is its name in the tool's input schema, `name` its name in the spec. `whole_body`: the argument is the request body itself.
    """

    argument: str
    name: str
    location: Location
    style: str = ""
    explode: bool | None = None


class Response(Record):
    """One documented answer: `status` as written ("200", "4XX", "default"), `body` its self-contained JSON Schema or None.

    `media`: its media type, where that is not `application/json`.
    """

    status: str
    description: str = ""
    body: JsonObject | None = None
    headers: tuple[str, ...] = ()
    example: Any = None
    media: str = ""


class Link(Record):
    """An OpenAPI link: after this operation, `operation` may be called with these arguments (runtime expressions)."""

    name: str
    operation: str
    parameters: JsonObject = Field(default_factory=dict)


class Tool(Record):
    """What a model sees of one operation, and what the world needs to play it.

    `name` fits `[A-Za-z0-9_-]{1,64}`; both schemas are self-contained JSON Schema 2020-12, the input closed.
    `output_schema` describes the success body as it is (any type), None when the spec declares none.
    """

    name: str
    description: str
    input_schema: JsonObject
    output_schema: JsonObject | None
    effect: Effect
    origin: Origin
    api: str
    summary: str = ""
    method: str = ""
    path: str = ""
    operation: str = ""
    tags: tuple[str, ...] = ()
    body_type: str | None = None
    parameters: tuple[Parameter, ...] = ()
    responses: tuple[Response, ...] = ()
    links: tuple[Link, ...] = ()

    def openai(self) -> JsonObject:
        """The tool in the OpenAI chat format."""
        return {"type": "function", "function": {"name": self.name, "description": self.description, "parameters": self.input_schema}}


class Api(Record):
    """One compiled document: its tools and what was lost on the way.

    `operations` counts what the document declares, so `operations - len(tools)` are losses by name. `sha256` covers every file it was read from.
    """

    name: str
    title: str
    version: str
    format: str
    file: str
    sha256: str
    description: str = ""
    operations: int = 0
    tools: tuple[Tool, ...] = ()
    losses: tuple[Loss, ...] = ()
    base_urls: tuple[str, ...] = ()
    security: JsonObject = Field(default_factory=dict)


class Result(Record):
    """What the world answered: an HTTP status and a JSON body. `fallback`: made from the schema alone; `fault`: planted, by name."""

    status: int
    body: Any = None
    headers: dict[str, str] = Field(default_factory=dict)
    fallback: bool = False
    fault: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the call succeeded (2xx)."""
        return 200 <= self.status < 300

    def shown(self) -> Any:
        """The answer as a caller sees it: the body, the bare status where there is none, or the status with the error."""
        if self.ok:
            return self.body if self.body is not None else {"status": self.status}
        return {"status": self.status, "error": self.body, **({"headers": self.headers} if self.headers else {})}


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
    """One call of a plan.

    An argument leaf may be `{"$from": step id, "at": JSON pointer}`: that value of the earlier step's result. `after` holds the steps that must
    come first. `goal` is false for a step that only finds what a later step needs. `fault` names a documented failure with which the first try is
    answered (the same call made again goes through); `refused` is the status with which the world refuses the call for good. `anew`: the user wants it
    read again in so many words, although it was shown before.
    """

    id: str
    tool: str
    arguments: JsonObject
    after: tuple[str, ...] = ()
    goal: bool = True
    fault: str | None = None
    refused: int | None = None
    anew: bool = False


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
        return (*self.tools, *(name for turn in self.turns for name in turn.adds if name not in self.tools))


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


Status = Literal["pass", "fail", "abstain"]
Gate = Literal["format", "tool", "schema", "grounding", "execution", "outcome", "dialogue", "judge", "novelty"]
Blame = Literal["assistant", "user", "server", "spec", "judge"]


class Finding(Record):
    """One reason why a gate did not pass: a code of `docs/reasons.md`, the message it concerns (index), a JSON pointer into it, and the spec's line."""

    code: str
    message: str
    turn: int | None = None
    pointer: str = ""
    blame: Blame = "assistant"
    origin: Origin | None = None


class GateResult(Record):
    """What one gate says; only `abstain` and `fail` carry findings."""

    gate: Gate
    status: Status
    findings: tuple[Finding, ...] = ()


class TurnVerdict(Record):
    """What is to be thought of one message of the assistant (its index).

    A message that went wrong and was mended later in the same turn (`mended_by`, an index) stays in the conversation without being learnt from: its
    `loss` is false. `codes` say what was wrong.
    """

    message: int
    status: Status
    loss: bool = True
    codes: tuple[str, ...] = ()
    mended_by: int | None = None


class Verdict(Record):
    """What all gates say, in order. A gate after the first that failed abstains: it has nothing true to say.

    `turns` has one verdict for each message of the assistant. `extra_reads` counts the reads that the plan does without and that informed a later call.
    """

    status: Status
    gates: tuple[GateResult, ...]
    turns: tuple[TurnVerdict, ...] = ()
    extra_reads: int = 0

    @property
    def passed(self) -> bool:
        """Whether every gate passed."""
        return self.status == "pass"

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding of every gate, in order."""
        return tuple(finding for gate in self.gates for finding in gate.findings)


class Trajectory(Record):
    """What was said and called: messages and tools in the OpenAI chat format, and what made them.

    `tools` are all that were offered at some time; `offered_from` says of those that came later at which message (its index) they did. `provenance` holds the cast, the hashes of cards and specs, the versions, the state digests, the usage a role and what was planted.
    """

    id: str
    messages: tuple[JsonObject, ...]
    tools: tuple[JsonObject, ...]
    offered_from: dict[str, int] = Field(default_factory=dict)
    blueprint: Blueprint | None = None
    verdict: Verdict | None = None
    provenance: JsonObject = Field(default_factory=dict)

    def loss_mask(self) -> tuple[bool, ...]:
        """Which messages are to be learnt from: the assistant's, but for those that its verdict masks."""
        masked = {turn.message for turn in self.verdict.turns if not turn.loss} if self.verdict else set()
        return tuple(message.get("role") == "assistant" and index not in masked for index, message in enumerate(self.messages))
