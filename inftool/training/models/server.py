"""A model in a folder behind an OpenAI-compatible endpoint on loopback, so that it can play the assistant in a run like any other model.

One request at a time, each seeded by what it asks: the same requests get the same answers in whatever order they come. Throughput is not its purpose.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from inftool.core.errors import TrainingError
from inftool.core.json_values import canonical
from inftool.core.types import JsonObject
from inftool.training._optional import require
from inftool.training.models.loading import LoadedModel, load_model
from inftool.training.models.policy import decode_message, generate
from inftool.training.tokenization.tokens import RenderError, render

SERVED_MODEL_NAME = "inftool-local"


class LocalModel:
    """What the endpoint answers with."""

    def __init__(self, loaded: LoadedModel, *, max_length: int = 8192, longest: int = 512) -> None:
        self.loaded = loaded
        self.longest = longest
        self.max_length = max_length
        self._turn = threading.Lock()

    def reply(self, body: JsonObject) -> JsonObject:
        """The completion for a request's body; TrainingError where it is too long or the chat template refuses it."""
        loaded, tools = self.loaded, list(body.get("tools") or ())
        try:
            text = render(loaded.tokenizer, loaded.template, body["messages"], tools)
        except RenderError as error:
            raise TrainingError(str(error)) from error
        prompt = list(loaded.tokenizer(text, add_special_tokens=False).input_ids)
        if len(prompt) > self.max_length:
            raise TrainingError(
                f"the request has {len(prompt)} tokens, more than {self.max_length}"
            )
        with self._turn:
            seed = hashlib.sha256(
                canonical([body["messages"], tools, body.get("seed")]).encode()
            ).digest()
            require("torch").manual_seed(int.from_bytes(seed[:7], "big"))
            (ids,) = generate(
                loaded, [prompt], max_new_tokens=int(body.get("max_tokens") or body.get("max_completion_tokens") or self.longest),
                temperature=float(body.get("temperature") or 0.0),
            )  # fmt: skip
        message = decode_message(loaded, ids, tools)
        if message is None or not (message.get("tool_calls") or message["content"]):
            # What cannot be read is said as it stands: whoever judges it will see.
            message = {
                "role": "assistant",
                "content": loaded.tokenizer.decode(ids, skip_special_tokens=True).strip()
                or "(nothing)",
            }
        mark = hashlib.sha256(text.encode()).hexdigest()[:12]
        calls = [
            {"id": f"call_{mark}_{number}", **call}
            for number, call in enumerate(message.get("tool_calls") or ())
        ]
        finish = "tool_calls" if calls else "stop" if ids and ids[-1] in loaded.ends else "length"
        return {
            "id": f"chatcmpl-{mark}", "object": "chat.completion", "created": 0, "model": SERVED_MODEL_NAME,
            "choices": [{"index": 0, "message": {**message, **({"tool_calls": calls} if calls else {})}, "finish_reason": finish}],
            "usage": {"prompt_tokens": len(prompt), "completion_tokens": len(ids), "total_tokens": len(prompt) + len(ids)},
        }  # fmt: skip


@contextmanager
def serve_model(model: str | Path, *, max_length: int = 8192, longest: int = 512) -> Iterator[str]:
    """Serve a model in a folder while the context lasts; gives the endpoint's address. `longest`: tokens of a message where a request does not say."""
    from aiohttp import web

    local = LocalModel(load_model(model), max_length=max_length, longest=longest)

    async def complete(request: web.Request) -> web.Response:
        body = await request.json()
        try:
            return web.json_response(await asyncio.to_thread(local.reply, body))
        except TrainingError as error:
            return web.json_response(
                {"error": {"message": str(error), "code": "context_length_exceeded"}}, status=400
            )

    async def models(request: web.Request) -> web.Response:
        return web.json_response(
            {"object": "list", "data": [{"id": SERVED_MODEL_NAME, "object": "model"}]}
        )

    found: list[str] = []
    ready, over = threading.Event(), threading.Event()

    async def hold() -> None:
        app = web.Application(client_max_size=2**26)
        app.router.add_post("/v1/chat/completions", complete)
        app.router.add_get("/v1/models", models)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        found.append(f"http://127.0.0.1:{runner.addresses[0][1]}/v1")
        ready.set()
        await asyncio.to_thread(over.wait)
        await runner.cleanup()

    thread = threading.Thread(target=asyncio.run, args=(hold(),), name="inftool-model", daemon=True)
    thread.start()
    if not ready.wait(30):
        raise TrainingError("the model could not be served on loopback")
    try:
        yield found[0]
    finally:
        over.set()
        thread.join()
