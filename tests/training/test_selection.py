"""What a round learns from: the budget lands in the band, what lies outside is drawn again harder
or easier, old data comes back; and the loop that uses it."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from inftool import synthesize
from inftool.core.errors import TrainingError
from inftool.core.trajectories import Trajectory
from inftool.runs.run_folder import read_rows, read_trajectories
from inftool.scenarios.world_pool import WorldPool
from inftool.training._optional import require
from inftool.training.commands import LoopSpecs, start_loop
from inftool.training.config import TrainConfig
from inftool.training.datasets import open_world_pool
from inftool.training.loop.gaps import find_gaps
from inftool.training.selection import GrowSettings, grow, perfect_episode
from tests.conftest import SPECS

SPEC = SPECS / "parcels.json"


@pytest.fixture(scope="module")
def small() -> WorldPool:
    return open_world_pool([SPEC])


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("grow") / "run"
    synthesize(
        [SPEC], out=folder, count=20, seed=4, categories=("simple", "parallel", "multi_turn_base")
    )
    return folder


def length(trajectory: Trajectory) -> float:
    """A stand-in for a model's loss that grows with what there is to be said."""
    return len(json.dumps(trajectory.messages[1:])) / 1000


@pytest.mark.cpu_limit(180)
def test_the_budget_lands_in_the_band(run: Path, small: WorldPool, tmp_path: Path) -> None:
    kept = list(read_trajectories(run))
    before = [length(trajectory) for trajectory in kept]
    done = grow(
        tmp_path / "data", [run], [], small, GrowSettings(band=(0.25, 0.75)), seed=1, measure=length
    )
    assert done.low is not None
    assert done.high is not None
    assert done.within == sum(done.low <= loss <= done.high for loss in before) < len(before)
    assert done.harder
    assert done.easier
    assert done.within + done.harder + done.easier + done.given_up == len(kept)
    after = [length(trajectory) for trajectory in read_trajectories(tmp_path / "data")]
    assert len(after) == done.total
    assert all(done.low <= loss <= done.high for loss in after)
    drawn = [
        t
        for t in read_trajectories(tmp_path / "data")
        if t.id not in {former.id for former in kept}
    ]
    assert len(drawn) == done.harder + done.easier == len({t.id for t in drawn})
    assert all(t.verdict is not None and t.verdict.passed for t in drawn)
    again = grow(
        tmp_path / "again",
        [run],
        [],
        small,
        GrowSettings(band=(0.25, 0.75)),
        seed=1,
        measure=length,
    )
    assert again == done
    assert list(read_rows(tmp_path / "again", "kept")) == list(read_rows(tmp_path / "data", "kept"))


def test_what_was_too_easy_is_drawn_again_harder(
    run: Path, small: WorldPool, tmp_path: Path
) -> None:
    """The difficulty of what replaces an item is never on the wrong side of the item's own."""
    kept = {t.id: t for t in read_trajectories(run)}
    level = {t.id: t.blueprint.difficulty for t in kept.values() if t.blueprint is not None}
    easiest = min(level.values())
    grow(
        tmp_path / "data", [run], [], small, GrowSettings(band=(0.25, 1.0)), seed=1, measure=length
    )
    drawn = [t for t in read_trajectories(tmp_path / "data") if t.id not in kept]
    assert drawn
    assert all(t.blueprint is not None and t.blueprint.difficulty >= easiest for t in drawn)


def test_old_conversations_come_back_as_a_share_of_the_new(
    run: Path, small: WorldPool, tmp_path: Path
) -> None:
    synthesize([SPEC], out=tmp_path / "new", count=8, seed=99, categories=("simple",))
    new = sum(1 for _ in read_rows(tmp_path / "new", "kept"))
    done = grow(
        tmp_path / "data", [tmp_path / "new"], [run], small, GrowSettings(replay=0.5), seed=1
    )
    assert (done.within, done.replayed) == (new, round(new * 0.5))
    assert (
        grow(
            tmp_path / "all", [tmp_path / "new"], [], small, GrowSettings(replay=0.5), seed=1
        ).replayed
        == 0
    )


def test_a_perfect_play_passes(run: Path, small: WorldPool) -> None:
    for trajectory in list(read_trajectories(run))[:4]:
        assert trajectory.blueprint is not None
        verdict = perfect_episode(trajectory.blueprint, small).verdict
        assert verdict is not None
        assert verdict.passed


def test_what_was_lost_counts_whole(small: WorldPool) -> None:
    from inftool.training.datasets import draw_blueprints
    from inftool.training.evaluation.evaluation import evaluate
    from tests.training.evaluation.test_evaluation import Skilled

    blueprints = draw_blueprints(small, 8, seed=3, categories=("simple", "parallel"))
    found = evaluate(Skilled(small), blueprints, small, model="m", decoding={})
    assert find_gaps(found, blueprints, small).weights["simple"] == 0.5
    assert find_gaps(found, blueprints, small, lost=("simple",)).weights["simple"] > 0.7


torch_needed = pytest.mark.skipif(
    not __import__("importlib.util").util.find_spec("trl"), reason="needs the extra: train"
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, run: Path) -> Path:
    from tests.support.tiny import make_model

    require("torch").set_num_threads(1)
    return make_model(tmp_path_factory.mktemp("grow-model") / "base", run, "Llama")


@torch_needed
@pytest.mark.cpu_limit(120)
@pytest.mark.filterwarnings("ignore")
def test_the_loss_of_a_model_is_lower_on_what_it_learnt(
    model: Path, run: Path, tmp_path: Path
) -> None:
    from inftool.training.models.loading import load_model
    from inftool.training.selection import loss_of
    from inftool.training.trainers.sft import train_sft

    one = next(iter(read_trajectories(run)))
    before = loss_of(load_model(model), max_length=8192)(one)
    train_sft(
        model,
        [run],
        tmp_path / "sft",
        TrainConfig(cpu=True, steps=6, batch=2, learning_rate=3e-3, max_length=2500),
    )
    after = loss_of(load_model(tmp_path / "sft"), max_length=8192)(one)
    assert before is not None
    assert after is not None
    assert after < before
    assert loss_of(load_model(model), max_length=16)(one) is None


@torch_needed
@pytest.mark.cpu_limit(120)
@pytest.mark.filterwarnings("ignore")
def test_a_local_model_is_served_and_answers_the_same_again(model: Path) -> None:
    from inftool.training.models.server import LocalModel, serve_model

    body: dict[str, Any] = {
        "model": "x",
        "messages": [{"role": "user", "content": "Hello."}],
        "max_tokens": 12,
        "temperature": 1.0,
    }
    with serve_model(model) as address:
        with urllib.request.urlopen(f"{address}/models") as reply:
            assert json.load(reply)["data"][0]["id"] == "inftool-local"
        answers = []
        for _ in range(2):
            request = urllib.request.Request(
                f"{address}/chat/completions",
                json.dumps(body).encode(),
                {"content-type": "application/json"},
            )
            with urllib.request.urlopen(request) as reply:
                answers.append(json.load(reply))
    assert answers[0] == answers[1]
    assert answers[0]["choices"][0]["message"]["content"]
    assert answers[0]["usage"]["completion_tokens"] == 12
    from inftool.training.models.loading import load_model

    with pytest.raises(TrainingError, match="more than 4"):
        LocalModel(load_model(model), max_length=4).reply(body)


class Killed(Exception):
    """A power cut, as far as the loop is concerned."""


@torch_needed
@pytest.mark.cpu_limit(600)
@pytest.mark.filterwarnings("ignore")
def test_the_improved_model_plays_the_next_round_and_no_skill_may_be_lost(
    model: Path, tmp_path: Path
) -> None:
    """All settings at once, killed at every stage: the same manifests; the second round has
    conversations of the model's own, the band and replay."""
    tiny = TrainConfig(
        cpu=True, steps=2, batch=4, max_new_tokens=8, max_length=2500, learning_rate=1e-3
    )
    settings: dict[str, Any] = {
        "rounds": 2,
        "count": 6,
        "held_out": 4,
        "plays": 1,
        "epsilon": -1.0,
        "sft": tiny,
        "grpo": None,
        "improve": 3,
        "slack": 0.05,
        "grow": {"band": (0.25, 0.75), "replay": 0.5},
    }
    job = (LoopSpecs([SPEC], [SPECS / "calendar.yaml"]), str(model))
    names, stages = ("simple", "irrelevance"), list[str]()
    whole = start_loop(*job, tmp_path / "whole", settings, categories=names, watch=stages.append)
    assert "round 2: the model plays the assistant" in stages
    assert [item.learnt is not None for item in whole] == [True, True]
    assert (
        sum(
            1
            for pile in ("kept", "rejected")
            for _ in read_rows(tmp_path / "whole" / "round-2" / "own", pile)
        )
        == 3
    )
    for item in whole:
        assert set(item.skills) <= set(names)
        assert item.accepted is all(drop <= 0.05 for drop in item.lost.values())
    while True:
        seen = 0

        def watch(line: str) -> None:
            nonlocal seen
            seen += 1
            if seen == 2:
                raise Killed(line)

        try:
            again = start_loop(*job, tmp_path / "killed", settings, categories=names, watch=watch)
        except Killed:
            continue
        break
    assert again == whole
    for name in ("manifest.json", "gaps.json", "eval.json"):
        for number in (1, 2):
            wanted, found = (
                (tmp_path / folder / f"round-{number}" / name).read_text()
                for folder in ("whole", "killed")
            )
            assert wanted == found


@torch_needed
@pytest.mark.filterwarnings("ignore")
def test_a_round_that_loses_a_skill_is_turned_down(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Examinations that fall: the round is reported as lost, and the next begins with the model
    before it."""
    from inftool.training.evaluation.evaluation import Evaluation, ResultGroup
    from inftool.training.loop import loop as module

    begun: list[str] = []
    shares = iter((1.0, 0.2, 1.0))

    def examined(self: Any, path: Path, folder: Path, what: str) -> Evaluation:
        share = next(shares)
        group = ResultGroup(
            n=4,
            exact=share,
            interval=(share, share),
            reward=share,
            pass_k=share,
            consistency=1.0,
            gates={},
        )
        return Evaluation(
            model="m", decoding={}, plays=1, overall=group, categories={"simple": group}
        )

    def trained(model: Path, runs: Any, out: Path, config: Any) -> None:
        begun.append(Path(model).name)
        (out / "training.json").write_text(json.dumps({"history": []}))

    monkeypatch.setattr(module.Loop, "_evaluated", examined)
    monkeypatch.setattr(module, "train_sft", trained)
    tiny = TrainConfig(cpu=True, steps=1, batch=4, max_new_tokens=8, max_length=2500)
    given = {
        "rounds": 2,
        "count": 4,
        "held_out": 3,
        "plays": 1,
        "epsilon": -1.0,
        "sft": tiny,
        "grpo": None,
        "slack": 0.1,
    }
    rounds = start_loop(
        LoopSpecs([SPEC], [SPECS / "calendar.yaml"]),
        str(model),
        tmp_path / "loop",
        given,
        categories=("simple",),
    )
    assert [item.accepted for item in rounds] == [False, True]
    assert rounds[0].lost == {"simple": 0.8}
    assert begun == ["base", "base"]
