"""The phrases that an operation offers for what a user wants of it, each with its demerits."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inftool.core.tools import Tool
from inftool.language.values import split_name
from inftool.language.verbs import NOUN_OR_VERB, imperative
from inftool.scenarios.wording import summary_patterns as patterns
from inftool.scenarios.wording.phrases import article, singular
from inftool.scenarios.wording.summary_cleaning import (
    HTTP_METHODS,
    lower_word,
    summary_phrase,
    verb_for,
)
from inftool.scenarios.wording.word_sets import WORD_SETS

MASS_NOUNS = WORD_SETS["mass_nouns"]
"""Nouns without a plural, which take no article: "information"."""
_VAGUE_NOUNS = WORD_SETS["vague_nouns"]

# Demerits, in one unit with those of a summary's own phrase (`summary_cleaning`): a description is
# worse than a summary, an operation id worse than both, and a made-up phrase the last resort.
_COST_OF_DESCRIPTION = 0.6
_COST_OF_ID = 1.4
_COST_OF_ID_WITHOUT_OBJECT = 2.0
_COST_OF_ID_WITH_VAGUE_OBJECT = 2.9
_COST_OF_ID_WITHOUT_VERB = 3.0
_COST_OF_PATH = 1.2
_COST_OF_PATH_WITHOUT_OBJECT = 2.2
# "book a book": the last part of the path is the noun and no verb.
_COST_OF_NOUN_AS_VERB = 9.0
_COST_OF_PLAIN_VERB = 4.0

_IDLE_ID_WORDS = ("api", "rest", "endpoint", "request")
_IDLE_ID_ENDINGS = ("item", "collection", "resource", "by", "id", "ID", "all")


def candidates(tool: Tool, noun: str, plural: str) -> Iterator[tuple[float, str]]:
    """Every phrase for an operation as (demerits, imperative); the one with the fewest is best.

    `noun` and `plural` name the operation's resource. There is always one phrase at least.
    """
    for cost, text in ((0.0, tool.summary), (_COST_OF_DESCRIPTION, tool.description)):
        if (phrase := summary_phrase(tool, text)) is not None:
            yield cost + phrase[0], phrase[1]
    if tool.operation and (phrase := _id_phrase(tool, noun, plural)) is not None:
        yield phrase
    if (phrase := _path_phrase(tool, noun)) is not None:
        yield phrase
    is_list = (
        tool.effect == "read"
        and tool.output_schema is not None
        and tool.output_schema.get("type") == "array"
    )
    yield _COST_OF_PLAIN_VERB, f"{verb_for(tool)} {plural if is_list else article(noun)}"


def _path_phrase(tool: Tool, noun: str) -> tuple[float, str] | None:
    """The verb at the end of a path as a phrase: `/orders/{id}/cancel` -> "cancel an order"."""
    parts = [part for part in tool.path.split("/") if part and not part.startswith("{")]
    words = split_name(parts[-1]).lower().split() if parts else []
    verb = imperative(words[0]) if words else None
    if verb is None or (words[0] in NOUN_OR_VERB and tool.effect == "read"):
        return None
    if len(words) > 1:
        return _COST_OF_PATH, " ".join([verb, *words[1:]])
    cost = _COST_OF_PATH_WITHOUT_OBJECT if verb != noun else _COST_OF_NOUN_AS_VERB
    return cost, f"{verb} {article(noun)}"


def _id_phrase(tool: Tool, noun: str, plural: str) -> tuple[float, str] | None:
    """An operation id as a phrase: `getUserUsingGET` -> "get user".

    `Vouchers_Put` is "update vouchers", `get_generate_uuid` "generate uuid".
    """
    words = _id_words(tool.operation)
    if not words:
        return None
    verb = imperative(words[0])
    if verb is None and 1 < len(words) < 5 and all(word.isalpha() for word in words):
        object_ = article(" ".join(map(lower_word, words)))
        return _COST_OF_ID_WITHOUT_VERB, f"{verb_for(tool)} {object_}"
    if verb is None or len(words) > 7:
        return None
    if verb in ("post", "put", "patch") and tool.effect != "read":
        verb = verb_for(tool)
    rest = _id_object(words[1:])
    if not rest:
        object_ = plural if verb == "list" else article(noun)
        return _COST_OF_ID_WITHOUT_OBJECT, f"{verb} {object_}"
    last_of_plural = plural.rsplit(maxsplit=1)[-1]
    if (
        verb in ("list", "search")
        and singular(rest[-1]) == rest[-1]
        and rest[-1] not in MASS_NOUNS
        and singular(last_of_plural) == rest[-1].lower()
    ):
        # `listUser` -> "list users"
        rest[-1] = last_of_plural
    is_vague = len(rest) == 1 and rest[0].lower() in _VAGUE_NOUNS
    cost = _COST_OF_ID_WITH_VAGUE_OBJECT if is_vague else _COST_OF_ID
    return cost, f"{verb} {' '.join(map(lower_word, rest))}"


def _id_words(operation: str) -> list[str]:
    """The words of an operation id from its verb on, without what generators add to it."""
    parts = [part for part in re.split(r"[_.]", operation) if part]
    text = split_name(operation)
    first = split_name(parts[-1]).split()[0] if parts else ""
    if (
        len(parts) > 1
        and imperative(first)
        and (first.lower() in HTTP_METHODS or not imperative(split_name(parts[0]).split()[0]))
    ):
        # `UserController_getUser`: the part in front of the verb is a class or a group.
        text = split_name(parts[-1])
    # Twice: `getUserUsingGET_1` has two such endings.
    text = patterns.GENERATED_ENDING.sub("", patterns.GENERATED_ENDING.sub("", text))
    words = re.sub(r"(?<=[a-z])\d+$", "", text).split()
    if (
        len(words) > 2
        and words[0].lower() in HTTP_METHODS
        and imperative(words[1])
        and words[1].lower() not in NOUN_OR_VERB
    ):
        # `get_generate_uuid`: the method is in front of the verb.
        return words[1:]
    return words


def _id_object(words: list[str]) -> list[str]:
    """The object of an operation id: `getUserItemById` -> "user"."""
    words = [word for word in words if word.lower() not in _IDLE_ID_WORDS]
    while len(words) > 1 and words[-1].lower() in _IDLE_ID_ENDINGS:
        words = words[:-1]
    if len(words) > 2 and "by" in words[1:]:
        words = words[: words.index("by", 1)]
    return words
