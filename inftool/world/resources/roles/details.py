"""Completes a role: its target, its request body, and what its response shows."""

from __future__ import annotations

from collections.abc import Mapping

from inftool.language.identifiers import squash
from inftool.world.lexicon.lifecycle import action_word, is_action, target_state
from inftool.world.resources import query_parameters
from inftool.world.resources.candidates import Grouping, RoleCandidate
from inftool.world.resources.key_properties import identifier_of
from inftool.world.resources.listing import Listing
from inftool.world.resources.models import (
    ElementTarget,
    RequestBody,
    Resource,
    ResourceProperty,
    ResponseBody,
    Role,
    RoleTarget,
    Transition,
)
from inftool.world.resources.references import find_references
from inftool.world.resources.routes.paths import collection_of
from inftool.world.resources.routes.responses import (
    find_entity,
    find_list,
    has_identity,
    has_undescribed_answer,
    similarity,
)
from inftool.world.resources.routes.route import Route
from inftool.world.schema.shape import Shape

# A response is the entity if a third of the smaller one's properties are shared: views leave much
# out, and what is no view of it (a status object, a token) shares next to nothing.
_VIEW_OVERLAP = 0.3
# A list in the response of a read of one entity has to look more like it, since lists of its parts
# (an order's lines) share some properties, too.
_LIST_OVERLAP = 0.5
# A request body that lies deeper is worth as much as one shared property less.
_PROPERTY_SCORE = 2
_DEPTH_PENALTY = 2


def complete_role(
    route: Route,
    candidate: RoleCandidate,
    grouping: Grouping,
    resources: Mapping[str, Resource],
) -> Role:
    """The role that a candidate stands for, complete with its keys, scope, body and response."""
    resource = resources.get(candidate.group.name) if candidate.group is not None else None
    target = _target(route, candidate, grouping, resources)
    linked = _argument_references(route, candidate, target, resources)
    response, missing = _response(route, candidate, resource)
    element = _element(candidate, resource)
    # The body of a call about elements holds an element, not the entity.
    body = (
        RequestBody()
        if element is not None and element.key
        else _request_body(route, candidate, resource)
    )
    return Role(
        tool=route.tool.name,
        kind=candidate.kind,
        target=target,
        references=linked,
        body=body,
        response=response,
        listing=_listing(route, candidate, resource, target.keys, linked),
        transition=_transition(route, candidate, resource),
        element=element,
        fallback=candidate.fallback or missing,
    )


def _target(
    route: Route,
    candidate: RoleCandidate,
    grouping: Grouping,
    resources: Mapping[str, Resource],
) -> RoleTarget:
    """The entity that a tool is about: its resource, its parents on the path, and all keys."""
    resource = resources.get(candidate.group.name) if candidate.group is not None else None
    scope: list[tuple[str, str | None]] = []
    keys: dict[str, ResourceProperty] = {}
    for index, step in enumerate(route.steps):
        if not step.is_key:
            continue
        group = grouping.group_of[collection_of(route.steps, index)]
        if group.inside is not None:
            # The parameter names an element of the entity, see `_element`.
            continue
        named = resources[group.name]
        argument = route.argument_at(index)
        if argument is not None:
            keys[argument] = (named.name, named.identifier or "")
        # The caller counts as the target only at the end: `/me` in `/me/orders/{id}` is a parent.
        is_target = (argument is not None and argument == candidate.target) or (
            step.kind == "self" and candidate.of_caller and index == route.last_key
        )
        if not is_target and (argument is not None or step.kind == "self"):
            scope.append((named.name, argument))
    if candidate.target is not None and resource is not None:
        prop = _target_property(candidate.target, resource)
        keys.setdefault(candidate.target, (resource.name, prop))
    return RoleTarget(
        resource=resource.name if resource is not None else None,
        argument=candidate.target,
        of_caller=candidate.of_caller,
        scope=tuple(scope),
        keys=keys,
        upsert=candidate.upsert,
    )


def _target_property(argument: str, resource: Resource) -> str:
    """The property that the target argument holds: one of its name, else the identifier."""
    names = {squash(prop): prop for prop in Shape.of(resource.entity).properties}
    return names.get(squash(argument)) or resource.identifier or ""


def _argument_references(
    route: Route,
    candidate: RoleCandidate,
    target: RoleTarget,
    resources: Mapping[str, Resource],
) -> dict[str, ResourceProperty]:
    """Pointer pattern into the arguments -> the property that it holds, keys first."""
    linked = {f"/{argument}": prop for argument, prop in target.keys.items()}
    owner = candidate.group.name if candidate.group is not None else None
    for pointer, prop in find_references(route.arguments, resources, owner=owner).items():
        linked.setdefault(pointer, prop)
    if candidate.kind != "create" or target.resource is None:
        return linked
    # The identifier in the body of a create is the key of the new entity, no reference to one.
    identifier = resources[target.resource].identifier
    return {
        pointer: prop
        for pointer, prop in linked.items()
        if prop != (target.resource, identifier)
        or pointer[1:] in target.keys
        or not pointer.endswith(f"/{identifier}")
    }


def _response(
    route: Route, candidate: RoleCandidate, resource: Resource | None
) -> tuple[ResponseBody, str | None]:
    """Where the response shows entities, and what is wrong if it should show some and does not."""
    kind, name = candidate.kind, resource.name if resource is not None else ""
    if resource is not None and has_undescribed_answer(route.tool):
        # The spec does not describe the response (a function list, a read without a schema), so
        # the world shows entities as they are.
        if kind in {"list", "search"}:
            return ResponseBody(items=f"/{squash(resource.plural)}"), None
        return ResponseBody(item=None if kind in {"delete", "compute"} else ""), None
    listed = find_list(route.output, name)
    if kind in {"list", "search"}:
        if listed is not None:
            return ResponseBody(items=listed.pointer), None
        described = route.tool.output_schema is not None
        return ResponseBody(), "no list of objects in the answer" if described else None
    if kind in {"compute", "delete"} or route.tool.output_schema is None or resource is None:
        return ResponseBody(), None
    entity = Shape.of(resource.entity)
    pointer, view = find_entity(route.output, name)
    if view.properties and (similarity(view, entity) >= _VIEW_OVERLAP or has_identity(view, name)):
        return ResponseBody(item=pointer), None
    if listed is not None and similarity(listed.items.object(), entity) >= _LIST_OVERLAP:
        return ResponseBody(items=listed.pointer), None
    if kind in {"get", "singleton_get"}:
        return ResponseBody(), "the answer shows no such thing"
    return ResponseBody(), None


def _listing(
    route: Route,
    candidate: RoleCandidate,
    resource: Resource | None,
    keys: Mapping[str, ResourceProperty],
    linked: Mapping[str, ResourceProperty],
) -> Listing:
    """Paging and filters of a list or search; empty for other tools."""
    if candidate.kind not in {"list", "search"} or resource is None:
        return Listing()
    arguments = {
        argument: shape
        for argument, shape in route.arguments.properties.items()
        if argument not in keys
    }
    paging = query_parameters.paging(arguments)
    paging_arguments = {
        paging.page,
        paging.size,
        paging.offset,
        paging.cursor,
        paging.sort,
        paging.direction,
        paging.search,
    }
    filters = query_parameters.filters(
        {name: shape for name, shape in arguments.items() if name not in paging_arguments},
        Shape.of(resource.entity),
        linked,
        resource.references,
    )
    return Listing(paging=paging, filters=filters)


def _request_body(route: Route, candidate: RoleCandidate, resource: Resource | None) -> RequestBody:
    """Where in the request body the entity's properties lie.

    It is the object that shares most properties with the entity, and of equals the outermost:
    `{"order": {"title": ..., "lines": [...]}}` gives `/order`.
    """
    writes = {"create", "replace", "patch", "action", "singleton_update"}
    if resource is None or candidate.kind not in writes:
        return RequestBody()
    entity = set(Shape.of(resource.entity).properties)
    best_score, best = 0, RequestBody()
    for pointer, sub in body_shape(route).walk(2):
        view = sub.object()
        lists = pointer.count("/*")
        # One list may lie on the way, at its end, and two names besides.
        too_deep = lists > 1 or pointer.count("/") > 2 + lists
        if view is None or too_deep or (lists == 1 and not pointer.endswith("/*")):
            continue
        shared = len(entity & set(view.properties))
        score = shared * _PROPERTY_SCORE - pointer.count("/") * _DEPTH_PENALTY
        if score > best_score:
            best_score = score
            best = RequestBody(pointer=pointer.removesuffix("/*"), is_list=bool(lists))
    return best


def body_shape(route: Route) -> Shape:
    """The request body as one shape, put together from the arguments that travel in it."""
    parameters = route.tool.parameters
    if not parameters:
        return route.arguments
    arguments = route.arguments.properties
    # A body that is no object travels as one argument.
    whole = next(
        (parameter.argument for parameter in parameters if parameter.location == "whole_body"), None
    )
    if whole is not None and whole in arguments:
        return arguments[whole]
    nodes = route.arguments.node.get("properties") or {}
    properties = {
        parameter.name: nodes[parameter.argument]
        for parameter in parameters
        if parameter.location in {"body", "form"} and parameter.argument in arguments
    }
    return Shape({"type": "object", "properties": properties}, route.arguments.root)


def _element(candidate: RoleCandidate, resource: Resource | None) -> ElementTarget | None:
    """The elements that a tool works on, with the property that is their key."""
    element = candidate.element
    if element is None or resource is None:
        return element
    array = Shape.of(resource.entity).properties[element.property].array()
    if array is None or array.items is None:
        return element
    view = array.items.object() or array.items
    key = identifier_of(view, element.property, []) or "id"
    return element.model_copy(update={"key": key})


def _transition(route: Route, candidate: RoleCandidate, resource: Resource | None) -> Transition:
    """The verb of an action and the state that it leads to: `cancelOrder` gives `cancel`."""
    if candidate.kind != "action":
        return Transition()
    verb = _action_verb(route, candidate)
    status = resource.status if resource is not None else None
    return Transition(
        verb=verb, leads_to=target_state(verb, status.values) if status is not None else None
    )


def _action_verb(route: Route, candidate: RoleCandidate) -> str:
    if candidate.element is not None:
        if route.method == "delete":
            return "remove"
        return "add" if candidate.element.argument is None else "update"
    last = route.steps[-1].text if route.steps else route.action
    return action_word(last if is_action(last) else route.operation_name)
