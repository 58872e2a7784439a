"""Rules files (`bookshop.world.yaml`): found beside their specs, read, and checked against them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import yaml
from pydantic import ValidationError

from inftool.core.errors import WorldError
from inftool.core.json_pointer import split_pointer
from inftool.core.tools import Api
from inftool.world.resources.inference import infer_resources
from inftool.world.resources.models import ResourceMap, ResourceProperty
from inftool.world.rules import Constraint, Effect, Rules
from inftool.world.schema.shape import Shape
from inftool.world.schema.validation import is_valid

# Rules are written by hand; a larger file is not one of them.
MAX_BYTES = 1024 * 1024
# The tools that a hint lists: an API may have thousands.
_MAX_LISTED = 40


def find_rules(spec: str | Path) -> Path | None:
    """The rules file of a spec, None if it has none.

    `bookshop.world.yaml` lies beside `bookshop.yaml`; that of a multi-file spec
    (`issues/openapi.yaml`) may lie beside its folder (`issues.world.yaml`).
    """
    source = Path(spec)
    beside = source.parent / f"{source.name if source.is_dir() else source.stem}.world.yaml"
    if beside.is_file():
        return beside
    if source.is_dir() or not source.parent.name:
        return None
    beside_folder = source.parent.parent / f"{source.parent.name}.world.yaml"
    return beside_folder if beside_folder.is_file() else None


def rules_for(apis: Sequence[Api]) -> dict[str, Rules]:
    """The rules that lie beside the specs of some APIs: API name -> rules.

    WorldError where one does not fit its API.
    """
    rules: dict[str, Rules] = {}
    for api in apis:
        path = find_rules(api.file) if api.tools else None
        if path is not None:
            rules[api.name] = load_rules(path, api)
    return rules


def load_rules(path: str | Path, api: Api, *, resources: ResourceMap | None = None) -> Rules:
    """Read a rules file and check it against its API.

    `resources`: what was inferred of the API already. WorldError names what is wrong, where, and
    what is known instead.
    """
    source = Path(path)
    rules = _parse(source)
    _Checker(source, api, resources or infer_resources(api)).check(rules)
    return rules


def _parse(source: Path) -> Rules:
    try:
        raw = source.read_bytes()
    except OSError as error:
        raise WorldError(f"{source} cannot be read: {error.strerror}") from error
    if len(raw) > MAX_BYTES:
        raise WorldError(f"{source} is larger than {MAX_BYTES} bytes")
    try:
        # Safe loading: a rules file may come with a spec from anywhere.
        data = yaml.safe_load(raw)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise WorldError(f"{source} is not YAML: {' '.join(str(error).split())[:300]}") from error
    try:
        return Rules.model_validate(data or {})
    except ValidationError as error:
        # The first error only: the others are often consequences of it.
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise WorldError(
            f"{source}: {where or 'the file'}: {first['msg']}",
            hint="known keys: seed, transitions, constraints, effects",
        ) from error


class _Checker:
    """Checks the rules of one file; every method raises WorldError at the first thing wrong."""

    def __init__(self, source: Path, api: Api, inferred: ResourceMap) -> None:
        self._source = source
        self._api = api
        self._inferred = inferred

    def check(self, rules: Rules) -> None:
        for name, entities in rules.seed.items():
            shape = self._shape(name, f"seed.{name}")
            for index, entity in enumerate(entities):
                for prop, value in entity.items():
                    self._check_seed(name, shape, prop, value, f"seed.{name}.{index}.{prop}")
        for name, table in rules.transitions.items():
            self._check_transitions(name, table)
        for index, constraint in enumerate(rules.constraints):
            self._check_constraint(constraint, f"constraints.{index}")
        for index, effect in enumerate(rules.effects):
            self._check_effect(effect, f"effects.{index}")

    def _error(self, where: str, problem: str, known: Iterable[str] | None = None) -> WorldError:
        hint = "known: " + (", ".join(known) or "none") if known is not None else ""
        return WorldError(f"{self._source}: {where}: {problem}", hint=hint)

    def _shape(self, name: str, where: str) -> Shape:
        """The shape of a resource's entities."""
        resources = self._inferred.resources
        if name not in resources:
            problem = f"{self._api.name} has no resource {name!r}"
            raise self._error(where, problem, sorted(resources))
        return Shape.of(resources[name].entity)

    def _check_seed(self, name: str, shape: Shape, prop: str, value: object, where: str) -> None:
        if prop not in shape.properties:
            raise self._error(where, f"a {name} has no such property", shape.properties)
        if not is_valid(shape.properties[prop].schema(), value):
            raise self._error(where, f"{value!r} breaks the schema of {prop}")

    def _check_transitions(self, name: str, table: dict[str, list[str]]) -> None:
        where = f"transitions.{name}"
        self._shape(name, where)
        status = self._inferred.resources[name].status
        if status is None:
            raise self._error(where, f"a {name} has no property with a closed list of states")
        followers = (state for states in table.values() for state in states)
        for state in dict.fromkeys((*table, *followers)):
            if state not in status.values:
                raise self._error(where, f"{state!r} is not a {status.property}", status.values)

    def _check_constraint(self, rule: Constraint, where: str) -> None:
        self._check_tool(rule.tool, f"{where}.tool")
        if not rule.when and not rule.unless:
            raise self._error(where, "neither 'when' nor 'unless' says when")
        shape = self._shape(self._subject(rule.tool, rule.of, where), where)
        for name in (*rule.when, *rule.unless):
            self._check_property(
                shape, name, f"{where}.{'when' if name in rule.when else 'unless'}"
            )

    def _check_effect(self, effect: Effect, where: str) -> None:
        self._check_tool(effect.tool, f"{where}.tool")
        shape = self._shape(self._subject(effect.tool, effect.of, where), where)
        for pointer in effect.set:
            if not pointer.startswith("/"):
                problem = f"{pointer!r} is not a JSON pointer (it begins with '/')"
                raise self._error(f"{where}.set", problem)
            self._check_property(shape, pointer, f"{where}.set")

    def _check_tool(self, name: str, where: str) -> None:
        if name not in self._inferred.roles:
            known = sorted(self._inferred.roles)[:_MAX_LISTED]
            raise self._error(where, f"{self._api.name} has no tool {name!r}", known)

    def _check_property(self, shape: Shape, name: str, where: str) -> None:
        # Deeper steps are not looked at: arrays and alternatives may give them many shapes.
        first = split_pointer(name)[0] if name.startswith("/") else name
        if shape.properties and first not in shape.properties:
            raise self._error(where, f"there is no property {first!r}", shape.properties)

    def _subject(self, tool: str, of: str | None, where: str) -> str:
        """The resource of the entity that a rule looks at or changes."""
        role = self._inferred.roles[tool]
        resource = role.target.resource
        if of is None:
            # A list has many entities, a create has none before the call.
            if resource is None or role.kind in {"list", "search", "create", "compute"}:
                raise WorldError(
                    f"{self._source}: {where}.tool: {tool} does not work on a single entity",
                    hint="'of' names an argument that refers to one",
                )
            return resource
        # An argument is written with dots (`order.slot_id`), as users see nested arguments.
        references: dict[str, ResourceProperty] = role.references
        pointer = "".join(f"/{step}" for step in of.split("."))
        known = [pattern[1:].replace("/", ".") for pattern in references]
        if of.startswith("/"):
            has_entity = resource is not None and role.kind != "create"
            references = self._inferred.resources[str(resource)].references if has_entity else {}
            pointer = of
            known = list(references)
        if pointer not in references:
            raise self._error(f"{where}.of", f"{of!r} refers to nothing in {tool}", known)
        return references[pointer][0]
