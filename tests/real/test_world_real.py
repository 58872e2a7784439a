"""Real specs: every answer valid, what is written read back, what is deleted gone."""

from __future__ import annotations

import random
from functools import lru_cache

import pytest

from inftool.core.tools import Api
from inftool.specs import compile_specs, violations
from inftool.world.random_calls import answer_is_valid, arguments_for
from inftool.world.world import World
from tests.support.apis import SHARED

NAMES = (
    sorted(path.name for path in SHARED.iterdir() if path.name != "README.md")
    if SHARED.is_dir()
    else []
)
pytestmark = pytest.mark.skipif(not NAMES, reason="the folder of real specs is absent")


@lru_cache(maxsize=32)
def world(name: str) -> World:
    api: Api = compile_specs([SHARED / name])[0]
    return World.seed(api, 1)


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_is_valid_and_reads_change_nothing(name: str) -> None:
    start = world(name)
    for tool in start.api.tools:
        role = start.resources.roles[tool.name]
        for share in (0.0, 0.6):
            arguments = arguments_for(start, tool, random.Random(tool.name), optional=share)
            if arguments is None:
                continue
            fork = start.fork()
            result = fork.call(tool.name, arguments)
            assert answer_is_valid(tool, result), (tool.name, arguments, result)
            assert (
                start.fork().call(tool.name, arguments).model_dump_json()
                == result.model_dump_json()
            )
            if role.kind in {"list", "search", "get", "singleton_get"}:
                assert fork.digest() == start.digest()


@pytest.mark.parametrize("name", NAMES)
def test_what_is_created_is_found_and_what_is_deleted_is_gone(name: str) -> None:
    start = world(name)
    tools = {tool.name: tool for tool in start.api.tools}
    for resource in start.resources.resources:
        for create in start.resources.tools(resource, "create"):
            arguments = arguments_for(start, tools[create], random.Random(create))
            if arguments is None:
                continue
            fork = start.fork()
            if not fork.call(create, arguments).ok:
                continue
            fresh = [
                change.key
                for change in start.diff(fork)
                if change.resource == resource and change.before is None
            ]
            for get in start.resources.tools(resource, "get"):
                address = fork.address(get, fresh[0])
                if (
                    address is None
                    or violations(tools[get], address)
                    or fork.resources.roles[get].target.of_caller
                ):
                    continue
                assert fork.call(get, address).ok, (create, get)
                for delete in start.resources.tools(resource, "delete"):
                    where = fork.address(delete, fresh[0])
                    gone = fork.fork()
                    if (
                        where is not None
                        and not violations(tools[delete], where)
                        and gone.call(delete, where).ok
                    ):
                        assert gone.call(get, address).status in {400, 404, 410}, (delete, get)
