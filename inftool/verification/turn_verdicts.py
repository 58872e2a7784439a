"""Turns, not only trajectories: a message that went wrong and was truly mended stays, and is not
learnt from (ToolMind filters turns the same way)."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from inftool.core.chat import ChatMessage
from inftool.core.trajectories import Finding, GateName, GateResult, Status, TurnVerdict
from inftool.verification.conversation import Call, Conversation


class TurnFault(NamedTuple):
    """A call that is wrong by itself: which gate says so, and why."""

    gate: GateName
    call: Call
    finding: Finding


def mended(
    faults: Sequence[TurnFault],
    conversation: Conversation,
    statuses: Mapping[str, int],
    struck: Container[str],
    carried: Mapping[str, Call] | None,
) -> dict[str, int] | None:
    """The message that mends each wrong call (by the call's id); None where one of them is not
    truly mended.

    A wrong call is mended when it was refused, so that it changed nothing, and a later call of the
    same turn does what it was meant to do: a call of the
    same tool, or one of the plan's where there is a plan (`carried`: the calls by the steps that
    they carry out). A call that had gone through
    before was not a failed try but one too many, and one that the service failed (`struck`) was not
    refused for what was wrong with it.
    """
    wrong = {fault.call.id for fault in faults}
    good = [call for call in conversation.calls if call.id not in wrong and statuses[call.id] < 400]
    planned = {call.id for call in carried.values()} if carried is not None else None
    found: dict[str, int] = {}
    for fault in faults:
        call = fault.call
        if call.id in struck or not _refused(call, statuses):
            return None
        if any(
            other.message <= call.message
            and other.name == call.name
            and other.arguments == call.arguments
            for other in good
        ):
            return None
        later = (
            other for other in good if other.message > call.message and other.turn == call.turn
        )
        cure = next(
            (
                other
                for other in later
                if (other.name == call.name if planned is None else other.id in planned)
            ),
            None,
        )
        if cure is None:
            return None
        found[call.id] = cure.message
    return found


def _refused(call: Call, statuses: Mapping[str, int]) -> bool:
    answer = call.answer()
    # What never reached a world is answered in words, not in data.
    return call.status() >= 400 or (isinstance(answer, str) and statuses.get(call.id, 404) >= 400)


def turn_verdicts(
    messages: Sequence[ChatMessage],
    gates: Sequence[GateResult],
    faults: Sequence[TurnFault],
    cures: Mapping[str, int],
    *,
    ends: Sequence[tuple[int, int]] | None = None,
    passed: bool,
) -> tuple[TurnVerdict, ...]:
    """A verdict for each message of the assistant: `fail` with its codes where something in it is
    wrong, else `pass` in a trajectory that passes.

    `ends` are the user's messages of each of the blueprint's wishes, where those are known.
    """
    codes: dict[int, dict[str, None]] = {}
    cured: dict[int, int] = {}
    mine = [index for index, message in enumerate(messages) if message.get("role") == "assistant"]
    for fault in faults:
        if fault.call.id in cures:
            codes.setdefault(fault.call.message, {})[fault.finding.code] = None
            cured[fault.call.message] = max(cured.get(fault.call.message, 0), cures[fault.call.id])
    findings = [
        finding
        for gate in gates
        if gate.status == "fail"
        for finding in gate.findings
        if finding.blame == "assistant"
    ]
    closing = _closing(messages) if findings else {}
    for finding in findings:
        codes.setdefault(_place(finding, closing, ends), {})[finding.code] = None
    status: Status = "pass" if passed else "abstain"
    return tuple(
        TurnVerdict(
            message=index,
            status="fail",
            loss=False,
            codes=tuple(codes[index]),
            mended_by=cured.get(index),
        )
        if index in codes
        else _unremarkable(index, status)
        for index in mine
    )


@lru_cache(maxsize=4096)
def _unremarkable(message: int, status: Status) -> TurnVerdict:
    # Nearly all verdicts are these: frozen, they can be shared.
    return TurnVerdict(message=message, status=status)


def _closing(messages: Sequence[ChatMessage]) -> dict[int, int]:
    """The assistant's last message in each turn."""
    closing: dict[int, int] = {}
    turn = -1
    for index, message in enumerate(messages):
        if message.get("role") == "user":
            turn += 1
        elif message.get("role") == "assistant":
            closing[max(turn, 0)] = index
    return closing


def _place(
    finding: Finding, closing: Mapping[int, int], ends: Sequence[tuple[int, int]] | None
) -> int:
    """The message that a finding concerns: the one it points at, or the last words of its turn."""
    parts = finding.pointer.split("/")
    if len(parts) > 2 and parts[1] == "messages" and parts[2].isdigit():
        return int(parts[2])
    last = max(closing.values(), default=0)
    turn = finding.turn
    if turn is not None and ends is not None and parts[1:2] == ["blueprint"] and turn < len(ends):
        turn = ends[turn][1] - 1
    return closing.get(turn, last) if turn is not None else last
