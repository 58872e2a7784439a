"""allOf: many schemas that all hold -> one list of plain parts, and one merged schema that can be closed."""

from __future__ import annotations

from inftool.core.types import JsonObject
from inftool.specs.documents.library import Library, Node, RefError
from inftool.specs.prose import words
from inftool.specs.schemas.merged import Merged, merge_one

MAX_PARTS = 500
_ANNOTATIONS = words(
    "description title summary default example examples deprecated readOnly writeOnly externalDocs xml nullable required $comment "
    "discriminator $schema $id"
)


def pure_ref(node: Node) -> tuple[Node, list[Node]] | None:
    """The reference that a schema is but for its annotations (a bare `$ref`, or an allOf of one), and where those stand; None where it says more."""
    value = node.value
    if "$ref" in value:
        return (node, [node]) if _only_notes(value, "$ref") else None
    parts = value.get("allOf")
    if not isinstance(parts, list) or len(parts) > 5 or not _only_notes(value, "allOf"):
        return None
    found: Node | None = None
    notes = [node]
    for index, part in enumerate(parts):
        if not isinstance(part, dict):
            return None
        if list(part) == ["$ref"] and found is None:
            found = node.child("allOf").child(index)
        elif "$ref" not in part and _only_notes(part, ""):
            notes.append(node.child("allOf").child(index))
        else:
            return None
    return (found, notes) if found is not None else None


def _only_notes(value: JsonObject, word: str) -> bool:
    if isinstance(value.get("required"), list):
        return False
    return all(
        key in {word}
        or key in _ANNOTATIONS
        or key.startswith("x-")
        or (key == "type" and value[key] == "object" and word)
        for key in value
    )


def merges(node: Node) -> bool:
    """Whether a schema takes in others by reference, so that writing it out in place could go on without end."""
    value = node.value
    if not isinstance(value, dict):
        return False
    if "$ref" in value:
        return True
    return any(
        isinstance(member, dict) and ("$ref" in member or "allOf" in member)
        for word in ("allOf", "oneOf", "anyOf")
        if _taken(value, word)
        for member in value[word]
    )


def _taken(value: JsonObject, word: str) -> bool:
    members = value.get(word)
    return isinstance(members, list) and (word == "allOf" or len(members) == 1)


def parts_of(node: Node, library: Library) -> list[Node]:
    """Every schema that must hold where `node` must: itself, what it refers to, and the members of its allOfs, outermost first."""
    found: list[Node] = []
    seen: set[tuple[int, str]] = set()
    stack = [node]
    while stack:
        part = stack.pop()
        if part.key in seen:
            continue
        seen.add(part.key)
        if len(found) > MAX_PARTS:
            library.ledger.add(
                "bad_keyword",
                node,
                f"an allOf of more than {MAX_PARTS} schemas, the rest was left out",
                subject="allOf",
            )
            break
        value = part.value
        if not isinstance(value, dict):
            found.append(part)
            continue
        found.append(part)
        inner: list[Node] = []
        if "$ref" in value:
            try:
                inner.append(library.target(part))
            except RefError as error:
                library.ledger.add(error.code, part, str(error))
        members = value.get("allOf")
        if isinstance(members, list):
            list_node = part.child("allOf")
            inner.extend(list_node.child(index) for index in range(len(members)))
        elif members is not None:
            library.ledger.add(
                "bad_keyword", part, "allOf is no list and was left out", subject="allOf"
            )
        for word in ("oneOf", "anyOf"):
            branches = value.get(word)
            if isinstance(branches, list) and len(branches) == 1:
                inner.append(part.child(word).child(0))
        stack.extend(reversed(inner))
    return found


def merge(parts: list[Node], library: Library) -> Merged:
    """One schema out of parts that must all hold."""
    merged = Merged(parts[0], parts)
    for part in parts:
        if isinstance(part.value, dict):
            merge_one(merged, part, library)
        elif part.value is False:
            merged.also.append({"not": {}})
        elif part.value is not True:
            what = "null" if part.value is None else type(part.value).__name__
            library.ledger.add(
                "bad_schema",
                part,
                f"a schema is an object or a boolean, this is {what}; it allows anything",
            )
    return merged
