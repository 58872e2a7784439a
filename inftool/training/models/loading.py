"""Models on disk: any causal language model in a Hugging Face folder, with adapters merged when it is saved."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from inftool.core.errors import TrainingError
from inftool.training._optional import require
from inftool.training.config import TrainConfig
from inftool.training.rewards.message import REWARD_GATES
from inftool.training.svg_charts import line_chart
from inftool.training.tokenization.call_styles import CALL_STYLES, CallStyle
from inftool.training.tokenization.tokens import call_style, end_tokens, training_template


class LoadedModel(NamedTuple):
    """A model with its tokenizer, the chat template that both training and playing use, how it writes calls, and the tokens that end a message."""

    model: Any
    tokenizer: Any
    template: str
    style: CallStyle
    ends: tuple[int, ...]


def load_model(folder: str | Path) -> LoadedModel:
    """A model to be trained or played; TrainingError where it cannot be loaded. Weights stay in the type in which they were saved."""
    transformers = require("transformers")
    # A name with one slash may be a repository; anything else with a slash can only be a folder.
    if not Path(folder).exists() and (str(folder).count("/") != 1 or str(folder)[0] in "./~"):
        raise TrainingError(
            f"there is no folder {folder}",
            hint="name a Hugging Face folder, or a repository as owner/name",
        )
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(str(folder))
        model = transformers.AutoModelForCausalLM.from_pretrained(str(folder), dtype="auto")
    except (OSError, ValueError, KeyError) as error:
        raise TrainingError(
            f"{folder} cannot be loaded as a model: {str(error).splitlines()[0]}",
            hint="name a Hugging Face folder",
        ) from error
    loaded = prepare_tokenizer(tokenizer, named=model.generation_config.eos_token_id)._replace(
        model=model
    )
    # Saved with the model, so that whoever serves it stops there too.
    model.generation_config.eos_token_id = list(loaded.ends)
    return loaded


def prepare_tokenizer(tokenizer: Any, *, named: Any = ()) -> LoadedModel:
    """What a tokenizer alone says, without its model: the template, the style of calls, the ends of messages; `named` are ends that the model's folder names.

    TrainingError where its template writes calls in a way that cannot be read back.
    """
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    tokenizer.padding_side = "left"
    template = training_template(tokenizer)
    tokenizer.chat_template = template
    style = call_style(tokenizer, template)
    if style is None:
        raise TrainingError(
            f"the chat template of {tokenizer.name_or_path or 'the model'} writes calls in a way that cannot be read back",
            hint="known are " + ", ".join(CALL_STYLES),
        )
    return LoadedModel(None, tokenizer, template, style, end_tokens(tokenizer, template, named))


def lora_config(config: TrainConfig) -> Any:
    """LoRA on every linear layer, or None for full training."""
    if not config.lora:
        return None
    return require("peft").LoraConfig(
        r=config.lora,
        lora_alpha=2 * config.lora,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )


def shared_trainer_settings(config: TrainConfig, folder: Path) -> dict[str, Any]:
    """What TRL's three configurations have in common; on a CPU nothing is done in half precision."""
    torch = require("torch")
    cpu = config.cpu if config.cpu is not None else not torch.cuda.is_available()
    settings: dict[str, Any] = {
        "output_dir": str(folder / "checkpoints"),
        "num_train_epochs": config.epochs,
        "max_steps": config.steps,
        "per_device_train_batch_size": config.batch,
        "gradient_accumulation_steps": config.accumulate,
        "learning_rate": config.learning_rate,
        "seed": config.seed,
        "logging_steps": 1,
        "report_to": "none",
        "disable_tqdm": True,
        "save_strategy": "steps" if config.save_steps else "no",
        "save_steps": config.save_steps or 500,
        "use_cpu": cpu,
        "bf16": not cpu,
        "gradient_checkpointing": not cpu,
        "dataloader_pin_memory": not cpu,
    }
    return settings | config.trl


def train_and_save(
    trainer: Any,
    tokenizer: Any,
    folder: Path,
    *,
    resume: bool,
    method: str,
    config: TrainConfig,
    gates: Sequence[Mapping[str, float]] = (),
    decoding: Mapping[str, Any] | None = None,
    specs: Collection[str] = (),
) -> dict[str, Any]:
    """Train, from the last checkpoint where one is to be resumed, and save the whole model with its history and curves into `folder`; the history's summary.

    `decoding` says how the model was made to speak where it played. `gates` are the shares of plays that stopped at each gate, a mapping a batch, filled in while training. `specs` are the
    hashes of all specs that the model was ever trained on.
    """
    checkpoints = folder / "checkpoints"
    latest = (
        require("transformers.trainer_utils").get_last_checkpoint(str(checkpoints))
        if resume and checkpoints.is_dir()
        else None
    )
    # Standard output belongs to the command's JSON.
    trainer.remove_callback(require("transformers").PrinterCallback)
    trainer.train(resume_from_checkpoint=latest)
    model = trainer.accelerator.unwrap_model(trainer.model)
    if hasattr(model, "merge_and_unload"):
        model = model.merge_and_unload()
    model.save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))
    history = [row for row in trainer.state.log_history if "loss" in row]
    summary = {
        "method": method,
        "config": config.model_dump(mode="json"),
        "steps": trainer.state.global_step,
        "history": history,
    }
    summary["specs"] = sorted(specs)
    if decoding is not None:
        summary["decoding"] = dict(decoding)
    if gates:
        summary["gates"] = list(gates)
    for name, chart in _charts(method, history, gates).items():
        (folder / f"{name}.svg").write_text(chart, "utf-8")
    (folder / "training.json").write_text(json.dumps(summary, indent=1) + "\n", "utf-8")
    return summary


def _charts(
    method: str, history: Sequence[Mapping[str, Any]], gates: Sequence[Mapping[str, float]]
) -> dict[str, str]:
    charts = {"loss": line_chart(f"{method}: loss", {"loss": [row["loss"] for row in history]})}
    if rewards := [row["reward"] for row in history if "reward" in row]:
        charts["reward"] = line_chart(
            f"{method}: mean reward", {"reward": rewards}, low=0.0, high=1.0
        )
    if gates:
        met = [gate for gate in REWARD_GATES if any(gate in shares for shares in gates)]
        charts["gates"] = line_chart(
            "share of plays by the gate they stopped at",
            {g: [shares.get(g, 0.0) for shares in gates] for g in met},
            low=0.0,
            high=1.0,
        )
    return charts
