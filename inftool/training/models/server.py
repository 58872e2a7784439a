"""A model in a folder behind an OpenAI-compatible endpoint on loopback, so that it can be the
assistant of a run like any other model.

One request is answered at a time, each seeded by what it asks: the same requests get the same
answers in whatever order they come. It is not made for throughput.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from inftool.core.chat import ChatMessage, ToolSpec
from inftool.core.errors import TrainingError
from inftool.core.json_values import canonical
from inftool.core.types import JsonObject
from inftool.training._optional import require
from inftool.training.models.loading import LoadedModel, load_model
from inftool.training.models.policy import decode_message, generate
from inftool.training.tokenization.protocol import RenderError
from inftool.training.tokenization.tokens import render

SERVED_MODEL_NAME = "inftool-local"
# A conversation with all its results fits many times over.
_MAX_REQUEST_BYTES = 2**26
_START_TIMEOUT = 30.0
"""Seconds to wait until the endpoint listens."""


class LocalModel:
    """Answers requests with a loaded model.

    A prompt may have `max_length` tokens. `longest` is the number of tokens of a message where the
    request does not say.
    """

    def __init__(self, loaded: LoadedModel, *, max_length: int = 8192, longest: int = 512) -> None:
        self.loaded = loaded
        self.longest = longest
        self.max_length = max_length
        self._lock = threading.Lock()

    def reply(self, body: JsonObject) -> dict[str, object]:
        """The chat completion for a request.

        TrainingError where it is too long or the chat template refuses it.
        """
        tools: list[ToolSpec] = list(body.get("tools") or ())
        text = self._prompt(body["messages"], tools)
        prompt = list(self.loaded.tokenizer(text, add_special_tokens=False).input_ids)
        if len(prompt) > self.max_length:
            raise TrainingError(
                f"the request has {len(prompt)} tokens, more than {self.max_length}"
            )
        ids = self._generate(prompt, body, tools)
        message = self._message(ids, tools)
        request_id = hashlib.sha256(text.encode()).hexdigest()[:12]
        calls = [
            {"id": f"call_{request_id}_{number}", **call}
            for number, call in enumerate(message.get("tool_calls") or ())
        ]
        finish = "stop" if ids and ids[-1] in self.loaded.end_tokens else "length"
        # An id made of the prompt, so that the same request gets the same answer to the last byte.
        choice = {
            "index": 0,
            "message": {**message, **({"tool_calls": calls} if calls else {})},
            "finish_reason": "tool_calls" if calls else finish,
        }
        usage = {
            "prompt_tokens": len(prompt),
            "completion_tokens": len(ids),
            "total_tokens": len(prompt) + len(ids),
        }
        return {
            "id": f"chatcmpl-{request_id}",
            "object": "chat.completion",
            "created": 0,
            "model": SERVED_MODEL_NAME,
            "choices": [choice],
            "usage": usage,
        }

    def _prompt(self, messages: Sequence[ChatMessage], tools: Sequence[ToolSpec]) -> str:
        try:
            return render(self.loaded.tokenizer, self.loaded.template, messages, tools)
        except RenderError as error:
            raise TrainingError(str(error)) from error

    def _generate(
        self, prompt: list[int], body: JsonObject, tools: Sequence[ToolSpec]
    ) -> list[int]:
        limit = body.get("max_tokens") or body.get("max_completion_tokens") or self.longest
        request = canonical([body["messages"], tools, body.get("seed")])
        digest = hashlib.sha256(request.encode()).digest()
        # torch's random state is shared by all threads.
        with self._lock:
            # torch takes seeds of 64 bits; seven bytes stay below that with any sign.
            require("torch").manual_seed(int.from_bytes(digest[:7], "big"))
            (ids,) = generate(
                self.loaded,
                [prompt],
                max_new_tokens=int(limit),
                temperature=float(body.get("temperature") or 0.0),
            )
        return ids

    def _message(self, ids: list[int], tools: Sequence[ToolSpec]) -> ChatMessage:
        message = decode_message(self.loaded, ids, tools)
        if message is None or not (message.get("tool_calls") or message["content"]):
            # What cannot be read is passed on as text: the gates judge it.
            text = self.loaded.tokenizer.decode(ids, skip_special_tokens=True).strip()
            return {"role": "assistant", "content": text or "(nothing)"}
        return message


@contextmanager
def serve_model(model: str | Path, *, max_length: int = 8192, longest: int = 512) -> Iterator[str]:
    """Serve a model in a folder while the context lasts; gives the endpoint's address.

    `max_length` and `longest` are those of `LocalModel`.
    """
    local = LocalModel(load_model(model), max_length=max_length, longest=longest)
    addresses: list[str] = []
    ready, stop = threading.Event(), threading.Event()
    thread = threading.Thread(
        target=lambda: asyncio.run(_serve(local, addresses, ready, stop)),
        name="inftool-model",
        daemon=True,
    )
    thread.start()
    if not ready.wait(_START_TIMEOUT):
        raise TrainingError("the model could not be served on loopback")
    try:
        yield addresses[0]
    finally:
        stop.set()
        thread.join()


async def _serve(
    local: LocalModel, addresses: list[str], ready: threading.Event, stop: threading.Event
) -> None:
    """Listen until `stop` is set; the address is appended to `addresses` before `ready` is set."""
    from aiohttp import web

    async def complete(request: web.Request) -> web.Response:
        body = await request.json()
        try:
            return web.json_response(await asyncio.to_thread(local.reply, body))
        except TrainingError as error:
            # The code by which OpenAI's API says that a prompt is too long.
            problem = {"message": str(error), "code": "context_length_exceeded"}
            return web.json_response({"error": problem}, status=400)

    async def models(request: web.Request) -> web.Response:
        listed = [{"id": SERVED_MODEL_NAME, "object": "model"}]
        return web.json_response({"object": "list", "data": listed})

    app = web.Application(client_max_size=_MAX_REQUEST_BYTES)
    app.router.add_post("/v1/chat/completions", complete)
    app.router.add_get("/v1/models", models)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    addresses.append(f"http://127.0.0.1:{runner.addresses[0][1]}/v1")
    ready.set()
    await asyncio.to_thread(stop.wait)
    await runner.cleanup()
