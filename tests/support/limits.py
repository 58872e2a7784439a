"""A pytest plugin that limits the CPU time of each test, child processes included.

A limit in seconds on the clock fails on a busy machine although nothing is wrong.
`@pytest.mark.cpu_limit(90)` lets a test use 90 seconds of CPU;
`cpu_limit` in the configuration is the limit of all others; 0 is no limit. A test that waits
forever uses no CPU: it is ended by the clock, after
`stuck_after` seconds or ten times its limit of CPU, whichever is longer. A fixture of a module
counts for the first test that asks for it. Nothing is
enforced under `--pdb`, nor where the platform has no interval timer.
"""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest

# On a busy machine a test takes several times as long on the clock as it uses of CPU: past this
# many times it is stuck.
CLOCK_PER_CPU = 10
# How often, in seconds on the clock, a running test is looked at.
TICK = 1.0
# How long a test that is over its limit may take to clean up before it is interrupted again.
CLEANUP = 10.0
STARTED = pytest.StashKey[tuple[float, float]]()


class OverLimit(BaseException):
    """A test used more than its limit.

    No `Exception`, so that no code under test takes it for an error of its own.
    """


def cpu_seconds() -> float:
    """The CPU time of this process and of all its descendants, those that have ended and been
    waited for included."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (
        time.process_time()
        + ended.ru_utime
        + ended.ru_stime
        + sum(map(_cpu_of, _children(os.getpid())))
    )


def _children(process: int) -> Iterator[int]:
    """The living descendants of a process; none where the system does not list them (it then counts
    them when they have ended)."""
    for listed in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            found = listed.read_text().split()
        except OSError:
            continue
        for child in map(int, found):
            yield child
            yield from _children(child)


def _cpu_of(process: int) -> float:
    """The CPU time of one living process and of its own children that have ended; 0 if it has just
    gone."""
    try:
        # After the name, which may hold anything: the state, ten numbers, then utime, stime, cutime
        # and cstime.
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def limited(cpu: float, stuck: float, since: tuple[float, float] | None = None) -> Iterator[None]:
    """Raise OverLimit in the main thread when what runs inside has used `cpu` seconds of CPU, or
    takes `stuck` seconds on the clock.

    `since` holds the CPU time and the clock from which both are counted (default: now).
    """
    cpu_before, clock_before = since or (cpu_seconds(), time.monotonic())

    def look() -> None:
        used, passed = cpu_seconds() - cpu_before, time.monotonic() - clock_before
        if used > cpu:
            raise OverLimit(
                f"used {used:.1f} s of CPU, its limit is {cpu:g} s (after {passed:.0f} s on the "
                "clock); see tests/support/limits.py"
            )
        if passed > stuck:
            raise OverLimit(
                f"has not ended after {passed:.0f} s, with {used:.1f} s of CPU used: it waits for "
                "something that does not happen"
            )

    def tick(number: int, frame: FrameType | None) -> None:
        try:
            look()
        except OverLimit:
            signal.setitimer(signal.ITIMER_REAL, CLEANUP, CLEANUP)
            raise

    former = signal.signal(signal.SIGALRM, tick)
    timer = signal.setitimer(signal.ITIMER_REAL, TICK, TICK)
    try:
        yield
        look()
    finally:
        # One may lie inside another: the outer one goes on.
        signal.setitimer(signal.ITIMER_REAL, *timer)
        signal.signal(signal.SIGALRM, former)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini(
        "cpu_limit",
        "seconds of CPU that a test may use, child processes included (0: any number)",
        default="60",
    )
    parser.addini(
        "stuck_after",
        "seconds on the clock after which a test may be given up as stuck",
        default="900",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        (
            "cpu_limit(seconds): the CPU time that this test may use, child processes included "
            "(0: any)"
        ),
    )


def limits_of(item: pytest.Item) -> tuple[float, float]:
    """Seconds of CPU and seconds on the clock; no limit if the first is 0."""
    config = item.config
    if (
        not hasattr(signal, "setitimer")
        or config.getoption("usepdb", False)
        or config.getoption("trace", False)
    ):
        return 0.0, 0.0
    marker = item.get_closest_marker("cpu_limit")
    cpu = float(marker.args[0] if marker else config.getini("cpu_limit"))
    return cpu, max(float(config.getini("stuck_after")), CLOCK_PER_CPU * cpu)


@contextmanager
def _phase(item: pytest.Item, since: tuple[float, float] | None = None) -> Iterator[None]:
    cpu, stuck = limits_of(item)
    if not cpu:
        yield
        return
    with limited(cpu, stuck, since):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    item.stash[STARTED] = cpu_seconds(), time.monotonic()
    with _phase(item, item.stash[STARTED]):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    with _phase(item, item.stash[STARTED]):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    # Counted anew: a test that was stopped has to be cleaned up after.
    with _phase(item):
        return (yield)
