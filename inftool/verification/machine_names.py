"""The machine's names in what a user says: people do not know the names of parameters."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic_core import PydanticSerializationError, to_json

from inftool.core.chat import ToolSpec
from inftool.core.identity_cache import IdentityCache
from inftool.core.types import JsonObject
from inftool.language.values import split_name
from inftool.verification.conversation import Conversation

# "order-id, please" -> "order-id", "please"
_TOKEN = re.compile(r"[A-Za-z0-9]+(?:[_.-][A-Za-z0-9]+)*")

# Joined by a mark or by a capital within: "order_id", "orderId", "APIKey".
_JOINED = re.compile(r"[A-Za-z0-9][_.\-][A-Za-z0-9]|[a-z0-9][A-Z]|[A-Z][A-Z][a-z]")
_LETTER = re.compile(r"[A-Za-z]")

# Keywords whose values are data, so that their keys are no parameters.
_DATA_KEYWORDS = frozenset(("enum", "const", "default", "examples"))

# By schema. The limit bounds the memory; beyond it, schemas are walked through again.
_parameter_names: IdentityCache[JsonObject, frozenset[str]] = IdentityCache(2048)


def tokens_of(text: str) -> list[str]:
    """The words of a text, those that are joined by `_`, `.` or `-` in one piece."""
    return _TOKEN.findall(text)


def is_identifier(name: str) -> bool:
    """Whether a name is a machine's, not a plain word that people use anyway.

    True for `orderId` and `list_books`, false for `status`.
    """
    return len(split_name(name).split()) > 1


def identifiers(tools: Sequence[ToolSpec]) -> frozenset[str]:
    """Every machine's name in some tools: their own, and those of parameters at any depth."""
    names = {name for tool in tools if is_identifier(name := tool["function"]["name"])}
    return frozenset(names).union(
        *(_identifiers_in(tool["function"].get("parameters")) for tool in tools)
    )


def named_by_user(conversation: Conversation, tools: Sequence[ToolSpec]) -> frozenset[str]:
    """The machine's names of tools and parameters that the user says.

    The tools are only looked into if somebody talks like a machine, which is rare.
    """
    joined_words = {
        token
        for text in conversation.user
        if _JOINED.search(text)
        for token in tokens_of(text)
        # Most words are in lower case and need no search.
        if not (token.islower() and token.isalpha())
        if _LETTER.match(token) and _JOINED.search(token)
    }
    if not joined_words:
        return frozenset()
    # What stands nowhere in the tools is none of their names, whatever it looks like: order
    # numbers and the like. This spares the walk through the schemas.
    try:
        document = to_json(tools, inf_nan_mode="constants")
        joined_words = {word for word in joined_words if f'"{word}"'.encode() in document}
    except PydanticSerializationError:
        # The tools hold a lone surrogate, which cannot be written as UTF-8.
        pass
    return identifiers(tools) & joined_words if joined_words else frozenset()


def _identifiers_in(schema: JsonObject | None) -> frozenset[str]:
    """The machine's names among the properties of a schema, at any depth."""
    if not isinstance(schema, dict):
        return frozenset()
    known = _parameter_names.get(schema)
    if known is not None:
        return known
    names: set[str] = set()
    stack: list[object] = [schema]
    visited: set[int] = set()
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack += node
        elif isinstance(node, dict) and id(node) not in visited:
            visited.add(id(node))
            properties = node.get("properties")
            if isinstance(properties, dict):
                names.update(name for name in properties if isinstance(name, str))
            stack += [value for key, value in node.items() if key not in _DATA_KEYWORDS]
    return _parameter_names.put(schema, frozenset(name for name in names if is_identifier(name)))
