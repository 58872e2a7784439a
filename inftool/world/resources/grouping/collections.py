"""Finds the collections and singletons of an API in the paths of its tools."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from inftool.language.identifiers import is_plural, noun, nouns, split, squash
from inftool.world.lexicon.lifecycle import is_action
from inftool.world.resources.candidates import Group
from inftool.world.resources.query_parameters import paging
from inftool.world.resources.routes.paths import (
    Segment,
    Template,
    collection_of,
    is_search,
    parameter_noun,
)
from inftool.world.resources.routes.responses import EntityList, find_list, has_identity
from inftool.world.resources.routes.route import Route
from inftool.world.resources.routes.tool_names import is_read_by_name
from inftool.world.resources.word_sets import WORDS


def find_collections(routes: Sequence[Route]) -> dict[Template, Group]:
    """A group for every collection and singleton that some path names, by its template."""
    groups: dict[Template, Group] = {}
    for route in routes:
        _add_keyed_collections(route, groups)
    posted = {route.template for route in routes if route.method == "post"}
    for route in routes:
        _add_last_step(route, groups, posted)
    for template, group in groups.items():
        if group.singleton and _has_keys_below(template, groups):
            # `GET /reports` looked like one entity, but `/reports/{id}/lines` picks from many.
            group.singleton = False
    return groups


def _add_keyed_collections(route: Route, groups: dict[Template, Group]) -> None:
    """Add the collections that the parameters of a path pick from."""
    parent: Template | None = None
    for index, step in enumerate(route.steps):
        if not step.is_key:
            continue
        template = collection_of(route.steps, index)
        parameter = step.text if step.kind == "param" else ""
        name = _collection_name(template, route.steps, index, parameter)
        group = groups.setdefault(template, Group(name=name, templates=[template]))
        if parameter and not group.named_by_parameter and not template[-1].startswith("~"):
            group.name = name
            group.named_by_parameter = bool(parameter_noun(parameter))
        # The schema of the parameter is that of the key.
        argument = route.path_arguments.get(parameter)
        if parameter and argument is not None and argument in route.arguments.properties:
            group.key_parameters.append((parameter, route.arguments.properties[argument]))
        if parent is not None:
            group.parents.append(parent)
        parent = template


def _collection_name(
    template: Template, steps: Sequence[Segment], index: int, parameter: str
) -> str:
    """The noun for the entities that the key at `index` picks.

    `/orders/{id}` -> `order`, `/items/{bookId}` -> `book`, `/shelves/items/{id}` -> `shelf item`,
    `/orders/{orderLineId}` -> `order line`, `/{owner}` -> `owner`
    """
    last = steps[index - 1] if index else None
    static = noun(last.text) if last is not None and last.kind in {"static", "verb"} else ""
    from_parameter = parameter_noun(parameter) if parameter else ""
    # Nothing but the parameter tells: `/{owner}/{repo}`.
    if not static or template[-1].startswith("~"):
        return from_parameter or noun(parameter) or "thing"
    starts_alike = split(from_parameter)[: len(split(static))] == split(static)
    if from_parameter and from_parameter != static and starts_alike:
        return from_parameter
    if static not in WORDS["generic_nouns"]:
        return static
    before = (noun(step.text) for step in reversed(steps[: index - 1]) if step.kind == "static")
    return from_parameter or f"{next(before, '')} {static}".strip()


def _add_last_step(
    route: Route, groups: dict[Template, Group], posted: Collection[Template]
) -> None:
    """Add the collection or singleton that a path without a key at its end names."""
    if not route.steps or route.steps[-1].kind != "static" or is_read_by_name(route):
        return
    last, template = route.steps[-1], route.template
    if template in groups or is_search(last):
        return
    plural = is_plural(last.text)
    # `POST /orders/{id}/cancel` is no collection of cancels, `POST /orders/{id}/returns` is one of
    # returns.
    if is_action(last.text) and not plural and not route.reads:
        return
    name = _collection_name(template, route.steps, len(route.steps), "")
    under_key = route.last_key >= 0
    lists = route.reads and _shows_collection(route, name, posted)
    creates = route.method == "post" and (plural or not under_key)
    view = route.output.object()
    shows_one = route.reads and view is not None and bool(view.properties)
    changes_one = route.method in {"put", "patch"} and not is_action(last.text) and under_key
    if not (lists or creates or shows_one or changes_one):
        return
    group = groups[template] = Group(name=name, templates=[template])
    group.singleton = not (lists or creates)
    if under_key:
        group.parents.append(collection_of(route.steps, route.last_key))


def _shows_collection(route: Route, name: str, posted: Collection[Template]) -> bool:
    """Whether the list in an answer is a collection, rather than a part of one entity."""
    entity_list = find_list(route.output, name)
    if entity_list is None or has_identity(route.output, name) or entity_list.score < 1:
        return False
    if _is_named_after(entity_list, name) or is_plural(route.steps[-1].text):
        return True
    # GET /cart with its items is one cart, unless it is read page by page or things are posted
    # to it.
    return route.template in posted or paging(route.arguments.properties).style != "none"


def _is_named_after(entity_list: EntityList, name: str) -> bool:
    """Whether the list is the body itself or has the resource's noun for its name."""
    if not entity_list.pointer:
        return True
    last = entity_list.pointer.split("/")[-1]
    return squash(last) in {squash(name), squash(nouns(name))}


def _has_keys_below(template: Template, groups: Mapping[Template, Group]) -> bool:
    size = len(template)
    return any(
        len(other) > size and other[:size] == template and other[size] == "{}" for other in groups
    )
