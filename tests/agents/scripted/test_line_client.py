"""The cast's small parts: scripted lines, cards, mistakes, the workbench."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from autogen_core.models import (
    AssistantMessage,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    UserMessage,
)
from fastmcp import Client

from inftool import build_server
from inftool.agents import McpWorkbench, ToolAssistant, UserSimulator
from inftool.agents.role_cards import load_card, load_personas
from inftool.agents.scripted.line_client import Lines
from inftool.agents.scripted.mistakes import MISTAKES, Mistake
from inftool.core.errors import CastError
from inftool.core.tools import Api
from inftool.scenarios.sampler import BlueprintSampler
from inftool.scenarios.world_pool import WorldPool
from inftool.synthesis.conversation import converse
from inftool.synthesis.rehearsal import rehearsed
from inftool.verification.verdict import judge


async def test_two_agents_talk_over_a_real_client(bookshop: tuple[Api, ...]) -> None:
    async with Client(build_server(bookshop, seed=0)) as client:
        user = UserSimulator.scripted("Which authors are there?", "Thanks!")
        assistant = ToolAssistant.scripted(
            client, ("listAuthors", {}), "The first is {s1/data/0/name}.", "You're welcome."
        )
        messages = await converse(user, assistant)
    assert [message["role"] for message in messages] == [
        "system",
        "user",
        "assistant",
        "tool",
        "assistant",
        "user",
        "assistant",
    ]
    name = json.loads(str(messages[3]["content"]))["data"][0]["name"]
    assert messages[4]["content"] == f"The first is {name}."
    assert assistant.usage.calls == 3


async def test_a_workbench_never_raises(bookshop: tuple[Api, ...]) -> None:
    async with Client(build_server(bookshop)) as client:
        bench = McpWorkbench(client, [bookshop[0].tools[0]])
        assert (await bench.call_tool("nothing", {})).is_error
        assert (await bench.call_tool(bookshop[0].tools[0].name, [1])).is_error  # type: ignore[arg-type]
        assert [tool["name"] for tool in await bench.list_tools()] == [bookshop[0].tools[0].name]
        open_bench = McpWorkbench(client)
        assert len(await open_bench.list_tools()) == len(bookshop[0].tools)
        refused = await open_bench.call_tool("getBook", {"bookId": 7})
        assert refused.is_error
        assert "bookId" in refused.to_text()
    assert (await bench.call_tool(bookshop[0].tools[0].name, {})).is_error


def test_lines_resolve_what_came_before() -> None:
    lines = Lines(
        [
            [("a", {"x": 1}), ("b", {})],
            ("c", {"y": {"$from": "s2", "at": "/id"}}),
            "It is {s3} and {s1/v}.",
        ]
    )
    messages: list[Any] = [UserMessage(content="go", source="user")]
    calls = lines.next(messages)
    assert not isinstance(calls, str)
    assert [call.id for call in calls] == ["s1", "s2"]
    messages += [AssistantMessage(content=calls, source="assistant")]
    messages += [
        FunctionExecutionResultMessage(
            content=[
                FunctionExecutionResult(content=text, name="", call_id=i)
                for i, text in (("s1", '{"v": "2026-03-03"}'), ("s2", '{"id": 9}'))
            ]
        )
    ]
    calls = lines.next(messages)
    assert not isinstance(calls, str)
    assert json.loads(calls[0].arguments) == {"y": 9}
    messages += [AssistantMessage(content=calls, source="assistant")]
    messages += [
        FunctionExecutionResultMessage(
            content=[FunctionExecutionResult(content="fine", name="", call_id="s3")]
        )
    ]
    assert lines.next(messages) == "It is fine and 3 March 2026."


def test_cards_are_files_that_a_user_may_replace(tmp_path: Path) -> None:
    own = tmp_path / "terse.md"
    own.write_text("---\nname: terse\nmax_tool_iterations: 3\n---\nServe $service. It is $now.\n")
    card = load_card(str(own))
    assert card.render(service="Books", now="noon") == "Serve Books. It is noon."
    assert card.max_tool_iterations == 3
    assert len(card.sha256) == 64
    with pytest.raises(CastError, match="placeholder"):
        card.render(service="Books")
    (tmp_path / "bad.md").write_text("no front matter")
    with pytest.raises(CastError, match="between two lines"):
        load_card(str(tmp_path / "bad.md"))
    with pytest.raises(CastError, match="no role card"):
        load_card(str(tmp_path / "none.md"))


def test_personas_differ() -> None:
    people = load_personas()
    assert len({person.name for person in people}) == len(people) >= 16
    for person in people:
        assert all("{intent}" in request for request in person.requests)
        assert all("{reply}" in reply or "{Reply}" in reply for reply in person.replies)


@pytest.mark.cpu_limit(180)
def test_no_mistake_goes_unnoticed(stage: WorldPool) -> None:
    sampler, seen, kinds = BlueprintSampler(stage, load_personas(), 5), set[str](), set[str]()
    for index in range(70):
        blueprint = sampler.draw(index, seen)
        for number in range(6):
            mistake = Mistake(blueprint, random.Random(f"{index}/{number}"))
            verdict = judge(rehearsed(blueprint, stage, mistake), stage)
            assert mistake.planted is not None
            assert not verdict.passed, mistake.planted
            kinds.add(mistake.planted["kind"])
    assert kinds == set(MISTAKES)
