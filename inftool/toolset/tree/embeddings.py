"""Tools as vectors, and which of them lie close together: never by a full matrix, so that tens of thousands fit."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from inftool.core.errors import MissingExtra, UsageError
from inftool.core.tools import Tool

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


Embedder = Callable[[Sequence[str]], "csr_matrix[Any]"]

# A term's share of the work is the square of how many tools have it; the rarest terms are taken until this much is spent.
WORK = 400_000_000
BLOCK = 512
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


def text_of(tool: Tool) -> str:
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


def tfidf(texts: Sequence[str]) -> csr_matrix[Any]:
    """TF-IDF vectors of unit length: shape (texts, terms); needs nothing to be downloaded."""
    import numpy
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer(analyzer=words, sublinear_tf=True, dtype=numpy.float32).fit_transform(
        texts
    )
    return vectors.tocsr()


def _dense(rows: Any) -> csr_matrix[Any]:
    import numpy
    from scipy.sparse import csr_matrix

    matrix = numpy.asarray(rows, dtype="float32")
    lengths = numpy.linalg.norm(matrix, axis=1, keepdims=True)
    lengths[lengths == 0] = 1
    return csr_matrix(matrix / lengths)


def sentences(model: str) -> Embedder:
    """An embedder that runs a sentence-transformers model on this machine."""

    def embed(texts: Sequence[str]) -> csr_matrix[Any]:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise MissingExtra("sentence-transformers", "embed") from error
        return _dense(
            SentenceTransformer(model).encode(list(texts), batch_size=64, show_progress_bar=False)
        )

    return embed


def endpoint(
    model: str, base_url: str | None = None, key_env: str = "OPENAI_API_KEY", batch: int = 128
) -> Embedder:
    """An embedder behind an OpenAI-compatible `/embeddings`; the key is read from the environment and never stored."""

    def embed(texts: Sequence[str]) -> csr_matrix[Any]:
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


def embedder(
    name: str = "tfidf", base_url: str | None = None, key_env: str = "OPENAI_API_KEY"
) -> Embedder:
    """The embedder of a setting: `tfidf`, `sentence-transformers/MODEL`, or `endpoint/MODEL`; UsageError for any other."""
    if name == "tfidf":
        return tfidf
    kind, _, model = name.partition("/")
    if kind == "sentence-transformers" and model:
        return sentences(model)
    if kind == "endpoint" and model:
        return endpoint(model, base_url, key_env)
    raise UsageError(
        f"there is no embedding {name!r}",
        hint="there are: tfidf, sentence-transformers/MODEL, endpoint/MODEL",
    )


def neighbours(
    vectors: csr_matrix[Any], threshold: float, *, block: int = BLOCK
) -> Iterator[tuple[int, int, float]]:
    """Every pair (i, j, cosine) with i < j whose cosine is above a threshold, block by block; `vectors` are rows of unit length.

    Candidates come from the rarest terms (all of them where the work allows it), their cosines from all terms. A dense matrix is taken as it is.
    """
    import numpy

    rows = vectors.shape[0]
    if rows < 2:
        return
    counts = numpy.bincount(vectors.indices, minlength=vectors.shape[1]).astype("int64")
    order = numpy.argsort(counts, kind="stable")
    spent = numpy.cumsum(counts[order] ** 2)
    sparse = vectors.nnz < 0.5 * rows * vectors.shape[1]
    kept = order[: max(int(numpy.searchsorted(spent, WORK)), 1)] if sparse else order
    rare = vectors if len(kept) == vectors.shape[1] else vectors[:, numpy.sort(kept)]
    # What the common terms alone can add to a cosine is bounded by their share of both vectors.
    share = numpy.sqrt(
        numpy.maximum(0.0, 1.0 - numpy.asarray(rare.multiply(rare).sum(axis=1)).ravel())
    )
    other = rare.T.tocsr()
    for start in range(0, rows, block):
        product = (rare[start : start + block] @ other).tocoo()
        left, right = product.row + start, product.col
        possible = (left < right) & (product.data + share[left] * share[right] > threshold)
        left, right, cosines = left[possible], right[possible], product.data[possible]
        if rare is not vectors and len(left):
            cosines = numpy.concatenate(
                [
                    numpy.asarray(
                        vectors[left[at : at + 65536]]
                        .multiply(vectors[right[at : at + 65536]])
                        .sum(axis=1)
                    ).ravel()
                    for at in range(0, len(left), 65536)
                ]
            )
        near = cosines > threshold
        yield from zip(
            left[near].tolist(), right[near].tolist(), cosines[near].tolist(), strict=True
        )
