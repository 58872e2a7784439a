"""Role cards: prompts and settings of agents, in Markdown files that users may replace.

A card starts with its settings as YAML between two lines of `---`; the prompt follows.
"""

from __future__ import annotations

import hashlib
import string
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import yaml
from pydantic import Field, ValidationError

from inftool.core.blueprints import Detail, Persona
from inftool.core.errors import CastError
from inftool.core.package_data import data_folder
from inftool.core.types import Record
from inftool.scenarios.tool_schema.session_values import session_text

# Every card there is; the judge has one for each rubric.
CARD_NAMES = (
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
    """The prompt and the settings of one role."""

    name: str
    """The role's name, as the card's file says it."""

    description: str = ""
    """What the agent does, for the teams of agentchat."""

    temperature: float | None = None
    """The sampling temperature, for endpoints that set none."""

    max_tool_iterations: int = Field(default=12, ge=1)
    """The most rounds of calls before the assistant has to answer."""

    stop: str = "[DONE]"
    """What the user says when nothing is left to say."""

    prompt: str
    """The system prompt, with `$placeholders`."""

    sha256: str
    """The SHA-256 of the file's bytes, in hexadecimal."""

    def render(self, **values: str) -> str:
        """The prompt with its placeholders filled in.

        CastError if a placeholder has no value, so that no prompt is sent with a hole in it.
        """
        try:
            return string.Template(self.prompt).substitute(stop=self.stop, **values)
        except (KeyError, ValueError) as error:
            raise CastError(
                f"the card {self.name!r} has a placeholder that cannot be filled: {error}",
                hint=f"it may use: $stop, ${', $'.join(values)}; a dollar sign itself is $$",
            ) from error

    def brief(self, *, service: str, now: str, session: Sequence[Detail] = ()) -> str:
        """The assistant's prompt for one conversation, with the session's values at the end."""
        prompt = self.render(service=service, now=now)
        values = session_text(session)
        return f"{prompt}\n\n{values}" if values else prompt


# Cached, so that a card that is edited during a run does not change in the middle of it.
@cache
def load_card(role: str | Path) -> Card:
    """A card by its name (`user`, `judge-honesty`) or by the path of a file that ends in `.md`.

    CastError if it cannot be read.
    """
    if isinstance(role, Path) or role.endswith(".md"):
        path = Path(role)
    else:
        path = data_folder("agents") / f"{role}.md"
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CastError(f"no role card at {path}: {error}") from error
    if not text.startswith("---\n") or "\n---\n" not in text[4:]:
        raise CastError(f"{path}: a role card starts with YAML between two lines of ---")
    # The first line is skipped: it is the `---` that opens the settings.
    front_matter, _, body = text[4:].partition("\n---\n")
    try:
        settings = yaml.safe_load(front_matter)
        return Card(**settings, prompt=body.strip(), sha256=hashlib.sha256(raw).hexdigest())
    except (yaml.YAMLError, TypeError, ValidationError) as error:
        raise CastError(f"{path}: {error}") from error


def chosen_card(name: str, replacements: Mapping[str, str]) -> Card:
    """A card by its name, from the file that replaces it if there is one.

    `replacements`: name of a card -> path of a file. CastError for a name that no card has, and
    for a user's card without `$wishes`.
    """
    if unknown := sorted(replacements.keys() - set(CARD_NAMES)):
        raise CastError(
            f"there is no card {unknown[0]!r}", hint=f"there are: {', '.join(CARD_NAMES)}"
        )
    card = load_card(Path(replacements[name]) if name in replacements else name)
    # The other placeholders are optional, but without its wishes a user has nothing to say.
    if name == "user" and "wishes" not in string.Template(card.prompt).get_identifiers():
        raise CastError(
            f"the card {replacements.get(name, name)} has no $wishes:"
            " its user would not know what to ask for"
        )
    return card


@cache
def load_personas(folder: Path | None = None) -> tuple[Persona, ...]:
    """Every persona in the YAML files of a folder, sorted by name; None: InfTool's own.

    CastError if a file cannot be read, or if there is no persona.
    """
    source = folder or data_folder("agents") / "personas"
    personas: list[Persona] = []
    for path in sorted(source.glob("*.yaml")):
        try:
            items = yaml.safe_load(path.read_text("utf-8"))
            personas += [Persona.model_validate(item) for item in items]
        except (OSError, yaml.YAMLError, TypeError, ValidationError) as error:
            raise CastError(f"{path}: {error}") from error
    if not personas:
        raise CastError(f"no personas in {source}")
    return tuple(sorted(personas, key=lambda persona: persona.name))
