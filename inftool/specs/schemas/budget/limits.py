"""How much of a schema may stay: the steps by which one that is too large is cut."""

from __future__ import annotations

from typing import NamedTuple

# Levels that stand for "no limit". Schemas that are nested more deeply are cut there anyway.
FAR = 24
ANY_SIZE = 1 << 40
# Bytes of an enum that is long but not yet in the way.
MAX_ENUM_BYTES = 4096


class CutLimits(NamedTuple):
    """What may stay, counted in levels from the place where one is."""

    optional: int = FAR
    """Levels down to which optional members stay."""
    texts: int = FAR
    """Levels down to which descriptions, titles and examples stay; -1 leaves none."""
    required: int = FAR
    """Levels down to which the inside of required members stays; -1 leaves none."""
    enum: int = ANY_SIZE
    """Bytes of an enum that stays."""

    def below(self, levels: int) -> CutLimits:
        """The same limits, counted from some levels further down."""
        if levels == 0:
            return self
        optional, texts, required, enum = self
        # What is far stays far, so that a definition is pruned once and not once for each depth.
        return CutLimits(
            optional if optional == FAR else max(optional - levels, 0),
            texts if texts == FAR else max(texts - levels, -1),
            required if required == FAR else max(required - levels, -1),
            enum,
        )


# The steps, from the mildest to the last resort. What a model needs least goes first.
# Texts far from the root, then long enums, then all texts but those of the arguments.
GENTLE = (
    CutLimits(texts=1),
    CutLimits(texts=1, enum=MAX_ENUM_BYTES),
    CutLimits(texts=0, enum=MAX_ENUM_BYTES),
)
# Optional members, from the deepest up.
BY_DEPTH = tuple(CutLimits(optional=depth, texts=1, enum=MAX_ENUM_BYTES) for depth in range(1, FAR))
# The inside of required members, from the deepest up, each step with and without texts.
HARSH = tuple(
    CutLimits(optional=0, texts=texts, required=depth, enum=1024 if texts else 256)
    for depth in (FAR, 6, 4, 3, 2, 1, 0)
    for texts in (1, 0)
)
# The names and types of the required arguments.
LAST = CutLimits(optional=0, texts=-1, required=0, enum=128)
