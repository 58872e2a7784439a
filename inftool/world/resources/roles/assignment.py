"""Makes resources of groups, and gives every tool its role."""

from __future__ import annotations

from collections.abc import Mapping

from inftool.core.tools import Api
from inftool.language.identifiers import split, squash
from inftool.world.resources.candidates import Group, Grouping, RoleCandidate
from inftool.world.resources.models import Resource, ResourceMap
from inftool.world.resources.own_keys import drop_references_of_own_keys
from inftool.world.resources.references import find_references
from inftool.world.resources.resource_builder import build_resource
from inftool.world.resources.roles.by_name import candidate_by_name
from inftool.world.resources.roles.by_path import candidate_by_path
from inftool.world.resources.roles.details import complete_role
from inftool.world.resources.roles.refinement import refine_roles
from inftool.world.resources.routes.paths import collection_of
from inftool.world.resources.routes.tool_names import is_read_by_name
from inftool.world.resources.word_sets import WORDS
from inftool.world.schema.shape import Shape

Candidates = Mapping[str, RoleCandidate]
"""Name of a tool -> its candidate."""


def assign_roles(api: Api, grouping: Grouping) -> ResourceMap:
    """Resources and roles for every tool of an API."""
    candidates = {
        route.tool.name: (
            candidate_by_name(route, grouping)
            if is_read_by_name(route)
            else candidate_by_path(route, grouping)
        )
        for route in grouping.routes
    }
    # Before resources are built, since a group that no tool is left in becomes no resource.
    refine_roles(grouping, candidates)
    resources = _build_resources(grouping, candidates)
    roles = {
        route.tool.name: complete_role(route, candidates[route.tool.name], grouping, resources)
        for route in grouping.routes
    }
    return ResourceMap(api=api.name, resources=resources, roles=roles)


def _build_resources(grouping: Grouping, candidates: Candidates) -> dict[str, Resource]:
    """The resources of all groups that some tool is about, with their references."""
    resources: dict[str, Resource] = {}
    used = _used_groups(grouping, candidates)
    for group in grouping.groups:
        if id(group) in used:
            parents = (grouping.group_of[template] for template in group.parents)
            names = dict.fromkeys(parent.name for parent in parents if parent is not group)
            resources[group.name] = build_resource(group, tuple(names))
    references = {
        name: find_references(Shape.of(resource.entity), resources, owner=name)
        for name, resource in resources.items()
    }
    drop_references_of_own_keys(resources, references)
    for name, resource in list(resources.items()):
        # One key in several places (a book's in the inventory of each shop) is several entities.
        is_borrowed = f"/{resource.identifier}" in references[name]
        resources[name] = resource.model_copy(
            update={
                "references": references[name],
                "natural": resource.natural and not is_borrowed,
                "unique": _unique_properties(name, grouping, candidates, resource),
            }
        )
    return resources


def _used_groups(grouping: Grouping, candidates: Candidates) -> set[int]:
    """The ids of the groups that a tool is about, or that a path leads through."""
    used: list[Group] = [
        candidate.group for candidate in candidates.values() if candidate.group is not None
    ]
    for route in grouping.routes:
        used += [
            grouping.group_of[collection_of(route.steps, index)]
            for index, step in enumerate(route.steps)
            if step.is_key
        ]
        group = grouping.group_of.get(route.template)
        if group is not None and group.inside is not None:
            used.append(grouping.group_of[group.inside.template])
    return {id(group) for group in used}


def _unique_properties(
    name: str, grouping: Grouping, candidates: Candidates, resource: Resource
) -> tuple[str, ...]:
    """The properties that the conflict of a create says are taken: `email` of "Email in use"."""
    unique: dict[str, None] = {}
    entity = Shape.of(resource.entity).properties
    for route in grouping.routes:
        candidate = candidates[route.tool.name]
        if candidate.kind != "create" or candidate.group is None or candidate.group.name != name:
            continue
        # RFC 9110, section 15.5.10: a conflict with the state, here with another entity's value.
        conflicts = [
            response.description for response in route.tool.responses if response.status == "409"
        ]
        if not conflicts:
            continue
        text = " ".join((*conflicts, route.tool.description)).lower()
        words = frozenset(split(text.replace("-", " ")))
        for prop in resource.writable:
            if prop in entity and _is_named_key(prop, words):
                unique[prop] = None
    return tuple(unique)


def _is_named_key(prop: str, words: frozenset[str]) -> bool:
    """Whether a text names a property of which no two entities have the same value."""
    prop_words = split(prop)
    if not prop_words or prop_words[-1] not in WORDS["unique_properties"]:
        return False
    return words.issuperset(prop_words) or squash(prop) in words
