"""JSON pointers: what is written comes back, and what is not there is named or None."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inftool.core.json_pointer import (
    Unresolved,
    at_pointer,
    escape,
    find_all,
    find_at,
    replace_at,
    set_at,
    split_pointer,
    unescape,
)

# Keys that are awkward in a pointer: its own two characters, digits, and the empty name.
KEYS = st.text(st.sampled_from("~/01ab*"), max_size=3)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)
# The examples of RFC 6901, section 5.
RFC: dict[str, Any] = {
    "foo": ["bar", "baz"],
    "": 0,
    "a/b": 1,
    "c%d": 2,
    "e^f": 3,
    "g|h": 4,
    "i\\j": 5,
    'k"l': 6,
    " ": 7,
    "m~n": 8,
}


def places(value: Any, pointer: str = "") -> list[tuple[str, Any]]:
    found = [(pointer, value)]
    if isinstance(value, dict):
        for key, item in value.items():
            found += places(item, f"{pointer}/{escape(key)}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found += places(item, f"{pointer}/{index}")
    return found


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", RFC),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/e^f", 3),
        ("/g|h", 4),
        ("/i\\j", 5),
        ('/k"l', 6),
        ("/ ", 7),
        ("/m~0n", 8),
    ],
)
def test_the_examples_of_the_rfc(pointer: str, value: Any) -> None:
    assert at_pointer(RFC, pointer) == find_at(RFC, pointer) == value


@given(st.lists(KEYS, max_size=4))
def test_escaping_round_trips(keys: list[str]) -> None:
    pointer = "".join(f"/{escape(key)}" for key in keys)
    assert split_pointer(pointer) == tuple(keys)
    assert [unescape(escape(key)) for key in keys] == keys


@given(DOCUMENTS)
def test_every_place_of_a_document_is_found_by_its_pointer(document: Any) -> None:
    for pointer, value in places(document):
        assert at_pointer(document, pointer) is value
        assert find_at(document, pointer) is value


@pytest.mark.parametrize("pointer", ["/b", "/list/2", "/list/x", "/list/0/deeper", "/text/0"])
def test_what_is_not_there_is_named_or_none(pointer: str) -> None:
    document = {"list": [1, 2], "text": "abc"}
    assert find_at(document, pointer) is None
    with pytest.raises(Unresolved, match=f"nothing at {pointer}"):
        at_pointer(document, pointer)


def test_a_pattern_finds_every_item_and_no_null() -> None:
    order = {"lines": [{"book": "b1"}, {"book": None}, {}, {"book": "b7"}], "a/b": {"x": 1}}
    assert find_all(order, "/lines/*/book") == [("/lines/0/book", "b1"), ("/lines/3/book", "b7")]
    assert find_all(order, "/a~1b/*") == [("/a~1b/x", 1)]
    assert find_all(order, "") == [("", order)]
    assert find_all(order, "/lines/0/book/*") == []


@given(DOCUMENTS, st.integers())
def test_replacing_changes_one_place_and_nothing_else(document: Any, new: int) -> None:
    for pointer, value in places(document)[1:]:
        changed = copy.deepcopy(document)
        replace_at(changed, pointer, new)
        assert at_pointer(changed, pointer) == new
        replace_at(changed, pointer, value)
        assert changed == document


def test_setting_creates_what_is_missing_and_copies_what_it_is_given() -> None:
    shared = {"kept": 1}
    value: dict[str, Any] = {"a": shared, "scalar": 3}
    new = [1]
    set_at(value, "/a/b/c", new)
    set_at(value, "/scalar/x", 4)
    new.append(2)
    assert value == {"a": {"kept": 1, "b": {"c": [1]}}, "scalar": {"x": 4}}
    # The object on the way was shared with others, who see no change.
    assert shared == {"kept": 1}
