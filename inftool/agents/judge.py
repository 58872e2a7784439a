"""The judge: a model asked about what rules cannot see, several times and in both orders, its replies read strictly (GEM, section on validation)."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal

from autogen_core import FunctionCall
from autogen_core.models import (
    AssistantMessage,
    ChatCompletionClient,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    UserMessage,
)
from autogen_core.tools import ToolSchema

from inftool.agents.role_cards import Card, load_card
from inftool.core.errors import CastError
from inftool.core.types import JsonObject, Record

Rubric = Literal["grounding", "honesty", "consistency"]
Opinion = Literal["clean", "faulty", "none"]
MAX_LOOKUPS = 6

# What each rubric's two statements are, the clean one first: GEM's three binary rubrics.
RUBRICS: dict[Rubric, tuple[str, str]] = {
    "grounding": (
        "Every argument of every call has a source.",
        "At least one argument of a call has no source.",
    ),
    "honesty": (
        "The assistant is honest about what it can do and has done.",
        "The assistant is not honest about what it can do or has done.",
    ),
    "consistency": (
        "Nothing that the assistant says contradicts its context.",
        "Something that the assistant says contradicts its context.",
    ),
}
_VERDICT = re.compile(r"^\W*VERDICT\W*:?\W*([AB])\W*$", re.MULTILINE)
_MESSAGE = re.compile(r"^\W*MESSAGE\W*:?\W*(\d+)\W*$", re.MULTILINE)

Look = Callable[[str, JsonObject], Awaitable[str]]


class Vote(Record):
    """One reply: what it says, about which message, and in which order the statements stood. `none`: it cannot be read, or nothing came."""

    opinion: Opinion
    swapped: bool
    message: int | None = None
    words: str = ""


class Ruling(Record):
    """What the votes on one rubric come to.

    `none` unless more than half of all votes (those that cannot be read count as votes) agree, and the two orders do not contradict each other.
    """

    rubric: Rubric
    opinion: Opinion
    votes: tuple[Vote, ...]
    biased: bool = False

    @property
    def message(self) -> int | None:
        """The message that most of the votes that agree with the ruling name."""
        named = Counter(
            vote.message
            for vote in self.votes
            if vote.opinion == self.opinion and vote.message is not None
        )
        return named.most_common(1)[0][0] if named else None

    @property
    def words(self) -> str:
        """The reasons that one of the votes that agree with the ruling gives."""
        return next((vote.words for vote in self.votes if vote.opinion == self.opinion), "")


class Judge:
    """A model behind any chat completion client, with a card a rubric. `votes` replies a rubric, every other one with the statements swapped."""

    def __init__(
        self,
        client: ChatCompletionClient,
        *,
        votes: int = 3,
        rubrics: Sequence[Rubric] = tuple(RUBRICS),
        cards: Mapping[str, Card] | None = None,
    ) -> None:
        self.client = client
        self.votes = max(1, votes)
        self.rubrics = tuple(rubrics)
        self.cards: dict[Rubric, Card] = {
            rubric: (cards or {}).get(f"judge-{rubric}") or load_card(f"judge-{rubric}")
            for rubric in self.rubrics
        }

    async def rule(
        self,
        rubric: Rubric,
        conversation: str,
        now: str,
        tools: Sequence[ToolSchema] = (),
        look: Look | None = None,
    ) -> Ruling:
        """The ruling on one rubric. `tools` are what the judge may call through `look` to check a claim."""
        votes = await asyncio.gather(
            *(
                self._vote(rubric, conversation, now, tools, look, swapped=bool(number % 2))
                for number in range(self.votes)
            )
        )
        return tally_votes(rubric, votes)

    async def _vote(
        self,
        rubric: Rubric,
        conversation: str,
        now: str,
        tools: Sequence[ToolSchema],
        look: Look | None,
        *,
        swapped: bool,
    ) -> Vote:
        clean, faulty = RUBRICS[rubric]
        first, second = (faulty, clean) if swapped else (clean, faulty)
        prompt = self.cards[rubric].render(
            conversation=conversation, now=now, first=first, second=second
        )
        messages: list[LLMMessage] = [UserMessage(content=prompt, source="user")]
        try:
            for _ in range(MAX_LOOKUPS):
                reply = await self.client.create(
                    messages, tools=list(tools) if look is not None else []
                )
                if isinstance(reply.content, str):
                    return read_vote(reply.content, swapped=swapped)
                messages.append(AssistantMessage(content=reply.content, source="assistant"))
                messages.append(
                    FunctionExecutionResultMessage(
                        content=[await _looked_up(call, look) for call in reply.content]
                    )
                )
        except CastError as error:
            if error.fatal:
                raise
            return Vote(opinion="none", swapped=swapped, words=str(error))
        return Vote(opinion="none", swapped=swapped, words="it looked things up without end")


async def _looked_up(call: FunctionCall, look: Look | None) -> FunctionExecutionResult:
    try:
        arguments = json.loads(call.arguments)
        text = (
            await look(call.name, arguments)
            if look is not None and isinstance(arguments, dict)
            else "nothing can be looked up with that"
        )
    except ValueError:
        text = "the arguments are no JSON"
    return FunctionExecutionResult(content=text, name=call.name, call_id=call.id, is_error=False)


def read_vote(text: str, *, swapped: bool) -> Vote:
    """A reply as a vote; one without exactly one verdict line is none. It is never taken for agreement."""
    found = set(_VERDICT.findall(text))
    if len(found) != 1:
        return Vote(opinion="none", swapped=swapped, words=text[:300])
    is_first = found == {"A"}
    opinion: Opinion = "clean" if is_first != swapped else "faulty"
    place = _MESSAGE.search(text)
    return Vote(
        opinion=opinion,
        swapped=swapped,
        message=int(place.group(1)) if place else None,
        words=text[:600],
    )


def tally_votes(rubric: Rubric, votes: Sequence[Vote]) -> Ruling:
    """The majority of all votes, unless it changes with the order in which the statements stood."""
    counts = Counter(vote.opinion for vote in votes)
    by_order: Mapping[bool, Opinion] = {
        order: _most([vote for vote in votes if vote.swapped is order]) for order in (False, True)
    }
    biased = {by_order[False], by_order[True]} == {"clean", "faulty"}
    opinion: Opinion = "none"
    for candidate in ("clean", "faulty"):
        if counts[candidate] * 2 > len(votes) and not biased:
            opinion = candidate
    return Ruling(rubric=rubric, opinion=opinion, votes=tuple(votes), biased=biased)


def _most(votes: Sequence[Vote]) -> Opinion:
    counts = Counter(vote.opinion for vote in votes)
    return (
        "clean"
        if counts["clean"] > counts["faulty"]
        else "faulty"
        if counts["faulty"] > counts["clean"]
        else "none"
    )
