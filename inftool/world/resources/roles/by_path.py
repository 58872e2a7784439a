"""What a tool does, from its method and where its path leads."""

from __future__ import annotations

from inftool.language.identifiers import squash
from inftool.world.resources.candidates import Group, Grouping, RoleCandidate
from inftool.world.resources.models import ElementTarget
from inftool.world.resources.roles.key_arguments import key_argument
from inftool.world.resources.routes.paths import collection_of, is_search
from inftool.world.resources.routes.responses import (
    EntityList,
    find_entity,
    find_list,
    has_undescribed_answer,
    similarity,
)
from inftool.world.resources.routes.route import Route

# A list under a path of another name (`/books/popular`) is one of the collection if its items share
# half of the properties: lists leave much out.
_LIST_SIMILARITY = 0.5
# One entity in an answer leaves little out, so it has to look more like the rest.
_ENTITY_SIMILARITY = 0.8
# An object with no more properties than this is no entity: `{"count": 3, "status": "ok"}`.
_FEW_PROPERTIES = 2

_UNKNOWN_RESOURCE = "neither the path nor the name tells a resource"
_UNKNOWN_READ = "a read that shows no resource of its own"


def candidate_by_path(route: Route, grouping: Grouping) -> RoleCandidate:
    """What a tool does to the resource that its path leads to."""
    # Elements first, since their paths look like those of a collection.
    elements = _on_elements(route, grouping)
    if elements is not None:
        return elements
    last = len(route.steps) - 1
    if route.last_key == last:
        group = grouping.group_of[collection_of(route.steps, last)]
        return _on_entity(route, group)
    collection = grouping.group_of.get(route.template)
    if collection is None:
        return _beside_collections(route, grouping)
    if collection.singleton:
        return _on_singleton(route, collection)
    return _on_collection(route, collection)


def _on_elements(route: Route, grouping: Grouping) -> RoleCandidate | None:
    """What a tool does to elements inside another entity, None if its path leads to no elements."""
    on_element = route.last_key == len(route.steps) - 1
    template = collection_of(route.steps, route.last_key) if on_element else route.template
    group = grouping.group_of.get(template)
    if group is None or group.inside is None:
        return None
    owner, prop = group.inside
    owner_keys = [
        index
        for index, step in enumerate(route.steps)
        if step.is_key and collection_of(route.steps, index) == owner
    ]
    target = route.argument_at(owner_keys[-1]) if owner_keys else None
    element = route.argument_at(route.last_key) if on_element else None
    return RoleCandidate(
        "action",
        grouping.group_of[owner],
        target,
        of_caller=target is None,
        element=ElementTarget(property=prop, argument=element),
    )


def _on_entity(route: Route, group: Group) -> RoleCandidate:
    """A path that ends in a key: `/orders/{id}`, `/me`."""
    index = len(route.steps) - 1
    candidate = RoleCandidate(
        "action",
        group,
        route.argument_at(index),
        of_caller=route.steps[index].kind != "param",
    )
    # RFC 9110, section 9.3.4, has PUT replace the whole entity. Many APIs take parts of it, though;
    # their bodies require nothing.
    if route.reads:
        candidate.kind = "get"
    elif route.method == "put":
        candidate.kind = "replace" if _requires_body(route) else "patch"
    elif route.method == "patch":
        candidate.kind = "patch"
    elif route.method == "delete":
        candidate.kind = "delete"
    elif group.fullest_view is not None:
        # A POST that writes the entity's own properties changes them.
        written = {name for _, sub in route.arguments.walk(2) for name in sub.properties}
        if written & set(group.fullest_view.properties):
            candidate.kind = "patch"
    return candidate


def _requires_body(route: Route) -> bool:
    """Whether a PUT asks for a whole entity: something of its body is required."""
    keys = set(route.path_arguments.values())
    return any(name not in keys for name in route.arguments.required)


def _on_singleton(route: Route, group: Group) -> RoleCandidate:
    """A path that ends in the noun of a singleton: `/users/{id}/settings`."""
    if route.reads:
        return RoleCandidate("singleton_get", group)
    if route.method in {"put", "patch"}:
        return RoleCandidate("singleton_update", group)
    if route.method == "delete":
        return RoleCandidate("delete", group)
    return RoleCandidate("singleton_update" if group.views else "action", group)


def _on_collection(route: Route, group: Group) -> RoleCandidate:
    """A path that ends in the noun of a collection: `/orders`."""
    if route.reads:
        return _read_of_collection(route, group)
    if route.method == "post":
        is_search = route.tool.effect == "read" and find_list(route.output, group.name) is not None
        return RoleCandidate("search" if is_search else "create", group)
    # `DELETE /orders?orderId=7`, `PATCH /orders` with the id in the body.
    target = key_argument(route, group)
    if route.method == "delete":
        if target:
            return RoleCandidate("delete", group, target)
        reason = "a delete that names no single entity: recorded only"
        return RoleCandidate("action", group, fallback=reason)
    if target is not None:
        return RoleCandidate("patch", group, target)
    reason = "a write to a whole collection: recorded, and answered from the schema"
    return RoleCandidate("action", group, fallback=reason)


def _read_of_collection(route: Route, group: Group) -> RoleCandidate:
    if find_list(route.output, group.name) is not None or has_undescribed_answer(route.tool):
        return RoleCandidate("list", group)
    # `GET /orders?id=7` answers with one order.
    entity = find_entity(route.output, group.name).shape
    if entity.properties and similarity(entity, group.fullest_view) >= _ENTITY_SIMILARITY:
        target = key_argument(route, group)
        if target is not None:
            return RoleCandidate("get", group, target)
    reason = "a read of a collection whose answer shows no list of it"
    return RoleCandidate("compute", group, fallback=reason)


def _beside_collections(route: Route, grouping: Grouping) -> RoleCandidate:
    """A path that ends in a word that is no collection: `/orders/{id}/cancel`, `/orders/search`."""
    parent = (
        grouping.group_of[collection_of(route.steps, route.last_key)]
        if route.last_key >= 0
        else None
    )
    beside = grouping.group_of.get(route.template[:-1])
    entity_list = find_list(route.output, beside.name if beside is not None else "")
    shown = _shown_beside(route, grouping, beside, entity_list)
    if shown is not None:
        return shown
    if parent is not None and not route.reads and route.last_key == len(route.steps) - 2:
        argument = route.argument_at(route.last_key)
        return RoleCandidate("action", parent, argument, of_caller=argument is None)
    if route.reads:
        return RoleCandidate("compute", parent, fallback=_UNKNOWN_READ)
    searches = is_search(route.steps[-1])
    if beside is not None and not searches:
        reason = "an action on a whole collection: recorded, and answered from the schema"
        return RoleCandidate("action", beside, fallback=reason)
    computes = searches or route.tool.effect == "read"
    return RoleCandidate("compute" if computes else "action", fallback=_UNKNOWN_RESOURCE)


def _shown_beside(
    route: Route, grouping: Grouping, beside: Group | None, entity_list: EntityList | None
) -> RoleCandidate | None:
    """The list, search or read that the answer of a path beside a collection shows."""
    searches = is_search(route.steps[-1])
    item = entity_list.items.object() if entity_list is not None else None
    if beside is not None and entity_list is not None:
        if searches:
            return RoleCandidate("search", beside)
        if route.reads and similarity(item, beside.fullest_view) >= _LIST_SIMILARITY:
            # `/books/popular`
            return RoleCandidate("list", beside)
    if beside is not None and route.reads and not beside.singleton:
        # `/orders/latest`
        entity = find_entity(route.output, beside.name).shape
        is_like = similarity(entity, beside.fullest_view) >= _ENTITY_SIMILARITY
        if is_like and len(entity.properties) > _FEW_PROPERTIES:
            return RoleCandidate("singleton_get", beside, of_caller=True)
    if searches and entity_list is not None:
        # `/search-invoices` stands beside nothing, but lists invoices.
        text = squash(route.steps[-1].text)
        for group in grouping.groups:
            is_like = similarity(item, group.fullest_view) >= _ENTITY_SIMILARITY
            if is_like and squash(group.name) in text:
                return RoleCandidate("search", group)
    return None
