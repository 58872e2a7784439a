"""What the whole suite shares: the sample specs compiled once a process, and where the real ones
are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from inftool.core.tools import Api
from inftool.scenarios.world_pool import WorldPool
from inftool.specs import compile_specs
from tests.support.loops import OwnTimeLoop

pytest_plugins = ("tests.support.limits",)
# Hypothesis measures by the clock as well: how long an example takes, and how long it takes to draw
# one.
settings.register_profile("no clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("no clock")

ROOT = Path(__file__).parents[1]
SPECS = ROOT / "specs"
REAL_SPECS = ROOT / ".." / "shared" / "specs"


@pytest.fixture(scope="session")
def sample_apis() -> tuple[Api, ...]:
    """The eight sample APIs."""
    return compile_specs([SPECS])


@pytest.fixture(scope="session")
def bookshop() -> tuple[Api, ...]:
    """The book shop alone."""
    return compile_specs([SPECS / "bookshop.yaml"])


@pytest.fixture(scope="session")
def stage(sample_apis: tuple[Api, ...]) -> WorldPool:
    """A stage of all sample APIs; worlds are forked from it, so tests may share it."""
    return WorldPool(sample_apis)


@pytest.fixture
def real_specs() -> Path:
    """The folder of real specs; the test is skipped where it is absent."""
    if not REAL_SPECS.is_dir():
        pytest.skip("the folder of real specs is absent")
    return REAL_SPECS


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Deadlines in tests are short: they are counted on a clock that stands still while a busy
    machine lets this process wait."""
    return {"own time": OwnTimeLoop}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that run whole jobs, or that may be the first of a process to compile and seed all
    sample APIs, may use more CPU than others."""
    for item in items:
        whole = item.path.parent.name in ("e2e", "real") or {"stage", "sample_apis"} & set(
            getattr(item, "fixturenames", ())
        )
        if whole and item.get_closest_marker("cpu_limit") is None:
            item.add_marker(pytest.mark.cpu_limit(180))
