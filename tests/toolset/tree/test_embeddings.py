"""Vectors of texts: TF-IDF, and what an endpoint answers."""

from __future__ import annotations

import math

import numpy
import pytest

from inftool.core.errors import UsageError
from inftool.toolset.tree.builder import build_tree
from inftool.toolset.tree.embeddings import embedder_by_name, endpoint_embedder, tfidf_rows
from tests.support.embeddings import serving_embeddings
from tests.support.vendor_tools import CANCEL_ORDER, LIST_ORDERS, SAME_LIST_ORDERS


def test_tfidf_weighs_as_its_formula_says() -> None:
    vectors = tfidf_rows(["order order book", "order", "the"])
    assert vectors.width == 2
    assert vectors.starts.tolist() == [0, 2, 3, 3]
    book, order = 1 + math.log(4 / 2), (1 + math.log(2)) * (1 + math.log(4 / 3))
    assert numpy.allclose(
        vectors.data, [book / math.hypot(book, order), order / math.hypot(book, order), 1]
    )


def test_an_embedder_is_found_by_name() -> None:
    assert embedder_by_name("tfidf") is tfidf_rows
    for wrong in ("word2vec", "endpoint/", "sentence-transformers"):
        with pytest.raises(UsageError):
            embedder_by_name(wrong)


def test_an_endpoint_embeds_in_batches_and_the_tree_grows_from_its_vectors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MY_KEY", "secret")
    with serving_embeddings() as server:
        rows = endpoint_embedder("letters", server.url, "MY_KEY", batch=2)(["aab", "b", "ccd"])
        tree = build_tree(
            [LIST_ORDERS, SAME_LIST_ORDERS, CANCEL_ORDER],
            embed=embedder_by_name("endpoint/letters", server.url, "MY_KEY"),
        )
    assert isinstance(rows, numpy.ndarray)
    long, short = 2 / math.sqrt(5), 1 / math.sqrt(5)
    assert numpy.allclose(
        rows[:, :4], numpy.array([[long, short, 0, 0], [0, 1, 0, 0], [0, 0, long, short]])
    )
    assert [
        (request["path"], request["model"], request["input"]) for request in server.requests[:2]
    ] == [
        ("/v1/embeddings", "letters", ["aab", "b"]),
        ("/v1/embeddings", "letters", ["ccd"]),
    ]
    assert set(server.keys) == {"Bearer secret"}
    assert sorted(leaf.members for leaf in tree.leaves()) == [
        ("shop_listOrders", "store_list_orders"),
        ("store_cancelOrder",),
    ]
