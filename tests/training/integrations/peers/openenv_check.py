"""Run in an environment that has openenv-core: a real server, OpenEnv's own client, several
sessions at once."""

from __future__ import annotations

import socket
import sys
import threading
import time

import uvicorn
from openenv.core.generic_client import GenericEnvClient

from inftool.core.chat import ChatMessage
from inftool.synthesis.rehearsal import rehearsed
from inftool.training.integrations.episode import cached_blueprints, cached_pool
from inftool.training.integrations.openenv import app


def gold(specs: tuple[str, ...], number: int) -> list[ChatMessage]:
    return [
        m
        for m in rehearsed(cached_blueprints(specs, 6, 0)[number], cached_pool(specs)).messages
        if m["role"] == "assistant"
    ]


def main(spec: str) -> None:
    specs = (spec,)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(app(specs, count=6, sessions=8), port=port, log_level="error")
    )
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.05)
    address = f"http://127.0.0.1:{port}"
    with (
        GenericEnvClient(base_url=address).sync() as first,
        GenericEnvClient(base_url=address).sync() as second,
    ):
        for number in range(6):
            begun, other = first.reset(seed=number), second.reset(seed=number)
            assert begun.observation["messages"] == other.observation["messages"]
            assert begun.observation["tools"]
            result = begun
            for message in gold(specs, number):
                assert not result.done
                result = first.step({"message": message})
            assert result.done, result
            assert result.reward == 1.0, result
            assert result.observation["gate"] == "passed"
            # The other session has a world of its own, in which nothing was done.
            ended = second.step({"message": None})
            assert ended.done
            assert ended.reward == 0.0
    server.should_exit = True
    print("openenv: 6 plays, all as they should be")


if __name__ == "__main__":
    main(sys.argv[1])
