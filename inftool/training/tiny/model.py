"""The tiny model, made from nothing: three layers of GPT-NeoX.

Its first heads begin near looking one token back, matching and copying. Copying has to be there
before reinforcement learning can sharpen it; a model of this size finds it by itself, in many CPU
minutes, which these starting values only shorten. Slots are random directions nearly at right
angles to one another, so that whatever is learned about some holds for all; those of a family have
one direction more in common.
"""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any

from inftool.training._optional import require
from inftool.training.models.logits import Tensor
from inftool.training.tokenization.slots import vocabulary as v

# Small enough for a loop of five minutes on two cores: 451 thousand parameters with the vocabulary.
WIDTH, LAYERS, HEADS, INNER = 128, 3, 4, 256
# Of the dimensions of a head, those that rotary position embedding turns, and its base.
TURNED, BASE = 8, 1000.0
# Far above the longest trace; rotary embeddings cost nothing for positions that are not used.
_MAX_POSITIONS = 4096

# Sizes of the starting values: large enough that the heads do what they are meant for from the
# first step, small enough that training can still change them.
_NOISE, _SLOT_NORM, _FAMILY_SHARE = 0.07, 0.8, 0.4
_POSITION_GAIN, _MATCH_GAIN = 7.5, 2.0
_PREVIOUS_GAIN, _COPY_GAIN = 0.07, 0.15


def make_model(seed: int = 0) -> Any:
    """A fresh `GPTNeoXForCausalLM` over the closed vocabulary, under half a million parameters."""
    torch, transformers = require("torch"), require("transformers")
    torch.manual_seed(seed)
    size = WIDTH // HEADS
    names = v.tokens()
    rope = {
        "rope_type": "default",
        "rope_theta": BASE,
        "partial_rotary_factor": TURNED / size,
    }
    config = transformers.GPTNeoXConfig(
        vocab_size=len(names),
        hidden_size=WIDTH,
        intermediate_size=INNER,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        max_position_embeddings=_MAX_POSITIONS,
        rope_parameters=rope,
        use_parallel_residual=False,
        tie_word_embeddings=True,
        initializer_range=0.04,
        pad_token_id=names.index(v.PAD),
        bos_token_id=None,
        eos_token_id=names.index(v.END),
        dtype="float32",
    )
    model = transformers.GPTNeoXForCausalLM(config)
    with torch.no_grad():
        _initialize_embeddings(model.get_input_embeddings().weight, torch)
        _initialize_heads(model, size, torch)
    return model


def _initialize_embeddings(table: Tensor, torch: ModuleType) -> None:
    """Noise for all tokens; longer directions for slots, with one in common for each family."""
    table.copy_(torch.randn_like(table) * _NOISE)
    directions = torch.linalg.qr(torch.randn(WIDTH, len(v.FAMILIES)))[0].T
    shared = dict(zip(v.FAMILIES, directions, strict=True))
    for number, name in enumerate(v.tokens()):
        if v.is_slot(name):
            table[number] *= _SLOT_NORM / table[number].norm()
            # What comes next is first of all a tool, a name, a value or a word.
            table[number] += _FAMILY_SHARE * shared[name[1]]


def _initialize_heads(model: Any, size: int, torch: ModuleType) -> None:
    """Two heads of layer 1 that look one token back, and two of layer 2 that copy.

    Those of layer 2 look for what came after the same token before (an induction head: Olsson et
    al., "In-context Learning and Induction Heads", 2022).
    """
    turn = torch.linalg.qr(torch.randn(WIDTH, WIDTH))[0]
    frames = torch.linalg.qr(torch.randn(WIDTH, WIDTH))[0].view(HEADS, size, WIDTH)
    first, second = (layer.attention for layer in model.gpt_neox.layers[:2])
    for layer in (first, second):
        layer.query_key_value.bias.zero_()
    for head in (0, 1):
        columns = slice(head * size, (head + 1) * size)
        weight, bias = _head_parts(first, head, size)
        _look_one_back(weight, bias)
        weight[2].copy_(frames[head])
        # What the token before was is written down turned, apart from what the token itself is.
        first.dense.weight[:, columns] = _PREVIOUS_GAIN * turn @ frames[head].T
        weight, _ = _head_parts(second, head, size)
        # The query is a token, the key what stood before another one: they match where the same
        # token came before. Only dimensions without a position take part.
        content = slice(TURNED, size)
        weight[0].zero_(), weight[1].zero_()
        weight[0][content] = _MATCH_GAIN * frames[head][: size - TURNED]
        weight[1][content] = _MATCH_GAIN * (frames[head] @ turn.T)[: size - TURNED]
        weight[2].copy_(frames[head + 2])
        second.dense.weight[:, columns] = _COPY_GAIN * frames[head + 2].T


def _look_one_back(weight: Tensor, bias: Tensor) -> None:
    """Let a head attend by position alone: the query is turned one position less than it stands."""
    weight[0].zero_(), weight[1].zero_()
    half = TURNED // 2
    for place in range(half):
        speed = BASE ** (-place / half)
        bias[0, place] = _POSITION_GAIN * math.cos(speed)
        bias[0, place + half] = -_POSITION_GAIN * math.sin(speed)
        bias[1, place] = _POSITION_GAIN


def _head_parts(attention: Any, head: int, size: int) -> tuple[Tensor, Tensor]:
    """Query, key and value of one head as views: weights (3, size, width), biases (3, size)."""
    combined = attention.query_key_value
    weights = combined.weight.view(-1, 3, size, WIDTH)[head]
    return weights, combined.bias.view(-1, 3, size)[head]
