"""Reads BFCL answers that are written as Python calls."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Sequence
from typing import Any

from inftool.core.errors import VerifyError
from inftool.core.types import JsonObject


def python_calls(text: str) -> list[tuple[str, JsonObject]]:
    """The calls of Python text such as `[f(a=1), g.h(b='x')]`; nothing is run. VerifyError where it is no such text.

    Arguments without a name are named by their place: "0", "1", …; `named` gives them the names of a doc.
    """
    try:
        # Texts with real line breaks in them stand in single quotes all the same.
        tree = ast.parse(
            text.strip().strip("`").removeprefix("python").strip().replace("\n", "\\n"), mode="eval"
        ).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise VerifyError(f"no calls can be read out of {text[:80]!r}") from error
    nodes = tree.elts if isinstance(tree, (ast.List, ast.Tuple)) else [tree]
    calls: list[tuple[str, JsonObject]] = []
    for node in nodes:
        if not isinstance(node, ast.Call):
            raise VerifyError(f"no call: {ast.unparse(node)[:80]!r}")
        arguments = {str(place): _literal(item) for place, item in enumerate(node.args)}
        arguments |= {item.arg or "**": _literal(item.value) for item in node.keywords}
        calls.append((ast.unparse(node.func), arguments))
    return calls


_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def _number(node: ast.expr) -> float:
    """The value of plain arithmetic on numbers; ValueError for anything else."""
    if (
        isinstance(node, ast.Constant)
        and isinstance(node.value, (int, float))
        and not isinstance(node.value, bool)
    ):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_number(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        return _ARITHMETIC[type(node.op)](_number(node.left), _number(node.right))  # type: ignore[no-any-return]
    raise ValueError("no arithmetic")


def _literal(node: ast.expr) -> Any:
    try:
        if isinstance(node, ast.BinOp):
            return _number(node)
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, ArithmeticError):
        # A name or an expression: the model's own words, kept as text.
        return ast.unparse(node)
    return _json(value)


def _json(value: Any) -> Any:
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_json(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _json(item) for key, item in value.items()}
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def named(
    calls: Sequence[tuple[str, Any]], functions: Sequence[JsonObject]
) -> list[tuple[str, Any]]:
    """The same calls with the arguments that have no name given those of their function's doc, in order."""
    order = {
        function["name"]: list((function.get("parameters") or {}).get("properties") or {})
        for function in functions
    }
    found: list[tuple[str, Any]] = []
    for name, arguments in calls:
        if not isinstance(arguments, dict):
            found.append((name, arguments))
            continue
        names = order.get(name, [])
        found.append(
            (
                name,
                {
                    names[int(key)] if key.isdigit() and int(key) < len(names) else key: value
                    for key, value in arguments.items()
                },
            )
        )
    return found
