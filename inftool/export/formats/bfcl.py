"""BFCL's own files: questions with functions in its dialect of JSON Schema, and the acceptable answers beside them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inftool.core.types import JsonObject
from inftool.export.formats.single_request import request
from inftool.export.sample import Format, Sample, functions

_THEIRS = {"object": "dict", "number": "float"}
_OURS = {theirs: ours for ours, theirs in _THEIRS.items()}


def rows(sample: Sample) -> Iterator[tuple[str, JsonObject]]:
    """A line in each of two files: `questions` and `answers`."""
    asked = request(sample)
    tools = [
        {**tool, "parameters": _renamed(tool["parameters"], _THEIRS)} for tool in functions(sample)
    ]
    yield "questions", {"id": sample.id, "question": [asked.prompt], "function": tools}
    yield (
        "answers",
        {
            "id": sample.id,
            "ground_truth": [{call["name"]: _values(call["arguments"])} for call in asked.calls],
        },
    )


def _renamed(schema: Any, names: dict[str, str]) -> Any:
    if isinstance(schema, list):
        return [_renamed(item, names) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _type(value, names) if key == "type" else _renamed(value, names)
        for key, value in schema.items()
    }


def _type(value: Any, names: dict[str, str]) -> Any:
    # A property may itself be called `type`: then its value is a schema.
    if isinstance(value, dict):
        return _renamed(value, names)
    return (
        [names.get(item, item) for item in value]
        if isinstance(value, list)
        else names.get(value, value)
    )


def _accepted(arguments: JsonObject) -> JsonObject:
    return {key: [_values(value)] for key, value in arguments.items()}


def _values(value: Any) -> Any:
    if isinstance(value, dict):
        return _accepted(value)
    return [_values(item) for item in value] if isinstance(value, list) else value


def _taken(accepted: JsonObject) -> JsonObject:
    return {key: _untaken(values[0]) for key, values in accepted.items()}


def _untaken(value: Any) -> Any:
    if isinstance(value, dict):
        return _taken(value)
    return [_untaken(item) for item in value] if isinstance(value, list) else value


def back(file: str, row: JsonObject) -> Any:
    """The question with its functions, or the calls."""
    if file == "questions":
        tools = [
            {**tool, "parameters": _renamed(tool["parameters"], _OURS)} for tool in row["function"]
        ]
        return [row["id"], row["question"][0], tools]
    return [
        row["id"],
        [[name, _taken(given)] for call in row["ground_truth"] for name, given in call.items()],
    ]


def said(sample: Sample) -> Iterator[Any]:
    """Everything of a single request."""
    asked = request(sample)
    yield [sample.id, asked.prompt, functions(sample)]
    yield [sample.id, [[call["name"], call["arguments"]] for call in asked.calls]]


FORMAT = Format("bfcl", "bfcl-eval (single requests)", rows, back, said)
