"""Recognizes what a field holds by its name: `billingZipCode` is a postal code.

A pattern is an entry in `field_patterns.json`. Its keys `last`, `whole`, `ending`, `any_of` and
`containing` are alternatives, of which one must hold; `also`, `without` and `max_words` must hold
as well. A pattern without any of the alternatives takes every name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from inftool.language.identifiers import singular, split
from inftool.world.lexicon.data_files import load_data

_SECTIONS: Mapping[str, Mapping[str, dict[str, Any]]] = load_data("field_patterns.json")


@dataclass(frozen=True, slots=True)
class FieldName:
    """The name of a field, taken apart."""

    words: tuple[str, ...]
    """The words in lower case: `billingZipCode` -> `("billing", "zip", "code")`."""
    last: str
    """The last word, which mostly says what the field holds; empty if the name has no words."""
    joined: str
    """The words without separators: `billingzipcode`."""
    word_set: frozenset[str]
    """The words as a set."""


@lru_cache(maxsize=16384)
def field_name(name: str) -> FieldName:
    """A field's name, taken apart."""
    words = split(name)
    last = words[-1] if words else ""
    return FieldName(words, last, "".join(words), frozenset(words))


@lru_cache(maxsize=16384)
def singular_field_name(name: str) -> FieldName:
    """A field's name, taken apart, its last word in the singular: `apiTokens` ends in `token`."""
    field = field_name(name)
    return FieldName(field.words, singular(field.last), field.joined, field.word_set)


@dataclass(frozen=True, slots=True)
class FieldPattern:
    """What a field's name must look like; see the module's docstring."""

    last: frozenset[str] = frozenset()
    """The last word is one of these."""
    whole: frozenset[str] = frozenset()
    """The joined words are one of these."""
    ending: tuple[str, ...] = ()
    """The joined words end in one of these."""
    any_of: frozenset[str] = frozenset()
    """One of the words is among these."""
    containing: tuple[str, ...] = ()
    """One of these is somewhere in the joined words."""
    also: frozenset[str] = frozenset()
    """One of these words must be there as well."""
    without: frozenset[str] = frozenset()
    """None of these words may be there."""
    max_words: int | None = None
    """The name has no more words than that."""

    def matches(self, field: FieldName) -> bool:
        """Whether a field's name is of this kind."""
        if self.max_words is not None and len(field.words) > self.max_words:
            return False
        if self.also and not self.also & field.word_set:
            return False
        if self.without & field.word_set:
            return False
        return self._matches_alternative(field)

    def _matches_alternative(self, field: FieldName) -> bool:
        if field.last in self.last or field.joined in self.whole or self.any_of & field.word_set:
            return True
        # Endings are compared without separators: "zipcode" also ends "billing_zip_code".
        if self.ending and field.joined.endswith(self.ending):
            return True
        if any(part in field.joined for part in self.containing):
            return True
        # No alternatives: any name will match.
        return not (self.last or self.whole or self.any_of or self.ending or self.containing)


def _pattern(keys: Mapping[str, Any]) -> FieldPattern:
    def words(key: str) -> frozenset[str]:
        return frozenset(keys.get(key, ()))

    return FieldPattern(
        last=words("last"),
        whole=words("whole"),
        ending=tuple(keys.get("ending", ())),
        any_of=words("any_of"),
        containing=tuple(keys.get("containing", ())),
        also=words("also"),
        without=words("without"),
        max_words=keys.get("max_words"),
    )


def field_patterns(section: str) -> dict[str, FieldPattern]:
    """The patterns in a section of the file, in its order: concept -> pattern."""
    return {concept: _pattern(keys) for concept, keys in _SECTIONS[section].items()}
