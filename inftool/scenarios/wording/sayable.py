"""Whether a person would say a value: identifiers, hashes and machine-made codes are not said."""

from __future__ import annotations

import re

# A text of more characters is written, not said.
MAX_TEXT = 120
# Numbers of more digits than people say, and the precision to which they say decimals.
_MAX_INTEGER = 10**15
_MAX_DECIMAL = 1e12
_DECIMAL_PLACES = 4
# A code of more characters with a digit in it is nothing to remember.
_LONGEST_CODE = 14
# Milliseconds since 1970 have 13 digits, a number that people use 11 at most.
_SMALLEST_TIMESTAMP = 10**11

# A UUID, a long token, a URL or a data URL.
_OPAQUE = re.compile(
    r"^[0-9a-f]{8}-[0-9a-f-]{27}$|^[A-Za-z0-9+/_=-]{25,}$|^https?://|^data:", re.IGNORECASE
)
# A prefix and a random tail ("evt_6f0n6z0qbb"), or a random text of 16 characters and more.
_GENERATED_KEY = re.compile(r"^[a-z]{2,6}[_-](?=[a-z]*\d)(?=\d*[a-z])[a-z0-9]{6,}$|^[a-z0-9]{16,}$")
# Letters and digits mixed, at a length that no name with a number has.
_TOKEN = re.compile(r"^(?=[^\d]*\d)(?=.*[A-Za-z])[A-Za-z0-9_-]{20,}$")
# The number of a bank account (ISO 13616), which people do read out.
_IBAN = re.compile(r"^[A-Z]{2}\d{2}[A-Z]{0,4}\d{7,26}$")


def sayable(value: object) -> bool:
    """Whether a person could say this value: no long text, no control characters, no structure."""
    if isinstance(value, str):
        return (
            0 < len(value.strip()) == len(value) <= MAX_TEXT
            and value.isprintable()
            and "  " not in value
            and '"' not in value
        )
    if isinstance(value, float):
        return abs(value) < _MAX_DECIMAL and round(value, _DECIMAL_PLACES) == value
    return isinstance(value, (bool, int)) and abs(int(value)) < _MAX_INTEGER


def opaque(value: object) -> bool:
    """Whether a key is one that no person would say: a UUID, a long token, "2024-ORD-000017"."""
    return isinstance(value, str) and (
        _OPAQUE.match(value) is not None
        or _GENERATED_KEY.match(value) is not None
        or (len(value) > _LONGEST_CODE and any(character.isdigit() for character in value))
    )


def machine_made(value: object) -> bool:
    """Whether only machines make such a value, whatever it is for.

    A UUID, a generated key, a token and a timestamp in milliseconds are; an address, a name with a
    number and the number of a bank account are not.
    """
    if isinstance(value, int):
        return abs(value) >= _SMALLEST_TIMESTAMP
    if not isinstance(value, str) or "://" in value or _IBAN.match(value):
        return False
    return any(pattern.match(value) for pattern in (_OPAQUE, _GENERATED_KEY, _TOKEN))


def tellable(value: object) -> bool:
    """Whether an assistant would tell this value: sayable, and no hash, address or yes/no."""
    if isinstance(value, bool) or (isinstance(value, str) and _OPAQUE.match(value)):
        return False
    return sayable(value)
