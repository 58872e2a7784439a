"""Our environments in other people's trainers: what all of them share is tried here, each in an
environment of its own by night, for their pins clash with ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from inftool import synthesize
from inftool.core.errors import TrainingError
from inftool.synthesis.rehearsal import rehearsed
from inftool.training.integrations.episode import (
    Episode,
    cached_blueprints,
    cached_pool,
    environment_of_row,
    verl_rows,
)
from tests.conftest import SPECS

SPEC = (str(SPECS / "parcels.json"),)
ROOT = Path(__file__).parents[3]


@pytest.mark.cpu_limit(180)
def test_an_episode_is_a_play_in_plain_json() -> None:
    stage, blueprints = cached_pool(SPEC), cached_blueprints(SPEC, 5, 0)
    episode = Episode(blueprints, stage)
    with pytest.raises(TrainingError, match="no play has begun"):
        episode.take(None)
    for number, blueprint in enumerate(blueprints):
        seen = episode.begin(number + len(blueprints))
        assert [message["role"] for message in seen["messages"]] == ["system", "user"]
        assert seen["reward"] is None
        for message in rehearsed(blueprint, stage).messages:
            if message["role"] == "assistant":
                seen = episode.take(message)
                json.dumps(seen)
        assert (seen["done"], seen["reward"], seen["gate"], seen["counted"]) == (
            True,
            1.0,
            "passed",
            True,
        )
        assert episode.state()["blueprint"] == blueprint.id
        episode.begin(number)
        assert episode.take(None)["reward"] == 0.0
    with pytest.raises(TrainingError, match="no blueprint"):
        Episode([], stage)


@pytest.mark.cpu_limit(180)
def test_a_row_holds_all_that_a_worker_needs() -> None:
    made = verl_rows(cached_blueprints(SPEC, 3, 0), SPEC, cached_pool(SPEC))
    for row, blueprint in zip(
        json.loads(json.dumps(made)), cached_blueprints(SPEC, 3, 0), strict=True
    ):
        environment = environment_of_row(row["extra_info"])
        assert environment.blueprint == blueprint
        assert environment.messages == row["prompt"]
        assert {"data_source", "agent_name", "ability", "reward_model"} <= row.keys()


def environment_with(package: str, folder: Path) -> Path:
    """A Python in which a peer's own pins come first, and what it does not bring is what runs these
    tests."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", *package.split()], check=True)
    found = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"],
        check=True,
        capture_output=True,
        text=True,
    )
    behind = [str(ROOT), *(path for path in sys.path if path.rstrip("/").endswith("site-packages"))]
    (Path(found.stdout.strip()) / "zz-inftool.pth").write_text("\n".join(behind) + "\n")
    return python


@pytest.mark.nightly
@pytest.mark.cpu_limit(2400)
@pytest.mark.parametrize(
    ("peer", "packages"),
    [
        ("openenv", "openenv-core==0.3.0"),
        ("verl", "verl==0.9.1 fastapi uvicorn"),
        ("verifiers", "verifiers==0.4.0 uv"),
    ],
)
def test_a_peer_plays_it_as_it_should_be(peer: str, packages: str, tmp_path: Path) -> None:
    from tests.support.tiny import make_model

    synthesize([SPECS / "parcels.json"], out=tmp_path / "run", count=8, seed=1)
    model = make_model(tmp_path / "model", tmp_path / "run", "Llama")
    python = environment_with(packages, tmp_path / "venv")
    done = subprocess.run(
        [str(python), "-m", f"tests.peers.{peer}_check", str(SPECS / "parcels.json"), str(model)],
        cwd=ROOT,
        # verifiers looks for uv on the path.
        env={**os.environ, "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "all as they should be" in done.stdout
