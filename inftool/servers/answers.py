"""Answers: an entity as a tool shows it, a list in its envelope, an error in the shape that the spec declares; all valid."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from inftool.records import JsonObject, Response, Result, Tool
from inftool.servers.listing import Page
from inftool.servers.resources import parts
from inftool.servers.sample import Sampler, repair
from inftool.servers.seeding import Base
from inftool.servers.shapes import Shape, canonical, is_valid
from inftool.servers.words import split, squash

_TOTAL = {"total", "totalcount", "count", "totalitems", "totalresults", "totalelements", "totalrecords", "itemcount", "recordcount", "totalentries", "numresults", "resultcount", "recordstotal", "totalsize", "numfound", "hits", "resultsavailable"}
_SHOWN = {"size", "pagesize", "perpage", "limit", "pagelimit", "itemsperpage", "maxresults", "pagecountitems", "per"}
_HERE = {"page", "pagenumber", "currentpage", "pageno", "pageindex", "number"}
_PAGES = {"pages", "totalpages", "pagecount", "lastpage", "numpages"}
_RETURNED = {"returned", "numberofelements", "resultsperpage", "itemsreturned", "length", "returnedcount", "currentitemcount"}
_OFFSETS = {"offset", "skip", "start", "startindex", "from"}
_MORE = {"hasmore", "hasnext", "hasnextpage", "more", "nextpageexists", "truncated", "istruncated"}
_NEXT = {"next", "nextcursor", "nextpagetoken", "nexttoken", "cursor", "nextpage", "continuationtoken", "endcursor", "after", "nextlink", "nextpageurl", "nextpageuri", "marker", "nextsynctoken"}
_BEFORE = {"previous", "prev", "previouscursor", "prevcursor", "previouspage", "prevpage", "previouspageurl", "hasprevious", "hasprev", "haspreviouspage"}


def success_status(tool: Tool, usual: int = 200) -> int:
    """The status that a tool's success is documented with."""
    found = [int(answer.status) for answer in tool.responses if answer.status.isdigit() and answer.status.startswith("2")]
    return usual if usual in found else min(found) if found else usual


class Views:
    """How one base world's tools show things; caches of prepared shapes, shared by all forks."""

    def __init__(self, base: Base) -> None:
        self.base = base
        self._shapes: dict[str, Shape] = {}
        self._items: dict[tuple[str, str], Shape | None] = {}

    def output(self, tool: Tool) -> Shape:
        """The shape of a tool's success body."""
        found = self._shapes.get(tool.name)
        if found is None:
            found = self._shapes[tool.name] = Shape.of(tool.output_schema)
        return found

    def inside(self, tool: Tool, pointer: str, *, item: bool) -> Shape | None:
        """The shape at a pointer inside a tool's success body (of the list's items where `item`)."""
        key = (tool.name, f"{pointer}|{item}")
        if key not in self._items:
            node: Shape | None = self.output(tool)
            for step in parts(pointer):
                view = node.object() if node is not None else None
                node = view.properties.get(step) if view is not None else None
            if item and node is not None:
                array = node.array()
                node = array.items if array is not None else None
            self._items[key] = node
        return self._items[key]

    def fit(self, shape: Shape, value: Any, *words: object) -> Any:
        """A value as a shape shows it: undeclared parts left out, missing required ones filled in, the same every time for the same words."""
        found = self._fit(shape, value, words, 0)
        schema = self._schema(shape)
        if is_valid(schema, found):
            return found

        def make(attempt: int) -> Any:
            maker = self.base.sampler(self.base.rng("fit", *words, attempt), optional=0.0)
            sampled = maker.value(shape, str(words[0]) if words else "")
            if attempt == 1 and isinstance(sampled, dict) and isinstance(found, dict):
                # What is valid by itself stays; only what breaks the schema gives way to the sample.
                whole = {**sampled, **{name: item for name, item in found.items() if name not in shape.properties or is_valid(self._schema(shape.properties[name]), item)}}
                return whole if is_valid(schema, whole) else sampled
            return sampled

        return repair(schema, _copy(found), make)

    def _schema(self, shape: Shape) -> JsonObject:
        memory = self.base.memory
        key = ("schema", id(shape.node), id(shape.root))
        known = memory.get(key)
        if known is None:
            known = memory[key] = (shape.schema(), shape.node, shape.root)
        return known[0]  # type: ignore[no-any-return]

    def _fit(self, shape: Shape, value: Any, words: tuple[object, ...], depth: int) -> Any:
        if depth > 12:
            return value
        if shape.variants:
            if not shape.properties and is_valid(self._schema(shape), value):
                return value
            ranked = []
            for variant in shape.variants:
                tried = self._fit(variant, value, words, depth + 1)
                if is_valid(self._schema(variant), tried):
                    kept = len(tried) if isinstance(tried, dict) else 1
                    ranked.append((kept, tried))
            return max(ranked, key=lambda pair: pair[0])[1] if ranked else value
        if isinstance(value, dict) and ("object" in shape.types or shape.properties):
            extra = shape.node.get("additionalProperties")
            undeclared = extra is True or isinstance(extra, dict) or not shape.properties
            out: JsonObject = {}
            for name, sub in shape.properties.items():
                if name in value:
                    if value[name] is None and not sub.may_be_null and sub.types:
                        if name in shape.required:
                            out[name] = self._missing(sub, name, words)
                        continue
                    out[name] = self._fit(sub, value[name], words, depth + 1)
                elif name in shape.required:
                    out[name] = self._missing(sub, name, words)
            if undeclared:
                out.update({name: item for name, item in value.items() if name not in shape.properties})
            for name in shape.required:
                if name not in out and name not in shape.properties:
                    out[name] = value.get(name, "")
            return out
        if isinstance(value, list) and "array" in shape.types and shape.items is not None:
            return [self._fit(shape.items, item, (*words, index), depth + 1) for index, item in enumerate(value)]
        if isinstance(value, int | float) and not isinstance(value, bool) and shape.types == ("string",):
            return str(value)
        if isinstance(value, str) and shape.types in {("integer",), ("number",)}:
            try:
                return int(value)
            except ValueError:
                return value
        if isinstance(value, float) and shape.types == ("integer",) and value.is_integer():
            return int(value)
        return value

    def _missing(self, shape: Shape, name: str, words: tuple[object, ...]) -> Any:
        maker = self.base.sampler(self.base.rng("missing", name, *words), optional=0.0)
        return maker.value(shape, name)

    def wrap(self, tool: Tool, pointer: str, value: Any, fill: Callable[[str, Shape], tuple[bool, Any]]) -> Any:
        """A body around what lies at a pointer; `fill(name, shape)` says what other properties hold, (False, …) leaves it to the schema."""
        shape = self.output(tool)
        if not pointer:
            return value

        def build(node: Shape, steps: tuple[str, ...]) -> Any:
            if not steps:
                return value
            view = node.object() or node
            out: JsonObject = {}
            for name, sub in view.properties.items():
                if name == steps[0]:
                    out[name] = build(sub, steps[1:])
                    continue
                known, content = self._fill(name, sub, fill, 0)
                if known:
                    out[name] = content
                elif name in view.required:
                    out[name] = self._missing(sub, name, (tool.name, "wrap"))
            if steps[0] not in out:
                out[steps[0]] = build(Shape({}, node.root), steps[1:])
            return out

        return build(shape, parts(pointer))

    def _fill(self, name: str, shape: Shape, fill: Callable[[str, Shape], tuple[bool, Any]], depth: int) -> tuple[bool, Any]:
        known, content = fill(name, shape)
        if known and is_valid(self._schema(shape), content):
            return True, content
        view = shape.object()
        if depth < 2 and view is not None and view.properties and shape.array() is None:
            inner: JsonObject = {}
            some = False
            for prop, sub in view.properties.items():
                good, item = self._fill(prop, sub, fill, depth + 1)
                if good:
                    inner[prop], some = item, True
                elif prop in view.required:
                    inner[prop] = self._missing(sub, prop, ("wrap", name))
            if some and is_valid(self._schema(shape), inner):
                return True, inner
        return False, None

    def check(self, tool: Tool, body: Any, *words: object) -> Any:
        """A success body made valid where it is not yet (the schema has the last word)."""
        if tool.output_schema is None or is_valid(tool.output_schema, body):
            return body

        def make(attempt: int) -> Any:
            maker = self.base.sampler(self.base.rng("body", tool.name, *words, attempt), optional=0.0 if attempt % 2 else 0.7)
            return maker.value(self.output(tool), "")

        return repair(tool.output_schema, _copy(body), make, tries=6)


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copy(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_copy(item) for item in value]
    return value


def page_filler(page: Page, shown: int) -> Callable[[str, Shape], tuple[bool, Any]]:
    """What an envelope's other properties hold for one page of a list."""

    def fill(name: str, shape: Shape) -> tuple[bool, Any]:
        word = squash(name)
        number = shape.has("integer") or shape.has("number")
        if number:
            if word in _TOTAL:
                return True, page.total
            if word in _RETURNED:
                return True, shown
            if word in _SHOWN:
                return True, page.size
            if word in _HERE:
                return True, page.number
            if word in _PAGES:
                return True, max(1, -(-page.total // page.size))
            if word in _OFFSETS:
                return True, page.start
        if word in _MORE and shape.has("boolean"):
            return True, page.more
        if word in _NEXT and (shape.has("string") or shape.may_be_null or not shape.types):
            if not page.more:
                return (True, None) if shape.may_be_null else (False, None)
            if shape.node.get("format") in {"uri", "url"}:
                return True, f"https://example.com/?cursor={page.cursor}"
            return True, page.cursor
        if word in _BEFORE:
            return (True, None) if shape.may_be_null else (True, page.start > 0) if shape.has("boolean") else (False, None)
        return plain(name, shape)

    return fill


def plain(name: str, shape: Shape) -> tuple[bool, Any]:
    """What an envelope's properties hold whatever is inside: success flags, empty lists of errors."""
    word = squash(name)
    if shape.has("boolean") and word in {"success", "ok", "successful", "deleted", "result", "accepted"}:
        return True, True
    if shape.has("array") and word in {"errors", "warnings", "messages", "included"}:
        return True, []
    if word in {"error", "warning"} and shape.may_be_null:
        return True, None
    return False, None


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
_CODES = {400: "bad_request", 401: "unauthorized", 403: "forbidden", 404: "not_found", 409: "conflict", 410: "gone", 412: "precondition_failed", 422: "unprocessable", 423: "locked", 429: "too_many_requests", 500: "internal_error", 503: "unavailable", 504: "timeout"}
_TITLES = {400: "Bad request", 401: "Unauthorized", 403: "Forbidden", 404: "Not found", 409: "Conflict", 410: "Gone", 412: "Precondition failed", 422: "Unprocessable content", 423: "Locked", 429: "Too many requests", 500: "Internal server error", 503: "Service unavailable", 504: "Gateway timeout"}


def documented(tool: Tool, status: int) -> tuple[int, Response | None]:
    """The status to answer with and the documented answer that gives its shape (None where the spec documents none)."""
    by_status = {answer.status.upper() if not answer.status.isdigit() else answer.status: answer for answer in tool.responses}
    by_status.update({"default": answer for answer in tool.responses if answer.status.lower() == "default"})
    for name in _NEAR.get(status, (str(status), f"{status // 100}XX", "default")):
        if name in by_status:
            return (int(name) if name.isdigit() else status), by_status[name]
    return status, None


def failure(base: Base | None, tool: Tool, status: int, message: str, *, field: str = "", headers: dict[str, str] | None = None, fault: str | None = None) -> Result:
    """A refusal in the shape that the spec declares for it (RFC 9457's where it declares none)."""
    shown, answer = documented(tool, status)
    body: Any = {"status": shown, "title": _TITLES.get(shown, "Error"), "detail": message}
    if answer is not None and answer.body:
        schema = answer.body
        shape = Shape.of(schema)
        rng = random.Random(f"{tool.name}:{shown}:{message}")
        maker = base.sampler(rng, optional=0.0) if base is not None else Sampler(rng, optional=0.0)
        body = repair(schema, _error(shape, "", shown, message, field, maker, 0, tool), lambda attempt: maker.value(shape, ""))
    return Result(status=shown, body=body, headers=headers or {}, fault=fault)


def _error(shape: Shape, name: str, status: int, message: str, field: str, maker: Sampler, depth: int, tool: Tool) -> Any:  # noqa: C901
    word = squash(name)
    view = shape.object()
    if view is not None and view.properties and depth < 6:
        out: JsonObject = {}
        for prop, sub in view.properties.items():
            said = squash(prop)
            telling = said in {"message", "error", "code", "status", "title", "detail", "errors", "description", "errormessage", "statuscode", "type", "path", "field", "details"}
            if said in {"fields", "field", "errors", "details", "violations", "invalidparams", "issues"} and prop not in view.required and not field:
                continue
            if prop in view.required or telling:
                out[prop] = _error(sub, prop, status, message, field, maker, depth + 1, tool)
        return out
    array = shape.array()
    if array is not None and not shape.has("string"):
        item = array.items
        least = array.node.get("minItems") if isinstance(array.node.get("minItems"), int) else 0
        if item is None or (word not in {"errors", "error", "details", "messages", "violations", "issues", "issue"} and not least):
            return []
        return [_error(item, "message" if item.object() is None else name, status, message, field, maker, depth + 1, tool)]
    if "const" in shape.node:
        return shape.node["const"]
    if shape.node.get("enum"):
        return _closest([item for item in shape.node["enum"] if item is not None] or shape.node["enum"], status)
    if word in {"status", "statuscode", "httpstatus", "httpcode", "httpstatuscode", "code"} and (shape.has("integer") or shape.has("number")):
        return status
    if shape.has("string") or not shape.types:
        most = shape.node.get("maxLength") if isinstance(shape.node.get("maxLength"), int) else 10_000
        form, pattern = shape.node.get("format"), shape.node.get("pattern")
        if form in {"uri", "uri-reference", "url"} or (word == "type" and not pattern):
            return "about:blank"
        if form is None and pattern is None:
            if word in {"code", "errorcode", "key", "name", "reason", "errortype", "kind"} or (word == "error" and depth == 1 and "message" in _siblings(shape)):
                return _like_case(shape, _CODES.get(status, "error"))[:most]
            if word in {"status", "statuscode"}:
                return str(status)[:most]
            if word == "title":
                return _TITLES.get(status, "Error")[:most]
            if word in {"field", "pointer", "parameter", "path", "property", "param", "location", "source", "loc", "target"} and field:
                return field[:most]
            if word in {"path", "instance"}:
                return tool.path[:most] or "/"
            return message[:most]
    return maker.value(shape, name)


def _siblings(shape: Shape) -> tuple[str, ...]:
    return tuple(shape.node.get("x-siblings") or ())


def _like_case(shape: Shape, code: str) -> str:
    examples = shape.node.get("examples") if isinstance(shape.node.get("examples"), list) else []
    example = next((item for item in examples or () if isinstance(item, str) and item), "")
    if example.isupper():
        return code.upper()
    if example and "_" not in example and example[:1].islower() and any(char.isupper() for char in example):
        first, *rest = code.split("_")
        return first + "".join(word.title() for word in rest)
    return code.replace("_", "-") if "-" in example else code


def _closest(values: list[Any], status: int) -> Any:
    wanted = set(split(_CODES.get(status, "error"))) | {str(status)}
    near = {404: {"missing", "unknown"}, 409: {"already", "exists", "state", "invalid"}, 422: {"invalid", "validation", "unprocessable"}, 400: {"invalid", "validation", "malformed"}, 429: {"rate", "limit", "throttled"}, 503: {"timeout", "unavailable"}}.get(status, set())

    def score(value: Any) -> int:
        said = set(split(str(value))) | {str(value)}
        return 2 * len(said & wanted) + len(said & near)

    return max(values, key=score)


def content_words(value: Any) -> str:
    """Arguments as text, for generators that must depend on them."""
    return canonical(value)
