"""Names: of tools, of arguments, of an API. Each depends on the thing itself, never on where it stands in the file."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from inftool.core.json_pointer import split_pointer

if TYPE_CHECKING:
    from inftool.specs.documents.node import Node


MAX_NAME = 64
_VALID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_VALID_ARGUMENT = re.compile(r"[A-Za-z0-9_.-]{1,64}\Z")
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_UNSAFE_ARGUMENT = re.compile(r"[^A-Za-z0-9_.-]+")
# What may not stand in the name of a definition.
UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")
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
_VERSION = re.compile(r"v\d+(?:[._]\d+)*(?:(?:alpha|beta)\d*)?\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NameRequest:
    """An operation that wants a name."""

    method: str
    path: str
    operation_id: str


def slug(text: str, fallback: str = "api") -> str:
    """`[a-z0-9_]+` out of a title or a file name."""
    return re.sub(r"[^a-z0-9]+", "_", _ascii(text).lower()).strip("_")[:48].strip("_") or fallback


def tool_names(claims: list[NameRequest]) -> list[str]:
    """A name for each claim, in their order: unique, and the same whatever the order.

    Where several want one name, the one whose operationId is exactly that keeps it (then the shortest path), the others add their method and path.
    """
    wanted: dict[str, list[int]] = defaultdict(list)
    for index, claim in enumerate(claims):
        wanted[preferred_name(claim)].append(index)
    names: dict[int, str] = {}
    losers: list[int] = []
    for name, indices in wanted.items():
        indices.sort(
            key=lambda index: (
                claims[index].operation_id != name,
                len(claims[index].path),
                claims[index].path,
                claims[index].method,
                claims[index].operation_id,
            )
        )
        names[indices[0]] = name
        losers.extend(indices[1:])
    taken = set(names.values())
    for index in sorted(
        losers,
        key=lambda index: (claims[index].path, claims[index].method, claims[index].operation_id),
    ):
        claim = claims[index]
        name = _suffixed(preferred_name(claim), claim)
        salt = 0
        while name in taken:
            salt += 1
            name = _suffixed(preferred_name(claim), claim, str(salt))
        taken.add(name)
        names[index] = name
    return [names[index] for index in range(len(claims))]


def preferred_name(claim: NameRequest) -> str:
    """The name that an operation would have if it were alone."""
    if _VALID.match(claim.operation_id):
        return claim.operation_id
    name = _UNSAFE.sub("_", _ascii(claim.operation_id)).strip("_-")
    name = re.sub(r"_{2,}", "_", name)
    # An operationId without a letter that survives (another script, only signs) says less than the path.
    if not re.search(r"[A-Za-z]", name):
        name = name_from_path(claim.method, claim.path)
    return (
        name
        if len(name) <= MAX_NAME
        else _short(name, f"{claim.method} {claim.path} {claim.operation_id}")
    )


def name_from_path(method: str, path: str) -> str:
    """`get_users_by_id` for GET /users/{id}."""
    words = [method.lower()]
    for segment in re.split(r"[/?&#=]+", path):
        if not segment or _VERSION.match(segment) or segment.lower() in {"api", "rest"}:
            continue
        literal = _UNSAFE.sub("_", _ascii(re.sub(r"\{[^}]*\}", "", segment))).strip("_-")
        words += [literal] * bool(literal)
        words += [
            f"by_{name}"
            for raw in re.findall(r"\{([^}]*)\}", segment)
            if (name := _UNSAFE.sub("_", _ascii(raw)).strip("_-"))
        ]
    name = re.sub(r"_{2,}", "_", "_".join(words)) if len(words) > 1 else f"{words[0]}_root"
    return _UNSAFE.sub("_", name).strip("_") or "call"


def argument_name(name: str) -> str:
    """A name of an argument in characters that every provider accepts, itself where it is fine already."""
    if _VALID_ARGUMENT.match(name):
        return name
    safe = re.sub(r"_{2,}", "_", _UNSAFE_ARGUMENT.sub("_", _ascii(name))).strip("_")
    if not safe:
        return f"argument_{_hash(name)[:6]}"
    return safe if len(safe) <= MAX_NAME else _short(safe, name)


def is_valid(name: str) -> bool:
    """Whether a tool may be called that."""
    return bool(_VALID.match(name))


def _suffixed(name: str, claim: NameRequest, salt: str = "") -> str:
    readable = f"{name}_{name_from_path(claim.method, claim.path)}"
    if not salt and len(readable) <= MAX_NAME:
        return readable
    return (
        f"{name[: MAX_NAME - 9]}_{_hash(f'{claim.method} {claim.path} {claim.operation_id}{salt}')}"
    )


def _short(name: str, whole: str) -> str:
    return f"{name[: MAX_NAME - 9].rstrip('_-.')}_{_hash(whole)}"


def _hash(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text[:2000]).encode("ascii", "ignore").decode()


def definition_name(node: Node) -> str:
    """A short name for what a pointer points at: Pet for #/components/schemas/Pet, the file's name for a file."""
    tokens = [token for token in split_pointer(node.pointer.partition("#")[0]) if token]
    if not tokens:
        stem = node.document.path.name.partition(".")[0] if node.document.path else "root"
        return UNSAFE.sub("_", stem).strip("_") or "schema"
    own = [token for token in tokens if token not in _CONTAINERS and not token.isdecimal()]
    telling = [*own[:1], *own[1:][-1:]] or tokens[-1:]
    if tokens[0] == "paths" and len(tokens) > 2:
        telling = [token for token in tokens[1:] if token not in _CONTAINERS][:3] + telling
    return UNSAFE.sub("_", "_".join(dict.fromkeys(telling))).strip("_.")[:64] or "schema"
