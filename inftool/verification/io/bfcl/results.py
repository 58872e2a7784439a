"""What a model did by a line of a BFCL result file: calls, or words."""

from __future__ import annotations

import re

from inftool.core.errors import VerifyError
from inftool.core.types import JsonObject
from inftool.verification.io.bfcl.python_calls import python_calls
from inftool.verification.strict_json import strict_json

# "[get_user(" or "`python get_user(" at the beginning.
_CALL_BEGINS = re.compile(r"^[\s`]*(?:python)?\s*\[?\s*([A-Za-z_][\w.]*)\s*\(")


class BfclWording(str):
    """What a model said in a result, where it called nothing."""


SaidCall = tuple[str, object]
"""A function's name and its arguments; those that cannot be read are the text that they are."""

Said = BfclWording | list[SaidCall]
"""One step of a model: words, or calls that were made together."""


def begins_like_a_call(text: str) -> bool:
    """Whether a text begins as Python calls do."""
    return _CALL_BEGINS.match(text) is not None


def result_turns(result: object) -> list[list[Said]]:
    """What a model did in each turn of a result, step by step.

    Function-calling mode (`[{"name": "<JSON>"}]`) and prompting mode (Python text), one turn or
    many. Arguments that cannot be read are left to the format gate. VerifyError if it is no result.
    """
    if isinstance(result, list) and result and all(isinstance(turn, list) for turn in result):
        return [[said for step in turn for said in _steps(step)] for turn in result]
    return [_steps(result)]


def result_calls(result: object) -> list[tuple[str, JsonObject]]:
    """All calls of a result, turns flattened.

    VerifyError if it holds none, or one that cannot be read.
    """
    calls: list[tuple[str, JsonObject]] = []
    for turn in result_turns(result):
        for said in turn:
            for name, arguments in said if isinstance(said, list) else ():
                if not isinstance(arguments, dict):
                    raise VerifyError(f"the arguments of {name} are no object")
                calls.append((name, arguments))
    if not calls:
        raise VerifyError("no calls in it")
    return calls


def _steps(item: object) -> list[Said]:
    if isinstance(item, str):
        return [_said(item)]
    if isinstance(item, dict):
        return [[(name, _arguments(given)) for name, given in item.items()]]
    if not isinstance(item, list):
        raise VerifyError("a result is text or a list")
    steps: list[Said] = []
    for step in (said for part in item for said in _steps(part)):
        last = steps[-1] if steps else None
        # Calls of one list were made together.
        if isinstance(step, list) and isinstance(last, list):
            steps[-1] = [*last, *step]
        else:
            steps.append(step)
    return steps


def _arguments(given: object) -> object:
    try:
        return strict_json(given) if isinstance(given, str) else given
    except (ValueError, RecursionError):
        return given


def _said(text: str) -> Said:
    """A step's text: Python calls, a broken call where it begins like one, otherwise words."""
    try:
        return [(name, arguments) for name, arguments in python_calls(text)]
    except VerifyError:
        beginning = _CALL_BEGINS.match(text)
        if beginning and text.lstrip(" `\n").startswith("["):
            return [(beginning[1], text)]
        return BfclWording(text)
