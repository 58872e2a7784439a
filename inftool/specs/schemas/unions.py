"""oneOf and anyOf: branches told apart by a discriminator, by their types, or not at all; and parents that stand for their children."""

from __future__ import annotations

from typing import Any

from inftool.core.json_pointer import escape, split_pointer
from inftool.core.types import JsonObject
from inftool.specs.documents.library import Node, RefError
from inftool.specs.naming import UNSAFE, definition_name
from inftool.specs.schemas import keywords
from inftool.specs.schemas.all_of import merge, parts_of
from inftool.specs.schemas.context import SchemaContext, Variant
from inftool.specs.schemas.inspection import overlap
from inftool.specs.schemas.merged import Merged


def unions(
    converter: SchemaContext,
    schema: JsonObject,
    merged: Merged,
    variant: Variant,
    also: list[JsonObject],
) -> None:
    """Write the unions of a merged schema into `schema`; those that find no place there into `also`, which must hold as well."""
    for index, (word, node) in enumerate(merged.unions):
        branches = [node.child(position) for position in range(len(node.value))]
        if (
            merged.discriminator is not None
            and index == 0
            and (named := _discriminated(converter, merged.discriminator, branches, variant))
        ):
            converted = named
        else:
            converted = [converter.schema(branch, variant) for branch in branches]
        unique = list({keywords.identity(branch): branch for branch in converted}.values())
        if word == "oneOf" and overlap(unique):
            converter.ledger.add("overlapping_union", node)
            word = "anyOf"
        if len(unique) == 1:
            also.append(unique[0])
        elif word in schema:
            also.append({word: unique})
        else:
            schema[word] = unique


def _discriminated(
    converter: SchemaContext, discriminator: Node, branches: list[Node], variant: Variant
) -> list[JsonObject]:
    """The branches of a union, each with its discriminating property narrowed to the values that mean it; empty where that cannot be done."""
    raw = discriminator.value
    name = raw.get("propertyName") if isinstance(raw, dict) else raw
    if not isinstance(name, str) or not name:
        converter.ledger.add(
            "bad_discriminator", discriminator, "the discriminator has no propertyName"
        )
        return []
    mapping = raw.get("mapping") if isinstance(raw, dict) else None
    values: dict[tuple[int, str], list[str]] = {}
    for value, ref in mapping.items() if isinstance(mapping, dict) else ():
        target = _mapped(converter, discriminator, ref)
        if target is None:
            converter.ledger.add(
                "bad_discriminator",
                discriminator,
                f"the mapping of {value!r} points at nothing",
                subject=value,
            )
        else:
            values.setdefault(target.key, []).append(value)
    converted: list[JsonObject] = []
    for branch in branches:
        try:
            target = converter.library.follow(branch)
        except RefError as error:
            converter.ledger.add(error.code, branch, str(error))
            continue
        wanted = values.get(target.key) or values.get(branch.key)
        if wanted is None and branch.ref is not None:
            wanted = [
                split_pointer("/" + branch.ref.rpartition("#")[2].lstrip("/"))[-1]
                .removesuffix(".json")
                .removesuffix(".yaml")
            ]
        if isinstance(target.value, dict) and target.value.get("type") == "null":
            wanted = None
        converted.append(
            _narrowed(converter, branch, target, (name, wanted), variant)
            if wanted
            else converter.schema(branch, variant)
        )
    return converted


def _mapped(converter: SchemaContext, node: Node, ref: Any) -> Node | None:
    if not isinstance(ref, str):
        return None
    for spelling in (ref, f"#/components/schemas/{escape(ref)}", f"#/definitions/{escape(ref)}"):
        try:
            return converter.library.follow(Node(node.document, node.pointer, {"$ref": spelling}))
        except RefError:
            continue
    return None


def _narrowed(
    converter: SchemaContext,
    branch: Node,
    target: Node,
    tag: tuple[str, list[str]],
    variant: Variant,
) -> JsonObject:
    name, wanted = tag
    own = merge(parts_of(target, converter.library), converter.library)
    nodes = own.properties.get(name, [])
    declared: list[Any] = []
    for node in nodes:
        try:
            value = converter.library.follow(node).value
        except RefError:
            continue
        if isinstance(value, dict):
            declared = declared or (
                [value["const"]]
                if "const" in value
                else list(value["enum"])
                if isinstance(value.get("enum"), list)
                else []
            )
    both = [value for value in declared if value in wanted]
    if declared and not both:
        # The branch says itself what its value is; a name in a mapping cannot overrule that.
        both = declared
    values = both or wanted
    if len(declared) == 1 and name in own.required:
        return converter.schema(branch, variant)
    narrow = Node(
        target.document,
        target.pointer,
        {
            "properties": {name: {"const": values[0]} if len(values) == 1 else {"enum": values}},
            "required": [name],
        },
    )
    key = (target.key, variant, name, tuple(map(str, values)))
    # Seen from here the two parts share a pointer, so the first is taken apart before the second joins it.
    base = (
        f"{definition_name(target)}.{UNSAFE.sub('_', str(values[0]))[:40]}"
        if branch.ref
        else definition_name(target)
    )
    return converter.named(
        key,
        base,
        [target, Node(narrow.document, f"{narrow.pointer}#{name}", narrow.value)],
        variant,
    )


def family(
    converter: SchemaContext, target: Node, children: list[Node], variant: Variant
) -> JsonObject:
    """A parent with a discriminator and no union of its own stands for any of its children."""
    key = (target.key, variant, "family")
    if key not in converter.names:
        union = {
            "oneOf": [{"$ref": f"#{child.pointer}"} for child in children],
            "discriminator": target.value["discriminator"],
        }
        if len(children) == 1:
            union = {
                "oneOf": [*union["oneOf"], *union["oneOf"]],
                "discriminator": target.value["discriminator"],
            }
        source = Node(target.document, f"{target.pointer}#family", union)
        return converter.named(key, definition_name(target), [source], variant)
    return converter.named(key, definition_name(target), [], variant)


def descendants(converter: SchemaContext, target: Node) -> list[Node]:
    """The schemas that extend `target` through allOf, at any distance, those that nothing extends further."""
    value = target.value
    if "oneOf" in value or "anyOf" in value:
        return []
    index = converter.children.get(target.document.number)
    if index is None:
        index = converter.children[target.document.number] = _extensions(target.document.data)
    found: dict[str, None] = {}
    todo = [target.pointer]
    while todo:
        for child in index.get(todo.pop(), ()):
            if child not in found and child != target.pointer:
                found[child] = None
                todo.append(child)
    nodes: list[Node] = []
    for pointer in found:
        try:
            node = converter.library.target(Node(target.document, "", {"$ref": f"#{pointer}"}))
        except RefError:
            continue
        if node.document is target.document:
            nodes.append(node)
    return nodes


def _extensions(data: Any) -> dict[str, list[str]]:
    """Which named schemas extend which, by pointer."""
    found: dict[str, list[str]] = {}
    for path in (("components", "schemas"), ("definitions",)):
        place = data
        for token in path:
            place = place.get(token) if isinstance(place, dict) else None
        if not isinstance(place, dict):
            continue
        for name, schema in place.items():
            members = schema.get("allOf") if isinstance(schema, dict) else None
            for member in members if isinstance(members, list) else ():
                ref = member.get("$ref") if isinstance(member, dict) else None
                if isinstance(ref, str) and ref.startswith("#/"):
                    found.setdefault(ref[1:], []).append(f"/{'/'.join(path)}/{escape(name)}")
    return found
