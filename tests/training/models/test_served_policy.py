"""Evaluation of a model behind a real HTTP endpoint: what it writes is taken as it is, what the
network does is mended, and nothing needs torch."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inftool.cli import app
from inftool.core.blueprints import Blueprint
from inftool.core.errors import UsageError
from inftool.llm.config import Endpoint as Address
from inftool.scenarios.world_pool import WorldPool
from inftool.training.commands import EvaluationOptions, start_evaluation
from inftool.training.datasets import draw_blueprints, open_world_pool
from inftool.training.evaluation.evaluation import evaluate
from inftool.training.models.served_policy import EndpointPolicy, first_model
from tests.conftest import SPECS
from tests.support.endpoint import Endpoint, serving

SPEC = SPECS / "parcels.json"
pytestmark = pytest.mark.cpu_limit(180)


@pytest.fixture(scope="module")
def small() -> WorldPool:
    return open_world_pool([SPEC])


@pytest.fixture(scope="module")
def drawn(small: WorldPool) -> list[Blueprint]:
    return draw_blueprints(small, 10, seed=7)


@contextmanager
def served(endpoint: Endpoint) -> Iterator[Endpoint]:
    """An endpoint that serves from a thread of its own."""
    ready, done = threading.Event(), threading.Event()

    async def hold() -> None:
        async with serving(endpoint):
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=asyncio.run, args=(hold(),))
    thread.start()
    assert ready.wait(10)
    try:
        yield endpoint
    finally:
        done.set()
        thread.join()


def address(endpoint: Endpoint, **more: object) -> Address:
    return Address.model_validate(
        {
            "model": "tiny",
            "base_url": endpoint.url,
            "key_env": "INFTOOL_TEST_KEY",
            "backoff": 0.01,
            **more,
        }
    )


@pytest.mark.parametrize("textual", [False, True])
def test_a_model_that_knows_it_all_is_exact(
    textual: bool, small: WorldPool, drawn: list[Blueprint]
) -> None:
    with served(Endpoint(drawn, small.tools, textual=textual)) as endpoint:
        found = start_evaluation(
            "tiny",
            [SPEC],
            EvaluationOptions(count=10, plays=2, temperature=0.0, max_new_tokens=256),
            endpoint=address(endpoint, tool_calls="hermes" if textual else "native"),
        )
    assert found.overall.exact == 1.0
    assert found.overall.pass_k == 1.0
    assert found.decoding["temperature"] == 0.0
    assert found.decoding["constrained"] is False
    assert found.usage["calls"] >= 20
    assert found.held_out is None


def test_what_the_network_does_is_mended_and_what_the_model_writes_is_not(
    small: WorldPool, drawn: list[Blueprint]
) -> None:
    faulty = Endpoint(drawn, small.tools, fault_rate=0.3)
    faulty.only = ("rate_limit", "server_error", "broken_json", "no_choices", "disconnect")
    wrong = Endpoint(drawn, small.tools, fault_rate=1.0)
    wrong.only = ("wrong_tool", "cut_arguments")
    for endpoint, exact in ((faulty, True), (wrong, False)):
        with served(endpoint), EndpointPolicy(address(endpoint)) as policy:
            found = evaluate(policy, drawn, small, model="tiny", decoding=policy.decoding)
            calling = [
                row
                for row, blueprint in zip(found.blueprints, drawn, strict=True)
                if blueprint.plan
            ]
            assert all((row.exact == 1.0) is exact for row in calling)
    assert faulty.faults.total() > 3


def test_a_model_that_says_nothing_or_too_much_earns_nothing(
    small: WorldPool, drawn: list[Blueprint]
) -> None:
    for kind in ("empty_message", "too_long"):
        silent = Endpoint(drawn, small.tools, fault_rate=1.0)
        silent.only = (kind,)
        with served(silent), EndpointPolicy(address(silent)) as policy:
            found = evaluate(policy, drawn[:3], small, model="tiny", decoding={})
        assert found.overall.reward == 0.0
        assert found.overall.gates == {"format": 3}


def test_the_verb_takes_an_address(small: WorldPool, drawn: list[Blueprint]) -> None:
    with served(Endpoint(drawn, small.tools)) as endpoint:
        job = [
            "eval",
            str(SPEC),
            "-m",
            "tiny",
            "--base-url",
            endpoint.url,
            "--key-env",
            "INFTOOL_TEST_KEY",
            "-n",
            "4",
            "--held-out",
        ]
        done = CliRunner().invoke(app, [*job, "--json"])
        assert done.exit_code == 0, done.output
        assert json.loads(done.stdout)["overall"]["exact"] == 1.0
        assert "on trust" in done.stderr
        assert CliRunner().invoke(app, [*job, "--least", "1.0"]).exit_code == 0
        with pytest.raises(UsageError, match="cannot be constrained"):
            start_evaluation(
                "tiny",
                [SPEC],
                EvaluationOptions(
                    count=1, plays=1, temperature=0.0, max_new_tokens=9, constrained=True
                ),
                endpoint=address(endpoint),
            )
        with pytest.raises(UsageError, match="which models it has"):
            first_model(endpoint.url)
    assert isinstance(
        CliRunner()
        .invoke(app, ["eval", str(SPEC), "-m", "tiny", "--base-url", "ftp://x"])
        .exception,
        UsageError,
    )


def test_specs_that_a_model_was_trained_on_are_no_held_out_ones(
    tmp_path: Path, small: WorldPool
) -> None:
    (tmp_path / "training.json").write_text(json.dumps({"specs": [small.toolset.apis[0].sha256]}))
    with pytest.raises(UsageError, match="was trained on one of these specs"):
        start_evaluation(
            str(tmp_path),
            [SPEC],
            EvaluationOptions(count=1, plays=1, temperature=0.0, max_new_tokens=9, held_out=True),
        )


def test_endpoints_are_examined_without_torch() -> None:
    code = (
        "import sys; import inftool.training.commands, inftool.training.models.served_policy; "
        "sys.exit(any(n in sys.modules for n in ('torch', 'transformers', 'trl')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
