"""The cast: role cards, personas, agentchat agents, and the model clients that play them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inftool.agents.assistant import ToolAssistant as ToolAssistant
    from inftool.agents.cast import Cast as Cast
    from inftool.agents.cast import CastSettings as CastSettings
    from inftool.agents.cast import Endpoint as Endpoint
    from inftool.agents.user import UserSimulator as UserSimulator
    from inftool.agents.workbench import McpWorkbench as McpWorkbench

__all__ = ["Cast", "CastSettings", "Endpoint", "McpWorkbench", "ToolAssistant", "UserSimulator"]

_HOMES = {
    "Cast": "cast",
    "CastSettings": "cast",
    "Endpoint": "cast",
    "McpWorkbench": "workbench",
    "ToolAssistant": "assistant",
    "UserSimulator": "user",
}


def __getattr__(name: str) -> Any:
    # AutoGen and fastmcp take most of a second to import: only who plays pays for it.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"inftool.agents.{_HOMES[name]}"), name)
