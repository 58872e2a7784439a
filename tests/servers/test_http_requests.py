"""Arguments into HTTP requests, and back."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest

from inftool.core.tools import Api, Tool
from inftool.servers.http_arguments import to_arguments
from inftool.servers.http_requests import HttpRequest, to_request
from inftool.servers.http_routes import RouteTable
from tests.support.apis import TEXT, WHOLE, api, many, op, thing


def queries() -> Api:
    return api(
        {
            "/a/{id}/b": {
                "get": op(
                    "get",
                    params=(
                        ("id", "path", TEXT),
                        ("tags", "query", many(TEXT)),
                        ("size", "query", WHOLE),
                        ("deep", "query", {"type": "boolean"}),
                        ("X-Trace", "header", TEXT),
                    ),
                ),
                "post": op("post", body=thing("name", name=TEXT), params=(("id", "path", TEXT),)),
            }
        }
    )


def arguments_back(tool: Tool, request: HttpRequest) -> dict[str, Any]:
    match = RouteTable(queries().tools).find(request.method, request.path)
    assert match.tool is not None
    assert match.tool.name == tool.name
    return to_arguments(
        match.tool,
        path={name: unquote(value) for name, value in match.path_values.items()},
        query=request.query,
        headers=request.headers,
        cookies={},
        body=request.body,
    )


@pytest.mark.parametrize("key", ["plain", "a/b", "../..", "..", "ü ?#%", "{id}", "a%2Fb"])
def test_arguments_survive_the_way_through_http(key: str) -> None:
    by_name = {tool.name: tool for tool in queries().tools}
    for name, arguments in (
        ("get", {"tags": ["a", "b"], "size": 3, "deep": True}),
        ("post", {"name": "x&y=z"}),
    ):
        tool = by_name[name]
        named = {parameter.name: parameter.argument for parameter in tool.parameters}
        call = {named["id"]: key, **arguments}
        request = to_request(tool, call)
        assert request.path.count("/") == 3, "an argument is one step of the path"
        assert ".." not in request.path.split("/")
        assert arguments_back(tool, request) == call
