"""What a user wants of an operation, in plain words: an imperative ("cancel an order") and what the
assistant says when it is done.

The clearest of summary, description, operation id and path is taken, and machine talk is mended by
rule: endpoints, resources, "one or more", "existing".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from inftool.core.identity_cache import IdentityCache
from inftool.core.tools import Tool
from inftool.language.values import split_name
from inftool.language.verbs import IMPERATIVES, READ_VERBS, USER_VERBS, participle
from inftool.scenarios.wording.phrases import singular
from inftool.scenarios.wording.summary_cleaning import (
    AMID,
    CHAFF,
    CRITERIA,
    DETERMINERS,
    IDLE,
    MASS,
    ME,
    MINE,
    OF_MINE,
    OTHERWISE,
    PERSONS,
    PREPOSITIONS,
    SEVERAL,
    TAIL,
    article,
    candidates,
)

__all__ = ["achieved", "addressed", "article", "intent", "is_reading", "narrowed", "participle"]


@lru_cache(maxsize=16384)
def _intent(phrase: str, effect: str, operation: str, noun: str) -> str:
    phrase = _mine(OTHERWISE.sub("", phrase))
    phrase = SEVERAL.sub(lambda found: article(f"{found[1]}{found[2]}{found[3]}"), phrase)
    if re.search(r"\bone\s+\w", phrase):
        phrase = re.sub(r"^(\w+(?: up)?) one (?=\w)", r"\1 a ", phrase)
    phrase = CRITERIA.sub("", TAIL.sub("", CRITERIA.sub("", phrase)))
    phrase = re.sub(
        r"\b(an?|the|this)\s+" + IDLE.pattern[2:],
        lambda found: f"{found[1]} ",
        phrase,
        flags=re.IGNORECASE,
    )
    phrase = re.sub(
        r"\b(for|of|from|to|in|on|by|with)\s+" + IDLE.pattern[2:] + r"(\w+)",
        lambda found: f"{found[1]} {_one(found[2])}",
        phrase,
        flags=re.IGNORECASE,
    )
    phrase = IDLE.sub("", phrase)
    phrase = re.sub(
        r"\b(for|of|from|to|in|on) (\w+)$",
        lambda found: f"{found[1]} {article(found[2]) if found[2] in PERSONS else found[2]}",
        phrase,
    )
    phrase = re.sub(r"\ban? (\w+)", lambda found: article(found[1]), phrase)
    verb, _, rest = phrase.partition(" ")
    if verb == "look" and rest.startswith("up "):
        verb, rest = "look up", rest[3:]
    words = rest.split()
    specific = len(words) > 1 and (
        words[0] in DETERMINERS
        or len(words) > 2
        or verb in USER_VERBS
        or verb in USER_VERBS.values()
    )
    if (
        specific
        and not rest.lower().endswith((noun.lower(), f"{noun.lower()}s"))
        and (slim := CHAFF.sub("", rest)).split()[-1].lower() not in _BARE
        and not slim.endswith(("'s", "s'"))
    ):
        rest = slim
    rest = (
        re.sub(
            (
                r"^(?:a |the )?(?:full |complete |minimal |paginated |paged )?list of (?:all )?(?:the "
                r")?(?=\w)"
            ),
            "the ",
            rest,
        )
        if verb in READ_VERBS or verb == "look up"
        else rest
    )
    verb = USER_VERBS.get(verb, verb)
    if verb == "look up":
        rest = re.sub(r"(?<=\w) look ?up$", "", rest, flags=re.IGNORECASE)
    rest = _number(verb, rest, effect, operation)
    if verb not in ("list", "search"):
        rest = _with_article(rest)
    return _swap(
        f"{verb} {rest}".strip(), {"your": "my", "yours": "mine", "you": "me", "you've": "I've"}
    )


def _mine(phrase: str) -> str:
    """What is the logged-in user's is "mine" in their own words."""
    verb, _, rest = phrase.partition(" ")
    if verb == "look" and rest.startswith("up "):
        verb, rest = "look up", rest[3:]
    if ME.match(rest):
        return f"{verb} my details"
    if mine := OF_MINE.match(rest):
        rest = re.sub(r"^(all )?(?:the |a list of (?:all )?|an? )?", r"\1my ", mine[1], count=1)
    rest = AMID.sub(lambda found: f"{found[1] or ''}my {found[2]} ", rest)
    return f"{verb} {MINE.sub('my ', rest)}"


_BARE = DETERMINERS | PREPOSITIONS | {"and", "or"}


def _head(words: Sequence[str]) -> int:
    """Where the object at the head of some words ends: in front of a preposition, or of a
    participle that goes with one."""
    for index, word in enumerate(words):
        lower = word.lower()
        if lower in PREPOSITIONS or (
            index
            and (lower.endswith(("ed", "ing")) or lower == "split")
            and words[index + 1 : index + 2]
            and words[index + 1].lower() in PREPOSITIONS
        ):
            return index
    return len(words)


def _one(word: str) -> str:
    """One of several after a preposition: "for given user" is "for a user"."""
    return (
        article(word)
        if word.islower() and word != "one" and singular(word) == word and word not in MASS
        else word
    )


def _number(verb: str, rest: str, effect: str, operation: str) -> str:
    """The object in the number that the operation means: "create special events" of
    `createSpecialEvent` is one event; "a patient problems" is one problem."""
    words = rest.split()
    end = _head(words)
    if not 1 <= end <= 4:
        return rest
    head = words[end - 1]
    one = singular(head)
    if one == head or head in MASS or any(word.endswith(("'s", "s'")) for word in words[:end]):
        return rest
    if (words[0] in ("a", "an") and end > 1) or (
        effect in ("create", "update", "delete")
        and words[0] not in DETERMINERS
        and split_name(operation).lower().split()[-1:] == [one]
    ):
        words[end - 1] = one
    return " ".join(words)


_OWN_PATH = re.compile(r"/(?:me|self|myself|current)(?:/|$)", re.IGNORECASE)


def intent(tool: Tool, noun: str = "record", plural: str = "records") -> str:
    """The wish behind a call as an imperative, lower case, without ids and markup: "cancel an
    order", "list a customer's orders".

    `noun` and `plural` name the resource, for operations whose spec says nothing a person would
    say.
    """
    cached = _intents.get(tool)
    if cached is not None and cached[0] == noun:
        return cached[1]
    phrase = min(candidates(tool, noun, plural), key=lambda way: way[0])[1]
    if _OWN_PATH.search(tool.path):
        phrase = re.sub(r"\b(?:the )?user's\b", "my", phrase)
    return _intents.put(tool, (noun, _intent(phrase, tool.effect, tool.operation, noun)))[1]


# The noun of the resource that an intent was made for, and the intent.
_intents: IdentityCache[Tool, tuple[str, str]] = IdentityCache(20_000)


def _with_article(rest: str) -> str:
    """A bare singular noun of a heading gets its article: "invoice" becomes "an invoice", "state of
    the server" "the state of …", "museum hours" stays."""
    words = rest.split()
    head = _head(words)
    if (
        head > 2
        and "and" in words[1:head]
        and words[0] not in DETERMINERS
        and not words[0].endswith("s")
    ):
        return f"the {rest}"
    if not 1 <= head <= 4 or not all(
        re.fullmatch(r"[a-z][a-z0-9-]*|[A-Z0-9]+", word) for word in words[:head]
    ):
        return rest
    if (
        (words[0] in DETERMINERS and not (words[0] in ("new", "another") and head > 1))
        or (words[0].endswith("ly") and head > 1)
        or "or" in words[:head]
        or "and" in words[:head]
    ):
        return rest
    if words[head : head + 1] == ["of"]:
        return f"the {rest}"
    if (
        words[head - 1].endswith("s") and not words[head - 1].endswith(("ss", "us", "is"))
    ) or words[head - 1] in MASS:
        return rest
    return f"{article(words[0])}{rest[len(words[0]) :]}"


def _swap(text: str, words: dict[str, str]) -> str:
    return " ".join(words.get(word, word) for word in text.split(" "))


def is_reading(phrase: str) -> bool:
    """Whether an intent asks to be told something, so that "I've got …" is no answer to it."""
    # Somebody who checks in or out does something.
    return (
        phrase.split(maxsplit=1)[0] in READ_VERBS
        and not re.match(r"check (?:in|out|off)\b", phrase)
    ) or phrase.startswith("look up")


def addressed(phrase: str) -> str:
    """A user's intent as the assistant says it back: "my calendars" become "your calendars"."""
    return _swap(phrase, {"my": "your", "mine": "yours", "me": "you", "I've": "you've"})


def achieved(phrase: str) -> str:
    """An intent as something done: "cancel an order" becomes "cancelled an order"."""
    phrase = addressed(phrase)
    verb, _, rest = phrase.partition(" ")
    if phrase.startswith("look up"):
        return f"looked up {phrase[8:]}".strip()
    if (second := re.match(r"(or|and) (\w+)\b", rest)) and second[2] in IMPERATIVES:
        rest = f"{second[1]} {participle(second[2])}{rest[second.end() :]}"
    return f"{participle(verb)} {rest}".strip()


_STOP = r"(?!(?:to|for|of|from|in|by|with|on|at|as|into|and|or|that|using)\b)"
_HEAD = (
    r"\b(?:(?:an?|the|this|one|your|my|any|another|all|all "
    rf"the)\s+(?:{_STOP}\w+\s+){{0,2}})?(?:\w+'s\s+)?\b"
)
_GOES_ON = re.compile(
    r"\s+(?!(?:and|or|in|on|to|for|with|from|at|by|as|of|using|via|into|is|are|that|which|\w+ing|\w+ed)\b)((?:[a-z]\w*\s?)+?)"
    r"(?=$|\s+(?:and|or|in|on|to|for|with|from|at|by|as|of|using|into)\b)"
)
_GIVING = frozenset(
    "send create add post submit generate make schedule upload request write attach".split()
)


def narrowed(phrase: str, noun: str, target: str) -> str:
    """An intent with its object named: "cancel an order" and "the order of 3 May" become "cancel
    the order of 3 May".

    "list an account's payments" and "get account payments" become "… the payments of the account
    …". Where the object does not stand in the phrase, the target follows it.
    """
    if not noun:
        return f"{phrase} for {target}"
    owner = re.compile(
        rf"{_HEAD}{re.escape(noun)}'s\s+((?:\w+\s?)+?)(?=$|\s+(?:and|or|in|on|to|for|with|from|at|by|as)\b)",
        re.IGNORECASE,
    )
    if found := owner.search(phrase):
        return (
            f"{phrase[: found.start()].rstrip()} the {found[1].strip()} of "
            f"{target}{phrase[found.end() :]}"
        )
    plain = re.compile(rf"{_HEAD}{re.escape(noun)}(?!['\w-])", re.IGNORECASE)
    if found := plain.search(phrase):
        before, after = phrase[: found.start()].rstrip(), phrase[found.end() :]
        if part := _GOES_ON.match(after):
            # "get invoice details", "send an invoice reminder": what is meant is a part of the
            # thing.
            what, one = part[1].strip(), part[1].strip().split()[-1]
            plural = one.endswith("s") and not one.endswith(("ss", "us", "is"))
            every = re.match(r"all\b", found[0], re.IGNORECASE)
            if phrase.split(" ", 1)[0] in _GIVING:
                return (
                    f"{before} {what if plural or one in MASS else article(what)} for "
                    f"{target}{after[part.end() :]}"
                )
            return f"{before} {'all ' if every else ''}the {what} of {target}{after[part.end() :]}"
        return f"{before} {target}{after}"
    last = noun.rsplit(" ", 1)[-1]
    if last != noun and (found := re.search(rf"{_HEAD}{re.escape(last)}$", phrase, re.IGNORECASE)):
        # "delete a feed" where the things are called username feeds.
        return f"{phrase[: found.start()].rstrip()} {target}"
    return f"{phrase} for {target}"
