"""Producer edges that are executed: one counts only if the consumer succeeds with the producer's value and fails with a corrupted one (EnvFactory)."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any

from inftool.core.blueprints import Step
from inftool.core.json_pointer import Unresolved, at_pointer, find_all, replace_at
from inftool.core.tools import Result, Tool
from inftool.core.types import JsonObject
from inftool.scenarios.composition.arguments import draw_arguments
from inftool.scenarios.composition.binding import above
from inftool.scenarios.composition.scene import Scene
from inftool.scenarios.composition.unplayable import Unplayable
from inftool.scenarios.plan import leaves, resolve
from inftool.scenarios.tool_schema.places import matching, pattern
from inftool.scenarios.world_pool import WorldPool
from inftool.specs import violations
from inftool.toolset.producer_graph import Edge, Evidence, ToolGraph, candidate_edges
from inftool.world.resources.models import Resource, ResourceMap, Role
from inftool.world.world import World

TRIES = 6
MOST_VALUES = 12
_SHOWS = frozenset(
    (
        "list",
        "search",
        "get",
        "create",
        "replace",
        "patch",
        "action",
        "singleton_get",
        "singleton_update",
    )
)


def inferred_edges(stage: WorldPool, api: str) -> list[Edge]:
    """The edges that the resource map of an API speaks for, with what its schemas and links add as evidence; in order of consumer and producer.

    A producer that has to be told the same key first gives nothing new, and is none. Nor is one for what its own thing refers to where that thing's key is
    one that no person would say: it has to be found in a list, and there the reference stands already.
    """
    known, minted = stage.maps[api], stage.opaque_keys(api)
    spoken = {edge.key: edge for edge in candidate_edges(stage.api(api).tools)}
    found: dict[tuple[str, str, str], Edge] = {}
    for consumer in stage.api(api).tools:
        for argument, goal in sorted(known.roles[consumer.name].references.items()):
            resource = known.resources.get(goal[0])
            if resource is None or resource.virtual:
                continue
            for producer in stage.api(api).tools:
                if producer.name == consumer.name:
                    continue
                for source, why in _sources(known, producer, goal, resource, minted):
                    also = spoken.get((producer.name, consumer.name, argument))
                    evidence: tuple[Evidence, ...] = (why, *(also.evidence if also else ()))
                    edge = Edge(
                        producer=producer.name,
                        source=source,
                        consumer=consumer.name,
                        argument=argument,
                        evidence=evidence,
                        certain=bool(also and also.certain),
                    )
                    found.setdefault(edge.key, edge)
    return [found[key] for key in sorted(found, key=lambda key: (key[1], key[0], key[2]))]


def _sources(
    known: ResourceMap,
    producer: Tool,
    goal: tuple[str, str],
    resource: Resource,
    minted: frozenset[tuple[str, str]],
) -> Iterator[tuple[str, Evidence]]:
    """Where a producer's answer holds the key of a thing: of the thing itself, or of one that refers to it."""
    role = known.roles[producer.name]
    if role.kind not in _SHOWS or role.target.resource is None or role.fallback:
        return
    needed = {f"/{name}" for name in producer.input_schema.get("required", ())}
    if any(target == goal for place, target in role.references.items() if place in needed):
        return
    head = (
        f"{role.response.items}/*" if role.response.items is not None else role.response.item or ""
    )
    if (
        role.response.items is None
        and role.response.item is None
        and producer.output_schema is None
    ):
        return
    properties = resource.entity.get("properties", {})
    if role.target.resource == goal[0]:
        if goal[1] in properties:
            yield f"{head}/{goal[1]}", "entity"
        return
    if (
        role.response.items is None
        and role.target.argument
        and role.target.keys.get(role.target.argument) in minted
        and known.tools(role.target.resource, "list", "search")
    ):
        return
    for place, target in known.resources[role.target.resource].references.items():
        if target == goal and not (role.response.items is not None and "*" in place):
            yield f"{head}{place}", "reference"


def edges_by_producer(stage: WorldPool, api: str) -> dict[str, list[Edge]]:
    """By producer, the edges that lead out of it."""
    found: dict[str, list[Edge]] = {}
    for edge in inferred_edges(stage, api):
        found.setdefault(edge.producer, []).append(edge)
    return found


def related_tools(stage: WorldPool, api: str) -> dict[str, frozenset[str]]:
    """Every tool of an API with those it hangs together with: by an edge, or because both deal with the same kind of thing."""
    found: dict[str, set[str]] = {tool.name: set() for tool in stage.api(api).tools}
    for name, others in ToolGraph(edges=tuple(inferred_edges(stage, api))).neighbors().items():
        found[name] |= others
    kinds: dict[str, set[str]] = {}
    for name, role in stage.maps[api].roles.items():
        for kind in {role.target.resource, *(target for target, _ in role.references.values())} - {
            None
        }:
            kinds.setdefault(str(kind), set()).add(name)
    for group in kinds.values():
        for name in group:
            found.setdefault(name, set()).update(group - {name})
    return {name: frozenset(others) for name, others in found.items()}


class EdgeProver:
    """Executes the believed edges of one API, each when it is asked for and once; what it says depends on the spec and the seed alone."""

    def __init__(self, stage: WorldPool, api: str, *, seed: int = 0) -> None:
        self.stage, self.api, self.seed = stage, api, seed
        self._plays: dict[str, list[tuple[World, Any]]] = {}
        self._known: dict[tuple[str, str, str], str] = {}

    def why(self, edge: Edge) -> str:
        """Why an edge does not count, empty where it does: in forks of one seeded world."""
        known = self._known.get(edge.key)
        if known is None:
            if edge.producer not in self._plays:
                self._plays[edge.producer] = _plays(
                    self.stage, self.api, edge.producer, self.stage.world(self.api, self.seed)
                )
            known = self._known[edge.key] = _tried(
                self.stage, self.api, edge, self._plays[edge.producer]
            )
        return known


def proven_edges(
    stage: WorldPool, api: str, *, seed: int = 0
) -> tuple[list[Edge], list[tuple[Edge, str]]]:
    """The edges of an API that were executed with success, and those that were not with the reason."""
    prover = EdgeProver(stage, api, seed=seed)
    tried = [(edge, prover.why(edge)) for edge in inferred_edges(stage, api)]
    return [edge for edge, why in tried if not why], [(edge, why) for edge, why in tried if why]


def _plays(stage: WorldPool, api: str, tool: str, world: World) -> list[tuple[World, Any]]:
    """A few successful calls of a tool: the world after each, and what it answered."""
    found = []
    rng = random.Random(f"plays/{tool}")
    for arguments in _drawn(stage, api, stage.tools[tool], world, rng, count=2 * TRIES):
        fork = world.fork()
        result = fork.call(tool, arguments)
        if result.ok:
            found.append((fork, result.body))
        if len(found) >= TRIES:
            break
    return found


def _drawn(
    stage: WorldPool,
    api: str,
    tool: Tool,
    world: World,
    rng: random.Random,
    *,
    count: int,
    fixed: tuple[str, Any] | None = None,
) -> Iterator[JsonObject]:
    """Arguments for a call with every reference at something that exists; `fixed` is an argument's pointer pattern and the value that it must have."""
    role = stage.maps[api].roles[tool.name]
    keys = (
        list(world.entities(role.target.resource))
        if role.target.resource and role.target.resource in world.resources.resources
        else []
    )
    rng.shuffle(keys)
    for number in range(count):
        scene = Scene(stage, api, world, rng)
        try:
            arguments = draw_arguments(scene, tool, role, steer=False)
        except Unplayable:
            continue
        if fixed is not None and fixed[0].count("/") == 1:
            arguments[fixed[0][1:]] = fixed[1]
        places = [world.address(tool.name, key) or {} for key in keys]
        if fixed is not None and any(fixed[0][1:] in place for place in places):
            # What has nothing under it yet is a good place for the first thing.
            places = [place for place in places if place.get(fixed[0][1:]) == fixed[1]] or [
                above(world, role, role.references[fixed[0]], fixed[1])
            ]
        if places:
            arguments |= places[number % len(places)]
        for pointer, _ in list(leaves(arguments)):
            goal = matching(pointer, role.references)
            if goal is None or (
                pointer.count("/") == 1
                and pointer[1:] in (places[number % len(places)] if places else {})
            ):
                continue
            pool = (
                [
                    entity[goal[1]]
                    for entity in world.entities(goal[0]).values()
                    if goal[1] in entity
                ]
                if goal[0] in world.resources.resources
                else []
            )
            if fixed is not None and pattern(pointer) == fixed[0]:
                replace_at(arguments, pointer, fixed[1])
            elif pool:
                replace_at(arguments, pointer, rng.choice(pool))
        if fixed is not None and fixed[1] not in [
            value for pointer, value in leaves(arguments) if pattern(pointer) == fixed[0]
        ]:
            continue
        if not violations(tool, arguments):
            yield arguments


def _tried(stage: WorldPool, api: str, edge: Edge, plays: list[tuple[World, Any]]) -> str:
    """Why an edge does not count, empty where it does."""
    if not plays:
        return "the producer cannot be called"
    tool, role = stage.tools[edge.consumer], stage.maps[api].roles[edge.consumer]
    rng = random.Random(f"edge/{edge.producer}/{edge.consumer}/{edge.argument}")
    why, loose = "the producer's answers do not hold it", False
    for turn in range(MOST_VALUES):
        # The first value of every play before the second of any: what differs between worlds differs more than what stands on one list.
        for world, body in plays:
            values = find_all(body, edge.source)
            if turn >= len(values):
                continue
            why, value = "the consumer never succeeds with it", values[turn][1]
            for arguments in _drawn(
                stage,
                api,
                tool,
                world,
                rng,
                count=TRIES if not turn else 2,
                fixed=(edge.argument, value),
            ):
                if not succeeds(world.fork().call(tool.name, arguments), role):
                    continue
                if fails_with(
                    world, tool, role, _with(arguments, edge.argument, value, corrupted(value))
                ):
                    return ""
                loose = True
    return "the consumer succeeds with a corrupted value too" if loose else why


def fails_with(world: World, tool: Tool, role: Role, wrong: JsonObject) -> bool:
    """The negative control: whether a call with a corrupted value does not do what it is for; in a fork."""
    return bool(violations(tool, wrong)) or not succeeds(world.fork().call(tool.name, wrong), role)


def corrupted_arguments(step: Step, place: str, results: Mapping[str, Any]) -> JsonObject:
    """A step's resolved arguments, what it takes from results corrupted at a place (a pattern)."""
    made = resolve(step.arguments, step.bindings, results)
    for pointer in step.bindings:
        if pattern(pointer) == place:
            replace_at(made, pointer, corrupted(at_pointer(made, pointer)))
    return made


def succeeds(result: Result, role: Role) -> bool:
    """Whether a call did what it was for; a list that shows nothing did not."""
    if not result.ok:
        return False
    if role.kind in ("list", "search") and role.response.items is not None:
        try:
            return bool(at_pointer(result.body, role.response.items))
        except Unresolved:
            return False
    return True


def _with(arguments: JsonObject, place: str, value: Any, other: Any) -> JsonObject:
    import copy

    changed = copy.deepcopy(arguments)
    for pointer, leaf in leaves(arguments):
        if pattern(pointer) == place and leaf == value:
            replace_at(changed, pointer, other)
    return changed


def corrupted(value: Any) -> Any:
    """A key of the same form that nothing has: digits and letters moved on, the rest kept."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return value
    if isinstance(value, int):
        return value + 7_770_001
    out = []
    for character in value:
        if character.isdigit():
            out.append(str((int(character) + 5) % 10))
        elif character.isascii() and character.isalpha():
            base = "a" if character.islower() else "A"
            # Within the first six letters, so that a hexadecimal key stays one.
            span = 6 if character.lower() in "abcdef" else 26
            out.append(chr(ord(base) + (ord(character) - ord(base) + 3) % span))
        else:
            out.append(character)
    return "".join(out)
