"""Tiny random models of usual architectures, with a tokenizer trained on a run: what a Hugging Face
folder looks like, in a second."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from inftool.runs.run_folder import PILES, read_rows


def texts(run: Path) -> Iterator[str]:
    for pile in PILES:
        for row in read_rows(run, pile):
            yield json.dumps(row["messages"], ensure_ascii=False)
            yield json.dumps(row["tools"], ensure_ascii=False)


def make_tokenizer(
    run: Path,
    *,
    size: int = 3000,
    marks: Sequence[str] = ("<|pad|>", "<|im_start|>"),
    end: str = "<|im_end|>",
) -> Any:
    tokenizers, transformers = import_module("tokenizers"), import_module("transformers")
    raw = tokenizers.Tokenizer(tokenizers.models.BPE())
    raw.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[*marks, end],
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    raw.train_from_iterator(texts(run), trainer)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=raw, pad_token="<|pad|>", eos_token=end, clean_up_tokenization_spaces=False
    )


def make_model(folder: Path, run: Path, architecture: str) -> Path:
    """A random model of an architecture (`Qwen3`, `Llama`) in a folder."""
    torch, transformers = import_module("torch"), import_module("transformers")
    torch.manual_seed(0)
    tokenizer = make_tokenizer(run)
    if architecture == "Qwen3":
        template = (
            Path(str(import_module("trl").__file__)).parent / "chat_templates" / "qwen3.jinja"
        )
        tokenizer.chat_template = template.read_text("utf-8")
    sizes = {
        "vocab_size": len(tokenizer),
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 8192,
        "pad_token_id": tokenizer.pad_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "bos_token_id": None,
        "tie_word_embeddings": True,
    }
    if architecture == "Qwen3":
        sizes["head_dim"] = 16
    config = getattr(transformers, f"{architecture}Config")(**sizes)
    model = getattr(transformers, f"{architecture}ForCausalLM")(config)
    model.save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))
    return folder


def make_styled(
    folder: Path, run: Path, template: str | None, marks: Sequence[str], end: str
) -> Path:
    """A random Llama with a chat template, marks that are special tokens, and an end mark."""
    torch, transformers = import_module("torch"), import_module("transformers")
    torch.manual_seed(0)
    tokenizer = make_tokenizer(run, size=600, marks=("<|pad|>", "<s>", *marks), end=end)
    tokenizer.bos_token, tokenizer.chat_template = "<s>", template
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=4096,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=tokenizer.bos_token_id,
        tie_word_embeddings=True,
    )
    transformers.LlamaForCausalLM(config).save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))
    return folder
