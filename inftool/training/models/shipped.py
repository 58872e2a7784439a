"""The base that ships with InfTool: where it lies, what it plays, and which specs it has seen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from inftool.core.blueprints import Category
from inftool.core.errors import UsageError
from inftool.specs import compile_specs

# What the tiny model plays: 4 of the 16 categories.
TINY_CATEGORIES: tuple[Category, ...] = ("simple", "multiple", "irrelevance", "identify_limitation")
SHIPPED_MODEL = Path(__file__).parent / "weights"


def trained_api_names() -> frozenset[str]:
    """The names of the APIs whose traces the base was made from."""
    return frozenset(json.loads((SHIPPED_MODEL / "training.json").read_text("utf-8"))["apis"])


def split_specs(specs: Sequence[str | Path]) -> tuple[list[str], list[str]]:
    """Specs to train on, and specs to be examined on: those that the base has not seen, or the last quarter where it has seen none.

    UsageError where that leaves nothing to train on or nothing to be examined on.
    """
    apis = [api for api in compile_specs(specs) if api.tools]
    known = trained_api_names()
    fresh = [api.file for api in apis if api.name not in known]
    held = fresh if len(fresh) < len(apis) else fresh[len(fresh) - max(1, len(fresh) // 4) :]
    taught = [api.file for api in apis if api.file not in held]
    if not held or not taught:
        raise UsageError(
            "these specs cannot be parted into some to train on and some to hold out",
            hint="name those to hold out with --held-out",
        )
    return taught, held
