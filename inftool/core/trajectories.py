"""Records of what was played and how it was judged: trajectories, verdicts, findings.

A `Trajectory` is a line of a run, so names and defaults of fields are recorded data.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from pydantic import Field

from inftool.core.blueprints import Blueprint
from inftool.core.chat import ChatMessage, ToolSpec
from inftool.core.tools import Origin
from inftool.core.types import AsJsonObject, JsonObject, JsonPointer, Record

Status = Literal["pass", "fail", "abstain"]
"""`abstain`: nothing can be said, or an earlier gate has failed already."""

GateName = Literal[
    "format", "tool", "schema", "grounding", "execution", "outcome", "dialogue", "judge", "novelty"
]
"""The gates in the order in which they speak; docs/verification.md explains each."""

Blame = Literal["assistant", "user", "server", "spec", "judge"]
"""Whose fault a finding is; only the assistant's are worth learning from."""


class Finding(Record):
    """One reason why a gate did not pass."""

    code: str
    """A reason code of docs/reasons.md, such as `missing_required`."""

    message: str
    """What is wrong, in a sentence."""

    turn: int | None = None
    """The number (from 0) of the user's turn it happened in."""

    pointer: JsonPointer = ""
    """Where it is in the trajectory's line: `/messages/4/tool_calls/0`."""

    blame: Blame = "assistant"
    """Whose fault it is."""

    origin: Origin | None = None
    """The line of the spec that was broken, if one was."""


class GateResult(Record):
    """What one gate says."""

    gate: GateName
    """The gate."""

    status: Status
    """Whether it passes."""

    findings: tuple[Finding, ...] = ()
    """The reasons; none where it passes."""


class TurnVerdict(Record):
    """What is to be thought of one message of the assistant."""

    message: int
    """The index of the message."""

    status: Status
    """Whether it is right."""

    loss: bool = True
    """Whether it is to be learned from.

    False for a mistake that was corrected later in the same turn: it stays in the conversation, so
    that the correction can be learned.
    """

    codes: tuple[str, ...] = ()
    """The reason codes of what is wrong with it."""

    mended_by: int | None = None
    """The index of the message that corrected it."""


class Verdict(Record):
    """What all gates say of a trajectory."""

    status: Status
    """`pass` only if every gate passes."""

    gates: tuple[GateResult, ...]
    """One result for each gate, in order; after the first that fails, the others abstain."""

    turns: tuple[TurnVerdict, ...] = ()
    """One verdict for each message of the assistant."""

    extra_reads: int = 0
    """Reads that the plan does without, but whose result a later call has used."""

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
    """One conversation with what made it and how it was judged: a line of a run."""

    id: str
    """Unique in its run or file; the blueprint's id where there is one."""

    messages: tuple[Annotated[ChatMessage, AsJsonObject], ...]
    """The whole conversation, the system message first if there is one."""

    tools: tuple[Annotated[ToolSpec, AsJsonObject], ...]
    """Every tool that was offered at some time."""

    offered_from: dict[str, int] = Field(default_factory=dict)
    """Of tools that were offered later: by name, the index of the message from which on."""

    blueprint: Blueprint | None = None
    """What was to be played; None for conversations from elsewhere."""

    verdict: Verdict | None = None
    """How it was judged, if it was."""

    provenance: Annotated[Provenance, AsJsonObject] = Field(default_factory=Provenance)
    """What made it."""

    # The mask is derived, not recorded: it always agrees with the verdict.
    def loss_mask(self) -> tuple[bool, ...]:
        """For each message, whether it is to be learned from.

        True for the assistant's messages, except those that the verdict masks.
        """
        turns = self.verdict.turns if self.verdict else ()
        masked = {turn.message for turn in turns if not turn.loss}
        return tuple(
            message.get("role") == "assistant" and index not in masked
            for index, message in enumerate(self.messages)
        )
