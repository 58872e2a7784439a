"""Where an answer holds its list, its entity, or nothing that the spec describes."""

from __future__ import annotations

from typing import Any

import pytest

from inftool.world.resources.inference import infer_resources
from inftool.world.world import World
from tests.support.apis import (
    TEXT,
    WHOLE,
    YES,
    api,
    many,
    op,
    ref,
    thing,
)


@pytest.mark.parametrize(
    ("envelope", "pointer"),
    [
        (many(ref("Book")), ""),
        (thing(items=many(ref("Book")), nextPageToken=TEXT, kind=TEXT), "/items"),
        (thing(data=many(ref("Book")), meta=thing(total=WHOLE)), "/data"),
        (
            thing(_embedded=thing(books=many(ref("Book"))), page=thing(totalElements=WHOLE)),
            "/_embedded/books",
        ),
        (thing(value=many(ref("Book")), **{"@odata.count": WHOLE}), "/value"),
        (
            thing(result=thing(records=many(ref("Book")), total=WHOLE), success=YES),
            "/result/records",
        ),
        (thing(books=many(ref("Book")), warnings=many(TEXT)), "/books"),
    ],
)
def test_lists_in_every_wrapping(envelope: dict[str, Any], pointer: str) -> None:
    book = thing("id", "title", id=WHOLE, title=TEXT)
    made = api(
        {
            "/books": {"get": op("listBooks", envelope)},
            "/books/{id}": {"get": op("getBook", ref("Book"), params=(("id", "path", WHOLE),))},
        },
        {"Book": book},
    )
    role = infer_resources(made).roles["listBooks"]
    assert (role.kind, role.target.resource, role.response.items) == ("list", "book", pointer)


def test_an_object_with_a_list_in_it_is_no_list() -> None:
    made = api(
        {
            "/settings": {
                "get": op(
                    "getSettings",
                    thing(
                        "zone",
                        "week",
                        zone=TEXT,
                        week=TEXT,
                        hours=many(thing(day=TEXT, opens=TEXT)),
                    ),
                )
            }
        }
    )
    role = infer_resources(made).roles["getSettings"]
    assert (role.kind, role.target.resource) == ("singleton_get", "settings")


def test_a_read_without_a_schema_shows_the_thing() -> None:
    made = api(
        {
            "/notes": {
                "get": op("listNotes"),
                "post": op("createNote", body=thing("text", text=TEXT), status="201"),
            },
            "/notes/{noteId}": {"get": op("getNote", params=(("noteId", "path", TEXT),))},
        }
    )
    world = World.seed(made, 0)
    assert world.call("createNote", {"text": "Buy milk"}).body is None
    listed = world.call("listNotes", {}).body
    assert listed["total"] == len(listed["notes"])
    found = next(note for note in listed["notes"] if note.get("text") == "Buy milk")
    assert (
        world.call(
            "getNote", {"noteId": found[str(world.resources.resources["note"].identifier)]}
        ).body
        == found
    )
