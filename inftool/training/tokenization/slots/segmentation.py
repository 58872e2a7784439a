"""A text cut into pieces by rule: values, names that the tools or answers have, function words, and
the rest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

from inftool.training.tokenization.slots.phrases import Phrase, stem
from inftool.training.tokenization.slots.spoken_values import DATE, TIME, spoken_key, value_key
from inftool.training.tokenization.slots.vocabulary import FUNCTION_WORDS, NO, SEARCH, TITLE, YES
from inftool.training.tokenization.slots.words import WORDS

PieceKind = Literal["word", "name", "value", "fixed"]


class Piece(NamedTuple):
    """One piece of a text."""

    kind: PieceKind
    """`fixed` pieces are tokens themselves; all others are represented by a slot."""

    key: str
    """The token of a fixed piece; otherwise what it shares with everything that is the same."""

    text: str = ""
    """The piece as it stands in the text."""


class _Match(NamedTuple):
    """One stretch of the text, before it is known what it stands for."""

    kind: str
    """The group of `_PIECE` that matched; empty for one of the two marks below."""

    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


# Wordings that are replaced before the text is cut. The angle quotes mark what becomes a token.
_SEARCH_MARK, _TITLE_MARK = "\u2039search\u203a", "\u2039title\u203a"
_REPLACEMENTS = (
    # 'look for "red wine"' -> '<search> "red wine"'
    (re.compile(r"(?:look|search) for (?=\")", re.IGNORECASE), f"{_SEARCH_MARK} "),
    # 'call it "Q3 review"' -> '<title> "Q3 review"'
    (re.compile(r"(?:it goes by|call it) (?=\")", re.IGNORECASE), f"{_TITLE_MARK} "),
    # "no need to gift-wrap it" -> "without gift-wrap it"
    (
        re.compile(
            r"\b(?:no need to|don't make it|it shouldn't be|none of the|leave out the)(?= )",
            re.IGNORECASE,
        ),
        "without",
    ),
)
# The alternatives are tried in this order: a moment before the date in it, a code before a word.
_PIECE = re.compile(
    rf"{_TITLE_MARK}|{_SEARCH_MARK}"
    r'|(?P<quoted>"[^"]+")'
    r"|(?P<moment>\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}\S*[\dZ])"
    rf"|(?P<when>{DATE} at {TIME})|(?P<date>{DATE})|(?P<time>{TIME})"
    r"|(?P<address>https?://[^\s,;\"]+[^\s,;.?!\"]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    # Anything with a digit in it ("AB-12", "3,000.50", "15%"), and locales ("en-US").
    r"|(?P<code>[+-]?[\w/:#.&-]*\d[\w/:#-]*(?:[.,]\d[\w/:#-]*)*%?|[a-z]{2}-[A-Z]{2}\b)"
    r"|(?P<word>[^\W\d_][\w'-]*(?:[/_][\w'-]+)*)"
    r"|(?P<punctuation>[.,:?!;])"
)
# What is a value by its form alone, whatever the tools are.
_VALUE_KINDS = frozenset(["quoted", "moment", "when", "date", "time", "address", "code"])
_PUNCTUATION_TOKENS = {"!": ".", ";": ","}
_FUNCTION_WORDS = frozenset(FUNCTION_WORDS)


def segment(text: str, names: Mapping[Phrase, str], options: Mapping[Phrase, str]) -> list[Piece]:
    """Cut a text into pieces.

    `names` are phrases that name a parameter or a field, with the key of the name. `options` are
    phrases for listed values (of an enum), with the value. With a name "city":
    "The city is New York." -> fixed "the", name "city", fixed "is", value "new york", fixed "."
    """
    for pattern, replacement in _REPLACEMENTS:
        text = pattern.sub(replacement, text)
    return _Segmenter(text, names, options).pieces()


class _Segmenter:
    """Walks through the matches of one text; `_at` is the next one."""

    def __init__(
        self, text: str, names: Mapping[Phrase, str], options: Mapping[Phrase, str]
    ) -> None:
        self._text = text
        self._names = names
        self._options = options
        self._matches = [
            _Match(match.lastgroup or "", match[0], match.start())
            for match in _PIECE.finditer(text)
        ]
        self._stems = [
            stem(match.text) if match.kind in ("word", "code") else "" for match in self._matches
        ]
        # No phrase is looked for beyond the longest that there is.
        self._longest_phrase = max(map(len, (*names, *options)), default=0)
        self._at = 0
        self._pieces: list[Piece] = []

    def pieces(self) -> list[Piece]:
        """All pieces, in order."""
        while self._at < len(self._matches):
            piece, size = self._next()
            self._pieces.append(piece)
            self._at += size
        return self._pieces

    def _next(self) -> tuple[Piece, int]:
        """The next piece, and how many matches it takes."""
        kind, text, _ = self._matches[self._at]
        if kind == "":
            return Piece("fixed", SEARCH if "search" in text else TITLE, text), 1
        piece, size = self._phrase_here()
        # A number alone is a value, also where a parameter is called "7".
        is_bare_code = kind == "code" and size == 1 and piece is not None and piece.kind == "name"
        if piece is not None and not is_bare_code:
            return piece._replace(text=self._stretch(size)), size
        if kind in _VALUE_KINDS:
            return Piece("value", spoken_key(text), text.strip('"')), 1
        if kind == "punctuation":
            return Piece("fixed", _PUNCTUATION_TOKENS.get(text, text), text), 1
        return self._word(text)

    def _phrase_here(self) -> tuple[Piece | None, int]:
        """The name or listed value that stands here, and how many matches it takes."""
        if not self._stems[self._at]:
            return None, 0
        piece, size = self._longest_phrase_at(self._at)
        if piece is not None and piece.kind == "name" and self._follows_name():
            option = self._options.get(tuple(self._stems[self._at : self._at + size]))
            # "The role is member": a value there, even if a parameter is called "member".
            if option:
                piece = Piece("value", value_key(option))
        return piece, size

    def _longest_phrase_at(self, at: int) -> tuple[Piece | None, int]:
        # The longest first: "due date" before "date". A name goes before a listed value.
        for size in range(min(self._longest_phrase, len(self._stems) - at), 0, -1):
            stems = tuple(self._stems[at : at + size])
            if stems in self._names:
                return Piece("name", self._names[stems]), size
            if stems in self._options:
                return Piece("value", value_key(self._options[stems])), size
        return None, 0

    def _follows_name(self) -> bool:
        """Whether the last piece, "is" and the like left out, is a name."""
        linking = WORDS["linking_words"]
        last = next((piece for piece in reversed(self._pieces) if piece.key not in linking), None)
        return last is not None and last.kind == "name"

    def _word(self, text: str) -> tuple[Piece, int]:
        low = text.casefold()
        if self._switches(low):
            return Piece("fixed", YES if low in WORDS["true_words"] else NO, text), 1
        # "it's" is "it"; an abbreviation such as "IT" is no function word.
        function_word = next(
            (word for word in (low, low.split("'")[0]) if word in _FUNCTION_WORDS), None
        )
        if function_word is not None and not (len(text) > 1 and text.isupper()):
            return Piece("fixed", function_word, text), 1
        # At the start of a sentence a capital says nothing; elsewhere it makes a proper name.
        starts_sentence = not self._pieces or self._pieces[-1].key in (".", "?")
        if text[:1].isupper() and not starts_sentence and low not in WORDS["acronyms"]:
            size = self._proper_name_size()
            whole = self._stretch(size)
            return Piece("value", spoken_key(whole), whole), size
        return Piece("word", stem(text), text), 1

    def _switches(self, low: str) -> bool:
        """Whether a word says yes or no. "Turn it on." does, "on my list" does not."""
        if low not in WORDS["true_words"] and low not in WORDS["false_words"]:
            return False
        if low not in ("on", "off") or self._at + 1 == len(self._matches):
            return True
        following = self._matches[self._at + 1]
        return following.kind == "punctuation" or following.text == "and"

    def _proper_name_size(self) -> int:
        """How many capitalized words make one name of a person, a place or a thing.

        "Ada King booked" -> 2; a phrase that names a parameter ends it.
        """
        size = 1
        while self._at + size < len(self._matches):
            before, word = self._matches[self._at + size - 1], self._matches[self._at + size]
            continues = word.kind == "word" and word.text[:1].isupper()
            if not continues or word.start != before.end + 1:
                break
            if self._longest_phrase_at(self._at + size)[0] is not None:
                break
            size += 1
        return size

    def _stretch(self, size: int) -> str:
        """The text of the next `size` matches with what lies between them."""
        first, last = self._matches[self._at], self._matches[self._at + size - 1]
        return self._text[first.start : last.end]
