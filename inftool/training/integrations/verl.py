"""Our environments in verl's agent loop.

A whole episode is one sequence, in which what the model wrote is marked 1, with its reward.

Name the class in verl's agent loop configuration (`- {name: inftool, _target_:
inftool.training.integrations.verl.InftoolAgentLoop}`) and make rows with
`inftool.training.integrations.episode.verl_rows`.
"""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

from verl.experimental.agent_loop.agent_loop import AgentLoopBase, AgentLoopOutput, register

from inftool.training.integrations.episode import environment_of_row
from inftool.training.models.loading import LoadedModel, prepare_tokenizer
from inftool.training.trainers.rollout import TokenizedEpisode


@register("inftool")
class InftoolAgentLoop(AgentLoopBase):  # type: ignore[misc, unused-ignore]
    """One play of the blueprint in a row's `extra_info`; verl's server writes, our environment
    answers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._loaded: LoadedModel = prepare_tokenizer(self.tokenizer)
        self._limit = int(self.rollout_config.response_length)

    async def run(self, sampling_params: dict[str, Any], **kwargs: Any) -> AgentLoopOutput:
        """Play to the end, or until the response is as long as it may be, which earns nothing."""
        play = await asyncio.to_thread(
            lambda: TokenizedEpisode(environment_of_row(kwargs["extra_info"]), self._loaded)
        )
        request, turns, logprobs = uuid4().hex, 0, list[float]()
        given = {**sampling_params, "stop_token_ids": list(self._loaded.end_tokens)}
        while not play.environment.done:
            output = await self.server_manager.generate(
                request_id=request, prompt_ids=play.prompt + play.completion, sampling_params=given
            )
            written = list(output.token_ids)[: self._limit - len(play.completion)]
            known = len(play.completion)
            play.take(written, self._limit)
            # Between two messages lies what the model did not write.
            said = list(output.log_probs or ())[: len(written)]
            logprobs += said + [0.0] * (len(play.completion) - known - len(said))
            turns += 2
        score = await asyncio.to_thread(play.environment.score)
        return AgentLoopOutput(
            prompt_ids=play.prompt,
            response_ids=play.completion[: self._limit],
            response_mask=play.mask[: self._limit],
            response_logprobs=logprobs[: self._limit] if any(logprobs) else None,
            reward_score=score.reward,
            num_turns=turns,
            metrics={},
            extra_fields={
                "gate": score.gate,
                "counted": score.counted or score.exact,
                "turn_scores": [],
                "tool_rewards": [],
            },
        )
