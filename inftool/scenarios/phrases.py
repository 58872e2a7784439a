"""How a user puts the parts of a wish into words: values under their names, and things by what tells them apart."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from inftool.records import Detail, JsonObject
from inftool.scenarios.words import is_code, join, mentions, normalise, say, split_name

MAX_TEXT = 120
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
_TITLES = frozenset(["title", "name", "label", "heading", "headline", "subject", "displayname", "fullname", "nickname"])
_TEXTS = frozenset(
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
_OPAQUE = re.compile(r"^[0-9a-f]{8}-[0-9a-f-]{27}$|^[A-Za-z0-9+/_=-]{25,}$|^https?://|^data:", re.IGNORECASE)

# A prefix and a random tail ("evt_6f0n6z0qbb"): minted by a machine for machines.
_MINTED = re.compile(r"^[a-z]{2,6}[_-](?=[a-z]*\d)(?=\d*[a-z])[a-z0-9]{6,}$|^[a-z0-9]{16,}$")


def sayable(value: Any) -> bool:
    """Whether a person could say this value aloud: no long texts, no control characters, no deep structures."""
    if isinstance(value, str):
        return 0 < len(value.strip()) == len(value) <= MAX_TEXT and value.isprintable() and "  " not in value and '"' not in value
    if isinstance(value, float):
        return abs(value) < 1e12 and round(value, 4) == value
    return isinstance(value, (bool, int)) and abs(int(value)) < 10**15


def opaque(value: Any) -> bool:
    """Whether a key is one that no person would say: a UUID, a long token."""
    return isinstance(value, str) and (
        _OPAQUE.match(value) is not None or _MINTED.match(value) is not None or (len(value) > 14 and any(c.isdigit() for c in value))
    )


def tellable(value: Any) -> bool:
    """Whether an assistant would tell this value: sayable, and no hash, address or yes/no."""
    return sayable(value) and not isinstance(value, bool) and not (isinstance(value, str) and _OPAQUE.match(value))


_WRAPPERS = frozenset(["body", "data", "payload", "request", "input", "attributes", "requestbody"])
_BOUNDS = re.compile(r" (?:from|to|since|until|before|after|by|between|within|at least|at most)$")
_UNIT = re.compile(r" (?:in )?(kg|g|lb|oz|cm|mm|m|km|ms|kwh|kw|w|gb|mb|percent|celsius|meters|metres)$", re.IGNORECASE)
_WHEN = re.compile(r"^(\w+(?:ed|sent|paid|seen|met)) (?:at|on)$")


def plain_words(name: str) -> str:
    """What a person calls a property: `createdAt` is "time it was created", `minRating` "minimum rating"."""
    words = split_name(name)
    if when := _WHEN.match(words):
        return f"time it was {when[1]}"
    words = re.sub(r"\bmin\b", "minimum", re.sub(r"\bmax\b", "maximum", words))
    words = f"{words[:-3].removesuffix('s')} time" if words.endswith(" at") else words
    return _UNIT.sub(r" in \1", words)


def quoted(text: str) -> str:
    """A text in quotes where it would otherwise run into the sentence around it."""
    return f'"{text}"' if len(text.split()) > 4 or text[-1:] in ".!?," else text


def are(words: str) -> str:
    """The verb for a name: the status "is", the opening hours "are"."""
    return "are" if words.endswith("s") and not words.endswith(("ss", "us", "is")) else "is"


def path_words(pointer: str, arguments: Any) -> str:
    """A pointer into the arguments in words, the innermost first: `/shipTo/city` is "city of the ship to", one of several "of the first line"."""
    names: list[str] = []
    ordinal = ""
    value = arguments
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list):
            ordinal = f"{_ORDINALS[int(key)] if int(key) < len(_ORDINALS) else f'{int(key) + 1}th'} " if len(value) > 1 else ""
            if names:
                names[-1] = f"{ordinal}{singular(names[-1])}"
            value = value[int(key)]
        else:
            names.append(plain_words(key))
            value = value.get(key) if isinstance(value, dict) else None
    # The wrapper around everything ("body") is the protocol's, not the user's.
    names = (names[1:] if len(names) > 1 and names[0] in _WRAPPERS else names)[-2:]
    return " of the ".join(reversed(names)) if names else "value"


def singular(noun: str) -> str:
    """A plural noun in the singular, by rule."""
    if noun.endswith("ies") and len(noun) > 4:
        return f"{noun[:-3]}y"
    if noun.endswith(("sses", "shes", "ches", "xes")):
        return noun[:-2]
    return noun[:-1] if noun.endswith("s") and not noun.endswith(("ss", "us", "is")) else noun


# Arguments that hold what is looked for, not a property of what is found.
SEARCHES = frozenset(["search", "q", "query", "search term", "search text", "keyword", "keywords", "search query", "term"])
Style = Literal["new", "change", "filter", "plain"]
_FORMS: dict[Style, tuple[str, ...]] = {
    "new": ("the {w} {is_} {v}", "the {w} should be {v}", "use {v} as the {w}", "put {v} for the {w}"),
    "change": ("set the {w} to {v}", "change the {w} to {v}", "make the {w} {v}", "the {w} should be {v}"),
    "filter": ("only those with the {w} {v}", "the {w} has to be {v}", "I only need the ones with the {w} {v}", "the {w} should be {v}"),
    "plain": ("the {w} {is_} {v}",),
}
_WRONG = ("{wrong}, no, sorry, {v}", "{wrong}, sorry, I mean {v}", "{wrong}, no, wait, make that {v}")
_TOKEN = re.compile(r"^[^\s,;:\"'()]*[^\s,;:.!?\"'()]$")


def spoken(value: Any, options: Sequence[Any], rng: random.Random) -> str:
    """A value as it stands in a clause: numbers and moments as people say them, texts of several words in quotes, so that it can be told where they end."""
    if not isinstance(value, str):
        return say(value, None, rng)
    if value in options:
        return say(value, None, rng)
    said = say(value, None, rng)
    if said != value and not is_code(value):
        return said
    return value if _TOKEN.match(value) else f'"{value}"'


def detail(
    pointer: str,
    value: Any,
    arguments: Any,
    rng: random.Random,
    *,
    options: Sequence[Any] = (),
    style: Style = "plain",
    wrong: Any = None,
    withheld: bool = False,
) -> Detail:
    """One value that the user knows, said under its name in one clause. `options` are the values that its schema lists; `wrong` is said first and corrected."""
    words = path_words(pointer, arguments)
    name = pointer.rsplit("/", 1)[-1]
    said = spoken(value, options, rng)
    last = split_name(name).lower().replace(" ", "")
    if isinstance(value, bool):
        words = re.sub(r"^(?:is|has|should be) ", "", words)
        said = "yes" if value else "no"
        phrase = rng.choice(
            (f"yes to {words}", f"{words}: yes", f"with {words} switched on")
            if value
            else (f"no {words}", f"{words}: no", f"with {words} switched off")
        )
        return Detail(words=words, said=said, value=value, phrase=phrase, withheld=withheld)
    shown = rng.choice(_WRONG).format(wrong=spoken(wrong, options, rng), v=said) if wrong is not None else said
    if words.lower() in SEARCHES and isinstance(value, str) and not options:
        phrase = rng.choice(("look for", "search for")) + f' "{value}"'
    elif _BOUNDS.search(words):
        phrase = f"the {words} {shown}"
    elif isinstance(value, str) and said[:1] == '"' and last in _TITLES and style != "plain" and " of the " not in words:
        phrase = rng.choice((f"the {words} is {shown}", f"it goes by {shown}", f"the {words} should be {shown}", f"call it {shown}"))
    elif isinstance(value, str) and said[:1] == '"' and (last in _TEXTS or len(value.split()) > 4):
        phrase = rng.choice((f"the {words} should read {shown}", f"as the {words}, put {shown}", f"the {words} is {shown}"))
    else:
        forms = _FORMS[style] if wrong is None else _FORMS["plain"]
        phrase = rng.choice(forms).format(w=words, v=shown, is_=are(words))
    return Detail(words=words, said=said.strip('"') if said[:1] == '"' else said, value=value, phrase=phrase, withheld=withheld)


def list_detail(
    pointer: str, values: Sequence[Any], arguments: Any, rng: random.Random, *, options: Sequence[Any] = (), withheld: bool = False
) -> Detail:
    """Several plain values under one name."""
    words = path_words(pointer, arguments)
    said = join([spoken(value, options, rng) for value in values])
    return Detail(words=words, said=said, value=list(values), phrase=f"the {words} {are(words)} {said}", withheld=withheld)


def properties_of(entity: Any, depth: int = 1) -> Iterator[tuple[str, str, Any]]:
    """The scalars of an entity as (pointer, words, value), its own before those one level down."""
    if not isinstance(entity, dict):
        return
    deeper: list[tuple[str, Any]] = []
    for key, value in entity.items():
        pointer = f"/{key.replace('~', '~0').replace('/', '~1')}"
        if isinstance(value, dict):
            deeper.append((pointer, value))
        elif not isinstance(value, list):
            yield pointer, plain_words(key), value
    if depth:
        for pointer, value in deeper:
            for inner, words, scalar in properties_of(value, depth - 1):
                yield f"{pointer}{inner}", f"{words} of the {plain_words(pointer[1:])}", scalar


def tells_apart(entity: JsonObject, others: Sequence[JsonObject], label: str | None, identifier: str | None) -> list[tuple[str, Any]] | None:
    """What a person would call one thing among others by: its label, or one or two of its values that no other shares; None where nothing does."""
    if label and tellable(entity.get(label)) and _alone(entity, others, (label,)):
        return [(label, entity[label])]
    keys = [
        pointer[1:]
        for pointer, words, value in properties_of(entity, 0)
        if tellable(value)
        and "~" not in pointer
        and pointer[1:] != identifier
        and not words.endswith("ID")
        and not words.startswith("time it was")
        and not (isinstance(value, str) and len(value) > 60)
    ]
    for key in keys:
        if not isinstance(entity[key], int) and _alone(entity, others, (key,)):
            return [(key, entity[key])]
    for index, first in enumerate(keys[:6]):
        for second in keys[index + 1 : 7]:
            if _alone(entity, others, (first, second)):
                return [(first, entity[first]), (second, entity[second])]
    return None


def _alone(entity: JsonObject, others: Sequence[JsonObject], keys: tuple[str, ...]) -> bool:
    # A value that another thing's value contains in words ("Ann" and "Ann Lee") does not tell them apart.
    return all(other is entity or not all(mentions(normalise(say(other.get(key))), entity[key]) for key in keys) for other in others)


def called(noun: str, marks: Sequence[tuple[str, Any]], label: str | None, rng: random.Random) -> str:
    """A thing by its marks: "the customer Ana Ruiz", "the payment with the amount 12.50"."""
    if len(marks) > 1 or marks[0][0] != label:
        return f"the {noun} with {join([f'the {plain_words(key)} {quoted(say(value, None, rng))}' for key, value in marks])}"
    name = quoted(say(marks[0][1], None, rng))
    if name.casefold().endswith(f" {noun.casefold()}"):
        # "the Mill Road depot", not "the depot Mill Road depot".
        return f"the {name}"
    if " " in name and split_name(label).split()[-1].lower() in ("title", "subject", "headline", "summary"):
        name = f'"{name.strip(chr(34))}"'
    return rng.choice((f"the {noun} {name}", f"the {noun} called {name}")) if label.lower() in ("name", "title") else f"the {noun} {name}"


def by_key(noun: str, value: Any, rng: random.Random) -> str:
    """A thing by its key, as people read one out: "order 1043", "the order with the reference 3F9A"."""
    said = str(value)
    if isinstance(value, int):
        return rng.choice((f"{noun} {said}", f"{noun} number {said}", f"the {noun} with the number {said}"))
    return rng.choice((f"the {noun} with the reference {said}", f"the {noun} {said}", f"{noun} {said}"))
