"""Finds collections that are never read by themselves, since their entities lie in other ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inftool.language.identifiers import noun, squash
from inftool.world.resources.candidates import Container, Group
from inftool.world.resources.routes.paths import Template
from inftool.world.resources.routes.responses import similarity
from inftool.world.resources.routes.route import Route
from inftool.world.schema.shape import Shape

# What is posted to a list inside an entity is answered with the entity: schemas of one name, or
# nearly all properties in common, of enough properties for that to be no accident.
_SAME_ENTITY = 0.9
_ENOUGH_PROPERTIES = 3


def find_elements(routes: Sequence[Route], groups: Mapping[Template, Group]) -> None:
    """Set `inside` of the groups whose entities are elements of a list in other entities.

    `POST /carts/{id}/items` that answers with the cart, whose `items` hold what was posted, adds to
    the cart; there is no resource of items.
    """
    for template, group in groups.items():
        owner = _owner(template, groups)
        if owner is None or group.singleton or not group.views:
            continue
        entity = groups[owner].fullest_view
        if entity is None or _is_read(template, routes):
            continue
        if all(_shows(view.shape, entity) for view in group.views):
            prop = _list_property(entity, group.name)
            if prop is not None:
                group.inside = Container(owner, prop)


def _owner(template: Template, groups: Mapping[Template, Group]) -> Template | None:
    """The collection whose entities may hold those of another one: the one right above it."""
    owner: Template = ()
    parent = groups.get(template[:-1]) if len(template) > 1 else None
    if parent is not None and parent.singleton:
        owner = template[:-1]
    elif len(template) > 2 and template[-2] == "{}":
        owner = template[:-2]
    return owner if owner in groups else None


def _is_read(template: Template, routes: Sequence[Route]) -> bool:
    return any(route.reads and route.template in {template, (*template, "{}")} for route in routes)


def _shows(shape: Shape, entity: Shape) -> bool:
    """Whether an answer shows the owner."""
    if shape.name and shape.name == entity.name:
        return True
    is_large = len(shape.properties) > _ENOUGH_PROPERTIES
    return is_large and similarity(shape, entity) >= _SAME_ENTITY


def _list_property(entity: Shape, name: str) -> str | None:
    """The property of an entity that holds a list of some noun: `items` for `cart item`."""
    for prop, sub in entity.properties.items():
        array = sub.array()
        inner = array.items.object() if array is not None and array.items is not None else None
        if inner is None or not inner.properties:
            continue
        is_recursive = bool(inner.name) and inner.name == entity.name
        if not is_recursive and squash(name).endswith(squash(noun(prop))):
            return prop
    return None
