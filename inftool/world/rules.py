"""A world's own rules (`specs/NAME.world.yaml`): seed data, state transitions, constraints and effects that no API description can say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import Field, ValidationError

from inftool.core.errors import WorldError
from inftool.core.json_pointer import at, parts
from inftool.core.json_values import canonical
from inftool.core.tools import Api
from inftool.core.types import JsonObject, Record
from inftool.world.resources.inference import infer_resources
from inftool.world.resources.models import ResourceMap
from inftool.world.schema.shape import Shape
from inftool.world.schema.validation import is_valid

if TYPE_CHECKING:
    from inftool.world.seeding.base import SeededBase


MAX_BYTES = 1024 * 1024


class Constraint(Record):
    """When `tool` must be refused: its entity's properties have the values in `when` (one or a list each), or do not have those in `unless`.

    `of`: the entity looked at is the one that this argument (`slot_id`) or property of its own (`/slot_id`) refers to.
    """

    tool: str
    of: str | None = None
    when: dict[str, Any] = Field(default_factory=dict)
    unless: dict[str, Any] = Field(default_factory=dict)
    status: int = Field(default=409, ge=400, le=499)
    message: str


class Effect(Record):
    """What else `tool` does to its entity, or to the one that `of` refers to: JSON pointers and the values put there.

    A value "$name" is the argument of that name. `when`: arguments that must have these values for it.
    """

    tool: str
    of: str | None = None
    when: dict[str, Any] = Field(default_factory=dict)
    set: dict[str, Any] = Field(default_factory=dict)

    def changes(self, arguments: JsonObject) -> list[tuple[str, Any]]:
        """What is put where for some arguments."""
        out: list[tuple[str, Any]] = []
        for pointer, value in self.set.items():
            if isinstance(value, str) and value.startswith("$"):
                if value[1:] in arguments:
                    out.append((pointer, arguments[value[1:]]))
            else:
                out.append((pointer, value))
        return out


class Rules(Record):
    """The rules of one world. `seed`: the first entities of each resource; `transitions`: resource -> state -> the states that may follow."""

    seed: dict[str, list[JsonObject]] = Field(default_factory=dict)
    transitions: dict[str, dict[str, list[str]]] = Field(default_factory=dict)
    constraints: tuple[Constraint, ...] = ()
    effects: tuple[Effect, ...] = ()

    def prepare(self, base: SeededBase) -> None:
        """Make a base world follow these rules (before its first use)."""
        base.fixed = self.seed
        text = f"{base.identity}\x1f{canonical(self.model_dump(mode='json'))}"
        base.identity = blake2b(text.encode(), digest_size=32).hexdigest()

    def allows(self, resource: str, now: str, target: str) -> bool | None:
        """Whether a state may follow another; None where the rules do not say."""
        table = self.transitions.get(resource)
        return None if table is None else target in table.get(now, ())

    def after(self, tool: str, arguments: JsonObject) -> list[tuple[str, Any]]:
        """What a call puts where in its own entity, beyond what the API description implies."""
        chosen = (
            rule
            for rule in self.effects
            if rule.tool == tool and rule.of is None and meets(arguments, rule.when)
        )
        return [change for rule in chosen for change in rule.changes(arguments)]


def meets(value: JsonObject, wanted: Mapping[str, Any]) -> bool:
    """Whether a value has what is wanted: property or JSON pointer -> the value, or a list of those that will do."""
    for name, expected in wanted.items():
        found = at(value, name) if name.startswith("/") else value.get(name)
        if found not in (expected if isinstance(expected, list) else [expected]):
            return False
    return True


def find_rules(spec: str | Path) -> Path | None:
    """The rules file of a spec, None where there is none.

    `bookshop.world.yaml` lies beside `bookshop.yaml`; that of a multi-file spec (`issues/openapi.yaml`) may lie beside its folder
    (`issues.world.yaml`).
    """
    source = Path(spec)
    beside = source.parent / f"{source.name if source.is_dir() else source.stem}.world.yaml"
    if beside.is_file():
        return beside
    around = source.parent.parent / f"{source.parent.name}.world.yaml"
    return around if not source.is_dir() and source.parent.name and around.is_file() else None


def rules_for(apis: Sequence[Api]) -> dict[str, Rules]:
    """The rules that lie beside the specs of some APIs, by the API's name; WorldError where one does not fit its API."""
    found = {
        api.name: path for api in apis if api.tools and (path := find_rules(api.file)) is not None
    }
    return {api.name: load_rules(found[api.name], api) for api in apis if api.name in found}


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
        raise WorldError(
            f"{source}: {where or 'the file'}: {first['msg']}",
            hint="known keys: seed, transitions, constraints, effects",
        ) from error
    _check(rules, source, api, resources or infer_resources(api))
    return rules


def _check(rules: Rules, source: Path, api: Api, known: ResourceMap) -> None:
    def resource(name: str, where: str) -> Shape:
        if name not in known.resources:
            raise WorldError(
                f"{source}: {where}: {api.name} has no resource {name!r}",
                hint="known: " + ", ".join(sorted(known.resources)),
            )
        return Shape.of(known.resources[name].entity)

    def tool(name: str, where: str) -> None:
        if name not in known.roles:
            raise WorldError(
                f"{source}: {where}: {api.name} has no tool {name!r}",
                hint="known: " + ", ".join(sorted(known.roles)[:40]),
            )

    for name, entities in rules.seed.items():
        shape = resource(name, f"seed.{name}")
        for index, entity in enumerate(entities):
            for prop, value in entity.items():
                where = f"seed.{name}.{index}.{prop}"
                if prop not in shape.properties:
                    raise WorldError(
                        f"{source}: {where}: a {name} has no such property",
                        hint="known: " + ", ".join(shape.properties),
                    )
                if not is_valid(shape.properties[prop].schema(), value):
                    raise WorldError(f"{source}: {where}: {value!r} breaks the schema of {prop}")
    for name, table in rules.transitions.items():
        resource(name, f"transitions.{name}")
        status = known.resources[name].status
        if status is None:
            raise WorldError(
                f"{source}: transitions.{name}: a {name} has no property with a closed list of states"
            )
        for state in {
            *table,
            *(follower for followers in table.values() for follower in followers),
        }:
            if state not in status.values:
                raise WorldError(
                    f"{source}: transitions.{name}: {state!r} is no {status.property}",
                    hint="known: " + ", ".join(map(str, status.values)),
                )
    for index, rule in enumerate(rules.constraints):
        where = f"constraints.{index}"
        tool(rule.tool, f"{where}.tool")
        if not rule.when and not rule.unless:
            raise WorldError(f"{source}: {where}: neither 'when' nor 'unless' says when")
        about = resource(_subject(known, rule.tool, rule.of, source, where), where)
        for name in (*rule.when, *rule.unless):
            _has(about, name, source, f"{where}.{'when' if name in rule.when else 'unless'}")
    for index, effect in enumerate(rules.effects):
        where = f"effects.{index}"
        tool(effect.tool, f"{where}.tool")
        about = resource(_subject(known, effect.tool, effect.of, source, where), where)
        for pointer in effect.set:
            if not pointer.startswith("/"):
                raise WorldError(
                    f"{source}: {where}.set: {pointer!r} is no JSON pointer (it begins with '/')"
                )
            _has(about, pointer, source, f"{where}.set")


def _has(shape: Shape, name: str, source: Path, where: str) -> None:
    first = parts(name)[0] if name.startswith("/") else name
    if shape.properties and first not in shape.properties:
        raise WorldError(
            f"{source}: {where}: there is no property {first!r}",
            hint="known: " + ", ".join(shape.properties),
        )


def _subject(known: ResourceMap, tool: str, of: str | None, source: Path, where: str) -> str:
    """The resource that a rule speaks of; WorldError where its tool works on no single entity or `of` refers to nothing."""
    role = known.roles[tool]
    if of is None:
        if role.target.resource is None or role.kind in {"list", "search", "create", "compute"}:
            raise WorldError(
                f"{source}: {where}.tool: {tool} works on no single entity",
                hint="'of' names an argument that refers to one",
            )
        return role.target.resource
    if of.startswith("/"):
        linked = (
            known.resources[role.target.resource].references
            if role.target.resource is not None and role.kind != "create"
            else {}
        )
        target = linked.get(of)
        options = list(linked)
    else:
        target = role.references.get("".join(f"/{step}" for step in of.split(".")))
        options = [pointer[1:].replace("/", ".") for pointer in role.references]
    if target is None:
        raise WorldError(
            f"{source}: {where}.of: {of!r} refers to nothing in {tool}",
            hint=f"known: {', '.join(options) or 'none'}",
        )
    return target[0]
