"""Merges groups that are about the same entities, and makes the names of the rest unique."""

from __future__ import annotations

from inftool.language.identifiers import squash
from inftool.world.resources.candidates import Group
from inftool.world.resources.routes.paths import Template, parameter_noun
from inftool.world.resources.routes.responses import has_identity, similarity

# Two collections of one noun are the same entities unless their views share too little: the items
# of an order and those of a menu.
_SAME_NOUN_SIMILARITY = 0.6
# The caller's own entity (`/me`) is one of a collection of another noun only if it looks like it.
_CALLER_SIMILARITY = 0.8


def merge_groups(group_of: dict[Template, Group]) -> list[Group]:
    """The groups without duplicates, under unique names; `group_of` is brought up to date.

    Collections that are nearer to the root come first and keep their groups.
    """
    groups: list[Group] = []
    for template in sorted(group_of, key=_distance):
        group = group_of[template]
        if group.inside is not None:
            continue
        same = next((other for other in groups if _is_same(template, group, other)), None)
        if same is None:
            groups.append(group)
            continue
        # The name of the first one stays; the views decide later which schema is the base.
        same.templates += group.templates
        same.views += group.views
        same.inputs += group.inputs
        same.parents += group.parents
        same.key_parameters += group.key_parameters
        group_of[template] = same
    _merge_steps_between(groups, group_of)
    _make_names_unique(groups, group_of)
    return groups


def _distance(template: Template) -> tuple[int, int, Template]:
    """How far a collection is from the root: the keys on the way first."""
    return template.count("{}"), len(template), template


def _is_same(template: Template, group: Group, other: Group) -> bool:
    """Whether a collection holds the entities of a group that is there already."""
    if other.singleton != group.singleton:
        return False
    view, other_view = group.fullest_view, other.fullest_view
    if squash(other.name) == squash(group.name):
        unknown = view is None or other_view is None
        if unknown or similarity(view, other_view) >= _SAME_NOUN_SIMILARITY:
            return True
    is_only_key = not group.views and not group.singleton and template[-1].startswith("~")
    if is_only_key and other_view is not None:
        # `/{fromAccount}/transfers` picks an account.
        return squash(group.name).endswith(squash(other.name))
    is_caller = template[-1] in {"~me", "~self", "~current"}
    if is_caller and similarity(view, other_view) >= _CALLER_SIMILARITY:
        return True
    if group.singleton or view is None or other_view is None:
        return False
    # One schema for both, and not that of an envelope.
    return bool(view.name) and view.name == other_view.name and has_identity(view, group.name)


def _merge_steps_between(groups: list[Group], group_of: dict[Template, Group]) -> None:
    """Merge collections that are only a step of other paths into the group of their key.

    `/link/{messagingServiceSid}/domain` picks a messaging service; no tool is about links.
    """
    for group in list(groups):
        if group.views or group.inputs:
            continue
        nouns = [
            squash(parameter_noun(parameter))
            for parameter, _ in group.key_parameters
            if parameter_noun(parameter)
        ] or [squash(group.name)]
        matches = [
            other
            for other in groups
            if other is not group
            and other.views
            and not other.singleton
            and any(noun.endswith(squash(other.name)) for noun in nouns)
        ]
        # Of two that fit, neither is sure; the step stays a virtual resource.
        if len(matches) != 1:
            continue
        match = matches[0]
        match.key_parameters += group.key_parameters
        groups.remove(group)
        for template, other in group_of.items():
            if other is group:
                group_of[template] = match
                match.templates.append(template)


def _make_names_unique(groups: list[Group], group_of: dict[Template, Group]) -> None:
    """Rename all but one of the groups with the same name.

    The one that most tools are about keeps it. Another gets its parent's noun in front, else the
    word before it on the path, and at last a number: `line`, `invoice line`, `invoice line 2`.
    """
    taken: set[str] = set()
    for group in sorted(groups, key=lambda group: -len(group.views) - len(group.inputs)):
        if squash(group.name) in taken:
            group.name = _longer_name(group, group_of)
        base, number = group.name, 2
        while squash(group.name) in taken:
            group.name = f"{base} {number}"
            number += 1
        taken.add(squash(group.name))


def _longer_name(group: Group, group_of: dict[Template, Group]) -> str:
    for template in group.parents:
        parent = group_of.get(template)
        if parent is not None and parent is not group and parent.views and parent.name:
            return f"{parent.name} {group.name}"
    static = [mark for mark in group.templates[0] if mark != "{}"]
    return f"{static[-2]} {group.name}" if len(static) > 1 else f"{group.name} record"
