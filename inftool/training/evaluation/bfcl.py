"""BFCL's answer files, read straight into an evaluator of our own, by BFCL's published rules.

A call is right when every argument is one of its acceptable values, in a type that the doc allows;
calls are paired by maximum matching. Text compares without letter case, spaces and the characters
, . / - _ * ^. In Java and JavaScript questions every argument is the text of an expression. In the
categories of `RELEVANCE` any call is right, or none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from inftool.core.errors import UsageError
from inftool.core.types import JsonObject, Record
from inftool.training.evaluation.bfcl_values import KINDS, Language, read_code
from inftool.training.rewards.pairing import assign
from inftool.verification.io.bfcl.data import read_lines

CATEGORIES = (
    "simple_python",
    "multiple",
    "parallel",
    "parallel_multiple",
    "live_simple",
    "live_multiple",
    "live_parallel",
    "live_parallel_multiple",
    "simple_java",
    "simple_javascript",
)
RELEVANCE = ("irrelevance", "live_irrelevance", "live_relevance")
_MARKS = re.compile(r"[ ,./\-_*^]")
_KINDS: dict[str, type] = {
    "string": str,
    "integer": int,
    "float": float,
    "boolean": bool,
    "array": list,
    "tuple": list,
    "dict": dict,
    "any": str,
}
# BFCL writes this among the acceptable values of an argument that may be left out.
_OMITTED = ""
_NOTHING = object()

BfclCall = tuple[str, JsonObject]


class BfclCase(Record):
    """One question: its function docs, and for each wanted call the acceptable values of its
    arguments (`{function: {argument: [values]}}`).

    `relevant`: whether any call (True) or none (False) is right, where there is no more to it.
    """

    id: str
    question: tuple[Any, ...]
    functions: tuple[JsonObject, ...]
    answers: tuple[JsonObject, ...]
    language: Language = "python"
    relevant: bool | None = None


def read_cases(folder: Path, category: str) -> Iterator[BfclCase]:
    """The questions of a category with their answers; UsageError where the files are not there."""
    questions = next(iter(sorted(folder.glob(f"BFCL_v*_{category}.json"))), None)
    if questions is not None and category in RELEVANCE:
        for row in read_lines(questions):
            yield BfclCase(
                id=row["id"],
                question=tuple(row["question"]),
                functions=tuple(row["function"]),
                answers=(),
                relevant="irr" not in category,
            )
        return
    language: Language = (
        "java"
        if category.endswith("java")
        else "javascript"
        if category.endswith("javascript")
        else "python"
    )
    answers = folder / "possible_answer" / questions.name if questions else None
    if questions is None or answers is None or not answers.is_file():
        raise UsageError(
            f"{folder} holds no BFCL category {category!r}",
            hint=f"there are: {', '.join(CATEGORIES)}",
        )
    known = {row["id"]: row["ground_truth"] for row in read_lines(answers)}
    for row in read_lines(questions):
        if row["id"] in known:
            yield BfclCase(
                id=row["id"],
                question=tuple(row["question"]),
                functions=tuple(row["function"]),
                answers=tuple(known[row["id"]]),
                language=language,
            )


def is_exact(case: BfclCase, calls: Sequence[BfclCall]) -> bool:
    """Whether calls are what a question wants, in any order."""
    if case.relevant is not None:
        return bool(calls) is case.relevant
    if len(calls) != len(case.answers):
        return False
    docs = {function["name"]: function for function in case.functions}
    right = [
        [_fits(call, answer, docs, case.language) for call in calls] for answer in case.answers
    ]
    paired = assign([[float(fits) for fits in row] for row in right])
    return all(column is not None and right[row][column] for row, column in enumerate(paired))


def _fits(
    call: BfclCall, answer: JsonObject, docs: Mapping[str, JsonObject], language: Language
) -> bool:
    ((name, wanted),) = answer.items()
    given = call[1]
    if call[0] != name or name not in docs:
        return False
    schema = docs[name]["parameters"]
    properties = schema["properties"]
    if not all(key in given for key in schema.get("required", ())):
        return False
    if not all(key in properties and key in wanted for key in given):
        return False
    if not all(key in given or _OMITTED in accepted for key, accepted in wanted.items()):
        return False
    if language == "python":
        return all(
            _right(value, wanted[key], properties[key], _KINDS) for key, value in given.items()
        )
    return all(
        isinstance(value, str)
        and _right(
            _read(value, properties[key], language), wanted[key], properties[key], KINDS[language]
        )
        for key, value in given.items()
    )


def _read(text: str, schema: JsonObject, language: Language) -> object:
    return read_code(text, schema["type"], (schema.get("items") or {}).get("type"), language)


def _right(
    value: Any, accepted: Sequence[Any], schema: JsonObject, kinds: Mapping[str, type]
) -> bool:
    kind: Any = kinds[schema["type"]]
    inner: Any = kinds[schema["items"]["type"]] if kind is list and "items" in schema else None
    value = float(value) if kind is float and type(value) is int else value
    # null may be an acceptable value, so what is not there at all is something else.
    first = next((option for option in accepted if option != _OMITTED), _NOTHING)
    if type(value) is not kind:
        # A variable in place of a value is written as the answer writes it.
        return type(value) is type(first) and value in accepted
    if inner is not None and not any(
        _typed(value, option, inner) for option in accepted if isinstance(option, list)
    ):
        return False
    if first is not _NOTHING and type(first) is not kind:
        return value in accepted
    if kind is dict:
        return any(_object(value, option) for option in accepted if option != _OMITTED)
    if inner is dict:
        return any(
            len(value) == len(option) and all(map(_object, value, option))
            for option in accepted
            if isinstance(option, list)
        )
    if kind is str:
        return plain(value) in [plain(option) for option in accepted if isinstance(option, str)]
    if kind is list:
        return [_standard(item) for item in value] in [
            [_standard(item) for item in option] for option in accepted
        ]
    return value in accepted


def _typed(value: Sequence[Any], option: Sequence[Any], kind: Any) -> bool:
    """Whether the members of a list are of the doc's type, or else of the type that the answer's
    first member has."""
    first = next((item for item in option if item != _OMITTED), _NOTHING)
    return all(type(item) is kind or type(item) is type(first) for item in value)


def _object(value: JsonObject, option: Mapping[str, Sequence[Any]]) -> bool:
    known = all(
        key in option and _standard(item) in [_standard(other) for other in option[key]]
        for key, item in value.items()
    )
    return known and all(key in value or _OMITTED in accepted for key, accepted in option.items())


def _standard(value: Any) -> object:
    return plain(value) if isinstance(value, str) else value


def plain(text: str) -> str:
    """A text as BFCL compares it."""
    return _MARKS.sub("", text).lower().replace("'", '"')
