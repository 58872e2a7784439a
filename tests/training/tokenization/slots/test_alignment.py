"""What a user says comes into one order, whichever way round it was said."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inftool.training.tokenization.slots import vocabulary as v
from inftool.training.tokenization.slots.alignment import GivenPair, align_request, read_pairs


def test_names_stand_before_their_values_whichever_way_they_were_said() -> None:
    said = ["use", "<v1>", "as", "the", "<n1>", "and", "the", "<n2>", "should", "be", "<v2>", "."]
    assert align_request(said)[-6:] == ["#1", "<n1>", "<v1>", "#2", "<n2>", "<v2>"]


def test_what_is_put_right_is_the_last_that_was_said() -> None:
    assert align_request(
        ["the", "<n1>", "is", "<v1>", ",", "<no>", ",", "wait", ",", "make", "that", "<v2>", "."]
    )[-3:] == ["#1", "<n1>", "<v2>"]


def test_flags_and_what_no_name_was_said_for() -> None:
    assert align_request(["it", "should", "be", "<n1>", ".", "<v3>", "."], {"<n1>"})[-6:] == [
        "#1",
        "<n1>",
        "<yes>",
        "#2",
        "<other>",
        "<v3>",
    ]
    assert align_request(["<no>", "<n1>", "."], {"<n1>"})[-3:] == ["#1", "<n1>", "<no>"]


@given(
    st.lists(
        st.sampled_from(
            [*v.FUNCTION_WORDS[:40], *v.STRUCTURE, "<n1>", "<n2>", "<v1>", "<v2>", "<w1>"]
        ),
        max_size=30,
    )
)
def test_no_value_is_lost_or_made_up_when_a_wish_is_laid_out(tokens: list[str]) -> None:
    values = [token for token in tokens if v.is_slot(token, "v")]
    found = align_request(tokens)
    kept = [token for token in found if v.is_slot(token, "v")]
    assert set(kept) <= set(values)
    assert (
        "wait" in tokens
        or "sorry" in tokens
        or {"actually", "mean", "instead"} & set(tokens)
        or sorted(kept) == sorted(values)
    )


def test_pairs_are_numbered_on_from_earlier_messages_and_read_back() -> None:
    aligned = align_request(["<n1>", "is", "<v1>", "and", "<v2>"], first=2)
    assert aligned == ["<n1>", "#3", "<n1>", "<v1>", "<v2>"]
    assert read_pairs(aligned) == [GivenPair("#3", "<n1>", ["<v1>", "<v2>"])]
