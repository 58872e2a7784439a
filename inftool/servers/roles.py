"""The role of each tool: what it does to which resource, through which arguments."""

from __future__ import annotations

from dataclasses import dataclass

from inftool.records import Api, JsonObject
from inftool.servers import entities, listing, references, settling
from inftool.servers.grouping import (
    READS,
    Group,
    Grouping,
    acts_on_known,
    alike,
    bare,
    collection_of,
    is_search,
    owner,
    spoken_noun,
    spoken_of,
    spoken_verb,
)
from inftool.servers.lifecycle import action_word, is_action, target_state
from inftool.servers.resources import Paging, Resource, ResourceMap, Role, RoleName, Target
from inftool.servers.routes import Route, find_list, find_one, has_identity, is_silent, path_argument
from inftool.servers.shapes import Shape
from inftool.servers.words import bag, split, squash


@dataclass
class Draft:
    """A role in the making."""

    role: RoleName
    group: Group | None = None
    target: str | None = None
    mine: bool = False
    fallback: bool = False
    why: str = ""
    upsert: bool = False
    part: str = ""
    element: str | None = None


def assign(api: Api, grouping: Grouping) -> ResourceMap:
    """Resources and roles for every tool of an API."""
    drafts = {route.tool.name: _draft(route, grouping) for route in grouping.routes}
    settling.settle(grouping, drafts)
    names = {id(found): found.name for found in grouping.groups}
    used = {id(draft.group) for draft in drafts.values() if draft.group is not None}
    for route in grouping.routes:
        for index, step in enumerate(route.steps):
            if step.kind in {"param", "self"}:
                used.add(id(grouping.home[collection_of(route.steps, index)]))
        if route.template in grouping.home and (held := grouping.home[route.template].inside) is not None:
            used.add(id(grouping.home[held[0]]))
    resources: dict[str, Resource] = {}
    for found in grouping.groups:
        if id(found) in used:
            parents = dict.fromkeys(names[id(grouping.home[parent])] for parent in found.parents if grouping.home[parent] is not found)
            resources[found.name] = entities.build(found, tuple(parents))
    linked = {name: references.find(Shape.of(resource.entity), resources, home=name) for name, resource in resources.items()}
    references.settle_keys(resources, linked)
    for name, resource in list(resources.items()):
        # One key in several places (a book's in each shop's inventory) is several things.
        natural = resource.natural and f"/{resource.identifier}" not in linked[name]
        resources[name] = resource.model_copy(
            update={"references": linked[name], "natural": natural, "unique": _unique(name, grouping, drafts, resource)}
        )
    roles = {route.tool.name: _finish(route, drafts[route.tool.name], grouping, resources) for route in grouping.routes}
    return ResourceMap(api=api.name, resources=resources, roles=roles)


def _unique(name: str, grouping: Grouping, drafts: dict[str, Draft], resource: Resource) -> tuple[str, ...]:
    """Properties that the create's documented conflict names as taken already."""
    out: list[str] = []
    for route in grouping.routes:
        draft = drafts[route.tool.name]
        if draft.role != "create" or draft.group is None or draft.group.name != name:
            continue
        conflicts = [answer.description for answer in route.tool.responses if answer.status == "409"]
        if not conflicts:
            continue
        text = " ".join((*conflicts, route.tool.description)).lower()
        words = set(split(text.replace("-", " ")))
        for prop in resource.writable:
            tail = split(prop)
            if (
                prop in Shape.of(resource.entity).properties
                and tail
                and (set(tail) <= words or squash(prop) in words)
                and tail[-1] in bag("email username slug sku isbn key code name handle iban vin number reference mrn ean barcode login domain serial")
            ):
                out.append(prop)
    return tuple(dict.fromkeys(out))


def _draft(route: Route, grouping: Grouping) -> Draft:
    if spoken_of(route):
        return _spoken(route, grouping)
    place, method = owner(route), route.tool.method.lower()
    last = route.steps[-1]
    inside = _inside(route, grouping, place)
    if inside is not None:
        return inside
    if place == len(route.steps) - 1:
        return _on_item(route, grouping.home[collection_of(route.steps, place)], method, last.text if last.kind == "param" else None)
    found = grouping.home.get(route.template)
    if found is not None:
        return _on_collection(route, found, method, grouping)
    above: Group | None = None
    if place >= 0:
        above = grouping.home[collection_of(route.steps, place)]
    beside = grouping.home.get(route.template[:-1])
    listed = find_list(route.out, beside.name if beside else "")
    shows = beside is not None and listed is not None and (is_search(last) or (method in READS and alike(listed[1].object(), beside.best) >= 0.5))
    if shows:
        return Draft("search" if is_search(last) else "list", beside)
    if beside is not None and method in READS and beside.best is not None and not beside.singleton:
        _, one = find_one(route.out, beside.name)
        if alike(one, beside.best) >= 0.8 and len(one.properties) > 2:
            return Draft("singleton_get", beside, mine=True)
    if is_search(last) and listed is not None:
        for other in grouping.groups:
            if alike(listed[1].object(), other.best) >= 0.8 and squash(other.name) in squash(last.text):
                return Draft("search", other)
    if above is not None and method not in READS and place == len(route.steps) - 2:
        argument = path_argument(route, place)
        return Draft("action", above, target=argument, mine=argument is None)
    if method in READS:
        return Draft("compute", above, fallback=True, why="a read that shows no resource of its own")
    if beside is not None and not is_search(last):
        return Draft("action", beside, fallback=True, why="an action on a whole collection: recorded, and answered from the schema")
    return Draft(
        "compute" if is_search(last) or route.tool.effect == "read" else "action",
        None,
        fallback=True,
        why="neither the path nor the name tells a resource",
    )


def _inside(route: Route, grouping: Grouping, place: int) -> Draft | None:
    """What a tool does to the elements of another thing, None where its path leads to no such elements."""
    on_item = place == len(route.steps) - 1
    found = grouping.home.get(collection_of(route.steps, place) if on_item else route.template)
    if found is None or found.inside is None:
        return None
    above, part = found.inside
    keys = [index for index, step in enumerate(route.steps) if step.kind in {"param", "self"} and collection_of(route.steps, index) == above]
    target = path_argument(route, keys[-1]) if keys else None
    return Draft("action", grouping.home[above], target, mine=target is None, part=part, element=path_argument(route, place) if on_item else None)


def _on_item(route: Route, found: Group, method: str, parameter: str | None) -> Draft:
    argument = route.path_arguments.get(parameter) if parameter else None
    mine = parameter is None
    if method in READS:
        return Draft("get", found, argument, mine)
    if method == "put":
        return Draft("replace" if _demands(route) else "patch", found, argument, mine)
    if method == "patch":
        return Draft("patch", found, argument, mine)
    if method == "delete":
        return Draft("delete", found, argument, mine)
    shape = found.best
    writes = {name for _, sub in route.arguments.walk(2) for name in sub.properties}
    if shape is not None and len(writes & set(shape.properties)) >= 1:
        return Draft("patch", found, argument, mine)
    return Draft("action", found, argument, mine)


def _demands(route: Route) -> bool:
    """Whether a PUT asks for a whole entity: something of its body is required."""
    keys = set(route.path_arguments.values())
    return any(name not in keys for name in route.arguments.required)


def _on_collection(route: Route, found: Group, method: str, grouping: Grouping) -> Draft:
    if found.singleton:
        if method in READS:
            return Draft("singleton_get", found)
        if method in {"put", "patch"}:
            return Draft("singleton_update", found)
        if method == "delete":
            return Draft("delete", found)
        return Draft("singleton_update", found) if found.shapes else Draft("action", found)
    listed = find_list(route.out, found.name)
    if method in READS:
        if listed is not None or is_silent(route.tool):
            return Draft("list", found)
        _, one = find_one(route.out, found.name)
        if found.best is not None and alike(one, found.best) >= 0.8 and one.properties:
            target = _key_argument(route, found)
            if target is not None:
                return Draft("get", found, target)
        return Draft("compute", found, fallback=True, why="a read of a collection whose answer shows no list of it")
    if method == "post":
        if listed is not None and route.tool.effect == "read":
            return Draft("search", found)
        return Draft("create", found)
    target = _key_argument(route, found)
    if method == "delete":
        return (
            Draft("delete", found, target)
            if target
            else Draft("action", found, fallback=True, why="a delete that names no single entity: recorded only")
        )
    if target is not None:
        return Draft("patch", found, target)
    return Draft("action", found, fallback=True, why="a write to a whole collection: recorded, and answered from the schema")


def _key_argument(route: Route, found: Group) -> str | None:
    """An argument outside the path that names one entity of a group."""
    name = squash(found.name)
    short = squash(split(found.name)[-1]) if split(found.name) else name
    best: tuple[int, str] | None = None
    taken = set(route.path_arguments.values())
    wanted = {squash(parameter) for parameter, _ in found.key_parameters}
    also = {squash(alias) for alias in found.aliases}
    for argument, shape in route.arguments.properties.items():
        if argument in taken or not entities.scalar(shape):
            continue
        word = squash(argument)
        score = 0
        if word in {f"{name}{suffix}" for suffix in ("id", "uuid", "key", "sid", "code", "number", "ref", "no", "reference")} or word in wanted:
            score = 6
        elif word in {"id", "uuid", "key", "sid", "code", "slug"}:
            score = 5
        elif word in {f"{short}{suffix}" for suffix in ("id", "uuid", "key", "sid", "code", "number")}:
            score = 4
        elif word in also or any(word == f"{alias}{suffix}" for alias in also for suffix in ("id", "key", "uuid")):
            score = 3 if argument in route.arguments.required or len(route.arguments.properties) == 1 else 0
        elif word in {name, short} and argument in route.arguments.required:
            score = 2
        elif word in {"name", "username"} and argument in route.arguments.required and len(route.arguments.required) == 1:
            score = 1
        if score and (best is None or score > best[0]):
            best = (score, argument)
    return best[1] if best else None


def _spoken(route: Route, grouping: Grouping) -> Draft:
    name = spoken_noun(route)
    found = grouping.spoken.get(squash(name)) if name else None
    family = spoken_verb(route)
    if found is None:
        for size in range(1, len(split(name))):
            found = found or grouping.spoken.get(squash(" ".join(split(name)[size:])))
    if found is None:
        found = _acted_on(route, grouping)
        if found is not None and route.tool.effect != "read":
            return Draft("action", found, _key_argument(route, found))
        kind: RoleName = "compute" if route.tool.effect == "read" or route.tool.method.lower() in READS else "action"
        return Draft(kind, None, fallback=True, why="neither the path nor the name tells a resource")
    target = _key_argument(route, found)
    writes = route.tool.effect != "read"
    if family == "create" and writes and acts_on_known(route, name) and target is not None:
        return Draft("action", found, target)
    if family == "list":
        return Draft("list", found)
    if family == "search":
        return Draft("search", found)
    if family == "get":
        if target is not None:
            return Draft("get", found, target)
        if not route.arguments.required and not found.singleton and found.best is not None:
            return Draft("singleton_get", found, mine=True)
        return Draft("compute", found, fallback=True, why="a read by something that is no key of the thing")
    if family == "create" and writes:
        return Draft("create", found)
    if family in {"patch", "replace", "delete"} and target is not None and writes:
        roles: dict[str, RoleName] = {"patch": "patch", "replace": "replace", "delete": "delete"}
        return Draft(roles[family], found, target)
    if writes:
        return Draft("action", found, target, fallback=target is None, why="" if target else "an action that names no entity: recorded only")
    return Draft("compute", found, fallback=True, why="a read that shows no resource of its own")


def _acted_on(route: Route, grouping: Grouping) -> Group | None:
    """The group whose key is among the arguments of a tool with an unknown noun (`cancel(order_id)`)."""
    hits = [
        found for found in grouping.groups for argument in route.arguments.required if bare(argument) and squash(bare(argument)) == squash(found.name)
    ]
    return hits[0] if hits else None


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
    whole = next((parameter.argument for parameter in parameters if parameter.location == "whole_body"), None)
    if whole is not None and whole in route.arguments.properties:
        return route.arguments.properties[whole]
    names: JsonObject = {}
    for parameter in parameters:
        if parameter.location in {"body", "form"} and parameter.argument in route.arguments.properties:
            names[parameter.name] = (route.arguments.node.get("properties") or {})[parameter.argument]
    return Shape({"type": "object", "properties": names}, route.arguments.root)


def _finish(route: Route, draft: Draft, grouping: Grouping, resources: dict[str, Resource]) -> Role:
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
        on_target = (argument is not None and argument == draft.target) or (step.kind == "self" and draft.mine and index == owner(route))
        if not on_target and (argument is not None or step.kind == "self"):
            scope.append((above.name, argument))
    if draft.target is not None and resource is not None:
        keys.setdefault(draft.target, (resource.name, _target_property(draft.target, resource)))
    linked = {f"/{argument}": target for argument, target in keys.items()}
    found = references.find(route.arguments, resources, home=draft.group.name if draft.group else None)
    linked.update({pointer: target for pointer, target in found.items() if pointer not in linked})
    if draft.role == "create" and resource is not None:
        # What a new thing is to be called by is no reference to one that exists.
        own = (resource.name, resource.identifier)
        linked = {pointer: target for pointer, target in linked.items() if target != own or pointer[1:] in keys or not pointer.endswith(f"/{own[1]}")}
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
    elif draft.role not in {"compute", "delete"} and route.tool.output_schema is not None and entity is not None:
        pointer, one = find_one(route.out, name)
        if one.properties and (alike(one, entity) >= 0.3 or has_identity(one, name)):
            item = pointer
        elif listed is not None and alike(listed[1].object(), entity) >= 0.5:
            items = listed[0]
        elif draft.role in {"get", "singleton_get"}:
            draft.fallback, draft.why = True, draft.why or "the answer shows no such thing"
    paging, chosen = Paging(), {}
    if draft.role in {"list", "search"} and entity is not None:
        arguments = {argument: shape for argument, shape in route.arguments.properties.items() if argument not in keys}
        paging = listing.paging(arguments)
        used = {getattr(paging, part) for part in ("page", "size", "offset", "cursor", "sort", "direction", "search")} - {None}
        chosen = listing.filters(arguments, entity, used, linked, resource.references if resource else {})
    body, many = (
        _body(route, resource) if resource is not None and draft.role in {"create", "replace", "patch", "action", "singleton_update"} else ("", False)
    )
    element_key = ""
    if draft.part and entity is not None and (held := entity.properties[draft.part].array()) is not None and held.items is not None:
        element_key = entities.identify(held.items.object() or held.items, draft.part, []) or "id"
        body = ""
    last = route.steps[-1].text if route.steps else route.action
    word = action_word(last if is_action(last) else route.tool.operation or route.tool.name) if draft.role == "action" else ""
    if draft.part:
        word = "remove" if route.tool.method.lower() == "delete" else "add" if draft.element is None else "update"
    leads_to = target_state(word, resource.status.values) if draft.role == "action" and resource is not None and resource.status is not None else None
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
