"""Infers the resources of an API and the role of each of its tools."""

from __future__ import annotations

from inftool.core.tools import Api
from inftool.world.resources.models import ResourceMap
from inftool.world.resources.satisfiability import kept, satisfiable_api

_CACHE: dict[tuple[str, str], tuple[Api, ResourceMap]] = {}


def infer_resources(api: Api) -> ResourceMap:
    """What the tools of an API read and write; the same content gives the same map, and unknown shapes end as `compute` with `why`."""
    from inftool.world.resources.grouping import group
    from inftool.world.resources.roles import assign

    api = satisfiable_api(api)
    known = _CACHE.get((api.name, api.sha256))
    if known is not None and known[0] is api:
        return known[1]
    found = assign(api, group(api))
    if marks := kept(api):
        roles = {
            name: role.model_copy(
                update={"response": role.response.model_copy(update={"contract": marks[name]})}
            )
            if name in marks
            else role
            for name, role in found.roles.items()
        }
        found = found.model_copy(update={"roles": roles})
    if len(_CACHE) > 256:
        _CACHE.clear()
    _CACHE[api.name, api.sha256] = (api, found)
    return found
