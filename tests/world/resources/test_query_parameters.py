"""What the arguments of a list mean."""

from __future__ import annotations

import pytest

from inftool.core.types import JsonObject
from inftool.world.resources.query_parameters import filters, paging
from inftool.world.schema.shape import Shape
from tests.support.apis import TEXT, WHOLE, YES, thing

DATE = {"type": "string", "format": "date-time"}
ENTITY = thing(
    title=TEXT,
    status={"type": "string", "enum": ["open", "closed"]},
    price={"type": "number"},
    active=YES,
    createdAt=DATE,
    tags={"type": "array", "items": TEXT},
    buyerId=TEXT,
)


def shapes(**schemas: JsonObject) -> dict[str, Shape]:
    return {name: Shape.of(schema) for name, schema in schemas.items()}


@pytest.mark.parametrize(
    ("name", "schema", "filtered"),
    [
        ("status", TEXT, ("/status", "eq")),
        ("title", TEXT, ("/title", "contains")),
        ("min_price", {"type": "number"}, ("/price", "min")),
        ("priceMax", {"type": "number"}, ("/price", "max")),
        ("created_after", DATE, ("/createdAt", "after")),
        ("createdBefore", DATE, ("/createdAt", "before")),
        ("since", DATE, ("/createdAt", "after")),
        ("is_active", YES, ("/active", "eq")),
        ("title_contains", TEXT, ("/title", "contains")),
        ("tag", TEXT, ("/tags/*", "eq")),
        ("filter[status]", TEXT, ("/status", "eq")),
        ("customer", TEXT, ("/buyerId", "eq")),
        ("verbose", YES, None),
    ],
)
def test_the_filter_that_a_name_means(
    name: str, schema: JsonObject, filtered: tuple[str, str] | None
) -> None:
    references = {"/customer": ("user", "id")}
    chosen = filters(
        shapes(**{name: schema}), Shape.of(ENTITY), references, {"/buyerId": ("user", "id")}
    )
    assert {argument: (how.pointer, how.compare) for argument, how in chosen.items()} == (
        {name: filtered} if filtered else {}
    )


def test_the_style_of_paging() -> None:
    by_number = paging(shapes(page={**WHOLE, "default": 0}, per_page={**WHOLE, "default": 50}))
    assert (by_number.style, by_number.first, by_number.default_size) == ("page", 0, 50)
    by_offset = paging(shapes(skip=WHOLE, limit=WHOLE, q=TEXT))
    assert (by_offset.style, by_offset.offset, by_offset.search) == ("offset", "skip", "q")
    # A page that is a text is a cursor.
    by_text = paging(shapes(page=TEXT))
    assert (by_text.style, by_text.cursor, by_text.page) == ("cursor", "page", None)
    direction = {"type": "string", "enum": ["asc", "desc"]}
    assert paging(shapes(order=direction)).direction == "order"
    assert paging(shapes(order=TEXT)).sort == "order"
