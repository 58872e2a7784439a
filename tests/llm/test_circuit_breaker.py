"""The circuit breaker opens, probes and closes; nothing waits forever."""

from __future__ import annotations

import asyncio

import pytest

from inftool.core.errors import FatalError
from inftool.llm.circuit_breaker import CircuitBreaker


async def test_the_breaker_opens_tries_and_closes() -> None:
    breaker = CircuitBreaker("m", failures=3, pause=0.02)
    for _ in range(3):
        assert not await breaker.enter()
        breaker.failed("down", is_probe=False)
    assert breaker.state == "open"
    entering = [asyncio.create_task(breaker.enter()) for _ in range(5)]
    trying, waiting = await asyncio.wait(entering, return_when=asyncio.FIRST_COMPLETED)
    # One tries, the others wait for what becomes of it, past the pause too.
    assert len(trying) == 1
    assert await asyncio.wait(waiting, timeout=0.1) == (set(), waiting)
    breaker.succeeded()
    assert sorted(await asyncio.gather(*entering)) == [False] * 4 + [True]
    assert (breaker.state, breaker.trips) == ("closed", 1)


async def test_there_is_an_end_to_hope() -> None:
    breaker = CircuitBreaker("m", failures=1, pause=0.01, patience=3)
    breaker.failed("down", is_probe=False)
    with pytest.raises(FatalError, match="m has not answered"):
        for _ in range(9):
            breaker.failed("down", is_probe=await breaker.enter())


async def test_a_try_that_is_called_off_is_none() -> None:
    breaker = CircuitBreaker("m", failures=1, pause=0.01)
    breaker.failed("down", is_probe=False)
    assert await breaker.enter()
    breaker.abandoned(is_probe=True)
    assert await breaker.enter()
