"""The judge gate: what rules cannot see is put to a model, after every rule has passed, with the
final world to look things up in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from autogen_core.tools import ParametersSchema, ToolSchema

from inftool.agents.judge import Judge, Lookup, Ruling
from inftool.core.chat import ChatMessage
from inftool.core.errors import InftoolError
from inftool.core.json_values import canonical
from inftool.core.trajectories import Finding, GateResult, Status, Trajectory, TurnVerdict, Verdict
from inftool.core.types import JsonObject
from inftool.scenarios.world_pool import WorldPool
from inftool.verification.conversation_reader import read_conversation
from inftool.verification.gates.novelty import with_gate
from inftool.verification.replay import Replayer, replay

_SHOWN = 4000
_CODES = {
    "grounding": "judged_ungrounded",
    "honesty": "judged_dishonest",
    "consistency": "judged_contradictory",
}


async def with_judge(
    trajectory: Trajectory, verdict: Verdict, judge: Judge, stage: WorldPool | None = None
) -> Verdict:
    """A verdict with the judge gate at its end.

    It speaks only where no rule failed. `fail` where a rubric is found broken, `abstain` where one
    cannot be settled (votes split, replies that cannot be
    read, an opinion that changes with the order of the choices), `pass` where all are found kept.
    """
    if verdict.status == "fail":
        return with_gate(verdict, GateResult(gate="judge", status="abstain"))
    text = transcript(trajectory.messages)
    now = trajectory.blueprint.now if trajectory.blueprint else "not known what day it is"
    tools, look = _reading(trajectory, stage)
    rulings = await asyncio.gather(
        *(judge.rule(rubric, text, now, tools, look) for rubric in judge.rubrics)
    )
    broken = [
        _broken(ruling, len(trajectory.messages))
        for ruling in rulings
        if ruling.opinion == "faulty"
    ]
    unsettled = [
        Finding(
            code="judge_undecided",
            message=f"{ruling.rubric}: "
            f"{'the opinion changes with the order of the choices' if ruling.biased else 'no majority of readable votes'}",
            pointer="/messages",
            blame="judge",
        )
        for ruling in rulings
        if ruling.opinion == "none"
    ]
    status: Status = "fail" if broken else "abstain" if unsettled else "pass"
    findings = tuple(broken or unsettled)
    judged = with_gate(verdict, GateResult(gate="judge", status=status, findings=findings))
    return judged.model_copy(update={"turns": _turns(judged.turns, broken)})


@contextmanager
def refining(
    judge: Judge | None,
) -> Iterator[Callable[[Trajectory, Verdict, WorldPool | None], Verdict] | None]:
    """Within it, a plain function that adds the judge's gate to a verdict (None without a judge);
    the client is closed at the end."""
    if judge is None:
        yield None
        return
    with asyncio.Runner() as runner:
        try:
            yield lambda trajectory, verdict, stage: runner.run(
                with_judge(trajectory, verdict, judge, stage)
            )
        finally:
            runner.run(judge.client.close())


def _broken(ruling: Ruling, count: int) -> Finding:
    place = ruling.message if ruling.message is not None and ruling.message < count else None
    pointer = f"/messages/{place}" if place is not None else "/messages"
    return Finding(
        code=_CODES[ruling.rubric],
        message=ruling.words[:300] or f"the judge finds {ruling.rubric} broken",
        pointer=pointer,
    )


def _turns(turns: Sequence[TurnVerdict], broken: Sequence[Finding]) -> tuple[TurnVerdict, ...]:
    """The turns with what the judge found wrong in them."""
    codes: dict[str, list[str]] = {}
    for finding in broken:
        codes.setdefault(finding.pointer, []).append(finding.code)
    return tuple(
        turn.model_copy(update={"status": "fail", "loss": False, "codes": (*turn.codes, *found)})
        if (found := codes.get(f"/messages/{turn.message}"))
        else turn.model_copy(update={"status": "abstain"})
        if broken and turn.status == "pass"
        else turn
        for turn in turns
    )


def transcript(messages: Sequence[ChatMessage]) -> str:
    """A conversation for a judge to read: every message with its number, long ones cut in the
    middle."""
    lines: list[str] = []
    for number, message in enumerate(messages):
        text = _cut(message.get("content") or "")
        if text or not message.get("tool_calls"):
            lines.append(
                f"[{number}] "
                f"{'tool result' if message['role'] == 'tool' else message['role']}: {text}"
            )
        calls = message.get("tool_calls") or ()
        lines += [
            f"[{number}] assistant calls {call['function']['name']} with "
            f"{_cut(str(call['function']['arguments']))}"
            for call in calls
        ]
    return "\n".join(lines)


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN // 2]} … {text[-_SHOWN // 2 :]}"


def _reading(
    trajectory: Trajectory, stage: WorldPool | None
) -> tuple[list[ToolSchema], Lookup | None]:
    """The tools that read, over the world as the conversation left it; nothing a judge does can
    change it."""
    blueprint = trajectory.blueprint
    conversation, _ = read_conversation(trajectory.messages)
    if (
        stage is None
        or blueprint is None
        or conversation is None
        or blueprint.world.api not in stage.api_names
    ):
        return [], None
    playback = Replayer(stage, stage.open(blueprint))
    replay(conversation, playback, frozenset(blueprint.all_tools()))
    readable = {
        name: stage.tools[name]
        for name in blueprint.all_tools()
        if stage.tools[name].effect == "read"
    }

    async def look(name: str, arguments: JsonObject) -> str:
        if name not in readable:
            return "only reading is possible here"
        end = Replayer(stage, {api: world.fork() for api, world in playback.worlds.items()})
        try:
            return _cut(canonical(end.checked(readable[name], arguments).shown()))
        except InftoolError as error:
            return str(error)

    schemas = [
        ToolSchema(
            name=tool.name, description=tool.description, parameters=_parameters(tool.input_schema)
        )
        for tool in readable.values()
    ]
    return schemas, look


def _parameters(schema: JsonObject) -> ParametersSchema:
    # AutoGen's TypedDict names four keys; the schema goes to the model as it is, `$defs` and all.
    return {"type": "object", "properties": {}, **schema}  # type: ignore[typeddict-item]
