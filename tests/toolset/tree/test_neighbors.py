"""Pairs of close vectors, found without a full matrix."""

from __future__ import annotations

import random

import numpy
import pytest

from inftool.toolset.tree.embeddings import tfidf_rows
from inftool.toolset.tree.neighbors import close_pairs


@pytest.mark.parametrize("few_candidates", [False, True])
def test_close_pairs_are_those_of_the_full_matrix(
    few_candidates: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(1)
    texts = [
        " ".join(
            rng.choices(
                ["order", "book", "cancel", "list", "customer", "invoice", "refund", "author"],
                k=rng.randint(2, 6),
            )
        )
        for _ in range(120)
    ]
    vectors = tfidf_rows(texts)
    matrix = numpy.zeros((120, vectors.width), dtype="float32")
    matrix[numpy.repeat(numpy.arange(120), numpy.diff(vectors.starts)), vectors.columns] = (
        vectors.data
    )
    full = matrix @ matrix.T
    wanted = {(i, j) for i in range(120) for j in range(i + 1, 120) if full[i, j] > 0.7}
    if few_candidates:
        monkeypatch.setattr("inftool.toolset.tree.neighbors.WORK", 20_000)
    for rows in (vectors, matrix):
        found = {(i, j): cosine for i, j, cosine in close_pairs(rows, 0.7, block=32)}
        assert found.keys() <= wanted if few_candidates else found.keys() == wanted
        assert len(found) > 0.5 * len(wanted)
        assert all(numpy.isclose(cosine, full[pair], atol=1e-5) for pair, cosine in found.items())


def test_texts_without_a_word_have_no_pairs() -> None:
    assert list(close_pairs(tfidf_rows(["the", "of a"]), 0.5)) == []
