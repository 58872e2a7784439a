"""TRL's DPOTrainer: `prompt`, `chosen`, `rejected`.

Both answers share everything up to the one step in which they differ (the step-wise pairs of SPORT,
arXiv 2504.21561, and iTool, arXiv 2501.09766). The rejected play went wrong at that step; the plan,
executed in the same world, says what should have been done there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field

from inftool.core.chat import ChatMessage, ToolSpec
from inftool.core.errors import ExportError
from inftool.core.trajectories import Trajectory
from inftool.core.types import AsJsonObject, JsonObject, Record
from inftool.export.sample import Format, Lost, Row, dumps, samples
from inftool.runs.manifest import read_manifest
from inftool.runs.run_folder import read_trajectories
from inftool.scenarios.world_pool import WorldPool
from inftool.specs import compile_specs
from inftool.synthesis.rehearsal import rehearsed


def _nothing() -> ChatMessage:
    return {"role": "assistant"}


class PreferencePair(Record):
    """Two messages in answer to the same conversation."""

    id: str
    """The id of the rejected trajectory."""

    prompt: tuple[Annotated[ChatMessage, AsJsonObject], ...] = ()
    chosen: Annotated[ChatMessage, AsJsonObject] = Field(default_factory=_nothing)
    rejected: Annotated[ChatMessage, AsJsonObject] = Field(default_factory=_nothing)
    tools: tuple[Annotated[ToolSpec, AsJsonObject], ...] = ()
    unusable: str = ""


def pairs(folder: Path) -> Iterator[PreferencePair]:
    """A pair for each rejected play in which the assistant is to blame.

    The two differ in the first message that is not as it should be.
    """
    stage = _stage(folder)
    for trajectory in read_trajectories(folder, "rejected"):
        try:
            yield _pair(trajectory, stage)
        except Lost as reason:
            yield PreferencePair(id=trajectory.id, unusable=str(reason))


def _stage(folder: Path) -> WorldPool:
    paths = [path for path in read_manifest(folder).specs if Path(path).exists()]
    if not paths:
        raise ExportError(
            f"the specs of {folder} are no longer where they were",
            hint="preference pairs are made by playing their plans again",
        )
    return WorldPool([api for api in compile_specs(paths) if api.tools])


def _pair(trajectory: Trajectory, stage: WorldPool) -> PreferencePair:
    blueprint, verdict = trajectory.blueprint, trajectory.verdict
    if (
        blueprint is None
        or verdict is None
        or not any(finding.blame == "assistant" for finding in verdict.findings)
    ):
        raise Lost("a failure that is not the assistant's")
    # Without the verdict nothing is masked: the message that went wrong is the one that is wanted.
    played = list(samples(trajectory.model_copy(update={"verdict": None})))
    if not played:
        raise Lost("a play without a word of the assistant's")
    wanted = rehearsed(blueprint, stage)
    # The rehearsal knows the same calls by the same ids, but has no system message.
    good = next(
        iter(samples(wanted.model_copy(update={"offered_from": {}, "verdict": None})))
    ).messages
    bad = played[-1].messages
    first = next((index for index, message in enumerate(bad) if message["role"] != "system"), 0)
    for index, (mine, theirs) in enumerate(zip(good, bad[first:], strict=False)):
        if mine == theirs:
            continue
        # Where user or world go another way first, the two answers answer different conversations.
        if mine["role"] != "assistant" or theirs["role"] != "assistant":
            raise Lost("a play that went another way before the assistant did")
        at = first + index
        # Tools may be added later in a conversation: the pair offers those of its own moment.
        sample = next(sample for sample in played if at < len(sample.messages))
        return PreferencePair(
            id=trajectory.id, prompt=bad[:at], chosen=mine, rejected=theirs, tools=sample.tools
        )
    raise Lost("a play that only ends otherwise")


def rows(pair: PreferencePair) -> Iterator[tuple[str, Row]]:
    """One line: `prompt`, `chosen` and `rejected` (one message each), and `tools` as JSON text."""
    yield (
        "train",
        {
            "id": pair.id,
            "prompt": list(pair.prompt),
            "chosen": [pair.chosen],
            "rejected": [pair.rejected],
            "tools": dumps(list(pair.tools)),
        },
    )


def back(file: str, row: JsonObject) -> object:
    """The two conversations and the tools."""
    return [row["prompt"], row["chosen"], row["rejected"], json.loads(row["tools"])]


def said(pair: PreferencePair) -> Iterator[object]:
    """Everything."""
    yield [list(pair.prompt), [pair.chosen], [pair.rejected], list(pair.tools)]


FORMAT = Format(
    "trl-dpo",
    "TRL's DPOTrainer (from the rejected plays of a run with mistakes)",
    rows,
    back,
    said,
    pairs,
)
