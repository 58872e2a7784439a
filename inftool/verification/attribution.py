"""Who is to blame for a failure.

A failure that the user simulator brought about must not train the assistant; in one benchmark that
is up to 30% of the failures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from inftool.core.blueprints import Blueprint, Detail, Turn
from inftool.core.json_values import key_of
from inftool.core.trajectories import Finding
from inftool.language.values import contains, mentions, normalize
from inftool.scenarios.plan import leaves
from inftool.verification.checker.records import Checker
from inftool.verification.checker.told_facts import spans
from inftool.verification.conversation import Call, Conversation

# What a wrong or missing word of the user's can bring about later. An unknown tool is not among
# them: only the assistant can name one.
_CAUSED_BY_USER = frozenset(
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
_PASSED_ON = frozenset(
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

# What goes wrong in later turns that build on the one with the user's fault.
_CONTINUES = frozenset(("step_missing", "state_differs", "ungrounded_argument"))

# Words that stand in any phrase, so that hearing one says nothing.
_FUNCTION_WORDS = frozenset(
    "a an and at by each first for from in is it its it's list lists new of on one or that the them"
    " there they to which who with".split()
)

# A shorter wording ("no", "two") stands in too many texts by chance to count word for word.
_SHORTEST_WORDING = 4


def user_faults(blueprint: Blueprint, conversation: Conversation) -> list[Finding]:
    """What the user should have said and did not, or said otherwise, in the order of the turns."""
    findings: list[Finding] = []
    messages = len(conversation.user)
    if messages < len(blueprint.turns):
        message = f"the user left before the wish: {blueprint.turns[messages].intent}"
        pointer = f"/blueprint/turns/{messages}"
        findings.append(_user_finding("user_left_early", message, messages, pointer))
    ranges = spans(blueprint, conversation)
    texts = [normalize(text) for text in conversation.user]
    # A detail that is told only when asked for is owed if there was room for the answer.
    owes_withheld = ranges is not None or messages > len(blueprint.turns)
    for number, turn in enumerate(blueprint.turns[:messages]):
        # Of a wish that nothing comes of, nobody needs the details.
        if turn.steps:
            text = "\n".join(texts[slice(*ranges[number])] if ranges else texts)
            findings += _unsaid(text, number, turn, owes_withheld=owes_withheld)
    return findings


def _unsaid(text: str, number: int, turn: Turn, *, owes_withheld: bool) -> Iterator[Finding]:
    """A finding for each detail and question of a wish that the user's text lacks."""
    pointer = f"/blueprint/turns/{number}"
    for index, detail in enumerate(turn.details):
        if (owes_withheld or not detail.withheld) and not says_detail(text, detail):
            message = f"the user did not say that the {detail.words} is {detail.said!r}"
            yield _user_finding("detail_not_said", message, number, f"{pointer}/details/{index}")
    for ask in turn.asks:
        if not _says_phrase(text, ask):
            message = f"the user did not ask for the {ask}"
            yield _user_finding("detail_not_said", message, number, f"{pointer}/asks")


def _user_finding(code: str, message: str, turn: int, pointer: str) -> Finding:
    return Finding(code=code, message=message, turn=turn, pointer=pointer, blame="user")


def says_detail(text: str, detail: Detail) -> bool:
    """Whether a normalized text says one detail in any usual wording."""
    value = detail.value
    if isinstance(value, bool):
        # "Gift wrapped, please" says that `giftWrap` is true, and "no gift wrap" that it is not.
        return _says_phrase(text, detail.words)
    if value is None:
        return _says_phrase(text, detail.phrase or detail.said)
    if isinstance(value, (list, dict)):
        return all(mentions(text, leaf) for _, leaf in leaves(value) if _can_be_said(leaf))
    is_wording = len(detail.said) >= _SHORTEST_WORDING and contains(text, normalize(detail.said))
    return is_wording or mentions(text, value)


def _can_be_said(leaf: object) -> bool:
    """Whether a leaf is a value that people say; they do not say true, null or an empty list."""
    return leaf is not None and not isinstance(leaf, (list, dict, bool))


def _says_phrase(text: str, phrase: str) -> bool:
    """Whether a text has at least one of the words that make a phrase what it is.

    Endings do not count: "what are the prices" asks for the "price".
    """
    words = normalize(phrase).replace(",", " ").split()
    telling = [word for word in words if word not in _FUNCTION_WORDS]
    return not telling or any(word[: max(4, len(word) - 2)] in text for word in telling)


class _UserFaults(NamedTuple):
    """Where the user was at fault, as far as it matters for other findings."""

    turns: frozenset[int]
    """The turns of the blueprint with a fault."""

    turn_of_message: dict[int, int]
    """The turn of the blueprint by the number of the user's message; empty if it is not known."""

    checker: Checker | None
    conversation: Conversation

    def caused(self, finding: Finding) -> bool:
        """Whether a finding that blames the assistant follows from the user's fault."""
        if finding.blame != "assistant":
            return False
        if finding.code in _PASSED_ON:
            is_possible = _is_as_said(finding, self.checker, self.conversation)
        else:
            is_possible = finding.code in _CAUSED_BY_USER
        return (
            is_possible
            and self._is_in_reach(finding)
            and not _is_invented(finding, self.checker, self.conversation)
        )

    def _is_in_reach(self, finding: Finding) -> bool:
        """Whether the finding lies in a turn with a fault, or in a later one that builds on it."""
        turn = finding.turn
        if turn is None:
            return True
        if not finding.pointer.startswith("/blueprint"):
            turn = self.turn_of_message.get(turn, turn)
        return turn in self.turns or (turn > min(self.turns) and finding.code in _CONTINUES)


def attribute(
    findings: Sequence[Finding],
    blueprint: Blueprint | None,
    checker: Checker | None,
    conversation: Conversation,
) -> tuple[Finding, ...]:
    """The same findings, with those that follow from the user's fault blamed on the user.

    The fault itself is named before them.
    """
    if blueprint is None or not any(
        finding.code in _CAUSED_BY_USER | _PASSED_ON and finding.blame == "assistant"
        for finding in findings
    ):
        return tuple(findings)
    faults = user_faults(blueprint, conversation)
    if not faults:
        return tuple(findings)
    ranges = spans(blueprint, conversation) or ()
    at_fault = _UserFaults(
        frozenset(fault.turn for fault in faults if fault.turn is not None),
        {message: number for number, span in enumerate(ranges) for message in range(*span)},
        checker,
        conversation,
    )
    attributed = tuple(
        finding.model_copy(update={"blame": "user"}) if at_fault.caused(finding) else finding
        for finding in findings
    )
    if all(new is old for new, old in zip(attributed, findings, strict=True)):
        return attributed
    return (*faults, *attributed)


def _is_as_said(finding: Finding, checker: Checker | None, conversation: Conversation) -> bool:
    """Whether a value that a schema refuses is what the user said.

    Of an object that fits no alternative of its schema, one member has to be. An argument that the
    plan passes too is unknown only because its value does not fit the alternative that has it.
    """
    call, pointer = _call_at(finding, conversation)
    if call is None:
        return False
    if finding.code == "unknown_argument" and not any(
        planned_pointer == pointer for planned_pointer, _ in _planned_leaves(call, checker)
    ):
        return False
    said = normalize("\n".join(conversation.user))
    refused = (
        leaf
        for leaf_pointer, leaf in leaves(call.arguments)
        if leaf_pointer == pointer
        or (finding.code == "no_match" and leaf_pointer.startswith(f"{pointer}/"))
    )
    return any(_can_be_said(leaf) and mentions(said, leaf) for leaf in refused)


def _is_invented(finding: Finding, checker: Checker | None, conversation: Conversation) -> bool:
    """Whether an ungrounded value is not what the plan has there either.

    Then the user was not to say it, and the assistant made it up.
    """
    if finding.code != "ungrounded_argument" or checker is None:
        return False
    call, pointer = _call_at(finding, conversation)
    if call is None:
        return False
    value = next((leaf for at, leaf in leaves(call.arguments) if at == pointer), None)
    if isinstance(value, (list, dict)):
        return True
    planned = {
        key_of(leaf)
        for at, leaf in _planned_leaves(call, checker)
        if at == pointer and not isinstance(leaf, (list, dict))
    }
    return key_of(value) not in planned


def _planned_leaves(call: Call, checker: Checker | None) -> Iterator[tuple[str, object]]:
    """The argument leaves of every planned call of the same tool, with their pointers."""
    for needed in checker.calls if checker else ():
        if needed.tool == call.name:
            yield from leaves(needed.arguments)


def _call_at(finding: Finding, conversation: Conversation) -> tuple[Call | None, str]:
    """The call whose argument a finding is about, and the pointer into its arguments."""
    for call in conversation.calls:
        prefix = f"{call.pointer}/function/arguments"
        if finding.pointer.startswith(prefix):
            return call, finding.pointer[len(prefix) :]
    return None, ""
