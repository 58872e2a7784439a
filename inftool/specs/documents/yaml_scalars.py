"""What the scalars of YAML stand for.

By the core schema of YAML 1.2 (section 10.3.2), as OpenAPI asks: dates, `on`, `yes` and `04109`
stay the strings that they look like.
"""

from __future__ import annotations

import re

# "04109" is a postal code or a phone number, never a count: JSON has no such numbers either.
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,400})\Z")
_OTHER_INTEGER = re.compile(r"0(?:o[0-7]+|x[0-9a-fA-F]+)\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
CONSTANTS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
"""Plain scalar -> the constant that it spells."""
FIRST_OF_NUMBERS = frozenset("0123456789-+.")
"""What a plain scalar that is a number begins with."""


def number(text: str) -> int | float | str:
    """A scalar as the number that it spells, else the text: "0x1f" -> 31, "04109" -> "04109"."""
    if _INTEGER.match(text):
        return int(text)
    if _OTHER_INTEGER.match(text):
        return int(text, 0)
    if _FLOAT.match(text):
        value = float(text)
        # JSON has no infinity, which is what 1e999 becomes.
        return value if value - value == 0 else text
    return text


def key_text(value: object) -> str:
    """The key that a key which is no string stands for.

    `{id}: ...` without quotes is a mapping used as a key. Nearly always the braces of a path
    parameter were meant: {"id": None} -> "{id}".
    """
    if isinstance(value, dict):
        members = [key if inner is None else f"{key}: {inner}" for key, inner in value.items()]
        return "{" + ", ".join(members) + "}"
    return str(value)
