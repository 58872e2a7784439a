"""Names of tools, arguments, definitions and APIs.

A name depends on the thing that is named, never on its place in the file: reordering a document
renames nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from hashlib import sha256

from inftool.core.json_pointer import split_pointer
from inftool.specs.documents.node import Node

# What OpenAI, Anthropic and most others accept as the name of a function, and of an argument.
MAX_NAME = 64
_VALID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_VALID_ARGUMENT = re.compile(r"[A-Za-z0-9_.-]{1,64}\Z")
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_UNSAFE_ARGUMENT = re.compile(r"[^A-Za-z0-9_.-]+")
UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")
"""What cannot be in the name of a definition."""
# Characters of an API's name, which leads file names and may lead the names of tools.
_MAX_SLUG = 48
# Characters of a name that are read; a longer one is cut anyway.
_MAX_READ = 2000
_HASH_LENGTH = 8
# Tokens of a pointer that say where a definition is and not what it is.
_CONTAINERS = frozenset(
    {
        "components",
        "schemas",
        "definitions",
        "responses",
        "parameters",
        "requestBodies",
        "content",
        "schema",
        "properties",
        "items",
        "paths",
        "headers",
    }
)
# "v2", "v1.1", "v1beta3"
_VERSION = re.compile(r"v\d+(?:[._]\d+)*(?:(?:alpha|beta)\d*)?\Z", re.IGNORECASE)
_SEPARATORS = re.compile(r"[/?&#=]+")
_PARAMETER = re.compile(r"\{([^}]*)\}")


@dataclass(frozen=True, slots=True)
class NameRequest:
    """An operation that needs a name."""

    method: str
    path: str
    operation_id: str

    @property
    def identity(self) -> str:
        """A text that distinguishes the operation from others of its document."""
        return f"{self.method} {self.path} {self.operation_id}"


def slug(text: str, fallback: str = "api") -> str:
    """A title or a file name as `[a-z0-9_]+`: "Book Shop (v2)" -> "book_shop_v2"."""
    lower = _ascii(text).lower()
    return re.sub(r"[^a-z0-9]+", "_", lower).strip("_")[:_MAX_SLUG].strip("_") or fallback


def tool_names(requests: list[NameRequest]) -> list[str]:
    """A unique name for each request, in their order; the names do not depend on that order.

    If several operations prefer one name, the one whose operationId is exactly that keeps it, else
    the one with the shortest path. The others add their method and path.
    """
    # Whoever is sorted first keeps the name, so the order of the document does not matter.
    by_name: dict[str, list[int]] = defaultdict(list)
    for index, request in enumerate(requests):
        by_name[preferred_name(request)].append(index)
    names: dict[int, str] = {}
    others: list[int] = []
    for name, indices in by_name.items():
        indices.sort(key=lambda index: _claim_order(requests[index], name))
        names[indices[0]] = name
        others.extend(indices[1:])
    taken = set(names.values())
    others.sort(key=lambda index: _path_order(requests[index]))
    for index in others:
        request = requests[index]
        name = _with_path(preferred_name(request), request)
        salt = 0
        while name in taken:
            salt += 1
            name = _with_path(preferred_name(request), request, str(salt))
        taken.add(name)
        names[index] = name
    return [names[index] for index in range(len(requests))]


def _claim_order(request: NameRequest, name: str) -> tuple[bool, int, str, str, str]:
    """The order in which operations that prefer one name may keep it."""
    is_exact = request.operation_id == name
    path = request.path
    return not is_exact, len(path), path, request.method, request.operation_id


def _path_order(request: NameRequest) -> tuple[str, str, str]:
    return request.path, request.method, request.operation_id


def preferred_name(request: NameRequest) -> str:
    """The name that an operation would have if it were the only one.

    "listOrders" -> "listOrders"; "orders/list" -> "orders_list"; without an operationId, a name
    made from the path.
    """
    if _VALID.match(request.operation_id):
        return request.operation_id
    name = _UNSAFE.sub("_", _ascii(request.operation_id)).strip("_-")
    name = re.sub(r"_{2,}", "_", name)
    # An operationId without Latin letters (another script, only signs) says less than the path.
    if not re.search(r"[A-Za-z]", name):
        name = name_from_path(request.method, request.path)
    return name if len(name) <= MAX_NAME else _shortened(name, request.identity)


def name_from_path(method: str, path: str) -> str:
    """A name for an operation without one: GET /v1/users/{id}/posts -> "get_users_by_id_posts"."""
    words = [method.lower()]
    for segment in _SEPARATORS.split(path):
        # Versions and "api" are in every path of a document and distinguish nothing.
        if not segment or _VERSION.match(segment) or segment.lower() in {"api", "rest"}:
            continue
        literal = _safe(_PARAMETER.sub("", segment))
        if literal:
            words.append(literal)
        parameters = (_safe(raw) for raw in _PARAMETER.findall(segment))
        words.extend(f"by_{parameter}" for parameter in parameters if parameter)
    name = re.sub(r"_{2,}", "_", "_".join(words)) if len(words) > 1 else f"{words[0]}_root"
    return _UNSAFE.sub("_", name).strip("_") or "call"


def _safe(text: str) -> str:
    return _UNSAFE.sub("_", _ascii(text)).strip("_-")


def argument_name(name: str) -> str:
    """A name of an argument in characters that every provider accepts.

    "filter[name]" -> "filter_name"; a name that is accepted already stays as it is.
    """
    if _VALID_ARGUMENT.match(name):
        return name
    safe = re.sub(r"_{2,}", "_", _UNSAFE_ARGUMENT.sub("_", _ascii(name))).strip("_")
    if not safe:
        return f"argument_{_hash(name)[:6]}"
    return safe if len(safe) <= MAX_NAME else _shortened(safe, name)


def is_valid(name: str) -> bool:
    """Whether a tool may have that name."""
    return bool(_VALID.match(name))


def definition_name(node: Node) -> str:
    """A short name for what a reference points at.

    "#/components/schemas/Pet" -> "Pet"; the name of the file for a whole file; "pets_get_200" for
    a schema inside of a path. Names need not be unique.
    """
    tokens = [token for token in split_pointer(node.pointer.partition("#")[0]) if token]
    if not tokens:
        stem = node.document.path.name.partition(".")[0] if node.document.path else "root"
        return UNSAFE.sub("_", stem).strip("_") or "schema"
    specific = [token for token in tokens if token not in _CONTAINERS and not token.isdecimal()]
    chosen = [*specific[:1], *specific[1:][-1:]] or tokens[-1:]
    # Inside of a path only the path and the method make a name that means something.
    if tokens[0] == "paths" and len(tokens) > 2:
        chosen = [token for token in tokens[1:] if token not in _CONTAINERS][:3] + chosen
    name = UNSAFE.sub("_", "_".join(dict.fromkeys(chosen)))
    return name.strip("_.")[:MAX_NAME] or "schema"


def _with_path(name: str, request: NameRequest, salt: str = "") -> str:
    """A name with the method and path of its operation, or with a hash if that is too long."""
    readable = f"{name}_{name_from_path(request.method, request.path)}"
    if not salt and len(readable) <= MAX_NAME:
        return readable
    return f"{name[: MAX_NAME - _HASH_LENGTH - 1]}_{_hash(f'{request.identity}{salt}')}"


def _shortened(name: str, identity: str) -> str:
    """The beginning of a name that is too long, with a hash of what it names."""
    return f"{name[: MAX_NAME - _HASH_LENGTH - 1].rstrip('_-.')}_{_hash(identity)}"


def _hash(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_LENGTH]


def _ascii(text: str) -> str:
    """The text without accents, and without what has no Latin letter: "Größe" -> "Groe"."""
    return unicodedata.normalize("NFKD", text[:_MAX_READ]).encode("ascii", "ignore").decode()
