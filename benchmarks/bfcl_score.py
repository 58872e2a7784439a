"""BFCL's own score of a model in a folder: bfcl-eval asks it through an OpenAI-compatible endpoint
and judges what it says.

    python -m venv venv-bfcl && venv-bfcl/bin/pip install bfcl-eval soundfile
    python benchmarks/bfcl_score.py --model models/sft --python venv-bfcl/bin/python --category
    simple_python --category multi_turn_base -n 20

bfcl-eval's pins clash with ours, so it lives in an environment of its own. A model of its list that
goes through its handler for OpenAI's chat completions is named, so the
scores stand under that name; which model really answered is said in the result, and so is how many
questions got no answer at all (1 is the exit status if none did). `--server transformers` serves
the folder by `transformers serve` instead of by us. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HANDLER = "openbmb/MiniCPM-SALA-FC"


@contextmanager
def by_transformers(model: Path) -> Iterator[str]:
    """`transformers serve` on a free port; the model that a request names is overruled by ours."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = (
        "import sys; from transformers.cli.transformers import main; sys.argv[0] = "
        "'transformers'; main()"
    )
    job = [
        sys.executable,
        "-c",
        code,
        "serve",
        str(model),
        "--port",
        str(port),
        "--host",
        "127.0.0.1",
        "--device",
        "cpu",
    ]
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(job, stdout=log, stderr=subprocess.STDOUT) as server,
    ):
        try:
            for _ in range(240):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2).close()
                    break
                except OSError:
                    if server.poll() is not None:
                        log.seek(0)
                        raise SystemExit(log.read().decode()[-2000:]) from None
                    time.sleep(0.5)
            with without_store(f"http://127.0.0.1:{port}/v1") as address:
                yield address
        finally:
            server.terminate()


@contextmanager
def without_store(behind: str) -> Iterator[str]:
    """The same endpoint without `store` in what is asked: bfcl-eval always sends it, and
    transformers refuses it."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            body.pop("store", None)
            asked = urllib.request.Request(
                behind + self.path.removeprefix("/v1"),
                json.dumps(body).encode(),
                {"content-type": "application/json"},
            )
            try:
                with urllib.request.urlopen(asked, timeout=600) as reply:
                    status, said = reply.status, reply.read()
            except urllib.error.HTTPError as error:
                status, said = error.code, error.read()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()


@contextmanager
def by_us(model: Path, longest: int) -> Iterator[str]:
    from inftool.training.models.server import serve_model

    with serve_model(model, longest=longest) as address:
        yield address


def ask(
    python: Path, address: str, categories: list[str], count: int, root: Path
) -> dict[str, object]:
    """Generate and evaluate with bfcl-eval; the scores by category."""
    data = subprocess.run(
        [python, "-c", "import bfcl_eval; print(bfcl_eval.__path__[0])"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    chosen = {}
    for category in categories:
        lines = (Path(data) / "data" / f"BFCL_v4_{category}.json").read_text("utf-8").splitlines()
        chosen[category] = [json.loads(line)["id"] for line in lines[:count]]
    (root / "test_case_ids_to_generate.json").write_text(json.dumps(chosen))
    env = {
        **os.environ,
        "BFCL_PROJECT_ROOT": str(root),
        "OPENAI_BASE_URL": address,
        "OPENAI_API_KEY": "none",
        "NO_PROXY": "127.0.0.1",
    }
    bfcl = [str(python), "-m", "bfcl_eval"]
    named = ["--model", HANDLER]
    subprocess.run(
        [*bfcl, "generate", *named, "--run-ids", "--num-threads", "2"],
        check=True,
        env=env,
        stdout=sys.stderr,
    )
    subprocess.run(
        [*bfcl, "evaluate", *named, "--test-category", ",".join(categories), "--partial-eval"],
        check=True,
        env=env,
        stdout=sys.stderr,
    )
    rows = [
        json.loads(line)
        for path in (root / "result").rglob("*_result.json")
        for line in path.read_text("utf-8").splitlines()
    ]
    failed = [
        str(row["result"])
        for row in rows
        if str(row["result"]).startswith("Error during inference")
    ]
    found: dict[str, object] = {"unanswered": len(failed), "answered": len(rows) - len(failed)}
    if failed:
        print(failed[0][:500], file=sys.stderr)
    for path in sorted((root / "score").rglob("*_score.json")):
        head = json.loads(path.read_text("utf-8").splitlines()[0])
        found[path.name.removeprefix("BFCL_v4_").removesuffix("_score.json")] = head
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--python", type=Path, required=True)
    parser.add_argument("--category", action="append", default=None)
    parser.add_argument("--server", choices=("inftool", "transformers"), default="inftool")
    parser.add_argument("-n", type=int, default=10)
    parser.add_argument(
        "--longest", type=int, default=512, help="tokens of a message, where we serve"
    )
    given = parser.parse_args()
    categories = given.category or ["simple_python"]
    serve = (
        by_us(given.model, given.longest)
        if given.server == "inftool"
        else by_transformers(given.model)
    )
    with tempfile.TemporaryDirectory() as root, serve as address:
        # Not resolved: a virtual environment's Python is a link.
        scores = ask(given.python.absolute(), address, categories, given.n, Path(root))
    print(
        json.dumps(
            {
                "model": str(given.model),
                "server": given.server,
                "handler": HANDLER,
                "questions": given.n,
                "scores": scores,
            },
            indent=1,
        )
    )
    raise SystemExit(0 if scores["answered"] else 1)


if __name__ == "__main__":
    main()
