"""Look-alike tools from three bands of similarity (ASTRA): some nearly right, some of the same field, some far off."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict

from inftool.scenarios.world_pool import WorldPool
from inftool.toolset.tool_text import embedding_text, words

BANDS = ("near", "middle", "far")
_SHARES = (0.4, 0.35, 0.25)
# A tool of another API that is this much alike could do what is asked, under another roof.
STRANGER = 0.35


class DistractorPool:
    """The other tools of a toolset by how much they are like one; vectors are made once, rankings as they are needed."""

    def __init__(self, stage: WorldPool) -> None:
        self.stage = stage
        self._vectors: dict[str, dict[str, float]] = {}
        self._posting: dict[str, list[str]] = defaultdict(list)
        self._bands: dict[str, tuple[list[str], list[str], list[str]]] = {}

    def _prepare(self) -> None:
        bags = {
            name: Counter(words(embedding_text(tool))) for name, tool in self.stage.tools.items()
        }
        spread = Counter(word for bag in bags.values() for word in bag)
        for name, bag in bags.items():
            vector = {
                word: (1 + math.log(count)) * math.log(1 + len(bags) / spread[word])
                for word, count in bag.items()
            }
            length = math.sqrt(sum(value * value for value in vector.values())) or 1.0
            self._vectors[name] = {word: value / length for word, value in vector.items()}
            for word in vector:
                if spread[word] <= max(50, len(bags) // 4):
                    self._posting[word].append(name)

    def bands(self, tool: str) -> tuple[list[str], list[str], list[str]]:
        """The other tools in three bands: the nearest eighth, the next three eighths, and the rest; of other APIs only those that are no rivals."""
        known = self._bands.get(tool)
        if known is None:
            if not self._vectors:
                self._prepare()
            likeness: dict[str, float] = defaultdict(float)
            for word, value in self._vectors[tool].items():
                for other in self._posting.get(word, ()):
                    likeness[other] += value * self._vectors[other][word]
            home = self.stage.tools[tool].api
            others = [
                name
                for name, item in self.stage.tools.items()
                if name != tool and (item.api == home or likeness[name] < STRANGER)
            ]
            others.sort(key=lambda name: (-likeness[name], name))
            first = max(2, min(12, len(others) // 8))
            second = first + max(3, min(40, 3 * len(others) // 8))
            known = self._bands[tool] = (others[:first], others[first:second], others[second:])
        return known

    def draw(self, tool: str, count: int, rng: random.Random) -> list[str]:
        """Some tools beside one, out of all three bands."""
        bands = self.bands(tool)
        out: list[str] = []
        for band, share in zip(bands, _SHARES, strict=True):
            wanted = min(len(band), math.ceil(count * share))
            out += rng.sample(band, wanted)
        rng.shuffle(out)
        if len(out) < count:
            rest = [name for band in bands for name in band if name not in set(out)]
            out += rng.sample(rest, min(len(rest), count - len(out)))
        return out[:count]

    def band_of(self, tool: str, other: str) -> str:
        """Which band another tool is in, seen from one; empty where it is none of them."""
        return next(
            (name for name, band in zip(BANDS, self.bands(tool), strict=True) if other in band), ""
        )
