"""The novelty gate: near-duplicates among the trajectories themselves, and overlap with benchmarks
that a model will be measured on."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from inftool.core.chat import ChatMessage
from inftool.core.errors import MissingExtra, UsageError
from inftool.core.trajectories import Finding, GateResult, Trajectory, Verdict
from inftool.language.values import normalize
from inftool.scenarios.plan import leaves

_WORD = re.compile(r"[^\W_]+")
_PERMUTATIONS = 128
_BANDS = 32
_SHINGLE = 3
_ASKED = frozenset(
    (
        "question",
        "query",
        "prompt",
        "instruction",
        "input",
        "text",
        "content",
        "value",
        "user",
        "problem",
        "goal",
    )
)


class Duplicates:
    """Remembers conversations by what was said and by what was called, and names the twin of one
    that is too much like an earlier one.

    MinHash (128 permutations) over word triples of both sides' words, and over the calls'
    arguments. A twin has `alike` of the words in common (Jaccard), or
    nearly all of the calls and half of the words. Needs rensa (`inftool[dedup]`).
    """

    def __init__(self, *, alike: float = 0.8, calls_alike: float = 0.95) -> None:
        try:
            from rensa import RMinHash, RMinHashLSH
        except ModuleNotFoundError as error:
            raise MissingExtra("rensa", "dedup") from error
        self._hash = RMinHash
        self.alike = alike
        self.calls_alike = calls_alike
        self._ids: list[str] = []
        self._words: list[Any] = []
        self._calls: list[Any] = []
        self._by_words = RMinHashLSH(alike, _PERMUTATIONS, _BANDS)
        self._by_calls = RMinHashLSH(calls_alike, _PERMUTATIONS, _BANDS // 2)

    def __len__(self) -> int:
        return len(self._ids)

    def twin(self, trajectory: Trajectory) -> str | None:
        """The id of an earlier conversation that this one is too much like, None where there is
        none; then it is remembered itself."""
        words = self._minhash(shingles(trajectory.messages))
        made = list(call_tokens(trajectory.messages))
        calls = self._minhash(made) if made else None
        near = sorted(
            {
                *self._by_words.query(words),
                *(self._by_calls.query(calls) if calls is not None else ()),
            }
        )
        for place in near:
            common = words.jaccard(self._words[place])
            other = self._calls[place]
            same_calls = (
                calls is not None and other is not None and calls.jaccard(other) >= self.calls_alike
            )
            if common >= self.alike or (same_calls and common >= 0.5):
                return str(self._ids[place])
        place = len(self._ids)
        self._ids.append(trajectory.id)
        self._words.append(words)
        self._calls.append(calls)
        self._by_words.insert(place, words)
        if calls is not None:
            self._by_calls.insert(place, calls)
        return None

    def _minhash(self, tokens: Iterable[str]) -> Any:
        made = self._hash(_PERMUTATIONS, 42)
        made.update(list(tokens))
        return made


def shingles(messages: Sequence[ChatMessage]) -> Iterator[str]:
    """The word triples of what the user and the assistant say, each side for itself."""
    for message in messages:
        role, text = message.get("role"), message.get("content")
        if role not in ("user", "assistant") or not isinstance(text, str):
            continue
        words = _WORD.findall(normalize(text))
        if len(words) < _SHINGLE:
            yield f"{role}:{' '.join(words)}"
        for at in range(len(words) - _SHINGLE + 1):
            yield f"{role}:{' '.join(words[at : at + _SHINGLE])}"


def call_tokens(messages: Sequence[ChatMessage]) -> Iterator[str]:
    """The calls as tokens: the tool, and each of its arguments with its value; the same again is
    another token."""
    times: Counter[str] = Counter()
    for message in messages:
        calls = message.get("tool_calls")
        for call in calls if isinstance(calls, (list, tuple)) else ():
            function = call.get("function") if isinstance(call, dict) else None
            if not isinstance(function, dict):
                continue
            name, given = function.get("name"), function.get("arguments")
            try:
                arguments = json.loads(given) if isinstance(given, str) else given
            except ValueError:
                arguments = given
            for token in (
                str(name),
                *(f"{name}{pointer}={value}" for pointer, value in leaves(arguments)),
            ):
                times[token] += 1
                yield f"{token}#{times[token]}"


class Benchmarks:
    """The texts of benchmark files, by their word n-grams, to find what has been copied from them."""

    def __init__(self, paths: Sequence[Path], *, size: int = 8, share: float = 0.5) -> None:
        self.size = size
        self.share = share
        self._grams: dict[int, list[str]] = {}
        self._whole: dict[str, str] = {}
        self.texts = 0
        for path in paths:
            for name, text in benchmark_texts(path):
                self.texts += 1
                words = _WORD.findall(normalize(text))
                if 3 < len(words) < size:
                    self._whole.setdefault(" ".join(words), name)
                for gram in self._hashes(words):
                    names = self._grams.setdefault(gram, [])
                    if name not in names and len(names) < 4:
                        names.append(name)

    def _hashes(self, words: Sequence[str]) -> set[int]:
        return {hash(tuple(words[at : at + self.size])) for at in range(len(words) - self.size + 1)}

    def twin(self, trajectory: Trajectory) -> tuple[int, str] | None:
        """The message (index) that a benchmark holds too, with the benchmark's name for it; None
        where there is none."""
        for index, message in enumerate(trajectory.messages):
            text = message.get("content")
            if message.get("role") != "user" or not isinstance(text, str):
                continue
            words = _WORD.findall(normalize(text))
            if known := self._whole.get(" ".join(words)):
                return index, known
            grams = self._hashes(words)
            times = Counter(name for gram in grams for name in self._grams.get(gram, ()))
            for name, found in times.most_common(1):
                if found >= self.share * len(grams):
                    return index, name
        return None


def benchmark_texts(path: Path) -> Iterator[tuple[str, str]]:
    """What a benchmark asks, with a name for each: from JSON lines, a JSON array, or a plain text's
    lines.

    UsageError where it cannot be read.
    """
    try:
        text = path.read_text("utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"the benchmark {path} cannot be read: {error.strerror}") from error
    for number, row in _rows(text):
        name = f"{path.name}:{row['id'] if isinstance(row, dict) and 'id' in row else number}"
        for said in _said(row):
            yield name, said


def _rows(text: str) -> Iterator[tuple[int, Any]]:
    if text.lstrip()[:1] == "[":
        try:
            yield from enumerate(json.loads(text), 1)
            return
        except ValueError:
            pass
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError):
                yield number, line


def _said(row: Any) -> Iterator[str]:
    """The texts of a benchmark's row that a user would say: not answers, not what the machinery
    says."""
    if isinstance(row, str):
        yield row
        return
    stack: list[Any] = [row]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if node.get("role", "user") not in ("user", "human") or node.get(
                "from", "human"
            ) not in ("user", "human"):
                continue
            for key, value in node.items():
                if isinstance(value, str) and key.casefold() in _ASKED:
                    yield value
                elif isinstance(value, (list, dict)) and key not in (
                    "function",
                    "functions",
                    "tools",
                    "ground_truth",
                    "answers",
                    "initial_config",
                ):
                    stack.append(value)
        elif isinstance(node, list):
            stack += node


def with_novelty(
    trajectory: Trajectory,
    verdict: Verdict,
    duplicates: Duplicates | None,
    benchmarks: Benchmarks | None,
) -> Verdict:
    """A verdict with the novelty gate at its end; it abstains after a failure, since what is not
    kept is nobody's twin."""
    if verdict.status == "fail":
        return with_gate(verdict, GateResult(gate="novelty", status="abstain"))
    findings: list[Finding] = []
    if benchmarks is not None and (found := benchmarks.twin(trajectory)) is not None:
        index, name = found
        message = f"the user's words are those of {name}"
        findings.append(
            Finding(
                code="contaminated",
                message=message,
                pointer=f"/messages/{index}/content",
                blame="user",
            )
        )
    elif duplicates is not None and (twin := duplicates.twin(trajectory)) is not None:
        findings.append(
            Finding(
                code="near_duplicate",
                message=f"it is nearly the same as {twin}",
                pointer="/messages",
                blame="spec",
            )
        )
    return with_gate(
        verdict,
        GateResult(gate="novelty", status="fail" if findings else "pass", findings=tuple(findings)),
    )


def with_gate(verdict: Verdict, result: GateResult) -> Verdict:
    """A verdict with one more gate; the status is the worse of the two."""
    order: tuple[str, ...] = ("pass", "abstain", "fail")
    silent = result.status == "abstain" and not result.findings
    status = verdict.status if silent else max(verdict.status, result.status, key=order.index)
    return verdict.model_copy(update={"status": status, "gates": (*verdict.gates, result)})
