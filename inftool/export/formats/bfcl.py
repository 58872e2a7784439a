"""BFCL's own files: questions with functions, and the acceptable answers in a second file.

Functions are written in BFCL's dialect of JSON Schema (`dict` for objects, `float` for numbers).
"""

from __future__ import annotations

from collections.abc import Iterator

from inftool.core.types import JsonObject
from inftool.export.formats.single_request import request
from inftool.export.sample import Format, Row, Sample, functions

# BFCL's dialect: the type of an object is `dict`, that of a number `float`. `tuple` occurs in its
# Python questions only and is never written.
_THEIRS = {"object": "dict", "number": "float"}
_OURS = {theirs: ours for ours, theirs in _THEIRS.items()}


def rows(sample: Sample) -> Iterator[tuple[str, Row]]:
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


def _renamed(schema: object, names: dict[str, str]) -> object:
    if isinstance(schema, list):
        return [_renamed(item, names) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _type(value, names) if key == "type" else _renamed(value, names)
        for key, value in schema.items()
    }


def _type(value: object, names: dict[str, str]) -> object:
    # A property may itself be called `type`: then its value is a schema.
    if isinstance(value, dict):
        return _renamed(value, names)
    if isinstance(value, list):
        return [names.get(item, item) for item in value]
    return names.get(value, value) if isinstance(value, str) else value


# BFCL lists the acceptable values of each argument, also inside objects. The executed value is the
# only one that is known to be right.
def _accepted(arguments: JsonObject) -> JsonObject:
    return {key: [_values(value)] for key, value in arguments.items()}


def _values(value: object) -> object:
    if isinstance(value, dict):
        return _accepted(value)
    return [_values(item) for item in value] if isinstance(value, list) else value


def _taken(accepted: JsonObject) -> JsonObject:
    return {key: _untaken(values[0]) for key, values in accepted.items()}


def _untaken(value: object) -> object:
    if isinstance(value, dict):
        return _taken(value)
    return [_untaken(item) for item in value] if isinstance(value, list) else value


def back(file: str, row: JsonObject) -> object:
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


def said(sample: Sample) -> Iterator[object]:
    """Everything of a single request."""
    asked = request(sample)
    yield [sample.id, asked.prompt, functions(sample)]
    yield [sample.id, [[call["name"], call["arguments"]] for call in asked.calls]]


FORMAT = Format("bfcl", "bfcl-eval (single requests)", rows, back, said)
