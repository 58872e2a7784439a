"""YAML text -> data, with the line of any pointer.

Built from libyaml's events, so that neither deep nesting nor aliases can exhaust the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import yaml

from inftool.specs.documents.errors import UnreadableText
from inftool.specs.documents.yaml_scalars import CONSTANTS, FIRST_OF_NUMBERS, key_text, number

# Far above what people write; whoever walks the data later may do so by recursion.
MAX_DEPTH = 200
# Values that a text may expand to through aliases: above any description written by people,
# while a "billion laughs" text passes any limit within a few lines.
MAX_EXPANSION = 2_000_000
# Characters of a scalar that count as one more value of the expansion.
_CHARACTERS_PER_VALUE = 256
_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STANDARD_TAGS = "tag:yaml.org,2002:"
_NUMBER_TAGS = frozenset({"int", "float", "bool", "null"})


@dataclass(slots=True)
class _Sequence:
    """A sequence that is being read."""

    anchor: str | None
    line: int
    value: list[object] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    """The line of each item."""
    weight: int = 1
    """How many values the sequence expands to so far, itself included."""


@dataclass(slots=True)
class _Mapping:
    """A mapping that is being read."""

    anchor: str | None
    line: int
    value: dict[str, object] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    """The line of each key."""
    weight: int = 1
    """How many values the mapping expands to so far, itself included."""
    key: str | None = None
    """The key whose value comes next; None if a key comes next."""
    key_line: int = 0
    merges: list[object] | None = None
    """The values of `<<`, whose members are added when the mapping ends."""


_Container = _Mapping | _Sequence


class YamlText:
    """A YAML text, parsed.

    Raises UnreadableText on anything that is not YAML, on too many aliases and on deep nesting.
    """

    data: object
    """The value of the text."""

    def __init__(self, text: str) -> None:
        self.duplicates: list[tuple[int, str]] = []
        """(line, key) of every key that is written twice in its mapping."""
        self.odd_keys: list[tuple[int, str]] = []
        """(line, key) of every key that is not a string, such as `200` or `null`."""
        self.tags: list[tuple[int, str]] = []
        """(line, tag) of every tag that was ignored."""
        self.more_documents = False
        """Whether the text holds more than one document; only the first is read."""
        self._lines: dict[int, dict[str, int] | list[int]] = {}
        self._anchors: dict[str, tuple[object, int]] = {}
        self._open_anchors: set[str] = set()
        self.first_line = 1
        try:
            loader = _Loader(text)
            try:
                self.data = self._read(loader.get_event)
            finally:
                loader.dispose()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise UnreadableText(
                f"not valid YAML: {error.problem or error.context}",
                line=mark.line + 1 if mark else 1,
            ) from error
        except yaml.YAMLError as error:
            raise UnreadableText(f"not valid YAML: {error}") from error

    def line(self, tokens: Sequence[str]) -> int:
        """The 1-based line where the value at `tokens` begins; for a member, where its key does.

        The line of the nearest parent if the value does not exist.
        """
        line, value = self.first_line, self.data
        for token in tokens:
            lines = self._lines.get(id(value))
            if isinstance(value, dict) and token in value:
                line = lines[token] if isinstance(lines, dict) and lines else line
                value = value[token]
            elif isinstance(value, list) and token.isdecimal() and int(token) < len(value):
                line = lines[int(token)] if isinstance(lines, list) and lines else line
                value = value[int(token)]
            else:
                break
        return line

    def _read(self, get_event: Callable[[], yaml.Event]) -> object:
        """The value of the first document, out of the events of the text."""
        stack: list[_Container] = []
        result: object = None
        documents = 0
        while True:
            event = get_event()
            if isinstance(event, yaml.ScalarEvent):
                value, line, weight = self._scalar_value(event, stack)
            elif isinstance(event, yaml.CollectionStartEvent):
                stack.append(self._start(event, len(stack)))
                continue
            elif isinstance(event, yaml.CollectionEndEvent):
                done = stack.pop()
                value, weight, line = self._finish(done), done.weight, done.line
            elif isinstance(event, yaml.AliasEvent):
                value, weight = self._alias(event)
                line = _line(event)
            elif isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.more_documents = True
                    return result
                continue
            elif isinstance(event, yaml.StreamEndEvent):
                return result
            else:
                continue
            if stack:
                self._put(stack[-1], value, line, weight)
            else:
                result, self.first_line = value, line

    def _scalar_value(
        self, event: yaml.ScalarEvent, stack: list[_Container]
    ) -> tuple[object, int, int]:
        """The value of a scalar, its line and its weight."""
        parent = stack[-1] if stack else None
        value = self._scalar(event, isinstance(parent, _Mapping) and parent.key is None)
        weight = 1 + len(event.value) // _CHARACTERS_PER_VALUE
        if event.anchor:
            self._anchors[event.anchor] = (value, weight)
        return value, _line(event), weight

    def _start(self, event: yaml.CollectionStartEvent, depth: int) -> _Container:
        line = _line(event)
        if depth >= MAX_DEPTH:
            raise UnreadableText(f"nested more than {MAX_DEPTH} levels deep", line=line)
        if event.anchor:
            # While a container is being read, an alias to it would contain itself.
            self._open_anchors.add(event.anchor)
            self._anchors.pop(event.anchor, None)
        if event.tag and not event.tag.startswith(_STANDARD_TAGS):
            self.tags.append((line, event.tag))
        if isinstance(event, yaml.MappingStartEvent):
            return _Mapping(event.anchor, line)
        return _Sequence(event.anchor, line)

    def _alias(self, event: yaml.AliasEvent) -> tuple[object, int]:
        """The value of an alias and its weight."""
        if event.anchor in self._anchors:
            return self._anchors[event.anchor]
        line = _line(event)
        if event.anchor in self._open_anchors:
            raise UnreadableText(f"the alias *{event.anchor} contains itself", line=line)
        raise UnreadableText(f"the alias *{event.anchor} is not defined", line=line)

    def _finish(self, done: _Container) -> object:
        """The value of a container that has ended."""
        if isinstance(done, _Mapping) and done.merges:
            self._merge(done, done.merges)
        value = done.value
        self._lines[id(value)] = done.lines
        if done.anchor:
            self._open_anchors.discard(done.anchor)
            self._anchors[done.anchor] = (value, done.weight)
        return value

    def _merge(self, mapping: _Mapping, sources: list[object]) -> None:
        """Add the members that `<<` brings; what the mapping has itself stays."""
        for source in sources:
            for part in source if isinstance(source, list) else [source]:
                if not isinstance(part, dict):
                    continue
                part_lines = self._lines.get(id(part), {})
                for key, inner in part.items():
                    if key not in mapping.value:
                        own_line = part_lines.get(key, 1) if isinstance(part_lines, dict) else 1
                        mapping.value[key] = inner
                        mapping.lines[key] = mapping.lines.get("<<", own_line)
        mapping.lines.pop("<<", None)

    def _put(self, parent: _Container, value: object, line: int, weight: int) -> None:
        """Add a value to its container; in a mapping, keys and values take turns."""
        if isinstance(parent, _Sequence):
            parent.value.append(value)
            parent.lines.append(line)
        elif parent.key is None:
            if not isinstance(value, str):
                value = key_text(value)
                self.odd_keys.append((line, value))
            parent.key, parent.key_line = value, line
        else:
            self._put_member(parent, parent.key, value)
        parent.weight += weight
        if parent.weight > MAX_EXPANSION:
            raise UnreadableText(
                f"aliases expand to more than {MAX_EXPANSION:,} values",
                line=line,
                hint="Write the parts out.",
            )

    def _put_member(self, mapping: _Mapping, key: str, value: object) -> None:
        mapping.key = None
        # Merge keys are of YAML 1.1 and not in the core schema of 1.2, but much used.
        if key == "<<" and isinstance(value, (dict, list)):
            mapping.merges = [*(mapping.merges or ()), value]
            mapping.lines["<<"] = mapping.key_line
            return
        # As in JSON, the last one counts.
        if key in mapping.value:
            self.duplicates.append((mapping.key_line, key))
        mapping.value[key] = value
        mapping.lines[key] = mapping.key_line

    def _scalar(self, event: yaml.ScalarEvent, as_key: bool) -> object:
        text: str = event.value
        if event.tag and event.tag != "!":
            return self._tagged(event, text)
        if not event.implicit[0]:
            # Quoted, so it is a string whatever it looks like.
            return text
        value: object
        if text in CONSTANTS:
            value = CONSTANTS[text]
        elif text[0] not in FIRST_OF_NUMBERS:
            return text
        else:
            value = number(text)
        if as_key and not isinstance(value, str):
            # A key keeps the spelling that it has in the file: 200, 1.10, 2020-01-01, null.
            self.odd_keys.append((_line(event), text))
            return text
        return value

    def _tagged(self, event: yaml.ScalarEvent, text: str) -> object:
        """The value of a scalar with a tag: `!!str 1` is "1", `!!int "1"` is 1."""
        tag = event.tag or ""
        if tag == f"{_STANDARD_TAGS}str":
            return text
        if tag.startswith(_STANDARD_TAGS) and tag.rpartition(":")[2] in _NUMBER_TAGS:
            return CONSTANTS[text] if text in CONSTANTS else number(text)
        self.tags.append((_line(event), tag))
        return text


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark is not None else 1
