"""What entities are called, and what people write about them."""

from __future__ import annotations

import random
from collections.abc import Callable

from inftool.language.identifiers import singular, split
from inftool.world.lexicon import vocabulary
from inftool.world.lexicon.word_groups import word_sets
from inftool.world.sampling.named_values.facts import Facts

_WORDS = word_sets("entity_name")


def own_name(facts: Facts) -> str:
    """What the object of some facts is called; the same on every call."""
    if facts.own_name is None:
        facts.own_name = entity_name(facts.noun, facts)
    return facts.own_name


def slug(text: str) -> str:
    """A text as part of a URL: "Blue Lamp" -> "blue-lamp"."""
    return "-".join(split(text)) or "item"


def _book_title(facts: Facts) -> str:
    rng = facts.rng
    form = rng.randrange(6)
    adjective, noun = rng.choice(vocabulary.ADJECTIVES), rng.choice(vocabulary.NOUNS)
    other_noun = rng.choice([item for item in vocabulary.NOUNS if item != noun])
    # All forms are made, so that every title takes the same number of draws.
    return (
        f"The {adjective} {noun}",
        f"A {noun} in {facts.place('title').city}",
        f"{adjective} {noun}",
        f"The {noun} and the {other_noun}",
        f"{noun} of {other_noun}s",
        f"The Last {noun}",
    )[form]


def _one_of(kind: str) -> Callable[[Facts], str]:
    return lambda facts: facts.rng.choice(vocabulary.THINGS[kind])


# The first group that holds a word of the noun makes the name.
_MAKERS: tuple[tuple[frozenset[str], Callable[[Facts], str]], ...] = (
    (vocabulary.PERSON_NOUNS, Facts.full_name),
    (_WORDS["book"], _book_title),
    (_WORDS["clinic"], _one_of("clinic")),
    (vocabulary.COMPANY_NOUNS, Facts.company),
    (_WORDS["review"], _one_of("review")),
    # An address is called after the person who lives there.
    (_WORDS["addressee"], Facts.full_name),
    (_WORDS["airport"], lambda facts: facts.place().airport_name),
    (vocabulary.PLACE_NOUNS, lambda facts: facts.place().city),
)


def _name_by_word(word: str, facts: Facts) -> str | None:
    """A name for what a single word stands for, or None if the word is unknown."""
    for words, make in _MAKERS:
        if word in words:
            return make(facts)
    names = vocabulary.names_of(word)
    if names is not None:
        return facts.rng.choice(names)
    if word in _WORDS["product"]:
        return f"{facts.rng.choice(vocabulary.MATERIALS)} {facts.rng.choice(vocabulary.GOODS)}"
    return None


def entity_name(noun: tuple[str, ...], facts: Facts) -> str:
    """A name for an entity of some kind: `("gift", "product")` -> "Oak Lamp".

    The last word of the noun decides, or the nearest one before it that is known; for an unknown
    noun the name is an adjective and a noun.
    """
    for word in reversed(noun):
        name = _name_by_word(singular(word), facts)
        if name is not None:
            return name
    return f"{facts.rng.choice(vocabulary.ADJECTIVES)} {facts.rng.choice(vocabulary.NOUNS)}"


def _topic(noun: tuple[str, ...]) -> str:
    # Tracking events have their own sentences: "Left the depot".
    words = set(noun)
    if words & _WORDS["parcel"] and words & _WORDS["parcel_event"]:
        return "parcel"
    topics = (vocabulary.SENTENCE_OF.get(singular(word)) for word in reversed(noun))
    return next((topic for topic in topics if topic is not None), "general")


def sentence(noun: tuple[str, ...], rng: random.Random, topic: str = "") -> str:
    """A sentence that fits an entity of some kind; `topic`, a key of SENTENCES, overrules it."""
    return rng.choice(vocabulary.SENTENCES[topic or _topic(noun)])
