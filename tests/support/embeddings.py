"""A real HTTP endpoint on loopback that speaks the OpenAI embeddings protocol: a vector counts the
letters of a text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from string import ascii_lowercase
from threading import Thread

from inftool.core.types import JsonObject


class EmbeddingEndpoint(ThreadingHTTPServer):
    """`requests` are the bodies that were posted, `keys` the Authorization headers that came with
    them."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[JsonObject] = []
        self.keys: list[str] = []

    @property
    def url(self) -> str:
        """The address that a client is given as `base_url`."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: EmbeddingEndpoint

    def do_POST(self) -> None:
        """POST /v1/embeddings."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append({"path": self.path, **body})
        self.server.keys.append(self.headers["Authorization"])
        rows = [
            [text.lower().count(letter) for letter in ascii_lowercase] for text in body["input"]
        ]
        data = [
            {"object": "embedding", "index": index, "embedding": row}
            for index, row in enumerate(rows)
        ]
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        reply = json.dumps(
            {"object": "list", "model": body["model"], "data": data, "usage": usage}
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving_embeddings() -> Iterator[EmbeddingEndpoint]:
    """Serve the endpoint on a free loopback port while the context lasts."""
    with EmbeddingEndpoint() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
