"""Names depend on the operation alone: reordering and growth change nothing."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inftool.specs.effects import effect_of_operation, effect_of_words, split_words
from inftool.specs.naming import (
    NameRequest,
    argument_name,
    is_valid,
    name_from_path,
    slug,
    tool_names,
)
from inftool.specs.prose import clean
from tests.specs.test_compiler import answer, compiled, document


@pytest.mark.parametrize(
    ("method", "path", "operation_id", "name"),
    [
        ("GET", "/users/{id}", "", "get_users_by_id"),
        ("GET", "/api/v2/users/{user-id}/posts", "", "get_users_by_user-id_posts"),
        ("POST", "/", "", "post_root"),
        ("GET", "/x", "getUserByID", "getUserByID"),
        ("GET", "/x", "calendar.events.list", "calendar_events_list"),
        ("GET", "/x", "Get all users!", "Get_all_users"),
        ("GET", "/x", "repos/list-for-user", "repos_list-for-user"),
        ("GET", "/users", "ユーザー", "get_users"),
        ("GET", "/x", "Größe holen", "Groe_holen"),
    ],
)
def test_names_are_readable(method: str, path: str, operation_id: str, name: str) -> None:
    assert tool_names([NameRequest(method, path, operation_id)]) == [name]


claims = st.builds(
    NameRequest,
    st.sampled_from(["GET", "POST", "PUT"]),
    st.text("/ab{}-ü", max_size=90).map(lambda text: "/" + text),
    st.one_of(
        st.just(""), st.sampled_from(["a.b", "a_b", "a b", "x" * 70, "get"]), st.text(max_size=80)
    ),
)


@settings(max_examples=200, deadline=None, database=None)
@given(st.lists(claims, unique=True, max_size=12), st.randoms())
def test_names_are_unique_valid_and_stable(found: list[NameRequest], chance: random.Random) -> None:
    names = dict(zip(found, tool_names(found), strict=True))
    assert len(set(names.values())) == len(found)
    assert all(is_valid(name) for name in names.values())
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert dict(zip(shuffled, tool_names(shuffled), strict=True)) == names


def test_a_document_that_grows_keeps_its_names(tmp_path: Path) -> None:
    def named(paths: list[str]) -> dict[str, str]:
        return {
            tool.path: tool.name
            for tool in compiled(tmp_path, document({path: answer({}) for path in paths})).tools
        }

    before = named(["/a", "/b/{id}"])
    after = named(["/c", "/b/{id}", "/a", "/a/longer"])
    assert before == {path: after[path] for path in before}
    assert before["/a"] == "fetch"


@pytest.mark.parametrize(
    ("method", "name", "path", "effect"),
    [
        ("GET", "deleteAll", "/x", "read"),
        ("DELETE", "x", "/x", "delete"),
        ("PUT", "x", "/x/{id}", "update"),
        ("PATCH", "x", "/x/{id}", "update"),
        ("POST", "createUser", "/users", "create"),
        ("POST", "post-search", "/v1/search", "read"),
        ("POST", "searchInvoices", "/search-invoices", "read"),
        ("POST", "queryFreeBusy", "/free-busy", "read"),
        ("POST", "getQuotes", "/quotes", "read"),
        ("POST", "calculateRates", "/rates", "read"),
        ("POST", "cancelOrder", "/orders/{id}/cancel", "action"),
        ("POST", "invoices.send", "/invoices/{id}/send", "action"),
        ("POST", "removeFeedFromGroup", "/groups/{key}/remove", "action"),
        ("POST", "deleteUser", "/users/{id}/delete", "delete"),
        ("POST", "updateUser", "/users/{id}", "update"),
        ("POST", "", "/payments", "create"),
        ("QUERY", "x", "/x", "read"),
    ],
)
def test_effects_follow_the_words(method: str, name: str, path: str, effect: str) -> None:
    assert effect_of_operation(method, name, path) == effect


def test_words_and_slugs() -> None:
    assert split_words("getHTTPResponse2") == ["get", "http", "response", "2"]
    assert effect_of_words(["send", "mail"]) == "action"
    assert effect_of_words(["frob"], "Returns the frob.") == "read"
    assert slug("Ünited APIs: the 2nd!") == "united_apis_the_2nd"
    assert argument_name("$filter[x]") == "filter_x"
    assert name_from_path("GET", "/a?b=c#d") == "get_a_b_c_d"


def test_prose_is_cleaned_and_cut() -> None:
    assert clean("<p>Hello <b>you</b></p><ul><li>one<li>two</ul>", 100) == "Hello you\n- one\n- two"
    assert clean("See [the docs](https://x.y/z) &amp; more", 100) == "See the docs & more"
    assert clean("First sentence. Second sentence that is long.", 20) == "First sentence."
    assert clean("word " * 50, 20) == "word word word…"
    assert clean("a < b and c > d", 100) == "a < b and c > d"
