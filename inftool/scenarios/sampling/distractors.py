"""Distractors: tools to show beside the needed ones, from three bands of similarity (ASTRA).

Some are nearly right, some of the same field, some far off.
"""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from typing import NamedTuple

from inftool.scenarios.world_pool import WorldPool
from inftool.toolset.tool_text import embedding_text, words

BAND_NAMES = ("near", "middle", "far")

# How much of a draw comes from each band: most from the nearest, between which it is hardest to
# choose, and some that are easily told apart.
_SHARES = (0.4, 0.35, 0.25)

# The sizes of the nearest band and of the middle one: a share of all tools, at least and at most.
# Without an upper bound, a spec of 500 operations would call 60 of them nearly right.
_NEAR_SHARE, _NEAR_LEAST, _NEAR_MOST = 1 / 8, 2, 12
_MIDDLE_SHARE, _MIDDLE_LEAST, _MIDDLE_MOST = 3 / 8, 3, 40

# A tool of another API that is so similar (by cosine) could do what is asked, and would be a second
# right answer: "create an order" of another shop.
_RIVAL_SIMILARITY = 0.35

# Words of more tools than this tell nothing, and would make every tool similar to every other.
_COMMON_WORD_SHARE, _COMMON_WORD_LEAST = 1 / 4, 50


class Bands(NamedTuple):
    """The other tools by their similarity to one, the most similar first."""

    near: list[str]
    middle: list[str]
    far: list[str]


class DistractorPool:
    """The tools of all APIs, ranked by similarity to one of them when that is first asked for."""

    def __init__(self, pool: WorldPool) -> None:
        self.pool = pool
        self._vectors: dict[str, dict[str, float]] = {}
        self._tools_by_word: dict[str, list[str]] = defaultdict(list)
        self._bands: dict[str, Bands] = {}

    def _embed(self) -> None:
        """Make a vector of word weights (TF-IDF) of every tool, of length one."""
        counts = {
            name: Counter(words(embedding_text(tool))) for name, tool in self.pool.tools.items()
        }
        spread = Counter(word for bag in counts.values() for word in bag)
        most = max(_COMMON_WORD_LEAST, int(len(counts) * _COMMON_WORD_SHARE))
        for name, bag in counts.items():
            vector = {
                word: (1 + math.log(count)) * math.log(1 + len(counts) / spread[word])
                for word, count in bag.items()
            }
            # With vectors of length one the dot product is the cosine.
            length = math.sqrt(sum(value * value for value in vector.values())) or 1.0
            self._vectors[name] = {word: value / length for word, value in vector.items()}
            for word in vector:
                if spread[word] <= most:
                    self._tools_by_word[word].append(name)

    def bands(self, tool: str) -> Bands:
        """The other tools by similarity; of other APIs only those that are no rivals."""
        bands = self._bands.get(tool)
        if bands is None:
            bands = self._bands[tool] = self._ranked(tool)
        return bands

    def _ranked(self, tool: str) -> Bands:
        if not self._vectors:
            self._embed()
        # Only tools that share a word are touched: 20,000 tools would make 400 million pairs.
        similarity: dict[str, float] = defaultdict(float)
        for word, value in self._vectors[tool].items():
            for other in self._tools_by_word.get(word, ()):
                similarity[other] += value * self._vectors[other][word]
        api = self.pool.tools[tool].api
        others = [
            name
            for name, item in self.pool.tools.items()
            if name != tool and (item.api == api or similarity[name] < _RIVAL_SIMILARITY)
        ]
        # By name among equals, so that the order does not depend on how the sums were made.
        others.sort(key=lambda name: (-similarity[name], name))
        near = _size(len(others), _NEAR_SHARE, _NEAR_LEAST, _NEAR_MOST)
        middle = near + _size(len(others), _MIDDLE_SHARE, _MIDDLE_LEAST, _MIDDLE_MOST)
        return Bands(others[:near], others[near:middle], others[middle:])

    def draw(self, tool: str, count: int, rng: random.Random) -> list[str]:
        """Distractors for a tool out of all three bands, `count` of them if there are so many."""
        bands = self.bands(tool)
        drawn: list[str] = []
        for band, share in zip(bands, _SHARES, strict=True):
            drawn += rng.sample(band, min(len(band), math.ceil(count * share)))
        rng.shuffle(drawn)
        if len(drawn) < count:
            # A small API leaves bands short; the others fill the gap.
            taken = set(drawn)
            rest = [name for band in bands for name in band if name not in taken]
            drawn += rng.sample(rest, min(len(rest), count - len(drawn)))
        return drawn[:count]

    def band_of(self, tool: str, other: str) -> str:
        """The name of the band that another tool is in, seen from one; empty if it is in none."""
        for name, band in zip(BAND_NAMES, self.bands(tool), strict=True):
            if other in band:
                return name
        return ""


def _size(count: int, share: float, least: int, most: int) -> int:
    """The size of a band: a share of all tools, within limits."""
    return max(least, min(most, int(count * share)))
