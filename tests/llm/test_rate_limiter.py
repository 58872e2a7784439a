"""The pace climbs until the endpoint pushes back and settles there; the breaker opens, tries and
closes; nothing waits for ever."""

from __future__ import annotations

import asyncio
import random

import pytest

from inftool.core.errors import FatalError
from inftool.llm.circuit_breaker import CircuitBreaker
from inftool.llm.rate_limiter import AdaptiveLimiter


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def drive(
    limiter: AdaptiveLimiter, takes: int, requests: int, clock: Clock
) -> tuple[int, int]:
    """So many requests to an endpoint that takes only so many at once and slows down beyond: those
    refused, and the highest number at once."""
    refused = peak = 0
    left = requests
    while left > 0:
        batch = min(limiter.limit, left)
        for _ in range(batch):
            await limiter.enter()
        peak = max(peak, limiter.in_flight)
        clock.now += 0.1
        for number in range(batch):
            if number < takes:
                limiter.answered()
            else:
                refused += 1
                limiter.pushed_back()
            limiter.leave()
        left -= batch
    return refused, peak


async def test_it_climbs_to_what_the_endpoint_takes_and_stays_there() -> None:
    clock = Clock()
    limiter = AdaptiveLimiter(1000, clock=clock)
    await drive(limiter, 100, 4000, clock)
    refused, peak = await drive(limiter, 100, 20_000, clock)
    assert 60 <= limiter.limit <= 125
    assert refused < 0.06 * 20_000
    assert peak < 150


@pytest.mark.parametrize("share", [0.02, 0.1])
async def test_refusals_that_have_nothing_to_do_with_the_load_do_not_hold_it_down(
    share: float,
) -> None:
    clock, rng = Clock(), random.Random(3)
    limiter = AdaptiveLimiter(200, clock=clock)
    for _ in range(4000):
        batch = limiter.limit
        for _ in range(batch):
            await limiter.enter()
        clock.now += 0.1
        for _ in range(batch):
            if rng.random() < share:
                limiter.pushed_back()
            else:
                limiter.answered()
            limiter.leave()
        if limiter.limit >= 60:
            return
    raise AssertionError(limiter.limit)


async def test_it_goes_no_further_where_more_at_once_brings_no_more() -> None:
    clock = Clock()
    limiter = AdaptiveLimiter(1000, clock=clock)
    for _ in range(300):
        batch = limiter.limit
        for _ in range(batch):
            await limiter.enter()
        # 64 a round of 0.1 s, however many are asked for.
        clock.now += 0.1 * max(1.0, batch / 64)
        for _ in range(batch):
            limiter.answered()
            limiter.leave()
    assert 32 <= limiter.limit <= 160


async def test_a_fixed_pace_starts_at_the_top_and_still_gives_way() -> None:
    clock = Clock()
    limiter = AdaptiveLimiter(64, fixed=True, clock=clock)
    assert limiter.limit == 64
    await drive(limiter, 10, 2000, clock)
    assert limiter.limit <= 14
    await drive(limiter, 1000, 20_000, clock)
    assert limiter.limit == 64


async def test_a_turn_that_is_called_off_goes_to_the_next() -> None:
    limiter = AdaptiveLimiter(1, fixed=True)
    await limiter.enter()
    first, second = asyncio.create_task(limiter.enter()), asyncio.create_task(limiter.enter())
    await asyncio.sleep(0)
    room = asyncio.create_task(limiter.room())
    await asyncio.sleep(0)
    assert not room.done()
    limiter.leave()
    first.cancel()
    await second
    assert limiter.in_flight == 1
    await room
    limiter.leave()
    assert limiter.in_flight == 0


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
