"""The loop and the training verbs: killed at any stage and resumed, it comes to the same manifests;
what cannot be is refused in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from inftool import synthesize
from inftool.cli import app
from inftool.core.errors import MissingExtra, UsageError
from inftool.training._optional import require
from inftool.training.commands import LoopSpecs, start_loop, start_training
from inftool.training.config import PRESETS, TrainConfig, load_config
from inftool.training.models.shipped import SHIPPED_MODEL
from tests.conftest import SPECS


def test_presets_files_and_flags_lie_over_one_another(tmp_path: Path) -> None:
    file = tmp_path / "train.toml"
    file.write_text("batch = 3\nlora = 8\n[trl]\nwarmup_steps = 2\n")
    found = load_config("tiny-cpu", file, lora=2, steps=None)
    assert (found.batch, found.lora, found.trl, found.learning_rate) == (
        3,
        2,
        {"warmup_steps": 2},
        PRESETS["tiny-cpu"]["learning_rate"],
    )
    for name in PRESETS:
        assert isinstance(load_config(name), TrainConfig)
    with pytest.raises(UsageError, match="no preset 'huge'"):
        load_config("huge")
    with pytest.raises(UsageError, match="lora: Input should be"):
        load_config(lora=-1)
    file.write_text("batsch = 3\n")
    with pytest.raises(UsageError, match="batsch"):
        load_config(file=file)


def test_what_does_not_go_together_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no method 'ppo'"):
        start_training("ppo", "m", tmp_path / "o", TrainConfig())
    with pytest.raises(UsageError, match="grpo plays blueprints"):
        start_training("grpo", "m", tmp_path / "o", TrainConfig())
    with pytest.raises(UsageError, match="sft learns from runs"):
        start_training("sft", "m", tmp_path / "o", TrainConfig())
    with pytest.raises(UsageError, match="no spec is held out"):
        start_loop(LoopSpecs([SPECS / "parcels.json"]), "m", tmp_path / "l", {})


def test_a_missing_extra_says_how_to_get_it() -> None:
    with pytest.raises(MissingExtra, match="no_such_library is not installed") as caught:
        require("no_such_library")
    assert "pip install 'inftool[train]'" in str(caught.value)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("trl")
    from tests.support.tiny import make_model

    folder = tmp_path_factory.mktemp("loop")
    synthesize([SPECS / "parcels.json"], out=folder / "run", count=8, seed=1)
    return make_model(folder / "base", folder / "run", "Llama")


def settings(**given: Any) -> dict[str, Any]:
    tiny = TrainConfig(
        cpu=True,
        steps=2,
        batch=4,
        generations=4,
        max_new_tokens=8,
        max_length=2500,
        learning_rate=1e-3,
    )
    return {
        "rounds": 2,
        "count": 6,
        "prompts": 2,
        "held_out": 4,
        "plays": 1,
        "epsilon": -1.0,
        "sft": tiny,
        "grpo": tiny,
        **given,
    }


def manifests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for name in ("manifest.json", "gaps.json", "eval.json")
        for path in folder.rglob(name)
    }


class Killed(Exception):
    """A power cut, as far as the loop is concerned."""


@pytest.mark.cpu_limit(900)
@pytest.mark.filterwarnings("ignore")
def test_killed_at_every_stage_and_resumed_it_comes_to_the_same(tmp_path: Path) -> None:
    """Of a model that can do something, sampled: what chance decides is decided again in the same
    way."""
    pytest.importorskip("trl")
    require("torch").set_num_threads(1)
    specs = LoopSpecs([SPECS / "parcels.json"], [SPECS / "airline.json"])
    job = (specs, str(SHIPPED_MODEL))
    names = ("simple", "irrelevance")
    tiny = TrainConfig(
        cpu=True,
        steps=2,
        batch=8,
        generations=4,
        max_new_tokens=48,
        max_length=900,
        learning_rate=1e-3,
    )
    chosen = settings(temperature=1.0, held_out=12, plays=2, count=12, sft=tiny, grpo=tiny)
    stages: list[str] = []
    whole = start_loop(*job, tmp_path / "whole", chosen, categories=names, watch=stages.append)
    assert any(0 < item.exact < 1 for item in whole)
    assert [item.round for item in whole] == [1, 2]
    assert len(stages) >= 9
    wanted = manifests(tmp_path / "whole")
    assert len(wanted) == 6
    assert "held-out specs" in (tmp_path / "whole" / "loop.html").read_text()
    assert (tmp_path / "whole" / "round-2" / "grpo" / "gates.svg").is_file()
    died = 0
    while True:
        fresh = 0

        def watch(line: str) -> None:
            nonlocal fresh, died
            fresh += 1
            # Each start gets one stage further than the one before it, and is killed as the next
            # begins.
            if fresh == 2:
                died += 1
                raise Killed(line)

        try:
            again = start_loop(*job, tmp_path / "killed", chosen, categories=names, watch=watch)
        except Killed:
            continue
        break
    assert died >= 4
    assert again == whole
    assert manifests(tmp_path / "killed") == wanted
    with pytest.raises(UsageError, match="other settings"):
        start_loop(*job, tmp_path / "whole", settings(count=7), categories=names)
    with pytest.raises(UsageError, match="held-out spec is among"):
        cheat = LoopSpecs(specs.training, specs.training)
        start_loop(cheat, str(model), tmp_path / "cheat", settings())


@pytest.mark.cpu_limit(900)
@pytest.mark.filterwarnings("ignore")
def test_the_verbs_print_one_json_document(model: Path, tmp_path: Path) -> None:
    run = model.parent / "run"
    small = ["--steps", "2", "--preset", "tiny-cpu", "--json"]
    done = CliRunner().invoke(
        app, ["train", "sft", "-m", str(model), "-r", str(run), "-o", str(tmp_path / "sft"), *small]
    )
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["steps"] == 2
    found = CliRunner().invoke(
        app,
        [
            "eval",
            str(SPECS / "parcels.json"),
            "-m",
            str(tmp_path / "sft"),
            "-n",
            "2",
            "-c",
            "simple",
            "--max-new-tokens",
            "8",
            "--json",
        ],
    )
    assert found.exit_code == 0, found.output
    document = json.loads(found.stdout)
    assert document["categories"]["simple"]["n"] == 2
    assert document["decoding"] == {"temperature": 0.0, "max_new_tokens": 8, "constrained": False}
