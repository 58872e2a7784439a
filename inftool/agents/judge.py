"""The judge: a model that is asked about what rules cannot see (GEM, section on validation).

It is asked several times, with the two possible statements in both orders, and its replies are read
strictly.
"""

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
from inftool.core.types import Record

Rubric = Literal["grounding", "honesty", "consistency"]
Opinion = Literal["clean", "faulty", "none"]
"""`none`: undecided, or the reply cannot be read."""

# Rounds of calls in which a judge may look something up for one vote: enough to follow a claim
# through a few entities, and an end for a model that looks things up forever.
MAX_LOOKUPS = 6
# What is kept of a reply: the reasons of a vote, or the start of what could not be read.
_MAX_REASONS = 600
_MAX_UNREADABLE = 300

# The two statements of each rubric, the clean one first: GEM's three binary rubrics.
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
# "**VERDICT: B**" -> "B" and "MESSAGE: 7" -> "7", each on a line of its own.
_VERDICT = re.compile(r"^\W*VERDICT\W*:?\W*([AB])\W*$", re.MULTILINE)
_MESSAGE = re.compile(r"^\W*MESSAGE\W*:?\W*(\d+)\W*$", re.MULTILINE)

Lookup = Callable[[str, dict[str, object]], Awaitable[str]]
"""Answers a judge's call of a tool: (name, arguments) -> text."""


class Vote(Record):
    """What one reply of a judge says."""

    opinion: Opinion
    """`none` if the reply cannot be read or did not come."""

    swapped: bool
    """Whether the faulty statement stood first."""

    message: int | None = None
    """The number of the message at fault, if the reply names one."""

    words: str = ""
    """The reply, cut; or the reason why there is none."""


class Ruling(Record):
    """What the votes on one rubric amount to."""

    rubric: Rubric
    """What was asked."""

    opinion: Opinion
    """What more than half of all votes say; `none` if no majority does, or if it is biased.

    Votes that cannot be read count as votes.
    """

    votes: tuple[Vote, ...]
    """All votes, in the order in which they were asked for."""

    biased: bool = False
    """Whether the order of the statements decides: the two orders contradict each other."""

    @property
    def message(self) -> int | None:
        """The message that most of the votes for the ruling's opinion name."""
        named = Counter(
            vote.message
            for vote in self.votes
            if vote.opinion == self.opinion and vote.message is not None
        )
        return named.most_common(1)[0][0] if named else None

    @property
    def words(self) -> str:
        """The reasons of the first vote for the ruling's opinion."""
        return next((vote.words for vote in self.votes if vote.opinion == self.opinion), "")


class Judge:
    """A model that votes on rubrics, behind any chat completion client.

    `votes` is the number of replies for each rubric; every second one sees the statements in
    reverse order. `cards` are prompts by name (`judge-honesty`), InfTool's own by default.
    """

    def __init__(
        self,
        client: ChatCompletionClient,
        *,
        votes: int = 3,
        rubrics: Sequence[Rubric] = tuple(RUBRICS),
        cards: Mapping[str, Card] | None = None,
    ) -> None:
        self.client = client
        # At least one: a rubric without a vote would have no ruling.
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
        look: Lookup | None = None,
    ) -> Ruling:
        """The ruling on one rubric.

        `conversation` is the transcript with numbered messages, `now` the simulated time. `tools`
        are what the judge may call, through `look`, to check a claim.
        """
        prompts = [
            (self._prompt(rubric, conversation, now, swapped=swapped), swapped)
            for swapped in (bool(number % 2) for number in range(self.votes))
        ]
        votes = await asyncio.gather(
            *(self._vote(prompt, tools, look, swapped=swapped) for prompt, swapped in prompts)
        )
        return tally_votes(rubric, votes)

    def _prompt(self, rubric: Rubric, conversation: str, now: str, *, swapped: bool) -> str:
        clean, faulty = RUBRICS[rubric]
        first, second = (faulty, clean) if swapped else (clean, faulty)
        return self.cards[rubric].render(
            conversation=conversation, now=now, first=first, second=second
        )

    async def _vote(
        self,
        prompt: str,
        tools: Sequence[ToolSchema],
        look: Lookup | None,
        *,
        swapped: bool,
    ) -> Vote:
        messages: list[LLMMessage] = [UserMessage(content=prompt, source="user")]
        offered = list(tools) if look is not None else []
        try:
            for _ in range(MAX_LOOKUPS):
                reply = await self.client.create(messages, tools=offered)
                if isinstance(reply.content, str):
                    return read_vote(reply.content, swapped=swapped)
                # The judge called tools: it gets their results and is asked again.
                results = [await _lookup_result(call, look) for call in reply.content]
                messages.append(AssistantMessage(content=reply.content, source="assistant"))
                messages.append(FunctionExecutionResultMessage(content=results))
        except CastError as error:
            if error.fatal:
                raise
            # One vote that does not come is no reason to lose the others.
            return Vote(opinion="none", swapped=swapped, words=str(error))
        return Vote(opinion="none", swapped=swapped, words="it looked things up without end")


async def _lookup_result(call: FunctionCall, look: Lookup | None) -> FunctionExecutionResult:
    try:
        arguments = json.loads(call.arguments)
        if look is not None and isinstance(arguments, dict):
            text = await look(call.name, arguments)
        else:
            text = "nothing can be looked up with that"
    except ValueError:
        text = "the arguments are no JSON"
    return FunctionExecutionResult(content=text, name=call.name, call_id=call.id, is_error=False)


def read_vote(text: str, *, swapped: bool) -> Vote:
    """A reply as a vote: `"MESSAGE: 7\\nVERDICT: B"` is a vote for the second statement.

    A reply whose verdict lines are missing or differ has the opinion `none`: it never counts as
    agreement.
    """
    verdicts = set(_VERDICT.findall(text))
    if len(verdicts) != 1:
        return Vote(opinion="none", swapped=swapped, words=text[:_MAX_UNREADABLE])
    is_first = verdicts == {"A"}
    opinion: Opinion = "clean" if is_first != swapped else "faulty"
    message = _MESSAGE.search(text)
    return Vote(
        opinion=opinion,
        swapped=swapped,
        message=int(message.group(1)) if message else None,
        words=text[:_MAX_REASONS],
    )


def tally_votes(rubric: Rubric, votes: Sequence[Vote]) -> Ruling:
    """The majority of all votes, unless it changes with the order of the statements."""
    counts = Counter(vote.opinion for vote in votes)
    in_order = _more_frequent([vote for vote in votes if not vote.swapped])
    in_reverse = _more_frequent([vote for vote in votes if vote.swapped])
    # A model that always prefers the first statement has judged nothing.
    biased = {in_order, in_reverse} == {"clean", "faulty"}
    opinion: Opinion = "none"
    for candidate in ("clean", "faulty"):
        if counts[candidate] * 2 > len(votes) and not biased:
            opinion = candidate
    return Ruling(rubric=rubric, opinion=opinion, votes=tuple(votes), biased=biased)


def _more_frequent(votes: Sequence[Vote]) -> Opinion:
    """The opinion that more of the votes hold; `none` if as many hold one as the other."""
    counts = Counter(vote.opinion for vote in votes)
    if counts["clean"] == counts["faulty"]:
        return "none"
    return "clean" if counts["clean"] > counts["faulty"] else "faulty"
