"""Compiled documents on disk, by the hash of everything that they were made from.

An entry is JSON: a cache that somebody else wrote can be wrong, but never run code.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypedDict

from pydantic import ValidationError

from inftool.core.errors import SpecError
from inftool.core.tools import Api, Loss, Response, Tool
from inftool.core.types import Schema
from inftool.specs.documents.document import read_bytes
from inftool.specs.options import CompileOptions

# Entries that are kept; when there are more, the older half goes. More would only take up disk.
MAX_ENTRIES = 2_000


class _StoredSchema(TypedDict):
    """A schema whose definitions are kept once for all schemas."""

    root: dict[str, object]
    defs: dict[str, int]
    """Name -> index into the `definitions` of the entry."""


class _StoredResponse(TypedDict):
    """The fields of a response; the others are as `model_dump` has them."""

    body: _StoredSchema | None


class _StoredTool(TypedDict):
    """The fields of a tool; the others are as `model_dump` has them."""

    input_schema: _StoredSchema
    output_schema: _StoredSchema | None
    responses: list[int]
    """Indices into the `responses` of the entry."""


class _Entry(TypedDict):
    """The content of a file of the cache."""

    files: dict[str, str | None]
    """Path relative to the root -> SHA-256, None for a file that must be absent."""
    api: dict[str, object]
    losses: list[dict[str, object]]
    tools: list[_StoredTool]
    responses: list[_StoredResponse]
    definitions: list[object]


def folder() -> Path:
    """Where entries are kept: below `INFTOOL_CACHE` if it is set, else in the user's cache."""
    override = os.environ.get("INFTOOL_CACHE")
    if override:
        return Path(override) / "specs"
    user_cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return user_cache / "inftool" / "specs"


@functools.cache
def _compiler_hash() -> str:
    """The hash of the compiler, as another version of it may make other tools of the same file."""
    digest = hashlib.sha256()
    package = Path(__file__).parent
    sources = [*sorted(package.rglob("*.py")), *sorted(package.rglob("*.json"))]
    for path in [*sources, package.parent / "core" / "tools.py"]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def key_of(name: str, sha256: str, options: CompileOptions) -> str:
    """The key of a document: its name and content, the options, and the version of the compiler."""
    parts = [_compiler_hash(), name, sha256, repr(options)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def load(key: str, root: Path) -> tuple[Api, list[str]] | None:
    """The Api of a key and the files that it was read from.

    None if there is no entry, or if one of those files below `root` has changed since.
    """
    try:
        entry: _Entry = json.loads((folder() / f"{key}.json").read_bytes())
        for name, sha256 in entry["files"].items():
            path = root / name
            if sha256 is None:
                if path.exists():
                    return None
            elif hashlib.sha256(read_bytes(path)).hexdigest() != sha256:
                return None
        return _decode(entry), list(entry["files"])
    except (OSError, ValueError, KeyError, TypeError, IndexError, SpecError, ValidationError):
        # Absent or damaged: either way the document is compiled again.
        return None


def save(key: str, api: Api, files: dict[str, str | None]) -> None:
    """Keep an Api. If the cache cannot be written, nothing happens but that time is lost."""
    with contextlib.suppress(OSError, ValueError, RecursionError):
        cache_folder = folder()
        cache_folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(_encode(api, files), ensure_ascii=False, separators=(",", ":"))
        # Written beside and then renamed, so that another process never reads half an entry.
        with tempfile.NamedTemporaryFile(
            "w",
            dir=cache_folder,
            suffix=".part",
            delete=False,
            encoding="utf-8",
            errors="surrogatepass",
        ) as file:
            file.write(text)
        Path(file.name).replace(cache_folder / f"{key}.json")
        _trim(cache_folder)


def _trim(cache_folder: Path) -> None:
    """Delete the older half of the entries if there are too many."""
    entries = list(cache_folder.glob("*.json"))
    if len(entries) > MAX_ENTRIES:
        by_age = sorted(entries, key=lambda path: path.stat().st_mtime)
        for path in by_age[: len(entries) // 2]:
            path.unlink(missing_ok=True)


class _Table:
    """Objects that many tools share, each written once."""

    def __init__(self) -> None:
        self.entries: list[object] = []
        self._indices: dict[int, int] = {}
        self._kept: list[object] = []

    def put(self, value: object, encode: Callable[[], object]) -> int:
        """The index of a value in `entries`; it is encoded if it is new."""
        index = self._indices.get(id(value))
        if index is None:
            index = self._indices[id(value)] = len(self.entries)
            self.entries.append(encode())
            # Kept alive, so that its identity is not given to another value meanwhile.
            self._kept.append(value)
        return index


class _Encoder:
    """Encodes the tools of one Api, with tables for what they share."""

    def __init__(self) -> None:
        self.definitions = _Table()
        self.responses = _Table()

    def tool(self, tool: Tool) -> dict[str, object]:
        fields = tool.model_dump(exclude={"input_schema", "output_schema", "responses"})
        fields["input_schema"] = self._schema(tool.input_schema)
        fields["output_schema"] = self._schema(tool.output_schema)
        fields["responses"] = [
            self.responses.put(response, partial(self._response, response))
            for response in tool.responses
        ]
        return fields

    def _response(self, response: Response) -> dict[str, object]:
        return {**response.model_dump(exclude={"body"}), "body": self._schema(response.body)}

    def _schema(self, schema: Schema | None) -> _StoredSchema | None:
        if schema is None:
            return None
        root = {keyword: value for keyword, value in schema.items() if keyword != "$defs"}
        definitions = schema.get("$defs")
        if not isinstance(definitions, dict):
            return {"root": root, "defs": {}}
        indices = {
            name: self.definitions.put(inner, partial(_itself, inner))
            for name, inner in definitions.items()
        }
        return {"root": root, "defs": indices}


def _itself(value: object) -> object:
    return value


def _encode(api: Api, files: dict[str, str | None]) -> dict[str, object]:
    """An Api as an `_Entry`."""
    encoder = _Encoder()
    return {
        "files": files,
        "api": api.model_dump(exclude={"tools", "losses"}),
        "losses": [loss.model_dump() for loss in api.losses],
        "tools": [encoder.tool(tool) for tool in api.tools],
        "responses": encoder.responses.entries,
        "definitions": encoder.definitions.entries,
    }


def _decode(entry: _Entry) -> Api:
    definitions = entry["definitions"]

    def schema(stored: _StoredSchema | None) -> dict[str, object] | None:
        if stored is None or not stored["defs"]:
            return stored["root"] if stored is not None else None
        defs = {name: definitions[index] for name, index in stored["defs"].items()}
        return {**stored["root"], "$defs": defs}

    responses = [
        Response.model_validate({**stored, "body": schema(stored["body"])})
        for stored in entry["responses"]
    ]
    tools = [
        Tool.model_validate(
            {
                **stored,
                "input_schema": schema(stored["input_schema"]),
                "output_schema": schema(stored["output_schema"]),
                "responses": tuple(responses[index] for index in stored["responses"]),
            }
        )
        for stored in entry["tools"]
    ]
    losses = [Loss.model_validate(stored) for stored in entry["losses"]]
    return Api.model_validate({**entry["api"], "tools": tuple(tools), "losses": tuple(losses)})
