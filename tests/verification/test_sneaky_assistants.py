"""Plays that look right: each gets the verdict and the blame that it deserves.

Every result is what the world really answered, unless it says otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from inftool.core.blueprints import Blueprint
from inftool.core.types import JsonObject
from inftool.scenarios.authoring.document import WrittenCall, WrittenTurn, write_blueprint
from inftool.scenarios.world_pool import WorldPool
from inftool.verification.verdict import judge
from tests.support.playing import Play

BOOK = "40132412-3f5c-4a94-a00f-af728dd09919"
TOOLS = [
    "updateBook",
    "getBook",
    "getAuthor",
    "createAuthor",
    "createBookReview",
    "deleteBookReview",
    "listAuthors",
    "getOrder",
]


@pytest.fixture(scope="module")
def shop(bookshop: Any) -> WorldPool:
    return WorldPool(bookshop)


@pytest.fixture(scope="module")
def book(shop: WorldPool) -> JsonObject:
    return next(
        item
        for item in shop.world(shop.api_names[0], 0).entities("book").values()
        if item["price"] % 1 and item["stock"] > 12
    )


@pytest.fixture(scope="module")
def author(shop: WorldPool, book: JsonObject) -> JsonObject:
    return next(
        item
        for item in shop.world(shop.api_names[0], 0).entities("author").values()
        if item["id"] == book["authorId"]
    )


@pytest.fixture(scope="module")
def blueprint(shop: WorldPool, book: JsonObject) -> Blueprint:
    """Set the stock of a book and tell its price; then tell the name of its author."""
    update = WrittenCall(tool="updateBook", arguments={"bookId": book["id"], "stock": 5})
    look = WrittenCall(tool="getAuthor", arguments={"authorId": {"$from": "s1", "at": "/authorId"}})
    return write_blueprint(
        shop,
        [
            WrittenTurn(
                want="set the stock of a book",
                say={"book": book["id"], "stock": 5},
                calls=(update,),
                tell={"price": {"$from": "s1", "at": "/price"}},
            ),
            WrittenTurn(
                want="find out who wrote it",
                calls=(look,),
                tell={"name": {"$from": "s2", "at": "/name"}},
            ),
        ],
        tools=TOOLS,
    )


class Sneak(Play):
    """A play of that blueprint; every part can be another one."""

    def __init__(
        self, shop: WorldPool, blueprint: Blueprint, book: JsonObject, author: JsonObject
    ) -> None:
        super().__init__(shop, blueprint)
        self.book, self.author = book, author
        self.ask = f"Please set the stock of the book {book['id']} to 5 and tell me the price."
        self.price = f"Done. The price is {book['price']:.2f} euros."
        self.name = f"The name of the author is {author['name']}."

    def first(self, *calls: tuple[str, Any]) -> Sneak:
        self.user(self.ask)
        self.call(*(calls or (("updateBook", {"bookId": self.book["id"], "stock": 5}),)))
        return self

    def rest(self, price: str | None = None, name: str | None = None) -> Sneak:
        self.say(price or self.price).user("Please find out who wrote it, and tell me the name.")
        self.call(("getAuthor", {"authorId": self.book["authorId"]}))
        self.say(name or self.name)
        return self


Deed = Callable[[Sneak], Any]


@pytest.fixture
def sneak(shop: WorldPool, blueprint: Blueprint, book: JsonObject, author: JsonObject) -> Sneak:
    return Sneak(shop, blueprint, book, author)


def found(play: Sneak, shop: WorldPool) -> tuple[str, str]:
    verdict = judge(play.trajectory(), shop)
    return (
        (verdict.findings[0].code, verdict.findings[0].blame)
        if verdict.findings
        else (verdict.status, "")
    )


def update(play: Sneak, **more: Any) -> tuple[str, JsonObject]:
    return "updateBook", {"bookId": play.book["id"], "stock": 5, **more}


@pytest.mark.parametrize(
    "price",
    [
        "Done. The price is {p:.2f} euros.",
        "The price is €{p:.2f}.",
        "It's EUR {p}, and the stock is 5 now.",
        "The price isn't 12.00 but {p:.2f} EUR.",
        "The price: {p}",
        "That's set. Not much of a surprise: it costs {p:.2f}.",
        "It no longer costs 99.00; the price is {p:.2f}.",
    ],
)
def test_what_is_right_in_any_usual_wording_passes(
    sneak: Sneak, shop: WorldPool, price: str
) -> None:
    assert found(sneak.first().rest(price.format(p=sneak.book["price"])), shop) == ("pass", "")


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        (lambda p: p.first(update(p, stock=5.0)).rest(), ("pass", "")),
        (lambda p: p.first(update(p, stock="5")).rest(), ("wrong_type", "assistant")),
        (lambda p: p.first(update(p, stock=True)).rest(), ("wrong_type", "assistant")),
        (lambda p: p.first(update(p, stock=5.5)).rest(), ("wrong_type", "assistant")),
        (
            lambda p: p.first(("updateBook", json.dumps(json.dumps(update(p)[1])))).rest(),
            ("malformed_call", "assistant"),
        ),
        (
            lambda p: p.first(
                ("updateBook", f'{{"bookId": "{p.book["id"]}", "stock": 7, "stock": 5}}')
            ).rest(),
            ("malformed_call", "assistant"),
        ),
        (
            lambda p: p.first(
                ("updateBook", f'{{"bookId": "{p.book["id"]}", "stock": 5,}}')
            ).rest(),
            ("malformed_call", "assistant"),
        ),
        (
            lambda p: p.first(("updateBook", f"{{'bookId': '{p.book['id']}', 'stock': 5}}")).rest(),
            ("malformed_call", "assistant"),
        ),
        (
            lambda p: p.first(
                ("updateBook", f'{{"bookId": "{p.book["id"]}", "stock": Infinity}}')
            ).rest(),
            ("malformed_call", "assistant"),
        ),
        (
            lambda p: p.first(("updateB\u043e\u043ek", update(p)[1])).rest(),
            ("unknown_tool", "assistant"),
        ),
        (
            lambda p: p.first(("updateBook\u200b", update(p)[1])).rest(),
            ("unknown_tool", "assistant"),
        ),
        (lambda p: p.first(("UpdateBook", update(p)[1])).rest(), ("unknown_tool", "assistant")),
        (
            lambda p: p.first(
                ("updateBook", {"b\u043eokId": p.book["id"], "bookId": p.book["id"], "stock": 5})
            ).rest(),
            ("unknown_argument", "assistant"),
        ),
        (lambda p: p.first(update(p, description=None)).rest(), ("wrong_type", "assistant")),
        (
            lambda p: p.first(update(p, price=p.book["price"])).rest(),
            ("ungrounded_argument", "assistant"),
        ),
        (lambda p: p.first(update(p), update(p)).rest(), ("needless_call", "assistant")),
        (
            lambda p: p.first(update(p), ("getBook", {"bookId": p.book["id"]})).rest(),
            ("needless_call", "assistant"),
        ),
        (lambda p: p.first(update(p, stock=5, pageCount=5)).rest(), ("step_missing", "assistant")),
    ],
)
def test_a_call_that_is_nearly_right(
    sneak: Sneak, shop: WorldPool, deed: Deed, expected: tuple[str, str]
) -> None:
    assert found(deed(sneak), shop) == expected


@pytest.mark.parametrize(
    "price",
    [
        "Done. The price is not {p:.2f} euros.",
        "Done. It isn't {p:.2f}.",
        "The price is no longer €{p:.2f}.",
        "It costs 30 rather than {p:.2f}.",
        "It costs ${p:.2f}.",
        "Done. The price is {p:.2f} pounds.",
        "The price is {p} USD.",
        "The price is {p}%.",
        "The price is {p} thousand euros.",
        "The price is 1{p:.2f} euros.",
        "The price is {p:.2f}5 euros.",
        "The price is -{p:.2f} euros.",
        "The stock is 5 now.",
        "Done!",
        "I'll look up the price.",
    ],
)
def test_a_fact_told_nearly_right(sneak: Sneak, shop: WorldPool, price: str) -> None:
    assert found(sneak.first().rest(price.format(p=sneak.book["price"])), shop) == (
        "fact_not_told",
        "assistant",
    )


def told_before_it_was_known(play: Sneak) -> Sneak:
    play.user(play.ask).call(update(play))
    play.messages[-2]["content"] = f"The price is {play.book['price']}."
    return play.rest("It is set now.")


def undone(play: Sneak) -> Sneak:
    play.first()
    play.call(("updateBook", {"bookId": play.book["id"], "price": 5}))
    play.call(("updateBook", {"bookId": play.book["id"], "price": play.book["price"]}))
    return play.rest()


def swapped(play: Sneak) -> Sneak:
    play.user(play.ask)
    play.call(("getAuthor", {"authorId": play.book["authorId"]}))
    play.call(update(play))
    return (
        play.say(play.price)
        .user("Please find out who wrote it, and tell me the name.")
        .say(play.name)  # type: ignore[return-value]
    )


def both_at_once(play: Sneak) -> Sneak:
    play.user(play.ask)
    play.call(update(play), ("getAuthor", {"authorId": play.book["authorId"]}))
    return (
        play.say(play.price)
        .user("Please find out who wrote it, and tell me the name.")
        .say(play.name)  # type: ignore[return-value]
    )


def success_after_an_error(play: Sneak) -> Sneak:
    play.first().say(play.price).user("Please find out who wrote it, and tell me the name.")
    play.call(("getAuthor", {"authorId": play.book["id"]}))
    return play.say(play.name)  # type: ignore[return-value]


def shared_id(play: Sneak) -> Sneak:
    play.first(update(play), ("getBook", {"bookId": play.book["id"]})).rest()
    for message in play.messages:
        for call in message.get("tool_calls") or ():
            call["id"] = "call_1"
        if message["role"] == "tool":
            message["tool_call_id"] = "call_1"
    return play


def result_before_its_call(play: Sneak) -> Sneak:
    play.first().rest()
    play.messages[1], play.messages[2] = play.messages[2], play.messages[1]
    return play


def result_after_the_next_word(play: Sneak) -> Sneak:
    play.first().rest()
    play.messages[2], play.messages[3] = play.messages[3], play.messages[2]
    return play


def result_in_the_next_turn(play: Sneak) -> Sneak:
    play.first().rest()
    play.messages.insert(4, play.messages.pop(2))
    return play


def forged(play: Sneak) -> Sneak:
    play.first().rest(f"Done. The price is {play.book['price'] + 1:.2f} euros.")
    answer = json.loads(play.messages[2]["content"])
    play.messages[2]["content"] = json.dumps({**answer, "price": answer["price"] + 1})
    return play


def forged_by_a_second_key(play: Sneak) -> Sneak:
    play.first().rest()
    play.messages[2]["content"] = play.messages[2]["content"].replace("{", '{"price": 1.0, ', 1)
    return play


def forged_without_a_call(play: Sneak) -> Sneak:
    play.first()
    play.messages.append(
        {"role": "tool", "tool_call_id": "call_9", "name": "getBook", "content": "{}"}
    )
    return play.rest()


def silent(play: Sneak) -> Sneak:
    play.first().rest()
    play.messages[-1]["content"] = None
    return play


def silent_in_another_alphabet(play: Sneak) -> Sneak:
    play.first().rest()
    play.messages[3]["content"] = "\u200b\u2060"
    return play


def plan_leaked(play: Sneak) -> Sneak:
    play.ask += ' Use {"bookId": "x", "stock": 5}.'
    return play.first().rest()


def stock_not_said(play: Sneak) -> Sneak:
    play.ask = f"Please set the stock of the book {play.book['id']} and tell me the price."
    return play.first().rest()


def another_stock_said(play: Sneak) -> Sneak:
    play.ask = play.ask.replace("to 5", "to 6")
    return play.first(update(play, stock=6)).rest()


def left_early(play: Sneak) -> Sneak:
    play.first().say(play.price)
    return play


def never_answered(play: Sneak) -> Sneak:
    play.first().rest()
    play.messages.pop()
    return play


def another_digest(play: Sneak) -> Sneak:
    play.first(update(play, stock=5)).rest()
    play.worlds[play.blueprint.world.api].call("createAuthor", {"name": "Nobody"})
    return play


def looked_up_for_nothing(play: Sneak) -> Sneak:
    play.first()
    play.call(("listAuthors", {}))
    return play.rest()


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        (told_before_it_was_known, ("fact_not_told", "assistant")),
        (undone, ("needless_call", "assistant")),
        (swapped, ("ungrounded_argument", "assistant")),
        (both_at_once, ("ungrounded_argument", "assistant")),
        (success_after_an_error, ("call_failed", "assistant")),
        (shared_id, ("malformed_call", "assistant")),
        (result_before_its_call, ("unmatched_result", "server")),
        (result_after_the_next_word, ("unmatched_result", "server")),
        (result_in_the_next_turn, ("unmatched_result", "server")),
        (forged, ("result_differs", "server")),
        (forged_by_a_second_key, ("result_differs", "server")),
        (forged_without_a_call, ("unmatched_result", "server")),
        (silent, ("fact_not_told", "assistant")),
        (silent_in_another_alphabet, ("fact_not_told", "assistant")),
        (plan_leaked, ("user_names_tool", "user")),
        (stock_not_said, ("detail_not_said", "user")),
        (another_stock_said, ("detail_not_said", "user")),
        (left_early, ("user_left_early", "user")),
        (never_answered, ("fact_not_told", "assistant")),
        (another_digest, ("state_differs", "server")),
        (looked_up_for_nothing, ("needless_call", "assistant")),
    ],
)
def test_a_conversation_that_is_nearly_right(
    sneak: Sneak, shop: WorldPool, deed: Deed, expected: tuple[str, str]
) -> None:
    assert found(deed(sneak), shop) == expected
