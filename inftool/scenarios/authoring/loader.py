"""Blueprints written by hand as YAML: read, checked with errors that name the line, and run before
anybody plays them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError

from inftool.core.blueprints import Blueprint, Category, Persona
from inftool.core.errors import ScenarioError
from inftool.core.types import Record
from inftool.scenarios.authoring.document import PLAIN, Misplaced, WrittenTurn, write_blueprint
from inftool.scenarios.world_pool import WorldPool

MAX_BYTES = 1024 * 1024


class WrittenBlueprint(Record):
    """A file's content. `specs` are paths beside the file; `api` is any part of an API's name or
    title; `tools` the visible ones (default: the API's).

    `persona` is the name of one of `agents/personas/`, or one of one's own.
    """

    specs: tuple[str, ...] = ()
    api: str = ""
    seed: int = 0
    category: Category = "multi_turn_base"
    persona: str | Persona = ""
    tools: tuple[str, ...] = ()
    turns: tuple[WrittenTurn, ...] = Field(min_length=1)


def read_written(path: str | Path) -> tuple[WrittenBlueprint, yaml.Node]:
    """A file's content and its YAML nodes, which know their lines.

    ScenarioError names the file, the line and what is wrong.
    """
    source = Path(path)
    try:
        raw = source.read_bytes()
    except OSError as error:
        raise ScenarioError(f"{source} cannot be read: {error.strerror}") from error
    if len(raw) > MAX_BYTES:
        raise ScenarioError(f"{source} is larger than {MAX_BYTES} bytes")
    try:
        text = raw.decode("utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ScenarioError(f"{source}:{line}: no YAML: {error.problem}") from error
    except (UnicodeDecodeError, RecursionError, yaml.YAMLError) as error:
        raise ScenarioError(f"{source}: no YAML: {' '.join(str(error).split())[:200]}") from error
    if node is None or not isinstance(data, dict):
        raise ScenarioError(
            f"{source}:1: a blueprint is a mapping",
            hint=f"its keys: {', '.join(WrittenBlueprint.model_fields)}",
        )
    try:
        return WrittenBlueprint.model_validate(data), node
    except ValidationError as error:
        first = error.errors()[0]
        place = tuple(part for part in first["loc"] if part not in ("str", "Persona"))
        where = ".".join(map(str, place))
        raise ScenarioError(
            f"{source}:{line_of(node, place)}: {where or 'the file'}: {first['msg']}"
        ) from error


def line_of(node: yaml.Node, place: Sequence[Any]) -> int:
    """The 1-based line of a place in a document, or of the nearest one above that is there."""
    for part in place:
        below: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    # A scalar's own line is its key's; a block begins on the next one.
                    below = value if not isinstance(value, yaml.ScalarNode) else key
        elif (
            isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value)
        ):
            below = node.value[part]
        if below is None:
            break
        node = below
    return int(node.start_mark.line) + 1


def read_blueprint(
    path: str | Path, stage: WorldPool, personas: Sequence[Persona] = ()
) -> Blueprint:
    """The blueprint of a YAML file, its plan run in the seeded world.

    ScenarioError names the file, the line and what is wrong.
    """
    written, node = read_written(path)

    def wrong(place: Sequence[Any], message: str, hint: str = "") -> ScenarioError:
        return ScenarioError(f"{path}:{line_of(node, place)}: {message}", hint=hint)

    wanted = written.api.lower()
    homes = [
        name
        for name in stage.api_names
        if wanted in name.lower() or wanted in stage.api(name).title.lower()
    ]
    if len(homes) != 1 and not (homes and not wanted):
        problem = (
            f"several APIs are called something with {written.api!r}"
            if homes
            else f"there is no API {written.api!r}"
        )
        raise wrong(("api",), problem, f"there are: {', '.join(stage.api_names)}")
    for index, name in enumerate(written.tools):
        if name not in stage.tools:
            raise wrong(("tools", index), f"there is no tool {name!r}")
    persona: Persona | None = PLAIN
    if isinstance(written.persona, Persona):
        persona = written.persona
    elif written.persona:
        persona = next((person for person in personas if person.name == written.persona), None)
    if persona is None:
        raise wrong(
            ("persona",),
            f"there is no persona {written.persona!r}",
            f"there are: {', '.join(person.name for person in personas)}",
        )
    try:
        return write_blueprint(
            stage,
            written.turns,
            api=homes[0],
            tools=written.tools or None,
            persona=persona,
            category=written.category,
            seed=written.seed,
        )
    except Misplaced as error:
        raise wrong(error.place, str(error)) from error
