"""The scripted cast: clients that play a blueprint with no model, no key and no network.

What they say and call is deterministic in the blueprint's id.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

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
from inftool.agents.scripted.mistakes import Call, Mistake
from inftool.core.blueprints import Blueprint, Fact, Step
from inftool.core.json_pointer import Unresolved, at_pointer
from inftool.core.tools import Tool
from inftool.core.types import Arguments
from inftool.scenarios.plan import parallel_batches, resolve
from inftool.world.faults import FAULTS

# What is kept of a failed call's answer: enough for its message, and no whole page of HTML.
_MAX_FAILURE_LENGTH = 2000
# Hexadecimal digits of a call's id, as long as the ids of hosted models.
_ID_DIGITS = 16


class ScriptedUser(ScriptedClient):
    """Says a blueprint's utterances one after another, then the card's stop word."""

    def __init__(self, blueprint: Blueprint, *, stop: str = "[DONE]") -> None:
        self.lines = (*user_lines.utterances(blueprint), stop)

    def next(self, messages: Sequence[LLMMessage]) -> str:
        """The line after those already said."""
        count = sum(isinstance(message, AssistantMessage) for message in messages)
        # A conversation that goes on after the stop word gets the stop word again.
        return self.lines[min(count, len(self.lines) - 1)]


class ScriptedAssistant(ScriptedClient):
    """Carries out a blueprint's plan with whatever the tools really answer.

    `tools` are the visible tools by name. With a `mistake` it commits that once; afterwards
    `mistake.planted` says what was done, if anything.
    """

    def __init__(
        self, blueprint: Blueprint, tools: Mapping[str, Tool], mistake: Mistake | None = None
    ) -> None:
        self.blueprint = blueprint
        self.tools = tools
        self.mistake = mistake
        self._acts = dialogue_acts(blueprint)
        # The second id is that of a second try, after a fault.
        self._step_by_call_id = {
            call_id(blueprint, part): step
            for step in blueprint.plan
            for part in (step.id, f"{step.id}.again")
        }

    def next(self, messages: Sequence[LLMMessage]) -> str | list[FunctionCall]:
        """The next calls of the plan, or the text that ends the turn."""
        # The state of the script is in the messages alone: each of the user's is one act.
        from_user = [index for index, item in enumerate(messages) if isinstance(item, UserMessage)]
        act = self._acts[min(len(from_user), len(self._acts)) - 1]
        turn = self.blueprint.turns[act.turn]
        if act.kind == "ask":
            return assistant_lines.question(self.blueprint, turn)
        if act.kind == "drop":
            return assistant_lines.dropped(self.blueprint)
        if act.kind == "decline":
            has_called = any(
                isinstance(message, FunctionExecutionResultMessage)
                for message in messages[from_user[-1] :]
            )
            return self._decline(act.turn, has_called=has_called)
        results, failures = self._results(messages)
        for batch in parallel_batches([self.blueprint.step(step_id) for step_id in turn.steps]):
            if open_steps := [step for step in batch if self._is_open(step, results, failures)]:
                calls = self._calls(open_steps, results, failures)
                return calls or self._closing(act.turn, results, failures)
        # All steps are done or have failed for good.
        if self.mistake and (extra := self.mistake.extra_calls(act.turn, self.tools)):
            return self._extra_calls(extra, act.turn)
        return self._closing(act.turn, results, failures)

    def _is_open(
        self, step: Step, results: Mapping[str, object], failures: Mapping[str, Sequence[str]]
    ) -> bool:
        """Whether a step is to be called: for the first time, or again after its planned fault."""
        if step.id in results:
            return False
        if step.id not in failures:
            return True
        answers = failures[step.id]
        if step.fault is None or len(answers) > 1:
            return False
        # Another failure than the planned one is final.
        return f'"status":{FAULTS[step.fault].status}' in answers[0].replace(" ", "")

    def _calls(
        self,
        steps: Sequence[Step],
        results: Mapping[str, object],
        failures: Mapping[str, Sequence[str]],
    ) -> list[FunctionCall] | None:
        """The calls of some steps; None if one of them cannot or (by mistake) shall not be made."""
        calls: list[FunctionCall] = []
        for step in steps:
            name = step.tool
            arguments: Arguments
            try:
                arguments = resolve(step.arguments, step.bindings, results)
            except Unresolved:
                # An earlier call failed, so the plan has no value to call with.
                return None
            if self.mistake:
                changed = self.mistake.change_call(step, name, arguments, self.tools)
                if changed is None:
                    return None
                name, arguments = changed
            # A second try is a call of its own, so its id differs.
            part = f"{step.id}.again" if step.id in failures else step.id
            calls.append(self._call(part, name, arguments))
        return calls

    def _extra_calls(self, calls: Sequence[Call], turn: int) -> list[FunctionCall]:
        return [
            self._call(f"extra{turn}.{number}", name, arguments)
            for number, (name, arguments) in enumerate(calls)
        ]

    def _call(self, part: str, name: str, arguments: Arguments) -> FunctionCall:
        text = json.dumps(arguments, ensure_ascii=False)
        return FunctionCall(id=call_id(self.blueprint, part), name=name, arguments=text)

    def _decline(self, turn: int, *, has_called: bool) -> str | list[FunctionCall]:
        """The refusal of a wish that cannot be fulfilled, or a mistake in its place."""
        if self.mistake:
            if not has_called and (extra := self.mistake.extra_calls(turn, self.tools)):
                return self._extra_calls(extra, turn)
            if self.mistake.claims_success(turn):
                return assistant_lines.claim(self.blueprint, turn)
        return assistant_lines.refusal(self.blueprint, self.blueprint.turns[turn])

    def _closing(
        self,
        number: int,
        results: Mapping[str, object],
        failures: Mapping[str, Sequence[str]],
    ) -> str:
        """The text that ends a turn: the facts that the calls gave, or what failed."""
        turn = self.blueprint.turns[number]
        if self.mistake and self.mistake.claims_success(number):
            return assistant_lines.claim(self.blueprint, number)
        facts: list[tuple[Fact, object]] = []
        for fact in turn.facts:
            try:
                facts.append((fact, at_pointer(results[fact.step], fact.pointer)))
            except (KeyError, Unresolved):
                # The call failed, or its result lacks the value.
                continue
        if self.mistake:
            facts = self.mistake.change_facts(number, facts)
        failed = [step for step in turn.steps if step in failures]
        final = [failures[step][-1] for step in failed if step not in results]
        faults = [
            fault
            for step in failed
            if step in results and (fault := self.blueprint.step(step).fault)
        ]
        return assistant_lines.answer(self.blueprint, number, facts, final, faults)

    def _results(
        self, messages: Sequence[LLMMessage]
    ) -> tuple[dict[str, object], dict[str, list[str]]]:
        """The results so far, and the texts of failed calls; both by the id of the step."""
        results: dict[str, object] = {}
        failures: dict[str, list[str]] = {}
        for message in messages:
            if not isinstance(message, FunctionExecutionResultMessage):
                continue
            for result in message.content:
                step = self._step_by_call_id.get(result.call_id)
                if step is None:
                    # A call that the plan does not have: a planted mistake.
                    continue
                if result.is_error:
                    failures.setdefault(step.id, []).append(result.content[:_MAX_FAILURE_LENGTH])
                    continue
                # An empty answer (204) has no JSON; a text is a result all the same.
                try:
                    results[step.id] = json.loads(result.content) if result.content else None
                except json.JSONDecodeError:
                    results[step.id] = result.content
        return results, failures


def call_id(blueprint: Blueprint, part: str) -> str:
    """The id of a call of a blueprint: stable, and as opaque as the ids of hosted models."""
    digest = hashlib.sha256(f"{blueprint.id}/{part}".encode()).hexdigest()
    return f"call_{digest[:_ID_DIGITS]}"
