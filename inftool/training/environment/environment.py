"""One blueprint, with its world and its user, as an environment: reset, step, and a reward.

Calls go straight to the world and get the answers that the MCP server would give, so a step costs
microseconds and needs no event loop.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Annotated

from inftool._version import __version__
from inftool.agents.role_cards import Card, load_card
from inftool.agents.scripted import user_lines
from inftool.agents.scripted.dialogue_acts import additions, dialogue_acts
from inftool.core.blueprints import Blueprint
from inftool.core.chat import ChatMessage, ToolCallMessage, ToolSpec
from inftool.core.errors import TrainingError
from inftool.core.json_values import canonical
from inftool.core.trajectories import Trajectory
from inftool.core.types import AsJsonObject, Record
from inftool.scenarios.world_pool import WorldPool
from inftool.training.rewards.episode import score_episode
from inftool.training.rewards.read_calls import calls_of, read_arguments
from inftool.training.rewards.score import Score
from inftool.verification.replay import Replayer

UserSpeaker = Callable[[Sequence[ChatMessage]], str | None]
"""The user's next words after the messages so far; None where nothing is left to say."""

# More calls than this in one message are a model that repeats itself, not a plan.
MAX_CALLS = 64


class Observation(Record):
    """What came of a step."""

    messages: tuple[Annotated[ChatMessage, AsJsonObject], ...]
    """What was added after the assistant's message: results, or the user's next words."""

    done: bool = False
    """Whether the episode is over."""


class Environment:
    """An episode of a blueprint, for whoever writes the assistant's messages.

    It starts reset; the same steps give the same bytes. `user` says the user's words, by default
    the scripted user. `max_messages` limits the assistant's messages: an episode that reaches the
    limit is broken off and earns nothing.
    """

    def __init__(
        self,
        blueprint: Blueprint,
        pool: WorldPool,
        *,
        user: UserSpeaker | None = None,
        max_messages: int | None = None,
        card: Card | None = None,
    ) -> None:
        self.blueprint = blueprint
        self.pool = pool
        # Twice what the shortest episode takes, and some to spare: room for detours and retries.
        needed = len(blueprint.plan) + len(dialogue_acts(blueprint))
        self.max_messages = max_messages or 2 * needed + 4
        self._user = user
        self._prompt = (card or load_card("assistant")).brief(
            service=pool.api(blueprint.world.api).title,
            now=blueprint.now,
            session=blueprint.session,
        )
        self._lines = user_lines.utterances(blueprint) if user is None else ()
        self._added_tools = additions(blueprint)
        self._tools = {name: pool.tools[name] for name in blueprint.all_tools()}
        self.reset()

    def reset(self) -> Observation:
        """Start over in a fresh world: the system's message and the user's first words."""
        self._replayer = Replayer(self.pool, self.pool.open(self.blueprint))
        self._messages: list[ChatMessage] = [{"role": "system", "content": self._prompt}]
        # Tool -> the index of the message from which on it is offered; -1: from the beginning.
        self._offered: dict[str, int] = dict.fromkeys(self.blueprint.tools, -1)
        # How many messages the assistant wrote, how often the user spoke, how many calls there are.
        self._written = self._spoken = self._call_count = 0
        self._ids: set[str] = set()
        self.done = self.finished = self.unreadable = False
        words = self._next_words()
        if words is None:
            raise TrainingError(f"the user of blueprint {self.blueprint.id} has nothing to say")
        self._add_user(words)
        return Observation(messages=tuple(self.messages))

    @property
    def messages(self) -> list[ChatMessage]:
        """The whole conversation so far, a copy."""
        return copy.deepcopy(self._messages)

    def tools(self) -> list[ToolSpec]:
        """The tools that are offered now, in the OpenAI chat format."""
        return [self._tools[name].openai() for name in self._offered]

    def digest(self) -> str:
        """The state of the blueprint's world."""
        return self._replayer.worlds[self.blueprint.world.api].digest()

    def step(self, message: ChatMessage | None) -> Observation:
        """Take one message of the assistant and answer its calls, or let the user speak.

        None says that the model wrote nothing that can be read, which ends the episode. Calls
        without an id are given one; arguments may be an object or JSON text. Raises TrainingError
        if the episode is over already.
        """
        if self.done:
            raise TrainingError("the play is over", hint="reset() begins it anew")
        calls = calls_of(message)
        if message is None or calls is None or len(calls) > MAX_CALLS:
            self.done = self.unreadable = True
            return Observation(messages=(), done=True)
        before = len(self._messages) + 1
        self._messages.append(self._normal(message))
        self._written += 1
        if calls:
            for call in self._messages[-1]["tool_calls"]:
                self._answer(call)
            self.done = self._written >= self.max_messages
        elif (words := self._next_words()) is None:
            self.done = self.finished = True
        elif self._written >= self.max_messages:
            self.done = True
        else:
            self._add_user(words)
        return Observation(messages=tuple(copy.deepcopy(self._messages[before:])), done=self.done)

    def _normal(self, message: ChatMessage) -> ChatMessage:
        """The message as a trajectory holds it: content present, arguments as text, unique ids."""
        text = message.get("content")
        content = text if isinstance(text, str) else None
        calls = message.get("tool_calls")
        if not calls:
            return {"role": "assistant", "content": content or ""}
        return {
            "role": "assistant",
            "content": content,
            "tool_calls": [self._normal_call(call) for call in calls],
        }

    def _normal_call(self, call: ToolCallMessage) -> ToolCallMessage:
        raw = call["function"].get("arguments")
        call_id = call.get("id")
        # An id that was used before would make two results answer one call.
        if not isinstance(call_id, str) or not call_id or call_id in self._ids:
            call_id = f"call_{self._call_count}"
        self._ids.add(call_id)
        self._call_count += 1
        return {
            "id": call_id,
            "type": "function",
            "function": {
                "name": call["function"]["name"],
                "arguments": raw if isinstance(raw, str) else canonical(raw),
            },
        }

    def _answer(self, call: ToolCallMessage) -> None:
        name, arguments = call["function"]["name"], read_arguments(call["function"]["arguments"])
        if name not in self._offered:
            text = f"Error: there is no tool named {name!r} here"
        elif arguments is None:
            text = f"Error: the arguments of {name!r} are not a JSON object"
        else:
            text = canonical(self._replayer.checked(self._tools[name], arguments).shown())
        self._messages.append(
            {"role": "tool", "tool_call_id": call["id"], "name": name, "content": text}
        )

    def _next_words(self) -> str | None:
        if self._user is not None:
            return self._user(self.messages)
        return self._lines[self._spoken] if self._spoken < len(self._lines) else None

    def _add_user(self, words: str) -> None:
        for name in self._added_tools.get(self._spoken, ()):
            self._offered.setdefault(name, len(self._messages))
        self._spoken += 1
        self._messages.append({"role": "user", "content": words})

    def trajectory(self) -> Trajectory:
        """The episode so far, to be judged or stored."""
        return Trajectory(
            id=self.blueprint.id,
            messages=tuple(self.messages),
            tools=tuple(tool.openai() for tool in self._tools.values()),
            offered_from={name: since for name, since in self._offered.items() if since >= 0},
            blueprint=self.blueprint,
            provenance={"inftool": __version__, "digest": self.digest()},
        )

    def score(self) -> Score:
        """The score of the episode as it stands.

        One that is not over, was broken off, or ended with something unreadable earns nothing.
        """
        if self.unreadable:
            return Score(reward=0.0, gate="format", parts={"format": 0.0})
        return score_episode(self.trajectory(), self.pool, finished=self.finished)
