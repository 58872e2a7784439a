"""Nouns and verbs of tools whose paths tell no resource, so that their names have to."""

from __future__ import annotations

from inftool.language.identifiers import (
    VERB_FAMILIES,
    is_plural,
    singular,
    split,
    split_verb,
    squash,
)
from inftool.world.lexicon.lifecycle import is_action
from inftool.world.resources.routes.paths import Segment
from inftool.world.resources.routes.responses import find_list, has_identity
from inftool.world.resources.routes.route import Route
from inftool.world.resources.word_sets import WORDS


def is_read_by_name(route: Route) -> bool:
    """Whether a tool is understood by its name rather than its path.

    So it is if it has no path, or if the path picks nothing and ends in a verb:
    `POST /bookings/cancel`, `GET /chat.listMessages`, `GET /getUser`.
    """
    if not route.steps:
        return True
    if route.last_key >= 0:
        return False
    last = route.steps[-1]
    words = split(last.text)
    # `/updates` is a collection although its noun is a verb in the singular.
    plural = is_plural(last.text)
    if len(route.steps) > 1 and is_action(last.text) and not route.reads and not plural:
        return True
    has_verb = (
        bool(words)
        and (words[0] in VERB_FAMILIES or words[-1] in VERB_FAMILIES)
        and bool(split_verb(words)[0])
    )
    return last.kind == "verb" or (has_verb and not plural)


def _name_words(route: Route) -> tuple[str, ...]:
    """The words of the last step, or of the tool's name if it has no path."""
    return split(route.steps[-1].text if route.steps else route.operation_name)


def names_existing_entity(route: Route, name: str) -> bool:
    """Whether a tool that sounds like a create works on an entity that is there already.

    `book_flight(flight_id)` does, `create_flight(flight_id)` lets the caller choose the key.
    """
    if WORDS["creation_verbs"] & set(_name_words(route)):
        return False
    keys = {f"{squash(name)}{suffix}" for suffix in WORDS["short_key_suffixes"]}
    return any(squash(argument) in keys for argument in route.arguments.required)


def noun_from_name(route: Route) -> str:
    """The noun of a tool's name in the singular, "" if it has none.

    `get_user_by_email` -> `user`, `/chat.postMessage` -> `message`, `/pets/findByStatus` -> `pet`
    """
    words = _noun_words(route)
    end = next(
        (index for index, word in enumerate(words) if word in WORDS["noun_ends"]), len(words)
    )
    words = words[:end]
    before = _static_step_before(route.steps)
    if not words and before is not None:
        words = before
    while len(words) > 1 and words[-1] in WORDS["view_nouns"]:
        # `get_order_details` shows an order.
        words = words[:-1]
    words = tuple(word for word in words if word not in WORDS["determiners"]) or words
    return " ".join((*words[:-1], singular(words[-1]))) if words else ""


def _noun_words(route: Route) -> tuple[str, ...]:
    """The words of a tool's name without its verb."""
    if not route.steps:
        return split(route.noun) if route.noun else split(route.tool.name)
    words = split(route.steps[-1].text)
    family, rest = split_verb(words)
    if family and rest and rest != words:
        return rest
    before = _static_step_before(route.steps)
    return before if before is not None else split(route.noun)


def _static_step_before(steps: tuple[Segment, ...]) -> tuple[str, ...] | None:
    """The words of the last static step before the last step, None if there is no such step."""
    static = [step.text for step in steps[:-1] if step.kind == "static"]
    return split(static[-1]) if static else None


def verb_from_name(route: Route) -> str:
    """The family of the verb in a tool's name, "" if it has none.

    A read that answers with a list is a `list` whatever its verb, and a search that answers with
    one entity is a `get`: `findUser(email)`.
    """
    family = split_verb(_name_words(route))[0]
    if not family:
        family = split_verb(split(route.operation_name))[0] if route.steps else route.verb
    if family not in {"get", "search"}:
        return family
    if find_list(route.output, noun_from_name(route)) is None:
        return "get"
    if has_identity(route.output):
        return family
    return "search" if family == "search" else "list"
