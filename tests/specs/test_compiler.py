"""Small documents of every kind, each with one thing wrong or rare in it, and what they become."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
import yaml

from inftool.core.errors import SpecError
from inftool.core.tools import Api, Tool
from inftool.specs import check, compile_document, compile_specs, violations

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


def document(paths: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"openapi": "3.0.3", "info": {"title": "Test", "version": "1"}, "paths": paths, **more}


def body(schema: Any, **more: Any) -> dict[str, Any]:
    return {
        "post": {
            "operationId": "send",
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": schema}},
                **more,
            },
            "responses": {"200": {}},
        }
    }


def answer(schema: Any) -> dict[str, Any]:
    return {
        "get": {
            "operationId": "fetch",
            "responses": {
                "200": {"description": "ok", "content": {"application/json": {"schema": schema}}}
            },
        }
    }


def schemas(**found: Any) -> dict[str, Any]:
    return {"components": {"schemas": found}}


def compiled(tmp_path: Path, content: Any, name: str = "spec.json", **options: Any) -> Api:
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    api = compile_document(path, cache=False, **options)
    sound(api)
    return api


def one(tmp_path: Path, content: Any, **options: Any) -> Tool:
    api = compiled(tmp_path, content, **options)
    assert len(api.tools) == 1, api.losses
    return api.tools[0]


def codes(api: Api) -> set[str]:
    return {loss.code for loss in api.losses}


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*map(references, value.values()))
    return set().union(*map(references, value)) if isinstance(value, list) else set()


def sound(api: Api, *, twice: bool = True) -> None:
    """What must hold for every document, however broken; `twice`: by the slow validator, too."""
    names = [tool.name for tool in api.tools]
    assert len(set(names)) == len(names)
    assert all(NAME.match(name) for name in names)
    errors = [loss for loss in api.losses if loss.level == "error"]
    assert api.operations - len(api.tools) == len(
        [loss for loss in errors if loss.code not in {"unreadable", "bad_document"}]
    )
    assert "internal" not in codes(api), api.losses
    for tool in api.tools:
        assert tool.input_schema["additionalProperties"] is False
        for schema in [
            tool.input_schema,
            *(response.body for response in tool.responses if response.body is not None),
        ]:
            if twice:
                jsonschema.Draft202012Validator.check_schema(schema)
            jsonschema_rs.meta.validate(schema)
            jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
            used = references(schema)
            assert used == {f"#/$defs/{name}" for name in schema.get("$defs", {})}


# --- references ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ref", "found"),
    [
        ("#/paths/~1a/get/responses/200/content/application~1json/schema", True),
        ("#/components/schemas/Odd%20Name", True),
        ("#/components/schemas/Odd Name", True),
        ("#/components/x-list/1", True),
        ("#/components/schemas/Alias", True),
        ("#Anchored", True),
        ("Plain", True),
        ("#/components/schemas/Nowhere", False),
        ("#/components/x-list/7", False),
        ("", False),
    ],
)
def test_references_of_every_spelling_are_followed(tmp_path: Path, ref: str, found: bool) -> None:
    goal = {
        "type": "object",
        "properties": {"goal": {"type": "string", "enum": ["yes"]}},
        "required": ["goal"],
    }
    content = document(
        {
            "/a": answer(goal),
            "/b": {"post": {**body({"$ref": ref})["post"], "operationId": "send"}},
        },
        components={
            "schemas": {
                "Odd Name": goal,
                "Alias": {"$ref": "#/components/schemas/Odd%20Name"},
                "Plain": goal,
                "X": {"$anchor": "Anchored", **goal},
            },
            "x-list": [{}, goal],
        },
    )
    api = compiled(tmp_path, content)
    tool = next(tool for tool in api.tools if tool.name == "send")
    assert ("goal" in tool.input_schema["properties"]) is found
    assert bool(codes(api) & {"dangling_ref", "bad_ref"}) is not found


def test_a_reference_that_is_no_string_costs_one_schema(tmp_path: Path) -> None:
    api = compiled(
        tmp_path,
        document(
            {
                "/a": body(
                    {"type": "object", "properties": {"x": {"$ref": 7}, "y": {"type": "string"}}}
                )
            }
        ),
    )
    assert codes(api) == {"bad_ref"}
    assert not violations(api.tools[0], {"y": "a", "x": [1]})


def test_containers_and_path_items_may_be_references(tmp_path: Path) -> None:
    content = document(
        {"/a": {"$ref": "#/x-items/A"}, "/b": {"$ref": "#/paths/~1a"}},
        **{"x-items": {"A": body({"$ref": "#/components/schemas/Pet"})}},
    )
    content["components"] = {"schemas": {"$ref": "#/x-schemas"}}
    content["x-schemas"] = {"Pet": {"type": "object", "properties": {"name": {"type": "string"}}}}
    api = compiled(tmp_path, content)
    assert len(api.tools) == 2
    assert all(list(tool.input_schema["properties"]) == ["name"] for tool in api.tools)


CIRCLES: list[dict[str, Any]] = [
    {"A": {"$ref": "#/components/schemas/A"}},
    {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}},
    {
        "A": {
            "allOf": [
                {"$ref": "#/components/schemas/A"},
                {"type": "object", "properties": {"x": {"type": "string"}}},
            ]
        }
    },
    {
        "A": {"anyOf": [{"$ref": "#/components/schemas/B"}, {"type": "string"}]},
        "B": {"anyOf": [{"$ref": "#/components/schemas/A"}, {"type": "null"}]},
    },
    {"A": {"oneOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/A"}]}},
    {"A": {"not": {"$ref": "#/components/schemas/A"}}},
    {
        "A": {
            "type": "object",
            "properties": {"a": {"$ref": "#/components/schemas/A"}},
            "additionalProperties": {"$ref": "#/components/schemas/A"},
        }
    },
    {"A": {"type": "array", "items": {"$ref": "#/components/schemas/A"}}},
    {"A": {"properties": {"b": {"$ref": "#/components/schemas/A/properties/b"}}}},
    {
        "A": {"oneOf": [{"$ref": "#/components/schemas/B"}, {"type": "string"}]},
        "B": {"allOf": [{"$ref": "#/components/schemas/A"}]},
    },
    {"$ref": "#/components/schemas/A"},
    {"$ref": "A"},
]


@pytest.mark.parametrize("found", CIRCLES)
def test_circles_of_schemas_end(tmp_path: Path, found: dict[str, Any]) -> None:
    content = document(
        {
            "/a": body(
                {"type": "object", "properties": {"it": {"$ref": "#/components/schemas/A"}}}
            ),
            "/b": answer({"$ref": "#/components/schemas/A"}),
        }
    )
    content["components"] = {"schemas": found}
    api = compiled(tmp_path, content)
    assert len(api.tools) == 2
    for tool in api.tools:
        # A validator that runs in circles would not come back from this.
        values: list[Any] = [{}, {"it": {}}, {"it": "x"}, {"it": {"a": {"a": {}}}}, {"it": None}]
        for value in values:
            violations(tool, value)
            jsonschema.Draft202012Validator(tool.input_schema).is_valid(value)


def test_a_circular_path_item_is_one_lost_path(tmp_path: Path) -> None:
    api = compiled(
        tmp_path,
        document({"/a": {"$ref": "#/paths/~1b"}, "/b": {"$ref": "#/paths/~1a"}, "/c": answer({})}),
    )
    assert [tool.name for tool in api.tools] == ["fetch"]
    assert codes(api) == {"bad_path"}


def test_a_chain_of_references_may_be_longer_than_the_stack(tmp_path: Path) -> None:
    found = {
        f"S{number}": {
            "type": "object",
            "properties": {"next": {"$ref": f"#/components/schemas/S{number + 1}"}},
        }
        for number in range(3000)
    }
    found["S3000"] = {"type": "string"}
    api = compiled(
        tmp_path,
        document(
            {
                "/a": body({"$ref": "#/components/schemas/S0"}),
                "/b": answer({"$ref": "#/components/schemas/S0"}),
            },
            **schemas(**found),
        ),
    )
    assert len(api.tools) == 2
    assert "cut_optional" in codes(api)


def test_files_refer_to_each_other_within_their_folder(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "paths").mkdir()
    (tmp_path / "main.yaml").write_text(
        "openapi: 3.0.0\ninfo: {title: Many, version: '1'}\npaths:\n"
        "  /pets: {$ref: 'paths/pets.yaml'}\n",
        encoding="utf-8",
    )
    (tmp_path / "paths" / "pets.yaml").write_text(
        "post:\n  operationId: addPet\n  requestBody:\n    required: true\n    content:\n"
        "      application/json:\n        schema: {$ref: '../schemas/Pet.json'}\n"
        "  responses:\n    '200':\n      $ref: '../main.yaml#/x-none'\n",
        encoding="utf-8",
    )
    (tmp_path / "schemas" / "Pet.json").write_text(
        '{"type": "object", "required": ["name"], "properties": {"name": {"type": "string"},'
        ' "friend": {"$ref": "#"}, "kind": {"$ref": "kinds.yml#/Kind"}}}',
        encoding="utf-8",
    )
    (tmp_path / "schemas" / "kinds.yml").write_text(
        "Kind: {type: string, enum: [cat, dog]}\n", encoding="utf-8"
    )
    (api,) = compile_specs([tmp_path], cache=False)
    sound(api)
    tool = api.tools[0]
    assert not violations(tool, {"name": "a", "friend": {"name": "b", "kind": "cat"}})
    assert [
        violation.pointer
        for violation in violations(tool, {"name": "a", "friend": {"name": "b", "kind": "cow"}})
    ] == ["/friend/kind"]
    assert [
        (loss.code, loss.origin.file.endswith("pets.yaml"), loss.origin.line)
        for loss in api.losses
        if loss.code == "dangling_ref"
    ] == [("dangling_ref", True, 9)]


@pytest.mark.parametrize(
    ("ref", "code"),
    [
        ("../outside.json", "refused_ref"),
        ("../../../../etc/passwd", "refused_ref"),
        ("/etc/passwd", "refused_ref"),
        ("file:///etc/passwd", "refused_ref"),
        ("C:\\secrets.json", "refused_ref"),
        ("\\\\host\\share\\x.json", "refused_ref"),
        ("..%2Foutside.json", "refused_ref"),
        ("link.json", "refused_ref"),
        ("folder-link/outside.json", "refused_ref"),
        ("http://localhost:1/x.json", "remote_ref"),
        ("https://example.com/x.json#/A", "remote_ref"),
        ("missing.json", "dangling_ref"),
        (".", "dangling_ref"),
        ("nul\0byte.json", "refused_ref"),
        ("broken.json", "dangling_ref"),
    ],
)
def test_references_never_leave_the_folder(tmp_path: Path, ref: str, code: str) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "outside.json").write_text(
        '{"type": "object", "properties": {"secret": {"type": "string"}}}', encoding="utf-8"
    )
    (inside / "link.json").symlink_to(tmp_path / "outside.json")
    (inside / "folder-link").symlink_to(tmp_path)
    (inside / "broken.json").write_text("{", encoding="utf-8")
    api = compiled(inside, document({"/a": body({"$ref": ref})}))
    assert codes(api) == {code}
    assert "secret" not in json.dumps(api.tools[0].input_schema)


def test_a_linked_spec_that_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "spec.json").write_text(json.dumps(document({"/a": answer({})})), encoding="utf-8")
    (inside / "spec.json").symlink_to(tmp_path / "spec.json")
    (api,) = compile_specs([inside], cache=False)
    assert [(loss.code, loss.level) for loss in api.losses] == [("unreadable", "error")]
    assert "symbolic link" in api.losses[0].message


# --- text ---------------------------------------------------------------------------------------

HEAD = "openapi: 3.0.0\ninfo: {title: T, version: 1.10}\npaths:\n"


def test_yaml_keys_and_scalars_keep_their_spelling(tmp_path: Path) -> None:
    text = (
        HEAD + "  /a:\n    get:\n      operationId: fetch\n      parameters:\n"
        "      - {name: on, in: query, schema: {type: string, enum: [on, off, yes, NO]}}\n"
        "      - {name: day, in: query,"
        " schema: {type: string, default: 2020-01-01, example: 04109}}\n"
        "      responses:\n        200:\n          description: ok\n"
        "          content:\n            application/json:\n              schema:\n"
        "                type: object\n"
        "                properties:\n                  2020-01-01: {type: string}\n"
        "                  1: {type: integer}\n                  null: {type: string}\n"
        "                  true: {type: string}\n"
    )
    tool = one(tmp_path, text, name="spec.yaml")
    assert tool.input_schema["properties"]["on"]["enum"] == ["on", "off", "yes", "NO"]
    assert tool.input_schema["properties"]["day"] == {
        "type": "string",
        "default": "2020-01-01",
        "examples": ["04109"],
    }
    assert list((tool.output_schema or {})["properties"]) == ["2020-01-01", "1", "null", "true"]
    assert tool.responses[0].status == "200"


def test_duplicate_keys_and_tags_are_told_with_their_line(tmp_path: Path) -> None:
    api = compiled(
        tmp_path,
        HEAD + "  /a:\n    get: {responses: {200: {}}, summary: !secret x}\n  /a:\n"
        "    post: {responses: {200: {}}}\n",
        name="spec.yaml",
    )
    assert {(loss.code, loss.origin.line) for loss in api.losses} >= {
        ("duplicate_key", 6),
        ("yaml_tag", 5),
    }
    api = compiled(
        tmp_path,
        '{"openapi": "3.0.0", "info": {"title": "T", "version": "1"},\n'
        '"paths": {"/a": {"get": {},\n"get": {}}}}',
    )
    assert [
        (loss.code, loss.origin.pointer, loss.origin.line)
        for loss in api.losses
        if loss.code == "duplicate_key"
    ] == [("duplicate_key", "/paths/~1a/get", 3)]


def test_merge_keys_and_aliases_are_resolved(tmp_path: Path) -> None:
    text = HEAD + (
        "  /a:\n    get: &op\n      responses: {200: {}}\n      tags: [x]\n    post:\n"
        "      <<: *op\n      operationId: made\n    put: *op\n    patch:\n"
        "      <<: [*op, {summary: S}]\n"
    )
    api = compiled(tmp_path, text, name="spec.yaml")
    assert [tool.name for tool in api.tools] == ["get_a", "made", "put_a", "patch_a"]
    assert all(tool.tags == ("x",) for tool in api.tools)
    assert api.tools[3].summary == "S"
    assert [tool.origin.line for tool in api.tools] == [5, 8, 11, 12]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "a: &a [x,x,x,x,x,x,x,x,x]\n"
            + "".join(
                f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n"
                for i in range(9)
            )
            + HEAD,
            "aliases expand",
        ),
        (HEAD + "  /a: &a\n    get: {x: *a}\n", "contains itself"),
        (HEAD + "  /a: " + "[" * 5000, "nested more than"),
        (HEAD + "  /a: " + "{a: " * 5000, "nested more than"),
        (HEAD + "  /a: *nothing\n", "not defined"),
        (HEAD + "  /a:\n\t- x\n", "not valid YAML"),
        (
            '{"openapi": "3.0.0", "paths": ' + "[" * 100_000 + "]" * 100_000 + "}",
            "nested too deeply",
        ),
        ('{"openapi": "3.0.0", "paths": {', "line 1: not valid JSON"),
        ('{"openapi": "3.0.0",\n"paths": {"/a": @}}', "line 2: not valid JSON"),
        ("openapi: 3.0.0\npaths: \x00\x01", "not valid YAML"),
    ],
)
def test_unreadable_and_hostile_texts_are_refused_and_stop_nothing(
    tmp_path: Path, text: str, says: str
) -> None:
    (tmp_path / "bad.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "good.json").write_text(json.dumps(document({"/a": answer({})})), encoding="utf-8")
    bad, good = compile_specs([tmp_path], cache=False)
    assert (len(bad.tools), len(good.tools)) == (0, 1)
    assert [(loss.code, loss.level) for loss in bad.losses] == [("unreadable", "error")]
    assert says in bad.losses[0].message


def test_encodings_and_lenient_json(tmp_path: Path) -> None:
    content = json.dumps(
        document({"/a": {"get": {"summary": "Größe", "responses": {"200": {}}}}}),
        ensure_ascii=False,
    )
    for name, raw, lost in [
        ("u16.json", content.encode("utf-16"), set()),
        ("bom.json", b"\xef\xbb\xbf" + content.encode(), set()),
        ("latin.json", content.encode("latin-1"), {"encoding"}),
    ]:
        (tmp_path / name).write_bytes(raw)
        api = compile_document(tmp_path / name, cache=False)
        assert api.tools[0].summary == "Größe"
        assert codes(api) - {"no_success"} == lost
    api = compiled(tmp_path, content[:-1] + ",}")
    assert "lenient_json" in codes(api)
    assert len(api.tools) == 1


@pytest.mark.parametrize("indent", [None, 1, 4])
def test_lines_are_right_in_json_and_yaml(tmp_path: Path, indent: int | None) -> None:
    content = document(
        {
            f"/p{number}/{{id}}": {
                method: {"responses": {"200": {}}, "operationId": f"{method}{number}"}
                for method in ("get", "post")
            }
            for number in range(20)
        }
    )
    text = json.dumps(content, indent=indent)
    api = compiled(tmp_path, text)
    assert len(api.tools) == 40
    for tool in api.tools:
        line = text.splitlines()[(tool.origin.line or 0) - 1]
        assert f'"{tool.method.lower()}"' in line
        if indent:
            assert f'"{tool.operation}"' in "".join(
                text.splitlines()[(tool.origin.line or 0) - 1 :][:8]
            )
    assert all(loss.origin.line for loss in api.losses)


# --- documents ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "tools", "lost"),
    [
        ({"openapi": "3.0.0"}, 0, {"no_operations", "missing_info"}),
        ({"openapi": "3.0.0", "info": None, "paths": None}, 0, {"no_operations", "missing_info"}),
        (
            {"openapi": "3.0.0", "info": {"title": "x", "version": "1"}, "paths": []},
            0,
            {"bad_document", "no_operations"},
        ),
        (
            {
                "openapi": "9",
                "info": {"title": "x", "version": "1"},
                "paths": {"/a": {"get": {"responses": {"200": {}}}}},
            },
            1,
            {"unknown_version"},
        ),
        (
            {
                "openapi": 3.1,
                "info": {"title": "x", "version": 2},
                "paths": {"/a": {"get": {"responses": {"200": {}}}}},
            },
            1,
            set(),
        ),
        (
            {
                "info": {"title": "x", "version": "1"},
                "paths": {"/a": {"get": {"responses": {"200": {}}}}},
            },
            1,
            {"unknown_version"},
        ),
        (
            document(
                {
                    "/a": None,
                    "/b": 3,
                    "/c": {"get": None, "put": [], "post": {"responses": {"200": {}}}},
                    "x-no": {"get": {}},
                }
            ),
            1,
            {"bad_path", "bad_operation"},
        ),
        (
            document({"/a": {"get": {"responses": {"200": {}}}}}, webhooks={"w": {"post": {}}}),
            1,
            {"webhooks_ignored"},
        ),
        (
            document(
                {
                    "/a": {
                        "get": {
                            "parameters": "no",
                            "responses": [],
                            "tags": 3,
                            "summary": [],
                            "description": {},
                        }
                    }
                }
            ),
            1,
            {"bad_parameter", "bad_response", "no_success"},
        ),
        (
            document(
                {
                    "/a": {
                        "parameters": [
                            None,
                            3,
                            {},
                            {"name": "x"},
                            {"name": 1, "in": "query"},
                            {"in": "query"},
                        ],
                        "get": {"responses": {"200": None, "2XX": 3, "default": {}}},
                    }
                }
            ),
            1,
            {"bad_parameter", "bad_response"},
        ),
        (
            document(
                {"/a": {"get": {"responses": {"200": {}}}}},
                components=3,
                security=[None],
                tags=None,
                servers="x",
            ),
            1,
            set(),
        ),
        (
            document(
                {"/a": {"get": {"responses": {"200": {}}, "security": None}}},
                components={
                    "securitySchemes": {
                        "o": {"type": "oauth2", "flows": {"implicit": {"scopes": None}}}
                    }
                },
            ),
            1,
            set(),
        ),
        (
            document(
                {
                    "/a": {
                        "get": {
                            "responses": {
                                "200": {
                                    "content": {
                                        "application/json": {
                                            "schema": {"$ref": "#/x-y"},
                                            "examples": {"a": {"$ref": "#/nope"}},
                                        }
                                    }
                                }
                            }
                        }
                    }
                },
                **{"x-y": {}, "x-docs": {"$ref": "#/nope"}},
            ),
            1,
            set(),
        ),
    ],
)
def test_flaws_cost_what_they_touch_and_no_more(
    tmp_path: Path, content: Any, tools: int, lost: set[str]
) -> None:
    api = compiled(tmp_path, content)
    assert len(api.tools) == tools
    assert codes(api) == lost


def test_paths_are_what_they_are(tmp_path: Path) -> None:
    paths = {
        "/a?action=b": {"get": {"responses": {"200": {}}}},
        "/a#frag": {"get": {"responses": {"200": {}}}},
        "/x/{id}/y/{id}": {
            "get": {
                "responses": {"200": {}},
                "parameters": [
                    {"name": "id", "in": "path"},
                    {"name": "gone", "in": "path", "required": True},
                ],
            }
        },
        "/a~b/{c.d}": {"get": {"responses": {"200": {}}}},
        "": {"get": {"responses": {"200": {}}}},
        "/é/ü": {"get": {"responses": {"200": {}}}},
        "no-slash": {"get": {"responses": {"200": {}}}},
    }
    api = compiled(tmp_path, document(paths))
    assert [tool.path for tool in api.tools] == list(paths)
    assert {
        "undeclared_path_parameter",
        "unused_path_parameter",
        "optional_path_parameter",
    } <= codes(api)
    by_path = {tool.path: tool for tool in api.tools}
    assert by_path["/x/{id}/y/{id}"].input_schema["required"] == ["id"]
    assert by_path["/a~b/{c.d}"].input_schema["required"] == ["c.d"]
    assert by_path["/a~b/{c.d}"].origin.pointer == "/paths/~1a~0b~1{c.d}/get"


def test_openapi_3_2_methods_and_query_strings(tmp_path: Path) -> None:
    content = document(
        {
            "/things": {
                "query": {
                    "operationId": "findThings",
                    "requestBody": {
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "properties": {"q": {"type": "string"}},
                                }
                            }
                        }
                    },
                    "responses": {"200": {}},
                },
                "additionalOperations": {
                    "COPY": {"operationId": "copyThings", "responses": {"200": {}}}
                },
                "get": {
                    "operationId": "listThings",
                    "parameters": [
                        {
                            "name": "all",
                            "in": "querystring",
                            "content": {
                                "application/x-www-form-urlencoded": {
                                    "schema": {
                                        "type": "object",
                                        "properties": {
                                            "a": {"type": "integer"},
                                            "b": {"type": "string"},
                                        },
                                        "required": ["a"],
                                    }
                                }
                            },
                        }
                    ],
                    "responses": {
                        "200": {
                            "content": {
                                "application/jsonl": {
                                    "itemSchema": {
                                        "type": "object",
                                        "properties": {"x": {"type": "string"}},
                                    }
                                }
                            }
                        }
                    },
                },
            }
        },
        openapi="3.2.0",
    )
    api = compiled(tmp_path, content)
    by_name = {tool.name: tool for tool in api.tools}
    assert (by_name["findThings"].method, by_name["findThings"].effect) == ("QUERY", "read")
    assert by_name["copyThings"].method == "COPY"
    assert [
        (parameter.argument, parameter.location) for parameter in by_name["listThings"].parameters
    ] == [("a", "query"), ("b", "query")]
    assert by_name["listThings"].input_schema["required"] == ["a"]
    assert (by_name["listThings"].output_schema or {})["properties"] == {"x": {"type": "string"}}


def test_swagger_2_parameters_bodies_and_answers(tmp_path: Path) -> None:
    content = {
        "swagger": "2.0",
        "info": {"title": "Old", "version": "1"},
        "host": "api.example.com",
        "basePath": "/v1",
        "schemes": ["https"],
        "consumes": ["application/json"],
        "securityDefinitions": {"key": {"type": "apiKey", "in": "header", "name": "X-My-Key"}},
        "parameters": {
            "page": {
                "name": "page",
                "in": "query",
                "type": "integer",
                "minimum": 1,
                "exclusiveMinimum": True,
            }
        },
        "definitions": {
            "Pet": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "id": {"type": "integer", "readOnly": True},
                    "name": {"type": "string", "x-nullable": True},
                },
            }
        },
        "responses": {"Gone": {"description": "gone"}},
        "paths": {
            "/pets": {
                "parameters": [
                    {"name": "X-My-Key", "in": "header", "type": "string", "required": True}
                ],
                "get": {
                    "operationId": "listPets",
                    "parameters": [
                        {"$ref": "#/parameters/page"},
                        {
                            "name": "tags",
                            "in": "query",
                            "type": "array",
                            "items": {"type": "string", "enum": ["a", "b"]},
                            "collectionFormat": "pipes",
                        },
                    ],
                    "responses": {
                        "200": {
                            "description": "ok",
                            "schema": {"type": "array", "items": {"$ref": "#/definitions/Pet"}},
                            "examples": {"application/json": [{"id": 1, "name": None}]},
                        },
                        "404": {"$ref": "#/responses/Gone"},
                    },
                },
                "post": {
                    "operationId": "addPet",
                    "parameters": [
                        {
                            "name": "pet",
                            "in": "body",
                            "required": True,
                            "schema": {"$ref": "#/definitions/Pet"},
                        }
                    ],
                    "responses": {"201": {"description": "made"}},
                },
                "put": {
                    "operationId": "uploadPet",
                    "consumes": ["multipart/form-data"],
                    "parameters": [
                        {"name": "file", "in": "formData", "type": "file", "required": True},
                        {"name": "note", "in": "formData", "type": "string", "maxLength": 3},
                    ],
                    "responses": {"204": {"description": "done"}},
                },
            }
        },
    }
    api = compiled(tmp_path, content)
    assert api.base_urls == ("https://api.example.com/v1",)
    listed, added, uploaded = api.tools
    assert listed.input_schema["properties"]["page"] == {"type": "integer", "exclusiveMinimum": 1}
    assert [(p.argument, p.style, p.explode) for p in listed.parameters] == [
        ("page", "", None),
        ("tags", "pipeDelimited", False),
    ]
    assert listed.responses[0].example == [{"id": 1, "name": None}]
    assert [response.status for response in listed.responses] == ["200", "404"]
    assert added.input_schema["properties"] == {"name": {"type": ["string", "null"]}}
    assert (added.input_schema["required"], added.body_type, added.output_schema) == (
        ["name"],
        "application/json",
        None,
    )
    assert [(p.argument, p.location) for p in uploaded.parameters] == [
        ("file", "form"),
        ("note", "form"),
    ]
    assert uploaded.body_type == "multipart/form-data"
    assert uploaded.input_schema["properties"]["file"] == {"type": "string", "format": "binary"}
    assert [v.code for v in violations(uploaded, {"file": "x", "note": "long"})] == ["too_long"]
    assert "auth_hidden" in codes(api)


# --- discovery ----------------------------------------------------------------------------------


def test_folders_files_and_globs(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b.json").write_text(json.dumps(document({"/a": answer({})})), encoding="utf-8")
    (tmp_path / "a" / "c.yaml").write_text(
        HEAD + "  /a: {get: {responses: {200: {}}}}\n", encoding="utf-8"
    )
    (tmp_path / "a" / "package.json").write_text('{"name": "x", "parameters": 3}', encoding="utf-8")
    (tmp_path / "a" / "values.yaml").write_text("replicas: 3\n", encoding="utf-8")
    seen: list[tuple[str, int, int]] = []
    found = compile_specs([tmp_path], cache=False, on_progress=lambda *step: seen.append(step))
    assert [Path(api.file).name for api in found] == ["c.yaml", "b.json"]
    assert [api.name for api in found] == ["t", "test"]
    assert seen[-1][1:] == (4, 4)
    assert [
        api.file
        for api in compile_specs([str(tmp_path / "*.json"), tmp_path / "b.json"], cache=False)
    ] == [(tmp_path / "b.json").as_posix()]
    for nothing in ([tmp_path / "none"], [tmp_path / "*.toml"], [tmp_path / "a" / "values.yaml"]):
        with pytest.raises(SpecError):
            compile_specs(nothing, cache=False)


def test_apis_of_one_title_get_names_of_their_own(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.json").write_text(
            json.dumps(document({"/a": answer({})})), encoding="utf-8"
        )
    found = compile_specs([tmp_path], cache=False)
    assert [api.name for api in found] == ["test", "test_2", "test_3"]
    assert all(tool.api == api.name for api in found for tool in api.tools)


def test_a_fragment_that_calls_itself_a_spec_is_no_document(tmp_path: Path) -> None:
    (tmp_path / "common.yaml").write_text(
        "openapi: 3.0.0\ninfo: {title: Common, version: '1'}\npaths: {}\n"
        "components: {schemas: {Pet: {type: string}}}\n",
        encoding="utf-8",
    )
    (tmp_path / "main.json").write_text(
        json.dumps(document({"/a": answer({"$ref": "common.yaml#/components/schemas/Pet"})})),
        encoding="utf-8",
    )
    (api,) = compile_specs([tmp_path], cache=False)
    assert api.tools[0].output_schema == {"type": "string"}


def test_the_cache_gives_the_same_and_notices_every_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFTOOL_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "specs"
    folder.mkdir()
    (folder / "pet.json").write_text(
        '{"type": "object", "properties": {"name": {"$ref": "#/x"}}, "x": {"type": "string"}}',
        encoding="utf-8",
    )
    (folder / "main.json").write_text(
        json.dumps(
            document({"/a": answer({"$ref": "pet.json"}), "/b": body({"$ref": "missing.json"})})
        ),
        encoding="utf-8",
    )
    fresh = compile_specs([folder], cache=False)
    assert compile_specs([folder]) == fresh == compile_specs([folder])
    assert len(list((tmp_path / "cache" / "specs").iterdir())) == 1
    (folder / "pet.json").write_text('{"type": "integer"}', encoding="utf-8")
    assert next(
        tool for tool in compile_specs([folder])[0].tools if tool.name == "fetch"
    ).output_schema == {"type": "integer"}
    (folder / "missing.json").write_text(
        '{"type": "object", "properties": {"found": {"type": "string"}}}', encoding="utf-8"
    )
    assert "dangling_ref" not in codes(compile_specs([folder])[0])
    for entry in (tmp_path / "cache" / "specs").iterdir():
        entry.write_text("{broken", encoding="utf-8")
    assert compile_specs([folder]) == compile_specs([folder], cache=False)


def test_a_thousand_operations_and_a_megabyte_of_enum(tmp_path: Path) -> None:
    long = [f"value-{number:07}" for number in range(80_000)]
    paths = {f"/p{number}": body({"$ref": "#/components/schemas/Big"}) for number in range(1000)}
    for number, item in enumerate(paths.values()):
        item["post"] = {**item["post"], "operationId": f"send{number}"}
    api = compiled(
        tmp_path,
        document(
            paths,
            **schemas(
                Big={
                    "type": "object",
                    "properties": {"long": {"enum": long}, "short": {"enum": ["a"]}},
                    "required": ["long"],
                }
            ),
        ),
    )
    assert len(api.tools) == 1000
    assert all(len(json.dumps(tool.input_schema)) <= 16_384 for tool in api.tools)
    assert [
        violation.code
        for violation in check(api.tools[0].input_schema, {"long": "x", "short": "b"})
    ] == ["bad_enum"]
    assert "cut_enum" in codes(api)


def test_the_items_of_a_list_have_lines_of_their_own(tmp_path: Path) -> None:
    text = (
        HEAD + "  /a:\n    get:\n      responses: {200: {}}\n      parameters:\n"
        "      - name: a\n        in: query\n        schema: {type: wobble}\n"
        + "      - $ref: '#/nowhere'\n"
    )
    for name, content in (
        ("a.yaml", text),
        ("b.json", json.dumps(yaml.load(text, Loader=yaml.BaseLoader), indent=1)),
    ):
        api = compiled(tmp_path, content, name=name)
        lines = content.splitlines()
        found = {loss.code: lines[(loss.origin.line or 0) - 1].strip() for loss in api.losses}
        assert "schema" in found["unknown_type"]
        assert "$ref" in found["dangling_ref"] or found["dangling_ref"] == "{"


def test_containers_that_are_bare_names_are_not_searched_for_ever(tmp_path: Path) -> None:
    api = compiled(
        tmp_path,
        document(
            {"/a": answer({"$ref": "Pet"})},
            components={"$ref": "Other"},
            definitions={"$ref": "More"},
            **{"$defs": {"$ref": "Most"}},
        ),
    )
    assert codes(api) == {"dangling_ref"}
