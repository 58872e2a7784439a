"""A run: blueprints are drawn, played and judged side by side, and every trajectory is on disk before it counts."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from fastmcp import Client
from fastmcp.exceptions import FastMCPError
from pydantic import Field

from inftool.agents.cards import load_personas
from inftool.agents.cast import Cast
from inftool.errors import CastError, InftoolError, ScenarioError
from inftool.records import CATEGORIES, Blueprint, Category, Finding, GateResult, JsonObject, Record, Trajectory, Verdict
from inftool.roleplay.conversation import play, provenance
from inftool.roleplay.rehearsal import rehearse
from inftool.scenarios.sample import Sampler
from inftool.scenarios.stage import Stage
from inftool.servers.server import build_server
from inftool.servers.worlds import Worlds
from inftool.store.run import Done, Pile, Run, read_trajectories
from inftool.verification.verdict import GATES, judge

GROUP = 64
MAX_BARREN = 20


class Tally(Record):
    """How far a run is, for whoever watches it."""

    wanted: int
    attempted: int = 0
    kept: int = 0
    seconds: float = 0.0


class Summary(Record):
    """What a run came to: the JSON document of `inftool synth`."""

    run: str
    attempted: int
    kept: int
    rejected: int
    seconds: float
    rejections: dict[str, int] = Field(default_factory=dict)
    categories: dict[str, dict[str, int]] = Field(default_factory=dict)
    usage: JsonObject = Field(default_factory=dict)
    cast: dict[str, str] = Field(default_factory=dict)
    planted: dict[str, int] = Field(default_factory=dict)
    state: str = "complete"
    problem: str | None = None
    skipped: tuple[str, ...] = ()

    def trajectories(self) -> Iterator[Trajectory]:
        """The kept trajectories, read from the run folder one at a time."""
        return read_trajectories(Path(self.run))


class Simulation:
    """The moving parts of one run, from an open run folder to its summary."""

    def __init__(
        self,
        run: Run,
        stage: Stage,
        cast: Cast,
        *,
        seed: int,
        count: int,
        concurrency: int,
        categories: Sequence[Category] = CATEGORIES,
        skipped: tuple[str, ...] = (),
    ) -> None:
        self.run = run
        self.stage = stage
        self.cast = cast
        self.count = count
        self.concurrency = concurrency
        self.sampler = Sampler(stage, load_personas(), seed, categories)
        self.skipped = skipped
        self.stopping = False
        self.problem: str | None = None
        self._codes: Counter[str] = Counter()
        self._categories: dict[str, Counter[str]] = {}
        self._planted: Counter[str] = Counter()
        self._usage: dict[str, Counter[str]] = {"user": Counter(), "assistant": Counter()}
        self._kept = 0
        self._attempted = 0
        self._before = {int(done.id.split("-")[0]): done for done in run.done()}

    def stop(self) -> None:
        """Begin nothing new; what is in flight is finished and kept."""
        self.stopping = True

    async def play_all(self, watch: Callable[[Tally], None] = lambda tally: None) -> Summary:
        """Play what is missing to `count` and return the summary; the run folder then says `complete`, `stopped` or `failed`."""
        started = time.monotonic()
        for done in self._before.values():
            self._count(done)
        worlds = Worlds()
        server = build_server(self.stage.toolset.apis, worlds=worlds, output_schemas=False)
        queue: asyncio.Queue[Trajectory | None] = asyncio.Queue(maxsize=4 * GROUP)
        try:
            async with Client(server) as client, asyncio.TaskGroup() as tasks:
                writer = tasks.create_task(
                    self._write(
                        queue, lambda: watch(Tally(wanted=self.count, attempted=self._attempted, kept=self._kept, seconds=time.monotonic() - started))
                    )
                )
                blueprints = self._blueprints()
                players = [tasks.create_task(self._player(blueprints, client, worlds, queue)) for _ in range(self.concurrency)]
                await asyncio.gather(*players)
                await queue.put(None)
                await writer
        except BaseExceptionGroup as group:
            self._save("failed", started)
            raise _first(group) from group
        finally:
            await self.cast.close()
        state = "complete" if self._attempted >= self.count else "stopped"
        return self._save(state, started)

    def _blueprints(self) -> Iterator[Blueprint]:
        seen: set[str] = set()
        barren = 0
        for index in range(self.count):
            if (done := self._before.get(index)) is not None:
                seen.add(done.fingerprint)
                continue
            if self.stopping:
                return
            try:
                blueprint = self.sampler.draw(index, seen, lambda blueprint: rehearse(blueprint, self.stage).passed)
            except ScenarioError as error:
                barren += 1
                self._codes["no_blueprint"] += 1
                if barren >= MAX_BARREN:
                    self.problem = str(error)
                    return
                continue
            barren = 0
            yield blueprint

    async def _player(self, blueprints: Iterator[Blueprint], client: Client[Any], worlds: Worlds, queue: asyncio.Queue[Trajectory | None]) -> None:
        for blueprint in blueprints:
            try:
                trajectory = await play(blueprint, self.stage, self.cast, client, worlds)
            except CastError as error:
                if error.fatal:
                    raise
                trajectory = self._failed(blueprint, error)
            except FastMCPError as error:
                trajectory = self._failed(blueprint, error)
            else:
                trajectory = trajectory.model_copy(update={"verdict": judge(trajectory, self.stage)})
            await queue.put(trajectory)

    def _failed(self, blueprint: Blueprint, error: Exception) -> Trajectory:
        """A play that came to no end is put down as such: nobody's fault that could be trained on."""
        finding = Finding(code="cast_failed", message=str(error), blame="server")
        gates = tuple(GateResult(gate=gate, status="abstain", findings=(finding,) if gate == "format" else ()) for gate in GATES)
        return Trajectory(
            id=blueprint.id,
            messages=(),
            tools=tuple(self.stage.tools[name].openai() for name in blueprint.tools),
            blueprint=blueprint,
            verdict=Verdict(status="abstain", gates=gates),
            provenance=provenance(blueprint, self.stage, self.cast, digest=None, planted=None, usage={}),
        )

    async def _write(self, queue: asyncio.Queue[Trajectory | None], report: Callable[[], None]) -> None:
        open_ = True
        while open_:
            group = [await queue.get()]
            while len(group) < GROUP and not queue.empty():
                group.append(queue.get_nowait())
            if None in group:
                open_ = False
            trajectories = [item for item in group if item is not None]
            lines: list[tuple[Pile, bytes]] = [
                ("kept" if item.verdict and item.verdict.passed else "rejected", item.model_dump_json(exclude_none=False).encode())
                for item in trajectories
            ]
            if lines:
                await asyncio.to_thread(self.run.append, lines)
            # Only now, with the lines on disk, do they count.
            for (pile, _), item in zip(lines, trajectories, strict=True):
                self._count(as_done(item, pile))
            report()

    def _count(self, done: Done) -> None:
        counts = self._categories.setdefault(done.category, Counter(attempted=0, kept=0))
        self._attempted += 1
        counts["attempted"] += 1
        if done.pile == "kept":
            self._kept += 1
            counts["kept"] += 1
        self._codes.update(done.codes)
        if done.planted:
            self._planted[done.planted] += 1
        for role, usage in done.usage.items():
            self._usage[role].update(usage)

    def _save(self, state: str, started: float) -> Summary:
        summary = Summary(
            run=str(self.run.folder),
            attempted=self._attempted,
            kept=self._kept,
            rejected=self._attempted - self._kept,
            seconds=round(time.monotonic() - started, 3),
            rejections=dict(self._codes.most_common()),
            categories={name: dict(self._categories[name]) for name in CATEGORIES if name in self._categories},
            usage={role: dict(counts) for role, counts in self._usage.items()},
            cast=self.cast.names(),
            planted=dict(self._planted.most_common()),
            state=state,
            problem=self.problem,
            skipped=self.skipped,
        )
        self.run.save(state=state, summary=summary.model_dump(mode="json"))
        return summary


def as_done(trajectory: Trajectory, pile: Pile) -> Done:
    """What a stored trajectory counts as."""
    return Done(
        id=trajectory.id,
        pile=pile,
        fingerprint=trajectory.provenance["fingerprint"],
        category=trajectory.blueprint.category if trajectory.blueprint else "",
        codes=tuple(dict.fromkeys(finding.code for finding in trajectory.verdict.findings)) if trajectory.verdict else (),
        planted=(trajectory.provenance.get("planted") or {}).get("kind"),
        usage=trajectory.provenance.get("usage") or {},
    )


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error to report out of a group: ours before anything that followed from it."""
    errors: list[BaseException] = []
    stack: list[BaseException] = [group]
    while stack:
        error = stack.pop()
        if isinstance(error, BaseExceptionGroup):
            stack += error.exceptions
        else:
            errors.append(error)
    return next((error for error in errors if isinstance(error, InftoolError)), errors[0])
