"""The dialogue gate: how the conversation was led.

Both sides keep their roles, nobody is left without an answer, nothing leaks, loops or breaks off,
and the conversation ends as it should.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from inftool.core.chat import ChatMessage, ToolSpec
from inftool.core.trajectories import Blame, Finding, GateName, GateResult
from inftool.language.values import normalize
from inftool.verification.attribution import user_faults
from inftool.verification.case import Case, answered
from inftool.verification.conversation import Conversation
from inftool.verification.gates.protocol import NO_ANSWERS, abstaining, result_of
from inftool.verification.machine_names import named_by_user, tokens_of

# "Assistant: sure" at the start of a line.
_OTHER_ROLE = re.compile(r"(?:^|\n)\s*(?:user|assistant|system|tool)\s*:", re.IGNORECASE)

# What an assistant says and no user does; a model that plays the user falls into it.
_ASSISTANT_PHRASES = re.compile(
    r"\bhow (?:can|may) i (?:help|assist) you"
    r"|\bis there anything else i can (?:help|do|assist)"
    r"|\bas an ai\b|\bi'?m an ai\b|\bas your assistant\b"
)

# Special tokens of the chat templates of Qwen, Hermes, Mistral, Llama and reasoning models.
_TEMPLATE_MARKUP = re.compile(
    r"<\|[a-z_]+\|>|</?tool_(?:call|response)s?>|\[/?TOOL_CALLS\]|\[/?INST\]|<\|im_|\[DONE\]"
    r"|</?(?:think|function_call)>",
    re.IGNORECASE,
)

# The placeholders of our own role cards and wording templates, if nobody filled them in.
_PLACEHOLDER = re.compile(
    r"\$(?:service|about|manner|wishes|now|stop)\b|\{(?:intent|facts|missing|reply)\}"
)

# Anything but spaces and characters that take no space.
_VISIBLE = re.compile(r"[^\s\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]")

# "Price: 22.50" is a whole answer although no period ends it.
_LABELED_VALUE = re.compile(r"[^:.]{1,60}: (?:\S+ ){0,2}\S*\d\S*$")

# Lines of lists, tables and headings need no period either: "- blue", "2) blue", "| blue |".
_LIST_LINE = re.compile(r"\s*(?:[-*•|#>]|\d+[.)])|.*\|\s*$")

# Words after which an English sentence goes on.
_UNFINISHED_WORDS = frozenset(
    "a an the of to in on at for with from by and or but is are was were be been your my our their"
    " his her its i i've i'm that which as if about into".split()
)
_UNFINISHED_MARKS = ",;(“[-–—"
_BRACKETS = {"(": ")", "[": "]", "“": "”"}

# So many characters of the instructions in a row are no coincidence: a sentence of some 14 words.
_LEAK_LENGTH = 80

# Short texts are repeated in any conversation ("Done.", "Yes, please."); longer ones are not. The
# user's words are held to less than the assistant's, whose confirmations are alike by nature. A
# user who says the same twice in a row loops even sooner.
_LONG_ANSWER = 60
_LONG_REQUEST = 20
_LONG_REQUEST_IN_A_ROW = 8

# Asking twice may be prudent; a third call with the same arguments and answer learns nothing.
_LOOP_CALLS = 3


class DialogueGate:
    """Passes if both sides keep to their roles and the conversation ends as it should."""

    name: GateName = "dialogue"
    prerequisite = False

    def check(self, case: Case) -> GateResult:
        """`abstain` on a layout that holds calls without results."""
        trajectory = case.trajectory
        if not answered(trajectory):
            return abstaining("dialogue", NO_ANSWERS)
        findings = dialogue(
            trajectory.messages,
            case.conversation,
            trajectory.tools,
            strict=trajectory.blueprint is not None,
        )
        if trajectory.blueprint is not None:
            # An assistant that guessed right what the user never said has still guessed.
            findings += user_faults(trajectory.blueprint, case.conversation)
        return result_of("dialogue", findings)


def dialogue(
    messages: Sequence[ChatMessage],
    conversation: Conversation,
    tools: Sequence[ToolSpec],
    *,
    strict: bool = False,
) -> list[Finding]:
    """What is wrong with how the conversation was led; linear in the messages.

    `strict`: every answer has to end as a sentence does; otherwise an answer counts as cut only
    where its own words or brackets show it.
    """
    walk = _Walk(conversation, named_by_user(conversation, tools), strict)
    for index, message in enumerate(messages):
        walk.take(index, message)
    walk.findings += _repeated_calls(conversation)
    if walk.former_role != "assistant" or walk.has_open_calls:
        walk.wrong("no_answer", "the conversation ends without an answer", "assistant")
    return walk.findings


class _Walk:
    """One pass over the messages, with what has to be remembered of those before."""

    def __init__(
        self, conversation: Conversation, machine_names: frozenset[str], strict: bool
    ) -> None:
        self.findings: list[Finding] = []
        self.former_role = ""
        # Whether the assistant's last message holds calls, so that it may speak again.
        self.has_open_calls = False
        self._instructions = normalize(conversation.instructions)
        self._machine_names = machine_names
        self._strict = strict
        self._turn = -1
        self._pointer = ""
        self._requests: set[str] = set()
        self._last_request = self._last_answer = ""

    def wrong(self, code: str, message: str, blame: Blame) -> None:
        """Note what is wrong with the message that was read last."""
        turn = max(self._turn, 0)
        self.findings.append(
            Finding(code=code, message=message, turn=turn, pointer=self._pointer, blame=blame)
        )

    def take(self, index: int, message: ChatMessage) -> None:
        """Read the next message."""
        role, text = message["role"], message.get("content") or ""
        self._pointer = f"/messages/{index}"
        if role == "user":
            self._take_user(text)
            self._check_words(text, "user")
        elif role == "assistant":
            self._take_assistant(text, has_calls=bool(message.get("tool_calls")))
            self._check_words(text, "assistant")
        self.former_role = role

    def _take_user(self, text: str) -> None:
        if self._turn >= 0 and self.former_role != "assistant":
            self.wrong("no_answer", "the user speaks again before being answered", "assistant")
        self._turn += 1
        if self._machine_names:
            names = sorted(self._machine_names.intersection(tokens_of(text)))
            if names:
                self.wrong("user_names_tool", f"the user says {names[0]!r}", "user")
        if not _VISIBLE.search(text):
            self.wrong("empty_message", "the user says nothing", "user")
        said_before = len(text) > _LONG_REQUEST and text in self._requests
        said_just_now = len(text) > _LONG_REQUEST_IN_A_ROW and text == self._last_request
        if said_before or said_just_now:
            self.wrong("loop", "the user says the same again", "user")
        self._requests.add(text)
        self._last_request = text
        if _ASSISTANT_PHRASES.search(text.casefold()):
            self.wrong("role_broken", "the user talks as an assistant does", "user")

    def _take_assistant(self, text: str, *, has_calls: bool) -> None:
        if self.former_role == "assistant" and not self.has_open_calls:
            self.wrong("spoke_twice", "the assistant speaks twice in a row", "assistant")
        self.has_open_calls = has_calls
        if has_calls:
            # Words beside a call are no answer, so they may be missing or unfinished.
            return
        if not _VISIBLE.search(text):
            self.wrong("empty_message", "the assistant says nothing", "assistant")
        elif is_cut(text, strict=self._strict):
            self.wrong("cut_message", f"the assistant breaks off: {text[-40:]!r}", "assistant")
        if len(text) > _LONG_ANSWER and text == self._last_answer:
            self.wrong("loop", "the assistant says the same again", "assistant")
        self._last_answer = text

    def _check_words(self, text: str, role: Blame) -> None:
        """Note what neither side may say."""
        if ":" in text and _OTHER_ROLE.search(text):
            self.wrong("role_broken", f"the {role} writes another role's lines", role)
        if leaks(text, self._instructions):
            self.wrong("leak", f"the {role} shows what only the machinery should see", role)


def leaks(text: str, instructions: str) -> bool:
    """Whether a text shows what the machinery works with.

    That is markup of a chat template, an unfilled placeholder, or a long piece of the instructions
    (normalized).
    """
    if ("<" in text or "[" in text) and _TEMPLATE_MARKUP.search(text):
        return True
    if ("$" in text or "{" in text) and _PLACEHOLDER.search(text):
        return True
    if len(text) < _LEAK_LENGTH or not instructions:
        return False
    spoken = normalize(text)
    # Pieces that overlap by half: no copy of one and a half lengths can slip through.
    starts = range(0, len(spoken) - _LEAK_LENGTH + 1, _LEAK_LENGTH // 2)
    return any(spoken[start : start + _LEAK_LENGTH] in instructions for start in starts)


def is_cut(text: str, *, strict: bool = False) -> bool:
    """Whether an answer breaks off.

    It does after a word that goes on ("I found the"), within a bracket or a code block, and, if
    `strict`, after any sentence without an end ("The order was shipped").
    """
    bare = text.rstrip()
    if bare.count("```") % 2:
        return True
    last_line = bare.rsplit("\n", 1)[-1]
    words = last_line.split()
    if _LIST_LINE.match(last_line) or _LABELED_VALUE.match(last_line) or not words:
        return False
    if bare[-1] in _UNFINISHED_MARKS or words[-1].casefold() in _UNFINISHED_WORDS:
        return True
    if any(last_line.count(opening) > last_line.count(end) for opening, end in _BRACKETS.items()):
        return True
    return strict and bare[-1].isalnum() and len(words) > 1


def _repeated_calls(conversation: Conversation) -> Iterator[Finding]:
    """A finding for each call that is made too often with the same answer."""
    counts: Counter[tuple[str, str, str | None]] = Counter()
    for call in conversation.calls:
        key = (call.name, repr(call.arguments), call.result)
        counts[key] += 1
        if counts[key] == _LOOP_CALLS:
            yield Finding(
                code="loop",
                message=f"{call.name} is called again and again",
                turn=call.turn,
                pointer=call.pointer,
            )
