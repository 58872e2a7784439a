"""Judging what is in files: runs of our own with their worlds, and anybody's OpenAI-format trajectories as far as that goes without one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from inftool.errors import InftoolError, UsageError, VerifyError
from inftool.records import Api, Finding, JsonObject, Record, Trajectory, Verdict
from inftool.scenarios.stage import Stage
from inftool.specs import compile_specs
from inftool.verification.verdict import judge

MAX_LINE = 64 * 1024 * 1024


class Judged(Record):
    """One line of a file: its verdict, or why it cannot be judged at all."""

    file: str
    line: int
    id: str = ""
    verdict: Verdict | None = None
    problem: str | None = None


class Report(Record):
    """What all the lines came to: the JSON document of `inftool verify`. `failures` shows the first findings, with where they are."""

    trajectories: int = 0
    passed: int = 0
    failed: int = 0
    abstained: int = 0
    reasons: dict[str, int] = Field(default_factory=dict)
    failures: tuple[JsonObject, ...] = ()


def verify(trajectory: Trajectory | Mapping[str, Any], apis: Sequence[Api] | Stage = (), *, seed: int | None = None) -> Verdict:
    """Judge one trajectory, ours or a mapping with `messages` and `tools` in the OpenAI chat format.

    With the APIs it was played against and its blueprint every gate speaks. Without a blueprint, `seed` is that of the server it was played on
    (`build_server(apis, seed=0)`): the calls are replayed, and outcome abstains. VerifyError where it is no trajectory.
    """
    record = trajectory if isinstance(trajectory, Trajectory) else as_trajectory(trajectory, "")
    stage = apis if isinstance(apis, Stage) else Stage(apis) if apis else None
    return judge(record, stage, seed=seed)


def as_trajectory(row: Mapping[str, Any], name: str) -> Trajectory:
    """A JSON object as a trajectory; VerifyError where it has no messages. Tools may be missing, bare functions, or a JSON string."""
    if "blueprint" in row and "provenance" in row:
        try:
            return Trajectory.model_validate(row)
        except ValidationError as error:
            first = error.errors()[0]
            raise VerifyError(f"a line of ours that was changed: {'/'.join(map(str, first['loc']))}: {first['msg']}") from error
    messages = row.get("messages")
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        raise VerifyError("there is no list of `messages` in it")
    tools = row.get("tools") or row.get("functions") or []
    try:
        tools = json.loads(tools) if isinstance(tools, str) else tools
        offered = tuple(tool if "function" in tool else {"type": "function", "function": tool} for tool in tools)
        for tool in offered:
            str(tool["function"]["name"])
    except (TypeError, ValueError, KeyError) as error:
        raise VerifyError(f"its `tools` cannot be read: {error!r}") from error
    return Trajectory(id=str(row.get("id") or name), messages=tuple(messages), tools=offered)


def judge_files(paths: Sequence[Path], specs: Sequence[str | Path] = (), on_line: Callable[[Judged], None] = lambda judged: None) -> Report:
    """Judge every line of some files or runs; `specs` are compiled for the worlds, and a run brings the paths of its own.

    Errors: UsageError for a path that is not there, SpecError for specs that cannot be read.
    """
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    failures: list[JsonObject] = []
    for path, files in [(path, _files(path)) for path in paths]:
        stage = _stage(path, specs)
        for file in files:
            for judged in _judged(file, stage):
                on_line(judged)
                status = judged.verdict.status if judged.verdict else "fail"
                counts[status] += 1
                findings = judged.verdict.findings if judged.verdict else (Finding(code="unreadable_line", message=judged.problem or ""),)
                reasons.update(dict.fromkeys((finding.code for finding in findings), 1))
                if status == "fail" and len(failures) < 20:
                    failures.append(
                        {"file": judged.file, "line": judged.line, "id": judged.id, **findings[0].model_dump(mode="json", exclude_none=True)}
                    )
    return Report(
        trajectories=counts.total(),
        passed=counts["pass"],
        failed=counts["fail"],
        abstained=counts["abstain"],
        reasons=dict(reasons.most_common()),
        failures=tuple(failures),
    )


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        found = sorted((path / "kept").glob("*.jsonl")) if (path / "run.json").is_file() else sorted(path.glob("*.jsonl"))
        if not found:
            raise UsageError(f"{path} holds no .jsonl file", hint="name a run folder or a file of JSON lines")
        return found
    if not path.is_file():
        raise UsageError(f"there is no file {path}")
    return [path]


def _stage(path: Path, specs: Sequence[str | Path]) -> Stage | None:
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
    return Stage([api for api in compile_specs(wanted) if api.tools])


def _judged(file: Path, stage: Stage | None) -> Iterator[Judged]:
    with file.open("rb") as handle:
        number = 0
        while line := handle.readline(MAX_LINE + 1):
            number += 1
            if len(line) > MAX_LINE:
                while (rest := handle.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                    pass
                yield Judged(file=str(file), line=number, problem=f"longer than {MAX_LINE // 2**20} MiB")
            elif line.strip():
                yield _judge_line(file, number, line, stage)


def _judge_line(file: Path, number: int, line: bytes, stage: Stage | None) -> Judged:
    try:
        row = json.loads(line.decode("utf-8"))
        if not isinstance(row, dict):
            raise VerifyError("not a JSON object")
        trajectory = as_trajectory(row, f"{file.name}:{number}")
        verdict = judge(trajectory, stage)
    except (InftoolError, ValueError, RecursionError) as error:
        return Judged(file=str(file), line=number, problem=f"{type(error).__name__}: {str(error)[:300]}")
    return Judged(file=str(file), line=number, id=trajectory.id, verdict=verdict)
