"""The files of one API description: reads each once, follows references between them, and never leaves their folder."""

from __future__ import annotations

import hashlib
import re
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin

from inftool.core.errors import SpecError
from inftool.core.json_pointer import escape, split_pointer
from inftool.core.tools import Origin
from inftool.core.types import JsonObject
from inftool.specs.documents.document import MAX_BYTES, Document, read_bytes, read_document
from inftool.specs.losses import LossLog


def hash_of(library: Library) -> str:
    """One hash over every file that was read, by name."""
    whole = hashlib.sha256()
    for name, sha256 in sorted(library.files.items()):
        whole.update(f"{name}\0{sha256}\n".encode())
    return whole.hexdigest()


MAX_FILES = 5_000
MAX_HOPS = 40
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")
_BARE = re.compile(r"[A-Za-z0-9_.-]+\Z")
_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")


class RefError(SpecError):
    """A reference that cannot be followed; `code` is its loss code."""

    def __init__(self, code: str, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code


@dataclass(frozen=True, slots=True)
class Node:
    """A value and its place: `pointer` is relative to `document`."""

    document: Document
    pointer: str
    value: Any

    @property
    def key(self) -> tuple[int, str]:
        """What tells this place from any other."""
        return self.document.number, self.pointer

    @property
    def place(self) -> tuple[str, str]:
        """The file's name and the pointer: where a loss is written down."""
        return self.document.name, self.pointer

    def child(self, token: str | int) -> Node:
        """The member `token` of an object or an array; the caller knows that it exists."""
        return Node(
            self.document,
            f"{self.pointer}/{escape(token) if isinstance(token, str) else token}",
            self.value[token],
        )

    def get(self, token: str) -> Node | None:
        """The member `token`, None where there is none or it is null."""
        if isinstance(self.value, dict) and self.value.get(token) is not None:
            return self.child(token)
        return None

    def origin(self) -> Origin:
        """The place in the file."""
        return self.document.origin(self.pointer)

    @property
    def ref(self) -> str | None:
        """The reference that this object is, None where it is none."""
        found = self.value.get("$ref") if isinstance(self.value, dict) else None
        return found if isinstance(found, str) else None


class Library:
    """Every file that one API description is made of. Nothing outside `root` is read, nothing is fetched unless `allow_remote`."""

    def __init__(
        self, root: Path, ledger: LossLog, *, shown_root: str = "", allow_remote: bool = False
    ) -> None:
        self.root = root.resolve()
        self.ledger = ledger
        self.allow_remote = allow_remote
        self.shown_root = shown_root
        self.files: dict[str, str | None] = {}
        self._documents: dict[str, Document] = {}
        self._anchors: dict[int, dict[str, str]] = {}
        self._located: dict[tuple[int, str], Node] = {}
        # Simple schemas as they were converted, None for those that are not simple.
        self.leaves: dict[tuple[int, str], JsonObject | None] = {}
        self._depth = 0

    def open(self, path: Path) -> Document:
        """The document at `path`, read once. Raises SpecError when it lies outside the root or cannot be read."""
        real = path.resolve()
        if not real.is_relative_to(self.root):
            raise RefError(
                "refused_ref",
                f"{path} lies outside {self.shown_root or self.root}",
                hint="Give InfTool the folder that holds every file of the description.",
            )
        key = str(real)
        if key not in self._documents:
            if len(self._documents) >= MAX_FILES:
                raise SpecError(f"more than {MAX_FILES:,} files belong to one description")
            relative = real.relative_to(self.root).as_posix()
            self.files.setdefault(relative, None)
            name = f"{self.shown_root}/{relative}" if self.shown_root else relative
            document = read_document(name, read_bytes(real), self.ledger, path=real)
            self.files[relative] = document.sha256
            self._documents[key] = document
        return self._documents[key]

    def add(self, document: Document) -> Document:
        """Put a document that was read elsewhere on the shelf."""
        if document.path is not None:
            self._documents[str(document.path)] = document
            self.files[document.path.relative_to(self.root).as_posix()] = document.sha256
        return document

    def follow(self, node: Node) -> Node:
        """The value that `node` stands for: itself, or what its chain of references ends at. Raises RefError."""
        hops = 0
        seen: set[tuple[int, str]] = set()
        while isinstance(node.value, dict) and "$ref" in node.value:
            if node.key in seen or hops > MAX_HOPS:
                raise RefError(
                    "circular_ref", f"the reference {node.value['$ref']!r} leads back to itself"
                )
            seen.add(node.key)
            hops += 1
            node = self.target(node)
        return node

    def target(self, node: Node) -> Node:
        """What the reference `node` points at, one step. Raises RefError."""
        ref = node.value["$ref"]
        if not isinstance(ref, str) or not ref:
            raise RefError("bad_ref", f"a reference must be a string, this is {type(ref).__name__}")
        file, _, fragment = ref.partition("#")
        try:
            document = self._document(node, file) if file else node.document
        except RefError as error:
            # Swagger 1 wrote the bare name of a definition, and people still do.
            if error.code == "dangling_ref" and _BARE.match(ref):
                return self._named(node.document, ref, ref, node)
            raise
        key = (document.number, fragment)
        if key not in self._located:
            self._located[key] = self._locate(document, fragment, ref, node)
        return self._located[key]

    def _document(self, node: Node, file: str) -> Document:
        remote_base = node.document.path is None and node.document.name.startswith(
            ("http:", "https:")
        )
        if file.startswith(("http:", "https:")) or remote_base:
            return self._remote(urljoin(node.document.name, file) if remote_base else file)
        if _SCHEME.match(file) and not _WINDOWS.match(file):
            raise RefError(
                "refused_ref",
                f"the reference {file!r} was refused: only files beside the document are read",
            )
        name = unquote(file.partition("?")[0])
        if name.startswith("/") or _WINDOWS.match(name) or "\0" in name:
            raise RefError("refused_ref", f"the reference {file!r} was refused: an absolute path")
        if node.document.path is None:
            raise RefError(
                "dangling_ref", f"the reference {file!r} points at a file, but the document is none"
            )
        folder = node.document.path.parent
        try:
            for candidate in dict.fromkeys((name.replace("\\", "/"), file)):
                path = (folder / candidate).resolve()
                if not path.is_relative_to(self.root):
                    raise RefError(
                        "refused_ref",
                        f"the reference {file!r} was refused: it leaves the folder of the document",
                        hint="Give InfTool the folder that holds every file of the description.",
                    )
                if path.is_file():
                    return self.open(path)
                self.files.setdefault(path.relative_to(self.root).as_posix(), None)
        except RefError:
            raise
        except (OSError, ValueError, RuntimeError) as error:
            raise RefError(
                "dangling_ref", f"the reference {file!r} points at no file ({error})"
            ) from error
        except SpecError as error:
            raise RefError(
                "dangling_ref",
                f"the reference {file!r} points at a file that cannot be read: {error}",
            ) from error
        raise RefError("dangling_ref", f"the reference {file!r} points at no file")

    def _remote(self, url: str) -> Document:
        if not self.allow_remote:
            raise RefError(
                "remote_ref",
                f"the reference to {url} was not fetched",
                hint="--allow-remote fetches it.",
            )
        if url not in self._documents:
            try:
                with urllib.request.urlopen(url, timeout=20) as reply:  # noqa: S310 - http(s) only, checked above, and asked for by the user
                    raw = reply.read(MAX_BYTES + 1)
            except (urllib.error.URLError, OSError, ValueError) as error:
                raise RefError("dangling_ref", f"{url} cannot be fetched: {error}") from error
            if len(raw) > MAX_BYTES:
                raise RefError(
                    "dangling_ref", f"{url} is larger than {MAX_BYTES // 1024 // 1024} MB"
                )
            try:
                self._documents[url] = read_document(url, raw, self.ledger)
            except SpecError as error:
                raise RefError("dangling_ref", f"{url} cannot be read: {error}") from error
        return self._documents[url]

    def _locate(self, document: Document, fragment: str, ref: str, source: Node) -> Node:
        if not fragment or fragment == "/":
            return Node(document, "", document.data)
        if not fragment.startswith("/"):
            return self._named(document, fragment, ref, source)
        node: Node | None = Node(document, "", document.data)
        for token in split_pointer(fragment):
            node = self._step(node, token) if node else None
            if node is None:
                raise RefError("dangling_ref", f"the reference {ref!r} points at nothing")
        if node is None:
            raise RefError("dangling_ref", f"the reference {ref!r} points at nothing")
        return node

    def _step(self, node: Node, token: str) -> Node | None:
        for _ in range(MAX_HOPS):
            for spelling in dict.fromkeys(
                (token, unquote(token), unquote(token).replace("~1", "/").replace("~0", "~"))
            ):
                if isinstance(node.value, dict) and spelling in node.value:
                    return node.child(spelling)
                if (
                    isinstance(node.value, list)
                    and spelling.isdecimal()
                    and len(spelling) < 10
                    and int(spelling) < len(node.value)
                ):
                    return node.child(int(spelling))
            if node.ref is None:
                return None
            # A container on the way (`components.schemas`) may itself be a reference.
            self._depth += 1
            try:
                if self._depth > MAX_HOPS:
                    raise RefError(
                        "circular_ref", f"the reference {node.ref!r} leads back to itself"
                    )
                node = self.target(node)
            finally:
                self._depth -= 1
        return None

    def _named(self, document: Document, name: str, ref: str, source: Node) -> Node:
        """A reference without a slash: an anchor, or a bare name of a definition."""
        anchors = self._anchors.get(document.number)
        if anchors is None:
            anchors = self._anchors[document.number] = _anchors(document.data)
        if name in anchors:
            return self._locate(document, anchors[name], ref, source)
        # On the way to another reference nothing is guessed: a container that is itself a bare name would triple the ways at every step.
        for place in () if self._depth else ("/components/schemas/", "/definitions/", "/$defs/"):
            try:
                found = self._locate(document, place + escape(name), ref, source)
            except RefError:
                continue
            self.ledger.add(
                "mended_ref", source, f"the reference {ref!r} was read as #{place}{name}"
            )
            return found
        raise RefError("dangling_ref", f"the reference {ref!r} points at nothing")


def _anchors(data: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    stack: list[tuple[str, Any]] = [("", data)]
    seen: set[int] = set()
    while stack:
        pointer, value = stack.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, dict):
            for word in ("$anchor", "$dynamicAnchor"):
                if isinstance(value.get(word), str):
                    found.setdefault(value[word], pointer)
            stack.extend(
                (f"{pointer}/{escape(key)}", inner)
                for key, inner in value.items()
                if isinstance(inner, (dict, list))
            )
        elif isinstance(value, list):
            stack.extend(
                (f"{pointer}/{index}", inner)
                for index, inner in enumerate(value)
                if isinstance(inner, (dict, list))
            )
    return found
