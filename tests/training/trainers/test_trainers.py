"""SFT, DPO, GRPO and playing on tiny random models of usual architectures, end to end; skipped
where torch is absent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from inftool import synthesize
from inftool.core.blueprints import Blueprint
from inftool.core.chat import ChatMessage
from inftool.export.sample import Sample
from inftool.runs.manifest import RunManifest
from inftool.scenarios.world_pool import WorldPool
from inftool.training.config import TrainConfig
from inftool.training.datasets import draw_blueprints, open_world_pool, run_samples
from tests.conftest import SPECS

torch = pytest.importorskip("torch")
pytest.importorskip("trl")
pytestmark = [pytest.mark.cpu_limit(600), pytest.mark.filterwarnings("ignore")]

SPEC = SPECS / "parcels.json"
ARCHITECTURES = ("Qwen3", "Llama")
torch.set_num_threads(1)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("train") / "run"
    synthesize([SPEC], out=folder, count=24, seed=1, mistakes=0.4)
    return folder


@pytest.fixture(scope="module")
def models(run: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    from tests.support.tiny import make_model

    folder = tmp_path_factory.mktemp("models")
    return {name: make_model(folder / name, run, name) for name in ARCHITECTURES}


@pytest.fixture(scope="module")
def small_stage() -> WorldPool:
    return open_world_pool([SPEC])


@pytest.fixture(scope="module")
def few(small_stage: WorldPool) -> list[Blueprint]:
    return draw_blueprints(small_stage, 4, seed=5, categories=("simple",))


def config(**given: Any) -> TrainConfig:
    return TrainConfig(
        **{
            "cpu": True,
            "steps": 3,
            "batch": 4,
            "learning_rate": 3e-3,
            "max_length": 2000,
            "max_new_tokens": 12,
            "generations": 4,
            **given,
        }
    )


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_masks_token_by_token(architecture: str, run: Path, models: dict[str, Path]) -> None:
    """The labels say what the assistant says, its end marks included, and nothing else; a masked
    message is not among them."""
    from inftool.training.models.loading import load_model
    from inftool.training.tokenization.tokens import IGNORED_LABEL, encode

    loaded = load_model(models[architecture])
    tokenizer = loaded.tokenizer
    several = [
        sample
        for sample in run_samples([run])
        if sample.whole and sum(m["role"] == "assistant" for m in sample.messages) > 1
    ]
    assert several
    for sample in several[:6]:
        first = next(
            i for i, message in enumerate(sample.messages) if message["role"] == "assistant"
        )
        masked = sample.model_copy(
            update={"learn": tuple(learn and i != first for i, learn in enumerate(sample.learn))}
        )
        whole, partly = (
            encode(tokenizer, loaded.template, sample, 10**6),
            encode(tokenizer, loaded.template, masked, 10**6),
        )
        assert whole
        assert partly
        assert whole.input_ids == partly.input_ids
        assert all(
            label in (IGNORED_LABEL, token)
            for token, label in zip(whole.input_ids, whole.labels, strict=True)
        )
        assert _learnt(tokenizer, whole.labels) == [
            _words(m) for m in sample.messages if m["role"] == "assistant"
        ]
        assert _learnt(tokenizer, partly.labels) == [
            _words(m)
            for i, m in enumerate(sample.messages)
            if m["role"] == "assistant" and i != first
        ]
    assert encode(tokenizer, loaded.template, several[0], 10) is None


def _learnt(tokenizer: Any, labels: list[int]) -> list[list[str]]:
    """The words of each learnt stretch, up to its end mark."""
    text = tokenizer.decode([label for label in labels if label != -100])
    parts = text.split("<|im_end|>")
    assert parts.pop().strip() == ""
    return [
        [word for word in part.replace("<think>\n\n</think>", "").split() if word] for part in parts
    ]


def _words(message: ChatMessage) -> list[str]:
    text = message["content"] or ""
    for call in message.get("tool_calls", ()):
        given = json.dumps(call["function"]["arguments"], ensure_ascii=False)
        text += (
            f'\n<tool_call>\n{{"name": "{call["function"]["name"]}", "arguments": '
            f"{given}}}\n</tool_call>"
        )
    return text.split()


@pytest.mark.parametrize("lora", [0, 4])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_sft_lowers_the_loss_and_saves_a_whole_model(
    architecture: str, lora: int, run: Path, models: dict[str, Path], tmp_path: Path
) -> None:
    from inftool.training.models.loading import load_model
    from inftool.training.trainers.sft import train_sft

    done = train_sft(
        models[architecture], [run], tmp_path / "out", config(lora=lora, steps=6, batch=2)
    )
    losses = [row["loss"] for row in done["history"]]
    assert done["steps"] == 6
    assert losses[-1] < losses[0]
    assert load_model(tmp_path / "out").model.config.model_type == architecture.lower()
    assert not (tmp_path / "out" / "adapter_config.json").exists()


@pytest.mark.parametrize(("architecture", "lora"), [("Qwen3", 4), ("Llama", 0)])
def test_dpo_prefers_what_was_chosen(
    architecture: str, lora: int, run: Path, models: dict[str, Path], tmp_path: Path
) -> None:
    from inftool.training.trainers.dpo import train_dpo

    done = train_dpo(
        models[architecture], [run], tmp_path / "out", config(lora=lora, steps=5, batch=2)
    )
    assert done["pairs"] >= 1
    assert done["pairs"] + done["too_long"] >= 5
    assert done["history"][-1]["rewards/margins"] > 0


@pytest.mark.parametrize(("architecture", "lora"), [("Qwen3", 4), ("Llama", 0)])
def test_grpo_plays_whole_conversations(
    architecture: str,
    lora: int,
    models: dict[str, Path],
    few: list[Blueprint],
    small_stage: WorldPool,
    tmp_path: Path,
) -> None:
    from inftool.training.trainers.grpo import train_grpo

    done = train_grpo(
        models[architecture], few, small_stage, tmp_path / "out", config(lora=lora, steps=2)
    )
    assert done["steps"] == 2
    assert len(done["gates"]) == 2
    assert all(sum(step.values()) == pytest.approx(1.0) for step in done["gates"])


def test_a_rollout_is_the_play_token_by_token(
    models: dict[str, Path], small_stage: WorldPool
) -> None:
    """A model that says what it should: its own tokens are marked 1, the results and the user's
    next turns 0, and together they are the whole play."""
    from inftool.synthesis.rehearsal import rehearsed
    from inftool.training.environment import Environment
    from inftool.training.models.loading import load_model
    from inftool.training.tokenization.tokens import render
    from inftool.training.trainers.rollout import has_fixed_tools, roll_out

    loaded = load_model(models["Llama"])
    tokenizer = loaded.tokenizer
    seen = 0
    for blueprint in draw_blueprints(small_stage, 12, seed=8):
        if not has_fixed_tools(blueprint):
            continue
        seen += len(blueprint.turns) > 1
        gold = [m for m in rehearsed(blueprint, small_stage).messages if m["role"] == "assistant"]
        said = iter(gold)

        def write(prompts: Any, active: Any, said: Any = said) -> list[list[int]]:
            message = next(said)
            start = render(tokenizer, loaded.template, [{"role": "user", "content": "x"}], [])
            text = render(
                tokenizer,
                loaded.template,
                [{"role": "user", "content": "x"}, message],
                [],
                reply=False,
            )[len(start) :]
            return [list(tokenizer(text.removesuffix("\n")).input_ids) for _ in prompts]

        environment = Environment(blueprint, small_stage)
        (play,) = roll_out([environment], loaded, write, max_completion=100_000)
        assert play.score.reward == 1.0
        assert len(play.env_mask) == len(play.completion_ids)
        whole = render(
            tokenizer, loaded.template, environment.messages, environment.tools(), reply=False
        ).removesuffix("\n")
        assert tokenizer.decode(play.prompt_ids + play.completion_ids) == whole
        own = tokenizer.decode(
            [token for token, mine in zip(play.completion_ids, play.env_mask, strict=True) if mine]
        )
        assert own.count("<|im_end|>") == len(gold)
        assert "<|im_start|>" not in own
    assert seen


def test_memorising_is_seen_by_the_same_reward(
    run: Path, models: dict[str, Path], small_stage: WorldPool, tmp_path: Path
) -> None:
    """Whoever learns one conversation by heart plays it exactly: training, generation, environment
    and reward agree on every byte."""
    from inftool.runs.run_folder import Run
    from inftool.synthesis.rehearsal import rehearsed
    from inftool.training.environment import Environment
    from inftool.training.models.loading import load_model
    from inftool.training.models.policy import ModelPolicy, run_episodes
    from inftool.training.trainers.sft import train_sft

    blueprint = draw_blueprints(small_stage, 1, seed=3, categories=("irrelevance",))[0]
    trajectory = rehearsed(blueprint, small_stage)
    system = Environment(blueprint, small_stage).messages[0]
    row = trajectory.model_copy(
        update={"messages": (system, *trajectory.messages), "provenance": {"fingerprint": "x"}}
    )
    with Run.create(tmp_path / "one", RunManifest(state="complete")) as stored:
        stored.append([("kept", row.model_dump_json().encode())])
    done = train_sft(
        models["Llama"],
        [tmp_path / "one"],
        tmp_path / "out",
        config(steps=60, batch=1, learning_rate=5e-3),
    )
    assert done["history"][-1]["loss"] < 0.5
    environment = Environment(blueprint, small_stage)
    run_episodes([environment], ModelPolicy(load_model(tmp_path / "out"), max_new_tokens=100))
    assert environment.score().reward == 1.0, environment.messages[-1]


def test_samples_are_what_the_run_kept(run: Path) -> None:
    assert all(isinstance(sample, Sample) for sample in run_samples([run]))


def test_trl_environments_say_the_tools_and_score_the_play(
    small_stage: WorldPool, models: dict[str, Path], tmp_path: Path
) -> None:
    """Classes built from schemas: TRL reads the parameters back, a right play earns 1, and
    GRPOTrainer takes them as they are."""
    from inftool.synthesis.rehearsal import rehearsed
    from inftool.training._optional import require
    from inftool.training.environment.trl_tools import (
        environment_factories,
        episode_reward,
        trl_playable,
    )
    from inftool.training.models.loading import load_model
    from inftool.training.trainers.training_run import shared_trainer_settings

    blueprints = [
        b
        for b in draw_blueprints(
            small_stage, 10, seed=6, categories=("simple", "multiple", "parallel", "irrelevance")
        )
        if trl_playable(b)
    ]
    factories, rows = environment_factories(blueprints, small_stage)
    get_json_schema = require("transformers.utils").get_json_schema
    for blueprint, row in zip(blueprints, rows, strict=True):
        environment = factories[row["environment"]]()
        for name in blueprint.tools:
            said, wanted = (
                get_json_schema(getattr(environment, name))["function"],
                small_stage.tools[name].input_schema,
            )
            assert said["name"] == name
            assert set(said["parameters"]["properties"]) == set(wanted.get("properties", {}))
            assert set(said["parameters"].get("required", ())) == set(wanted.get("required", ()))
        environment.reset(**row)
        last: ChatMessage = {"role": "assistant"}
        for last in [
            m for m in rehearsed(blueprint, small_stage).messages if m["role"] == "assistant"
        ]:
            for call in last.get("tool_calls", ()):
                getattr(environment, call["function"]["name"])(
                    **json.loads(str(call["function"]["arguments"]))
                )
        assert episode_reward([[last]], [environment]) == [1.0]
        environment.reset(**row)
        assert episode_reward([[{"role": "assistant", "content": ""}]], [environment])[0] in (
            0.0,
            None,
        )
    loaded = load_model(models["Qwen3"])
    trl, datasets = require("trl"), require("datasets")
    trainer = trl.GRPOTrainer(
        model=loaded.model,
        args=trl.GRPOConfig(
            **{
                "num_generations": 4,
                "max_completion_length": 12,
                **shared_trainer_settings(config(steps=1), tmp_path),
            }
        ),
        reward_funcs=[episode_reward],
        train_dataset=datasets.Dataset.from_list(rows[:4], on_mixed_types="use_json"),
        processing_class=require("transformers").AutoTokenizer.from_pretrained(
            str(models["Qwen3"])
        ),
        environment_factory=factories,
    )
    trainer.train()
    assert trainer.state.global_step == 1


def test_resuming_from_a_checkpoint_comes_to_the_same_losses(
    run: Path, models: dict[str, Path], tmp_path: Path
) -> None:
    import shutil

    from inftool.training.trainers.sft import train_sft

    settings = config(steps=4, batch=2, save_steps=2)
    whole = train_sft(models["Llama"], [run], tmp_path / "whole", settings)
    shutil.copytree(
        tmp_path / "whole" / "checkpoints" / "checkpoint-2",
        tmp_path / "cut" / "checkpoints" / "checkpoint-2",
    )
    resumed = train_sft(models["Llama"], [run], tmp_path / "cut", settings, resume=True)
    assert resumed["steps"] == whole["steps"] == 4
    assert [row["loss"] for row in resumed["history"]] == pytest.approx(
        [row["loss"] for row in whole["history"]], abs=1e-4
    )


def test_blame_and_variance_in_a_group(
    models: dict[str, Path],
    few: list[Blueprint],
    small_stage: WorldPool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever fails through the user's fault is out of the baseline; a group that all earn the same
    gives no gradient.

    Advantages as TRL computed them.
    """
    from inftool.training.rewards.score import Score
    from inftool.training.trainers import rollout
    from inftool.training.trainers.grpo import train_grpo

    trl = pytest.importorskip("trl")
    rewards = iter(
        (
            (1.0, True),
            (0.0, True),
            (0.0, False),
            (0.5, True),
            (0.3, True),
            (0.3, True),
            (0.3, True),
            (0.3, True),
        )
    )
    true = rollout.roll_out

    def scored(*args: Any, **kwargs: Any) -> list[rollout.Rollout]:
        plays = true(*args, **kwargs)
        return [
            play._replace(score=Score(reward=reward, gate="values", counted=counted))
            for play, (reward, counted) in zip(plays, rewards, strict=False)
        ]

    seen: list[list[float]] = []
    whole = trl.GRPOTrainer._generate_and_score_completions

    def watched(self: Any, inputs: Any) -> Any:
        found = whole(self, inputs)
        seen.append(found["advantages"].flatten().tolist())
        return found

    monkeypatch.setattr(rollout, "roll_out", scored)
    monkeypatch.setattr(trl.GRPOTrainer, "_generate_and_score_completions", watched)
    still = config(
        steps=2,
        generations=4,
        batch=4,
        trl={
            "shuffle_dataset": False,
            "num_iterations": 1,
            "weight_decay": 0.0,
            "adam_epsilon": 1.0,
        },
    )
    train_grpo(models["Llama"], few[:1], small_stage, tmp_path / "out", still)
    mixed, equal = seen[:2]
    assert mixed[2] == 0.0
    counted = [mixed[place] for place in (0, 1, 3)]
    assert sum(counted) == pytest.approx(0.0, abs=1e-4)
    assert counted[0] > counted[2] > counted[1]
    assert equal == pytest.approx([0.0] * 4, abs=1e-6)


def test_grpo_resumes_from_a_checkpoint(
    models: dict[str, Path], few: list[Blueprint], small_stage: WorldPool, tmp_path: Path
) -> None:
    import shutil

    from inftool.training.trainers.grpo import train_grpo

    settings = config(steps=2, save_steps=1)
    whole = train_grpo(models["Llama"], few, small_stage, tmp_path / "whole", settings)
    shutil.copytree(
        tmp_path / "whole" / "checkpoints" / "checkpoint-1",
        tmp_path / "cut" / "checkpoints" / "checkpoint-1",
    )
    resumed = train_grpo(models["Llama"], few, small_stage, tmp_path / "cut", settings, resume=True)
    assert resumed["steps"] == whole["steps"] == 2
    assert len(resumed["gates"]) == 1
    for name in ("loss", "reward", "gates"):
        assert (tmp_path / "cut" / f"{name}.svg").read_text().startswith("<svg")
    assert json.loads((tmp_path / "cut" / "training.json").read_text())["decoding"] == {
        "temperature": 1.0,
        "max_new_tokens": 12,
        "constrained": False,
    }


def test_constrained_grpo_says_so(
    models: dict[str, Path], few: list[Blueprint], small_stage: WorldPool, tmp_path: Path
) -> None:
    from inftool.training.trainers.grpo import train_grpo

    done = train_grpo(
        models["Qwen3"], few, small_stage, tmp_path / "out", config(steps=1, constrained=True)
    )
    assert done["steps"] == 1
    assert done["decoding"]["constrained"] is True


def test_vllm_is_asked_for_in_words(
    models: dict[str, Path], few: list[Blueprint], small_stage: WorldPool, tmp_path: Path
) -> None:
    from inftool.core.errors import TrainingError
    from inftool.training.trainers.grpo import train_grpo

    with pytest.raises(TrainingError, match="not through vLLM"):
        train_grpo(
            models["Llama"],
            few,
            small_stage,
            tmp_path / "a",
            config(vllm="colocate", constrained=True),
        )
    if not __import__("importlib.util").util.find_spec("vllm"):
        with pytest.raises(TrainingError, match="vLLM is not installed"):
            train_grpo(models["Llama"], few, small_stage, tmp_path / "b", config(vllm="server"))


def test_rollouts_go_through_trls_vllm(
    models: dict[str, Path], few: list[Blueprint], small_stage: WorldPool
) -> None:
    """A stand-in with the signature of TRL's own: it gets every play's tokens, and what it writes
    is cut at the end mark."""
    import inspect

    from inftool.training.models.loading import load_model
    from inftool.training.trainers.rollout import first_prompt, rollout_func

    real = inspect.signature(
        pytest.importorskip("trl.generation.vllm_generation").VLLMGeneration.generate
    )
    loaded = load_model(models["Llama"])
    asked: list[int] = []

    class Standing:
        def generate(self, **given: Any) -> Any:
            real.bind(self, **given)
            asked.append(len(given["prompts"]))
            words = list(loaded.tokenizer("All done.").input_ids)
            return (
                given["prompts"],
                [[*words, loaded.end_tokens[0], 7, 7] for _ in given["prompts"]],
                None,
                None,
            )

    class Trainer:
        use_vllm, vllm_generation, model = True, Standing(), None

        class accelerator:  # noqa: N801 - as TRL has it
            unwrap_model = staticmethod(lambda model: model)

    roll = rollout_func(
        few, small_stage, loaded, max_new_tokens=16, max_completion=500, temperature=1.0
    )
    found = roll([first_prompt(blueprint, small_stage) for blueprint in few], Trainer())
    assert asked[0] == len(few)
    assert all(
        loaded.tokenizer.decode(ids).startswith("All done.<|im_end|>")
        for ids in found["completion_ids"]
    )


@pytest.mark.nightly
@pytest.mark.cpu_limit(1800)
@pytest.mark.parametrize("lora", [0, 4])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_method_on_every_architecture(
    architecture: str,
    lora: int,
    run: Path,
    models: dict[str, Path],
    small_stage: WorldPool,
    tmp_path: Path,
) -> None:
    """SFT, DPO and GRPO one after another, with conversations of several turns, and an examination
    of what came out."""
    from inftool.training.commands import EvaluationOptions, start_evaluation
    from inftool.training.trainers.dpo import train_dpo
    from inftool.training.trainers.grpo import train_grpo
    from inftool.training.trainers.sft import train_sft

    settings = config(lora=lora, steps=6, batch=2, max_length=3000)
    learnt = train_sft(models[architecture], [run], tmp_path / "sft", settings)
    assert learnt["history"][-1]["loss"] < learnt["history"][0]["loss"]
    # Every batch has other pairs, and one pair may stand against what the others teach: so several
    # batches together, at a rate that does not leap.
    preferred = train_dpo(
        tmp_path / "sft",
        [run],
        tmp_path / "dpo",
        settings.model_copy(update={"steps": 16, "learning_rate": 5e-4}),
    )
    assert (
        sum(row["rewards/margins"] for row in preferred["history"][-6:] if "rewards/margins" in row)
        > 0
    )
    turns = draw_blueprints(
        small_stage, 4, seed=5, categories=("multi_turn_base", "multi_turn_miss_param")
    )
    assert any(len(blueprint.turns) > 1 for blueprint in turns)
    rolled = train_grpo(
        tmp_path / "dpo",
        turns,
        small_stage,
        tmp_path / "grpo",
        config(lora=lora, steps=2, max_length=3000),
    )
    assert rolled["steps"] == 2
    found = start_evaluation(
        str(tmp_path / "grpo"),
        [SPECS / "calendar.yaml"],
        EvaluationOptions(count=3, plays=2, temperature=0.7, max_new_tokens=12, held_out=True),
    )
    assert found.held_out is True
    assert sum(sum(group.gates.values()) for group in found.categories.values()) <= 6
