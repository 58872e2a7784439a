"""Run in an environment that has verifiers: whole episodes by its own harness, against an endpoint
that plays as it should."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from tempfile import mkdtemp

import verifiers.v1 as vf
from verifiers.v1.clients import EvalClientConfig, ModelContext

from inftool.training.integrations.episode import cached_blueprints, cached_pool
from inftool.training.trainers.rollout import has_fixed_tools
from tests.support.endpoint import Endpoint, serving


async def main(spec: str) -> None:
    folder = Path(mkdtemp())
    (folder / "inftool_verifiers.py").write_text(
        "from inftool.training.integrations.verifiers import InftoolEnv, InftoolTaskset\n__all__ "
        "= ['InftoolEnv', 'InftoolTaskset']\n"
    )
    sys.path.insert(0, str(folder))
    from inftool.training.integrations.verifiers import InftoolConfig, InftoolEnv, InftoolEnvConfig

    specs = (spec,)
    blueprints = [item for item in cached_blueprints(specs, 6, 0) if has_fixed_tools(item)]
    env = InftoolEnv(
        InftoolEnvConfig(taskset=InftoolConfig(id="inftool_verifiers", specs=list(specs), count=6))
    )
    os.environ["INFTOOL_TEST_KEY"] = "none"
    async with serving(Endpoint(blueprints, cached_pool(specs).tools)) as endpoint, env.serving():
        context = ModelContext(
            model="tiny",
            client=EvalClientConfig(base_url=endpoint.url, api_key_var="INFTOOL_TEST_KEY"),
        )
        tasks = list(env.taskset)
        assert len(tasks) == len(blueprints)
        for task in tasks:
            episode = await env.run_episode(task, context)
            assert not episode.errors, episode.errors
            (trace,) = episode.traces
            assert trace.ok, [str(error)[-1500:] for error in (trace.last_error, *episode.errors)]
            assert trace.reward == 1.0, (
                task.data.name,
                trace.reward,
                [str(m)[:200] for m in trace.messages],
            )
    print(f"verifiers: {len(tasks)} plays, all as they should be")


if __name__ == "__main__":
    assert vf
    asyncio.run(main(sys.argv[1]))
