"""The tiny model, made from nothing: three layers of GPT-NeoX whose first heads begin near looking one token back, matching and copying.

Copying has to be there before reinforcement learning can sharpen it. A model of this size finds it by itself, in many CPU minutes; these starting values only
shorten that. Slots are random directions, nearly at right angles to one another, so that whatever is learnt about some holds for all; those of a family have one more in common.
"""

from __future__ import annotations

import math
from typing import Any

from inftool.training._optional import require
from inftool.training.tokenization.slots import vocabulary as v

WIDTH, LAYERS, HEADS, INNER, TURNED, BASE = 128, 3, 4, 256, 8, 1000.0


def make_model(seed: int = 0) -> Any:
    """A fresh model over the closed vocabulary; under half a million parameters."""
    torch, transformers = require("torch"), require("transformers")
    torch.manual_seed(seed)
    size = WIDTH // HEADS
    names = v.tokens()
    config = transformers.GPTNeoXConfig(
        vocab_size=len(names),
        hidden_size=WIDTH,
        intermediate_size=INNER,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        max_position_embeddings=4096,
        rope_parameters={
            "rope_type": "default",
            "rope_theta": BASE,
            "partial_rotary_factor": TURNED / size,
        },
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
        _begin(model, size, torch)
    return model


def _begin(model: Any, size: int, torch: Any) -> None:
    """Starting values: two heads that look one token back (layer 1), and two that look for what came after the same token before, and copy it (layer 2)."""
    names, table = v.tokens(), model.get_input_embeddings().weight
    table.copy_(torch.randn_like(table) * 0.07)
    shared = dict(
        zip(v.FAMILIES, torch.linalg.qr(torch.randn(WIDTH, len(v.FAMILIES)))[0].T, strict=True)
    )
    for number, name in enumerate(names):
        if v.is_slot(name):
            table[number] *= 0.8 / table[number].norm()
            # What is said next is first of all a tool, a name, a value or a word.
            table[number] += 0.4 * shared[name[1]]
    turn = torch.linalg.qr(torch.randn(WIDTH, WIDTH))[0]
    frames = torch.linalg.qr(torch.randn(WIDTH, WIDTH))[0].view(HEADS, size, WIDTH)
    first, second = (layer.attention for layer in model.gpt_neox.layers[:2])
    for layer in (first, second):
        layer.query_key_value.bias.zero_()
    speeds = [BASE ** (-place / (TURNED // 2)) for place in range(TURNED // 2)]
    for head in (0, 1):
        weight, bias = _parts(first, head, size)
        weight[0].zero_(), weight[1].zero_()
        weight[2].copy_(frames[head])
        # One step back: the query is turned by one position less than it stands at.
        for place, speed in enumerate(speeds):
            bias[0, place], bias[0, place + TURNED // 2] = (
                7.5 * math.cos(speed),
                -7.5 * math.sin(speed),
            )
            bias[1, place] = 7.5
        first.dense.weight[:, head * size : (head + 1) * size] = 0.07 * turn @ frames[head].T
        weight, _ = _parts(second, head, size)
        content = slice(TURNED, size)
        weight[0].zero_(), weight[1].zero_()
        weight[0][content] = 2.0 * frames[head][: size - TURNED]
        weight[1][content] = 2.0 * (frames[head] @ turn.T)[: size - TURNED]
        weight[2].copy_(frames[head + 2])
        second.dense.weight[:, head * size : (head + 1) * size] = 0.15 * frames[head + 2].T


def _parts(attention: Any, head: int, size: int) -> tuple[Any, Any]:
    """The query, key and value of one head, as views: weights (3, size, width) and biases (3, size)."""
    whole = attention.query_key_value
    return whole.weight.view(-1, 3, size, WIDTH)[head], whole.bias.view(-1, 3, size)[head]
