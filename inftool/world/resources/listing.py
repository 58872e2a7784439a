"""Records of what the arguments of a list or search do."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from inftool.core.types import Record

PagingStyle = Literal["none", "page", "offset", "cursor"]


class Paging(Record):
    """How a list is paged, sorted and searched; arguments that it does not take are None."""

    style: PagingStyle = "none"
    """How the pages are counted."""

    page: str | None = None
    """The argument with the number of the page."""

    size: str | None = None
    """The argument with the number of entities on a page."""

    offset: str | None = None
    """The argument with the number of entities to skip."""

    cursor: str | None = None
    """The argument with the token that the page before gave."""

    first: int = 1
    """The number of the first page."""

    default_size: int = 20
    """The size of a page if the caller names none."""

    sort: str | None = None
    """The argument with the property to sort by."""

    direction: str | None = None
    """The argument that says whether to sort up or down."""

    search: str | None = None
    """The argument with words to search for."""


class Filter(Record):
    """What one filtering argument of a list looks at."""

    pointer: str
    """Pointer pattern of the property inside the entity."""

    compare: Literal["eq", "min", "max", "contains", "before", "after"] = "eq"
    """How the property is compared with the argument."""


class Listing(Record):
    """What the arguments of a list or search do."""

    paging: Paging = Field(default_factory=Paging)
    """Paging, sorting and searching by words."""

    filters: dict[str, Filter] = Field(default_factory=dict)
    """Filtering argument -> what it looks at."""
