"""Plan-first verbalisation: calls and results come from the executed blueprint, and a model only writes the words, which are then checked.

One request a conversation, and no call can go wrong: the cheapest good data. What the model is given is the script's own wording; what it gives back
must hold every value of it, no value that nobody knows yet, and no withheld one too early. The gates then judge the whole like any other play.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Sequence

from autogen_core.models import AssistantMessage, LLMMessage, SystemMessage, UserMessage
from pydantic import BaseModel, ConfigDict

from inftool.agents.cast import Cast
from inftool.core.blueprints import Blueprint, Detail
from inftool.core.chat import ChatMessage
from inftool.core.errors import CastError
from inftool.core.trajectories import Finding, Trajectory
from inftool.language.values import mentions, normalize
from inftool.scenarios.world_pool import WorldPool
from inftool.synthesis.conversation import provenance, undecided
from inftool.synthesis.rehearsal import rehearsed

ROUNDS = 3
_FIGURE = re.compile(r"[^\s\"'“”‘’(),;:!?]*\d[^\s\"'“”‘’(),;!?]*")
_QUOTED = re.compile(r"[\"“]([^\"”]+)[\"”]")


class Words(BaseModel):
    """What the writer gives back: one text a line, in order."""

    model_config = ConfigDict(extra="forbid")
    lines: list[str]


async def verbalize(
    blueprint: Blueprint, stage: WorldPool, cast: Cast, *, deadline: float | None = None
) -> Trajectory:
    """A blueprint's executed plan in words of the writer's. Errors that are not fatal come back as the verdict that says so."""
    plan = rehearsed(blueprint, stage)
    client = cast.client("writer")
    if client is None:
        raise CastError(
            "nobody is there to write the words", hint="name a model with --model", fatal=True
        )
    service = stage.api(blueprint.world.api).title
    spoken = [
        index
        for index, message in enumerate(plan.messages)
        if message.get("content") and message["role"] in ("user", "assistant")
    ]
    # Most rehearsals have no system message.
    began = int(plan.messages[0]["role"] == "system")
    problem: str | None = None
    messages: tuple[ChatMessage, ...] = ()
    prompt = cast.cards["assistant"]
    system: ChatMessage = {
        "role": "system",
        "content": prompt.brief(service=service, now=blueprint.now, session=blueprint.session),
    }
    task = cast.cards["writer"].render(
        service=service,
        about=blueprint.persona.about,
        manner=blueprint.persona.manner,
        now=blueprint.now,
    )
    script = [
        {"speaker": plan.messages[index]["role"], "text": plan.messages[index]["content"]}
        for index in spoken
    ]
    asked: list[LLMMessage] = [
        SystemMessage(content=task),
        UserMessage(content=json.dumps({"lines": script}, ensure_ascii=False), source="user"),
    ]
    try:
        async with asyncio.timeout(deadline):
            for _ in range(ROUNDS):
                result = await client.create(asked, json_output=Words)
                text = str(result.content)
                faults = ["not the JSON object that was asked for"]
                if (words := _read(text)) is not None:
                    faults = list(lost_and_leaked(blueprint, plan, spoken, words))
                if not faults:
                    told = dict(zip(spoken, words or (), strict=True))
                    rest: list[ChatMessage] = [
                        {**message, "content": told[index]} if index in told else message
                        for index, message in enumerate(plan.messages[began:], began)
                    ]
                    messages = (system, *rest)
                    break
                problem = "; ".join(faults[:5])
                asked += [
                    AssistantMessage(content=text, source="writer"),
                    UserMessage(
                        content=f"Mend this and give all lines again: {problem}", source="user"
                    ),
                ]
    except CastError as error:
        if error.fatal:
            raise
        problem = str(error)
    except TimeoutError:
        problem = f"the writing took longer than {deadline:g} s"
    failed = (
        None
        if messages
        else undecided(
            Finding(code="words_unusable", message=problem or "nothing came", blame="server")
        )
    )
    return Trajectory(
        id=blueprint.id,
        messages=messages,
        tools=plan.tools,
        offered_from={name: index + 1 - began for name, index in plan.offered_from.items()},
        blueprint=blueprint,
        verdict=failed,
        provenance=provenance(
            blueprint,
            stage,
            cast,
            digest=None if failed else blueprint.world.expected,
            planted=None,
            usage={"writer": client.tally.as_dict()},
        ),
    )


def _read(text: str) -> list[str] | None:
    try:
        return Words.model_validate_json(text[text.index("{") : text.rindex("}") + 1]).lines
    except ValueError:
        return None


def lost_and_leaked(
    blueprint: Blueprint, plan: Trajectory, spoken: Sequence[int], words: Sequence[str]
) -> Iterator[str]:
    """What is wrong with new words for the spoken messages of a plan: values lost, values that nobody can know yet, lines missing."""
    if len(words) != len(spoken):
        yield f"{len(spoken)} lines were given, {len(words)} came back"
        return
    details = [detail for turn in blueprint.turns for detail in turn.details]
    known: set[str] = set(figures(blueprint.now))
    heard: list[str] = []
    at = 0
    for number, (index, new) in enumerate(zip(spoken, words, strict=True), 1):
        old = str(plan.messages[index]["content"])
        for message in plan.messages[at:index]:
            known.update(figures(str(message.get("content") or "")))
        at = index
        known.update(figures(old))
        if not new.strip():
            yield f"line {number} is empty"
        mine = set(figures(new))
        yield from (f"line {number} leaves out {lost}" for lost in sorted(set(figures(old)) - mine))
        yield from (
            f"line {number} says {leak}, which nobody knows" for leak in sorted(mine - known)
        )
        yield from (
            f"line {number} leaves out {quote!r}"
            for quote in _QUOTED.findall(old)
            if normalize(quote) not in normalize(new)
        )
        if plan.messages[index]["role"] == "user":
            heard.append(normalize(old))
            yield from _told(number, details, normalize(old), normalize(new), heard)


def _told(
    number: int, details: Sequence[Detail], old: str, new: str, heard: Sequence[str]
) -> Iterator[str]:
    for detail in details:
        if isinstance(detail.value, (dict, list, bool)) or detail.value is None:
            continue
        now = mentions(new, detail.value) or normalize(detail.said) in new
        if (mentions(old, detail.value) or normalize(detail.said) in old) and not now:
            yield f"line {number} leaves out the {detail.words}, {detail.said}"
        elif (
            now
            and detail.withheld
            and not any(
                mentions(text, detail.value) or normalize(detail.said) in text for text in heard
            )
        ):
            yield f"line {number} gives away the {detail.words} before anybody asks"


def figures(text: str) -> Iterator[str]:
    """Everything in a text that has a digit in it, as it stands there, without the full stop of a sentence."""
    return (found.rstrip(".…").casefold() for found in _FIGURE.findall(text))
