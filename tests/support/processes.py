"""Processes that a test starts, and waiting for what they do instead of for a time."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any

from tests.support.apis import ROOT

# How often, in seconds, it is looked whether the awaited has happened.
LOOK = 0.005


@contextmanager
def started(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    stdout: int | IO[Any] | None = None,
    stderr: int | IO[Any] | None = None,
) -> Iterator[subprocess.Popen[str]]:
    """A process in the repository's root; it is killed on the way out if it still runs."""
    with subprocess.Popen(
        command, cwd=ROOT, text=True, env=env, stdout=stdout, stderr=stderr
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_until(true: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait for something that a process does.

    AssertionError where it ends without having done it.
    """
    while not true():
        if process.poll() is not None and not true():
            raise AssertionError(
                f"the process ended with {process.returncode} before what was waited for"
            )
        time.sleep(LOOK)


async def until(true: Callable[[], bool]) -> None:
    """Wait for something that nobody announces."""
    while not true():  # noqa: ASYNC110 - there is no event to wait for
        await asyncio.sleep(LOOK)
