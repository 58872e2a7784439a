"""Corrects roles that make no sense beside those of the other tools of the same resource."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from inftool.language.identifiers import split
from inftool.world.lexicon.lifecycle import is_action
from inftool.world.resources.candidates import Group, Grouping, RoleCandidate
from inftool.world.resources.models import RoleKind
from inftool.world.resources.routes.paths import collection_of
from inftool.world.resources.routes.responses import (
    find_entity,
    find_list,
    has_identity,
    similarity,
)
from inftool.world.resources.routes.route import Route
from inftool.world.resources.word_sets import WORDS
from inftool.world.schema.shape import Shape

# Roles that show that entities are kept, so that a create makes something that stays.
_KEEPING: frozenset[RoleKind] = frozenset({"list", "search", "get", "delete", "patch", "replace"})
# Roles beside which a read by a word that is no key (`GET /airports/{country}`) is a lookup.
_OTHERS_OF_A_GET: frozenset[RoleKind] = frozenset(
    {"list", "search", "create", "patch", "replace", "delete", "action"}
)
# The answer of a create that is really an action shows the owner, wholly or for the most part.
_OWNER_SIMILARITY = 0.6
_FEW_PROPERTIES = 2


def refine_roles(grouping: Grouping, candidates: Mapping[str, RoleCandidate]) -> None:
    """Correct candidates in place, now that every tool has one.

    Some reads turn out to compute, and some creates to act on another entity.
    """
    members: dict[int, list[tuple[Route, RoleCandidate]]] = {}
    for route in grouping.routes:
        candidate = candidates[route.tool.name]
        if candidate.group is not None:
            members.setdefault(id(candidate.group), []).append((route, candidate))
    for group_members in members.values():
        # The roles as they were found: one correction does not bring about the next.
        kinds = {candidate.kind for _, candidate in group_members}
        for route, candidate in group_members:
            _refine_read(route, candidate, kinds)
            if candidate.kind in {"patch", "replace"}:
                candidate.upsert = _is_upsert(route, candidate, kinds)
            if candidate.kind == "create" and not kinds & _KEEPING:
                _refine_create(route, candidate, grouping)


def _refine_read(route: Route, candidate: RoleCandidate, kinds: Collection[RoleKind]) -> None:
    """Turn a read whose answer depends on more than the state of an entity into a computation."""
    path_arguments = route.path_arguments.values()
    asks = any(name not in path_arguments for name in route.arguments.required)
    reason: str | None = None
    if candidate.kind == "singleton_get" and asks and not candidate.of_caller:
        reason = "what it shows depends on its arguments"
    elif candidate.kind == "search" and asks and set(kinds) == {"search"}:
        reason = "a search of things that nothing else shows"
    elif candidate.kind == "get" and not _OTHERS_OF_A_GET & set(kinds):
        is_lookup = candidate.target is not None and not _is_key_name(candidate.target)
        if is_lookup:
            reason = f"the only tool of its kind, and {candidate.target!r} is no key"
    if reason is not None:
        candidate.kind, candidate.fallback = "compute", reason


def _is_upsert(route: Route, candidate: RoleCandidate, kinds: Collection[RoleKind]) -> bool:
    """Whether a PUT creates what it names: it says so (201), or nothing else could create it."""
    if route.method != "put" or not candidate.target:
        return False
    statuses = {response.status for response in route.tool.responses}
    return "201" in statuses or ("create" not in kinds and "404" not in statuses)


def _refine_create(route: Route, candidate: RoleCandidate, grouping: Grouping) -> None:
    """Turn a create of something that no other tool shows into an action.

    `POST /orders/{id}/refund` that answers with the order acts on it; so does one whose word is a
    verb and whose answer has no key of its own. One that answers with a list of something else has
    an unknown effect.
    """
    group = candidate.group
    if group is None:
        return
    entity = find_entity(route.output, group.name).shape
    under_key = 0 <= route.last_key == len(route.steps) - 2
    owner = grouping.group_of[collection_of(route.steps, route.last_key)] if under_key else None
    if owner is not None and owner is not group and _shows_owner(entity, owner):
        _act_on(owner, route, candidate)
    elif find_list(route.output, "") is not None and not has_identity(entity, group.name):
        candidate.kind = "compute" if route.tool.effect == "read" else "action"
        candidate.group = None
        candidate.fallback = (
            "what it makes cannot be read back, and the answer is a list of something else"
        )
    elif owner is not None and is_action(route.steps[-1].text):
        shown = find_entity(route.output, owner.name).shape
        is_owner = similarity(shown, owner.fullest_view) >= _OWNER_SIMILARITY
        if is_owner or not has_identity(shown, group.name):
            _act_on(owner, route, candidate)


def _act_on(owner: Group, route: Route, candidate: RoleCandidate) -> None:
    candidate.kind, candidate.group = "action", owner
    candidate.target = route.argument_at(route.last_key)


def _shows_owner(entity: Shape, owner: Group) -> bool:
    """Whether an answer is a view of the entity above: its schema, or some of its properties."""
    is_large = len(entity.properties) > _FEW_PROPERTIES
    return is_large and similarity(entity, owner.fullest_view) == 1.0


def _is_key_name(name: str) -> bool:
    """Whether a parameter's name is that of a key: `code`, `orderNumber`, but not `country`."""
    words = split(name)
    return bool(words) and words[-1] in WORDS["key_names"]
