"""Tools as vectors, and which of them lie close together: never by a full matrix, so that tens of thousands fit."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Union

from inftool.core.errors import MissingExtra, UsageError
from inftool.core.tools import Tool

if TYPE_CHECKING:
    from numpy import bool_, float32, float64, int64
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class SparseRows:
    """Row vectors that are mostly zero: row `i` has `data[starts[i]:starts[i + 1]]` in the columns `columns[starts[i]:starts[i + 1]]`."""

    starts: NDArray[int64]
    columns: NDArray[int64]
    data: NDArray[float32]
    width: int


# Rows of unit length, one a text: sparse ones of TF-IDF, dense ones of a model.
Vectors = Union[SparseRows, "NDArray[float32]"]
Embedder = Callable[[Sequence[str]], Vectors]

# A term's share of the work is the square of how many tools have it; the rarest terms are taken until this much is spent.
WORK = 400_000_000
# Rows that are compared with all others at a time: 64 x 20,000 sums take 10 MB.
BLOCK = 64
_BOUNDARY = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_STOP = frozenset(
    "a an and any are as at be by can each for from given has if in into is it its of on one or that the their this to used was which will with you your".split()
)


def words(text: str) -> list[str]:
    """A text or an identifier as lower-case words in the singular, stop words left out."""
    found = []
    for part in _BOUNDARY.split(text):
        word = part.lower()
        if len(word) < 2 or word in _STOP:
            continue
        if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
            word = f"{word[:-3]}y" if word.endswith("ies") and len(word) > 4 else word[:-1]
        found.append(word)
    return found


def embedding_text(tool: Tool) -> str:
    """What is embedded of a tool: its name twice, the words of its path, its description and its parameters with theirs."""
    properties = tool.input_schema.get("properties") or {}
    names = " ".join(properties)
    about = " ".join(
        str(part.get("description") or "")[:120]
        for part in properties.values()
        if isinstance(part, dict)
    )
    # The name that the spec gives it: a prefix that only keeps names apart says nothing of what a tool does.
    name = tool.operation or tool.name
    return f"{name} {name} {tool.summary} {tool.description[:600]} {names} {about}"


def tfidf_rows(texts: Sequence[str]) -> SparseRows:
    """TF-IDF vectors of unit length; needs nothing to be downloaded.

    A term that occurs `n` times in a text weighs `(1 + ln n) * (1 + ln((1 + texts) / (1 + texts with the term)))` before the row is brought to length 1.
    """
    import numpy

    counts = [Counter(words(text)) for text in texts]
    column = {
        word: index
        for index, word in enumerate(sorted({word for count in counts for word in count}))
    }
    starts = numpy.cumsum([0, *(len(count) for count in counts)])
    rows = numpy.repeat(numpy.arange(len(texts)), numpy.diff(starts))
    columns = numpy.fromiter(
        (column[word] for count in counts for word in count), "int64", starts[-1]
    )
    often = numpy.fromiter(
        (number for count in counts for number in count.values()), "float32", starts[-1]
    )
    order = numpy.lexsort((columns, rows))
    columns, often = columns[order], often[order]
    spread = numpy.bincount(columns, minlength=len(column)).astype("float32")
    rarity = numpy.log(numpy.float32(len(texts) + 1) / (spread + numpy.float32(1))) + numpy.float32(
        1
    )
    data = (numpy.log(often) + numpy.float32(1)) * rarity[columns]
    lengths = numpy.sqrt(numpy.bincount(rows, data * data, minlength=len(texts)))
    return SparseRows(starts, columns, (data / lengths[rows]).astype("float32"), len(column))


def _dense(rows: Any) -> NDArray[float32]:
    import numpy

    matrix: NDArray[float32] = numpy.asarray(rows, dtype="float32")
    lengths = numpy.linalg.norm(matrix, axis=1, keepdims=True)
    lengths[lengths == 0] = 1
    unit: NDArray[float32] = matrix / lengths
    return unit


def sentence_embedder(model: str) -> Embedder:
    """An embedder that runs a sentence-transformers model on this machine."""

    def embed(texts: Sequence[str]) -> NDArray[float32]:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise MissingExtra("sentence-transformers", "embed") from error
        return _dense(
            SentenceTransformer(model).encode(list(texts), batch_size=64, show_progress_bar=False)
        )

    return embed


def endpoint_embedder(
    model: str, base_url: str | None = None, key_env: str = "OPENAI_API_KEY", batch: int = 128
) -> Embedder:
    """An embedder behind an OpenAI-compatible `/embeddings`; the key is read from the environment and never stored."""

    def embed(texts: Sequence[str]) -> NDArray[float32]:
        from openai import OpenAI

        with OpenAI(base_url=base_url, api_key=os.environ.get(key_env) or "none") as client:
            rows = [
                item.embedding
                for start in range(0, len(texts), batch)
                for item in client.embeddings.create(
                    model=model, input=list(texts[start : start + batch])
                ).data
            ]
        return _dense(rows)

    return embed


def embedder_by_name(
    name: str = "tfidf", base_url: str | None = None, key_env: str = "OPENAI_API_KEY"
) -> Embedder:
    """The embedder of a setting: `tfidf`, `sentence-transformers/MODEL`, or `endpoint/MODEL`; UsageError for any other."""
    if name == "tfidf":
        return tfidf_rows
    kind, _, model = name.partition("/")
    if kind == "sentence-transformers" and model:
        return sentence_embedder(model)
    if kind == "endpoint" and model:
        return endpoint_embedder(model, base_url, key_env)
    raise UsageError(
        f"there is no embedding {name!r}",
        hint="there are: tfidf, sentence-transformers/MODEL, endpoint/MODEL",
    )


def close_pairs(
    vectors: Vectors, threshold: float, *, block: int = BLOCK
) -> Iterator[tuple[int, int, float]]:
    """Every pair (i, j, cosine) with i < j whose cosine is above a threshold, block by block; `vectors` are rows of unit length.

    For sparse rows, candidates come from the rarest terms (all of them where the work allows it), their cosines from all terms.
    """
    if isinstance(vectors, SparseRows):
        yield from _sparse_neighbours(vectors, threshold, block)
    else:
        yield from _dense_neighbours(vectors, threshold, block)


def _dense_neighbours(
    vectors: NDArray[float32], threshold: float, block: int
) -> Iterator[tuple[int, int, float]]:
    import numpy

    for start in range(0, len(vectors), block):
        cosines = vectors[start : start + block] @ vectors[start:].T
        left, right = numpy.nonzero(numpy.triu(cosines > threshold, 1))
        yield from zip(
            (left + start).tolist(),
            (right + start).tolist(),
            cosines[left, right].tolist(),
            strict=True,
        )


def _sparse_neighbours(
    vectors: SparseRows, threshold: float, block: int
) -> Iterator[tuple[int, int, float]]:
    import numpy

    starts, columns, data = vectors.starts, vectors.columns, vectors.data
    total = len(starts) - 1
    row_of = numpy.repeat(numpy.arange(total), numpy.diff(starts))
    rare = _rare_terms(vectors)
    # What the common terms alone can add to a cosine is bounded by their share of both vectors.
    share = numpy.sqrt(
        numpy.maximum(
            0.0,
            1.0
            - numpy.bincount(row_of, numpy.where(rare[columns], data * data, 0), minlength=total),
        )
    )
    # The entries by term and then by row: those behind an entry are the later rows that have its term too.
    by_term = numpy.argsort(columns, kind="stable")
    rows_by_term, data_by_term = row_of[by_term], data[by_term]
    place = numpy.empty_like(by_term)
    place[by_term] = numpy.arange(len(by_term))
    behind = numpy.where(
        rare[columns],
        numpy.cumsum(numpy.bincount(columns, minlength=vectors.width))[columns] - place - 1,
        0,
    )
    for start in range(0, total, block):
        stop = min(start + block, total)
        own = slice(starts[start], starts[stop])
        many = behind[own]
        others = numpy.arange(many.sum()) + numpy.repeat(
            place[own] + 1 - (numpy.cumsum(many) - many), many
        )
        cells = numpy.repeat((row_of[own] - start) * total, many) + rows_by_term[others]
        sums = numpy.bincount(
            cells,
            numpy.repeat(data[own], many) * data_by_term[others],
            minlength=(stop - start) * total,
        )
        bound = threshold - numpy.outer(share[start:stop], share).ravel()
        left, right = numpy.divmod(numpy.flatnonzero((sums > bound) & (sums > 0)), total)
        cosines = _cosines(vectors, left + start, right)
        near = cosines > threshold
        yield from zip(
            (left[near] + start).tolist(), right[near].tolist(), cosines[near].tolist(), strict=True
        )


def _rare_terms(vectors: SparseRows) -> NDArray[bool_]:
    """Which terms candidates are sought by: the rarest, until WORK is spent; all of them where few elements are zero."""
    import numpy

    spread = numpy.bincount(vectors.columns, minlength=vectors.width)
    rare = numpy.ones(vectors.width, dtype=bool)
    if len(vectors.data) < 0.5 * (len(vectors.starts) - 1) * vectors.width:
        order = numpy.argsort(spread, kind="stable")
        rare[order[max(int(numpy.searchsorted(numpy.cumsum(spread[order] ** 2), WORK)), 1) :]] = (
            False
        )
    return rare


def _cosines(vectors: SparseRows, left: NDArray[int64], right: NDArray[int64]) -> NDArray[float64]:
    """The cosines of pairs of rows; `left` is in ascending order."""
    import numpy

    lengths = numpy.diff(vectors.starts)
    heads, slot = numpy.unique(left, return_inverse=True)
    table = numpy.zeros((len(heads), vectors.width), dtype="float32")
    for index, row in enumerate(heads):
        own = slice(vectors.starts[row], vectors.starts[row + 1])
        table[index, vectors.columns[own]] = vectors.data[own]
    many = lengths[right]
    entries = numpy.arange(many.sum()) + numpy.repeat(
        vectors.starts[right] - (numpy.cumsum(many) - many), many
    )
    products = table[numpy.repeat(slot, many), vectors.columns[entries]] * vectors.data[entries]
    sums: NDArray[float64] = numpy.bincount(
        numpy.repeat(numpy.arange(len(left)), many), products, minlength=len(left)
    ).astype("float64")
    return sums
