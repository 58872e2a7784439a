"""Prose of a spec -> prose that a model can use: no markup, no walls of text."""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape

_BLOCK_TAG = re.compile(
    r"</?(?:p|br|div|ul|ol|table|tr|h[1-6]|pre|blockquote|section|hr)\b[^>]{0,500}>", re.IGNORECASE
)
_ITEM_TAG = re.compile(r"<li\b[^>]{0,500}>", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:a|b|i|em|strong|code|span|sup|sub|small|font|img|td|th|tbody|thead|li|u|tt|kbd|details|summary|center|dl|dt|dd|var)\b[^>]{0,500}>",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_LINK = re.compile(r"!?\[([^\[\]]{0,300})\]\((?:[^()\s]{0,2000})\)")
_SPACES = re.compile(r"[ \t\u00a0]+")
_LINES = re.compile(r"\s*\n\s*\n\s*(?:\n\s*)*")
_SENTENCE = re.compile(r"[.!?](?=\s)")


def words(text: str) -> frozenset[str]:
    """The words of a text, for lists of them that should stay readable."""
    return frozenset(text.split())


@lru_cache(maxsize=16384)
def clean(text: str, limit: int) -> str:
    """The text without markup, at most `limit` characters, cut behind a sentence where there is one."""
    # What will be cut need not be cleaned: some descriptions are whole books.
    text = text[: limit * 20]
    if "<" in text:
        text = _COMMENT.sub("", text)
        text = _TAG.sub("", _ITEM_TAG.sub("\n- ", _BLOCK_TAG.sub("\n", text)))
    if "](" in text:
        text = _LINK.sub(r"\1", text)
    if "&" in text:
        text = unescape(text)
    text = _SPACES.sub(" ", text).strip()
    text = "\n".join(line.strip() for line in _LINES.sub("\n", text).split("\n")).strip()
    return shorten(text, limit)


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters: whole sentences where they fill half of it, else whole words and an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[:limit]
    ends = [match.end() for match in _SENTENCE.finditer(head)]
    newline = head.rfind("\n")
    end = max(ends[-1] if ends else 0, newline)
    if end >= limit // 2:
        return head[:end].rstrip()
    space = head.rfind(" ", 0, limit - 1)
    return head[: space if space > limit // 2 else limit - 1].rstrip() + "…"
