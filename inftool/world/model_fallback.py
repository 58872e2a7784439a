"""A model that plays what the spec does not determine (the paper's simulated server), with every answer recorded so that a replay needs no model."""

from __future__ import annotations

import inspect
import json
import re
import string
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol

from inftool.core.errors import CastError, FatalError
from inftool.core.json_values import canonical
from inftool.core.tools import Result, Tool
from inftool.core.types import JsonObject
from inftool.world.recordings import Recordings
from inftool.world.schema.shape import Shape
from inftool.world.schema.validation import is_valid, schema_errors

if TYPE_CHECKING:
    from inftool.world.world import World


MAX_STATE = 24_000
MAX_ANSWER = 200_000
_FENCE = re.compile(r"^\s*```[a-zA-Z]*\s*\n(.*?)\n?```\s*$", re.DOTALL)

Ask = Callable[[list[tuple[str, str]]], "str | Awaitable[str]"]
"""A conversation so far, (role, text) each with roles system, user and assistant, answered with a text."""


class CompletionClient(Protocol):
    """What is needed of AutoGen's `ChatCompletionClient`."""

    async def create(self, messages: Any, /, *, json_output: Any = None) -> Any:
        """One completion, its text in `content`."""


class FallbackPlayer:
    """Plays the operations that fall back: `Player(client, card)`, then `await player.play(world, tool, arguments)`.

    `client`: AutoGen's `ChatCompletionClient`, or a function of the conversation (`Ask`). `card`: the prompt, with `$service` and `$now` in it.
    An answer must satisfy the tool's output schema; one that does not is asked for once more with what is wrong with it, and then the world's own
    answer stands. A client's error has the world's own answer stand too, unless it is fatal (FatalError, raised on).
    """

    def __init__(
        self, client: CompletionClient | Ask, card: str, *, recordings: Recordings | None = None
    ) -> None:
        self.recordings = recordings if recordings is not None else Recordings()
        self.asked = 0
        self.failed = 0
        self._client = client
        self._card = card

    async def play(self, world: World, tool: str, arguments: JsonObject) -> Result:
        """Play one call whose arguments are valid: as `World.call` does where the world knows what to do, else as the model says."""
        world.recordings = self.recordings
        state = world.digest()
        prompt = (
            self._prompt(world, world.tool(tool), arguments)
            if world.resources.roles[tool].fallback
            else ""
        )
        result = world.call(tool, arguments)
        schema = world.tool(tool).output_schema
        if not prompt or not result.ok or not result.fallback or result.fault or schema is None:
            return result
        if self.recordings.find(state, tool, arguments)[0]:
            return result
        try:
            body, good = await self._answer(prompt, schema)
        except CastError as error:
            if error.fatal or isinstance(error, FatalError):
                raise
            good, body = False, None
        if not good:
            self.failed += 1
            body = result.body
        return result.model_copy(
            update={"body": self.recordings.keep(state, tool, arguments, body)}
        )

    async def _answer(self, prompt: str, schema: JsonObject) -> tuple[Any, bool]:
        system, _, request = prompt.partition("\x00")
        talk = [("system", system), ("user", request)]
        for _ in range(2):
            self.asked += 1
            text = await self._ask(talk, json_output=Shape.of(schema).types == ("object",))
            try:
                body = (
                    json.loads(found[1] if (found := _FENCE.match(text)) else text)
                    if len(text) <= MAX_ANSWER
                    else None
                )
                wrong = (
                    ""
                    if is_valid(schema, body)
                    else "; ".join(
                        f"/{'/'.join(map(str, path))}: {said}"
                        for path, said, _ in schema_errors(schema, body)[:5]
                    )
                )
                if not wrong:
                    return body, True
            except (ValueError, RecursionError) as error:
                wrong = f"it is no JSON: {error}"
            talk += [
                ("assistant", text[:4000]),
                (
                    "user",
                    f"That does not satisfy the schema: {wrong[:2000]}\nAnswer again, with the JSON value alone.",
                ),
            ]
        return None, False

    async def _ask(self, talk: list[tuple[str, str]], *, json_output: bool) -> str:
        create = getattr(self._client, "create", None)
        if create is None:
            said = self._client(talk)  # type: ignore[operator]
            return str(await said if inspect.isawaitable(said) else said)
        from autogen_core.models import AssistantMessage, SystemMessage, UserMessage

        kinds: dict[str, Callable[[str], Any]] = {
            "system": lambda text: SystemMessage(content=text),
            "user": lambda text: UserMessage(content=text, source="user"),
            "assistant": lambda text: AssistantMessage(content=text, source="assistant"),
        }
        # An endpoint's JSON mode means objects: a list or a text is asked for in words alone.
        result = await create(
            [kinds[role](text) for role, text in talk], json_output=json_output or None
        )
        return result.content if isinstance(result.content, str) else ""

    def _prompt(self, world: World, tool: Tool, arguments: JsonObject) -> str:
        try:
            system = string.Template(self._card).substitute(
                service=world.api.title, now=world.now.strftime("%A %Y-%m-%d %H:%M")
            )
        except (KeyError, ValueError) as error:
            raise CastError(
                f"the world's card has a placeholder that cannot be filled: {error}",
                hint="it may use: $service, $now",
            ) from error
        request = [
            f"State:\n{state_text(world, tool.name)}",
            f"Request: {tool.name} ({tool.method.upper()} {tool.path})\n{tool.description}".replace(
                " ( )", ""
            ),
            f"Arguments:\n{canonical(arguments)}",
            f"Schema of the answer:\n{canonical(tool.output_schema)}",
        ]
        return f"{system}\x00" + "\n\n".join(request)


def state_text(world: World, tool: str, most: int = MAX_STATE) -> str:
    """A world's state as JSON for a model to read, what the tool is about first; at most `most` characters, with what is left out counted."""
    from inftool.world.operations.log import LOG

    role = world.resources.roles[tool]
    first = [
        name
        for name in (
            role.target.resource,
            *(name for name, _ in reversed(role.target.scope)),
            *(name for name, _ in role.references.values()),
        )
        if name
    ]
    names = [
        name
        for name in dict.fromkeys((*first, *world.resources.resources))
        if not world.resources.resources[name].virtual
    ]
    lines: list[str] = []
    left = most
    for name in names:
        rows = world.entities(name)
        shown: list[str] = []
        for value in rows.values():
            text = canonical(value)
            if len(text) > left:
                break
            left -= len(text)
            shown.append(text)
        note = f" ({len(rows) - len(shown)} more)" if len(shown) < len(rows) else ""
        lines.append(f"{name}{note}: [{', '.join(shown)}]")
    if done := [canonical(entry.value) for entry in world.collection(LOG).values()][-20:]:
        lines.append(f"done so far: [{', '.join(done)}]"[:4000])
    return "\n".join(lines)
