"""Wishes put in order by rule: what is to be done first, then each name directly before its values."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence

from inftool.training.tokenization.slots import vocabulary as v

_BETWEEN = frozenset(
    [
        "is",
        "are",
        "to",
        "should",
        "be",
        "has",
        "have",
        "at",
        ":",
        v.OTHER,
        "the",
        "a",
        "an",
        "with",
        "as",
        ",",
        "put",
        "switched",
    ]
)
_CORRECTS = frozenset(["wait", "sorry", "actually", "mean", "instead"])
_HESITATES = _CORRECTS | {v.NO, ",", "make", "that", "i", ".", v.OTHER, "it", "to", "change"}
_VERBS = frozenset(["is", "are", "should", "be", ":", "has", "have", "to"])
_STATES = frozenset(["be", "with", "only", "is", "are"])
_FARTHEST = 7


def align_request(tokens: Sequence[str], flags: Container[str] = (), first: int = 0) -> list[str]:
    """A wish in two parts: its words, with the names but without the values that were said for them; then each name with its values behind its place, in the order said. What no name
    was said for stands behind one that says nothing. `flags`: names of what is true or false, which say yes where they stand alone ("it should be enabled"); `first`: how many
    pairs were said in earlier turns.

    "Use 7 as the limit" and "the limit should be 7" are the same, and a value that is put right ("3, no, wait, 7") is the last one said.
    """
    words: list[str] = []
    pairs: list[list[str]] = []
    at = 0
    while at < len(tokens):
        token, following = tokens[at], tokens[at + 1 : at + 4]
        named = _turned(token, following)
        if named:
            size = following.index(named) + 2
            words.append(named)
            pairs.append([named, *_corrected([token], tokens, at + size)])
            at += size
        elif _naming(token) and (values := _values_after(tokens, at)):
            words.append(token)
            start, end = values
            pairs.append(
                [
                    token,
                    *_corrected([item for item in tokens[start:end] if _valued(item)], tokens, end),
                ]
            )
            at = end
        elif _naming(token) and (place := _worded(tokens, at)):
            words.append(token)
            pairs.append([token, tokens[place]])
            at = place + 1
        elif (
            token in flags
            and at
            and tokens[at - 1] in _STATES
            and following[:1] not in (["of"], ["for"])
        ):
            words.append(token)
            pairs.append([token, v.YES])
            at += 1
        elif v.is_slot(token, "v"):
            # A value that no name was said for.
            pairs.append([v.OTHER, *_corrected([token], tokens, at + 1)])
            at += 1
        else:
            words.append(token)
            at += 1
            continue
        if correction := _correction(tokens, at):
            at = correction + 1
    return [*once(words), *numbered(pairs, first)]


def numbered(pairs: Sequence[Sequence[str]], first: int = 0) -> Iterator[str]:
    """Names with their values, each behind its place; `first`: how many were said before."""
    for number, pair in enumerate(pairs, first):
        yield v.PLACES[min(number, len(v.PLACES) - 1)]
        yield from pair


def read_pairs(tokens: Sequence[str]) -> list[tuple[str, str, list[str]]]:
    """The pairs of a wish that was laid out: place, name, values."""
    found: list[tuple[str, str, list[str]]] = []
    for index, token in enumerate(tokens):
        if token in v.PLACES:
            found.append((token, tokens[index + 1], []))
        elif found and tokens[index - 1] not in v.PLACES:
            found[-1][2].append(token)
    return found


def _turned(token: str, following: Sequence[str]) -> str:
    """The name that comes after its value ("7 as the limit", "no newsletter"), empty where it does not."""
    if _valued(token) and following[:1] in (["as"], ["for"]):
        rest = following[2:] if following[1:2] == ["the"] else following[1:]
    elif token in (v.YES, v.NO):
        rest = following[1:] if following[:1] == ["to"] else following
    else:
        return ""
    return rest[0] if rest and _naming(rest[0]) else ""


def _values_after(tokens: Sequence[str], at: int) -> tuple[int, int] | None:
    """From where to where the values of the name at `at` stand; None where none is said for it."""
    start = at + 1
    while (
        start < len(tokens)
        and start < at + _FARTHEST
        and (tokens[start] in _BETWEEN or v.is_slot(tokens[start], "w"))
    ):
        start += 1
    if start >= len(tokens) or not _valued(tokens[start]):
        return None
    end = start + 1
    if tokens[start] in (v.YES, v.NO):
        return start, end
    # Several values: "a, b and c".
    while end < len(tokens):
        after = next(
            (
                index
                for index in range(end, min(end + 3, len(tokens)))
                if tokens[index] not in (",", "and")
            ),
            end,
        )
        if not v.is_slot(tokens[after], "v") or _turned(
            tokens[after], tokens[after + 1 : after + 4]
        ):
            break
        end = after + 1
    return start, end


def _worded(tokens: Sequence[str], at: int) -> int:
    """Where the word stands that is all that is said for the name at `at` ("the kind is device."); 0 where there is none."""
    start = at + 1
    while start < len(tokens) and tokens[start] in _VERBS:
        start += 1
    following = tokens[start + 1 : start + 2]
    return (
        start
        if at + 1 < start < len(tokens)
        and v.is_slot(tokens[start], "wn")
        and (not following or following[0] in (",", ".", "and"))
        else 0
    )


def _correction(tokens: Sequence[str], at: int) -> int:
    """Where the value stands that puts the one before `at` right; 0 where nothing does."""
    end = at
    while end < len(tokens) and end < at + _FARTHEST and tokens[end] in _HESITATES:
        end += 1
    put_right = (
        end < len(tokens)
        and _valued(tokens[end])
        and any(token in _CORRECTS for token in tokens[at:end])
    )
    return end if put_right else 0


def _corrected(values: list[str], tokens: Sequence[str], end: int) -> list[str]:
    found = _correction(tokens, end)
    return [*values[:-1], tokens[found]] if found else values


def _valued(token: str) -> bool:
    return v.is_slot(token, "v") or token in (v.YES, v.NO)


def _naming(token: str) -> bool:
    return v.is_slot(token, "n") or token in (v.SEARCH, v.TITLE)


def once(tokens: Iterable[str]) -> Iterator[str]:
    """Tokens, with a run of words that say nothing as one."""
    last = ""
    for token in tokens:
        if token != v.OTHER or last != v.OTHER:
            yield token
        last = token
