"""The operations of a document, each with the place that declares it; whatever cannot be one is a loss by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from inftool.core.types import JsonObject
from inftool.specs.documents.errors import RefError
from inftool.specs.documents.library import Library
from inftool.specs.documents.node import Node
from inftool.specs.naming import NameRequest

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_ITEM_WORDS = frozenset(
    {"$ref", "summary", "description", "servers", "parameters", "additionalOperations"}
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path: `place` is where it stands (for losses), `node` what it is once references are followed."""

    method: str
    path: str
    place: Node
    node: Node
    item: Node

    @property
    def name_request(self) -> NameRequest:
        """The name it wants."""
        raw = self.node.members.get("operationId")
        return NameRequest(self.method, self.path, raw if isinstance(raw, str) else "")


def find_operations(root: Node, library: Library) -> tuple[list[Operation], int]:
    """Every readable operation in the order of the document, and how many the document declares, readable or not."""
    loss_log = library.loss_log
    paths = root.members.get("paths")
    if paths is None or paths == {}:
        return [], 0
    if "$ref" in paths if isinstance(paths, dict) else False:
        try:
            node = library.follow(root.child("paths"))
        except RefError as error:
            loss_log.add("bad_document", root.child("paths"), f"paths cannot be read: {error}")
            return [], 0
    else:
        node = root.child("paths")
    if not isinstance(node.value, dict):
        loss_log.add(
            "bad_document", node, f"paths is {type(node.value).__name__}, not an object of paths"
        )
        return [], 0
    found: list[Operation] = []
    declared = 0
    for path in node.value:
        if path.startswith("x-"):
            continue
        item = node.child(path)
        for operation in _of_item(path, item, library):
            declared += 1
            if operation is not None:
                found.append(operation)
    return found, declared


def _of_item(path: str, place: Node, library: Library) -> Iterator[Operation | None]:
    """The operations of one path; None for each that cannot be read."""
    loss_log = library.loss_log
    if place.value is None:
        return
    if not isinstance(place.value, dict):
        loss_log.add(
            "bad_path", place, f"the path item is {type(place.value).__name__}, not an object"
        )
        yield None
        return
    sources = [place]
    if "$ref" in place.value:
        try:
            target = library.follow(place)
        except RefError as error:
            if not any(key.lower() in METHODS for key in place.value):
                loss_log.add("bad_path", place, f"the path item cannot be read: {error}")
                yield None
                return
            # What stands beside the reference is still there.
            loss_log.add(error.code, place, str(error))
        else:
            if isinstance(target.value, dict):
                sources.append(target)
            else:
                loss_log.add(
                    "bad_path",
                    place,
                    f"the path item is {type(target.value).__name__}, not an object",
                )
                yield None
    seen: set[str] = set()
    for item in sources:
        more = item.members.get("additionalOperations")
        owners = [(item, key) for key in item.members if isinstance(key, str)]
        if isinstance(more, dict):
            owners += [(item.child("additionalOperations"), key) for key in more]
        for owner, key in owners:
            extra = owner is not item
            method = key.upper() if not extra else key
            if (
                (not extra and key.lower() not in METHODS)
                or method in seen
                or (not extra and key in _ITEM_WORDS)
            ):
                continue
            seen.add(method)
            yield _read(method, path, owner.child(key), item, library)


def _read(method: str, path: str, place: Node, item: Node, library: Library) -> Operation | None:
    try:
        node = library.follow(place)
    except RefError as error:
        library.loss_log.add(
            "bad_operation", place, f"{method} {path} cannot be read: {error}", subject=path
        )
        return None
    if not isinstance(node.value, dict):
        library.loss_log.add(
            "bad_operation",
            place,
            f"{method} {path} is {_kind(node.value)}, not an object",
            subject=path,
        )
        return None
    return Operation(method, path, place, node, item)


def _kind(value: object) -> str:
    return "null" if value is None else type(value).__name__


def server_urls(root: JsonObject) -> tuple[str, ...]:
    """The addresses at which a document says that the API lives."""
    found: dict[str, None] = {}
    servers = root.get("servers")
    for server in servers if isinstance(servers, list) else ():
        if not isinstance(server, dict) or not isinstance(server.get("url"), str):
            continue
        url: str = server["url"]
        variables = server.get("variables")
        for name, variable in variables.items() if isinstance(variables, dict) else ():
            if isinstance(variable, dict) and isinstance(variable.get("default"), (str, int)):
                url = url.replace("{" + str(name) + "}", str(variable["default"]))
        found[url] = None
    if isinstance(root.get("host"), str):
        base = root.get("basePath") if isinstance(root.get("basePath"), str) else ""
        schemes = root.get("schemes")
        for scheme in schemes if isinstance(schemes, list) and schemes else ["https"]:
            found[f"{scheme}://{root['host']}{base}"] = None
    return tuple(found)
