"""Infers the resources of an API and the role of each of its tools."""

from __future__ import annotations

from inftool.core.identity_cache import IdentityCache
from inftool.core.tools import Api
from inftool.world.resources.grouping.grouping import group_tools
from inftool.world.resources.models import ResourceMap, Role
from inftool.world.resources.roles.assignment import assign_roles
from inftool.world.resources.satisfiability import Contract, contracts, satisfiable_api

# More APIs than a run has; an inference takes milliseconds, and a map is as large as its API.
_CACHE: IdentityCache[Api, ResourceMap] = IdentityCache(256)


def infer_resources(api: Api) -> ResourceMap:
    """What the tools of an API read and write.

    The same content gives the same map. A tool of which nothing is understood gets the role
    `compute` and a reason in `fallback`.
    """
    api = satisfiable_api(api)
    cached = _CACHE.get(api)
    if cached is not None:
        return cached
    # Groups first: what a tool does can only be told beside the other tools of its entity.
    resources = assign_roles(api, group_tools(api))
    by_tool = contracts(api)
    if by_tool:
        roles = {
            name: _with_contract(role, by_tool[name]) if name in by_tool else role
            for name, role in resources.roles.items()
        }
        resources = resources.model_copy(update={"roles": roles})
    return _CACHE.put(api, resources)


def _with_contract(role: Role, contract: Contract) -> Role:
    response = role.response.model_copy(update={"contract": contract})
    return role.model_copy(update={"response": response})
