"""A model that answers what the spec does not determine (the paper's simulated server).

Every answer is recorded, so that a replay needs no model.
"""

from __future__ import annotations

import inspect
import json
import re
import string
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, runtime_checkable

from inftool.core.errors import CastError, FatalError
from inftool.core.json_values import canonical
from inftool.core.tools import Result, Tool
from inftool.core.types import Arguments, JsonObject
from inftool.world.operations.log import LOG
from inftool.world.recordings import Recordings
from inftool.world.schema.shape import Shape
from inftool.world.schema.validation import is_valid, schema_errors
from inftool.world.world import World

# Some 6,000 tokens of state leave room for the rest of the prompt in small contexts.
MAX_STATE = 24_000
# A longer text is taken for a model that has lost its way, and is not parsed.
MAX_ANSWER = 200_000
# How often a model is asked: a second time, with what was wrong with the first answer.
_ATTEMPTS = 2
# What of an invalid answer, and of what is wrong with it, goes back into the conversation.
_MAX_ECHO = 4000
_MAX_PROBLEM = 2000
_MAX_ERRORS = 5
# The calls done so far that the state's text ends with: the last ones, as long as they fit.
_LOGGED_CALLS = 20
_MAX_LOG = 4000
_FENCE = re.compile(r"^\s*```[a-zA-Z]*\s*\n(.*?)\n?```\s*$", re.DOTALL)

Ask = Callable[[list[tuple[str, str]]], "str | Awaitable[str]"]
"""A conversation so far, (role, text) each with roles system, user and assistant -> the reply."""


class Completion(Protocol):
    """What is needed of AutoGen's `CreateResult`."""

    @property
    def content(self) -> object:
        """The reply: a text, or tool calls."""


@runtime_checkable
class CompletionClient(Protocol):
    """What is needed of AutoGen's `ChatCompletionClient`."""

    # The parameters are AutoGen's types, which the world does not import.
    async def create(self, messages: Any, /, *, json_output: Any = None) -> Completion:
        """One completion of a conversation."""


class FallbackPlayer:
    """Plays the operations that fall back.

    `player = FallbackPlayer(client, card)`, then `await player.play(world, tool, arguments)`.

    An answer must satisfy the tool's output schema. One that does not is asked for once more with
    what is wrong with it; after that the world's own answer stands. So it does after a client's
    error, unless that is fatal.
    """

    def __init__(
        self, client: CompletionClient | Ask, card: str, *, recordings: Recordings | None = None
    ) -> None:
        """`card` is the system prompt, with `$service` and `$now` in it.

        `recordings`: where answers are looked up and kept; in memory by default.
        """
        self.recordings = recordings if recordings is not None else Recordings()
        self.asked = 0
        """How often the model was asked."""
        self.failed = 0
        """How many calls it gave no valid answer to."""
        self._client = client
        self._card = card

    async def play(self, world: World, tool: str, arguments: Arguments) -> Result:
        """Play one call whose arguments are valid, as `World.call` does.

        The body is the model's where the world does not know what to answer. FatalError, or a fatal
        CastError, of the client is raised.
        """
        world.recordings = self.recordings
        # The call may change the state that the recording is kept by and the model is shown.
        state = world.digest()
        prompt: tuple[str, str] | None = None
        if world.resources.roles[tool].fallback:
            prompt = self._prompt(world, world.tool(tool), arguments)
        # The world plays the call in any case: its effects are the spec's, only the body is not.
        result = world.call(tool, arguments)
        schema = world.tool(tool).output_schema
        is_open = result.ok and result.fallback and not result.fault
        if prompt is None or schema is None or not is_open:
            return result
        # The world has looked the answer up already.
        if self.recordings.find(state, tool, arguments)[0]:
            return result
        body: object = result.body
        try:
            is_answered, answer = await self._answer(prompt, schema)
        except CastError as error:
            if error.fatal or isinstance(error, FatalError):
                raise
            is_answered, answer = False, None
        if is_answered:
            body = answer
        else:
            self.failed += 1
        kept = self.recordings.keep(state, tool, arguments, body)
        return result.model_copy(update={"body": kept})

    async def _answer(self, prompt: tuple[str, str], schema: JsonObject) -> tuple[bool, object]:
        """Whether the model gave a valid answer, and the answer."""
        system, request = prompt
        conversation = [("system", system), ("user", request)]
        # An endpoint's JSON mode means objects: a list or a text is asked for in words alone.
        json_output = Shape.of(schema).types == ("object",)
        for _ in range(_ATTEMPTS):
            self.asked += 1
            text = await self._ask(conversation, json_output=json_output)
            body, problem = _parse(text, schema)
            if not problem:
                return True, body
            again = (
                f"That does not satisfy the schema: {problem[:_MAX_PROBLEM]}\n"
                "Answer again, with the JSON value alone."
            )
            conversation += [("assistant", text[:_MAX_ECHO]), ("user", again)]
        return False, None

    async def _ask(self, conversation: list[tuple[str, str]], *, json_output: bool) -> str:
        if not isinstance(self._client, CompletionClient):
            reply = self._client(conversation)
            return str(await reply if inspect.isawaitable(reply) else reply)
        # AutoGen is heavy, and worlds without a model do without it.
        from autogen_core.models import AssistantMessage, SystemMessage, UserMessage

        messages: list[object] = []
        for role, text in conversation:
            if role == "system":
                messages.append(SystemMessage(content=text))
            elif role == "user":
                messages.append(UserMessage(content=text, source="user"))
            else:
                messages.append(AssistantMessage(content=text, source="assistant"))
        result = await self._client.create(messages, json_output=json_output or None)
        return result.content if isinstance(result.content, str) else ""

    def _prompt(self, world: World, tool: Tool, arguments: Arguments) -> tuple[str, str]:
        """The system prompt and the request for one call."""
        try:
            system = string.Template(self._card).substitute(
                service=world.api.title, now=world.now.strftime("%A %Y-%m-%d %H:%M")
            )
        except (KeyError, ValueError) as error:
            raise CastError(
                f"the world's card has a placeholder that cannot be filled: {error}",
                hint="it may use: $service, $now",
            ) from error
        # Tools that came without HTTP have neither method nor path.
        route = f" ({tool.method.upper()} {tool.path})".removesuffix(" ( )")
        request = [
            f"State:\n{state_text(world, tool.name)}",
            f"Request: {tool.name}{route}\n{tool.description}",
            f"Arguments:\n{canonical(arguments)}",
            f"Schema of the answer:\n{canonical(tool.output_schema)}",
        ]
        return system, "\n\n".join(request)


def _parse(text: str, schema: JsonObject) -> tuple[object, str]:
    """A reply as JSON, and what is wrong with it (empty for a valid answer).

    A Markdown fence around the JSON is taken off.
    """
    fenced = _FENCE.match(text)
    try:
        body = json.loads(fenced[1] if fenced else text) if len(text) <= MAX_ANSWER else None
        if is_valid(schema, body):
            return body, ""
        errors = schema_errors(schema, body)[:_MAX_ERRORS]
        return body, "; ".join(
            f"/{'/'.join(map(str, path))}: {message}" for path, message, _ in errors
        )
    except (ValueError, RecursionError) as error:
        return None, f"it is not JSON: {error}"


def state_text(world: World, tool: str, most: int = MAX_STATE) -> str:
    """A world's state as JSON for a model to read: a line for each resource.

    What the tool is about comes first. At most `most` characters of entities are shown, and what is
    left out is counted: `order (3 more): [{...}, {...}]`.
    """
    role = world.resources.roles[tool]
    # The nearest parent before the farther ones: it says most about the entity.
    related = (
        role.target.resource,
        *(name for name, _ in reversed(role.target.scope)),
        *(name for name, _ in role.references.values()),
    )
    resources = world.resources.resources
    names = dict.fromkeys((*(name for name in related if name), *resources))
    lines: list[str] = []
    left = most
    for name in names:
        if resources[name].virtual:
            continue
        entities = world.entities(name)
        shown: list[str] = []
        # Whole entities only: a cut one would be read as if the rest of it were missing.
        for value in entities.values():
            text = canonical(value)
            if len(text) > left:
                break
            left -= len(text)
            shown.append(text)
        note = f" ({len(entities) - len(shown)} more)" if len(shown) < len(entities) else ""
        lines.append(f"{name}{note}: [{', '.join(shown)}]")
    calls = [canonical(entry.value) for entry in world.collection(LOG).values()]
    if calls:
        lines.append(f"done so far: [{', '.join(calls[-_LOGGED_CALLS:])}]"[:_MAX_LOG])
    return "\n".join(lines)
