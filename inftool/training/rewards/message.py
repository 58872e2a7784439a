"""The gated reward of one message.

The gates, in order: format, the decision to call, tool, argument keys, argument values. The InfTool
paper (section on training) names them and publishes no formula; the numbers are ours
[reconstructed]. Training and evaluation score with the same functions; no torch is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from inftool.core.chat import ChatMessage
from inftool.core.types import Record, Schema
from inftool.language.values import mentions, normalize
from inftool.training.rewards.calls import VALUES_SPAN, WRONG_VALUES, WantedCall, score_calls
from inftool.training.rewards.read_calls import calls_of
from inftool.training.rewards.score import RewardGate, Score
from inftool.verification.checker.told_facts import declines

WordsKind = Literal["", "asks", "declines"]
"""What a message without calls should do: anything but refuse, ask a question, or refuse."""

# A message that asks where it should tell, or the like: as much as a wrong tool.
WRONG_WORDS = 0.1


class Expected(Record):
    """What one message of the assistant should be: calls in any order, or words."""

    calls: tuple[WantedCall, ...] = ()
    """The calls; empty where the message should be words."""

    tell: tuple[object, ...] = ()
    """Of words: the values that should be told."""

    says: WordsKind = ""
    """Of words: whether they should be a question or a refusal."""


def score_message(
    message: ChatMessage | None, expected: Expected, schemas: Mapping[str, Schema]
) -> Score:
    """Score one message in the OpenAI chat format against what it should be.

    `message` is None where what the model wrote cannot be read. `schemas` are the input schemas of
    the offered tools by name. A message without calls where some are wanted, or with calls where
    none is, earns nothing.
    """
    calls = calls_of(message)
    if message is None or calls is None:
        return _stopped("format", {"format": 0.0})
    text = message.get("content") or ""
    parts = {"format": 1.0}
    if not calls and not (isinstance(text, str) and text.strip()):
        return _stopped("format", {"format": 0.0})
    if bool(calls) != bool(expected.calls):
        return _stopped("decision", {**parts, "decision": 0.0})
    parts["decision"] = 1.0
    if not calls:
        return _score_words(text, expected, parts)
    matching = score_calls(calls, expected.calls, schemas)
    return Score(reward=matching.reward, gate=matching.gate, parts={**parts, **matching.parts})


def _score_words(text: str, expected: Expected, parts: dict[str, float]) -> Score:
    # The three kinds exclude each other, so that no single sentence is right everywhere.
    asks, refuses = "?" in text, declines(text)
    right = {"asks": asks and not refuses, "declines": refuses, "": not refuses}[expected.says]
    if not right:
        return _stopped("outcome", {**parts, "outcome": 0.0}, WRONG_WORDS)
    normal = normalize(text)
    told = 1.0
    if expected.tell:
        told = sum(mentions(normal, value) for value in expected.tell) / len(expected.tell)
    parts = {**parts, "outcome": told}
    if told < 1.0:
        return _stopped("outcome", parts, WRONG_VALUES + VALUES_SPAN * told)
    return Score(reward=1.0, gate="passed", parts=parts)


def _stopped(gate: RewardGate, parts: dict[str, float], reward: float = 0.0) -> Score:
    return Score(reward=reward, gate=gate, parts=parts)
