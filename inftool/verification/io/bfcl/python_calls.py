"""Reads BFCL answers that are written as Python calls; nothing is ever run."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Sequence

from inftool.core.errors import VerifyError
from inftool.core.types import JsonObject
from inftool.verification.io.bfcl.function_docs import FunctionDoc

# Gold answers write fractions as they are computed: `rate=1 / 4`.
_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def python_calls(text: str) -> list[tuple[str, JsonObject]]:
    """The calls of Python text such as `[f(a=1), g.h(b='x')]`; VerifyError if it is no such text.

    Arguments without a name are named by their position: "0", "1", and so on. `named` gives them
    the names of a doc.
    """
    source = text.strip().strip("`").removeprefix("python").strip()
    try:
        # Models put real line breaks into strings in single quotes, which Python does not allow.
        tree = ast.parse(source.replace("\n", "\\n"), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise VerifyError(f"no calls can be read out of {text[:80]!r}") from error
    nodes = tree.elts if isinstance(tree, (ast.List, ast.Tuple)) else [tree]
    calls: list[tuple[str, JsonObject]] = []
    for node in nodes:
        if not isinstance(node, ast.Call):
            raise VerifyError(f"no call: {ast.unparse(node)[:80]!r}")
        arguments = {str(position): _literal(item) for position, item in enumerate(node.args)}
        arguments |= {item.arg or "**": _literal(item.value) for item in node.keywords}
        calls.append((ast.unparse(node.func), arguments))
    return calls


def named(
    calls: Sequence[tuple[str, object]], functions: Sequence[FunctionDoc]
) -> list[tuple[str, object]]:
    """The same calls, with arguments that have no name given those of their function's doc."""
    names_of = {function["name"]: _parameter_names(function) for function in functions}
    return [
        (name, _with_names(arguments, names_of.get(name, [])))
        if isinstance(arguments, dict)
        else (name, arguments)
        for name, arguments in calls
    ]


def _parameter_names(function: FunctionDoc) -> list[str]:
    parameters = function.get("parameters")
    properties = parameters.get("properties") if isinstance(parameters, dict) else None
    return list(properties) if isinstance(properties, dict) else []


def _with_names(arguments: dict[str, object], names: Sequence[str]) -> dict[str, object]:
    return {
        names[int(key)] if key.isdigit() and int(key) < len(names) else key: value
        for key, value in arguments.items()
    }


def _number(node: ast.expr) -> float:
    """The value of plain arithmetic on numbers; ValueError for anything else."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
            return node.value
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_number(node.operand)
    elif isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        return _ARITHMETIC[type(node.op)](_number(node.left), _number(node.right))
    raise ValueError("no arithmetic")


def _literal(node: ast.expr) -> object:
    """The JSON value of an argument; a name or an expression stays the text that it is."""
    try:
        if isinstance(node, ast.BinOp):
            return _number(node)
        return _json(ast.literal_eval(node))
    except (ValueError, TypeError, SyntaxError, RecursionError, ArithmeticError):
        return ast.unparse(node)


def _json(value: object) -> object:
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_json(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _json(item) for key, item in value.items()}
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
