"""Strings that match regular expressions, and strings shaped like an example."""

from __future__ import annotations

import random
import re
import string
import warnings
from collections.abc import Iterable
from functools import lru_cache
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

_LOWER_AND_DIGITS = string.ascii_lowercase + string.digits
_PREFERRED = string.ascii_uppercase + string.ascii_lowercase + string.digits
_CATEGORIES = {
    "CATEGORY_DIGIT": string.digits,
    "CATEGORY_WORD": _LOWER_AND_DIGITS,
    "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_DIGIT": string.ascii_lowercase,
    "CATEGORY_NOT_WORD": "-",
    "CATEGORY_NOT_SPACE": _LOWER_AND_DIGITS,
}
_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})
# Only this many characters of a range such as `\x00-\uffff` are considered.
_MAX_RANGE = 200
# How many rounds repeats make beyond their minimum: `*` and `+` up to six, or none deep inside
# groups; `{2,64}` up to eight, unless its minimum is twelve or more.
_OPEN_REPEATS, _OPEN_REPEATS_LEVEL = 6, 6
_BOUNDED_REPEATS, _MANY_REPEATS = 8, 12
# The extra rounds of open repeats in the first attempts (None: random); see `_Writer.spread`.
_FIRST_SPREADS = (None, None, None, None, None, None, 0, 0)
_MAX_TRIES = 16


class _Letters(NamedTuple):
    """One of some letters."""

    letters: str


class _Branches(NamedTuple):
    """One of some alternatives: `a|b`."""

    branches: tuple[tuple[_Step, ...], ...]


class _Group(NamedTuple):
    """A group, with the number that it is referred to by, if it has one."""

    number: int | None
    steps: tuple[_Step, ...]


class _Repeat(NamedTuple):
    """Repeated steps: `{low,high}`, without an upper limit if `high` is None."""

    low: int
    high: int | None
    steps: tuple[_Step, ...]


class _Backreference(NamedTuple):
    """The text of a group again: `\\1`."""

    number: int


_Step = _Letters | _Branches | _Group | _Repeat | _Backreference


def from_pattern(
    pattern: str, rng: random.Random, *, shortest: int = 0, longest: int = 256
) -> str | None:
    """A text that matches a regular expression (ECMA 262), of a length within the limits.

    `"^[A-Z]{3}-\\d{4}$"` -> "KQT-4821". None if the expression cannot be read, or no try fits.
    """
    steps = _parsed(pattern)
    if steps is None:
        return None
    compiled = _compile(pattern)
    spreads: list[int | None] = list(_FIRST_SPREADS)
    for attempt in range(_MAX_TRIES):
        spread = spreads[attempt] if attempt < len(spreads) else None
        text = _Writer(rng, max(longest, 1), spread).write(steps)
        if shortest <= len(text) <= longest and (compiled is None or compiled.search(text)):
            return text
        if attempt == len(_FIRST_SPREADS) - 1 and len(text) < shortest:
            # Too short: guess that one, two or three open repeats share the missing length.
            missing = shortest - len(text)
            spreads += [missing, -(-missing // 2), -(-missing // 3), missing + 1]
    return None


def matches_pattern(pattern: str, text: str) -> bool:
    """Whether a text matches a pattern; True if Python cannot read it: the validator decides."""
    compiled = _compile(pattern)
    return compiled is None or compiled.search(text) is not None


@lru_cache(maxsize=2048)
def _compile(pattern: str) -> re.Pattern[str] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return None


@lru_cache(maxsize=2048)
def _parsed(pattern: str) -> tuple[_Step, ...] | None:
    # Differences between ECMA 262 and Python. In ECMA 262, `\d` matches ASCII digits only.
    text = (
        pattern.replace("\\/", "/")
        .replace("\\d", "[0-9]")
        .replace("\\p{L}", "a-zA-Z" if "[" in pattern else "[a-zA-Z]")
        .replace("\\p{N}", "0-9")
    )
    if "(?<=" not in pattern and "(?<!" not in pattern:
        text = text.replace("(?<", "(?P<")
    try:
        with warnings.catch_warnings():
            # Warnings such as "Possible nested set" are about the spec, not about our code.
            warnings.simplefilter("ignore")
            return _steps(parser.parse(text))
    except (re.error, OverflowError, RecursionError, ValueError):
        return None


def _steps(nodes: Iterable[tuple[object, Any]]) -> tuple[_Step, ...]:
    steps = (_step(str(kind), value) for kind, value in nodes)
    return tuple(step for step in steps if step is not None)


def _step(kind: str, value: Any) -> _Step | None:
    """A node of Python's parser as a step, or None if it matches no characters (`^`, `$`)."""
    if kind == "BRANCH":
        return _Branches(tuple(_steps(branch) for branch in value[1]))
    if kind == "SUBPATTERN":
        return _Group(value[0], _steps(value[3]))
    if kind == "ATOMIC_GROUP":
        return _Group(None, _steps(value))
    if kind in _REPEATS:
        low, high, inner = value
        return _Repeat(low, None if high == sre.MAXREPEAT else int(high), _steps(inner))
    if kind == "GROUPREF":
        return _Backreference(value)
    letters = _letters(kind, value)
    return _Letters(letters) if letters is not None else None


def _letters(kind: str, value: Any) -> str | None:
    """The letters that a node admits, None if it is not about letters."""
    if kind == "LITERAL":
        return chr(value)
    if kind == "NOT_LITERAL":
        return "".join(char for char in _LOWER_AND_DIGITS if ord(char) != value)
    if kind == "ANY":
        return _LOWER_AND_DIGITS
    if kind == "CATEGORY":
        return _CATEGORIES.get(str(value), _LOWER_AND_DIGITS)
    return _set_letters(value) if kind == "IN" else None


def _set_letters(items: Iterable[tuple[object, Any]]) -> str:
    """The letters of a set such as `[A-Z0-9_]`: plain ones if it has any, else all."""
    negated = False
    chosen: list[str] = []
    for kind, value in items:
        name = str(kind)
        if name == "NEGATE":
            negated = True
        elif name == "LITERAL":
            chosen.append(chr(value))
        elif name == "RANGE":
            low, high = value
            last = min(high, low + _MAX_RANGE)
            chosen.append("".join(chr(code) for code in range(low, last + 1)))
        elif name == "CATEGORY":
            chosen.append(_CATEGORIES.get(str(value), _LOWER_AND_DIGITS))
    letters = "".join(chosen)
    if negated:
        rest = "".join(char for char in _PREFERRED if char not in letters)
        return rest or "".join(char for char in string.printable if char not in letters)
    plain = "".join(char for char in letters if char in _PREFERRED)
    return plain or letters


class _Writer:
    """Writes one string out of steps.

    `longest` limits the rounds of every repeat. `spread` is the number of rounds that open repeats
    (`*`, `+`, `{2,}`) make beyond their minimum; None draws it at random.
    """

    def __init__(self, rng: random.Random, longest: int, spread: int | None) -> None:
        self.rng = rng
        self.longest = longest
        self.spread = spread
        self.groups: dict[int, str] = {}

    def write(self, steps: tuple[_Step, ...], level: int = 0) -> str:
        """The text of some steps; `level` is how many groups and repeats are around them."""
        return "".join([self._write_step(step, level) for step in steps])

    def _write_step(self, step: _Step, level: int) -> str:
        if isinstance(step, _Letters):
            letters = step.letters
            if len(letters) <= 1:
                return letters
            return letters[int(self.rng.random() * len(letters))]
        if isinstance(step, _Branches):
            return self.write(self.rng.choice(step.branches), level + 1)
        if isinstance(step, _Group):
            text = self.write(step.steps, level + 1)
            if step.number is not None:
                self.groups[step.number] = text
            return text
        if isinstance(step, _Repeat):
            times = min(self._times(step, level), self.longest)
            return "".join([self.write(step.steps, level + 1) for _ in range(times)])
        return self.groups.get(step.number, "")

    def _times(self, repeat: _Repeat, level: int) -> int:
        low, high = repeat.low, repeat.high
        if self.spread is not None:
            return low + (self.spread if high is None else 0)
        if high is None:
            top = low + (0 if level > _OPEN_REPEATS_LEVEL else _OPEN_REPEATS)
        else:
            top = min(high, low + _BOUNDED_REPEATS if low < _MANY_REPEATS else low)
        if low:
            return self.rng.randint(low, max(low, top))
        # `?` may drop its step. `*` keeps it at least once, since empty strings are poor values.
        return self.rng.randint(0 if high == 1 else 1, max(1, top))


def vary_example(example: str, rng: random.Random) -> str:
    """A string shaped like an example: the prefix stays, other letters and digits change.

    "cus_abc12" -> "cus_kqz47"; "ORD-2024-0001" -> "ORD-5190-7342".
    """
    prefix = _prefix_length(example)
    rest = example[prefix:]
    hexadecimal = (
        len(rest) >= 8
        and all(char in "0123456789abcdefABCDEF-" for char in rest)
        and any(char in "abcdefABCDEF" for char in rest)
    )
    varied = [_other_character(rest, index, hexadecimal, rng) for index in range(len(rest))]
    return example[:prefix] + "".join(varied)


def _prefix_length(example: str) -> int:
    """The length of what stays: words before separators ("cus_"), or capitals before digits."""
    words = re.match(r"^([A-Za-z]{1,12}[-_:#./ ])+", example)
    if words and words.end() < len(example):
        return words.end()
    capitals = re.match(r"^[A-Z]{1,4}(?=\d{3,})", example)
    return capitals.end() if capitals else 0


def _other_character(text: str, index: int, hexadecimal: bool, rng: random.Random) -> str:
    """Another character of the kind of that at an index; separators come back as they are."""
    char = text[index]
    if char.isdigit():
        if hexadecimal and not text.isupper():
            return rng.choice("0123456789abcdef")
        # Numbers do not start with a zero.
        return rng.choice("123456789" if index == 0 else "0123456789")
    if char.isalpha() and char.isascii():
        # Without i, l and o, which are taken for digits.
        letter = rng.choice("abcdef0123456789" if hexadecimal else "abcdefghjkmnpqrstuvwxyz")
        return letter.upper() if char.isupper() else letter
    return char
