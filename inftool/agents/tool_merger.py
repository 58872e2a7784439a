"""The tool merger: a model that says which of several tools that lie close together are one (InfTool, the MCP tree: the discriminator)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from autogen_core.models import SystemMessage, UserMessage
from pydantic import BaseModel, ConfigDict

from inftool.agents.role_cards import chosen_card
from inftool.core.errors import CastError
from inftool.llm.client import EndpointClient
from inftool.llm.config import Endpoint
from inftool.llm.usage import Tally
from inftool.toolset.tree.merging import ToolSummary, group_by_rules

Discriminate = Callable[[Sequence[ToolSummary]], list[list[int]]]
# A cluster of more than this is not for a model to look at.
MOST = 24


class Groups(BaseModel):
    """What the merger gives back: the numbers of the tools, a list a tool that stands for them."""

    model_config = ConfigDict(extra="forbid")
    groups: list[list[int]]


@contextmanager
def merging(
    endpoint: Endpoint | None, own: Mapping[str, str] | None = None
) -> Iterator[tuple[Discriminate, Tally]]:
    """Within it, the function that parts a cluster, and what it has cost; the rules where there is no endpoint. `own`: the user's cards.

    What the model does not answer properly, the rules decide too. Errors that are fatal are raised.
    """
    if endpoint is None:
        yield group_by_rules, Tally()
        return
    card = chosen_card("merger", own or {})
    if endpoint.temperature is None:
        endpoint = endpoint.model_copy(update={"temperature": card.temperature})
    client = EndpointClient(endpoint)
    with asyncio.Runner() as runner:
        try:
            yield lambda cards: runner.run(parted(client, card.render(), cards)), client.tally
        finally:
            runner.run(client.close())


async def parted(
    client: EndpointClient, prompt: str, cards: Sequence[ToolSummary]
) -> list[list[int]]:
    """A cluster in groups of one tool each. A group whose tools have different effects is taken apart: no model may merge a deletion with a read."""
    if len(cards) > MOST:
        return group_by_rules(cards)
    listed = "\n".join(
        f"{n}. {card.name} ({card.effect}; {', '.join(sorted(card.types)) or 'no parameters'}): {card.description[:200]}"
        for n, card in enumerate(cards)
    )
    try:
        said = await client.create(
            [SystemMessage(content=prompt), UserMessage(content=listed, source="user")],
            json_output=Groups,
        )
        groups = Groups.model_validate_json(str(said.content)).groups
    except CastError as error:
        if error.fatal:
            raise
        return group_by_rules(cards)
    except ValueError:
        return group_by_rules(cards)
    if sorted(at for group in groups for at in group) != list(range(len(cards))):
        return group_by_rules(cards)
    return [
        part
        for group in groups
        if group
        for part in (
            [group] if len({cards[at].effect for at in group}) == 1 else [[at] for at in group]
        )
    ]
