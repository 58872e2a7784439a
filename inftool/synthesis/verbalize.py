"""Plan-first verbalization: calls and results are the executed plan's, a model writes the words.

It takes one request for each conversation, and no call can go wrong. The model is given the
script's own wording; what it returns must hold every value of it, none that nobody knows yet, and
no withheld one too early. The gates then judge the whole like any other play.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Sequence

from autogen_core.models import (
    AssistantMessage,
    ChatCompletionClient,
    LLMMessage,
    SystemMessage,
    UserMessage,
)
from pydantic import BaseModel, ConfigDict

from inftool.agents.cast import Cast
from inftool.core.blueprints import Blueprint, Detail
from inftool.core.chat import ChatMessage
from inftool.core.errors import CastError
from inftool.core.trajectories import Finding, Trajectory, Verdict
from inftool.language.values import mentions, normalize
from inftool.scenarios.world_pool import WorldPool
from inftool.synthesis.conversation import provenance, undecided
from inftool.synthesis.rehearsal import rehearsed

# Tries to write usable lines, the first included: what is wrong is told after each.
ROUNDS = 3
# Faults told at a time: more say more, and lengthen the prompt. Not measured.
FAULTS_TOLD = 5
# "at 9:30, room B12." -> "9:30", "B12": what holds a digit, without the punctuation around it.
_FIGURE = re.compile(r"[^\s\"'“”‘’(),;:!?]*\d[^\s\"'“”‘’(),;!?]*")
_QUOTED = re.compile(r"[\"“]([^\"”]+)[\"”]")


class WrittenLines(BaseModel):
    """What the writer returns: one text for each line, in order."""

    model_config = ConfigDict(extra="forbid")
    lines: list[str]


async def verbalize(
    blueprint: Blueprint, stage: WorldPool, cast: Cast, *, deadline: float | None = None
) -> Trajectory:
    """A blueprint's executed plan in the words of the cast's writer, not judged yet.

    Errors that are not fatal are returned as the verdict that says so. CastError without a writer.
    """
    client = cast.client("writer")
    if client is None:
        raise CastError(
            "nobody is there to write the words", hint="name a model with --model", fatal=True
        )
    # Calls and results come from executing the plan, so that no model can get them wrong.
    plan = rehearsed(blueprint, stage)
    script = _Script(blueprint, plan)
    problem: str | None = None
    lines: list[str] | None = None
    try:
        async with asyncio.timeout(deadline):
            lines, problem = await _write(client, _task(blueprint, stage, cast, script), script)
    except CastError as error:
        if error.fatal:
            raise
        problem = str(error)
    except TimeoutError:
        problem = f"the writing took longer than {deadline:g} s"
    failed: Verdict | None = None
    messages: tuple[ChatMessage, ...] = ()
    if lines is None:
        message = problem or "nothing came"
        failed = undecided(Finding(code="words_unusable", message=message, blame="server"))
    else:
        messages = (_instructions(blueprint, stage, cast), *script.spoken_as(lines))
    return Trajectory(
        id=blueprint.id,
        messages=messages,
        tools=plan.tools,
        # The plan's own system message, if it has one, is replaced by the card's.
        offered_from={name: index + 1 - script.start for name, index in plan.offered_from.items()},
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


class _Script:
    """The lines of an executed plan that people speak, in the script's own wording."""

    def __init__(self, blueprint: Blueprint, plan: Trajectory) -> None:
        self.blueprint = blueprint
        self.plan = plan
        # Most rehearsals have no system message.
        self.start = int(plan.messages[0]["role"] == "system")
        self.spoken = [
            index
            for index, message in enumerate(plan.messages)
            if message.get("content") and message["role"] in ("user", "assistant")
        ]

    def as_json(self) -> str:
        """The lines as the writer is given them."""
        messages = [self.plan.messages[index] for index in self.spoken]
        lines = [{"speaker": line["role"], "text": line["content"]} for line in messages]
        return json.dumps({"lines": lines}, ensure_ascii=False)

    def faults(self, lines: list[str] | None) -> list[str]:
        """What is wrong with the writer's lines (None: they could not be read)."""
        if lines is None:
            return ["not the JSON object that was asked for"]
        return list(lost_and_leaked(self.blueprint, self.plan, self.spoken, lines))

    def spoken_as(self, lines: Sequence[str]) -> Iterator[ChatMessage]:
        """The plan's messages with new words for those that are spoken."""
        texts = dict(zip(self.spoken, lines, strict=True))
        for index, message in enumerate(self.plan.messages[self.start :], self.start):
            yield {**message, "content": texts[index]} if index in texts else message


def _task(blueprint: Blueprint, stage: WorldPool, cast: Cast, script: _Script) -> list[LLMMessage]:
    task = cast.cards["writer"].render(
        service=stage.api(blueprint.world.api).title,
        about=blueprint.persona.about,
        manner=blueprint.persona.manner,
        now=blueprint.now,
    )
    return [SystemMessage(content=task), UserMessage(content=script.as_json(), source="user")]


def _instructions(blueprint: Blueprint, stage: WorldPool, cast: Cast) -> ChatMessage:
    """The system message: the assistant's card, as in a conversation that a model plays."""
    service = stage.api(blueprint.world.api).title
    text = cast.cards["assistant"].brief(
        service=service, now=blueprint.now, session=blueprint.session
    )
    return {"role": "system", "content": text}


async def _write(
    client: ChatCompletionClient, conversation: list[LLMMessage], script: _Script
) -> tuple[list[str] | None, str | None]:
    """The lines, or None and what was wrong with the last try."""
    problem: str | None = None
    for _ in range(ROUNDS):
        result = await client.create(conversation, json_output=WrittenLines)
        text = str(result.content)
        lines = _read(text)
        faults = script.faults(lines)
        if not faults:
            return lines, None
        problem = "; ".join(faults[:FAULTS_TOLD])
        complaint = f"Mend this and give all lines again: {problem}"
        conversation += [
            AssistantMessage(content=text, source="writer"),
            UserMessage(content=complaint, source="user"),
        ]
    return None, problem


def _read(text: str) -> list[str] | None:
    try:
        return WrittenLines.model_validate_json(text[text.index("{") : text.rindex("}") + 1]).lines
    except ValueError:
        return None


def lost_and_leaked(
    blueprint: Blueprint, plan: Trajectory, spoken: Sequence[int], words: Sequence[str]
) -> Iterator[str]:
    """What is wrong with new words for the spoken messages of a plan, one sentence for each fault.

    Lines that are missing or empty, values that were lost, values that nobody can know yet, and
    withheld details that are given away before anybody asks.
    """
    if len(words) != len(spoken):
        yield f"{len(spoken)} lines were given, {len(words)} came back"
        return
    details = [detail for turn in blueprint.turns for detail in turn.details]
    known = set(figures(blueprint.now))
    heard: list[str] = []
    start = 0
    for number, (index, new) in enumerate(zip(spoken, words, strict=True), 1):
        old = str(plan.messages[index]["content"])
        for message in plan.messages[start:index]:
            known.update(figures(str(message.get("content") or "")))
        start = index
        # What the script says at this place may be said, also if no result showed it.
        known.update(figures(old))
        if not new.strip():
            yield f"line {number} is empty"
        yield from _changed_values(number, old, new, known)
        if plan.messages[index]["role"] == "user":
            heard.append(normalize(old))
            yield from _changed_details(number, details, (normalize(old), normalize(new)), heard)


def _changed_values(number: int, old: str, new: str, known: set[str]) -> Iterator[str]:
    """Figures and quotations that a line lost, and figures in it that nobody knows."""
    told, meant = set(figures(new)), set(figures(old))
    yield from (f"line {number} leaves out {lost}" for lost in sorted(meant - told))
    yield from (f"line {number} says {leak}, which nobody knows" for leak in sorted(told - known))
    for quote in _QUOTED.findall(old):
        if normalize(quote) not in normalize(new):
            yield f"line {number} leaves out {quote!r}"


def _changed_details(
    number: int, details: Sequence[Detail], texts: tuple[str, str], heard: Sequence[str]
) -> Iterator[str]:
    """Details that a line of the user lost or gives away; texts (old, new) are normalized."""
    old, new = texts
    for detail in details:
        if isinstance(detail.value, (dict, list, bool)) or detail.value is None:
            continue
        is_said = _says(new, detail)
        if _says(old, detail) and not is_said:
            yield f"line {number} leaves out the {detail.words}, {detail.said}"
        elif is_said and detail.withheld and not any(_says(text, detail) for text in heard):
            yield f"line {number} gives away the {detail.words} before anybody asks"


def _says(text: str, detail: Detail) -> bool:
    return mentions(text, detail.value) or normalize(detail.said) in text


def figures(text: str) -> Iterator[str]:
    """Everything in a text that holds a digit: `Room B12, at 9:30.` gives `b12` and `9:30`."""
    return (figure.rstrip(".…").casefold() for figure in _FIGURE.findall(text))
