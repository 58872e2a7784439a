"""Regular expressions as people write them in specs -> ones that mean the same in ECMA, Python and Rust."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache

import jsonschema_rs

MAX_PATTERN = 4_000
# JSON Schema has no flags and Python has no Unicode categories: the letters of \p{L} become the ranges that hold nearly all of them.
_LETTERS = "a-zA-Z\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u1fff\u2c00-\ud7ff\uf900-\ufdff\ufe70-\ufefe"
_CATEGORIES = {
    "L": _LETTERS,
    "Lu": "A-Z\u00c0-\u00d6\u00d8-\u00de\u0391-\u03a9\u0410-\u042f",
    "Ll": "a-z\u00df-\u00f6\u00f8-\u00ff\u03b1-\u03c9\u0430-\u044f",
    "M": "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f",
    "N": "0-9\u00b2\u00b3\u00b9\u00bc-\u00be\u0660-\u0669",
    "Nd": "0-9\u0660-\u0669",
    "P": "!-#%-*,-/:;?@\\[-\\]_{}\u00a1\u00a7\u00ab\u00b6\u00b7\u00bb\u00bf\u2010-\u2027\u2030-\u205e",
    "S": "$+<->^`|~\u00a2-\u00a9\u00ac\u00ae-\u00b1\u00b4\u00d7\u00f7\u20a0-\u20bf\u2100-\u2bff",
    "Z": " \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
    "Zs": " \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000",
    "IsCyrillic": "\u0400-\u04ff",
    "IsGreek": "\u0370-\u03ff",
    "IsLatin": _LETTERS,
}
_CATEGORIES |= {
    "Alpha": "a-zA-Z",
    "Alnum": "a-zA-Z0-9",
    "Digit": "0-9",
    "Upper": "A-Z",
    "Lower": "a-z",
    "Space": "\\s",
    "Punct": "!-/:-@\\[-`{-~",
    "XDigit": "0-9a-fA-F",
}
_CATEGORIES |= {
    "ASCII": "\\x00-\\x7f",
    "Letter": _LETTERS,
    "IsAlphabetic": _LETTERS,
    "Alphabetic": _LETTERS,
    "Cc": "\\x00-\\x1f\\x7f-\\x9f",
    "C": "\\x00-\\x1f\\x7f-\\x9f",
}
_POSIX = {
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "alnum": "a-zA-Z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": "\\s",
    "word": "\\w",
    "punct": "!-/:-@\\[-`{-~",
    "xdigit": "0-9a-fA-F",
}
_DELIMITED = re.compile(r"/(.*)/([a-z]*)\Z", re.DOTALL)
_PROPERTY = re.compile(r"\\([pP])(?:\{\^?(?:[A-Za-z_]+=)?([A-Za-z_]+)\}|([A-Z]))")
_POSIX_CLASS = re.compile(r"\[:(\^?)([a-z]+):\]")
_FLAGS = re.compile(r"\(\?([a-zA-Z]+)\)")
_HEX = re.compile(r"\\[xu]\{([0-9a-fA-F]{1,6})\}")
# What a backslash may stand before in all three; before other punctuation it is noise, before other letters an error.
_ESCAPES = frozenset("dDwWsSbBnrtfv0xu\\^$.|?*+()[]{}/-")
_NO_CLASS = frozenset({"b", "B"})


@lru_cache(maxsize=8192)
def mend(pattern: str) -> str | None:
    """The pattern as ECMA, Python and Rust all read it, itself where nothing is wrong, None where it cannot be had."""
    if len(pattern) > MAX_PATTERN:
        return None
    if compiles(pattern) and not _foreign(pattern):
        return pattern
    mended = _rewrite(pattern)
    return mended if mended is not None and compiles(mended) else None


def compiles(pattern: str) -> bool:
    """Whether both validators take the pattern without a word."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(pattern)
        jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except (re.error, FutureWarning, DeprecationWarning, OverflowError, RecursionError, ValueError):
        return False
    return True


def _foreign(pattern: str) -> bool:
    """Whether the pattern compiles but is not ECMA's, or means something else there."""
    if _DELIMITED.match(pattern) and len(pattern) > 2:
        return True
    return any(
        mark in pattern
        for mark in (
            "(?P<",
            "(?#",
            "\\A",
            "\\Z",
            "\\z",
            "[:",
            "(?i",
            "(?s",
            "(?m",
            "(?x",
            "(?u",
            "(?>",
            "++",
            "*+",
            "?+",
            "}+",
        )
    )


def _rewrite(pattern: str) -> str | None:
    flags = ""
    if (delimited := _DELIMITED.match(pattern)) and len(pattern) > 2:
        pattern, flags = delimited.group(1), delimited.group(2)
    while found := _FLAGS.match(pattern.removeprefix("^")):
        flags += found.group(1)
        pattern = pattern.replace(found.group(0), "", 1)
    out: list[str] = []
    at, in_class, ignore_case = 0, False, "i" in flags
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            text, at = _escape(pattern, at, in_class)
            if text is None:
                return None
            out.append(text)
            continue
        if in_class:
            text, at, in_class = _inside(pattern, at, ignore_case)
        elif char == "[":
            text, at, in_class = _opening(pattern, at)
        elif pattern.startswith("(?P<", at) or (
            pattern.startswith("(?<", at) and pattern[at + 3 : at + 4] not in {"=", "!"}
        ):
            end = pattern.find(">", at)
            if end < 0:
                return None
            text, at = "(", end + 1
        elif pattern.startswith("(?>", at):
            text, at = "(?:", at + 3
        elif pattern.startswith("(?#", at):
            end = pattern.find(")", at)
            text, at = "", (end + 1 if end > 0 else len(pattern))
        elif char in "*+?}" and pattern[at + 1 : at + 2] == "+":
            text, at = char, at + 2
        else:
            text = (
                f"[{char.lower()}{char.upper()}]"
                if ignore_case and char.isascii() and char.isalpha()
                else char
            )
            at += 1
        out.append(text)
    return "".join(out)


def _opening(pattern: str, at: int) -> tuple[str, int, bool]:
    """The start of a class; a `]` right behind it is a member in POSIX and Python, and the end in ECMA."""
    text, at = ("[^", at + 2) if pattern.startswith("[^", at) else ("[", at + 1)
    if pattern[at : at + 1] == "]" and "]" in pattern[at + 1 :]:
        return text + "\\]", at + 1, True
    return text, at, True


def _inside(pattern: str, at: int, ignore_case: bool) -> tuple[str, int, bool]:
    char = pattern[at]
    if char == "]":
        return "]", at + 1, False
    if posix := _POSIX_CLASS.match(pattern, at):
        return _POSIX.get(posix.group(2), "\\w"), posix.end(), True
    if char == "[":
        return "\\[", at + 1, True
    if char == "-":
        before, after = pattern[at - 1], pattern[at + 1 : at + 2]
        # `[\w-.]` means a hyphen to everyone, but only some say so.
        shorthand = (pattern[at - 2 : at - 1] == "\\" and before in "dDwWsS") or (
            after == "\\" and pattern[at + 2 : at + 3] in set("dDwWsSpP")
        )
        if shorthand or after in {"]", "-"} or before in {"[", "^"}:
            return "\\-", at + 1, True
        return "-", at + 1, True
    if char in "&~|" and pattern[at + 1 : at + 2] == char:
        return "\\" + char if char == "|" else f"\\x{ord(char):02x}", at + 1, True
    if ignore_case and char.isascii() and char.isalpha():
        if (
            pattern[at + 1 : at + 2] == "-"
            and pattern[at + 2 : at + 3].isascii()
            and pattern[at + 2 : at + 3].isalpha()
        ):
            low, high = char, pattern[at + 2]
            return f"{low.lower()}-{high.lower()}{low.upper()}-{high.upper()}", at + 3, True
        return f"{char.lower()}{char.upper()}", at + 1, True
    return char, at + 1, True


def _escape(pattern: str, at: int, in_class: bool) -> tuple[str | None, int]:
    """One escape as all three read it, and where it ends; None where there is no such thing."""
    following = pattern[at + 1 : at + 2]
    if not following:
        return None, at
    if found := _PROPERTY.match(pattern, at):
        return _category(found, in_class), found.end()
    if found := _HEX.match(pattern, at):
        value = int(found.group(1), 16)
        return (
            re.escape(chr(value)) if value < 0x110000 and not 0xD800 <= value < 0xE000 else None
        ), found.end()
    if following in "AZzG" and not in_class:
        return ("^" if following in "AG" else "$"), at + 2
    if following in "hR":
        return ("\\t " if in_class else "[\\t ]") if following == "h" else "\\s", at + 2
    if following == "e":
        return "\\x1b", at + 2
    if following == "Q" and (end := pattern.find("\\E", at)) > 0:
        return re.escape(pattern[at + 2 : end]), end + 2
    if following.isdigit() and following != "0":
        return "\\" + following, at + 2
    if following in _ESCAPES:
        if in_class and following == "b":
            return "\\x08", at + 2
        return "\\" + following, at + 2
    if following.isascii() and following.isalpha():
        return None, at
    return (
        following
        if following not in {"&", "~", "#"} or not in_class
        else f"\\x{ord(following):02x}"
    ), at + 2


def _category(found: re.Match[str], in_class: bool) -> str | None:
    name = found.group(2) or found.group(3)
    ranges = (
        _CATEGORIES.get(name)
        or _CATEGORIES.get(name.removeprefix("Is"))
        or _CATEGORIES.get(name[:1] if len(name) == 2 else "")
    )
    if ranges is None:
        return None
    negated = found.group(1) == "P" or "{^" in found.group(0)
    if in_class:
        return None if negated else ranges
    return f"[^{ranges}]" if negated else f"[{ranges}]"
