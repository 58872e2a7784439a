"""A running MCP server (a command or a URL) -> an Api, through its `tools/list`."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from inftool.core.errors import SpecError
from inftool.core.tools import Api
from inftool.specs.documents.document import Document
from inftool.specs.documents.files import DocumentFiles
from inftool.specs.documents.library import Library
from inftool.specs.documents.node import Node
from inftool.specs.losses import LossLog
from inftool.specs.options import MAX_SCHEMA_BYTES, CompileOptions
from inftool.specs.tool_lists.detection import find_functions
from inftool.specs.tool_lists.functions import compile_functions

if TYPE_CHECKING:
    from fastmcp import FastMCP
    from fastmcp.client.transports import ClientTransport

# A server that is started with `npx` or `uvx` may have to be downloaded first.
_WAIT_SECONDS = 30.0


async def compile_server(
    target: str | Sequence[str] | FastMCP[object],
    *,
    wait: float = _WAIT_SECONDS,
    max_schema_bytes: int = MAX_SCHEMA_BYTES,
    closed: bool = True,
) -> Api:
    """The Api of a live MCP server.

    The target is an http(s) URL, a command line, a list of its words, or a server in this process.
    Raises SpecError if the server does not answer within `wait` seconds or does not speak MCP.
    """
    from fastmcp import Client
    from fastmcp.exceptions import FastMCPError
    from mcp.shared.exceptions import MCPError

    name = _target_name(target)
    try:
        async with asyncio.timeout(wait):
            async with Client(_transport(target)) as client:
                listed = await client.list_tools()
                name = client.server_info.name if client.server_info is not None else name
    except TimeoutError as error:
        raise SpecError(f"{name} did not list its tools within {wait:g} seconds") from error
    # Whatever a server or its transport fails with, the user is told what to check.
    except (OSError, RuntimeError, ValueError, FastMCPError, MCPError, ExceptionGroup) as error:
        detail = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise SpecError(
            f"{name} cannot be asked for its tools: {detail}",
            hint="Give an http(s) URL of an MCP server, or the command that starts one.",
        ) from error
    tools = [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in listed]
    listing: dict[str, object] = {"tools": tools}
    return compile_listing(listing, name, max_schema_bytes=max_schema_bytes, closed=closed)


def compile_listing(
    listing: dict[str, object],
    name: str,
    *,
    max_schema_bytes: int = MAX_SCHEMA_BYTES,
    closed: bool = True,
) -> Api:
    """The Api of an answer to `tools/list`. Raises SpecError if it lists no tools."""
    document = Document(name, listing)
    functions = find_functions(Node(document, "", listing))
    if functions is None:
        raise SpecError(f"{name} lists no tools")
    loss_log = LossLog()
    library = Library(DocumentFiles(Path(), loss_log), loss_log)
    options = CompileOptions(max_schema_bytes, closed)
    return compile_functions(document, library, options, functions, title=name)


def _target_name(target: str | Sequence[str] | FastMCP[object]) -> str:
    """What a server is called in errors until it has said its name."""
    if isinstance(target, str):
        return target
    if isinstance(target, Sequence):
        return shlex.join(target)
    return str(getattr(target, "name", "server"))


def _transport(
    target: str | Sequence[str] | FastMCP[object],
) -> ClientTransport | FastMCP[object]:
    from fastmcp.client.transports import StdioTransport, StreamableHttpTransport

    if isinstance(target, str) and target.startswith(("http://", "https://")):
        return StreamableHttpTransport(target)
    # The words of a command line; a text was handled above if it is a URL.
    if isinstance(target, Sequence):
        words = shlex.split(target) if isinstance(target, str) else [str(word) for word in target]
        if not words:
            raise SpecError("the command of an MCP server is empty")
        return StdioTransport(words[0], words[1:])
    return target
