"""The base model that ships with InfTool: its folder, the categories that it is made for, and the
APIs that it was trained on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from inftool.core.blueprints import Category
from inftool.core.errors import UsageError
from inftool.specs import compile_specs

TINY_CATEGORIES: tuple[Category, ...] = (
    "simple",
    "multiple",
    "irrelevance",
    "identify_limitation",
)
"""What the tiny model is trained and evaluated on: 4 of the 16 categories. A model of its size did
not learn more of them in five minutes."""

SHIPPED_MODEL = Path(__file__).parent / "weights"
"""The folder of the base, a Hugging Face folder."""

# The share of the specs that is held out where the base was trained on none of them.
_HELD_OUT = 4


def trained_api_names() -> frozenset[str]:
    """The names of the APIs from which the base's training traces were drawn."""
    record = json.loads((SHIPPED_MODEL / "training.json").read_text("utf-8"))
    return frozenset(record["apis"])


def split_specs(specs: Sequence[str | Path]) -> tuple[list[str], list[str]]:
    """Split specs into those to train on and those to hold out.

    Held out are those that the base was not trained on; the last quarter, at least one, if it was
    trained on none. UsageError where that leaves either side empty.
    """
    apis = [api for api in compile_specs(specs) if api.tools]
    # By name rather than by hash: a spec that was edited is not unseen.
    trained = trained_api_names()
    unseen = [api.file for api in apis if api.name not in trained]
    is_all_unseen = len(unseen) == len(apis)
    held_out = unseen[-max(1, len(unseen) // _HELD_OUT) :] if is_all_unseen else unseen
    training = [api.file for api in apis if api.file not in held_out]
    if not held_out or not training:
        raise UsageError(
            "these specs cannot be parted into some to train on and some to hold out",
            hint="name those to hold out with --held-out",
        )
    return training, held_out
