"""CPU, throughput and memory a conversation with models at an endpoint, beside a bare aiohttp loop
and a bare `openai` loop doing the same requests.

    python benchmarks/endpoint.py [-n 400] [--rounds 3] [--load 1000]

The endpoint is a process of its own on loopback that answers from a table and does nothing else.
Conversations have seven model calls (half of them
six, half eight) and three tool calls. Ours plays, calls tools through MCP (or in process), judges,
and writes durably; the bare loops send the recorded requests and read the
replies. A round measures all of them one after the other, and ratios are taken round by round.
Drawing blueprints is not measured here
(`conversations.py` does). With `--load N`, N conversations are in flight at 200 ms latency.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import itertools
import json
import multiprocessing
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import aiohttp
from openai import APIError, AsyncOpenAI, DefaultAioHttpClient

from inftool.agents.cast import Cast
from inftool.agents.role_cards import load_card, load_personas
from inftool.agents.user_simulator import wishes_of
from inftool.core.blueprints import Blueprint, Category
from inftool.core.chat import ChatMessage
from inftool.core.trajectories import Trajectory
from inftool.core.types import JsonObject
from inftool.llm.config import CastSettings, Endpoint
from inftool.llm.http_connection import HttpConnection
from inftool.runs.manifest import RunManifest
from inftool.runs.run_folder import Run
from inftool.scenarios.sampler import BlueprintSampler
from inftool.scenarios.world_pool import WorldPool
from inftool.specs import compile_specs
from inftool.synthesis.rehearsal import rehearse, rehearsed
from inftool.synthesis.run_options import RunOptions
from inftool.synthesis.runner import SynthesisRun

SPECS = Path(__file__).parents[1] / "specs"
MODEL_CALLS, TOOL_CALLS = 7, 3
DISTINCT = 40
KINDS: tuple[tuple[Category, int], ...] = (
    ("logical_jump", MODEL_CALLS - 1),
    ("multi_turn_base", MODEL_CALLS + 1),
)
Table = dict[tuple[str, int], bytes]


class Replay(asyncio.Protocol):
    """HTTP/1.1 as far as a table of replies needs it; the path says the latency in milliseconds
    (`/200/v1/…`)."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.seen = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.seen += data
        while (end := self.seen.find(b"\r\n\r\n")) >= 0:
            head = self.seen[:end].lower()
            at = head.index(b"content-length:") + 15
            size = int(head[at : head.find(b"\r\n", at) if b"\r\n" in head[at:] else None])
            if len(self.seen) < end + 4 + size:
                return
            messages = json.loads(self.seen[end + 4 : end + 4 + size])["messages"]
            self.seen = self.seen[end + 4 + size :]
            first = messages[0]["content"]
            reply = self.table[
                first if first.startswith("You play a user") else messages[1]["content"],
                len(messages),
            ]
            answer = (
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
                % (len(reply), reply)
            )
            latency = int(head.split(b"/", 2)[1]) / 1000
            if latency:
                asyncio.get_running_loop().call_later(latency, self.answer, answer)
            else:
                self.answer(answer)

    def answer(self, data: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(data)  # type: ignore[attr-defined]


def serve(table: Table, pipe: Connection) -> None:
    """The endpoint's process: says its port, and ends with the process that started it."""

    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(
            lambda: Replay(table), "127.0.0.1", 0, backlog=4096
        )
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


def draw(stage: WorldPool, count: int) -> tuple[list[Blueprint], list[Trajectory]]:
    """Blueprints with three tool calls each, half of them with six and half with eight model calls,
    and how each goes."""
    made: list[list[tuple[Blueprint, Trajectory]]] = []
    said: set[str] = set()
    for category, model_calls in KINDS:
        sampler, seen, found = (
            BlueprintSampler(stage, load_personas(), 1, (category,)),
            set[str](),
            list[tuple[Blueprint, Trajectory]](),
        )
        index = 0
        while len(found) < count // 2:
            blueprint = sampler.draw(index, seen)
            index += 1
            play = rehearsed(blueprint, stage)
            roles = [message["role"] for message in play.messages]
            fits = calls_of(play) == model_calls and roles.count("tool") == TOOL_CALLS
            first = next(
                str(message["content"]) for message in play.messages if message["role"] == "user"
            )
            if fits and first not in said and rehearse(blueprint, stage).passed:
                said.add(first)
                found.append((blueprint, play))
        made.append(found)
    both = [one for pair in zip(*made, strict=True) for one in pair]
    return [blueprint for blueprint, _ in both], [play for _, play in both]


def calls_of(play: Trajectory) -> int:
    """The model calls of a play: one for each thing that either says, and the user's last word."""
    return sum(message["role"] in ("user", "assistant") for message in play.messages) + 1


def table_of(stage: WorldPool, plays: Sequence[Trajectory]) -> Table:
    """Every reply that will be asked for, by speaker and number of messages so far."""
    card, table = load_card("user"), {}
    for number, play in enumerate(plays):
        blueprint = play.blueprint
        assert blueprint is not None
        person = blueprint.persona
        service = stage.api(blueprint.world.api).title
        prompt = card.render(
            service=service,
            about=person.about,
            manner=person.manner,
            wishes=wishes_of(blueprint),
            now=blueprint.now,
        )
        said = [str(message["content"]) for message in play.messages if message["role"] == "user"]
        for turn, words in enumerate([*said, card.stop]):
            table[prompt, 2 + 2 * turn] = completion(
                {"role": "assistant", "content": words}, number
            )
        # What the assistant is sent begins with a system message, which most rehearsals do without.
        for index, message in enumerate(
            [one for one in play.messages if one["role"] != "system"], 1
        ):
            if message["role"] == "assistant":
                table[said[0], index] = completion(message, number)
    return table


def completion(message: ChatMessage, number: int) -> bytes:
    choice = {
        "index": 0,
        "message": message,
        "finish_reason": "tool_calls" if message.get("tool_calls") else "stop",
    }
    usage = {"prompt_tokens": 700, "completion_tokens": 60, "total_tokens": 760}
    reply = {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": 0,
        "model": "replay",
        "choices": [choice],
        "usage": usage,
    }
    return json.dumps(reply).encode()


class Given:
    """A sampler that hands out what was drawn before."""

    def __init__(self, blueprints: Sequence[Blueprint]) -> None:
        self.blueprints = blueprints

    def draw(self, index: int, seen: set[str], accept: Callable[[Blueprint], bool]) -> Blueprint:
        return self.blueprints[index]


async def ours(
    stage: WorldPool,
    blueprints: Sequence[Blueprint],
    url: str,
    flight: int,
    folder: Path,
    *,
    direct: bool = False,
) -> float:
    """CPU seconds of the plays: of everything but setting up."""
    model = Endpoint(model="replay", base_url=url, key_env="INFTOOL_BENCHMARK_KEY")
    cast = Cast(CastSettings(assistant=model, user=model), seed=0, most=flight)
    with Run.create(folder, RunManifest(state="running")) as run:
        synthesis = SynthesisRun(
            run,
            stage,
            cast,
            RunOptions(seed=0, count=len(blueprints), concurrency=flight, direct=direct),
        )
        synthesis.sampler = Given(blueprints)  # type: ignore[assignment]
        started = time.process_time()
        summary = await synthesis.play_all()
        spent = time.process_time() - started
    assert summary.kept == len(blueprints), summary
    assert summary.usage["assistant"]["calls"] + summary.usage["user"][
        "calls"
    ] == MODEL_CALLS * len(blueprints), summary
    return spent


async def side_by_side(
    talks: Sequence[Sequence[JsonObject]],
    flight: int,
    ask: Callable[[JsonObject], Awaitable[object]],
) -> None:
    waiting: Iterator[Sequence[JsonObject]] = iter(talks)

    async def worker() -> None:
        for bodies in waiting:
            for body in bodies:
                await ask(body)

    await asyncio.gather(*(worker() for _ in range(flight)))


async def bare_aiohttp(talks: Sequence[Sequence[JsonObject]], url: str, flight: int) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def ask(body: JsonObject) -> object:
            async with session.post(f"{url}/chat/completions", json=body) as response:
                return (await response.json())["choices"][0]["message"]

        await side_by_side(talks, flight, ask)


async def bare_openai(
    talks: Sequence[Sequence[JsonObject]],
    url: str,
    flight: int,
    *,
    over_aiohttp: bool = False,
    posted: bool = False,
) -> int:
    """`over_aiohttp`: with openai's own aiohttp transport; `posted`: without its typing of requests
    and replies.

    Returns the requests lost.
    """
    lost = 0
    async with AsyncOpenAI(
        api_key="none", base_url=url, http_client=DefaultAioHttpClient() if over_aiohttp else None
    ) as client:

        async def ask(body: JsonObject) -> object:
            nonlocal lost
            try:
                if posted:
                    return (await client.post("/chat/completions", body=body, cast_to=object))[
                        "choices"
                    ][0]["message"]  # type: ignore[index]
                return (await client.chat.completions.create(**body)).choices[0].message
            except APIError:
                lost += 1
                return None

        await side_by_side(talks, flight, ask)
    return lost


def record(
    stage: WorldPool,
    blueprints: Sequence[Blueprint],
    plays: Sequence[Trajectory],
    url: str,
    folder: Path,
) -> list[list[JsonObject]]:
    """The requests of each conversation, as they really go out."""
    bodies: list[JsonObject] = []
    post = HttpConnection.post

    async def spy(self: HttpConnection, body: bytes) -> bytes:
        bodies.append(json.loads(body))
        return await post(self, body)

    HttpConnection.post = spy  # type: ignore[method-assign]
    try:
        asyncio.run(ours(stage, blueprints, url, 1, folder))
    finally:
        HttpConnection.post = post  # type: ignore[method-assign]
    taken = iter(bodies)
    return [
        list(itertools.islice(taken, calls_of(play)))
        for _, play in zip(blueprints, itertools.cycle(plays), strict=False)
    ]


def measured(work: Callable[[], Awaitable[Any]], count: int) -> tuple[float, float, Any]:
    """CPU ms a conversation, conversations a second, and what the work returned."""
    gc.collect()
    cpu, clock = time.process_time(), time.perf_counter()
    outcome: Any = asyncio.run(work())  # type: ignore[arg-type]
    return (
        1000 * (time.process_time() - cpu) / count,
        count / (time.perf_counter() - clock),
        outcome,
    )


def one_round(
    stage: WorldPool,
    some: Sequence[Blueprint],
    talks: Sequence[Sequence[JsonObject]],
    url: str,
    folder: Path,
) -> dict[str, tuple[float, float, Any]]:
    """Each of them once."""
    folder.mkdir()
    return {
        "ours, MCP": measured(lambda: ours(stage, some, url, 8, folder / "mcp"), len(some)),
        "bare aiohttp": measured(lambda: bare_aiohttp(talks, url, 8), len(some)),
        "bare openai": measured(lambda: bare_openai(talks, url, 8), len(some)),
        "openai over aiohttp": measured(
            lambda: bare_openai(talks, url, 8, over_aiohttp=True), len(some)
        ),
        "openai.post over aiohttp": measured(
            lambda: bare_openai(talks, url, 8, over_aiohttp=True, posted=True), len(some)
        ),
        "ours, in process": measured(
            lambda: ours(stage, some, url, 8, folder / "direct", direct=True), len(some)
        ),
    }


def resident() -> int:
    """Bytes of memory that the process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("-n", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--load", type=int, default=0, help="also measure this many in flight at 200 ms latency"
    )
    options = parser.parse_args()
    stage = WorldPool(compile_specs([SPECS]), keep=DISTINCT + 8)
    # Even numbers, so that there are as many of the one kind as of the other.
    wanted = 2 * (max(options.n, 2 * options.load) // 2)
    options.n = min(options.n, wanted)
    distinct, plays = draw(stage, DISTINCT)
    # The same plays under other numbers make a long run out of few drawn blueprints.
    blueprints = [
        one.model_copy(update={"id": f"{number:06d}-{one.id.partition('-')[2]}"})
        for number, one in enumerate(distinct * (wanted // len(distinct) + 1))
    ][:wanted]
    table = table_of(stage, plays)
    here, there = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(
        target=serve, args=(table, there), daemon=True
    )
    server.start()
    base = f"http://127.0.0.1:{here.recv()}"
    some = blueprints[: options.n]
    rows: dict[str, list[float]] = {}
    result: JsonObject = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # The plays repeat, and so do their requests.
        told = record(stage, blueprints[:DISTINCT], plays, f"{base}/0/v1", folder / "record")
        talks = list(itertools.islice(itertools.cycle(told), wanted))
        for number in range(options.rounds):
            for what, (milliseconds, _, outcome) in one_round(
                stage, some, talks[: options.n], f"{base}/0/v1", folder / str(number)
            ).items():
                # Ours says itself what the plays took, without setting up.
                rows.setdefault(what, []).append(
                    1000 * outcome / options.n if what.startswith("ours") else milliseconds
                )
        result["CPU ms a conversation"] = {
            what: round(statistics.median(values), 2) for what, values in rows.items()
        }
        for what, below in (
            ("ours, MCP", "bare aiohttp"),
            ("ours, MCP", "bare openai"),
            ("ours, in process", "bare aiohttp"),
        ):
            result[f"{what} / {below}"] = [
                round(a / b, 2) for a, b in zip(rows[what], rows[below], strict=True)
            ]
        if options.load:
            result["load"] = loaded(stage, blueprints, talks, base, options.load, folder)
    server.terminate()
    kib = [len(json.dumps(body)) / 1024 for talk in talks for body in talk]
    result |= {
        "conversations": options.n,
        "request KiB": round(statistics.mean(kib), 1),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
    }
    print(json.dumps(result, indent=2))


def loaded(
    stage: WorldPool,
    blueprints: Sequence[Blueprint],
    talks: Sequence[Sequence[JsonObject]],
    base: str,
    flight: int,
    folder: Path,
) -> JsonObject:
    """Many in flight at 200 ms latency, beside one in flight, and beside the bare openai loop."""
    # The CPU of one in flight does not depend on the latency; with little of it there is time for
    # more than setting up.
    few = blueprints[:200]
    _, _, outcome = measured(
        lambda: ours(stage, few, f"{base}/2/v1", 1, folder / "alone"), len(few)
    )
    alone = 1000 * outcome / len(few)
    before = resident()
    peak = [before]

    async def watched() -> float:
        async def watch() -> None:
            while True:
                peak[0] = max(peak[0], resident())
                await asyncio.sleep(0.05)

        watcher = asyncio.create_task(watch())
        spent = await ours(stage, blueprints, f"{base}/200/v1", flight, folder / "crowd")
        watcher.cancel()
        return spent

    _, pace, outcome = measured(watched, len(blueprints))
    crowd = 1000 * outcome / len(blueprints)
    once = talks[:flight]
    _, aio_pace, _ = measured(lambda: bare_aiohttp(once, f"{base}/200/v1", flight), len(once))
    openai_cpu, openai_pace, lost = measured(
        lambda: bare_openai(once, f"{base}/200/v1", flight), len(once)
    )
    _, over_pace, over_lost = measured(
        lambda: bare_openai(once, f"{base}/200/v1", flight, over_aiohttp=True), len(once)
    )
    return {
        "in flight": flight,
        "CPU ms a conversation, one in flight": round(alone, 2),
        "CPU ms a conversation": round(crowd, 2),
        "ratio": round(crowd / alone, 2),
        "conversations a second": round(pace, 1),
        "bare aiohttp, a second": round(aio_pace, 1),
        "bare openai, a second": round(openai_pace, 1),
        "openai over aiohttp, a second": round(over_pace, 1),
        "openai over aiohttp, requests lost": over_lost,
        "bare openai, CPU ms": round(openai_cpu, 2),
        "bare openai, requests lost": lost,
        "times the throughput of bare openai": round(pace / openai_pace, 2),
        "KB a conversation in flight": round((peak[0] - before) / flight / 1000, 1),
    }


if __name__ == "__main__":
    main()
