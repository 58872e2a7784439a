"""The dialogue gate: both sides keep their roles, nobody is left without an answer, nothing leaks, loops or breaks off, and it ends as it should."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from pydantic_core import PydanticSerializationError, to_json

from inftool.core.chat import ChatMessage, ToolSpec
from inftool.core.identity_cache import IdentityCache
from inftool.core.trajectories import Blame, Finding, GateName, GateResult
from inftool.core.types import JsonObject
from inftool.language.values import normalize, split_name
from inftool.verification.attribution import user_faults
from inftool.verification.case import Case, answered
from inftool.verification.conversation import Conversation
from inftool.verification.gates.protocol import NO_ANSWERS, abstaining, result_of

_TOKEN = re.compile(r"[A-Za-z0-9]+(?:[_.-][A-Za-z0-9]+)*")
_JOINED = re.compile(r"[A-Za-z0-9][_.\-][A-Za-z0-9]|[a-z0-9][A-Z]|[A-Z][A-Z][a-z]")
_NAME = re.compile(r"[A-Za-z]")
_ROLE_PLAY = re.compile(r"(?:^|\n)\s*(?:user|assistant|system|tool)\s*:", re.IGNORECASE)
_SERVES = re.compile(
    r"\bhow (?:can|may) i (?:help|assist) you|\bis there anything else i can (?:help|do|assist)|\bas an ai\b|\bi'?m an ai\b|\bas your assistant\b"
)
_MARKUP = re.compile(
    r"<\|[a-z_]+\|>|</?tool_(?:call|response)s?>|\[/?TOOL_CALLS\]|\[/?INST\]|<\|im_|\[DONE\]|</?(?:think|function_call)>",
    re.IGNORECASE,
)
_HOLE = re.compile(
    r"\$(?:service|about|manner|wishes|now|stop)\b|\{(?:intent|facts|missing|reply)\}"
)
# Anything but spaces and characters that take no space.
_VISIBLE = re.compile(r"[^\s\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]")
# "Price: 22.50" is a whole answer.
_STATED = re.compile(r"[^:.]{1,60}: (?:\S+ ){0,2}\S*\d\S*$")
_LISTED = re.compile(r"\s*(?:[-*•|#>]|\d+[.)])|.*\|\s*$")
_ENDINGS = frozenset(
    "a an the of to in on at for with from by and or but is are was were be been your my our their his her its i i've i'm that which as if about into".split()
)
_LEAK = 80
_LONG = 60
_CLOSED = {"(": ")", "[": "]", "“": "”"}
_parameter_names: IdentityCache[JsonObject, frozenset[str]] = IdentityCache(2048)


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


def is_identifier(name: str) -> bool:
    """Whether a name is a machine's (`orderId`, `list_books`), not a plain word that people use anyway ("status")."""
    return len(split_name(name).split()) > 1


def identifiers(tools: Sequence[ToolSpec]) -> frozenset[str]:
    """Every machine's name in the tools (OpenAI format): their own and those of their parameters at any depth."""
    return frozenset[str]().union(
        *(_of_schema(tool["function"].get("parameters")) for tool in tools)
    ) | {name for tool in tools if is_identifier(name := tool["function"]["name"])}


def _of_schema(schema: Any) -> frozenset[str]:
    if not isinstance(schema, dict):
        return frozenset()
    cached = _parameter_names.get(schema)
    if cached is not None:
        return cached
    names: set[str] = set()
    stack: list[Any] = [schema]
    seen: set[int] = set()
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if id(node) in seen:
                continue
            seen.add(id(node))
            if isinstance(properties := node.get("properties"), dict):
                names.update(name for name in properties if isinstance(name, str))
            stack += [
                value
                for key, value in node.items()
                if key not in ("enum", "const", "default", "examples")
            ]
        elif isinstance(node, list):
            stack += node
    return _parameter_names.put(schema, frozenset(name for name in names if is_identifier(name)))


def named_by_user(conversation: Conversation, tools: Sequence[ToolSpec]) -> frozenset[str]:
    """The machine's names of the tools and their parameters that the user says. The tools are only looked into where somebody talks like a machine."""
    said = {
        token
        for text in conversation.user
        if _JOINED.search(text)
        for token in _TOKEN.findall(text)
        if not token.islower() or not token.isalpha()  # an ordinary word: most of them are
        if _NAME.match(token) and _JOINED.search(token)
    }
    if not said:
        return frozenset()
    # What stands nowhere in the tools is no name of theirs, whatever it looks like: order numbers and the like.
    try:
        everything = to_json(tools, inf_nan_mode="constants")
        said = {token for token in said if f'"{token}"'.encode() in everything}
    except PydanticSerializationError:
        # Half a character is in them: nothing is spared then.
        pass
    return identifiers(tools) & said if said else frozenset()


def dialogue(
    messages: Sequence[ChatMessage],
    conversation: Conversation,
    tools: Sequence[ToolSpec],
    *,
    strict: bool = False,
) -> list[Finding]:
    """What is wrong with how the conversation was led.

    `strict`: every answer has to end like one; otherwise an answer counts as cut only where its own words or brackets show it.
    """
    findings: list[Finding] = []
    turn, open_calls = -1, False
    instructions = normalize(conversation.instructions)
    names = named_by_user(conversation, tools)
    heard: set[str] = set()
    last_said = last_heard = ""

    def wrong(code: str, message: str, blame: Blame) -> None:
        findings.append(
            Finding(code=code, message=message, turn=max(turn, 0), pointer=where, blame=blame)
        )

    for index, message in enumerate(messages):
        role, text = message["role"], message.get("content") or ""
        where = f"/messages/{index}"
        former = messages[index - 1]["role"] if index else ""
        if role == "user":
            if turn >= 0 and former != "assistant":
                wrong("no_answer", "the user speaks again before being answered", "assistant")
            turn += 1
            if names and (named := sorted(names.intersection(_TOKEN.findall(text)))):
                wrong("user_names_tool", f"the user says {named[0]!r}", "user")
            if not _VISIBLE.search(text):
                wrong("empty_message", "the user says nothing", "user")
            if (len(text) > 20 and text in heard) or (len(text) > 8 and text == last_heard):
                wrong("loop", "the user says the same again", "user")
            heard.add(text)
            last_heard = text
            if _SERVES.search(text.casefold()):
                wrong("role_broken", "the user talks as an assistant does", "user")
        elif role == "assistant":
            if former == "assistant" and not open_calls and index:
                wrong("spoke_twice", "the assistant speaks twice in a row", "assistant")
            open_calls = bool(message.get("tool_calls"))
            if not open_calls:
                if not _VISIBLE.search(text):
                    wrong("empty_message", "the assistant says nothing", "assistant")
                elif is_cut(text, strict=strict):
                    wrong("cut_message", f"the assistant breaks off: {text[-40:]!r}", "assistant")
                if len(text) > _LONG and text == last_said:
                    wrong("loop", "the assistant says the same again", "assistant")
                last_said = text
        if role in ("user", "assistant"):
            blame: Blame = "user" if role == "user" else "assistant"
            if ":" in text and _ROLE_PLAY.search(text):
                wrong("role_broken", f"the {role} writes another role's lines", blame)
            if leaks(text, instructions):
                wrong("leak", f"the {role} shows what only the machinery should see", blame)
    findings += _repeated(conversation)
    last = messages[-1]
    if last["role"] != "assistant" or open_calls:
        where = f"/messages/{len(messages) - 1}"
        wrong("no_answer", "the conversation ends without an answer", "assistant")
    return findings


def leaks(text: str, instructions: str) -> bool:
    """Whether a text holds a chat template's marks, an unfilled placeholder, or a long piece of the (normalised) instructions."""
    if (("<" in text or "[" in text) and _MARKUP.search(text)) or (
        ("$" in text or "{" in text) and _HOLE.search(text)
    ):
        return True
    if len(text) < _LEAK or not instructions:
        return False
    said = normalize(text)
    return any(
        said[at : at + _LEAK] in instructions for at in range(0, len(said) - _LEAK + 1, _LEAK // 2)
    )


def is_cut(text: str, *, strict: bool = False) -> bool:
    """Whether an answer breaks off: after a word that goes on, within a bracket or a code block; `strict`: also wherever a sentence has no end."""
    bare = text.rstrip()
    last = bare.rsplit("\n", 1)[-1]
    words = last.split()
    if bare.count("```") % 2:
        return True
    if _LISTED.match(last) or _STATED.match(last) or not words:
        return False
    if bare[-1] in ",;(“[-–—" or words[-1].casefold() in _ENDINGS:
        return True
    if any(last.count(opening) > last.count(closing) for opening, closing in _CLOSED.items()):
        return True
    return strict and bare[-1].isalnum() and len(words) > 1


def _repeated(conversation: Conversation) -> list[Finding]:
    """Calls that were made three times and more with the same answer."""
    times: Counter[tuple[str, str, str | None]] = Counter()
    findings: list[Finding] = []
    for call in conversation.calls:
        key = (call.name, repr(call.arguments), call.result)
        times[key] += 1
        if times[key] == 3:
            findings.append(
                Finding(
                    code="loop",
                    message=f"{call.name} is called again and again",
                    turn=call.turn,
                    pointer=call.pointer,
                )
            )
    return findings
