"""What a user wants of an operation, in plain words.

It is an imperative ("cancel an order"), and what the assistant says when it is done ("cancelled an
order"). The clearest of summary, description, operation id and path is taken, and machine talk is
mended by rule: endpoints, resources, "one or more", "existing".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from inftool.core.identity_cache import IdentityCache
from inftool.core.tools import Tool
from inftool.language.values import split_name
from inftool.language.verbs import IMPERATIVES, READ_VERBS, USER_VERBS, participle
from inftool.scenarios.wording import summary_patterns as patterns
from inftool.scenarios.wording.candidates import MASS_NOUNS, candidates
from inftool.scenarios.wording.phrases import article, singular
from inftool.scenarios.wording.summary_cleaning import DETERMINERS, PREPOSITIONS
from inftool.scenarios.wording.word_sets import WORD_SETS

# Nouns of which one is meant where they stand alone behind a preposition: "for user".
_PERSONS = WORD_SETS["persons"]
_FUNCTION_WORDS = DETERMINERS | PREPOSITIONS | {"and", "or"}
_TO_FIRST_PERSON = {"your": "my", "yours": "mine", "you": "me", "you've": "I've"}
_TO_SECOND_PERSON = {"my": "your", "mine": "yours", "me": "you", "I've": "you've"}
# "get a paginated list of all users" -> "get the users"
_LIST_OF = re.compile(
    r"^(?:a |the )?(?:full |complete |minimal |paginated |paged )?list of (?:all )?(?:the )?(?=\w)"
)
_IDLE_AFTER_ARTICLE = re.compile(
    r"\b(an?|the|this)\s+" + patterns.IDLE.pattern.removeprefix(r"\b"), re.IGNORECASE
)
_IDLE_AFTER_PREPOSITION = re.compile(
    r"\b(for|of|from|to|in|on|by|with)\s+" + patterns.IDLE.pattern.removeprefix(r"\b") + r"(\w+)",
    re.IGNORECASE,
)
# `/users/me/orders`: the user's own.
_OWN_PATH = re.compile(r"/(?:me|self|myself|current)(?:/|$)", re.IGNORECASE)
# The noun of the resource that an intent was made for, and the intent.
_intents: IdentityCache[Tool, tuple[str, str]] = IdentityCache(20_000)


def intent(tool: Tool, noun: str = "record", plural: str = "records") -> str:
    """The wish behind a call as an imperative in lower case, without ids and markup.

    "Retrieves a list of all orders of the current user." -> "get all my orders". `noun` and
    `plural` name the resource, for operations whose spec says nothing that a person would say.
    """
    cached = _intents.get(tool)
    if cached is not None and cached[0] == noun:
        return cached[1]
    phrase = min(candidates(tool, noun, plural), key=lambda candidate: candidate[0])[1]
    if _OWN_PATH.search(tool.path):
        phrase = re.sub(r"\b(?:the )?user's\b", "my", phrase)
    return _intents.put(tool, (noun, _user_phrase(phrase, tool.effect, tool.operation, noun)))[1]


@lru_cache(maxsize=16384)
def _user_phrase(phrase: str, effect: str, operation: str, noun: str) -> str:
    """An imperative as a user says it: "get the specified user by id" -> "get a user"."""
    verb, rest = _split_verb(_without_machine_talk(phrase))
    words = rest.split()
    is_specific = len(words) > 1 and (
        words[0] in DETERMINERS
        or len(words) > 2
        or verb in USER_VERBS
        or verb in USER_VERBS.values()
    )
    if is_specific and not rest.lower().endswith((noun.lower(), f"{noun.lower()}s")):
        slim = patterns.CHAFF.sub("", rest)
        is_complete = slim.split()[-1].lower() not in _FUNCTION_WORDS
        if is_complete and not slim.endswith(("'s", "s'")):
            rest = slim
    if verb in READ_VERBS or verb == "look up":
        rest = _LIST_OF.sub("the ", rest)
    verb = USER_VERBS.get(verb, verb)
    if verb == "look up":
        rest = re.sub(r"(?<=\w) look ?up$", "", rest, flags=re.IGNORECASE)
    rest = _in_number(verb, rest, effect, operation)
    if verb not in ("list", "search"):
        rest = _with_article(rest)
    return _replace_words(f"{verb} {rest}".strip(), _TO_FIRST_PERSON)


def _without_machine_talk(phrase: str) -> str:
    """A phrase without keys, criteria and idle words, its articles mended."""
    phrase = _in_first_person(patterns.OTHERWISE.sub("", phrase))
    phrase = patterns.SEVERAL.sub(lambda match: article(f"{match[1]}{match[2]}{match[3]}"), phrase)
    if re.search(r"\bone\s+\w", phrase):
        phrase = re.sub(r"^(\w+(?: up)?) one (?=\w)", r"\1 a ", phrase)
    # Criteria may stand on either side of a key: "by id using the parameters".
    phrase = patterns.KEY_AT_END.sub("", patterns.CRITERIA.sub("", phrase))
    phrase = patterns.CRITERIA.sub("", phrase)
    phrase = _IDLE_AFTER_ARTICLE.sub(lambda match: f"{match[1]} ", phrase)
    phrase = _IDLE_AFTER_PREPOSITION.sub(lambda match: f"{match[1]} {_one(match[2])}", phrase)
    phrase = patterns.IDLE.sub("", phrase)
    phrase = re.sub(
        r"\b(for|of|from|to|in|on) (\w+)$",
        lambda match: f"{match[1]} {article(match[2]) if match[2] in _PERSONS else match[2]}",
        phrase,
    )
    return re.sub(r"\ban? (\w+)", lambda match: article(match[1]), phrase)


def _split_verb(phrase: str) -> tuple[str, str]:
    """The verb of an imperative and the rest: "look up an order" -> ("look up", "an order")."""
    verb, _, rest = phrase.partition(" ")
    if verb == "look" and rest.startswith("up "):
        return "look up", rest.removeprefix("up ")
    return verb, rest


def _in_first_person(phrase: str) -> str:
    """A phrase with "my" for what is the logged-in user's.

    "get the current user" -> "get my details".
    """
    verb, rest = _split_verb(phrase)
    if patterns.ME.match(rest):
        return f"{verb} my details"
    if mine := patterns.OF_MINE.match(rest):
        rest = re.sub(r"^(all )?(?:the |a list of (?:all )?|an? )?", r"\1my ", mine[1], count=1)
    rest = patterns.AMID.sub(lambda match: f"{match[1] or ''}my {match[2]} ", rest)
    return f"{verb} {patterns.MINE.sub('my ', rest)}"


def _head(words: Sequence[str]) -> int:
    """How many words at the head of a phrase are its object.

    It ends in front of a preposition, or of a participle that goes with one: `orders placed by a
    user` -> 1.
    """
    for index, word in enumerate(words):
        lower = word.lower()
        if lower in PREPOSITIONS:
            return index
        is_participle = lower.endswith(("ed", "ing")) or lower == "split"
        following = words[index + 1 : index + 2]
        if index and is_participle and following and following[0].lower() in PREPOSITIONS:
            return index
    return len(words)


def _one(word: str) -> str:
    """One of several after a preposition: "user" -> "a user"; plurals and names stay."""
    is_singular = singular(word) == word and word != "one" and word not in MASS_NOUNS
    return article(word) if word.islower() and is_singular else word


def _in_number(verb: str, rest: str, effect: str, operation: str) -> str:
    """The object in the number that the operation means.

    "special events" of `createSpecialEvent` -> "special event"; "a patient problems" -> "a patient
    problem".
    """
    words = rest.split()
    end = _head(words)
    if not 1 <= end <= 4:
        return rest
    head = words[end - 1]
    one = singular(head)
    has_owner = any(word.endswith(("'s", "s'")) for word in words[:end])
    if one == head or head in MASS_NOUNS or has_owner:
        return rest
    changes_one = (
        effect in ("create", "update", "delete")
        and words[0] not in DETERMINERS
        and split_name(operation).lower().split()[-1:] == [one]
    )
    if changes_one or (words[0] in ("a", "an") and end > 1):
        words[end - 1] = one
    return " ".join(words)


def _with_article(rest: str) -> str:
    """An object with the article that a heading leaves out.

    "invoice" -> "an invoice", "state of the server" -> "the state of the server"; "museum hours"
    stays.
    """
    words = rest.split()
    head = _head(words)
    has_determiner = words[:1] != [] and words[0] in DETERMINERS
    if head > 2 and "and" in words[1:head] and not has_determiner and not words[0].endswith("s"):
        # "name and address of a user" -> "the name and address ..."
        return f"the {rest}"
    is_plain = all(re.fullmatch(r"[a-z][a-z0-9-]*|[A-Z0-9]+", word) for word in words[:head])
    if not 1 <= head <= 4 or not is_plain:
        return rest
    # "new order" still needs an article; an adverb ("recently sold items") takes none.
    begins_new = words[0] in ("new", "another") and head > 1
    begins_with_adverb = words[0].endswith("ly") and head > 1
    if (has_determiner and not begins_new) or begins_with_adverb:
        return rest
    if "or" in words[:head] or "and" in words[:head]:
        return rest
    if words[head : head + 1] == ["of"]:
        return f"the {rest}"
    last = words[head - 1]
    if last in MASS_NOUNS or (last.endswith("s") and not last.endswith(("ss", "us", "is"))):
        return rest
    return f"{article(words[0])}{rest[len(words[0]) :]}"


def _replace_words(text: str, words: dict[str, str]) -> str:
    return " ".join(words.get(word, word) for word in text.split(" "))


def is_reading(phrase: str) -> bool:
    """Whether an intent asks to be told something, so that "I've got ..." is no answer to it."""
    if phrase.startswith("look up"):
        return True
    # Somebody who checks in or out does something.
    does_something = re.match(r"check (?:in|out|off)\b", phrase) is not None
    return phrase.split(maxsplit=1)[0] in READ_VERBS and not does_something


def addressed(phrase: str) -> str:
    """A user's intent as the assistant says it back: "my calendars" -> "your calendars"."""
    return _replace_words(phrase, _TO_SECOND_PERSON)


def achieved(phrase: str) -> str:
    """An intent as something done: "cancel an order" -> "cancelled an order"."""
    phrase = addressed(phrase)
    if phrase.startswith("look up"):
        return f"looked up {phrase.removeprefix('look up').strip()}".strip()
    verb, _, rest = phrase.partition(" ")
    if (second := re.match(r"(or|and) (\w+)\b", rest)) and second[2] in IMPERATIVES:
        # "create or update a user" -> "created or updated a user"
        rest = f"{second[1]} {participle(second[2])}{rest[second.end() :]}"
    return f"{participle(verb)} {rest}".strip()
