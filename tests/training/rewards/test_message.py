"""The reward of one message: gates, bounds, monotonicity, order, and nobody who does less earns
more."""

from __future__ import annotations

import copy
import itertools
import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inftool.core.chat import ChatMessage, ToolCallMessage
from inftool.core.types import JsonObject
from inftool.training.rewards.calls import WantedCall, compare, score_calls
from inftool.training.rewards.message import Expected, score_message
from inftool.training.rewards.pairing import assign
from inftool.training.rewards.read_calls import MadeCall

SCHEMAS: dict[str, JsonObject] = {
    name: {
        "type": "object",
        "properties": {
            "a": {"type": "string"},
            "b": {"type": "integer"},
            "c": {"type": "object"},
            "d": {"type": "array"},
            "page": {"type": "integer", "default": 1},
        },
    }
    for name in ("find", "make", "drop")
}
VALUES = st.one_of(st.sampled_from(["x", "y z", "Q"]), st.integers(2, 5), st.booleans())
ARGUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "a": VALUES,
        "b": VALUES,
        "c": st.dictionaries(st.sampled_from("mn"), VALUES, max_size=2),
        "d": st.lists(VALUES, max_size=3),
        "page": st.integers(1, 3),
        "zz": VALUES,
    },
)
CALLS = st.tuples(
    st.sampled_from(["find", "make", "drop", "ghost"]), st.one_of(ARGUMENTS, st.none())
).map(lambda pair: MadeCall(*pair))
WANTED = st.tuples(st.sampled_from(["find", "make", "drop"]), ARGUMENTS).map(
    lambda pair: WantedCall(name=pair[0], arguments=pair[1])
)
QUICK = settings(max_examples=150, deadline=None)


def message(*calls: tuple[str, Any], text: str | None = None) -> ChatMessage:
    made: list[ToolCallMessage] = [
        {
            "id": str(n),
            "type": "function",
            "function": {"name": name, "arguments": json.dumps(given)},
        }
        for n, (name, given) in enumerate(calls)
    ]
    said: ChatMessage = {"role": "assistant", "content": text}
    return {**said, "tool_calls": made} if made else said


WISH = Expected(calls=(WantedCall(name="find", arguments={"a": "x", "b": 2}),))


@pytest.mark.parametrize(
    ("said", "reward", "gate"),
    [
        (None, 0.0, "format"),
        (message(text="  "), 0.0, "format"),
        ({"role": "assistant", "tool_calls": [{"function": {}}]}, 0.0, "format"),
        (
            {"role": "assistant", "tool_calls": [{"function": {"name": "find", "arguments": "{"}}]},
            0.0,
            "format",
        ),
        (
            {
                "role": "assistant",
                "tool_calls": [{"function": {"name": "find", "arguments": '{"b": NaN}'}}],
            },
            0.0,
            "format",
        ),
        (message(text="Sure!"), 0.0, "decision"),
        (message(("ghost", {"a": "x", "b": 2})), 0.0, "tool"),
        (message(("make", {"a": "x", "b": 2})), 0.1, "tool"),
        (message(("find", {"a": "x"})), 0.1, "keys"),
        (message(("find", {"a": "x", "b": 2, "delete": True})), 0.1, "keys"),
        (message(("find", {"a": "y", "b": 3})), 0.2, "values"),
        (message(("find", {"a": "x", "b": 3})), 0.35, "values"),
        (message(("find", {"a": "x", "b": True})), 0.35, "values"),
        (message(("find", {"b": 2.0, "a": " X "})), 1.0, "passed"),
        (message(("find", {"a": "x", "b": 2, "page": 1})), 1.0, "passed"),
        (message(("find", {"a": "x", "b": 2}), ("find", {"a": "x", "b": 2})), 0.5, "decision"),
    ],
)
def test_every_gate_has_its_reward(said: ChatMessage | None, reward: float, gate: str) -> None:
    score = score_message(said, WISH, SCHEMAS)
    assert score.reward == pytest.approx(reward)
    assert score.gate == gate
    assert all(0.0 <= part <= 1.0 for part in score.parts.values())


def test_words_are_scored_by_what_they_do() -> None:
    def score(text: str, **expected: Any) -> float:
        return score_message(message(text=text), Expected(**expected), SCHEMAS).reward

    assert score("It is 12 Elm Street.", tell=("12 Elm Street",)) == 1.0
    assert score("It is Ana, somewhere.", tell=("12 Elm Street", "Ana")) == pytest.approx(0.35)
    assert score("It is 14 Oak Street.", tell=("12 Elm Street",)) == pytest.approx(0.2)
    assert score("I'm sorry, I can't do that.", tell=("12 Elm Street",)) == 0.1
    assert score("I can't do that here.", says="declines") == 1.0
    assert score("All done!", says="declines") == 0.1
    assert score("Which one do you mean?", says="asks") == 1.0
    assert score("I can't do that.", says="asks") == 0.1
    assert score_message(message(("find", {})), Expected(says="declines"), SCHEMAS).reward == 0.0


def test_no_one_sentence_is_right_everywhere() -> None:
    wishes = [Expected(says="asks"), Expected(says="declines"), Expected(tell=("Ana",))]
    for text in (
        "Done.",
        "I can't do that.",
        "Which one?",
        "I can't do that. Which one?",
        "Ana",
        "yes? no? Ana",
    ):
        assert sum(score_message(message(text=text), wish, SCHEMAS).reward for wish in wishes) < 2.5


@QUICK
@given(
    st.lists(CALLS, min_size=1, max_size=5),
    st.lists(WANTED, min_size=1, max_size=4),
    st.randoms(use_true_random=False),
)
def test_the_order_of_calls_and_of_keys_does_not_count(
    made: list[MadeCall], wanted: list[WantedCall], rng: random.Random
) -> None:
    before = score_calls(made, wanted, SCHEMAS)
    shuffled = [
        call._replace(
            arguments=dict(reversed(list(call.arguments.items())))
            if call.arguments
            else call.arguments
        )
        for call in made
    ]
    after = score_calls(rng.sample(shuffled, len(made)), rng.sample(wanted, len(wanted)), SCHEMAS)
    assert (before.reward, before.gate, before.parts) == (after.reward, after.gate, after.parts)
    assert 0.0 <= before.reward <= 1.0
    assert (before.gate == "passed") == (before.reward == 1.0)


@QUICK
@given(st.lists(CALLS, min_size=1, max_size=4), st.lists(WANTED, min_size=1, max_size=4), st.data())
def test_mending_one_thing_never_lowers_the_reward(
    made: list[MadeCall], wanted: list[WantedCall], data: st.DataObject
) -> None:
    found = score_calls(made, wanted, SCHEMAS)
    row = data.draw(st.integers(0, len(wanted) - 1))
    column, need = found.pairs[row][0], wanted[row]
    mended: list[list[MadeCall]] = []
    if column is None:
        mended.append([*made, MadeCall(need.name, need.arguments)])
    else:
        call = made[column]

        def with_(changed: MadeCall) -> list[MadeCall]:
            return [*made[:column], changed, *made[column + 1 :]]

        mended.append(with_(MadeCall(need.name, call.arguments)))
        mended.append(with_(MadeCall(need.name, need.arguments)))
        if call.name == need.name and call.arguments is not None:
            given = call.arguments
            mended += [
                with_(call._replace(arguments={**given, key: value}))
                for key, value in need.arguments.items()
            ]
            mended += [
                with_(call._replace(arguments={k: v for k, v in given.items() if k != key}))
                for key in given.keys() - need.arguments.keys()
            ]
    taken = {at for at, _ in found.pairs}
    mended += [
        [*made[:extra], *made[extra + 1 :]] for extra in range(len(made)) if extra not in taken
    ]
    for better in mended:
        assert score_calls(better, wanted, SCHEMAS).reward >= found.reward - 1e-12


@QUICK
@given(WANTED, st.data())
def test_a_shorter_or_longer_call_earns_no_more_than_a_wrong_tool(
    need: WantedCall, data: st.DataObject
) -> None:
    gold = MadeCall(need.name, need.arguments)
    other = next(name for name in SCHEMAS if name != need.name)
    wrong = compare(MadeCall(other, need.arguments), need, SCHEMAS).reward
    assert (
        compare(gold._replace(arguments={**need.arguments, "delete": True}), need, SCHEMAS).reward
        <= wrong
    )
    for key in need.arguments:
        if key == "page" and need.arguments[key] == 1:
            continue
        fewer = copy.deepcopy(need.arguments)
        del fewer[key]
        assert compare(gold._replace(arguments=fewer), need, SCHEMAS).reward <= wrong


@QUICK
@given(st.lists(WANTED, min_size=1, max_size=3), st.integers(1, 4))
def test_saying_everything_again_does_not_pay(wanted: list[WantedCall], times: int) -> None:
    gold = [MadeCall(need.name, need.arguments) for need in wanted]
    assert score_calls(gold, wanted, SCHEMAS).reward == 1.0
    assert score_calls(gold * (times + 1), wanted, SCHEMAS).reward == pytest.approx(1 / (times + 1))
    assert score_calls(gold[:-1] or [MadeCall("ghost", {})], wanted, SCHEMAS).reward < 1.0


@QUICK
@given(
    st.integers(1, 4).flatmap(
        lambda n: st.lists(
            st.lists(st.integers(0, 9), min_size=n, max_size=n), min_size=1, max_size=4
        )
    )
)
def test_the_matching_is_the_best_there_is(weights: list[list[int]]) -> None:
    found = assign(weights)
    rows, columns = len(weights), len(weights[0])
    paired = [(row, column) for row, column in enumerate(found) if column is not None]
    assert len({column for _, column in paired}) == len(paired) == min(rows, columns)
    wide, narrow = (range(columns), rows) if rows <= columns else (range(rows), columns)
    best = max(
        sum(
            weights[at][other] if rows <= columns else weights[other][at]
            for at, other in enumerate(choice)
        )
        for choice in itertools.permutations(wide, narrow)
    )
    assert sum(weights[row][column] for row, column in paired) == best


def test_what_is_free_may_be_anything() -> None:
    need = WantedCall(name="find", arguments={"a": "note", "b": 2}, free=("/a",))
    assert compare(MadeCall("find", {"a": "other words", "b": 2}), need, SCHEMAS).reward == 1.0
    assert compare(MadeCall("find", {"a": "other words", "b": 3}), need, SCHEMAS).gate == "values"
