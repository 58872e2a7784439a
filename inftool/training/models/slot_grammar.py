"""Constrained decoding in the tiny model's vocabulary: only what can be read, calls of offered tools with values of their parameters' types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from inftool.training._optional import require
from inftool.training.environment.environment import Environment
from inftool.training.tokenization.slots import vocabulary as v
from inftool.training.tokenization.slots.codec import SlotConversation
from inftool.training.tokenization.slots.tool_phrases import ArgumentLeaf

if TYPE_CHECKING:
    from inftool.training.models.loading import LoadedModel


class SlotConstraint:
    """What a model that reads slots may write. Its processors stand in for those of `inftool.training.constrain`."""

    def __init__(self, loaded: LoadedModel) -> None:
        self._tokenizer = loaded.tokenizer
        self.loosened: set[str] = set()

    def processor(self, environments: Sequence[Environment]) -> Any:
        """A logits processor for one batch of plays."""
        conversations = [
            SlotConversation(environment.messages, environment.tools())
            for environment in environments
        ]
        torch, names = (
            require("torch"),
            self._tokenizer.convert_ids_to_tokens(list(range(len(self._tokenizer)))),
        )
        start: list[int] = []

        def process(ids: Any, scores: Any) -> Any:
            if not start:
                start.append(ids.shape[1])
            masked = torch.full_like(scores, float("-inf"))
            for row, conversation in enumerate(conversations):
                written = [names[token] for token in ids[row, start[0] :].tolist()]
                free = self._tokenizer.convert_tokens_to_ids(
                    sorted(allowed_tokens(conversation, written))
                )
                masked[row, free] = scores[row, free]
            return masked

        return process


def allowed_tokens(conversation: SlotConversation, written: Sequence[str]) -> set[str]:
    """What may come after what was written of one message; the end mark alone once it has come."""
    if not written:
        return (
            {v.CALL, v.DONE, v.CANNOT, v.LEAVE, v.ASK, v.TELL}
            if conversation.leaves
            else {v.DONE, v.CANNOT, v.LEAVE}
        )
    head = written[0]
    if v.END in written or head in (v.DONE, v.CANNOT, v.LEAVE):
        return {v.END}
    if head in (v.ASK, v.TELL):
        names = {token for token in conversation.bound if v.is_slot(token, "n")} - set(written)
        if head == v.ASK:
            return names | {v.END}
        values = {token for token in conversation.bound if v.is_slot(token, "v")}
        # A field with its values, and another one; no end before the first value.
        return (
            names or {v.END}
            if written[-1] == v.TELL
            else values
            if v.is_slot(written[-1], "n")
            else values | names | {v.END}
        )
    if written[-1] == v.CALL:
        return {token for token in conversation.bound if v.is_slot(token, "t")}
    last = len(written) - 1 - written[::-1].index(v.CALL)
    return _in_call(conversation, written[last + 1 :])


def _in_call(conversation: SlotConversation, written: Sequence[str]) -> set[str]:
    tool = conversation.bound[written[0]].said
    placed = written[-1] in v.PLACES
    written = [token for token in written if token not in v.PLACES]
    named: list[ArgumentLeaf] = []
    at, empty = 1, False
    while at < len(written):
        leaf = conversation.meant(tool, written[at])
        named += [leaf] if leaf is not None else []
        empty = at + 1 == len(written)
        at += 2
        while at < len(written) and conversation.is_value(written[at]):
            at += 1
    if empty and named:
        return _values(conversation, named[-1])
    rest = [leaf for leaf in conversation.leaves[tool] if leaf not in named]
    found = {
        token
        for leaf in rest
        for token in conversation.known_as(leaf)
        if conversation.meant(tool, token) == leaf
    }
    if placed:
        return found or {v.END}
    found |= set(v.PLACES) if found else set()
    if named and named[-1].many:
        found |= _values(conversation, named[-1])
    # A message ends where nothing that is required is missing.
    return found if any(leaf.required for leaf in rest) and found else found | {v.END, v.CALL}


def _values(conversation: SlotConversation, leaf: ArgumentLeaf) -> set[str]:
    kind = leaf.schema.get("type")
    if kind == "boolean":
        return {v.YES, v.NO}
    meant = {
        token: conversation.meaning(leaf, token)
        for token in conversation.bound
        if v.is_slot(token, "vn")
    }
    options = leaf.schema.get("enum")
    if options:
        fitting = {token for token, value in meant.items() if value in options}
    elif kind in ("integer", "number"):
        fitting = {token for token, value in meant.items() if isinstance(value, (int, float))}
    else:
        fitting = {token for token in meant if v.is_slot(token, "v")}
    return fitting or {token for token in conversation.bound if v.is_slot(token, "v")} or {v.YES}
