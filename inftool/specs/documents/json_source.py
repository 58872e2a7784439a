"""JSON text -> data, with the line of any pointer.

The first levels are read in Python, which notes where each member begins. What is deeper is read
by the C scanner, and is located only when its line is asked for.
"""

from __future__ import annotations

import json
import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from json.decoder import scanstring  # type: ignore[attr-defined]

from inftool.specs.documents.errors import NestedTooDeeply, UnreadableText

_SPACE = re.compile(r"[ \t\n\r]*")
_KEY = re.compile(r'(?<!\\)"[ \t\n\r]*:')
_NEWLINE = re.compile(r"\n")
# `paths` / a path / a method: the levels that lines are asked for in every document.
_EAGER_LEVELS = 3
# Characters that keys are counted in at a time.
_PIECE = 1 << 20
_Positions = dict[str, tuple[int, int]]
"""Key or index -> position of the key and of the value in the text; for an item of an array both
are the position of the value."""
_Scan = Callable[[str, int], tuple[object, int]]
"""The C scanner: text, position -> the value there and the position after it."""


def _count_keys(data: object) -> int:
    """The number of keys in all objects of a value."""
    count = 0
    stack = [data]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            count += len(value)
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
    return count


def _estimate_keys(text: str) -> int:
    """The number of keys that a JSON text seems to have.

    A string such as `a":` inside a string can make it wrong, which only costs a second reading.
    """
    count = start = 0
    while start < len(text):
        # A piece at a time: the matches of a whole text would take more memory than the text.
        end = text.find("\n", start + _PIECE) if len(text) - start > _PIECE else -1
        end = len(text) if end < 0 else end
        count += len(_KEY.findall(text, start, end))
        start = end
    return count


class JsonText:
    """A JSON text, parsed. Raises UnreadableText, with the line, if it is invalid."""

    data: object
    """The value of the text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.duplicates: list[tuple[dict[str, object], str]] = []
        """(object, key) of every key that is written twice in its object."""
        self.constants = 0
        """How many times NaN or Infinity is written, which JSON does not have."""
        self._root: int | None = None
        self._children: dict[int, _Positions] = {}
        self._newlines: array[int] | None = None
        decoder = json.JSONDecoder(parse_constant=self._constant, strict=False)
        self._scan: _Scan = decoder.scan_once  # type: ignore[attr-defined]
        end = self._read()
        rest = self._skip(end)
        if rest != len(text) and not self._read_more_lines(end, rest):
            raise UnreadableText(
                "not valid JSON: text after the end of the document", line=self._line_at(rest)
            )

    def _read(self) -> int:
        """Read the first value of the text into `data`; the position after it."""
        try:
            self.data, end = self._value(self._skip(0), _EAGER_LEVELS)
            # Looking for duplicates at every object takes longer than all the rest of parsing:
            # it is done only if the number of keys does not add up.
            if _count_keys(self.data) != _estimate_keys(self.text):
                exact = json.JSONDecoder(
                    object_pairs_hook=self._object, parse_constant=self._constant, strict=False
                )
                self._scan = exact.scan_once  # type: ignore[attr-defined]
                self.constants, self.duplicates = 0, []
                self.data, end = self._value(self._skip(0), _EAGER_LEVELS)
        except json.JSONDecodeError as error:
            raise UnreadableText(f"not valid JSON: {error.msg}", line=error.lineno) from error
        except StopIteration as error:
            line = self._line_at(int(error.value or 0))
            raise UnreadableText("not valid JSON: a value is expected", line=line) from error
        except RecursionError as error:
            raise NestedTooDeeply(
                "nested too deeply",
                hint="InfTool reads documents nested up to a few hundred levels.",
            ) from error
        except ValueError as error:
            raise UnreadableText(f"not valid JSON: {error}") from error
        return end

    def _read_more_lines(self, end: int, rest: int) -> bool:
        """Read JSON lines (one value a line) as one array; False if the text is something else.

        BFCL has JSON lines in files whose names end in `.json`.
        """
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
        # No position of the text, as there are no brackets around the lines.
        self._root = -1
        self._children[-1] = children
        return True

    def line(self, tokens: Sequence[str]) -> int:
        """The 1-based line where the value at `tokens` begins; for a member, where its key does.

        The line of the nearest parent if the value does not exist.
        """
        position = self._skip(0)
        value_at = position if self._root is None else self._root
        for token in tokens:
            children = self._children_of(value_at)
            if token not in children:
                break
            position, value_at = children[token]
        return self._line_at(position)

    def _object(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        members = dict(pairs)
        if len(members) != len(pairs):
            seen: set[str] = set()
            for key, _ in pairs:
                if key in seen:
                    self.duplicates.append((members, key))
                seen.add(key)
        return members

    def _constant(self, _: str) -> None:
        # Null is the JSON value that is nearest to NaN and Infinity.
        self.constants += 1

    def _skip(self, position: int) -> int:
        """The position of the next character that is not white space."""
        match = _SPACE.match(self.text, position)
        return match.end() if match else position

    def _value(self, at: int, levels: int) -> tuple[object, int]:
        """The value at a position and the position after it; `levels` of objects are noted."""
        if levels and self.text[at : at + 1] == "{":
            pairs: list[tuple[str, object]] = []
            children: _Positions = {}
            end = self._members(at, children, lambda start: self._value(start, levels - 1), pairs)
            self._children[at] = children
            return self._object(pairs), end
        return self._scan(self.text, at)

    def _members(
        self,
        at: int,
        children: _Positions,
        read: Callable[[int], tuple[object, int]],
        pairs: list[tuple[str, object]],
    ) -> int:
        """Read the members of the object at a position into `children` and `pairs`.

        `read` reads the value of a member. Returns the position after the object.
        """
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
            # The key is where an editor should go; the value is where its children begin.
            start = self._skip(colon + 1)
            value, end = read(start)
            children[key] = (position, start)
            pairs.append((key, value))
            position = self._skip(end)
            delimiter = text[position : position + 1]
            if delimiter == "}":
                return position + 1
            if delimiter != ",":
                raise json.JSONDecodeError("',' or '}' is expected", text, position)
            position = self._skip(position + 1)

    def _children_of(self, at: int) -> _Positions:
        """The positions of the children of the value at a position, found at the first call."""
        children = self._children.get(at)
        if children is not None:
            return children
        children = {}
        opening = self.text[at : at + 1]
        if opening == "{":
            self._members(at, children, lambda start: self._scan(self.text, start), [])
        elif opening == "[":
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
            # Found once, when the first line is asked for; then a line is a binary search.
            self._newlines = array("L", (match.start() for match in _NEWLINE.finditer(self.text)))
        return bisect_right(self._newlines, position - 1) + 1 if position else 1
