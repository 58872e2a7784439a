"""What the scripted cast says: a blueprint's turns in the words of its persona, deterministic in the blueprint's id."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence
from typing import Any

from inftool.agents.scripted.dialogue_acts import act_rng
from inftool.agents.scripted.user_lines import capital
from inftool.core.blueprints import Blueprint, Fact, Turn
from inftool.language.values import join
from inftool.scenarios.wording.intents import achieved, addressed, is_reading
from inftool.scenarios.wording.phrases import are, plural, value_in_text

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
_FOUND = (
    "Here's what I found: {facts}.",
    "{Facts}.",
    "I checked: {facts}.",
    "Sure. {Facts}.",
    "I had a look, and {facts}.",
)
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


_EMPTY = ("Done, that went through.", "That worked.", "I've looked it up, and it went through.")
_FAILED = (
    "I'm sorry, that didn't work: {why}",
    "I tried, but I couldn't do that. The service answered: {why}",
    "That failed, I'm afraid: {why}",
)


def question(blueprint: Blueprint, turn: Turn) -> str:
    """The assistant's question for what the user left out."""
    asked = [detail for detail in turn.details if detail.withheld and not detail.volunteered]
    if len(asked) == 1 and re.match(r"it's (?!called\b)", asked[0].phrase):
        # What is missing is a thing, not a value.
        return act_rng(blueprint, "ask").choice(_WHICH).format(noun=asked[0].words)
    missing = list(
        dict.fromkeys(
            detail.words for detail in turn.details if detail.withheld and not detail.volunteered
        )
    )
    return (
        act_rng(blueprint, "ask")
        .choice(_ASK)
        .format(missing=join([f"the {words}" for words in missing]), bare=join(missing))
    )


def refusal(blueprint: Blueprint, turn: Turn) -> str:
    """The assistant's answer to a wish that no visible tool can fulfil, with the limit that it runs into where there is one."""
    if turn.why and not any(later.kind == "more" for later in blueprint.turns):
        return (
            act_rng(blueprint, "decline")
            .choice(_CANNOT)
            .format(why=turn.why, Why=capital(turn.why))
        )
    return act_rng(blueprint, "decline").choice(_DECLINE).format(intent=addressed(turn.intent))


def dropped(blueprint: Blueprint) -> str:
    """The assistant's answer to a wish that is taken back."""
    return act_rng(blueprint, "drop").choice(_LEFT)


def answer(
    blueprint: Blueprint,
    number: int,
    told: Sequence[tuple[Fact, Any]],
    failures: Sequence[str],
    hiccups: Sequence[str] = (),
) -> str:
    """What the assistant says at the end of a turn.

    `told` are the facts with the values that the calls really gave, `failures` what the service said against calls that went wrong for good, `hiccups` the
    names of the passing failures that a second try got over.
    """
    rng, turn = act_rng(blueprint, f"answer{number}"), blueprint.turns[number]
    if failures and any(blueprint.step(step).refused for step in turn.steps):
        return rng.choice(_FORBIDDEN).format(
            intent=addressed(turn.intent), why=_ended(_message(failures[0]))
        )
    if failures:
        return rng.choice(_FAILED).format(why=_message(failures[0]))
    acts = [part for part in turn.parts or (turn.intent,) if not is_reading(part)]
    facts = _facts(told, rng, listed=not acts)
    if not acts:
        said = (
            rng.choice(_FOUND).format(facts=facts, Facts=capital(facts))
            if facts
            else rng.choice(_EMPTY)
        )
    else:
        done = rng.choice(_DONE).format(
            done=join([achieved(part.replace("that same ", "that ")) for part in acts])
        )
        said = f"{done} {capital(facts)}." if facts else done
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
    return (
        act_rng(blueprint, "claim")
        .choice(_DONE)
        .format(done=join([achieved(part) for part in turn.parts or (turn.intent,)]))
    )


def _facts(told_: Sequence[tuple[Fact, Any]], rng: random.Random, *, listed: bool) -> str:
    groups: dict[str, list[Any]] = {}
    for fact, value in told_:
        groups.setdefault(fact.words, []).append(value)
    return join(
        [
            _fact(words, values, rng, alone=listed and len(groups) == 1)
            for words, values in groups.items()
        ]
    )


def _fact(words: str, values: Sequence[Any], rng: random.Random, *, alone: bool) -> str:
    """One thing that is told: of one thing, or of each of several."""
    # A key is copied, not put into words.
    key = words.split(" of ", 1)[0].endswith(("reference", "number", "ID", "code", "key", "token"))
    said = [str(value) if key else value_in_text(value, rng) for value in values]
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


_LABELS = frozenset(
    "name title summary subject label headline description email username number reference entries".split()
)


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
