"""What a call does to the world: read, create, update, delete or action, judged by its method, its name and its path."""

from __future__ import annotations

import re

from inftool.core.types import Effect
from inftool.specs.prose import words

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_READ = words(
    "get list search find query lookup fetch read retrieve show describe check validate verify calculate compute estimate preview count "
    "browse filter explore suggest autocomplete quote quotes rate rates price pricing availability available compare inspect resolve test "
    "exists status export download analyze analyse analytics report evaluate match view render diff dry ping head convert translate detect "
    "recognize classify geocode distance route forecast free freebusy busy summarize introspect explain simulate batchget batch_get graphql "
    "what which is has predict score"
)
_CREATE = words(
    "create add insert new post register submit upload import book reserve order publish invite issue generate append make open signup "
    "compose clone copy duplicate"
)
_UPDATE = words(
    "update edit modify change set patch put replace rename upsert move assign unassign configure adjust increment link save write merge sort reorder"
)
_DELETE = words(
    "delete remove destroy clear purge drop unsubscribe trash erase revoke unlink uninstall unregister discard"
)
_ACTION = words(
    "send cancel approve reject start stop pause resume restart run execute trigger activate deactivate enable disable confirm accept "
    "decline close reopen archive unarchive restore refund capture authorize void complete finish finalize accept lock unlock ship deliver "
    "fulfill retry refresh rotate reset login logout notify remind subscribe watch unwatch stop mark pay charge transfer follow unfollow "
    "like unlike star join leave mute unmute block unblock merge rollback reboot sync verify cancel checkout"
)


def effect_of_operation(
    method: str, name: str, path: str, *, has_success_body: bool = True
) -> Effect:
    """The effect of an HTTP operation. POST is judged by its words: a search reads, `/orders/{id}/cancel` acts, the rest creates."""
    method = method.upper()
    if method in {"GET", "HEAD", "OPTIONS", "QUERY", "TRACE"}:
        return "read"
    if method == "DELETE":
        return "delete"
    if method in {"PUT", "PATCH"}:
        return "update"
    words = split_words(name)
    segments = [segment for segment in re.split(r"[/:?]", path) if segment]
    last = segments[-1] if segments else ""
    tail = [] if last.startswith("{") else split_words(last)
    if method == "POST":
        return _post(words, tail, segments, has_success_body)
    return effect_of_words(words)


def _post(words: list[str], tail: list[str], segments: list[str], has_body: bool) -> Effect:
    first = next((word for word in words if word not in {"post", "do", "api"}), "")
    nested = len(segments) > 1 and any(segment.startswith("{") for segment in segments[:-1])
    if (
        tail
        and has_body
        and (
            set(tail)
            & {
                "search",
                "query",
                "lookup",
                "calculate",
                "estimate",
                "preview",
                "validate",
                "freebusy",
                "quotes",
                "check",
                "find",
                "availability",
            }
        )
    ):
        return "read"
    if "free" in tail and "busy" in tail:
        return "read"
    if (
        first
        in _READ
        - {
            "test",
            "post",
            "order",
            "match",
            "rate",
            "route",
            "export",
            "import",
            "is",
            "has",
            "verify",
            "report",
            "status",
            "convert",
            "link",
        }
        and has_body
    ):
        return "read"
    if first in {"delete", "destroy"} or tail in (["delete"], ["destroy"]):
        return "delete"
    if first in _DELETE or (len(tail) == 1 and tail[0] in _DELETE):
        # POST /groups/{id}/remove takes something out of a group; the group stays.
        return "action"
    if (
        len(tail) == 1
        and tail[0] in _ACTION | {"move", "merge", "sort"}
        and (nested or first not in _CREATE)
    ):
        return "action"
    if first in _ACTION and first not in {
        "like",
        "follow",
        "watch",
        "subscribe",
        "charge",
        "transfer",
        "capture",
    }:
        return "action"
    if first in _UPDATE - {"link", "merge", "put"} or (
        len(tail) == 1 and tail[0] in {"update", "edit", "rename"}
    ):
        return "update"
    return "create"


def effect_of_words(words: list[str], description: str = "") -> Effect:
    """The effect of a function that has only a name (and a description) to go by; a function that says nothing acts."""
    for word in words[:3]:
        if word in _DELETE:
            return "delete"
        if word in _READ:
            return "read"
        if word in _UPDATE:
            return "update"
        if word in _CREATE:
            return "create"
        if word in _ACTION:
            return "action"
    opening = split_words(description[:80])[:1]
    if opening and opening[0].rstrip("s") in _READ | {"return", "provide", "search", "fetche"}:
        return "read"
    return "action"


def split_words(name: str) -> list[str]:
    """The words of a camelCase, snake_case or dotted name, in lower case."""
    return [word.lower() for word in _WORD.findall(name)]
