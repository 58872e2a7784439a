"""Lists of functions become the same tools: OpenAI, Anthropic, BFCL, MCP, on disk and live."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from fastmcp import FastMCP

from inftool.core.errors import SpecError
from inftool.core.tools import Api
from inftool.specs import compile_document, compile_specs, violations
from inftool.specs.tool_lists.mcp import compile_server
from tests.specs.test_compiler import codes

PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "unit": {"$ref": "#/$defs/Unit"}},
    "required": ["city"],
    "$defs": {"Unit": {"enum": ["c", "f"]}},
}
WEATHER = {"name": "get_weather", "description": "The weather of a city.", "parameters": PARAMETERS}
MCP = {
    "name": "find_thing",
    "description": "Find it.",
    "inputSchema": {"type": "object", "properties": {"q": {"type": "string"}}},
    "annotations": {"readOnlyHint": True},
}


def compiled(tmp_path: Path, content: Any, name: str = "functions.json") -> Api:
    path = tmp_path / name
    path.write_text(
        content if isinstance(content, str) else json.dumps(content, indent=1), encoding="utf-8"
    )
    return compile_document(path, cache=False)


@pytest.mark.parametrize(
    ("content", "kind", "names"),
    [
        ([{"type": "function", "function": WEATHER}], "openai functions", ["get_weather"]),
        ([{"type": "function", **WEATHER}], "openai functions", ["get_weather"]),
        ([WEATHER], "openai functions", ["get_weather"]),
        (WEATHER, "openai functions", ["get_weather"]),
        (
            {"tools": [{"type": "function", "function": WEATHER}]},
            "openai functions",
            ["get_weather"],
        ),
        ({"functions": [WEATHER]}, "openai functions", ["get_weather"]),
        ([{"name": "get_weather", "input_schema": PARAMETERS}], "anthropic tools", ["get_weather"]),
        ({"tools": [MCP]}, "mcp tools", ["find_thing"]),
        (
            {
                "jsonrpc": "2.0",
                "id": 1,
                "result": {"tools": [MCP, {"name": "nothing", "inputSchema": {"type": "object"}}]},
            },
            "mcp tools",
            ["find_thing", "nothing"],
        ),
        (
            [{**WEATHER, "parameters": {**PARAMETERS, "type": "dict"}}],
            "bfcl functions",
            ["get_weather"],
        ),
    ],
)
def test_every_layout_is_read(tmp_path: Path, content: Any, kind: str, names: list[str]) -> None:
    api = compiled(tmp_path, content)
    assert (api.format, [tool.name for tool in api.tools], api.operations) == (
        kind,
        names,
        len(names),
    )
    tool = api.tools[0]
    assert (tool.method, tool.path, tool.effect) == ("", "", "read")
    assert violations(
        tool,
        {"city": "Rome", "unit": "k"} if "city" in tool.input_schema["properties"] else {"q": 1},
    )
    assert violations(tool, {"other": 1})[0].code == "unknown_argument"
    assert tool.origin.line


def test_bfcl_lines_are_one_list(tmp_path: Path) -> None:
    def question(number: int, *functions: Any) -> str:
        return json.dumps(
            {
                "id": f"q{number}",
                "question": [[{"role": "user", "content": "?"}]],
                "function": list(functions),
            }
        )

    first = {
        "name": "math.factorial",
        "description": "n!",
        "parameters": {
            "type": "dict",
            "properties": {
                "n": {"type": "integer"},
                "t": {"type": "tuple", "items": {"type": "float"}},
            },
            "required": ["n"],
        },
    }
    other = {
        "name": "math_factorial",
        "description": "n!",
        "parameters": {"type": "dict", "properties": {"m": {"type": "any"}}},
    }
    api = compiled(tmp_path, "\n".join([question(1, first), question(2, first, other)]) + "\n")
    assert api.operations == len(api.tools) == 2
    assert {tool.operation for tool in api.tools} == {"math.factorial", "math_factorial"}
    assert (
        next(tool.name for tool in api.tools if tool.operation == "math_factorial")
        == "math_factorial"
    )
    assert api.tools[0].input_schema["properties"]["t"] == {
        "type": "array",
        "items": {"type": "number"},
    }
    assert [tool.origin.line for tool in api.tools] == [1, 2]
    assert all(loss.level == "info" for loss in api.losses)
    again = compiled(tmp_path, "\n".join([question(2, other, first)]))
    assert {tool.operation: tool.name for tool in again.tools} == {
        tool.operation: tool.name for tool in api.tools
    }


def test_a_broken_function_costs_itself(tmp_path: Path) -> None:
    api = compiled(
        tmp_path,
        [
            WEATHER,
            {"type": "function", "function": {"name": "bad", "parameters": {"type": "array"}}},
            {
                "type": "function",
                "function": {"name": "odd name!", "parameters": None, "description": "x"},
            },
        ],
    )
    assert [tool.name for tool in api.tools] == ["get_weather", "odd_name"]
    assert (api.operations, codes(api)) == (3, {"bad_operation", "renamed_tool"})


def test_lists_are_found_in_folders(tmp_path: Path) -> None:
    compiled(tmp_path, {"tools": [MCP]})
    (tmp_path / "package.json").write_text(
        '{"name": "x", "version": "1", "dependencies": {}}', encoding="utf-8"
    )
    (tmp_path / "messages.json").write_text(
        '[{"role": "user", "name": "x", "content": "parameters:"}]', encoding="utf-8"
    )
    assert [api.format for api in compile_specs([tmp_path], cache=False)] == ["mcp tools"]


def server() -> FastMCP[Any]:
    found: FastMCP[Any] = FastMCP("Shop")

    @found.tool(annotations={"readOnlyHint": True})
    def look_up(name: str, most: int = 3) -> dict[str, int]:
        """Look something up."""
        return {name: most}

    @found.tool
    def drop_order(order: str) -> str:
        """Drop an order."""
        return order

    return found


async def test_a_server_in_this_process_is_asked() -> None:
    api = await compile_server(server())
    assert (api.name, api.format) == ("shop", "mcp tools")
    assert [(tool.name, tool.effect) for tool in api.tools] == [
        ("look_up", "read"),
        ("drop_order", "delete"),
    ]
    assert violations(api.tools[0], {"name": "x", "most": "y"})[0].code == "wrong_type"


async def test_a_server_behind_a_command_is_asked(tmp_path: Path) -> None:
    script = tmp_path / "server.py"
    script.write_text(
        "from fastmcp import FastMCP\n"
        "m = FastMCP('Far')\n\n"
        "@m.tool\n"
        "def get_it(x: int) -> int:\n"
        "    return x\n\n"
        "m.run(show_banner=False)\n",
        encoding="utf-8",
    )
    api = await compile_server([sys.executable, str(script)], wait=9)
    assert [(tool.name, tool.effect) for tool in api.tools] == [("get_it", "read")]


@pytest.mark.parametrize("target", ["/no/such/command", "http://127.0.0.1:9/mcp", ""])
async def test_a_server_that_is_not_there_is_a_clear_error(target: str) -> None:
    with pytest.raises(SpecError):
        await compile_server(target, wait=5)
