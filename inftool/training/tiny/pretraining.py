"""The base of the five-minute loop, which ships inside the package, and the command that makes it.

    python -m inftool.training.tiny.pretraining specs/bank.yaml specs/bookshop.yaml ... -o folder

It is the tiny model after drills and traces, most of which are wrong on purpose: the base can match
and copy, and does the right thing about once in five episodes. That is where a loop begins.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from inftool.specs import compile_specs
from inftool.training._optional import require
from inftool.training.models.logits import Tensor
from inftool.training.tiny.drills import drill
from inftool.training.tiny.model import make_model
from inftool.training.tiny.traces import draw_traces, trace_batches
from inftool.training.tokenization.slots import vocabulary as v
from inftool.training.tokenization.slots.conversation import Turns

DRILLS_IN_BATCH = 16
# Between right traces, one batch in so many is of drills.
_DRILLS_AMONG_TRACES = 4
# The learning rate rises over the first steps, stays, and falls over the last part to a tenth.
_WARMUP_STEPS, _DECAY_SHARE, _LOWEST_RATE = 100, 0.6, 0.1
_REPORT_STEPS = 100
# Keeps the blueprints of traces apart from those that anybody else draws.
_TRACE_SEED = 10_000


@dataclass(frozen=True, slots=True)
class BaseRecipe:
    """How a base is made; these numbers stand in its record."""

    count: int = 500
    """Conversations drawn from each spec."""

    drills: int = 900
    """Batches of drills, which come first."""

    clean: int = 2000
    """Batches of right traces, with drills among them."""

    steps: int = 300
    """Batches of traces of which most are wrong, which come last."""

    right: float = 0.2
    """The share of those traces that is right as a whole."""

    seed: int = 0

    @property
    def total(self) -> int:
        """All batches."""
        return self.drills + self.clean + self.steps

    def is_of_drills(self, step: int) -> bool:
        """Whether a batch is of drills.

        They go on between the right traces, so that what few APIs have in common is not learned by
        heart.
        """
        is_among_traces = step < self.drills + self.clean and step % _DRILLS_AMONG_TRACES == 0
        return step < self.drills or is_among_traces


def make_base(
    traces: Sequence[Turns],
    out: Path,
    recipe: BaseRecipe,
    *,
    rate: float = 2e-3,
    begin: Path | None = None,
    watch: Callable[[str], None] = print,
) -> None:
    """Train the base and save it into `out`, and what it is before the wrong traces beside it.

    `rate` is the learning rate. `begin` is the folder of a base to go on from, rather than a fresh
    model.
    """
    torch = require("torch")
    # One thread gives the same sums on every machine.
    torch.set_num_threads(1)
    rng, ids = random.Random(recipe.seed), {token: id_ for id_, token in enumerate(v.tokens())}
    model = make_model(recipe.seed) if begin is None else _load(begin, torch)
    # Slots stay the random directions that they are: the model learns how to match, not what a
    # slot means.
    is_learned = torch.tensor([0.0 if v.is_slot(token) else 1.0 for token in ids])[:, None]
    model.get_input_embeddings().weight.register_hook(lambda gradient: gradient * is_learned)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.98), weight_decay=0.0)
    right = trace_batches(traces, rng, 1.0)
    corrupted = trace_batches(traces, rng, recipe.right)
    started, losses = time.process_time(), 0.0
    for step in range(recipe.total):
        if recipe.is_of_drills(step):
            batch = [drill(rng) for _ in range(DRILLS_IN_BATCH)]
        else:
            batch = next(right if step < recipe.drills + recipe.clean else corrupted)
        for group in optimizer.param_groups:
            group["lr"] = rate * _rate_share(step, recipe.total)
        loss = _loss(model, batch, ids, torch)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses += float(loss.detach())
        if recipe.clean and step + 1 == recipe.drills + recipe.clean:
            save(model, out.with_name(f"{out.name}-clean"))
        if (step + 1) % _REPORT_STEPS == 0:
            seconds = time.process_time() - started
            watch(f"step {step + 1}: loss {losses / _REPORT_STEPS:.3f}, {seconds:.0f} CPU s")
            losses = 0.0
    save(model, out)


def _load(folder: Path, torch: ModuleType) -> Any:
    models = require("transformers").AutoModelForCausalLM
    return models.from_pretrained(str(folder), dtype=torch.float32)


def _rate_share(step: int, total: int) -> float:
    """The learning rate at a step, as a share of the highest."""
    left = (total - step) / (_DECAY_SHARE * total)
    return min(1.0, (step + 1) / _WARMUP_STEPS, max(_LOWEST_RATE, left))


def _loss(model: Any, batch: Sequence[Turns], ids: dict[str, int], torch: ModuleType) -> Tensor:
    """The cross entropy over what the assistant says, and nothing else."""
    rows = [[ids[token] for _, tokens in turns for token in tokens] for turns in batch]
    masks = [[role == "assistant" for role, tokens in turns for _ in tokens] for turns in batch]
    longest = max(map(len, rows))
    tokens = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
    mask = torch.tensor([row + [False] * (longest - len(row)) for row in masks])[:, 1:]
    hidden = model.gpt_neox(input_ids=tokens).last_hidden_state[:, :-1]
    # Logits are computed only where there is something to learn.
    logits = model.get_output_embeddings()(hidden[mask])
    return torch.nn.functional.cross_entropy(logits, tokens[:, 1:][mask])


def save(model: Any, out: Path) -> None:
    """Save the model with its tokenizer as a Hugging Face folder, in half precision."""
    out.mkdir(parents=True, exist_ok=True)
    torch = require("torch")
    model.config.dtype = torch.float32
    weights = {
        name: tensor.detach().to(torch.float16).contiguous()
        for name, tensor in model.state_dict().items()
        # Tied to the input embeddings.
        if name != "embed_out.weight"
    }
    model.config.save_pretrained(str(out))
    model.generation_config.save_pretrained(str(out))
    path = str(out / "model.safetensors")
    require("safetensors.torch").save_file(weights, path, metadata={"format": "pt"})
    v.make_tokenizer().save_pretrained(str(out))
    # Whoever loads this folder computes in single precision: half is for shipping only.
    config_path = out / "config.json"
    config = {**json.loads(config_path.read_text("utf-8")), "dtype": "float32"}
    config_path.write_text(json.dumps(config, indent=1) + "\n", "utf-8")


def write_record(out: Path, specs: Sequence[str], recipe: BaseRecipe) -> None:
    """Write what the base was trained on, as every trained model's folder says it."""
    apis = [api for api in compile_specs(specs) if api.tools]
    record = {
        "method": "base",
        "config": asdict(recipe),
        "apis": sorted(api.name for api in apis),
        "specs": sorted(api.sha256 for api in apis),
    }
    (out / "training.json").write_text(json.dumps(record, indent=1) + "\n", "utf-8")


def main(arguments: Sequence[str]) -> None:
    """The command line."""
    default = BaseRecipe()
    parser = argparse.ArgumentParser(
        prog="python -m inftool.training.tiny.pretraining",
        description="Make the base of the five-minute loop.",
    )
    parser.add_argument(
        "specs",
        nargs="+",
        help="the specs to draw traces from, none of those that are held out later",
    )
    parser.add_argument("-o", "--out", type=Path, required=True, help="the folder")
    parser.add_argument("--begin", type=Path, help="a base to go on from")
    numbers = {
        "count": "conversations a spec",
        "drills": "batches of drills",
        "clean": "batches of right traces",
        "steps": "batches of traces of which most are wrong",
        "right": "the share of traces that are right as a whole",
        "seed": "the seed",
    }
    for name, help_text in numbers.items():
        value = getattr(default, name)
        parser.add_argument(f"--{name}", type=type(value), default=value, help=help_text)
    options = parser.parse_args(arguments)
    recipe = BaseRecipe(**{name: getattr(options, name) for name in numbers})
    traces = draw_traces(options.specs, recipe.count, _TRACE_SEED + recipe.seed)
    print(f"{len(traces)} traces")
    make_base(traces, options.out, recipe, begin=options.begin)
    write_record(options.out, options.specs, recipe)


if __name__ == "__main__":
    main(sys.argv[1:])
