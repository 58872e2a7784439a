"""What a call does to the world: read, create, update, delete or action.

Judged by the HTTP method, the name and the path of an operation, with word lists of English verbs
that name API operations.
"""

from __future__ import annotations

import re
from functools import cache

from inftool.core.types import Effect
from inftool.core.word_sets import load_word_sets

# "createOrderItem" -> "create", "Order", "Item"; "getURLById" -> "get", "URL", "By", "Id"
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SEPARATOR = re.compile(r"[/:?]")
_READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "QUERY", "TRACE"})
# Words of a function's name that are looked at: verbs come first.
_MAX_WORDS = 3
# Characters of a description that hold its first word.
_OPENING = 80


@cache
def _word_sets() -> dict[str, frozenset[str]]:
    """The word lists of `effect_words.json`.

    `read`, `create`, `update`, `delete` and `action` are verbs for each effect. The other sets say
    where a POST differs: `leading_noise` words before the verb; `reading_path_ends`,
    `acting_path_ends` and `updating_path_ends` words that decide at the end of a path;
    `read_only_elsewhere` and `updates_only_elsewhere` verbs that a POST uses for something new;
    `creating_actions` actions that leave a record; `reading_descriptions` first words of the
    description of a function that reads.
    """
    return load_word_sets("inftool.specs", "effect_words.json")


def effect_of_operation(
    method: str, name: str, path: str, *, has_success_body: bool = True
) -> Effect:
    """The effect of an HTTP operation, by its method (RFC 9110, section 9).

    A POST may do anything, so its words decide: POST /items/search reads, POST
    /orders/{id}/cancel acts, POST /orders creates.
    """
    method = method.upper()
    if method in _READING_METHODS:
        return "read"
    if method == "DELETE":
        return "delete"
    if method in {"PUT", "PATCH"}:
        return "update"
    words = split_words(name)
    if method != "POST":
        return effect_of_words(words)
    segments = [segment for segment in _SEPARATOR.split(path) if segment]
    last = segments[-1] if segments else ""
    end = [] if last.startswith("{") else split_words(last)
    verb = next((word for word in words if word not in _word_sets()["leading_noise"]), "")
    if _post_reads(verb, end, has_success_body):
        return "read"
    return _effect_of_post(verb, end, segments)


def _post_reads(verb: str, end: list[str], has_body: bool) -> bool:
    """Whether a POST only reads: what it asks is too long for a query string.

    `end` holds the words of the last segment of the path, if that is not a parameter.
    """
    sets = _word_sets()
    if has_body and not sets["reading_path_ends"].isdisjoint(end):
        return True
    # POST /calendars/freeBusy asks when somebody has time.
    if "free" in end and "busy" in end:
        return True
    return has_body and verb in sets["read"] - sets["read_only_elsewhere"]


def _effect_of_post(verb: str, end: list[str], segments: list[str]) -> Effect:
    """The effect of a POST that does not only read."""
    sets = _word_sets()
    end_verb = end[0] if len(end) == 1 else ""
    if verb in {"delete", "destroy"} or end_verb in {"delete", "destroy"}:
        return "delete"
    if verb in sets["delete"] or end_verb in sets["delete"]:
        # POST /groups/{id}/remove takes something out of a group; the group stays.
        return "action"
    # /orders/{id}/cancel acts on one order, while /orders/import makes some.
    is_nested = any(segment.startswith("{") for segment in segments[:-1])
    if end_verb in sets["action"] | sets["acting_path_ends"] and (
        is_nested or verb not in sets["create"]
    ):
        return "action"
    if verb in sets["action"] - sets["creating_actions"]:
        return "action"
    if verb in sets["update"] - sets["updates_only_elsewhere"]:
        return "update"
    return "update" if end_verb in sets["updating_path_ends"] else "create"


def effect_of_words(words: list[str], description: str = "") -> Effect:
    """The effect of a function that has only a name and a description.

    The first verb among its first words decides: ["get", "order"] -> "read". A function whose
    words say nothing acts.
    """
    sets = _word_sets()
    effects: tuple[Effect, ...] = ("delete", "read", "update", "create", "action")
    for word in words[:_MAX_WORDS]:
        for effect in effects:
            if word in sets[effect]:
                return effect
    opening = split_words(description[:_OPENING])[:1]
    # "Returns the orders": the third person loses its s, so "fetches" becomes "fetche".
    if opening and opening[0].rstrip("s") in sets["read"] | sets["reading_descriptions"]:
        return "read"
    return "action"


def split_words(name: str) -> list[str]:
    """The words of a name in lower case: "createOrder_v2" -> ["create", "order", "v", "2"]."""
    return [word.lower() for word in _WORD.findall(name)]
