"""Which vectors lie close together; never by a full matrix, so that tens of thousands fit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from inftool.toolset.tree.embeddings import SparseRows, Vectors

if TYPE_CHECKING:
    from numpy import bool_, float32, float64, int64
    from numpy.typing import NDArray

WORK = 400_000_000
"""How many products a search in sparse rows may spend on finding candidates.

A term that `n` tools have costs `n * n`; the rarest terms are taken until this much is spent.
"""

BLOCK = 64
"""How many rows are compared with all others at a time: 64 x 20,000 sums take 10 MB."""

# With more elements than this share, no term is rare, and all of them are used.
_DENSE_SHARE = 0.5


def close_pairs(
    vectors: Vectors, threshold: float, *, block: int = BLOCK
) -> Iterator[tuple[int, int, float]]:
    """Every pair of rows of unit length whose cosine is above a threshold: (i, j, cosine), i < j.

    For sparse rows, candidates are found by their rarest terms (by all of them where WORK allows
    it), and the cosines of candidates are taken over all terms. Pairs that have only common terms
    in common may be missed.
    """
    if isinstance(vectors, SparseRows):
        yield from _sparse_pairs(vectors, threshold, block)
    else:
        yield from _dense_pairs(vectors, threshold, block)


def _dense_pairs(
    vectors: NDArray[float32], threshold: float, block: int
) -> Iterator[tuple[int, int, float]]:
    import numpy

    for start in range(0, len(vectors), block):
        cosines = vectors[start : start + block] @ vectors[start:].T
        # The upper triangle: each pair once, and no row with itself.
        left, right = numpy.nonzero(numpy.triu(cosines > threshold, 1))
        yield from zip(
            (left + start).tolist(),
            (right + start).tolist(),
            cosines[left, right].tolist(),
            strict=True,
        )


def _sparse_pairs(
    vectors: SparseRows, threshold: float, block: int
) -> Iterator[tuple[int, int, float]]:
    import numpy

    starts, columns, data = vectors.starts, vectors.columns, vectors.data
    total = len(starts) - 1
    row_of = numpy.repeat(numpy.arange(total), numpy.diff(starts))
    rare = _rare_terms(vectors)
    # What the common terms alone can add to a cosine is at most the product of the lengths that
    # both vectors have in them (Cauchy-Schwarz); these are the lengths.
    rare_squares = numpy.where(rare[columns], data * data, 0)
    rare_lengths = numpy.bincount(row_of, rare_squares, minlength=total)
    common_length = numpy.sqrt(numpy.maximum(0.0, 1.0 - rare_lengths))
    # The entries by term and then by row: an entry is followed by the later rows with its term.
    by_term = numpy.argsort(columns, kind="stable")
    rows_by_term, data_by_term = row_of[by_term], data[by_term]
    position = numpy.empty_like(by_term)
    position[by_term] = numpy.arange(len(by_term))
    term_ends = numpy.cumsum(numpy.bincount(columns, minlength=vectors.width))
    followers = numpy.where(rare[columns], term_ends[columns] - position - 1, 0)
    for start in range(0, total, block):
        stop = min(start + block, total)
        entries = slice(starts[start], starts[stop])
        # Each entry of the block meets all its followers: (entry, follower) as two flat arrays.
        counts = followers[entries]
        follower_entries = _ranges(position[entries] + 1, counts)
        cells = numpy.repeat((row_of[entries] - start) * total, counts)
        sums = numpy.bincount(
            cells + rows_by_term[follower_entries],
            numpy.repeat(data[entries], counts) * data_by_term[follower_entries],
            minlength=(stop - start) * total,
        )
        # The sums so far are those of rare terms; a pair is a candidate if the common terms could
        # lift it above the threshold.
        bound = threshold - numpy.outer(common_length[start:stop], common_length).ravel()
        left, right = numpy.divmod(numpy.flatnonzero((sums > bound) & (sums > 0)), total)
        cosines = _cosines(vectors, left + start, right)
        near = cosines > threshold
        yield from zip(
            (left[near] + start).tolist(),
            right[near].tolist(),
            cosines[near].tolist(),
            strict=True,
        )


def _ranges(starts: NDArray[int64], counts: NDArray[int64]) -> NDArray[int64]:
    """Ranges one behind the other: starts (5, 9) and counts (2, 3) give 5, 6, 9, 10, 11."""
    import numpy

    offsets = numpy.repeat(starts - (numpy.cumsum(counts) - counts), counts)
    ranges: NDArray[int64] = numpy.arange(counts.sum()) + offsets
    return ranges


def _rare_terms(vectors: SparseRows) -> NDArray[bool_]:
    """Which terms candidates are found by: the rarest, until WORK is spent.

    All terms if most elements are not zero.
    """
    import numpy

    usage = numpy.bincount(vectors.columns, minlength=vectors.width)
    rare = numpy.ones(vectors.width, dtype=bool)
    rows = len(vectors.starts) - 1
    if len(vectors.data) < _DENSE_SHARE * rows * vectors.width:
        order = numpy.argsort(usage, kind="stable")
        affordable = int(numpy.searchsorted(numpy.cumsum(usage[order] ** 2), WORK))
        rare[order[max(affordable, 1) :]] = False
    return rare


def _cosines(vectors: SparseRows, left: NDArray[int64], right: NDArray[int64]) -> NDArray[float64]:
    """The cosines of pairs of rows; `left` is in ascending order."""
    import numpy

    lengths = numpy.diff(vectors.starts)
    heads, slot = numpy.unique(left, return_inverse=True)
    # The left rows, few because `left` comes from one block, are made dense.
    table = numpy.zeros((len(heads), vectors.width), dtype="float32")
    for index, row in enumerate(heads):
        entries = slice(vectors.starts[row], vectors.starts[row + 1])
        table[index, vectors.columns[entries]] = vectors.data[entries]
    counts = lengths[right]
    right_entries = _ranges(vectors.starts[right], counts)
    left_values = table[numpy.repeat(slot, counts), vectors.columns[right_entries]]
    sums: NDArray[float64] = numpy.bincount(
        numpy.repeat(numpy.arange(len(left)), counts),
        left_values * vectors.data[right_entries],
        minlength=len(left),
    ).astype("float64")
    return sums
