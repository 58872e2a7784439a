"""A model as a player: many conversations go on side by side, one batch of tokens at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from inftool.core.chat import ChatMessage, ToolSpec
from inftool.core.types import JsonObject
from inftool.training._optional import require
from inftool.training.environment.environment import Environment
from inftool.training.models.constrained_decoding import DecodingConstraint
from inftool.training.models.loading import LoadedModel
from inftool.training.models.slot_grammar import SlotConstraint
from inftool.training.tokenization.call_styles import read_message
from inftool.training.tokenization.slots.codec import SlotConversation
from inftool.training.tokenization.slots.vocabulary import is_slotted
from inftool.training.tokenization.tokens import RenderError, render

# What to say next in each of some plays that are under way; None where the model wrote nothing that can be read.
Policy = Callable[[Sequence[Environment]], list[ChatMessage | None]]


def generate(
    loaded: LoadedModel,
    prompts: Sequence[Sequence[int]],
    *,
    max_new_tokens: int,
    temperature: float,
    processor: Any = None,
    seed: int | None = None,
) -> list[list[int]]:
    """The tokens that go on each prompt, up to and with the end mark if it came; `temperature` 0 takes the likeliest. Restores the model's mode.

    `processor` is a logits processor of transformers that says what may come next. With a `seed` what is sampled is the same every time, and nothing else's chance is touched.
    """
    torch = require("torch")
    model, tokenizer, ends = loaded.model, loaded.tokenizer, loaded.ends
    longest, device = max(map(len, prompts)), model.device
    pad = tokenizer.pad_token_id
    ids = torch.tensor(
        [[pad] * (longest - len(prompt)) + list(prompt) for prompt in prompts], device=device
    )
    mask = torch.tensor(
        [[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts], device=device
    )
    sampling = (
        {"do_sample": True, "temperature": temperature, "top_k": 0, "top_p": 1.0}
        if temperature
        else {"do_sample": False}
    )
    training = model.training
    model.eval()
    try:
        with torch.no_grad(), torch.random.fork_rng(enabled=seed is not None):
            if seed is not None:
                torch.manual_seed(seed)
            found = model.generate(
                input_ids=ids,
                attention_mask=mask,
                max_new_tokens=max_new_tokens,
                pad_token_id=pad,
                eos_token_id=list(ends),
                logits_processor=[processor] if processor is not None else None,
                **sampling,
            )
    finally:
        model.train(training)
    return [until_end_token(row, ends) for row in found[:, longest:].tolist()]


def until_end_token(ids: list[int], ends: Sequence[int]) -> list[int]:
    """Tokens up to and with the first end mark."""
    return next((ids[: place + 1] for place, token in enumerate(ids) if token in ends), ids)


class ModelPolicy:
    """Plays as a loaded model does; `batch` plays at a time. What is longer than `max_length` tokens counts as unreadable. The same `seed` samples the same."""

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
        self.seed, self._spoken = seed, 0
        self.loaded = loaded
        self.constraint = constraint_for(loaded) if constrained else None
        self.max_new_tokens = max_new_tokens
        self.temperature = temperature
        self.batch = batch
        self.max_length = max_length

    @property
    def decoding(self) -> JsonObject:
        """How the model is made to speak; `loosened` names constrained tools whose schemas could not be compiled."""
        said: JsonObject = {
            "temperature": self.temperature,
            "max_new_tokens": self.max_new_tokens,
            "constrained": self.constraint is not None,
        }
        if self.temperature:
            said["seed"] = self.seed
        if self.constraint is not None and self.constraint.loosened:
            said["loosened"] = sorted(self.constraint.loosened)
        return said

    def __call__(self, environments: Sequence[Environment]) -> list[ChatMessage | None]:
        """The next message of each play."""
        tokenizer, found = self.loaded.tokenizer, list[ChatMessage | None]()
        for first in range(0, len(environments), self.batch):
            part = environments[first : first + self.batch]
            prompts = [self._prompt(environment) for environment in part]
            fits = [prompt or [tokenizer.pad_token_id] for prompt in prompts]
            processor = processor_of(self.constraint, part) if self.constraint is not None else None
            self._spoken += 1
            seed = 100_003 * self.seed + self._spoken
            written = generate(
                self.loaded,
                fits,
                max_new_tokens=self.max_new_tokens,
                temperature=self.temperature,
                processor=processor,
                seed=seed,
            )
            for environment, prompt, ids in zip(part, prompts, written, strict=True):
                found.append(
                    decode_message(self.loaded, ids, environment.tools(), environment.messages)
                    if prompt
                    else None
                )
        return found

    def _prompt(self, environment: Environment) -> list[int]:
        """The conversation as tokens; none where it is too long, or one that the template refuses."""
        try:
            text = render(
                self.loaded.tokenizer,
                self.loaded.template,
                environment.messages,
                environment.tools(),
            )
        except RenderError:
            return []
        ids: list[int] = self.loaded.tokenizer(text, add_special_tokens=False).input_ids
        return ids if len(ids) <= self.max_length else []


def constraint_for(loaded: LoadedModel) -> DecodingConstraint | SlotConstraint:
    """What a model may write, in its own vocabulary."""
    return SlotConstraint(loaded) if is_slotted(loaded.template) else DecodingConstraint(loaded)


def processor_of(
    constraint: DecodingConstraint | SlotConstraint, environments: Sequence[Environment]
) -> Any:
    """A logits processor for the next messages of some plays."""
    if isinstance(constraint, SlotConstraint):
        return constraint.processor(environments)
    return constraint.processor([environment.tools() for environment in environments])


def decode_message(
    loaded: LoadedModel,
    ids: Sequence[int],
    tools: Sequence[ToolSpec],
    messages: Sequence[ChatMessage] = (),
) -> ChatMessage | None:
    """What a model wrote, as a message; None where it did not come to an end or cannot be read. `messages` before it say what stands in which slot."""
    if not ids or ids[-1] not in loaded.ends:
        return None
    if is_slotted(loaded.template):
        said = SlotConversation(messages, tools).read(
            loaded.tokenizer.convert_ids_to_tokens(list(ids[:-1]))
        )
        return read_message(said) if said is not None else None
    return read_message(
        loaded.tokenizer.decode(list(ids[:-1]), skip_special_tokens=False), loaded.style, tools
    )


def run_episodes(environments: Sequence[Environment], policy: Policy) -> None:
    """Play every environment from its start to its end."""
    for environment in environments:
        environment.reset()
    while active := [environment for environment in environments if not environment.done]:
        for environment, message in zip(active, policy(active), strict=True):
            environment.step(message)
