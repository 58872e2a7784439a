"""What was compiled once is kept by the hash of everything it was made of, so that a second run only reads it back.

An entry is JSON: a cache that somebody else wrote can be wrong, but never run code.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from inftool.core.errors import SpecError
from inftool.core.tools import Api, Loss, Response, Tool
from inftool.core.types import JsonObject
from inftool.specs.documents.document import read_bytes
from inftool.specs.options import CompileOptions

MAX_ENTRIES = 2_000


def folder() -> Path:
    """Where entries are kept: `INFTOOL_CACHE`, else the user's cache folder."""
    own = os.environ.get("INFTOOL_CACHE")
    base = (
        Path(own)
        if own
        else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "inftool"
    )
    return base / "specs"


@functools.cache
def _code() -> str:
    """The hash of the compiler itself: another compiler may see other things in the same file."""
    whole = hashlib.sha256()
    here = Path(__file__).parent
    for path in [*sorted(here.rglob("*.py")), here.parent / "core" / "tools.py"]:
        whole.update(path.read_bytes())
    return whole.hexdigest()


def key_of(name: str, sha256: str, options: CompileOptions) -> str:
    """The key of a document: what it is called, what is in it, how it is compiled and by which code."""
    return hashlib.sha256("\0".join([_code(), name, sha256, repr(options)]).encode()).hexdigest()


def load(key: str, root: Path) -> tuple[Api, list[str]] | None:
    """The Api and the files it was read from, None where there is no entry or one of those files has changed since."""
    try:
        raw = json.loads((folder() / f"{key}.json").read_bytes())
        files: dict[str, str | None] = raw["files"]
        for name, sha256 in files.items():
            path = root / name
            if sha256 is None:
                if path.exists():
                    return None
            elif hashlib.sha256(read_bytes(path)).hexdigest() != sha256:
                return None
        return _decode(raw), list(files)
    except (OSError, ValueError, KeyError, TypeError, IndexError, SpecError, ValidationError):
        # Absent or damaged: either way it is compiled afresh.
        return None


def save(key: str, api: Api, files: dict[str, str | None]) -> None:
    """Keep an Api. A cache that cannot be written costs time and nothing else."""
    with contextlib.suppress(OSError, ValueError, RecursionError):
        place = folder()
        place.mkdir(parents=True, exist_ok=True)
        text = json.dumps(
            {"files": files, **_encode(api)}, ensure_ascii=False, separators=(",", ":")
        )
        with tempfile.NamedTemporaryFile(
            "w", dir=place, suffix=".part", delete=False, encoding="utf-8", errors="surrogatepass"
        ) as file:
            file.write(text)
        Path(file.name).replace(place / f"{key}.json")
        _trim(place)


def _trim(place: Path) -> None:
    entries = list(place.glob("*.json"))
    if len(entries) > MAX_ENTRIES:
        by_age = sorted(entries, key=lambda path: path.stat().st_mtime)
        for path in by_age[: len(entries) // 2]:
            path.unlink(missing_ok=True)


class _Table:
    """Objects that many tools share, each written once."""

    def __init__(self) -> None:
        self.entries: list[Any] = []
        self._places: dict[int, int] = {}
        self._kept: list[Any] = []

    def put(self, value: Any, encoded: Any) -> int:
        place = self._places.get(id(value))
        if place is None:
            place = self._places[id(value)] = len(self.entries)
            self.entries.append(encoded() if callable(encoded) else encoded)
            self._kept.append(value)
        return place


def _encode(api: Api) -> JsonObject:
    definitions, responses = _Table(), _Table()

    def schema(value: JsonObject | None) -> JsonObject | None:
        if value is None:
            return None
        root = {word: inner for word, inner in value.items() if word != "$defs"}
        return {
            "root": root,
            "defs": {
                name: definitions.put(inner, inner)
                for name, inner in value.get("$defs", {}).items()
            },
        }

    def response(value: Response) -> JsonObject:
        return {**value.model_dump(exclude={"body"}), "body": schema(value.body)}

    tools = []
    for tool in api.tools:
        fields = tool.model_dump(exclude={"input_schema", "output_schema", "responses"})
        fields["input_schema"] = schema(tool.input_schema)
        fields["output_schema"] = schema(tool.output_schema)
        fields["responses"] = [
            responses.put(answer, lambda answer=answer: response(answer))
            for answer in tool.responses
        ]
        tools.append(fields)
    return {
        "api": api.model_dump(exclude={"tools", "losses"}),
        "losses": [loss.model_dump() for loss in api.losses],
        "tools": tools,
        "responses": responses.entries,
        "definitions": definitions.entries,
    }


def _decode(raw: JsonObject) -> Api:
    definitions = raw["definitions"]

    def schema(value: JsonObject | None) -> JsonObject | None:
        if value is None:
            return None
        root: JsonObject = value["root"]
        return (
            {**root, "$defs": {name: definitions[place] for name, place in value["defs"].items()}}
            if value["defs"]
            else root
        )

    responses = [Response(**{**entry, "body": schema(entry["body"])}) for entry in raw["responses"]]
    tools = []
    for fields in raw["tools"]:
        fields["input_schema"] = schema(fields["input_schema"])
        fields["output_schema"] = schema(fields["output_schema"])
        fields["responses"] = tuple(responses[place] for place in fields["responses"])
        tools.append(Tool(**fields))
    return Api(
        **raw["api"], tools=tuple(tools), losses=tuple(Loss(**loss) for loss in raw["losses"])
    )
