"""Turns the summary of an operation into a verb phrase that a person could say."""

from __future__ import annotations

import re

from inftool.core.tools import Tool
from inftool.language.values import split_name
from inftool.language.verbs import CREATE_VERBS, NOUN_OR_VERB, READ_VERBS, imperative
from inftool.scenarios.wording import summary_patterns as patterns
from inftool.scenarios.wording.phrases import article, singular
from inftool.scenarios.wording.word_sets import WORD_SETS

PREPOSITIONS = WORD_SETS["prepositions"]
"""Words that end the object of a verb, participles that do so ("matching") among them."""
DETERMINERS = WORD_SETS["determiners"]
"""Words in front of a noun that make its article needless, and particles behind a verb."""
HTTP_METHODS = WORD_SETS["http_methods"]
_ARTICLES = WORD_SETS["articles"]
_MACHINE_WORDS = WORD_SETS["machine_words"]
_BRANDS = WORD_SETS["brands"]

# A summary of more is a description, and nobody would say it as one wish.
_MOST_WORDS = 14
_MOST_CHARACTERS = 95

# Demerits of a phrase, in one unit with those of `inftool.scenarios.wording.candidates`: the
# phrase with the fewest is taken. They were set by hand on the intents of real specs.
_COST_OF_WORD_OVER_SIX = 0.12
_COST_OF_MACHINE_WORD = 0.7
_COST_OF_NO_VERB = 1.5
# "get" in the summary of an operation that deletes: the summary is not about this operation.
_COST_OF_WRONG_VERB = 2.5


def verb_for(tool: Tool) -> str:
    """The plainest verb for what a tool does."""
    return {
        "read": "look up",
        "create": "create",
        "update": "update",
        "delete": "delete",
        "action": "run",
    }[tool.effect]


def summary_phrase(tool: Tool, text: str) -> tuple[float, str] | None:
    """A summary as (demerits, imperative); None where no phrase can be made of it.

    "This endpoint returns a list of all pets." -> "return a list of all pets".
    """
    words = _summary_words(text)
    if words is None:
        return None
    words = patterns.TWO_VERBS.sub(lambda match: _one_verb(match, tool), " ".join(words)).split()
    verb = _verb(words, tool)
    if len(words) == 1 and (verb or len(words[0]) < 3):
        return None
    rest = words[1:] if verb is not None else words
    phrase = " ".join([verb or verb_for(tool), *_object_words(rest, tool, has_verb=bool(verb))])
    return _demerits(words, verb, tool), phrase


def _summary_words(text: str) -> list[str] | None:
    """The words of a summary without machine talk; None if it is empty, too long or no English."""
    line = patterns.GIVEN.sub("", text.strip())
    while (shorter := patterns.LEAD.sub("", line, count=1)) != line:
        line = shorter
    cleaned = _clean(line)
    if not cleaned or patterns.EMPTY.match(cleaned) or not cleaned.isascii():
        return None
    cleaned = patterns.GENERATED_ENDING.sub("", cleaned)
    words = cleaned.split()
    if len(words) > 1 and words[-1].lower() in HTTP_METHODS and not imperative(words[0]):
        # "Twilio Message Get"
        words = words[:-1]
    if words and words[0].lower().endswith("ly") and len(words) > 2:
        # "Permanently delete a file"
        words = words[1:]
    if not 1 <= len(words) <= _MOST_WORDS or len(cleaned) > _MOST_CHARACTERS:
        return None
    return None if any("/" in word for word in words[1:]) else words


def _clean(text: str) -> str:
    """The first sentence of a text in plain words.

    Markup, addresses and parentheses are left out, and names of code become words: "Lists
    `userGroups` (paged). See ..." -> "Lists user groups".
    """
    line = text.strip().split("\n")[0]
    line = patterns.NOISE.sub(" ", patterns.OPTIONAL_PLURAL.sub(r"\1", line))
    line = re.split(r"(?<=[a-z\d])[.;:!?](?:\s|$)|\s[-–—]\s(?=[a-z])", line)[0]
    line = " ".join(re.sub(r"[^\w\s'/&,-]", " ", line).split()).strip(" .,-/")
    line = re.sub(r",? (?:and optionally|and, optionally|and then|or optionally)\b.*$", "", line)
    line = re.sub(r",? (?:i e|e g|ie|eg|etc)\b.*$|,? (?:and|or)$", "", line)
    return " ".join(
        split_name(word) if patterns.CAMEL_CASE.match(word) and word not in _BRANDS else word
        for word in line.split()
    )


def _one_verb(match: re.Match[str], tool: Tool) -> str:
    """Of "create or update a thing" the verb that the operation does; of others the first."""
    first, second = imperative(match[1]), imperative(match[2])
    if first is None or second is None:
        return match[0]
    takes_second = tool.effect == "update" and second not in CREATE_VERBS
    return f"{second if takes_second else first} "


def _verb(words: list[str], tool: Tool) -> str | None:
    """The verb that some words begin with, as an imperative; None where they begin with none."""
    verb = imperative(words[0])
    if (
        verb in NOUN_OR_VERB
        and tool.effect == "read"
        and verb not in READ_VERBS
        and (len(words) < 2 or words[1].lower() not in DETERMINERS)
    ):
        # "Order history": of an operation that reads, a noun.
        verb = None
    if (
        verb is None
        and len(words) > 1
        and words[1].lower() in _ARTICLES
        and words[0].isalpha()
        and words[0].lower() not in DETERMINERS
    ):
        # A verb that is not known, in front of an article: "Defenestrate a user".
        return words[0].lower()
    return verb


def _demerits(words: list[str], verb: str | None, tool: Tool) -> float:
    machine_words = sum(word.lower() in _MACHINE_WORDS for word in words[1:])
    cost = _COST_OF_WORD_OVER_SIX * max(0, len(words) - 6) + machine_words * _COST_OF_MACHINE_WORD
    cost += _COST_OF_NO_VERB if verb is None else 0.0
    if tool.effect in ("update", "delete") and (verb in READ_VERBS or verb in CREATE_VERBS):
        cost += _COST_OF_WRONG_VERB
    return cost


def _object_words(words: list[str], tool: Tool, *, has_verb: bool) -> list[str]:
    """The words behind the verb, as running text has them: "Order Details" -> "order details".

    Headings are written in capitals; running text has them in names only.
    """
    is_heading = sum(word[:1].isupper() for word in words) > 1 or not has_verb
    nouns_of_path = {singular(word) for word in split_name(tool.path).lower().split()}
    words = [
        lower_word(word)
        if is_heading or number == 0 or singular(word.lower()) in nouns_of_path
        else word
        for number, word in enumerate(words)
    ]
    if has_verb or len(words) < 2:
        return words
    if words[-1] in ("collection", "list", "listing"):
        # "pet list" -> "pets"
        return [*words[:-2], words[-2] if words[-2].endswith("s") else f"{words[-2]}s"]
    if words[-1] == "detail":
        # "pet detail" -> "details of a pet"
        return ["details", "of", *article(" ".join(words[:-1])).split()]
    return words


def lower_word(word: str) -> str:
    """A capitalized word of a heading in lower case; acronyms and mixed case stay: "API", "iOS"."""
    return word.lower() if word[:1].isupper() and (word[1:].islower() or len(word) == 1) else word
