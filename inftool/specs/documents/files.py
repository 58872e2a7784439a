"""The files of one API description: each is read once, and none outside their folder is."""

from __future__ import annotations

import hashlib
import re
import urllib.request
from pathlib import Path
from urllib.parse import unquote, urljoin

from inftool.core.errors import SpecError
from inftool.specs.documents.document import MAX_BYTES, Document, read_bytes, read_document
from inftool.specs.documents.errors import RefError
from inftool.specs.losses import LossLog

# Far above any description written by people; stops a folder of generated files.
MAX_FILES = 5_000
# Seconds to wait for a document on another machine.
_FETCH_TIMEOUT = 20
# A scheme (RFC 3986, section 3.1) has at least two letters here, or `C:\specs` would have one.
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")
_WINDOWS_PATH = re.compile(r"[A-Za-z]:[\\/]|\\\\")
_REMOTE = ("http:", "https:")
_ROOT_HINT = "Give InfTool the folder that holds every file of the description."


class DocumentFiles:
    """The documents of one API description, by path and address.

    Nothing outside `root` is read. Nothing is fetched unless `allow_remote` is set.
    """

    def __init__(
        self, root: Path, loss_log: LossLog, *, shown_root: str = "", allow_remote: bool = False
    ) -> None:
        self.root = root.resolve()
        self.loss_log = loss_log
        self.allow_remote = allow_remote
        self.shown_root = shown_root
        """The root as the user wrote it; it leads the names of files in losses."""
        self.hashes: dict[str, str | None] = {}
        """Path relative to the root -> SHA-256 of the content; None for a file that was looked for
        and is absent. If one of these changes, the description has changed."""
        self._documents: dict[str, Document] = {}

    def content_hash(self) -> str:
        """One SHA-256 over the names and the hashes of all files."""
        digest = hashlib.sha256()
        for name, sha256 in sorted(self.hashes.items()):
            digest.update(f"{name}\0{sha256}\n".encode())
        return digest.hexdigest()

    def open(self, path: Path) -> Document:
        """The document at `path`, read at the first call.

        Raises SpecError if the path lies outside the root or cannot be read.
        """
        # Resolved, so that a symbolic link cannot lead out of the root.
        real = path.resolve()
        if not real.is_relative_to(self.root):
            message = f"{path} lies outside {self.shown_root or self.root}"
            raise RefError("refused_ref", message, hint=_ROOT_HINT)
        key = str(real)
        if key not in self._documents:
            if len(self._documents) >= MAX_FILES:
                raise SpecError(f"more than {MAX_FILES:,} files belong to one description")
            relative = real.relative_to(self.root).as_posix()
            self.hashes.setdefault(relative, None)
            name = f"{self.shown_root}/{relative}" if self.shown_root else relative
            document = read_document(name, read_bytes(real), self.loss_log, path=real)
            self.hashes[relative] = document.sha256
            self._documents[key] = document
        return self._documents[key]

    def add(self, document: Document) -> Document:
        """Add a document that was read elsewhere, and return it."""
        if document.path is not None:
            self._documents[str(document.path)] = document
            self.hashes[document.path.relative_to(self.root).as_posix()] = document.sha256
        return document

    def referenced(self, base: Document, file: str) -> Document:
        """The document that the file part of a reference inside `base` names.

        "schemas/pet.yaml" -> the document beside `base`. Raises RefError.
        """
        base_is_remote = base.path is None and base.name.startswith(_REMOTE)
        if file.startswith(_REMOTE) or base_is_remote:
            return self._fetched(urljoin(base.name, file) if base_is_remote else file)
        if _SCHEME.match(file) and not _WINDOWS_PATH.match(file):
            raise RefError(
                "refused_ref",
                f"the reference {file!r} was refused: only files beside the document are read",
            )
        # "pets.yaml?raw=true" was copied from the address of a web page.
        name = unquote(file.partition("?")[0])
        if name.startswith("/") or _WINDOWS_PATH.match(name) or "\0" in name:
            raise RefError("refused_ref", f"the reference {file!r} was refused: an absolute path")
        if base.path is None:
            raise RefError(
                "dangling_ref", f"the reference {file!r} points at a file, but the document is none"
            )
        try:
            document = self._beside(base.path.parent, name, file)
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
        if document is None:
            raise RefError("dangling_ref", f"the reference {file!r} points at no file")
        return document

    def _beside(self, folder: Path, name: str, file: str) -> Document | None:
        """The document at a path relative to `folder`, None if there is no such file.

        `file` is the path as it was written; it may itself contain `%20` or a backslash.
        """
        for candidate in dict.fromkeys((name.replace("\\", "/"), file)):
            path = (folder / candidate).resolve()
            if not path.is_relative_to(self.root):
                raise RefError(
                    "refused_ref",
                    f"the reference {file!r} was refused: it leaves the folder of the document",
                    hint=_ROOT_HINT,
                )
            if path.is_file():
                return self.open(path)
            self.hashes.setdefault(path.relative_to(self.root).as_posix(), None)
        return None

    def _fetched(self, url: str) -> Document:
        if not self.allow_remote:
            message = f"the reference to {url} was not fetched"
            raise RefError("remote_ref", message, hint="--allow-remote fetches it.")
        if url not in self._documents:
            raw = _fetch(url)
            try:
                self._documents[url] = read_document(url, raw, self.loss_log)
            except SpecError as error:
                raise RefError("dangling_ref", f"{url} cannot be read: {error}") from error
        return self._documents[url]


def _fetch(url: str) -> bytes:
    try:
        # Only http(s) comes here, and only if the user asked for it.
        with urllib.request.urlopen(url, timeout=_FETCH_TIMEOUT) as reply:  # noqa: S310
            raw: bytes = reply.read(MAX_BYTES + 1)
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise RefError("dangling_ref", f"{url} cannot be fetched: {error}") from error
    if len(raw) > MAX_BYTES:
        raise RefError("dangling_ref", f"{url} is larger than {MAX_BYTES // 1024 // 1024} MB")
    return raw
