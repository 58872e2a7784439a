"""Completes a role: its target, its body, and what its result shows."""

from __future__ import annotations

from inftool.core.types import JsonObject
from inftool.language.identifiers import squash
from inftool.world.lexicon.lifecycle import action_word, is_action, target_state
from inftool.world.resources import entity_schema, query_parameters, references
from inftool.world.resources.candidates import Grouping, RoleCandidate
from inftool.world.resources.models import Paging, Resource, Role, Target
from inftool.world.resources.routes import Route, find_list, find_one, has_identity, is_silent
from inftool.world.resources.spoken_names import alike, collection_of, owner
from inftool.world.schema.shape import Shape


def _body(route: Route, resource: Resource) -> tuple[str, bool]:
    """Where in the request body the entity's properties lie, and whether that is a list of entities."""
    entity = set(Shape.of(resource.entity).properties)
    root = body_shape(route)
    best: tuple[int, str, bool] = (-1, "", False)
    for pointer, sub in root.walk(2):
        view = sub.object()
        if view is None:
            continue
        many = pointer.count("/*")
        if many > 1 or (many == 1 and not pointer.endswith("/*")) or pointer.count("/") > 2 + many:
            continue
        score = len(entity & set(view.properties)) * 2 - pointer.count("/") * 2
        if score > best[0]:
            best = (score, pointer.removesuffix("/*"), bool(many))
    return (best[1], best[2]) if best[0] > 0 else ("", False)


def body_shape(route: Route) -> Shape:
    """The request body as one shape, put together from the arguments that travel in it."""
    parameters = route.tool.parameters
    if not parameters:
        return route.arguments
    whole = next(
        (parameter.argument for parameter in parameters if parameter.location == "whole_body"), None
    )
    if whole is not None and whole in route.arguments.properties:
        return route.arguments.properties[whole]
    names: JsonObject = {}
    for parameter in parameters:
        if (
            parameter.location in {"body", "form"}
            and parameter.argument in route.arguments.properties
        ):
            names[parameter.name] = (route.arguments.node.get("properties") or {})[
                parameter.argument
            ]
    return Shape({"type": "object", "properties": names}, route.arguments.root)


def finish(
    route: Route, draft: RoleCandidate, grouping: Grouping, resources: dict[str, Resource]
) -> Role:
    """Complete a role: its keys, its scope, its body, and what its answer shows."""
    scope: list[tuple[str, str | None]] = []
    keys: dict[str, Target] = {}
    resource = resources.get(draft.group.name) if draft.group is not None else None
    for index, step in enumerate(route.steps):
        if step.kind not in {"param", "self"}:
            continue
        home = grouping.home[collection_of(route.steps, index)]
        if home.inside is not None:
            continue
        above = resources[home.name]
        argument = route.path_arguments.get(step.text) if step.kind == "param" else None
        if step.kind == "param" and argument is not None:
            keys[argument] = (above.name, above.identifier or "")
        on_target = (argument is not None and argument == draft.target) or (
            step.kind == "self" and draft.mine and index == owner(route)
        )
        if not on_target and (argument is not None or step.kind == "self"):
            scope.append((above.name, argument))
    if draft.target is not None and resource is not None:
        keys.setdefault(draft.target, (resource.name, _target_property(draft.target, resource)))
    linked = {f"/{argument}": target for argument, target in keys.items()}
    found = references.find(
        route.arguments, resources, home=draft.group.name if draft.group else None
    )
    linked.update({pointer: target for pointer, target in found.items() if pointer not in linked})
    if draft.role == "create" and resource is not None:
        # What a new thing is to be called by is no reference to one that exists.
        own = (resource.name, resource.identifier)
        linked = {
            pointer: target
            for pointer, target in linked.items()
            if target != own or pointer[1:] in keys or not pointer.endswith(f"/{own[1]}")
        }
    item, items = None, None
    entity = Shape.of(resource.entity) if resource is not None else None
    name = resource.name if resource is not None else ""
    listed = find_list(route.out, name)
    if resource is not None and is_silent(route.tool):
        # Nothing is said of answers (a function list, a read without a schema): the world shows entities as they are.
        items = f"/{squash(resource.plural)}" if draft.role in {"list", "search"} else None
        item = "" if draft.role not in {"list", "search", "delete", "compute"} else None
    elif draft.role in {"list", "search"}:
        items = listed[0] if listed is not None else None
        if items is None and route.tool.output_schema is not None:
            draft.fallback, draft.why = True, draft.why or "no list of objects in the answer"
    elif (
        draft.role not in {"compute", "delete"}
        and route.tool.output_schema is not None
        and entity is not None
    ):
        pointer, one = find_one(route.out, name)
        if one.properties and (alike(one, entity) >= 0.3 or has_identity(one, name)):
            item = pointer
        elif listed is not None and alike(listed[1].object(), entity) >= 0.5:
            items = listed[0]
        elif draft.role in {"get", "singleton_get"}:
            draft.fallback, draft.why = True, draft.why or "the answer shows no such thing"
    paging, chosen = Paging(), {}
    if draft.role in {"list", "search"} and entity is not None:
        arguments = {
            argument: shape
            for argument, shape in route.arguments.properties.items()
            if argument not in keys
        }
        paging = query_parameters.paging(arguments)
        used = {
            getattr(paging, part)
            for part in ("page", "size", "offset", "cursor", "sort", "direction", "search")
        } - {None}
        chosen = query_parameters.filters(
            arguments, entity, used, linked, resource.references if resource else {}
        )
    body, many = (
        _body(route, resource)
        if resource is not None
        and draft.role in {"create", "replace", "patch", "action", "singleton_update"}
        else ("", False)
    )
    element_key = ""
    if (
        draft.part
        and entity is not None
        and (held := entity.properties[draft.part].array()) is not None
        and held.items is not None
    ):
        element_key = (
            entity_schema.identify(held.items.object() or held.items, draft.part, []) or "id"
        )
        body = ""
    last = route.steps[-1].text if route.steps else route.action
    word = (
        action_word(last if is_action(last) else route.tool.operation or route.tool.name)
        if draft.role == "action"
        else ""
    )
    if draft.part:
        word = (
            "remove"
            if route.tool.method.lower() == "delete"
            else "add"
            if draft.element is None
            else "update"
        )
    leads_to = (
        target_state(word, resource.status.values)
        if draft.role == "action" and resource is not None and resource.status is not None
        else None
    )
    return Role(
        tool=route.tool.name,
        role=draft.role,
        resource=resource.name if resource is not None else None,
        parent=scope[-1][0] if scope else None,
        keys=keys,
        references=linked,
        scope=tuple(scope),
        target=draft.target,
        mine=draft.mine,
        items=items,
        item=item,
        body=body,
        body_list=many,
        filters=chosen,
        paging=paging,
        verb=word,
        leads_to=leads_to,
        upsert=draft.upsert,
        part=draft.part,
        element=draft.element,
        element_key=element_key,
        fallback=draft.fallback,
        why=draft.why,
    )


def _target_property(argument: str, resource: Resource) -> str:
    names = {squash(prop): prop for prop in Shape.of(resource.entity).properties}
    return names.get(squash(argument)) or resource.identifier or ""
