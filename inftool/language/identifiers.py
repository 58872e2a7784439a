"""Words out of names: splitting, singulars and plurals, verbs, and how alike two of them are."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=1024)
def bag(text: str) -> frozenset[str]:
    """A set of words written as one text (a literal set of fifty would be fifty lines); cached, so that it may stand where it is used."""
    return frozenset(text.split())


@lru_cache(maxsize=1024)
def row(text: str) -> tuple[str, ...]:
    """A row of words written as one text, in its order."""
    return tuple(text.split())


_SPLIT = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_UNCOUNTED = bag(
    "news status address access progress analysis business process series species settings analytics sms gps dns https aws "
    "ios bus basis campus canvas class pass glass gas lens radius bonus census corpus consensus focus menus virus alias "
    "atlas bias data metadata media info acl"
)
_IRREGULAR: dict[str, str] = dict(
    pair.split(":", 1)
    for pair in row(
        "people:person children:child men:man women:woman indices:index matrices:matrix vertices:vertex statuses:status "
        "addresses:address aliases:alias analyses:analysis movies:movie cookies:cookie buses:bus lenses:lens series:series "
        "caches:cache leaves:leaf shelves:shelf knives:knife lives:life wolves:wolf criteria:criterion phenomena:phenomenon "
        "responses:response purchases:purchase licenses:license licences:licence databases:database expenses:expense releases:release "
        "courses:course houses:house warehouses:warehouse leases:lease invoices:invoice menus:menu quizzes:quiz purposes:purpose "
        "exercises:exercise phases:phase cases:case bases:base uses:use causes:cause nurses:nurse horses:horse verses:verse "
        "premises:premise franchises:franchise enterprises:enterprise ties:tie pies:pie dies:die lies:lie zombies:zombie "
        "selfies:selfie calories:calorie ids:id ips:ip"
    )
)
_PLURAL = {one: many for many, one in _IRREGULAR.items() if one != many}

# One word a family: what a caller means by it. `list` and `get` read; `act` words live in lifecycle.
_FAMILIES = {
    "list": "list index all browse enumerate ls",
    "search": "search find query lookup filter autocomplete suggest",
    "get": "get fetch read retrieve show view describe info details check load inspect detail",
    "create": "create add new insert make register open book place schedule post upload import save store append",
    "replace": "replace put overwrite",
    "patch": "update edit modify patch change set rename adjust",
    "delete": "delete remove destroy drop del erase unregister",
}
VERB_FAMILIES: dict[str, str] = {
    word: family for family, said in _FAMILIES.items() for word in said.split()
}


@lru_cache(maxsize=65536)
def split(name: str) -> tuple[str, ...]:
    """A name's words in lower case: `customerOrderId`, `customer_order_id` and `Customer-Order-ID` give the same three."""
    return tuple(word.lower() for word in _SPLIT.findall(name))


@lru_cache(maxsize=65536)
def squash(name: str) -> str:
    """A name without case or separators, to compare spellings."""
    return "".join(split(name)) or name.strip().lower()


@lru_cache(maxsize=16384)
def singular(word: str) -> str:
    """The singular of one lower-case English word; words that are not plurals come back unchanged."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if (
        word in _UNCOUNTED
        or len(word) < 4
        or not word.endswith("s")
        or word.endswith(("ss", "us", "is"))
    ):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return word[:-2]
    if word.endswith("oes"):
        return word[:-2]
    return word[:-1]


@lru_cache(maxsize=16384)
def plural(word: str) -> str:
    """The plural of one lower-case English word."""
    if word in _PLURAL:
        return _PLURAL[word]
    if word in _UNCOUNTED and word.endswith("s"):
        return word
    if word in {"data", "metadata", "media", "info", "news"}:
        return word
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    return word + "s"


def is_plural(name: str) -> bool:
    """Whether the last word of a name is a plural."""
    words = split(name)
    return bool(words) and singular(words[-1]) != words[-1]


@lru_cache(maxsize=16384)
def noun(name: str) -> str:
    """A name as a singular noun in words: `order_lines` gives `order line`."""
    words = split(name)
    return " ".join((*words[:-1], singular(words[-1]))) if words else name.lower()


def nouns(name: str) -> str:
    """A name as a plural noun in words: `order line` gives `order lines`."""
    words = split(noun(name))
    return " ".join((*words[:-1], plural(words[-1]))) if words else name


def split_verb(words: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The family of the verb among some words (first, else last) and the words without it; `("", words)` where there is none."""
    if not words:
        return "", words
    if words[0] in VERB_FAMILIES:
        return VERB_FAMILIES[words[0]], words[1:]
    if (
        len(words) > 1
        and words[-1] in VERB_FAMILIES
        and words[-1] not in bag("book place store post index details info view check set detail")
    ):
        return VERB_FAMILIES[words[-1]], words[:-1]
    return "", words


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A rough stem, so that `cancel`, `cancelled`, `canceled` and `cancellation` meet."""
    word = word.lower()
    for ending in (
        "ization",
        "isation",
        "ations",
        "ation",
        "ment",
        "ings",
        "ing",
        "tion",
        "ied",
        "ed",
        "es",
        "al",
        "e",
        "y",
        "d",
        "s",
    ):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word.removesuffix("i") if len(word) > 3 else word
