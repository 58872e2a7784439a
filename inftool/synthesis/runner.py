"""A run: blueprints are drawn, played and judged side by side, and every trajectory is on disk before it counts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from typing import Any

from fastmcp import Client

from inftool.agents.cast import Cast
from inftool.agents.judge import Judge
from inftool.agents.role_cards import load_personas
from inftool.core.blueprints import CATEGORIES, Blueprint, Category
from inftool.core.errors import CastError, InftoolError, ScenarioError
from inftool.core.trajectories import Finding, Provenance, Trajectory
from inftool.llm.usage import Caps, cost_of
from inftool.runs.run_folder import PILES, Pile, Run, read_rows, read_trajectories
from inftool.scenarios.sampler import BlueprintSampler, Footprint
from inftool.scenarios.world_pool import WorldPool
from inftool.servers.mcp import build_server
from inftool.synthesis.conversation import play, undecided
from inftool.synthesis.forecast import Forecast, PilotSample, forecast, sample_of
from inftool.synthesis.reflection import second_try, worth_another
from inftool.synthesis.rehearsal import rehearse, rehearsed
from inftool.synthesis.run_totals import CategoryTally, RunTotals, Summary, added_up, as_done
from inftool.synthesis.verbalize import verbalize
from inftool.verification.gates.judge import with_judge
from inftool.verification.gates.novelty import Duplicates
from inftool.verification.integrity import seal
from inftool.verification.verdict import judge
from inftool.world.registry import WorldRegistry

GROUP = 64
MAX_BARREN = 20
TICK = 0.5
LINGER = 0.02
Played = tuple[Trajectory, asyncio.Future[None]]


class SynthesisRun:
    """The moving parts of one run, from an open run folder to its summary."""

    def __init__(
        self,
        run: Run,
        stage: WorldPool,
        cast: Cast,
        *,
        seed: int,
        count: int,
        concurrency: int,
        categories: Sequence[Category] = CATEGORIES,
        skipped: tuple[str, ...] = (),
        judge: Judge | None = None,
        reflect: bool = False,
        duplicates: Duplicates | None = None,
        direct: bool = False,
        caps: Caps | None = None,
        deadline: float | None = None,
        until: int | None = None,
        weights: Mapping[str, Mapping[str, float]] | None = None,
    ) -> None:
        self.run = run
        self.stage = stage
        self.cast = cast
        self.count = count
        self.concurrency = concurrency
        self.sampler = BlueprintSampler(stage, load_personas(), seed, categories, weights=weights)
        self.skipped = skipped
        self.judge = judge
        self.reflect = reflect
        self.duplicates = duplicates
        self.direct = direct
        self.caps = caps or Caps()
        self.deadline = deadline
        self.until = count if until is None else min(count, until)
        self.stopping = False
        self.problem: str | None = None
        self.ledger = RunTotals(cast.endpoints)
        self.pilot: list[PilotSample] = []
        self._in_flight = self._waiting = 0
        self._started = time.monotonic()
        self._paid_before = 0, 0.0
        self._before = {int(done.id.split("-")[0]): done for done in run.done()}

    def stop(self) -> None:
        """Begin nothing new; what is in flight is finished and kept."""
        self.stopping = True

    async def play_all(
        self, watch: Callable[[CategoryTally], None] = lambda tally: None
    ) -> Summary:
        """Play what is missing to `count` and return the summary; the run folder then says `complete`, `stopped` or `failed`."""
        self._started = time.monotonic()
        for done in self._before.values():
            self.ledger.count(done)
        self._paid_before = self.ledger.tokens, self.ledger.cost
        queue: asyncio.Queue[Played | None] = asyncio.Queue()
        worlds = WorldRegistry()
        try:
            async with self._client(worlds) as client, asyncio.TaskGroup() as tasks:
                writer = tasks.create_task(self._write(queue, lambda: watch(self.tally())))
                watcher = tasks.create_task(self._tick(watch))
                blueprints = self._blueprints()
                try:
                    async with asyncio.TaskGroup() as players:
                        for _ in range(min(self.concurrency, self.until)):
                            players.create_task(self._player(blueprints, client, worlds, queue))
                finally:
                    # What was played to its end is stored, whatever ended the others.
                    await queue.put(None)
                    await writer
                    watcher.cancel()
        except BaseExceptionGroup as group:
            self._save("failed")
            error = _first(group)
            if isinstance(error, CastError) and self.ledger.attempted:
                error.hint = f"{error.hint}; what is stored is safe: inftool synth --resume -o {self.run.folder} goes on"
            raise error from group
        finally:
            await self.cast.close()
        return self._save("complete" if self.ledger.attempted >= self.count else "stopped")

    @asynccontextmanager
    async def _client(self, worlds: WorldRegistry) -> AsyncIterator[Client[Any] | None]:
        """The MCP client that all plays share; None where they call their worlds without a server in between."""
        if self.direct:
            yield None
            return
        async with Client(
            build_server(self.stage.toolset.apis, worlds=worlds, output_schemas=False)
        ) as client:
            # MCP's session lists all tools before it believes a result of one that it does not know: once here, or once for each play at the start.
            await client.list_tools()
            yield client

    def tally(self) -> CategoryTally:
        """How far the run is."""
        links = self.cast.links.values()
        tokens, cost = self._paid()
        return CategoryTally(
            wanted=self.until,
            attempted=self.ledger.attempted,
            kept=self.ledger.kept,
            seconds=time.monotonic() - self._started,
            in_flight=self._in_flight,
            tokens=tokens,
            cost=cost if links else None,
            retries=sum(link.retries for link in links),
            stopping=self.stopping,
            limit=min((link.pacer.limit for link in links), default=None),
            breakers={
                link.endpoint.model: link.breaker.state
                for link in links
                if link.breaker.state != "closed"
            },
            categories=self.ledger.categories(),
        )

    async def _tick(self, watch: Callable[[CategoryTally], None]) -> None:
        """Tell whoever watches how it goes, also while nothing is finished."""
        while True:
            await asyncio.sleep(TICK)
            watch(self.tally())

    def _paid(self) -> tuple[int, float]:
        """Tokens and money so far, to the last reply: what is stored of earlier processes, and what this one was charged."""
        spent = {role: link.spent.as_dict() for role, link in self.cast.links.items()}
        tokens = sum(
            tally["prompt_tokens"] + tally["completion_tokens"] for tally in spent.values()
        )
        return self._paid_before[0] + tokens, self._paid_before[1] + sum(
            cost_of(spent, self.cast.endpoints).values()
        )

    def _capped(self) -> bool:
        """Whether a cap is reached, or will be by what is in flight: then nothing new is begun, and what is in flight is finished and kept."""
        tokens, cost = self._paid()
        ledger, share = self.ledger, self._in_flight / max(1, self.ledger.attempted)
        reached = self.caps.reached(
            cost=max(cost, ledger.cost * (1 + share)),
            tokens=round(max(tokens, ledger.tokens * (1 + share))),
            seconds=time.monotonic() - self._started,
        )
        if reached and not self.stopping:
            self.problem = reached
            self.stop()
        return reached is not None

    def _blueprints(self) -> Iterator[Blueprint]:
        seen: set[str] = set()
        barren = 0
        for pile in PILES if self.duplicates is not None and self._before else ():
            for former in read_trajectories(self.run.folder, pile):
                self._is_new(former)
        footprints = self._footprints()
        for index in range(self.until):
            if (done := self._before.get(index)) is not None:
                seen.add(done.fingerprint)
                self.sampler.take(footprints[index])
                continue
            if self.stopping or self._capped():
                return
            try:
                blueprint = self.sampler.draw(index, seen, self._worth_playing)
            except ScenarioError as error:
                barren += 1
                self.ledger.codes["no_blueprint"] += 1
                if barren >= MAX_BARREN:
                    self.problem = str(error)
                    return
                continue
            barren = 0
            yield blueprint

    def _footprints(self) -> dict[int, Footprint]:
        """What each stored blueprint covers, by index: the sampler then goes on as if it had drawn them just now."""
        found: dict[int, Footprint] = {}
        for pile in PILES if self._before else ():
            for row in read_rows(self.run.folder, pile):
                blueprint = Blueprint.model_validate(row["blueprint"])
                found[int(blueprint.id.split("-")[0])] = self.sampler.footprint(blueprint)
        return found

    def _worth_playing(self, blueprint: Blueprint) -> bool:
        """Whether a blueprint's true play passes, its checker finds out the false ones, and nothing like it has been drawn before."""
        if not rehearse(blueprint, self.stage).passed:
            return False
        return self.duplicates is None or self._is_new(rehearsed(blueprint, self.stage))

    def _is_new(self, trajectory: Trajectory) -> bool:
        return self.duplicates is None or self.duplicates.twin(trajectory) is None

    async def _judged(self, trajectory: Trajectory) -> Trajectory:
        """A trajectory with its verdict, and sealed, so that whatever is changed in it later is found out."""
        verdict, spent = trajectory.verdict, dict(trajectory.provenance.get("usage") or {})
        if verdict is None:
            verdict = judge(trajectory, self.stage)
            client = self.cast.client("judge")
            opinion = self.judge or (
                Judge(client, cards=self.cast.cards) if client is not None else None
            )
            if opinion is not None:
                try:
                    verdict = await with_judge(trajectory, verdict, opinion, self.stage)
                except CastError as error:
                    if error.fatal:
                        raise
                    verdict = undecided(
                        Finding(code="cast_failed", message=f"the judge: {error}", blame="judge")
                    )
                if client is not None:
                    spent["judge"] = client.tally.as_dict()
        provenance: Provenance = {
            **trajectory.provenance,
            "usage": spent,
            "seal": seal(trajectory),
        }
        return trajectory.model_copy(update={"verdict": verdict, "provenance": provenance})

    async def _player(
        self,
        blueprints: Iterator[Blueprint],
        client: Client[Any] | None,
        worlds: WorldRegistry,
        queue: asyncio.Queue[Played | None],
    ) -> None:
        while True:
            # No new conversation while the old ones wait for an endpoint: as many are in flight as it takes.
            await self.cast.room()
            blueprint = next(blueprints, None)
            if blueprint is None:
                return
            self._in_flight += 1
            began = time.monotonic()
            try:
                trajectory = await self._played(blueprint, client, worlds, began)
                # In flight until the disk has it: a kill loses no more than so many.
                await self._stored(trajectory, queue)
            finally:
                self._in_flight -= 1

    async def _stored(self, trajectory: Trajectory, queue: asyncio.Queue[Played | None]) -> None:
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.put_nowait((trajectory, stored))
        self._waiting += 1
        try:
            await stored
        finally:
            self._waiting -= 1

    async def _played(
        self, blueprint: Blueprint, client: Client[Any] | None, worlds: WorldRegistry, began: float
    ) -> Trajectory:
        first = trajectory = await self._judged(await self._play(blueprint, client, worlds))
        if (
            self.reflect
            and client is not None
            and first.verdict is not None
            and worth_another(first.verdict)
        ):
            again = await self._judged(
                await second_try(blueprint, first, self.stage, self.cast, client, worlds)
            )
            usage = added_up(first.provenance["usage"], again.provenance["usage"])
            trajectory = again.model_copy(
                update={"provenance": {**again.provenance, "usage": usage}}
            )
        passed = trajectory.verdict is not None and trajectory.verdict.passed
        if self.until < self.count:
            usage = trajectory.provenance["usage"]
            self.pilot.append(
                sample_of(
                    blueprint.category, passed, time.monotonic() - began, usage, self.cast.endpoints
                )
            )
        return trajectory

    async def _play(
        self, blueprint: Blueprint, client: Client[Any] | None, worlds: WorldRegistry
    ) -> Trajectory:
        tracer = self.cast.tracer
        with tracer.play(blueprint.id, blueprint.category) if tracer is not None else nullcontext():
            if "writer" in self.cast.links:
                return await verbalize(blueprint, self.stage, self.cast, deadline=self.deadline)
            return await play(
                blueprint, self.stage, self.cast, client, worlds, deadline=self.deadline
            )

    async def _write(self, queue: asyncio.Queue[Played | None], report: Callable[[], None]) -> None:
        open_ = True
        while open_:
            group = [await queue.get()]
            if group[0] is not None and queue.empty() and self._waiting < self._in_flight:
                # A sync costs the same for one line as for many: a moment's wait makes them many.
                await asyncio.sleep(LINGER)
            while len(group) < GROUP and not queue.empty():
                group.append(queue.get_nowait())
            open_ = None not in group
            played = [item for item in group if item is not None]
            lines: list[tuple[Pile, bytes]] = [
                (
                    "kept" if item.verdict and item.verdict.passed else "rejected",
                    item.model_dump_json(exclude_none=False).encode(),
                )
                for item, _ in played
            ]
            if lines:
                await asyncio.to_thread(self.run.append, lines)
            # Only now, with the lines on disk, do they count.
            for (pile, _), (item, stored) in zip(lines, played, strict=True):
                self.ledger.count(as_done(item, pile))
                if not stored.done():
                    stored.set_result(None)
            report()

    def _save(self, state: str) -> Summary:
        ledger = self.ledger
        summary = Summary(
            run=str(self.run.folder),
            attempted=ledger.attempted,
            kept=ledger.kept,
            rejected=ledger.attempted - ledger.kept,
            seconds=round(time.monotonic() - self._started, 3),
            rejections=dict(ledger.codes.most_common()),
            categories=ledger.categories(),
            usage={role: counts.copy() for role, counts in ledger.usage.items()},
            cost=ledger.bill(),
            cast=self.cast.names(),
            planted=dict(ledger.planted.most_common()),
            state=state,
            problem=self.problem,
            forecast=self._forecast() if self.pilot and state == "stopped" else None,
            skipped=self.skipped,
        )
        self.run.save(state=state, summary=summary.model_dump(mode="json"))
        return summary

    def _forecast(self) -> Forecast:
        """What the whole run will come to, from its first plays."""
        return forecast(
            self.pilot,
            self.count,
            seconds=time.monotonic() - self._started,
            at_once=self.concurrency,
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
