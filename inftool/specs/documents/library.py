"""References between the parts of one API description, and what they point at."""

from __future__ import annotations

import re
from urllib.parse import unquote

from inftool.core.json_pointer import escape, split_pointer, unescape
from inftool.specs.documents.document import Document
from inftool.specs.documents.errors import RefError
from inftool.specs.documents.files import DocumentFiles
from inftool.specs.documents.node import Node
from inftool.specs.losses import LossLog

# References that may follow one another: far above what people write, far below the
# interpreter's recursion limit.
MAX_HOPS = 40
# Longer tokens index no array; int() of thousands of digits would be slow.
_MAX_INDEX_DIGITS = 9
_BARE_NAME = re.compile(r"[A-Za-z0-9_.-]+\Z")
_DEFINITION_FOLDERS = ("/components/schemas/", "/definitions/", "/$defs/")


class Library:
    """Follows the references of one API description, within its files."""

    def __init__(self, files: DocumentFiles, loss_log: LossLog) -> None:
        self.files = files
        self.loss_log = loss_log
        self.simple_schemas: dict[tuple[int, str], dict[str, object] | None] = {}
        """Node key -> the simple schema there as it was converted, None if it is not simple.
        Inputs and outputs share these."""
        self._anchors: dict[int, dict[str, str]] = {}
        self._located: dict[tuple[int, str], Node] = {}
        self._depth = 0

    def follow(self, node: Node) -> Node:
        """The value that `node` stands for: itself, or the end of its chain of references.

        Raises RefError if the chain breaks off or leads back to itself.
        """
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
        """The node that the reference `node` points at, one step further. Raises RefError."""
        ref = node.members["$ref"]
        if not isinstance(ref, str) or not ref:
            raise RefError("bad_ref", f"a reference must be a string, this is {type(ref).__name__}")
        file, _, fragment = ref.partition("#")
        try:
            document = self.files.referenced(node.document, file) if file else node.document
        except RefError as error:
            # Swagger 1 referred to a definition by its bare name, and people still do.
            if error.code == "dangling_ref" and _BARE_NAME.match(ref):
                return self._by_name(node.document, ref, ref, node)
            raise
        # By the target and not by the reference: most references of a document share their targets.
        key = (document.number, fragment)
        if key not in self._located:
            self._located[key] = self._locate(document, fragment, ref, node)
        return self._located[key]

    def _locate(self, document: Document, fragment: str, ref: str, source: Node) -> Node:
        """The node at the fragment of a reference: a JSON pointer or the name of an anchor."""
        if not fragment or fragment == "/":
            return Node(document, "", document.data)
        if not fragment.startswith("/"):
            return self._by_name(document, fragment, ref, source)
        node: Node | None = Node(document, "", document.data)
        for token in split_pointer(fragment):
            node = self._step(node, token) if node else None
            if node is None:
                raise RefError("dangling_ref", f"the reference {ref!r} points at nothing")
        assert node is not None
        return node

    def _step(self, node: Node, token: str) -> Node | None:
        """The child of `node` at one token of a pointer, None if there is no such child."""
        # A fragment is percent-encoded (RFC 6901, section 6), though not everybody encodes it.
        unquoted = unquote(token)
        decoded = unescape(unquoted)
        for _ in range(MAX_HOPS):
            for spelling in dict.fromkeys((token, unquoted, decoded)):
                if isinstance(node.value, dict) and spelling in node.value:
                    return node.child(spelling)
                if isinstance(node.value, list) and _indexes(node.value, spelling):
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

    def _by_name(self, document: Document, name: str, ref: str, source: Node) -> Node:
        """The target of a reference without a slash: an anchor, or a definition of that name."""
        anchors = self._anchors.get(document.number)
        if anchors is None:
            anchors = self._anchors[document.number] = _find_anchors(document.data)
        if name in anchors:
            return self._locate(document, anchors[name], ref, source)
        # Nothing is guessed on the way to another reference: containers that are bare names
        # themselves would triple the number of guesses at every step.
        for folder in () if self._depth else _DEFINITION_FOLDERS:
            try:
                definition = self._locate(document, folder + escape(name), ref, source)
            except RefError:
                continue
            self.loss_log.add(
                "mended_ref", source, f"the reference {ref!r} was read as #{folder}{name}"
            )
            return definition
        raise RefError("dangling_ref", f"the reference {ref!r} points at nothing")


def _indexes(items: list[object], token: str) -> bool:
    """Whether a token of a pointer is the index of an item."""
    return token.isdecimal() and len(token) <= _MAX_INDEX_DIGITS and int(token) < len(items)


def _find_anchors(data: object) -> dict[str, str]:
    """The anchors of a document (JSON Schema 2020-12, section 8.2.2): name -> pointer."""
    anchors: dict[str, str] = {}
    stack: list[tuple[str, object]] = [("", data)]
    # Aliases in YAML make one object appear in many places; each is looked at once.
    seen: set[int] = set()
    while stack:
        pointer, value = stack.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, dict):
            for keyword in ("$anchor", "$dynamicAnchor"):
                if isinstance(value.get(keyword), str):
                    anchors.setdefault(value[keyword], pointer)
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
    return anchors
