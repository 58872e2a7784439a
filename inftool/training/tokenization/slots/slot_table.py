"""Which slot of a conversation holds what."""

from __future__ import annotations

import random
from typing import Literal, NamedTuple

from inftool.training.tokenization.slots import vocabulary as v

Family = Literal["t", "n", "v", "w"]
"""Tools, names, values, words."""


class SlotContent(NamedTuple):
    """What a slot holds."""

    text: str
    """What it stands for, as it was written or said first."""

    value: object = None
    """The JSON value where an answer gave one, which is more exact than the text."""


class SlotTable:
    """The slots of one conversation, in use and free.

    Slots are drawn at random, seeded by `seed`, so that no slot comes to mean anything across
    conversations; the same seed gives the same slots.
    """

    def __init__(self, seed: str) -> None:
        rng = random.Random(seed)
        self._free = {family: rng.sample(range(size), size) for family, size in v.FAMILIES.items()}
        self._slots: dict[tuple[Family, str], str] = {}
        self.contents: dict[str, SlotContent] = {}

    def find(self, family: Family, key: str) -> str | None:
        """The slot for a key, if it has one."""
        return self._slots.get((family, key))

    def assign(self, family: Family, key: str, text: str, value: object = None) -> str:
        """The slot for a key, a free one if it has none yet; `<unk>` if all are taken."""
        slot = self._slots.get((family, key))
        if slot is None:
            if not self._free[family]:
                return v.UNKNOWN
            slot = self._slots[family, key] = f"<{family}{self._free[family].pop()}>"
            self.contents[slot] = SlotContent(text, value)
        # Said in words first, and exact in a later answer: the exact value is kept.
        elif value is not None and self.contents[slot].value is None:
            self.contents[slot] = SlotContent(text, value)
        return slot
