"""Paths as steps: static words, parameters, the caller, and custom verbs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from inftool.language.identifiers import VERB_FAMILIES, noun, split, split_verb, squash
from inftool.world.resources.word_sets import WORDS

SegmentKind = Literal["static", "param", "self", "verb"]
Template = tuple[str, ...]
"""A path as a key: its marks, so that `/orders/{id}` and `/order/{orderId}` give the same one."""

# Steps before the first resource: versions, `api`, dates of a version.
_PREFIX = re.compile(
    r"^(v\d+([._]\d+)*|api|rest|public|\d{4}-\d{2}(-\d{2})?|latest|stable|beta|alpha)$", re.I
)
# A whole step, in the notation of OpenAPI (`{id}`) or of Express and Rails (`:id`).
_ONE_PARAMETER = re.compile(r"^\{([^{}]+)\}$|^:([A-Za-z_]\w*)$")
_PARAMETER = re.compile(r"\{([^{}]+)\}")
# `distance.{outputFormat}`: the parameter chooses a media type and is no key.
_FORMAT_PARAMETER = re.compile(r"^([A-Za-z][\w-]*)\.\{\w*(?:format|ext|extension)\}$", re.I)
_FILE_EXTENSION = re.compile(r"\.(json|xml|php|aspx?|do)$", re.I)


@dataclass(frozen=True)
class Segment:
    """One step of a path."""

    kind: SegmentKind
    """Static text, a `{parameter}`, a word for the caller (`me`) or a custom verb (`:cancel`)."""

    text: str
    """The text, or the parameter's name without braces."""

    @property
    def mark(self) -> str:
        """What this step has in common in two paths to the same collection."""
        return "{}" if self.is_key else squash(noun(self.text))

    @property
    def is_key(self) -> bool:
        """Whether the step picks one entity: a parameter, or the caller."""
        return self.kind in {"param", "self"}


def path_segments(path: str) -> tuple[Segment, ...]:
    """The steps of a path without its prefix and its query.

    `/v1/orders/{id}:cancel` -> static `orders`, param `id`, verb `cancel`
    `/Orders({id})` -> static `Orders`, param `id` (OData)
    `/chat.postMessage` -> static `chat`, verb `postMessage` (RPC over HTTP)
    """
    steps = [
        segment
        for part in path.split("?", maxsplit=1)[0].split("/")
        if part
        for segment in _part_segments(part)
    ]
    start = 0
    # The last step stays whatever it is: `/api` alone is a resource.
    while (
        start < len(steps) - 1
        and steps[start].kind == "static"
        and _PREFIX.match(steps[start].text)
    ):
        start += 1
    return tuple(steps[start:])


def _part_segments(part: str) -> list[Segment]:
    """The steps of what lies between two slashes."""
    whole = _ONE_PARAMETER.match(part)
    if whole:
        return [Segment("param", whole.group(1) or whole.group(2))]
    parameters = _PARAMETER.findall(part)
    if parameters:
        return _segments_with_parameters(part, parameters)
    if part.lower() in WORDS["caller_segments"]:
        return [Segment("self", part)]
    if ":" in part[1:]:
        head, _, tail = part.partition(":")
        return [Segment("static", head), Segment("verb", tail)]
    if "." in part.strip(".") and not _FILE_EXTENSION.search(part):
        return _dotted_segments(part)
    return [Segment("static", _FILE_EXTENSION.sub("", part))]


def _segments_with_parameters(part: str, parameters: Sequence[str]) -> list[Segment]:
    if len(parameters) == 1:
        if ":" in part and part.index(":") > part.index("}"):
            # Google's custom methods, AIP-136: `{id}:cancel`.
            return [
                Segment("param", parameters[0]),
                Segment("verb", part.rsplit(":", maxsplit=1)[-1]),
            ]
        if "(" in part.split("{", maxsplit=1)[0]:
            return [
                Segment("static", part.split("(", maxsplit=1)[0]),
                Segment("param", parameters[0]),
            ]
    formatted = _FORMAT_PARAMETER.match(part)
    if formatted:
        return [Segment("static", formatted[1])]
    return [Segment("param", name) for name in parameters]


def _dotted_segments(part: str) -> list[Segment]:
    """`conversations.members.list` -> static `conversations`, static `members`, verb `list`."""
    pieces = [piece for piece in part.split(".") if piece]
    is_verb = bool(split_verb(split(pieces[-1]))[0]) or len(pieces) > 1
    last = Segment("verb" if is_verb else "static", pieces[-1])
    return [*(Segment("static", piece) for piece in pieces[:-1]), last]


def collection_of(steps: Sequence[Segment], index: int) -> Template:
    """The template of the collection that the key at `index` picks from.

    `/users/{id}/orders/{orderId}` at 3 -> `("user", "{}", "order")`. Where no static step stands
    before the key (`/{owner}/{repo}`), the parameter names it, after a tilde: `("{}", "~repo")`.
    """
    marks = tuple(step.mark for step in steps[:index])
    if index == 0 or steps[index - 1].is_key:
        name = steps[index].text
        return (*marks, "~" + (squash(parameter_noun(name)) or squash(name)))
    return marks


def parameter_noun(parameter: str) -> str:
    """A parameter's noun without its suffixes, "" if nothing is left.

    `orderId` -> `order`, `tracking_number` -> `tracking`, `id` -> ``
    """
    words = list(split(parameter))
    while words and words[-1] in WORDS["key_suffixes"]:
        words.pop()
    return noun(" ".join(words)) if words else ""


def is_search(step: Segment) -> bool:
    """Whether a step searches: `search`, `findByStatus`, `search-invoices`."""
    words = split(step.text)
    return bool(words) and VERB_FAMILIES.get(words[0]) == "search"
