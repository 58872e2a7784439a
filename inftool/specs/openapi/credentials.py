"""Parameters that a client fills in by itself and no model should see: keys and HTTP headers."""

from __future__ import annotations

import re

from inftool.core.word_sets import load_word_sets
from inftool.specs.documents.library import Library
from inftool.specs.documents.node import Node
from inftool.specs.prose import as_text

Credentials = frozenset[tuple[str, str]]
"""(location, name in lower case) of parameters that hold a key."""

_SETS = load_word_sets("inftool.specs.openapi", "word_sets.json")
# Names of headers that HTTP clients set, and of parameters that hold a key wherever they occur.
_CLIENT_HEADERS = _SETS["client_headers"]
_CREDENTIAL_NAMES = _SETS["credentials"]
# Names that are a key in one API and a sort key or a page token in the next: the description
# decides, or rather its beginning, before it explains how to obtain one.
_AMBIGUOUS_NAMES = frozenset({"key", "token", "apikey"})
_ABOUT_KEYS = re.compile(r"\b(api[ -]?key|access[ -]?token|oauth|bearer)\b", re.IGNORECASE)
_DESCRIPTION_BEGINNING = 300


def security_schemes(root: Node) -> dict[str, dict[str, object]]:
    """The security schemes of a document by their names.

    `securityDefinitions` in Swagger 2.0, `components.securitySchemes` in OpenAPI 3.
    """
    components = root.members.get("components")
    in_components = components.get("securitySchemes") if isinstance(components, dict) else None
    schemes = root.members.get("securityDefinitions", in_components)
    if not isinstance(schemes, dict):
        return {}
    return {name: scheme for name, scheme in schemes.items() if isinstance(scheme, dict)}


def declared_credentials(root: Node) -> Credentials:
    """The parameters that a document declares as API keys."""
    components = root.members.get("components")
    in_components = components.get("securitySchemes") if isinstance(components, dict) else None
    declared: set[tuple[str, str]] = set()
    # Some documents have both, left over from a conversion.
    for schemes in (root.members.get("securityDefinitions"), in_components):
        for scheme in schemes.values() if isinstance(schemes, dict) else ():
            is_key = isinstance(scheme, dict) and scheme.get("type") == "apiKey"
            if is_key and isinstance(scheme.get("name"), str):
                declared.add((str(scheme.get("in")), scheme["name"].lower()))
    return frozenset(declared)


def is_hidden(parameter: Node, library: Library, credentials: Credentials) -> bool:
    """Whether a parameter is left out of the tool; if so, the loss is recorded."""
    name, location = parameter.text("name").lower(), parameter.text("in").lower()
    if location == "header" and name in _CLIENT_HEADERS:
        library.loss_log.add("header_hidden", parameter)
        return True
    is_credential = (location, name) in credentials or _looks_like_credential(
        name, location, parameter
    )
    if is_credential:
        library.loss_log.add("auth_hidden", parameter)
    return is_credential


def _looks_like_credential(name: str, location: str, parameter: Node) -> bool:
    if location in {"header", "query", "cookie"} and name in _CREDENTIAL_NAMES:
        return True
    if location != "query" or name not in _AMBIGUOUS_NAMES:
        return False
    description = as_text(parameter.members.get("description"))
    return _ABOUT_KEYS.search(description[:_DESCRIPTION_BEGINNING]) is not None
