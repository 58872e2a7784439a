"""Names the object of an intent: "cancel an order" -> "cancel the order of 3 May"."""

from __future__ import annotations

import re

from inftool.scenarios.wording.candidates import MASS_NOUNS
from inftool.scenarios.wording.phrases import article
from inftool.scenarios.wording.word_sets import WORD_SETS

_NO_FUNCTION_WORD = r"(?!(?:to|for|of|from|in|by|with|on|at|as|into|and|or|that|using)\b)"
# What stands in front of a noun: an article, two more words at most, an owner.
_HEAD = (
    r"\b(?:(?:an?|the|this|one|your|my|any|another|all|all the)\s+"
    rf"(?:{_NO_FUNCTION_WORD}\w+\s+){{0,2}})?(?:\w+'s\s+)?\b"
)
# Nouns behind the noun: "an invoice reminder".
_COMPOUND = re.compile(
    r"\s+(?!(?:and|or|in|on|to|for|with|from|at|by|as|of|using|via|into|is|are|that|which|\w+ing"
    r"|\w+ed)\b)((?:[a-z]\w*\s?)+?)"
    r"(?=$|\s+(?:and|or|in|on|to|for|with|from|at|by|as|of|using|into)\b)"
)
_VERBS_OF_GIVING = WORD_SETS["verbs_of_giving"]


def narrowed(phrase: str, noun: str, target: str) -> str:
    """An intent with its object named by a referring expression.

    ("cancel an order", "order", "the order of 3 May") -> "cancel the order of 3 May"; "list an
    account's payments" and "get account payments" -> "... the payments of the account ...". Where
    the noun is not in the phrase, the target follows it: "check in for the booking ...".
    """
    if not noun:
        return f"{phrase} for {target}"
    owner = re.compile(
        rf"{_HEAD}{re.escape(noun)}'s\s+((?:\w+\s?)+?)"
        r"(?=$|\s+(?:and|or|in|on|to|for|with|from|at|by|as)\b)",
        re.IGNORECASE,
    )
    if match := owner.search(phrase):
        before, after = phrase[: match.start()].rstrip(), phrase[match.end() :]
        return f"{before} the {match[1].strip()} of {target}{after}"
    plain = re.compile(rf"{_HEAD}{re.escape(noun)}(?!['\w-])", re.IGNORECASE)
    if match := plain.search(phrase):
        before, after = phrase[: match.start()].rstrip(), phrase[match.end() :]
        compound = _COMPOUND.match(after)
        if compound is None:
            return f"{before} {target}{after}"
        part = _part_of(compound[1].strip(), phrase, match[0], target)
        return f"{before} {part}{after[compound.end() :]}"
    last = noun.rsplit(" ", 1)[-1]
    if last != noun and (match := re.search(rf"{_HEAD}{re.escape(last)}$", phrase, re.IGNORECASE)):
        # "delete a feed" where the things are called username feeds.
        return f"{phrase[: match.start()].rstrip()} {target}"
    return f"{phrase} for {target}"


def _part_of(part: str, phrase: str, head: str, target: str) -> str:
    """A part of a thing that a compound names, with the thing: "get invoice details".

    -> "the details of the invoice ...". "send an invoice reminder" -> "a reminder for the invoice
    ...". `head` is what the phrase has up to the noun.
    """
    last = part.rsplit(maxsplit=1)[-1]
    is_plural = last.endswith("s") and not last.endswith(("ss", "us", "is"))
    if phrase.split(" ", 1)[0] in _VERBS_OF_GIVING:
        return f"{part if is_plural or last in MASS_NOUNS else article(part)} for {target}"
    every = "all " if re.match(r"all\b", head, re.IGNORECASE) else ""
    return f"{every}the {part} of {target}"
