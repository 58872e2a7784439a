"""The simple keywords of a schema (types, limits, enums, patterns, defaults) in JSON Schema 2020-12, whatever dialect they were written in."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from inftool.core.types import JsonObject
from inftool.specs.documents.library import Node
from inftool.specs.losses import LossLog
from inftool.specs.schemas.regex import mend

TYPES = frozenset({"string", "integer", "number", "boolean", "object", "array", "null"})
_WORDS: dict[str, tuple[str, str]] = {}
for _type, _words in {
    "string": "str text char character varchar nvarchar bytes url uri uuid guid password email symbol enum byte binary base64 date-time datetime "
    "date time timestamp localdate localdatetime offsetdatetime zoneddatetime instant bigdecimal-string duration key id hex",
    "integer": "int int8 int16 int32 int64 uint uint8 uint16 uint32 uint64 long short bigint biginteger smallint",
    "number": "float float32 float64 double decimal bigdecimal numeric real money currency",
    "boolean": "bool",
    "object": "dict map hash hashmap json struct record dictionary",
    "array": "list tuple set arraylist sequence vector collection iterable",
    "null": "none nil nonetype void",
}.items():
    for _word in _words.split():
        _WORDS[_word] = (_type, "")
for _word, _format in {
    "date-time": "date-time",
    "datetime": "date-time",
    "date": "date",
    "uuid": "uuid",
    "guid": "uuid",
    "uri": "uri",
    "email": "email",
}.items():
    _WORDS[_word] = ("string", _format)
_ANYTHING = frozenset({"any", "mixed", "unknown", "*", "jsonvalue", "value", "undefined"})
_LENGTHS = (
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "minContains",
    "maxContains",
)
_PAIRS = (
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
    ("minimum", "maximum"),
)
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?\Z")
_LARGEST_LENGTH = 2**53
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
MAX_EXAMPLE = 600
MAX_TITLE = 120


def type_names(node: Node, ledger: LossLog) -> tuple[list[str] | None, str]:
    """The types of a schema in the seven words of JSON Schema, and the format that a word implied; None where anything goes."""
    raw = node.value.get("type")
    if raw is None:
        return None, ""
    words = raw if isinstance(raw, list) else _split(raw)
    names: list[str] = []
    form = ""
    for word in words:
        if isinstance(word, str) and word in TYPES:
            name = word
        elif word is None:
            name = "null"
        elif isinstance(word, str):
            lower = word.strip().lower()
            if lower in _ANYTHING:
                ledger.add("type_word", node, f"type {word!r} was read as: any type")
                return None, ""
            if lower == "file":
                name, form = "string", "binary"
            elif lower in TYPES:
                name = lower
            elif lower in _WORDS or lower.rstrip("[]") in _WORDS or "[" in lower or "<" in lower:
                name, form = _WORDS.get(
                    lower,
                    (
                        "array"
                        if lower.endswith("[]") or lower.startswith(("list", "array", "set"))
                        else "object",
                        "",
                    ),
                )
            else:
                ledger.add("unknown_type", node, f"type {_short(word)} is unknown and was left out")
                continue
            if lower != "file":
                ledger.add("type_word", node, f"type {_short(word)} was read as {name}")
        else:
            ledger.add("unknown_type", node, f"type {_short(word)} is no type and was left out")
            continue
        if name not in names:
            names.append(name)
    return names or None, form


def _split(raw: Any) -> list[Any]:
    if (
        isinstance(raw, str)
        and raw not in TYPES
        and re.fullmatch(r"\s*\w+(?:\s*[|,]\s*\w+)+\s*", raw)
    ):
        return re.split(r"\s*[|,]\s*", raw.strip())
    return [raw]


def numbers(node: Node, ledger: LossLog) -> JsonObject:
    """The limits of a schema: lengths, counts, minimum, maximum, multipleOf."""
    raw = node.value
    found: JsonObject = {}
    for word in _LENGTHS:
        if (value := raw.get(word)) is not None:
            number = _number(value)
            if number is None or number < 0 or number != int(number) or number > _LARGEST_LENGTH:
                ledger.add(
                    "bad_keyword",
                    node,
                    f"{word}: {_short(value)} is no count and was left out",
                    subject=word,
                )
            elif not (word.startswith("min") and number == 0):
                found[word] = int(number)
    for word in ("minimum", "maximum", "multipleOf"):
        if (value := raw.get(word)) is not None:
            number = _number(value)
            if number is None or (word == "multipleOf" and number <= 0):
                ledger.add(
                    "bad_keyword",
                    node,
                    f"{word}: {_short(value)} is no number and was left out",
                    subject=word,
                )
            else:
                found[word] = number
    for word, plain in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        value = raw.get(word)
        if value is None:
            continue
        if isinstance(value, bool):
            ledger.add("translated", node, f"boolean {word} became a number")
            if value and plain in found:
                found[word] = found.pop(plain)
        elif (number := _number(value)) is not None:
            found[word] = number
        else:
            ledger.add(
                "bad_keyword",
                node,
                f"{word}: {_short(value)} is no number and was left out",
                subject=word,
            )
    return found


def normalize_keywords(schema: JsonObject, node: Node, ledger: LossLog) -> None:
    """Take out pairs of limits that nothing can meet."""
    for low, high in _PAIRS:
        if low in schema and high in schema and schema[low] > schema[high]:
            ledger.add(
                "contradiction",
                node,
                f"{low} {schema[low]} is above {high} {schema[high]}, both were left out",
                subject=low,
            )
            del schema[low], schema[high]


def pattern(node: Node, value: Any, ledger: LossLog) -> str | None:
    """A pattern that every validator reads, None where there is none to be had."""
    if not isinstance(value, str):
        ledger.add(
            "bad_pattern",
            node,
            f"pattern {_short(value)} is no string and was left out",
            subject=str(value)[:50],
        )
        return None
    mended = mend(value)
    if mended is None:
        ledger.add(
            "bad_pattern",
            node,
            f"pattern {_short(value)} is no valid regular expression and was left out",
            subject=value[:200],
        )
    elif mended != value:
        ledger.add(
            "mended_pattern",
            node,
            f"pattern {_short(value)} was written as {_short(mended)}",
            subject=value[:200],
        )
    return mended


def identity(value: Any) -> str:
    """What tells JSON values apart: 1 and 1.0 are one, 1 and true are two."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return json.dumps(value, sort_keys=True)


def fits(value: Any, types: list[str] | None) -> bool:
    """Whether a value is of one of the types."""
    if types is None:
        return True
    if value is None:
        return "null" in types
    if isinstance(value, bool):
        return "boolean" in types
    if isinstance(value, int):
        return "integer" in types or "number" in types
    if isinstance(value, float):
        return math.isfinite(value) and (
            "number" in types or ("integer" in types and value.is_integer())
        )
    if isinstance(value, str):
        return "string" in types
    return ("array" if isinstance(value, list) else "object") in types


def coerce(value: Any, types: list[str] | None) -> Any:
    """The value as one of the types where only its spelling is off (200 for "200", "true" for true); itself otherwise."""
    if fits(value, types) or types is None:
        return value
    if "string" in types and isinstance(value, (bool, int, float)):
        return json.dumps(value)
    if isinstance(value, str):
        if "boolean" in types and value.lower() in {"true", "false"}:
            return value.lower() == "true"
        number = _number(value)
        if number is not None and fits(number, types):
            return number
    return value


def enum(node: Node, types: list[str] | None, ledger: LossLog) -> list[Any] | None:
    """The enum of a schema: each value once, each of the schema's type; None where there is none left to choose from."""
    raw = node.value.get("enum")
    if raw is None and "enum" not in node.value:
        return None
    if not isinstance(raw, list) or not raw:
        ledger.add(
            "bad_enum",
            node,
            f"enum is {'empty' if raw in ([], None) else type(raw).__name__} and was left out",
        )
        return None
    values: dict[str, Any] = {}
    refused = changed = 0
    for value in raw:
        if (isinstance(value, float) and not math.isfinite(value)) or refers(value):
            refused += 1
            continue
        better = coerce(value, types)
        changed += better is not value
        if not fits(better, types) and value is not None:
            refused += 1
            continue
        values.setdefault(identity(better), better)
    if not values:
        ledger.add(
            "bad_enum",
            node,
            f"no value of enum is of type {' or '.join(types or [])}, the enum was left out",
        )
        return None
    if refused or changed:
        parts = [f"{changed} values were written as {' or '.join(types or [])}"] * bool(changed) + [
            f"{refused} values of another type were left out"
        ] * bool(refused)
        ledger.add("bad_enum", node, f"enum: {', '.join(parts)}")
    return list(values.values())


def default(
    node: Node, value: Any, types: list[str] | None, choices: list[Any] | None, ledger: LossLog
) -> tuple[bool, Any]:
    """Whether the default can be kept, and as what."""
    value = coerce(value, types)
    if not fits(value, types) or (
        choices is not None and identity(value) not in {identity(choice) for choice in choices}
    ):
        if value is not None:
            ledger.add(
                "bad_default",
                node,
                f"default {_short(value)} does not fit its own schema and was left out",
            )
        return False, None
    if (isinstance(value, float) and not math.isfinite(value)) or refers(value):
        return False, None
    return size(value) <= MAX_EXAMPLE * 4, value


def examples(node: Node, types: list[str] | None) -> list[Any]:
    """Up to three small examples that are of the schema's type."""
    raw = node.value
    given = raw.get("examples")
    found = list(given) if isinstance(given, list) else []
    if isinstance(given, dict):
        found = [
            entry["value"] if isinstance(entry, dict) and "value" in entry else entry
            for entry in given.values()
        ]
    if "example" in raw:
        found.insert(0, raw["example"])
    kept: dict[str, Any] = {}
    for value in found[:20]:
        value = coerce(value, types)
        # An example that is a reference stands for a file of its own; here it would read as a reference of the schema.
        if (
            value is not None
            and fits(value, types)
            and size(value) <= MAX_EXAMPLE
            and not refers(value)
        ):
            kept.setdefault(identity(value), value)
    return list(kept.values())[:3]


def refers(value: Any) -> bool:
    """Whether a value holds something that reads as a reference, which inside a schema would be taken for one of its own."""
    if isinstance(value, dict):
        return "$ref" in value or any(map(refers, value.values()))
    return isinstance(value, list) and any(map(refers, value))


def size(value: Any) -> int:
    """The length of a value as compact JSON, in bytes. Raises RecursionError on deep nesting."""
    text = _encode(value)
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def text(value: Any) -> str:
    """Prose that may have been written as a number or a list of lines."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "\n".join(value)
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else ""


def _number(value: Any) -> int | float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and len(value) < 50 and _NUMBER.match(value.strip()):
        number = float(value)
        return int(value) if value.strip().lstrip("+-").isdecimal() else number
    if isinstance(value, int):
        return value if abs(value) < 10**300 else None
    if isinstance(value, float) and math.isfinite(value):
        return value
    return None


def _short(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:77] + "..."
