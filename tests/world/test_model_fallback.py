"""Operations that fall back: answered by a model at a real endpoint, and replayed without it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from fastmcp import Client

from inftool.agents.role_cards import load_card
from inftool.core.errors import CastError, RetryableError, WorldError
from inftool.llm.client import EndpointClient
from inftool.llm.config import Endpoint
from inftool.servers.mcp import build_server
from inftool.world.model_fallback import MAX_STATE, FallbackPlayer, state_text
from inftool.world.recordings import Recordings
from inftool.world.schema.validation import is_valid
from inftool.world.world import World
from tests.support.apis import seeded

TOOL, ARGUMENTS = (
    "queryFreeBusy",
    {"emails": ["ana@example.com"], "start": "2025-05-06T08:00:00Z", "end": "2025-05-06T18:00:00Z"},
)
CARD = load_card("world").prompt
FREE = {"people": [{"email": "ana@example.com", "busy": []}]}
Talk = list[tuple[str, str]]


def calendar() -> World:
    world = seeded("Dayleaf").fork()
    assert world.resources.roles[TOOL].fallback
    return world


@asynccontextmanager
async def speaking(*said: str) -> AsyncIterator[tuple[str, list[Any]]]:
    """A chat endpoint on loopback: its address, and the requests that it gets.

    It answers with some texts in turn, and with the last one from then on.
    """
    asked: list[Any] = []

    async def handle(request: web.Request) -> web.Response:
        asked.append(await request.json())
        content = said[min(len(asked), len(said)) - 1]
        return web.json_response(
            {
                "choices": [
                    {
                        "index": 0,
                        "message": {"role": "assistant", "content": content},
                        "finish_reason": "stop",
                    }
                ]
            }
        )

    app = web.Application(client_max_size=2**24)
    app.router.add_post("/v1/chat/completions", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1", asked
    finally:
        await runner.cleanup()


async def test_a_model_at_an_endpoint_answers_and_a_replay_needs_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFTOOL_TEST_KEY", "k")
    world = calendar()
    path = tmp_path / "played.jsonl"
    async with speaking('{"people": 5}', json.dumps(FREE)) as (url, asked):
        client = EndpointClient(Endpoint(model="m", base_url=url, key_env="INFTOOL_TEST_KEY"))
        player = FallbackPlayer(client, CARD, recordings=Recordings(path))
        try:
            result = await player.play(world, TOOL, ARGUMENTS)
        finally:
            await client.close()
    assert result.body == FREE
    assert result.fallback
    assert is_valid(world.tool(TOOL).output_schema, result.body)
    assert [len(request["messages"]) for request in asked] == [2, 4]
    told = asked[0]["messages"][1]["content"]
    assert world.api.title in asked[0]["messages"][0]["content"]
    assert "ana@example.com" in told
    assert next(iter(world.entities("event"))) in told
    (row,) = (json.loads(line) for line in path.read_text().splitlines())
    assert set(row) == {"state", "tool", "arguments", "body"}
    replayed = calendar()
    replayed.recordings = Recordings(path)
    assert replayed.fork().call(TOOL, ARGUMENTS) == result
    assert calendar().call(TOOL, ARGUMENTS) != result

    def never(talk: Talk) -> str:
        raise AssertionError("a recorded call was asked for again")

    assert (
        await FallbackPlayer(never, CARD, recordings=Recordings(path)).play(
            calendar(), TOOL, ARGUMENTS
        )
        == result
    )


async def test_what_is_no_answer_is_asked_for_once_more_and_then_the_world_answers() -> None:
    world = calendar()
    heard: list[Talk] = []

    def nonsense(talk: Talk) -> str:
        heard.append(list(talk))
        return '{"people": 5}'

    player = FallbackPlayer(nonsense, CARD)
    result = await player.play(world, TOOL, ARGUMENTS)
    assert result == calendar().call(TOOL, ARGUMENTS)
    assert (player.asked, player.failed) == (2, 1)
    assert heard[1][-1][1].startswith("That does not satisfy the schema: ")
    assert len(player.recordings) == 1, (
        "what stood in is kept as well, so that a replay says the same"
    )


@pytest.mark.parametrize(
    ("error", "fatal"), [(RetryableError("busy"), False), (CastError("no key", fatal=True), True)]
)
async def test_an_endpoint_that_fails_leaves_the_worlds_answer_unless_it_fails_for_good(
    error: CastError, fatal: bool
) -> None:
    async def broken(talk: Talk) -> str:
        raise error

    world = calendar()
    player = FallbackPlayer(broken, CARD)
    if fatal:
        with pytest.raises(CastError, match="no key"):
            await player.play(world, TOOL, ARGUMENTS)
    else:
        assert (await player.play(world, TOOL, ARGUMENTS)).ok


async def test_what_the_spec_determines_is_not_asked_for() -> None:
    def never(talk: Talk) -> str:
        raise AssertionError("asked")

    world = calendar()
    event = next(iter(world.entities("event")))
    player = FallbackPlayer(never, CARD)
    assert (await player.play(world, "getEvent", {"eventId": event})).body["id"] == event
    assert (await player.play(world, "getEvent", {"eventId": "evt_00000000"})).status == 404


async def test_a_server_with_a_player_answers_its_clients() -> None:
    world = calendar()

    async def play(talk: Talk) -> str:
        return f"```json\n{json.dumps(FREE)}\n```"

    async with Client(build_server(world.api, player=FallbackPlayer(play, CARD))) as client:
        result = await client.call_tool(TOOL, ARGUMENTS)
        assert result.structured_content == FREE


def test_recordings_survive_a_torn_line_and_name_a_broken_one(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "played.jsonl"
    kept = Recordings(path)
    assert kept.keep("s", "t", {"a": 1}, [1]) == [1]
    assert kept.keep("s", "t", {"a": 1}, [2]) == [1], "the first answer stays"
    with path.open("a") as file:
        file.write('{"state": "s", "tool"')
    assert Recordings(path).find("s", "t", {"a": 1}) == (True, [1])
    assert path.read_text().count("\n") == 1
    path.write_text("[]\n")
    with pytest.raises(WorldError, match="line 1"):
        Recordings(path)


def test_the_state_that_a_model_sees_is_bounded_and_says_what_is_left_out() -> None:
    world = calendar()
    text = state_text(world, TOOL, most=900)
    assert len(text) < 2_000
    assert "more)" in text
    assert len(state_text(world, TOOL)) < MAX_STATE + 5_000


def test_a_card_with_a_hole_is_refused() -> None:
    import asyncio

    with pytest.raises(CastError, match="placeholder"):
        asyncio.run(
            FallbackPlayer(lambda talk: "", "You are $nobody").play(calendar(), TOOL, ARGUMENTS)
        )
