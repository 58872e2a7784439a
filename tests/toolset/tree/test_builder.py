"""The MCP tree: near-duplicates become one, strangers stay, and everything is on record."""

from __future__ import annotations

import random
from pathlib import Path

import numpy
import pytest

from inftool.core.errors import UsageError
from inftool.core.tools import Origin, Tool
from inftool.core.types import Effect
from inftool.scenarios.world_pool import WorldPool
from inftool.toolset.tree.builder import ToolTree, grow
from inftool.toolset.tree.embeddings import embedder, neighbours, tfidf, words
from inftool.toolset.tree.merging import card_of, consolidate, redundant


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
    tree = grow([ONE, SAME, OTHER])
    assert sorted(leaf.members for leaf in tree.leaves()) == [
        ("shop_listOrders", "store_list_orders"),
        ("store_cancelOrder",),
    ]
    assert tree.rounds[0].merges[0].members == ("shop_listOrders", "store_list_orders")
    assert [(item.before, item.after) for item in tree.rounds] == [(3, 2), (2, 2)]


def test_what_differs_in_deed_type_or_need_stays_apart() -> None:
    assert redundant(card_of(ONE), card_of(SAME))
    assert not redundant(card_of(ONE), card_of(OTHER))
    assert not redundant(
        card_of(ONE),
        card_of(
            tool("x", "listOrders", "List all orders", "status", status="string", page="integer")
        ),
    )
    assert not redundant(
        card_of(ONE),
        card_of(tool("x", "listOrders", "List all orders", status="integer", page="integer")),
    )
    # One API does not offer one thing under two paths.
    assert not redundant(
        card_of(ONE),
        card_of(
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
    assert consolidate([card_of(ONE), card_of(SAME)]).members == (
        "shop_listOrders",
        "store_list_orders",
    )


def test_a_discriminator_of_ones_own_decides() -> None:
    tree = grow(
        [ONE, SAME, OTHER], discriminate=lambda cards: [[index] for index in range(len(cards))]
    )
    assert len(tree.leaves()) == 3


def test_neighbours_are_those_of_the_full_matrix() -> None:
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
    vectors = tfidf(texts)
    full = (vectors @ vectors.T).toarray()
    wanted = {(i, j) for i in range(120) for j in range(i + 1, 120) if full[i, j] > 0.7}
    found = {(i, j): cosine for i, j, cosine in neighbours(vectors, 0.7, block=32)}
    assert found.keys() == wanted
    assert all(numpy.isclose(cosine, full[pair], atol=1e-5) for pair, cosine in found.items())


def test_the_tree_of_the_project_holds_every_tool(stage: WorldPool, tmp_path: Path) -> None:
    tree = grow(stage.tools.values(), titles={api.name: api.title for api in stage.toolset.apis})
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
    tree = grow(
        apis,
        titles={f"api{n}": f"wares{n} wares{n + 1}" for n in range(500)},
        discriminate=lambda cards: [],
    )
    assert len(tree.leaves()) == 500
    assert max(len(domain.servers) for domain in tree.domains) <= 44
    assert 12 <= len(tree.domains) < 250


def test_words_and_settings() -> None:
    assert words("listCustomerOrders by-ID") == ["list", "customer", "order", "id"]
    assert embedder("tfidf") is tfidf
    for wrong in ("word2vec", "endpoint/", "sentence-transformers"):
        with pytest.raises(UsageError):
            embedder(wrong)
