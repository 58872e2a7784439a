"""A conversation in the tiny model's vocabulary, and what the model writes as a Hermes call or words again.

Everything here is rule: which words are a value or a name, what stands in which slot, what a value is in a parameter's type. What is left to the model: whether
to call, which tool, which parameters, which value for which, what to tell, and when to stop.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import Any, NamedTuple

from inftool.core.chat import ChatMessage, ToolSpec
from inftool.core.types import JsonObject
from inftool.language.values import join, mentions, normalize, say, split_name
from inftool.training.tokenization.slots import vocabulary as v
from inftool.training.tokenization.slots.alignment import align_request, read_pairs
from inftool.training.tokenization.slots.segmentation import (
    Phrase,
    Piece,
    as_object,
    parse_moment,
    phrase,
    segment,
    spoken_key,
    value_key,
)
from inftool.training.tokenization.slots.tool_phrases import (
    MAX_COLUMNS,
    MAX_LEAVES,
    MAX_WORDS,
    AnswerField,
    ArgumentLeaf,
    answer_fields,
    argument_leaves,
    name_phrases,
    options_of,
)
from inftool.verification.checker.told_facts import declines

_SORTS: dict[str, str] = {"word": "w", "name": "n", "value": "v", "tool": "t"}


class SlotContent(NamedTuple):
    """What stands in a slot: its text, and the very value where an answer gave one."""

    said: str
    value: Any = None


class SlotConversation:
    """One conversation as tokens; the same messages give the same tokens, more messages only add to them. `read` understands what the model writes."""

    def __init__(self, messages: Sequence[ChatMessage], tools: Sequence[ToolSpec]) -> None:
        self._tools = {tool["function"]["name"]: tool for tool in tools}
        self.leaves = {name: argument_leaves(tool) for name, tool in self._tools.items()}
        every = [leaf for leaves in self.leaves.values() for leaf in leaves]
        self._names = name_phrases([(leaf.words, leaf.key) for leaf in every])
        self._options: dict[Phrase, str] = {}
        for leaf in every:
            for option in options_of(leaf):
                if parts := phrase(split_name(option)):
                    self._options.setdefault(parts, option)
        said = [
            str(message.get("content") or "") for message in messages if message["role"] == "user"
        ]
        rng = random.Random(said[0] if said else "")
        self._free = {family: rng.sample(range(size), size) for family, size in v.FAMILIES.items()}
        self._slots: dict[tuple[str, str], str] = {}
        self.bound: dict[str, SlotContent] = {}
        self._flags = {self._name(leaf) for leaf in every if leaf.schema.get("type") == "boolean"}
        self._offered = {name: self._described(tool) for name, tool in self._tools.items()}
        self._words_of_tools = {
            piece.key
            for pieces in self._offered.values()
            for piece in pieces
            if piece.kind == "word"
        }
        self._heard = {
            piece.key for piece in segment(said[0] if said else "", self._names, self._options)
        }
        self.turns: list[tuple[str, list[str]]] = []
        self._round: list[list[AnswerField]] = []
        self._wish: list[str] = []
        self._asked: list[str] = []
        self._said_pairs: list[list[tuple[str, str, list[str]]]] = []
        self._read(messages)

    # ---- tokens of what was said

    def _slot(self, family: str, key: str, said: str, value: Any = None) -> str:
        token = self._slots.get((family, key))
        if token is None:
            if not self._free[family]:
                return v.UNKNOWN
            token = self._slots[family, key] = f"<{family}{self._free[family].pop()}>"
            self.bound[token] = SlotContent(said, value)
        elif value is not None and self.bound[token].value is None:
            self.bound[token] = SlotContent(said, value)
        return token

    def _described(self, tool: ToolSpec) -> list[Piece]:
        name, summary = (
            tool["function"]["name"],
            str(tool["function"].get("description") or "").split(". ")[0],
        )
        pieces = segment(f"{split_name(name)} {summary[:1].lower()}{summary[1:]}", self._names, {})
        return list(
            {piece.key: piece for piece in pieces if piece.kind in ("word", "name")}.values()
        )[:MAX_WORDS]

    def _token(self, piece: Piece) -> str:
        if piece.kind == "word" and (
            piece.key not in self._words_of_tools or piece.key not in self._heard
        ):
            # A word that does not come twice says nothing to somebody who only sees what is the same.
            return v.OTHER
        return (
            piece.key
            if piece.kind == "fixed"
            else self._slot(_SORTS[piece.kind], piece.key, piece.said)
        )

    def _read(self, messages: Sequence[ChatMessage]) -> None:
        answering = opened = False
        for index, message in enumerate(messages):
            role = message["role"]
            if role == "user":
                text = str(message.get("content") or "")
                self._asked = [*self._asked, text] if answering else [text]
                told = align_request(
                    [self._token(piece) for piece in segment(text, self._names, self._options)],
                    self._flags,
                    sum(map(len, self._said_pairs)),
                )
                self._said_pairs.append(read_pairs(told))
                tokens = [v.USER, *told]
                tokens += [] if opened else self._offer()
                opened = True
                self._round, self._wish = [], []
                self.turns.append(("user", [*tokens, v.ASSISTANT]))
            elif role == "assistant":
                answering = not message.get("tool_calls") and "?" in str(
                    message.get("content") or ""
                )
                self.turns.append(("assistant", [*(self.written(message) or [v.UNKNOWN]), v.END]))
                if message.get("tool_calls"):
                    self._round = []
            elif role == "tool":
                if messages[index - 1]["role"] == "assistant":
                    self.turns.append(("tool", []))
                self.turns[-1][1].extend(self._answer(message.get("content")))
                if index + 1 == len(messages) or messages[index + 1]["role"] != "tool":
                    self._wish = self._wished(" ".join(self._asked))
                    self.turns[-1][1].extend([v.WISH, *self._wish, v.ASSISTANT])

    def tokens(self) -> list[str]:
        """All of it."""
        return list(chain.from_iterable(tokens for _, tokens in self.turns))

    def _offer(self) -> list[str]:
        found = [v.TOOLS]
        for name in self._tools:
            found.append(v.TOOL)
            heard = [
                self._token(piece) for piece in self._offered[name] if piece.key in self._heard
            ]
            # What was not said only counts as none, some or much.
            found += [*heard, *[v.OTHER] * min(2, len(self._offered[name]) - len(heard))]
            needed: list[str] = []
            rest: list[str] = []
            for leaf in self.leaves[name][:MAX_LEAVES]:
                token = self._name(leaf)
                if token not in needed and token not in rest:
                    (needed if leaf.required else rest).append(token)
            found += [":", *needed, ";", *rest, self._slot("t", name, name)]
        return found

    def _name(self, leaf: ArgumentLeaf) -> str:
        return self._slot("n", leaf.key, leaf.words)

    def _answer(self, content: Any) -> list[str]:
        answer = as_object(content)
        if (
            isinstance(answer, dict)
            and set(answer) >= {"status", "error"}
            and isinstance(answer["status"], int)
        ):
            return [v.FAILED]
        if isinstance(content, str) and content.startswith("Error:"):
            return [v.FAILED]
        columns = self._fitting(answer_fields(answer))
        self._round.append(columns)
        found = [v.RESULT]
        for column in columns:
            found.append(self._slot("n", column.key, column.words))
            found += [self._value(value) for value in column.values]
        return found

    def _fitting(self, columns: list[AnswerField]) -> list[AnswerField]:
        """The fields of an answer, where they are too many those that were asked about and the first of the others."""
        if len(columns) <= MAX_COLUMNS:
            return columns
        asked = {
            piece.key
            for piece in segment(
                " ".join(self._asked),
                name_phrases([(column.words, column.key) for column in columns]),
                {},
            )
        }
        chosen = sorted(
            range(len(columns)), key=lambda index: (columns[index].key not in asked, index)
        )[:MAX_COLUMNS]
        return [columns[index] for index in sorted(chosen)]

    def _value(self, value: Any) -> str:
        return (
            (v.YES if value else v.NO)
            if isinstance(value, bool)
            else self._slot("v", value_key(value), say(value), value)
        )

    def _wished(self, text: str) -> list[str]:
        columns = [column for columns in self._round for column in columns]
        names = dict(name_phrases([(column.words, column.key) for column in columns]))
        if any(column.key == "id" for column in columns):
            words = phrase(text)
            for first, second in pairwise(words):
                if second in ("id", "number", "reference") and (second,) not in names:
                    names.setdefault((first, second), "id")
        given = {name for _, name, _ in chain.from_iterable(self._said_pairs)}
        wished = [
            self._token(piece)
            for piece in segment(text, names, {})
            if piece.kind == "name" or (piece.kind == "fixed" and piece.key not in ",:;")
        ]
        # What the user gave is not what they want to know.
        return [token for token in wished if token not in given]

    # ---- tokens of what the assistant says

    def written(self, message: ChatMessage) -> list[str] | None:
        """A message of the assistant as the model would write it; None where it cannot."""
        if calls := message.get("tool_calls"):
            found: list[str] = []
            for call in calls:
                arguments = as_object(call["function"]["arguments"])
                tokens = (
                    self._call(call["function"]["name"], arguments)
                    if isinstance(arguments, dict)
                    else None
                )
                if tokens is None:
                    return None
                found += tokens
            return found
        return self._words(str(message.get("content") or ""))

    def _call(self, name: str, arguments: JsonObject) -> list[str] | None:
        if name not in self._tools:
            return None
        heard = list(chain.from_iterable(self._said_pairs))
        groups: list[tuple[int, list[str]]] = []
        left = dict(_given(arguments, ())) if arguments else {}
        for number, leaf in enumerate(self.leaves[name]):
            values = left.pop(leaf.path, None)
            if values is None:
                continue
            tokens = [self._valued(leaf, value) for value in values]
            if any(token is None for token in tokens) or (len(tokens) != 1 and not leaf.many):
                return None
            names = {pair[1] for pair in heard}
            token = next((item for item in self.known_as(leaf) if item in names), self._name(leaf))
            if self.meant(name, token) != leaf:
                token = self._name(leaf)
                if self.meant(name, token) != leaf:
                    return None
            said = [item for item in tokens if item]
            place = next((index for index, pair in enumerate(heard) if pair[1] == token), None)
            if place is None:
                # What was said without a name, or as another's.
                place = next((index for index, pair in enumerate(heard) if pair[2] == said), None)
            groups.append(
                (len(heard) + number, [token, *said])
                if place is None
                else (place, [heard[place][0], token, *said])
            )
        if left:
            return None
        return [
            v.CALL,
            self._slot("t", name, name),
            *chain.from_iterable(
                tokens for _, tokens in sorted(groups, key=lambda group: group[0])
            ),
        ]

    def known_as(self, leaf: ArgumentLeaf) -> Iterator[str]:
        """The tokens that may name a parameter."""
        yield self._name(leaf)
        if leaf.search:
            yield v.SEARCH
        if leaf.title:
            yield v.TITLE

    def meant(self, tool: str, token: str) -> ArgumentLeaf | None:
        """The parameter of a tool that a token names."""
        leaves = self.leaves[tool]
        if token == v.SEARCH:
            return next((leaf for leaf in leaves if leaf.search), None)
        if token == v.TITLE:
            return next((leaf for leaf in leaves if leaf.title), None)
        return next((leaf for leaf in leaves if self._slots.get(("n", leaf.key)) == token), None)

    def _valued(self, leaf: ArgumentLeaf, value: Any) -> str | None:
        """The slot that is this value in this parameter."""
        if isinstance(value, bool):
            return v.YES if value else v.NO
        direct = self._slots.get(("v", value_key(value)))
        if direct is not None and same(self.meaning(leaf, direct), value):
            return direct
        return next(
            (
                token
                for token in self.bound
                if v.is_slot(token, "vwn") and same(self.meaning(leaf, token), value)
            ),
            None,
        )

    def _words(self, text: str) -> list[str]:
        if declines(text):
            return [v.CANNOT]
        if "?" in text:
            names = [
                self._token(piece)
                for piece in segment(text, self._names, {})
                if piece.kind == "name"
            ]
            return [v.ASK, *dict.fromkeys(names)]
        heard = normalize(text)
        told: dict[str, list[tuple[str, str]]] = {}
        for columns in self._round:
            for column in columns:
                rows = [
                    (self._value(value), column.key)
                    for value in column.values
                    if not isinstance(value, bool) and mentions(heard, value)
                ]
                told.setdefault(self._slots.get(("n", column.key), ""), []).extend(rows)
        wished = [token for token in dict.fromkeys(self._wish) if told.get(token)]
        known = {token for role, tokens in self.turns if role == "user" for token in tokens}
        # What the user said already is not what they want to know.
        fresh = {
            token: news
            for token in wished
            if (news := [value for value, _ in told[token] if value not in known])
        }
        if fresh:
            return [
                v.TELL,
                *chain.from_iterable([token, *values] for token, values in fresh.items()),
            ]
        return [v.LEAVE] if "leave it" in heard or "dropped" in heard else [v.DONE]

    # ---- what the model wrote

    def meaning(self, leaf: ArgumentLeaf, token: str) -> Any:
        """What a slot is as a value of a parameter, by its schema; the text as it was said where nothing fits."""
        if token in (v.YES, v.NO):
            return token == v.YES
        bound = self.bound.get(token)
        if bound is None:
            return None
        kind, said = leaf.schema.get("type"), bound.said
        for option in leaf.schema.get("enum") or ():
            if option == said or (
                isinstance(option, str) and phrase(split_name(option)) == phrase(split_name(said))
            ):
                return option
        if kind in ("integer", "number"):
            if isinstance(bound.value, (int, float)):
                return bound.value
            try:
                number = float(spoken_key(said))
            except ValueError:
                return said
            return int(number) if number.is_integer() and kind == "integer" else number
        if isinstance(bound.value, str):
            return bound.value
        shape = leaf.schema.get("format")
        if shape in ("date", "date-time", "time") and (moment := parse_moment(said)):
            return f"{moment}:00Z" if shape == "date-time" and len(moment) == 16 else moment
        return str(bound.value) if bound.value is not None else said

    @staticmethod
    def is_value(token: str) -> bool:
        """Whether a token stands for a value wherever it stands."""
        return v.is_slot(token, "vw") or token in (v.YES, v.NO)

    def read(self, tokens: Sequence[str]) -> str | None:
        """What the model wrote, without the end mark, as text with Hermes calls; None where it makes no sense."""
        if not tokens:
            return None
        head, rest = tokens[0], tokens[1:]
        if head == v.CALL:
            return self._calls(tokens)
        if head in _ALONE:
            return _ALONE[head] if not rest else None
        if head == v.ASK and not rest:
            return "Could you tell me more about it?"
        if head == v.ASK and all(token in self.bound and v.is_slot(token, "n") for token in rest):
            return f"What should {join([f'the {self.bound[token].said}' for token in rest])} be?"
        if (
            head == v.TELL
            and rest
            and v.is_slot(rest[0], "n")
            and all(v.is_slot(token, "nv") and token in self.bound for token in rest)
        ):
            told = [self._told(token) for token in rest if v.is_slot(token, "v")]
            return f"Here it is: {join(told)}." if told else None
        return None

    def _told(self, token: str) -> str:
        bound = self.bound[token]
        return str(bound.value) if isinstance(bound.value, str) else bound.said

    def _calls(self, tokens: Sequence[str]) -> str | None:
        lines, at = [], 0
        while at < len(tokens):
            end = next(
                (index for index in range(at + 1, len(tokens)) if tokens[index] == v.CALL),
                len(tokens),
            )
            call = self._one(tokens[at + 1 : end])
            if call is None:
                return None
            lines.append(f"<tool_call>\n{json.dumps(call, ensure_ascii=False)}\n</tool_call>")
            at = end
        return "\n".join(lines)

    def _one(self, tokens: Sequence[str]) -> JsonObject | None:
        if not tokens or not v.is_slot(tokens[0], "t") or tokens[0] not in self.bound:
            return None
        tokens = [token for token in tokens if token not in v.PLACES]
        name, arguments, at = self.bound[tokens[0]].said, {}, 1
        while at < len(tokens):
            # What follows a name is a value, also where it is a name elsewhere ("put email for the channel").
            end = at + 2
            while end < len(tokens) and self.is_value(tokens[end]):
                end += 1
            named, values = tokens[at], tokens[at + 1 : end]
            if (
                not values
                or not (named in (v.SEARCH, v.TITLE) or v.is_slot(named, "n"))
                or any(v.is_slot(t) and t not in self.bound for t in tokens[at:end])
            ):
                return None
            leaf = self.meant(name, named)
            if leaf is None:
                # A parameter that the tool does not have: said as it is, to be refused.
                arguments[self.bound[named].said if named in self.bound else "search"] = (
                    self.bound.get(values[0], SlotContent("")).said
                )
            else:
                found = [self.meaning(leaf, value) for value in values]
                _put(arguments, leaf.path, found if leaf.many or len(found) > 1 else found[0])
            at = end
        return {"name": name, "arguments": arguments}


_ALONE = {
    v.DONE: "Done.",
    v.CANNOT: "I'm sorry, but I can't do that with the tools I have here.",
    v.LEAVE: "All right, I'll leave it as it was.",
}


def same(first: Any, second: Any) -> bool:
    """Whether two values are the same argument."""
    if isinstance(first, bool) != isinstance(second, bool):
        return False
    return bool(first == second)


def _given(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    """The leaves of some arguments by their paths, lists of plain values whole."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _given(item, (*path, key))
    elif isinstance(value, list) and value and isinstance(value[0], (dict, list)):
        if len(value) > 1:
            yield ((*path, "several"), [])
        yield from _given(value[0], (*path, "*"))
    else:
        yield path, value if isinstance(value, list) else [value]


def _put(arguments: JsonObject, path: Sequence[str], value: Any) -> None:
    home: Any = arguments
    for part, following in zip(path, [*path[1:], None], strict=True):
        fresh: Any = value if following is None else [] if following == "*" else {}
        if part == "*":
            if not home:
                home.append(fresh)
            home = home[0]
        elif following is None:
            home[part] = value
        else:
            home = home.setdefault(part, fresh)
