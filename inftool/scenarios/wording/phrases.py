"""Names of properties, places and values in plain words."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from functools import lru_cache

from inftool.core.json_pointer import escape, split_pointer
from inftool.language.values import say, split_name
from inftool.scenarios.wording.word_sets import WORD_MAPS, WORD_SETS

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
NAMES = WORD_SETS["name_properties"]
"""Properties that hold what a thing is called, in lower case and without separators."""
TEXTS = WORD_SETS["text_properties"]
"""Properties that hold running text: a note, a description."""
SEARCHES = WORD_SETS["search_arguments"]
"""Arguments that hold what is looked for, and no property of what is found."""
# Names around all arguments that belong to the protocol: `{"data": {...}}`.
_WRAPPERS = WORD_SETS["wrappers"]
# Names that say too little alone: the "type" of what?
_NEED_AN_OWNER = WORD_SETS["names_that_need_an_owner"]
# Names that say less than their owner's: `/amount/value` is "amount".
_GO_BY_THEIR_OWNER = WORD_SETS["names_that_go_by_their_owner"]
_ABBREVIATIONS = WORD_MAPS["abbreviations"]
# A text of more words than this would run into the sentence around it.
_MOST_WORDS_UNQUOTED = 4


# One end of a range, with its stem in group 1 or 2: "minimum rating", "rating from".
LEAST = re.compile(
    r"^(?:minimum|from|after|since|start|earliest|lowest) (.+)$"
    r"|^(.+) (?:minimum|from|after|since|min)$",
    re.IGNORECASE,
)
MOST = re.compile(
    r"^(?:maximum|to|before|until|end|latest|highest) (.+)$|^(.+) (?:maximum|to|before|until|max)$",
    re.IGNORECASE,
)
# "weight kg" -> "weight in kg"
_UNIT = re.compile(
    r" (?:in )?(kg|g|lb|oz|cm|mm|m|km|ms|kwh|kw|w|gb|mb|percent|celsius|meters|metres)$",
    re.IGNORECASE,
)
_TIME_FORMAT = re.compile(r" (?:utc|gmt|iso ?8601|iso)$", re.IGNORECASE)
_PARTICIPLE = r"(?:last )?\w+(?:ed|sent|paid|seen|met)"
# "created at", "last seen", "last modified date", "date published"
_WHEN = re.compile(
    rf"^({_PARTICIPLE}) (?:at|on)$"
    r"|^(last (?:modified|updated|changed|seen|edited|accessed|used))(?: time| date)?$"
    r"|^date (created|updated|modified|added|issued|published)$"
)


@lru_cache(maxsize=65536)
def plain_words(name: str) -> str:
    """What a person calls a property.

    `createdAt` -> "time it was created", `minRating` -> "minimum rating", `currencyCode` ->
    "currency", `weightKg` -> "weight in kg".
    """
    words = split_name(name)
    if when := _WHEN.match(words):
        return f"time it was {when[1] or when[2] or when[3]}"
    words = " ".join(_ABBREVIATIONS.get(word, word) for word in words.split())
    if words.endswith(" at"):
        # "starts at" -> "start time"
        words = f"{words[:-3].removesuffix('s')} time"
    if len(words.split()) > 1:
        words = _TIME_FORMAT.sub("", words)
    if words.endswith(("currency code", "country code", "language code")):
        words = words.removesuffix(" code")
    return _UNIT.sub(r" in \1", words)


def quoted(text: str) -> str:
    """A text in quotes if it would otherwise run into the sentence around it."""
    runs_on = len(text.split()) > _MOST_WORDS_UNQUOTED or text[-1:] in ".?!,"
    return f'"{text}"' if runs_on else text


def value_in_text(value: object, rng: random.Random | None = None) -> str:
    """A value as it stands in running text: dates and numbers as people say them, texts quoted."""
    said = say(value, rng)
    return quoted(said) if isinstance(value, str) and said == value else said


def are(words: str) -> str:
    """The verb for a name: the status "is", the opening hours "are", the name of the hours "is"."""
    head = words.split(" of ", 1)[0].split(" in ", 1)[0]
    return "are" if is_plural(head) else "is"


def is_plural(words: str) -> bool:
    """Whether a name stands for several things."""
    return words.endswith("s") and not words.endswith(
        ("ss", "us", "is", "news", "sms", "SMS", "GPS", "https", "dns", "address", "series", "gas")
    )


def path_words(pointer: str, arguments: object) -> str:
    """A pointer into the arguments in words, as short as they are clear.

    The innermost name alone if no other place has it, else with what it belongs to. `/shipTo/city`
    -> "city", beside another city "ship to city"; `/lines/0/quantity` of several lines -> "quantity
    of the first line"; `/amount/value` -> "amount".
    """
    names, counted = _names_on_the_way(pointer, arguments)
    if counted or len(names) < 2:
        return " of the ".join(reversed(names[-2:])) if names else "value"
    leaf, owner = names[-1], names[-2]
    others = [(other, tuple(path)) for other, path in _all_names(arguments) if other != pointer]
    rivals = [path for _, path in others]
    goes_by_owner = leaf.lower() in _GO_BY_THEIR_OWNER
    if goes_by_owner and not any(owner in path for path in rivals):
        return owner
    parent = pointer.rpartition("/")[0]
    siblings = [other for other, _ in others if other.rpartition("/")[0] == parent]
    # A sum beside its currency goes by what it is a sum of; a value among many properties does not.
    if goes_by_owner and len(siblings) < 2 and not _is_taken(owner, rivals):
        return owner
    needs_owner = leaf.lower() in _NEED_AN_OWNER or len(leaf) < 3
    if not needs_owner and not _is_taken(leaf, rivals):
        return leaf
    if owner.endswith(leaf):
        # "billing address" for the address of a billing address.
        return owner if not any(owner in path for path in rivals) else f"{leaf} of the {owner}"
    joint = f"{owner} {leaf}"
    is_free = not any(joint in (path[-1], " ".join(path[-2:])) for path in rivals if path)
    return joint if len(owner.split()) < 3 and is_free else f"{leaf} of the {owner}"


def _is_taken(name: str, rivals: Sequence[tuple[str, ...]]) -> bool:
    """Whether another place goes by a name: its own, or its owner's ("amount" for its "value")."""
    return any(
        path[-1:] == (name,) or (path[-2:-1] == (name,) and path[-1].lower() in _GO_BY_THEIR_OWNER)
        for path in rivals
    )


def _names_on_the_way(pointer: str, arguments: object) -> tuple[list[str], bool]:
    """The names on the way to a place, without wrappers, and whether an item on it was counted.

    `/body/lines/1/quantity` -> `["second line", "quantity"], True`.
    """
    names: list[str] = []
    counted = False
    value = arguments
    for key in split_pointer(pointer):
        if isinstance(value, list):
            index = int(key)
            if names:
                name = singular(names[-1])
                if len(value) > 1 and _stands_alone(value[index]):
                    counted = True
                    name = f"{_ordinal(index)} {name}"
                names[-1] = name
            value = value[index]
        else:
            names.append(plain_words(key))
            value = value.get(key) if isinstance(value, dict) else None
    return _unwrapped(names), counted


def _ordinal(index: int) -> str:
    """The ordinal of an item counted from 0: 0 -> "first", 6 -> "7th"."""
    return _ORDINALS[index] if index < len(_ORDINALS) else f"{index + 1}th"


def _unwrapped(names: list[str]) -> list[str]:
    """Names without the wrapper around everything ("body"), which belongs to the protocol."""
    return names[1:] if len(names) > 1 and names[0] in _WRAPPERS else names


def _stands_alone(item: object) -> bool:
    """Whether an item of a list is named by its place: an object, a list, or a bound place.

    A null is what a plan holds in the place of a value that an earlier result gives.
    """
    return item is None or isinstance(item, (dict, list))


def _all_names(arguments: object) -> list[tuple[str, list[str]]]:
    """Every place of the arguments with the names on the way.

    A list of plain values is one place.
    """
    places: list[tuple[str, list[str]]] = []
    stack: list[tuple[str, object, list[str]]] = [("", arguments, [])]
    while stack:
        pointer, value, names = stack.pop()
        if isinstance(value, dict):
            stack += [
                (f"{pointer}/{escape(key)}", item, [*names, plain_words(key)])
                for key, item in value.items()
            ]
        elif isinstance(value, list) and value and _stands_alone(value[0]):
            item_names = [*names[:-1], singular(names[-1])] if names else names
            stack += [(f"{pointer}/{index}", item, item_names) for index, item in enumerate(value)]
        else:
            places.append((pointer, _unwrapped(names)))
    return places


def singular(noun: str) -> str:
    """A plural noun in the singular, by rule: "categories" -> "category", "news" -> "news"."""
    if noun.endswith(("series", "species", "news")):
        return noun
    if noun.endswith("ies") and len(noun) > 4:
        return f"{noun[:-3]}y"
    if noun.endswith(("sses", "shes", "ches", "xes")):
        return noun[:-2]
    return noun[:-1] if noun.endswith("s") and not noun.endswith(("ss", "us", "is")) else noun


def plural(words: str) -> str:
    """A name for several: "category of the item" -> "categories of the item"."""
    head, of, rest = words.partition(" of ")
    if is_plural(head):
        return words
    if head.endswith("y") and head[-2:-1] not in "aeiou":
        head = f"{head[:-1]}ies"
    else:
        head = f"{head}es" if head.endswith(("s", "x", "ch", "sh")) else f"{head}s"
    return f"{head}{of}{rest}"


# Letters whose names begin with a vowel: "an SMS", "an HTML page".
_VOWEL_LETTERS = frozenset("AEFHILMNORSX")
# Acronyms that are said as words: "a SIM".
_SAID_AS_WORDS = ("NASA", "NATO", "SIM", "RAM", "ROM", "LAN", "SAML", "MAC", "SUV", "NAT")
_SILENT_H = ("hour", "honest", "heir", "honour")
# Words that are written with a vowel and begin with a consonant: "a user", "a one-way trip".
_CONSONANT_SOUND = re.compile(
    r"(?:uni(?!n|m|d)|us[aeu]|ut[ei]|eu|one\b|once|uuid|url|uri|ubi)", re.IGNORECASE
)


def article(noun: str) -> str:
    """A noun with its indefinite article, by its sound: "an hour", "a user", "an SMS", "a URL"."""
    word = noun.split(" ", 1)[0] if noun else ""
    if word.isupper() and len(word) > 1:
        vowel = word[0] in _VOWEL_LETTERS and word not in _SAID_AS_WORDS
    elif word.lower().startswith(_SILENT_H):
        vowel = True
    else:
        vowel = word[:1].lower() in "aeiou" and word != "" and not _CONSONANT_SOUND.match(word)
    return f"{'an' if vowel else 'a'} {noun}"
