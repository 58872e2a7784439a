"""Arguments that belong to the protocol and not to a user's request.

Among them are tracing ids, sessions, tenants, API versions, field masks and cursors. A user never
says such a value. Where an operation requires one it belongs to the session: the assistant's
instructions give it, the same for every call of the conversation, as a host application would.
"""

from __future__ import annotations

import random
import re
import uuid
from collections.abc import Iterable, Sequence

from inftool.core.blueprints import Detail
from inftool.core.identity_cache import IdentityCache
from inftool.core.tools import Tool
from inftool.core.types import JsonObject, Location
from inftool.language.values import split_name
from inftool.scenarios.tool_schema.places import choices
from inftool.scenarios.tool_schema.word_sets import WORD_SETS
from inftool.specs import check

INTRODUCTION = "For this session"
_CLOSING = "Pass these wherever a tool takes them."
_PROTOCOL_LOCATIONS: frozenset[Location] = frozenset(("header", "cookie"))
# Whole names, in lower case and without separators.
_PROTOCOL_NAMES = WORD_SETS["protocol_names"]
# Endings of names: "X-Goog-Field-Mask", "parent request id".
_PROTOCOL_ENDINGS = re.compile(
    r"(?:idempotency ?key|idempotency ?token|request ?id|correlation ?id|trace ?id|span ?id"
    r"|client ?token|tenant ?id|tenant|api ?key|access ?token|page ?token|field ?mask|api ?version"
    r"|csrf ?token|session ?(?:token|urid|key)|continuation ?token)$"
)
# A default such as "admin#directory#user" names a type of machines (Google's `kind`).
_TYPE_MARK = re.compile(r"^[\w.-]+#[\w.-]+$")
_FORMAT_NAMES = ("format", "output", "output format", "response format")
_DATA_FORMATS = ("json", "xml", "csv", "yaml", "html", "jsonp", "txt", "text")
# Names of values that a host application would fill with a fresh UUID.
_IDENTIFIER_ENDINGS = re.compile(
    r"(?:request|correlation|trace|session|transaction|message|client|tenant|idempotency|nonce|key"
    r"|token|urid|guid|uuid| id)$"
)
_technical: IdentityCache[Tool, frozenset[str]] = IdentityCache(20_000)


def technical(tool: Tool) -> frozenset[str]:
    """The names of a tool's arguments that are the protocol's.

    They are known by where they travel (headers, cookies) or by their name and schema.
    """
    cached = _technical.get(tool)
    if cached is not None:
        return cached
    locations = {parameter.argument: parameter.location for parameter in tool.parameters}
    properties = tool.input_schema.get("properties", {})
    names = frozenset(
        name
        for name, schema in properties.items()
        if locations.get(name) in _PROTOCOL_LOCATIONS or is_technical(name, schema)
    )
    return _technical.put(tool, names)


def is_technical(name: str, schema: object = None) -> bool:
    """Whether a property of this name and schema is the protocol's: no person chooses it.

    `X-Request-Id`, `pageToken` and a `format` of json or xml are; `deliveryDate` is not.
    """
    words = split_name(name.lstrip("$")).lower().removeprefix("x ")
    if words.replace(" ", "") in _PROTOCOL_NAMES or _PROTOCOL_ENDINGS.search(words):
        return True
    if not isinstance(schema, dict):
        return False
    options = choices(schema)
    default = schema.get("default")
    if isinstance(default, str) and _TYPE_MARK.match(default) and len(options) < 2:
        return True
    # A "format" of a book is a choice of the user: hardcover, paperback.
    return words in _FORMAT_NAMES and any(
        str(option).lower() in _DATA_FORMATS for option in options
    )


def session_value(name: str, schema: JsonObject, sampled: object, rng: random.Random) -> object:
    """A value for an argument of the session.

    It is the sampled one where the schema determines it, else a fresh UUID if the name asks for an
    identifier and the schema accepts one.
    """
    determined = any(
        key in schema
        for key in ("enum", "const", "default", "format", "pattern", "example", "examples")
    )
    is_identifier = _IDENTIFIER_ENDINGS.search(split_name(name).lower()) is not None
    if determined or not isinstance(sampled, str) or not is_identifier:
        return sampled
    identifier = str(uuid.UUID(int=rng.getrandbits(128), version=4))
    return sampled if check(schema, identifier) else identifier


def session_detail(name: str, value: object) -> Detail:
    """One value of the session under a plain name: `X-Tenant-Id` -> "the Tenant ID is acme"."""
    words = re.sub(r"^x ", "", split_name(name.lstrip("$")), flags=re.IGNORECASE)
    return Detail(words=words, said=str(value), value=value, phrase=f"the {words} is {value}")


def session_text(session: Sequence[Detail]) -> str:
    """What the assistant's instructions say about a session; empty if it has no values."""
    if not session:
        return ""
    values = "; ".join(detail.phrase for detail in session)
    return f"{INTRODUCTION}, {values}. {_CLOSING}"


def session_of(instructions: str) -> str:
    """The part of an assistant's instructions that gives a session's values, empty if none does."""
    at = instructions.rfind(f"{INTRODUCTION}, ")
    return instructions[at:] if at >= 0 else ""


def states_exactly(session: str, details: Iterable[Detail]) -> bool:
    """Whether a session's text gives back the value of each detail under its name."""
    values = dict(re.findall(r"the ([^;]+?) is ([^;]+?)(?=;|\. Pass these)", session))
    return all(values.get(detail.words) == str(detail.value) for detail in details)
