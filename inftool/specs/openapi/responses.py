"""The responses of an operation -> records with self-contained schemas; what several operations share is made once."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from inftool.core.errors import ToolError
from inftool.core.tools import Link, Response
from inftool.core.types import JsonObject
from inftool.specs.documents.errors import RefError
from inftool.specs.documents.library import Library
from inftool.specs.documents.node import Node
from inftool.specs.openapi.operations import Operation
from inftool.specs.openapi.request_body import choose_media
from inftool.specs.prose import as_text, clean
from inftool.specs.schemas.budget.assembler import Cut, SchemaAssembler
from inftool.specs.schemas.converter import Converter
from inftool.specs.schemas.keywords.values import json_size
from inftool.specs.validation.validator import Validator

MAX_EXAMPLE = 16_384
_MISSING = object()


@dataclass
class Responses:
    """Makes the responses of one description. `budget`: bytes of a success body; an error's gets half."""

    library: Library
    converter: Converter
    assembler: SchemaAssembler
    budget: int
    cuts: list[tuple[Node, list[Cut]]] = field(default_factory=list)
    _made: dict[tuple[tuple[int, str], str], Response] = field(default_factory=dict)
    _bodies: dict[tuple[str, int], JsonObject] = field(default_factory=dict)

    def collect(self, operation: Operation) -> tuple[Response, ...]:
        """Every documented answer of an operation, in the order of the document."""
        raw = operation.node.members.get("responses")
        if not isinstance(raw, dict):
            if raw is not None:
                self.library.loss_log.add(
                    "bad_response",
                    operation.place,
                    f"responses is {type(raw).__name__}, not an object",
                )
            return ()
        place = operation.node.child("responses")
        found: list[Response] = []
        for status in raw:
            if not isinstance(status, str) or status.startswith("x-"):
                continue
            node = place.child(status)
            if node.value is None:
                continue
            try:
                target = self.library.follow(node)
            except RefError as error:
                self.library.loss_log.add(
                    error.code, node, f"the response {status} was left out: {error}"
                )
                continue
            if not isinstance(target.value, dict):
                self.library.loss_log.add(
                    "bad_response",
                    node,
                    f"the response {status} is {type(target.value).__name__}, not an object, and was left out",
                )
                continue
            key = (target.key, status)
            if key not in self._made:
                self._made[key] = self._make(target, status)
            found.append(self._made[key])
        return tuple(found)

    def _make(self, node: Node, status: str) -> Response:
        raw = node.members
        schema, example, media = self._schema(node)
        body = None
        if schema is not None:
            success = status.startswith("2") or status == "default"
            body = self._body(schema, self.budget if success else self.budget // 2)
        if example is not _MISSING and body is not None and not _allows(body, example):
            self.library.loss_log.add("bad_example", node)
            example = _MISSING
        headers = raw.get("headers")
        return Response(
            status=status.upper() if status.lower() != "default" else "default",
            description=clean(as_text(raw.get("description")), 200),
            body=body,
            headers=tuple(str(name) for name in headers) if isinstance(headers, dict) else (),
            example=None if example is _MISSING else example,
            media=media,
        )

    def _body(self, schema: Node, budget: int) -> JsonObject:
        converted, uses = self.converter.convert(schema)
        shared = (str(converted["$ref"]), budget) if list(converted) == ["$ref"] else None
        if shared is not None and shared in self._bodies:
            return self._bodies[shared]
        body, cuts = self.assembler.assemble(converted, uses, budget)
        if cuts:
            self.cuts.append((schema, cuts))
        if shared is not None:
            self._bodies[shared] = body
        return body

    def _schema(self, node: Node) -> tuple[Node | None, Any, str]:
        """The schema of a response, its first usable example, and its media type where that is not `application/json`."""
        raw = node.members
        if (inner := raw.get("schema")) is not None:
            examples = raw.get("examples")
            given = (
                next(iter(examples.values()), _MISSING) if isinstance(examples, dict) else _MISSING
            )
            if isinstance(inner, dict) and inner.get("type") == "file":
                return node.child("schema"), _MISSING, ""
            return node.child("schema"), _fit(given), ""
        content = node.get("content")
        chosen = choose_media(content, self.library) if content is not None else None
        if chosen is None:
            return None, _MISSING, ""
        name, media = chosen
        other = "" if name.lower().startswith("application/json") else name
        if media.members.get("schema") is not None:
            return media.child("schema"), self._example(media), other
        return media.get("itemSchema"), self._example(media), other

    def _example(self, media: Node) -> Any:
        if "example" in media.members:
            return _fit(media.members["example"])
        examples = media.get("examples")
        for name in (
            examples.value if examples is not None and isinstance(examples.value, dict) else ()
        ):
            try:
                entry = self.library.follow(examples.child(name)) if examples is not None else media
            except RefError:
                # Examples are documentation: one that cannot be found changes nothing for a caller.
                continue
            if isinstance(entry.value, dict) and "value" in entry.value:
                inner = entry.value["value"]
                try:
                    return _fit(
                        self.library.follow(entry.child("value")).value
                        if isinstance(inner, dict) and list(inner) == ["$ref"]
                        else inner
                    )
                except RefError:
                    continue
        return _MISSING


def _allows(body: JsonObject, example: Any) -> bool:
    try:
        return Validator(body).is_valid(example)
    except ToolError:
        # A schema that does not compile is told about and opened when all of them are looked at together.
        return False


def success(responses: tuple[Response, ...]) -> Response | None:
    """The answer of a call that went well: the first 2xx, else 2XX, else default."""
    for wanted in ("2", "default"):
        for response in responses:
            if response.status.startswith(wanted):
                return response
    return None


def links(
    operation: Operation,
    library: Library,
    names: dict[str, str],
    places: dict[tuple[int, str], str],
) -> tuple[Link, ...]:
    """The documented links of an operation to other tools."""
    responses = operation.node.members.get("responses")
    found: dict[str, Link] = {}
    for status in responses if isinstance(responses, dict) else ():
        try:
            target = library.follow(operation.node.child("responses").child(status))
            raw = target.get("links")
            for name in raw.value if raw is not None and isinstance(raw.value, dict) else ():
                link = library.follow(raw.child(name)) if raw is not None else target
                if not isinstance(link.value, dict):
                    continue
                tool = names.get(str(link.value.get("operationId")))
                if tool is None and isinstance(link.value.get("operationRef"), str):
                    tool = places.get(
                        library.follow(
                            Node(link.document, link.pointer, {"$ref": link.value["operationRef"]})
                        ).key
                    )
                if tool is None:
                    library.loss_log.add(
                        "bad_link",
                        link,
                        f"the link {name!r} points at no operation and was left out",
                    )
                    continue
                parameters = link.value.get("parameters")
                found.setdefault(
                    name,
                    Link(
                        name=name,
                        operation=tool,
                        parameters=parameters if isinstance(parameters, dict) else {},
                    ),
                )
        except RefError as error:
            library.loss_log.add(
                "bad_link", operation.place, f"a link was left out: {error}", subject=str(status)
            )
    return tuple(found.values())


def _fit(value: Any) -> Any:
    """An example that is small and plain JSON."""
    if value is _MISSING:
        return value
    try:
        return value if json_size(value) <= MAX_EXAMPLE and _finite(value) else _MISSING
    except (TypeError, ValueError, RecursionError):
        return _MISSING


def _finite(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(_finite(inner) for inner in value.values())
    return all(_finite(inner) for inner in value) if isinstance(value, list) else True
