"""What a PATCH does to a value: merge patch and JSON Patch.

A merge patch replaces a list inside an entity as a whole; JSON Patch can append to it and replace
single elements. Lists with paths of their own (`POST /carts/{id}/items`) are in `list_elements`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inftool.core.json_pointer import find_at, replace_at, split_pointer
from inftool.core.json_values import canonical, copied
from inftool.world.schema.shape import Shape


def merge_patch(
    value: Mapping[str, object], patch: Mapping[str, object], shape: Shape | None
) -> dict[str, object]:
    """An object after a merge patch (RFC 7396): objects merge, lists and all else are replaced.

    null removes a property, as the RFC says, but only where the schema does not declare null:
    {"note": null} of a nullable `note` stores null.
    """
    view = shape.object() if shape is not None else None
    properties = view.properties if view is not None else {}
    merged: dict[str, object] = dict(value)
    for name, item in patch.items():
        sub = properties.get(name)
        old = merged.get(name)
        # An untyped or nullable property may hold null, and callers send null to store it.
        if item is None and sub is not None and sub.types and not sub.may_be_null:
            merged.pop(name, None)
        elif isinstance(item, dict) and isinstance(old, dict):
            merged[name] = merge_patch(old, item, sub)
        else:
            merged[name] = copied(item)
    return merged


def merged_property(old: object, new: object, shape: Shape) -> object:
    """The value of a property that is sent anew: merged where both are objects, else replaced."""
    if isinstance(old, dict) and isinstance(new, dict):
        return merge_patch(old, new, shape)
    return copied(new)


def json_patch_steps(body: object) -> list[object] | None:
    """The steps of a JSON Patch in a request body, None if it is not one.

    The body is the list of steps itself, or an object with such a list in some property.
    """
    # Tools without HTTP carry the list under a name of their own: {"patch": [...]}.
    steps: object = body
    if isinstance(body, dict):
        lists = (item for item in body.values() if isinstance(item, list))
        steps = next((item for item in lists if _starts_with_step(item)), None)
    if not isinstance(steps, list) or not steps:
        return None
    first = steps[0]
    return steps if isinstance(first, dict) and "op" in first else None


def _starts_with_step(items: Sequence[object]) -> bool:
    return bool(items) and isinstance(items[0], dict) and {"op", "path"} <= set(items[0])


def apply_json_patch(value: dict[str, object], steps: Sequence[object]) -> dict[str, object]:
    """An object after a JSON Patch (RFC 6902): add, replace and remove.

    Other operations, and paths that lead nowhere, change nothing. Into a list, "add" appends at
    `/items/-`, and "add" or "replace" put an element in the place of one that is there.
    """
    patched: dict[str, object] = copied(value)
    for step in steps:
        path = step.get("path") if isinstance(step, dict) else None
        if isinstance(step, dict) and isinstance(path, str) and path.startswith("/"):
            _apply_step(patched, step, path)
    return patched


def _apply_step(patched: dict[str, object], step: Mapping[str, object], path: str) -> None:
    holder = find_at(patched, path.rpartition("/")[0])
    last = split_pointer(path)[-1]
    operation = step.get("op")
    item = copied(step.get("value"))
    if isinstance(holder, dict):
        if operation in {"add", "replace"}:
            holder[last] = item
        elif operation == "remove":
            holder.pop(last, None)
    elif isinstance(holder, list):
        # RFC 6902, 4.1: "-" is the element behind the last one.
        if operation == "add" and last == "-":
            holder.append(item)
        elif operation in {"add", "replace"} and last.isdigit() and int(last) < len(holder):
            replace_at(patched, path, item)


def is_same(left: object, right: object) -> bool:
    """Whether two JSON values are the same; unlike with `==`, 1 is neither 1.0 nor true."""
    return bool(left == right) and canonical(left) == canonical(right)
