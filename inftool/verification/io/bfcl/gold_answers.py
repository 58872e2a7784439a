"""BFCL's published gold answers as calls."""

from __future__ import annotations

from collections.abc import Sequence

from inftool.core.types import JsonObject
from inftool.verification.io.bfcl.function_docs import Fits
from inftool.verification.io.bfcl.python_calls import python_calls
from inftool.verification.io.bfcl.results import BfclWording, Said, begins_like_a_call

OMITTED = object()
"""Among the acceptable values of an argument: it may be left out."""

# An object with three alternatives at each of five members has 243 values. One of the first few is
# always what the doc allows, so the rest are not made.
_MAX_VALUES = 64


def acceptable(alternatives: object) -> list[object]:
    """The values that a gold answer accepts for one argument, and `OMITTED` if it may be left out.

    BFCL writes an empty string among the alternatives for that: ["a", ""] -> ["a", OMITTED].
    """
    options = alternatives if isinstance(alternatives, list) else [alternatives]
    values: list[object] = []
    for option in options:
        if option != "":
            values += _values(option)
    # Alone, an empty string may be meant as one; whether it can be is for the doc to say.
    if options == [""]:
        values.append("")
    if "" in options:
        values.append(OMITTED)
    return values


def _values(value: object) -> list[object]:
    """The values that an object with alternatives at its members stands for.

    {"a": [1, 2]} -> [{"a": 1}, {"a": 2}]; anything else stands for itself. At most `_MAX_VALUES`.
    """
    if isinstance(value, dict):
        objects: list[dict[str, object]] = [{}]
        for key, alternatives in value.items():
            options = acceptable(alternatives) or [OMITTED]
            objects = [
                made if option is OMITTED else {**made, key: option}
                for made in objects
                for option in options
            ][:_MAX_VALUES]
        return list(objects)
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        rows: list[list[object]] = [[]]
        for item in value:
            rows = [[*row, option] for row in rows for option in _values(item)][:_MAX_VALUES]
        return list(rows)
    return [value]


def _fits_always(name: str, arguments: object) -> bool:
    return True


def gold_calls(
    ground_truth: Sequence[object], fits: Fits = _fits_always
) -> list[tuple[str, JsonObject]]:
    """The calls of a gold answer, turns flattened.

    It is a list of `{"function": {"argument": [alternatives]}}`, or of Python calls as text. Of
    several acceptable values of an argument the first is taken that `fits` says the doc allows,
    asked with this argument alone.
    """
    calls: list[tuple[str, JsonObject]] = []
    for entry in ground_truth:
        if isinstance(entry, list):
            calls += gold_calls(entry, fits)
        elif isinstance(entry, str):
            calls += python_calls(entry)
        elif isinstance(entry, dict):
            calls += [(name, _chosen(name, members, fits)) for name, members in entry.items()]
        else:
            raise TypeError(f"a gold answer of type {type(entry).__name__}")
    return calls


def _chosen(name: str, alternatives: JsonObject, fits: Fits) -> JsonObject:
    """The arguments of a gold call, one of the acceptable values for each."""
    arguments: JsonObject = {}
    for key, options in alternatives.items():
        values = acceptable(options)
        allowed = (value for value in values if value is OMITTED or fits(name, {key: value}))
        value = next(allowed, values[0] if values else OMITTED)
        if value is not OMITTED:
            arguments[key] = value
    return arguments


def gold_turns(ground_truth: object, fits: Fits = _fits_always) -> list[list[Said]]:
    """A gold answer turn by turn.

    Where it is words (memory, web search), those are what the assistant is to say.
    """
    if isinstance(ground_truth, list):
        entries = ground_truth
    else:
        entries = [ground_truth] if ground_truth else []
    if entries and all(isinstance(entry, list) for entry in entries):
        turns = [gold_calls(entry, fits) for entry in entries]
        return [[list(calls)] if calls else [] for calls in turns]
    if entries and all(
        isinstance(entry, str) and not begins_like_a_call(entry) for entry in entries
    ):
        return [[BfclWording(entries[0])]]
    calls = gold_calls(entries, fits)
    return [[list(calls)]] if calls else []
