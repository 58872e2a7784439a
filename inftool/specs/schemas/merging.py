"""Merging one part of an `allOf` into the schema so far, keyword by keyword."""

from __future__ import annotations

from inftool.specs.documents.node import Node
from inftool.specs.losses import LossLog
from inftool.specs.prose import words
from inftool.specs.schemas.keywords.limits import numeric_limits, usable_pattern
from inftool.specs.schemas.keywords.listed_values import enum
from inftool.specs.schemas.keywords.type_words import type_names
from inftool.specs.schemas.keywords.values import holds_reference, identity
from inftool.specs.schemas.merged import MergedSchema

_KNOWN = words(
    # JSON Schema, drafts 4 to 2020-12
    "$ref $schema $id $anchor $comment $defs definitions $dynamicAnchor $dynamicRef $vocabulary "
    "allOf anyOf oneOf not if then else type enum const properties required additionalProperties "
    "patternProperties items prefixItems additionalItems contains propertyNames dependentRequired "
    "dependentSchemas dependencies unevaluatedProperties unevaluatedItems uniqueItems minLength "
    "maxLength pattern format minimum maximum exclusiveMinimum exclusiveMaximum multipleOf "
    "minItems maxItems minProperties maxProperties minContains maxContains contentEncoding "
    "contentMediaType contentSchema title description default examples deprecated readOnly "
    "writeOnly id "
    # OpenAPI and Swagger, parameters included
    "summary example nullable discriminator xml externalDocs name in style explode allowReserved "
    "allowEmptyValue collectionFormat schema content"
)
_SINGLES = (
    "not",
    "contains",
    "propertyNames",
    "unevaluatedProperties",
    "unevaluatedItems",
    "dependentSchemas",
    "dependentRequired",
    "dependencies",
)


def merge_part(merged: MergedSchema, part: Node, loss_log: LossLog) -> None:
    """Merge a schema that must hold as well into `merged`."""
    raw = part.members
    types, implied_format = type_names(part, loss_log)
    if types is not None:
        _merge_types(merged, types, part, loss_log)
    merged.implied_format = merged.implied_format or implied_format
    if raw.get("nullable") is True or raw.get("x-nullable") is True:
        merged.nullable = True
        loss_log.add("translated", part, "nullable became the type null")
    # The types of the outer parts hold for the values of this one as well.
    choices = enum(part, types or merged.types, loss_log)
    if choices is not None:
        _merge_choices(merged, choices, part, loss_log)
    _merge_properties(merged, part, loss_log)
    _merge_required(merged, part, loss_log)
    _merge_additional_properties(merged, part, loss_log)
    _merge_pattern_properties(merged, part, loss_log)
    _merge_items(merged, part, loss_log)
    _merge_unions(merged, part, loss_log)
    if isinstance(raw.get("if"), (dict, bool)) and ("then" in raw or "else" in raw):
        merged.conditions.append(part)
    for keyword in _SINGLES:
        if raw.get(keyword) is not None and keyword not in merged.singles:
            merged.singles[keyword] = part.child(keyword)
    _merge_limits(merged, part, loss_log)
    _merge_plain(merged, part, loss_log)
    _record_unknown(part, loss_log)


def _merge_types(merged: MergedSchema, types: list[str], part: Node, loss_log: LossLog) -> None:
    """Keep the types that both allow; an integer is a number, so it counts as allowed by both."""
    beside = "$ref" in part.members
    if merged.types is None:
        merged.types, merged.types_beside_reference = types, beside
        return
    common = [
        name for name in merged.types if name in types or (name == "integer" and "number" in types)
    ]
    if "number" in merged.types and "integer" in types and "integer" not in common:
        common.append("integer")
    new, old = " or ".join(types), " or ".join(merged.types)
    if common:
        merged.types = common
        merged.types_beside_reference = merged.types_beside_reference and beside
    elif merged.types_beside_reference:
        message = f"type {old} beside a reference contradicts {new}, which was kept"
        loss_log.add("contradiction", part, message, subject="type")
        merged.types, merged.types_beside_reference = types, beside
    else:
        message = f"type {new} contradicts {old}, which was kept"
        loss_log.add("contradiction", part, message, subject="type")


def _merge_choices(
    merged: MergedSchema, choices: list[object], part: Node, loss_log: LossLog
) -> None:
    if merged.choices is None:
        merged.choices = choices
        return
    outer = {identity(choice) for choice in merged.choices}
    common = [choice for choice in choices if identity(choice) in outer]
    if common:
        merged.choices = common
        return
    message = "two enums have no value in common, the outer one was kept"
    loss_log.add("contradiction", part, message, subject="enum")


def _merge_properties(merged: MergedSchema, part: Node, loss_log: LossLog) -> None:
    properties = part.members.get("properties")
    if not isinstance(properties, dict):
        if properties is not None:
            _leave_out(part, "properties", properties, loss_log)
        return
    owner = part.child("properties")
    for name, schema in properties.items():
        merged.properties.setdefault(name, []).append(owner.child(name))
        # As draft 3 had it, and many still do.
        if isinstance(schema, dict) and schema.get("required") in (True, "true"):
            message = f"`required: true` is written inside the property {name!r}"
            loss_log.add("required_boolean", owner.child(name), message)
            merged.required[name] = None


def _merge_required(merged: MergedSchema, part: Node, loss_log: LossLog) -> None:
    required = part.members.get("required")
    if isinstance(required, list):
        for name in required:
            if isinstance(name, str):
                merged.required[name] = None
            else:
                message = f"required holds {name!r}, which is no name"
                loss_log.add("bad_keyword", part, message, subject="required")
    # `required: "true"` inside of a property is for the object around it.
    elif isinstance(required, str) and required not in ("true", "false"):
        message = f"required is the string {required!r}, read as a list of one"
        loss_log.add("bad_keyword", part, message, subject="required")
        merged.required[required] = None


def _merge_additional_properties(merged: MergedSchema, part: Node, loss_log: LossLog) -> None:
    keyword = "additionalProperties"
    extra = part.members.get(keyword)
    # A boolean in quotes, as some generators of YAML write it.
    if isinstance(extra, str) and extra.lower() in {"true", "false"}:
        message = f"additionalProperties is the string {extra!r}"
        loss_log.add("bad_keyword", part, message, subject=keyword)
        extra = extra.lower() == "true"
    if extra is False:
        merged.closed = True
    # `{}` allows anything, so it says the same as `true`.
    elif extra is True or extra == {}:
        merged.opened = True
    elif isinstance(extra, dict):
        merged.extra.append(part.child(keyword))
    elif extra is not None:
        _leave_out(part, keyword, extra, loss_log)


def _merge_pattern_properties(merged: MergedSchema, part: Node, loss_log: LossLog) -> None:
    patterns = part.members.get("patternProperties")
    if not isinstance(patterns, dict):
        return
    owner = part.child("patternProperties")
    for pattern in patterns:
        usable = usable_pattern(owner, pattern, loss_log)
        if usable is None:
            # Any name may be meant, so none can be refused.
            merged.opened = True
        else:
            merged.patterns.setdefault(usable, []).append(owner.child(pattern))


def _leave_out(part: Node, keyword: str, value: object, loss_log: LossLog) -> None:
    message = f"{keyword} is {type(value).__name__} and was left out"
    loss_log.add("bad_keyword", part, message, subject=keyword)


def _merge_items(merged: MergedSchema, part: Node, loss_log: LossLog) -> None:
    raw = part.members
    items = raw.get("items")
    if isinstance(items, list):
        # The tuples of drafts before 2020-12, where `additionalItems` was for the rest.
        loss_log.add("translated", part, "a list of items became prefixItems")
        merged.prefix = merged.prefix or (part.child("items") if items else None)
        if raw.get("additionalItems") is False or isinstance(raw.get("additionalItems"), dict):
            merged.items.append(part.child("additionalItems"))
    elif items is not None:
        merged.items.append(part.child("items"))
    prefix = raw.get("prefixItems")
    if isinstance(prefix, list) and prefix:
        merged.prefix = merged.prefix or part.child("prefixItems")


def _merge_unions(merged: MergedSchema, part: Node, loss_log: LossLog) -> None:
    raw = part.members
    for keyword in ("oneOf", "anyOf"):
        branches = raw.get(keyword)
        # A union of one branch is a conjunction; `flatten_all_of` has taken it in.
        if isinstance(branches, list) and len(branches) > 1:
            merged.unions.append((keyword, part.child(keyword)))
            if raw.get("discriminator") is not None and merged.discriminator is None:
                merged.discriminator = part.child("discriminator")
        elif branches is not None and not isinstance(branches, list):
            message = f"{keyword} is no list and was left out"
            loss_log.add("bad_keyword", part, message, subject=keyword)
        elif branches == []:
            message = f"{keyword} is empty and was left out"
            loss_log.add("bad_keyword", part, message, subject=keyword)


def _merge_limits(merged: MergedSchema, part: Node, loss_log: LossLog) -> None:
    """Keep the stricter of two limits."""
    plain = merged.plain
    for keyword, limit in numeric_limits(part, loss_log).items():
        earlier = plain.get(keyword)
        if not isinstance(earlier, (int, float)):
            plain[keyword] = limit
        elif keyword.startswith("min") or keyword == "exclusiveMinimum":
            plain[keyword] = max(earlier, limit)
        else:
            plain[keyword] = min(earlier, limit)


def _merge_plain(merged: MergedSchema, part: Node, loss_log: LossLog) -> None:
    raw, plain = part.members, merged.plain
    if raw.get("pattern") is not None:
        pattern = usable_pattern(part, raw["pattern"], loss_log)
        # A second pattern must hold as well, and one schema has room for one.
        if pattern is not None and plain.setdefault("pattern", pattern) != pattern:
            merged.also.append({"pattern": pattern})
    if isinstance(raw.get("format"), str) and raw["format"]:
        plain.setdefault("format", raw["format"])
    if raw.get("uniqueItems") is True:
        plain["uniqueItems"] = True
    for keyword in ("contentEncoding", "contentMediaType"):
        if isinstance(raw.get(keyword), str):
            plain.setdefault(keyword, raw[keyword])
    if "const" in raw:
        if holds_reference(raw["const"]):
            message = "const holds a reference and was left out"
            loss_log.add("bad_keyword", part, message, subject="const")
        else:
            plain.setdefault("const", raw["const"])
    if raw.get("deprecated") is True:
        plain["deprecated"] = True


def _record_unknown(part: Node, loss_log: LossLog) -> None:
    for keyword in part.members:
        if keyword not in _KNOWN and not keyword.startswith("x-"):
            message = f"the keyword {keyword!r} is unknown to JSON Schema 2020-12 and was left out"
            loss_log.add("dropped_keyword", part, message)
