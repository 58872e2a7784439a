"""The OpenAI chat format as types: messages, tool calls and tool definitions.

These are the plain dicts that stand in every trajectory on disk; a TypedDict costs nothing at run
time. Lines that somebody else wrote may lack keys or carry more: records take them as they are
(`AsJsonObject`), and the format gate checks them before anything relies on their form.
"""

from __future__ import annotations

from typing import Literal, NotRequired, Required, TypedDict

from inftool.core.types import JsonObject

ChatRole = Literal["system", "developer", "user", "assistant", "tool"]


class FunctionCall(TypedDict):
    """What is called, and with what."""

    name: str
    """The name of the tool."""

    arguments: str | JsonObject
    """A JSON object as the text that the model wrote; some layouts hold the object itself."""


class ToolCallMessage(TypedDict):
    """One call inside an assistant's message."""

    id: NotRequired[str]
    """Unique in the conversation; the message with the result repeats it as `tool_call_id`.

    Absent only where a model's text has just been read; the environment then gives it one.
    """

    type: Literal["function"]
    """The chat format knows other types; only functions are made and read here."""

    function: FunctionCall
    """The call itself."""


class ChatMessage(TypedDict, total=False):
    """One message of a conversation."""

    role: Required[ChatRole]
    """Who speaks."""

    content: str | None
    """The text; None (or absent) where an assistant's message holds nothing but calls."""

    tool_calls: list[ToolCallMessage]
    """The calls of an assistant's message, in order."""

    tool_call_id: str
    """Of a tool's message: the id of the call that it answers."""

    name: str | None
    """Of a tool's message: the name of the tool that answers."""

    reasoning_content: str
    """What a reasoning model thought before it spoke, where an endpoint shows it."""


class FunctionSpec(TypedDict, total=False):
    """A function as it is offered to a model."""

    name: Required[str]
    """Fits `[A-Za-z0-9_-]{1,64}`."""

    description: str
    """What it does, in words for the model."""

    parameters: JsonObject
    """The JSON Schema of its arguments; absent where it takes none."""


class ToolSpec(TypedDict):
    """A tool definition, as an element of the `tools` of a request."""

    type: Literal["function"]
    """The chat format knows other types; only functions are made and read here."""

    function: FunctionSpec
    """The function that can be called."""
