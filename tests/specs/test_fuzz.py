"""Documents put together wrongly: nothing hangs or crashes, and what is compiled is sound."""

from __future__ import annotations

import copy
import json
import os
import random
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inftool.core.errors import SpecError
from inftool.core.json_pointer import escape
from inftool.specs import compile_document, violations
from tests.specs.test_compiler import CIRCLES, document, sound
from tests.support.limits import limited

ROOT = Path(__file__).parents[2]
JUNK: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    1.5,
    10**30,
    1e308,
    "",
    "x",
    "#",
    "#/",
    "a/../b",
    [],
    {},
    [None],
    {"": None},
    {"$ref": "#"},
    {"$ref": "#/paths"},
    {"$ref": 3},
    {"allOf": [{"$ref": "#/components/schemas/A"}]},
    {"type": ["object", "nonsense"]},
    {"enum": []},
    {"properties": {"a": None}},
    {"oneOf": [{}, True, 3]},
    {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/A"}}, "required": True},
    {"not": {}},
    {"pattern": "(a+)+$"},
    {"items": []},
    {
        "discriminator": {"propertyName": "a"},
        "oneOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}],
    },
    {"additionalProperties": "no"},
]
WORDS = (
    "type properties items required allOf oneOf anyOf not enum const $ref additionalProperties "
    "parameters requestBody responses content schema in name get post discriminator mapping "
    "nullable format pattern minimum maxLength default example examples links operationId paths "
    "components schemas readOnly"
).split(" ")


def base() -> dict[str, Any]:
    """A document with something of everything in it."""
    a = {
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": {"type": "integer", "readOnly": True},
            "b": {"$ref": "#/components/schemas/B"},
            "n": {"type": "string", "nullable": True},
        },
    }
    b = {
        "allOf": [
            {"$ref": "#/components/schemas/A"},
            {
                "type": "object",
                "properties": {
                    "list": {"type": "array", "items": {"$ref": "#/components/schemas/A"}},
                    "e": {"enum": ["x", "y"]},
                },
            },
        ]
    }
    c = {
        "oneOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}],
        "discriminator": {"propertyName": "n", "mapping": {"a": "#/components/schemas/A"}},
    }
    media = {
        "application/json": {"schema": {"$ref": "#/components/schemas/B"}, "example": {"id": 1}}
    }
    paths = {
        "/a/{id}": {
            "parameters": [
                {
                    "name": "id",
                    "in": "path",
                    "required": True,
                    "schema": {"type": "integer", "minimum": 1},
                }
            ],
            "get": {
                "operationId": "getA",
                "parameters": [
                    {
                        "name": "q",
                        "in": "query",
                        "schema": {"type": "array", "items": {"type": "string", "pattern": "^a+$"}},
                    }
                ],
                "responses": {
                    "200": {
                        "description": "ok",
                        "content": media,
                        "links": {"l": {"operationId": "postB"}},
                    },
                    "default": {"$ref": "#/components/responses/E"},
                },
            },
            "put": {
                "operationId": "putA",
                "requestBody": {"required": True, "content": media},
                "responses": {"204": {"description": "done"}},
            },
        },
        "/b": {
            "post": {
                "operationId": "postB",
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/C"}}}
                },
                "responses": {"201": {"description": "made", "content": media}},
            }
        },
    }
    return document(
        paths,
        components={
            "schemas": {"A": a, "B": b, "C": c},
            "responses": {
                "E": {
                    "description": "no",
                    "content": {"application/json": {"schema": {"type": "object"}}},
                }
            },
        },
    )


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key in value:
            found += places(value[key], (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found += places(inner, (*path, index))
    return found


def spoil(content: dict[str, Any], chance: random.Random, times: int) -> dict[str, Any]:
    for _ in range(times):
        found = places(content)
        if not found:
            break
        *path, last = chance.choice(found)
        owner: Any = content
        for token in path:
            owner = owner[token]
        kind = chance.randrange(6)
        if kind == 0:
            del owner[last]
        elif kind == 1:
            owner[last] = copy.deepcopy(chance.choice(JUNK))
        elif kind == 2 and isinstance(owner, dict):
            owner[chance.choice(WORDS)] = owner[last]
        elif kind == 3:
            # Anything may come to stand anywhere, itself inside itself included.
            other: Any = content
            for token in chance.choice(found):
                other = other[token]
            copied = copy.deepcopy(other)
            if len(json.dumps(copied)) < 5_000:
                owner[last] = copied
        elif kind == 4 and isinstance(owner, dict):
            owner[chance.choice(WORDS)] = copy.deepcopy(chance.choice(JUNK))
        else:
            pointer = "".join(f"/{escape(token)}" for token in chance.choice(found))
            owner[last] = {"$ref": f"#{pointer}"}
    return content


def survive(text: str, suffix: str = ".json") -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"spec{suffix}"
        path.write_text(text, encoding="utf-8", errors="surrogatepass")
        try:
            # Some milliseconds are usual: this is about documents on which the compiler would
            # not come to an end.
            with limited(cpu=30, stuck=900):
                api = compile_document(path, cache=False)
        except SpecError as error:
            # It may be spoiled so far that it calls itself no API description any more.
            if "no API description" not in str(error):
                raise
            return
        sound(api, twice=False)
        for tool in api.tools:
            tried: list[Any] = [
                {},
                {"body": {}},
                {"id": 1, "b": {"b": {}}},
                {"id": "x", "n": None, "list": [{}]},
            ]
            for value in tried:
                violations(tool, value)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(st.randoms(use_true_random=False), st.integers(1, 12))
def test_spoiled_documents_are_survived(chance: random.Random, times: int) -> None:
    survive(json.dumps({**spoil(base(), chance, times), "openapi": "3.0.3"}))


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(st.data())
def test_spoiled_texts_are_survived(data: st.DataObject) -> None:
    text = json.dumps(base(), indent=data.draw(st.sampled_from([None, 1])))
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(text)))
        end = min(len(text), at + data.draw(st.integers(0, 30)))
        text = (
            text[:at]
            + data.draw(
                st.sampled_from(
                    [
                        "",
                        "{",
                        "}",
                        "[",
                        "]",
                        '"',
                        ",",
                        ":",
                        "\\",
                        "\n",
                        "\t",
                        "&a ",
                        "*a",
                        "!x ",
                        "- ",
                        "? ",
                        "#",
                        "NaN",
                        "\ufffe",
                        "é",
                    ]
                )
            )
            + text[end:]
        )
    survive(
        '{"openapi": "3.0.0", "paths": {"/x": {"get": {}}}}' if "openapi" not in text else text,
        data.draw(st.sampled_from([".json", ".yaml"])),
    )


@pytest.mark.nightly
@pytest.mark.cpu_limit(0)
def test_ten_minutes_of_spoiled_documents() -> None:
    """`INFTOOL_FUZZ_SECONDS` sets how long (600); the seed is in the message of a failure."""
    until = time.monotonic() + float(os.environ.get("INFTOOL_FUZZ_SECONDS", "600"))
    sources = [base()] + [
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / "specs").glob("*.json"))
    ]
    sources += [
        document(
            {
                "/a": {
                    "get": {
                        "responses": {
                            "200": {
                                "content": {
                                    "application/json": {
                                        "schema": {"$ref": "#/components/schemas/A"}
                                    }
                                }
                            }
                        }
                    }
                }
            },
            components={"schemas": found},
        )
        for found in CIRCLES
    ]
    seed = int(os.environ.get("INFTOOL_FUZZ_SEED", "0"))
    while time.monotonic() < until:
        seed += 1
        chance = random.Random(seed)
        content = spoil(copy.deepcopy(chance.choice(sources)), chance, chance.randint(1, 30))
        try:
            survive(json.dumps({**content, "openapi": chance.choice(["3.0.0", "3.1.0", "3.2.0"])}))
        except Exception as error:
            raise AssertionError(f"seed {seed}") from error
