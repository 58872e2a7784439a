"""The parameters of an operation -> arguments, each with where it travels."""

from __future__ import annotations

import re
from collections.abc import Mapping

from inftool.core.types import Location
from inftool.specs.documents.errors import RefError
from inftool.specs.documents.library import Library
from inftool.specs.documents.node import Node
from inftool.specs.openapi.arguments import (
    MAX_ARGUMENT_DESCRIPTION,
    Argument,
    CollectedArguments,
    member_schemas,
)
from inftool.specs.openapi.credentials import Credentials, is_hidden
from inftool.specs.openapi.operations import Operation
from inftool.specs.prose import as_text, clean
from inftool.specs.schemas.converter import Converter
from inftool.specs.schemas.inspection import definition_of, items_of, type_list
from inftool.specs.schemas.keywords.listed_values import examples

# `in`, in lower case -> location. "formData" is Swagger 2.0; "form" is a mistake that is clear.
_LOCATIONS: dict[str, Location] = {
    "path": "path",
    "query": "query",
    "header": "header",
    "cookie": "cookie",
    "formdata": "form",
    "form": "form",
    "body": "body",
}
# `collectionFormat` of Swagger 2.0 -> `style` and `explode` of OpenAPI 3.
_COLLECTION_STYLES: dict[str, tuple[str, bool]] = {
    "csv": ("form", False),
    "multi": ("form", True),
    "ssv": ("spaceDelimited", False),
    "tsv": ("tabDelimited", False),
    "pipes": ("pipeDelimited", False),
}
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


def collect_parameters(
    operation: Operation, converter: Converter, credentials: Credentials
) -> CollectedArguments:
    """The arguments that the parameters of a path and of its operation declare."""
    library = converter.library
    collected = CollectedArguments()
    for (name, place), node in _declared_parameters(operation, library).items():
        if place == "body":
            collected.body = node
        elif place == "querystring":
            _add_query_string(node, converter, collected)
        elif place not in _LOCATIONS:
            message = (
                f"the parameter {name!r} lies in {place!r}, which is no place, and was left out"
            )
            library.loss_log.add("bad_parameter", node, message)
        elif not is_hidden(node, library, credentials):
            _add_parameter(_LOCATIONS[place], node, operation, converter, collected)
    _add_undeclared(operation, library, collected)
    # The path first, as it says what a call is about.
    collected.arguments.sort(key=lambda argument: argument.location != "path")
    return collected


def _declared_parameters(operation: Operation, library: Library) -> dict[tuple[str, str], Node]:
    """The parameters of an operation and of its path: (name, `in` in lower case) -> parameter.

    What the path declares for all its operations yields to what an operation declares itself.
    """
    declared: dict[tuple[str, str], Node] = {}
    for owner in (operation.node, operation.item):
        of_owner: set[tuple[str, str]] = set()
        for node in _listed_parameters(owner, library):
            name, place = node.text("name"), node.text("in").lower()
            if (name, place) in of_owner:
                message = f"the {place} parameter {name!r} is declared twice, the last one counts"
                library.loss_log.add("duplicate_parameter", node, message, subject=name)
            elif (name, place) in declared:
                continue
            of_owner.add((name, place))
            declared[name, place] = node
    return declared


def _listed_parameters(owner: Node, library: Library) -> list[Node]:
    """The readable parameters of an operation or of a path item, references followed."""
    raw = owner.members.get("parameters")
    if raw is None:
        return []
    place = owner.child("parameters")
    if isinstance(raw, dict):
        # Written as an object of parameters by name; their order is all that is lost.
        nodes = [place.child(key) for key in raw] if "$ref" not in raw else []
    elif isinstance(raw, list):
        nodes = list(place.children())
    else:
        message = f"parameters is {type(raw).__name__}, not a list, and was left out"
        library.loss_log.add("bad_parameter", place, message)
        return []
    followed = (_followed(node, library) for node in nodes)
    return [parameter for parameter in followed if parameter is not None]


def _followed(node: Node, library: Library) -> Node | None:
    """A parameter with its references followed; None, and a loss, if it cannot be read."""
    loss_log = library.loss_log
    try:
        target = library.follow(node)
    except RefError as error:
        loss_log.add(error.code, node, f"a parameter was left out: {error}")
        return None
    if not isinstance(target.value, dict):
        loss_log.add("bad_parameter", node, "a parameter is no object and was left out")
        return None
    name = target.text("name")
    if not name:
        loss_log.add("bad_parameter", target, "a parameter has no name and was left out")
        return None
    if not isinstance(target.members.get("in"), str):
        message = f"the parameter {name!r} does not say where it travels and was left out"
        loss_log.add("bad_parameter", target, message)
        return None
    return target


def _schema_node(node: Node) -> Node | None:
    """The schema of a parameter, None if it has none.

    It is in `schema`, in the first media type of `content` that has one, or (Swagger 2.0) it is
    the parameter itself.
    """
    if node.members.get("schema") is not None:
        return node.child("schema")
    if (content := node.get("content")) is not None:
        for media in content.members:
            if (schema := content.child(media).get("schema")) is not None:
                return schema
    is_schema = node.members.keys() & {"type", "enum", "items"}
    return node if is_schema else None


def _add_parameter(
    location: Location,
    node: Node,
    operation: Operation,
    converter: Converter,
    collected: CollectedArguments,
) -> None:
    name, loss_log = node.text("name"), converter.library.loss_log
    if location == "path" and "{" + name + "}" not in operation.path:
        message = f"the path parameter {name!r} does not occur in {operation.path} and was left out"
        loss_log.add("unused_path_parameter", node, message, subject=operation.path)
        return
    schema: dict[str, object] = {"type": "string"}
    schema_node = _schema_node(node)
    if schema_node is None:
        message = f"the parameter {name!r} has no schema, a string is assumed"
        loss_log.add("bad_parameter", node, message)
    else:
        schema, uses = converter.convert(schema_node)
        collected.uses |= uses
    # Hand-written documents have "true" as a text; "false" and all else is optional.
    required = node.members.get("required") in (True, "true")
    if location == "path" and not required:
        # OpenAPI 3.1, Parameter Object: a path parameter must be required.
        loss_log.add("optional_path_parameter", node)
        required = True
    style, explode = _style(node.members)
    schema = _with_notes(schema, node)
    collected.arguments.append(Argument(name, location, schema, required, node, style, explode))


def _style(parameter: Mapping[str, object]) -> tuple[str, bool | None]:
    """How a parameter's lists are written, as `style` and `explode` of OpenAPI 3."""
    collection = parameter.get("collectionFormat")
    if isinstance(collection, str) and collection in _COLLECTION_STYLES:
        return _COLLECTION_STYLES[collection]
    if parameter.get("type") == "array" and "schema" not in parameter:
        # Swagger 2.0: csv is the default.
        return _COLLECTION_STYLES["csv"]
    style, explode = parameter.get("style"), parameter.get("explode")
    return style if isinstance(style, str) else "", explode if isinstance(explode, bool) else None


def _with_notes(schema: dict[str, object], node: Node) -> dict[str, object]:
    """The schema with what the parameter says about itself: description, deprecation, examples."""
    notes: dict[str, object] = {}
    if description := as_text(node.members.get("description")):
        notes["description"] = clean(description, MAX_ARGUMENT_DESCRIPTION)
    if node.members.get("deprecated") is True:
        notes["deprecated"] = True
    # Without `schema` the parameter is its own schema, and its examples are converted already.
    if "schema" in node.members and not schema.keys() & {"examples", "enum", "$ref"}:
        values = examples(node, type_list(schema))
        if values:
            notes["examples"] = values
    return {**schema, **notes} if notes else schema


def _add_query_string(node: Node, converter: Converter, collected: CollectedArguments) -> None:
    """OpenAPI 3.2's `in: querystring`: an object whose members are the query parameters."""
    schema_node = _schema_node(node)
    if schema_node is None:
        return
    schema, uses = converter.convert(schema_node)
    if list(schema) == ["$ref"]:
        definition = converter.definitions[definition_of(schema["$ref"])]
        schema, uses = definition.schema, definition.uses
    if not isinstance(schema.get("properties"), dict):
        name = node.text("name")
        message = f"the query string {name!r} is no object of parameters and was left out"
        converter.library.loss_log.add("bad_parameter", node, message)
        return
    collected.uses |= uses
    required = items_of(schema, "required")
    for name, inner in member_schemas(schema).items():
        collected.arguments.append(
            Argument(name, "query", inner, name in required, node, "form", True)
        )


def _add_undeclared(operation: Operation, library: Library, collected: CollectedArguments) -> None:
    """Arguments for the placeholders of a path that no parameter declares."""
    declared = {argument.name for argument in collected.arguments if argument.location == "path"}
    for name in dict.fromkeys(_PLACEHOLDER.findall(operation.path)):
        if name in declared:
            continue
        message = (
            f"{operation.path} names {name!r}, which nothing declares, a required string was added"
        )
        library.loss_log.add("undeclared_path_parameter", operation.place, message, subject=name)
        schema: dict[str, object] = {"type": "string"}
        collected.arguments.append(Argument(name, "path", schema, True, operation.place))
