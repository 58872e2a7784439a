"""A conversation in the tiny model's vocabulary, and back.

Everything here is rule: which words are a value or a name, which slot holds what, and what a value
is in an argument's type. What is left to the model: whether to call, which tool, which arguments,
which value for which, what to tell, and when to stop.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, pairwise

from inftool.core.chat import ChatMessage, ToolSpec
from inftool.language.values import normalize
from inftool.training.tokenization.slots import vocabulary as v
from inftool.training.tokenization.slots.alignment import GivenPair, align_request, read_pairs
from inftool.training.tokenization.slots.answers import (
    AnswerField,
    answer_fields,
    is_error,
    parse_json_container,
)
from inftool.training.tokenization.slots.calls import decode_calls, encode_call
from inftool.training.tokenization.slots.offered_tools import OfferedTools
from inftool.training.tokenization.slots.phrases import name_phrases, phrase
from inftool.training.tokenization.slots.replies import decode_reply, encode_facts, value_token
from inftool.training.tokenization.slots.segmentation import Piece, segment
from inftool.training.tokenization.slots.slot_table import Family, SlotContent, SlotTable
from inftool.verification.checker.told_facts import declines

Turns = list[tuple[str, list[str]]]
"""The role and the tokens of each message; results of calls made together are one."""

_FAMILY_OF_KIND: dict[str, Family] = {"word": "w", "name": "n", "value": "v"}
# Answers with more fields are cut to these, so that they fit the tiny model's context.
_MAX_FIELDS = 18
# Of the words in a tool's description that the user did not say, as many show: none, some or many.
_MAX_OTHER = 2
# "the booking reference" asks for the booking's ID.
_ID_WORDS = ("id", "number", "reference")


class SlotConversation:
    """One conversation as tokens.

    The same messages give the same tokens, and further messages only add tokens, so that what a
    model was given before stays the beginning of what it is given next.
    """

    def __init__(self, messages: Sequence[ChatMessage], tools: Sequence[ToolSpec]) -> None:
        user_texts = [_text(message) for message in messages if message["role"] == "user"]
        opening = user_texts[0] if user_texts else ""
        self.slots = SlotTable(seed=opening)
        self.tools = OfferedTools(tools, self.slots)
        self.turns: Turns = []
        self._words_of_opening = {
            piece.key for piece in segment(opening, self.tools.names, self.tools.options)
        }
        # What the user gave, message by message.
        self._given: list[list[GivenPair]] = []
        # The user's words since the last request that needed no question back.
        self._request: list[str] = []
        # Since the user's last message: the fields of the answers, and the tokens asked about.
        self._answers: list[list[AnswerField]] = []
        self._asked: list[str] = []
        # Messages are read in order, and each takes the slots that it needs first: this order is
        # why further messages only add tokens.
        self._read(messages)

    @property
    def contents(self) -> dict[str, SlotContent]:
        """What each slot in use holds."""
        return self.slots.contents

    def tokens(self) -> list[str]:
        """The tokens of all turns."""
        return list(chain.from_iterable(tokens for _, tokens in self.turns))

    def encode_message(self, message: ChatMessage) -> list[str] | None:
        """A message of the assistant as the model would write it, without the end token.

        None where it holds something that has no token.
        """
        calls = message.get("tool_calls")
        if not calls:
            return self._encode_reply(_text(message))
        tokens: list[str] = []
        given = list(chain.from_iterable(self._given))
        for call in calls:
            function = call["function"]
            arguments = parse_json_container(function["arguments"])
            if not isinstance(arguments, dict):
                return None
            encoded = encode_call(self.tools, given, function["name"], arguments)
            if encoded is None:
                return None
            tokens += encoded
        return tokens

    def decode(self, tokens: Sequence[str]) -> str | None:
        """What the model wrote, without the end token, as text with calls in the Hermes style.

        None where it makes no sense.
        """
        if not tokens:
            return None
        if tokens[0] == v.CALL:
            return decode_calls(self.tools, self.slots, tokens)
        return decode_reply(self.slots, tokens)

    def _read(self, messages: Sequence[ChatMessage]) -> None:
        answers_question = False
        for index, message in enumerate(messages):
            if message["role"] == "user":
                self._read_user(_text(message), answers_question=answers_question)
            elif message["role"] == "assistant":
                answers_question = not message.get("tool_calls") and "?" in _text(message)
                encoded = self.encode_message(message) or [v.UNKNOWN]
                self.turns.append(("assistant", [*encoded, v.END]))
                # New calls bring new answers; what the last ones brought is not told any more.
                if message.get("tool_calls"):
                    self._answers = []
            elif message["role"] == "tool":
                # The results of calls that were made together are one turn.
                if messages[index - 1]["role"] == "assistant":
                    self.turns.append(("tool", []))
                turn = self.turns[-1][1]
                turn += self._read_answer(message.get("content"))
                if index + 1 == len(messages) or messages[index + 1]["role"] != "tool":
                    # The question comes again behind the answers: the model looks back for it.
                    self._asked = self._fields_asked(" ".join(self._request))
                    turn += [v.QUESTION, *self._asked, v.ASSISTANT]

    def _read_user(self, text: str, *, answers_question: bool) -> None:
        self._request = [*self._request, text] if answers_question else [text]
        pieces = segment(text, self.tools.names, self.tools.options)
        aligned = align_request(
            [self._token(piece) for piece in pieces],
            self.tools.flags,
            first=sum(map(len, self._given)),
        )
        # The tools stand behind the first message, so that its words are known when they are read.
        offer = self._offer() if not self._given else []
        self._given.append(read_pairs(aligned))
        self._answers, self._asked = [], []
        self.turns.append(("user", [v.USER, *aligned, *offer, v.ASSISTANT]))

    def _token(self, piece: Piece) -> str:
        """The token of a piece of the user's or of a description."""
        if piece.kind == "fixed":
            return piece.key
        if piece.kind == "word" and not (
            piece.key in self.tools.description_words and piece.key in self._words_of_opening
        ):
            # A word that occurs once tells nothing to a model that only sees what is the same.
            return v.OTHER
        return self.slots.assign(_FAMILY_OF_KIND[piece.kind], piece.key, piece.text)

    def _offer(self) -> list[str]:
        """The tools: what is said of each, its required and its optional arguments, its slot."""
        tokens = [v.TOOLS]
        for tool in self.tools.leaves:
            description = self.tools.description(tool)
            said = [
                self._token(piece) for piece in description if piece.key in self._words_of_opening
            ]
            others = [v.OTHER] * min(_MAX_OTHER, len(description) - len(said))
            required, optional = self.tools.listed_names(tool)
            slot = self.tools.tool_token(tool)
            tokens += [v.TOOL, *said, *others, ":", *required, ";", *optional, slot]
        return tokens

    def _read_answer(self, content: object) -> list[str]:
        """An answer of a tool as its fields, each a name with the values of all rows."""
        if is_error(content):
            return [v.FAILED]
        fields = self._most_relevant(answer_fields(parse_json_container(content)))
        self._answers.append(fields)
        tokens = [v.RESULT]
        for field in fields:
            tokens.append(self.slots.assign("n", field.key, field.words))
            tokens += [value_token(self.slots, value) for value in field.values]
        return tokens

    def _most_relevant(self, fields: list[AnswerField]) -> list[AnswerField]:
        """At most as many fields as fit: those that the user asked about, then the first ones."""
        if len(fields) <= _MAX_FIELDS:
            return fields
        names = name_phrases([(field.words, field.key) for field in fields])
        asked = {piece.key for piece in segment(" ".join(self._request), names, {})}
        ranked = sorted(
            range(len(fields)), key=lambda index: (fields[index].key not in asked, index)
        )
        return [fields[index] for index in sorted(ranked[:_MAX_FIELDS])]

    def _all_answer_fields(self) -> list[AnswerField]:
        return list(chain.from_iterable(self._answers))

    def _fields_asked(self, text: str) -> list[str]:
        """The function words in a text, and the slots of the answers' fields that it names."""
        fields = self._all_answer_fields()
        names = dict(name_phrases([(field.words, field.key) for field in fields]))
        if any(field.key == "id" for field in fields):
            for first, second in pairwise(phrase(text)):
                if second in _ID_WORDS and (second,) not in names:
                    names.setdefault((first, second), "id")
        asked = [
            self._token(piece)
            for piece in segment(text, names, {})
            if piece.kind == "name" or (piece.kind == "fixed" and piece.key not in (",", ":", ";"))
        ]
        # What the user gave is not what the user wants to know.
        given = {pair.name for pair in chain.from_iterable(self._given)}
        return [token for token in asked if token not in given]

    def _encode_reply(self, text: str) -> list[str]:
        if declines(text):
            return [v.CANNOT]
        # A question back: of its words only the names of arguments are kept.
        if "?" in text:
            pieces = segment(text, self.tools.names, {})
            names = [self._token(piece) for piece in pieces if piece.kind == "name"]
            return [v.ASK, *dict.fromkeys(names)]
        said_by_user = {token for role, tokens in self.turns if role == "user" for token in tokens}
        fields = self._all_answer_fields()
        if facts := encode_facts(text, fields, self._asked, said_by_user, self.slots):
            return [v.TELL, *facts]
        spoken = normalize(text)
        leaves_it = "leave it" in spoken or "dropped" in spoken
        return [v.LEAVE if leaves_it else v.DONE]


def _text(message: ChatMessage) -> str:
    return str(message.get("content") or "")
