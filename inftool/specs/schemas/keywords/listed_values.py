"""The values that a schema lists: its enum, its default and its examples."""

from __future__ import annotations

from inftool.specs.documents.node import Node
from inftool.specs.losses import LossLog
from inftool.specs.schemas.keywords.values import (
    coerce,
    fits,
    holds_reference,
    identity,
    is_finite,
    json_size,
    short,
)

# Bytes of an example. It shows what a value looks like, which no long one does better.
MAX_EXAMPLE = 600
# Bytes of a default, which may be a small object and does change what a call means.
_MAX_DEFAULT = MAX_EXAMPLE * 4
_MAX_EXAMPLES = 3
# Examples looked at, so that a schema with thousands of them is not slow to convert.
_MAX_EXAMPLES_READ = 20


def enum(node: Node, types: list[str] | None, loss_log: LossLog) -> list[object] | None:
    """The enum of a schema: each value once, each of one of the types.

    None if there is no enum or no value of it can be used. ["1", 1, 2] -> [1, 2] for an integer.
    """
    raw = node.members.get("enum")
    if raw is None and "enum" not in node.members:
        return None
    if not isinstance(raw, list) or not raw:
        kind = "empty" if raw in ([], None) else type(raw).__name__
        loss_log.add("bad_enum", node, f"enum is {kind} and was left out")
        return None
    values: dict[str, object] = {}
    refused = changed = 0
    for value in raw:
        if not is_finite(value) or holds_reference(value):
            refused += 1
            continue
        coerced = coerce(value, types)
        # In YAML, `enum: [1.10, 2]` is a list of numbers, though versions may be meant.
        changed += coerced is not value
        # Null in an enum is a way to say that a value is nullable, whatever the type.
        if not fits(coerced, types) and value is not None:
            refused += 1
            continue
        values.setdefault(identity(coerced), coerced)
    type_text = " or ".join(types or [])
    if not values:
        message = f"no value of enum is of type {type_text}, the enum was left out"
        loss_log.add("bad_enum", node, message)
        return None
    changes = []
    if changed:
        changes.append(f"{changed} values were written as {type_text}")
    if refused:
        changes.append(f"{refused} values of another type were left out")
    if changes:
        loss_log.add("bad_enum", node, f"enum: {', '.join(changes)}")
    return list(values.values())


def default(
    node: Node,
    value: object,
    types: list[str] | None,
    choices: list[object] | None,
    loss_log: LossLog,
) -> tuple[bool, object]:
    """Whether the default of a schema can be kept, and as what value.

    It must be of one of the types and, if there is an enum, one of its `choices`.
    """
    value = coerce(value, types)
    is_choice = choices is None or identity(value) in {identity(choice) for choice in choices}
    if not fits(value, types) or not is_choice:
        # A default of null is how generators write "no default".
        if value is not None:
            message = f"default {short(value)} does not fit its own schema and was left out"
            loss_log.add("bad_default", node, message)
        return False, None
    if not is_finite(value) or holds_reference(value):
        return False, None
    return json_size(value) <= _MAX_DEFAULT, value


def examples(node: Node, types: list[str] | None) -> list[object]:
    """Up to three small examples of a schema that are of one of its types.

    `example` comes first, then `examples`: a list, or an object of `{"value": ...}` by name.
    """
    raw = node.members
    given = raw.get("examples")
    candidates = list(given) if isinstance(given, list) else []
    if isinstance(given, dict):
        candidates = [
            entry["value"] if isinstance(entry, dict) and "value" in entry else entry
            for entry in given.values()
        ]
    if "example" in raw:
        candidates.insert(0, raw["example"])
    kept: dict[str, object] = {}
    for candidate in candidates[:_MAX_EXAMPLES_READ]:
        value = coerce(candidate, types)
        if value is None or not fits(value, types):
            continue
        # An example that is a reference stands for a file of its own.
        if json_size(value) <= MAX_EXAMPLE and not holds_reference(value):
            kept.setdefault(identity(value), value)
    return list(kept.values())[:_MAX_EXAMPLES]
