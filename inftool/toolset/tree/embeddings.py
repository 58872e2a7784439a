"""Texts as vectors: TF-IDF, a sentence-transformers model, or an endpoint for embeddings."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Union

from inftool.core.errors import MissingExtra, UsageError
from inftool.toolset.tool_text import words

if TYPE_CHECKING:
    from numpy import float32, int64
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class SparseRows:
    """Row vectors that are mostly zero (compressed sparse rows)."""

    starts: NDArray[int64]
    """Row `i` has the entries from `starts[i]` to `starts[i + 1]`."""
    columns: NDArray[int64]
    """The column of each entry, ascending within a row."""
    data: NDArray[float32]
    """The value of each entry."""
    width: int
    """How many columns there are."""


Vectors = Union[SparseRows, "NDArray[float32]"]
"""Rows of unit length, one for each text: sparse ones of TF-IDF, dense ones of a model."""

Embedder = Callable[[Sequence[str]], Vectors]
"""Texts -> their vectors."""


def tfidf_rows(texts: Sequence[str]) -> SparseRows:
    """TF-IDF vectors of unit length; nothing needs to be downloaded.

    A term that occurs `n` times in a text weighs
    `(1 + ln n) * (1 + ln((1 + texts) / (1 + texts with the term)))`
    before the row is brought to length 1.
    """
    import numpy

    one = numpy.float32(1)
    counts = [Counter(words(text)) for text in texts]
    vocabulary = sorted({word for count in counts for word in count})
    column_of = {word: index for index, word in enumerate(vocabulary)}
    starts = numpy.cumsum([0, *(len(count) for count in counts)])
    rows = numpy.repeat(numpy.arange(len(texts)), numpy.diff(starts))
    entry_columns = (column_of[word] for count in counts for word in count)
    columns = numpy.fromiter(entry_columns, "int64", starts[-1])
    entry_counts = (number for count in counts for number in count.values())
    frequency = numpy.fromiter(entry_counts, "float32", starts[-1])
    # A counter has its words in the order of the text; rows are sorted by column instead.
    order = numpy.lexsort((columns, rows))
    columns, frequency = columns[order], frequency[order]
    texts_with_term = numpy.bincount(columns, minlength=len(vocabulary)).astype("float32")
    # In single precision throughout: a double in between would change the last digits.
    rarity = numpy.log(numpy.float32(len(texts) + 1) / (texts_with_term + one)) + one
    data = (numpy.log(frequency) + one) * rarity[columns]
    lengths = numpy.sqrt(numpy.bincount(rows, data * data, minlength=len(texts)))
    return SparseRows(starts, columns, (data / lengths[rows]).astype("float32"), len(vocabulary))


def _unit_rows(rows: ArrayLike) -> NDArray[float32]:
    """Dense rows brought to length 1; a row of zeros stays as it is."""
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
            # An extra: it brings torch with it.
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise MissingExtra("sentence-transformers", "embed") from error
        encoder = SentenceTransformer(model)
        return _unit_rows(encoder.encode(list(texts), batch_size=64, show_progress_bar=False))

    return embed


def endpoint_embedder(
    model: str, base_url: str | None = None, key_env: str = "OPENAI_API_KEY", batch: int = 128
) -> Embedder:
    """An embedder behind an OpenAI-compatible `/embeddings`, asked for `batch` texts at a time.

    The key is read from the environment and never stored.
    """

    def embed(texts: Sequence[str]) -> NDArray[float32]:
        from openai import OpenAI

        rows: list[list[float]] = []
        # The client refuses an empty key, but local endpoints need none.
        with OpenAI(base_url=base_url, api_key=os.environ.get(key_env) or "none") as client:
            for start in range(0, len(texts), batch):
                batch_texts = list(texts[start : start + batch])
                answer = client.embeddings.create(model=model, input=batch_texts)
                rows += [item.embedding for item in answer.data]
        return _unit_rows(rows)

    return embed


def embedder_by_name(
    name: str = "tfidf", base_url: str | None = None, key_env: str = "OPENAI_API_KEY"
) -> Embedder:
    """The embedder that a setting names; UsageError for an unknown one.

    Either `tfidf`, `sentence-transformers/MODEL` or `endpoint/MODEL`.
    """
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
