"""The scripted cast: model clients that play a blueprint with no model, no key and no network, deterministic in the blueprint's id."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from autogen_core import FunctionCall
from autogen_core.models import (
    AssistantMessage,
    FunctionExecutionResultMessage,
    LLMMessage,
    UserMessage,
)

from inftool.agents.scripted import assistant_lines, user_lines
from inftool.agents.scripted.dialogue_acts import dialogue_acts
from inftool.agents.scripted.line_client import ScriptedClient
from inftool.agents.scripted.mistakes import Mistake
from inftool.core.blueprints import Blueprint, Fact, Step
from inftool.core.json_pointer import Unresolved, at_pointer
from inftool.core.tools import Tool
from inftool.core.types import JsonObject
from inftool.scenarios.plan import parallel_batches, resolve
from inftool.world.faults import FAULTS


class ScriptedUser(ScriptedClient):
    """Says a blueprint's utterances one after another, then the card's stop word."""

    def __init__(self, blueprint: Blueprint, *, stop: str = "[DONE]") -> None:
        self.lines = (*user_lines.utterances(blueprint), stop)

    def next(self, messages: Sequence[LLMMessage]) -> str:
        """The line after those already said."""
        said = sum(isinstance(message, AssistantMessage) for message in messages)
        return self.lines[min(said, len(self.lines) - 1)]


class ScriptedAssistant(ScriptedClient):
    """Plays a blueprint's plan against whatever the tools really answer; with a `mistake`, commits it once.

    `tools` are the visible tools by name. After the play `mistake.planted` says what was done, if anything.
    """

    def __init__(
        self, blueprint: Blueprint, tools: Mapping[str, Tool], mistake: Mistake | None = None
    ) -> None:
        self.blueprint = blueprint
        self.tools = tools
        self.mistake = mistake
        self._beats = dialogue_acts(blueprint)
        self._ids = {
            call_id(blueprint, part): step
            for step in blueprint.plan
            for part in (step.id, f"{step.id}.again")
        }

    def next(self, messages: Sequence[LLMMessage]) -> str | list[FunctionCall]:
        """The next calls of the plan, or the words that end the turn."""
        last_user = max(
            index for index, message in enumerate(messages) if isinstance(message, UserMessage)
        )
        heard = sum(isinstance(message, UserMessage) for message in messages)
        beat = self._beats[min(heard, len(self._beats)) - 1]
        turn = self.blueprint.turns[beat.turn]
        if beat.kind == "ask":
            return assistant_lines.question(self.blueprint, turn)
        if beat.kind == "drop":
            return assistant_lines.dropped(self.blueprint)
        results, failures = self._results(messages)
        if beat.kind == "decline":
            done = sum(
                isinstance(message, FunctionExecutionResultMessage)
                for message in messages[last_user:]
            )
            return self._declined(done, beat.turn)
        for batch in parallel_batches([self.blueprint.step(step_id) for step_id in turn.steps]):
            if waiting := [
                step
                for step in batch
                if step.id not in results
                and (step.id not in failures or self._passing(step, failures[step.id]))
            ]:
                return self._calls(waiting, results, beat.turn, failures) or self._closing(
                    beat.turn, results, failures
                )
        if self.mistake and (extra := self.mistake.extra_calls(beat.turn, self.tools)):
            return self._numbered(extra, f"extra{beat.turn}")
        return self._closing(beat.turn, results, failures)

    def _passing(self, step: Step, answers: Sequence[str]) -> bool:
        """Whether a step has failed once, and as it was to: it is then tried again."""
        return (
            step.fault is not None
            and len(answers) == 1
            and f'"status":{FAULTS[step.fault].status}' in answers[0].replace(" ", "")
        )

    def _calls(
        self,
        batch: Sequence[Step],
        results: JsonObject,
        turn: int,
        failures: Mapping[str, Sequence[str]],
    ) -> list[FunctionCall] | None:
        calls: list[FunctionCall] = []
        for step in batch:
            try:
                arguments = resolve(step.arguments, step.bindings, results)
            except Unresolved:
                # What it needs never came (an earlier call failed): there is nothing honest to call with.
                return None
            name = step.tool
            if self.mistake:
                change = self.mistake.change_call(step, turn, name, arguments, self.tools)
                if change is None:
                    return None
                name, arguments = change
            part = f"{step.id}.again" if step.id in failures else step.id
            calls.append(
                FunctionCall(
                    id=call_id(self.blueprint, part),
                    name=name,
                    arguments=json.dumps(arguments, ensure_ascii=False),
                )
            )
        return calls

    def _numbered(self, calls: Sequence[tuple[str, JsonObject]], part: str) -> list[FunctionCall]:
        return [
            FunctionCall(
                id=call_id(self.blueprint, f"{part}.{number}"),
                name=name,
                arguments=json.dumps(arguments, ensure_ascii=False),
            )
            for number, (name, arguments) in enumerate(calls)
        ]

    def _declined(self, done: int, turn: int) -> str | list[FunctionCall]:
        if self.mistake:
            if not done and (extra := self.mistake.extra_calls(turn, self.tools)):
                return self._numbered(extra, f"extra{turn}")
            if self.mistake.claims_success(turn):
                return assistant_lines.claim(self.blueprint, turn)
        return assistant_lines.refusal(self.blueprint, self.blueprint.turns[turn])

    def _closing(
        self, number: int, results: JsonObject, failures: Mapping[str, Sequence[str]]
    ) -> str:
        turn = self.blueprint.turns[number]
        if self.mistake and self.mistake.claims_success(number):
            return assistant_lines.claim(self.blueprint, number)
        told: list[tuple[Fact, Any]] = []
        for fact in turn.facts:
            try:
                told.append((fact, at_pointer(results[fact.step], fact.pointer)))
            except (KeyError, Unresolved):
                continue
        if self.mistake:
            told = self.mistake.change_facts(number, told)
        lost = [
            failures[step][-1] for step in turn.steps if step in failures and step not in results
        ]
        hiccups = [
            fault
            for step in turn.steps
            if step in failures and step in results and (fault := self.blueprint.step(step).fault)
        ]
        return assistant_lines.answer(self.blueprint, number, told, lost, hiccups)

    def _results(self, messages: Sequence[LLMMessage]) -> tuple[JsonObject, dict[str, list[str]]]:
        """The answers so far by step, and by step what failed."""
        results: JsonObject = {}
        failures: dict[str, list[str]] = {}
        for message in messages:
            if not isinstance(message, FunctionExecutionResultMessage):
                continue
            for result in message.content:
                step = self._ids.get(result.call_id)
                if step is None:
                    continue
                if result.is_error:
                    failures.setdefault(step.id, []).append(result.content[:2000])
                    continue
                try:
                    results[step.id] = json.loads(result.content) if result.content else None
                except json.JSONDecodeError:
                    results[step.id] = result.content
        return results, failures


def call_id(blueprint: Blueprint, step_id: str) -> str:
    """The id of a call: stable, and opaque as hosted models' ids are."""
    return f"call_{hashlib.sha256(f'{blueprint.id}/{step_id}'.encode()).hexdigest()[:16]}"
