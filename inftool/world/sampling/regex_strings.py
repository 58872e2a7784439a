"""Strings out of regular expressions, and strings shaped like an example."""

from __future__ import annotations

import random
import re
import string
import warnings
from functools import lru_cache
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

_CATEGORY = {
    "CATEGORY_DIGIT": string.digits,
    "CATEGORY_WORD": string.ascii_lowercase + string.digits,
    "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_DIGIT": string.ascii_lowercase,
    "CATEGORY_NOT_WORD": "-",
    "CATEGORY_NOT_SPACE": string.ascii_lowercase + string.digits,
}
_SAFE = string.ascii_lowercase + string.digits
_PREFER = string.ascii_uppercase + string.ascii_lowercase + string.digits


Step = tuple[Any, ...]
"""One step of a compiled pattern: ("in", letters), ("any", branches), ("many", low, high, steps), ("group", number, steps) or ("same", number)."""


@lru_cache(maxsize=2048)
def _parsed(pattern: str) -> tuple[Step, ...] | None:
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
            # "Possible nested set": what a spec's author wrote is none of the user's business.
            warnings.simplefilter("ignore")
            return _steps(parser.parse(text))
    except (re.error, OverflowError, RecursionError, ValueError):
        return None


def _allowed(items: Any) -> str:
    negate = False
    chosen: list[str] = []
    for kind, value in items:
        name = str(kind)
        if name == "NEGATE":
            negate = True
        elif name == "LITERAL":
            chosen.append(chr(value))
        elif name == "RANGE":
            low, high = value
            chosen.append("".join(chr(code) for code in range(low, min(high, low + 200) + 1)))
        elif name == "CATEGORY":
            chosen.append(_CATEGORY.get(str(value), _SAFE))
    letters = "".join(chosen)
    if negate:
        rest = "".join(char for char in _PREFER if char not in letters)
        return rest or "".join(char for char in string.printable if char not in letters)
    good = "".join(char for char in letters if char in _PREFER)
    return good or letters


def _steps(nodes: Any) -> tuple[Step, ...]:
    out: list[Step] = []
    for kind, value in nodes:
        name = str(kind)
        if name == "LITERAL":
            out.append(("in", chr(value)))
        elif name == "NOT_LITERAL":
            out.append(("in", "".join(char for char in _SAFE if ord(char) != value)))
        elif name == "ANY":
            out.append(("in", _SAFE))
        elif name == "IN":
            out.append(("in", _allowed(value)))
        elif name == "CATEGORY":
            out.append(("in", _CATEGORY.get(str(value), _SAFE)))
        elif name == "BRANCH":
            out.append(("any", tuple(_steps(branch) for branch in value[1])))
        elif name == "SUBPATTERN":
            out.append(("group", value[0], _steps(value[3])))
        elif name == "ATOMIC_GROUP":
            out.append(("group", None, _steps(value)))
        elif name in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
            low, high, inner = value
            out.append(("many", low, None if high == sre.MAXREPEAT else int(high), _steps(inner)))
        elif name == "GROUPREF":
            out.append(("same", value))
    return tuple(out)


class Depth(NamedTuple):
    """How deep in groups the writing is, and how often open repeats go round (None: as it comes)."""

    level: int
    spread: int | None


def _emit(
    steps: tuple[Step, ...], rng: random.Random, groups: dict[int, str], longest: int, depth: Depth
) -> str:
    out: list[str] = []
    deeper = Depth(depth.level + 1, depth.spread)
    for step in steps:
        kind = step[0]
        if kind == "in":
            letters = step[1]
            out.append(
                letters
                if len(letters) == 1
                else letters[int(rng.random() * len(letters))]
                if letters
                else ""
            )
        elif kind == "any":
            out.append(_emit(rng.choice(step[1]), rng, groups, longest, deeper))
        elif kind == "group":
            text = _emit(step[2], rng, groups, longest, deeper)
            if step[1] is not None:
                groups[step[1]] = text
            out.append(text)
        elif kind == "many":
            low, high, inner = step[1], step[2], step[3]
            if depth.spread is not None:
                times = low + (depth.spread if high is None else 0)
            else:
                top = (
                    low + (0 if depth.level > 6 else 6)
                    if high is None
                    else min(high, low + 8 if low < 12 else low)
                )
                times = (
                    rng.randint(low, max(low, top))
                    if low
                    else rng.randint(0 if high == 1 else 1, max(1, top))
                )
            out.extend(
                _emit(inner, rng, groups, longest, deeper) for _ in range(min(times, longest))
            )
        else:
            out.append(groups.get(step[1], ""))
    return "".join(out)


def from_pattern(
    pattern: str, rng: random.Random, *, shortest: int = 0, longest: int = 256
) -> str | None:
    """A string that a regular expression accepts, None where it cannot be read or no try fits the lengths."""
    parsed = _parsed(pattern)
    if parsed is None:
        return None
    check = _compile(pattern)
    # How often open repeats (`*`, `+`) go round: as it comes, not at all, then as often as the length asks for.
    spreads: list[int | None] = [None] * 6 + [0, 0]
    for turn in range(16):
        spread = spreads[turn] if turn < len(spreads) else None
        text = _emit(parsed, rng, {}, max(longest, 1), Depth(0, spread))
        if shortest <= len(text) <= longest and (check is None or check.search(text)):
            return text
        if turn == 7 and len(text) < shortest:
            missing = shortest - len(text)
            spreads += [missing, -(-missing // 2), -(-missing // 3), missing + 1]
    return None


@lru_cache(maxsize=2048)
def _compile(pattern: str) -> re.Pattern[str] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return None


def matches_pattern(pattern: str, text: str) -> bool:
    """Whether a text matches a pattern that Python understands (True where it does not: the validator has the last word)."""
    check = _compile(pattern)
    return check is None or check.search(text) is not None


def vary_example(example: str, rng: random.Random, *, keep: int | None = None) -> str:
    """A string shaped like an example: its leading letters up to a separator stay, digits and code letters change."""
    if keep is None:
        found = re.match(r"^([A-Za-z]{1,12}[-_:#./ ])+", example)
        keep = found.end() if found and found.end() < len(example) else 0
        if not keep and (head := re.match(r"^[A-Z]{1,4}(?=\d{3,})", example)):
            keep = head.end()
    rest = example[keep:]
    hexadecimal = (
        len(rest) >= 8
        and all(char in "0123456789abcdefABCDEF-" for char in rest)
        and any(char in "abcdefABCDEF" for char in rest)
    )
    out = []
    for index, char in enumerate(rest):
        if char.isdigit():
            out.append(
                rng.choice(
                    "0123456789abcdef"
                    if hexadecimal and not rest.isupper()
                    else "123456789"
                    if index == 0
                    else "0123456789"
                )
            )
        elif char.isalpha() and char.isascii():
            letters = "abcdef0123456789" if hexadecimal else "abcdefghjkmnpqrstuvwxyz"
            out.append(rng.choice(letters).upper() if char.isupper() else rng.choice(letters))
        else:
            out.append(char)
    return example[:keep] + "".join(out)
