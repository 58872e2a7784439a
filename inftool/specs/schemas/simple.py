"""The short way for the schemas that most of a document consists of: a string, a number or a boolean with a few plain keywords.

It says exactly what the long way (merge.py, schema.py) says; a test holds the two against each other.
"""

from __future__ import annotations

from inftool.core.types import JsonObject
from inftool.specs.documents.library import Node
from inftool.specs.losses import LossLog
from inftool.specs.prose import clean, words
from inftool.specs.schemas import keywords
from inftool.specs.schemas.inspection import nullable

MAX_DESCRIPTION = 400
_TYPES = frozenset({"string", "integer", "number", "boolean"})
_LIMITS = words("minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum multipleOf")
_PLAIN = (
    words(
        "type title description format enum default example examples pattern deprecated nullable readOnly writeOnly xml externalDocs allowEmptyValue"
    )
    | _LIMITS
)
_OTHER = words("name in required style explode collectionFormat allowReserved")
_KNOWN = _PLAIN | _OTHER
MAX_ENUM = 100


def convert_leaf(node: Node, ledger: LossLog) -> JsonObject | None:
    """The schema at `node` converted, None where it takes the long way."""
    raw = node.value
    kind = raw.get("type")
    if kind.__class__ is not str or kind not in _TYPES:
        return None
    rest = raw.keys() - _KNOWN
    if rest and not all(key.startswith("x-") for key in rest):
        return None
    schema: JsonObject = {}
    for word, limit in (("title", keywords.MAX_TITLE), ("description", MAX_DESCRIPTION)):
        if word in raw and (text := keywords.text(raw[word])):
            schema[word] = short = clean(text, limit)
            if len(short) < len(text) // 2:
                ledger.add("shortened_text", node)
    schema["type"] = kind
    types = [kind]
    if "enum" in raw and (choices := keywords.enum(node, types, ledger)) is not None:
        if len(choices) > MAX_ENUM:
            return None
        schema["enum"] = choices
    if not raw.keys().isdisjoint(_LIMITS):
        schema.update(keywords.numbers(node, ledger))
    if (
        raw.get("pattern") is not None
        and (pattern := keywords.pattern(node, raw["pattern"], ledger)) is not None
    ):
        schema["pattern"] = pattern
    if "format" in raw and isinstance(raw["format"], str) and raw["format"]:
        schema["format"] = raw["format"]
    if raw.get("deprecated") is True:
        schema["deprecated"] = True
    keywords.normalize_keywords(schema, node, ledger)
    if raw.get("nullable") is True or ("x-nullable" in raw and raw["x-nullable"] is True):
        ledger.add("translated", node, "nullable became the type null")
        schema = nullable(schema)
        types = schema["type"]
    if "default" in raw:
        keep, value = keywords.default(node, raw["default"], types, schema.get("enum"), ledger)
        if keep:
            schema["default"] = value
    if (
        "enum" not in schema
        and ("example" in raw or "examples" in raw)
        and (found := keywords.examples(node, types))
    ):
        schema["examples"] = found
    return schema
