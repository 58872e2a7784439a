"""Tools as text: what describes a tool, in words that can be counted and compared."""

from __future__ import annotations

import re
from collections.abc import Mapping

from inftool.core.tools import Tool
from inftool.core.types import Schema
from inftool.core.word_sets import load_word_sets

_BOUNDARY = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_STOP_WORDS = load_word_sets("inftool.toolset", "word_sets.json")["stop_words"]
# What a description is about stands at its beginning; the rest is mostly boilerplate, and a long
# text would drown the name in it.
_DESCRIPTION_CHARACTERS = 600
_PARAMETER_CHARACTERS = 120


def words(text: str) -> list[str]:
    """The words of a text or an identifier in lower case, in the singular, without stop words.

    `listCustomerOrders by-ID` gives `["list", "customer", "order", "id"]`.
    """
    kept = []
    for part in _BOUNDARY.split(text):
        word = part.lower()
        if len(word) < 2 or word in _STOP_WORDS:
            continue
        # "orders" -> "order", "entries" -> "entry"; "status", "class" and "analysis" stay.
        if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
            word = f"{word[:-3]}y" if word.endswith("ies") and len(word) > 4 else word[:-1]
        kept.append(word)
    return kept


def plain_name(name: str) -> str:
    """A name without case and separators: `customerId` and `Customer-ID` give `customerid`."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def properties_of(schema: Schema) -> Mapping[str, object]:
    """The properties that an object schema declares: name -> schema."""
    properties = schema.get("properties")
    return properties if isinstance(properties, dict) else {}


def embedding_text(tool: Tool) -> str:
    """The text that stands for a tool when tools are compared.

    Its name, its summary, its description and its parameters with theirs.
    """
    properties = properties_of(tool.input_schema)
    parameter_names = " ".join(properties)
    parameter_texts = " ".join(
        str(schema.get("description") or "")[:_PARAMETER_CHARACTERS]
        for schema in properties.values()
        if isinstance(schema, dict)
    )
    # The name in the spec: a prefix that only keeps names apart says nothing about the tool.
    # Twice, because the name is the most telling part of the text.
    name = tool.operation or tool.name
    description = tool.description[:_DESCRIPTION_CHARACTERS]
    return f"{name} {name} {tool.summary} {description} {parameter_names} {parameter_texts}"
