"""What every format is written from: samples.

A sample is a conversation with the tools that could be seen in it; it says for each message
whether a model is to learn from it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from inftool.core.blueprints import Blueprint
from inftool.core.chat import ChatMessage, FunctionSpec, ToolCallMessage, ToolSpec
from inftool.core.errors import ExportError
from inftool.core.trajectories import Trajectory
from inftool.core.types import AsJsonObject, JsonObject, Record
from inftool.runs.run_folder import read_trajectories

Row = Mapping[str, object]
"""One line of an export: a JSON object."""


class Sample(Record):
    """A conversation in the OpenAI chat format, but with the arguments of calls as objects."""

    id: str
    """The trajectory's id, with a number if it gives several samples."""

    messages: tuple[Annotated[ChatMessage, AsJsonObject], ...]
    """What is said and called; empty if the sample is unusable."""

    tools: tuple[Annotated[ToolSpec, AsJsonObject], ...]
    """The tools that could be seen in it."""

    learn: tuple[bool, ...]
    """For each message, whether a model is to learn from it."""

    blueprint: Blueprint | None = None
    """The scenario that was played."""

    unusable: str = ""
    """Why nothing can be made of the trajectory; empty for a usable sample."""

    @property
    def whole(self) -> bool:
        """Whether all that the assistant says is to be learned from."""
        return all(
            learn
            for message, learn in zip(self.messages, self.learn, strict=True)
            if message["role"] == "assistant"
        )


class Lost(Exception):
    """A sample that a format cannot say; the reason is counted and shown."""


def samples(trajectory: Trajectory) -> Iterator[Sample]:
    """The samples of a trajectory: one, or one for each time that tools were added.

    An assistant that has not seen a tool is right to say that it cannot help; with the tool in
    sight, the same words would teach the opposite. So the conversation up to that time goes with
    the tools of that time, and what comes later goes with all of them, its earlier part masked.
    """
    mask = trajectory.loss_mask()
    messages = tuple(_plain(message) for message in trajectory.messages)
    # Each time at which tools are added begins another sample.
    begins = [0, *sorted(set(trajectory.offered_from.values())), len(messages)]
    for number, (start, end) in enumerate(pairwise(begins)):
        tools = tuple(
            tool
            for tool in trajectory.tools
            if trajectory.offered_from.get(tool["function"]["name"], 0) <= start
        )
        learn = tuple(start <= index and mask[index] for index in range(end))
        # A stretch without a word of the assistant's has nothing to teach.
        if any(learn):
            name = trajectory.id if len(begins) == 2 else f"{trajectory.id}-{number}"
            yield Sample(
                id=name,
                messages=messages[:end],
                tools=tools,
                learn=learn,
                blueprint=trajectory.blueprint,
            )


def kept_samples(folder: Path) -> Iterator[Sample]:
    """The samples of everything that a run kept, one at a time."""
    for trajectory in read_trajectories(folder):
        try:
            yield from samples(trajectory)
        except Lost as reason:
            yield Sample(id=trajectory.id, messages=(), tools=(), learn=(), unusable=str(reason))


class Format(NamedTuple):
    """One consumer's layout. What is written is read back and compared for every line, as JSON."""

    name: str
    """What `--format` takes."""

    read_by: str
    """Who reads it, in words."""

    rows: Callable[[Any], Iterable[tuple[str, Row]]]
    """An item -> its lines, each with the name of the file that it belongs to."""

    back: Callable[[str, JsonObject], object]
    """A file's name and a line of it, read back -> what the line says."""

    said: Callable[[Any], Iterable[object]]
    """An item -> what each of its lines has to say, to compare with `back`."""

    items: Callable[[Path], Iterator[Any]] = kept_samples
    """A run folder -> the items: samples of what was kept, or preference pairs, say."""

    beside: Callable[[dict[str, int]], dict[str, JsonObject]] = lambda counts: {}
    """Lines by file -> further files by name, such as a `dataset_info.json`."""


def segments(sample: Sample) -> Iterator[tuple[int, int]]:
    """Where to cut a sample into what is given and what is learned.

    For each stretch of messages that is learned throughout: its first index and one past its last.
    """
    start: int | None = None
    for index, message in enumerate(sample.messages):
        if message["role"] != "assistant":
            continue
        if sample.learn[index]:
            start = index if start is None else start
            end = index + 1
        elif start is not None:
            yield start, end
            start = None
    if start is not None:
        yield start, end


def _plain(message: ChatMessage) -> ChatMessage:
    row: ChatMessage = {"role": message["role"], "content": message.get("content")}
    if message.get("tool_calls"):
        row["tool_calls"] = [
            {
                "id": call["id"],
                "type": "function",
                "function": {"name": call["function"]["name"], "arguments": arguments_of(call)},
            }
            for call in message["tool_calls"]
        ]
    if message["role"] == "tool":
        row |= {"tool_call_id": message["tool_call_id"], "name": message.get("name")}
    return row


def arguments_of(call: ToolCallMessage) -> JsonObject:
    """A call's arguments as an object.

    Lost if the model wrote none: a broken call stays in a conversation if it was corrected.
    """
    raw = call["function"]["arguments"]
    try:
        value = json.loads(raw) if isinstance(raw, str) else raw
    except ValueError as error:
        raise Lost("a call whose arguments are no JSON") from error
    if not isinstance(value, dict):
        raise Lost("a call whose arguments are no JSON")
    return value


def with_text_arguments(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    """The messages with each call's arguments as JSON text."""
    return [_calls(message, lambda given: dumps(given)) for message in messages]


def with_object_arguments(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    """The messages with each call's arguments as an object again."""
    return [_calls(message, json.loads) for message in messages]


def _calls(message: ChatMessage, change: Callable[[Any], str | JsonObject]) -> ChatMessage:
    if "tool_calls" not in message:
        return message
    calls: list[ToolCallMessage] = [
        {
            **call,
            "function": {**call["function"], "arguments": change(call["function"]["arguments"])},
        }
        for call in message["tool_calls"]
    ]
    return {**message, "tool_calls": calls}


def functions(sample: Sample) -> list[FunctionSpec]:
    """The tools without the layer around them: name, description, parameters."""
    return [tool["function"].copy() for tool in sample.tools]


def without(message: Mapping[str, object], *keys: str) -> JsonObject:
    """A message without some of its keys."""
    return {key: value for key, value in message.items() if key not in keys}


def learned_whole(sample: Sample) -> Sample:
    """The sample, if all of it is to be learned from.

    Lost if a part of it is masked, for formats that cannot say so.
    """
    if not sample.whole:
        raise Lost("a message that is not to be learned from, which this format cannot say")
    return sample


# Letters stay letters: escaped text would teach a model to escape, and costs tokens.
def dumps(value: object) -> str:
    """JSON text as models should see it: no escapes of letters, keys in their order."""
    return json.dumps(value, ensure_ascii=False)


def loads(line: bytes, where: str) -> JsonObject:
    """A line that was written, read back; ExportError where it is no JSON object."""
    try:
        row = json.loads(line)
    except ValueError as error:
        raise ExportError(f"{where}: what was written is no JSON: {error}") from error
    if not isinstance(row, dict):
        raise ExportError(f"{where}: what was written is no object")
    return row
