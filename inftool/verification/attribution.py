"""Who is to blame: a failure that the user simulator brought about must not train the assistant (up to 30% of the failures in one benchmark)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from inftool.core.blueprints import Blueprint, Detail
from inftool.core.json_values import key_of
from inftool.core.trajectories import Finding
from inftool.language.values import contains, mentions, normalize
from inftool.scenarios.plan import leaves
from inftool.verification.checker.records import Checker
from inftool.verification.checker.told_facts import spans
from inftool.verification.conversation import Call, Conversation

# What a wrong or missing word of the user's can bring about further on; who names a tool that is not there has nobody else to blame.
_CAUSED = frozenset(
    (
        "ungrounded_argument",
        "call_failed",
        "step_missing",
        "needless_call",
        "call_not_wanted",
        "state_differs",
        "out_of_order",
        "fact_not_told",
        "false_inability",
        "false_success",
    )
)


# What a schema says of a value that the user gave and the assistant passed on.
_OBEYED = frozenset(
    (
        "bad_enum",
        "bad_format",
        "bad_pattern",
        "out_of_range",
        "too_long",
        "too_short",
        "no_match",
        "unknown_argument",
    )
)


def user_faults(blueprint: Blueprint, conversation: Conversation) -> list[Finding]:
    """What the user should have said and did not, or said otherwise, a finding each; by the blueprint's turns."""
    findings: list[Finding] = []
    if len(conversation.user) < len(blueprint.turns):
        left = len(conversation.user)
        message = f"the user left before the wish: {blueprint.turns[left].intent}"
        findings.append(
            Finding(
                code="user_left_early",
                message=message,
                turn=left,
                pointer=f"/blueprint/turns/{left}",
                blame="user",
            )
        )
    ranges = spans(blueprint, conversation)
    texts = [normalize(text) for text in conversation.user]
    for number, turn in enumerate(blueprint.turns[: len(conversation.user)]):
        own = "\n".join(texts[slice(*ranges[number])]) if ranges else "\n".join(texts)
        # A detail that is told only when asked for is owed once there was room for the answer.
        asked = ranges is not None or len(conversation.user) > len(blueprint.turns)
        if not turn.steps:
            # Of a wish that nothing comes of, nobody needs the rest.
            continue
        for index, detail in enumerate(turn.details):
            if (asked or not detail.withheld) and not says_detail(own, detail):
                message = f"the user did not say that the {detail.words} is {detail.said!r}"
                where = f"/blueprint/turns/{number}/details/{index}"
                findings.append(
                    Finding(
                        code="detail_not_said",
                        message=message,
                        turn=number,
                        pointer=where,
                        blame="user",
                    )
                )
        for ask in turn.asks:
            if not _heard(own, ask):
                message = f"the user did not ask for the {ask}"
                findings.append(
                    Finding(
                        code="detail_not_said",
                        message=message,
                        turn=number,
                        pointer=f"/blueprint/turns/{number}/asks",
                        blame="user",
                    )
                )
    return findings


def says_detail(text: str, detail: Detail) -> bool:
    """Whether a normalised text says one detail in any usual wording."""
    value = detail.value
    if isinstance(value, bool) or value is None:
        return _heard(
            text, detail.phrase or detail.said if not isinstance(value, bool) else detail.words
        )
    if isinstance(value, (list, dict)):
        return all(
            mentions(text, item)
            for _, item in leaves(value)
            if not isinstance(item, (list, dict, bool)) and item is not None
        )
    return (len(detail.said) > 3 and contains(text, normalize(detail.said))) or mentions(
        text, value
    )


_SMALL = frozenset(
    "a an and at by each first for from in is it its it's list lists new of on one or that the them there they to which who with".split()
)


def _heard(text: str, phrase: str) -> bool:
    """Whether a text has at least one of the words that make a phrase what it is."""
    words = [word for word in normalize(phrase).replace(",", " ").split() if word not in _SMALL]
    return not words or any(word[: max(4, len(word) - 2)] in text for word in words)


def attribute(
    findings: Sequence[Finding],
    blueprint: Blueprint | None,
    checker: Checker | None,
    conversation: Conversation,
) -> tuple[Finding, ...]:
    """The same findings with the blame where it belongs: those that follow from the user's fault are the user's, and it is named before them."""
    if blueprint is None or not any(
        finding.code in _CAUSED | _OBEYED and finding.blame == "assistant" for finding in findings
    ):
        return tuple(findings)
    faults = user_faults(blueprint, conversation)
    if not faults:
        return tuple(findings)
    ranges = spans(blueprint, conversation)
    turn_of = (
        {message: number for number, span in enumerate(ranges) for message in range(*span)}
        if ranges
        else {}
    )
    at_fault = {fault.turn for fault in faults}
    first = min(turn for turn in at_fault if turn is not None)
    shifted: list[Finding] = []
    used = False
    for finding in findings:
        on_blueprint = finding.pointer.startswith("/blueprint")
        turn = (
            finding.turn
            if on_blueprint or finding.turn is None
            else turn_of.get(finding.turn, finding.turn)
        )
        # What went wrong in one turn goes on in those that build on it.
        follows = (
            turn is None
            or turn in at_fault
            or (
                turn > first
                and finding.code in ("step_missing", "state_differs", "ungrounded_argument")
            )
        )
        caused = finding.code in _CAUSED or (
            finding.code in _OBEYED and _as_told(finding, checker, conversation)
        )
        if (
            caused
            and finding.blame == "assistant"
            and follows
            and not _own_invention(finding, checker, conversation)
        ):
            shifted.append(finding.model_copy(update={"blame": "user"}))
            used = True
        else:
            shifted.append(finding)
    return (*faults, *shifted) if used else tuple(shifted)


def _as_told(finding: Finding, checker: Checker | None, conversation: Conversation) -> bool:
    """Whether a value that a schema refuses is what the user said; of an object that fits no alternative, whether one of its members is.

    An argument that the plan passes too is unknown only because its value does not fit the alternative that has it.
    """
    call, pointer = _call_at(finding, conversation)
    if call is None:
        return False
    if finding.code == "unknown_argument" and not any(
        at == pointer
        for needed in (checker.calls if checker else ())
        if needed.tool == call.name
        for at, _ in leaves(needed.arguments)
    ):
        return False
    said = normalize("\n".join(conversation.user))
    refused = [
        leaf
        for at, leaf in leaves(call.arguments)
        if at == pointer or (finding.code == "no_match" and at.startswith(f"{pointer}/"))
    ]
    return any(
        leaf is not None and not isinstance(leaf, (bool, list, dict)) and mentions(said, leaf)
        for leaf in refused
    )


def _own_invention(finding: Finding, checker: Checker | None, conversation: Conversation) -> bool:
    """Whether an ungrounded value is neither what the plan wants there nor anything the user was to say: then the assistant made it up by itself."""
    if finding.code != "ungrounded_argument" or checker is None:
        return False
    call, pointer = _call_at(finding, conversation)
    if call is None:
        return False
    value = next((leaf for at, leaf in leaves(call.arguments) if at == pointer), None)
    wanted: set[Any] = {
        key_of(leaf)
        for needed in checker.calls
        if needed.tool == call.name
        for at, leaf in leaves(needed.arguments)
        if at == pointer and not isinstance(leaf, (list, dict))
    }
    return isinstance(value, (list, dict)) or key_of(value) not in wanted


def _call_at(finding: Finding, conversation: Conversation) -> tuple[Call | None, str]:
    for call in conversation.calls:
        prefix = f"{call.pointer}/function/arguments"
        if finding.pointer.startswith(prefix):
            return call, finding.pointer[len(prefix) :]
    return None, ""
