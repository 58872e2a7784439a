"""Collects the forms in which tools show and take the entities of a group."""

from __future__ import annotations

from inftool.world.resources.candidates import Group, WeightedView
from inftool.world.resources.routes.paths import Template, collection_of
from inftool.world.resources.routes.responses import find_entity, find_list, has_identity
from inftool.world.resources.routes.route import Route
from inftool.world.resources.routes.tool_names import is_read_by_name
from inftool.world.schema.shape import Shape

# Only the order counts: the view with the greatest weight is the base of the entity's schema, and
# the others add to it. A read of one entity shows most, a list often a summary, the answer of a
# write sometimes a receipt, and an object without a key may be no entity at all.
READ_WEIGHT = 40
LIST_WEIGHT = 30
CREATE_WEIGHT = 25
WRITE_WEIGHT = 20
UNSURE_WEIGHT = 5

# An answer to a create with no more properties than this, no key and a list of objects is an
# envelope: `{"count": 2, "created": [{...}, {...}]}`.
_ENVELOPE_PROPERTIES = 3


def add_views(route: Route, groups: dict[Template, Group]) -> None:
    """Add what a tool's answer shows, and what its arguments write, to the group of its path."""
    if not route.steps or is_read_by_name(route):
        return
    ends_in_key = route.last_key == len(route.steps) - 1
    if ends_in_key:
        group = groups[collection_of(route.steps, route.last_key)]
        shape = find_entity(route.output, group.name).shape
        # A delete may answer with a receipt, and what it deletes is seen elsewhere.
        if shape.properties and route.method != "delete":
            weight = READ_WEIGHT if route.reads else WRITE_WEIGHT
            group.views.append(WeightedView(weight, shape))
        if route.method in {"put", "patch", "post"}:
            group.inputs.append(route.arguments)
    elif route.template in groups:
        group = groups[route.template]
        if group.singleton:
            _add_singleton_view(route, group)
        elif route.reads:
            add_list_view(route, group)
        elif route.method == "post":
            _add_created_view(route, group)


def _add_singleton_view(route: Route, group: Group) -> None:
    shape = find_entity(route.output, group.name).shape
    if shape.properties:
        weight = READ_WEIGHT if route.reads else WRITE_WEIGHT
        group.views.append(WeightedView(weight, shape))
    if not route.reads:
        group.inputs.append(route.arguments)


def add_list_view(route: Route, group: Group) -> None:
    """Add the items of the list in an answer."""
    item = listed_item(route, group.name)
    if item is not None and item.properties:
        group.views.append(WeightedView(LIST_WEIGHT, item))


def _add_created_view(route: Route, group: Group) -> None:
    shape = find_entity(route.output, group.name).shape
    item = listed_item(route, group.name)
    few = len(shape.properties) <= _ENVELOPE_PROPERTIES
    if item is not None and few and not has_identity(shape, group.name):
        shape = item
    if shape.properties:
        weight = CREATE_WEIGHT if has_identity(shape, group.name) else UNSURE_WEIGHT
        group.views.append(WeightedView(weight, shape))
    group.inputs.append(route.arguments)


def listed_item(route: Route, name: str) -> Shape | None:
    """One object of the list in an answer, None if the answer shows no list."""
    entity_list = find_list(route.output, name)
    return entity_list.items.object() if entity_list is not None else None
