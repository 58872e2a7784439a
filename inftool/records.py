"""The shared words: every stage takes and gives these records, and nothing else crosses a stage's border."""

from __future__ import annotations

from typing import Any, Literal

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
    """One documented answer: `status` as written ("200", "4XX", "default"), `body` its self-contained JSON Schema or None."""

    status: str
    description: str = ""
    body: JsonObject | None = None
    headers: tuple[str, ...] = ()
    example: Any = None


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


Category = Literal["simple", "multiple", "parallel", "multi_step", "multi_turn_base", "multi_turn_miss_param", "irrelevance"]
CATEGORIES: tuple[Category, ...] = ("simple", "multiple", "parallel", "multi_step", "multi_turn_base", "multi_turn_miss_param", "irrelevance")


class Step(Record):
    """One call of a plan.

    An argument leaf may be `{"$from": step id, "at": JSON pointer}`: that value of the earlier step's result. `after` holds the steps that must
    come first. `goal` is false for a step that only finds what a later step needs.
    """

    id: str
    tool: str
    arguments: JsonObject
    after: tuple[str, ...] = ()
    goal: bool = True


class Detail(Record):
    """Something the user knows: `words` is what a person calls it, `said` how a person says its `value`, `phrase` both in one clause.

    A `withheld` detail is told only when it is asked for. Of several things wished for at once, `group` counts from 1 which one it belongs to.
    """

    words: str
    said: str
    value: Any = None
    phrase: str = ""
    group: int = 0
    withheld: bool = False


class Fact(Record):
    """A value that the assistant must tell the user: `value` at `pointer` in the result of `step`; `words` is what a person calls it."""

    step: str
    pointer: str
    words: str
    value: Any


class Turn(Record):
    """One wish of the user: the intent in words, the details, the calls that fulfil it, and what must be told at its end.

    `asks` are the facts that the user asks for in so many words. A turn without steps is one that the tools at hand cannot fulfil.
    """

    intent: str
    details: tuple[Detail, ...] = ()
    asks: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()


class Persona(Record):
    """Who the user is and how they talk."""

    name: str
    about: str
    manner: str
    openers: tuple[str, ...]
    requests: tuple[str, ...]
    closers: tuple[str, ...]
    replies: tuple[str, ...]
    farewells: tuple[str, ...] = ()
    lowercase: bool = False


class WorldRef(Record):
    """Which simulated world a blueprint is played in; `digest` is its state at the start, `expected` the state after the plan."""

    api: str
    seed: int
    digest: str
    expected: str


class Blueprint(Record):
    """One scenario before it is played (InfTool, section on role-play: profile, known and unknown information, need, difficulty).

    `tools` are the names of the visible tools, `now` the simulated time (ISO 8601) that both sides know, `plan` is in an order in which it runs.
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

    def step(self, step_id: str) -> Step:
        """The step of that id."""
        return next(step for step in self.plan if step.id == step_id)


Status = Literal["pass", "fail", "abstain"]
Gate = Literal["format", "tool", "schema", "grounding", "execution", "outcome", "dialogue"]
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


class Verdict(Record):
    """What all gates say, in order. A gate after the first that failed abstains: it has nothing true to say."""

    status: Status
    gates: tuple[GateResult, ...]

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

    `provenance` holds the cast, the hashes of cards and specs, the versions, the state digests, the usage a role and what was planted.
    """

    id: str
    messages: tuple[JsonObject, ...]
    tools: tuple[JsonObject, ...]
    blueprint: Blueprint | None = None
    verdict: Verdict | None = None
    provenance: JsonObject = Field(default_factory=dict)
