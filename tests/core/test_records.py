"""Records of core: every field is documented, and lines from elsewhere survive them unchanged."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from inftool.core.blueprints import Blueprint
from inftool.core.tools import Result, Tool
from inftool.core.trajectories import Trajectory, TurnVerdict, Verdict

CORE = Path(__file__).parents[2] / "inftool" / "core"
# Its fields are those of Settings, and documented there.
MIRRORS = {"SettingsOverrides"}

# What a line may hold that InfTool does not know, in messages, tools and provenance.
FOREIGN: dict[str, Any] = {
    "id": "x",
    "messages": [
        {"content": "Hi.", "role": "user", "weight": 0, "name": "ana"},
        {
            "role": "assistant",
            "tool_calls": [{"function": {"arguments": {"a": 1}, "name": "f"}, "index": 0}],
            "refusal": None,
        },
        {"role": "narrator", "content": [{"type": "text", "text": "…"}]},
    ],
    "tools": [{"function": {"name": "f", "strict": True}, "type": "function"}, {}],
    "offered_from": {},
    "blueprint": None,
    "verdict": None,
    "provenance": {"who": "somebody", "usage": [1, 2], "digest": 7},
}


def fields(source: str) -> list[tuple[str, bool]]:
    """The annotated fields of the classes of a module, and whether a docstring follows each."""
    found: list[tuple[str, bool]] = []
    for node in ast.parse(source).body:
        if not isinstance(node, ast.ClassDef) or node.name in MIRRORS:
            continue
        for item, after in zip(node.body, [*node.body[1:], None], strict=True):
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                documented = (
                    isinstance(after, ast.Expr)
                    and isinstance(after.value, ast.Constant)
                    and isinstance(after.value.value, str)
                )
                found.append((f"{node.name}.{item.target.id}", documented))
    return found


@pytest.mark.parametrize("path", sorted(CORE.glob("*.py")), ids=lambda path: path.stem)
def test_every_field_has_a_docstring_under_it(path: Path) -> None:
    assert [name for name, documented in fields(path.read_text("utf-8")) if not documented] == []


def test_a_line_from_elsewhere_is_dumped_as_it_was_read() -> None:
    text = json.dumps(FOREIGN, ensure_ascii=False, separators=(",", ":"))
    assert Trajectory.model_validate(json.loads(text)).model_dump_json() == text
    assert Trajectory.model_validate_json(text).model_dump(mode="json") == FOREIGN


@pytest.mark.parametrize("part", ["messages", "tools"])
def test_a_message_or_tool_that_is_no_object_is_refused(part: str) -> None:
    with pytest.raises(ValidationError, match="valid dictionary"):
        Trajectory.model_validate({**FOREIGN, part: ["text"]})


def test_records_refuse_fields_that_they_do_not_know() -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        Trajectory.model_validate({**FOREIGN, "note": 1})


def test_a_mistake_that_was_corrected_is_not_learned_from() -> None:
    messages = ({"role": "user"}, {"role": "assistant"}, {"role": "tool"}, {"role": "assistant"})
    line = {**FOREIGN, "messages": messages}
    assert Trajectory.model_validate(line).loss_mask() == (False, True, False, True)
    verdict = Verdict(
        status="pass",
        gates=(),
        turns=(
            TurnVerdict(message=1, status="fail", loss=False, mended_by=3),
            TurnVerdict(message=3, status="pass"),
        ),
    )
    masked = Trajectory.model_validate({**line, "verdict": verdict})
    assert masked.loss_mask() == (False, False, False, True)


@pytest.mark.parametrize(
    ("result", "shown"),
    [
        (Result(status=200, body={"id": 1}), {"id": 1}),
        (Result(status=200, body=[]), []),
        (Result(status=204), {"status": 204}),
        (Result(status=404, body="no such order"), {"status": 404, "error": "no such order"}),
        (
            Result(status=429, headers={"Retry-After": "3"}),
            {"status": 429, "error": None, "headers": {"Retry-After": "3"}},
        ),
    ],
)
def test_a_caller_sees_a_body_or_a_status(result: Result, shown: object) -> None:
    assert result.shown() == shown


def test_a_tool_in_the_chat_format_is_its_name_its_words_and_its_schema() -> None:
    tool = Tool.model_validate(
        {
            "name": "getOrder",
            "description": "Look up an order.",
            "input_schema": {"type": "object"},
            "output_schema": None,
            "effect": "read",
            "origin": {"file": "shop.yaml"},
            "api": "shop",
        }
    )
    assert tool.openai() == {
        "type": "function",
        "function": {
            "name": "getOrder",
            "description": "Look up an order.",
            "parameters": {"type": "object"},
        },
    }


def test_tools_that_are_added_later_come_last_and_once() -> None:
    blueprint = Blueprint.model_validate(
        {
            "id": "b",
            "category": "multi_turn_miss_func",
            "difficulty": 1,
            "persona": {
                "name": "n", "about": "", "manner": "",
                "openers": [], "requests": [], "closers": [], "replies": [],
            },
            "world": {"api": "shop", "seed": 1, "digest": "d", "expected": "e"},
            "now": "Monday",
            "tools": ["a", "b"],
            "turns": [{"intent": "x", "adds": ["c", "a"]}],
            "plan": [{"id": "s1", "tool": "a", "arguments": {}}],
        }
    )  # fmt: skip
    assert blueprint.all_tools() == ("a", "b", "c")
    assert blueprint.step("s1").tool == "a"
