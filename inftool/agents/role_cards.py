"""Role cards: the prompt of an agent and its settings, as a Markdown file with YAML front matter that a user may replace."""

from __future__ import annotations

import hashlib
import string
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError

from inftool.core.blueprints import Detail, Persona
from inftool.core.errors import CastError
from inftool.core.package_data import data_folder
from inftool.core.types import Record
from inftool.scenarios.tool_schema.session_values import session_text

# The cards that there are; those of the judge are one a rubric.
NAMES = (
    "user",
    "assistant",
    "writer",
    "world",
    "merger",
    "judge-grounding",
    "judge-honesty",
    "judge-consistency",
)


class Card(Record):
    """One role: the system prompt with `$placeholders`, and the settings of whoever plays it. `sha256` is of the file's bytes."""

    name: str
    description: str = ""
    temperature: float | None = None
    max_tool_iterations: int = Field(default=12, ge=1)
    stop: str = "[DONE]"
    prompt: str
    sha256: str

    def render(self, **values: str) -> str:
        """The prompt with its placeholders filled in; one that has no value is an error, so that no prompt goes out with a hole in it."""
        try:
            return string.Template(self.prompt).substitute(stop=self.stop, **values)
        except (KeyError, ValueError) as error:
            raise CastError(
                f"the card {self.name!r} has a placeholder that cannot be filled: {error}",
                hint=f"it may use: $stop, ${', $'.join(values)}; a dollar sign itself is $$",
            ) from error

    def brief(self, *, service: str, now: str, session: Sequence[Detail] = ()) -> str:
        """The assistant's prompt for one conversation, with what its session gives at the end."""
        told = session_text(session)
        return "\n\n".join([self.render(service=service, now=now), *([told] if told else [])])


@cache
def load_card(role: str | Path) -> Card:
    """A role's card by its name (`user`, `assistant`) or by the path of a file of one's own; CastError where it cannot be read."""
    path = (
        Path(role)
        if isinstance(role, Path) or role.endswith(".md")
        else data_folder("agents") / f"{role}.md"
    )
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CastError(f"no role card at {path}: {error}") from error
    if not text.startswith("---\n") or "\n---\n" not in text[4:]:
        raise CastError(f"{path}: a role card starts with YAML between two lines of ---")
    front, _, body = text[4:].partition("\n---\n")
    try:
        settings: Any = yaml.safe_load(front)
        return Card(**settings, prompt=body.strip(), sha256=hashlib.sha256(raw).hexdigest())
    except (yaml.YAMLError, TypeError, ValidationError) as error:
        raise CastError(f"{path}: {error}") from error


def chosen_card(name: str, own: Mapping[str, str]) -> Card:
    """A card by its name, or the file that stands for it in `own`; CastError for names that there are not."""
    if unknown := sorted(own.keys() - set(NAMES)):
        raise CastError(f"there is no card {unknown[0]!r}", hint=f"there are: {', '.join(NAMES)}")
    card = load_card(Path(own[name]) if name in own else name)
    if name == "user" and "wishes" not in string.Template(card.prompt).get_identifiers():
        raise CastError(
            f"the card {own.get(name, name)} has no $wishes: its user would not know what to ask for"
        )
    return card


@cache
def load_personas(folder: Path | None = None) -> tuple[Persona, ...]:
    """Every persona of `agents/personas/` (or of a folder of one's own), sorted by name; CastError where there is none."""
    home = folder or data_folder("agents") / "personas"
    people: list[Persona] = []
    for path in sorted(home.glob("*.yaml")):
        try:
            people += [
                Persona.model_validate(item) for item in yaml.safe_load(path.read_text("utf-8"))
            ]
        except (OSError, yaml.YAMLError, TypeError, ValidationError) as error:
            raise CastError(f"{path}: {error}") from error
    if not people:
        raise CastError(f"no personas in {home}")
    return tuple(sorted(people, key=lambda person: person.name))
