"""Prose of a spec -> prose that a model can use: no markup, no walls of text."""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape

# Tags are matched up to a length, so that a stray `<` does not make a match slow.
_BLOCK_TAG = re.compile(
    r"</?(?:p|br|div|ul|ol|table|tr|h[1-6]|pre|blockquote|section|hr)\b[^>]{0,500}>", re.IGNORECASE
)
_ITEM_TAG = re.compile(r"<li\b[^>]{0,500}>", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:a|b|i|em|strong|code|span|sup|sub|small|font|img|td|th|tbody|thead|li|u|tt|kbd|details"
    r"|summary|center|dl|dt|dd|var)\b[^>]{0,500}>",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_LINK = re.compile(r"!?\[([^\[\]]{0,300})\]\((?:[^()\s]{0,2000})\)")
_SPACES = re.compile(r"[ \t\u00a0]+")
_BLANK_LINES = re.compile(r"\s*\n\s*\n\s*(?:\n\s*)*")
_SENTENCE_END = re.compile(r"[.!?](?=\s)")
# Markup takes at most some nine tenths of a text, so that this many times the limit is enough.
_READ_AHEAD = 20


def words(text: str) -> frozenset[str]:
    """The words of a text: a readable way to write a set of keywords."""
    return frozenset(text.split())


def as_text(value: object) -> str:
    """Prose that may have been written as a number or as a list of lines: 1.2 -> "1.2"."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "\n".join(value)
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else ""


@lru_cache(maxsize=16384)
def clean(text: str, limit: int) -> str:
    """The text without HTML, links and blank lines, cut to at most `limit` characters.

    "See <b>[the docs](https://x.y)</b> &amp; more" -> "See the docs & more"
    """
    # What is cut off need not be cleaned: some descriptions are whole books.
    text = text[: limit * _READ_AHEAD]
    # Looking for a character is much faster than trying to match, and most texts have none.
    if "<" in text:
        text = _COMMENT.sub("", text)
        text = _TAG.sub("", _ITEM_TAG.sub("\n- ", _BLOCK_TAG.sub("\n", text)))
    if "](" in text:
        text = _LINK.sub(r"\1", text)
    if "&" in text:
        text = unescape(text)
    text = _SPACES.sub(" ", text).strip()
    text = "\n".join(line.strip() for line in _BLANK_LINES.sub("\n", text).split("\n")).strip()
    return shorten(text, limit)


def shorten(text: str, limit: int) -> str:
    """The text cut to at most `limit` characters.

    Behind a sentence or a line if that leaves half of the limit, else behind a word, with an
    ellipsis.
    """
    if len(text) <= limit:
        return text
    head = text[:limit]
    ends = [match.end() for match in _SENTENCE_END.finditer(head)]
    end = max(ends[-1] if ends else 0, head.rfind("\n"))
    if end >= limit // 2:
        return head[:end].rstrip()
    space = head.rfind(" ", 0, limit - 1)
    return head[: space if space > limit // 2 else limit - 1].rstrip() + "…"
