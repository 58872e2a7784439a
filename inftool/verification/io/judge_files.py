"""Judging what is in files: runs of our own with their worlds, and anybody's trajectories as far as
that goes without one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import Field

from inftool.core.errors import InftoolError, VerifyError
from inftool.core.tools import Api
from inftool.core.trajectories import Finding, Trajectory, Verdict
from inftool.core.types import JsonObject, Record
from inftool.scenarios.world_pool import WorldPool
from inftool.specs import compile_specs
from inftool.verification.checker.plan_run import BadBlueprint
from inftool.verification.conversation_reader import read_conversation
from inftool.verification.gates.novelty import Benchmarks, Duplicates, with_novelty
from inftool.verification.io.layouts import as_trajectory
from inftool.verification.io.reading import BAR, ESCAPED, SURROGATE, input_files, lines
from inftool.verification.mutation.mutants import MUTANTS, kill_score
from inftool.verification.strict_json import strict_json
from inftool.verification.verdict import judge

__all__ = ["Judged", "MutationTable", "Report", "as_trajectory", "judge_files", "verify"]


_SHOWN = 20


class Judged(Record):
    """One line of a file: its verdict, or why it cannot be judged at all."""

    file: str
    line: int
    id: str = ""
    verdict: Verdict | None = None
    problem: str | None = None


class MutationTable(Record):
    """How many mutants of each kind were made and found out, over all blueprints; `weak` names
    those under the bar of 0.95 with a survivor."""

    blueprints: int = 0
    mean: float = 0.0
    lowest: float = 0.0
    gold: int = 0
    made: dict[str, int] = Field(default_factory=dict)
    killed: dict[str, int] = Field(default_factory=dict)
    weak: dict[str, str] = Field(default_factory=dict)


class Report(Record):
    """What all the lines came to: the JSON document of `inftool verify`. `failures` shows the first
    findings, with where they are.

    `blame` counts the failures by who is to blame for the first finding, `masked` the assistant's
    messages that were wrong and mended.
    """

    trajectories: int = 0
    passed: int = 0
    failed: int = 0
    abstained: int = 0
    reasons: dict[str, int] = Field(default_factory=dict)
    blame: dict[str, int] = Field(default_factory=dict)
    masked: int = 0
    extra_reads: int = 0
    failures: tuple[JsonObject, ...] = ()
    mutation: MutationTable | None = None


Refine = Callable[[Trajectory, Verdict, WorldPool | None], Verdict]


def verify(
    trajectory: Trajectory | Mapping[str, Any],
    apis: Sequence[Api] | WorldPool = (),
    *,
    seed: int | None = None,
) -> Verdict:
    """Judge one trajectory, ours or a mapping in a layout that is known (see
    `inftool.verification.io.layouts`).

    With the APIs it was played against and its blueprint every gate speaks. Without a blueprint,
    `seed` is that of the server it was played on
    (`build_server(apis, seed=0)`): the calls are replayed, and outcome abstains. VerifyError where
    it is no trajectory.
    """
    record = trajectory if isinstance(trajectory, Trajectory) else as_trajectory(trajectory, "")
    stage = apis if isinstance(apis, WorldPool) else WorldPool(apis) if apis else None
    return judge(record, stage, seed=seed)


class _Tally:
    """The report in the making."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.blame: Counter[str] = Counter()
        self.failures: list[JsonObject] = []
        self.masked = 0
        self.extra_reads = 0

    def add(self, judged: Judged) -> None:
        verdict = judged.verdict
        status = verdict.status if verdict else "fail"
        self.counts[status] += 1
        findings = (
            verdict.findings
            if verdict
            else (Finding(code="unreadable_line", message=judged.problem or "", blame="server"),)
        )
        self.reasons.update(dict.fromkeys((finding.code for finding in findings), 1))
        if verdict is not None:
            self.masked += (
                sum(not turn.loss for turn in verdict.turns) if verdict.status != "fail" else 0
            )
            self.extra_reads += verdict.extra_reads
        if status == "fail":
            self.blame[findings[0].blame] += 1
            if len(self.failures) < _SHOWN:
                shown = findings[0].model_dump(mode="json", exclude_none=True)
                self.failures.append(
                    {"file": judged.file, "line": judged.line, "id": judged.id, **shown}
                )

    def report(self, mutation: MutationTable | None) -> Report:
        return Report(
            trajectories=self.counts.total(),
            passed=self.counts["pass"],
            failed=self.counts["fail"],
            abstained=self.counts["abstain"],
            reasons=dict(self.reasons.most_common()),
            blame=dict(self.blame.most_common()),
            masked=self.masked,
            extra_reads=self.extra_reads,
            failures=tuple(self.failures),
            mutation=mutation,
        )


class _Mutation:
    """The kill scores of the blueprints of what passes."""

    def __init__(self) -> None:
        self.scores: list[float] = []
        self.gold = 0
        self.made: Counter[str] = Counter()
        self.killed: Counter[str] = Counter()
        self.weak: dict[str, str] = {}

    def add(self, trajectory: Trajectory, stage: WorldPool | None) -> None:
        conversation, _ = read_conversation(trajectory.messages)
        if stage is None or trajectory.blueprint is None or conversation is None:
            return
        try:
            score = kill_score(trajectory.blueprint, conversation, stage)
        except BadBlueprint as error:
            self.weak[trajectory.id] = str(error)
            self.scores.append(0.0)
            return
        self.scores.append(score.score)
        self.gold += score.gold
        self.made.update(score.made)
        self.killed.update(score.killed)
        if score.score < BAR:
            self.weak[trajectory.id] = (
                score.survivors[0] if score.survivors else "the true play fails"
            )

    def table(self) -> MutationTable:
        return MutationTable(
            blueprints=len(self.scores),
            mean=round(sum(self.scores) / len(self.scores), 6) if self.scores else 0.0,
            lowest=min(self.scores, default=0.0),
            gold=self.gold,
            made={kind: self.made[kind] for kind in MUTANTS if self.made[kind]},
            killed={kind: self.killed[kind] for kind in MUTANTS if self.made[kind]},
            weak=self.weak,
        )


def judge_files(
    paths: Sequence[Path],
    specs: Sequence[str | Path] = (),
    on_line: Callable[[Judged], None] = lambda judged: None,
    *,
    mutate: bool = False,
    duplicates: bool = False,
    against: Sequence[Path] = (),
    refine: Refine | None = None,
) -> Report:
    """Judge every line of some files or runs; `specs` are compiled for the worlds, and a run brings
    the paths of its own.

    `mutate` measures the checkers of what passes, `duplicates` and `against` (benchmark files) add
    the novelty gate, `refine` has the last word on each
    verdict (a judge). Errors: UsageError for a path that is not there, SpecError for specs that
    cannot be read.
    """
    tally = _Tally()
    mutation = _Mutation() if mutate else None
    known = Duplicates() if duplicates else None
    benchmarks = Benchmarks(against) if against else None
    for path, files in [(path, input_files(path)) for path in paths]:
        stage = _stage(path, specs)
        for file in files:
            for line, row in lines(file):
                judged, trajectory = _judge_line(file, line, row, stage)
                if trajectory is not None and judged.verdict is not None:
                    verdict = judged.verdict
                    if mutation is not None and verdict.passed:
                        mutation.add(trajectory, stage)
                    if refine is not None:
                        verdict = refine(trajectory, verdict, stage)
                    if known is not None or benchmarks is not None:
                        verdict = with_novelty(trajectory, verdict, known, benchmarks)
                    judged = judged.model_copy(update={"verdict": verdict})
                on_line(judged)
                tally.add(judged)
    return tally.report(mutation.table() if mutation is not None else None)


def _stage(path: Path, specs: Sequence[str | Path]) -> WorldPool | None:
    wanted = list(specs)
    for folder in (path, path.parent, path.parent.parent):
        if not wanted and (folder / "run.json").is_file():
            try:
                manifest = json.loads((folder / "run.json").read_text("utf-8"))
                wanted = [item for item in manifest.get("specs", ()) if Path(item).exists()]
            except (OSError, ValueError, AttributeError) as error:
                raise VerifyError(f"{folder / 'run.json'} cannot be read: {error}") from error
    if not wanted:
        return None
    return WorldPool([api for api in compile_specs(wanted) if api.tools])


def _judge_line(
    file: Path, number: int, line: bytes | JsonObject | str, stage: WorldPool | None
) -> tuple[Judged, Trajectory | None]:
    if isinstance(line, str):
        return Judged(file=str(file), line=number, problem=line), None
    try:
        row = line if isinstance(line, dict) else _row(line)
        trajectory = as_trajectory(row, f"{file.name}:{number}")
        verdict = judge(trajectory, stage)
    except (
        InftoolError,
        ValueError,
        TypeError,
        AttributeError,
        LookupError,
        RecursionError,
    ) as error:
        # Whatever anybody may have written in a line: it is reported, and the rest is judged.
        problem = ESCAPED.sub("?", f"{type(error).__name__}: {str(error)[:300]}")
        return Judged(file=str(file), line=number, problem=problem), None
    return Judged(file=str(file), line=number, id=trajectory.id, verdict=verdict), trajectory


def _row(line: bytes) -> JsonObject:
    row = strict_json(line.decode("utf-8-sig"))
    if not isinstance(row, dict):
        raise VerifyError("not a JSON object")
    if SURROGATE.search(line) and ESCAPED.search(json.dumps(row, ensure_ascii=False)):
        raise VerifyError("a lone surrogate (half a character) is in it, which no text can hold")
    return row
