"""Edges executed in a world, with a negative control (EnvFactory).

An edge counts only if its consumer succeeds with the producer's value, and fails with a corrupted
one.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from inftool.core.blueprints import Step
from inftool.core.json_pointer import Unresolved, at_pointer, find_all, replace_at
from inftool.core.tools import Result, Tool
from inftool.core.types import Arguments
from inftool.scenarios.composition.arguments import DrawOptions, draw_arguments
from inftool.scenarios.composition.edges import inferred_edges
from inftool.scenarios.composition.scene import Scene
from inftool.scenarios.composition.targets import parent_arguments
from inftool.scenarios.composition.unplayable import Unplayable
from inftool.scenarios.plan import leaves, resolve
from inftool.scenarios.tool_schema.places import matching, pattern
from inftool.scenarios.world_pool import WorldPool
from inftool.specs import violations
from inftool.toolset.producer_graph import Edge
from inftool.world.resources.models import Role
from inftool.world.world import World

# How many successful calls of a producer are looked at, and how many calls of a consumer are made
# with the first value of each. More find some more edges, and make `inftool coverage` and the start
# of a run slower.
_TRIES = 6
# With every further value two calls are made, and at most so many values of an answer are tried.
_FURTHER_TRIES = 2
_MAX_VALUES = 12

# Added to an integer key: larger than the keys that a world seeds, small enough for an int32.
_KEY_OFFSET = 7_770_001


class _Answer(NamedTuple):
    """A successful call of a producer."""

    world: World
    """The world after it."""

    body: Any
    """What it answered."""


class _Fixed(NamedTuple):
    """An argument that has to have a value."""

    argument: str
    """The argument, as a pointer pattern."""

    value: Any
    """The value."""


class EdgeProver:
    """Executes the edges of one API, each when it is first asked for.

    What it finds depends on the spec and the seed alone.
    """

    def __init__(self, pool: WorldPool, api: str, *, seed: int = 0) -> None:
        self.pool, self.api, self.seed = pool, api, seed
        self._answers: dict[str, list[_Answer]] = {}
        self._reasons: dict[tuple[str, str, str], str] = {}

    def why(self, edge: Edge) -> str:
        """Why an edge does not count; empty if it does."""
        reason = self._reasons.get(edge.key)
        if reason is None:
            if edge.producer not in self._answers:
                self._answers[edge.producer] = self._call_producer(edge.producer)
            reason = self._reasons[edge.key] = self._execute(edge, self._answers[edge.producer])
        return reason

    def _call_producer(self, name: str) -> list[_Answer]:
        """A few successful calls of a tool, each in a fork of the seeded world."""
        world = self.pool.world(self.api, self.seed)
        # Seeded by name, so that the answers do not depend on which edges were asked for before.
        rng = random.Random(f"plays/{name}")
        answers: list[_Answer] = []
        for arguments in self._drawn(self.pool.tools[name], world, rng, count=2 * _TRIES):
            fork = world.fork()
            result = fork.call(name, arguments)
            if result.ok:
                answers.append(_Answer(fork, result.body))
            if len(answers) >= _TRIES:
                break
        return answers

    def _execute(self, edge: Edge, answers: list[_Answer]) -> str:
        """Why an edge does not count, judged by a few answers of its producer."""
        if not answers:
            return "the producer cannot be called"
        tool, role = self.pool.tools[edge.consumer], self.pool.maps[self.api].roles[edge.consumer]
        rng = random.Random(f"edge/{edge.producer}/{edge.consumer}/{edge.argument}")
        has_value = succeeds_with_any = False
        for index in range(_MAX_VALUES):
            # The first value of every answer before the second of any: answers differ more from
            # each other than the values of one list do.
            for world, body in answers:
                values = find_all(body, edge.source)
                if index >= len(values):
                    continue
                has_value = True
                fixed = _Fixed(edge.argument, values[index][1])
                count = _FURTHER_TRIES if index else _TRIES
                for arguments in self._drawn(tool, world, rng, count=count, fixed=fixed):
                    if not succeeds(world.fork().call(tool.name, arguments), role):
                        continue
                    if fails_with(world, tool, role, _corrupted_at(arguments, fixed)):
                        return ""
                    succeeds_with_any = True
        if succeeds_with_any:
            return "the consumer succeeds with a corrupted value too"
        if has_value:
            return "the consumer never succeeds with it"
        return "the producer's answers do not hold it"

    def _drawn(
        self,
        tool: Tool,
        world: World,
        rng: random.Random,
        *,
        count: int,
        fixed: _Fixed | None = None,
    ) -> Iterator[dict[str, object]]:
        """Valid arguments for a call, every reference set to an entity that exists.

        `count` draws are made; those that do not hold the fixed value are left out.
        """
        role = self.pool.maps[self.api].roles[tool.name]
        keys = self._target_keys(role, world)
        rng.shuffle(keys)
        for number in range(count):
            scene = Scene(self.pool, self.api, world, rng)
            try:
                arguments = draw_arguments(scene, tool, role, DrawOptions(steer=False))
            except Unplayable:
                continue
            if fixed is not None and fixed.argument.count("/") == 1:
                arguments[fixed.argument[1:]] = fixed.value
            addresses = _addresses(world, tool, role, keys, fixed)
            address = addresses[number % len(addresses)] if addresses else {}
            arguments |= address
            _set_references(world, role, arguments, address, fixed, rng)
            if fixed is not None and not _holds(arguments, fixed):
                continue
            if not violations(tool, arguments):
                yield arguments

    def _target_keys(self, role: Role, world: World) -> list[str]:
        """The keys of all entities that a tool could be about."""
        resource = role.target.resource
        if not resource or resource not in world.resources.resources:
            return []
        return list(world.entities(resource))


def _addresses(
    world: World, tool: Tool, role: Role, keys: list[str], fixed: _Fixed | None
) -> list[dict[str, Any]]:
    """The arguments that name each of some entities; with a fixed value, of those that have it."""
    addresses = [world.address(tool.name, key) or {} for key in keys]
    if fixed is None or not any(fixed.argument[1:] in address for address in addresses):
        return addresses
    name = fixed.argument[1:]
    matching_addresses = [address for address in addresses if address.get(name) == fixed.value]
    # `POST /projects/{id}/tasks` has no address in a project without tasks.
    # If nothing lies under the entity yet, the call can be about the first that will.
    return matching_addresses or [
        parent_arguments(world, role, role.references[fixed.argument], fixed.value)
    ]


def _set_references(
    world: World,
    role: Role,
    arguments: dict[str, object],
    address: Mapping[str, object],
    fixed: _Fixed | None,
    rng: random.Random,
) -> None:
    """Set every reference in some arguments, but those of the address, to an existing entity."""
    for pointer, _ in list(leaves(arguments)):
        key_property = matching(pointer, role.references)
        if key_property is None or (pointer.count("/") == 1 and pointer[1:] in address):
            continue
        # A pattern may stand for several places (`/lines/*/bookId`); all of them get the value.
        if fixed is not None and pattern(pointer) == fixed.argument:
            replace_at(arguments, pointer, fixed.value)
            continue
        resource, key_name = key_property
        if resource not in world.resources.resources:
            continue
        entities = world.entities(resource).values()
        keys = [entity[key_name] for entity in entities if key_name in entity]
        if keys:
            replace_at(arguments, pointer, rng.choice(keys))


def _holds(arguments: Arguments, fixed: _Fixed) -> bool:
    """Whether the fixed value stands at its argument."""
    return any(
        value == fixed.value
        for pointer, value in leaves(arguments)
        if pattern(pointer) == fixed.argument
    )


def proven_edges(
    pool: WorldPool, api: str, *, seed: int = 0
) -> tuple[list[Edge], list[tuple[Edge, str]]]:
    """The inferred edges of an API that hold, and those that do not, each with the reason."""
    prover = EdgeProver(pool, api, seed=seed)
    tried = [(edge, prover.why(edge)) for edge in inferred_edges(pool, api)]
    return [edge for edge, why in tried if not why], [(edge, why) for edge, why in tried if why]


def fails_with(world: World, tool: Tool, role: Role, wrong: Arguments) -> bool:
    """The negative control: whether a call with a corrupted value fails, in a fork of the world."""
    return bool(violations(tool, wrong)) or not succeeds(world.fork().call(tool.name, wrong), role)


def corrupted_arguments(step: Step, argument: str, results: Mapping[str, object]) -> dict[str, Any]:
    """The arguments of a step with what it takes from results at an argument (a pointer pattern)
    corrupted.
    """
    arguments = resolve(step.arguments, step.bindings, results)
    for pointer in step.bindings:
        if pattern(pointer) == argument:
            replace_at(arguments, pointer, corrupted(at_pointer(arguments, pointer)))
    return arguments


def succeeds(result: Result, role: Role) -> bool:
    """Whether a call did what it is for; a list that shows nothing did not."""
    if not result.ok:
        return False
    if role.kind in ("list", "search") and role.response.items is not None:
        # A filter by a key that nothing has is answered with 200 and an empty list.
        try:
            return bool(at_pointer(result.body, role.response.items))
        except Unresolved:
            return False
    return True


def _corrupted_at(arguments: Arguments, fixed: _Fixed) -> dict[str, object]:
    """A copy of some arguments with the fixed value corrupted."""
    changed = copy.deepcopy(dict(arguments))
    for pointer, leaf in leaves(arguments):
        if pattern(pointer) == fixed.argument and leaf == fixed.value:
            replace_at(changed, pointer, corrupted(fixed.value))
    return changed


def corrupted(value: Any) -> Any:
    """A key of the same form that no entity has: its digits and letters are moved on.

    `"ord_9f"` -> `"rua_4c"`, `12` -> `7770013`; other values are returned as they are.
    """
    # bool is a subclass of int, and True + 7770001 is no boolean.
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return value
    if isinstance(value, int):
        return value + _KEY_OFFSET
    return "".join(map(_moved_on, value))


def _moved_on(character: str) -> str:
    """Another character of the same class: a digit, a letter that is hexadecimal, any letter."""
    if character.isdigit():
        return str((int(character) + 5) % 10)
    if not character.isascii() or not character.isalpha():
        return character
    base = "a" if character.islower() else "A"
    # Within the first six letters, so that a hexadecimal key stays one.
    span = 6 if character.lower() in "abcdef" else 26
    return chr(ord(base) + (ord(character) - ord(base) + 3) % span)
