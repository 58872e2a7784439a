"""The fast path for simple schemas: strings, numbers and booleans with a few plain keywords.

Most schemas of a document are simple. The result is exactly that of the general path (`merged` and
`converter`), which is ten times slower; a test compares the two.
"""

from __future__ import annotations

from inftool.specs.documents.node import Node
from inftool.specs.losses import LossLog
from inftool.specs.prose import as_text, clean, words
from inftool.specs.schemas.inspection import enum_of, type_list, with_null
from inftool.specs.schemas.keywords.limits import (
    drop_contradictory_limits,
    numeric_limits,
    usable_pattern,
)
from inftool.specs.schemas.keywords.listed_values import default, enum, examples

# Characters: a title is a label, and the description of a property a sentence or two. The longer
# description belongs to the tool.
MAX_TITLE = 120
MAX_DESCRIPTION = 400
# Longer enums take the general path, which checks them against the budget.
MAX_ENUM = 100
_TYPES = frozenset({"string", "integer", "number", "boolean"})
_LIMITS = words("minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum multipleOf")
_PLAIN = words(
    "type title description format enum default example examples pattern deprecated nullable "
    "readOnly writeOnly xml externalDocs allowEmptyValue"
)
# Keywords of a Swagger 2.0 parameter, which is its own schema.
_OF_PARAMETERS = words("name in required style explode collectionFormat allowReserved")
_KNOWN = _PLAIN | _LIMITS | _OF_PARAMETERS


def convert_simple(node: Node, loss_log: LossLog) -> dict[str, object] | None:
    """The schema at `node` converted, None if it is not simple."""
    raw = node.members
    kind = raw.get("type")
    if not isinstance(kind, str) or kind not in _TYPES:
        return None
    # Anything else, even a misspelled keyword, takes the general path, which records the loss.
    unknown = raw.keys() - _KNOWN
    if unknown and not all(keyword.startswith("x-") for keyword in unknown):
        return None
    schema: dict[str, object] = {}
    describe(schema, node, "title", MAX_TITLE, loss_log)
    describe(schema, node, "description", MAX_DESCRIPTION, loss_log)
    schema["type"] = kind
    if "enum" in raw and (choices := enum(node, [kind], loss_log)) is not None:
        if len(choices) > MAX_ENUM:
            return None
        schema["enum"] = choices
    _add_limits(schema, node, loss_log)
    if raw.get("deprecated") is True:
        schema["deprecated"] = True
    drop_contradictory_limits(schema, node, loss_log)
    if raw.get("nullable") is True or raw.get("x-nullable") is True:
        loss_log.add("translated", node, "nullable became the type null")
        schema = with_null(schema)
    _add_values(schema, node, loss_log)
    return schema


def describe(
    schema: dict[str, object], node: Node, keyword: str, limit: int, loss_log: LossLog
) -> bool:
    """Take over a title or a description, cleaned and shortened; whether there was one."""
    raw = node.members
    if keyword not in raw or not (text := as_text(raw[keyword])):
        return False
    schema[keyword] = shortened = clean(text, limit)
    # Markup that goes is no loss, so only what lost more than half of its text is recorded.
    if len(shortened) < len(text) // 2:
        loss_log.add("shortened_text", node)
    return True


def _add_limits(schema: dict[str, object], node: Node, loss_log: LossLog) -> None:
    raw = node.members
    if not raw.keys().isdisjoint(_LIMITS):
        schema.update(numeric_limits(node, loss_log))
    if raw.get("pattern") is not None:
        pattern = usable_pattern(node, raw["pattern"], loss_log)
        if pattern is not None:
            schema["pattern"] = pattern
    if isinstance(raw.get("format"), str) and raw["format"]:
        schema["format"] = raw["format"]


def _add_values(schema: dict[str, object], node: Node, loss_log: LossLog) -> None:
    raw, types = node.members, type_list(schema)
    if "default" in raw:
        keep, value = default(node, raw["default"], types, enum_of(schema), loss_log)
        if keep:
            schema["default"] = value
    if "enum" not in schema and ("example" in raw or "examples" in raw):
        shown = examples(node, types)
        if shown:
            schema["examples"] = shown
