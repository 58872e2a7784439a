"""The clock of the tests' event loop: waiting counts, standing still does not."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.support.loops import OwnTimeLoop


async def test_a_process_that_stands_still_misses_no_deadline() -> None:
    async with asyncio.timeout(0.05):
        # Off the processor and not waiting in the loop, as on a busy machine.
        time.sleep(0.3)  # noqa: ASYNC251
        await asyncio.sleep(0)


async def test_a_deadline_is_met_by_waiting_and_by_computing() -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, OwnTimeLoop)
    for work in (asyncio.sleep(3600), compute()):
        began = loop.time()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await work
        assert loop.time() - began >= 0.05


async def compute() -> None:
    while True:  # noqa: ASYNC110 - it waits for nothing
        await asyncio.sleep(0)
