"""What an error's body says, in whatever schema the spec declares for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from inftool.language.identifiers import split, squash
from inftool.world.rendering.statuses import error_code, error_title
from inftool.world.rendering.words import WORDS
from inftool.world.sampling.sampler import ValueSampler
from inftool.world.schema.shape import Shape, integer_keyword

# Error schemas that nest deeper than this are recursive ("innererror" of OData, for one).
_MAX_DEPTH = 6
# No declared `maxLength`: long enough for every message that the world writes.
_MAX_TEXT = 10_000
# Words that an error code of a status may hold beside those of its name, as in "INVALID_STATE".
_RELATED_WORDS: Mapping[int, frozenset[str]] = {
    400: frozenset({"invalid", "validation", "malformed"}),
    404: frozenset({"missing", "unknown"}),
    409: frozenset({"already", "exists", "state", "invalid"}),
    422: frozenset({"invalid", "validation", "unprocessable"}),
    429: frozenset({"rate", "limit", "throttled"}),
    503: frozenset({"timeout", "unavailable"}),
}


class ErrorDetails(NamedTuple):
    """What an error body must say."""

    status: int
    """The HTTP status of the answer."""
    message: str
    """What is wrong, for people."""
    field: str
    """The argument at fault, empty if no single one is."""
    path: str
    """The path template of the operation."""
    sampler: ValueSampler
    """Makes the values that say nothing about the error."""


def error_body(shape: Shape, details: ErrorDetails, name: str = "", depth: int = 0) -> object:
    """A value of a shape that says what went wrong; it may still break the schema.

    `name` is the property that the value goes into: an integer under `status` gets the status, a
    string under `message` the message, a string under `code` "not_found".
    """
    view = shape.object()
    if view is not None and view.properties and depth < _MAX_DEPTH:
        return _error_object(view, details, depth)
    array = shape.array()
    if array is not None and not shape.has("string"):
        return _error_list(array, details, name, depth)
    # A constant or an enum before the words of the name: the schema leaves no choice.
    if "const" in shape.node:
        return shape.node["const"]
    if shape.node.get("enum"):
        return _closest_option(shape.node["enum"], details)
    word = squash(name)
    is_number = shape.has("integer") or shape.has("number")
    if is_number and word in WORDS["status_numbers"]:
        return details.status
    takes_text = shape.has("string") or not shape.types
    text = _error_text(shape, details, word) if takes_text else None
    return text if text is not None else details.sampler.value(shape, name)


def _error_object(view: Shape, details: ErrorDetails, depth: int) -> dict[str, object]:
    # Where no other property could say what went wrong, the title does.
    title_is_message = view.property_names.isdisjoint(WORDS["error_texts"])
    body: dict[str, object] = {}
    for name, sub in view.properties.items():
        word = squash(name)
        required = name in view.required
        # Nothing is wrong with any one field: an optional list of field problems stays away.
        if word in WORDS["field_problems"] and not required and not details.field:
            continue
        if required or word in WORDS["error_properties"]:
            role = "message" if title_is_message and word == "title" else name
            body[name] = error_body(sub, details, role, depth + 1)
    return body


def _error_list(array: Shape, details: ErrorDetails, name: str, depth: int) -> list[object]:
    item = array.items
    may_be_empty = not integer_keyword(array.node, "minItems", 0)
    if item is None or (squash(name) not in WORDS["problem_lists"] and may_be_empty):
        return []
    # `errors: [string]` lists messages; `errors: [object]` lists objects like the error itself.
    item_name = "message" if item.object() is None else name
    return [error_body(item, details, item_name, depth + 1)]


def _error_text(shape: Shape, details: ErrorDetails, word: str) -> str | None:
    """The text of a string property by its squashed name, None where a format or pattern rules."""
    limit = integer_keyword(shape.node, "maxLength", _MAX_TEXT)
    text_format, pattern = shape.node.get("format"), shape.node.get("pattern")
    # "about:blank": the type of a problem that is nothing but its status (RFC 9457, 4.2.1).
    if text_format in {"uri", "uri-reference", "url"} or (word == "type" and not pattern):
        return "about:blank"
    if text_format is not None or pattern is not None:
        return None
    # "name" and "reason" hold codes in errors ("NotFound"), so they come before the message.
    if word in WORDS["error_codes"]:
        return _in_the_case_of_examples(shape, error_code(details.status))[:limit]
    if word in WORDS["status_texts"]:
        return str(details.status)[:limit]
    if word == "title":
        return error_title(details.status)[:limit]
    if word in WORDS["field_names"] and details.field:
        return details.field[:limit]
    if word in WORDS["request_paths"]:
        return details.path[:limit] or "/"
    return details.message[:limit]


def _in_the_case_of_examples(shape: Shape, code: str) -> str:
    """An error code in the case of the schema's first example: "notFound" -> "badRequest"."""
    examples = shape.node.get("examples")
    texts = examples if isinstance(examples, list) else []
    example = next((item for item in texts if isinstance(item, str) and item), "")
    if example.isupper():
        return code.upper()
    is_camel_case = example[:1].islower() and any(char.isupper() for char in example)
    if is_camel_case and "_" not in example:
        first, *rest = code.split("_")
        return first + "".join(word.title() for word in rest)
    return code.replace("_", "-") if "-" in example else code


def _closest_option(options: Sequence[object], details: ErrorDetails) -> object:
    """The value of an enum that fits a status best: ["BUSY", "NOT_FOUND"], 404 -> "NOT_FOUND"."""
    status = details.status
    options = [option for option in options if option is not None] or options
    name_words = {*split(error_code(status)), str(status)}
    related = _RELATED_WORDS.get(status, frozenset())

    def score(option: object) -> int:
        words = {*split(str(option)), str(option)}
        # A word of the status itself counts for more than any one that is only related to it.
        return 2 * len(words & name_words) + len(words & related)

    return max(options, key=score)
