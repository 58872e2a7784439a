"""Groups the tools of an API, from its paths first and from names where paths say nothing."""

from __future__ import annotations

from inftool.core.tools import Api
from inftool.language.identifiers import squash
from inftool.world.resources.candidates import Grouping
from inftool.world.resources.grouping.collections import find_collections
from inftool.world.resources.grouping.elements import find_elements
from inftool.world.resources.grouping.merging import merge_groups
from inftool.world.resources.grouping.named_tools import add_named_tool
from inftool.world.resources.grouping.views import add_views
from inftool.world.resources.routes.route import read_route
from inftool.world.resources.routes.tool_names import is_read_by_name


def group_tools(api: Api) -> Grouping:
    """The tools of an API in groups, one for each kind of entity that they are about."""
    routes = [read_route(tool) for tool in sorted(api.tools, key=lambda tool: tool.name)]
    group_of = find_collections(routes)
    for route in routes:
        add_views(route, group_of)
    find_elements(routes, group_of)
    groups = merge_groups(group_of)
    # Of two groups of one noun the first counts, hence the reverse order.
    by_noun = {squash(group.name): group for group in reversed(groups)}
    for route in routes:
        if is_read_by_name(route):
            add_named_tool(route, groups, by_noun)
    return Grouping(routes, groups, group_of, by_noun)
