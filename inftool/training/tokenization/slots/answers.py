"""A tool's answer as fields with their values, row by row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from inftool.core.types import JsonObject
from inftool.scenarios.wording.phrases import plain_words, singular
from inftool.training.tokenization.slots.arguments import path_words
from inftool.training.tokenization.slots.phrases import name_key

# What a long answer is cut to, so that an answer of many rows fits the tiny model's context.
_MAX_ROWS = 8
# Nested objects further in are left out, and so are items of a nested list after the fourth.
_MAX_DEPTH, _MAX_ITEMS = 3, 4
# An object with a list and more keys than these is a thing that has a list, not a page of a list.
_MAX_PAGE_KEYS = 4
# Keys, in lower case, that only a thing has.
_ID_ENDINGS = ("_id", "reference", "createdat", "created_at")


class AnswerField(NamedTuple):
    """One field of an answer."""

    words: str
    """What people call it."""

    key: str
    """What it shares with everything else of that name."""

    values: tuple[object, ...]
    """Its values, one a row; rows that lack it are left out."""


def parse_json_container(text: object) -> JsonObject | list[object] | None:
    """JSON text (or what was parsed already) as an object or a list; None if it is neither."""
    try:
        value = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return None
    return value if isinstance(value, (dict, list)) else None


def is_error(content: object) -> bool:
    """Whether an answer says that the call failed: `{"status": 404, "error": ...}` or "Error: "."""
    if isinstance(content, str) and content.startswith("Error:"):
        return True
    answer = parse_json_container(content)
    return (
        isinstance(answer, dict)
        and set(answer) >= {"status", "error"}
        and isinstance(answer["status"], int)
    )


def answer_fields(answer: object) -> list[AnswerField]:
    """The fields of an answer: those of its rows if it lists things, its own otherwise.

    {"items": [{"id": 1}, {"id": 2}], "total": 2} -> one field "ID" with the values (1, 2)
    """
    values: dict[tuple[str, ...], list[object]] = {}
    for row in _rows(answer)[:_MAX_ROWS]:
        for path, value in _leaves(row, ()):
            values.setdefault(path, []).append(value)
    fields = []
    for path, items in values.items():
        words = path_words(path) if path else "value"
        fields.append(AnswerField(words, name_key(words), tuple(items[:_MAX_ROWS])))
    return fields


def _rows(answer: object) -> list[object]:
    """What an answer lists, or the answer itself as the only row."""
    if isinstance(answer, list):
        return answer
    if not isinstance(answer, dict):
        return [answer]
    # {"items": [...], "total": 40} is a page of a list, {"id": 7, "tags": [...]} a thing.
    lists = [value for value in answer.values() if isinstance(value, list)]
    is_page = (
        len(lists) == 1
        and len(answer) <= _MAX_PAGE_KEYS
        and not any(_is_identifying(key) for key in answer)
        and all(isinstance(item, dict) for item in lists[0])
    )
    if is_page:
        return lists[0]
    # {"booking": {...}} -> the booking
    if len(answer) == 1 and isinstance(inner := next(iter(answer.values())), dict):
        return [inner]
    return [answer]


def _is_identifying(key: str) -> bool:
    """Whether a key makes an object a thing of its own: "id", "booking_id", "createdAt"."""
    return key.lower() == "id" or key.lower().endswith(_ID_ENDINGS)


def _leaves(node: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], object]]:
    """The plain values in a row, each with the names on the way to it."""
    if isinstance(node, (dict, list)) and len(path) >= _MAX_DEPTH:
        return
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _leaves(value, (*path, plain_words(key)))
    elif isinstance(node, list):
        for item in node[:_MAX_ITEMS]:
            # The objects of "tags" are each a "tag".
            names_item = path and isinstance(item, dict)
            yield from _leaves(item, (*path[:-1], singular(path[-1])) if names_item else path)
    elif node is not None:
        yield path, node
