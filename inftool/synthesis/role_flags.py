"""Flags that are given once a role or card: `--role ROLE.SETTING=VALUE`, `--card CARD=FILE`."""

from __future__ import annotations

import json
from collections.abc import Sequence

from inftool.core.errors import UsageError
from inftool.core.types import JsonObject


def parse_card_flags(texts: Sequence[str]) -> dict[str, str]:
    """Card files by the name of the card: `["judge=mine.md"]` -> `{"judge": "mine.md"}`.

    UsageError for a text of another form.
    """
    cards: dict[str, str] = {}
    for text in texts:
        name, equals, file = text.partition("=")
        if not (name and equals and file):
            raise UsageError(f"--card {text}: it is CARD=FILE, such as assistant=mine.md")
        cards[name.strip()] = file
    return cards


def parse_role_flags(texts: Sequence[str]) -> dict[str, JsonObject]:
    """Settings by role: `["judge.temperature=0"]` -> `{"judge": {"temperature": 0}}`.

    A value is JSON if it can be read as JSON, else text. UsageError for a text of another form.
    """
    tables: dict[str, JsonObject] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        role, dot, setting = name.strip().partition(".")
        if not (equals and dot and role and setting):
            raise UsageError(
                f"--role {text}: it is ROLE.SETTING=VALUE, such as judge.temperature=0"
            )
        try:
            tables.setdefault(role, {})[setting] = json.loads(value)
        except ValueError:
            tables.setdefault(role, {})[setting] = value
    return tables
