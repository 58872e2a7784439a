"""Random calls in random order over every spec.

No crash, no invalid answer, nothing dangling, and snapshots that restore exactly.
"""

from __future__ import annotations

import random
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from inftool.core.json_pointer import find_all
from inftool.specs import compile_specs
from inftool.world.random_calls import answer_is_valid, arguments_for
from inftool.world.rule_files import find_rules, load_rules
from inftool.world.state_views import Snapshot
from inftool.world.world import World
from tests.support.apis import SHARED, own, shop

READS = {"list", "search", "get", "singleton_get"}


@lru_cache(maxsize=1)
def others() -> dict[str, Path]:
    """The real specs beside the project, where they are at hand."""
    return (
        {
            path.name: path
            for path in sorted(SHARED.iterdir())
            if path.suffix in {".yaml", ".json", ""}
        }
        if SHARED.is_dir()
        else {}
    )


@lru_cache(maxsize=32)
def start(name: str) -> World:
    if name in others():
        (api,) = [api for api in compile_specs([others()[name]]) if api.tools][:1]
    else:
        api = shop() if name == "shop" else own()[name]
    path = find_rules(api.file)
    return World.seed(api, 2, rules=load_rules(path, api) if path is not None else None)


def machine(name: str) -> type[RuleBasedStateMachine]:
    class Calls(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.world = start(name).fork()
            self.kept: list[tuple[Snapshot, str]] = []
            self.calls = 0

        @rule(number=st.integers(0, 10_000), share=st.sampled_from((0.0, 0.4, 0.9)))
        def call(self, number: int, share: float) -> None:
            tools = self.world.api.tools
            tool = tools[number % len(tools)]
            arguments = arguments_for(self.world, tool, random.Random(number), optional=share)
            if arguments is None:
                return
            self.calls += 1
            before, twin = self.world.digest(), self.world.fork()
            result = self.world.call(tool.name, arguments)
            assert answer_is_valid(tool, result), (tool.name, arguments, result)
            assert result.status < 500
            assert twin.call(tool.name, arguments).model_dump_json() == result.model_dump_json()
            assert twin.digest() == self.world.digest()
            if not result.ok or self.world.resources.roles[tool.name].kind in READS:
                assert self.world.digest() == before, (
                    tool.name,
                    "a read or a refusal changed the state",
                )
            if self.world.resources.roles[tool.name].kind in READS:
                assert self.world.call(tool.name, arguments) == result

        @rule()
        def keep(self) -> None:
            self.kept.append((self.world.snapshot(), self.world.digest()))

        @rule()
        def come_back(self) -> None:
            if self.kept:
                snapshot, digest = self.kept.pop()
                self.world.restore(snapshot)
                assert self.world.digest() == digest

        @invariant()
        def nothing_dangles(self) -> None:
            for resource in self.world.resources.resources.values():
                for pattern, (target, prop) in resource.references.items():
                    if self.world.resources.resources[target].virtual or (
                        resource.name not in self.world._written
                        and target not in self.world._written
                    ):
                        continue
                    known = {
                        str(value.get(prop, key))
                        for key, value in self.world.entities(target).items()
                    }
                    for key, value in self.world.entities(resource.name).items():
                        for pointer, found in find_all(value, pattern):
                            assert (
                                isinstance(found, dict | list) or str(found) in known or found == ""
                            ), (resource.name, key, pointer, found)

    return Calls


@pytest.mark.parametrize("name", ["shop", *sorted(own())])
def test_any_calls_in_any_order(name: str) -> None:
    drive(name, examples=12)


@pytest.mark.nightly
@pytest.mark.parametrize("name", ["shop", *sorted(own()), *others()])
@pytest.mark.cpu_limit(300)
def test_any_calls_in_any_order_at_length(name: str) -> None:
    drive(name, examples=60)


def drive(name: str, *, examples: int) -> None:
    run_state_machine_as_test(
        machine(name),
        settings=settings(
            max_examples=examples,
            stateful_step_count=15,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
