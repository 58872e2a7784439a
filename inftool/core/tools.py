"""Records of a compiled document: tools, where they come from, and what was lost on the way."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from inftool.core.chat import ToolSpec
from inftool.core.types import Effect, JsonObject, JsonPointer, Level, Location, Record


class Origin(Record):
    """Where in a document something comes from."""

    file: str
    """The file, as it was named."""

    pointer: JsonPointer = ""
    """The place in it."""

    line: int | None = None
    """The line of that place, counted from 1."""


class Loss(Record):
    """Something of a document that did not arrive as it was written."""

    code: str
    """A code of `inftool.specs.loss_codes`, such as `cut_optional`."""

    level: Level
    """`info`: nothing changes for a caller. `warning`: calls may be looser or stricter than
    documented. `error`: an operation or the whole document is gone."""

    message: str
    """What was lost, and what was done about it."""

    origin: Origin
    """Where it stood."""


class Parameter(Record):
    """Where one argument of a tool travels in the HTTP request."""

    argument: str
    """Its name in the tool's input schema."""

    name: str
    """Its name in the spec."""

    location: Location
    """The part of the request; `whole_body`: the argument is the body itself."""

    style: str = ""
    """How OpenAPI has lists and objects written, such as `deepObject`; empty for the default."""

    explode: bool | None = None
    """Whether each item of a list is a parameter of its own; None for the style's default."""


class Response(Record):
    """One documented answer of an operation."""

    status: str
    """As it is written: "200", "4XX", "default"."""

    description: str = ""
    """What it means, in the spec's words."""

    body: JsonObject | None = None
    """The self-contained JSON Schema of the body; None if the spec declares none."""

    headers: tuple[str, ...] = ()
    """The names of its headers."""

    example: object = None
    """An example of the body that the spec gives."""

    media: str = ""
    """The media type, if it is not `application/json`."""


class Link(Record):
    """An OpenAPI link: what may be called after an operation, with which of its results."""

    name: str
    """The link's name."""

    operation: str
    """The name of the tool that may be called."""

    parameters: JsonObject = Field(default_factory=dict)
    """Its arguments as runtime expressions: `{"orderId": "$response.body#/id"}`."""


class Tool(Record):
    """What a model sees of one operation, and what the world needs to simulate it."""

    name: str
    """Unique in a run; fits `[A-Za-z0-9_-]{1,64}`."""

    description: str
    """What it does, for a model to read."""

    input_schema: JsonObject
    """The JSON Schema 2020-12 of its arguments: self-contained, unknown arguments refused."""

    output_schema: JsonObject | None
    """The JSON Schema of the success body, of whatever type; None if the spec declares none."""

    effect: Effect
    """What a call does to the state of the service."""

    origin: Origin
    """The operation in its document."""

    api: str
    """The name of the API."""

    summary: str = ""
    """The operation's summary, as the spec has it."""

    method: str = ""
    """The HTTP method in capital letters; empty for a list of functions."""

    path: str = ""
    """The path with its placeholders: `/orders/{orderId}`."""

    operation: str = ""
    """The `operationId`, or the name of the function; empty if it has none."""

    tags: tuple[str, ...] = ()
    """The operation's tags."""

    body_type: str | None = None
    """The media type of the request's body; None if it has none."""

    parameters: tuple[Parameter, ...] = ()
    """Where each argument travels."""

    responses: tuple[Response, ...] = ()
    """The documented answers."""

    links: tuple[Link, ...] = ()
    """What may be called next."""

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
    """One compiled document: its tools, and what was lost on the way."""

    name: str
    """Unique in a run; made from the title."""

    title: str
    """The document's title."""

    version: str
    """The version that the document states."""

    format: str
    """The format it is written in, such as `openapi 3.1.0`, or `unknown`."""

    file: str
    """The file, as it was named."""

    sha256: str
    """The hash of every file that it was read from."""

    description: str = ""
    """The document's description."""

    operations: int = 0
    """How many operations it declares; those that became no tool are among the losses."""

    tools: tuple[Tool, ...] = ()
    """One tool for each operation that can be called."""

    losses: tuple[Loss, ...] = ()
    """What did not arrive as it was written."""

    base_urls: tuple[str, ...] = ()
    """The addresses of the service."""

    security: JsonObject = Field(default_factory=dict)
    """The security schemes by name, as OpenAPI has them."""


class Result(Record):
    """What the world answered to a call."""

    status: int
    """The HTTP status."""

    body: Any = None
    """The JSON body; None if it is empty."""

    headers: dict[str, str] = Field(default_factory=dict)
    """Headers that a caller is shown, such as `Retry-After`."""

    fallback: bool = False
    """Made from the schema alone, because the operation could not be simulated."""

    fault: str | None = None
    """The name of the fault that was injected in place of a real answer."""

    @property
    def ok(self) -> bool:
        """Whether the call succeeded (2xx)."""
        return 200 <= self.status < 300

    # Errors keep their status beside the body: many bodies do not say what went wrong.
    def shown(self) -> object:
        """The answer as a caller sees it.

        The body of a success (`{"status": 204}` if it is empty), else
        `{"status": 404, "error": <body>}`, with `headers` if there are any.
        """
        if self.ok:
            return self.body if self.body is not None else {"status": self.status}
        return {
            "status": self.status,
            "error": self.body,
            **({"headers": self.headers} if self.headers else {}),
        }
