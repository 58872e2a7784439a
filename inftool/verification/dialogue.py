"""The dialogue gate: both sides keep their roles, nobody is left without an answer, and the user names no tool and no parameter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from inftool.records import Blame, Finding, JsonObject
from inftool.scenarios.words import split_name
from inftool.verification.calls import Conversation

_TOKEN = re.compile(r"[A-Za-z0-9]+(?:[_.-][A-Za-z0-9]+)*")
_ROLE_PLAY = re.compile(r"(?:^|\n)\s*(?:user|assistant|system|tool)\s*:", re.IGNORECASE)


def is_identifier(name: str) -> bool:
    """Whether a name is a machine's (`orderId`, `list_books`), not a plain word that people use anyway ("status")."""
    return len(split_name(name).split()) > 1


def identifiers(tools: Iterable[JsonObject]) -> frozenset[str]:
    """Every machine's name in the tools (OpenAI format): their own and those of their parameters at any depth."""
    names: set[str] = set()
    stack: list[Any] = []
    for tool in tools:
        names.add(tool["function"]["name"])
        stack.append(tool["function"].get("parameters"))
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if isinstance(properties := node.get("properties"), dict):
                names.update(properties)
            stack += [value for key, value in node.items() if key not in ("enum", "const", "default", "examples")]
        elif isinstance(node, list):
            stack += node
    return frozenset(name for name in names if is_identifier(name))


def dialogue(messages: Sequence[JsonObject], conversation: Conversation, names: frozenset[str]) -> list[Finding]:
    """What is wrong with how the conversation was led."""
    findings: list[Finding] = []
    turn, open_calls = -1, False
    for index, message in enumerate(messages):
        role, text = message["role"], message.get("content") or ""
        where = f"/messages/{index}"
        if role == "user":
            if turn >= 0 and messages[index - 1]["role"] != "assistant":
                findings.append(Finding(code="no_answer", message="the user speaks again before being answered", turn=turn, pointer=where))
            turn += 1
            named = sorted(names.intersection(_TOKEN.findall(text)))
            if named:
                findings.append(Finding(code="user_names_tool", message=f"the user says {named[0]!r}", turn=turn, pointer=where, blame="user"))
            if not text.strip():
                findings.append(Finding(code="empty_message", message="the user says nothing", turn=turn, pointer=where, blame="user"))
        elif role == "assistant":
            open_calls = bool(message.get("tool_calls"))
            if not open_calls and not text.strip():
                findings.append(Finding(code="empty_message", message="the assistant says nothing", turn=turn, pointer=where))
        if role in ("user", "assistant") and _ROLE_PLAY.search(text):
            blame: Blame = "user" if role == "user" else "assistant"
            findings.append(Finding(code="role_broken", message=f"the {role} writes another role's lines", turn=turn, pointer=where, blame=blame))
    last = messages[-1]
    if last["role"] != "assistant" or open_calls:
        findings.append(
            Finding(code="no_answer", message="the conversation ends without an answer", turn=turn, pointer=f"/messages/{len(messages) - 1}")
        )
    return findings
