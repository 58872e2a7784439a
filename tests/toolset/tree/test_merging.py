"""Which tools are the same tool."""

from __future__ import annotations

from inftool.toolset.tree.merging import are_redundant, merge_tools, summarize_tool
from tests.support.vendor_tools import CANCEL_ORDER, LIST_ORDERS, SAME_LIST_ORDERS, vendor_tool


def test_what_differs_in_verb_type_or_required_parameters_stays_apart() -> None:
    assert are_redundant(summarize_tool(LIST_ORDERS), summarize_tool(SAME_LIST_ORDERS))
    assert not are_redundant(summarize_tool(LIST_ORDERS), summarize_tool(CANCEL_ORDER))
    assert not are_redundant(
        summarize_tool(LIST_ORDERS),
        summarize_tool(
            vendor_tool(
                "x", "listOrders", "List all orders", "status", status="string", page="integer"
            )
        ),
    )
    assert not are_redundant(
        summarize_tool(LIST_ORDERS),
        summarize_tool(
            vendor_tool("x", "listOrders", "List all orders", status="integer", page="integer")
        ),
    )
    # One API does not offer one thing under two paths.
    assert not are_redundant(
        summarize_tool(LIST_ORDERS),
        summarize_tool(
            vendor_tool(
                "shop",
                "listOrders2",
                "List all orders",
                path="/archive/orders",
                status="string",
                page="integer",
            )
        ),
    )
    assert merge_tools([summarize_tool(LIST_ORDERS), summarize_tool(SAME_LIST_ORDERS)]).members == (
        "shop_listOrders",
        "store_list_orders",
    )
