"""`allOf`: several schemas that must all hold, flattened and merged into one."""

from __future__ import annotations

from inftool.specs.documents.errors import RefError
from inftool.specs.documents.library import Library
from inftool.specs.documents.node import Node
from inftool.specs.prose import words
from inftool.specs.schemas.merged import MergedSchema
from inftool.specs.schemas.merging import merge_part

# Far above any hierarchy that people write; stops an allOf that was generated without end.
MAX_PARTS = 500
# Members of an `allOf` that may hold nothing but annotations beside its one reference.
_MAX_ANNOTATIONS = 5
_ANNOTATIONS = words(
    "description title summary default example examples deprecated readOnly writeOnly "
    "externalDocs xml nullable required $comment discriminator $schema $id"
)


def single_reference(node: Node) -> tuple[Node, list[Node]] | None:
    """The reference that a schema amounts to, and the nodes with annotations beside it.

    `{"$ref": R, "description": D}` and `{"allOf": [{"$ref": R}, {"description": D}]}` amount to R;
    None if the schema says more.
    """
    value = node.members
    if "$ref" in value:
        return (node, [node]) if _only_annotations(value, "$ref") else None
    parts = node.get("allOf")
    if parts is None or not isinstance(parts.value, list) or len(parts.items) > _MAX_ANNOTATIONS:
        return None
    if not _only_annotations(value, "allOf"):
        return None
    reference: Node | None = None
    annotated = [node]
    for part in parts.children():
        if not isinstance(part.value, dict):
            return None
        if list(part.value) == ["$ref"] and reference is None:
            reference = part
        elif "$ref" not in part.value and _only_annotations(part.value, ""):
            annotated.append(part)
        else:
            return None
    return (reference, annotated) if reference is not None else None


def _only_annotations(value: dict[str, object], keyword: str) -> bool:
    """Whether a schema holds annotations only, besides `keyword`.

    `"type": "object"` beside a reference is one, as everything that is referred to so is an object.
    """
    if isinstance(value.get("required"), list):
        return False
    return all(
        key == keyword
        or key in _ANNOTATIONS
        or key.startswith("x-")
        or (key == "type" and value[key] == "object" and keyword)
        for key in value
    )


def extends_by_reference(node: Node) -> bool:
    """Whether a schema includes others by reference, so that writing it in place may never end."""
    value = node.value
    if not isinstance(value, dict):
        return False
    if "$ref" in value:
        return True
    return any(
        isinstance(member, dict) and ("$ref" in member or "allOf" in member)
        for keyword in ("allOf", "oneOf", "anyOf")
        if _is_conjunction(value, keyword)
        for member in value[keyword]
    )


def _is_conjunction(value: dict[str, object], keyword: str) -> bool:
    """Whether all branches of a keyword must hold: those of an allOf, or a union's only one."""
    branches = value.get(keyword)
    return isinstance(branches, list) and (keyword == "allOf" or len(branches) == 1)


def flatten_all_of(node: Node, library: Library) -> list[Node]:
    """Every schema that must hold if `node` must, the outermost first.

    These are the node itself, what it refers to and the members of its allOfs, at any depth.
    """
    parts: list[Node] = []
    seen: set[tuple[int, str]] = set()
    stack = [node]
    while stack:
        part = stack.pop()
        if part.key in seen:
            continue
        seen.add(part.key)
        if len(parts) > MAX_PARTS:
            message = f"an allOf of more than {MAX_PARTS} schemas, the rest was left out"
            library.loss_log.add("bad_keyword", node, message, subject="allOf")
            break
        parts.append(part)
        stack.extend(reversed(_conjuncts(part, library)))
    return parts


def _conjuncts(part: Node, library: Library) -> list[Node]:
    """The schemas that a schema says must hold as well, one step further."""
    value = part.members
    conjuncts: list[Node] = []
    if "$ref" in value:
        try:
            conjuncts.append(library.target(part))
        except RefError as error:
            library.loss_log.add(error.code, part, str(error))
    members = part.get("allOf")
    if members is not None and isinstance(members.value, list):
        conjuncts.extend(members.children())
    elif members is not None:
        message = "allOf is no list and was left out"
        library.loss_log.add("bad_keyword", part, message, subject="allOf")
    for keyword in ("oneOf", "anyOf"):
        branches = value.get(keyword)
        if isinstance(branches, list) and len(branches) == 1:
            conjuncts.append(part.child(keyword).child(0))
    return conjuncts


def merge_parts(parts: list[Node], library: Library) -> MergedSchema:
    """One schema out of parts that must all hold."""
    merged = MergedSchema(parts[0], parts)
    for part in parts:
        if isinstance(part.value, dict):
            merge_part(merged, part, library.loss_log)
        # `false` allows nothing (JSON Schema 2020-12, section 4.3.2), `true` anything.
        elif part.value is False:
            merged.also.append({"not": {}})
        elif part.value is not True:
            kind = "null" if part.value is None else type(part.value).__name__
            message = f"a schema is an object or a boolean, this is {kind}; it allows anything"
            library.loss_log.add("bad_schema", part, message)
    return merged
