"""What the scripted user says in each dialogue act: deterministic in the blueprint's id."""

from __future__ import annotations

import random
from collections.abc import Sequence

from inftool.agents.scripted.dialogue_acts import act_rng
from inftool.core.blueprints import Blueprint, Detail, Persona, Turn
from inftool.core.word_sets import load_word_lists
from inftool.language.values import join
from inftool.scenarios.wording.phrases import are
from inftool.scenarios.wording.sentences import sentences, shown, ungrouped

# Use -> the sentences to choose from. A random choice is made by position, so a list
# that is reordered changes every conversation.
_LINES = load_word_lists("inftool.agents.scripted", "user_lines.json")
# How often a user says thanks before the next wish: often enough to be polite, and not a tic.
_THANKS_SHARE = 0.6


def utterances(blueprint: Blueprint) -> tuple[str, ...]:
    """Everything the user says, one text for each dialogue act."""
    persona, rng = blueprint.persona, act_rng(blueprint, "user")
    texts: list[str] = []
    last = len(blueprint.turns) - 1
    for number, turn in enumerate(blueprint.turns):
        lines = _wish_lines(turn, persona, rng)
        if number == 0 and (opener := rng.choice(persona.openers)):
            lines.insert(0, opener)
        if number and turn.kind == "wish" and rng.random() < _THANKS_SHARE:
            lines.insert(0, rng.choice(_LINES["thanks"]))
        if number == last and (closer := rng.choice(persona.closers)):
            lines.append(closer)
        texts.append(_paragraph(lines, lowercase=persona.lowercase))
        if withheld := [detail for detail in turn.details if detail.withheld]:
            # The assistant asks, and the user answers, or drops the wish.
            if turn.kind == "drop":
                lines = [rng.choice(_LINES["drop"])]
            else:
                lines = _reply_lines(withheld, persona, rng)
            texts.append(_paragraph(lines, lowercase=persona.lowercase))
    return tuple(texts)


def _wish_lines(turn: Turn, persona: Persona, rng: random.Random) -> list[str]:
    """The sentences of a wish: the request, the details told at once, and what is asked."""
    told_at_once = [detail for detail in turn.details if not detail.withheld]
    if len(turn.parts) > 1:
        lines = []
        for number, part in enumerate(turn.parts, 1):
            lines.append(rng.choice(_part_forms(number, persona)).format(intent=part))
            lines += ungrouped([detail for detail in told_at_once if detail.group == number])
        lines += ungrouped([detail for detail in told_at_once if not detail.group])
    else:
        lines = [_request(turn, persona.requests, rng), *sentences(told_at_once)]
    if turn.asks:
        asks = join([_ask_text(ask) for ask in turn.asks])
        lines.append(rng.choice(_LINES["asks"]).format(asks=asks))
    return lines


def _part_forms(number: int, persona: Persona) -> Sequence[str]:
    """The forms of one of several wishes, by its number from 1."""
    if number == 1:
        return persona.requests
    # From the third on, a further "also" would sound like a list that is read out.
    return _LINES["also"] if number == 2 else _LINES["finally"]


def _request(turn: Turn, forms: Sequence[str], rng: random.Random) -> str:
    """The sentence that opens a turn of one wish."""
    if turn.kind == "more":
        return rng.choice(_LINES["more"])
    forms = _LINES["change"] if turn.kind == "change" else forms
    return rng.choice(forms).format(intent=turn.intent)


def _reply_lines(withheld: Sequence[Detail], persona: Persona, rng: random.Random) -> list[str]:
    """The answer to the assistant's question, with what the user adds to it unasked."""
    reply = join([_detail_text(detail) for detail in withheld if not detail.volunteered])
    added = [detail for detail in withheld if detail.volunteered]
    # A correction (which has no frame) comes in the same sentence, other additions after it.
    reply = ", ".join([reply, *(detail.phrase for detail in added if not detail.frame)])
    answer = rng.choice(persona.replies).format(reply=reply, Reply=capital(reply))
    return [answer, *sentences([detail for detail in added if detail.frame])]


def _detail_text(detail: Detail) -> str:
    """A detail as the answer to a question: "the quantity is 3"."""
    if detail.frame:
        return f"the {detail.words} {are(detail.words)} {shown(detail)}"
    return detail.phrase or f"the {detail.words} is {detail.said}"


def _ask_text(ask: str) -> str:
    """The name of a fact as it stands in a question.

    "total" -> "the total"; "time it was created" -> "when it was created".
    """
    if not ask.startswith("time it was "):
        return f"the {ask}"
    done, _, owner = ask.removeprefix("time it was ").partition(" of ")
    verb = "were" if owner.startswith("the first") else "was"
    return f"when {owner or 'it'} {verb} {done}"


def _paragraph(lines: Sequence[str], *, lowercase: bool) -> str:
    """Sentences as one text, each with its full stop.

    `lowercase`: the user writes no capitals at the start of sentences. Otherwise each sentence gets
    one, except after a line that ends with a comma, such as "Hello,".
    """
    parts = [text if text[-1] in ".?!:,…)" else f"{text}." for text in lines if text]
    if lowercase:
        return " ".join(map(_uncapitalized, parts))
    return " ".join(
        capital(text) if number == 0 or parts[number - 1][-1] != "," else text
        for number, text in enumerate(parts)
    )


def _uncapitalized(text: str) -> str:
    # "I", "I'm" and abbreviations ("ID") keep their capitals.
    if text[:2] in ("I ", "I'") or text[:2].isupper():
        return text
    return text[0].lower() + text[1:]


def capital(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]
