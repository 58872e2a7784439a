"""Refusals: an error's status and body in the shape that the spec declares for it."""

from __future__ import annotations

import random
from typing import Any, NamedTuple

from inftool.core.tools import Response, Result, Tool
from inftool.core.types import JsonObject
from inftool.language.identifiers import bag, split, squash
from inftool.specs import violations
from inftool.world.sampling.sampler import ValueSampler
from inftool.world.schema.repair import repair
from inftool.world.schema.shape import Shape, integer_keyword
from inftool.world.seeding.base import SeededBase


def violation_result(base: Any, tool: Tool, arguments: JsonObject) -> Result | None:
    """The refusal of arguments that break the tool's schema (400 or 422, as documented), None for good ones."""
    broken = violations(tool, arguments)
    if not broken:
        return None
    message = "; ".join(item.message for item in broken[:5])
    status = (
        422
        if any(answer.status == "422" for answer in tool.responses)
        and not any(answer.status == "400" for answer in tool.responses)
        else 400
    )
    return failure(base, tool, status, message, field=broken[0].argument)


# What may stand in for an error's status where the spec documents other ones.
_NEAR = {
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


_CODES = {
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


_TITLES = {
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


def documented(tool: Tool, status: int) -> tuple[int, Response | None]:
    """The status to answer with and the documented answer that gives its shape (None where the spec documents none)."""
    by_status = {
        answer.status.upper() if not answer.status.isdigit() else answer.status: answer
        for answer in tool.responses
    }
    by_status |= {
        answer.status.lower(): answer
        for answer in tool.responses
        if answer.status.lower() == "default"
    }
    for name in _NEAR.get(status, (str(status), f"{status // 100}XX", "default")):
        if name in by_status:
            return (int(name) if name.isdigit() else status), by_status[name]
    return status, None


def failure(
    base: SeededBase | None,
    tool: Tool,
    status: int,
    message: str,
    *,
    field: str = "",
    headers: dict[str, str] | None = None,
    fault: str | None = None,
) -> Result:
    """A refusal in the shape that the spec declares for it (RFC 9457's where it declares none)."""
    shown, answer = documented(tool, status)
    body: Any = {"status": shown, "title": _TITLES.get(shown, "Error"), "detail": message}
    if answer is None:
        # Nothing is documented for this status: the API's other refusals show how it speaks.
        answer = next(
            (other for other in tool.responses if other.body and other.status.startswith("4")), None
        )
    if answer is not None and answer.body:
        schema = answer.body
        shape = Shape.of(schema)
        rng = random.Random(f"{tool.name}:{shown}:{message}")
        maker = (
            base.sampler(rng, optional=0.0) if base is not None else ValueSampler(rng, optional=0.0)
        )
        body = repair(
            schema,
            _error(shape, "", ErrorDetails(shown, message, field, tool.path, maker)),
            lambda attempt: maker.value(shape, ""),
        )
    return Result(status=shown, body=body, headers=headers or {}, fault=fault)


class ErrorDetails(NamedTuple):
    """What an error body must say."""

    status: int
    message: str
    field: str
    path: str
    maker: ValueSampler


def _error(shape: Shape, name: str, told: ErrorDetails, *, depth: int = 0) -> Any:
    status, message, field = told.status, told.message, told.field
    word = squash(name)
    view = shape.object()
    if view is not None and view.properties and depth < 6:
        out: JsonObject = {}
        # Where nothing else could say what went wrong, the title does.
        mute = not {squash(prop) for prop in view.properties} & bag(
            "message detail description error errormessage errors details reason msg"
        )
        for prop, sub in view.properties.items():
            said = squash(prop)
            telling = said in bag(
                "message error code status title detail reason errors description errormessage statuscode type path field details"
            )
            if (
                said
                in {"fields", "field", "errors", "details", "violations", "invalidparams", "issues"}
                and prop not in view.required
                and not field
            ):
                continue
            if prop in view.required or telling:
                out[prop] = _error(
                    sub, "message" if mute and said == "title" else prop, told, depth=depth + 1
                )
        return out
    array = shape.array()
    if array is not None and not shape.has("string"):
        item = array.items
        least = integer_keyword(array.node, "minItems", 0)
        if item is None or (
            word not in {"errors", "error", "details", "messages", "violations", "issues", "issue"}
            and not least
        ):
            return []
        return [_error(item, "message" if item.object() is None else name, told, depth=depth + 1)]
    if "const" in shape.node:
        return shape.node["const"]
    if shape.node.get("enum"):
        return _closest(
            [item for item in shape.node["enum"] if item is not None] or shape.node["enum"], status
        )
    if word in {"status", "statuscode", "httpstatus", "httpcode", "httpstatuscode", "code"} and (
        shape.has("integer") or shape.has("number")
    ):
        return status
    if shape.has("string") or not shape.types:
        most = integer_keyword(shape.node, "maxLength", 10_000)
        form, pattern = shape.node.get("format"), shape.node.get("pattern")
        if form in {"uri", "uri-reference", "url"} or (word == "type" and not pattern):
            return "about:blank"
        if form is None and pattern is None:
            if word in bag("code errorcode key name reason errortype kind"):
                return _like_case(shape, _CODES.get(status, "error"))[:most]
            if word in {"status", "statuscode"}:
                return str(status)[:most]
            if word == "title":
                return _TITLES.get(status, "Error")[:most]
            if (
                word
                in {
                    "field",
                    "pointer",
                    "parameter",
                    "path",
                    "property",
                    "param",
                    "location",
                    "source",
                    "loc",
                    "target",
                }
                and field
            ):
                return field[:most]
            if word in {"path", "instance"}:
                return told.path[:most] or "/"
            return message[:most]
    return told.maker.value(shape, name)


def _like_case(shape: Shape, code: str) -> str:
    examples = shape.node.get("examples") if isinstance(shape.node.get("examples"), list) else []
    example = next((item for item in examples or () if isinstance(item, str) and item), "")
    if example.isupper():
        return code.upper()
    if (
        example
        and "_" not in example
        and example[:1].islower()
        and any(char.isupper() for char in example)
    ):
        first, *rest = code.split("_")
        return first + "".join(word.title() for word in rest)
    return code.replace("_", "-") if "-" in example else code


def _closest(values: list[Any], status: int) -> Any:
    wanted = set(split(_CODES.get(status, "error"))) | {str(status)}
    near = {
        404: {"missing", "unknown"},
        409: {"already", "exists", "state", "invalid"},
        422: {"invalid", "validation", "unprocessable"},
        400: {"invalid", "validation", "malformed"},
        429: {"rate", "limit", "throttled"},
        503: {"timeout", "unavailable"},
    }.get(status, set())

    def score(value: Any) -> int:
        said = set(split(str(value))) | {str(value)}
        return 2 * len(said & wanted) + len(said & near)

    return max(values, key=score)
