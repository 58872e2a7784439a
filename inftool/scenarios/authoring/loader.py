"""Blueprints written by hand as YAML: read, checked with errors that name the line, and run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml
from pydantic import Field, ValidationError

from inftool.core.blueprints import Blueprint, Category, Persona
from inftool.core.errors import ScenarioError
from inftool.core.types import Record
from inftool.scenarios.authoring.document import PLAIN, Misplaced, WrittenTurn, write_blueprint
from inftool.scenarios.world_pool import WorldPool

# A blueprint is a few kilobytes; the limit keeps a wrong file from being parsed for minutes.
MAX_BYTES = 1024 * 1024


class WrittenBlueprint(Record):
    """The content of a file."""

    specs: tuple[str, ...] = ()
    """Paths of specs, relative to the file."""

    api: str = ""
    """Any part of the API's name or title; may be empty where there is one API only."""

    seed: int = 0
    """The seed of the world."""

    category: Category = "multi_turn_base"
    """The category that the blueprint counts as."""

    persona: str | Persona = ""
    """The name of a persona of `agents/personas/`, or a persona of its own."""

    tools: tuple[str, ...] = ()
    """The visible tools; all of the API if empty."""

    turns: tuple[WrittenTurn, ...] = Field(min_length=1)
    """The user's requests, in order."""


def read_written(path: str | Path) -> tuple[WrittenBlueprint, yaml.Node]:
    """A file's content and its YAML nodes, which know their lines.

    ScenarioError names the file, the line and what is wrong.
    """
    source = Path(path)
    text = _read_text(source)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ScenarioError(f"{source}:{line}: no YAML: {error.problem}") from error
    except (RecursionError, yaml.YAMLError) as error:
        raise _no_yaml(source, error) from error
    if node is None or not isinstance(data, dict):
        raise ScenarioError(
            f"{source}:1: a blueprint is a mapping",
            hint=f"its keys: {', '.join(WrittenBlueprint.model_fields)}",
        )
    try:
        return WrittenBlueprint.model_validate(data), node
    except ValidationError as error:
        first = error.errors()[0]
        # Pydantic adds the branch of a union ("str", "Persona") to the path of an error.
        place = tuple(part for part in first["loc"] if part not in ("str", "Persona"))
        where = ".".join(map(str, place)) or "the file"
        raise ScenarioError(f"{source}:{line_of(node, place)}: {where}: {first['msg']}") from error


def _read_text(source: Path) -> str:
    try:
        raw = source.read_bytes()
    except OSError as error:
        raise ScenarioError(f"{source} cannot be read: {error.strerror}") from error
    if len(raw) > MAX_BYTES:
        raise ScenarioError(f"{source} is larger than {MAX_BYTES} bytes")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _no_yaml(source, error) from error


def _no_yaml(source: Path, error: Exception) -> ScenarioError:
    return ScenarioError(f"{source}: no YAML: {' '.join(str(error).split())[:200]}")


def line_of(node: yaml.Node, place: Sequence[str | int]) -> int:
    """The line, counted from 1, of a place in a document: keys and indices from its top.

    Where the place does not exist, it is the line of the nearest place above that does.
    """
    for part in place:
        child = _child(node, part)
        if child is None:
            break
        node = child
    return int(node.start_mark.line) + 1


def _child(node: yaml.Node, part: str | int) -> yaml.Node | None:
    child: yaml.Node | None = None
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                # A scalar's line is its key's; a block begins on the line after it.
                child = key if isinstance(value, yaml.ScalarNode) else value
    elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        child = node.value[part]
    return child


def read_blueprint(
    path: str | Path, stage: WorldPool, personas: Sequence[Persona] = ()
) -> Blueprint:
    """The blueprint of a YAML file, its plan run in the seeded world.

    ScenarioError names the file, the line and what is wrong.
    """
    written, node = read_written(path)
    try:
        api_name = _api_name(written.api, stage)
        for index, name in enumerate(written.tools):
            if name not in stage.tools:
                raise Misplaced(f"there is no tool {name!r}", ("tools", index))
        return write_blueprint(
            stage,
            written.turns,
            api=api_name,
            tools=written.tools or None,
            persona=_persona(written.persona, personas),
            category=written.category,
            seed=written.seed,
        )
    except Misplaced as error:
        where = f"{path}:{line_of(node, error.place)}"
        # The text of an error ends with its hint, which would stand there twice.
        raise ScenarioError(f"{where}: {error.args[0]}", hint=error.hint) from error


def _api_name(part: str, stage: WorldPool) -> str:
    """The one API whose name or title holds a text, in any case; the first for an empty text."""
    names = [
        name
        for name in stage.api_names
        if part.lower() in name.lower() or part.lower() in stage.api(name).title.lower()
    ]
    if len(names) == 1 or (names and not part):
        return names[0]
    problem = (
        f"several APIs are called something with {part!r}" if names else f"there is no API {part!r}"
    )
    raise Misplaced(problem, ("api",), f"there are: {', '.join(stage.api_names)}")


def _persona(persona: str | Persona, personas: Sequence[Persona]) -> Persona:
    """The persona that a file holds or names; the plain one if it does neither."""
    if isinstance(persona, Persona):
        return persona
    if not persona:
        return PLAIN
    for candidate in personas:
        if candidate.name == persona:
            return candidate
    names = ", ".join(candidate.name for candidate in personas)
    raise Misplaced(f"there is no persona {persona!r}", ("persona",), f"there are: {names}")
