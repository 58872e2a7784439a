"""The tools of a conversation with the slots of their arguments: which argument a token names, and
what a slot's content is as a value of an argument."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from inftool.core.chat import ToolSpec
from inftool.core.types import Schema
from inftool.language.values import split_name
from inftool.training.tokenization.slots import vocabulary as v
from inftool.training.tokenization.slots.arguments import ArgumentLeaf, argument_leaves
from inftool.training.tokenization.slots.phrases import Phrase, name_phrases, phrase
from inftool.training.tokenization.slots.segmentation import Piece, segment
from inftool.training.tokenization.slots.slot_table import SlotContent, SlotTable
from inftool.training.tokenization.slots.spoken_values import parse_moment, spoken_key, value_key

# Descriptions and argument lists are cut here, so that twenty tools fit the tiny model's context.
_MAX_DESCRIPTION, _MAX_LEAVES = 9, 14
# The length of a moment without seconds: "2024-05-03T17:00".
_MINUTE_LENGTH = 16


class OfferedTools:
    """The tools that one conversation offers."""

    def __init__(self, tools: Sequence[ToolSpec], slots: SlotTable) -> None:
        self._slots = slots
        self.leaves: dict[str, list[ArgumentLeaf]] = {
            tool["function"]["name"]: argument_leaves(tool) for tool in tools
        }
        leaves = [leaf for of_tool in self.leaves.values() for leaf in of_tool]
        self.names: Mapping[Phrase, str] = name_phrases([(leaf.words, leaf.key) for leaf in leaves])
        self.options: dict[Phrase, str] = {}
        for leaf in leaves:
            for option in leaf.options:
                if stems := phrase(split_name(option)):
                    self.options.setdefault(stems, option)
        # Booleans, which mean yes where their name stands alone ("it should be enabled").
        self.flags: set[str] = {
            self.name_token(leaf) for leaf in leaves if leaf.schema.get("type") == "boolean"
        }
        self._descriptions = {tool["function"]["name"]: self._describe(tool) for tool in tools}
        self.description_words: set[str] = {
            piece.key
            for pieces in self._descriptions.values()
            for piece in pieces
            if piece.kind == "word"
        }

    def _describe(self, tool: ToolSpec) -> list[Piece]:
        """The words and names in a tool's name and the first sentence of its description."""
        name = split_name(tool["function"]["name"])
        summary = str(tool["function"].get("description") or "").split(". ")[0]
        pieces = segment(f"{name} {summary[:1].lower()}{summary[1:]}", self.names, {})
        by_key = {piece.key: piece for piece in pieces if piece.kind in ("word", "name")}
        return list(by_key.values())[:_MAX_DESCRIPTION]

    def description(self, tool: str) -> list[Piece]:
        """The pieces of a tool's description, each key once."""
        return self._descriptions[tool]

    def listed_names(self, tool: str) -> tuple[list[str], list[str]]:
        """The slots of a tool's arguments, required and optional ones, each slot once."""
        required: list[str] = []
        optional: list[str] = []
        for leaf in self.leaves[tool][:_MAX_LEAVES]:
            token = self.name_token(leaf)
            if token not in required and token not in optional:
                (required if leaf.required else optional).append(token)
        return required, optional

    def tool_token(self, tool: str) -> str:
        """The slot of a tool."""
        return self._slots.assign("t", tool, tool)

    def name_token(self, leaf: ArgumentLeaf) -> str:
        """The slot of an argument's name."""
        return self._slots.assign("n", leaf.key, leaf.words)

    def name_tokens(self, leaf: ArgumentLeaf) -> Iterator[str]:
        """The tokens that may name an argument: its slot, and `<search>` or `<title>`."""
        yield self.name_token(leaf)
        if leaf.is_search:
            yield v.SEARCH
        if leaf.is_title:
            yield v.TITLE

    def argument_named(self, tool: str, token: str) -> ArgumentLeaf | None:
        """The argument of a tool that a token names: the first one that goes by it."""
        leaves = self.leaves[tool]
        if token == v.SEARCH:
            return next((leaf for leaf in leaves if leaf.is_search), None)
        if token == v.TITLE:
            return next((leaf for leaf in leaves if leaf.is_title), None)
        return next((leaf for leaf in leaves if self._slots.find("n", leaf.key) == token), None)

    def value_of(self, leaf: ArgumentLeaf, token: str) -> object:
        """What a token is as the value of an argument, by the argument's schema.

        The slot of "3 May 2024" is "2024-05-03" for a date and the text for anything else. What
        does not fit the schema stays as it was said; the world refuses it. None for an empty slot.
        """
        if v.is_boolean(token):
            return token == v.YES
        content = self._slots.contents.get(token)
        return None if content is None else _typed_value(content, leaf.schema)

    def find_value(self, leaf: ArgumentLeaf, value: object) -> str | None:
        """The token that is this value in an argument; None if the value was not said."""
        if isinstance(value, bool):
            return v.YES if value else v.NO
        # As a rule the value has a slot of its own, under the same key.
        slot = self._slots.find("v", value_key(value))
        if slot is not None and _is_same(self.value_of(leaf, slot), value):
            return slot
        # It may have been said in other words, or as the name of something else.
        for token in self._slots.contents:
            if v.is_slot(token, "vwn") and _is_same(self.value_of(leaf, token), value):
                return token
        return None


def _typed_value(content: SlotContent, schema: Schema) -> object:
    # A listed value has to be met exactly, whatever words it was said in.
    option = _matching_option(content.text, schema)
    if option is not None:
        return option
    kind = schema.get("type")
    if kind in ("integer", "number"):
        return _number(content, as_integer=kind == "integer")
    if isinstance(content.value, str):
        return content.value
    layout = schema.get("format")
    if layout in ("date", "date-time", "time") and (moment := parse_moment(content.text)):
        # RFC 3339, which `date-time` follows, wants seconds and a zone.
        needs_zone = layout == "date-time" and len(moment) == _MINUTE_LENGTH
        return f"{moment}:00Z" if needs_zone else moment
    return str(content.value) if content.value is not None else content.text


def _matching_option(text: str, schema: Schema) -> object:
    """The listed value that a text means: "in transit" -> "IN_TRANSIT"; None if there is none."""
    options = schema.get("enum")
    for option in options if isinstance(options, list) else ():
        if option == text:
            return option
        if isinstance(option, str) and phrase(split_name(option)) == phrase(split_name(text)):
            return option
    return None


def _number(content: SlotContent, *, as_integer: bool) -> object:
    if isinstance(content.value, (int, float)):
        return content.value
    try:
        number = float(spoken_key(content.text))
    except ValueError:
        return content.text
    return int(number) if as_integer and number.is_integer() else number


def _is_same(first: object, second: object) -> bool:
    """Equality that tells true from 1."""
    return isinstance(first, bool) == isinstance(second, bool) and first == second
