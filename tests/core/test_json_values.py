"""JSON values: canonical text, keys of scalars, copies."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inftool.core.json_values import Canonical, canonical, copied, key_of, scalars

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=10,
)


@given(VALUES)
def test_canonical_text_is_the_value_whatever_the_order_of_its_keys(value: Any) -> None:
    assert json.loads(canonical(value)) == value
    if isinstance(value, dict):
        assert canonical(dict(reversed(value.items()))) == canonical(value)
    assert str(Canonical(value)) == canonical(value)


@given(VALUES)
def test_a_copy_is_equal_and_shares_no_container(value: Any) -> None:
    def containers(node: Any) -> list[int]:
        if isinstance(node, dict):
            return [id(node), *(one for item in node.values() for one in containers(item))]
        if isinstance(node, list):
            return [id(node), *(one for item in node for one in containers(item))]
        return []

    other = copied(value)
    assert other == value
    assert not set(containers(other)) & set(containers(value))


def test_scalars_are_found_at_any_depth() -> None:
    assert sorted(map(str, scalars({"a": [1, {"b": "x"}], "c": None}))) == ["1", "None", "x"]
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    assert list(scalars(deep)) == [1]


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (1, 1.0, True), (1, "1", True), ("Red", "red", True), (1.5, "1.5", True),
        (1, True, False), (0, False, False), (None, "None", False), ("1", "1.0", False),
    ],
)  # fmt: skip
def test_what_means_the_same_has_the_same_key(first: Any, second: Any, same: bool) -> None:
    assert (key_of(first) == key_of(second)) is same
