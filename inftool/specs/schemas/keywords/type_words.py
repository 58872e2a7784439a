"""The types of a schema, whatever words they were written in, as the types of JSON Schema."""

from __future__ import annotations

import re
from functools import cache

from inftool.core.word_sets import load_word_sets
from inftool.specs.documents.node import Node
from inftool.specs.losses import LossLog
from inftool.specs.schemas.keywords.values import short

TYPES = frozenset({"string", "integer", "number", "boolean", "object", "array", "null"})
# Words for a string that also imply a format.
_IMPLIED_FORMATS = {
    "date-time": "date-time",
    "datetime": "date-time",
    "date": "date",
    "uuid": "uuid",
    "guid": "uuid",
    "uri": "uri",
    "email": "email",
}
_SEVERAL = re.compile(r"\s*\w+(?:\s*[|,]\s*\w+)+\s*")
_SEPARATOR = re.compile(r"\s*[|,]\s*")
_ARRAY_BEGINNINGS = ("list", "array", "set")


def type_names(node: Node, loss_log: LossLog) -> tuple[list[str] | None, str]:
    """The types that a schema allows, and the format that a word for a type implied.

    "uuid" -> (["string"], "uuid"); "int | null" -> (["integer", "null"], ""). None means that any
    type goes. Words that mean nothing are left out.
    """
    raw = node.members.get("type")
    if raw is None:
        return None, ""
    names: list[str] = []
    implied_format = ""
    for word in raw if isinstance(raw, list) else _split(raw):
        if word is None:
            name = "null"
        elif not isinstance(word, str):
            loss_log.add("unknown_type", node, f"type {short(word)} is no type and was left out")
            continue
        elif word in TYPES:
            name = word
        else:
            lower = word.strip().lower()
            if lower in _word_sets()["anything"]:
                loss_log.add("type_word", node, f"type {word!r} was read as: any type")
                return None, ""
            reading = _read_word(lower)
            if reading is None:
                message = f"type {short(word)} is unknown and was left out"
                loss_log.add("unknown_type", node, message)
                continue
            name, new_format = reading
            implied_format = implied_format if new_format is None else new_format
            # "file" is a type of Swagger 2.0, so reading it loses nothing.
            if lower != "file":
                loss_log.add("type_word", node, f"type {short(word)} was read as {name}")
        if name not in names:
            names.append(name)
    return names or None, implied_format


def _read_word(word: str) -> tuple[str, str | None] | None:
    """The type and the format that a word in lower case stands for; None for an unknown word.

    "file" -> ("string", "binary"), "long" -> ("integer", ""), "list<pet>" -> ("array", ""),
    "map[string]int" -> ("object", ""). A format of None leaves an earlier one as it is.
    """
    if word == "file":
        return "string", "binary"
    if word in TYPES:
        return word, None
    synonyms = _synonyms()
    if word in synonyms:
        return synonyms[word], _IMPLIED_FORMATS.get(word, "")
    if word.rstrip("[]") in synonyms or "[" in word or "<" in word:
        is_array = word.endswith("[]") or word.startswith(_ARRAY_BEGINNINGS)
        return ("array" if is_array else "object"), ""
    return None


def _split(raw: object) -> list[object]:
    """The words of a type that names several: "string|null" -> ["string", "null"]."""
    if isinstance(raw, str) and raw not in TYPES and _SEVERAL.fullmatch(raw):
        return list(_SEPARATOR.split(raw.strip()))
    return [raw]


@cache
def _word_sets() -> dict[str, frozenset[str]]:
    """Type -> the words of programming languages and databases for it; "anything" is one more."""
    return load_word_sets("inftool.specs.schemas.keywords", "type_words.json")


@cache
def _synonyms() -> dict[str, str]:
    """Word -> type."""
    return {word: name for name, words in _word_sets().items() if name in TYPES for word in words}
