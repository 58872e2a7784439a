"""What a user says, put in order by rule: the words first, then each name before its values.

"Use 7 as the limit" and "the limit should be 7" come out alike, and of a value that is corrected
("3, no, wait, 7") only the last one is kept.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from typing import NamedTuple

from inftool.training.tokenization.slots import vocabulary as v
from inftool.training.tokenization.slots.words import WORDS

_BETWEEN = WORDS["between_name_and_value"] | {v.OTHER}
_HESITATIONS = WORDS["corrections"] | WORDS["hesitations"] | {v.NO, v.OTHER}
# How many tokens a value may stand behind its name, or a correction behind the value: the longest
# that the scripted user writes, "... no, wait, make that ...", fits.
_REACH = 7


class GivenPair(NamedTuple):
    """One thing that a user gave: a name with its values."""

    position: str
    """The token that numbers it, such as `#3`."""

    name: str
    """The slot of the name; `<other>` for values that were said without a name."""

    values: list[str]


class _Aligned(NamedTuple):
    """A name with its values as found in a text."""

    name: str
    values: list[str]
    end: int
    """The index of the first token after it."""

    spoken: bool = True
    """False for values without a name, which leave no word behind."""


def align_request(tokens: Sequence[str], flags: Container[str] = (), first: int = 0) -> list[str]:
    """Put the tokens of a user's message in order.

    The result has two parts: the words, with names but without the values given for them; then
    each name with its values behind a position token, in the order said. Values without a name
    stand behind `<other>`:
    "use <v1> as the <n1>" -> "use <n1> #1 <n1> <v1>"

    `flags` are names of booleans, which mean yes where they stand alone ("it should be enabled").
    `first` is the number of pairs said in earlier messages.
    """
    words: list[str] = []
    pairs: list[list[str]] = []
    at = 0
    while at < len(tokens):
        aligned = _pair_at(tokens, at, flags)
        if aligned is None:
            words.append(tokens[at])
            at += 1
            continue
        if aligned.spoken:
            words.append(aligned.name)
        pairs.append([aligned.name, *aligned.values])
        # What corrects the value was read with it: "..., no, wait, 7" leaves no words behind.
        correction = _correction_at(tokens, aligned.end)
        at = aligned.end if correction is None else correction + 1
    return [*_collapse_other(words), *number_pairs(pairs, first)]


def number_pairs(pairs: Sequence[Sequence[str]], first: int = 0) -> Iterator[str]:
    """Names with their values, each behind its position; `first` were said before.

    [["<n1>", "<v1>"]], 2 -> "#3 <n1> <v1>". What comes after the last position shares it.
    """
    for number, pair in enumerate(pairs, first):
        yield v.POSITIONS[min(number, len(v.POSITIONS) - 1)]
        yield from pair


def read_pairs(tokens: Sequence[str]) -> list[GivenPair]:
    """The pairs in the result of `align_request`."""
    pairs: list[GivenPair] = []
    for index, token in enumerate(tokens):
        if token in v.POSITIONS:
            pairs.append(GivenPair(token, tokens[index + 1], []))
        elif pairs and tokens[index - 1] not in v.POSITIONS:
            pairs[-1].values.append(token)
    return pairs


def _pair_at(tokens: Sequence[str], at: int, flags: Container[str]) -> _Aligned | None:
    """The name with its values that begins at `at`, whichever way round they are said."""
    token, following = tokens[at], tokens[at + 1 : at + 4]
    if name := _name_after_value(token, following):
        # "<v1> as the <n1>"
        end = at + following.index(name) + 2
        return _Aligned(name, _corrected([token], tokens, end), end)
    if _is_name(token):
        if span := _values_after(tokens, at):
            # "<n1> should be <v1>, <v2> and <v3>"
            start, end = span
            values = [item for item in tokens[start:end] if _is_value(item)]
            return _Aligned(token, _corrected(values, tokens, end), end)
        if place := _word_as_value(tokens, at):
            # "the <n1> is <w1>."
            return _Aligned(token, [tokens[place]], place + 1)
    is_state = at > 0 and token in flags and tokens[at - 1] in WORDS["state_words"]
    # "it should be <n1>"; but not "with <n1> of ...", which goes on about something else.
    if is_state and following[:1] not in (["of"], ["for"]):
        return _Aligned(token, [v.YES], at + 1)
    if v.is_slot(token, "v"):
        return _Aligned(v.OTHER, _corrected([token], tokens, at + 1), at + 1, spoken=False)
    return None


def _name_after_value(token: str, following: Sequence[str]) -> str:
    """The name that stands after its value ("7 as the limit", "no newsletter"), or "" """
    if _is_value(token) and following[:1] in (["as"], ["for"]):
        rest = following[2:] if following[1:2] == ["the"] else following[1:]
    elif v.is_boolean(token):
        rest = following[1:] if following[:1] == ["to"] else following
    else:
        return ""
    return rest[0] if rest and _is_name(rest[0]) else ""


def _values_after(tokens: Sequence[str], at: int) -> tuple[int, int] | None:
    """Where the values of the name at `at` begin and end; None if none is said for it."""
    # Words of slots are skipped as well: "the limit per page should be 7".
    start = at + 1
    while start < min(len(tokens), at + _REACH) and (
        tokens[start] in _BETWEEN or v.is_slot(tokens[start], "w")
    ):
        start += 1
    if start >= len(tokens) or not _is_value(tokens[start]):
        return None
    end = start + 1
    # Yes and no come alone: nothing has two of them.
    if v.is_boolean(tokens[start]):
        return start, end
    # Several values: "a, b and c".
    while end < len(tokens):
        window = range(end, min(end + 3, len(tokens)))
        item = next((index for index in window if tokens[index] not in (",", "and")), end)
        if not v.is_slot(tokens[item], "v"):
            break
        if _name_after_value(tokens[item], tokens[item + 1 : item + 4]):
            # "the limit is 7 and 3 as the offset": the 3 belongs to what follows.
            break
        end = item + 1
    return start, end


def _word_as_value(tokens: Sequence[str], at: int) -> int:
    """The index of the word that is all that is said for the name at `at`; 0 if there is none.

    "the kind is device." -> the index of "device"
    """
    start = at + 1
    while start < len(tokens) and tokens[start] in WORDS["linking_words"]:
        start += 1
    if not at + 1 < start < len(tokens) or not v.is_slot(tokens[start], "wn"):
        return 0
    # More words after it would make it a sentence rather than a value.
    is_last = start + 1 == len(tokens) or tokens[start + 1] in (",", ".", "and")
    return start if is_last else 0


def _correction_at(tokens: Sequence[str], at: int) -> int | None:
    """The index of the value that corrects the one before `at`, as in "..., no, wait, 7"."""
    end = at
    while end < min(len(tokens), at + _REACH) and tokens[end] in _HESITATIONS:
        end += 1
    if end == len(tokens) or not _is_value(tokens[end]):
        return None
    # "3, 7" is a list; only words like "wait" or "actually" make the 7 a correction.
    corrects = any(token in WORDS["corrections"] for token in tokens[at:end])
    return end if corrects else None


def _corrected(values: list[str], tokens: Sequence[str], end: int) -> list[str]:
    """The values, the last one replaced by its correction if there is one."""
    correction = _correction_at(tokens, end)
    return values if correction is None else [*values[:-1], tokens[correction]]


def _is_value(token: str) -> bool:
    return v.is_slot(token, "v") or v.is_boolean(token)


def _is_name(token: str) -> bool:
    return v.is_slot(token, "n") or token in (v.SEARCH, v.TITLE)


def _collapse_other(tokens: Iterable[str]) -> Iterator[str]:
    """Tokens with each run of `<other>` as one."""
    previous = ""
    for token in tokens:
        if token != v.OTHER or previous != v.OTHER:
            yield token
        previous = token
