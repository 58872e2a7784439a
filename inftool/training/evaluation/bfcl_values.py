"""Values as BFCL's Java and JavaScript questions have them: the text of an expression, read by the
type of the doc.

What is no literal of its type stays text, which stands for a variable. Members of a collection are
told apart with their quotes and brackets in view.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Literal

Language = Literal["python", "java", "javascript"]
_NUMBER = r"-?\d+(\.\d+)?([eE][+-]?\d+)?"
_JAVA_LIST = re.compile(
    r"^new\s+ArrayList<[^>]*>\s*\(\s*(?:Arrays\.asList|List\.of)\s*\((.*)\)\s*\)$", re.DOTALL
)
_JAVA_ADDS = re.compile(r"^new\s+ArrayList<[^>]*>\s*\(\s*\)\s*\{\s*\{(.*)\}\s*\}$", re.DOTALL)
_JAVA_NO_LIST = re.compile(r"^new\s+ArrayList<[^>]*>\s*\(\s*\)$")
_JAVA_ARRAY = re.compile(r"^new\s+\w+\s*\[\s*\]\s*\{(.*)\}$", re.DOTALL)
_JAVA_MAP = re.compile(r"^new\s+HashMap<.*?>\s*\(\s*\)\s*(?:\{\s*\{?(.*?)\}?\s*\})?$", re.DOTALL)
_JS_ARRAY = re.compile(r"^(?:\[(.*)\]|new\s+Array\s*\((.*)\))$", re.DOTALL)
_PAIRS = {"(": ")", "[": "]", "{": "}"}

KINDS: dict[Language, dict[str, type]] = {
    "java": {
        **dict.fromkeys(("byte", "short", "integer", "long"), int),
        **dict.fromkeys(("float", "double"), float),
        "boolean": bool,
        **dict.fromkeys(("char", "String", "any"), str),
        **dict.fromkeys(("Array", "ArrayList", "Queue", "Stack"), list),
        **dict.fromkeys(("HashMap", "Hashtable"), dict),
    },
    "javascript": {
        "String": str,
        "integer": int,
        "float": float,
        "Bigint": int,
        "Boolean": bool,
        "dict": dict,
        "array": list,
        "any": str,
    },
}
_SCALARS: dict[Language, dict[str, tuple[str, Callable[[str], Any]]]] = {
    "java": {
        "byte": (r"-?\d+", int),
        "short": (r"-?\d+", int),
        "integer": (r"-?\d+", int),
        "long": (r"-?\d+[lL]", lambda text: int(text[:-1])),
        "float": (_NUMBER + "[fF]", lambda text: float(text[:-1])),
        "double": (_NUMBER, float),
        "boolean": ("true|false", lambda text: text == "true"),
    },
    "javascript": {
        "integer": (r"-?\d+", int),
        "float": (r"-?\d+(\.\d+)?", float),
        "Bigint": (r"-?\d+n", lambda text: int(text[:-1])),
        "Boolean": ("true|false", lambda text: text == "true"),
    },
}


def read_code(text: str, kind: str, inner: str | None, language: Language) -> object:
    """The value of an expression of a type (`inner`: that of its members); the text itself where it
    is no literal of it."""
    if found := _SCALARS.get(language, {}).get(kind):
        pattern, make = found
        return make(text) if re.fullmatch(pattern, text) else text
    if kind == "String" and language == "javascript":
        return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text
    collection = KINDS[language].get(kind)
    if collection is list:
        return _list(text.strip(), kind, inner, language)
    if collection is dict:
        return _java_map(text.strip()) if language == "java" else _js_object(text.strip())
    return text


def _list(text: str, kind: str, inner: str | None, language: Language) -> object:
    if language == "javascript":
        found = _JS_ARRAY.match(text)
        body = None if found is None else found[1] if found[1] is not None else found[2]
    elif kind == "Array":
        body = made[1] if (made := _JAVA_ARRAY.match(text)) else None
    elif adds := _JAVA_ADDS.match(text):
        return [
            _member(item[4:-1].strip(), inner, language)
            for item in _parts(adds[1], ";")
            if item.startswith("add(")
        ]
    else:
        body = (
            made[1]
            if (made := _JAVA_LIST.match(text))
            else ""
            if _JAVA_NO_LIST.match(text)
            else None
        )
    return text if body is None else [_member(item, inner, language) for item in _parts(body, ",")]


def _member(text: str, inner: str | None, language: Language) -> object:
    if inner in (None, "any") or (text[:1] in "\"'" and text[-1:] == text[:1]) or text[:1] in "[{":
        return _loose(text)
    return read_code(text, inner or "any", None, language)


def _java_map(text: str) -> object:
    found = _JAVA_MAP.match(text)
    if found is None:
        return text
    puts = [
        _parts_of(item[4:-1])
        for item in _parts(found[1] or "", ";")
        if item.startswith("put(") and item.endswith(")")
    ]
    return {str(_loose(pair[0])): _loose(pair[1]) for pair in puts if len(pair) == 2}


def _js_object(text: str) -> object:
    if not (text.startswith("{") and text.endswith("}")):
        return text
    pairs = [item.partition(":") for item in _parts(text[1:-1], ",")]
    return {str(_loose(key.strip())): _loose(value.strip()) for key, colon, value in pairs if colon}


def _parts_of(text: str) -> list[str]:
    return list(_parts(text, ","))


def _loose(text: str) -> object:
    """An expression whose type nobody says."""
    if text in ("true", "false"):
        return text == "true"
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    if text.startswith("["):
        return _list(text, "array", None, "javascript")
    if text.startswith("{"):
        return _js_object(text)
    if re.fullmatch(r"-?\d+[lL]?", text):
        return int(text.rstrip("lL"))
    return float(text.rstrip("fF")) if re.fullmatch(_NUMBER + "[fF]?", text) else text


def _parts(text: str, mark: str) -> Iterator[str]:
    """What lies between marks that are outside of quotes and brackets; empty parts are left out."""
    start, closing, quote = 0, list[str](), ""
    for place, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote and text[place - 1] != "\\" else quote
        elif letter in "\"'":
            quote = letter
        elif letter in _PAIRS:
            closing.append(_PAIRS[letter])
        elif closing and letter == closing[-1]:
            closing.pop()
        elif letter == mark and not closing:
            if part := text[start:place].strip():
                yield part
            start = place + 1
    if part := text[start:].strip():
        yield part
