"""One blueprint played on its own: a file written by hand in, a judged trajectory out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from fastmcp import Client

from inftool.agents.cast import Cast
from inftool.agents.role_cards import load_personas
from inftool.core.blueprints import Blueprint
from inftool.core.errors import UsageError
from inftool.core.trajectories import Trajectory
from inftool.llm.config import CastSettings
from inftool.scenarios.authoring.loader import read_blueprint, read_written
from inftool.scenarios.world_pool import WorldPool
from inftool.servers.mcp import build_server
from inftool.specs import compile_specs
from inftool.synthesis.conversation import play
from inftool.verification.verdict import judge
from inftool.world.registry import WorldRegistry


def play_file(path: str | Path, specs: Sequence[str | Path] = ()) -> Trajectory:
    """Play a blueprint written as YAML with the scripted cast and a real MCP client, and judge it.

    `specs` default to those that the file names, relative to its own folder. Errors: SpecError,
    ScenarioError (with the line), UsageError.
    """
    written, _ = read_written(path)
    paths = list(specs) or [Path(path).parent / name for name in written.specs]
    if not paths:
        raise UsageError(
            "which specs is it for?",
            hint="name them in the file (specs: [../specs/bookshop.yaml]) or with --specs",
        )
    stage = WorldPool([api for api in compile_specs(paths) if api.tools])
    return asyncio.run(play_one(read_blueprint(path, stage, load_personas()), stage))


async def play_one(blueprint: Blueprint, stage: WorldPool) -> Trajectory:
    """Play one blueprint with the scripted cast and judge it."""
    # The seed only chooses mistakes, and this cast makes none.
    cast, worlds = Cast(CastSettings(), seed=0), WorldRegistry()
    async with Client(
        build_server(stage.toolset.apis, worlds=worlds, output_schemas=False)
    ) as client:
        trajectory = await play(blueprint, stage, cast, client, worlds)
    await cast.close()
    return trajectory.model_copy(update={"verdict": judge(trajectory, stage)})
