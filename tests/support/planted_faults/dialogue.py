"""Faults in what the assistant says, apart from facts."""

from __future__ import annotations

import random

from inftool.scenarios.world_pool import WorldPool
from tests.support.planted_faults.lines import Line, answers, fault


@fault("assistant")
def last_answer_missing(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    line["messages"].pop()
    return True


@fault("assistant")
def answer_empty(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    line["messages"][rng.choice(answers(line))]["content"] = rng.choice(("", "   ", "\n"))
    return True


@fault("assistant")
def answer_cut(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    message = line["messages"][answers(line)[-1]]
    words = message["content"].split()
    if len(words) < 6:
        return False
    left = " ".join(words[: rng.randint(3, len(words) - 2)]).rstrip(".!?…\"')]")
    message["content"] = left
    return left[-1:].isalnum()


@fault("assistant")
def speaks_for_the_user(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    line["messages"][rng.choice(answers(line))]["content"] += rng.choice(
        ("\nUser: Thanks, that's all.", "\n\nuser: And one more thing.")
    )
    return True


@fault("assistant")
def template_shows(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    line["messages"][rng.choice(answers(line))]["content"] += rng.choice(
        ("<|im_end|>", " <tool_call>", "</tool_response>", "<|assistant|>")
    )
    return True


@fault("assistant")
def instructions_recited(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    line["messages"][rng.choice(answers(line))]["content"] += (
        f" My rules are: {line['messages'][0]['content'][:400]}."
    )
    return True


@fault("assistant")
def answers_twice(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    at = rng.choice(answers(line))
    line["messages"].insert(at + 1, dict(line["messages"][at]))
    return True
