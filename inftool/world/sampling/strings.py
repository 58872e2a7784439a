"""Sampled texts: by format, name, pattern or example, whichever first gives a valid one."""

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
# The length of a text whose schema sets no limit; nothing that is sampled comes near.
_NO_LIMIT = 4000
# Texts by a pattern stay shorter than that: a repeat such as `.*` would else go on to the limit.
_PATTERN_LIMIT = 400
# Words do not fit into fewer letters.
_SHORTEST_WORD = 3
# Larger amounts are counts rather than prices, and are written without cents.
_LARGE = 10_000


class _TextField(NamedTuple):
    """What a text must be like."""

    name: str
    node: Schema
    """The schema of the text."""
    form: str | None
    pattern: str | None
    shortest: int
    longest: int
    examples: list[str]

    @property
    def is_free(self) -> bool:
        """Whether neither a pattern nor a format restricts the text."""
        return self.pattern is None and not self.form

    def accepts(self, text: str) -> bool:
        """Whether length and pattern admit a text."""
        return self.shortest <= len(text) <= self.longest and (
            self.pattern is None or matches_pattern(self.pattern, text)
        )


def sample_string(shape: Shape, name: str, facts: Facts) -> str:
    """A text of a shape for a field; `facts` are those of the object that it belongs to.

    In this order: by format, example of a code, name, pattern, other examples, default. If nothing
    fits, the text is as long as the schema asks, or an example.
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
    # Long texts are made of sentences.
    while len(text) < field.shortest:
        text = f"{text} {sentence(facts.noun, facts.rng)}"
    cut = text[: field.longest]
    return cut.rstrip() if len(cut.rstrip()) >= field.shortest else cut


def _plain_word(name: str, facts: Facts) -> str:
    """A text where a field's name tells nothing.

    A field that is called like its object (`item`, `value`) gets the object's name; what a
    `complement` holds is something else, and gets some word.
    """
    parts = split(name)
    is_named = (
        not parts or parts == facts.noun or parts[-1] in facts.noun or parts[-1] in _SELF_NAMED
    )
    return own_name(facts) if is_named else facts.rng.choice(WORDS)


def _candidates(field: _TextField, facts: Facts) -> Iterator[str | None]:
    """Texts to try, best first. Most fields take the first; later ones are dear to make."""
    # A format is asserted by the validator, so nothing else can be right.
    if field.form is not None:
        yield formatted_text(field.form, field.name, facts)
    default = field.node.get("default")
    # Another version than the default would ask for another API.
    if isinstance(default, str) and field_name(field.name).last == "version":
        yield default
    if field.examples and field.is_free:
        yield from _by_kind_of_example(field, facts)
    # A schema that leaves room for two or three letters wants a code.
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
    """Texts of the kind that an example shows: moments, addresses, coordinates and codes."""
    example = field.examples[0]
    # The moments of a document are long past: "2016-01-30T23:50:00Z" is only a form to follow.
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
    """Texts by what the field's name tells: a text, a number, a moment."""
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
    """A text, and what can be made of it where length or pattern refuse it."""
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
    """A number as a text: amounts in cents, coordinates and large numbers as they are."""
    is_coordinate = "lat" in name or "lon" in name or "lng" in name
    if isinstance(number, float) and abs(number) < _LARGE and not is_coordinate:
        return f"{number:.2f}"
    return str(number)


def _by_pattern(field: _TextField, pattern: str, rng: random.Random) -> Iterator[str | None]:
    """Texts for a regular expression; those made like an example look better."""
    for _ in range(3 if field.examples else 0):
        yield vary_example(rng.choice(field.examples), rng)
    longest = min(field.longest, _PATTERN_LIMIT)
    yield from_pattern(pattern, rng, shortest=field.shortest, longest=longest)
