"""A rehearsal: a blueprint's plan played and judged at once, without agents and server, so that nothing is played that could not pass.

APIGen-MT checks a blueprint's ground truth by execution before any dialogue; this does so with the very gates that will judge the dialogue.
"""

from __future__ import annotations

import json

from autogen_core.models import AssistantMessage, FunctionExecutionResult, FunctionExecutionResultMessage, LLMMessage, UserMessage

from inftool.agents import script
from inftool.agents.assistant import openai_messages
from inftool.agents.mistakes import Mistake
from inftool.agents.scripted import ScriptedAssistant
from inftool.records import Blueprint, Trajectory, Verdict
from inftool.scenarios.stage import Stage
from inftool.servers.shapes import canonical
from inftool.specs import violations
from inftool.verification.verdict import judge

MAX_CALLS = 64


def rehearse(blueprint: Blueprint, stage: Stage, mistake: Mistake | None = None) -> Verdict:
    """The verdict on a blueprint played by the script alone; with a mistake, the verdict on that."""
    return judge(rehearsed(blueprint, stage, mistake), stage)


def rehearsed(blueprint: Blueprint, stage: Stage, mistake: Mistake | None = None) -> Trajectory:
    """The trajectory of a rehearsal."""
    tools = {name: stage.tools[name] for name in blueprint.tools}
    assistant = ScriptedAssistant(blueprint, tools, mistake)
    world = stage.world(blueprint.world.api, blueprint.world.seed)
    messages: list[LLMMessage] = []
    for words in script.utterances(blueprint):
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
                result = None if refused else world.call(call.name, arguments)
                text = canonical(result.shown()) if result else "refused"
                answers.append(FunctionExecutionResult(content=text, name=call.name, call_id=call.id, is_error=result is None or not result.ok))
            messages.append(FunctionExecutionResultMessage(content=answers))
    return Trajectory(
        id=blueprint.id, messages=tuple(openai_messages(messages)), tools=tuple(tool.openai() for tool in tools.values()), blueprint=blueprint
    )
