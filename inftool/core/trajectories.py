"""Records of what was played and how it was judged: trajectories, verdicts, findings."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from pydantic import Field

from inftool.core.blueprints import Blueprint
from inftool.core.chat import ChatMessage, ToolSpec
from inftool.core.tools import Origin
from inftool.core.types import AsJsonObject, JsonObject, Record

Status = Literal["pass", "fail", "abstain"]
GateName = Literal[
    "format", "tool", "schema", "grounding", "execution", "outcome", "dialogue", "judge", "novelty"
]
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

    gate: GateName
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


class Usage(TypedDict, total=False):
    """What the model of one role spent; a role that a script plays counts calls without tokens."""

    calls: int
    """Answered requests."""

    prompt_tokens: int
    """Tokens sent, those of wasted tries included."""

    completion_tokens: int
    """Tokens received, those of unusable replies included."""

    retries: int
    """Requests sent again after a failure; absent if there were none."""

    cached: int
    """Replies taken from the response cache, which cost nothing; absent if there were none."""


class SpecSource(TypedDict):
    """Which spec a trajectory was made from."""

    name: str
    """The API's name."""

    version: str
    """The version that the document states."""

    sha256: str
    """The hash of every file that the API was read from."""


class FirstTry(TypedDict):
    """A rejected conversation that was played again with the reasons for its rejection."""

    messages: list[ChatMessage]
    """The whole conversation as it was rejected."""

    verdict: JsonObject
    """Its `Verdict` as JSON."""

    planted: JsonObject | None
    """The mistake that was planted in it, if any."""

    digest: str | None
    """The state of the world at its end."""


class Provenance(TypedDict, total=False):
    """What made a trajectory; nothing in it depends on the machine or the time.

    Lines that somebody else wrote may lack keys or carry others: read with `.get`.
    """

    fingerprint: str
    """A hash of what the blueprint asks for; no two lines of a run share one."""

    cast: dict[str, str]
    """Who played each role: "scripted", or a model's name."""

    cards: dict[str, str]
    """The first 16 hex digits of the SHA-256 of each role card that was used."""

    spec: SpecSource
    """The API that was simulated."""

    inftool: str
    """The version of InfTool."""

    digest: str | None
    """The state of the world after the play; None where it came to no end."""

    usage: dict[str, Usage]
    """Tokens by role."""

    planted: JsonObject | None
    """The mistake that the scripted assistant made on purpose: its `kind`, and what became what."""

    seal: str
    """The hash that shows whether the line was changed later (see `verification.integrity`)."""

    first_try: FirstTry
    """The rejected conversation before this one, where the assistant was given a second try."""

    format: str
    """Of an imported line: the layout it was read from."""

    results: bool
    """False where an imported layout holds calls without their results."""


class Trajectory(Record):
    """What was said and called: messages and tools in the OpenAI chat format, and what made them.

    `tools` are all that were offered at some time; `offered_from` says of those that came later at which message (its index) they did. `provenance` holds the cast, the hashes of cards and specs, the versions, the state digests, the usage a role and what was planted.
    """

    id: str
    messages: tuple[Annotated[ChatMessage, AsJsonObject], ...]
    tools: tuple[Annotated[ToolSpec, AsJsonObject], ...]
    offered_from: dict[str, int] = Field(default_factory=dict)
    blueprint: Blueprint | None = None
    verdict: Verdict | None = None
    provenance: Annotated[Provenance, AsJsonObject] = Field(default_factory=Provenance)

    def loss_mask(self) -> tuple[bool, ...]:
        """Which messages are to be learnt from: the assistant's, but for those that its verdict masks."""
        masked = (
            {turn.message for turn in self.verdict.turns if not turn.loss}
            if self.verdict
            else set()
        )
        return tuple(
            message.get("role") == "assistant" and index not in masked
            for index, message in enumerate(self.messages)
        )
