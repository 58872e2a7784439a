"""Sampled values taken from the examples that a spec gives."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from inftool.core.types import JsonObject
from inftool.language.identifiers import bag, split
from inftool.world.schema.shape import Shape


def collect_examples(shape: Shape) -> list[Any]:
    """The examples that a shape's schema gives."""
    return examples_of(shape.node)


def examples_of(node: JsonObject) -> list[Any]:
    """The values that a schema shows."""
    if "example" not in node and "examples" not in node:
        return []
    found = list(node["examples"]) if isinstance(node.get("examples"), list) else []
    if isinstance(node.get("examples"), dict):
        found += [
            value.get("value", value) if isinstance(value, dict) else value
            for value in node["examples"].values()
        ]
    if "example" in node:
        found.append(node["example"])
    return [item for item in found if item is not None]


def texts(node: JsonObject) -> list[str]:
    """The examples of a schema that are non-empty texts."""
    return [item for item in examples_of(node) if isinstance(item, str) and item]


@lru_cache(maxsize=8192)
def is_code(text: str) -> bool:
    """Whether an example is a code (letters with digits, no words) rather than language."""
    return (
        any(char.isdigit() for char in text)
        and " " not in text.strip()
        and "@" not in text
        and "://" not in text
        and len(text) <= 64
        and not text[:4].isdigit()
    )


@lru_cache(maxsize=8192)
def temporal(name: str) -> bool:
    """Whether a property's name is that of a moment: `createdAt`, `start_time`, `dueDate`."""
    parts = split(name)
    return bool(parts) and (
        parts[-1] in bag("at date datetime timestamp dob deadline birthday")
        or parts[-2:] in {("start", "time"), ("end", "time"), ("created", "on"), ("updated", "on")}
        or (parts[-1] == "on" and len(parts) > 1)
    )


@lru_cache(maxsize=1)
def plain_keys() -> tuple[str, ...]:
    """Plain words that may serve as the keys of an open map."""
    from inftool.world.lexicon.vocabulary import WORDS

    return tuple(WORDS)
