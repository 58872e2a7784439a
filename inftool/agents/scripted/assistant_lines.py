"""What the scripted assistant says: deterministic in the blueprint's id."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence
from typing import Any

from inftool.agents.scripted.dialogue_acts import act_rng
from inftool.agents.scripted.user_lines import capital
from inftool.core.blueprints import Blueprint, Fact, Turn
from inftool.core.word_sets import load_word_lists
from inftool.language.values import join
from inftool.scenarios.wording.intents import achieved, addressed, is_reading
from inftool.scenarios.wording.phrases import are, plural, value_in_text

# Use -> the sentences to choose from. A random choice is made by position, so a list
# that is reordered changes every conversation.
_LINES = load_word_lists("inftool.agents.scripted", "assistant_lines.json")
# By the name of an injected fault, what the user is told was wrong (see `_LINES["retried"]`).
_FAULT_REASONS = {
    "rate_limit": "the service was getting too many requests",
    "unavailable": "the service was down for a moment",
    "timeout": "the service took too long to answer",
    "server_error": "something went wrong on the service's side",
    "conflict": "somebody else was changing it just then",
}
# Where a service puts the sentence for people in an error, the most common key first.
_MESSAGE_KEYS = ("message", "detail", "description", "error_description", "reason", "title")
# What is quoted of an error that has no such sentence.
_MAX_ERROR_LENGTH = 200
# Facts under such names are values to copy, so they are said as they are.
_KEY_ENDINGS = ("reference", "number", "ID", "code", "key", "token")
# Several values under such a name identify things, so they can be told as a list of these things:
# "there are Dune and Emma" instead of "the titles are Dune and Emma".
_LABELS = frozenset(
    (
        "name",
        "title",
        "summary",
        "subject",
        "label",
        "headline",
        "description",
        "email",
        "username",
        "number",
        "reference",
        "entries",
    )
)
# How a list begins. Keys always get "they are": "there are 17 and 18" would sound like a count.
_LIST_STARTS = ("there are", "they are", "the list has", "I found")


def question(blueprint: Blueprint, turn: Turn) -> str:
    """The assistant's question for the details that the user left out."""
    asked = [detail for detail in turn.details if detail.withheld and not detail.volunteered]
    rng = act_rng(blueprint, "ask")
    if len(asked) == 1 and re.match(r"it's (?!called\b)", asked[0].phrase):
        # The detail says which entity is meant ("it's the red one"), so a value is not asked for.
        return rng.choice(_LINES["ask_which"]).format(noun=asked[0].words)
    missing = list(dict.fromkeys(detail.words for detail in asked))
    named = join([f"the {words}" for words in missing])
    return rng.choice(_LINES["ask"]).format(missing=named, bare=join(missing))


def refusal(blueprint: Blueprint, turn: Turn) -> str:
    """The assistant's answer to a wish that no visible tool can fulfill.

    It gives the reason if the turn has one, but not if the user will say later that the wish has
    become possible.
    """
    rng = act_rng(blueprint, "decline")
    if turn.why and not any(later.kind == "more" for later in blueprint.turns):
        return rng.choice(_LINES["decline_reason"]).format(why=turn.why, Why=capital(turn.why))
    return rng.choice(_LINES["decline"]).format(intent=addressed(turn.intent))


def dropped(blueprint: Blueprint) -> str:
    """The assistant's answer to a wish that is taken back."""
    return act_rng(blueprint, "drop").choice(_LINES["dropped"])


def answer(
    blueprint: Blueprint,
    number: int,
    facts: Sequence[tuple[Fact, object]],
    failures: Sequence[str],
    faults: Sequence[str] = (),
) -> str:
    """What the assistant says at the end of a turn.

    `facts` come with the values that the calls really gave. `failures` are the service's answers to
    calls that failed for good, `faults` the names of injected faults that a second try got over.
    """
    rng, turn = act_rng(blueprint, f"answer{number}"), blueprint.turns[number]
    if failures and any(blueprint.step(step).refused for step in turn.steps):
        reason = _as_sentence(_message(failures[0]))
        return rng.choice(_LINES["refused"]).format(intent=addressed(turn.intent), why=reason)
    if failures:
        return rng.choice(_LINES["failed"]).format(why=_message(failures[0]))
    acts = [part for part in turn.parts or (turn.intent,) if not is_reading(part)]
    clause = _facts_text(facts, rng, may_list=not acts)
    if acts:
        # The user says "that same order" to point back; "that order" is enough in the answer.
        done = join([achieved(part.replace("that same ", "that ")) for part in acts])
        text = rng.choice(_LINES["done"]).format(done=done)
        if clause:
            text = f"{text} {capital(clause)}."
    elif clause:
        text = rng.choice(_LINES["found"]).format(facts=clause, Facts=capital(clause))
    else:
        text = rng.choice(_LINES["nothing_to_tell"])
    if faults:
        retried = rng.choice(_LINES["retried"]).format(why=_FAULT_REASONS[faults[0]])
        text = f"{retried} {text}"
    return text


def _message(failure: str) -> str:
    """The sentence for people in a failed call's answer, or the start of the answer itself.

    `'{"error": {"code": 7, "message": "No such order"}}'` -> `"No such order"`.
    """
    try:
        nodes: list[object] = [json.loads(failure)]
    except ValueError:
        return failure
    # Breadth first: the outermost sentence is the one about the whole call.
    while nodes:
        node = nodes.pop(0)
        if isinstance(node, dict):
            for key in _MESSAGE_KEYS:
                text = node.get(key)
                # A text without a space is a code, such as "not_found".
                if isinstance(text, str) and " " in text:
                    return text
            nodes += node.values()
        elif isinstance(node, list):
            nodes += node
    return failure[:_MAX_ERROR_LENGTH]


def _as_sentence(text: str) -> str:
    return text if text[-1:] in ".!?" else f"{text}."


def claim(blueprint: Blueprint, number: int) -> str:
    """A bare claim that a turn was fulfilled: what a false claim of success sounds like."""
    turn = blueprint.turns[number]
    done = join([achieved(part) for part in turn.parts or (turn.intent,)])
    return act_rng(blueprint, "claim").choice(_LINES["done"]).format(done=done)


def _facts_text(facts: Sequence[tuple[Fact, object]], rng: random.Random, *, may_list: bool) -> str:
    """The facts as one clause; those of the same name are told together.

    `may_list`: if all facts have one name, their values may be told as a list without that name.
    """
    values: dict[str, list[object]] = {}
    for fact, value in facts:
        values.setdefault(fact.words, []).append(value)
    is_list = may_list and len(values) == 1
    return join([_fact_text(words, group, rng, is_list) for words, group in values.items()])


def _fact_text(words: str, values: Sequence[object], rng: random.Random, is_list: bool) -> str:
    """The values of one name: "the total is 9.5", "the titles are Dune and Emma"."""
    is_key = words.split(" of ", 1)[0].endswith(_KEY_ENDINGS)
    texts = [str(value) if is_key else value_in_text(value, rng) for value in values]
    # "time it was created" -> "it was created on 3 March"
    done = words.removeprefix("time it was ") if words.startswith("time it was ") else ""
    if len(values) == 1:
        if done and " of " not in done:
            return f"it was {done} on {texts[0]}"
        return f"the {words} {are(words)} {texts[0]}"
    if len(set(texts)) == 1:
        return f"the {words} is {texts[0]} for each of them"
    if done:
        return f"they were {done} on {join(texts)}"
    if is_list and (words.rsplit(maxsplit=1)[-1].lower() in _LABELS or words.endswith("s")):
        start = "they are" if is_key else rng.choice(_LIST_STARTS)
        return f"{start} {join(texts)}"
    return f"the {plural(words)} are {join(texts)}"


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
