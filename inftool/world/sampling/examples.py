"""The examples that a schema gives."""

from __future__ import annotations

from functools import lru_cache

from inftool.core.types import Schema


def examples_of(schema: Schema) -> list[object]:
    """The values that a schema shows, those of `examples` before that of `example`; never null.

    JSON Schema has a list under `examples`; OpenAPI's media types have an object, name ->
    `{"value": ...}`; OpenAPI 3.0 has a single `example`.
    """
    if "example" not in schema and "examples" not in schema:
        return []
    shown = schema.get("examples")
    examples: list[object] = []
    if isinstance(shown, list):
        examples += shown
    elif isinstance(shown, dict):
        for entry in shown.values():
            examples.append(entry.get("value", entry) if isinstance(entry, dict) else entry)
    if "example" in schema:
        examples.append(schema["example"])
    return [example for example in examples if example is not None]


def text_examples(schema: Schema) -> list[str]:
    """The examples of a schema that are non-empty texts."""
    return [item for item in examples_of(schema) if isinstance(item, str) and item]


@lru_cache(maxsize=8192)
def is_code(text: str) -> bool:
    """Whether an example is a code rather than language: "ORD-2024-0001", not "2 red apples".

    Texts that start with four digits are taken for dates, and are not codes.
    """
    return (
        any(char.isdigit() for char in text)
        and " " not in text.strip()
        and "@" not in text
        and "://" not in text
        and len(text) <= 64
        and not text[:4].isdigit()
    )
