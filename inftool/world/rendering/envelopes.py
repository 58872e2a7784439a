"""What the properties around a list or an entity say: totals, cursors, success flags."""

from __future__ import annotations

from collections.abc import Callable

from inftool.language.identifiers import squash
from inftool.world.queries import Page
from inftool.world.rendering.words import WORDS
from inftool.world.schema.shape import Shape

Filled = tuple[bool, object]
"""Whether the content of a property is known, and the content."""

Filler = Callable[[str, Shape], Filled]
"""Says what an envelope's property of some name and shape holds."""

_UNKNOWN: Filled = (False, None)

# The numbers that an envelope reports of a page; the first that a name fits is the one meant.
_PAGE_NUMBERS: tuple[tuple[frozenset[str], Callable[[Page, int], int]], ...] = (
    (WORDS["total_counts"], lambda page, shown: page.total),
    (WORDS["returned_counts"], lambda page, shown: shown),
    (WORDS["page_sizes"], lambda page, shown: page.size),
    (WORDS["page_numbers"], lambda page, shown: page.number),
    (WORDS["page_counts"], lambda page, shown: max(1, -(-page.total // page.size))),
    (WORDS["offsets"], lambda page, shown: page.start),
)


def page_filler(page: Page, shown: int) -> Filler:
    """The filler of a list's envelope for one page with `shown` items in it.

    An integer `totalCount` holds the total, a boolean `hasMore` whether another page follows, a
    string `nextCursor` its cursor.
    """

    def fill(name: str, shape: Shape) -> Filled:
        word = squash(name)
        if shape.has("integer") or shape.has("number"):
            for names, number in _PAGE_NUMBERS:
                if word in names:
                    return True, number(page, shown)
        if word in WORDS["has_more"] and shape.has("boolean"):
            return True, page.more
        # An untyped cursor is written as text, as most APIs do.
        takes_text = shape.has("string") or shape.may_be_null or not shape.types
        if word in WORDS["next_cursors"] and takes_text:
            return _next_cursor(page, shape)
        if word in WORDS["previous_cursors"]:
            return _previous_cursor(page, shape)
        return plain(name, shape)

    return fill


def _next_cursor(page: Page, shape: Shape) -> Filled:
    if not page.more:
        return (True, None) if shape.may_be_null else _UNKNOWN
    # APIs that page by link take the cursor from the link's query; the host is never called.
    if shape.node.get("format") in {"uri", "url"}:
        return True, f"https://example.com/?cursor={page.cursor}"
    return True, page.cursor


def _previous_cursor(page: Page, shape: Shape) -> Filled:
    # Cursors lead forward only: an earlier page has none, but a flag can say that there is one.
    if shape.may_be_null:
        return True, None
    return (True, page.start > 0) if shape.has("boolean") else _UNKNOWN


def plain(name: str, shape: Shape) -> Filled:
    """What a property of any successful answer holds: `success: true`, `errors: []`."""
    word = squash(name)
    if shape.has("boolean") and word in WORDS["success_flags"]:
        return True, True
    if shape.has("array") and word in WORDS["empty_lists"]:
        return True, []
    # `error: null` beside the data; an error that may not be null is left out.
    if word in WORDS["absent_errors"] and shape.may_be_null:
        return True, None
    return _UNKNOWN
