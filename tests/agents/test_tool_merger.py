"""The tool merger asks a model about tools that lie close together, and believes it only where its
answer is one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

import pytest
from aiohttp import web

from inftool.agents.role_cards import load_card
from inftool.agents.tool_merger import discriminator, split_cluster
from inftool.core.errors import FatalError
from inftool.core.types import JsonObject
from inftool.llm.client import EndpointClient
from inftool.llm.config import Endpoint
from inftool.toolset.tree.merging import ToolSummary, group_by_rules
from tests.support.answering import answering, completion


def card(name: str, effect: str = "read") -> ToolSummary:
    return ToolSummary(
        name=name,
        description=f"{name} it",
        effect=effect,
        api="a",
        tags=(),
        verb="get",
        noun=name,
        subject=frozenset((name,)),
        path="/x",
        types={"id": "string"},
        needed=frozenset(("id",)),
        text=name,
        schema={"type": "object", "properties": {"id": {"type": "string"}}},
        members=(name,),
    )


CARDS = [card("getOrder"), card("fetchOrder"), card("dropOrder", "delete")]


async def asked(
    answer: str, cards: Sequence[ToolSummary] = CARDS
) -> tuple[list[list[int]], list[JsonObject]]:
    sent: list[JsonObject] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        sent.append(await request.json())
        return completion({"content": answer})

    async with answering(handle) as url:
        client = EndpointClient(
            Endpoint(model="tiny", base_url=f"{url}/v1", key_env="INFTOOL_TEST_KEY", backoff=0.001)
        )
        try:
            return await split_cluster(client, load_card("merger").render(), cards), sent
        finally:
            await client.close()


async def test_a_proper_answer_is_taken() -> None:
    groups, sent = await asked(json.dumps({"groups": [[0, 1], [2]]}))
    assert groups == [[0, 1], [2]]
    assert "0. getOrder (read; id)" in sent[0]["messages"][1]["content"]
    assert sent[0]["response_format"]["json_schema"]["name"] == "Groups"


async def test_no_model_merges_a_deletion_with_a_read() -> None:
    assert (await asked(json.dumps({"groups": [[0, 1, 2]]})))[0] == [[0], [1], [2]]


@pytest.mark.parametrize(
    "answer",
    ["sure", "[]", '{"groups": [[0, 1]]}', '{"groups": [[0, 0, 1, 2]]}', '{"groups": [["a"]]}'],
)
async def test_what_is_no_proper_answer_leaves_it_to_the_rules(answer: str) -> None:
    assert (await asked(answer))[0] == group_by_rules(CARDS)


def test_a_key_that_is_missing_is_said() -> None:
    with (
        pytest.raises(FatalError),
        discriminator(Endpoint(model="tiny", key_env="INFTOOL_NO_SUCH_KEY")),
    ):
        pass


def test_without_an_endpoint_the_rules_decide() -> None:
    with discriminator(None) as (discriminate, spent):
        assert discriminate(CARDS) == group_by_rules(CARDS)
    assert spent.calls == 0


def test_a_plain_function_asks() -> None:
    async def serve(done: asyncio.Event, found: asyncio.Future[str]) -> None:
        async def handle(request: web.Request) -> web.StreamResponse:
            return completion({"content": json.dumps({"groups": [[0], [1], [2]]})})

        async with answering(handle) as url:
            found.set_result(url)
            await done.wait()

    async def whole() -> list[list[int]]:
        done, found = asyncio.Event(), asyncio.get_running_loop().create_future()
        server = asyncio.create_task(serve(done, found))
        url = await found

        def ask() -> list[list[int]]:
            with discriminator(
                Endpoint(
                    model="tiny", base_url=f"{url}/v1", key_env="INFTOOL_TEST_KEY", price_in=1e6
                )
            ) as (discriminate, spent):
                groups = discriminate(CARDS)
                assert spent.calls == 1
                return groups

        try:
            return await asyncio.to_thread(ask)
        finally:
            done.set()
            await server

    assert asyncio.run(whole()) == [[0], [1], [2]]
