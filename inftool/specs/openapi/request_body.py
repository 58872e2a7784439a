"""The request body of an operation -> arguments: the members of an object each become one, anything else travels whole."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field

from inftool.core.types import JsonObject, Location
from inftool.specs.documents.errors import RefError
from inftool.specs.documents.library import Library
from inftool.specs.documents.node import Node
from inftool.specs.openapi.operations import Operation
from inftool.specs.openapi.parameters import Argument, Arguments
from inftool.specs.prose import as_text, clean
from inftool.specs.schemas.all_of import flatten_all_of, merge_parts
from inftool.specs.schemas.converter import Converter
from inftool.specs.schemas.inspection import items_of, members_of
from inftool.specs.schemas.merged import MergedSchema

_FORMS = (
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "multipart/mixed",
    "multipart/related",
)
_ALTERNATIVE_WORDS = frozenset({"required", "title", "description", "type"})


def is_json(media: str) -> bool:
    """Whether a media type holds JSON."""
    plain = media.partition(";")[0].strip().lower()
    return (
        plain in {"application/json", "text/json", "*/*", "application/*", "json"}
        or plain.endswith("+json")
        or plain == "application/x-json"
    )


def choose_media(content: Node, library: Library) -> tuple[str, Node] | None:
    """The media type that a tool speaks: JSON first, then forms, then whatever there is."""
    if not isinstance(content.value, dict):
        return None
    medias: list[tuple[int, str, Node]] = []
    for media in content.value:
        if not isinstance(media, str) or media.startswith("x-"):
            continue
        plain = media.partition(";")[0].strip().lower()
        rank = (
            0
            if plain == "application/json"
            else 1
            if is_json(media)
            else 2 + _FORMS.index(plain)
            if plain in _FORMS
            else 9
        )
        try:
            node = library.follow(content.child(media))
        except RefError as error:
            library.loss_log.add(error.code, content.child(media), str(error))
            continue
        if isinstance(node.value, dict):
            # A media type without a schema says nothing: one that says something goes first.
            says = node.value.get("schema") is not None or node.value.get("itemSchema") is not None
            medias.append((rank if says else rank + 20, media, node))
    if not medias:
        return None
    if len(medias) > 1:
        library.loss_log.add("body_alternatives", content)
    _, media, node = min(medias, key=lambda entry: entry[0])
    return media, node


def collect_body(
    operation: Operation, converter: Converter, arguments: Arguments
) -> tuple[str | None, JsonObject]:
    """Add the body's arguments; its media type, and keywords for the root of the input schema (by names of the spec)."""
    library = converter.library
    if any(argument.location == "form" for argument in arguments.found):
        files = any(argument.schema.get("format") == "binary" for argument in arguments.found)
        consumes = _consumes(operation)
        forms = [media for media in consumes if media in _FORMS]
        return forms[0] if forms else ("multipart/form-data" if files else _FORMS[0]), {}
    if arguments.body is not None:
        schema = arguments.body.get("schema")
        medias = _consumes(operation)
        media = next(
            (media for media in medias if is_json(media)),
            medias[0] if medias else "application/json",
        )
        return media, _add(schema, arguments.body, media, converter, arguments)
    raw = operation.node.get("requestBody")
    if raw is None:
        return None, {}
    try:
        body = library.follow(raw)
    except RefError as error:
        library.loss_log.add(error.code, raw, f"the body allows anything: {error}")
        arguments.found.append(Argument("body", "whole_body", {}, False, raw))
        return "application/json", {}
    content = body.get("content") if isinstance(body.value, dict) else None
    chosen = choose_media(content, library) if content is not None else None
    if chosen is None:
        if isinstance(body.value, dict) and body.value.get("schema") is not None:
            # Swagger 2.0's spelling inside an OpenAPI 3 document.
            library.loss_log.add(
                "bad_body",
                body,
                "the body has a schema but no content, application/json is assumed",
            )
            return "application/json", _add(
                body.get("schema"), body, "application/json", converter, arguments
            )
        if not isinstance(body.value, dict) or body.value.get("content") != {}:
            library.loss_log.add("bad_body", raw)
        return None, {}
    media, node = chosen
    if operation.method in {"GET", "HEAD", "DELETE"}:
        library.loss_log.add("body_unused", raw)
    return media, _add(
        node.get("schema") or node.get("itemSchema"), body, media, converter, arguments
    )


def _consumes(operation: Operation) -> list[str]:
    root = operation.place.document.data
    for raw in (
        operation.node.members.get("consumes"),
        root.get("consumes") if isinstance(root, dict) else None,
    ):
        if isinstance(raw, list) and raw:
            return [media.lower() for media in raw if isinstance(media, str)]
    return []


def _add(
    schema: Node | None, body: Node, media: str, converter: Converter, arguments: Arguments
) -> JsonObject:
    required = body.members.get("required")
    description = as_text(body.members.get("description"))
    if schema is None:
        text = {} if is_json(media) or media in _FORMS else {"type": "string"}
        arguments.found.append(
            Argument("body", "whole_body", _with(text, description), required is True, body)
        )
        return {}
    lifted = _lift(schema, converter)
    arguments.uses |= lifted.uses
    if lifted.whole is not None:
        needed = required is True or (required is None and lifted.needed)
        arguments.found.append(
            Argument("body", "whole_body", _with(lifted.whole, description), needed, body)
        )
        return {}
    location: Location = "form" if media.partition(";")[0].strip().lower() in _FORMS else "body"
    optional = required is False
    for name, inner in lifted.members.items():
        arguments.found.append(
            Argument(
                name,
                location,
                inner,
                name in lifted.required and not optional,
                lifted.nodes.get(name, schema),
            )
        )
    if optional and lifted.required:
        # No body at all is fine, half a body is not.
        others = {
            name: [other for other in lifted.required if other != name] for name in lifted.members
        }
        return {"dependentRequired": {name: names for name, names in others.items() if names}}
    return lifted.alternatives if not optional else {}


@dataclass(frozen=True)
class _Lifted:
    """A body's schema converted: `whole` where it travels as one argument, else its `members`."""

    uses: frozenset[str]
    whole: JsonObject | None = None
    needed: bool = False
    members: JsonObject = field(default_factory=dict)
    required: tuple[str, ...] = ()
    nodes: dict[str, Node] = field(default_factory=dict)
    alternatives: JsonObject = field(default_factory=dict)


def _lift(schema: Node, converter: Converter) -> _Lifted:
    """Convert the schema of a body; operations that share one share what comes out."""
    library = converter.library
    place = schema
    if schema.ref is not None and len(schema.members) == 1:
        with contextlib.suppress(RefError):
            # One that cannot be followed is told about when it is converted.
            place = library.follow(schema)
    known = converter.lifted.get(place.key)
    if isinstance(known, _Lifted):
        return known
    merged = merge_parts(flatten_all_of(schema, library), library)
    alternatives = _alternatives(merged)
    if _liftable(merged, alternatives):
        if merged.opened:
            library.loss_log.add("open_body", schema)
        if alternatives:
            merged.unions = []
        nodes = {name: places[0] for name, places in merged.properties.items()}
        converted, uses = converter.convert_merged(merged, "closed")
        members = members_of(converted, "properties")
        names = [str(name) for name in items_of(converted, "required")]
        required = tuple(name for name in names if name in members)
        lifted = _Lifted(
            uses, members=members, required=required, nodes=nodes, alternatives=alternatives
        )
    else:
        converted, uses = converter.convert(schema)
        lifted = _Lifted(
            uses, whole=converted, needed=bool(merged.required) or not merged.is_object
        )
    converter.lifted[place.key] = lifted
    return lifted


def _liftable(merged: MergedSchema, alternatives: JsonObject) -> bool:
    """Whether a body is a plain object, so that its members can stand beside the parameters."""
    if not merged.properties or (merged.types is not None and "object" not in merged.types):
        return False
    return not (
        merged.extra
        or merged.patterns
        or merged.conditions
        or merged.singles
        or merged.also
        or merged.choices
        or (merged.unions and not alternatives)
    )


def _alternatives(merged: MergedSchema) -> JsonObject:
    """A union of the body that only says which members go together; it can stand at the root of the input schema."""
    if len(merged.unions) != 1:
        return {}
    word, node = merged.unions[0]
    branches = [branch for branch in node.items if isinstance(branch, dict)]
    if len(branches) < len(node.items) or not all(
        isinstance(branch.get("required"), list) and branch.keys() <= _ALTERNATIVE_WORDS
        for branch in branches
    ):
        return {}
    names = [[name for name in branch["required"] if isinstance(name, str)] for branch in branches]
    if not all(
        required and all(name in merged.properties for name in required) for required in names
    ):
        return {}
    return {word: [{"required": required} for required in names]}


def _with(schema: JsonObject, description: str) -> JsonObject:
    return {**schema, "description": clean(description, 400)} if description else schema
