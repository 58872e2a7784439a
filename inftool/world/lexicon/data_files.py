"""Loads the JSON files of this folder."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any


def load_data(file: str) -> dict[str, Any]:
    """The object in a JSON file of this folder, such as `lifecycle.json`. Load it at import."""
    text = files("inftool.world.lexicon").joinpath(file).read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text)
    return data
