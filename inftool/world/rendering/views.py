"""Answers: an entity as a tool shows it, a list in its envelope, an error in the shape that the spec declares; all valid."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from inftool.core.json_pointer import parts
from inftool.core.tools import Tool
from inftool.core.types import JsonObject
from inftool.language.identifiers import bag, squash
from inftool.world.queries import Page
from inftool.world.schema.repair import remove_invalid_parts, repair
from inftool.world.schema.shape import Shape
from inftool.world.schema.validation import is_valid, schema_errors
from inftool.world.seeding.base import SeededBase

_TOTAL = bag(
    "total totalcount count totalitems totalresults totalelements totalrecords itemcount recordcount totalentries "
    "numresults resultcount recordstotal totalsize numfound hits resultsavailable"
)
_SHOWN = {
    "size",
    "pagesize",
    "perpage",
    "limit",
    "pagelimit",
    "itemsperpage",
    "maxresults",
    "pagecountitems",
    "per",
}
_HERE = {"page", "pagenumber", "currentpage", "pageno", "pageindex", "number"}
_PAGES = {"pages", "totalpages", "pagecount", "lastpage", "numpages"}
_RETURNED = {
    "returned",
    "numberofelements",
    "resultsperpage",
    "itemsreturned",
    "length",
    "returnedcount",
    "currentitemcount",
}
_OFFSETS = {"offset", "skip", "start", "startindex", "from"}
_MORE = {"hasmore", "hasnext", "hasnextpage", "more", "nextpageexists", "truncated", "istruncated"}
_NEXT = bag(
    "next nextcursor nextpagetoken nexttoken cursor nextpage continuationtoken endcursor after nextlink nextpageurl nextpageuri marker nextsynctoken"
)
_BEFORE = bag(
    "previous prev previouscursor prevcursor previouspage prevpage previouspageurl hasprevious hasprev haspreviouspage"
)


def success_status(tool: Tool, usual: int = 200) -> int:
    """The status that a tool's success is documented with."""
    found = _fine(tuple([answer.status for answer in tool.responses]))
    return usual if usual in found else found[0] if found else usual


@lru_cache(maxsize=4096)
def _fine(statuses: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(
        sorted(int(status) for status in statuses if status.isdigit() and status.startswith("2"))
    )


class Views:
    """How one base world's tools show things; caches of prepared shapes, shared by all forks."""

    def __init__(self, base: SeededBase) -> None:
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
            maker = self.base.sampler(
                self.base.rng("fit", *words, attempt),
                optional=(0.0, 0.0, 1.0)[attempt % 3],
                strict=True,
            )
            sampled = maker.value(shape, str(words[0]) if words else "")
            if isinstance(sampled, dict) and isinstance(found, dict):
                # What is valid by itself stays; only what breaks the schema gives way to the sample.
                whole = {**sampled, **found}
                for _ in range(6):
                    broken = schema_errors(schema, whole)
                    if not broken:
                        return whole
                    tops = {path[0] for path, _, _ in broken if path and path[0] in whole}
                    for name in tops:
                        if name in sampled and whole[str(name)] is not sampled[name]:
                            whole[str(name)] = sampled[name]
                        else:
                            whole.pop(str(name))
                    if not tops:
                        break
            return sampled

        return repair(schema, _copy(found), make)

    def _schema(self, shape: Shape) -> JsonObject:
        memory = self.base.memory
        key = ("schema", id(shape.node), id(shape.root))
        known = memory.get(key)
        if known is None:
            known = memory[key] = (shape.schema(), shape.node, shape.root)
        schema: JsonObject = known[0]
        return schema

    def _fit(self, shape: Shape, value: Any, words: tuple[object, ...], depth: int) -> Any:
        if depth > 12:
            return value
        if shape.variants:
            if not shape.properties and is_valid(self._schema(shape), value):
                return value
            ranked = []
            for variant in shape.variants:
                schema = self._schema(variant)
                tried = self._fit(variant, value, words, depth + 1)
                if not is_valid(schema, tried):
                    # What this alternative has no place for gives way; the rest is shown.
                    tried = remove_invalid_parts(schema, _copy(tried))
                if is_valid(schema, tried):
                    kept = len(tried) if isinstance(tried, dict) else 1
                    ranked.append((is_valid(self._schema(shape), tried), kept, tried))
            return max(ranked, key=lambda row: row[:2])[2] if ranked else value
        if isinstance(value, dict) and ("object" in shape.types or shape.properties):
            extra = shape.node.get("additionalProperties")
            undeclared = extra is True or isinstance(extra, dict) or not shape.properties
            out: JsonObject = {}
            for name, sub in shape.properties.items():
                if name in value:
                    if sub.plain_text and isinstance(value[name], str):
                        out[name] = value[name]
                        continue
                    if value[name] is None and not sub.may_be_null and sub.types:
                        if name in shape.required:
                            out[name] = self._missing(sub, name, words)
                        continue
                    out[name] = self._fit(sub, value[name], words, depth + 1)
                elif name in shape.required:
                    out[name] = self._missing(sub, name, words)
            if undeclared:
                out.update(
                    {name: item for name, item in value.items() if name not in shape.properties}
                )
            for name in shape.required:
                if name not in out and name not in shape.properties:
                    out[name] = value.get(name, "")
            return out
        if isinstance(value, list) and "array" in shape.types and shape.items is not None:
            return [
                self._fit(shape.items, item, (*words, index), depth + 1)
                for index, item in enumerate(value)
            ]
        if (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and shape.types == ("string",)
        ):
            return str(value)
        if isinstance(value, str) and shape.types in {("integer",), ("number",)}:
            try:
                return (
                    int(value)
                    if value.lstrip("-").isdigit()
                    else float(value)
                    if shape.types == ("number",)
                    else value
                )
            except ValueError:
                return value
        if isinstance(value, float) and shape.types == ("integer",) and value.is_integer():
            return int(value)
        return value

    def _missing(self, shape: Shape, name: str, words: tuple[object, ...]) -> Any:
        maker = self.base.sampler(self.base.rng("missing", name, *words), optional=0.0)
        return maker.value(shape, name)

    def wrap(
        self, tool: Tool, pointer: str, value: Any, fill: Callable[[str, Shape], tuple[bool, Any]]
    ) -> Any:
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

    def _fill(
        self, name: str, shape: Shape, fill: Callable[[str, Shape], tuple[bool, Any]], depth: int
    ) -> tuple[bool, Any]:
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
            maker = self.base.sampler(
                self.base.rng("body", tool.name, *words, attempt),
                optional=(0.7, 0.0, 1.0)[attempt % 3],
                strict=True,
            )
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
            return (
                (True, None)
                if shape.may_be_null
                else (True, page.start > 0)
                if shape.has("boolean")
                else (False, None)
            )
        return plain(name, shape)

    return fill


def plain(name: str, shape: Shape) -> tuple[bool, Any]:
    """What an envelope's properties hold whatever is inside: success flags, empty lists of errors."""
    word = squash(name)
    if shape.has("boolean") and word in {
        "success",
        "ok",
        "successful",
        "deleted",
        "result",
        "accepted",
    }:
        return True, True
    if shape.has("array") and word in {"errors", "warnings", "messages", "included"}:
        return True, []
    if word in {"error", "warning"} and shape.may_be_null:
        return True, None
    return False, None
