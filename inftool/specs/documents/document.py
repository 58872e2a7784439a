"""One file read: its data, its hash, and the line of any JSON pointer into it."""

from __future__ import annotations

import codecs
import hashlib
import itertools
from pathlib import Path
from typing import Any

from inftool.core.errors import SpecError
from inftool.core.json_pointer import escape, split_pointer
from inftool.core.tools import Origin
from inftool.specs.documents.json_source import JsonText
from inftool.specs.documents.yaml_source import YamlText
from inftool.specs.losses import LossLog

_numbers = itertools.count()
MAX_BYTES = 128 * 1024 * 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
)
_BOMS_16 = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Document:
    """A file as data. `name` is how losses call it; `base`: where in the file a part that is a document of its own begins."""

    def __init__(
        self,
        name: str,
        data: Any,
        *,
        path: Path | None = None,
        sha256: str = "",
        text: JsonText | YamlText | None = None,
    ) -> None:
        # An identity that is never given to another one, as the address of an object is.
        self.number = next(_numbers)
        self.name = name
        self.data = data
        self.path = path
        self.sha256 = sha256
        self.text = text
        self.base = ""
        self.format = "yaml" if isinstance(text, YamlText) else "json"

    def line(self, pointer: str) -> int | None:
        """The 1-based line of what `pointer` points at (of the nearest parent where it does not exist), None where there is no text."""
        return None if self.text is None else self.text.line(split_pointer(self.base + pointer))

    def origin(self, pointer: str = "") -> Origin:
        """The place of `pointer` in the file."""
        return Origin(file=self.name, pointer=self.base + pointer, line=self.line(pointer))

    def part(self, pointer: str, data: Any) -> Document:
        """The value at `pointer` as a document of its own, so that `#/$defs/X` inside it means its own definitions."""
        inner = Document(self.name, data, path=self.path, sha256=self.sha256, text=self.text)
        inner.base = self.base + pointer
        return inner


def read_bytes(path: Path) -> bytes:
    """The bytes of a regular file. Raises SpecError when it cannot be read or is too large."""
    try:
        if not path.is_file():
            raise SpecError(f"{path} is not a file")
        if path.stat().st_size > MAX_BYTES:
            raise SpecError(f"{path} is larger than {MAX_BYTES // 1024 // 1024} MB")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise SpecError(f"{path} cannot be read: {error}") from error


def decode(raw: bytes) -> tuple[str, bool]:
    """The text of a file, and whether its encoding had to be guessed."""
    for bom, encoding in (*_BOMS, *_BOMS_16):
        if raw.startswith(bom):
            try:
                return raw.decode(encoding), False
            except UnicodeDecodeError:
                break
    try:
        return raw.decode("utf-8"), False
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace"), True


def read_document(name: str, raw: bytes, ledger: LossLog, *, path: Path | None = None) -> Document:
    """Read JSON or YAML, whichever the text is. Raises SpecError (with the line) when it is neither."""
    text, guessed = decode(raw)
    source, lenient = _parse(text)
    document = Document(
        name, source.data, path=path, sha256=hashlib.sha256(raw).hexdigest(), text=source
    )
    if guessed:
        ledger.add("encoding", document.origin())
    if lenient:
        ledger.add(
            "lenient_json",
            document.origin(),
            f"the file is not valid JSON and was read leniently ({lenient})",
        )
    if isinstance(source, JsonText):
        _json_losses(document, source, ledger)
    else:
        _yaml_losses(document, source, ledger)
    return document


def _parse(text: str) -> tuple[JsonText | YamlText, str]:
    """The text read, and what is wrong with it as JSON where it had to be read as YAML although it looks like JSON."""
    wrong = ""
    if text.lstrip()[:1] in {"{", "["}:
        try:
            return JsonText(text), ""
        except SpecError as error:
            if "nested" in str(error):
                raise
            wrong = str(error)
    try:
        # A tab may stand between tokens of JSON, but nowhere in YAML's indentation.
        return YamlText(text.replace("\t", "    ") if wrong else text), wrong
    except SpecError as error:
        if wrong:
            raise SpecError(wrong) from error
        raise


def _yaml_losses(document: Document, source: YamlText, ledger: LossLog) -> None:
    name = document.name
    for line, key in source.duplicates:
        message = f"the key {key!r} is written twice in one object, the last one counts"
        ledger.add("duplicate_key", Origin(file=name, line=line), message, subject=f"{line}{key}")
    for line, key in source.odd_keys:
        # Numbers are the usual way to write a status.
        if not (key.isdecimal() and len(key) == 3):
            ledger.add("odd_key", Origin(file=name, line=line), subject=str(line))
    for line, tag in source.tags:
        ledger.add(
            "yaml_tag",
            Origin(file=name, line=line),
            f"the YAML tag {tag} was ignored",
            subject=f"{line}{tag}",
        )
    if source.more_documents:
        ledger.add("extra_documents", document.origin())


def _json_losses(document: Document, source: JsonText, ledger: LossLog) -> None:
    if source.duplicates:
        owners = {id(owner): key for owner, key in source.duplicates}
        for pointer, key in _find(source.data, owners):
            ledger.add(
                "duplicate_key",
                document.origin(pointer),
                f"the key {key!r} is written twice in one object, the last one counts",
                subject=key,
            )
    if source.constants:
        ledger.add(
            "lenient_json",
            document.origin(),
            f"NaN and Infinity are no JSON, {source.constants} were read as null",
        )


def _find(data: Any, owners: dict[int, str]) -> list[tuple[str, str]]:
    """The pointers of the duplicated keys of the objects in `owners`."""
    found: list[tuple[str, str]] = []
    stack: list[tuple[str, Any]] = [("", data)]
    while stack:
        pointer, value = stack.pop()
        if isinstance(value, dict):
            if id(value) in owners:
                found.append((f"{pointer}/{escape(owners[id(value)])}", owners[id(value)]))
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
