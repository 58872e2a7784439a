"""Tokens and money: counted for each role of a conversation and for a run, with caps on a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from inftool.core.trajectories import Usage
from inftool.core.types import Record
from inftool.llm.config import Endpoint


class Tally:
    """What one role has spent, failed tries included.

    `calls` are answered requests, `retries` requests sent again, and `cached` replies from the
    response cache, which cost nothing.
    """

    __slots__ = ("cached", "calls", "completion_tokens", "prompt_tokens", "retries")

    def __init__(self) -> None:
        self.calls = self.prompt_tokens = self.completion_tokens = self.retries = self.cached = 0

    def add_call(self, prompt_tokens: int, completion_tokens: int) -> None:
        """Count one answered call."""
        self.calls += 1
        self.prompt_tokens += prompt_tokens
        self.completion_tokens += completion_tokens

    def add_wasted(self, spent: tuple[int, int]) -> None:
        """Count the tokens (sent, received) of an unusable reply."""
        self.prompt_tokens += spent[0]
        self.completion_tokens += spent[1]

    def summary(self, endpoint: Endpoint) -> str:
        """The counts and their cost in words: `"3 calls, 1200 tokens, cost 0.004"`."""
        tokens = self.prompt_tokens + self.completion_tokens
        cost = endpoint.cost(self.prompt_tokens, self.completion_tokens)
        return f"{self.calls} calls, {tokens} tokens, cost {cost:.4g}"

    def as_dict(self) -> Usage:
        """The counts for the record; `retries` and `cached` are left out if they are 0."""
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
    """At what a run stops by itself; None is no cap."""

    cost: float | None = None
    """Money, in the currency of the endpoints' prices."""

    tokens: int | None = None
    """Tokens sent and received, of all roles."""

    seconds: float | None = None
    """Wall-clock time."""

    def reached(self, *, cost: float, tokens: int, seconds: float) -> str | None:
        """Which cap is reached, in words; None if none is."""
        if self.cost is not None and cost >= self.cost:
            return f"--max-cost {self.cost:g} is reached: {cost:.4g} spent or under way"
        if self.tokens is not None and tokens >= self.tokens:
            return f"--max-tokens {self.tokens} is reached: {tokens} used or under way"
        if self.seconds is not None and seconds >= self.seconds:
            return f"--max-time {self.seconds:g} is reached"
        return None


_COUNTS: tuple[Literal["calls", "prompt_tokens", "completion_tokens", "retries", "cached"], ...] = (
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
    """Add counts by role to a total, in place; missing roles and counts are added to it."""
    for role, counts in more.items():
        sums = total.setdefault(role, {})
        for name in _COUNTS:
            if name in counts:
                sums[name] = sums.get(name, 0) + counts[name]


def cost_of(usage: Mapping[str, Usage], endpoints: Mapping[str, Endpoint]) -> dict[str, float]:
    """Money by role, for the roles whose endpoints are known."""
    return {
        role: endpoints[role].cost(
            counts.get("prompt_tokens", 0), counts.get("completion_tokens", 0)
        )
        for role, counts in usage.items()
        if role in endpoints
    }


def bill(
    usage: Mapping[str, Usage], endpoints: Mapping[str, Endpoint], kept: int
) -> dict[str, object]:
    """What a run cost: in total, by role, and for each kept trajectory (None if none was kept)."""
    by_role = cost_of(usage, endpoints)
    total = sum(by_role.values())
    tokens = sum(map(tokens_of, usage.values()))
    return {
        "total": round(total, 6),
        "roles": {role: round(money, 6) for role, money in by_role.items()},
        "per_kept": round(total / kept, 6) if kept else None,
        "tokens": tokens,
        "tokens_per_kept": round(tokens / kept, 1) if kept else None,
    }
