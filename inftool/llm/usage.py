"""Tokens and money: counted a request, a play and role, and a run, with caps on the whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from inftool.core.trajectories import Usage
from inftool.core.types import JsonObject, Record
from inftool.llm.config import Endpoint


class Tally:
    """What one role spent in one play, wasted tries included; `cached` replies cost nothing."""

    __slots__ = ("cached", "calls", "completion_tokens", "prompt_tokens", "retries")

    def __init__(self) -> None:
        self.calls = self.prompt_tokens = self.completion_tokens = self.retries = self.cached = 0

    def spent(self, prompt_tokens: int, completion_tokens: int) -> None:
        """Count one answered call."""
        self.calls += 1
        self.prompt_tokens += prompt_tokens
        self.completion_tokens += completion_tokens

    def wasted(self, spent: tuple[int, int]) -> None:
        """Count the tokens of a reply that was of no use."""
        self.prompt_tokens += spent[0]
        self.completion_tokens += spent[1]

    def told(self, endpoint: Endpoint) -> str:
        """The counts in words."""
        tokens = self.prompt_tokens + self.completion_tokens
        return f"{self.calls} calls, {tokens} tokens, cost {endpoint.cost(self.prompt_tokens, self.completion_tokens):.4g}"

    def as_dict(self) -> Usage:
        """The counts for the record; what never happened is left out."""
        counts: Usage = {
            "calls": self.calls,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
        }
        if self.retries:
            counts["retries"] = self.retries
        if self.cached:
            counts["cached"] = self.cached
        return counts


class Caps(Record):
    """Where a run stops by itself: money, tokens, seconds; None is no cap."""

    cost: float | None = None
    tokens: int | None = None
    seconds: float | None = None

    def reached(self, *, cost: float, tokens: int, seconds: float) -> str | None:
        """Which cap has been reached, in words."""
        if self.cost is not None and cost >= self.cost:
            return f"--max-cost {self.cost:g} is reached: {cost:.4g} spent or under way"
        if self.tokens is not None and tokens >= self.tokens:
            return f"--max-tokens {self.tokens} is reached: {tokens} used or under way"
        if self.seconds is not None and seconds >= self.seconds:
            return f"--max-time {self.seconds:g} is reached"
        return None


_FIELDS: tuple[Literal["calls", "prompt_tokens", "completion_tokens", "retries", "cached"], ...] = (
    "calls",
    "prompt_tokens",
    "completion_tokens",
    "retries",
    "cached",
)


def tokens_of(usage: Usage) -> int:
    """The tokens of one role, sent and received."""
    return usage.get("prompt_tokens", 0) + usage.get("completion_tokens", 0)


def add_usage(total: dict[str, Usage], more: Mapping[str, Usage]) -> None:
    """Add counts by role to a total, in place; a role or a count that it lacks is added to it."""
    for role, counts in more.items():
        sums = total.setdefault(role, {})
        for name in _FIELDS:
            if name in counts:
                sums[name] = sums.get(name, 0) + counts[name]


def cost_of(usage: Mapping[str, Usage], endpoints: Mapping[str, Endpoint]) -> dict[str, float]:
    """Money a role, for the roles whose endpoints are known."""
    return {
        role: endpoints[role].cost(
            counts.get("prompt_tokens", 0), counts.get("completion_tokens", 0)
        )
        for role, counts in usage.items()
        if role in endpoints
    }


def bill(usage: Mapping[str, Usage], endpoints: Mapping[str, Endpoint], kept: int) -> JsonObject:
    """What a run cost: the whole, a role, and a kept trajectory (None where nothing was kept)."""
    roles = cost_of(usage, endpoints)
    whole = sum(roles.values())
    tokens = sum(map(tokens_of, usage.values()))
    return {
        "total": round(whole, 6),
        "roles": {role: round(money, 6) for role, money in roles.items()},
        "per_kept": round(whole / kept, 6) if kept else None,
        "tokens": tokens,
        "tokens_per_kept": round(tokens / kept, 1) if kept else None,
    }
