"""The outcome gate: the state is as expected, every wish was carried out once, nothing more was done, and what had to be told was told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from inftool.records import Blueprint, Finding, JsonObject, Tool
from inftool.scenarios.plan import leaves
from inftool.scenarios.words import mentions, normalise
from inftool.verification.calls import Call, Conversation
from inftool.verification.grounding import key_of, scalars

_DECLINES = re.compile(
    r"\b(?:can(?:not|'t|\s+not)|could(?:n't|\s+not)|unable|not able|no (?:way|tool|access|option)|(?:don't|do not) have|isn't something|is not something|"
    r"not something (?:i|that)|outside (?:of )?what|not possible|not available|isn't available|unavailable|beyond what|not supported|doesn't support|does not support)\b"
)


def declines(text: str) -> bool:
    """Whether an assistant's words say that it cannot do what was asked."""
    return _DECLINES.search(normalise(text)) is not None


def same_arguments(tool: Tool, made: JsonObject, gold: JsonObject) -> bool:
    """Whether two argument objects ask for the same: defaults may be left out, 1 is 1.0, and letter case and spacing of text do not count."""
    return _comparable(tool, made) == _comparable(tool, gold)


def _comparable(tool: Tool, arguments: JsonObject) -> dict[str, Any]:
    properties = tool.input_schema.get("properties", {})
    kept = {k: v for k, v in arguments.items() if not ("default" in (schema := properties.get(k) or {}) and schema["default"] == v)}
    return {pointer: (type(value).__name__, "") if isinstance(value, (dict, list)) else _plain(value) for pointer, value in leaves(kept)}


def _plain(value: Any) -> Any:
    return ("text", " ".join(value.casefold().split())) if isinstance(value, str) else key_of(value)


def match_steps(
    blueprint: Blueprint, conversation: Conversation, gold: Sequence[JsonObject], tools: Mapping[str, Tool]
) -> tuple[dict[str, Call], list[Call]]:
    """Which call carries out which step of the plan, and the calls that carry out none. Equal steps are interchangeable, so greedy is maximal."""
    free = list(conversation.calls)
    matched: dict[str, Call] = {}
    for step, arguments in zip(blueprint.plan, gold, strict=True):
        found = next((call for call in free if call.name == step.tool and same_arguments(tools[step.tool], call.arguments, arguments)), None)
        if found is not None:
            matched[step.id] = found
            free.remove(found)
    return matched, free


def _informs(call: Call, conversation: Conversation, surplus: Sequence[Call]) -> bool:
    """Whether a later call uses something that only this read said: not the user, and no call that the plan needs anyway."""
    others = [other for other in conversation.calls if other is call or not any(other is extra for extra in surplus)]
    waiting = [
        (later, value)
        for later in others
        if later.message > call.message
        for _, value in leaves(later.arguments)
        if not isinstance(value, (dict, list))
    ]
    if not waiting:
        return False
    said = [normalise(text) for text in conversation.user]
    mine = {key_of(value) for value in scalars(call.answer()) if value is not None and not isinstance(value, bool)}
    for later, value in waiting:
        if key_of(value) not in mine or any(mentions(text, value) for text in said):
            continue
        if not any(
            other is not call and other.message < later.message and key_of(value) in {key_of(item) for item in scalars(other.answer())}
            for other in others
        ):
            return True
    return False


def outcome(blueprint: Blueprint, conversation: Conversation, gold: Sequence[JsonObject], tools: Mapping[str, Tool], digest: str) -> list[Finding]:
    """What is wrong with the outcome of a conversation whose calls are true; `gold` are the plan's arguments, `digest` the state at the end."""
    findings: list[Finding] = []
    matched, surplus = match_steps(blueprint, conversation, gold, tools)
    turn_of = {step_id: number for number, turn in enumerate(blueprint.turns) for step_id in turn.steps}
    for step in blueprint.plan:
        if step.goal and step.id not in matched:
            message = f"nothing carries out what turn {turn_of[step.id]} asks for: {step.tool} with the values that were given"
            findings.append(
                Finding(code="step_missing", message=message, turn=turn_of[step.id], pointer=f"/blueprint/plan/{blueprint.plan.index(step)}")
            )
    for call in surplus:
        if tools[call.name].effect != "read" or not _informs(call, conversation, surplus):
            code = "needless_call" if any(turn.steps for turn in blueprint.turns) else "call_not_wanted"
            findings.append(Finding(code=code, message=f"{call.name} does nothing that was asked for", turn=call.turn, pointer=call.pointer))
    if digest != blueprint.world.expected:
        message = f"the state at the end is {digest[:12]}, and {blueprint.world.expected[:12]} was expected"
        findings.append(Finding(code="state_differs", message=message, pointer="/provenance/digest"))
    findings += _told(blueprint, conversation)
    return findings


def _told(blueprint: Blueprint, conversation: Conversation) -> list[Finding]:
    findings: list[Finding] = []
    # A withheld detail costs a question and an answer. Where the user kept to that, each wish is looked for in the messages that belong to it; a user
    # who talked more (a model) is given the rest of the conversation.
    spans = [2 if any(detail.withheld for detail in turn.details) else 1 for turn in blueprint.turns]
    exact = sum(spans) == len(conversation.user)
    at = 0
    for number, turn in enumerate(blueprint.turns):
        first, at = at, at + spans[number]
        spoken = normalise("\n".join(conversation.assistant[first : at if exact else None]))
        closing = conversation.closing[min(at, len(conversation.closing)) - 1]
        where = f"/blueprint/turns/{number}"
        for index, fact in enumerate(turn.facts):
            if not mentions(spoken, fact.value):
                message = f"the user was not told that {fact.words} is {fact.value!r}"
                findings.append(Finding(code="fact_not_told", message=message, turn=number, pointer=f"{where}/facts/{index}"))
        if not turn.steps and not declines(closing):
            findings.append(Finding(code="false_success", message="the assistant does not say that it cannot do this", turn=number, pointer=where))
        if turn.steps and not turn.facts and declines(closing):
            findings.append(
                Finding(code="false_inability", message="the assistant says that it could not do what it did", turn=number, pointer=where)
            )
    return findings
