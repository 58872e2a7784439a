"""Tools as text."""

from __future__ import annotations

from inftool.toolset.tool_text import embedding_text, plain_name, words
from tests.support.vendor_tools import vendor_tool


def test_identifiers_and_texts_become_words() -> None:
    assert words("listCustomerOrders by-ID") == ["list", "customer", "order", "id"]
    assert words("The status of entries") == ["status", "entry"]


def test_a_plain_name_has_no_spelling() -> None:
    assert plain_name("customerId") == plain_name("Customer-ID") == "customerid"


def test_a_tool_is_described_by_the_name_in_its_spec_and_by_its_parameters() -> None:
    tool = vendor_tool("shop", "listOrders", "List all orders", status="string")
    text = embedding_text(tool)
    assert text.split() == ["listOrders", "listOrders", "List", "all", "orders", "status"]
