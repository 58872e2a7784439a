"""What the tools and the answers of a conversation can be called by: their leaves with the phrases that name them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from inftool.core.chat import ToolSpec
from inftool.core.json_schema import lookup
from inftool.core.types import JsonObject
from inftool.scenarios.wording.phrases import SEARCHES, plain_words, singular
from inftool.training.tokenization.slots.segmentation import Phrase, phrase

Path = tuple[str, ...]
_TAILS = frozenset(["id", "number", "reference", "code", "key", "uuid", "no"])
_LOW, _HIGH = ("no earlier than", "at least"), ("no later than", "at most")
_ENDS = {
    **dict.fromkeys(("from", "after", "since", "min", "minimum", "start", "earliest"), _LOW),
    **dict.fromkeys(("to", "before", "until", "max", "maximum", "end", "latest"), _HIGH),
}
_TITLES = frozenset(
    [
        "title",
        "name",
        "label",
        "heading",
        "headline",
        "subject",
        "displayname",
        "fullname",
        "nickname",
    ]
)
_WRAPPERS = frozenset(["body", "data", "payload", "request", "input", "attributes", "requestbody"])
MAX_ROWS, MAX_COLUMNS, MAX_WORDS, MAX_LEAVES = 8, 18, 9, 14


class ArgumentLeaf(NamedTuple):
    """One argument that a tool takes: its path (`*` for an item of a list), its schema, whether it is a list of plain values, and whether it is required."""

    path: Path
    schema: JsonObject
    many: bool
    required: bool
    words: str
    key: str

    @property
    def search(self) -> bool:
        """Whether it holds what is looked for."""
        return self.words.lower() in SEARCHES

    @property
    def title(self) -> bool:
        """Whether it is what something goes by."""
        return len(self.path) == 1 and self.path[0].replace("_", "").lower() in _TITLES


def name_wordings(words: str) -> tuple[str, tuple[str, ...]]:
    """The key of a name, and the wordings that it goes by: a flight ID is the flight, too."""
    parts = words.split()
    short = parts[:-1] if len(parts) > 1 and parts[-1].lower() in _TAILS else parts
    key = " ".join(phrase(" ".join(short)))
    bare = words.removeprefix("is ").removeprefix("has ")
    inner, _, outer = words.partition(" of the ")
    turned = (f"{outer} {inner}", inner, *_shortly(outer, inner)) if outer else ()
    return key, tuple(
        dict.fromkeys(
            (
                words,
                bare,
                *turned,
                *_bounded(words),
                " ".join(short),
                f"{' '.join(short)} number" if short != parts else bare,
            )
        )
    )


def _bounded(words: str) -> Iterator[str]:
    """How one end of a range is said: "placed from" is "placed no earlier than"."""
    parts = words.split()
    for place, rest in ((0, parts[1:]), (-1, parts[:-1])):
        end = parts[place].lower()
        if rest and end in _ENDS:
            yield from (
                f"{' '.join(rest)} {verb}{said}"
                for said in _ENDS[end]
                for verb in ("", "should be ")
            )


def _shortly(outer: str, inner: str) -> Iterator[str]:
    """The device ID of an action is the action device, the value of a check the check."""
    *rest, last = inner.split()
    if last.lower() in _TAILS and rest:
        yield f"{outer} {' '.join(rest)}"
    if inner in ("value", "amount", "name"):
        yield outer


def argument_leaves(tool: ToolSpec) -> list[ArgumentLeaf]:
    """The arguments of a tool in the OpenAI chat format, required ones first."""
    schema = tool["function"].get("parameters") or {}
    found = list(_walk(schema, schema, (), (), True, 0))
    return sorted(found, key=lambda leaf: not leaf.required)


def _walk(
    node: Any, root: JsonObject, path: Path, names: tuple[str, ...], required: bool, depth: int
) -> Iterator[ArgumentLeaf]:
    node = plain(node, root)
    if depth > 5:
        return
    if properties := node.get("properties"):
        needed = set(node.get("required") or ())
        for key, inner in properties.items():
            yield from _walk(
                inner,
                root,
                (*path, key),
                (*names, plain_words(key)),
                required and key in needed,
                depth + 1,
            )
    elif node.get("type") == "array" and (
        plain(node.get("items"), root).get("properties")
        or plain(node.get("items"), root).get("type") == "array"
    ):
        yield from _walk(
            node["items"],
            root,
            (*path, "*"),
            (*names[:-1], singular(names[-1])) if names else names,
            required,
            depth + 1,
        )
    elif path:
        many = node.get("type") == "array"
        words = path_words(names)
        yield ArgumentLeaf(
            path,
            plain(node.get("items"), root) if many else node,
            many,
            required,
            words,
            name_wordings(words)[0],
        )


def path_words(names: Sequence[str]) -> str:
    """Names from the outermost in, as people say them: the innermost first."""
    inner = (names[1:] if len(names) > 1 and names[0] in _WRAPPERS else names)[-2:]
    return " of the ".join(reversed(inner))


def plain(node: Any, root: JsonObject) -> JsonObject:
    """A schema with its reference followed and the first of its alternatives that says something taken."""
    for _ in range(8):
        if not isinstance(node, dict):
            return {}
        if isinstance(ref := node.get("$ref"), str) and ref.startswith("#/"):
            node = lookup(root, ref)
            continue
        options = [
            item
            for key in ("anyOf", "oneOf", "allOf")
            for item in node.get(key) or ()
            if isinstance(item, dict) and item.get("type") != "null"
        ]
        if (
            options
            and not node.get("properties")
            and "enum" not in node
            and node.get("type") in (None, "object")
        ):
            node = options[0]
            continue
        kind = node.get("type")
        return (
            {**node, "type": next((item for item in kind if item != "null"), "null")}
            if isinstance(kind, list)
            else node
        )
    return {}


def options_of(leaf: ArgumentLeaf) -> list[Any]:
    """The listed values of a leaf."""
    return [item for item in leaf.schema.get("enum") or () if isinstance(item, str)]


class AnswerField(NamedTuple):
    """One field of an answer with its values, row by row."""

    words: str
    key: str
    values: tuple[Any, ...]


def answer_fields(answer: Any) -> list[AnswerField]:
    """An answer by its fields: those of its rows where it lists things, its own otherwise."""
    rows = _rows(answer)
    found: dict[tuple[str, ...], list[Any]] = {}
    for row in rows[:MAX_ROWS]:
        for path, value in _fields(row, ()):
            found.setdefault(path, []).append(value)
    columns = []
    for path, values in found.items():
        words = path_words(path) if path else "value"
        columns.append(AnswerField(words, name_wordings(words)[0], tuple(values[:MAX_ROWS])))
    return columns


def _rows(answer: Any) -> list[Any]:
    if isinstance(answer, list):
        return answer
    if isinstance(answer, dict):
        lists = [(key, value) for key, value in answer.items() if isinstance(value, list)]
        own = {
            key
            for key in answer
            if key.lower() == "id"
            or key.lower().endswith(("_id", "reference", "createdat", "created_at", "Id"))
        }
        if (
            len(lists) == 1
            and not own
            and len(answer) <= 4
            and all(isinstance(item, dict) for item in lists[0][1])
        ):
            return lists[0][1]
        if len(answer) == 1 and isinstance(inner := next(iter(answer.values())), dict):
            return [inner]
        return [answer]
    return [answer]


def _fields(row: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(row, dict) and len(path) < 3:
        for key, value in row.items():
            yield from _fields(value, (*path, plain_words(key)))
    elif isinstance(row, list) and len(path) < 3:
        for item in row[:4]:
            yield from _fields(
                item, (*path[:-1], singular(path[-1])) if path and isinstance(item, dict) else path
            )
    elif row is not None and not isinstance(row, (dict, list)):
        yield path, row


def name_phrases(items: Sequence[tuple[str, str]]) -> Mapping[Phrase, str]:
    """Phrases to look for with their keys, from words and keys; a whole name goes before another's short form."""
    found: dict[Phrase, str] = {}
    for rank in range(14):
        for words, key in items:
            wordings = name_wordings(words)[1]
            if rank < len(wordings) and (parts := phrase(wordings[rank])):
                found.setdefault(parts, key)
    return found
