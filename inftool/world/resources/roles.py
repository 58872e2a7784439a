"""The role of each tool: what it does to which resource, through which arguments."""

from __future__ import annotations

from inftool.core.tools import Api
from inftool.language.identifiers import bag, split, squash
from inftool.world.resources import entity_schema, references, role_refinement
from inftool.world.resources.candidates import READS, Group, Grouping, RoleCandidate
from inftool.world.resources.models import ElementTarget, Resource, ResourceMap, RoleKind
from inftool.world.resources.role_details import finish
from inftool.world.resources.routes import (
    Route,
    find_list,
    find_one,
    has_undescribed_answer,
    path_argument,
)
from inftool.world.resources.spoken_names import (
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
from inftool.world.schema.shape import Shape


def assign(api: Api, grouping: Grouping) -> ResourceMap:
    """Resources and roles for every tool of an API."""
    drafts = {route.tool.name: _draft(route, grouping) for route in grouping.routes}
    role_refinement.refine_roles(grouping, drafts)
    names = {id(found): found.name for found in grouping.groups}
    used = {id(draft.group) for draft in drafts.values() if draft.group is not None}
    for route in grouping.routes:
        for index, step in enumerate(route.steps):
            if step.kind in {"param", "self"}:
                used.add(id(grouping.home[collection_of(route.steps, index)]))
        if (
            route.template in grouping.home
            and (held := grouping.home[route.template].inside) is not None
        ):
            used.add(id(grouping.home[held[0]]))
    resources: dict[str, Resource] = {}
    for found in grouping.groups:
        if id(found) in used:
            parents = dict.fromkeys(
                names[id(grouping.home[parent])]
                for parent in found.parents
                if grouping.home[parent] is not found
            )
            resources[found.name] = entity_schema.build(found, tuple(parents))
    linked = {
        name: references.find_references(Shape.of(resource.entity), resources, home=name)
        for name, resource in resources.items()
    }
    references.settle_keys(resources, linked)
    for name, resource in list(resources.items()):
        # One key in several places (a book's in each shop's inventory) is several things.
        natural = resource.natural and f"/{resource.identifier}" not in linked[name]
        resources[name] = resource.model_copy(
            update={
                "references": linked[name],
                "natural": natural,
                "unique": _unique(name, grouping, drafts, resource),
            }
        )
    roles = {
        route.tool.name: finish(route, drafts[route.tool.name], grouping, resources)
        for route in grouping.routes
    }
    return ResourceMap(api=api.name, resources=resources, roles=roles)


def _unique(
    name: str, grouping: Grouping, drafts: dict[str, RoleCandidate], resource: Resource
) -> tuple[str, ...]:
    """Properties that the create's documented conflict names as taken already."""
    out: list[str] = []
    for route in grouping.routes:
        draft = drafts[route.tool.name]
        if draft.kind != "create" or draft.group is None or draft.group.name != name:
            continue
        conflicts = [
            answer.description for answer in route.tool.responses if answer.status == "409"
        ]
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
                and tail[-1]
                in bag(
                    "email username slug sku isbn key code name handle iban vin number reference mrn ean barcode login domain serial"
                )
            ):
                out.append(prop)
    return tuple(dict.fromkeys(out))


def _draft(route: Route, grouping: Grouping) -> RoleCandidate:
    if spoken_of(route):
        return _spoken(route, grouping)
    place, method = owner(route), route.tool.method.lower()
    last = route.steps[-1]
    inside = _inside(route, grouping, place)
    if inside is not None:
        return inside
    if place == len(route.steps) - 1:
        return _on_item(
            route,
            grouping.home[collection_of(route.steps, place)],
            method,
            last.text if last.kind == "param" else None,
        )
    found = grouping.home.get(route.template)
    if found is not None:
        return _on_collection(route, found, method, grouping)
    above: Group | None = None
    if place >= 0:
        above = grouping.home[collection_of(route.steps, place)]
    beside = grouping.home.get(route.template[:-1])
    listed = find_list(route.out, beside.name if beside else "")
    shows = (
        beside is not None
        and listed is not None
        and (is_search(last) or (method in READS and alike(listed[1].object(), beside.best) >= 0.5))
    )
    if shows:
        return RoleCandidate("search" if is_search(last) else "list", beside)
    if beside is not None and method in READS and beside.best is not None and not beside.singleton:
        _, one = find_one(route.out, beside.name)
        if alike(one, beside.best) >= 0.8 and len(one.properties) > 2:
            return RoleCandidate("singleton_get", beside, of_caller=True)
    if is_search(last) and listed is not None:
        for other in grouping.groups:
            if alike(listed[1].object(), other.best) >= 0.8 and squash(other.name) in squash(
                last.text
            ):
                return RoleCandidate("search", other)
    if above is not None and method not in READS and place == len(route.steps) - 2:
        argument = path_argument(route, place)
        return RoleCandidate("action", above, target=argument, of_caller=argument is None)
    if method in READS:
        return RoleCandidate("compute", above, fallback="a read that shows no resource of its own")
    if beside is not None and not is_search(last):
        return RoleCandidate(
            "action",
            beside,
            fallback="an action on a whole collection: recorded, and answered from the schema",
        )
    return RoleCandidate(
        "compute" if is_search(last) or route.tool.effect == "read" else "action",
        None,
        fallback="neither the path nor the name tells a resource",
    )


def _inside(route: Route, grouping: Grouping, place: int) -> RoleCandidate | None:
    """What a tool does to the elements of another thing, None where its path leads to no such elements."""
    on_item = place == len(route.steps) - 1
    found = grouping.home.get(collection_of(route.steps, place) if on_item else route.template)
    if found is None or found.inside is None:
        return None
    above, part = found.inside
    keys = [
        index
        for index, step in enumerate(route.steps)
        if step.kind in {"param", "self"} and collection_of(route.steps, index) == above
    ]
    target = path_argument(route, keys[-1]) if keys else None
    return RoleCandidate(
        "action",
        grouping.home[above],
        target,
        of_caller=target is None,
        element=ElementTarget(
            property=part, argument=path_argument(route, place) if on_item else None
        ),
    )


def _on_item(route: Route, found: Group, method: str, parameter: str | None) -> RoleCandidate:
    argument = route.path_arguments.get(parameter) if parameter else None
    mine = parameter is None
    if method in READS:
        return RoleCandidate("get", found, argument, mine)
    if method == "put":
        return RoleCandidate("replace" if _demands(route) else "patch", found, argument, mine)
    if method == "patch":
        return RoleCandidate("patch", found, argument, mine)
    if method == "delete":
        return RoleCandidate("delete", found, argument, mine)
    shape = found.best
    writes = {name for _, sub in route.arguments.walk(2) for name in sub.properties}
    if shape is not None and len(writes & set(shape.properties)) >= 1:
        return RoleCandidate("patch", found, argument, mine)
    return RoleCandidate("action", found, argument, mine)


def _demands(route: Route) -> bool:
    """Whether a PUT asks for a whole entity: something of its body is required."""
    keys = set(route.path_arguments.values())
    return any(name not in keys for name in route.arguments.required)


def _on_collection(route: Route, found: Group, method: str, grouping: Grouping) -> RoleCandidate:
    if found.singleton:
        if method in READS:
            return RoleCandidate("singleton_get", found)
        if method in {"put", "patch"}:
            return RoleCandidate("singleton_update", found)
        if method == "delete":
            return RoleCandidate("delete", found)
        return (
            RoleCandidate("singleton_update", found)
            if found.shapes
            else RoleCandidate("action", found)
        )
    listed = find_list(route.out, found.name)
    if method in READS:
        if listed is not None or has_undescribed_answer(route.tool):
            return RoleCandidate("list", found)
        _, one = find_one(route.out, found.name)
        if found.best is not None and alike(one, found.best) >= 0.8 and one.properties:
            target = _key_argument(route, found)
            if target is not None:
                return RoleCandidate("get", found, target)
        return RoleCandidate(
            "compute",
            found,
            fallback="a read of a collection whose answer shows no list of it",
        )
    if method == "post":
        if listed is not None and route.tool.effect == "read":
            return RoleCandidate("search", found)
        return RoleCandidate("create", found)
    target = _key_argument(route, found)
    if method == "delete":
        return (
            RoleCandidate("delete", found, target)
            if target
            else RoleCandidate(
                "action",
                found,
                fallback="a delete that names no single entity: recorded only",
            )
        )
    if target is not None:
        return RoleCandidate("patch", found, target)
    return RoleCandidate(
        "action",
        found,
        fallback="a write to a whole collection: recorded, and answered from the schema",
    )


def _key_argument(route: Route, found: Group) -> str | None:
    """An argument outside the path that names one entity of a group."""
    name = squash(found.name)
    short = squash(split(found.name)[-1]) if split(found.name) else name
    best: tuple[int, str] | None = None
    taken = set(route.path_arguments.values())
    wanted = {squash(parameter) for parameter, _ in found.key_parameters}
    also = {squash(alias) for alias in found.aliases}
    for argument, shape in route.arguments.properties.items():
        if argument in taken or not entity_schema.scalar(shape):
            continue
        word = squash(argument)
        score = 0
        if (
            word
            in {
                f"{name}{suffix}"
                for suffix in (
                    "id",
                    "uuid",
                    "key",
                    "sid",
                    "code",
                    "number",
                    "ref",
                    "no",
                    "reference",
                )
            }
            or word in wanted
        ):
            score = 6
        elif word in {"id", "uuid", "key", "sid", "code", "slug"}:
            score = 5
        elif word in {
            f"{short}{suffix}" for suffix in ("id", "uuid", "key", "sid", "code", "number")
        }:
            score = 4
        elif word in also or any(
            word == f"{alias}{suffix}" for alias in also for suffix in ("id", "key", "uuid")
        ):
            score = (
                3
                if argument in route.arguments.required or len(route.arguments.properties) == 1
                else 0
            )
        elif word in {name, short} and argument in route.arguments.required:
            score = 2
        elif (
            word in {"name", "username"}
            and argument in route.arguments.required
            and len(route.arguments.required) == 1
        ):
            score = 1
        if score and (best is None or score > best[0]):
            best = (score, argument)
    return best[1] if best else None


def _spoken(route: Route, grouping: Grouping) -> RoleCandidate:
    name = spoken_noun(route)
    found = grouping.spoken.get(squash(name)) if name else None
    family = spoken_verb(route)
    if found is None:
        for size in range(1, len(split(name))):
            found = found or grouping.spoken.get(squash(" ".join(split(name)[size:])))
    if found is None:
        found = _acted_on(route, grouping)
        if found is not None and route.tool.effect != "read":
            return RoleCandidate("action", found, _key_argument(route, found))
        kind: RoleKind = (
            "compute"
            if route.tool.effect == "read" or route.tool.method.lower() in READS
            else "action"
        )
        return RoleCandidate(kind, None, fallback="neither the path nor the name tells a resource")
    target = _key_argument(route, found)
    writes = route.tool.effect != "read"
    if family == "create" and writes and acts_on_known(route, name) and target is not None:
        return RoleCandidate("action", found, target)
    if family == "list":
        return RoleCandidate("list", found)
    if family == "search":
        return RoleCandidate("search", found)
    if family == "get":
        if target is not None:
            return RoleCandidate("get", found, target)
        if not route.arguments.required and not found.singleton and found.best is not None:
            return RoleCandidate("singleton_get", found, of_caller=True)
        return RoleCandidate(
            "compute", found, fallback="a read by something that is no key of the thing"
        )
    if family == "create" and writes:
        return RoleCandidate("create", found)
    if family in {"patch", "replace", "delete"} and target is not None and writes:
        kinds: dict[str, RoleKind] = {"patch": "patch", "replace": "replace", "delete": "delete"}
        return RoleCandidate(kinds[family], found, target)
    if writes:
        return RoleCandidate(
            "action",
            found,
            target,
            fallback=("an action that names no entity: recorded only" if target is None else None),
        )
    return RoleCandidate("compute", found, fallback="a read that shows no resource of its own")


def _acted_on(route: Route, grouping: Grouping) -> Group | None:
    """The group whose key is among the arguments of a tool with an unknown noun (`cancel(order_id)`)."""
    hits = [
        found
        for found in grouping.groups
        for argument in route.arguments.required
        if bare(argument) and squash(bare(argument)) == squash(found.name)
    ]
    return hits[0] if hits else None
