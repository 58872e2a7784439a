"""The MCP tree: near-duplicates become one, strangers stay, and everything is on record."""

from __future__ import annotations

import math
import random
from pathlib import Path

import numpy
import pytest

from inftool.core.errors import UsageError
from inftool.core.tools import Origin, Tool
from inftool.core.types import Effect
from inftool.scenarios.world_pool import WorldPool
from inftool.toolset.tree.builder import ToolTree, build_tree
from inftool.toolset.tree.embeddings import (
    close_pairs,
    embedder_by_name,
    endpoint_embedder,
    tfidf_rows,
    words,
)
from inftool.toolset.tree.merging import are_redundant, merge_tools, summarize_tool
from tests.support.embeddings import serving_embeddings


def tool(
    api: str,
    name: str,
    text: str,
    *required: str,
    effect: Effect = "read",
    path: str = "/orders",
    **properties: str,
) -> Tool:
    schema = {
        "type": "object",
        "properties": {key: {"type": kind} for key, kind in properties.items()},
        "required": list(required),
    }
    return Tool(
        name=f"{api}_{name}",
        description=text,
        input_schema=schema,
        output_schema=None,
        effect=effect,
        origin=Origin(file=api),
        api=api,
        operation=name,
        path=path,
    )


ONE = tool("shop", "listOrders", "List all orders of the shop", status="string", page="integer")
SAME = tool("store", "list_orders", "List all orders of the shop", status="string", page="integer")
OTHER = tool(
    "store",
    "cancelOrder",
    "Cancel an order of the shop",
    "id",
    effect="action",
    path="/orders/{id}/cancel",
    id="string",
)


def test_the_same_tool_of_two_vendors_becomes_one_that_remembers_both() -> None:
    tree = build_tree([ONE, SAME, OTHER])
    assert sorted(leaf.members for leaf in tree.leaves()) == [
        ("shop_listOrders", "store_list_orders"),
        ("store_cancelOrder",),
    ]
    assert tree.rounds[0].merges[0].members == ("shop_listOrders", "store_list_orders")
    assert [(item.before, item.after) for item in tree.rounds] == [(3, 2), (2, 2)]


def test_what_differs_in_deed_type_or_need_stays_apart() -> None:
    assert are_redundant(summarize_tool(ONE), summarize_tool(SAME))
    assert not are_redundant(summarize_tool(ONE), summarize_tool(OTHER))
    assert not are_redundant(
        summarize_tool(ONE),
        summarize_tool(
            tool("x", "listOrders", "List all orders", "status", status="string", page="integer")
        ),
    )
    assert not are_redundant(
        summarize_tool(ONE),
        summarize_tool(
            tool("x", "listOrders", "List all orders", status="integer", page="integer")
        ),
    )
    # One API does not offer one thing under two paths.
    assert not are_redundant(
        summarize_tool(ONE),
        summarize_tool(
            tool(
                "shop",
                "listOrders2",
                "List all orders",
                path="/archive/orders",
                status="string",
                page="integer",
            )
        ),
    )
    assert merge_tools([summarize_tool(ONE), summarize_tool(SAME)]).members == (
        "shop_listOrders",
        "store_list_orders",
    )


def test_a_discriminator_of_ones_own_decides() -> None:
    tree = build_tree(
        [ONE, SAME, OTHER], discriminate=lambda cards: [[index] for index in range(len(cards))]
    )
    assert len(tree.leaves()) == 3


@pytest.mark.parametrize("few_candidates", [False, True])
def test_neighbours_are_those_of_the_full_matrix(
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
        monkeypatch.setattr("inftool.toolset.tree.embeddings.WORK", 20_000)
    for rows in (vectors, matrix):
        found = {(i, j): cosine for i, j, cosine in close_pairs(rows, 0.7, block=32)}
        assert found.keys() <= wanted if few_candidates else found.keys() == wanted
        assert len(found) > 0.5 * len(wanted)
        assert all(numpy.isclose(cosine, full[pair], atol=1e-5) for pair, cosine in found.items())


def test_tfidf_weighs_as_its_formula_says() -> None:
    vectors = tfidf_rows(["order order book", "order", "the"])
    assert vectors.width == 2
    assert vectors.starts.tolist() == [0, 2, 3, 3]
    book, order = 1 + math.log(4 / 2), (1 + math.log(2)) * (1 + math.log(4 / 3))
    assert numpy.allclose(
        vectors.data, [book / math.hypot(book, order), order / math.hypot(book, order), 1]
    )


def test_texts_without_a_word_have_no_neighbours() -> None:
    assert list(close_pairs(tfidf_rows(["the", "of a"]), 0.5)) == []
    assert build_tree([]).domains == ()


def test_the_tree_of_the_project_holds_every_tool(stage: WorldPool, tmp_path: Path) -> None:
    tree = build_tree(
        stage.tools.values(), titles={api.name: api.title for api in stage.toolset.apis}
    )
    assert sorted(member for leaf in tree.leaves() for member in leaf.members) == sorted(
        stage.tools
    )
    assert 1 < len(tree.domains) <= 8
    assert len({domain.name for domain in tree.domains}) == len(tree.domains)
    tree.save(tmp_path / "tree.json")
    assert ToolTree.model_validate_json((tmp_path / "tree.json").read_text("utf-8")) == tree
    assert "round 1" in tree.render()


def test_no_field_holds_everything_however_many_apis_there_are() -> None:
    """Five hundred APIs in a chain, each with a word in common with the next."""
    apis = [
        tool(
            f"api{n}",
            "list",
            f"List the wares{n} and the wares{n + 1}",
            path=f"/wares{n}/wares{n + 1}",
        )
        for n in range(500)
    ]
    tree = build_tree(
        apis,
        titles={f"api{n}": f"wares{n} wares{n + 1}" for n in range(500)},
        discriminate=lambda cards: [],
    )
    assert len(tree.leaves()) == 500
    assert max(len(domain.servers) for domain in tree.domains) <= 44
    assert 12 <= len(tree.domains) < 250


def test_words_and_settings() -> None:
    assert words("listCustomerOrders by-ID") == ["list", "customer", "order", "id"]
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
            [ONE, SAME, OTHER], embed=embedder_by_name("endpoint/letters", server.url, "MY_KEY")
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
