"""What belongs to the protocol and not to a person's wish: tracing, sessions, tenants, versions,
field masks, cursors and the like.

Such a value is never put into a user's mouth. Where an operation requires one it is part of the
session: the assistant's instructions give it, the same for
every call of the conversation, as a host application would.
"""

from __future__ import annotations

import random
import re
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from inftool.core.blueprints import Detail
from inftool.core.identity_cache import IdentityCache
from inftool.core.tools import Tool
from inftool.core.types import JsonObject, Location
from inftool.language.values import split_name
from inftool.scenarios.tool_schema.places import choices
from inftool.specs import check

INTRODUCTION = "For this session"
_HEADERS: frozenset[Location] = frozenset(("header", "cookie"))
# By the whole name.
_NAMES = frozenset(
    "alt callback jsonp xgafv pretty prettyprint fields fieldmask updatemask readmask quotauser userip uploadtype uploadprotocol uploadid etag ifmatch "
    "ifnonematch ifmodifiedsince useragent accept contenttype apiversion apikey xapikey accesstoken authtoken oauthtoken authorization auth bearer bearertoken "
    "signature nonce hmac clientsecret appkey appid applicationkey devkey cursor startcursor endcursor pagetoken nextpagetoken nexttoken synctoken pagingtoken "
    "continuationtoken continuation continuationkey startingafter endingbefore expand expansions embed resourceversion objectversion optfields optpretty traceparent "
    "idempotency nocache cachebuster jsonpcallback responsetype mimetype resourcetype".split()
)
# By what it ends with.
_ENDS = re.compile(
    r"(?:idempotency ?key|idempotency ?token|request ?id|correlation ?id|trace ?id|span ?id|client ?token|tenant ?id|tenant|api ?key|access ?token|page ?token|"
    r"field ?mask|api ?version|csrf ?token|session ?(?:token|urid|key)|continuation ?token)$"
)
_MARK = re.compile(r"^[\w.-]+#[\w.-]+$")
_REQUEST = re.compile(
    r"(?:request|correlation|trace|session|transaction|message|client|tenant|idempotency|nonce|key|token|urid|guid|uuid| id)$"
)
_technical: IdentityCache[Tool, frozenset[str]] = IdentityCache(20_000)


def technical(tool: Tool) -> frozenset[str]:
    """The arguments of a tool that are the protocol's: by where they travel, by their names, and by
    their only value being a machine's mark."""
    cached = _technical.get(tool)
    if cached is not None:
        return cached
    travels = {parameter.argument: parameter.location for parameter in tool.parameters}
    properties = tool.input_schema.get("properties", {})
    found = frozenset(
        name
        for name, schema in properties.items()
        if travels.get(name) in _HEADERS or is_technical(name, schema)
    )
    return _technical.put(tool, found)


def is_technical(name: str, schema: Any = None) -> bool:
    """Whether a property of this name and schema is the protocol's: no person chooses it."""
    words = split_name(name.lstrip("$")).lower().removeprefix("x ")
    if words.replace(" ", "") in _NAMES or _ENDS.search(words):
        return True
    if not isinstance(schema, dict):
        return False
    options = choices(schema)
    if (
        isinstance(schema.get("default"), str)
        and _MARK.match(schema["default"])
        and len(options) < 2
    ):
        return True
    if words in ("format", "output", "output format", "response format") and options:
        return any(
            str(option).lower() in ("json", "xml", "csv", "yaml", "html", "jsonp", "txt", "text")
            for option in options
        )
    return False


def session_value(name: str, schema: JsonObject, sampled: Any, rng: random.Random) -> Any:
    """A value for what a session gives: what its schema determines, else an identifier where a text
    without meaning was sampled for one."""
    determined = any(
        key in schema
        for key in ("enum", "const", "default", "format", "pattern", "example", "examples")
    )
    if determined or not isinstance(sampled, str) or not _REQUEST.search(split_name(name).lower()):
        return sampled
    made = str(uuid.UUID(int=rng.getrandbits(128), version=4))
    return sampled if check(schema, made) else made


def session_detail(name: str, value: Any) -> Detail:
    """One value of the session under the name that people at the service give it."""
    words = re.sub(r"^x ", "", split_name(name.lstrip("$")), flags=re.IGNORECASE)
    return Detail(words=words, said=str(value), value=value, phrase=f"the {words} is {value}")


def session_text(session: Sequence[Detail]) -> str:
    """What the assistant's instructions say of a session; empty where there is nothing to say."""
    if not session:
        return ""
    return f"{INTRODUCTION}, {'; '.join(detail.phrase for detail in session)}. Pass these wherever a tool takes them."


def session_of(instructions: str) -> str:
    """The part of an assistant's instructions that gives a session's values; empty where there is
    none."""
    at = instructions.rfind(f"{INTRODUCTION}, ")
    return instructions[at:] if at >= 0 else ""


def hears(session: str, details: Iterable[Detail]) -> bool:
    """Whether a session's text gives back exactly its values: what the resolver asks of it."""
    told = dict(re.findall(r"the ([^;]+?) is ([^;]+?)(?=;|\. Pass these)", session))
    return all(told.get(detail.words) == str(detail.value) for detail in details)
