"""YAML text -> data, with the line of any pointer, built from libyaml's events so that neither depth nor aliases can hurt.

Scalars follow YAML 1.2's core schema, as OpenAPI asks: dates, `on`, `yes` and `04109` stay the strings that they look like.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from inftool.core.errors import SpecError

MAX_DEPTH = 200
MAX_EXPANSION = 2_000_000
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Digits behind a zero (04109) are a postal code or a phone number, never a count; JSON has no such numbers either.
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,400})\Z")
_OTHER_INTEGER = re.compile(r"0(?:o[0-7]+|x[0-9a-fA-F]+)\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, Any] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_WORDS |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_FIRST = frozenset("0123456789-+.")
_STRING_TAG = "tag:yaml.org,2002:str"


@dataclass(slots=True)
class _Open:
    """A container that is being filled."""

    value: Any
    lines: Any
    anchor: str | None
    line: int
    mapping: bool
    key: str | None = None
    key_line: int = 0
    weight: int = 1
    merges: list[Any] | None = None


class YamlText:
    """One YAML text: `data`, and where each of its parts is.

    `duplicates`, `odd_keys`, `tags`: (line, text) of what the ledger should hear of. Raises SpecError on anything that is not YAML, on alias
    bombs and on deep nesting.
    """

    def __init__(self, text: str) -> None:
        self.duplicates: list[tuple[int, str]] = []
        self.odd_keys: list[tuple[int, str]] = []
        self.tags: list[tuple[int, str]] = []
        self.more_documents = False
        self._lines: dict[int, Any] = {}
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._open_anchors: set[str] = set()
        self.first_line = 1
        try:
            self.data = self._read(text)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise SpecError(
                f"line {mark.line + 1 if mark else 1}: not valid YAML: {error.problem or error.context}"
            ) from error
        except yaml.YAMLError as error:
            raise SpecError(f"not valid YAML: {error}") from error

    def line(self, tokens: list[str]) -> int:
        """The 1-based line where the value at `tokens` begins (its key, for a member of a mapping); the nearest parent's if there is none."""
        line, value = self.first_line, self.data
        for token in tokens:
            lines = self._lines.get(id(value))
            if isinstance(value, dict) and token in value:
                line, value = lines[token] if lines else line, value[token]
            elif isinstance(value, list) and token.isdecimal() and int(token) < len(value):
                line, value = lines[int(token)] if lines else line, value[int(token)]
            else:
                break
        return line

    def _read(self, text: str) -> Any:
        loader = _Loader(text)
        get_event = loader.get_event
        stack: list[_Open] = []
        result: Any = None
        documents = 0
        try:
            while True:
                event = get_event()
                kind = event.__class__
                if kind is yaml.ScalarEvent:
                    parent = stack[-1] if stack else None
                    value = self._scalar(
                        event, parent is not None and parent.mapping and parent.key is None
                    )
                    line = event.start_mark.line + 1
                    weight = 1 + len(event.value) // 256
                    if event.anchor:
                        self._anchors[event.anchor] = (value, weight)
                elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                    stack.append(self._start(event, len(stack)))
                    continue
                elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                    done = stack.pop()
                    value, weight, line = self._finish(done), done.weight, done.line
                elif kind is yaml.AliasEvent:
                    value, weight = self._alias(event)
                    line = event.start_mark.line + 1
                elif kind is yaml.DocumentStartEvent:
                    documents += 1
                    if documents > 1:
                        self.more_documents = True
                        break
                    continue
                elif kind is yaml.StreamEndEvent:
                    break
                else:
                    continue
                if not stack:
                    result, self.first_line = value, line
                    continue
                self._put(stack[-1], value, line)
                stack[-1].weight += weight
                if stack[-1].weight > MAX_EXPANSION:
                    raise SpecError(
                        f"line {line}: aliases expand to more than {MAX_EXPANSION:,} values",
                        hint="Write the parts out.",
                    )
        finally:
            loader.dispose()
        return result

    def _start(self, event: Any, depth: int) -> _Open:
        line = event.start_mark.line + 1
        if depth >= MAX_DEPTH:
            raise SpecError(f"line {line}: nested more than {MAX_DEPTH} levels deep")
        if event.anchor:
            self._open_anchors.add(event.anchor)
            self._anchors.pop(event.anchor, None)
        if event.tag and not event.tag.startswith("tag:yaml.org,2002:"):
            self.tags.append((line, event.tag))
        mapping = event.__class__ is yaml.MappingStartEvent
        return _Open({} if mapping else [], {} if mapping else [], event.anchor, line, mapping)

    def _alias(self, event: Any) -> tuple[Any, int]:
        if event.anchor in self._anchors:
            return self._anchors[event.anchor]
        line = event.start_mark.line + 1
        if event.anchor in self._open_anchors:
            raise SpecError(f"line {line}: the alias *{event.anchor} contains itself")
        raise SpecError(f"line {line}: the alias *{event.anchor} is not defined")

    def _finish(self, done: _Open) -> Any:
        value = done.value
        for source in done.merges or ():
            for part in source if isinstance(source, list) else [source]:
                if isinstance(part, dict):
                    for key, inner in part.items():
                        if key not in value:
                            value[key] = inner
                            done.lines[key] = done.lines.get(
                                "<<", self._lines.get(id(part), {}).get(key, 1)
                            )
        if done.merges:
            done.lines.pop("<<", None)
        self._lines[id(value)] = done.lines
        if done.anchor:
            self._open_anchors.discard(done.anchor)
            self._anchors[done.anchor] = (value, done.weight)
        return value

    def _put(self, parent: _Open, value: Any, line: int) -> None:
        if not parent.mapping:
            parent.value.append(value)
            parent.lines.append(line)
            return
        key = parent.key
        if key is None:
            if value.__class__ is not str:
                value = _key_text(value)
                self.odd_keys.append((line, value))
            parent.key, parent.key_line = value, line
            return
        parent.key = None
        if key == "<<" and isinstance(value, (dict, list)):
            parent.merges = [*(parent.merges or ()), value]
            parent.lines["<<"] = parent.key_line
            return
        if key in parent.value:
            self.duplicates.append((parent.key_line, key))
        parent.value[key] = value
        parent.lines[key] = parent.key_line

    def _scalar(self, event: Any, as_key: bool) -> Any:
        text: str = event.value
        if event.tag and event.tag != "!":
            return self._tagged(event, text)
        if not event.implicit[0]:
            return text
        if text in _WORDS:
            value = _WORDS[text]
        elif text[0] not in _FIRST:
            return text
        else:
            value = _number(text)
        if as_key and value.__class__ is not str:
            # A key keeps the spelling it has in the file: 200, 1.10, 2020-01-01, null.
            self.odd_keys.append((event.start_mark.line + 1, text))
            return text
        return value

    def _tagged(self, event: Any, text: str) -> Any:
        if event.tag == _STRING_TAG:
            return text
        if event.tag.startswith("tag:yaml.org,2002:") and event.tag.rpartition(":")[2] in {
            "int",
            "float",
            "bool",
            "null",
        }:
            return _WORDS[text] if text in _WORDS else _number(text)
        self.tags.append((event.start_mark.line + 1, event.tag))
        return text


def _number(text: str) -> Any:
    if _INTEGER.match(text):
        return int(text)
    if _OTHER_INTEGER.match(text):
        return int(text, 0)
    if _FLOAT.match(text):
        value = float(text)
        return value if value - value == 0 else text
    return text


def _key_text(value: Any) -> str:
    # `{id}: …` without quotes is a mapping used as a key; nearly always a path parameter's braces were meant.
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(key if inner is None else f"{key}: {inner}" for key, inner in value.items())
            + "}"
        )
    return str(value)
