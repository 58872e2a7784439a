"""A rehearsal: the plan of a blueprint, played and judged without agents or a server.

What fails here could not pass in a conversation, so it is not played. APIGen-MT (arXiv 2504.03601)
checks the ground truth of a blueprint by execution before any dialogue; this does so with the gates
that will judge the dialogue.
"""

from __future__ import annotations

import json

from autogen_core.models import (
    AssistantMessage,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    UserMessage,
)

from inftool.agents.scripted import user_lines
from inftool.agents.scripted.clients import ScriptedAssistant
from inftool.agents.scripted.dialogue_acts import additions
from inftool.agents.scripted.mistakes import Mistake
from inftool.core.blueprints import Blueprint
from inftool.core.chat import ChatMessage
from inftool.core.json_values import canonical
from inftool.core.trajectories import Finding, GateResult, Trajectory, Verdict
from inftool.llm.chat_protocol import openai_messages
from inftool.scenarios.tool_schema.session_values import session_text
from inftool.scenarios.world_pool import WorldPool
from inftool.specs import violations
from inftool.verification.conversation_reader import read_conversation
from inftool.verification.mutation.replay_closure import weaknesses
from inftool.verification.verdict import judge

# Calls in one turn: far above any plan that is drawn, so that only a script in a loop meets it.
MAX_CALLS = 64


def rehearse(blueprint: Blueprint, stage: WorldPool, mistake: Mistake | None = None) -> Verdict:
    """The verdict on a blueprint played by the script alone; with a mistake, the verdict on that.

    That the reference play passes shows little if wrong plays would pass too: if the checker is
    weak, the gate `outcome` fails with `weak_checker`.
    """
    trajectory = rehearsed(blueprint, stage, mistake)
    verdict = judge(trajectory, stage)
    if mistake is not None or not verdict.passed:
        return verdict
    gold, _ = read_conversation(trajectory.messages)
    weak = weaknesses(blueprint, gold, stage) if gold is not None else []
    if not weak:
        return verdict
    findings = tuple(
        Finding(code="weak_checker", message=text, pointer="/blueprint/plan", blame="spec")
        for text in weak
    )
    gates = tuple(
        GateResult(gate="outcome", status="fail", findings=findings)
        if gate.gate == "outcome"
        else gate
        for gate in verdict.gates
    )
    return verdict.model_copy(update={"status": "fail", "gates": gates})


def rehearsed(blueprint: Blueprint, stage: WorldPool, mistake: Mistake | None = None) -> Trajectory:
    """The trajectory of a rehearsal."""
    tools = {name: stage.tools[name] for name in blueprint.all_tools()}
    assistant = ScriptedAssistant(blueprint, tools, mistake)
    worlds = stage.open(blueprint)
    # Where a session gives values, its instructions are part of what is judged.
    told = session_text(blueprint.session)
    messages: list[LLMMessage] = []
    added = additions(blueprint)
    offered_from: dict[str, int] = {}
    for number, words in enumerate(user_lines.utterances(blueprint)):
        offered_from.update(
            dict.fromkeys(added.get(number, ()), len(openai_messages(messages)) + bool(told))
        )
        messages.append(UserMessage(content=words, source="user"))
        for _ in range(MAX_CALLS):
            content = assistant.next(messages)
            messages.append(AssistantMessage(content=content, source="assistant"))
            if isinstance(content, str):
                break
            answers = []
            for call in content:
                tool = tools.get(call.name)
                arguments = json.loads(call.arguments)
                refused = tool is None or bool(violations(tool, arguments))
                result = (
                    None if tool is None or refused else worlds[tool.api].call(call.name, arguments)
                )
                text = canonical(result.shown()) if result else "refused"
                answers.append(
                    FunctionExecutionResult(
                        content=text,
                        name=call.name,
                        call_id=call.id,
                        is_error=result is None or not result.ok,
                    )
                )
            messages.append(FunctionExecutionResultMessage(content=answers))
    instructions: list[ChatMessage] = [{"role": "system", "content": told}] if told else []
    return Trajectory(
        id=blueprint.id,
        messages=(*instructions, *openai_messages(messages)),
        tools=tuple(tool.openai() for tool in tools.values()),
        offered_from=offered_from,
        blueprint=blueprint,
    )
