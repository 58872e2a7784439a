"""Names of tools when several APIs share one list."""

from __future__ import annotations

from inftool.core.tools import Api
from inftool.toolset.naming import prefixed, unique_names
from tests.support.vendor_tools import vendor_tool


def api(name: str, *operations: str) -> Api:
    tools = [
        vendor_tool(name, operation, operation).model_copy(update={"name": operation})
        for operation in operations
    ]
    return Api(
        name=name, title=name, version="", format="", file=name, sha256="", tools=tuple(tools)
    )


def test_only_a_name_that_two_apis_have_is_prefixed() -> None:
    apis = [api("shop", "list", "pay"), api("store", "list")]
    names = unique_names(apis)
    assert names == {
        ("shop", "list"): "shop_list",
        ("shop", "pay"): "pay",
        ("store", "list"): "store_list",
    }
    assert unique_names(apis[::-1]) == names


def test_prefixes_that_become_the_same_get_a_number() -> None:
    names = unique_names([api("my shop", "list"), api("my_shop", "list")])
    assert sorted(names.values()) == ["my_shop_list", "my_shop_list_2"]


def test_a_long_name_is_cut_at_the_api_first() -> None:
    assert prefixed("a" * 60, "list") == f"{'a' * 59}_list"
    assert len(prefixed("a" * 60, "b" * 64)) == 64
