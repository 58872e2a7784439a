"""A merged schema, written as JSON Schema 2020-12."""

from __future__ import annotations

from inftool.specs.documents.errors import RefError
from inftool.specs.documents.node import Node
from inftool.specs.prose import as_text, clean
from inftool.specs.schemas.context import Variant, WritingContext
from inftool.specs.schemas.inspection import (
    declares_members,
    enum_of,
    members_of,
    type_list,
    with_null,
)
from inftool.specs.schemas.keywords.limits import drop_contradictory_limits
from inftool.specs.schemas.keywords.listed_values import default, examples
from inftool.specs.schemas.keywords.values import json_size
from inftool.specs.schemas.merged import MergedSchema
from inftool.specs.schemas.simple import MAX_DESCRIPTION, MAX_ENUM, MAX_TITLE, describe
from inftool.specs.schemas.unions import write_unions

# Members of an allOf that are searched for readOnly or writeOnly.
_MAX_FLAGGED_MEMBERS = 20
_SCHEMA_SINGLES = frozenset({"not", "contains", "propertyNames"})
_UNEVALUATED = frozenset({"unevaluatedProperties", "unevaluatedItems"})
# Where a schema may declare members besides its own `properties`.
_SPREADING = ("oneOf", "anyOf", "allOf", "then", "else", "dependentSchemas")
_NOTHING: dict[str, object] = {"not": {}}


def write_merged(
    context: WritingContext, merged: MergedSchema, variant: Variant
) -> dict[str, object]:
    """The converted schema; its inner schemas are converted on the way."""
    inner: Variant = "open" if variant == "open" else context.variant
    schema: dict[str, object] = {}
    _write_descriptions(context, schema, merged)
    _write_types(context, schema, merged)
    if merged.choices is not None:
        _write_choices(context, schema, merged.choices, merged.node)
    schema.update(merged.plain)
    # A const says all that an enum beside it could say.
    if "const" in schema:
        schema.pop("enum", None)
    # {"type": "uuid"} implies a format, unless the schema has one itself.
    if merged.implied_format:
        schema.setdefault("format", merged.implied_format)
    drop_contradictory_limits(schema, merged.node, context.loss_log)
    has_unions = bool(merged.unions or merged.conditions or "dependentSchemas" in merged.singles)
    if merged.is_object:
        _write_members(context, schema, merged, inner)
    if merged.prefix is not None:
        schema["prefixItems"] = [context.schema(item, inner) for item in merged.prefix.children()]
    if merged.items:
        schema["items"] = context.conjunction(merged.items, inner)
    also = list(merged.also)
    # A branch that closed itself would refuse what the schema around it declares.
    spread = variant != "open" and bool(merged.properties or len(merged.unions) > 1)
    write_unions(context, schema, merged, "part" if spread else variant, also)
    _write_rest(context, schema, merged, also)
    # A part that is `false` refuses everything, whatever the others say.
    if _NOTHING in also:
        return {"not": {}}
    if also:
        schema["allOf"] = also
    if variant == "closed":
        _close(context, schema, merged, has_unions)
    elif merged.closed:
        schema["additionalProperties"] = False
    # After closing, so that null stays beside the closed object and is not one of its branches.
    if merged.nullable:
        schema = with_null(schema)
    # Last, as defaults and examples have to fit the finished types.
    _write_values(context, schema, merged)
    return schema


def annotated(context: WritingContext, schema: dict[str, object], node: Node) -> dict[str, object]:
    """The schema with the annotations that `node` has beside a reference to it."""
    value = node.members
    notes: dict[str, object] = {}
    if text := as_text(value.get("description")):
        notes["description"] = clean(text, MAX_DESCRIPTION)
    # OpenAPI 3.0 has readers ignore what is beside a reference, but it is meant all the same.
    if value.get("deprecated") is True:
        notes["deprecated"] = True
    if isinstance(value.get("default"), (str, int, float, bool)) and "$ref" not in schema:
        types, choices = type_list(schema), enum_of(schema)
        keep, kept = default(node, value["default"], types, choices, context.loss_log)
        if keep:
            notes["default"] = kept
    if value.get("nullable") is True or value.get("x-nullable") is True:
        schema = with_null(schema)
    return {**schema, **notes} if notes else schema


def _write_descriptions(
    context: WritingContext, schema: dict[str, object], merged: MergedSchema
) -> None:
    """The title and the description of the outermost part that has one."""
    for keyword, limit in (("title", MAX_TITLE), ("description", MAX_DESCRIPTION)):
        for part in merged.parts:
            if describe(schema, part, keyword, limit, context.loss_log):
                break


def _write_types(context: WritingContext, schema: dict[str, object], merged: MergedSchema) -> None:
    """The types, inferred from other keywords if there are none."""
    if merged.types is None and merged.choices is None and "const" not in merged.plain:
        if merged.properties or merged.extra or merged.patterns:
            merged.types = ["object"]
        elif merged.items and not merged.unions:
            merged.types = ["array"]
        if merged.types:
            context.loss_log.add("type_inferred", merged.node)
    types = merged.types
    if types is not None:
        schema["type"] = types[0] if len(types) == 1 else list(types)


def _write_choices(
    context: WritingContext, schema: dict[str, object], choices: list[object], node: Node
) -> None:
    if len(choices) <= MAX_ENUM or json_size(choices) <= context.budget:
        schema["enum"] = choices
        return
    # No schema within the budget could hold the enum: it is left out once, here, rather than cut
    # from every tool.
    message = f"an enum of {len(choices):,} values was left out to fit {context.budget} bytes"
    context.loss_log.add("cut_enum", node, message)
    if "type" not in schema and all(isinstance(choice, str) for choice in choices):
        schema["type"] = "string"


def _write_members(
    context: WritingContext, schema: dict[str, object], merged: MergedSchema, inner: Variant
) -> None:
    members: dict[str, object] = {}
    for name, nodes in merged.properties.items():
        # Most members are simple, and their flag is in the schema itself.
        simple = context.simple(nodes[0]) if len(nodes) == 1 else None
        if simple is not None and nodes[0].members.get(context.hidden) is not True:
            members[name] = simple
        elif any(_is_flagged(context, node, context.hidden) for node in nodes):
            # What is not there cannot be required: a server makes readOnly members itself, and
            # writeOnly ones are never sent back.
            merged.required.pop(name, None)
        else:
            members[name] = context.conjunction(nodes, inner)
    if members:
        schema["properties"] = members
    if merged.patterns:
        schema["patternProperties"] = {
            pattern: context.conjunction(nodes, inner) for pattern, nodes in merged.patterns.items()
        }
    if merged.extra:
        schema["additionalProperties"] = context.conjunction(merged.extra, inner)
    elif merged.opened and not merged.closed:
        schema["additionalProperties"] = True


def _is_flagged(context: WritingContext, node: Node, flag: str) -> bool:
    """Whether a property is readOnly or writeOnly, itself or one reference away."""
    value = node.members
    if value.get(flag) is True:
        return True
    near = [node] if "$ref" in value else []
    all_of = node.get("allOf")
    if all_of is not None:
        near += [
            all_of.child(index)
            for index, member in enumerate(all_of.items[:_MAX_FLAGGED_MEMBERS])
            if isinstance(member, dict)
        ]
    for part in near:
        try:
            target = context.library.follow(part)
        except RefError:
            continue
        if target.members.get(flag) is True:
            return True
    return False


def _close(
    context: WritingContext, schema: dict[str, object], merged: MergedSchema, has_unions: bool
) -> None:
    """Refuse undeclared members, unless the schema says that there are others."""
    if merged.closed and merged.opened:
        context.loss_log.add("closed_allof", merged.node)
    says_nothing = not (merged.extra or merged.opened or merged.patterns)
    if not merged.closed and not (merged.properties and says_nothing):
        return
    spreads = has_unions and any(declares_members(schema.get(keyword)) for keyword in _SPREADING)
    if spreads and not merged.closed:
        # `additionalProperties` would refuse the members that branches declare.
        schema["unevaluatedProperties"] = False
        context.loss_log.add("unclosed", merged.node)
        return
    schema["additionalProperties"] = False
    members = members_of(schema, "properties")
    undeclared = [name for name in merged.required if name not in members]
    # The object is closed, so a name that it requires has to be declared to be possible at all.
    for name in undeclared:
        message = f"the required property {name!r} is not declared, anything goes"
        context.loss_log.add("required_undeclared", merged.node, message, subject=name)
    if undeclared:
        schema["properties"] = {**members, **{name: {} for name in undeclared}}


def _write_rest(
    context: WritingContext,
    schema: dict[str, object],
    merged: MergedSchema,
    also: list[dict[str, object]],
) -> None:
    """Required names, conditions and the rarer keywords.

    Schemas that only test a value, such as `if` and `not`, stay as open as they were written:
    closing them would change their meaning.
    """
    if merged.required:
        schema["required"] = list(merged.required)
    for index, part in enumerate(merged.conditions):
        condition: dict[str, object] = {
            keyword: context.schema(part.child(keyword), "open")
            for keyword in ("if", "then", "else")
            if isinstance(part.members.get(keyword), (dict, bool))
        }
        # One schema has room for one `if`; the others must hold as well.
        if index == 0:
            schema.update(condition)
        else:
            also.append(condition)
    for keyword, node in merged.singles.items():
        value = node.value
        if keyword in _UNEVALUATED and isinstance(value, bool):
            schema[keyword] = value
        elif keyword in _SCHEMA_SINGLES or keyword in _UNEVALUATED:
            if isinstance(value, (dict, bool)):
                schema[keyword] = context.schema(node, "open")
        else:
            _write_dependent(context, schema, keyword, node)


def _write_dependent(
    context: WritingContext, schema: dict[str, object], keyword: str, node: Node
) -> None:
    """`dependencies` (until draft 7) is split into its two successors by the kind of value."""
    for name, value in node.members.items():
        if isinstance(value, list):
            if keyword == "dependentSchemas" or not all(isinstance(item, str) for item in value):
                continue
            target = "dependentRequired"
            member: object = list(dict.fromkeys(value))
        elif isinstance(value, (dict, bool)) and keyword != "dependentRequired":
            target = "dependentSchemas"
            member = context.schema(node.child(name), "open")
        else:
            continue
        schema[target] = {**members_of(schema, target), name: member}


def _write_values(context: WritingContext, schema: dict[str, object], merged: MergedSchema) -> None:
    """The default and the examples of the outermost part whose ones fit."""
    types = type_list(schema)
    for part in merged.parts:
        if "default" in part.members and "default" not in schema:
            choices = enum_of(schema)
            keep, value = default(part, part.members["default"], types, choices, context.loss_log)
            if keep:
                schema["default"] = value
        if "examples" not in schema and "enum" not in schema:
            shown = examples(part, types)
            if shown:
                schema["examples"] = shown
