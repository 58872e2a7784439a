"""Sampled strings: by format, name, pattern or example, whichever is first to give a valid one."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import NamedTuple

from inftool.core.types import Schema
from inftool.language.identifiers import split
from inftool.world.lexicon.field_patterns import field_name
from inftool.world.lexicon.vocabulary import WORDS
from inftool.world.lexicon.word_groups import word_sets
from inftool.world.sampling.examples import is_code, text_examples
from inftool.world.sampling.formatted_strings import format_of, formatted_text
from inftool.world.sampling.named_values.entity_names import own_name, sentence
from inftool.world.sampling.named_values.facts import Facts
from inftool.world.sampling.named_values.machine_values import machine_text_for_name
from inftool.world.sampling.named_values.moments import (
    format_date,
    format_timestamp,
    is_temporal_name,
    plausible_moment,
)
from inftool.world.sampling.named_values.number_values import number_for_name
from inftool.world.sampling.named_values.short_codes import short_codes
from inftool.world.sampling.named_values.text_values import text_for_name
from inftool.world.sampling.regex_strings import from_pattern, matches_pattern, vary_example
from inftool.world.schema.shape import Shape, integer_keyword

_SELF_NAMED = word_sets("object")["self_named"]
_COORDINATES = word_sets("number")["coordinates"]
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d|$)")
_IPV4 = re.compile(r"\d{1,3}(\.\d{1,3}){3}$")
# The limit for schemas that set none. No sampled string comes near it.
_NO_LIMIT = 4000
# The limit for strings made from a pattern, since `.{1,}` could fill any length.
_PATTERN_LIMIT = 400
# A schema with a limit as low as this holds a code: "PT", "EUR".
_SHORTEST_WORD = 3
# Numbers from here on are more likely counts than prices, and are written without cents.
_LARGE = 10_000


class _TextField(NamedTuple):
    """The requirements of a string field."""

    name: str
    node: Schema
    """The schema of the field."""
    form: str | None
    pattern: str | None
    shortest: int
    longest: int
    examples: list[str]

    @property
    def is_free(self) -> bool:
        """Whether the schema has neither a pattern nor a format."""
        return self.pattern is None and not self.form

    def accepts(self, text: str) -> bool:
        """Whether a string satisfies the length limits and the pattern."""
        return self.shortest <= len(text) <= self.longest and (
            self.pattern is None or matches_pattern(self.pattern, text)
        )


def sample_string(shape: Shape, name: str, facts: Facts) -> str:
    """A string of a shape for a field; `facts` are those of the object that it belongs to.

    It is made by the format, an example that is a code, the field's name, the pattern, another
    example or the default, in this order. If none of these is valid, it is a word or a sentence of
    the required length, or an example that breaks its own schema.
    """
    node = shape.node
    pattern = node.get("pattern")
    field = _TextField(
        name=name,
        node=node,
        form=format_of(node.get("format")),
        pattern=pattern if isinstance(pattern, str) else None,
        shortest=integer_keyword(node, "minLength", 0),
        longest=integer_keyword(node, "maxLength", _NO_LIMIT),
        examples=text_examples(node),
    )
    for text in _candidates(field, facts):
        if text is not None and field.accepts(text):
            return text
    return _last_resort(field, facts)


def _last_resort(field: _TextField, facts: Facts) -> str:
    text = _plain_word(field.name, facts)
    if field.pattern is not None:
        return field.examples[0] if field.examples else text[: field.longest]
    # Longer strings are filled up with sentences.
    while len(text) < field.shortest:
        text = f"{text} {sentence(facts.noun, facts.rng)}"
    cut = text[: field.longest]
    return cut.rstrip() if len(cut.rstrip()) >= field.shortest else cut


def _plain_word(name: str, facts: Facts) -> str:
    """A word for a field whose name is not understood.

    A field named after its object, or in general terms (`value`, `item`), gets the object's name.
    Any other, such as `complement`, gets a random word.
    """
    parts = split(name)
    is_named = (
        not parts or parts == facts.noun or parts[-1] in facts.noun or parts[-1] in _SELF_NAMED
    )
    return own_name(facts) if is_named else facts.rng.choice(WORDS)


def _candidates(field: _TextField, facts: Facts) -> Iterator[str | None]:
    """Strings to try, best first. They are made lazily: most fields take the first."""
    # The validator checks formats, so other strings would be invalid.
    if field.form is not None:
        yield formatted_text(field.form, field.name, facts)
    default = field.node.get("default")
    # An API version other than the default would select a different API.
    if isinstance(default, str) and field_name(field.name).last == "version":
        yield default
    if field.examples and field.is_free:
        yield from _by_kind_of_example(field, facts)
    # With a pattern or a low limit, the field probably holds a code.
    if field.pattern is not None or field.longest <= _SHORTEST_WORD:
        yield from short_codes(field.name, facts, field.longest)
    yield from _by_name(field, facts)
    if field.pattern is not None:
        yield from _by_pattern(field, field.pattern, facts.rng)
    if field.examples:
        yield facts.rng.choice(field.examples)
    if isinstance(default, str):
        yield default
    yield machine_text_for_name(field.name, facts)


def _by_kind_of_example(field: _TextField, facts: Facts) -> Iterator[str | None]:
    """Strings of the kind of an example: moments, IP addresses, coordinates and codes."""
    example = field.examples[0]
    # Only the form of the example is kept: its date was chosen when the spec was written.
    if _MOMENT.match(example):
        moment = plausible_moment(split(field.name), facts)
        yield format_timestamp(moment) if "T" in example else format_date(moment)
    if _IPV4.match(example):
        yield machine_text_for_name(field.name, facts) or text_for_name(field.name, facts)
    elif field_name(field.name).last in _COORDINATES:
        yield str(number_for_name(field.name, facts, integer=False))
    if is_code(example):
        for _ in range(2):
            yield vary_example(facts.rng.choice(field.examples), facts.rng)


def _by_name(field: _TextField, facts: Facts) -> Iterator[str | None]:
    """Strings by the field's name, which may suggest a text, a number or a moment."""
    text = text_for_name(field.name, facts)
    if text is not None:
        yield from _fitted(field, text, facts)
    else:
        number = number_for_name(field.name, facts, integer=False)
        if number is not None and not field.examples:
            yield _written_number(field.name, number)
    if is_temporal_name(field.name) and (field.pattern is not None or not field.form):
        moment = plausible_moment(split(field.name), facts)
        with_time = split(field.name)[-1] in {"at", "time", "timestamp"} or (
            bool(field.examples) and "T" in field.examples[0]
        )
        yield format_timestamp(moment) if with_time else format_date(moment)


def _fitted(field: _TextField, text: str, facts: Facts) -> Iterator[str | None]:
    """A text, and variants of it for schemas whose length limits or pattern reject it."""
    yield text
    if len(text) > field.longest:
        yield text[: field.longest].rstrip()
    if field.pattern is not None or field.shortest:
        # "ann.lee" -> "ann_lee"; "Blue Lamp" -> "BlueLamp"
        yield text.replace(".", "_")
        yield text.replace(".", "").replace(" ", "")
        # With other facts the same name gives another text.
        other = Facts(noun=facts.noun, rng=facts.rng, now=facts.now, currency=facts.currency)
        yield text_for_name(field.name, other)


def _written_number(name: str, number: float) -> str:
    """A number as a string: with two decimals, except for coordinates and large numbers."""
    is_coordinate = "lat" in name or "lon" in name or "lng" in name
    if isinstance(number, float) and abs(number) < _LARGE and not is_coordinate:
        return f"{number:.2f}"
    return str(number)


def _by_pattern(field: _TextField, pattern: str, rng: random.Random) -> Iterator[str | None]:
    """Strings for a regular expression. Variations of examples come first: they look natural."""
    for _ in range(3 if field.examples else 0):
        yield vary_example(rng.choice(field.examples), rng)
    longest = min(field.longest, _PATTERN_LIMIT)
    yield from_pattern(pattern, rng, shortest=field.shortest, longest=longest)
