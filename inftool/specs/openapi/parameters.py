"""The parameters of an operation -> arguments: where each travels, and which are none of a model's business."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from inftool.core.types import JsonObject, Location
from inftool.specs.documents.errors import RefError
from inftool.specs.documents.library import Library
from inftool.specs.documents.node import Node
from inftool.specs.openapi.operations import Operation
from inftool.specs.prose import as_text, clean, words
from inftool.specs.schemas.converter import Converter
from inftool.specs.schemas.inspection import definition_of, items_of
from inftool.specs.schemas.keywords.listed_values import examples

_IN: dict[str, Location] = {
    "path": "path",
    "query": "query",
    "header": "header",
    "cookie": "cookie",
    "formdata": "form",
    "form": "form",
    "body": "body",
}
_CLIENT_HEADERS = words(
    "accept content-type content-length host user-agent connection transfer-encoding accept-encoding accept-charset origin referer te upgrade expect"
)
_CREDENTIALS = words(
    "authorization proxy-authorization x-api-key api-key apikey api_key x-apikey x-auth-token x-access-token access_token oauth_token "
    "x-authorization x-api-token api_token auth_token x-session-token ocp-apim-subscription-key x-auth-key x-rapidapi-key cookie"
)
_SPEAKS_OF_KEY = re.compile(r"\b(api[ -]?key|access[ -]?token|oauth|bearer)\b", re.IGNORECASE)
_COLLECTIONS: dict[str, tuple[str, bool]] = {
    "csv": ("form", False),
    "multi": ("form", True),
    "ssv": ("spaceDelimited", False),
    "tsv": ("tabDelimited", False),
    "pipes": ("pipeDelimited", False),
}
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


@dataclass
class Argument:
    """One argument of a tool before it has its final name."""

    name: str
    location: Location
    schema: JsonObject
    required: bool
    node: Node
    style: str = ""
    explode: bool | None = None


@dataclass
class Arguments:
    """The arguments of one operation as they are collected, and the definitions that their schemas need."""

    found: list[Argument] = field(default_factory=list)
    uses: set[str] = field(default_factory=set)
    body: Node | None = None


def credentials(root: JsonObject) -> frozenset[tuple[str, str]]:
    """(place, name in lower case) of every API key that the document declares."""
    found: set[tuple[str, str]] = set()
    components = root.get("components")
    for schemes in (
        root.get("securityDefinitions"),
        components.get("securitySchemes") if isinstance(components, dict) else None,
    ):
        for scheme in schemes.values() if isinstance(schemes, dict) else ():
            if (
                isinstance(scheme, dict)
                and scheme.get("type") == "apiKey"
                and isinstance(scheme.get("name"), str)
            ):
                found.add((str(scheme.get("in")), scheme["name"].lower()))
    return frozenset(found)


def collect(
    operation: Operation, converter: Converter, secrets: frozenset[tuple[str, str]]
) -> Arguments:
    """The arguments that the parameters of a path and of its operation declare; the operation's own win."""
    library = converter.library
    arguments = Arguments()
    declared: dict[tuple[str, str], Node] = {}
    for owner in (operation.node, operation.item):
        own: set[tuple[str, str]] = set()
        for node in _listed(owner, library):
            name, place = node.text("name"), node.text("in").lower()
            if (name, place) in own:
                library.loss_log.add(
                    "duplicate_parameter",
                    node,
                    f"the {place} parameter {name!r} is declared twice, the last one counts",
                    subject=name,
                )
            elif (name, place) in declared:
                # What the path declares for all its operations yields to what an operation says itself.
                continue
            own.add((name, place))
            declared[name, place] = node
    for (name, place), node in declared.items():
        if place == "body":
            arguments.body = node
        elif place == "querystring":
            _query_string(node, library, converter, arguments)
        elif place not in _IN:
            library.loss_log.add(
                "bad_parameter",
                node,
                f"the parameter {name!r} lies in {place!r}, which is no place, and was left out",
            )
        elif not _hidden(name, place, node, library, secrets):
            _add(_IN[place], node, operation, converter, arguments)
    _from_path(operation, library, arguments)
    arguments.found.sort(key=lambda argument: argument.location != "path")
    return arguments


def _listed(owner: Node, library: Library) -> list[Node]:
    raw = owner.members.get("parameters")
    if raw is None:
        return []
    place = owner.child("parameters")
    if isinstance(raw, dict):
        # Written as an object of parameters by name; their order is all that is lost.
        nodes = [place.child(key) for key in raw] if "$ref" not in raw else []
    elif isinstance(raw, list):
        nodes = [place.child(index) for index in range(len(raw))]
    else:
        library.loss_log.add(
            "bad_parameter",
            place,
            f"parameters is {type(raw).__name__}, not a list, and was left out",
        )
        return []
    found: list[Node] = []
    for node in nodes:
        try:
            target = library.follow(node)
        except RefError as error:
            library.loss_log.add(error.code, node, f"a parameter was left out: {error}")
            continue
        value = target.value
        if not isinstance(value, dict):
            library.loss_log.add("bad_parameter", node, "a parameter is no object and was left out")
        elif not isinstance(value.get("name"), str) or not value["name"]:
            library.loss_log.add(
                "bad_parameter", target, "a parameter has no name and was left out"
            )
        elif not isinstance(value.get("in"), str):
            library.loss_log.add(
                "bad_parameter",
                target,
                f"the parameter {value['name']!r} does not say where it travels and was left out",
            )
        else:
            found.append(target)
    return found


def _hidden(
    name: str, place: str, node: Node, library: Library, secrets: frozenset[tuple[str, str]]
) -> bool:
    lower = name.lower()
    if place == "header" and lower in _CLIENT_HEADERS:
        library.loss_log.add("header_hidden", node)
        return True
    secret = (place, lower) in secrets or (
        place in {"header", "query", "cookie"} and lower in _CREDENTIALS
    )
    if not secret and place == "query" and lower in {"key", "token", "apikey"}:
        secret = bool(_SPEAKS_OF_KEY.search(as_text(node.members.get("description"))[:300]))
    if secret:
        library.loss_log.add("auth_hidden", node)
    return secret


def _schema_node(node: Node) -> Node | None:
    """Where a parameter's schema stands: in `schema`, in the first media type of `content`, or (2.0) in the parameter itself."""
    value = node.members
    if value.get("schema") is not None:
        return node.child("schema")
    content = value.get("content")
    if isinstance(content, dict):
        for media in content:
            if isinstance(content[media], dict) and content[media].get("schema") is not None:
                return node.child("content").child(media).child("schema")
    return node if "type" in value or "enum" in value or "items" in value else None


def _add(
    location: Location, node: Node, operation: Operation, converter: Converter, arguments: Arguments
) -> None:
    name, library = node.text("name"), converter.library
    if location == "path" and "{" + name + "}" not in operation.path:
        library.loss_log.add(
            "unused_path_parameter",
            node,
            f"the path parameter {name!r} does not occur in {operation.path} and was left out",
            subject=operation.path,
        )
        return
    place = _schema_node(node)
    if place is None:
        library.loss_log.add(
            "bad_parameter", node, f"the parameter {name!r} has no schema, a string is assumed"
        )
        schema: JsonObject = {"type": "string"}
    else:
        schema, uses = converter.convert(place)
        arguments.uses |= uses
    required = node.members.get("required") in (True, "true")
    if location == "path" and not required:
        library.loss_log.add("optional_path_parameter", node)
        required = True
    style, explode = _style(node.members)
    arguments.found.append(
        Argument(name, location, _described(schema, node), required, node, style, explode)
    )


def _style(raw: JsonObject) -> tuple[str, bool | None]:
    collection = raw.get("collectionFormat")
    if isinstance(collection, str) and collection in _COLLECTIONS:
        return _COLLECTIONS[collection]
    if raw.get("type") == "array" and "schema" not in raw:
        return "form", False
    style, explode = raw.get("style"), raw.get("explode")
    return style if isinstance(style, str) else "", explode if isinstance(explode, bool) else None


def _described(schema: JsonObject, node: Node) -> JsonObject:
    """The schema with what the parameter says about itself."""
    raw = node.members
    notes: dict[str, Any] = {}
    if text := as_text(raw.get("description")):
        notes["description"] = clean(text, 400)
    if raw.get("deprecated") is True:
        notes["deprecated"] = True
    types = schema.get("type")
    if "schema" in raw and not schema.keys() & {"examples", "enum", "$ref"}:
        found = examples(node, [types] if isinstance(types, str) else types)
        if found:
            notes["examples"] = found
    return {**schema, **notes} if notes else schema


def _query_string(node: Node, library: Library, converter: Converter, arguments: Arguments) -> None:
    """OpenAPI 3.2's `in: querystring`: an object whose members are the query parameters."""
    place = _schema_node(node)
    if place is None:
        return
    schema, uses = converter.convert(place)
    if list(schema) == ["$ref"]:
        definition = converter.definitions[definition_of(schema["$ref"])]
        schema, uses = definition.schema, definition.uses
    members = schema.get("properties")
    if not isinstance(members, dict):
        library.loss_log.add(
            "bad_parameter",
            node,
            f"the query string {node.members['name']!r} is no object of parameters and was left out",
        )
        return
    arguments.uses |= uses
    required = items_of(schema, "required")
    for name, inner in members.items():
        arguments.found.append(Argument(name, "query", inner, name in required, node, "form", True))


def _from_path(operation: Operation, library: Library, arguments: Arguments) -> None:
    known = {argument.name for argument in arguments.found if argument.location == "path"}
    for name in dict.fromkeys(_PLACEHOLDER.findall(operation.path)):
        if name not in known:
            library.loss_log.add(
                "undeclared_path_parameter",
                operation.place,
                f"{operation.path} names {name!r}, which nothing declares, a required string was added",
                subject=name,
            )
            arguments.found.append(
                Argument(name, "path", {"type": "string"}, True, operation.place)
            )
