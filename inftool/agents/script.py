"""What the scripted cast says: a blueprint's turns in the words of its persona, deterministic in the blueprint's id."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from inftool.records import Blueprint, Detail, Fact, Record, Turn
from inftool.scenarios.intents import achieved, addressed, is_reading
from inftool.scenarios.phrases import are, quoted
from inftool.scenarios.words import join, say

BeatKind = Literal["ask", "act", "decline"]

_ASK = (
    "Sure, I can do that. Could you tell me {missing}?", "Happy to help. What should {missing} be?", "Before I do that: what's {missing}?",
    "Of course. What's {missing}?", "I can take care of it. Could you give me {missing}?", "Which {bare} should I use?",
)  # fmt: skip
_DECLINE = (
    "I'm sorry, but I can't {intent}: none of the tools I have here can do that.", "I'm afraid that's something I can't do here. I have no way to {intent}.",
    "Unfortunately I'm not able to {intent} with what I have access to.", "I can't help with that one, sorry. I don't have a tool to {intent}.",
    "That's outside of what I can do here: I have no access to anything that would let me {intent}.",
)  # fmt: skip
_DONE = (
    "Done: I've {done}.",
    "All set. I've {done}.",
    "I've {done}.",
    "That's taken care of: I've {done}.",
    "Okay, I've {done}.",
    "Good news: I've {done}.",
)
_FOUND = ("Here's what I found: {facts}.", "{Facts}.", "I checked: {facts}.", "Sure. {Facts}.", "I had a look, and {facts}.")
_EMPTY = ("Done, that went through.", "That worked.", "I've looked it up, and it went through.")
_FAILED = ("I'm sorry, that didn't work: {why}", "I tried, but I couldn't do that. The service answered: {why}", "That failed, I'm afraid: {why}")
_ASKS = ("Please tell me {asks}.", "I'd like to know {asks}.", "What I need from it is {asks}.", "Could you give me {asks}?", "Let me know {asks}.")


_ORDINALS = ("first", "second", "third", "fourth")


class Beat(Record):
    """What the assistant does about one utterance: asks for what was withheld, acts on a turn, or declines it."""

    kind: BeatKind
    turn: int


def _rng(blueprint: Blueprint, part: str) -> random.Random:
    return random.Random(f"{blueprint.id}/{part}")


def beats(blueprint: Blueprint) -> tuple[Beat, ...]:
    """One beat an utterance, in order; a turn with withheld details has two."""
    plan: list[Beat] = []
    for number, turn in enumerate(blueprint.turns):
        if any(detail.withheld for detail in turn.details):
            plan.append(Beat(kind="ask", turn=number))
        plan.append(Beat(kind="act" if turn.steps else "decline", turn=number))
    return tuple(plan)


def utterances(blueprint: Blueprint) -> tuple[str, ...]:
    """Everything the user says, one text a beat."""
    persona, rng = blueprint.persona, _rng(blueprint, "user")
    texts: list[str] = []
    for number, turn in enumerate(blueprint.turns):
        sentences = [rng.choice(persona.requests).format(intent=turn.intent)]
        sentences += _sentences([detail for detail in turn.details if not detail.withheld], rng)
        if turn.asks:
            sentences.append(rng.choice(_ASKS).format(asks=join([f"the {ask}" for ask in turn.asks])))
        if number == 0 and (opener := rng.choice(persona.openers)):
            sentences.insert(0, opener)
        if number and rng.random() < 0.6:
            sentences.insert(
                0,
                rng.choice(("Thanks.", "Great, thank you.", "Perfect.", "Good.", "Okay, next thing.", "Thank you!", "One more thing.", "And then:")),
            )
        if number == len(blueprint.turns) - 1 and (closer := rng.choice(persona.closers)):
            sentences.append(closer)
        texts.append(_voice(sentences, lowercase=persona.lowercase))
        if withheld := [detail for detail in turn.details if detail.withheld]:
            reply = join([detail.phrase or f"the {detail.words} is {detail.said}" for detail in withheld])
            texts.append(_voice([rng.choice(persona.replies).format(reply=reply, Reply=_capital(reply))], lowercase=persona.lowercase))
    return tuple(texts)


def _sentences(details: Sequence[Detail], rng: random.Random) -> list[str]:
    sentences: list[str] = []
    for group in sorted({detail.group for detail in details}):
        clauses = [detail.phrase or f"the {detail.words} is {detail.said}" for detail in details if detail.group == group]
        if group:
            # Several things at once are kept apart, one sentence each.
            sentences.append(f"{rng.choice(('For the', 'The'))} {_ORDINALS[group - 1]} one: {join(clauses)}.")
            continue
        while clauses:
            size = min(len(clauses), rng.choice((1, 2, 2, 3)))
            sentences.append(f"{_capital(join(clauses[:size]))}.")
            clauses = clauses[size:]
    return sentences


def _voice(sentences: Sequence[str], *, lowercase: bool) -> str:
    parts = [text if text[-1] in ".?!:,…)" else f"{text}." for text in sentences if text]
    if not lowercase:
        return " ".join(_capital(text) if number == 0 or parts[number - 1][-1] != "," else text for number, text in enumerate(parts))
    return " ".join(text if text[:2] in ("I ", "I'") or text[:2].isupper() else text[0].lower() + text[1:] for text in parts)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def question(blueprint: Blueprint, turn: Turn) -> str:
    """The assistant's question for what the user left out."""
    missing = [detail.words for detail in turn.details if detail.withheld]
    return _rng(blueprint, "ask").choice(_ASK).format(missing=join([f"the {words}" for words in missing]), bare=join(missing))


def refusal(blueprint: Blueprint, turn: Turn) -> str:
    """The assistant's answer to a wish that no visible tool can fulfil."""
    return _rng(blueprint, "decline").choice(_DECLINE).format(intent=addressed(turn.intent))


def answer(blueprint: Blueprint, number: int, told: Sequence[tuple[Fact, Any]], failures: Sequence[str]) -> str:
    """What the assistant says at the end of a turn: `told` are the facts with the values that the calls really gave."""
    rng, turn = _rng(blueprint, f"answer{number}"), blueprint.turns[number]
    if failures:
        return rng.choice(_FAILED).format(why=failures[0])
    facts = _facts(told, rng)
    if is_reading(turn.intent):
        return rng.choice(_FOUND).format(facts=facts, Facts=_capital(facts)) if facts else rng.choice(_EMPTY)
    done = rng.choice(_DONE).format(done=achieved(turn.intent.replace("that same ", "that ")))
    return f"{done} {_capital(facts)}." if facts else done


def claim(blueprint: Blueprint, number: int) -> str:
    """A claim that a turn was fulfilled, with no word about how: what a false claim of success sounds like."""
    return _rng(blueprint, "claim").choice(_DONE).format(done=achieved(blueprint.turns[number].intent))


def _facts(told: Sequence[tuple[Fact, Any]], rng: random.Random) -> str:
    groups: dict[str, list[str]] = {}
    for fact, value in told:
        groups.setdefault(fact.words, []).append(quoted(say(value, None, rng)))
    clauses = [
        f"the {words} {are(words)} {join(values)}" if len(values) == 1 else f"{rng.choice(('there are', 'they are', 'the list has'))} {join(values)}"
        for words, values in groups.items()
    ]
    return join(clauses)


def transcript(messages: Sequence[Mapping[str, Any]]) -> str:
    """A conversation as plain text, for people to read."""
    lines = []
    for message in messages:
        if message["role"] == "tool":
            lines.append(f"    <- {message['content']}")
        for call in message.get("tool_calls") or ():
            lines.append(f"    -> {call['function']['name']}({call['function']['arguments']})")
        if message["role"] in ("user", "assistant") and message.get("content"):
            lines.append(f"{message['role']}: {message['content']}")
    return "\n".join(lines)
