"""Files, folders and globs -> Apis. A document that cannot be read does not stop the others."""

from __future__ import annotations

import codecs
import contextlib
import gc
import hashlib
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from inftool.core.errors import SpecError
from inftool.core.tools import Api, Loss, Origin
from inftool.specs import compile_cache, naming
from inftool.specs.documents.discovery import Source, find_sources
from inftool.specs.documents.document import Document, decode, read_bytes, read_document
from inftool.specs.documents.errors import UnreadableText
from inftool.specs.documents.files import DocumentFiles
from inftool.specs.documents.library import Library
from inftool.specs.documents.node import Node
from inftool.specs.losses import LossLog
from inftool.specs.openapi.compiler import compile_openapi, is_openapi
from inftool.specs.options import MAX_SCHEMA_BYTES, CompileOptions
from inftool.specs.tool_lists.detection import find_functions
from inftool.specs.tool_lists.functions import compile_functions

# What a file must contain to be read although nobody asked for it by name.
_OPENAPI = re.compile(rb"""(?:^|[{,])\s*["']?(?:openapi|swagger)["']?\s*:""", re.MULTILINE)
_FUNCTIONS = re.compile(rb"""["']?(?:inputSchema|input_schema|parameters)["']?\s*:""")
_NAME = re.compile(rb"""["']?name["']?\s*:""")

Progress = Callable[[str, int, int], None]
"""Called with the file, the number of documents compiled so far and the number of all."""


@dataclass
class Compiled:
    """One document compiled."""

    api: Api
    source: Source
    other_files: frozenset[Path] = frozenset()
    """The files that it was read from besides its own."""
    seconds: float = 0.0


def compile_specs(
    paths: Sequence[str | Path],
    *,
    max_schema_bytes: int = MAX_SCHEMA_BYTES,
    closed: bool = True,
    allow_remote: bool = False,
    cache: bool = True,
    on_progress: Progress | None = None,
) -> tuple[Api, ...]:
    """Every API description behind `paths` (files, folders, globs), sorted by file.

    A document that cannot be read is an Api without tools and with one loss of level error.
    Raises SpecError if a path does not exist or nothing behind the paths describes an API.
    """
    options = CompileOptions(max_schema_bytes, closed, allow_remote)
    timed = compile_each(paths, options, cache=cache, on_progress=on_progress)
    return tuple(api for api, _ in timed)


def compile_document(
    path: str | Path,
    *,
    max_schema_bytes: int = MAX_SCHEMA_BYTES,
    closed: bool = True,
    allow_remote: bool = False,
    cache: bool = True,
) -> Api:
    """The API description in one file. Raises SpecError if it holds none."""
    if not Path(path).is_file():
        raise SpecError(f"{path} is not a file")
    options = CompileOptions(max_schema_bytes, closed, allow_remote)
    return compile_each([path], options, cache=cache)[0][0]


def compile_each(
    paths: Sequence[str | Path],
    options: CompileOptions,
    *,
    cache: bool = True,
    on_progress: Progress | None = None,
) -> list[tuple[Api, float]]:
    """As `compile_specs`, with the seconds that each document took."""
    sources = find_sources(paths)
    compiled: list[Compiled] = []
    for index, source in enumerate(sources):
        if on_progress is not None:
            on_progress(source.path.as_posix(), index, len(sources))
        start = time.perf_counter()
        with _no_garbage_collection():
            entry = _compile(source, options, use_cache=cache)
        if entry is not None:
            entry.seconds = time.perf_counter() - start
            compiled.append(entry)
    if on_progress is not None and sources:
        on_progress(sources[-1].path.as_posix(), len(sources), len(sources))
    compiled = _without_fragments(compiled)
    # Also if there is nothing at all: a folder without descriptions is an error, too.
    if all(_is_no_api(entry.api) for entry in compiled):
        shown = [paths] if isinstance(paths, (str, Path)) else paths
        raise SpecError(
            f"no API description in {', '.join(map(str, shown))}",
            hint="InfTool reads OpenAPI, Swagger, OpenAI functions, BFCL functions and "
            "MCP tool lists.",
        )
    return _with_unique_names(compiled)


def _without_fragments(compiled: list[Compiled]) -> list[Compiled]:
    """The documents without those that are a part of another one.

    A part is a file that another document refers to and that declares no operation itself.
    """
    parts = {path for entry in compiled for path in entry.other_files}
    return [
        entry
        for entry in compiled
        if entry.api.operations or entry.source.explicit or entry.source.path.resolve() not in parts
    ]


def _is_no_api(api: Api) -> bool:
    return bool(api.losses) and api.losses[0].code == "not_an_api"


def _compile(source: Source, options: CompileOptions, *, use_cache: bool) -> Compiled | None:
    """One file compiled. None if it is no API description and was not asked for by name."""
    relative = source.path.relative_to(source.root).as_posix()
    name = f"{source.shown_root}/{relative}" if source.shown_root else relative
    loss_log = LossLog()
    files = DocumentFiles(
        source.root, loss_log, shown_root=source.shown_root, allow_remote=options.allow_remote
    )
    try:
        if not source.explicit and not source.path.resolve().is_relative_to(files.root):
            raise SpecError("a symbolic link that leaves the folder was refused")
        raw = read_bytes(source.path)
    except (SpecError, OSError, RuntimeError) as error:
        return Compiled(_unusable(name, "unreadable", str(error)), source)
    if not source.explicit and not _looks_like_an_api(raw):
        return None
    # Documents on other machines may change without a trace, so what was fetched is not cached.
    key = ""
    if use_cache and not options.allow_remote:
        key = compile_cache.key_of(name, hashlib.sha256(raw).hexdigest(), options)
    if key and (entry := compile_cache.load(key, files.root)) is not None:
        api, read_files = entry
        return Compiled(api, source, _other_files(source, files.root, read_files))
    try:
        document = read_document(name, raw, loss_log, path=source.path.resolve())
    except SpecError as error:
        line = error.line if isinstance(error, UnreadableText) else None
        return Compiled(_unusable(name, "unreadable", str(error), line), source)
    # Compiling takes memory enough without the bytes of the file.
    del raw
    if document.path is not None and document.path.is_relative_to(files.root):
        files.add(document)
    compiled = _api_of(document, Library(files, loss_log), options)
    if compiled is None and not source.explicit:
        return None
    if compiled is None:
        api = _unusable(name, "not_an_api", "the file holds no API description")
        return Compiled(api, source)
    if key:
        compile_cache.save(key, compiled, files.hashes)
    return Compiled(compiled, source, _other_files(source, files.root, files.hashes))


def _api_of(document: Document, library: Library, options: CompileOptions) -> Api | None:
    """The Api that a document describes, None if it describes none."""
    if is_openapi(document.data):
        return compile_openapi(document, library, options)
    functions = find_functions(Node(document, "", document.data))
    if functions is None:
        return None
    return compile_functions(document, library, options, functions)


def _other_files(
    source: Source, root: Path, names: dict[str, str | None] | list[str]
) -> frozenset[Path]:
    return frozenset(root / name for name in names) - {source.path.resolve()}


@contextlib.contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Switch the collection of cycles off for a while.

    A compile makes a million objects and hardly a cycle: looking for cycles is a tenth of its time.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _looks_like_an_api(raw: bytes) -> bool:
    """Whether it is worth parsing a file that nobody asked for by name."""
    if raw[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        raw = decode(raw)[0].encode("utf-8", "surrogatepass")
    return bool(_OPENAPI.search(raw) or (_FUNCTIONS.search(raw) and _NAME.search(raw)))


def _unusable(name: str, code: str, message: str, line: int | None = None) -> Api:
    """An Api without tools whose only loss says what is wrong with the file."""
    loss = Loss(
        code=code,
        level="error",
        message=message.replace("\n", " "),
        origin=Origin(file=name, line=line),
    )
    base_name = name.rpartition("/")[2]
    return Api(
        name=naming.slug(base_name.partition(".")[0]),
        title=base_name,
        version="",
        format="unknown",
        file=name,
        sha256="",
        losses=(loss,),
    )


def _with_unique_names(compiled: list[Compiled]) -> list[tuple[Api, float]]:
    """The Apis sorted by file, with their seconds: "shop", "shop" -> "shop", "shop_2"."""
    taken: set[str] = set()
    timed: list[tuple[Api, float]] = []
    # By file, so that a name does not depend on the order in which the files were given.
    for entry in sorted(compiled, key=lambda entry: entry.api.file):
        api = entry.api
        name, number = api.name, 2
        while name in taken:
            name, number = f"{api.name}_{number}", number + 1
        taken.add(name)
        tools = tuple(
            tool if tool.api == name else tool.model_copy(update={"api": name})
            for tool in api.tools
        )
        timed.append((api.model_copy(update={"name": name, "tools": tools}), entry.seconds))
    return timed
