"""Records of a compiled document: tools, where they come from, and what was lost on the way."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from inftool.core.chat import ToolSpec
from inftool.core.types import Effect, JsonObject, Level, Location, Record


class Origin(Record):
    """Where something came from: a file, a JSON pointer (RFC 6901) and a 1-based line of it."""

    file: str
    pointer: str = ""
    line: int | None = None


class Loss(Record):
    """Something of a document that did not arrive as it was written, and what was done about it.

    `level`: info (nothing changes for a caller), warning (a call may be looser or stricter than documented), error (an operation or the document is gone).
    """

    code: str
    level: Level
    message: str
    origin: Origin


class Parameter(Record):
    """Where one argument of a tool travels in the HTTP request.

    `argument` is its name in the tool's input schema, `name` its name in the spec. `whole_body`: the argument is the request body itself.
    """

    argument: str
    name: str
    location: Location
    style: str = ""
    explode: bool | None = None


class Response(Record):
    """One documented answer: `status` as written ("200", "4XX", "default"), `body` its self-contained JSON Schema or None.

    `media`: its media type, where that is not `application/json`.
    """

    status: str
    description: str = ""
    body: JsonObject | None = None
    headers: tuple[str, ...] = ()
    example: Any = None
    media: str = ""


class Link(Record):
    """An OpenAPI link: after this operation, `operation` may be called with these arguments (runtime expressions)."""

    name: str
    operation: str
    parameters: JsonObject = Field(default_factory=dict)


class Tool(Record):
    """What a model sees of one operation, and what the world needs to play it.

    `name` fits `[A-Za-z0-9_-]{1,64}`; both schemas are self-contained JSON Schema 2020-12, the input closed.
    `output_schema` describes the success body as it is (any type), None when the spec declares none.
    """

    name: str
    description: str
    input_schema: JsonObject
    output_schema: JsonObject | None
    effect: Effect
    origin: Origin
    api: str
    summary: str = ""
    method: str = ""
    path: str = ""
    operation: str = ""
    tags: tuple[str, ...] = ()
    body_type: str | None = None
    parameters: tuple[Parameter, ...] = ()
    responses: tuple[Response, ...] = ()
    links: tuple[Link, ...] = ()

    def openai(self) -> ToolSpec:
        """The tool in the OpenAI chat format."""
        return {
            "type": "function",
            "function": {
                "name": self.name,
                "description": self.description,
                "parameters": self.input_schema,
            },
        }


class Api(Record):
    """One compiled document: its tools and what was lost on the way.

    `operations` counts what the document declares, so `operations - len(tools)` are losses by name. `sha256` covers every file it was read from.
    """

    name: str
    title: str
    version: str
    format: str
    file: str
    sha256: str
    description: str = ""
    operations: int = 0
    tools: tuple[Tool, ...] = ()
    losses: tuple[Loss, ...] = ()
    base_urls: tuple[str, ...] = ()
    security: JsonObject = Field(default_factory=dict)


class Result(Record):
    """What the world answered: an HTTP status and a JSON body. `fallback`: made from the schema alone; `fault`: planted, by name."""

    status: int
    body: Any = None
    headers: dict[str, str] = Field(default_factory=dict)
    fallback: bool = False
    fault: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the call succeeded (2xx)."""
        return 200 <= self.status < 300

    def shown(self) -> Any:
        """The answer as a caller sees it: the body, the bare status where there is none, or the status with the error."""
        if self.ok:
            return self.body if self.body is not None else {"status": self.status}
        return {
            "status": self.status,
            "error": self.body,
            **({"headers": self.headers} if self.headers else {}),
        }
