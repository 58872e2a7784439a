"""The resolver hears what is said, and nothing else."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inftool.scenarios.resolution.combined_parser import parse_list
from inftool.scenarios.resolution.memory import ConversationMemory
from inftool.scenarios.resolution.picking import pick
from inftool.scenarios.resolution.resolver import point
from inftool.scenarios.resolution.value_parser import parse_values, same_value
from inftool.scenarios.wording.details import Style, detail, list_detail
from inftool.world.resources.models import Resource

BOOK = Resource(
    name="book",
    plural="books",
    identifier="id",
    label="title",
    references={"/authorId": ("author", "id")},
)
AUTHOR = Resource(name="author", plural="authors", identifier="id", label="name")
BOOKS = [
    {
        "id": "b1",
        "title": "The Tin Drum",
        "price": 12.5,
        "authorId": "a1",
        "createdAt": "2025-03-04T10:00:00Z",
        "format": "ebook",
    },
    {
        "id": "b2",
        "title": "Snow",
        "price": 9.0,
        "authorId": "a2",
        "createdAt": "2025-06-01T10:00:00Z",
        "format": "paperback",
    },
    {
        "id": "b3",
        "title": "Snow Country",
        "price": 19.0,
        "authorId": "a2",
        "createdAt": "2024-06-01T10:00:00Z",
        "format": "paperback",
    },
]
AUTHORS = [{"id": "a1", "name": "Ana Ruiz"}, {"id": "a2", "name": "Ben Cole"}]
RESOURCES = {"book": BOOK, "author": AUTHOR}
VALUES = st.one_of(
    st.integers(0, 10**6),
    st.floats(0.01, 9999, allow_nan=False).map(lambda x: round(x, 2)),
    st.dates().filter(lambda d: d.year > 1900).map(lambda d: d.isoformat()),
    st.datetimes()
    .filter(lambda d: d.year > 1900)
    .map(lambda d: d.replace(second=0, microsecond=0).isoformat() + "Z"),
    st.from_regex(r"\A[A-Za-z][A-Za-z]{1,8}( [A-Za-z]{2,8}){0,3}\Z"),
)


@given(
    value=VALUES,
    style=st.sampled_from(["new", "change", "filter", "plain"]),
    seed=st.integers(0, 500),
)
def test_what_is_said_of_a_value_gives_it_back(value: object, style: Style, seed: int) -> None:
    schema = {
        "type": "integer"
        if isinstance(value, int)
        else "number"
        if isinstance(value, float)
        else "string"
    }
    said = detail(
        "/deliveryLimit", value, {"deliveryLimit": value}, random.Random(seed), style=style
    )
    heard = parse_values(
        f"I'd like to set it up. {said.phrase[:1].upper()}{said.phrase[1:]} and the colour is red.",
        "delivery limit",
        schema,
    )
    assert len(heard) == 1
    assert same_value(heard[0], value)


@given(right=st.integers(1, 500), wrong=st.integers(501, 900), seed=st.integers(0, 50))
def test_a_correction_is_taken(right: int, wrong: int, seed: int) -> None:
    said = detail("/quantity", right, {"quantity": right}, random.Random(seed), wrong=wrong)
    assert parse_values(f"Order it. {said.phrase}.", "quantity", {"type": "integer"}) == [right]


@pytest.mark.parametrize(
    ("pointer", "value", "schema", "phrase"),
    [
        ("/order", "desc", {"type": "string", "enum": ["asc", "desc"]}, "in descending order"),
        (
            "/sort",
            "-title",
            {"type": "string", "enum": ["title", "-title"]},
            "please sort them by title descending",
        ),
        ("/days", 7, {"type": "integer"}, "for 7 days"),
    ],
)
def test_orders_and_spans_are_said_as_people_do(
    pointer: str, value: object, schema: dict[str, object], phrase: str
) -> None:
    options = schema.get("enum", [])
    assert isinstance(options, list)
    said = detail(
        pointer, value, {pointer[1:]: value}, random.Random(0), options=options, style="ask"
    )
    assert said.phrase == phrase
    assert parse_values(
        f"Look that up. {said.phrase[:1].upper()}{said.phrase[1:]}.", said.words, schema
    ) == [value]


def test_a_name_within_a_part_of_a_thing_is_its_name() -> None:
    lamp = Resource(name="lamp", plural="lamps", identifier="id", label=None)
    lamps = [
        {"id": "1", "metadata": {"name": "Kitchen"}},
        {"id": "2", "metadata": {"name": "Kitchen table"}},
    ]
    assert pick("the lamp called Kitchen", lamps, lamp) == [0]
    assert pick("the lamp Kitchen table", lamps, lamp) == [1]
    assert pick("the lamp called Hall", lamps, lamp) == []


def test_one_name_is_not_another() -> None:
    text = "The start date is 3 May 2026 and the quantity of the first line is 4."
    assert parse_values(text, "date", {"type": "string"}) == []
    assert parse_values(text, "quantity", {"type": "integer"}) == []
    assert parse_values(text, "quantity of the first line", {"type": "integer"}) == [4]
    assert parse_values("without newsletter", "newsletter", {"type": "boolean"}) == [False]


def test_lists() -> None:
    said = list_detail(
        "/days",
        ["monday", "sunday"],
        {"days": ["monday", "sunday"]},
        random.Random(0),
        options=["monday", "sunday"],
    )
    assert parse_list(
        f"{said.phrase} and the hour is 3", "days", {"enum": ["monday", "sunday"]}
    ) == ["monday", "sunday"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("the cheapest book", [1]),
        ("the most expensive book", [2]),
        ("the most recent book", [1]),
        ("the oldest book", [2]),
        ("the book with the highest price", [2]),
        ("the book The Tin Drum", [0]),
        ("the book called Snow", [1]),
        ("the book with the price 12.50", [0]),
        ("the book from 4 March", [0]),
        ("the ebook book", [0]),
        ("the paperback book", [1, 2]),
        ("the book Kestrel", []),
    ],
)
def test_words_pick_one_of_several(words: str, found: list[int]) -> None:
    assert pick(words, BOOKS, BOOK) == found


def test_words_point_at_what_was_shown() -> None:
    memory = ConversationMemory()
    memory.learn("author", "s1", AUTHORS, "", None, looked_up=False)
    memory.learn("book", "s2", {"data": BOOKS}, "/data", None, looked_up=False)
    assert point("the first book on that list", "id", "book", memory, RESOURCES) == ["b1"]
    assert point("the book of the author Ana Ruiz", "id", "book", memory, RESOURCES) == ["b1"]
    assert point("the book of the author Ben Cole", "id", "book", memory, RESOURCES) == ["b2", "b3"]
    assert point(
        "the most recent book of the author Ben Cole", "id", "book", memory, RESOURCES
    ) == ["b2"]
    assert point("that book", "id", "book", memory, RESOURCES) == []
    memory.learn("book", "s3", BOOKS[2], None, "", looked_up=False)
    assert point("that book", "id", "book", memory, RESOURCES) == ["b3"]
    assert point("the author of that book", "id", "author", memory, RESOURCES) == ["a2"]


def test_one_of_several_goes_by_its_place() -> None:
    report = Resource(
        name="report",
        plural="reports",
        identifier=None,
        references={"/rooms/*/roomId": ("room", "id")},
    )
    resources = {
        "report": report,
        "room": Resource(name="room", plural="rooms", identifier="id", label="name"),
    }
    memory = ConversationMemory()
    memory.learn(
        "report", "s1", {"rooms": [{"roomId": "r1"}, {"roomId": "r2"}]}, None, "", looked_up=False
    )
    assert point("the second room of that report", "id", "room", memory, resources) == ["r2"]
    assert point("the third room of that report", "id", "room", memory, resources) == []
    assert point("the room of that report", "id", "room", memory, resources) == ["r1", "r2"]
