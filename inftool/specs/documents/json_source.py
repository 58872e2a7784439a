"""JSON text -> data, with the line of any pointer.

The first levels are read by hand to note where each member begins; what lies deeper is read by the C scanner and located only when asked for.
"""

from __future__ import annotations

import json
import re
from array import array
from bisect import bisect_right
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

from inftool.core.errors import SpecError

_SPACE = re.compile(r"[ \t\n\r]*")
_KEY = re.compile(r'(?<!\\)"[ \t\n\r]*:')
_NEWLINE = re.compile(r"\n")
_EAGER_LEVELS = 3
_PIECE = 1 << 20
_Children = dict[str, tuple[int, int]]


def _keys(data: Any) -> int:
    """How many keys the objects of a value have between them."""
    count = 0
    stack = [data]
    while stack:
        value = stack.pop()
        if value.__class__ is dict:
            count += len(value)
            stack.extend(value.values())
        elif value.__class__ is list:
            stack.extend(value)
    return count


def _keys_written(text: str) -> int:
    """How many keys a JSON text seems to have; now and then more or fewer than it has, which only costs time."""
    count = start = 0
    while start < len(text):
        # A piece at a time, or the matches would weigh more than the text.
        end = text.find("\n", start + _PIECE) if len(text) - start > _PIECE else -1
        end = len(text) if end < 0 else end
        count += len(_KEY.findall(text, start, end))
        start = end
    return count


class JsonText:
    """One JSON text: `data`, and where each of its parts is.

    `duplicates`: (object, key) of every key written twice. Raises SpecError on invalid JSON, with the line.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.duplicates: list[tuple[dict[str, Any], str]] = []
        self.constants = 0
        self._root: int | None = None
        self._children: dict[int, _Children] = {}
        self._newlines: array[int] | None = None
        # Looking at every object's keys costs more than all the rest of parsing: it is done only where the number of keys does not add up.
        self._scan = json.JSONDecoder(parse_constant=self._constant, strict=False).scan_once  # type: ignore[attr-defined]
        try:
            self.data, end = self._value(self._skip(0), _EAGER_LEVELS)
            if _keys(self.data) != _keys_written(text):
                exact = json.JSONDecoder(
                    object_pairs_hook=self._object, parse_constant=self._constant, strict=False
                )
                self._scan, self.constants, self.duplicates = exact.scan_once, 0, []  # type: ignore[attr-defined]
                self.data, end = self._value(self._skip(0), _EAGER_LEVELS)
        except json.JSONDecodeError as error:
            raise SpecError(f"line {error.lineno}: not valid JSON: {error.msg}") from error
        except StopIteration as error:
            raise SpecError(
                f"line {self._line_at(int(error.value or 0))}: not valid JSON: a value is expected"
            ) from error
        except RecursionError as error:
            raise SpecError(
                "nested too deeply",
                hint="InfTool reads documents nested up to a few hundred levels.",
            ) from error
        except ValueError as error:
            raise SpecError(f"not valid JSON: {error}") from error
        rest = self._skip(end)
        if rest != len(text) and not self._more_lines(end, rest):
            raise SpecError(
                f"line {self._line_at(rest)}: not valid JSON: text after the end of the document"
            )

    def _more_lines(self, end: int, rest: int) -> bool:
        """Read JSON lines, one value a line (as BFCL has them in files called .json), as one list; False where it is something else."""
        if "\n" not in self.text[end:rest]:
            return False
        first = self._skip(0)
        values, children = [self.data], {"0": (first, first)}
        try:
            while rest != len(self.text):
                value, end = self._scan(self.text, rest)
                children[str(len(values))] = (rest, rest)
                values.append(value)
                rest = self._skip(end)
        except (StopIteration, ValueError, RecursionError):
            return False
        self.data = values
        self._root = -1
        self._children[-1] = children
        return True

    def line(self, tokens: list[str]) -> int:
        """The 1-based line where the value at `tokens` begins (its key, for a member of an object); the nearest parent's if there is none."""
        position = self._skip(0)
        at = position if self._root is None else self._root
        for token in tokens:
            children = self._children_of(at)
            if token not in children:
                break
            position, at = children[token]
        return self._line_at(position)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            seen: set[str] = set()
            for key, _ in pairs:
                if key in seen:
                    self.duplicates.append((found, key))
                seen.add(key)
        return found

    def _constant(self, _: str) -> None:
        # NaN and Infinity are no JSON; null is the nearest value that is.
        self.constants += 1

    def _skip(self, position: int) -> int:
        match = _SPACE.match(self.text, position)
        return match.end() if match else position

    def _value(self, at: int, levels: int) -> tuple[Any, int]:
        if levels and self.text[at : at + 1] == "{":
            pairs: list[tuple[str, Any]] = []
            children: _Children = {}
            end = self._members(at, children, lambda start: self._value(start, levels - 1), pairs)
            self._children[at] = children
            return self._object(pairs), end
        value: tuple[Any, int] = self._scan(self.text, at)
        return value

    def _members(
        self, at: int, children: _Children, read: Any, pairs: list[tuple[str, Any]]
    ) -> int:
        text = self.text
        position = self._skip(at + 1)
        if text[position : position + 1] == "}":
            return position + 1
        while True:
            if text[position : position + 1] != '"':
                raise json.JSONDecodeError(
                    "a key in double quotes is expected", text, min(position, len(text))
                )
            key, end = scanstring(text, position + 1, False)
            colon = self._skip(end)
            if text[colon : colon + 1] != ":":
                raise json.JSONDecodeError("':' is expected after a key", text, colon)
            start = self._skip(colon + 1)
            value, end = read(start)
            children[key] = (position, start)
            pairs.append((key, value))
            position = self._skip(end)
            mark = text[position : position + 1]
            if mark == "}":
                return position + 1
            if mark != ",":
                raise json.JSONDecodeError("',' or '}' is expected", text, position)
            position = self._skip(position + 1)

    def _children_of(self, at: int) -> _Children:
        known = self._children.get(at)
        if known is not None:
            return known
        children: _Children = {}
        mark = self.text[at : at + 1]
        if mark == "{":
            self._members(at, children, lambda start: self._scan(self.text, start), [])
        elif mark == "[":
            position, index = self._skip(at + 1), 0
            while self.text[position : position + 1] not in ("]", ""):
                _, end = self._scan(self.text, position)
                children[str(index)] = (position, position)
                position, index = self._skip(end), index + 1
                if self.text[position : position + 1] == ",":
                    position = self._skip(position + 1)
        self._children[at] = children
        return children

    def _line_at(self, position: int) -> int:
        if self._newlines is None:
            self._newlines = array("L", (match.start() for match in _NEWLINE.finditer(self.text)))
        return bisect_right(self._newlines, position - 1) + 1 if position else 1
