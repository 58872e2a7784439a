"""Tool calls as tokens, and tokens as tool calls in the Hermes style."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise

from inftool.core.types import Arguments
from inftool.training.tokenization.slots import vocabulary as v
from inftool.training.tokenization.slots.alignment import GivenPair
from inftool.training.tokenization.slots.arguments import ArgumentLeaf, Path
from inftool.training.tokenization.slots.offered_tools import OfferedTools
from inftool.training.tokenization.slots.slot_table import SlotContent, SlotTable


def is_value_token(token: str) -> bool:
    """Whether a token is a value wherever it stands in a call."""
    return v.is_slot(token, "vw") or v.is_boolean(token)


def encode_call(
    tools: OfferedTools, given: Sequence[GivenPair], tool: str, arguments: Arguments
) -> list[str] | None:
    """A call as tokens: `<call>`, the tool, and each argument as its name and values.

    Arguments that the user gave stand in the order given, each behind the position of the pair;
    all others follow. None where something in the call has no token.
    """
    if tool not in tools.leaves:
        return None
    values_by_path = dict(_flatten(arguments)) if arguments else {}
    groups: list[tuple[int, list[str]]] = []
    for number, leaf in enumerate(tools.leaves[tool]):
        values = values_by_path.pop(leaf.path, None)
        if values is None:
            continue
        tokens = [tools.find_value(leaf, value) for value in values]
        said = [token for token in tokens if token]
        if len(said) < len(tokens) or (len(said) != 1 and not leaf.many):
            return None
        name = _name_in_call(tools, given, tool, leaf)
        if name is None:
            return None
        place = _place_given(given, name, said)
        if place is None:
            groups.append((len(given) + number, [name, *said]))
        else:
            groups.append((place, [given[place].position, name, *said]))
    # What no leaf has taken the tool does not have, or it lies deeper than leaves are made.
    if values_by_path:
        return None
    # Sorted by place alone: arguments of the same place keep the order of the schema.
    ordered = sorted(groups, key=lambda group: group[0])
    return [v.CALL, tools.tool_token(tool), *chain.from_iterable(tokens for _, tokens in ordered)]


def _name_in_call(
    tools: OfferedTools, given: Sequence[GivenPair], tool: str, leaf: ArgumentLeaf
) -> str | None:
    """The token that names an argument: the one that the user used if it is unmistakable."""
    # "Look for tea" gives `<search>`; the same value called "query" gives the slot of that name.
    names_given = {pair.name for pair in given}
    slot = tools.name_token(leaf)
    used = next((token for token in tools.name_tokens(leaf) if token in names_given), slot)
    return next((name for name in (used, slot) if tools.argument_named(tool, name) == leaf), None)


def _place_given(given: Sequence[GivenPair], name: str, values: list[str]) -> int | None:
    """The index of the pair in which the user gave an argument."""
    for place, pair in enumerate(given):
        if pair.name == name:
            return place
    # Its values may have been said without a name, or as another argument's.
    return next((place for place, pair in enumerate(given) if pair.values == values), None)


def _flatten(value: object, path: Path = ()) -> Iterator[tuple[Path, list[object]]]:
    """The leaves of some arguments by path, lists of plain values whole.

    {"lines": [{"id": 1}], "tags": ["a", "b"]} -> ("lines", "*", "id"): [1], ("tags",): ["a", "b"]
    """
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _flatten(item, (*path, key))
    elif isinstance(value, list) and value and isinstance(value[0], (dict, list)):
        if len(value) > 1:
            # Several objects cannot be encoded: no leaf has this path, so the call is refused.
            yield (*path, "several"), []
        yield from _flatten(value[0], (*path, "*"))
    else:
        yield path, value if isinstance(value, list) else [value]


def decode_calls(tools: OfferedTools, slots: SlotTable, tokens: Sequence[str]) -> str | None:
    """Calls that the model wrote as text in the Hermes style; None where a call makes no sense."""
    starts = [index for index, token in enumerate(tokens) if index == 0 or token == v.CALL]
    texts = []
    for start, end in pairwise([*starts, len(tokens)]):
        call = _decode_call(tools, slots, tokens[start + 1 : end])
        if call is None:
            return None
        texts.append(f"<tool_call>\n{json.dumps(call, ensure_ascii=False)}\n</tool_call>")
    return "\n".join(texts)


def split_arguments(tokens: Sequence[str]) -> Iterator[Sequence[str]]:
    """The arguments of a call, each a name with its values; `tokens` are without positions.

    The token after a name is a value even if it is a name elsewhere, as "email" is in "put email
    for the channel". An argument that is only begun has no value.
    """
    at = 0
    while at < len(tokens):
        end = at + 2
        while end < len(tokens) and is_value_token(tokens[end]):
            end += 1
        yield tokens[at:end]
        at = end


def without_positions(tokens: Sequence[str]) -> list[str]:
    """The tokens of a call without those that number the user's pairs."""
    return [token for token in tokens if token not in v.POSITIONS]


def _decode_call(
    tools: OfferedTools, slots: SlotTable, tokens: Sequence[str]
) -> dict[str, object] | None:
    contents = slots.contents
    if not tokens or not v.is_slot(tokens[0], "t") or tokens[0] not in contents:
        return None
    tool = contents[tokens[0]].text
    arguments: dict[str, object] = {}
    for group in split_arguments(without_positions(tokens)[1:]):
        name, *values = group
        # A model may write any token anywhere: each is checked before it is looked up.
        is_name = name in (v.SEARCH, v.TITLE) or v.is_slot(name, "n")
        is_filled = all(not v.is_slot(token) or token in contents for token in group)
        if not values or not is_name or not is_filled:
            return None
        leaf = tools.argument_named(tool, name)
        if leaf is None:
            # An argument that the tool does not have is passed on as it is, to be refused.
            key = contents[name].text if name in contents else "search"
            arguments[key] = contents.get(values[0], SlotContent("")).text
            continue
        typed = [tools.value_of(leaf, value) for value in values]
        _insert(arguments, leaf.path, typed if leaf.many or len(typed) > 1 else typed[0])
    return {"name": tool, "arguments": arguments}


def _insert(arguments: dict[str, object], path: Path, value: object) -> None:
    """Put a value at a path in place, making the objects and lists on the way.

    ("lines", "*", "id"), 1 -> {"lines": [{"id": 1}]}
    """
    container: object = arguments
    for part, following in zip(path, [*path[1:], None], strict=True):
        fresh: object = value if following is None else [] if following == "*" else {}
        if isinstance(container, list):
            if not container:
                container.append(fresh)
            container = container[0]
        elif isinstance(container, dict) and following is None:
            container[part] = value
        elif isinstance(container, dict):
            container = container.setdefault(part, fresh)
