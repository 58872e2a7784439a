"""`oneOf` and `anyOf`, with or without a discriminator."""

from __future__ import annotations

from inftool.core.json_pointer import escape, split_pointer
from inftool.specs.documents.errors import RefError
from inftool.specs.documents.node import Node
from inftool.specs.naming import UNSAFE, definition_name
from inftool.specs.schemas.all_of import flatten_all_of, merge_parts
from inftool.specs.schemas.context import SchemaContext, Variant
from inftool.specs.schemas.inspection import branches_overlap
from inftool.specs.schemas.keywords.values import identity
from inftool.specs.schemas.merged import MergedSchema

# Characters of a discriminator's value in the name of a definition.
_MAX_VALUE_IN_NAME = 40


def write_unions(
    context: SchemaContext,
    schema: dict[str, object],
    merged: MergedSchema,
    variant: Variant,
    also: list[dict[str, object]],
) -> None:
    """Write the unions of a merged schema into `schema`.

    One for which `schema` has no room goes into `also`, the schemas that must hold as well.
    """
    for index, (keyword, node) in enumerate(merged.unions):
        branches = list(node.children())
        converted: list[dict[str, object]] = []
        # A discriminator belongs to the first union: the outermost part that has one.
        if merged.discriminator is not None and index == 0:
            converted = _discriminated(context, merged.discriminator, branches, variant)
        if not converted:
            converted = [context.schema(branch, variant) for branch in branches]
        # Branches that differ in annotations that were left out are equal now.
        unique = list({identity(branch): branch for branch in converted}.values())
        if keyword == "oneOf" and branches_overlap(unique):
            context.loss_log.add("overlapping_union", node)
            keyword = "anyOf"
        if len(unique) == 1:
            also.append(unique[0])
        elif keyword in schema:
            also.append({keyword: unique})
        else:
            schema[keyword] = unique


def _discriminated(
    context: SchemaContext, discriminator: Node, branches: list[Node], variant: Variant
) -> list[dict[str, object]]:
    """The branches of a union, each narrowed to the values of the discriminator that mean it.

    Empty if the discriminator names no property (OpenAPI 3.1, section 4.8.25).
    """
    # Swagger 2.0 has the name of the property itself instead of an object.
    raw = discriminator.value
    name = raw.get("propertyName") if isinstance(raw, dict) else raw
    if not isinstance(name, str) or not name:
        message = "the discriminator has no propertyName"
        context.loss_log.add("bad_discriminator", discriminator, message)
        return []
    values = _mapped_values(context, discriminator)
    converted: list[dict[str, object]] = []
    for branch in branches:
        try:
            target = context.library.follow(branch)
        except RefError as error:
            context.loss_log.add(error.code, branch, str(error))
            continue
        # A mapping may also point at the branch itself, inside of the union.
        branch_values = values.get(target.key) or values.get(branch.key)
        if branch_values is None and branch.ref is not None:
            branch_values = [_name_in_reference(branch.ref)]
        # Null has no members, so no discriminator either.
        if target.members.get("type") == "null" or not branch_values:
            converted.append(context.schema(branch, variant))
        else:
            tag = (name, branch_values)
            converted.append(_narrowed(context, branch, target, tag, variant))
    return converted


def _mapped_values(context: SchemaContext, discriminator: Node) -> dict[tuple[int, str], list[str]]:
    """Key of a schema -> the values that the mapping of a discriminator gives it."""
    values: dict[tuple[int, str], list[str]] = {}
    mapping = discriminator.members.get("mapping")
    for value, ref in mapping.items() if isinstance(mapping, dict) else ():
        target = _mapped_schema(context, discriminator, ref)
        if target is None:
            message = f"the mapping of {value!r} points at nothing"
            context.loss_log.add("bad_discriminator", discriminator, message, subject=value)
        else:
            values.setdefault(target.key, []).append(value)
    return values


def _mapped_schema(context: SchemaContext, node: Node, ref: object) -> Node | None:
    """The schema that a mapping means by a reference or by the bare name of a schema."""
    if not isinstance(ref, str):
        return None
    # {"cat": "#/components/schemas/Cat"} or {"cat": "Cat"}
    for spelling in (ref, f"#/components/schemas/{escape(ref)}", f"#/definitions/{escape(ref)}"):
        try:
            return context.library.follow(Node(node.document, node.pointer, {"$ref": spelling}))
        except RefError:
            continue
    return None


def _name_in_reference(ref: str) -> str:
    """The value that means a schema without a mapping: "#/components/schemas/Cat" -> "Cat"."""
    last = split_pointer("/" + ref.rpartition("#")[2].lstrip("/"))[-1]
    return last.removesuffix(".json").removesuffix(".yaml")


def _narrowed(
    context: SchemaContext,
    branch: Node,
    target: Node,
    tag: tuple[str, list[str]],
    variant: Variant,
) -> dict[str, object]:
    """A branch whose discriminating property has only the values that mean it.

    `tag` is the name of the property and these values.
    """
    name, mapped = tag
    merged = merge_parts(flatten_all_of(target, context.library), context.library)
    declared = _declared_values(context, merged, name)
    if len(declared) == 1 and name in merged.required:
        return context.schema(branch, variant)
    # If the branch itself says what its value is, a name in a mapping cannot overrule that.
    values: list[object] = [value for value in declared if value in mapped] or declared or [*mapped]
    narrowing = {
        "properties": {name: {"const": values[0]} if len(values) == 1 else {"enum": values}},
        "required": [name],
    }
    base = definition_name(target)
    if branch.ref:
        base = f"{base}.{UNSAFE.sub('_', str(values[0]))[:_MAX_VALUE_IN_NAME]}"
    # A pointer of its own, or the two sources would be taken for one.
    source = Node(target.document, f"{target.pointer}#{name}", narrowing)
    key = (target.key, variant, name, tuple(map(str, values)))
    return context.named(key, base, [target, source], variant)


def _declared_values(context: SchemaContext, merged: MergedSchema, name: str) -> list[object]:
    """The values that a schema itself lists for a property, by `const` or `enum`."""
    for node in merged.properties.get(name, []):
        try:
            value = context.library.follow(node).members
        except RefError:
            continue
        if "const" in value:
            return [value["const"]]
        listed = value.get("enum")
        if isinstance(listed, list) and listed:
            return listed
    return []


def union_of_children(
    context: SchemaContext, target: Node, children: list[Node], variant: Variant
) -> dict[str, object]:
    """A reference to the union of the schemas that extend `target`.

    A parent that has a discriminator and no union itself stands for any of its children.
    """
    key = (target.key, variant, "family")
    if key in context.names:
        return context.named(key, definition_name(target), [], variant)
    references = [{"$ref": f"#{child.pointer}"} for child in children]
    union = {
        # A union of one branch would be merged as if it were an allOf.
        "oneOf": references * 2 if len(references) == 1 else references,
        "discriminator": target.members["discriminator"],
    }
    source = Node(target.document, f"{target.pointer}#family", union)
    return context.named(key, definition_name(target), [source], variant)


def descendants(context: SchemaContext, target: Node) -> list[Node]:
    """The named schemas that extend `target` through allOf, at any distance."""
    if "oneOf" in target.members or "anyOf" in target.members:
        return []
    index = context.children.get(target.document.number)
    if index is None:
        index = context.children[target.document.number] = _extensions(target.document.data)
    pointers: dict[str, None] = {}
    todo = [target.pointer]
    while todo:
        for child in index.get(todo.pop(), ()):
            if child not in pointers and child != target.pointer:
                pointers[child] = None
                todo.append(child)
    nodes: list[Node] = []
    for pointer in pointers:
        try:
            node = context.library.target(Node(target.document, "", {"$ref": f"#{pointer}"}))
        except RefError:
            continue
        if node.document is target.document:
            nodes.append(node)
    return nodes


def _extensions(data: object) -> dict[str, list[str]]:
    """Pointer of a schema -> the pointers of the named schemas that extend it."""
    extensions: dict[str, list[str]] = {}
    for path in (("components", "schemas"), ("definitions",)):
        folder = data
        for token in path:
            folder = folder.get(token) if isinstance(folder, dict) else None
        if not isinstance(folder, dict):
            continue
        for name, schema in folder.items():
            members = schema.get("allOf") if isinstance(schema, dict) else None
            for member in members if isinstance(members, list) else ():
                ref = member.get("$ref") if isinstance(member, dict) else None
                if isinstance(ref, str) and ref.startswith("#/"):
                    pointer = f"/{'/'.join(path)}/{escape(name)}"
                    extensions.setdefault(ref[1:], []).append(pointer)
    return extensions
