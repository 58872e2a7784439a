"""How a user puts the parts of a wish into words: values under their names."""

from __future__ import annotations

import random
import re
from functools import lru_cache
from typing import Any

from inftool.core.json_pointer import escape, split_pointer
from inftool.language.values import say, split_name

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
_TITLES = frozenset(
    [
        "title",
        "name",
        "label",
        "heading",
        "headline",
        "subject",
        "displayname",
        "fullname",
        "nickname",
    ]
)
NAMES = frozenset(["title", "name", "displayname", "nickname"])
TEXTS = frozenset(
    [
        "note",
        "notes",
        "comment",
        "comments",
        "message",
        "description",
        "body",
        "text",
        "content",
        "reason",
        "remark",
        "remarks",
        "instructions",
        "summary",
        "details",
        "memo",
        "caption",
        "bio",
    ]
)


_WRAPPERS = frozenset(["body", "data", "payload", "request", "input", "attributes", "requestbody"])
LEAST = re.compile(
    (
        r"^(?:minimum|from|after|since|start|earliest|lowest) (.+)$|^(.+) "
        r"(?:minimum|from|after|since|min)$"
    ),
    re.IGNORECASE,
)
MOST = re.compile(
    r"^(?:maximum|to|before|until|end|latest|highest) (.+)$|^(.+) (?:maximum|to|before|until|max)$",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r" (?:in )?(kg|g|lb|oz|cm|mm|m|km|ms|kwh|kw|w|gb|mb|percent|celsius|meters|metres)$",
    re.IGNORECASE,
)
_CLOCK_WORD = re.compile(r" (?:utc|gmt|iso ?8601|iso)$", re.IGNORECASE)
_DONE = r"(?:last )?\w+(?:ed|sent|paid|seen|met)"
_WHEN = re.compile(
    rf"^({_DONE}) (?:at|on)$|^(last (?:modified|updated|changed|seen|edited|accessed|used))(?: "
    r"time| date)?$|^date (created|updated|modified|added|issued|published)$"
)


_SHORT = {
    "min": "minimum", "max": "maximum", "qty": "quantity", "lat": "latitude", "lon": "longitude", "lng": "longitude", "desc": "description", "addr": "address", "tel": "phone",
    "dob": "date of birth", "num": "number", "amt": "amount", "pct": "percentage", "tz": "time zone", "lang": "language", "msg": "message", "img": "image", "org": "organization",
    "dept": "department", "cat": "category", "temp": "temperature", "avg": "average", "freq": "frequency", "postcode": "postcode", "firstname": "first name", "lastname": "last name",
    "birthdate": "date of birth", "phonenumber": "phone number", "zipcode": "zip code", "startdate": "start date", "enddate": "end date", "pw": "password", "src": "source",
    "dest": "destination", "info": "information", "params": "parameters", "config": "configuration", "ref": "reference", "no": "number", "duedate": "due date", "doj": "date of joining",
}  # fmt: skip


@lru_cache(maxsize=65536)
def plain_words(name: str) -> str:
    """What a person calls a property: `createdAt` is "time it was created", `minRating` "minimum
    rating", `currencyCode` "currency"."""
    words = split_name(name)
    if when := _WHEN.match(words):
        return f"time it was {when[1] or when[2] or when[3]}"
    words = " ".join(_SHORT.get(word, word) for word in words.split())
    words = f"{words[:-3].removesuffix('s')} time" if words.endswith(" at") else words
    words = _CLOCK_WORD.sub("", words) if len(words.split()) > 1 else words
    words = (
        words.removesuffix(" code")
        if words.endswith(("currency code", "country code", "language code"))
        else words
    )
    return _UNIT.sub(r" in \1", words)


def quoted(text: str) -> str:
    """A text in quotes where it would otherwise run into the sentence around it."""
    return f'"{text}"' if len(text.split()) > 4 or text[-1:] in ".!?," else text


def value_in_text(value: Any, rng: random.Random | None = None) -> str:
    """A value as it stands in running text: dates and numbers as people say them, texts in quotes
    where they would run into the sentence."""
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


_CLOSE = frozenset(
    [
        "id",
        "name",
        "type",
        "code",
        "title",
        "number",
        "kind",
        "key",
        "label",
        "status",
        "url",
        "date",
        "format",
        "mode",
        "role",
        "size",
        "language",
        "unit",
        "x",
        "y",
        "level",
        "state",
        "time",
    ]
)
_HELD = frozenset(["value", "amount", "content", "text"])


def path_words(pointer: str, arguments: Any) -> str:
    """A pointer into the arguments in words: the innermost name alone where no other place has it,
    else with what it belongs to.

    `/shipTo/city` is "city", beside another city "ship to city", of one of several lines "quantity
    of the first line"; `/amount/value` is "amount".
    """
    names, placed = _named(pointer, arguments)
    if placed or len(names) < 2:
        return " of the ".join(reversed(names[-2:])) if names else "value"
    leaf, owner = names[-1], names[-2]
    rivals = [tuple(other) for where, other in _all_names(arguments) if where != pointer]
    if leaf.lower() in _HELD and not any(owner in other for other in rivals):
        return owner
    siblings = {
        where
        for where, _ in _all_names(arguments)
        if where != pointer and where.rpartition("/")[0] == pointer.rpartition("/")[0]
    }
    # A sum beside its currency goes by what it is a sum of; a value among many properties does not.
    if (
        leaf.lower() in _HELD
        and len(siblings) < 2
        and not any(
            other[-1:] == (owner,) or (other[-2:-1] == (owner,) and other[-1].lower() in _HELD)
            for other in rivals
        )
    ):
        return owner
    close = leaf.lower() in _CLOSE or len(leaf) < 3
    if not close and not any(
        other[-1:] == (leaf,) or (other[-2:-1] == (leaf,) and other[-1].lower() in _HELD)
        for other in rivals
    ):
        return leaf
    if owner.endswith(leaf):
        return owner if not any(owner in other for other in rivals) else f"{leaf} of the {owner}"
    joint = f"{owner} {leaf}"
    alone = not any(joint in (other[-1], " ".join(other[-2:])) for other in rivals if other)
    return joint if len(owner.split()) < 3 and alone else f"{leaf} of the {owner}"


def _named(pointer: str, arguments: Any) -> tuple[list[str], bool]:
    """The names on the way to a place, wrappers left out, and whether one of several on the way was
    counted."""
    names: list[str] = []
    placed = False
    value = arguments
    for key in split_pointer(pointer):
        if isinstance(value, list):
            if names:
                one = singular(names[-1])
                if len(value) > 1 and _stands_alone(value[int(key)]):
                    placed = True
                    one = f"{_ORDINALS[int(key)] if int(key) < len(_ORDINALS) else f'{int(key) + 1}th'} {one}"
                names[-1] = one
            value = value[int(key)]
        else:
            names.append(plain_words(key))
            value = value.get(key) if isinstance(value, dict) else None
    # The wrapper around everything ("body") is the protocol's, not the user's.
    if len(names) > 1 and names[0] in _WRAPPERS:
        names = names[1:]
    return names, placed


def _stands_alone(item: object) -> bool:
    """Whether an item of a list is named by its place: an object, a list, or a bound place.

    A null is what a plan holds in the place of a value that an earlier result gives.
    """
    return item is None or isinstance(item, (dict, list))


def _all_names(arguments: Any) -> list[tuple[str, list[str]]]:
    """The names on the way to every place of the arguments, lists of plain values being one place."""
    found: list[tuple[str, list[str]]] = []
    stack: list[tuple[str, Any, list[str]]] = [("", arguments, [])]
    while stack:
        where, value, names = stack.pop()
        if isinstance(value, dict):
            stack += [
                (
                    f"{where}/{escape(key)}",
                    item,
                    [*names, plain_words(key)],
                )
                for key, item in value.items()
            ]
        elif isinstance(value, list) and value and _stands_alone(value[0]):
            stack += [
                (f"{where}/{index}", item, [*names[:-1], singular(names[-1])] if names else names)
                for index, item in enumerate(value)
            ]
        else:
            found.append((where, names[1:] if len(names) > 1 and names[0] in _WRAPPERS else names))
    return found


def singular(noun: str) -> str:
    """A plural noun in the singular, by rule."""
    if noun.endswith(("series", "species", "news")):
        return noun
    if noun.endswith("ies") and len(noun) > 4:
        return f"{noun[:-3]}y"
    if noun.endswith(("sses", "shes", "ches", "xes")):
        return noun[:-2]
    return noun[:-1] if noun.endswith("s") and not noun.endswith(("ss", "us", "is")) else noun


def plural(words: str) -> str:
    """A name for several: "due date" becomes "due dates", "category of the item" "categories of the
    item"."""
    head, of, rest = words.partition(" of ")
    if is_plural(head):
        return words
    if head.endswith("y") and head[-2:-1] not in "aeiou":
        head = f"{head[:-1]}ies"
    else:
        head = f"{head}es" if head.endswith(("s", "x", "ch", "sh")) else f"{head}s"
    return f"{head}{of}{rest}"


# Arguments that hold what is looked for, not a property of what is found.
SEARCHES = frozenset(
    [
        "search",
        "q",
        "query",
        "search term",
        "search text",
        "keyword",
        "keywords",
        "search query",
        "term",
    ]
)
