"""The responses of an operation -> records with self-contained schemas.

What several operations share is converted once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from inftool.core.errors import ToolError
from inftool.core.tools import Response
from inftool.specs.documents.errors import RefError
from inftool.specs.documents.library import Library
from inftool.specs.documents.node import Node
from inftool.specs.openapi.media_types import choose_media, media_schema
from inftool.specs.openapi.operations import Operation
from inftool.specs.prose import as_text, clean
from inftool.specs.schemas.budget.assembler import Cut, SchemaAssembler
from inftool.specs.schemas.converter import Converter
from inftool.specs.schemas.keywords.values import json_size
from inftool.specs.validation.validator import Validator

MAX_EXAMPLE = 16_384
"""Bytes of an example; larger ones are dumps of a database, not examples."""

# An answer is described in a sentence or two.
_MAX_DESCRIPTION = 200
# Stands for "no example": None is an example, of null.
_MISSING = object()


@dataclass
class Responses:
    """Converts the responses of one document."""

    library: Library
    """Follows references."""
    converter: Converter
    """Converts schemas of answers."""
    assembler: SchemaAssembler
    """Makes schemas self-contained."""
    budget: int
    """Bytes of a success body; the body of an error gets half."""
    cuts: list[tuple[Node, list[Cut]]] = field(default_factory=list)
    """What was cut since the list was cleared, with the schema it was cut from."""
    _converted: dict[tuple[tuple[int, str], str], Response] = field(default_factory=dict)
    _bodies: dict[tuple[str, int], dict[str, object]] = field(default_factory=dict)

    def collect(self, operation: Operation) -> tuple[Response, ...]:
        """Every documented answer of an operation, in the order of the document."""
        raw = operation.node.members.get("responses")
        if not isinstance(raw, dict):
            if raw is not None:
                message = f"responses is {type(raw).__name__}, not an object"
                self.library.loss_log.add("bad_response", operation.place, message)
            return ()
        place = operation.node.child("responses")
        responses: list[Response] = []
        for status in raw:
            # Specification extensions may stand beside the statuses.
            if not isinstance(status, str) or status.startswith("x-"):
                continue
            response = self._response(place.child(status), status)
            if response is not None:
                responses.append(response)
        return tuple(responses)

    def _response(self, node: Node, status: str) -> Response | None:
        """The response at a node; None, and a loss unless it is null, if it cannot be read."""
        if node.value is None:
            return None
        try:
            target = self.library.follow(node)
        except RefError as error:
            message = f"the response {status} was left out: {error}"
            self.library.loss_log.add(error.code, node, message)
            return None
        if not isinstance(target.value, dict):
            kind = type(target.value).__name__
            message = f"the response {status} is {kind}, not an object, and was left out"
            self.library.loss_log.add("bad_response", node, message)
            return None
        # The status belongs to the key: errors share a response under several statuses.
        key = (target.key, status)
        if key not in self._converted:
            self._converted[key] = self._convert(target, status)
        return self._converted[key]

    def _convert(self, node: Node, status: str) -> Response:
        schema, example, media = self._content(node)
        body = None
        if schema is not None:
            is_success = status.startswith("2") or status == "default"
            body = self._body(schema, self.budget if is_success else self.budget // 2)
        if example is not _MISSING and body is not None and not _allows(body, example):
            self.library.loss_log.add("bad_example", node)
            example = _MISSING
        headers = node.members.get("headers")
        return Response(
            status="default" if status.lower() == "default" else status.upper(),
            description=clean(as_text(node.members.get("description")), _MAX_DESCRIPTION),
            body=body,
            headers=tuple(str(name) for name in headers) if isinstance(headers, dict) else (),
            example=None if example is _MISSING else example,
            media=media,
        )

    def _body(self, schema: Node, budget: int) -> dict[str, object]:
        """The self-contained schema of a body; one that is only a reference is made once."""
        converted, uses = self.converter.convert(schema)
        # {"$ref": "#/$defs/Order"} -> ("#/$defs/Order", budget)
        shared = (str(converted["$ref"]), budget) if list(converted) == ["$ref"] else None
        if shared is not None and shared in self._bodies:
            return self._bodies[shared]
        body, cuts = self.assembler.assemble(converted, uses, budget)
        if cuts:
            self.cuts.append((schema, cuts))
        if shared is not None:
            self._bodies[shared] = body
        return body

    def _content(self, node: Node) -> tuple[Node | None, object, str]:
        """The schema of a response, its example or _MISSING, and its media type.

        The media type is empty for `application/json`.
        """
        if (schema := node.get("schema")) is not None:
            # Swagger 2.0: `examples` by media type. A file is not JSON, and no example is of it.
            if schema.members.get("type") == "file":
                return schema, _MISSING, ""
            examples = node.members.get("examples")
            by_media = examples if isinstance(examples, dict) else {}
            return schema, _fitting(next(iter(by_media.values()), _MISSING)), ""
        content = node.get("content")
        chosen = choose_media(content, self.library) if content is not None else None
        if chosen is None:
            return None, _MISSING, ""
        name, media = chosen
        is_plain_json = name.lower().startswith("application/json")
        return media_schema(media), self._example(media), "" if is_plain_json else name

    def _example(self, media: Node) -> object:
        """The first usable example of a Media Type Object, _MISSING if it has none."""
        if "example" in media.members:
            return _fitting(media.members["example"])
        examples = media.get("examples")
        if examples is None:
            return _MISSING
        for name in examples.members:
            # Examples are documentation: one that cannot be found changes nothing for a caller.
            try:
                entry = self.library.follow(examples.child(name))
                if "value" in entry.members:
                    return _fitting(self._example_value(entry.child("value")))
            except RefError:
                continue
        return _MISSING

    def _example_value(self, node: Node) -> object:
        """The value of an Example Object; some documents put a reference there."""
        is_reference = list(node.members) == ["$ref"]
        return self.library.follow(node).value if is_reference else node.value


def _allows(body: dict[str, object], example: object) -> bool:
    try:
        return Validator(body).is_valid(example)
    except ToolError:
        # A schema that does not compile is recorded and opened when all of them are checked.
        return False


def success(responses: tuple[Response, ...]) -> Response | None:
    """The answer of a call that went well: the first 2xx or 2XX, else `default`, else None."""
    # "200" and "2XX" both begin with 2; documents list them from the special to the general.
    for prefix in ("2", "default"):
        for response in responses:
            if response.status.startswith(prefix):
                return response
    return None


def _fitting(example: object) -> object:
    """An example that is small and plain JSON; _MISSING for any other."""
    if example is _MISSING:
        return example
    try:
        is_fitting = json_size(example) <= MAX_EXAMPLE and _is_finite(example)
    except (TypeError, ValueError, RecursionError):
        return _MISSING
    return example if is_fitting else _MISSING


def _is_finite(value: object) -> bool:
    """Whether a value holds no infinity and no NaN; YAML has both, JSON has neither."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(_is_finite(inner) for inner in value.values())
    return all(_is_finite(inner) for inner in value) if isinstance(value, list) else True
