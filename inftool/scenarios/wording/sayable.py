"""Whether a person would say a value at all: identifiers, hashes and machine-made codes are not
said."""

from __future__ import annotations

import re
from typing import Any

MAX_TEXT = 120


_OPAQUE = re.compile(
    r"^[0-9a-f]{8}-[0-9a-f-]{27}$|^[A-Za-z0-9+/_=-]{25,}$|^https?://|^data:", re.IGNORECASE
)

# A prefix and a random tail ("evt_6f0n6z0qbb"): minted by a machine for machines.
_MINTED = re.compile(r"^[a-z]{2,6}[_-](?=[a-z]*\d)(?=\d*[a-z])[a-z0-9]{6,}$|^[a-z0-9]{16,}$")


def sayable(value: Any) -> bool:
    """Whether a person could say this value aloud: no long texts, no control characters, no deep
    structures."""
    if isinstance(value, str):
        return (
            0 < len(value.strip()) == len(value) <= MAX_TEXT
            and value.isprintable()
            and "  " not in value
            and '"' not in value
        )
    if isinstance(value, float):
        return abs(value) < 1e12 and round(value, 4) == value
    return isinstance(value, (bool, int)) and abs(int(value)) < 10**15


def opaque(value: Any) -> bool:
    """Whether a key is one that no person would say: a UUID, a long token."""
    return isinstance(value, str) and (
        _OPAQUE.match(value) is not None
        or _MINTED.match(value) is not None
        or (len(value) > 14 and any(c.isdigit() for c in value))
    )


_TOKENS = re.compile(r"^(?=[^\d]*\d)(?=.*[A-Za-z])[A-Za-z0-9_-]{20,}$")
_IBAN = re.compile(r"^[A-Z]{2}\d{2}[A-Z]{0,4}\d{7,26}$")


def machine_made(value: Any) -> bool:
    """Whether a text is one that only machines make, whatever it is for: a UUID, a minted key, a
    token; an address, a name with a number or the number of
    a bank account is none.
    """
    if isinstance(value, int):
        # Milliseconds since 1970 and the like.
        return abs(value) >= 10**11
    return (
        isinstance(value, str)
        and "://" not in value
        and not _IBAN.match(value)
        and (
            _OPAQUE.match(value) is not None
            or _MINTED.match(value) is not None
            or _TOKENS.match(value) is not None
        )
    )


def tellable(value: Any) -> bool:
    """Whether an assistant would tell this value: sayable, and no hash, address or yes/no."""
    return (
        sayable(value)
        and not isinstance(value, bool)
        and not (isinstance(value, str) and _OPAQUE.match(value))
    )
