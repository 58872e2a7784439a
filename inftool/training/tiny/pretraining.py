"""The base of the five-minute loop: the tiny model after drills and imperfect traces, shipped inside the package, and the command that makes it.

    python -m inftool.training.tiny.base specs/bank.yaml specs/bookshop.yaml … -o folder

Most traces are wrong on purpose: the base can match and copy, and does the right thing about once in five plays. That is where a loop begins.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from inftool.specs import compile_specs
from inftool.synthesis.rehearsal import rehearsed
from inftool.training._optional import require
from inftool.training.datasets import draw_blueprints, open_world_pool
from inftool.training.models.shipped import TINY_CATEGORIES
from inftool.training.tiny.corruption import corrupt
from inftool.training.tiny.drills import drill
from inftool.training.tiny.model import make_model
from inftool.training.tokenization.slots import vocabulary as v
from inftool.training.tokenization.slots.codec import SlotConversation

LONGEST, DRILLS, TRACES, EVERY = 420, 16, 12, 100
Turns = list[tuple[str, list[str]]]


def draw_traces(specs: Sequence[str], count: int, seed: int) -> list[Turns]:
    """Right conversations of each spec in the tiny model's vocabulary, those that can be said and are not too long."""
    found: list[Turns] = []
    for spec in specs:
        stage = open_world_pool([spec])
        for first in range(0, count, EVERY):
            for blueprint in draw_blueprints(
                stage, min(EVERY, count - first), seed=seed + first, categories=TINY_CATEGORIES
            ):
                play = rehearsed(blueprint, stage)
                turns = SlotConversation(play.messages, play.tools).turns
                if sum(len(tokens) for _, tokens in turns) <= LONGEST and not any(
                    v.UNKNOWN in tokens for role, tokens in turns if role == "assistant"
                ):
                    found.append(turns)
    return found


def shuffled(turns: Turns, rng: random.Random) -> Turns:
    """The same conversation with other slots."""
    other: dict[str, str] = {}
    for family, size in v.FAMILIES.items():
        places = rng.sample(range(size), size)
        other.update(
            {f"<{family}{number}>": f"<{family}{place}>" for number, place in enumerate(places)}
        )
    return [(role, [other.get(token, token) for token in tokens]) for role, tokens in turns]


def make_base(
    found: Sequence[Turns],
    out: Path,
    *,
    drills: int,
    clean: int,
    steps: int,
    right: float,
    rate: float = 2e-3,
    seed: int = 0,
    begin: Path | None = None,
    watch: Any = print,
) -> None:
    """Train the base and save it into `out`: `drills` batches of drills, `clean` of right traces, then `steps` of traces of which a share of `right` is right.

    `begin`: the folder of a base to go on from, rather than a fresh model.
    """
    torch = require("torch")
    torch.set_num_threads(1)
    rng, ids = random.Random(seed), {token: number for number, token in enumerate(v.tokens())}
    model = (
        make_model(seed)
        if begin is None
        else require("transformers").AutoModelForCausalLM.from_pretrained(
            str(begin), dtype=torch.float32
        )
    )
    free = torch.tensor([0.0 if v.is_slot(token) else 1.0 for token in ids])[:, None]
    # Slots stay the random directions that they are: what is learnt is how to match, not what a slot means.
    model.get_input_embeddings().weight.register_hook(lambda gradient: gradient * free)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.98), weight_decay=0.0)
    good, spoilt = _batches(found, rng, 1.0), _batches(found, rng, right)
    begun, lost = time.process_time(), 0.0
    total = drills + clean + steps
    for step in range(total):
        # Drills go on between the traces, so that what few APIs have in common is not learnt by heart.
        drilled = step < drills or (step < drills + clean and step % 4 == 0)
        rows = (
            [drill(rng) for _ in range(DRILLS)]
            if drilled
            else next(good if step < drills + clean else spoilt)
        )
        for group in optimizer.param_groups:
            group["lr"] = rate * min(
                1.0, (step + 1) / 100, max(0.1, (total - step) / (0.6 * total))
            )
        loss = _loss(model, rows, ids, torch)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        lost += float(loss.detach())
        if clean and step + 1 == drills + clean:
            save(model, out.with_name(f"{out.name}-clean"))
        if (step + 1) % EVERY == 0:
            watch(
                f"step {step + 1}: loss {lost / EVERY:.3f}, {time.process_time() - begun:.0f} CPU s"
            )
            lost = 0.0
    save(model, out)


def _batches(found: Sequence[Turns], rng: random.Random, right: float) -> Iterator[list[Turns]]:
    """Batches of spoilt traces without end, each of conversations of about the same length."""
    while True:
        some = sorted(
            rng.sample(list(found), min(20 * TRACES, len(found))),
            key=lambda turns: sum(len(tokens) for _, tokens in turns),
        )
        groups = [some[first : first + TRACES] for first in range(0, len(some), TRACES)]
        rng.shuffle(groups)
        for group in groups:
            yield [corrupt(shuffled(turns, rng), rng, right) for turns in group]


def _loss(model: Any, rows: Sequence[Turns], ids: dict[str, int], torch: Any) -> Any:
    """Cross entropy over what the assistant says, and nothing else."""
    encoded = [
        (
            [ids[token] for _, tokens in turns for token in tokens],
            [role == "assistant" for role, tokens in turns for _ in tokens],
        )
        for turns in rows
    ]
    longest = max(len(tokens) for tokens, _ in encoded)
    tokens = torch.tensor([row + [0] * (longest - len(row)) for row, _ in encoded])
    learnt = torch.tensor([marks + [False] * (longest - len(marks)) for _, marks in encoded])[:, 1:]
    hidden = model.gpt_neox(input_ids=tokens).last_hidden_state[:, :-1]
    return torch.nn.functional.cross_entropy(
        model.get_output_embeddings()(hidden[learnt]), tokens[:, 1:][learnt]
    )


def save(model: Any, out: Path) -> None:
    """The model with its tokenizer as a Hugging Face folder, in half precision; it is loaded in single."""
    out.mkdir(parents=True, exist_ok=True)
    torch = require("torch")
    model.config.dtype = torch.float32
    weights = {
        name: tensor.detach().to(torch.float16).contiguous()
        for name, tensor in model.state_dict().items()
        if name != "embed_out.weight"
    }
    model.config.save_pretrained(str(out))
    model.generation_config.save_pretrained(str(out))
    require("safetensors.torch").save_file(
        weights, str(out / "model.safetensors"), metadata={"format": "pt"}
    )
    v.make_tokenizer().save_pretrained(str(out))
    # Whoever loads this folder computes in single precision: half is for shipping only.
    path = out / "config.json"
    path.write_text(
        json.dumps({**json.loads(path.read_text("utf-8")), "dtype": "float32"}, indent=1) + "\n",
        "utf-8",
    )


def main(given: Sequence[str]) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m inftool.training.tiny.base",
        description="Make the base of the five-minute loop.",
    )
    parser.add_argument(
        "specs",
        nargs="+",
        help="the specs to draw traces from, none of those that are held out later",
    )
    parser.add_argument("-o", "--out", type=Path, required=True, help="the folder")
    parser.add_argument("--count", type=int, default=500, help="conversations a spec")
    parser.add_argument("--drills", type=int, default=900, help="batches of drills")
    parser.add_argument("--clean", type=int, default=2000, help="batches of right traces")
    parser.add_argument(
        "--steps", type=int, default=300, help="batches of traces of which most are wrong"
    )
    parser.add_argument("--begin", type=Path, help="a base to go on from")
    parser.add_argument(
        "--right", type=float, default=0.2, help="the share of traces that are right as a whole"
    )
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(given)
    found = draw_traces(chosen.specs, chosen.count, 10_000 + chosen.seed)
    print(f"{len(found)} traces")
    make_base(
        found,
        chosen.out,
        drills=chosen.drills,
        clean=chosen.clean,
        steps=chosen.steps,
        right=chosen.right,
        seed=chosen.seed,
        begin=chosen.begin,
    )
    record(
        chosen.out,
        chosen.specs,
        {
            key: getattr(chosen, key)
            for key in ("count", "drills", "clean", "steps", "right", "seed")
        },
    )


def record(out: Path, specs: Sequence[str], made: dict[str, Any]) -> None:
    """What the base has seen, as every trained model's folder says it."""
    apis = [api for api in compile_specs(specs) if api.tools]
    said = {
        "method": "base",
        "config": made,
        "apis": sorted(api.name for api in apis),
        "specs": sorted(api.sha256 for api in apis),
    }
    (out / "training.json").write_text(json.dumps(said, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
