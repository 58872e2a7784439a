"""Words out of names: splitting, singulars and plurals, verbs, and how alike two of them are."""

from __future__ import annotations

import re
from functools import lru_cache

_SPLIT = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_UNCOUNTED = {
    "news", "status", "address", "access", "progress", "analysis", "business", "process", "series", "species", "settings", "analytics",
    "sms", "gps", "dns", "https", "aws", "ios", "bus", "basis", "campus", "canvas", "class", "pass", "glass", "gas", "lens", "radius",
    "bonus", "census", "corpus", "consensus", "focus", "menus", "virus", "alias", "atlas", "bias", "data", "metadata", "media", "info", "acl",
}  # fmt: skip
_IRREGULAR = {
    "people": "person", "children": "child", "men": "man", "women": "woman", "indices": "index", "matrices": "matrix", "vertices": "vertex",
    "statuses": "status", "addresses": "address", "aliases": "alias", "analyses": "analysis", "movies": "movie", "cookies": "cookie",
    "buses": "bus", "lenses": "lens", "series": "series", "caches": "cache", "leaves": "leaf", "shelves": "shelf", "knives": "knife",
    "lives": "life", "wolves": "wolf", "criteria": "criterion", "phenomena": "phenomenon", "responses": "response", "purchases": "purchase",
    "licenses": "license", "licences": "licence", "databases": "database", "expenses": "expense", "releases": "release", "courses": "course",
    "houses": "house", "warehouses": "warehouse", "leases": "lease", "invoices": "invoice", "menus": "menu", "quizzes": "quiz",
    "purposes": "purpose", "exercises": "exercise", "phases": "phase", "cases": "case", "bases": "base", "uses": "use", "causes": "cause",
    "nurses": "nurse", "horses": "horse", "verses": "verse", "premises": "premise", "franchises": "franchise", "enterprises": "enterprise",
    "ties": "tie", "pies": "pie", "dies": "die", "lies": "lie", "zombies": "zombie", "selfies": "selfie", "calories": "calorie",
}  # fmt: skip
_PLURAL = {one: many for many, one in _IRREGULAR.items() if one != many}

# One word a family: what a caller means by it. `list` and `get` read; `act` words live in lifecycle.
VERBS: dict[str, str] = {
    "list": "list", "index": "list", "all": "list", "browse": "list", "enumerate": "list", "ls": "list",
    "search": "search", "find": "search", "query": "search", "lookup": "search", "filter": "search", "autocomplete": "search", "suggest": "search",
    "get": "get", "fetch": "get", "read": "get", "retrieve": "get", "show": "get", "view": "get", "describe": "get", "info": "get", "details": "get",
    "check": "get", "load": "get", "inspect": "get", "detail": "get",
    "create": "create", "add": "create", "new": "create", "insert": "create", "make": "create", "register": "create", "open": "create",
    "book": "create", "place": "create", "schedule": "create", "post": "create", "upload": "create", "import": "create", "save": "create", "store": "create", "append": "create",
    "replace": "replace", "put": "replace", "overwrite": "replace",
    "update": "patch", "edit": "patch", "modify": "patch", "patch": "patch", "change": "patch", "set": "patch", "rename": "patch", "adjust": "patch",
    "delete": "delete", "remove": "delete", "destroy": "delete", "drop": "delete", "del": "delete", "erase": "delete", "unregister": "delete",
}  # fmt: skip


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
    if word in _UNCOUNTED or len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
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


def verb(words: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The family of the verb among some words (first, else last) and the words without it; `("", words)` where there is none."""
    if not words:
        return "", words
    if words[0] in VERBS:
        return VERBS[words[0]], words[1:]
    if len(words) > 1 and words[-1] in VERBS and words[-1] not in {"book", "place", "store", "post", "index", "details", "info", "view", "check", "set", "detail"}:
        return VERBS[words[-1]], words[:-1]
    return "", words


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A rough stem, so that `cancel`, `cancelled`, `canceled` and `cancellation` meet."""
    word = word.lower()
    for ending in ("ization", "isation", "ations", "ation", "ment", "ings", "ing", "tion", "ied", "ed", "es", "al", "e", "y", "d", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word.removesuffix("i") if len(word) > 3 else word
