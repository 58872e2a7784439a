"""The line to an endpoint that is not what it was taken for: every trouble ends with an error that
says what to do, and soon."""

from __future__ import annotations

import asyncio
import json
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from autogen_core.models import LLMMessage, SystemMessage, UserMessage
from autogen_core.tools import ToolSchema

from inftool.agents.tool_assistant import ToolAssistant
from inftool.agents.workbench import BaseWorkbench
from inftool.core.errors import CastError, FatalError, StructuralError
from inftool.core.types import JsonObject
from inftool.llm.client import EndpointClient
from inftool.llm.config import Endpoint
from tests.support.answering import Handler, answering, completion

ASK: list[LLMMessage] = [
    SystemMessage(content="Help."),
    UserMessage(content="Hello", source="user"),
]
TOOL: ToolSchema = {
    "name": "find",
    "description": "Find it.",
    "parameters": {"type": "object", "properties": {}},
}
HTML = "<!doctype html><html><body>Sign in</body></html>"


@asynccontextmanager
async def client_of(url: str, **more: Any) -> AsyncIterator[EndpointClient]:
    client = EndpointClient(
        Endpoint(
            **{
                "model": "tiny",
                "base_url": url,
                "key_env": "INFTOOL_TEST_KEY",
                "backoff": 0.001,
                **more,
            }
        )
    )
    try:
        yield client
    finally:
        await client.close()


def always(response: Callable[[], web.Response]) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        return response()

    return handle


async def error_from(url: str, **more: Any) -> CastError:
    """What becomes of twenty requests at once: the first error, after they have all ended."""
    async with client_of(url, **more) as client:
        ended = await asyncio.gather(
            *(client.create(ASK) for _ in range(20)), return_exceptions=True
        )
    errors = [error for error in ended if isinstance(error, CastError)]
    assert len(errors) == 20
    return next((error for error in errors if error.fatal), errors[0])


async def test_a_web_page_is_no_endpoint() -> None:
    async with answering(always(lambda: web.Response(text=HTML, content_type="text/html"))) as url:
        error = await error_from(url)
    assert error.fatal
    assert "<!doctype html>" in str(error)
    assert f"try --base-url {url}/v1" in str(error)


async def test_a_wrong_path_and_a_wrong_model_are_told_apart() -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        if request.path == "/v1/models":
            return web.json_response({"data": [{"id": "qwen"}, {"id": "llama"}]})
        return web.json_response({"error": {"message": "no such thing"}}, status=404)

    async with answering(handle) as url:
        wrong_path, wrong_model = await error_from(url), await error_from(f"{url}/v1")
    assert f"try --base-url {url}/v1" in str(wrong_path)
    assert "it has: llama, qwen" in str(wrong_model)
    assert wrong_path.fatal
    assert wrong_model.fatal


async def test_a_path_that_was_right_before_is_asked_again() -> None:
    asked = 0

    async def handle(request: web.Request) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        return (
            web.Response(status=404, text="restarting")
            if asked == 2
            else completion({"content": "Hello"})
        )

    async with answering(handle) as url, client_of(url) as client:
        for _ in range(2):
            assert (await client.create(ASK)).content == "Hello"
    assert asked == 3


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (None, "wants a key, and INFTOOL_TEST_KEY is not set"),
        ("sk-x", "refuses the key in INFTOOL_TEST_KEY"),
    ],
)
async def test_a_key_that_is_missing_is_not_one_that_is_wrong(
    key: str | None, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if key is None:
        monkeypatch.delenv("INFTOOL_TEST_KEY", raising=False)
    else:
        monkeypatch.setenv("INFTOOL_TEST_KEY", key)
    async with answering(
        always(lambda: web.json_response({"error": {"message": "who are you?"}}, status=401))
    ) as url:
        error = await error_from(f"{url}/v1")
    assert error.fatal
    assert said in str(error)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1 that nobody but itself has signed."""
    file = tmp_path_factory.mktemp("tls") / "own.pem"
    key = file.with_suffix(".key")
    made = subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=127.0.0.1",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-keyout",
            str(key),
            "-out",
            str(file),
        ],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip("openssl makes no certificate here")
    return file


async def test_a_certificate_of_ones_own_is_named_and_can_be_trusted(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, certificate.with_suffix(".key"))
    async with answering(always(lambda: completion({"content": "Hello"})), tls) as url:
        refused = await error_from(f"{url}/v1")
        assert refused.fatal
        assert "SSL_CERT_FILE" in str(refused)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        async with client_of(f"{url}/v1") as client:
            assert (await client.create(ASK)).content == "Hello"


async def test_plain_http_behind_https_is_named() -> None:
    async with answering(always(lambda: completion({"content": "Hello"}))) as url:
        error = await error_from(f"{url.replace('http:', 'https:')}/v1")
    assert error.fatal
    assert "does not speak TLS" in str(error)


async def test_the_proxy_that_the_environment_names_is_used_and_bypassed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[str] = []

    async def proxy(request: web.Request) -> web.StreamResponse:
        seen.append(str(request.url))
        return completion({"content": "by proxy"})

    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    async with answering(proxy) as url:
        monkeypatch.setenv("http_proxy", url)
        async with client_of("http://models.example/v1") as client:
            assert (await client.create(ASK)).content == "by proxy"
        assert seen == ["http://models.example/v1/chat/completions"]
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        async with client_of(f"{url}/v1") as client:
            await client.create(ASK)
    assert seen[-1].startswith(url)


async def test_a_used_up_quota_stops_everything_instead_of_losing_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("inftool.llm.transport.MAX_PUSHBACK_SECONDS", 0.3)
    async with answering(
        always(
            lambda: web.json_response(
                {"error": {"message": "later"}}, status=429, headers={"retry-after-ms": "20"}
            )
        )
    ) as url:
        error = await error_from(f"{url}/v1", retries=2)
    assert error.fatal
    assert "nothing but" in str(error)
    assert "HTTP 429: later" in str(error)


@pytest.mark.parametrize("finish", ["length", "content_filter"])
async def test_what_was_cut_off_is_not_taken_for_an_answer(finish: str) -> None:
    asked = 0

    async def handle(request: web.Request) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        return (
            completion({"content": "I have done it, and"}, finish)
            if asked != 2
            else completion({"content": "Done."})
        )

    async with answering(handle) as url, client_of(f"{url}/v1") as client:
        assert (await client.create(ASK)).content == "Done."
        with pytest.raises(StructuralError, match="cut"):
            await client.create(ASK)
        # Every one of them was paid for.
        assert client.tally.completion_tokens > 4 * client.tally.calls


async def test_words_beside_calls_stay_words_and_thoughts_stay_thoughts() -> None:
    sent: list[JsonObject] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        sent.append(await request.json())
        if len(sent) > 1:
            return completion({"content": "Here it is."})
        call = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": "{}"}}
        return completion(
            {"content": "Let me look.", "reasoning_content": "easy", "tool_calls": [call]}
        )

    class Hands(BaseWorkbench):
        async def list_tools(self) -> list[ToolSchema]:
            return [TOOL]

        async def _execute(self, name: str, arguments: JsonObject) -> Any:
            from autogen_core.tools import TextResultContent, ToolResult

            return ToolResult(
                name=name, result=[TextResultContent(content="found")], is_error=False
            )

    async with answering(handle) as url, client_of(f"{url}/v1") as client:
        assistant = ToolAssistant(client, Hands(None))
        assert await assistant.reply("Find it") == "Here it is."
        rows = await assistant.messages()
    assert [(row["role"], row["content"], row.get("reasoning_content")) for row in rows[2:]] == [
        ("assistant", "Let me look.", "easy"),
        ("tool", "found", None),
        ("assistant", "Here it is.", None),
    ]
    assert sent[1]["messages"][2]["content"] == "Let me look."
    assert "reasoning_content" not in sent[1]["messages"][2]


async def test_a_name_that_nobody_knows_and_a_port_where_nobody_listens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("inftool.llm.circuit_breaker.FIRST_PAUSE", 0.01)
    unknown, closed = (
        await error_from("http://no-such-host.invalid/v1"),
        await error_from("http://127.0.0.1:9/v1"),
    )
    assert isinstance(unknown, FatalError)
    assert "the name no-such-host.invalid is not known" in str(unknown)
    assert "cannot connect to 127.0.0.1:9" in str(closed)
    assert json.dumps(str(closed)).count("no answer") == 1
