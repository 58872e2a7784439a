"""Files, folders and globs -> Apis: one bad document never stops the rest."""

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
from inftool.specs.documents.document import decode, read_bytes, read_document
from inftool.specs.documents.library import Library, Node
from inftool.specs.losses import LossLog
from inftool.specs.openapi.compiler import compile_openapi, is_openapi
from inftool.specs.options import CompileOptions
from inftool.specs.tool_lists.functions import compile_functions, find_functions

_OPENAPI = re.compile(rb"""(?:^|[{,])\s*["']?(?:openapi|swagger)["']?\s*:""", re.MULTILINE)
_FUNCTIONS = re.compile(rb"""["']?(?:inputSchema|input_schema|parameters)["']?\s*:""")
_NAME = re.compile(rb"""["']?name["']?\s*:""")
_LINE = re.compile(r"line (\d+): ")


@dataclass
class Compiled:
    """One document compiled, and the other files that it was read from."""

    api: Api
    source: Source
    fragments: frozenset[Path]
    seconds: float = 0.0


def compile_specs(
    paths: Sequence[str | Path],
    *,
    max_schema_bytes: int = 16_384,
    closed: bool = True,
    allow_remote: bool = False,
    cache: bool = True,
    on_progress: Callable[[str, int, int], None] | None = None,
) -> tuple[Api, ...]:
    """Every API description behind `paths` (files, folders, globs), sorted by file; `on_progress(file, done, total)`.

    A document that cannot be read is an Api without tools and with one loss of level error. Raises SpecError where a path does not exist or nothing
    behind the paths describes an API.
    """
    found = compile_each(
        paths,
        max_schema_bytes=max_schema_bytes,
        closed=closed,
        allow_remote=allow_remote,
        cache=cache,
        on_progress=on_progress,
    )
    return tuple(api for api, _ in found)


def compile_each(
    paths: Sequence[str | Path],
    *,
    max_schema_bytes: int = 16_384,
    closed: bool = True,
    allow_remote: bool = False,
    cache: bool = True,
    on_progress: Callable[[str, int, int], None] | None = None,
) -> list[tuple[Api, float]]:
    """As `compile_specs`, with the seconds that each document took."""
    options = CompileOptions(max_schema_bytes, closed, allow_remote)
    sources = find_sources(paths)
    compiled: list[Compiled] = []
    for index, source in enumerate(sources):
        if on_progress is not None:
            on_progress(source.path.as_posix(), index, len(sources))
        start = time.perf_counter()
        with _uncollected():
            found = _compile(source, options, use_cache=cache)
        if found is not None:
            found.seconds = time.perf_counter() - start
            compiled.append(found)
    if on_progress is not None and sources:
        on_progress(sources[-1].path.as_posix(), len(sources), len(sources))
    # A file that another document refers to and that declares nothing of its own is a part of that document.
    parts = {path for entry in compiled for path in entry.fragments}
    compiled = [
        entry
        for entry in compiled
        if entry.api.operations or entry.source.explicit or entry.source.path.resolve() not in parts
    ]
    if not compiled or all(
        entry.api.losses and entry.api.losses[0].code == "not_an_api" for entry in compiled
    ):
        shown = ", ".join(
            str(path) for path in (paths if not isinstance(paths, (str, Path)) else [paths])
        )
        raise SpecError(
            f"no API description in {shown}",
            hint="InfTool reads OpenAPI, Swagger, OpenAI functions, BFCL functions and MCP tool lists.",
        )
    return _named(compiled)


def compile_document(
    path: str | Path,
    *,
    max_schema_bytes: int = 16_384,
    closed: bool = True,
    allow_remote: bool = False,
    cache: bool = True,
) -> Api:
    """The API description in one file. Raises SpecError where there is none."""
    if not Path(path).is_file():
        raise SpecError(f"{path} is not a file")
    return compile_specs(
        [path],
        max_schema_bytes=max_schema_bytes,
        closed=closed,
        allow_remote=allow_remote,
        cache=cache,
    )[0]


def _compile(source: Source, options: CompileOptions, *, use_cache: bool) -> Compiled | None:
    name = (
        f"{source.shown_root}/{source.path.relative_to(source.root).as_posix()}"
        if source.shown_root
        else source.path.relative_to(source.root).as_posix()
    )
    ledger = LossLog()
    library = Library(
        source.root, ledger, shown_root=source.shown_root, allow_remote=options.allow_remote
    )
    try:
        if not source.explicit and not source.path.resolve().is_relative_to(library.root):
            raise SpecError("a symbolic link that leaves the folder was refused")
        raw = read_bytes(source.path)
    except (SpecError, OSError, RuntimeError) as error:
        return Compiled(_failed(name, "unreadable", str(error)), source, frozenset())
    if not source.explicit and not _looks_like_an_api(raw):
        return None
    # What lies on other machines may change without a trace, so what was fetched is not kept.
    key = (
        compile_cache.key_of(name, hashlib.sha256(raw).hexdigest(), options)
        if use_cache and not options.allow_remote
        else ""
    )
    if key and (kept := compile_cache.load(key, library.root)) is not None:
        api, files = kept
        return Compiled(
            api, source, frozenset(library.root / file for file in files) - {source.path.resolve()}
        )
    try:
        document = read_document(name, raw, ledger, path=source.path.resolve())
    except SpecError as error:
        return Compiled(_failed(name, "unreadable", str(error)), source, frozenset())
    del raw
    if document.path is not None and document.path.is_relative_to(library.root):
        library.add(document)
    if is_openapi(document.data):
        api = compile_openapi(document, library, options)
    elif (functions := find_functions(Node(document, "", document.data))) is not None:
        api = compile_functions(document, library, options, functions)
    elif source.explicit:
        return Compiled(
            _failed(name, "not_an_api", "the file holds no API description"), source, frozenset()
        )
    else:
        return None
    if key:
        compile_cache.save(key, api, library.files)
    others = frozenset(library.root / file for file in library.files) - {source.path.resolve()}
    return Compiled(api, source, others)


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage collection meanwhile: a compile makes a million objects and hardly a cycle, so looking for cycles is a tenth of its time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _looks_like_an_api(raw: bytes) -> bool:
    """Whether it is worth reading a file that nobody asked for by name."""
    if raw[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        raw = decode(raw)[0].encode("utf-8", "surrogatepass")
    return bool(_OPENAPI.search(raw) or (_FUNCTIONS.search(raw) and _NAME.search(raw)))


def _failed(name: str, code: str, message: str) -> Api:
    line = _LINE.match(message)
    loss = Loss(
        code=code,
        level="error",
        message=message.replace("\n", " "),
        origin=Origin(file=name, line=int(line.group(1)) if line else None),
    )
    stem = name.rpartition("/")[2]
    return Api(
        name=naming.slug(stem.partition(".")[0]),
        title=stem,
        version="",
        format="unknown",
        file=name,
        sha256="",
        losses=(loss,),
    )


def _named(compiled: list[Compiled]) -> list[tuple[Api, float]]:
    """The Apis sorted by file, each with a name that no other has."""
    taken: set[str] = set()
    found: list[tuple[Api, float]] = []
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
        found.append((api.model_copy(update={"name": name, "tools": tools}), entry.seconds))
    return found
