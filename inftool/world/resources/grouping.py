"""Tools grouped by what they speak of: collection paths become resources, and two paths to the same thing become one."""

from __future__ import annotations

from inftool.core.tools import Api
from inftool.language.identifiers import bag, is_plural, noun, nouns, split, squash
from inftool.world.lexicon.lifecycle import is_action
from inftool.world.resources.candidates import READS, Group, Grouping, Template
from inftool.world.resources.query_parameters import paging
from inftool.world.resources.routes import Route, Segment, find_list, find_one, has_identity, read
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

_GENERIC = bag(
    "item data list child entry resource object record result detail element value content all v2 v3 node"
)


def _name_of(template: Template, steps: tuple[Segment, ...], size: int, parameter: str) -> str:
    static = (
        noun(steps[size - 1].text) if size and steps[size - 1].kind in {"static", "verb"} else ""
    )
    named = bare(parameter) if parameter else ""
    if not static or template[-1].startswith("~"):
        return named or noun(parameter) or "thing"
    if named and named != static and split(named)[: len(split(static))] == split(static):
        return named
    if static in _GENERIC:
        before = next(
            (noun(step.text) for step in reversed(steps[: size - 1]) if step.kind == "static"), ""
        )
        return named or f"{before} {static}".strip()
    return static


def group(api: Api) -> Grouping:
    """Group the tools of an API into resources."""
    routes = [read(tool) for tool in sorted(api.tools, key=lambda tool: tool.name)]
    home: dict[Template, Group] = {}
    _collections(routes, home)
    for route in routes:
        _show(route, home)
    _embed(routes, home)
    groups = _unify(home)
    spoken = {squash(found.name): found for found in reversed(groups)}
    for route in routes:
        if spoken_of(route):
            _speak(route, groups, spoken)
    return Grouping(routes, groups, home, spoken)


def _collections(routes: list[Route], home: dict[Template, Group]) -> None:
    def put(template: Template, name: str) -> Group:
        if template not in home:
            home[template] = Group(name=name, templates=[template])
        return home[template]

    for route in routes:
        for index, step in enumerate(route.steps):
            if step.kind not in {"param", "self"}:
                continue
            template = collection_of(route.steps, index)
            parameter = step.text if step.kind == "param" else ""
            found = put(template, _name_of(template, route.steps, index, parameter))
            if (
                parameter
                and (bare(parameter) or not found.named)
                and not (template and template[-1].startswith("~"))
            ):
                better = _name_of(template, route.steps, index, parameter)
                found.name, found.named = (
                    (better, bool(bare(parameter))) if not found.named else (found.name, True)
                )
            if (
                parameter
                and (argument := route.path_arguments.get(parameter)) in route.arguments.properties
            ):
                found.key_parameters.append((parameter, route.arguments.properties[str(argument)]))
            before = [
                place for place in range(index) if route.steps[place].kind in {"param", "self"}
            ]
            if before:
                found.parents.append(collection_of(route.steps, before[-1]))
    posted = {route.template for route in routes if route.tool.method.lower() == "post"}
    for route in routes:
        if not route.steps or route.steps[-1].kind not in {"static"} or spoken_of(route):
            continue
        last, template, size = route.steps[-1], route.template, len(route.steps)
        if template in home:
            continue
        name = _name_of(template, route.steps, size, "")
        listed = find_list(route.out, name)
        method = route.tool.method.lower()
        place = owner(route)
        if is_search(last) or (
            is_action(last.text) and not is_plural(last.text) and method not in READS
        ):
            continue
        is_list = listed is not None and not has_identity(route.out, name) and (listed[2] >= 1)
        if (
            is_list
            and listed is not None
            and listed[0]
            and not is_plural(last.text)
            and squash(listed[0].split("/")[-1]) not in {squash(name), squash(nouns(name))}
        ):
            # GET /cart with its items is one cart, unless it is read page by page or things are posted to it.
            is_list = template in posted or paging(route.arguments.properties).style != "none"
        view = route.out.object()
        changes = method in {"put", "patch"} and not is_action(last.text) and place >= 0
        if (method in READS and is_list) or (
            method == "post" and (is_plural(last.text) or place < 0)
        ):
            put(template, name)
        elif (method in READS and view is not None and view.properties) or changes:
            put(template, name).singleton = True
        if template in home and place >= 0:
            home[template].parents.append(collection_of(route.steps, place))
    for template, found in home.items():
        if found.singleton and any(
            other[: len(template)] == template
            and len(other) > len(template)
            and other[len(template)] == "{}"
            for other in home
        ):
            found.singleton = False


def _show(route: Route, home: dict[Template, Group]) -> None:
    """Note the entity that a tool's answer or body shows."""
    if not route.steps or spoken_of(route):
        return
    place, method = owner(route), route.tool.method.lower()
    if place == len(route.steps) - 1:
        found = home[collection_of(route.steps, place)]
        _, shape = find_one(route.out, found.name)
        if shape.properties and method != "delete":
            found.shapes.append((40 if method in READS else 20, shape))
        if method in {"put", "patch", "post"}:
            found.inputs.append(route.arguments)
        return
    template = route.template
    if template not in home:
        return
    found = home[template]
    if found.singleton:
        _, shape = find_one(route.out, found.name)
        if shape.properties:
            found.shapes.append((40 if method in READS else 20, shape))
        found.inputs += [route.arguments] if method not in READS else []
        return
    listed = find_list(route.out, found.name)
    if (
        method in READS
        and listed is not None
        and (item := listed[1].object()) is not None
        and item.properties
    ):
        found.shapes.append((30, item))
    elif method == "post":
        _, shape = find_one(route.out, found.name)
        if (
            listed is not None
            and len(shape.properties) <= 3
            and not has_identity(shape, found.name)
            and (item := listed[1].object()) is not None
        ):
            shape = item
        if shape.properties:
            found.shapes.append((25 if has_identity(shape, found.name) else 5, shape))
        found.inputs.append(route.arguments)


def _embed(routes: list[Route], home: dict[Template, Group]) -> None:
    """Find collections that are never read: what is posted to /carts/{id}/items is answered with the cart, whose `items` hold it."""
    for template, found in home.items():
        parent = home.get(template[:-1]) if len(template) > 1 else None
        above = (
            template[:-1]
            if parent is not None and parent.singleton
            else template[:-2]
            if len(template) > 2 and template[-2] == "{}"
            else ()
        )
        owned = home.get(above)
        if owned is None or owned.best is None or found.singleton or not found.shapes:
            continue
        best = owned.best
        if any(
            route.tool.method.lower() in READS and route.template in {template, (*template, "{}")}
            for route in routes
        ):
            continue
        if not all(
            (shape.name and shape.name == best.name)
            or (len(shape.properties) > 3 and alike(shape, best) >= 0.9)
            for _, shape in found.shapes
        ):
            continue
        for prop, sub in best.properties.items():
            array = sub.array()
            inner = array.items.object() if array is not None and array.items is not None else None
            recursive = inner is not None and inner.name and inner.name == best.name
            if (
                inner is not None
                and inner.properties
                and not recursive
                and squash(found.name).endswith(squash(noun(prop)))
            ):
                found.inside = (above, prop)
                break


def _unify(home: dict[Template, Group]) -> list[Group]:
    """Collections that hold the same thing become one group; names made unique by the parent's."""
    groups: list[Group] = []
    for template in sorted(
        home, key=lambda key: (sum(mark == "{}" for mark in key), len(key), key)
    ):
        mine = home[template]
        if mine.inside is not None:
            continue
        same = None
        for other in groups:
            if other.singleton != mine.singleton:
                continue
            words = squash(other.name) == squash(mine.name)
            if (
                (
                    words
                    and (
                        mine.best is None
                        or other.best is None
                        or alike(mine.best, other.best) >= 0.6
                    )
                )
                or (
                    not mine.shapes
                    and not mine.singleton
                    and template[-1].startswith("~")
                    and squash(mine.name).endswith(squash(other.name))
                    and other.best is not None
                )
                or (
                    template[-1] in {"~me", "~self", "~current"}
                    and alike(mine.best, other.best) >= 0.8
                )
            ):
                same = other
            elif (
                mine.best is not None
                and other.best is not None
                and mine.best.name
                and mine.best.name == other.best.name
                and not mine.singleton
            ):
                same = other if has_identity(mine.best, mine.name) else None
            if same is not None:
                break
        if same is None:
            groups.append(mine)
            continue
        same.templates += mine.templates
        same.shapes += mine.shapes
        same.inputs += mine.inputs
        same.parents += mine.parents
        same.key_parameters += mine.key_parameters
        home[template] = same
    # A collection known only as a step of other paths is the thing that its parameter names: /link/{MessagingServiceSid}/domain.
    for found in list(groups):
        if found.shapes or found.inputs:
            continue
        wanted = [
            squash(bare(parameter)) for parameter, _ in found.key_parameters if bare(parameter)
        ] or [squash(found.name)]
        matches = [
            other
            for other in groups
            if other is not found
            and other.shapes
            and not other.singleton
            and (
                squash(other.name) in wanted
                or any(word.endswith(squash(other.name)) for word in wanted)
            )
        ]
        if len(matches) == 1:
            matches[0].key_parameters += found.key_parameters
            groups.remove(found)
            for template, other in home.items():
                if other is found:
                    home[template] = matches[0]
                    matches[0].templates.append(template)
    taken: dict[str, Group] = {}
    # Of two collections of one name, the one that more tools are about keeps it.
    for found in sorted(groups, key=lambda found: -len(found.shapes) - len(found.inputs)):
        if squash(found.name) in taken:
            above = next(
                (
                    home[parent].name
                    for parent in found.parents
                    if parent in home and home[parent] is not found and home[parent].shapes
                ),
                "",
            )
            static = [mark for mark in found.templates[0] if mark != "{}"]
            found.name = (
                f"{above} {found.name}"
                if above
                else f"{static[-2]} {found.name}"
                if len(static) > 1
                else f"{found.name} record"
            )
        number = 2
        base = found.name
        while squash(found.name) in taken:
            found.name, number = f"{base} {number}", number + 1
        taken[squash(found.name)] = found
    return groups


def _speak(route: Route, groups: list[Group], spoken: dict[str, Group]) -> None:
    """Give a tool without a telling path a group by its words."""
    name = spoken_noun(route)
    if not name:
        return
    family = spoken_verb(route)
    found = spoken.get(squash(name))
    if family == "create" and acts_on_known(route, name):
        return
    if found is None:
        if family not in {"list", "search", "get", "create", "patch", "replace", "delete"}:
            return
        found = Group(name=name)
        groups.append(found)
        spoken[squash(name)] = found
    listed = find_list(route.out, name)
    if (
        family in {"list", "search"}
        and listed is not None
        and (item := listed[1].object()) is not None
    ):
        found.shapes.append((30, item))
    elif family in {"get", "create", "patch", "replace"}:
        pointer, shape = find_one(route.out, name)
        if shape.name and pointer:
            found.aliases.add(noun(shape.name))
        if shape.properties and (listed is None or has_identity(shape, name)):
            found.shapes.append(
                (
                    {"get": 40, "create": 25}.get(family, 20) if has_identity(shape, name) else 5,
                    shape,
                )
            )
    if family in {"get", "patch", "replace", "delete"}:
        for argument, shape in route.arguments.properties.items():
            if squash(argument) in {
                f"{squash(name)}{suffix}"
                for suffix in ("id", "code", "number", "key", "ref", "uuid")
            }:
                found.key_parameters.append((argument, shape))
    if family in {"create", "patch", "replace"}:
        found.inputs.append(route.arguments)
