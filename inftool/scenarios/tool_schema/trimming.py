"""Leaves out of sampled arguments what a person would not mention."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

from inftool.core.json_pointer import escape, split_pointer
from inftool.core.tools import Tool
from inftool.core.types import JsonObject, Schema
from inftool.scenarios.plan import leaves
from inftool.scenarios.tool_schema.places import governed, pattern
from inftool.scenarios.tool_schema.relevance import POOR, sense
from inftool.specs import violations

# More values than this do not fit into a request that a person would speak.
MOST_LEAVES = 6
# Where parts cannot go all at once they are tried one by one; each try validates the arguments.
_MOST_SINGLE_TRIES = 12
# Of a level of meaning (see `relevance.sense`), how much it counts against a random draw in [0, 1)
# when values are left out for their number: a plain value is kept most of the time, not always.
_WEIGHT_OF_MEANING = 0.4


def trimmed(
    tool: Tool,
    arguments: JsonObject,
    rng: random.Random,
    kept: Callable[[str], bool],
    most: int = MOST_LEAVES,
) -> JsonObject:
    """Arguments without the parts of their structures that nobody would mention.

    Left out, as far as the tool's schema allows, are parts that mean nothing to a person, items of
    a list of objects after the first, and then random ones until `most` values are left. Arguments
    at the top stay. `kept` says of a pointer that it stays. Objects and lists that become empty go.
    """
    nested = [(pointer, value) for pointer, value in leaves(arguments) if pointer.count("/") > 1]
    if not nested:
        return arguments
    schemas = governed(tool)
    meaningless = [
        pointer
        for pointer, value in nested
        if not kept(pointer) and _meaning(pointer, value, schemas) == POOR
    ]
    for pointers in (meaningless, _later_items(arguments)):
        slim = arguments
        for pointer in reversed(pointers):
            slim = _without(slim, split_pointer(pointer))
        if slim is not arguments and not violations(tool, slim):
            arguments = slim
        else:
            arguments = _leave_out_singly(tool, arguments, pointers[:_MOST_SINGLE_TRIES])
    rest = list(leaves(arguments))
    if len(rest) <= most:
        return arguments
    spare = [pointer for pointer, _ in rest if pointer.count("/") > 1 and not kept(pointer)]
    order = {
        pointer: rng.random() - _meaning(pointer, value, schemas) * _WEIGHT_OF_MEANING
        for pointer, value in rest
    }
    chosen = set(sorted(spare, key=lambda pointer: -order[pointer])[: len(rest) - most])
    return _leave_out_singly(tool, arguments, [pointer for pointer in spare if pointer in chosen])


def _meaning(pointer: str, value: object, schemas: Mapping[str, Schema]) -> int:
    """How much the value at a pointer means to a person; an empty structure means nothing."""
    if isinstance(value, (dict, list)):
        return POOR
    name = next((part for part in reversed(pointer.split("/")) if not part.isdigit()), "")
    return sense(name, schemas.get(pattern(pointer), {}))


def _leave_out_singly(tool: Tool, arguments: JsonObject, pointers: Sequence[str]) -> JsonObject:
    """Arguments without each of some parts that the schema can do without.

    The last goes first, so that the indices of what stays do not change under the next pointers.
    """
    for pointer in reversed(pointers):
        slim = _without(arguments, split_pointer(pointer))
        if slim is not arguments and not violations(tool, slim):
            arguments = slim
    return arguments


def _later_items(value: object, pointer: str = "") -> list[str]:
    """The pointers of the items of lists of objects after the first.

    One is enough to be told; the others stay only where there have to be several.
    """
    pointers: list[str] = []
    if isinstance(value, dict):
        for key, item in value.items():
            pointers += _later_items(item, f"{pointer}/{escape(key)}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if index and isinstance(item, dict):
                pointers.append(f"{pointer}/{index}")
            else:
                pointers += _later_items(item, f"{pointer}/{index}")
    return pointers


# Stands for a value that was left out, on the way back up to the structure around it.
_GONE: JsonObject = {"": "left out"}


def _without(arguments: JsonObject, parts: Sequence[str]) -> JsonObject:
    """A copy without the part at a path, and without structures that are empty then.

    The same object where there is no such part; `_GONE` where nothing is left.
    """
    if parts[0] not in arguments:
        return arguments
    item = arguments[parts[0]]
    rest = _item_without(item, parts[1:])
    if rest is item:
        return arguments
    return {
        name: (rest if name == parts[0] else value)
        for name, value in arguments.items()
        if name != parts[0] or not _is_empty(rest)
    }


def _item_without(value: object, parts: Sequence[str]) -> object:
    """The same for a value of any kind; `_GONE` where the path ends here."""
    if not parts:
        return _GONE
    if isinstance(value, dict):
        return _without(value, parts)
    if not isinstance(value, list):
        return value
    index = int(parts[0]) if parts[0].isdigit() else -1
    if not 0 <= index < len(value):
        return value
    item = _item_without(value[index], parts[1:])
    if item is value[index]:
        return value
    rest = [*value[:index], *([] if _is_empty(item) else [item]), *value[index + 1 :]]
    return rest or _GONE


def _is_empty(value: object) -> bool:
    return value is _GONE or (isinstance(value, (dict, list)) and not value)
