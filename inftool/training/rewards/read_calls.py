"""The calls of a message, read without trusting its form: a model wrote it."""

from __future__ import annotations

import json
from typing import NamedTuple, NoReturn

from inftool.core.chat import ChatMessage
from inftool.core.types import Arguments, JsonObject


class MadeCall(NamedTuple):
    """One call that was made."""

    name: str
    """The tool that it names, offered or not."""

    arguments: Arguments | None
    """Its arguments, read; None where they are not a JSON object."""


def calls_of(message: ChatMessage | None) -> list[MadeCall] | None:
    """The calls of a message, arguments as an object or as JSON text.

    None where the message itself cannot be read.
    """
    if not isinstance(message, dict):
        return None
    raw = message.get("tool_calls") or ()
    if not isinstance(raw, (list, tuple)):
        return None
    calls: list[MadeCall] = []
    for call in raw:
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            return None
        calls.append(MadeCall(function["name"], read_arguments(function.get("arguments"))))
    return calls


def read_arguments(raw: object) -> JsonObject | None:
    """A call's arguments as an object; None where they are not one."""
    try:
        value = json.loads(raw, parse_constant=_refuse) if isinstance(raw, str) else raw
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _refuse(name: str) -> NoReturn:
    # Python's json reads NaN and Infinity, which RFC 8259 does not know.
    raise ValueError(f"{name} is not JSON")
