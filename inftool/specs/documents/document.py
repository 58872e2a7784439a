"""One file read: its data, its hash, and the line of any JSON pointer into it."""

from __future__ import annotations

import codecs
import hashlib
import itertools
from pathlib import Path

from inftool.core.errors import SpecError
from inftool.core.json_pointer import escape, split_pointer
from inftool.core.tools import Origin
from inftool.specs.documents.errors import NestedTooDeeply, UnreadableText
from inftool.specs.documents.json_source import JsonText
from inftool.specs.documents.yaml_source import YamlText
from inftool.specs.losses import LossLog

# Far above any description written by people; the data takes several times that in memory.
MAX_BYTES = 128 * 1024 * 1024
# UTF-32 comes before UTF-16: the byte order mark of UTF-16 LE begins that of UTF-32 LE.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_document_numbers = itertools.count()


class Document:
    """A file as data, or a part of a file that is a document of its own."""

    def __init__(
        self,
        name: str,
        data: object,
        *,
        path: Path | None = None,
        sha256: str = "",
        text: JsonText | YamlText | None = None,
    ) -> None:
        self.number = next(_document_numbers)
        """Identifies the document in keys. Unlike `id()`, it is never given to another one."""
        self.name = name
        """What losses call the file."""
        self.data = data
        self.path = path
        """Where the file is; None for one that was fetched or made in memory."""
        self.sha256 = sha256
        self.text = text
        """The parsed text, which knows lines; None for data made in memory."""
        self.base = ""
        """The JSON pointer to where this document begins inside the file."""
        self.format = "yaml" if isinstance(text, YamlText) else "json"

    def line(self, pointer: str) -> int | None:
        """The 1-based line of the value at `pointer`, or of its nearest parent that exists.

        None if there is no text.
        """
        return None if self.text is None else self.text.line(split_pointer(self.base + pointer))

    def origin(self, pointer: str = "") -> Origin:
        """The place of the value at `pointer` in the file."""
        return Origin(file=self.name, pointer=self.base + pointer, line=self.line(pointer))

    def part(self, pointer: str, data: object) -> Document:
        """The value at `pointer` as a document of its own.

        In it `#/$defs/X` means its own definition: each function of a list of tools has its own.
        """
        inner = Document(self.name, data, path=self.path, sha256=self.sha256, text=self.text)
        inner.base = self.base + pointer
        return inner


def read_bytes(path: Path) -> bytes:
    """The bytes of a regular file. Raises SpecError if it cannot be read or is too large."""
    try:
        if not path.is_file():
            raise SpecError(f"{path} is not a file")
        if path.stat().st_size > MAX_BYTES:
            raise SpecError(f"{path} is larger than {MAX_BYTES // 1024 // 1024} MB")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise SpecError(f"{path} cannot be read: {error}") from error


def decode(raw: bytes) -> tuple[str, bool]:
    """The text of a file, and whether its encoding had to be guessed.

    A byte order mark decides, then UTF-8; what is neither is read as Windows-1252.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            try:
                return raw.decode(encoding), False
            except UnicodeDecodeError:
                break
    try:
        return raw.decode("utf-8"), False
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace"), True


def read_document(
    name: str, raw: bytes, loss_log: LossLog, *, path: Path | None = None
) -> Document:
    """Read a JSON or YAML text; which of the two it is, the text tells and not the file's suffix.

    Raises UnreadableText, with the line, if it is neither.
    """
    text, guessed = decode(raw)
    source, json_problem = _parse(text)
    document = Document(
        name, source.data, path=path, sha256=hashlib.sha256(raw).hexdigest(), text=source
    )
    if guessed:
        loss_log.add("encoding", document.origin())
    if json_problem:
        loss_log.add(
            "lenient_json",
            document.origin(),
            f"the file is not valid JSON and was read leniently ({json_problem})",
        )
    if isinstance(source, JsonText):
        _json_losses(document, source, loss_log)
    else:
        _yaml_losses(document, source, loss_log)
    return document


def _parse(text: str) -> tuple[JsonText | YamlText, str]:
    """The parsed text. If it looks like JSON but only YAML reads it, also what is wrong with it."""
    if text.lstrip()[:1] not in {"{", "["}:
        return YamlText(text), ""
    try:
        return JsonText(text), ""
    except NestedTooDeeply:
        raise
    except UnreadableText as error:
        json_error = error
    try:
        # Nearly all of JSON is YAML, which also takes comments and trailing commas. A tab may
        # stand between tokens of JSON, but not in YAML's indentation.
        return YamlText(text.replace("\t", "    ")), str(json_error)
    except UnreadableText:
        raise json_error from None


def _yaml_losses(document: Document, source: YamlText, loss_log: LossLog) -> None:
    name = document.name
    for line, key in source.duplicates:
        message = f"the key {key!r} is written twice in one object, the last one counts"
        loss_log.add("duplicate_key", Origin(file=name, line=line), message, subject=f"{line}{key}")
    for line, key in source.odd_keys:
        # HTTP statuses are usually written as numbers: `200:` is no oddity.
        if not (key.isdecimal() and len(key) == 3):
            loss_log.add("odd_key", Origin(file=name, line=line), subject=str(line))
    for line, tag in source.tags:
        message = f"the YAML tag {tag} was ignored"
        loss_log.add("yaml_tag", Origin(file=name, line=line), message, subject=f"{line}{tag}")
    if source.more_documents:
        loss_log.add("extra_documents", document.origin())


def _json_losses(document: Document, source: JsonText, loss_log: LossLog) -> None:
    # The parser knows the objects with duplicates, but not where they are.
    if source.duplicates:
        owners = {id(owner): key for owner, key in source.duplicates}
        for pointer, key in _locate_duplicates(source.data, owners):
            loss_log.add(
                "duplicate_key",
                document.origin(pointer),
                f"the key {key!r} is written twice in one object, the last one counts",
                subject=key,
            )
    if source.constants:
        loss_log.add(
            "lenient_json",
            document.origin(),
            f"NaN and Infinity are no JSON, {source.constants} were read as null",
        )


def _locate_duplicates(data: object, owners: dict[int, str]) -> list[tuple[str, str]]:
    """The pointer and the name of each duplicate key; `owners`: id of the object -> its key."""
    located: list[tuple[str, str]] = []
    stack: list[tuple[str, object]] = [("", data)]
    while stack:
        pointer, value = stack.pop()
        if isinstance(value, dict):
            if id(value) in owners:
                key = owners[id(value)]
                located.append((f"{pointer}/{escape(key)}", key))
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
    return located
