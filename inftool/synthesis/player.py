"""Plays one blueprint to its verdict: the conversation, the judge's opinion, a second try."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from fastmcp import Client

from inftool.agents.cast import Cast
from inftool.agents.judge import Judge
from inftool.core.blueprints import Blueprint
from inftool.core.errors import CastError
from inftool.core.trajectories import Finding, Provenance, Trajectory, Verdict
from inftool.llm.client import EndpointClient
from inftool.scenarios.world_pool import WorldPool
from inftool.synthesis.conversation import play, undecided
from inftool.synthesis.reflection import deserves_second_try, second_try
from inftool.synthesis.run_options import RunOptions
from inftool.synthesis.run_totals import added_up
from inftool.synthesis.verbalize import verbalize
from inftool.verification.gates.judge import with_judge
from inftool.verification.integrity import seal
from inftool.verification.verdict import judge
from inftool.world.registry import WorldRegistry


class Player:
    """Plays blueprints with one cast and one MCP client (None calls the worlds directly)."""

    def __init__(
        self,
        pool: WorldPool,
        cast: Cast,
        options: RunOptions,
        client: Client[Any] | None,
        worlds: WorldRegistry,
    ) -> None:
        self._pool = pool
        self._cast = cast
        self._options = options
        self._client = client
        self._worlds = worlds

    async def play(self, blueprint: Blueprint) -> Trajectory:
        """The trajectory with its verdict and seal; of two tries the second."""
        first = await self._judged(await self._conversation(blueprint))
        client = self._client
        if not self._options.reflect or client is None or not deserves_second_try(first.verdict):
            return first
        retried = await second_try(blueprint, first, self._pool, self._cast, client, self._worlds)
        second = await self._judged(retried)
        # Both tries were paid for.
        usage = added_up(first.provenance["usage"], second.provenance["usage"])
        provenance: Provenance = {**second.provenance, "usage": usage}
        return second.model_copy(update={"provenance": provenance})

    async def _conversation(self, blueprint: Blueprint) -> Trajectory:
        tracer, deadline = self._cast.tracer, self._options.deadline
        with (
            tracer.conversation(blueprint.id, blueprint.category)
            if tracer is not None
            else nullcontext()
        ):
            if "writer" in self._cast.transports:
                return await verbalize(blueprint, self._pool, self._cast, deadline=deadline)
            return await play(
                blueprint, self._pool, self._cast, self._client, self._worlds, deadline=deadline
            )

    async def _judged(self, trajectory: Trajectory) -> Trajectory:
        """The trajectory with its verdict, sealed so that a later edit is detected."""
        # A copy: the trajectory is a frozen record, and its provenance may be shared.
        usage = dict(trajectory.provenance.get("usage") or {})
        verdict = trajectory.verdict
        if verdict is None:
            # A client of its own for each play: its tally is this play's bill.
            client = self._cast.client("judge")
            verdict = await self._with_opinion(trajectory, judge(trajectory, self._pool), client)
            if client is not None:
                usage["judge"] = client.tally.as_dict()
        provenance: Provenance = {
            **trajectory.provenance,
            "usage": usage,
            "seal": seal(trajectory),
        }
        return trajectory.model_copy(update={"verdict": verdict, "provenance": provenance})

    async def _with_opinion(
        self, trajectory: Trajectory, verdict: Verdict, client: EndpointClient | None
    ) -> Verdict:
        judge_model = self._options.judge
        if judge_model is None and client is not None:
            judge_model = Judge(client, cards=self._cast.cards)
        if judge_model is None:
            return verdict
        try:
            return await with_judge(trajectory, verdict, judge_model, self._pool)
        except CastError as error:
            if error.fatal:
                raise
            # A judge that could not be asked is no reason to keep a line, nor to end the run.
            message = f"the judge: {error}"
            return undecided(Finding(code="cast_failed", message=message, blame="judge"))
