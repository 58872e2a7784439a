"""A run: blueprints are drawn, played and judged side by side until enough are on disk."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

from fastmcp import Client

from inftool.agents.cast import Cast
from inftool.agents.role_cards import load_personas
from inftool.core.blueprints import Blueprint
from inftool.core.errors import CastError, InftoolError, ScenarioError
from inftool.core.trajectories import Trajectory
from inftool.llm.usage import cost_of, tokens_of
from inftool.runs.run_folder import PILES, Run, read_rows, read_trajectories
from inftool.scenarios.sampler import BlueprintSampler, Footprint
from inftool.scenarios.world_pool import WorldPool
from inftool.servers.mcp import build_server
from inftool.synthesis.forecast import Forecast, PilotSample, forecast, sample_of
from inftool.synthesis.player import Player
from inftool.synthesis.rehearsal import rehearse, rehearsed
from inftool.synthesis.run_options import RunOptions
from inftool.synthesis.run_totals import CategoryTally, RunTotals, Summary
from inftool.synthesis.writer import TrajectoryWriter
from inftool.world.registry import WorldRegistry

# Draws in a row that gave no blueprint before the run gives up: the specs have no more to give.
MAX_FAILED_DRAWS = 20
# Seconds between two reports of progress while nothing is finished.
REPORT_EVERY = 0.5

Watch = Callable[[CategoryTally], None]


class SynthesisRun:
    """The moving parts of one run, from an open run folder to its summary."""

    def __init__(self, run: Run, pool: WorldPool, cast: Cast, options: RunOptions) -> None:
        self.run = run
        self.pool = pool
        self.cast = cast
        self.options = options
        self.sampler = BlueprintSampler(
            pool, load_personas(), options.seed, options.categories, weights=options.weights
        )
        self.totals = RunTotals(cast.endpoints)
        self.stopping = False
        self.problem: str | None = None
        self._pilot: list[PilotSample] = []
        self._in_flight = 0
        self._started = time.monotonic()
        # An id begins with the number of its blueprint: `000022-…` is number 22.
        self._stored = {int(done.id.split("-")[0]): done for done in run.done()}
        for done in self._stored.values():
            self.totals.count(done)
        # What earlier processes of this run paid: tokens and money.
        self._paid_before = self.totals.tokens, self.totals.cost

    def stop(self) -> None:
        """Begin nothing new; what is in flight is finished and kept."""
        self.stopping = True

    async def play_all(self, watch: Watch = lambda tally: None) -> Summary:
        """Play what is missing to the planned number, and return the summary.

        The run folder then says `complete`, `stopped` or `failed`. CastError if a model cannot be
        used at all; what is stored is safe.
        """
        self._started = time.monotonic()
        worlds = WorldRegistry()
        try:
            async with self._client(worlds) as client:
                await self._play_side_by_side(
                    Player(self.pool, self.cast, self.options, client, worlds), watch
                )
        except BaseExceptionGroup as group:
            self._save("failed")
            # Task groups wrap errors; what a user has to read is the first one that InfTool raised.
            error = _first(group)
            if isinstance(error, CastError) and self.totals.attempted:
                resume = f"inftool synth --resume -o {self.run.folder}"
                error.hint = f"{error.hint}; what is stored is safe: {resume} goes on"
            raise error from group
        finally:
            await self.cast.close()
        complete = self.totals.attempted >= self.options.count
        return self._save("complete" if complete else "stopped")

    async def _play_side_by_side(self, player: Player, watch: Watch) -> None:
        writer = TrajectoryWriter(self.run, self.totals)
        blueprints = self._blueprints()
        async with asyncio.TaskGroup() as tasks:
            writing = tasks.create_task(
                writer.write(lambda: self._in_flight, lambda: watch(self.tally()))
            )
            reporting = tasks.create_task(self._report(watch))
            try:
                async with asyncio.TaskGroup() as lanes:
                    for _ in range(min(self.options.concurrency, self.options.planned)):
                        lanes.create_task(self._lane(blueprints, player, writer))
            finally:
                # What was played to its end is stored, whatever ended the others.
                writer.close()
                await writing
                reporting.cancel()

    @asynccontextmanager
    async def _client(self, worlds: WorldRegistry) -> AsyncIterator[Client[Any] | None]:
        """The MCP client that all plays share; None if they call their worlds directly."""
        if self.options.direct:
            yield None
            return
        server = build_server(self.pool.toolset.apis, worlds=worlds, output_schemas=False)
        async with Client(server) as client:
            # MCP's session lists all tools before it accepts a result of one that it does not
            # know: once here, or once for each play at the start.
            await client.list_tools()
            yield client

    async def _lane(
        self, blueprints: Iterator[Blueprint], player: Player, writer: TrajectoryWriter
    ) -> None:
        """Play one blueprint after the other; as many lanes as conversations may be in flight."""
        while True:
            # No new conversation while the old ones wait for an endpoint.
            await self.cast.room()
            blueprint = next(blueprints, None)
            if blueprint is None:
                return
            self._in_flight += 1
            began = time.monotonic()
            try:
                trajectory = await player.play(blueprint)
                self._sample(blueprint, trajectory, time.monotonic() - began)
                # In flight until the disk has it: a kill loses no more than so many.
                await writer.store(trajectory)
            finally:
                self._in_flight -= 1

    def _sample(self, blueprint: Blueprint, trajectory: Trajectory, seconds: float) -> None:
        """Remember what a play of a pilot came to."""
        if self.options.planned < self.options.count:
            passed = trajectory.verdict is not None and trajectory.verdict.passed
            usage = trajectory.provenance["usage"]
            self._pilot.append(
                sample_of(blueprint.category, passed, seconds, usage, self.cast.endpoints)
            )

    def tally(self) -> CategoryTally:
        """How far the run is."""
        links = self.cast.transports.values()
        tokens, cost = self._paid()
        return CategoryTally(
            wanted=self.options.planned,
            attempted=self.totals.attempted,
            kept=self.totals.kept,
            seconds=time.monotonic() - self._started,
            in_flight=self._in_flight,
            tokens=tokens,
            cost=cost if links else None,
            retries=sum(link.retries for link in links),
            stopping=self.stopping,
            limit=min((link.limiter.limit for link in links), default=None),
            breakers={
                link.endpoint.model: link.breaker.state
                for link in links
                if link.breaker.state != "closed"
            },
            categories=self.totals.categories(),
        )

    async def _report(self, watch: Watch) -> None:
        """Report how it goes, also while nothing is finished."""
        while True:
            await asyncio.sleep(REPORT_EVERY)
            watch(self.tally())

    def _paid(self) -> tuple[int, float]:
        """Tokens and money so far, to the last reply, those of earlier processes included."""
        spent = {role: link.tally.as_dict() for role, link in self.cast.transports.items()}
        tokens_before, cost_before = self._paid_before
        tokens = sum(map(tokens_of, spent.values()))
        cost = sum(cost_of(spent, self.cast.endpoints).values())
        return tokens_before + tokens, cost_before + cost

    def _is_capped(self) -> bool:
        """Whether a cap is reached, or will be by what is in flight."""
        tokens, cost = self._paid()
        totals = self.totals
        # What is in flight is taken to cost as much as the plays so far did on average.
        share = 1 + self._in_flight / max(1, totals.attempted)
        reached = self.options.caps.reached(
            cost=max(cost, totals.cost * share),
            tokens=round(max(tokens, totals.tokens * share)),
            seconds=time.monotonic() - self._started,
        )
        if reached and not self.stopping:
            self.problem = reached
            self.stop()
        return reached is not None

    def _blueprints(self) -> Iterator[Blueprint]:
        """The blueprints that are still to be played, drawn as they are asked for."""
        seen: set[str] = set()
        failed_draws = 0
        self._remember_stored()
        footprints = self._footprints()
        for index in range(self.options.planned):
            if (done := self._stored.get(index)) is not None:
                seen.add(done.fingerprint)
                # The sampler must know what stored blueprints cover, or a resumed run would draw
                # others.
                self.sampler.take(footprints[index])
                continue
            # Checked for each draw, so that a cap or Ctrl-C takes effect with the next
            # conversation.
            if self.stopping or self._is_capped():
                return
            try:
                blueprint = self.sampler.draw(index, seen, self._is_worth_playing)
            except ScenarioError as error:
                failed_draws += 1
                self.totals.codes["no_blueprint"] += 1
                if failed_draws >= MAX_FAILED_DRAWS:
                    self.problem = str(error)
                    return
                continue
            failed_draws = 0
            yield blueprint

    def _remember_stored(self) -> None:
        """Let the search for duplicates know what earlier processes stored."""
        if self.options.duplicates is None or not self._stored:
            return
        for pile in PILES:
            for trajectory in read_trajectories(self.run.folder, pile):
                self._is_new(trajectory)

    def _footprints(self) -> dict[int, Footprint]:
        """What each stored blueprint covers, by index.

        With them the sampler goes on as if it had just drawn those blueprints.
        """
        footprints: dict[int, Footprint] = {}
        for pile in PILES if self._stored else ():
            for row in read_rows(self.run.folder, pile):
                blueprint = Blueprint.model_validate(row["blueprint"])
                footprints[int(blueprint.id.split("-")[0])] = self.sampler.footprint(blueprint)
        return footprints

    def _is_worth_playing(self, blueprint: Blueprint) -> bool:
        """Whether the reference play passes, its checker rejects wrong plays, and it is new."""
        if not rehearse(blueprint, self.pool).passed:
            return False
        if self.options.duplicates is None:
            return True
        return self._is_new(rehearsed(blueprint, self.pool))

    def _is_new(self, trajectory: Trajectory) -> bool:
        duplicates = self.options.duplicates
        return duplicates is None or duplicates.twin(trajectory) is None

    def _save(self, state: str) -> Summary:
        totals = self.totals
        summary = Summary(
            run=str(self.run.folder),
            attempted=totals.attempted,
            kept=totals.kept,
            rejected=totals.attempted - totals.kept,
            seconds=round(time.monotonic() - self._started, 3),
            rejections=dict(totals.codes.most_common()),
            categories=totals.categories(),
            usage={role: counts.copy() for role, counts in totals.usage.items()},
            cost=totals.bill(),
            cast=self.cast.names(),
            planted=dict(totals.planted.most_common()),
            state=state,
            problem=self.problem,
            forecast=self._forecast() if self._pilot and state == "stopped" else None,
            skipped=self.options.skipped,
        )
        self.run.save(state=state, summary=summary.model_dump(mode="json"))
        return summary

    def _forecast(self) -> Forecast:
        """What the whole run will come to, from its first plays."""
        seconds = time.monotonic() - self._started
        options = self.options
        return forecast(self._pilot, options.count, seconds=seconds, at_once=options.concurrency)


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
