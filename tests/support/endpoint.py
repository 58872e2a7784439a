"""A real HTTP endpoint on loopback that speaks the OpenAI chat protocol, plays both roles of known
blueprints, and injects faults.

It knows a conversation by what is said in it: the user role by the wishes in its system prompt, the
assistant by the user's first words.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from autogen_core import FunctionCall
from autogen_core.models import (
    AssistantMessage,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    SystemMessage,
    UserMessage,
)

from inftool.agents.scripted import user_lines
from inftool.agents.scripted.clients import ScriptedAssistant, ScriptedUser
from inftool.agents.user_simulator import wishes_of
from inftool.core.blueprints import Blueprint
from inftool.core.tools import Tool
from inftool.core.types import JsonObject

FAULTS = (
    "rate_limit",
    "server_error",
    "disconnect",
    "broken_json",
    "no_choices",
    "empty_message",
    "cut_body",
    "slow",
    "hang",
    "wrong_tool",
    "cut_arguments",
    "wrong_usage",
)
# And `too_long`, which no asking again can mend: only where a test asks for it.
# The faults that end a request at once: a test that must be quick leaves the others out.
QUICK = tuple(fault for fault in FAULTS if fault != "hang")
WRONG_USAGE: tuple[Any, ...] = (
    {"prompt_tokens": -7, "completion_tokens": "many"},
    {"prompt_tokens": 10**12, "completion_tokens": 10**12},
    None,
    "none",
    {},
)
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
                content=row["content"],
                name=row.get("name", ""),
                call_id=row["tool_call_id"],
                is_error='"error' in row["content"],
            )
            if isinstance(messages[-1], FunctionExecutionResultMessage):
                messages[-1].content.append(result)
            else:
                messages.append(FunctionExecutionResultMessage(content=[result]))
        elif row.get("tool_calls"):
            calls = [
                FunctionCall(
                    id=c["id"], name=c["function"]["name"], arguments=c["function"]["arguments"]
                )
                for c in row["tool_calls"]
            ]
            messages.append(AssistantMessage(content=calls, source="assistant"))
        else:
            messages.append(AssistantMessage(content=row["content"], source="assistant"))
    return messages


def from_text(rows: Sequence[JsonObject], mind: ScriptedAssistant) -> list[JsonObject]:
    """Messages with calls and results as text, as they would be with native calls; `mind` says
    again which ids its calls had."""
    made: list[JsonObject] = []
    waiting: list[str] = []
    for row in rows:
        if row["role"] == "assistant" and "<tool_call>" in row["content"]:
            found = [
                json.loads(text)
                for text in re.findall(r"<tool_call>(.*?)</tool_call>", row["content"], re.DOTALL)
            ]
            meant = mind.next(autogen_messages(made))
            assert not isinstance(meant, str)
            waiting = [call.id for call in meant]
            assert [(call.name, json.loads(call.arguments)) for call in meant] == [
                (call["name"], call["arguments"]) for call in found
            ]
            calls = [
                {
                    "id": call.id,
                    "type": "function",
                    "function": {"name": call.name, "arguments": call.arguments},
                }
                for call in meant
            ]
            made.append({"role": "assistant", "content": None, "tool_calls": calls})
        elif row["role"] == "user" and "<tool_response>" in row["content"]:
            answers = re.findall(
                r"<tool_response>\n(.*?)\n</tool_response>", row["content"], re.DOTALL
            )
            made += [
                {"role": "tool", "tool_call_id": call_id, "content": text}
                for call_id, text in zip(waiting, answers, strict=True)
            ]
        else:
            made.append(row)
    return made


class Endpoint:
    """The server's state: what it knows, what it was asked, and how it misbehaves.

    `fault_rate` is the share of requests that are faulty, kinds by turns; `each` the probability of
    every kind on its own. `latency`: seconds each;
    `most`: how many requests at once are served, the others get 429. `lossy`: the share of the
    writer's texts in which a value is made up.
    `ended`: the conversations that it has seen to their end, one entry each time. `textual`: calls
    are read and written as text.
    `mistaken`: the share of conversations in which the assistant says "Done." to everything, which
    is rejected.
    """

    def __init__(
        self,
        blueprints: Sequence[Blueprint],
        tools: Mapping[str, Tool],
        *,
        fault_rate: float = 0.0,
        each: float = 0.0,
        latency: float = 0.0,
        most: int | None = None,
        lossy: float = 0.0,
        textual: bool = False,
        mistaken: float = 0.0,
        seed: int = 0,
    ) -> None:
        self.by_wishes = {
            f"{wishes_of(blueprint)}\n\nRules:": blueprint for blueprint in blueprints
        }
        self.by_words = {user_lines.utterances(blueprint)[0]: blueprint for blueprint in blueprints}
        self.tools = tools
        self.fault_rate = fault_rate
        self.each = each
        self.latency = latency
        self.most = most
        self.lossy = lossy
        self.textual = textual
        self.mistaken = mistaken
        self.traces = b""
        self.ended: list[str] = []
        self.rng = random.Random(seed)
        self.faults: Counter[str] = Counter()
        self.requests = 0
        self.under_way = self.peak = 0
        self.tokens = 0
        self.keys: set[str] = set()
        self.bodies: list[JsonObject] = []
        self.url = ""
        self.only: tuple[str, ...] = FAULTS

    def fault(self) -> str | None:
        """What goes wrong with the next request."""
        found: str | None = None
        if self.each:
            found = next(
                (
                    kind
                    for kind in self.rng.sample(self.only, len(self.only))
                    if self.rng.random() < self.each
                ),
                None,
            )
        elif self.rng.random() < self.fault_rate:
            found = self.only[self.faults.total() % len(self.only)]
        if found:
            self.faults[found] += 1
        return found

    def written(self, asked: str) -> JsonObject:
        """The writer's lines: the script's, a little different, and now and then wrong."""
        lines = [line["text"] for line in json.loads(asked)["lines"]]
        lines = [
            f"Well, {line[0].lower()}{line[1:]}" if line[:2] not in ("I ", "I'") else line
            for line in lines
        ]
        if self.rng.random() < self.lossy:
            lines[-1] = "It is 31337 now."
        return {"role": "assistant", "content": json.dumps({"lines": lines})}

    def reply(self, body: JsonObject) -> JsonObject:
        """The message for one request."""
        self.bodies.append(body)
        system = body["messages"][0]["content"]
        first = next((row["content"] for row in body["messages"] if row["role"] == "user"), "")
        if "You write the words" in system:
            asked = [row["content"] for row in body["messages"] if row["role"] == "user"]
            return self.written(asked[0])
        if "You play a user" in system:
            blueprint = next(plan for wish, plan in self.by_wishes.items() if wish in system)
            content: Any = ScriptedUser(blueprint).next(autogen_messages(body["messages"]))
            if content == ScriptedUser(blueprint).lines[-1]:
                self.ended.append(blueprint.id)
        else:
            blueprint = self.by_words[first]
            if random.Random(blueprint.id).random() < self.mistaken:
                return {"role": "assistant", "content": "Done."}
            mind = ScriptedAssistant(
                blueprint, {name: self.tools[name] for name in blueprint.all_tools()}
            )
            content = mind.next(
                autogen_messages(
                    from_text(body["messages"], mind) if self.textual else body["messages"]
                )
            )
        if isinstance(content, str):
            return {"role": "assistant", "content": content}
        if self.textual:
            texts = [
                json.dumps({"name": c.name, "arguments": json.loads(c.arguments)}) for c in content
            ]
            return {
                "role": "assistant",
                "content": "\n".join(f"<tool_call>{text}</tool_call>" for text in texts),
            }
        calls = [
            {"id": c.id, "type": "function", "function": {"name": c.name, "arguments": c.arguments}}
            for c in content
        ]
        return {"role": "assistant", "content": None, "tool_calls": calls}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """POST /v1/chat/completions."""
        self.requests += 1
        if self.requests > MAX_REQUESTS:
            return web.json_response({"error": {"message": "enough"}}, status=500)
        self.keys.add(request.headers.get("authorization", ""))
        if request.headers.get("authorization") == "Bearer wrong":
            return web.json_response({"error": {"message": "bad key"}}, status=401)
        if self.most is not None and self.under_way >= self.most:
            return web.json_response({"error": {"message": "slow down"}}, status=429)
        self.under_way += 1
        self.peak = max(self.peak, self.under_way)
        try:
            return await self.answer(request, await request.json())
        finally:
            self.under_way -= 1

    async def collect(self, request: web.Request) -> web.Response:
        """POST /v1/traces: what an OpenTelemetry collector would be sent, its headers included."""
        self.traces += repr(dict(request.headers)).encode() + await request.read()
        return web.Response()

    async def answer(self, request: web.Request, body: JsonObject) -> web.StreamResponse:
        """The answer to a request that is let in, faults included."""
        if self.latency:
            await asyncio.sleep(self.latency)
        fault = self.fault()
        if fault == "rate_limit":
            return web.json_response(
                {"error": {"message": "slow down"}}, status=429, headers={"retry-after-ms": "20"}
            )
        if fault == "server_error":
            return web.json_response(
                {"error": {"message": "oops"}}, status=500, headers={"retry-after-ms": "20"}
            )
        if fault == "too_long":
            return web.json_response(
                {"error": {"message": "too long", "code": "context_length_exceeded"}}, status=400
            )
        if fault == "slow":
            await asyncio.sleep(0.1)
        if fault == "hang":
            await asyncio.sleep(60)
        if fault == "disconnect":
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if fault == "broken_json":
            return web.Response(
                text='{"choices": [{"message": {"role": "assi', content_type="application/json"
            )
        if fault == "no_choices":
            return web.json_response(
                {"id": "x", "object": "chat.completion", "choices": [], "model": "m", "created": 0}
            )
        if fault == "empty_message":
            return web.json_response(
                {
                    "choices": [
                        {
                            "index": 0,
                            "message": {"role": "assistant", "content": ""},
                            "finish_reason": "stop",
                        }
                    ]
                }
            )
        message = self.reply(body)
        for call in message.get("tool_calls") or ():
            if fault == "wrong_tool":
                call["function"]["name"] = "doSomethingElse"
            if fault == "cut_arguments":
                call["function"]["arguments"] = call["function"]["arguments"][:-1]
        usage: Any = {
            "prompt_tokens": len(json.dumps(body)) // 4,
            "completion_tokens": len(json.dumps(message)) // 4,
        }
        self.tokens += usage["prompt_tokens"] + usage["completion_tokens"]
        if fault == "wrong_usage":
            usage = WRONG_USAGE[self.requests % len(WRONG_USAGE)]
        answer = {
            "choices": [
                {
                    "index": 0,
                    "message": message,
                    "finish_reason": "tool_calls" if message.get("tool_calls") else "stop",
                }
            ],
            "usage": usage,
        }
        if fault == "cut_body":
            data = json.dumps(answer).encode()
            response = web.StreamResponse(
                headers={"content-type": "application/json", "content-length": str(len(data))}
            )
            await response.prepare(request)
            await response.write(data[: len(data) // 2])
            assert request.transport is not None
            request.transport.close()
            return response
        return await streamed(request, answer) if body.get("stream") else web.json_response(answer)


async def streamed(request: web.Request, answer: JsonObject) -> web.StreamResponse:
    """The same answer as events, for clients that watch a model write."""
    choice = answer["choices"][0]
    delta = {
        **choice["message"],
        "tool_calls": [
            {"index": n, **call} for n, call in enumerate(choice["message"].get("tool_calls") or ())
        ]
        or None,
    }
    response = web.StreamResponse(headers={"content-type": "text/event-stream"})
    await response.prepare(request)
    base: JsonObject = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "tiny"}
    parts: list[JsonObject] = [
        {
            "choices": [
                {
                    "index": 0,
                    "delta": {key: value for key, value in delta.items() if value is not None},
                    "finish_reason": None,
                }
            ]
        },
        {"choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]},
        {"choices": [], "usage": answer["usage"] and {**answer["usage"], "total_tokens": 0}},
    ]
    for part in parts:
        await response.write(b"data: " + json.dumps(base | part).encode() + b"\n\n")
    await response.write(b"data: [DONE]\n\n")
    return response


@asynccontextmanager
async def serving(endpoint: Endpoint) -> AsyncIterator[Endpoint]:
    """Serve an endpoint on a free loopback port while the context lasts; its address is then in
    `endpoint.url`."""
    app = web.Application(client_max_size=2**26)
    app.router.add_post("/v1/chat/completions", endpoint.handle)
    app.router.add_post("/v1/traces", endpoint.collect)
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
