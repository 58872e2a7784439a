"""The schema that allOf merges into, keyword by keyword."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from inftool.core.types import JsonObject
from inftool.specs.documents.library import Library, Node
from inftool.specs.prose import words
from inftool.specs.schemas import keywords

_KNOWN = words(
    "$ref $schema $id $anchor $comment $defs definitions $dynamicAnchor $dynamicRef $vocabulary allOf anyOf oneOf not if then else type enum "
    "const properties required additionalProperties patternProperties items prefixItems additionalItems contains propertyNames "
    "dependentRequired dependentSchemas dependencies unevaluatedProperties unevaluatedItems uniqueItems minLength maxLength pattern format "
    "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems minProperties maxProperties minContains maxContains "
    "contentEncoding contentMediaType contentSchema title description summary default example examples deprecated readOnly writeOnly "
    "nullable discriminator xml externalDocs name in style explode allowReserved allowEmptyValue collectionFormat schema content id"
)


@dataclass
class Merged:
    """The conjunction of several schemas: what it says of types, properties and items, each still in the words of its own document."""

    node: Node
    parts: list[Node] = field(default_factory=list)
    types: list[str] | None = None
    # The types were said beside a reference, where OpenAPI 3.0 has nothing else count: what is referred to knows better.
    types_beside: bool = False
    form: str = ""
    nullable: bool = False
    choices: list[Any] | None = None
    properties: dict[str, list[Node]] = field(default_factory=dict)
    required: dict[str, None] = field(default_factory=dict)
    extra: list[Node] = field(default_factory=list)
    closed: bool = False
    opened: bool = False
    patterns: dict[str, list[Node]] = field(default_factory=dict)
    items: list[Node] = field(default_factory=list)
    prefix: Node | None = None
    unions: list[tuple[str, Node]] = field(default_factory=list)
    conditions: list[Node] = field(default_factory=list)
    singles: dict[str, Node] = field(default_factory=dict)
    also: list[JsonObject] = field(default_factory=list)
    plain: JsonObject = field(default_factory=dict)
    discriminator: Node | None = None

    @property
    def is_object(self) -> bool:
        """Whether it speaks of objects with declared members."""
        return bool(
            self.properties
            or self.extra
            or self.patterns
            or self.closed
            or self.opened
            or (self.types is not None and "object" in self.types)
        )


def merge_one(merged: Merged, part: Node, library: Library) -> None:
    """Merge one branch of an `allOf` into what was merged so far."""
    raw, ledger = part.value, library.ledger
    types, form = keywords.type_names(part, ledger)
    if types is not None:
        _merge_types(merged, types, part, library)
    merged.form = merged.form or form
    if raw.get("nullable") is True or raw.get("x-nullable") is True:
        merged.nullable = True
        ledger.add("translated", part, "nullable became the type null")
    if (choices := keywords.enum(part, types or merged.types, ledger)) is not None:
        known = (
            None
            if merged.choices is None
            else {keywords.identity(choice) for choice in merged.choices}
        )
        both = (
            choices
            if known is None
            else [choice for choice in choices if keywords.identity(choice) in known]
        )
        if both:
            merged.choices = both
        else:
            ledger.add(
                "contradiction",
                part,
                "two enums have no value in common, the outer one was kept",
                subject="enum",
            )
    _merge_object(merged, part, library)
    _merge_items(merged, part, library)
    _merge_applicators(merged, part, library)
    _merge_plain(merged, part, library)


def _merge_types(merged: Merged, types: list[str], part: Node, library: Library) -> None:
    beside = "$ref" in part.value
    if merged.types is None:
        merged.types, merged.types_beside = types, beside
        return
    both = [
        name for name in merged.types if name in types or (name == "integer" and "number" in types)
    ]
    both += [
        name
        for name in types
        if name == "integer" and "number" in merged.types and name not in both
    ]
    if both:
        merged.types, merged.types_beside = both, merged.types_beside and beside
    elif merged.types_beside:
        said = f"type {' or '.join(merged.types)} beside a reference contradicts {' or '.join(types)}, which was kept"
        library.ledger.add("contradiction", part, said, subject="type")
        merged.types, merged.types_beside = types, beside
    else:
        library.ledger.add(
            "contradiction",
            part,
            f"type {' or '.join(types)} contradicts {' or '.join(merged.types)}, which was kept",
            subject="type",
        )


def _merge_object(merged: Merged, part: Node, library: Library) -> None:
    raw, ledger = part.value, library.ledger
    properties = raw.get("properties")
    if isinstance(properties, dict):
        owner = part.child("properties")
        for name in properties:
            known = merged.properties.setdefault(name, [])
            known.append(owner.child(name))
            inner = properties[name]
            if isinstance(inner, dict) and inner.get("required") in (True, "true"):
                ledger.add(
                    "required_boolean",
                    owner.child(name),
                    f"`required: true` is written inside the property {name!r}",
                )
                merged.required[name] = None
    elif properties is not None:
        ledger.add(
            "bad_keyword",
            part,
            f"properties is {type(properties).__name__} and was left out",
            subject="properties",
        )
    required = raw.get("required")
    if isinstance(required, list):
        for name in required:
            if isinstance(name, str):
                merged.required[name] = None
            else:
                ledger.add(
                    "bad_keyword",
                    part,
                    f"required holds {name!r}, which is no name",
                    subject="required",
                )
    elif isinstance(required, str) and required not in ("true", "false"):
        ledger.add(
            "bad_keyword",
            part,
            f"required is the string {required!r}, read as a list of one",
            subject="required",
        )
        merged.required[required] = None
    extra = raw.get("additionalProperties")
    if isinstance(extra, str) and extra.lower() in {"true", "false"}:
        ledger.add(
            "bad_keyword",
            part,
            f"additionalProperties is the string {extra!r}",
            subject="additionalProperties",
        )
        extra = extra.lower() == "true"
    if extra is False:
        merged.closed = True
    elif extra is True or extra == {}:
        merged.opened = True
    elif isinstance(extra, dict):
        merged.extra.append(part.child("additionalProperties"))
    elif extra is not None:
        ledger.add(
            "bad_keyword",
            part,
            f"additionalProperties is {type(extra).__name__} and was left out",
            subject="additionalProperties",
        )
    patterns = raw.get("patternProperties")
    if isinstance(patterns, dict):
        owner = part.child("patternProperties")
        for name in patterns:
            mended = keywords.pattern(owner, name, ledger)
            if mended is None:
                merged.opened = True
            else:
                merged.patterns.setdefault(mended, []).append(owner.child(name))


def _merge_items(merged: Merged, part: Node, library: Library) -> None:
    raw = part.value
    items = raw.get("items")
    if isinstance(items, list):
        library.ledger.add("translated", part, "a list of items became prefixItems")
        merged.prefix = merged.prefix or (part.child("items") if items else None)
        if raw.get("additionalItems") is False or isinstance(raw.get("additionalItems"), dict):
            merged.items.append(part.child("additionalItems"))
    elif items is not None:
        merged.items.append(part.child("items"))
    prefix = raw.get("prefixItems")
    if isinstance(prefix, list) and prefix:
        merged.prefix = merged.prefix or part.child("prefixItems")


def _merge_applicators(merged: Merged, part: Node, library: Library) -> None:
    raw, ledger = part.value, library.ledger
    for word in ("oneOf", "anyOf"):
        branches = raw.get(word)
        if isinstance(branches, list) and len(branches) > 1:
            merged.unions.append((word, part.child(word)))
            if raw.get("discriminator") is not None and merged.discriminator is None:
                merged.discriminator = part.child("discriminator")
        elif branches is not None and not isinstance(branches, list):
            ledger.add("bad_keyword", part, f"{word} is no list and was left out", subject=word)
        elif branches == []:
            ledger.add("bad_keyword", part, f"{word} is empty and was left out", subject=word)
    if isinstance(raw.get("if"), (dict, bool)) and ("then" in raw or "else" in raw):
        merged.conditions.append(part)
    for word in (
        "not",
        "contains",
        "propertyNames",
        "unevaluatedProperties",
        "unevaluatedItems",
        "dependentSchemas",
        "dependentRequired",
        "dependencies",
    ):
        if raw.get(word) is not None and word not in merged.singles:
            merged.singles[word] = part.child(word)


def _merge_plain(merged: Merged, part: Node, library: Library) -> None:
    raw, plain, ledger = part.value, merged.plain, library.ledger
    for word, number in keywords.numbers(part, ledger).items():
        if word not in plain:
            plain[word] = number
        else:
            plain[word] = (
                max(plain[word], number)
                if word.startswith("min") or word == "exclusiveMinimum"
                else min(plain[word], number)
            )
    pattern = (
        keywords.pattern(part, raw["pattern"], ledger) if raw.get("pattern") is not None else None
    )
    if pattern is not None and plain.setdefault("pattern", pattern) != pattern:
        merged.also.append({"pattern": pattern})
    if isinstance(raw.get("format"), str) and raw["format"]:
        plain.setdefault("format", raw["format"])
    if raw.get("uniqueItems") is True:
        plain["uniqueItems"] = True
    for word in ("contentEncoding", "contentMediaType"):
        if isinstance(raw.get(word), str):
            plain.setdefault(word, raw[word])
    if "const" in raw:
        if keywords.refers(raw["const"]):
            ledger.add(
                "bad_keyword", part, "const holds a reference and was left out", subject="const"
            )
        else:
            plain.setdefault("const", raw["const"])
    if raw.get("deprecated") is True:
        plain["deprecated"] = True
    for key in raw:
        if key not in _KNOWN and not key.startswith("x-"):
            ledger.add(
                "dropped_keyword",
                part,
                f"the keyword {key!r} is unknown to JSON Schema 2020-12 and was left out",
            )
