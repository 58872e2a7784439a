"""A world's own rules (`specs/NAME.world.yaml`): seed data, state transitions, constraints and effects that no API description can say."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import Field, ValidationError

from inftool.errors import WorldError
from inftool.records import Api, JsonObject, Record
from inftool.servers.resources import ResourceMap, at, infer
from inftool.servers.shapes import Shape, canonical, is_valid

if TYPE_CHECKING:
    from inftool.servers.seeding import Base

MAX_BYTES = 1024 * 1024


class Constraint(Record):
    """When `tool` must be refused: its entity's properties have the values in `when` (one or a list each), or do not have those in `unless`."""

    tool: str
    when: dict[str, Any] = Field(default_factory=dict)
    unless: dict[str, Any] = Field(default_factory=dict)
    status: int = Field(default=409, ge=400, le=499)
    message: str


class Effect(Record):
    """What else `tool` does to its entity: JSON pointers and the values put there ("$name" is the argument of that name).

    `when`: arguments that must have these values for it.
    """

    tool: str
    when: dict[str, Any] = Field(default_factory=dict)
    set: dict[str, Any] = Field(default_factory=dict)


class Rules(Record):
    """The rules of one world. `seed`: the first entities of each resource; `transitions`: resource -> state -> the states that may follow."""

    seed: dict[str, list[JsonObject]] = Field(default_factory=dict)
    transitions: dict[str, dict[str, list[str]]] = Field(default_factory=dict)
    constraints: tuple[Constraint, ...] = ()
    effects: tuple[Effect, ...] = ()

    def prepare(self, base: Base) -> None:
        """Make a base world follow these rules (before its first use)."""
        base.fixed = self.seed
        text = f"{base.identity}\x1f{canonical(self.model_dump(mode='json'))}"
        base.identity = blake2b(text.encode(), digest_size=32).hexdigest()

    def allows(self, resource: str, now: str, target: str) -> bool | None:
        """Whether a state may follow another; None where the rules do not say."""
        table = self.transitions.get(resource)
        return None if table is None else target in table.get(now, ())

    def refusal(self, tool: str, value: JsonObject) -> tuple[int, str] | None:
        """The status and message with which a call is refused for what its entity is now, None where nothing forbids it."""
        for rule in self.constraints:
            if rule.tool != tool:
                continue
            if (rule.when and _meets(value, rule.when)) or (rule.unless and not _meets(value, rule.unless)):
                return rule.status, rule.message
        return None

    def after(self, tool: str, arguments: JsonObject) -> list[tuple[str, Any]]:
        """What a call puts where in its entity, beyond what the API description implies."""
        out: list[tuple[str, Any]] = []
        for rule in self.effects:
            if rule.tool == tool and _meets(arguments, rule.when):
                for pointer, value in rule.set.items():
                    if isinstance(value, str) and value.startswith("$"):
                        if value[1:] in arguments:
                            out.append((pointer, arguments[value[1:]]))
                    else:
                        out.append((pointer, value))
        return out


def _meets(value: JsonObject, wanted: Mapping[str, Any]) -> bool:
    for name, expected in wanted.items():
        found = at(value, name) if name.startswith("/") else value.get(name)
        if found not in (expected if isinstance(expected, list) else [expected]):
            return False
    return True


def find_rules(spec: str | Path) -> Path | None:
    """The rules file of a spec: `bookshop.world.yaml` beside `bookshop.yaml` (or beside the folder of a multi-file one); None where there is none."""
    source = Path(spec)
    found = source.parent / f"{source.name if source.is_dir() else source.stem}.world.yaml"
    return found if found.is_file() else None


def load_rules(path: str | Path, api: Api, *, resources: ResourceMap | None = None) -> Rules:
    """Read and check a rules file against the API that it is for. WorldError names what is wrong, where, and what is known instead."""
    source = Path(path)
    try:
        raw = source.read_bytes()
    except OSError as error:
        raise WorldError(f"{source} cannot be read: {error.strerror}") from error
    if len(raw) > MAX_BYTES:
        raise WorldError(f"{source} is larger than {MAX_BYTES} bytes")
    try:
        data = yaml.safe_load(raw)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise WorldError(f"{source} is no YAML: {' '.join(str(error).split())[:300]}") from error
    try:
        rules = Rules.model_validate(data or {})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise WorldError(f"{source}: {where or 'the file'}: {first['msg']}", hint="known keys: seed, transitions, constraints, effects") from error
    _check(rules, source, api, resources or infer(api))
    return rules


def _check(rules: Rules, source: Path, api: Api, known: ResourceMap) -> None:
    def resource(name: str, where: str) -> Shape:
        if name not in known.resources:
            raise WorldError(f"{source}: {where}: {api.name} has no resource {name!r}", hint="known: " + ", ".join(sorted(known.resources)))
        return Shape.of(known.resources[name].entity)

    def tool(name: str, where: str) -> None:
        if name not in known.roles:
            raise WorldError(f"{source}: {where}: {api.name} has no tool {name!r}", hint="known: " + ", ".join(sorted(known.roles)[:40]))

    for name, entities in rules.seed.items():
        shape = resource(name, f"seed.{name}")
        for index, entity in enumerate(entities):
            for prop, value in entity.items():
                where = f"seed.{name}.{index}.{prop}"
                if prop not in shape.properties:
                    raise WorldError(f"{source}: {where}: a {name} has no such property", hint="known: " + ", ".join(shape.properties))
                if not is_valid(shape.properties[prop].schema(), value):
                    raise WorldError(f"{source}: {where}: {value!r} breaks the schema of {prop}")
    for name, table in rules.transitions.items():
        resource(name, f"transitions.{name}")
        status = known.resources[name].status
        if status is None:
            raise WorldError(f"{source}: transitions.{name}: a {name} has no property with a closed list of states")
        for state in {*table, *(follower for followers in table.values() for follower in followers)}:
            if state not in status.values:
                raise WorldError(
                    f"{source}: transitions.{name}: {state!r} is no {status.property}", hint="known: " + ", ".join(map(str, status.values))
                )
    for index, rule in enumerate(rules.constraints):
        tool(rule.tool, f"constraints.{index}.tool")
        if not rule.when and not rule.unless:
            raise WorldError(f"{source}: constraints.{index}: neither 'when' nor 'unless' says when")
        _check_target(known, rule.tool, source, f"constraints.{index}.tool")
    for index, effect in enumerate(rules.effects):
        tool(effect.tool, f"effects.{index}.tool")
        _check_target(known, effect.tool, source, f"effects.{index}.tool")
        for pointer in effect.set:
            if not pointer.startswith("/"):
                raise WorldError(f"{source}: effects.{index}.set: {pointer!r} is no JSON pointer (it begins with '/')")


def _check_target(known: ResourceMap, tool: str, source: Path, where: str) -> None:
    role = known.roles[tool]
    if role.resource is None or role.role in {"list", "search", "create", "compute"}:
        raise WorldError(f"{source}: {where}: {tool} works on no single entity")
