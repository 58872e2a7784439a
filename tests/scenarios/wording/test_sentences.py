"""What is said in sentences is heard back: spans, names, sums, addresses, yes and no, and several
values in one breath."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inftool.core.blueprints import Detail
from inftool.scenarios.resolution.combined_parser import recovers_combined
from inftool.scenarios.resolution.value_parser import parse_values
from inftool.scenarios.wording.combined import find_combinable, range_end, say_combined
from inftool.scenarios.wording.details import Style, detail, list_detail, titled
from inftool.scenarios.wording.phrases import are, path_words, plain_words, plural
from inftool.scenarios.wording.sentences import sentences, ungrouped

TEXT = {"type": "string"}
NUMBER = {"type": "number"}
STYLES: tuple[Style, ...] = ("new", "change", "filter", "ask")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("createdAt", "time it was created"),
        ("dateUpdated", "time it was updated"),
        ("last_modified", "time it was last modified"),
        ("currency_code", "currency"),
        ("deadlineUtc", "deadline"),
        ("minRating", "minimum rating"),
        ("qty", "quantity"),
        ("lat", "latitude"),
        ("weightKg", "weight in kg"),
        ("startsAt", "start time"),
        ("startDate", "start date"),
    ],
)
def test_plain_words(name: str, words: str) -> None:
    assert plain_words(name) == words


@pytest.mark.parametrize(
    ("pointer", "arguments", "words"),
    [
        ("/title", {"title": "a"}, "title"),
        ("/shipTo/city", {"shipTo": {"city": "Rome"}}, "city"),
        ("/shipTo/city", {"shipTo": {"city": "Rome"}, "billTo": {"city": "Bonn"}}, "ship to city"),
        ("/amount/value", {"amount": {"value": 3, "currency_code": "EUR"}}, "amount"),
        ("/matchers/0/name", {"matchers": [{"name": "a", "isRegex": True}]}, "matcher name"),
        (
            "/lines/1/quantity",
            {"lines": [{"quantity": 1}, {"quantity": 2}]},
            "quantity of the second line",
        ),
        ("/body/note", {"body": {"note": "a"}}, "note"),
        ("/parent/parent_id", {"parent": {"parent_id": 3}}, "parent ID"),
    ],
)
def test_a_place_is_named_by_as_much_as_it_takes(
    pointer: str, arguments: dict[str, Any], words: str
) -> None:
    assert path_words(pointer, arguments) == words


@pytest.mark.parametrize(
    ("words", "end"),
    [
        ("start date", ("low", "date")),
        ("end date", ("high", "date")),
        ("minimum price", ("low", "price")),
        ("price to", ("high", "price")),
        ("from", ("low", "")),
        ("until", ("high", "")),
        ("date after utc", ("low", "date")),
        ("title", None),
        ("endpoint", None),
        ("starter", None),
    ],
)
def test_ends(words: str, end: tuple[str, str] | None) -> None:
    assert range_end(words) == end


@pytest.mark.parametrize(
    ("arguments", "kind", "said"),
    [
        (
            {"startDate": "2026-03-12", "endDate": "2026-03-17"},
            "moments",
            ("between 12 March and 17 March 2026", "from 12 March to 17 March 2026"),
        ),
        (
            {"start_time": "2026-03-12T09:00:00Z", "end_time": "2026-03-12T10:30:00Z"},
            "moments",
            ("12 March 2026 at 9:00", "12 March 2026 at 10:30"),
        ),
        (
            {"dueAfter": "2026-03-12", "dueBefore": "2026-03-12"},
            "moments",
            ("due on 12 March 2026", ""),
        ),
        (
            {"working_hours": {"from": "09:00", "to": "17:30"}},
            "moments",
            (
                "the working hours are between 9:00 and 17:30",
                "from 9:00 to 17:30",
                "the working hours have to be",
                "with the working hours",
            ),
        ),
        ({"minPrice": 10, "maxPrice": 25.5}, "numbers", ("the price", "between 10 and 25.5")),
        (
            {"firstName": "Anna", "lastName": "Bell"},
            "name",
            ("name is Anna Bell", "name would be Anna Bell"),
        ),
        (
            {"amount": {"value": "19.90", "currency_code": "GBP"}},
            "money",
            ("amount is 19.90 GBP", "amount should be 19.90 GBP"),
        ),
        (
            {"street": "12 Mill Lane", "city": "Bristol", "postalCode": "BS1 4ST"},
            "address",
            ("the address is 12 Mill Lane, Bristol, BS1 4ST", ""),
        ),
    ],
)
def test_what_belongs_together_is_said_together_and_heard(
    arguments: dict[str, Any], kind: str, said: tuple[str, ...]
) -> None:
    from inftool.core.json_pointer import at_pointer
    from inftool.scenarios.plan import leaves

    found = list(find_combinable([(pointer, value) for pointer, value in leaves(arguments)]))
    assert [group.kind for group in found] == [kind]
    values = [at_pointer(arguments, pointer) for pointer in found[0].pointers]
    schemas = [TEXT if isinstance(value, str) else NUMBER for value in values]
    for seed in range(20):
        for style in STYLES:
            item = say_combined(found[0], values, style, random.Random(seed))
            assert any(part and part in item.phrase for part in said), item.phrase
            text = " ".join(
                [
                    "I'd like to set it up.",
                    *sentences(
                        [
                            item,
                            Detail(
                                words="colour", said="red", value="red", phrase="the colour is red"
                            ),
                        ]
                    ),
                ]
            )
            assert recovers_combined(text, kind, found[0].name, values, schemas), text


def test_what_does_not_belong_together_is_not() -> None:
    assert not list(find_combinable([("/startDate", "2026-03-17"), ("/endDate", "2026-03-12")]))
    assert not list(find_combinable([("/minPrice", 3), ("/maxRating", 5)]))
    assert not list(find_combinable([("/firstName", "Anna Maria"), ("/lastName", "Bell")]))
    assert not list(find_combinable([("/a/city", "Rome"), ("/b/street", "12 Mill Lane")]))


@pytest.mark.parametrize(
    ("name", "value", "style", "ways"),
    [
        ("archived", True, "filter", {"only the archived ones", "just the archived ones"}),
        ("archived", False, "filter", {"none of the archived ones", "leave out the archived ones"}),
        (
            "sendNotifications",
            False,
            "new",
            {"don't send notifications", "there's no need to send notifications"},
        ),
        ("sendNotifications", True, "new", {"please send notifications"}),
        ("showDeleted", True, "filter", {"please show deleted ones"}),
        ("isPublic", True, "new", {"it should be public", "make it public"}),
        ("enabled", False, "change", {"it shouldn't be enabled"}),
        ("giftWrap", True, "new", {"with gift wrap"}),
        ("giftWrap", False, "new", {"without gift wrap"}),
        ("guestsCanModify", False, "new", {"guests cannot modify"}),
    ],
)
def test_yes_and_no(name: str, value: bool, style: Style, ways: set[str]) -> None:
    said = {
        detail(f"/{name}", value, {name: value}, random.Random(seed), style=style)
        for seed in range(30)
    }
    assert {item.phrase for item in said} == ways
    for item in said:
        text = " ".join(["Please set it up.", *sentences([item]), "With breakfast, please."])
        assert parse_values(text, item.words, {"type": "boolean"}) == [value], text


VALUES = st.one_of(
    st.integers(0, 10**6),
    st.from_regex(r"\A[A-Za-z][A-Za-z]{2,8}( [A-Za-z]{2,8}){0,2}\Z"),
    st.dates().filter(lambda day: day.year > 1900).map(lambda day: day.isoformat()),
)


@given(
    values=st.lists(VALUES, min_size=1, max_size=5),
    style=st.sampled_from(STYLES),
    seed=st.integers(0, 300),
)
def test_each_of_several_is_heard(values: list[Any], style: Style, seed: int) -> None:
    names = ["deliveryLimit", "colour", "venueHall", "quantity", "dueDay"][: len(values)]
    arguments = dict(zip(names, values, strict=True))
    rng = random.Random(seed)
    details = [
        detail(f"/{name}", value, arguments, rng, style=style) for name, value in arguments.items()
    ]
    text = " ".join(["I'd like to set it up.", *ungrouped(details, rng)])
    for item, value in zip(details, values, strict=True):
        heard = parse_values(
            text, item.words, {"type": "integer"} if isinstance(value, int) else TEXT
        )
        assert heard == [value], text


@given(values=st.lists(VALUES, min_size=1, max_size=4), seed=st.integers(0, 300))
def test_no_run_of_one_shape(values: list[Any], seed: int) -> None:
    details = [
        detail(f"/field{'abcd'[n]}", value, {}, random.Random(seed), style="new")
        for n, value in enumerate(values)
    ]
    assert len(sentences(details)) <= 1


def test_lists_of_one_go_by_the_name_of_one() -> None:
    assert (
        list_detail("/dates", ["monday"], {"dates": ["monday"]}, random.Random(0)).phrase
        == "the date is monday"
    )


def test_a_name_goes_with_what_is_made() -> None:
    item = Detail(
        words="name", said="Mobile app", value="Mobile app", phrase='call it "Mobile app"'
    )
    assert titled("create a new project", "project", [item]) == (
        'create a new project called "Mobile app"',
        [],
    )
    assert (
        titled("create a task for the project Blue", "task", [item])[0]
        == 'create a task called "Mobile app" for the project Blue'
    )
    assert titled("create a client selfie", "client", [item]) == ("create a client selfie", [item])
    assert (
        titled("create a project", "project", [item.model_copy(update={"withheld": True})])[0]
        == "create a project"
    )


@pytest.mark.parametrize(
    ("words", "verb"),
    [
        ("status", "is"),
        ("opening hours", "are"),
        ("name of the hours", "is"),
        ("address", "is"),
        ("news", "is"),
    ],
)
def test_agreement(words: str, verb: str) -> None:
    assert are(words) == verb


def test_plurals() -> None:
    assert [plural(word) for word in ("due date", "category of the item", "status", "tags")] == [
        "due dates",
        "categories of the item",
        "statuses",
        "tags",
    ]
