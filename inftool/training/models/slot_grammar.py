"""Constrained decoding in the tiny model's vocabulary.

Only what can be decoded is allowed: known replies, and calls of offered tools with values of their
arguments' types.
"""

from __future__ import annotations

from collections.abc import Sequence

from inftool.training._optional import require
from inftool.training.environment.environment import Environment
from inftool.training.models.loading import LoadedModel
from inftool.training.models.logits import LogitsProcessor, Tensor
from inftool.training.tokenization.slots import vocabulary as v
from inftool.training.tokenization.slots.arguments import ArgumentLeaf
from inftool.training.tokenization.slots.calls import split_arguments, without_positions
from inftool.training.tokenization.slots.conversation import SlotConversation

_FIXED_REPLIES = frozenset([v.DONE, v.CANNOT, v.LEAVE])


class SlotConstraint:
    """What a model that reads slots may write."""

    def __init__(self, loaded: LoadedModel) -> None:
        self._tokenizer = loaded.tokenizer
        self.loosened: set[str] = set()
        """Always empty: every schema can be kept here."""

    def processor_for(self, environments: Sequence[Environment]) -> LogitsProcessor:
        """A logits processor for the next message in each of some environments."""
        torch = require("torch")
        conversations = [
            SlotConversation(environment.messages, environment.tools())
            for environment in environments
        ]
        # All rows have one length: prompts are padded on the left.
        names = self._tokenizer.convert_ids_to_tokens(list(range(len(self._tokenizer))))
        prompt_length: int | None = None

        def process(input_ids: Tensor, scores: Tensor) -> Tensor:
            nonlocal prompt_length
            if prompt_length is None:
                prompt_length = input_ids.shape[1]
            masked = torch.full_like(scores, float("-inf"))
            for row, conversation in enumerate(conversations):
                written = [names[token] for token in input_ids[row, prompt_length:].tolist()]
                allowed = sorted(allowed_tokens(conversation, written))
                ids = self._tokenizer.convert_tokens_to_ids(allowed)
                masked[row, ids] = scores[row, ids]
            return masked

        return process


def allowed_tokens(conversation: SlotConversation, written: Sequence[str]) -> set[str]:
    """What may come next in a message of which `written` is there; the end token behind itself.

    [] -> {"<call>", "<done>", ...}, ["<call>"] -> the slots of the tools
    """
    if not written:
        has_tools = bool(conversation.tools.leaves)
        return {v.CALL, v.ASK, v.TELL, *_FIXED_REPLIES} if has_tools else set(_FIXED_REPLIES)
    head, last = written[0], written[-1]
    if v.END in written or head in _FIXED_REPLIES:
        return {v.END}
    if head in (v.ASK, v.TELL):
        return _allowed_in_reply(conversation, written)
    if last == v.CALL:
        return _slots(conversation, "t")
    # Behind the last `<call>`: earlier calls of the message are complete.
    start = len(written) - written[::-1].index(v.CALL)
    return _allowed_in_call(conversation, written[start:])


def _allowed_in_reply(conversation: SlotConversation, written: Sequence[str]) -> set[str]:
    names = _slots(conversation, "n") - set(written)
    if written[0] == v.ASK:
        return names | {v.END}
    values = _slots(conversation, "v")
    if written[-1] == v.TELL:
        return names or {v.END}
    # A field with its values, and then another one; no end before the first value.
    return values if v.is_slot(written[-1], "n") else values | names | {v.END}


def _allowed_in_call(conversation: SlotConversation, written: Sequence[str]) -> set[str]:
    """What may come next in a call; `written` begins with the slot of its tool."""
    tools, contents = conversation.tools, conversation.contents
    tool = contents[written[0]].text
    named: list[ArgumentLeaf] = []
    lacks_value = False
    for group in split_arguments(without_positions(written)[1:]):
        leaf = tools.argument_named(tool, group[0])
        named += [leaf] if leaf is not None else []
        lacks_value = len(group) == 1
    if lacks_value and named:
        return _allowed_values(conversation, named[-1])
    missing = [leaf for leaf in tools.leaves[tool] if leaf not in named]
    # Only names that the tool would take for this very argument.
    allowed = {
        name
        for leaf in missing
        for name in tools.name_tokens(leaf)
        if tools.argument_named(tool, name) == leaf
    }
    if written[-1] in v.POSITIONS:
        return allowed or {v.END}
    if allowed:
        allowed |= set(v.POSITIONS)
    if named and named[-1].many:
        allowed |= _allowed_values(conversation, named[-1])
    # A call ends where nothing that is required is missing.
    must_go_on = any(leaf.required for leaf in missing) and bool(allowed)
    return allowed if must_go_on else allowed | {v.END, v.CALL}


def _allowed_values(conversation: SlotConversation, leaf: ArgumentLeaf) -> set[str]:
    """The tokens that are a value of an argument's type; any value if none is."""
    kind, options = leaf.schema.get("type"), leaf.schema.get("enum")
    if kind == "boolean":
        return {v.YES, v.NO}
    values = {
        token: conversation.tools.value_of(leaf, token) for token in _slots(conversation, "vn")
    }
    # Values of the wrong type are left to the model where no value fits at all.
    if isinstance(options, list) and options:
        fitting = {token for token, value in values.items() if value in options}
    elif kind in ("integer", "number"):
        fitting = {token for token, value in values.items() if isinstance(value, (int, float))}
    else:
        fitting = {token for token in values if v.is_slot(token, "v")}
    return fitting or _slots(conversation, "v") or {v.YES}


def _slots(conversation: SlotConversation, families: str) -> set[str]:
    """The slots of some families that are in use."""
    return {token for token in conversation.contents if v.is_slot(token, families)}
