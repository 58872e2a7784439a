"""What the scripted cast says: a blueprint's turns in the words of its persona, deterministic in the blueprint's id."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from inftool.records import Blueprint, Detail, Fact, Record, Turn
from inftool.scenarios.intents import achieved, addressed, is_reading
from inftool.scenarios.phrases import are, plural
from inftool.scenarios.phrases import told as told_as
from inftool.scenarios.sentences import sentences, shown, ungrouped
from inftool.scenarios.words import join

BeatKind = Literal["ask", "act", "decline", "drop"]

_ASK = (
    "Sure, I can do that. Could you tell me {missing}?", "Happy to help. What should {missing} be?", "Before I do that: what's {missing}?",
    "Of course. What's {missing}?", "I can take care of it. Could you give me {missing}?", "Which {bare} should I use?",
)  # fmt: skip
_WHICH = (
    "Sure, I can do that. Which {noun} is it?", "Happy to help. Which {noun} do you mean?", "Of course. Could you tell me which {noun} you mean?", "Which {noun} is it for?",
    "Before I do that: which {noun} is this about?",
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
_CANNOT = (
    "I'm sorry, but that's not possible here: {why}.", "I'm afraid I can't do that: {why}.", "That isn't something I can do, I'm afraid. {Why}.",
    "Unfortunately I'm not able to do that: {why}.",
)  # fmt: skip
_FORBIDDEN = (
    "I'm afraid I couldn't {intent}: {why}", "I tried to {intent}, but it's not possible: {why}", "I'm sorry, I can't {intent}. The service says: {why}",
    "That isn't something I can do right now. I tried to {intent}, and the answer was: {why}",
)  # fmt: skip
_RETRIED = (
    "It took a second try, because {why}.", "The first try didn't go through ({why}), so I tried again.", "There was a hiccup at first, {why}, and I tried it once more.",
)  # fmt: skip
_HICCUPS = {
    "rate_limit": "the service was getting too many requests", "unavailable": "the service was down for a moment", "timeout": "the service took too long to answer",
    "server_error": "something went wrong on the service's side", "conflict": "somebody else was changing it just then",
}  # fmt: skip
_LEFT = (
    "No problem, I'll leave it.",
    "All right, I haven't done anything about it.",
    "Okay, consider it dropped.",
    "Sure, I've left everything as it was.",
)
_DROPS = (
    "Actually, never mind, leave it.",
    "Oh, forget about that one.",
    "You know what, let's leave that.",
    "On second thought, don't bother with that.",
    "Hm, no, drop that one, please.",
)
_MORE = (
    "That should work now, you've been given access. Please go ahead.", "I've just had that switched on for you. Could you try again?",
    "They tell me you can do that now. Please do it the way I said.", "My colleague has enabled it for you in the meantime. Could you do it now?",
    "You should have what you need for that now. Please try once more.",
)  # fmt: skip
_CHANGES = (
    "Sorry, I've changed my mind: please {intent}.", "On second thought, please {intent}.", "Hm, actually, could you {intent} after all?", "Wait, I got that wrong. Please {intent}.",
    "Oh, one correction: {intent}, please.",
)  # fmt: skip
_EMPTY = ("Done, that went through.", "That worked.", "I've looked it up, and it went through.")
_FAILED = ("I'm sorry, that didn't work: {why}", "I tried, but I couldn't do that. The service answered: {why}", "That failed, I'm afraid: {why}")
_ASKS = ("Please tell me {asks}.", "I'd like to know {asks}.", "What I need from it is {asks}.", "Could you give me {asks}?", "Let me know {asks}.")


_ALSO = (
    "Also, please {intent}.", "I also need to {intent}.", "And could you {intent}?", "While you're at it, {intent} too.", "At the same time, please {intent}.",
    "Besides that, I'd like to {intent}.", "And {intent} as well, please.",
)  # fmt: skip
_BESIDES = ("And finally, {intent}.", "Last of all, please {intent}.", "And one more: {intent}.", "Oh, and {intent}, please.")


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
        plan.append(Beat(kind="act" if turn.steps else "drop" if turn.kind == "drop" else "decline", turn=number))
    return tuple(plan)


def additions(blueprint: Blueprint) -> dict[int, tuple[str, ...]]:
    """The tools that become visible with what the user says, by the number (from 0) of the utterance."""
    if not any(turn.adds for turn in blueprint.turns):
        return {}
    found: dict[int, tuple[str, ...]] = {}
    for number, beat in enumerate(beats(blueprint)):
        adds = blueprint.turns[beat.turn].adds
        if adds and not any(name in names for names in found.values() for name in adds):
            found[number] = adds
    return found


def utterances(blueprint: Blueprint) -> tuple[str, ...]:
    """Everything the user says, one text a beat."""
    persona, rng = blueprint.persona, _rng(blueprint, "user")
    texts: list[str] = []
    for number, turn in enumerate(blueprint.turns):
        spoken = [detail for detail in turn.details if not detail.withheld]
        if len(turn.parts) > 1:
            lines = []
            for place, part in enumerate(turn.parts, 1):
                forms = persona.requests if place == 1 else _ALSO if place < 3 else _BESIDES
                lines.append(rng.choice(forms).format(intent=part))
                lines += ungrouped([detail for detail in spoken if detail.group == place])
            lines += ungrouped([detail for detail in spoken if not detail.group])
        else:
            lines = [_request(turn, persona.requests, rng), *sentences(spoken)]
        if turn.asks:
            lines.append(rng.choice(_ASKS).format(asks=join([_asked(ask) for ask in turn.asks])))
        if number == 0 and (opener := rng.choice(persona.openers)):
            lines.insert(0, opener)
        if number and turn.kind == "wish" and rng.random() < 0.6:
            lines.insert(
                0,
                rng.choice(("Thanks.", "Great, thank you.", "Perfect.", "Good.", "Okay, next thing.", "Thank you!", "One more thing.", "And then:")),
            )
        if number == len(blueprint.turns) - 1 and (closer := rng.choice(persona.closers)):
            lines.append(closer)
        texts.append(_voice(lines, lowercase=persona.lowercase))
        if turn.kind == "drop" and any(detail.withheld for detail in turn.details):
            texts.append(_voice([rng.choice(_DROPS)], lowercase=persona.lowercase))
        elif withheld := [detail for detail in turn.details if detail.withheld]:
            reply = join([_told(detail) for detail in withheld if not detail.volunteered])
            more = [detail for detail in withheld if detail.volunteered]
            # A correction comes in the same breath; what else belongs to it, behind.
            reply = ", ".join([reply, *(detail.phrase for detail in more if not detail.frame)])
            answered = rng.choice(persona.replies).format(reply=reply, Reply=_capital(reply))
            texts.append(_voice([answered, *sentences([detail for detail in more if detail.frame])], lowercase=persona.lowercase))
    return tuple(texts)


def _told(detail: Detail) -> str:
    """What was asked for, as an answer."""
    return f"the {detail.words} {are(detail.words)} {shown(detail)}" if detail.frame else detail.phrase or f"the {detail.words} is {detail.said}"


def _asked(ask: str) -> str:
    """What is asked, as it stands in a sentence: "the total", "when it was created"."""
    if not ask.startswith("time it was "):
        return f"the {ask}"
    done, _, whose = ask.removeprefix("time it was ").partition(" of ")
    return f"when {whose or 'it'} {'were' if whose.startswith('the first') else 'was'} {done}"


def _request(turn: Turn, forms: Sequence[str], rng: random.Random) -> str:
    """The sentence that opens a turn."""
    if turn.kind == "more":
        return rng.choice(_MORE)
    return rng.choice(_CHANGES if turn.kind == "change" else forms).format(intent=turn.intent)


def _voice(sentences: Sequence[str], *, lowercase: bool) -> str:
    parts = [text if text[-1] in ".?!:,…)" else f"{text}." for text in sentences if text]
    if not lowercase:
        return " ".join(_capital(text) if number == 0 or parts[number - 1][-1] != "," else text for number, text in enumerate(parts))
    return " ".join(text if text[:2] in ("I ", "I'") or text[:2].isupper() else text[0].lower() + text[1:] for text in parts)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def question(blueprint: Blueprint, turn: Turn) -> str:
    """The assistant's question for what the user left out."""
    asked = [detail for detail in turn.details if detail.withheld and not detail.volunteered]
    if len(asked) == 1 and re.match(r"it's (?!called\b)", asked[0].phrase):
        # What is missing is a thing, not a value.
        return _rng(blueprint, "ask").choice(_WHICH).format(noun=asked[0].words)
    missing = list(dict.fromkeys(detail.words for detail in turn.details if detail.withheld and not detail.volunteered))
    return _rng(blueprint, "ask").choice(_ASK).format(missing=join([f"the {words}" for words in missing]), bare=join(missing))


def refusal(blueprint: Blueprint, turn: Turn) -> str:
    """The assistant's answer to a wish that no visible tool can fulfil, with the limit that it runs into where there is one."""
    if turn.why and not any(later.kind == "more" for later in blueprint.turns):
        return _rng(blueprint, "decline").choice(_CANNOT).format(why=turn.why, Why=_capital(turn.why))
    return _rng(blueprint, "decline").choice(_DECLINE).format(intent=addressed(turn.intent))


def dropped(blueprint: Blueprint) -> str:
    """The assistant's answer to a wish that is taken back."""
    return _rng(blueprint, "drop").choice(_LEFT)


def answer(blueprint: Blueprint, number: int, told: Sequence[tuple[Fact, Any]], failures: Sequence[str], hiccups: Sequence[str] = ()) -> str:
    """What the assistant says at the end of a turn.

    `told` are the facts with the values that the calls really gave, `failures` what the service said against calls that went wrong for good, `hiccups` the
    names of the passing failures that a second try got over.
    """
    rng, turn = _rng(blueprint, f"answer{number}"), blueprint.turns[number]
    if failures and any(blueprint.step(step).refused for step in turn.steps):
        return rng.choice(_FORBIDDEN).format(intent=addressed(turn.intent), why=_ended(_message(failures[0])))
    if failures:
        return rng.choice(_FAILED).format(why=_message(failures[0]))
    acts = [part for part in turn.parts or (turn.intent,) if not is_reading(part)]
    facts = _facts(told, rng, listed=not acts)
    if not acts:
        said = rng.choice(_FOUND).format(facts=facts, Facts=_capital(facts)) if facts else rng.choice(_EMPTY)
    else:
        done = rng.choice(_DONE).format(done=join([achieved(part.replace("that same ", "that ")) for part in acts]))
        said = f"{done} {_capital(facts)}." if facts else done
    if hiccups:
        said = f"{rng.choice(_RETRIED).format(why=_HICCUPS[hiccups[0]])} {said}"
    return said


def _message(failure: str) -> str:
    """What a failure says for people: the service's own sentence where it has one."""
    try:
        stack: list[Any] = [json.loads(failure)]
    except ValueError:
        return failure
    while stack:
        node = stack.pop(0)
        if isinstance(node, dict):
            for key in ("message", "detail", "description", "error_description", "reason", "title"):
                if isinstance(node.get(key), str) and " " in node[key]:
                    return str(node[key])
            stack += node.values()
        elif isinstance(node, list):
            stack += node
    return failure[:200]


def _ended(text: str) -> str:
    return text if text[-1:] in ".!?" else f"{text}."


def claim(blueprint: Blueprint, number: int) -> str:
    """A claim that a turn was fulfilled, with no word about how: what a false claim of success sounds like."""
    turn = blueprint.turns[number]
    return _rng(blueprint, "claim").choice(_DONE).format(done=join([achieved(part) for part in turn.parts or (turn.intent,)]))


def _facts(told_: Sequence[tuple[Fact, Any]], rng: random.Random, *, listed: bool) -> str:
    groups: dict[str, list[Any]] = {}
    for fact, value in told_:
        groups.setdefault(fact.words, []).append(value)
    return join([_fact(words, values, rng, alone=listed and len(groups) == 1) for words, values in groups.items()])


def _fact(words: str, values: Sequence[Any], rng: random.Random, *, alone: bool) -> str:
    """One thing that is told: of one thing, or of each of several."""
    # A key is copied, not put into words.
    key = words.split(" of ", 1)[0].endswith(("reference", "number", "ID", "code", "key", "token"))
    said = [str(value) if key else told_as(value, rng) for value in values]
    done = words.removeprefix("time it was ") if words.startswith("time it was ") else ""
    if len(values) == 1:
        if done and not done.count(" of "):
            return f"it was {done} on {said[0]}"
        return f"the {words} {are(words)} {said[0]}"
    if len(set(said)) == 1:
        return f"the {words} is {said[0]} for each of them"
    if done:
        return f"they were {done} on {join(said)}"
    if alone and (words.rsplit(maxsplit=1)[-1].lower() in _LABELS or words.endswith("s")):
        return f"{'they are' if key else rng.choice(('there are', 'they are', 'the list has', 'I found'))} {join(said)}"
    return f"the {plural(words)} are {join(said)}"


_LABELS = frozenset("name title summary subject label headline description email username number reference entries".split())


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
