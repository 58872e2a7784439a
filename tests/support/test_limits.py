"""The limits themselves: what is counted, what is not, and that a test over its limit ends."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from tests.support.limits import OverLimit, limited
from tests.support.processes import started

BUSY = "while True: pass"


def test_a_test_that_computes_for_too_long_is_ended() -> None:
    with pytest.raises(OverLimit, match=r"of CPU, its limit is 0.2 s"), limited(cpu=0.2, stuck=900):
        exec(BUSY)


@pytest.mark.skipif(
    not list(Path("/proc/self/task").glob("*/children")),
    reason="the system does not list a process's children",
)
def test_a_child_process_that_computes_for_too_long_is_ended() -> None:
    with (
        pytest.raises(OverLimit, match="of CPU"),
        limited(cpu=0.5, stuck=900),
        started([sys.executable, "-c", BUSY]) as process,
    ):
        process.wait()
    assert process.returncode is not None


def test_a_child_process_that_has_ended_counts() -> None:
    code = "import time\nwhile time.process_time() < 0.4: pass"
    with (
        pytest.raises(OverLimit, match="of CPU"),
        limited(cpu=0.3, stuck=900),
        started([sys.executable, "-c", code]) as process,
    ):
        process.wait()


def test_a_test_that_waits_forever_is_ended_by_the_clock() -> None:
    with (
        pytest.raises(OverLimit, match="something that does not happen"),
        limited(cpu=60, stuck=0.5),
    ):
        time.sleep(3600)


def test_waiting_is_not_counted() -> None:
    with limited(cpu=1, stuck=900):
        time.sleep(1.5)
