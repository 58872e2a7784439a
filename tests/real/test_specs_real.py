"""Every real spec at hand (this project's own, and those in ../shared/specs where present): sound
tools, good calls accepted, bad calls refused."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inftool.core.tools import Api
from inftool.specs import compile_document, compile_specs, violations
from inftool.specs.normalize import write_normalized
from tests.specs.test_compiler import NAME, references
from tests.support.schemas import broken, values

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "specs"
FOLDERS = [folder for folder in (ROOT / "specs", SHARED) if folder.is_dir()]
# Operations as the owner of each document counts them (shared/specs/README.md).
OPERATIONS = {
    "figma__rest.yaml": 47,
    "xero__projects.yaml": 16,
    "twilio__messaging_v1.json": 58,
    "amadeus__flightordermanagement_v1.json": 2,
    "paypal__invoicing_v2.json": 20,
    "medusa__store.yaml": 46,
    "adafruit__io-v2.json": 71,
    "main.yaml": 133,
    "notion__mcp.json": 24,
    "redocly__museum.yaml": 8,
    "alertmanager": 9,
    "personal-demographics.yaml": 7,
    "guru-googleapis-com__calendar.json": 37,
}


@cache
def apis() -> tuple[Api, ...]:
    return compile_specs(FOLDERS, cache=False) if FOLDERS else ()


def files() -> list[str]:
    found: list[str] = []
    for folder in FOLDERS:
        found += sorted(
            path.relative_to(folder.parent).as_posix()
            for path in folder.iterdir()
            if not path.name.startswith(".") and path.suffix != ".md"
        )
    return found


def of(name: str) -> list[Api]:
    found = [api for api in apis() if f"/{name}" in api.file]
    if not found:
        pytest.skip(f"{name} is not there")
    return found


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/specs is absent")
def test_every_operation_is_a_tool() -> None:
    counts = {Path(api.file).name: api for api in apis() if api.file.startswith(SHARED.as_posix())}
    for name, operations in OPERATIONS.items():
        if name in counts:
            assert (counts[name].operations, len(counts[name].tools)) == (operations, operations), (
                name
            )


def test_every_schema_is_sound_and_within_its_budget() -> None:
    checked: set[int] = set()
    for api in apis():
        names = [tool.name for tool in api.tools]
        assert len(set(names)) == len(names)
        assert all(NAME.match(name) for name in names)
        assert api.operations == len(api.tools) + sum(loss.level == "error" for loss in api.losses)
        assert all(loss.code != "internal" and loss.origin.line for loss in api.losses)
        for tool in api.tools:
            assert tool.origin.line
            assert tool.description
            assert len(tool.description) <= 1000
            assert tool.input_schema["additionalProperties"] is False
            assert {parameter.argument for parameter in tool.parameters} == set(
                tool.input_schema["properties"]
            )
            assert (
                len(
                    json.dumps(
                        tool.input_schema, ensure_ascii=False, separators=(",", ":")
                    ).encode()
                )
                <= 16_384
            )
            for schema in [
                tool.input_schema,
                *(response.body for response in tool.responses if response.body is not None),
            ]:
                if id(schema) in checked:
                    continue
                checked.add(id(schema))
                jsonschema_rs.meta.validate(schema)
                jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
                assert references(schema) == {f"#/$defs/{name}" for name in schema.get("$defs", {})}


def test_the_first_line_of_every_tool_is_its_own() -> None:
    for api in apis():
        texts: dict[str, list[str]] = {}
        for tool in api.tools:
            path = tool.origin.file
            lines = texts.setdefault(path, Path(path).read_text(encoding="utf-8").splitlines())
            assert tool.method.lower() in lines[(tool.origin.line or 0) - 1].lower(), (
                path,
                tool.origin,
            )


@pytest.mark.parametrize("name", files())
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
)
@given(data=st.data())
def test_good_calls_pass_and_bad_calls_are_refused(name: str, data: st.DataObject) -> None:
    tools = [tool for api in of(name) for tool in api.tools]
    tool = data.draw(st.sampled_from(tools))
    arguments: dict[str, Any] = data.draw(values(tool.input_schema))
    assert violations(tool, arguments) == []
    assert jsonschema.Draft202012Validator(tool.input_schema).is_valid(arguments)
    for code, argument, bad in broken(tool.input_schema, arguments):
        found = violations(tool, bad)
        assert any(
            violation.argument == argument and violation.code == code for violation in found
        ), (tool.name, code, argument, found)
        told = next(violation for violation in found if violation.argument == argument)
        assert argument in told.message
        assert told.expected
        assert told.expected in told.message


@pytest.mark.parametrize("name", files())
def test_every_tool_without_arguments_takes_none(name: str) -> None:
    for tool in (
        tool for api in of(name) for tool in api.tools if not tool.input_schema["properties"]
    ):
        assert violations(tool, {}) == []
        assert violations(tool, {"x": 1})[0].code == "unknown_argument"


def test_the_short_way_for_simple_schemas_says_what_the_long_way_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("inftool.specs.schemas.converter.convert_simple", lambda node, ledger: None)
    for short, long in zip(apis(), compile_specs(FOLDERS, cache=False), strict=True):
        assert short.tools == long.tools, short.file
        assert short.losses == long.losses
        assert json.dumps([tool.input_schema for tool in short.tools]) == json.dumps(
            [tool.input_schema for tool in long.tools]
        )


@pytest.mark.parametrize("name", files())
def test_the_normalised_document_compiles_to_the_same_tools(name: str, tmp_path: Path) -> None:
    for api in of(name):
        first = write_normalized(api.file, tmp_path / "one.yaml")
        second = compile_document(
            tmp_path / "one.yaml", max_schema_bytes=1 << 40, closed=False, cache=False
        )
        assert (
            [tool.name for tool in second.tools]
            == [tool.name for tool in first.tools]
            == [tool.name for tool in api.tools]
        )
        for before, after in zip(first.tools, second.tools, strict=True):
            assert before.parameters == after.parameters
            assert before.input_schema.get("required") == after.input_schema.get("required")
            assert before.effect == after.effect
        assert {loss.code for loss in second.losses} <= {
            "renamed_argument",
            "no_success",
            "body_unused",
        }
