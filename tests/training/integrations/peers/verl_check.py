"""Run in an environment that has verl: its agent loop over a server that writes what it should,
token by token."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from transformers import AutoTokenizer
from verl.experimental.agent_loop.agent_loop import DictConfigWrap
from verl.utils.dataset.rl_dataset import RLHFDataset
from verl.workers.rollout.replica import TokenOutput

from inftool.core.chat import ChatMessage
from inftool.synthesis.rehearsal import rehearsed
from inftool.training.integrations.episode import cached_blueprints, cached_pool, verl_rows
from inftool.training.integrations.verl import InftoolAgentLoop
from inftool.training.models.loading import prepare_tokenizer
from inftool.training.tokenization.tokens import render


class Server:
    """Stands where verl's server of models stands: says one message after another."""

    def __init__(self, loaded: Any, said: list[ChatMessage]) -> None:
        self.loaded, self.said = loaded, iter(said)

    async def generate(
        self, *, request_id: str, prompt_ids: list[int], sampling_params: dict[str, Any], **_: Any
    ) -> TokenOutput:
        assert sampling_params["stop_token_ids"]
        asked: list[ChatMessage] = [{"role": "user", "content": "x"}]
        start = render(self.loaded.tokenizer, self.loaded.template, asked, [])
        whole = render(
            self.loaded.tokenizer, self.loaded.template, [*asked, next(self.said)], [], reply=False
        )
        ids = list(self.loaded.tokenizer(whole[len(start) :].removesuffix("\n")).input_ids)
        return TokenOutput(token_ids=ids, log_probs=[-0.5] * len(ids))


async def play(spec: str, folder: str) -> None:
    specs = (spec,)
    stage = cached_pool(specs)
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    loaded = prepare_tokenizer(tokenizer)
    blueprints = [
        item for item in cached_blueprints(specs, 8, 0) if not any(turn.adds for turn in item.turns)
    ]
    config = OmegaConf.create(
        {
            "actor_rollout_ref": {
                "rollout": {"response_length": 100_000, "prompt_length": 100_000}
            },
            "data": {},
        }
    )
    for row, blueprint in zip(verl_rows(blueprints, specs, stage), blueprints, strict=True):
        gold = [
            message
            for message in rehearsed(blueprint, stage).messages
            if message["role"] == "assistant"
        ]
        loop = InftoolAgentLoop(
            trainer_config=DictConfigWrap(config),
            server_manager=Server(loaded, gold),
            tokenizer=tokenizer,
            processor=None,
            dataset_cls=RLHFDataset,
            data_config=DictConfigWrap(config.data),
        )
        output = await loop.run(
            {"temperature": 1.0}, raw_prompt=row["prompt"], extra_info=row["extra_info"]
        )
        assert output.reward_score == 1.0, (blueprint.category, output.extra_fields)
        assert (
            len(output.response_ids)
            == len(output.response_mask)
            == len(output.response_logprobs or [])
        )
        own = tokenizer.decode(
            [
                token
                for token, mine in zip(output.response_ids, output.response_mask, strict=True)
                if mine
            ]
        )
        assert own.count("<|im_end|>") == len(gold)
        assert all(
            (logprob != 0.0) == bool(mine)
            for logprob, mine in zip(
                output.response_logprobs or [], output.response_mask, strict=True
            )
        )
        assert output.num_turns == 2 * len(gold)
    print(f"verl: {len(blueprints)} plays, all as they should be")


if __name__ == "__main__":
    assert Path(sys.argv[2]).is_dir()
    asyncio.run(play(sys.argv[1], sys.argv[2]))
