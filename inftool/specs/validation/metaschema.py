"""Where a schema breaks the metaschema of JSON Schema 2020-12.

`jsonschema-rs` decides whether a schema compiles, in microseconds, but its error does not say where
the schema is wrong. `jsonschema` does, and is asked only about schemas that were refused.
"""

from __future__ import annotations

import json
from functools import lru_cache

from inftool.core.json_pointer import escape
from inftool.core.types import Schema

# A larger schema is not looked into: it could take a second or more.
MAX_BYTES = 64 * 1024
# Places, and characters a place, that still make a readable line.
MAX_PLACES = 3
MAX_MESSAGE = 160


def describe_faults(schema: Schema | bool) -> str:
    """The places where a schema breaks the metaschema, and how; empty if it does not.

    {"properties": {"size": {"minimum": "3"}}} ->
    "/properties/size/minimum: '3' is not of type 'number'"
    """
    try:
        text = json.dumps(schema)
        return _describe(text) if len(text) <= MAX_BYTES else ""
    except (TypeError, ValueError, RecursionError):
        return ""


@lru_cache(maxsize=256)
def _describe(text: str) -> str:
    # Importing jsonschema takes a tenth of a second, and most runs never see a refused schema.
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError, best_match, by_relevance

    schema = json.loads(text)
    by_place: dict[str, list[ValidationError]] = {}
    # Formats come second: they are checked by the rules of Python, which would blame a good
    # pattern of another dialect.
    for checker in (None, Draft202012Validator.FORMAT_CHECKER):
        metaschema = Draft202012Validator(Draft202012Validator.META_SCHEMA, format_checker=checker)
        for error in metaschema.iter_errors(schema):
            pointer = "".join(f"/{escape(str(token))}" for token in error.absolute_path)
            by_place.setdefault(pointer, []).append(error)
        if by_place:
            break
    # Of "is not one of the types" and "is not a list of types", the first is what was meant.
    relevance = by_relevance(weak=frozenset({"anyOf", "oneOf", "enum"}))
    faults = []
    for pointer in sorted(by_place)[:MAX_PLACES]:
        best = best_match(by_place[pointer], key=relevance)
        faults.append(f"{pointer or 'the schema itself'}: {best.message[:MAX_MESSAGE]}")
    more = len(by_place) - len(faults)
    return "; ".join(faults) + (f"; and {more} more" if more else "")
