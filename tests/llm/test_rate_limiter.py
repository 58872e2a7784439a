"""The limit climbs until the endpoint pushes back, and stays there."""

from __future__ import annotations

import asyncio
import random

import pytest

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
