"""A running MCP server (a command or a URL) -> an Api, through its `tools/list`."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inftool.core.errors import SpecError
from inftool.core.tools import Api
from inftool.specs.documents.document import Document
from inftool.specs.documents.files import DocumentFiles
from inftool.specs.documents.library import Library
from inftool.specs.documents.node import Node
from inftool.specs.losses import LossLog
from inftool.specs.options import CompileOptions
from inftool.specs.tool_lists.functions import compile_functions, find_functions

if TYPE_CHECKING:
    from fastmcp.client.transports import ClientTransport


async def compile_server(
    target: str | Sequence[str] | Any,
    *,
    wait: float = 30.0,
    max_schema_bytes: int = 16_384,
    closed: bool = True,
) -> Api:
    """The Api of a live MCP server: an http(s) URL, a command line, a list of its words, or an in-process FastMCP server.

    Raises SpecError when the server does not answer within `wait` seconds or does not speak MCP.
    """
    from fastmcp import Client
    from fastmcp.exceptions import FastMCPError
    from mcp.shared.exceptions import MCPError

    shown = (
        target
        if isinstance(target, str)
        else shlex.join(target)
        if isinstance(target, (list, tuple))
        else str(getattr(target, "name", "server"))
    )
    try:
        async with asyncio.timeout(wait):
            async with Client(_transport(target)) as client:
                listed = await client.list_tools()
                shown = client.server_info.name if client.server_info is not None else shown
    except TimeoutError as error:
        raise SpecError(f"{shown} did not list its tools within {wait:g} seconds") from error
    except (OSError, RuntimeError, ValueError, FastMCPError, MCPError, ExceptionGroup) as error:
        detail = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise SpecError(
            f"{shown} cannot be asked for its tools: {detail}",
            hint="Give an http(s) URL of an MCP server, or the command that starts one.",
        ) from error
    data = {
        "tools": [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in listed]
    }
    return compile_listing(data, shown, max_schema_bytes=max_schema_bytes, closed=closed)


def compile_listing(
    data: dict[str, Any], name: str, *, max_schema_bytes: int = 16_384, closed: bool = True
) -> Api:
    """The Api of a `tools/list` answer that is already in memory. Raises SpecError when it lists no tools."""
    document = Document(name, data)
    root = Node(document, "", data)
    functions = find_functions(root)
    if functions is None:
        raise SpecError(f"{name} lists no tools")
    loss_log = LossLog()
    library = Library(DocumentFiles(Path(), loss_log), loss_log)
    return compile_functions(
        document, library, CompileOptions(max_schema_bytes, closed), functions, title=name
    )


def _transport(target: str | Sequence[str] | Any) -> ClientTransport | Any:
    from fastmcp.client.transports import StdioTransport, StreamableHttpTransport

    if isinstance(target, str) and target.startswith(("http://", "https://")):
        return StreamableHttpTransport(target)
    if isinstance(target, (str, list, tuple)):
        words = shlex.split(target) if isinstance(target, str) else [str(word) for word in target]
        if not words:
            raise SpecError("the command of an MCP server is empty")
        return StdioTransport(words[0], words[1:])
    return target
