"""The links of an operation: which operations may follow, and with which arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from inftool.core.tools import Link
from inftool.specs.documents.errors import RefError
from inftool.specs.documents.library import Library
from inftool.specs.documents.node import Node
from inftool.specs.openapi.operations import Operation


@dataclass(frozen=True, slots=True)
class LinkTargets:
    """The tools that links can point at."""

    by_operation_id: Mapping[str, str]
    """The name of each operation's tool by its operationId."""
    by_place: Mapping[tuple[int, str], str]
    """The name of each operation's tool by the key of its node."""

    def find(self, link: Node, library: Library) -> str | None:
        """The name of the tool that a link points at, by `operationId` or by `operationRef`.

        Raises RefError if the `operationRef` cannot be followed.
        """
        # A link has one or the other; `operationRef` may point into another file.
        name = self.by_operation_id.get(str(link.members.get("operationId")))
        reference = link.members.get("operationRef")
        if name is not None or not isinstance(reference, str):
            return name
        target = library.follow(Node(link.document, link.pointer, {"$ref": reference}))
        return self.by_place.get(target.key)


def collect_links(operation: Operation, library: Library, targets: LinkTargets) -> tuple[Link, ...]:
    """The documented links of an operation to other tools (OpenAPI 3, Link Object).

    A name that several responses have counts once, as in the first of them.
    """
    links: dict[str, Link] = {}
    responses = operation.node.get("responses")
    for status in responses.members if responses is not None else ():
        try:
            response = library.follow(operation.node.child("responses").child(status))
            for link in _links_of(response, library, targets):
                links.setdefault(link.name, link)
        except RefError as error:
            # One broken reference takes the other links of its response along.
            message = f"a link was left out: {error}"
            library.loss_log.add("bad_link", operation.place, message, subject=str(status))
    return tuple(links.values())


def _links_of(response: Node, library: Library, targets: LinkTargets) -> Iterator[Link]:
    declared = response.get("links")
    if declared is None:
        return
    for name in declared.members:
        node = library.follow(declared.child(name))
        if not isinstance(node.value, dict):
            continue
        tool = targets.find(node, library)
        if tool is None:
            message = f"the link {name!r} points at no operation and was left out"
            library.loss_log.add("bad_link", node, message)
            continue
        parameters = node.members.get("parameters")
        arguments = parameters if isinstance(parameters, dict) else {}
        yield Link(name=name, operation=tool, parameters=arguments)
