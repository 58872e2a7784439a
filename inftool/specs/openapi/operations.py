"""The operations of a document, each with its place; an operation that cannot be read is a loss."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from inftool.core.types import Schema
from inftool.specs.documents.errors import RefError
from inftool.specs.documents.library import Library
from inftool.specs.documents.node import Node
from inftool.specs.naming import NameRequest

# OpenAPI 3.2, Path Item Object; earlier versions know all of these but "query".
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path."""

    method: str
    """The HTTP method, such as `GET`; methods of `additionalOperations` as they are written."""
    path: str
    """The path as it is written: `/orders/{id}`."""
    place: Node
    """Where the path item declares the operation, for losses."""
    node: Node
    """The operation itself, references followed."""
    item: Node
    """The path item, whose parameters and texts hold for all its operations."""

    @property
    def name_request(self) -> NameRequest:
        """What its name is made from."""
        return NameRequest(self.method, self.path, self.node.text("operationId"))


def find_operations(root: Node, library: Library) -> tuple[list[Operation], int]:
    """The readable operations of a document, in its order, and how many it declares in all."""
    paths = _paths(root, library)
    if paths is None:
        return [], 0
    operations: list[Operation] = []
    declared = 0
    for path in paths.members:
        # Specification extensions may stand beside the paths.
        if path.startswith("x-"):
            continue
        for operation in _operations_of(path, paths.child(path), library):
            declared += 1
            if operation is not None:
                operations.append(operation)
    return operations, declared


def _paths(root: Node, library: Library) -> Node | None:
    """The `paths` of a document; None if there are none or they cannot be read."""
    paths = root.members.get("paths")
    if paths is None or paths == {}:
        return None
    node = root.child("paths")
    # A reference in place of all paths is not in the specification, but documents have it.
    if isinstance(paths, dict) and "$ref" in paths:
        try:
            node = library.follow(node)
        except RefError as error:
            library.loss_log.add("bad_document", node, f"paths cannot be read: {error}")
            return None
    if not isinstance(node.value, dict):
        kind = type(node.value).__name__
        library.loss_log.add("bad_document", node, f"paths is {kind}, not an object of paths")
        return None
    return node


def _operations_of(path: str, place: Node, library: Library) -> Iterator[Operation | None]:
    """The operations of one path; None for each that cannot be read."""
    # "get" and "GET" beside each other are one method; the first counts.
    seen: set[str] = set()
    for item in _path_items(place, library):
        if item is None:
            yield None
            continue
        for method, node in _methods(item):
            # What stands beside a reference goes before what it refers to.
            if method not in seen:
                seen.add(method)
                yield _read(method, path, node, item, library)


def _path_items(place: Node, library: Library) -> list[Node | None]:
    """The objects that hold a path's operations: the path item, and what it refers to.

    None for each of them that cannot be read.
    """
    loss_log = library.loss_log
    # YAML leaves a path with nothing below it null.
    if place.value is None:
        return []
    if not isinstance(place.value, dict):
        kind = type(place.value).__name__
        loss_log.add("bad_path", place, f"the path item is {kind}, not an object")
        return [None]
    if "$ref" not in place.value:
        return [place]
    try:
        target = library.follow(place)
    except RefError as error:
        if any(key.lower() in METHODS for key in place.value):
            # What stands beside the reference is still there.
            loss_log.add(error.code, place, str(error))
            return [place]
        loss_log.add("bad_path", place, f"the path item cannot be read: {error}")
        return [None]
    if not isinstance(target.value, dict):
        kind = type(target.value).__name__
        loss_log.add("bad_path", place, f"the path item is {kind}, not an object")
        return [None, place]
    return [place, target]


def _methods(item: Node) -> Iterator[tuple[str, Node]]:
    """The methods of a path item with what it says about them."""
    for key in item.members:
        if isinstance(key, str) and key.lower() in METHODS:
            yield key.upper(), item.child(key)
    # OpenAPI 3.2: methods that have no field of their own. Their names are case-sensitive.
    if (additional := item.get("additionalOperations")) is not None:
        for key in additional.members:
            yield key, additional.child(key)


def _read(method: str, path: str, place: Node, item: Node, library: Library) -> Operation | None:
    try:
        node = library.follow(place)
    except RefError as error:
        message = f"{method} {path} cannot be read: {error}"
        library.loss_log.add("bad_operation", place, message, subject=path)
        return None
    if not isinstance(node.value, dict):
        kind = "null" if node.value is None else type(node.value).__name__
        message = f"{method} {path} is {kind}, not an object"
        library.loss_log.add("bad_operation", place, message, subject=path)
        return None
    return Operation(method, path, place, node, item)


def server_urls(root: Schema) -> tuple[str, ...]:
    """The base URLs that a document names, without repetitions.

    Those of `servers` (OpenAPI 3) with the defaults of their variables, and those made from
    `schemes`, `host` and `basePath` (Swagger 2.0).
    """
    urls: list[str] = []
    servers = root.get("servers")
    for server in servers if isinstance(servers, list) else ():
        if isinstance(server, dict) and isinstance(server.get("url"), str):
            urls.append(_with_defaults(server["url"], server.get("variables")))
    if isinstance(root.get("host"), str):
        base = root.get("basePath") if isinstance(root.get("basePath"), str) else ""
        schemes = root.get("schemes")
        # Swagger 2.0 leaves the scheme to the server of the document; all are https today.
        for scheme in schemes if isinstance(schemes, list) and schemes else ["https"]:
            urls.append(f"{scheme}://{root['host']}{base}")
    return tuple(dict.fromkeys(urls))


def _with_defaults(url: str, variables: object) -> str:
    """`https://{region}.example.com` with the default of each variable in its place."""
    for name, variable in variables.items() if isinstance(variables, dict) else ():
        # A variable without a default stays in the URL, for the user to fill in.
        if isinstance(variable, dict) and isinstance(variable.get("default"), (str, int)):
            url = url.replace("{" + str(name) + "}", str(variable["default"]))
    return url
