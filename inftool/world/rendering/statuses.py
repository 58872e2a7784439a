"""Which HTTP status a call answers with: one that the tool documents, where it documents any."""

from __future__ import annotations

from functools import lru_cache

from inftool.core.tools import Response, Tool

# What may stand in for an error's status where the spec documents other ones, best first. A
# missing thing may be reported as 410 or 400, but never as 401, which would mean something else.
_STAND_INS = {
    400: ("400", "422", "4XX", "default"),
    401: ("401", "403", "4XX", "default"),
    403: ("403", "401", "4XX", "default"),
    404: ("404", "410", "4XX", "default", "400"),
    409: ("409", "422", "412", "423", "4XX", "default", "400"),
    422: ("422", "400", "404", "409", "4XX", "default"),
    429: ("429", "4XX", "default"),
    500: ("500", "5XX", "default"),
    503: ("503", "500", "5XX", "default"),
}
# Machine-readable codes and titles; the titles are the reason phrases of RFC 9110, section 15.
CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    410: "gone",
    412: "precondition_failed",
    422: "unprocessable",
    423: "locked",
    429: "too_many_requests",
    500: "internal_error",
    503: "unavailable",
    504: "timeout",
}
TITLES = {
    400: "Bad request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not found",
    409: "Conflict",
    410: "Gone",
    412: "Precondition failed",
    422: "Unprocessable content",
    423: "Locked",
    429: "Too many requests",
    500: "Internal server error",
    503: "Service unavailable",
    504: "Gateway timeout",
}


def error_code(status: int) -> str:
    """The machine-readable code of an error status: 404 -> "not_found"."""
    return CODES.get(status, "error")


def error_title(status: int) -> str:
    """The title of an error status: 404 -> "Not found"."""
    return TITLES.get(status, "Error")


def success_status(tool: Tool, usual: int = 200) -> int:
    """The status that a tool's success is documented with: `usual` if it is, else the lowest."""
    # A list, not a generator: this runs on every call, and a tuple of a list is made faster.
    documented = _success_statuses(tuple([answer.status for answer in tool.responses]))
    if not documented or usual in documented:
        return usual
    return documented[0]


@lru_cache(maxsize=4096)
def _success_statuses(statuses: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(
        sorted(int(status) for status in statuses if status.isdigit() and status.startswith("2"))
    )


def documented_error(tool: Tool, status: int) -> tuple[int, Response | None]:
    """The error status to answer with, and the documented answer that gives its shape.

    The answer is None where the spec documents nothing that fits. A range or "default" keeps the
    status that was asked for: 409 with only "4XX" documented -> (409, the answer of "4XX").
    """
    by_status = {_status_key(answer.status): answer for answer in tool.responses}
    for key in _STAND_INS.get(status, (str(status), f"{status // 100}XX", "default")):
        if key in by_status:
            # Ranges and the default document no status of their own.
            return (int(key) if key.isdigit() else status), by_status[key]
    return status, None


def _status_key(written: str) -> str:
    """A documented status in one spelling: "4xx" -> "4XX", "Default" -> "default"."""
    return "default" if written.lower() == "default" else written.upper()
