"""The tool tree: near-duplicates become one, all others stay, and every merge is recorded."""

from __future__ import annotations

from pathlib import Path

from inftool.scenarios.world_pool import WorldPool
from inftool.toolset.tree.builder import build_tree
from inftool.toolset.tree.tool_tree import ToolTree
from tests.support.vendor_tools import CANCEL_ORDER, LIST_ORDERS, SAME_LIST_ORDERS, vendor_tool


def test_the_same_tool_of_two_vendors_becomes_one_that_remembers_both() -> None:
    tree = build_tree([LIST_ORDERS, SAME_LIST_ORDERS, CANCEL_ORDER])
    assert sorted(leaf.members for leaf in tree.leaves()) == [
        ("shop_listOrders", "store_list_orders"),
        ("store_cancelOrder",),
    ]
    assert tree.rounds[0].merges[0].members == ("shop_listOrders", "store_list_orders")
    assert [(item.before, item.after) for item in tree.rounds] == [(3, 2), (2, 2)]


def test_a_discriminator_that_is_passed_in_decides() -> None:
    tree = build_tree(
        [LIST_ORDERS, SAME_LIST_ORDERS, CANCEL_ORDER],
        discriminate=lambda cluster: [[index] for index in range(len(cluster))],
    )
    assert len(tree.leaves()) == 3


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


def test_no_domain_holds_everything_however_many_apis_there_are() -> None:
    """Five hundred APIs in a chain, each with a word in common with the next."""
    apis = [
        vendor_tool(
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
        discriminate=lambda cluster: [],
    )
    assert len(tree.leaves()) == 500
    assert max(len(domain.servers) for domain in tree.domains) <= 44
    assert 12 <= len(tree.domains) < 250


def test_no_tools_have_no_domains() -> None:
    assert build_tree([]).domains == ()
