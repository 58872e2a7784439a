"""The request body of an operation -> arguments.

The members of an object become an argument each; any other body is one argument.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field

from inftool.core.types import Location
from inftool.specs.documents.errors import RefError
from inftool.specs.documents.node import Node
from inftool.specs.openapi.arguments import (
    MAX_ARGUMENT_DESCRIPTION,
    Argument,
    CollectedArguments,
    MemberRules,
    member_schemas,
)
from inftool.specs.openapi.media_types import FORMS, choose_media, is_form, is_json, media_schema
from inftool.specs.openapi.operations import Operation
from inftool.specs.prose import as_text, clean
from inftool.specs.schemas.all_of import flatten_all_of, merge_parts
from inftool.specs.schemas.converter import Converter
from inftool.specs.schemas.inspection import items_of
from inftool.specs.schemas.merged import MergedSchema

_JSON = "application/json"
_NO_RULES = MemberRules()
# RFC 9110, section 9.3: a body has no defined meaning for these, and clients may drop it.
_METHODS_WITHOUT_BODY = frozenset({"GET", "HEAD", "DELETE"})
# A branch with these keywords only says which members go together.
_BRANCH_KEYWORDS = frozenset({"required", "title", "description", "type"})


def collect_body(
    operation: Operation, converter: Converter, collected: CollectedArguments
) -> tuple[str | None, MemberRules]:
    """Add the arguments of an operation's body to those of its parameters.

    Returns the media type of the body, None without one, and which of its members go together.
    """
    arguments = collected.arguments
    # Swagger 2.0: members of a form are parameters, so there is no body besides them.
    if any(argument.location == "form" for argument in arguments):
        has_file = any(argument.schema.get("format") == "binary" for argument in arguments)
        return _form_type(operation, has_file), _NO_RULES
    if collected.body is not None:
        body = collected.body
        media = _json_or_first(_consumes(operation))
        return media, _add(body.get("schema"), body, media, converter, collected)
    place = operation.node.get("requestBody")
    if place is None:
        return None, _NO_RULES
    return _request_body(operation, place, converter, collected)


def _request_body(
    operation: Operation, place: Node, converter: Converter, collected: CollectedArguments
) -> tuple[str | None, MemberRules]:
    """`requestBody` of OpenAPI 3."""
    library = converter.library
    try:
        body = library.follow(place)
    except RefError as error:
        library.loss_log.add(error.code, place, f"the body allows anything: {error}")
        collected.arguments.append(Argument("body", "whole_body", {}, False, place))
        return _JSON, _NO_RULES
    content = body.get("content")
    chosen = choose_media(content, library) if content is not None else None
    if chosen is not None:
        media, node = chosen
        if operation.method in _METHODS_WITHOUT_BODY:
            library.loss_log.add("body_unused", place)
        return media, _add(media_schema(node), body, media, converter, collected)
    if (schema := body.get("schema")) is not None:
        # Swagger 2.0's spelling inside an OpenAPI 3 document.
        message = "the body has a schema but no content, application/json is assumed"
        library.loss_log.add("bad_body", body, message)
        return _JSON, _add(schema, body, _JSON, converter, collected)
    # An empty `content` says on purpose that there is no body.
    if body.members.get("content") != {}:
        library.loss_log.add("bad_body", place)
    return None, _NO_RULES


def _consumes(operation: Operation) -> list[str]:
    """The media types that an operation takes (Swagger 2.0), its own or else the document's."""
    root = operation.place.document.data
    of_document = root.get("consumes") if isinstance(root, dict) else None
    for raw in (operation.node.members.get("consumes"), of_document):
        if isinstance(raw, list) and raw:
            return [media.lower() for media in raw if isinstance(media, str)]
    return []


def _form_type(operation: Operation, has_file: bool) -> str:
    declared = next((media for media in _consumes(operation) if media in FORMS), None)
    return declared or ("multipart/form-data" if has_file else FORMS[0])


def _json_or_first(medias: list[str]) -> str:
    return next((media for media in medias if is_json(media)), medias[0] if medias else _JSON)


def _add(
    schema: Node | None,
    body: Node,
    media: str,
    converter: Converter,
    collected: CollectedArguments,
) -> MemberRules:
    """Add the arguments of a body; returns which of its members go together."""
    arguments = collected.arguments
    required = body.members.get("required")
    if schema is None:
        # Anything goes in JSON and in forms; all else is sent as text.
        text: dict[str, object] = {} if is_json(media) or media in FORMS else {"type": "string"}
        whole = _described(text, body)
        arguments.append(Argument("body", "whole_body", whole, required is True, body))
        return _NO_RULES
    converted = _convert(schema, converter)
    collected.uses |= converted.uses
    if converted.whole is not None:
        # Documents rarely say that a body is required; one with required members is.
        is_required = required is True or (required is None and converted.is_needed)
        whole = _described(converted.whole, body)
        arguments.append(Argument("body", "whole_body", whole, is_required, body))
        return _NO_RULES
    location: Location = "form" if is_form(media) else "body"
    is_optional = required is False
    for name, inner in converted.members.items():
        is_required = name in converted.required and not is_optional
        node = converted.nodes.get(name, schema)
        arguments.append(Argument(name, location, inner, is_required, node))
    if not is_optional:
        return converted.rules
    if not converted.required:
        return _NO_RULES
    # No body at all is fine, half a body is not.
    others = {
        name: [other for other in converted.required if other != name] for name in converted.members
    }
    return MemberRules(dependent={name: names for name, names in others.items() if names})


@dataclass(frozen=True)
class _ConvertedBody:
    """The schema of a body, converted: as a whole or by its members."""

    uses: frozenset[str]
    """The names of the definitions that it refers to."""
    whole: dict[str, object] | None = None
    """The schema of a body that is one argument, None if its members are arguments."""
    is_needed: bool = False
    """Whether an empty body cannot be valid."""
    members: dict[str, dict[str, object]] = field(default_factory=dict)
    """The members' schemas."""
    required: tuple[str, ...] = ()
    """The names of the required members."""
    nodes: dict[str, Node] = field(default_factory=dict)
    """Where each member is declared."""
    rules: MemberRules = _NO_RULES
    """Which members go together."""


def _convert(schema: Node, converter: Converter) -> _ConvertedBody:
    """Convert the schema of a body; operations that share a schema share the result."""
    library = converter.library
    place = schema
    if schema.ref is not None and len(schema.members) == 1:
        # A reference that cannot be followed is recorded when it is converted.
        with contextlib.suppress(RefError):
            place = library.follow(schema)
    known = converter.lifted.get(place.key)
    if isinstance(known, _ConvertedBody):
        return known
    # Members may come from several parts of an `allOf`; they are arguments all the same.
    merged = merge_parts(flatten_all_of(schema, library), library)
    rules = _member_rules(merged)
    if _has_plain_members(merged, rules):
        body = _convert_members(schema, merged, rules, converter)
    else:
        whole, uses = converter.convert(schema)
        is_needed = bool(merged.required) or not merged.is_object
        body = _ConvertedBody(uses, whole=whole, is_needed=is_needed)
    converter.lifted[place.key] = body
    return body


def _convert_members(
    schema: Node, merged: MergedSchema, rules: MemberRules, converter: Converter
) -> _ConvertedBody:
    # Arguments are closed: members that the document does not name cannot be given.
    if merged.opened:
        converter.loss_log.add("open_body", schema)
    if rules.union:
        # The rules stand at the root of the input schema instead.
        merged.unions = []
    nodes = {name: places[0] for name, places in merged.properties.items()}
    converted, uses = converter.convert_merged(merged, "closed")
    members = member_schemas(converted)
    names = [str(name) for name in items_of(converted, "required")]
    required = tuple(name for name in names if name in members)
    return _ConvertedBody(uses, members=members, required=required, nodes=nodes, rules=rules)


def _has_plain_members(merged: MergedSchema, rules: MemberRules) -> bool:
    """Whether a body is a plain object, so that its members can stand beside the parameters."""
    if not merged.properties or (merged.types is not None and "object" not in merged.types):
        return False
    # Any of these says something about the object as a whole, which its members alone cannot.
    return not (
        merged.extra
        or merged.patterns
        or merged.conditions
        or merged.singles
        or merged.also
        or merged.choices
        or (merged.unions and not rules.union)
    )


def _member_rules(merged: MergedSchema) -> MemberRules:
    """The rules of a body with one union that only says which members go together.

    `anyOf: [{required: [email]}, {required: [phone]}]` can stand at the root of the input schema;
    for any other body there are no rules.
    """
    if len(merged.unions) != 1:
        return _NO_RULES
    keyword, node = merged.unions[0]
    branches: list[tuple[str, ...]] = []
    for branch in node.items:
        if not isinstance(branch, dict) or not branch.keys() <= _BRANCH_KEYWORDS:
            return _NO_RULES
        required = branch.get("required")
        if not isinstance(required, list):
            return _NO_RULES
        names = tuple(name for name in required if isinstance(name, str))
        if not names or any(name not in merged.properties for name in names):
            return _NO_RULES
        branches.append(names)
    return MemberRules(union=keyword, branches=tuple(branches))


def _described(schema: dict[str, object], body: Node) -> dict[str, object]:
    """The schema with the description of the body, if it has one."""
    description = as_text(body.members.get("description"))
    if not description:
        return schema
    return {**schema, "description": clean(description, MAX_ARGUMENT_DESCRIPTION)}
