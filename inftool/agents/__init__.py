"""The cast: role cards, personas, agents, and the model clients behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inftool.core.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from inftool.agents.cast import Cast as Cast
    from inftool.agents.cast import CastSettings as CastSettings
    from inftool.agents.cast import Endpoint as Endpoint
    from inftool.agents.tool_assistant import ToolAssistant as ToolAssistant
    from inftool.agents.user_simulator import UserSimulator as UserSimulator
    from inftool.agents.workbench import McpWorkbench as McpWorkbench

__all__ = ["Cast", "CastSettings", "Endpoint", "McpWorkbench", "ToolAssistant", "UserSimulator"]

__getattr__ = lazy_exports(
    __name__,
    {
        "Cast": "inftool.agents.cast",
        "CastSettings": "inftool.agents.cast",
        "Endpoint": "inftool.agents.cast",
        "McpWorkbench": "inftool.agents.workbench",
        "ToolAssistant": "inftool.agents.tool_assistant",
        "UserSimulator": "inftool.agents.user_simulator",
    },
)
