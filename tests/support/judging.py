"""A real HTTP endpoint on loopback that answers as a judge: by a function of the prompt, with a
count of what it was asked."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from inftool.core.types import JsonObject

Answer = Callable[[list[JsonObject], list[str]], str | JsonObject]


class JudgeEndpoint:
    """`answer(messages, tool names)` gives the reply's text, or a message with tool calls."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.prompts: list[str] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        """POST /v1/chat/completions."""
        body = await request.json()
        self.prompts.append(body["messages"][0]["content"])
        reply = self.answer(
            body["messages"], [tool["function"]["name"] for tool in body.get("tools", ())]
        )
        message: JsonObject = (
            {"role": "assistant", "content": reply}
            if isinstance(reply, str)
            else {"role": "assistant", "content": None, **reply}
        )
        usage = {"prompt_tokens": 10, "completion_tokens": 5}
        finish = "tool_calls" if message.get("tool_calls") else "stop"
        return web.json_response(
            {"choices": [{"index": 0, "message": message, "finish_reason": finish}], "usage": usage}
        )


def call(name: str, arguments: Any) -> JsonObject:
    """A reply that calls one tool."""
    return {
        "tool_calls": [
            {
                "id": "j1",
                "type": "function",
                "function": {"name": name, "arguments": json.dumps(arguments)},
            }
        ]
    }


@asynccontextmanager
async def judging(answer: Answer) -> AsyncIterator[JudgeEndpoint]:
    """Serve a judge on a free loopback port while the context lasts."""
    endpoint = JudgeEndpoint(answer)
    app = web.Application(client_max_size=2**26)
    app.router.add_post("/v1/chat/completions", endpoint.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    endpoint.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield endpoint
    finally:
        await runner.cleanup()
