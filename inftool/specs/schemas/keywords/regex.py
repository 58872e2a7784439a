"""Regular expressions as people write them in specs, as ones that mean the same everywhere.

"Everywhere" is ECMA 262, which JSON Schema asks for, Python and Rust, whose `regex` crate the
validator uses. "\\A[[:alpha:]]++\\Z" -> "^[a-zA-Z]+$"
"""

from __future__ import annotations

import re
import warnings
from functools import lru_cache

import jsonschema_rs

# A longer pattern costs more to compile than it is worth; people do not write them.
MAX_PATTERN = 4_000
# JSON Schema has no flags and Python has no Unicode categories: the letters of \p{L} become the
# ranges that hold nearly all of them.
_LETTERS = (
    "a-zA-Z\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u1fff"
    "\u2c00-\ud7ff\uf900-\ufdff\ufe70-\ufefe"
)
_PUNCTUATION = (
    "!-#%-*,-/:;?@\\[-\\]_{}\u00a1\u00a7\u00ab\u00b6\u00b7\u00bb\u00bf\u2010-\u2027\u2030-\u205e"
)
_ASCII_PUNCTUATION = "!-/:-@\\[-`{-~"
_CONTROLS = "\\x00-\\x1f\\x7f-\\x9f"
# Unicode categories and scripts (UTS 18, section 1.2), as ranges.
_CATEGORIES = {
    "L": _LETTERS,
    "Lu": "A-Z\u00c0-\u00d6\u00d8-\u00de\u0391-\u03a9\u0410-\u042f",
    "Ll": "a-z\u00df-\u00f6\u00f8-\u00ff\u03b1-\u03c9\u0430-\u044f",
    "M": "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f",
    "N": "0-9\u00b2\u00b3\u00b9\u00bc-\u00be\u0660-\u0669",
    "Nd": "0-9\u0660-\u0669",
    "P": _PUNCTUATION,
    "S": "$+<->^`|~\u00a2-\u00a9\u00ac\u00ae-\u00b1\u00b4\u00d7\u00f7\u20a0-\u20bf\u2100-\u2bff",
    "Z": " \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
    "Zs": " \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000",
    "IsCyrillic": "\u0400-\u04ff",
    "IsGreek": "\u0370-\u03ff",
    "IsLatin": _LETTERS,
}
# The POSIX properties of Java and .NET.
_CATEGORIES |= {
    "Alpha": "a-zA-Z",
    "Alnum": "a-zA-Z0-9",
    "Digit": "0-9",
    "Upper": "A-Z",
    "Lower": "a-z",
    "Space": "\\s",
    "Punct": _ASCII_PUNCTUATION,
    "XDigit": "0-9a-fA-F",
}
_CATEGORIES |= {
    "ASCII": "\\x00-\\x7f",
    "Letter": _LETTERS,
    "IsAlphabetic": _LETTERS,
    "Alphabetic": _LETTERS,
    "Cc": _CONTROLS,
    "C": _CONTROLS,
}
# POSIX classes, which are written inside a class: [[:alpha:]_].
_POSIX = {
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "alnum": "a-zA-Z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": "\\s",
    "word": "\\w",
    "punct": _ASCII_PUNCTUATION,
    "xdigit": "0-9a-fA-F",
}
# A literal of JavaScript: /^a+$/i.
_DELIMITED = re.compile(r"/(.*)/([a-z]*)\Z", re.DOTALL)
_PROPERTY = re.compile(r"\\([pP])(?:\{\^?(?:[A-Za-z_]+=)?([A-Za-z_]+)\}|([A-Z]))")
_POSIX_CLASS = re.compile(r"\[:(\^?)([a-z]+):\]")
_FLAGS = re.compile(r"\(\?([a-zA-Z]+)\)")
_HEX = re.compile(r"\\[xu]\{([0-9a-fA-F]{1,6})\}")
# What a backslash may stand before in all dialects. Before other punctuation it means nothing,
# before other letters it is an error.
_ESCAPES = frozenset("dDwWsSbBnrtfv0xu\\^$.|?*+()[]{}/-")
# What Python takes, but ECMA does not or reads as something else.
_FOREIGN_MARKS = (
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


@lru_cache(maxsize=8192)
def mend(pattern: str) -> str | None:
    """The pattern in what ECMA, Python and Rust have in common; None if there is no such pattern.

    A pattern with which nothing is wrong comes back as it is.
    """
    if len(pattern) > MAX_PATTERN:
        return None
    if compiles(pattern) and not _is_foreign(pattern):
        return pattern
    mended = _rewrite(pattern)
    return mended if mended is not None and compiles(mended) else None


def compiles(pattern: str) -> bool:
    """Whether Python and the validator both take the pattern without a warning."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(pattern)
        jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except (re.error, FutureWarning, DeprecationWarning, OverflowError, RecursionError, ValueError):
        return False
    return True


def _is_foreign(pattern: str) -> bool:
    """Whether a pattern that compiles is not ECMA's, or means something else there."""
    if _DELIMITED.match(pattern) and len(pattern) > 2:
        return True
    return any(mark in pattern for mark in _FOREIGN_MARKS)


def _rewrite(pattern: str) -> str | None:
    """The pattern token by token in the common dialect; None if a token has no equivalent."""
    pattern, flags = _without_flags(pattern)
    ignore_case = "i" in flags
    out: list[str] = []
    at, in_class = 0, False
    while at < len(pattern):
        text: str | None
        if pattern[at] == "\\":
            text, at = _escape(pattern, at, in_class)
        elif in_class:
            text, at, in_class = _inside_class(pattern, at, ignore_case)
        elif pattern[at] == "[":
            text, at, in_class = _open_class(pattern, at)
        else:
            text, at = _outside_class(pattern, at, ignore_case)
        if text is None:
            return None
        out.append(text)
    return "".join(out)


def _without_flags(pattern: str) -> tuple[str, str]:
    """The pattern without delimiters and leading flags, and the flags.

    "/^a$/i" -> ("^a$", "i"); "(?i)a" -> ("a", "i")
    """
    flags = ""
    if (delimited := _DELIMITED.match(pattern)) and len(pattern) > 2:
        pattern, flags = delimited.group(1), delimited.group(2)
    while leading := _FLAGS.match(pattern.removeprefix("^")):
        flags += leading.group(1)
        pattern = pattern.replace(leading.group(0), "", 1)
    return pattern, flags


def _outside_class(pattern: str, at: int, ignore_case: bool) -> tuple[str | None, int]:
    """One token outside of a class in the common dialect, and where it ends."""
    char = pattern[at]
    if pattern.startswith("(?P<", at) or (
        pattern.startswith("(?<", at) and pattern[at + 3 : at + 4] not in {"=", "!"}
    ):
        # Nothing refers to a group by its name, so a group without one does.
        end = pattern.find(">", at)
        return ("(", end + 1) if end >= 0 else (None, at)
    if pattern.startswith("(?>", at):
        # An atomic group only saves backtracking, in nearly all patterns.
        return "(?:", at + 3
    if pattern.startswith("(?#", at):
        end = pattern.find(")", at)
        return "", end + 1 if end > 0 else len(pattern)
    if char in "*+?}" and pattern[at + 1 : at + 2] == "+":
        # The same goes for possessive quantifiers: a++ -> a+.
        return char, at + 2
    if ignore_case and _is_ascii_letter(char):
        return f"[{char.lower()}{char.upper()}]", at + 1
    return char, at + 1


def _open_class(pattern: str, at: int) -> tuple[str, int, bool]:
    """The beginning of a class, where it ends, and that a class is open.

    A `]` right behind it is a member in POSIX and Python, but ends the class in ECMA:
    "[]a]" -> "[\\]a]".
    """
    text, at = ("[^", at + 2) if pattern.startswith("[^", at) else ("[", at + 1)
    if pattern[at : at + 1] == "]" and "]" in pattern[at + 1 :]:
        return text + "\\]", at + 1, True
    return text, at, True


def _inside_class(pattern: str, at: int, ignore_case: bool) -> tuple[str, int, bool]:
    """One token inside of a class, where it ends, and whether the class is still open."""
    char = pattern[at]
    if char == "]":
        return "]", at + 1, False
    if posix := _POSIX_CLASS.match(pattern, at):
        return _POSIX.get(posix.group(2), "\\w"), posix.end(), True
    if char == "[":
        return "\\[", at + 1, True
    if char == "-":
        return _hyphen(pattern, at), at + 1, True
    if char in "&~|" and pattern[at + 1 : at + 2] == char:
        # In Rust `&&` and `~~` are operations on classes, and Python warns of `||`.
        return "\\" + char if char == "|" else f"\\x{ord(char):02x}", at + 1, True
    if ignore_case and _is_ascii_letter(char):
        high = pattern[at + 2 : at + 3]
        if pattern[at + 1 : at + 2] == "-" and _is_ascii_letter(high):
            both = f"{char.lower()}-{high.lower()}{char.upper()}-{high.upper()}"
            return both, at + 3, True
        return f"{char.lower()}{char.upper()}", at + 1, True
    return char, at + 1, True


def _hyphen(pattern: str, at: int) -> str:
    """A hyphen inside of a class, escaped if it makes no range: "[\\w-.]" -> "[\\w\\-.]"."""
    before, after = pattern[at - 1], pattern[at + 1 : at + 2]
    behind_shorthand = pattern[at - 2 : at - 1] == "\\" and before in "dDwWsS"
    before_shorthand = after == "\\" and pattern[at + 2 : at + 3] in set("dDwWsSpP")
    if behind_shorthand or before_shorthand or after in {"]", "-"} or before in {"[", "^"}:
        return "\\-"
    return "-"


def _is_ascii_letter(char: str) -> bool:
    return char.isascii() and char.isalpha()


def _escape(pattern: str, at: int, in_class: bool) -> tuple[str | None, int]:
    """One escape in the common dialect, and where it ends; None if it has no equivalent."""
    letter = pattern[at + 1 : at + 2]
    if not letter:
        return None, at
    if prop := _PROPERTY.match(pattern, at):
        return _category(prop, in_class), prop.end()
    if code := _HEX.match(pattern, at):
        return _character(int(code.group(1), 16)), code.end()
    if letter == "Q" and (end := pattern.find("\\E", at)) > 0:
        return re.escape(pattern[at + 2 : end]), end + 2
    return _short_escape(letter, in_class), at + 2


def _short_escape(letter: str, in_class: bool) -> str | None:
    """An escape of one letter: "h" -> "[\\t ]", "A" -> "^", "d" -> "\\d"."""
    if letter in "AZzG" and not in_class:
        return "^" if letter in "AG" else "$"
    if letter == "h":
        return "\\t " if in_class else "[\\t ]"
    if letter == "R":
        return "\\s"
    if letter == "e":
        return "\\x1b"
    if letter.isdigit() and letter != "0":
        return "\\" + letter
    if letter in _ESCAPES:
        # Inside of a class, `\b` is a backspace.
        return "\\x08" if in_class and letter == "b" else "\\" + letter
    if _is_ascii_letter(letter):
        return None
    # `&`, `~` and `#` may be operations on classes in Rust, now or later.
    return f"\\x{ord(letter):02x}" if in_class and letter in {"&", "~", "#"} else letter


def _character(code: int) -> str | None:
    """A character by its code, escaped where needed; None for what is no character."""
    return re.escape(chr(code)) if code < 0x110000 and not 0xD800 <= code < 0xE000 else None


def _category(prop: re.Match[str], in_class: bool) -> str | None:
    """A Unicode property as a class: "\\p{Nd}" -> "[0-9...]"; None if it is unknown."""
    name = prop.group(2) or prop.group(3)
    ranges = (
        _CATEGORIES.get(name)
        or _CATEGORIES.get(name.removeprefix("Is"))
        or _CATEGORIES.get(name[:1] if len(name) == 2 else "")
    )
    if ranges is None:
        return None
    negated = prop.group(1) == "P" or "{^" in prop.group(0)
    if in_class:
        # A class cannot hold the complement of another one.
        return None if negated else ranges
    return f"[^{ranges}]" if negated else f"[{ranges}]"
