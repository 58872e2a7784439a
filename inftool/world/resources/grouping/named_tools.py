"""Adds the tools that are understood by their names to the groups of their nouns."""

from __future__ import annotations

from inftool.language.identifiers import noun, squash
from inftool.world.resources.candidates import Group, WeightedView
from inftool.world.resources.grouping.views import (
    CREATE_WEIGHT,
    READ_WEIGHT,
    UNSURE_WEIGHT,
    WRITE_WEIGHT,
    add_list_view,
)
from inftool.world.resources.routes.responses import find_entity, find_list, has_identity
from inftool.world.resources.routes.route import Route
from inftool.world.resources.routes.tool_names import (
    names_existing_entity,
    noun_from_name,
    verb_from_name,
)
from inftool.world.resources.word_sets import WORDS

_VIEW_WEIGHTS = {
    "get": READ_WEIGHT,
    "create": CREATE_WEIGHT,
    "patch": WRITE_WEIGHT,
    "replace": WRITE_WEIGHT,
}
_FAMILIES = frozenset({"list", "search", "delete", *_VIEW_WEIGHTS})


def add_named_tool(route: Route, groups: list[Group], by_noun: dict[str, Group]) -> None:
    """Add a tool to the group of the noun in its name, a new one if its verb is a usual one."""
    name, family = noun_from_name(route), verb_from_name(route)
    if not name or (family == "create" and names_existing_entity(route, name)):
        return
    group = by_noun.get(squash(name))
    if group is None:
        if family not in _FAMILIES:
            # `ping_server` does not make servers a resource.
            return
        group = by_noun[squash(name)] = Group(name=name)
        groups.append(group)
    if family in {"list", "search"}:
        add_list_view(route, group)
    elif family in _VIEW_WEIGHTS:
        _add_entity_view(route, group, family, name)
    if family in {"get", "patch", "replace", "delete"}:
        keys = {f"{squash(name)}{suffix}" for suffix in WORDS["short_key_suffixes"]}
        group.key_parameters += [
            (argument, shape)
            for argument, shape in route.arguments.properties.items()
            if squash(argument) in keys
        ]
    if family in {"create", "patch", "replace"}:
        group.inputs.append(route.arguments)


def _add_entity_view(route: Route, group: Group, family: str, name: str) -> None:
    pointer, shape = find_entity(route.output, name)
    if shape.name and pointer:
        # The schema under `{"data": {...}}` bears the entity's name, that of the body would not.
        group.aliases.add(noun(shape.name))
    is_sure = has_identity(shape, name)
    if shape.properties and (is_sure or find_list(route.output, name) is None):
        weight = _VIEW_WEIGHTS[family] if is_sure else UNSURE_WEIGHT
        group.views.append(WeightedView(weight, shape))
