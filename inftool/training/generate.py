"""A model as a player: many conversations go on side by side, one batch of tokens at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from inftool.records import JsonObject
from inftool.training.environment import Environment
from inftool.training.extra import require
from inftool.training.models import Loaded
from inftool.training.tokens import read_message, render

# What to say next in each of some plays that are under way; None where the model wrote nothing that can be read.
Policy = Callable[[Sequence[Environment]], list[JsonObject | None]]


def generate(model: Any, tokenizer: Any, prompts: Sequence[Sequence[int]], *, max_new_tokens: int, temperature: float) -> list[list[int]]:
    """The tokens that go on each prompt, up to and with the end mark if it came; `temperature` 0 takes the likeliest. Restores the model's mode."""
    torch = require("torch")
    longest, device = max(map(len, prompts)), model.device
    pad = tokenizer.pad_token_id
    ids = torch.tensor([[pad] * (longest - len(prompt)) + list(prompt) for prompt in prompts], device=device)
    mask = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts], device=device)
    sampling = {"do_sample": True, "temperature": temperature, "top_k": 0, "top_p": 1.0} if temperature else {"do_sample": False}
    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            found = model.generate(
                input_ids=ids, attention_mask=mask, max_new_tokens=max_new_tokens, pad_token_id=pad, eos_token_id=tokenizer.eos_token_id, **sampling
            )
    finally:
        model.train(training)
    return [_until(row, tokenizer.eos_token_id) for row in found[:, longest:].tolist()]


def _until(ids: list[int], end: int) -> list[int]:
    return ids[: ids.index(end) + 1] if end in ids else ids


class ModelPolicy:
    """Plays as a loaded model does; `batch` plays at a time. What is longer than `max_length` tokens counts as unreadable."""

    def __init__(self, loaded: Loaded, *, max_new_tokens: int = 512, temperature: float = 0.0, batch: int = 16, max_length: int = 8192) -> None:
        self.loaded = loaded
        self.max_new_tokens = max_new_tokens
        self.temperature = temperature
        self.batch = batch
        self.max_length = max_length

    def __call__(self, environments: Sequence[Environment]) -> list[JsonObject | None]:
        """The next message of each play."""
        tokenizer, found = self.loaded.tokenizer, list[JsonObject | None]()
        for first in range(0, len(environments), self.batch):
            part = environments[first : first + self.batch]
            prompts = [tokenizer(render(tokenizer, self.loaded.template, e.messages, e.tools()), add_special_tokens=False).input_ids for e in part]
            fits = [prompt if len(prompt) <= self.max_length else [tokenizer.pad_token_id] for prompt in prompts]
            written = generate(self.loaded.model, tokenizer, fits, max_new_tokens=self.max_new_tokens, temperature=self.temperature)
            for prompt, ids in zip(prompts, written, strict=True):
                whole = bool(ids) and ids[-1] == tokenizer.eos_token_id and len(prompt) <= self.max_length
                found.append(read_message(tokenizer.decode(ids[:-1], skip_special_tokens=False)) if whole else None)
        return found


def play_out(environments: Sequence[Environment], policy: Policy) -> None:
    """Play every environment from its start to its end."""
    for environment in environments:
        environment.reset()
    while active := [environment for environment in environments if not environment.done]:
        for environment, message in zip(active, policy(active), strict=True):
            environment.step(message)
