"""What is the protocol's is not said by people: it is told apart by rule, given by the session, and
demanded of the assistant."""

from __future__ import annotations

import json
import random

import pytest

from inftool.agents.role_cards import load_card, load_personas
from inftool.agents.scripted import user_lines
from inftool.core.blueprints import Blueprint
from inftool.core.tools import Tool
from inftool.scenarios.sampler import BlueprintSampler
from inftool.scenarios.tool_schema.relevance import FAIR, PLAIN, POOR, preferred, sense
from inftool.scenarios.tool_schema.session_values import (
    is_technical,
    session_of,
    session_text,
    states_exactly,
    technical,
)
from inftool.scenarios.tool_schema.trimming import trimmed
from inftool.scenarios.world_pool import WorldPool
from inftool.specs import compile_specs
from inftool.synthesis.rehearsal import rehearsed
from inftool.verification.verdict import judge

TEXT = {"type": "string"}


@pytest.mark.parametrize(
    "name",
    [
        "X-Request-ID",
        "Idempotency-Key",
        "idempotency_key",
        "quotaUser",
        "userIp",
        "prettyPrint",
        "fields",
        "alt",
        "$.xgafv",
        "uploadType",
        "start_cursor",
        "pageToken",
        "NHSD-Session-URID",
        "X-Correlation-ID",
        "Xero-Tenant-Id",
        "Notion-Version-api-version",
        "access_token",
        "If-Match",
        "etag",
        "updateMask",
        "callback",
        "syncToken",
    ],
)
def test_names_of_the_protocol(name: str) -> None:
    assert is_technical(name)


@pytest.mark.parametrize(
    "name",
    [
        "title",
        "startDate",
        "customerId",
        "status",
        "language",
        "key",
        "token_name",
        "version_notes",
        "session",
        "format",
        "state",
        "email",
        "limit",
    ],
)
def test_names_of_people(name: str) -> None:
    assert not is_technical(name, TEXT)


def test_marks_and_formats() -> None:
    assert is_technical("kind", {"type": "string", "default": "calendar#calendar"})
    assert is_technical("format", {"enum": ["json", "xml"]})
    assert not is_technical("format", {"enum": ["paperback", "ebook"]})


SPEC = {
    "openapi": "3.0.3",
    "info": {"title": "Tasks", "version": "1"},
    "paths": {
        "/tasks": {
            "parameters": [
                {
                    "name": "X-Tenant-Id",
                    "in": "header",
                    "required": True,
                    "schema": {"type": "string"},
                },
                {"name": "X-Trace", "in": "header", "schema": {"type": "string"}},
            ],
            "get": {
                "operationId": "listTasks",
                "summary": "List tasks",
                "responses": {
                    "200": {
                        "description": "ok",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "array",
                                    "items": {"$ref": "#/components/schemas/Task"},
                                }
                            }
                        },
                    }
                },
            },
            "post": {
                "operationId": "createTask",
                "summary": "Create a task",
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Task"}}
                    },
                },
                "responses": {
                    "201": {
                        "description": "ok",
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Task"}}
                        },
                    }
                },
            },
        },
        "/tasks/{taskId}": {
            "parameters": [
                {"name": "taskId", "in": "path", "required": True, "schema": {"type": "string"}},
                {
                    "name": "X-Tenant-Id",
                    "in": "header",
                    "required": True,
                    "schema": {"type": "string"},
                },
            ],
            "delete": {
                "operationId": "deleteTask",
                "summary": "Delete a task",
                "responses": {"204": {"description": "gone"}},
            },
            "get": {
                "operationId": "getTask",
                "summary": "Get a task",
                "responses": {
                    "200": {
                        "description": "ok",
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Task"}}
                        },
                    }
                },
            },
        },
    },
    "components": {
        "schemas": {
            "Task": {
                "type": "object",
                "required": ["title"],
                "properties": {
                    "id": {"type": "string", "format": "uuid", "readOnly": True},
                    "title": TEXT,
                    "dueDate": {"type": "string", "format": "date"},
                    "priority": {"enum": ["low", "high"]},
                    "createdAt": {"type": "string", "format": "date-time", "readOnly": True},
                },
            }
        }
    },
}


@pytest.fixture(scope="module")
def tenants(tmp_path_factory: pytest.TempPathFactory) -> WorldPool:
    path = tmp_path_factory.mktemp("specs") / "tasks.json"
    path.write_text(json.dumps(SPEC))
    return WorldPool(compile_specs([path]))


@pytest.fixture(scope="module")
def with_session(tenants: WorldPool) -> list[Blueprint]:
    sampler, seen = (
        BlueprintSampler(
            tenants,
            load_personas(),
            3,
            ["simple", "multi_turn_base", "multi_step", "multi_turn_miss_param"],
        ),
        set[str](),
    )
    return [sampler.draw(index, seen) for index in range(16)]


def test_the_session_gives_what_nobody_says(
    tenants: WorldPool, with_session: list[Blueprint]
) -> None:
    header = next(name for name in technical(tenants.tools["listTasks"]) if "enant" in name)
    for blueprint in with_session:
        given = {detail.value for detail in blueprint.session}
        values = {step.arguments[header] for step in blueprint.plan}
        assert len(values) == 1
        assert values <= given
        told = session_text(blueprint.session)
        assert states_exactly(told, blueprint.session)
        said = " ".join(user_lines.utterances(blueprint))
        assert not any(value in said for value in values)
        assert "tenant" not in said.lower()
        assert (
            session_of(
                load_card("assistant").brief(
                    service="Tasks", now=blueprint.now, session=blueprint.session
                )
            )
            == told
        )


def test_lookups_take_the_session_too(with_session: list[Blueprint]) -> None:
    assert any(
        len(b.plan) > 1 and not b.plan[0].goal for b in with_session if b.category == "multi_step"
    )


def test_another_value_than_the_sessions_has_no_source(
    tenants: WorldPool, with_session: list[Blueprint]
) -> None:
    trajectory = rehearsed(with_session[0], tenants)
    assert judge(trajectory, tenants).passed
    messages = json.loads(json.dumps(trajectory.messages))
    assert messages[0]["role"] == "system"
    silent = [message for message in messages if message["role"] != "system"]
    verdict = judge(trajectory.model_copy(update={"messages": tuple(silent)}), tenants)
    assert {finding.code for finding in verdict.findings} == {"ungrounded_argument"}
    for message in messages:
        for call in message.get("tool_calls") or ():
            made = json.loads(call["function"]["arguments"])
            header = next(name for name in made if "enant" in name)
            call["function"]["arguments"] = json.dumps({**made, header: "another"})
    verdict = judge(trajectory.model_copy(update={"messages": tuple(messages)}), tenants)
    assert not verdict.passed


@pytest.mark.parametrize(
    ("name", "schema", "meant"),
    [
        ("dueDate", {"type": "string", "format": "date"}, PLAIN),
        ("city", TEXT, PLAIN),
        ("status", {"enum": ["a", "b"]}, PLAIN),
        ("giftWrap", {"type": "boolean"}, PLAIN),
        ("quantity", {"type": "integer"}, PLAIN),
        ("frobnication", {"type": "integer"}, FAIR),
        ("x", {"type": "number"}, POOR),
        ("property", TEXT, POOR),
        ("states", TEXT, POOR),
        ("contactId", {"type": "string", "format": "uuid"}, POOR),
        ("kind", {"enum": ["only"]}, POOR),
        ("quotaUser", TEXT, POOR),
        ("flavour", {"type": "string", "example": "plum"}, FAIR),
    ],
)
def test_how_much_a_value_means(name: str, schema: dict[str, object], meant: int) -> None:
    assert sense(name, schema) == meant


def _tool(properties: dict[str, object], required: list[str] | None = None) -> Tool:
    schema = {
        "type": "object",
        "properties": properties,
        "required": required or [],
        "additionalProperties": False,
    }
    return Tool.model_validate(
        {
            "name": "t",
            "description": "",
            "input_schema": schema,
            "output_schema": None,
            "effect": "create",
            "origin": {"file": "x"},
            "api": "a",
        }
    )


def test_what_means_something_comes_first() -> None:

    tool = _tool(
        {
            "property": TEXT,
            "states": TEXT,
            "dueDate": {"type": "string", "format": "date"},
            "city": TEXT,
        }
    )
    drawn = [
        preferred(tool, tool.input_schema["properties"], 2, random.Random(seed))
        for seed in range(100)
    ]
    assert sum(set(names) <= {"dueDate", "city"} for names in drawn) > 95
    alone = [
        preferred(_tool({"property": TEXT}), ["property"], 1, random.Random(seed))
        for seed in range(200)
    ]
    assert 5 < sum(bool(names) for names in alone) < 50


def test_structures_keep_what_people_tell() -> None:

    inner = {
        "type": "object",
        "required": ["city"],
        "properties": {
            "city": TEXT,
            "x": {"type": "number"},
            "blob": TEXT,
            "meta": {"type": "object"},
        },
    }
    tool = _tool(
        {
            "name": TEXT,
            "venue": inner,
            "lines": {
                "type": "array",
                "items": {"type": "object", "properties": {"quantity": {"type": "integer"}}},
            },
        }
    )
    given = {
        "name": "Fair",
        "venue": {"city": "Rome", "x": 3.0, "blob": "Odd", "meta": {}},
        "lines": [{"quantity": 1}, {"quantity": 2}, {}],
    }
    slim = trimmed(tool, given, random.Random(0), lambda pointer: False)
    assert slim == {"name": "Fair", "venue": {"city": "Rome"}, "lines": [{"quantity": 1}]}
    assert given["venue"]["x"] == 3.0  # type: ignore[index]
