"""A conversation taken apart: who said what in which turn, which calls were made, what they
answered."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from inftool.core.types import JsonObject
from inftool.verification.strict_json import json_or_text

# The members of a refusal as the simulated worlds word it; data has others.
_REFUSAL_MEMBERS = frozenset(("status", "error", "headers"))

# A result that is no JSON reports an error in its first words ("Error executing tool ..."). Further
# on, the word may belong to the data.
_ERROR_PREFIX = 80


class Call(NamedTuple):
    """One call of a tool."""

    id: str
    """Unique in the conversation."""

    name: str
    """The name of the tool."""

    arguments: JsonObject
    """The arguments, read."""

    message: int
    """The index of the message that holds the call."""

    position: int
    """The place of the call in that message."""

    turn: int
    """How many messages of the user stand before it, less one: the first turn is 0."""

    result: str | None = None
    """The text that answered the call, if any."""

    @property
    def pointer(self) -> str:
        """Where the call stands in the trajectory's line."""
        return f"/messages/{self.message}/tool_calls/{self.position}"

    def answer(self) -> object:
        """The result as JSON, or as text if it is not JSON; shared, so read only."""
        return json_or_text(self.result) if self.result else None

    def status(self) -> int:
        """The HTTP status that the result shows.

        200 if it shows none, and 400 if it is not JSON and begins by saying that there was an
        error, as the SDKs of MCP do.
        """
        if self.result is None or "error" not in self.result.casefold():
            return 200
        answer = self.answer()
        if isinstance(answer, dict):
            status = answer.get("status")
            if "error" in answer and answer.keys() <= _REFUSAL_MEMBERS and isinstance(status, int):
                return int(status)
            return 400 if answer.keys() == {"error"} else 200
        reports_error = "error" in self.result[:_ERROR_PREFIX].casefold()
        return 400 if isinstance(answer, str) and reports_error else 200


class Conversation(NamedTuple):
    """What the gates look at."""

    calls: tuple[Call, ...]
    """The calls that could be read, in order."""

    user: tuple[str, ...]
    """What the user said: `user[n]` opens turn n."""

    said: tuple[tuple[tuple[int, str], ...], ...]
    """What the assistant said in each turn, each text with the index of its message."""

    instructions: str = ""
    """The texts of the system and the developer."""

    broken: tuple[Call, ...] = ()
    """The calls whose arguments cannot be read; they are not among `calls`."""

    def closing(self, turn: int) -> str:
        """The assistant's last words in a turn."""
        return self.said[turn][-1][1] if self.said[turn] else ""

    def without(self, call_ids: Collection[str]) -> Conversation:
        """The same conversation without some calls."""
        if not call_ids:
            return self
        return self._replace(calls=tuple(call for call in self.calls if call.id not in call_ids))
