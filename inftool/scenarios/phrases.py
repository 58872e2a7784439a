"""How a user puts the parts of a wish into words: values under their names."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

from inftool.records import Detail
from inftool.scenarios.switches import switch
from inftool.scenarios.words import is_code, join, say, split_name

MAX_TEXT = 120
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
_TITLES = frozenset(["title", "name", "label", "heading", "headline", "subject", "displayname", "fullname", "nickname"])
NAMES = frozenset(["title", "name", "displayname", "nickname"])
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


_TOKENS = re.compile(r"^(?=[^\d]*\d)(?=.*[A-Za-z])[A-Za-z0-9_-]{20,}$")
_IBAN = re.compile(r"^[A-Z]{2}\d{2}[A-Z]{0,4}\d{7,26}$")


def machine_made(value: Any) -> bool:
    """Whether a text is one that only machines make, whatever it is for: a UUID, a minted key, a token; an address, a name with a number or the number of
    a bank account is none.
    """
    if isinstance(value, int):
        # Milliseconds since 1970 and the like.
        return abs(value) >= 10**11
    return (
        isinstance(value, str)
        and "://" not in value
        and not _IBAN.match(value)
        and (_OPAQUE.match(value) is not None or _MINTED.match(value) is not None or _TOKENS.match(value) is not None)
    )


def tellable(value: Any) -> bool:
    """Whether an assistant would tell this value: sayable, and no hash, address or yes/no."""
    return sayable(value) and not isinstance(value, bool) and not (isinstance(value, str) and _OPAQUE.match(value))


_WRAPPERS = frozenset(["body", "data", "payload", "request", "input", "attributes", "requestbody"])
_LEAST = re.compile(r"^(?:minimum|from|after|since|start|earliest|lowest) (.+)$|^(.+) (?:minimum|from|after|since|min)$", re.IGNORECASE)
_MOST = re.compile(r"^(?:maximum|to|before|until|end|latest|highest) (.+)$|^(.+) (?:maximum|to|before|until|max)$", re.IGNORECASE)
_UNIT = re.compile(r" (?:in )?(kg|g|lb|oz|cm|mm|m|km|ms|kwh|kw|w|gb|mb|percent|celsius|meters|metres)$", re.IGNORECASE)
_CLOCK_WORD = re.compile(r" (?:utc|gmt|iso ?8601|iso)$", re.IGNORECASE)
_DONE = r"(?:last )?\w+(?:ed|sent|paid|seen|met)"
_WHEN = re.compile(
    rf"^({_DONE}) (?:at|on)$|^(last (?:modified|updated|changed|seen|edited|accessed|used))(?: time| date)?$|^date (created|updated|modified|added|issued|published)$"
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
    """What a person calls a property: `createdAt` is "time it was created", `minRating` "minimum rating", `currencyCode` "currency"."""
    words = split_name(name)
    if when := _WHEN.match(words):
        return f"time it was {when[1] or when[2] or when[3]}"
    words = " ".join(_SHORT.get(word, word) for word in words.split())
    words = f"{words[:-3].removesuffix('s')} time" if words.endswith(" at") else words
    words = _CLOCK_WORD.sub("", words) if len(words.split()) > 1 else words
    words = words.removesuffix(" code") if words.endswith(("currency code", "country code", "language code")) else words
    return _UNIT.sub(r" in \1", words)


def quoted(text: str) -> str:
    """A text in quotes where it would otherwise run into the sentence around it."""
    return f'"{text}"' if len(text.split()) > 4 or text[-1:] in ".!?," else text


def told(value: Any, rng: random.Random | None = None) -> str:
    """A value as it stands in running text: dates and numbers as people say them, texts in quotes where they would run into the sentence."""
    said = say(value, None, rng)
    return quoted(said) if isinstance(value, str) and said == value else said


def are(words: str) -> str:
    """The verb for a name: the status "is", the opening hours "are", the name of the hours "is"."""
    head = words.split(" of ", 1)[0].split(" in ", 1)[0]
    return "are" if is_plural(head) else "is"


def is_plural(words: str) -> bool:
    """Whether a name stands for several things."""
    return words.endswith("s") and not words.endswith(("ss", "us", "is", "news", "sms", "SMS", "GPS", "https", "dns", "address", "series", "gas"))


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
    """A pointer into the arguments in words: the innermost name alone where no other place has it, else with what it belongs to.

    `/shipTo/city` is "city", beside another city "ship to city", of one of several lines "quantity of the first line"; `/amount/value` is "amount".
    """
    names, placed = _named(pointer, arguments)
    if placed or len(names) < 2:
        return " of the ".join(reversed(names[-2:])) if names else "value"
    leaf, owner = names[-1], names[-2]
    rivals = [tuple(other) for where, other in _all_names(arguments) if where != pointer]
    if leaf.lower() in _HELD and not any(owner in other for other in rivals):
        return owner
    siblings = {where for where, _ in _all_names(arguments) if where != pointer and where.rpartition("/")[0] == pointer.rpartition("/")[0]}
    # A sum beside its currency goes by what it is a sum of; a value among many properties does not.
    if (
        leaf.lower() in _HELD
        and len(siblings) < 2
        and not any(other[-1:] == (owner,) or (other[-2:-1] == (owner,) and other[-1].lower() in _HELD) for other in rivals)
    ):
        return owner
    close = leaf.lower() in _CLOSE or len(leaf) < 3
    if not close and not any(other[-1:] == (leaf,) or (other[-2:-1] == (leaf,) and other[-1].lower() in _HELD) for other in rivals):
        return leaf
    if owner.endswith(leaf):
        return owner if not any(owner in other for other in rivals) else f"{leaf} of the {owner}"
    joint = f"{owner} {leaf}"
    alone = not any(joint in (other[-1], " ".join(other[-2:])) for other in rivals if other)
    return joint if len(owner.split()) < 3 and alone else f"{leaf} of the {owner}"


def _named(pointer: str, arguments: Any) -> tuple[list[str], bool]:
    """The names on the way to a place, wrappers left out, and whether one of several on the way was counted."""
    names: list[str] = []
    placed = False
    value = arguments
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list):
            if names:
                one = singular(names[-1])
                if len(value) > 1 and isinstance(value[int(key)], (dict, list)):
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


def _all_names(arguments: Any) -> list[tuple[str, list[str]]]:
    """The names on the way to every place of the arguments, lists of plain values being one place."""
    found: list[tuple[str, list[str]]] = []
    stack: list[tuple[str, Any, list[str]]] = [("", arguments, [])]
    while stack:
        where, value, names = stack.pop()
        if isinstance(value, dict) and not ("$from" in value and "at" in value):
            stack += [(f"{where}/{key.replace('~', '~0').replace('/', '~1')}", item, [*names, plain_words(key)]) for key, item in value.items()]
        elif isinstance(value, list) and value and isinstance(value[0], (dict, list)):
            stack += [(f"{where}/{index}", item, [*names[:-1], singular(names[-1])] if names else names) for index, item in enumerate(value)]
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
    """A name for several: "due date" becomes "due dates", "category of the item" "categories of the item"."""
    head, of, rest = words.partition(" of ")
    if is_plural(head):
        return words
    if head.endswith("y") and head[-2:-1] not in "aeiou":
        head = f"{head[:-1]}ies"
    else:
        head = f"{head}es" if head.endswith(("s", "x", "ch", "sh")) else f"{head}s"
    return f"{head}{of}{rest}"


# Arguments that hold what is looked for, not a property of what is found.
SEARCHES = frozenset(["search", "q", "query", "search term", "search text", "keyword", "keywords", "search query", "term"])
Style = Literal["new", "change", "filter", "ask", "plain"]
_FORMS: dict[Style, tuple[str, ...]] = {
    "new": ("the {w} {is_} {v}", "the {w} should be {v}", "use {v} as the {w}"),
    "change": ("set the {w} to {v}", "change the {w} to {v}", "make the {w} {v}", "the {w} should be {v}"),
    "filter": ("only those with the {w} {v}", "the {w} {has} to be {v}", "I only need the ones with the {w} {v}"),
    "ask": ("the {w} {is_} {v}", "use {v} as the {w}", "with the {w} {v}"),
    "plain": ("the {w} {is_} {v}",),
}
_WRONG = ("{wrong}, no, sorry, {v}", "{wrong}, sorry, I mean {v}", "{wrong}, no, wait, make that {v}")
TOKEN = re.compile(r"^[^\s,;:\"'()]*[^\s,;:.!?\"'()]$")


def spoken(value: Any, options: Sequence[Any], rng: random.Random) -> str:
    """A value as it stands in a clause: numbers and moments as people say them, texts of several words in quotes, so that it can be told where they end."""
    if not isinstance(value, str):
        return say(value, None, rng)
    if value in options:
        return say(value, None, rng)
    said = say(value, None, rng)
    if said != value and not is_code(value):
        return said
    return value if TOKEN.match(value) else f'"{value}"'


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
    frame: Literal["", "new", "change", "filter", "ask"] = ""
    name = pointer.rsplit("/", 1)[-1]
    said = spoken(value, options, rng)
    last = split_name(name).lower().replace(" ", "")
    if isinstance(value, bool):
        words = re.sub(r"^(?:is|has|should be) ", "", words)
        return Detail(words=words, said="yes" if value else "no", value=value, phrase=switch(name, words, value, style, rng), withheld=withheld)
    shown = rng.choice(_WRONG).format(wrong=spoken(wrong, options, rng), v=said) if wrong is not None else said
    if words.lower() in SEARCHES and isinstance(value, str) and not options:
        phrase = rng.choice(("look for", "search for")) + f' "{value}"'
    elif words in _ARRANGED and wrong is None and not (words == "sort" and (style not in ("filter", "ask") or _WAYS.match(said))):
        phrase = f"please {words.split()[0]} them by {shown}"
    elif words in ORDERS and (way := _WAYS.match(said)) and wrong is None:
        phrase = f"in {way[1].lower()}ending order"
    elif words in SPANS and isinstance(value, int) and value > 1 and wrong is None and style in ("new", "ask", "plain"):
        phrase = f"for {value} {words}"
    elif (limit := _limit(words, value, shown, style)) and wrong is None:
        phrase = limit
    elif isinstance(value, str) and said[:1] == '"' and last in NAMES and style != "plain" and pointer.count("/") == 1:
        phrase = rng.choice((f"the {words} is {shown}", f"it's called {shown}", f"the {words} should be {shown}", f"call it {shown}"))
    elif isinstance(value, str) and said[:1] == '"' and (last in _TEXTS or len(value.split()) > 4):
        phrase = rng.choice((f"the {words} should read {shown}", f"as the {words}, put {shown}", f"the {words} {are(words)} {shown}"))
    else:
        forms = _FORMS[style] if wrong is None else _FORMS["plain"]
        phrase = rng.choice(forms).format(w=words, v=shown, is_=are(words), has="have" if are(words) == "are" else "has")
        if wrong is None and style != "plain":
            frame = style
    return Detail(words=words, said=said.strip('"') if said[:1] == '"' else said, value=value, phrase=phrase, withheld=withheld, frame=frame)


_ARRANGED = frozenset(["group by", "sort by", "order by", "sort"])
_WAYS = re.compile(r"(asc|desc)(?:ending)?$", re.IGNORECASE)
# Arguments that say which way a list goes, and such as hold how long something lasts.
ORDERS = frozenset(["order", "sort order", "sort direction", "direction", "sort dir", "sort", "order direction", "sort by direction"])
SPANS = frozenset(["days", "nights", "weeks", "hours", "minutes", "months", "years"])


def _limit(words: str, value: Any, shown: str, style: Style) -> str:
    """One end of a range as people say it: "with a rating of at least 4", "with the date no earlier than 3 May"; empty where it is none."""
    for pattern, number, moment in ((_LEAST, "at least", "no earlier than"), (_MOST, "at most", "no later than")):
        if found := pattern.match(words):
            if style != "filter":
                return f"use {shown} as the {words}" if words.endswith(_ENDINGS) else f"the {words} {are(words)} {shown}"
            stem = found[1] or found[2]
            if isinstance(value, str):
                if stem == "due" or stem.endswith("ed"):
                    return f"only those {stem} {moment} {shown}" if value[:4].isdigit() else ""
                return f"the {stem} should be {moment} {shown}" if shown != value and value[:4].isdigit() else ""
            return f"only those with the {stem} {number} {shown}"
    return f"use {shown} as the {words}" if words.endswith(_ENDINGS) else ""


_ENDINGS = tuple(f" {word}" for word in ("from", "to", "since", "until", "before", "after", "by", "between", "within", "at least", "at most"))


def titled(intent: str, noun: str, details: Sequence[Detail]) -> tuple[str, list[Detail]]:
    """An intent that makes something, with what it is to be called, and the details without that: 'create a project called "Mobile app"'.

    Only where the thing is the object itself, so that nothing else can be what is called so.
    """
    spots = [index for index, item in enumerate(details) if _names_it(item, noun)]
    object_ = re.match(rf"^\w+ (?:an?|the) (?:new )?(?:\w+ )?{re.escape(noun)}(?=$| (?:for|in|on|to|with|from|at|under)\b)", intent) if noun else None
    if len(spots) != 1 or object_ is None:
        return intent, list(details)
    item = details[spots[0]]
    return f'{intent[: object_.end()]} called "{item.said}"{intent[object_.end() :]}', [
        other for index, other in enumerate(details) if index != spots[0]
    ]


def _names_it(item: Detail, noun: str) -> bool:
    plain = isinstance(item.value, str) and item.said == item.value and not item.withheld and item.value in item.phrase and '"' not in item.said
    return (
        plain
        and item.words.lower() in ("name", "title", f"{noun} name".lower(), f"{noun} title".lower(), "display name", "friendly name")
        and ", no" not in item.phrase
        and ", sorry" not in item.phrase
    )


def list_detail(
    pointer: str, values: Sequence[Any], arguments: Any, rng: random.Random, *, options: Sequence[Any] = (), withheld: bool = False
) -> Detail:
    """Several plain values under one name."""
    words = path_words(pointer, arguments)
    if len(values) == 1:
        words = singular(words)
    said = join([spoken(value, options, rng) for value in values])
    return Detail(words=words, said=said, value=list(values), phrase=f"the {words} {are(words)} {said}", withheld=withheld)
