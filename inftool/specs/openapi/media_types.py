"""Media types: which ones hold JSON or forms, and which of several a tool uses."""

from __future__ import annotations

from inftool.specs.documents.errors import RefError
from inftool.specs.documents.library import Library
from inftool.specs.documents.node import Node

FORMS = (
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "multipart/mixed",
    "multipart/related",
)
"""Media types whose members travel one by one, the preferred first."""

# Wildcards and the bare "json" stand where documents do not care, and JSON is what they mean.
_JSON = frozenset(
    {"application/json", "text/json", "*/*", "application/*", "json", "application/x-json"}
)
# Ranks of media types, the best first: JSON, other JSON, forms in their order, anything else.
_RANK_OTHER_JSON = 1
_RANK_FORM = 2
_RANK_OTHER = 9
# Added to the rank of a media type without a schema: any that has one goes first.
_WITHOUT_SCHEMA = 20


def plain_type(media: str) -> str:
    """A media type without its parameters: `Text/JSON; charset=utf-8` gives `text/json`."""
    return media.partition(";")[0].strip().lower()


def is_json(media: str) -> bool:
    """Whether a media type holds JSON."""
    plain = plain_type(media)
    # RFC 6839: "+json" marks types such as "application/problem+json".
    return plain in _JSON or plain.endswith("+json")


def is_form(media: str) -> bool:
    """Whether a media type holds a form."""
    return plain_type(media) in FORMS


def choose_media(content: Node, library: Library) -> tuple[str, Node] | None:
    """The media type that a tool uses and its Media Type Object; None if none can be read.

    JSON goes before forms, and forms go before the rest.
    """
    choices: list[tuple[int, str, Node]] = []
    for media in content.members:
        if not isinstance(media, str) or media.startswith("x-"):
            continue
        place = content.child(media)
        try:
            node = library.follow(place)
        except RefError as error:
            library.loss_log.add(error.code, place, str(error))
            continue
        if isinstance(node.value, dict):
            choices.append((_rank(media, node), media, node))
    if not choices:
        return None
    if len(choices) > 1:
        library.loss_log.add("body_alternatives", content)
    _, media, node = min(choices, key=lambda choice: choice[0])
    return media, node


def _rank(media: str, node: Node) -> int:
    plain = plain_type(media)
    rank = _RANK_OTHER
    if plain == "application/json":
        rank = 0
    elif is_json(plain):
        rank = _RANK_OTHER_JSON
    elif plain in FORMS:
        rank = _RANK_FORM + FORMS.index(plain)
    return rank if media_schema(node) is not None else rank + _WITHOUT_SCHEMA


def media_schema(media: Node) -> Node | None:
    """The schema of a Media Type Object; that of its items for a stream (OpenAPI 3.2)."""
    return media.get("schema") or media.get("itemSchema")
