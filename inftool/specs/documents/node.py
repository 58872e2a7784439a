"""A value of a document together with where it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from inftool.core.json_pointer import escape
from inftool.core.tools import Origin
from inftool.specs.documents.document import Document


@dataclass(frozen=True, slots=True)
class Node:
    """A value and its place in a document."""

    document: Document
    pointer: str
    """The JSON pointer to the value, relative to `document`."""
    value: object
    """The value as it was read: any JSON value, whatever the specification asks for here."""

    @property
    def key(self) -> tuple[int, str]:
        """Identifies this place among the places of all documents."""
        return self.document.number, self.pointer

    @property
    def file_and_pointer(self) -> tuple[str, str]:
        """The name of the file and the pointer, under which a loss is recorded."""
        return self.document.name, self.pointer

    @property
    def members(self) -> dict[str, object]:
        """The members of an object; no members for any other value."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> list[object]:
        """The items of an array; no items for any other value."""
        return self.value if isinstance(self.value, list) else []

    def child(self, token: str | int) -> Node:
        """The member of an object or the item of an array; LookupError if it is not there."""
        if isinstance(token, str):
            pointer = f"{self.pointer}/{escape(token)}"
            return Node(self.document, pointer, self.members[token])
        return Node(self.document, f"{self.pointer}/{token}", self.items[token])

    def children(self) -> Iterator[Node]:
        """The items of an array as nodes, in their order."""
        return (self.child(index) for index in range(len(self.items)))

    def get(self, token: str) -> Node | None:
        """The member `token`; None if it is absent or null."""
        if isinstance(self.value, dict) and self.value.get(token) is not None:
            return self.child(token)
        return None

    def text(self, token: str) -> str:
        """The member `token` if it is a string, else an empty text."""
        member = self.members.get(token)
        return member if isinstance(member, str) else ""

    def origin(self) -> Origin:
        """The place in the file, with its line."""
        return self.document.origin(self.pointer)

    @property
    def ref(self) -> str | None:
        """The text of `$ref` if the value is a reference, else None."""
        ref = self.members.get("$ref")
        return ref if isinstance(ref, str) else None
