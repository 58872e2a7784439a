"""One blueprint with its world and its user as an environment: reset, step with what the assistant
says, and a reward at the end.

The calls go straight to the world, with the answers that the MCP server would give, so that a step
costs microseconds and no event loop.
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
from inftool.training.rewards.message import Score, calls_of, read_arguments
from inftool.verification.replay import Replayer

UserSpeaker = Callable[[Sequence[ChatMessage]], str | None]
MAX_CALLS = 64


class Observation(Record):
    """What came of a step: the messages that were added after the assistant's (results, or the
    user's next words), and whether it is over."""

    messages: tuple[Annotated[ChatMessage, AsJsonObject], ...]
    done: bool = False


class Environment:
    """A blueprint to be played by whoever writes the assistant's messages. `reset()` first; the
    same steps give the same bytes.

    `user` says the user's next words from the messages so far (None: nothing is left to say);
    without it the scripted user speaks. `max_messages`
    limits the assistant's messages: a play that reaches it is broken off and earns nothing.
    """

    def __init__(
        self,
        blueprint: Blueprint,
        stage: WorldPool,
        *,
        user: UserSpeaker | None = None,
        max_messages: int | None = None,
        card: Card | None = None,
    ) -> None:
        self.blueprint = blueprint
        self.stage = stage
        self.max_messages = (
            max_messages or 2 * (len(blueprint.plan) + len(dialogue_acts(blueprint))) + 4
        )
        self._user = user
        self._prompt = (card or load_card("assistant")).brief(
            service=stage.api(blueprint.world.api).title,
            now=blueprint.now,
            session=blueprint.session,
        )
        self._lines = user_lines.utterances(blueprint) if user is None else ()
        self._additions = additions(blueprint)
        self._tools = {name: stage.tools[name] for name in blueprint.all_tools()}
        self.reset()

    def reset(self) -> Observation:
        """Begin anew, in a fresh world: the system's message and the user's first words."""
        self._playback = Replayer(self.stage, self.stage.open(self.blueprint))
        self._messages: list[ChatMessage] = [{"role": "system", "content": self._prompt}]
        self._offered: dict[str, int] = dict.fromkeys(self.blueprint.tools, -1)
        self._said = self._heard = self._calls = 0
        self._ids: set[str] = set()
        self.done = self.finished = self.unreadable = False
        words = self._next_words()
        if words is None:
            raise TrainingError(f"the user of blueprint {self.blueprint.id} has nothing to say")
        self._hear(words)
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
        return self._playback.worlds[self.blueprint.world.api].digest()

    def step(self, message: ChatMessage | None) -> Observation:
        """Take one message of the assistant (None: it wrote nothing that can be read, which ends
        the play). TrainingError where it is over already.

        Calls without an id are given one, arguments may be an object or JSON text.
        """
        if self.done:
            raise TrainingError("the play is over", hint="reset() begins it anew")
        calls = calls_of(message)
        if message is None or calls is None or len(calls) > MAX_CALLS:
            self.done = self.unreadable = True
            return Observation(messages=(), done=True)
        before = len(self._messages) + 1
        self._messages.append(self._normal(message))
        self._said += 1
        if calls:
            for call in self._messages[-1]["tool_calls"]:
                self._answer(call)
            self.done = self._said >= self.max_messages
        elif (words := self._next_words()) is None:
            self.done = self.finished = True
        elif self._said >= self.max_messages:
            self.done = True
        else:
            self._hear(words)
        return Observation(messages=tuple(copy.deepcopy(self._messages[before:])), done=self.done)

    def _normal(self, message: ChatMessage) -> ChatMessage:
        text = message.get("content")
        row: ChatMessage = {"role": "assistant", "content": text if isinstance(text, str) else None}
        if message.get("tool_calls"):
            row["tool_calls"] = []
            for call in message["tool_calls"]:
                raw = call["function"].get("arguments")
                arguments = raw if isinstance(raw, str) else canonical(raw)
                name = call.get("id")
                # An id that was there before would make two results answer one call.
                if not isinstance(name, str) or not name or name in self._ids:
                    name = f"call_{self._calls}"
                self._ids.add(name)
                row["tool_calls"].append(
                    {
                        "id": name,
                        "type": "function",
                        "function": {"name": call["function"]["name"], "arguments": arguments},
                    }
                )
                self._calls += 1
        elif row["content"] is None:
            row["content"] = ""
        return row

    def _answer(self, call: ToolCallMessage) -> None:
        name, arguments = call["function"]["name"], read_arguments(call["function"]["arguments"])
        if name not in self._offered:
            text = f"Error: there is no tool named {name!r} here"
        elif arguments is None:
            text = f"Error: the arguments of {name!r} are not a JSON object"
        else:
            text = canonical(self._playback.checked(self._tools[name], arguments).shown())
        self._messages.append(
            {"role": "tool", "tool_call_id": call["id"], "name": name, "content": text}
        )

    def _next_words(self) -> str | None:
        if self._user is not None:
            return self._user(self.messages)
        return self._lines[self._heard] if self._heard < len(self._lines) else None

    def _hear(self, words: str) -> None:
        for name in self._additions.get(self._heard, ()):
            self._offered.setdefault(name, len(self._messages))
        self._heard += 1
        self._messages.append({"role": "user", "content": words})

    def trajectory(self) -> Trajectory:
        """The play so far, to be judged or stored."""
        return Trajectory(
            id=self.blueprint.id,
            messages=tuple(self.messages),
            tools=tuple(tool.openai() for tool in self._tools.values()),
            offered_from={name: since for name, since in self._offered.items() if since >= 0},
            blueprint=self.blueprint,
            provenance={"inftool": __version__, "digest": self.digest()},
        )

    def score(self) -> Score:
        """The score of the play as it stands: a play that is not over, was broken off, or ended
        with something unreadable earns nothing."""
        if self.unreadable:
            return Score(reward=0.0, gate="format", parts={"format": 0.0})
        return score_episode(self.trajectory(), self.stage, finished=self.finished)
