"""What the scripted user says in each dialogue act."""

from __future__ import annotations

import random
from collections.abc import Sequence

from inftool.agents.scripted.dialogue_acts import act_rng
from inftool.core.blueprints import Blueprint, Detail, Turn
from inftool.language.values import join
from inftool.scenarios.wording.phrases import are
from inftool.scenarios.wording.sentences import sentences, shown, ungrouped

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


_ASKS = (
    "Please tell me {asks}.",
    "I'd like to know {asks}.",
    "What I need from it is {asks}.",
    "Could you give me {asks}?",
    "Let me know {asks}.",
)


_ALSO = (
    "Also, please {intent}.", "I also need to {intent}.", "And could you {intent}?", "While you're at it, {intent} too.", "At the same time, please {intent}.",
    "Besides that, I'd like to {intent}.", "And {intent} as well, please.",
)  # fmt: skip
_BESIDES = (
    "And finally, {intent}.",
    "Last of all, please {intent}.",
    "And one more: {intent}.",
    "Oh, and {intent}, please.",
)


def utterances(blueprint: Blueprint) -> tuple[str, ...]:
    """Everything the user says, one text a beat."""
    persona, rng = blueprint.persona, act_rng(blueprint, "user")
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
                rng.choice(
                    (
                        "Thanks.",
                        "Great, thank you.",
                        "Perfect.",
                        "Good.",
                        "Okay, next thing.",
                        "Thank you!",
                        "One more thing.",
                        "And then:",
                    )
                ),
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
            answered = rng.choice(persona.replies).format(reply=reply, Reply=capital(reply))
            texts.append(
                _voice(
                    [answered, *sentences([detail for detail in more if detail.frame])],
                    lowercase=persona.lowercase,
                )
            )
    return tuple(texts)


def _told(detail: Detail) -> str:
    """What was asked for, as an answer."""
    return (
        f"the {detail.words} {are(detail.words)} {shown(detail)}"
        if detail.frame
        else detail.phrase or f"the {detail.words} is {detail.said}"
    )


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
        return " ".join(
            capital(text) if number == 0 or parts[number - 1][-1] != "," else text
            for number, text in enumerate(parts)
        )
    return " ".join(
        text if text[:2] in ("I ", "I'") or text[:2].isupper() else text[0].lower() + text[1:]
        for text in parts
    )


def capital(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]
