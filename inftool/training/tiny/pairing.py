"""Wishes put in order by rule: each name directly before its value, and nothing between two pairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from inftool.training.tiny import vocabulary as v

_BETWEEN = frozenset(["is", "are", "to", "should", "be", "has", "have", ":", v.OTHER, "the", "with", "as", ",", "put", "switched"])
_LEADING = frozenset([".", "use", "put", "set", "make", "change", "the", "and", ",", "a", "an", "only", "those", "with", "i", "need", "ones"])


def paired(tokens: Sequence[str]) -> list[str]:
    """A wish with each name directly before its value, whichever way round it was said ("use 7 as the limit", "the limit should be 7"), and nothing between two pairs."""
    found: list[str] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        after = list(tokens[at + 1 : at + 4])
        if _valued(token) and after[:1] in (["as"], ["for"]) and (named := after[1:] if after[1:2] != ["the"] else after[2:]) and _naming(named[0]):
            found += [named[0], token]
            at += 1 + after.index(named[0]) + 1
        elif token in (v.YES, v.NO) and (named := after[1:] if after[:1] == ["to"] else after) and v.is_slot(named[0], "n"):
            # "no newsletter", "yes to marketing"; what follows is not its value.
            found += [named[0], token]
            at += 1 + after.index(named[0]) + 1
        elif _naming(token):
            end = at + 1
            while end < len(tokens) and end < at + 5 and tokens[end] in _BETWEEN:
                end += 1
            found.append(token)
            at = end if end < len(tokens) and _valued(tokens[end]) else at + 1
        else:
            found.append(token)
            at += 1
    return _bare(found)


def _bare(tokens: Sequence[str]) -> list[str]:
    """Pairs without what only leads from one to the next."""
    found: list[str] = []
    for index, token in enumerate(tokens):
        if token in _LEADING:
            rest = [item for item in tokens[index + 1 : index + 10] if item not in _LEADING]
            if found and _valued(found[-1]) and len(rest) > 1 and ((_naming(rest[0]) and _valued(rest[1])) or _valued(rest[0])):
                continue
        found.append(token)
    return found


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
