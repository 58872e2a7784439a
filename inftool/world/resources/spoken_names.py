"""What people call a resource, and the verbs of the operations on it."""

from __future__ import annotations

from inftool.language.identifiers import (
    VERB_FAMILIES,
    is_plural,
    noun,
    row,
    singular,
    split,
    split_verb,
    squash,
)
from inftool.world.lexicon.lifecycle import is_action
from inftool.world.resources.candidates import READS, Template
from inftool.world.resources.routes import Route, Segment, find_list, has_identity
from inftool.world.schema.shape import Shape

_SUFFIXES = row(
    "reference id ids uuid guid sid key code slug ref number no name pk identifier handle uid gid"
)


def bare(parameter: str) -> str:
    """A parameter's noun without its suffix: `orderId` gives `order`, `id` gives nothing."""
    words = list(split(parameter))
    while words and words[-1] in _SUFFIXES:
        words.pop()
    return noun(" ".join(words)) if words else ""


def owner(route: Route) -> int:
    """The index of the last parameter (or "me") of a path, -1 where it has none."""
    return max(
        (index for index, step in enumerate(route.steps) if step.kind in {"param", "self"}),
        default=-1,
    )


def collection_of(steps: tuple[Segment, ...], index: int) -> Template:
    """The collection path that the parameter at `index` picks from."""
    marks = tuple(step.mark for step in steps[:index])
    if index == 0 or steps[index - 1].kind in {"param", "self"}:
        return (*marks, "~" + (squash(bare(steps[index].text)) or squash(steps[index].text)))
    return marks


def alike(left: Shape | None, right: Shape | None) -> float:
    """How much two entities' properties are the same: 0 to 1; the same schema name counts as the same thing."""
    if left is None or right is None:
        return 0.0
    if left.name and left.name == right.name:
        return 1.0
    mine, theirs = set(left.properties), set(right.properties)
    if not mine or not theirs:
        return 0.0
    return len(mine & theirs) / min(len(mine), len(theirs))


def is_search(step: Segment) -> bool:
    """Whether a path's last word looks for things (`search`, `findByStatus`, `search-invoices`)."""
    words = split(step.text)
    return bool(words) and VERB_FAMILIES.get(words[0]) == "search"


def spoken_of(route: Route) -> bool:
    """Whether a tool must be understood by its words: no path, or a path without parameters that ends in a verb."""
    if not route.steps:
        return True
    if owner(route) >= 0:
        return False
    last = route.steps[-1]
    words = split(last.text)
    if (
        len(route.steps) > 1
        and is_action(last.text)
        and route.tool.method.lower() not in READS
        and not is_plural(last.text)
    ):
        return True
    return last.kind == "verb" or (
        bool(words)
        and (words[0] in VERB_FAMILIES or words[-1] in VERB_FAMILIES)
        and not is_plural(last.text)
        and bool(split_verb(words)[0])
    )


def acts_on_known(route: Route, name: str) -> bool:
    """Whether a tool that sounds like a create (`book_flight(flight_id)`) needs the thing to exist already."""
    words = (
        split(route.steps[-1].text)
        if route.steps
        else split(route.tool.operation or route.tool.name)
    )
    keys = {f"{squash(name)}{suffix}" for suffix in ("id", "code", "number", "key", "ref", "uuid")}
    return not {"create", "add", "new", "insert", "register"} & set(words) and any(
        squash(argument) in keys for argument in route.arguments.required
    )


_CUT = {"by", "for", "from", "in", "of", "to", "with", "on", "at", "and", "using", "via", "into"}


def spoken_noun(route: Route) -> str:
    """The noun of a tool that is understood by its words: `get_user_by_email` gives `user`, `/chat.postMessage` gives `message`."""
    if route.steps:
        words = split(route.steps[-1].text)
        rest = split_verb(words)[1] if split_verb(words)[0] else words
        if not rest or rest == words:
            before = [step.text for step in route.steps[:-1] if step.kind == "static"]
            rest = split(before[-1]) if before else split(route.noun)
    else:
        rest = split(route.noun) if route.noun else split(route.tool.name)
    kept: list[str] = []
    for word in rest:
        if word in _CUT:
            break
        kept.append(word)
    if not kept and route.steps:
        # findByStatus, createWithList: the thing is what stands before.
        before = [step.text for step in route.steps[:-1] if step.kind == "static"]
        kept = list(split(before[-1])) if before else kept
    while len(kept) > 1 and kept[-1] in {
        "details",
        "detail",
        "info",
        "list",
        "information",
        "status",
        "all",
    }:
        kept.pop()
    kept = [
        word for word in kept if word not in {"all", "my", "a", "an", "the", "new", "single", "one"}
    ] or kept
    return " ".join((*kept[:-1], singular(kept[-1]))) if kept else ""


def spoken_verb(route: Route) -> str:
    """The verb family of a tool that is understood by its words."""
    words = (
        split(route.steps[-1].text)
        if route.steps
        else split(route.tool.operation or route.tool.name)
    )
    family = split_verb(words)[0] or (
        route.verb
        if not route.steps
        else split_verb(split(route.tool.operation or route.tool.name))[0]
    )
    if (
        family in {"get", "search"}
        and find_list(route.out, spoken_noun(route)) is not None
        and not has_identity(route.out)
    ):
        return "search" if family == "search" else "list"
    if family == "search" and find_list(route.out, spoken_noun(route)) is None:
        return "get"
    return family
