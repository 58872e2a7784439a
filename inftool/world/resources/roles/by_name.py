"""What a tool does, from the verb and the noun of its name."""

from __future__ import annotations

from inftool.language.identifiers import split, squash
from inftool.world.resources.candidates import Group, Grouping, RoleCandidate
from inftool.world.resources.models import RoleKind
from inftool.world.resources.roles.key_arguments import key_argument
from inftool.world.resources.routes.paths import parameter_noun
from inftool.world.resources.routes.route import Route
from inftool.world.resources.routes.tool_names import (
    names_existing_entity,
    noun_from_name,
    verb_from_name,
)

_WRITES_OF_ONE: dict[str, RoleKind] = {"patch": "patch", "replace": "replace", "delete": "delete"}


def candidate_by_name(route: Route, grouping: Grouping) -> RoleCandidate:
    """What a tool does to the resource that its name tells.

    `list_orders()` -> list, `get_user(email)` -> get, `book_flight(flight_id)` -> action
    """
    name = noun_from_name(route)
    group = _group_of_noun(name, grouping)
    if group is None:
        return _without_noun(route, grouping)
    family, target = verb_from_name(route), key_argument(route, group)
    if family == "list":
        return RoleCandidate("list", group)
    if family == "search":
        return RoleCandidate("search", group)
    if family == "get":
        return _get(route, group, target)
    if route.tool.effect == "read":
        return RoleCandidate("compute", group, fallback="a read that shows no resource of its own")
    # `create_order(order_id)` chooses the key, `book_flight(flight_id)` needs a flight.
    if family == "create":
        if target is not None and names_existing_entity(route, name):
            return RoleCandidate("action", group, target)
        return RoleCandidate("create", group)
    if target is None:
        reason = "an action that names no entity: recorded only"
        return RoleCandidate("action", group, fallback=reason)
    return RoleCandidate(_WRITES_OF_ONE.get(family, "action"), group, target)


def _group_of_noun(name: str, grouping: Grouping) -> Group | None:
    """The group of a noun or of its last words: `flight` for `cheap flight`."""
    words = split(name)
    tails = [name, *(" ".join(words[start:]) for start in range(1, len(words)))]
    groups = (grouping.by_noun.get(squash(tail)) for tail in tails if tail)
    return next((group for group in groups if group is not None), None)


def _without_noun(route: Route, grouping: Grouping) -> RoleCandidate:
    """A tool whose noun is no resource: an action if an argument names one."""
    group = _group_of_argument(route, grouping)
    if group is not None and route.tool.effect != "read":
        return RoleCandidate("action", group, key_argument(route, group))
    reads = route.tool.effect == "read" or route.reads
    reason = "neither the path nor the name tells a resource"
    return RoleCandidate("compute" if reads else "action", fallback=reason)


def _group_of_argument(route: Route, grouping: Grouping) -> Group | None:
    """The group whose key is among the required arguments: orders for `cancel(order_id)`."""
    nouns = {squash(parameter_noun(argument)) for argument in route.arguments.required} - {""}
    return next((group for group in grouping.groups if squash(group.name) in nouns), None)


def _get(route: Route, group: Group, target: str | None) -> RoleCandidate:
    if target is not None:
        return RoleCandidate("get", group, target)
    shows_one = not group.singleton and group.fullest_view is not None
    # `get_profile()` without arguments shows the caller's.
    if shows_one and not route.arguments.required:
        return RoleCandidate("singleton_get", group, of_caller=True)
    return RoleCandidate(
        "compute", group, fallback="a read by something that is no key of the thing"
    )
