"""The tiny model: its vocabulary gives back what it was told, what is added only adds, its grammar
admits what is right, and its base ships."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inftool.core.chat import ChatMessage, ToolSpec
from inftool.language.dates import date_forms
from inftool.language.values import say
from inftool.synthesis.rehearsal import rehearsed
from inftool.training.datasets import draw_blueprints, open_world_pool
from inftool.training.environment import Environment
from inftool.training.models.shipped import (
    SHIPPED_MODEL,
    TINY_CATEGORIES,
    split_specs,
    trained_api_names,
)
from inftool.training.models.slot_grammar import allowed_tokens
from inftool.training.rewards.message import calls_of
from inftool.training.tiny.corruption import corrupt
from inftool.training.tiny.drills import drill
from inftool.training.tokenization.call_styles import read_message
from inftool.training.tokenization.slots import vocabulary as v
from inftool.training.tokenization.slots.alignment import align_request
from inftool.training.tokenization.slots.conversation import SlotConversation
from inftool.training.tokenization.slots.segmentation import segment
from inftool.training.tokenization.slots.spoken_values import parse_moment, spoken_key, value_key
from tests.conftest import SPECS

Play = tuple[list[ChatMessage], list[ToolSpec]]


@pytest.fixture(scope="module")
def plays() -> list[Play]:
    found: list[Play] = []
    for spec in ("airline.json", "clinic.yaml"):
        stage = open_world_pool([SPECS / spec])
        for blueprint in draw_blueprints(stage, 120, seed=4, categories=TINY_CATEGORIES):
            play = rehearsed(blueprint, stage)
            found.append(([*play.messages], [*play.tools]))
    return found


def test_calls_come_back_as_they_were(plays: list[Play]) -> None:
    said = came_back = 0
    for messages, tools in plays:
        for place, message in enumerate(messages):
            if not message.get("tool_calls"):
                continue
            said += 1
            conversation = SlotConversation(messages[:place], tools)
            tokens = conversation.encode_message(message)
            if tokens is None:
                continue
            text = conversation.decode(tokens)
            assert text is not None
            assert calls_of(read_message(text)) == calls_of(message)
            came_back += 1
    assert said > 20
    assert came_back / said > 0.9


def test_more_messages_only_add_tokens(plays: list[Play]) -> None:
    for messages, tools in plays:
        whole = SlotConversation(messages, tools).tokens()
        assert set(whole) <= set(v.tokens())
        for size in range(1, len(messages)):
            if messages[size]["role"] == "assistant":
                part = SlotConversation(messages[:size], tools).tokens()
                assert whole[: len(part)] == part
                assert part[-1] == v.ASSISTANT


def test_a_name_is_never_a_token(plays: list[Play]) -> None:
    """The same wish about things of other names is the same tokens."""
    tool: ToolSpec = {
        "type": "function",
        "function": {
            "name": "fetchZorp",
            "description": "Fetch zorps.",
            "parameters": {"properties": {"blick": {"type": "string"}}},
        },
    }
    other: ToolSpec = {
        "type": "function",
        "function": {
            "name": "fetchPlim",
            "description": "Fetch plims.",
            "parameters": {"properties": {"trund": {"type": "string"}}},
        },
    }
    first = SlotConversation(
        [{"role": "user", "content": "Fetch zorps with the blick AB12, please."}], [tool]
    )
    second = SlotConversation(
        [{"role": "user", "content": "Fetch plims with the trund XY98, please."}], [other]
    )

    def shape(conversation: SlotConversation) -> list[object]:
        known: dict[str, int] = {}
        return [
            known.setdefault(token, len(known)) if v.is_slot(token) else token
            for token in conversation.tokens()
        ]

    assert shape(first) == shape(second)


@given(st.dates(min_value=date(1930, 1, 1), max_value=date(2090, 12, 31)), st.integers(0, 10))
def test_a_date_in_words_is_the_date(day: date, form: int) -> None:
    forms = [form for form in date_forms(day) if "/" not in form and form.count(".") < 2]
    words = forms[form % len(forms)]
    assert spoken_key(words) == day.isoformat() == value_key(day.isoformat())
    pieces = segment(f"the day is {words} or so", {}, {})
    assert day.isoformat() in [piece.key for piece in pieces if piece.kind == "value"]


@given(st.one_of(st.integers(0, 10**9), st.decimals(0, 99999, places=2).map(float)))
def test_a_number_as_it_is_said_is_the_number(number: float) -> None:
    assert spoken_key(say(number)) == value_key(number)


@given(st.text(max_size=60))
@settings(max_examples=60)
def test_any_words_are_tokens(text: str) -> None:
    conversation = SlotConversation([{"role": "user", "content": text}], [])
    assert set(conversation.tokens()) <= set(v.tokens())
    assert not parse_moment(text) or any(character.isdigit() for character in text)


@given(st.lists(st.sampled_from(v.tokens()), max_size=12))
@settings(max_examples=60)
def test_any_tokens_are_read_or_refused(plays: list[Play], written: list[str]) -> None:
    messages, tools = plays[0]
    text = SlotConversation(messages[:2], tools).decode(written)
    assert text is None or read_message(text) is not None


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


def test_the_grammar_admits_what_is_right_and_ends(plays: list[Play]) -> None:
    admitted = total = 0
    for messages, tools in plays:
        for place, message in enumerate(messages):
            if message["role"] != "assistant":
                continue
            conversation = SlotConversation(messages[:place], tools)
            tokens = conversation.encode_message(message)
            if tokens is None:
                continue
            total += 1
            admitted += all(
                token in allowed_tokens(conversation, tokens[:end])
                for end, token in enumerate([*tokens, v.END])
            )
    assert admitted / total > 0.9
    rng = random.Random(1)
    for messages, tools in plays[:6]:
        conversation, written = SlotConversation(messages[:2], tools), list[str]()
        while len(written) < 80 and written[-1:] != [v.END]:
            written.append(rng.choice(sorted(allowed_tokens(conversation, written))))
        if written[-1] == v.END:
            assert conversation.decode(written[:-1]) is not None


def test_spoilt_traces_are_spoilt_and_drills_can_be_said() -> None:
    known = set(v.tokens())
    rng = random.Random(0)
    right = 0
    for _ in range(300):
        turns = drill(rng)
        assert {token for _, tokens in turns for token in tokens} <= known
        right += corrupt(turns, rng, 0.25) == turns
    assert 45 < right < 110


def test_the_base_ships_and_is_small() -> None:
    assert sum(path.stat().st_size for path in SHIPPED_MODEL.iterdir()) < 2_000_000
    assert len(trained_api_names()) == 6
    taught, held = split_specs([SPECS])
    assert sorted(Path(path).name for path in held) == ["airline.json", "smart-home.json"]
    assert len(taught) == 6


@pytest.mark.cpu_limit(120)
def test_the_base_plays(plays: list[Play]) -> None:
    pytest.importorskip("trl")
    from inftool.training.models.loading import load_model
    from inftool.training.models.policy import ModelPolicy, run_episodes

    stage = open_world_pool([SPECS / "airline.json"])
    environments = [
        Environment(blueprint, stage)
        for blueprint in draw_blueprints(stage, 7, seed=2, categories=TINY_CATEGORIES)
    ]
    for constrained in (False, True):
        run_episodes(
            environments,
            ModelPolicy(
                load_model(SHIPPED_MODEL),
                max_new_tokens=48,
                temperature=1.0,
                constrained=constrained,
            ),
        )
        assert all(environment.done for environment in environments)
