"""Second thoughts about roles, once every tool of an API has been looked at by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inftool.language.identifiers import bag, split
from inftool.world.lexicon.lifecycle import is_action
from inftool.world.resources.candidates import Grouping
from inftool.world.resources.routes import Route, find_list, find_one, has_identity, path_argument
from inftool.world.resources.spoken_names import alike, collection_of, owner

if TYPE_CHECKING:
    from inftool.world.resources.candidates import RoleCandidate


def refine_roles(grouping: Grouping, drafts: dict[str, RoleCandidate]) -> None:
    """Second thoughts once every tool has spoken: lookups that only compute, creates that are actions."""
    by_group: dict[int, list[tuple[Route, RoleCandidate]]] = {}
    for route in grouping.routes:
        draft = drafts[route.tool.name]
        if draft.group is not None:
            by_group.setdefault(id(draft.group), []).append((route, draft))
    for members in by_group.values():
        kinds = {draft.kind for _, draft in members}
        for route, draft in members:
            asked = [
                name
                for name in route.arguments.required
                if name not in route.path_arguments.values()
            ]
            if draft.kind == "singleton_get" and asked and not draft.of_caller:
                draft.kind, draft.fallback = (
                    "compute",
                    "what it shows depends on its arguments",
                )
            if draft.kind == "search" and kinds == {"search"} and asked:
                draft.kind, draft.fallback = (
                    "compute",
                    "a search of things that nothing else shows",
                )
            if (
                route.tool.method.lower() == "put"
                and draft.kind in {"patch", "replace"}
                and draft.target
            ):
                statuses = {answer.status for answer in route.tool.responses}
                draft.upsert = "201" in statuses or (
                    "create" not in kinds and "404" not in statuses
                )
            if (
                draft.kind == "get"
                and not kinds & bag("list search create patch replace delete action")
                and draft.target
                and not _keylike(draft.target)
            ):
                draft.kind, draft.fallback = (
                    "compute",
                    f"the only tool of its kind, and {draft.target!r} is no key",
                )
            if (
                draft.kind == "create"
                and draft.group is not None
                and not (kinds & {"list", "search", "get", "delete", "patch", "replace"})
            ):
                place = owner(route)
                shape = find_one(route.out, draft.group.name)[1]
                if place >= 0 and place == len(route.steps) - 2:
                    above = grouping.home[collection_of(route.steps, place)]
                    if (
                        above.best is not None
                        and len(shape.properties) > 2
                        and (
                            alike(shape, above.best) == 1.0
                            or (shape.name and shape.name == above.best.name)
                        )
                        and above is not draft.group
                    ):
                        draft.kind, draft.group, draft.target = (
                            "action",
                            above,
                            path_argument(route, place),
                        )
                        continue
                if find_list(route.out, "") is not None and not has_identity(
                    shape, draft.group.name
                ):
                    draft.kind, draft.fallback = (
                        ("compute" if route.tool.effect == "read" else "action"),
                        "what it makes cannot be read back, and the answer is a list of something else",
                    )
                    draft.group = None
                    continue
            if (
                draft.kind == "create"
                and draft.group is not None
                and not (kinds & {"list", "search", "get", "delete", "patch", "replace"})
            ):
                place = owner(route)
                last = route.steps[-1].text if route.steps else ""
                if place >= 0 and place == len(route.steps) - 2 and is_action(last):
                    above = grouping.home[collection_of(route.steps, place)]
                    shape = find_one(route.out, above.name)[1]
                    if not has_identity(shape, draft.group.name) or alike(shape, above.best) >= 0.6:
                        draft.kind, draft.group, draft.target = (
                            "action",
                            above,
                            path_argument(route, place),
                        )


def _keylike(name: str) -> bool:
    words = split(name)
    return bool(words) and words[-1] in bag(
        "id uuid key sid code number ref reference slug guid username name no token identifier handle isbn symbol vin"
    )
