"""A real HTTP endpoint on loopback that speaks the OpenAI chat protocol, plays both roles of known blueprints, and injects faults.

It knows a conversation by what is said in it: the user role by the wishes in its system prompt, the assistant by the user's first words.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from autogen_core import FunctionCall
from autogen_core.models import AssistantMessage, FunctionExecutionResult, FunctionExecutionResultMessage, LLMMessage, SystemMessage, UserMessage

from inftool.agents import script
from inftool.agents.scripted import ScriptedAssistant, ScriptedUser
from inftool.agents.user import wishes_of
from inftool.records import Blueprint, JsonObject, Tool

FAULTS = ("rate_limit", "server_error", "disconnect", "broken_json", "no_choices", "empty_message", "cut_body")
MAX_REQUESTS = 200_000


def autogen_messages(rows: Sequence[JsonObject]) -> list[LLMMessage]:
    """OpenAI messages as AutoGen's."""
    messages: list[LLMMessage] = []
    for row in rows:
        if row["role"] == "system":
            messages.append(SystemMessage(content=row["content"]))
        elif row["role"] == "user":
            messages.append(UserMessage(content=row["content"], source="user"))
        elif row["role"] == "tool":
            result = FunctionExecutionResult(
                content=row["content"], name=row.get("name", ""), call_id=row["tool_call_id"], is_error='"error' in row["content"]
            )
            if isinstance(messages[-1], FunctionExecutionResultMessage):
                messages[-1].content.append(result)
            else:
                messages.append(FunctionExecutionResultMessage(content=[result]))
        elif row.get("tool_calls"):
            calls = [FunctionCall(id=c["id"], name=c["function"]["name"], arguments=c["function"]["arguments"]) for c in row["tool_calls"]]
            messages.append(AssistantMessage(content=calls, source="assistant"))
        else:
            messages.append(AssistantMessage(content=row["content"], source="assistant"))
    return messages


class Endpoint:
    """The server's state: what it knows, what it was asked, and how it misbehaves (`fault_rate` of the requests, `latency` seconds each)."""

    def __init__(
        self, blueprints: Sequence[Blueprint], tools: Mapping[str, Tool], *, fault_rate: float = 0.0, latency: float = 0.0, seed: int = 0
    ) -> None:
        self.by_wishes = {f"{wishes_of(blueprint)}\n\nRules:": blueprint for blueprint in blueprints}
        self.by_words = {script.utterances(blueprint)[0]: blueprint for blueprint in blueprints}
        self.tools = tools
        self.fault_rate = fault_rate
        self.latency = latency
        self.rng = random.Random(seed)
        self.faults: Counter[str] = Counter()
        self.requests = 0
        self.keys: set[str] = set()
        self.url = ""
        self.only: tuple[str, ...] = FAULTS

    def reply(self, body: JsonObject) -> JsonObject:
        """The message for one request."""
        messages = autogen_messages(body["messages"])
        system = body["messages"][0]["content"]
        first = next((row["content"] for row in body["messages"] if row["role"] == "user"), "")
        if "You play a user" in system:
            blueprint = next(plan for wish, plan in self.by_wishes.items() if wish in system)
            content: Any = ScriptedUser(blueprint).next(messages)
        else:
            blueprint = self.by_words[first]
            content = ScriptedAssistant(blueprint, {name: self.tools[name] for name in blueprint.tools}).next(messages)
        if isinstance(content, str):
            return {"role": "assistant", "content": content}
        calls = [{"id": c.id, "type": "function", "function": {"name": c.name, "arguments": c.arguments}} for c in content]
        return {"role": "assistant", "content": None, "tool_calls": calls}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """POST /v1/chat/completions."""
        self.requests += 1
        if self.requests > MAX_REQUESTS:
            return web.json_response({"error": {"message": "enough"}}, status=500)
        self.keys.add(request.headers.get("authorization", ""))
        if request.headers.get("authorization") == "Bearer wrong":
            return web.json_response({"error": {"message": "bad key"}}, status=401)
        body = await request.json()
        if self.latency:
            await asyncio.sleep(self.latency)
        fault = self.only[self.faults.total() % len(self.only)] if self.rng.random() < self.fault_rate else None
        if fault:
            self.faults[fault] += 1
        if fault == "rate_limit":
            return web.json_response({"error": {"message": "slow down"}}, status=429, headers={"retry-after-ms": "20"})
        if fault == "server_error":
            return web.json_response({"error": {"message": "oops"}}, status=503, headers={"retry-after-ms": "20"})
        if fault == "hang":
            await asyncio.sleep(3600)
        if fault == "disconnect":
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if fault == "broken_json":
            return web.Response(text='{"choices": [{"message": {"role": "assi', content_type="application/json")
        if fault == "no_choices":
            return web.json_response({"id": "x", "object": "chat.completion", "choices": [], "model": "m", "created": 0})
        if fault == "empty_message":
            return web.json_response({"choices": [{"index": 0, "message": {"role": "assistant", "content": ""}, "finish_reason": "stop"}]})
        message = self.reply(body)
        usage = {"prompt_tokens": len(json.dumps(body)) // 4, "completion_tokens": len(json.dumps(message)) // 4}
        answer = {
            "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls" if message.get("tool_calls") else "stop"}],
            "usage": usage,
        }
        if fault == "cut_body":
            data = json.dumps(answer).encode()
            response = web.StreamResponse(headers={"content-type": "application/json", "content-length": str(len(data))})
            await response.prepare(request)
            await response.write(data[: len(data) // 2])
            assert request.transport is not None
            request.transport.close()
            return response
        return web.json_response(answer)


@asynccontextmanager
async def serving(endpoint: Endpoint) -> AsyncIterator[Endpoint]:
    """Serve an endpoint on a free loopback port while the context lasts; its address is then in `endpoint.url`."""
    app = web.Application(client_max_size=2**26)
    app.router.add_post("/v1/chat/completions", endpoint.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    endpoint.url = f"http://127.0.0.1:{port}/v1"
    try:
        yield endpoint
    finally:
        await runner.cleanup()
