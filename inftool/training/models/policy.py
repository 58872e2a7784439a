"""A loaded model as the assistant: many episodes side by side, one batch of tokens at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from inftool.core.chat import ChatMessage, ToolSpec
from inftool.training._optional import require
from inftool.training.environment.environment import Environment
from inftool.training.models.constrained_decoding import GrammarConstraint
from inftool.training.models.loading import LoadedModel
from inftool.training.models.logits import DecodingConstraint, LogitsProcessor
from inftool.training.models.slot_grammar import SlotConstraint
from inftool.training.tokenization.protocol import RenderError
from inftool.training.tokenization.tokens import render

Policy = Callable[[Sequence[Environment]], list[ChatMessage | None]]
"""The assistant's next message in each of some environments; None where it cannot be read."""

_CONSTRAINTS: Mapping[str, Callable[[LoadedModel], DecodingConstraint]] = {
    "chat-template": GrammarConstraint,
    "slots": SlotConstraint,
}
"""The name of a tokenization -> what constrains a model that uses it."""

# Keeps the seeds of different policies apart: a prime above any number of batches in a run.
_SEED_STRIDE = 100_003


def generate(
    loaded: LoadedModel,
    prompts: Sequence[Sequence[int]],
    *,
    max_new_tokens: int,
    temperature: float,
    processor: LogitsProcessor | None = None,
    seed: int | None = None,
) -> list[list[int]]:
    """The tokens that continue each prompt, up to and with the end token if it came.

    A `temperature` of 0 takes the likeliest token. With a `seed` the same is sampled every time,
    and torch's own state is left as it was; so is the model's mode.
    """
    torch = require("torch")
    model, pad = loaded.model, loaded.tokenizer.pad_token_id
    longest, device = max(map(len, prompts)), model.device
    gaps = [longest - len(prompt) for prompt in prompts]
    # Padding stands on the left, so that all rows go on at the same place.
    rows = [[pad] * gap + list(prompt) for gap, prompt in zip(gaps, prompts, strict=True)]
    mask = [[0] * gap + [1] * (longest - gap) for gap in gaps]
    sampling: dict[str, object] = {"do_sample": False}
    if temperature:
        # From the whole distribution: models may bring other defaults of their own.
        sampling = {"do_sample": True, "temperature": temperature, "top_k": 0, "top_p": 1.0}
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad(), torch.random.fork_rng(enabled=seed is not None):
            if seed is not None:
                torch.manual_seed(seed)
            sequences = model.generate(
                input_ids=torch.tensor(rows, device=device),
                attention_mask=torch.tensor(mask, device=device),
                max_new_tokens=max_new_tokens,
                pad_token_id=pad,
                eos_token_id=list(loaded.end_tokens),
                logits_processor=[processor] if processor is not None else None,
                **sampling,
            )
    finally:
        # In GRPO the same model goes on training.
        model.train(was_training)
    written = sequences[:, longest:].tolist()
    return [until_end_token(row, loaded.end_tokens) for row in written]


def until_end_token(ids: list[int], end_tokens: Sequence[int]) -> list[int]:
    """Tokens up to and with the first end token; all of them if there is none."""
    return next((ids[: place + 1] for place, token in enumerate(ids) if token in end_tokens), ids)


class ModelPolicy:
    """A policy that lets a loaded model write.

    `batch` episodes are generated at a time. A conversation of more than `max_length` tokens
    counts as an unreadable message. The same `seed` samples the same messages.
    """

    def __init__(
        self,
        loaded: LoadedModel,
        *,
        max_new_tokens: int = 512,
        temperature: float = 0.0,
        batch: int = 16,
        max_length: int = 8192,
        constrained: bool = False,
        seed: int = 0,
    ) -> None:
        self.loaded = loaded
        self.constraint = constraint_for(loaded) if constrained else None
        self.max_new_tokens = max_new_tokens
        self.temperature = temperature
        self.batch = batch
        self.max_length = max_length
        self.seed = seed
        self._batches_written = 0

    @property
    def decoding(self) -> dict[str, object]:
        """The settings of generation, as they stand in results.

        `loosened` names constrained tools whose schemas could not be compiled.
        """
        settings: dict[str, object] = {
            "temperature": self.temperature,
            "max_new_tokens": self.max_new_tokens,
            "constrained": self.constraint is not None,
        }
        if self.temperature:
            settings["seed"] = self.seed
        if self.constraint is not None and self.constraint.loosened:
            settings["loosened"] = sorted(self.constraint.loosened)
        return settings

    def __call__(self, environments: Sequence[Environment]) -> list[ChatMessage | None]:
        """The next message in each environment."""
        messages: list[ChatMessage | None] = []
        for first in range(0, len(environments), self.batch):
            messages += self._write(environments[first : first + self.batch])
        return messages

    def _write(self, environments: Sequence[Environment]) -> list[ChatMessage | None]:
        """The next messages of one batch."""
        prompts = [self._prompt(environment) for environment in environments]
        constraint = self.constraint
        processor = constraint.processor_for(environments) if constraint is not None else None
        # Each batch samples with a seed of its own: the same one would repeat the same choices.
        self._batches_written += 1
        pad = self.loaded.tokenizer.pad_token_id
        written = generate(
            self.loaded,
            # What has no prompt is generated for nothing, so that rows and processor line up.
            [prompt or [pad] for prompt in prompts],
            max_new_tokens=self.max_new_tokens,
            temperature=self.temperature,
            processor=processor,
            seed=_SEED_STRIDE * self.seed + self._batches_written,
        )
        messages: list[ChatMessage | None] = []
        for environment, prompt, ids in zip(environments, prompts, written, strict=True):
            tools, before = environment.tools(), environment.messages
            messages.append(decode_message(self.loaded, ids, tools, before) if prompt else None)
        return messages

    def _prompt(self, environment: Environment) -> list[int]:
        """The conversation as tokens; empty if it is too long or the template refuses it."""
        loaded = self.loaded
        try:
            text = render(
                loaded.tokenizer, loaded.template, environment.messages, environment.tools()
            )
        except RenderError:
            return []
        ids = loaded.tokenizer(text, add_special_tokens=False).input_ids
        return ids if len(ids) <= self.max_length else []


def constraint_for(loaded: LoadedModel) -> DecodingConstraint:
    """What a model may write, in its own vocabulary."""
    return _CONSTRAINTS[loaded.tokenization.name](loaded)


def decode_message(
    loaded: LoadedModel,
    ids: Sequence[int],
    tools: Sequence[ToolSpec],
    messages: Sequence[ChatMessage] = (),
) -> ChatMessage | None:
    """Generated tokens as a message; None where no end token came or they cannot be read.

    `messages` are those before it, which say what the slots of a slot model hold.
    """
    if not ids or ids[-1] not in loaded.end_tokens:
        return None
    return loaded.tokenization.parse(loaded.tokenizer, loaded.style, ids[:-1], messages, tools)


def run_episodes(environments: Sequence[Environment], policy: Policy) -> None:
    """Reset every environment, and step it with the policy's messages until it is done."""
    for environment in environments:
        environment.reset()
    while active := [environment for environment in environments if not environment.done]:
        for environment, message in zip(active, policy(active), strict=True):
            environment.step(message)
