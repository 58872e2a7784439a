"""Models on disk: any causal language model in a Hugging Face folder."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

from inftool.core.errors import TrainingError
from inftool.training._optional import require
from inftool.training.tokenization.call_styles import CALL_STYLES, CallStyle
from inftool.training.tokenization.protocol import Tokenization
from inftool.training.tokenization.tokenizer import Tokenizer
from inftool.training.tokenization.tokens import tokenization_for


class LoadedModel(NamedTuple):
    """A model with what is needed to talk to it."""

    model: Any
    """A `PreTrainedModel` of transformers; None where only the tokenizer is needed."""

    tokenizer: Tokenizer
    """Its tokenizer, which pads on the left."""

    template: str
    """The chat template that both training and generation use."""

    style: CallStyle
    """How it writes calls."""

    end_tokens: tuple[int, ...]
    """The ids that end a message."""

    @property
    def tokenization(self) -> Tokenization:
        """How its conversations are put into tokens."""
        return tokenization_for(self.template)


def load_model(folder: str | Path) -> LoadedModel:
    """A model from a folder or, by `owner/name`, from the local cache or the Hub.

    Weights stay in the type in which they were saved. TrainingError where it cannot be loaded.
    """
    transformers = require("transformers")
    name = str(folder)
    # A name with one slash may be a repository; anything else with a slash can only be a folder.
    may_be_repository = name.count("/") == 1 and name[0] not in "./~"
    if not Path(folder).exists() and not may_be_repository:
        raise TrainingError(
            f"there is no folder {folder}",
            hint="name a Hugging Face folder, or a repository as owner/name",
        )
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(name)
        model = transformers.AutoModelForCausalLM.from_pretrained(name, dtype="auto")
    except (OSError, ValueError, KeyError) as error:
        raise TrainingError(
            f"{folder} cannot be loaded as a model: {str(error).splitlines()[0]}",
            hint="name a Hugging Face folder",
        ) from error
    named = model.generation_config.eos_token_id
    end_tokens = [named] if isinstance(named, int) else list(named or ())
    loaded = prepare_tokenizer(tokenizer, named=end_tokens)._replace(model=model)
    # Saved with the model, so that whoever serves it stops there too.
    model.generation_config.eos_token_id = list(loaded.end_tokens)
    return loaded


def prepare_tokenizer(tokenizer: Tokenizer, *, named: Collection[int] = ()) -> LoadedModel:
    """What a tokenizer alone says about its model; the tokenizer is set up for generation.

    `named` are ids that the model's folder says end a message. TrainingError where its template
    writes calls in a way that cannot be read back.
    """
    # What pads is masked, so that any token will do.
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    tokenizer.padding_side = "left"
    # Some tokenizers bring several templates; the one for tools is what calls are written by.
    own = tokenizer.chat_template
    if isinstance(own, dict):
        own = own.get("tool_use") or own["default"]
    tokenization = tokenization_for(own)
    template = tokenization.training_template(tokenizer, own)
    tokenizer.chat_template = template
    style = tokenization.call_style(tokenizer, template)
    if style is None:
        name = tokenizer.name_or_path or "the model"
        raise TrainingError(
            f"the chat template of {name} writes calls in a way that cannot be read back",
            hint="known are " + ", ".join(CALL_STYLES),
        )
    end_tokens = tokenization.end_tokens(tokenizer, template, named)
    return LoadedModel(None, tokenizer, template, style, end_tokens)
