"""Schemas in the words of every dialect, and what they become as JSON Schema 2020-12."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from inftool.specs import check, violations
from inftool.specs.schemas.keywords.regex import compiles, mend
from tests.specs.test_compiler import answer, body, codes, compiled, document, one, schemas


def property_of(tmp_path: Path, schema: Any, **found: Any) -> Any:
    content = document(
        {"/a": body({"type": "object", "properties": {"it": schema}})}, **schemas(**found)
    )
    return one(tmp_path, content).input_schema["properties"]["it"]


@pytest.mark.parametrize(
    ("schema", "becomes"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        (
            {"type": "string", "nullable": True, "enum": ["a"]},
            {"type": ["string", "null"], "enum": ["a", None]},
        ),
        ({"type": ["string", "null"]}, {"type": ["string", "null"]}),
        ({"type": ["string"]}, {"type": "string"}),
        (
            {"type": "integer", "minimum": 3, "exclusiveMinimum": True},
            {"type": "integer", "exclusiveMinimum": 3},
        ),
        (
            {"type": "integer", "maximum": 3, "exclusiveMaximum": False},
            {"type": "integer", "maximum": 3},
        ),
        ({"type": "integer", "minimum": "3", "maximum": None}, {"type": "integer", "minimum": 3}),
        ({"type": "string", "minLength": 1.0, "maxLength": -1}, {"type": "string", "minLength": 1}),
        ({"type": "string", "minLength": 9, "maxLength": 3}, {"type": "string"}),
        ({"type": "string", "example": "x"}, {"type": "string", "examples": ["x"]}),
        ({"type": "string", "example": 7}, {"type": "string", "examples": ["7"]}),
        (
            {"type": "string", "examples": {"a": {"value": "x"}}},
            {"type": "string", "examples": ["x"]},
        ),
        ({"type": "string", "enum": []}, {"type": "string"}),
        ({"type": "string", "enum": [1, True, "1"]}, {"type": "string", "enum": ["1", "true"]}),
        ({"type": "integer", "enum": ["1", "2", "x"]}, {"type": "integer", "enum": [1, 2]}),
        ({"type": "integer", "enum": ["x"]}, {"type": "integer"}),
        ({"type": "string", "default": 5}, {"type": "string", "default": "5"}),
        ({"type": "integer", "default": "many"}, {"type": "integer"}),
        ({"type": "boolean", "default": "true"}, {"type": "boolean", "default": True}),
        ({"type": "String"}, {"type": "string"}),
        ({"type": "dict"}, {"type": "object"}),
        ({"type": "int64"}, {"type": "integer"}),
        ({"type": "datetime"}, {"type": "string", "format": "date-time"}),
        ({"type": "List<String>"}, {"type": "array"}),
        ({"type": "any"}, {}),
        ({"type": "wobble"}, {}),
        ({"type": "string|null"}, {"type": ["string", "null"]}),
        ({"type": "file"}, {"type": "string", "format": "binary"}),
        (
            {
                "type": "array",
                "items": [{"type": "string"}, {"type": "integer"}],
                "additionalItems": False,
            },
            {
                "type": "array",
                "prefixItems": [{"type": "string"}, {"type": "integer"}],
                "items": {"not": {}},
            },
        ),
        ({"type": "array", "items": None}, {"type": "array"}),
        ({"items": {"type": "string"}}, {"type": "array", "items": {"type": "string"}}),
        (
            {"properties": {"a": {"type": "string"}}},
            {
                "type": "object",
                "properties": {"a": {"type": "string"}},
                "additionalProperties": False,
            },
        ),
        ({"type": "object"}, {"type": "object"}),
        (
            {"type": "object", "additionalProperties": {"type": "integer"}},
            {"type": "object", "additionalProperties": {"type": "integer"}},
        ),
        (
            {"type": "object", "additionalProperties": True, "properties": {"a": {}}},
            {"type": "object", "properties": {"a": {}}, "additionalProperties": True},
        ),
        (
            {"type": "object", "additionalProperties": {}, "properties": {"a": {}}},
            {"type": "object", "properties": {"a": {}}, "additionalProperties": True},
        ),
        (
            {"type": "object", "additionalProperties": False},
            {"type": "object", "additionalProperties": False},
        ),
        (
            {"type": "object", "additionalProperties": "false", "properties": {"a": {}}},
            {"type": "object", "properties": {"a": {}}, "additionalProperties": False},
        ),
        (
            {"type": "object", "patternProperties": {"^x-": {"type": "string"}}},
            {"type": "object", "patternProperties": {"^x-": {"type": "string"}}},
        ),
        (
            {"type": "object", "properties": {"a": {"type": "string", "required": True}}},
            {
                "type": "object",
                "properties": {"a": {"type": "string"}},
                "required": ["a"],
                "additionalProperties": False,
            },
        ),
        (
            {"type": "object", "properties": {"a": {}}, "required": ["b"]},
            {
                "type": "object",
                "properties": {"a": {}, "b": {}},
                "required": ["b"],
                "additionalProperties": False,
            },
        ),
        (
            {"type": "object", "properties": {"a": {}}, "required": "a"},
            {
                "type": "object",
                "properties": {"a": {}},
                "required": ["a"],
                "additionalProperties": False,
            },
        ),
        (
            {
                "type": "object",
                "properties": {"id": {"readOnly": True}, "a": {}},
                "required": ["id", "a"],
            },
            {
                "type": "object",
                "properties": {"a": {}},
                "required": ["a"],
                "additionalProperties": False,
            },
        ),
        ({"type": "object", "properties": ["a"]}, {"type": "object"}),
        (
            {
                "allOf": [
                    {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
                    {"properties": {"a": {"maxLength": 3}, "b": {}}},
                ]
            },
            {
                "type": "object",
                "properties": {"a": {"type": "string", "maxLength": 3}, "b": {}},
                "required": ["a"],
                "additionalProperties": False,
            },
        ),
        (
            {
                "allOf": [
                    {"type": "string", "maxLength": 5},
                    {"maxLength": 3, "pattern": "^a"},
                    {"pattern": "b$"},
                ]
            },
            {"type": "string", "maxLength": 3, "pattern": "^a", "allOf": [{"pattern": "b$"}]},
        ),
        ({"allOf": [{"type": "number"}, {"type": "integer"}]}, {"type": "integer"}),
        ({"allOf": [{"type": "string"}, {"type": "integer"}]}, {"type": "string"}),
        ({"allOf": 3}, {}),
        (
            {"oneOf": [{"type": "integer"}, {"type": "number"}]},
            {"anyOf": [{"type": "integer"}, {"type": "number"}]},
        ),
        (
            {"oneOf": [{"type": "string"}, {"type": "null"}]},
            {"oneOf": [{"type": "string"}, {"type": "null"}]},
        ),
        (
            {"oneOf": [{"type": "string", "enum": ["a"]}, {"type": "string", "enum": ["b"]}]},
            {"oneOf": [{"type": "string", "enum": ["a"]}, {"type": "string", "enum": ["b"]}]},
        ),
        ({"oneOf": [{"type": "string"}]}, {"type": "string"}),
        ({"oneOf": [{"type": "string"}], "nullable": True}, {"type": ["string", "null"]}),
        ({"anyOf": []}, {}),
        ({"const": "a"}, {"const": "a"}),
        ({"type": "string", "pattern": "[a-z"}, {"type": "string"}),
        (
            {"type": "string", "pattern": "\\p{Alpha}+\\z"},
            {"type": "string", "pattern": "[a-zA-Z]+$"},
        ),
        ({"type": "string", "pattern": 3}, {"type": "string"}),
        (
            {"type": "string", "x-nice": 1, "xml": {}, "externalDocs": {}, "wobble": 1},
            {"type": "string"},
        ),
        (
            {"type": "string", "format": 3, "description": 3, "title": None},
            {"type": "string", "description": "3"},
        ),
        (
            {"type": "array", "uniqueItems": True, "minItems": "2"},
            {"type": "array", "minItems": 2, "uniqueItems": True},
        ),
        (True, {}),
        (False, {"not": {}}),
        (None, {}),
        ("string", {}),
        (
            {
                "if": {"properties": {"a": {"const": 1}}},
                "then": {"required": ["b"]},
                "type": "object",
            },
            {
                "type": "object",
                "if": {"type": "object", "properties": {"a": {"const": 1}}},
                "then": {"required": ["b"]},
            },
        ),
        (
            {"type": "object", "dependencies": {"a": ["b"], "b": {"required": ["c"]}}},
            {
                "type": "object",
                "dependentRequired": {"a": ["b"]},
                "dependentSchemas": {"b": {"required": ["c"]}},
            },
        ),
        ({"not": {"type": "string"}}, {"not": {"type": "string"}}),
    ],
)
def test_a_schema_becomes(tmp_path: Path, schema: Any, becomes: Any) -> None:
    assert property_of(tmp_path, schema) == becomes


def test_what_is_mended_is_told(tmp_path: Path) -> None:
    flaws = {
        "nullable": {"type": "string", "nullable": True},
        "word": {"type": "dict"},
        "enum": {"type": "string", "enum": []},
        "pattern": {"type": "string", "pattern": "("},
        "mended": {"type": "string", "pattern": "a\\Z"},
        "default": {"type": "integer", "default": "x"},
        "boolean": {"type": "string", "required": True},
        "number": {"type": "integer", "minimum": []},
        "type": {"type": "wobble"},
    }
    api = compiled(tmp_path, document({"/a": body({"type": "object", "properties": flaws})}))
    wanted = {
        "translated",
        "type_word",
        "bad_enum",
        "bad_pattern",
        "mended_pattern",
        "bad_default",
        "required_boolean",
        "bad_keyword",
        "unknown_type",
    }
    assert codes(api) == wanted
    assert all(
        loss.origin.pointer.startswith("/paths/~1a/post/requestBody") and loss.origin.line == 1
        for loss in api.losses
    )


CAT = {
    "type": "object",
    "required": ["kind", "lives"],
    "properties": {"kind": {"type": "string"}, "lives": {"type": "integer"}},
}
DOG = {
    "type": "object",
    "required": ["kind"],
    "properties": {
        "kind": {"type": "string"},
        "tricks": {"type": "array", "items": {"type": "string"}},
    },
}
REFS = [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]


@pytest.mark.parametrize(
    ("pet", "cat"),
    [
        (
            {
                "oneOf": REFS,
                "discriminator": {
                    "propertyName": "kind",
                    "mapping": {"c": "#/components/schemas/Cat", "d": "Dog"},
                },
            },
            "c",
        ),
        ({"oneOf": REFS, "discriminator": {"propertyName": "kind"}}, "Cat"),
        (
            {
                "anyOf": REFS,
                "discriminator": {
                    "propertyName": "kind",
                    "mapping": {"c": "#/components/schemas/Cat"},
                },
            },
            "c",
        ),
    ],
)
def test_discriminators_narrow_their_branches(tmp_path: Path, pet: Any, cat: str) -> None:
    content = document(
        {
            "/a": body(
                {"type": "object", "properties": {"pet": {"$ref": "#/components/schemas/Pet"}}}
            )
        },
        **schemas(Pet=pet, Cat=CAT, Dog=DOG),
    )
    tool = one(tmp_path, content)
    assert not violations(tool, {"pet": {"kind": cat, "lives": 9}})
    (wrong,) = violations(tool, {"pet": {"kind": cat, "lives": "nine"}})
    assert (wrong.code, wrong.pointer) == ("wrong_type", "/pet/lives")
    (wrong,) = violations(tool, {"pet": {"kind": "cow"}})
    assert (wrong.code, wrong.pointer) == ("bad_enum", "/pet/kind")
    assert cat in wrong.expected


def test_a_parent_with_a_discriminator_stands_for_its_children(tmp_path: Path) -> None:
    pet = {
        "type": "object",
        "discriminator": {"propertyName": "kind"},
        "required": ["kind"],
        "properties": {"kind": {"type": "string"}, "name": {"type": "string"}},
    }
    cat = {
        "allOf": [
            {"$ref": "#/components/schemas/Pet"},
            {"type": "object", "properties": {"lives": {"type": "integer"}}},
        ]
    }
    lion = {
        "allOf": [
            {"$ref": "#/components/schemas/Cat"},
            {"type": "object", "properties": {"pride": {"type": "string"}}},
        ]
    }
    content = document(
        {
            "/a": body(
                {"type": "object", "properties": {"pet": {"$ref": "#/components/schemas/Pet"}}}
            )
        },
        **schemas(Pet=pet, Cat=cat, Lion=lion),
    )
    tool = one(tmp_path, content)
    assert not violations(tool, {"pet": {"kind": "Cat", "name": "Tom", "lives": 9}})
    assert not violations(tool, {"pet": {"kind": "Lion", "lives": 9, "pride": "North"}})
    assert [
        wrong.code for wrong in violations(tool, {"pet": {"kind": "Cat", "pride": "North"}})
    ] == ["unknown_argument"]


def test_an_object_beside_a_union_is_closed_as_a_whole(tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "properties": {"id": {"type": "string"}},
        "oneOf": [
            {"properties": {"a": {"type": "string"}}, "required": ["a"]},
            {"properties": {"b": {"type": "string"}}, "required": ["b"]},
        ],
    }
    tool = one(tmp_path, document({"/a": body({"type": "object", "properties": {"it": schema}})}))
    assert not violations(tool, {"it": {"id": "x", "a": "y"}})
    assert violations(tool, {"it": {"id": "x", "c": "y"}})
    assert violations(tool, {"it": {"id": "x", "a": "y", "c": "z"}})[0].code == "unknown_argument"


def test_nested_objects_are_closed_unless_told_otherwise(tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "properties": {
            "in": {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/Deep"}}}
        },
    }
    content = document(
        {"/a": body(schema)},
        **schemas(Deep={"type": "object", "properties": {"b": {"type": "string"}}}),
    )
    strict, lax = one(tmp_path, content), one(tmp_path, content, closed=False)
    for wrong in ({"in": {"z": 1}}, {"in": {"a": {"z": 1}}}):
        assert violations(strict, wrong)[0].code == "unknown_argument"
        assert not violations(lax, wrong)
    assert violations(lax, {"z": 1})[0].code == "unknown_argument"


def test_read_only_leaves_inputs_and_write_only_leaves_outputs(tmp_path: Path) -> None:
    user = {
        "type": "object",
        "required": ["id", "password", "name"],
        "properties": {
            "id": {"type": "integer", "readOnly": True},
            "password": {"$ref": "#/components/schemas/Secret"},
            "name": {"type": "string"},
            "made": {"allOf": [{"$ref": "#/components/schemas/Stamp"}]},
        },
    }
    content = document(
        {
            "/a": {
                "post": {
                    **body({"$ref": "#/components/schemas/User"})["post"],
                    **{
                        "responses": answer({"$ref": "#/components/schemas/User"})["get"][
                            "responses"
                        ]
                    },
                }
            }
        },
        **schemas(
            User=user,
            Secret={"type": "string", "writeOnly": True},
            Stamp={"type": "string", "format": "date-time", "readOnly": True},
        ),
    )
    tool = one(tmp_path, content)
    assert list(tool.input_schema["properties"]) == ["password", "name"]
    assert tool.input_schema["required"] == ["password", "name"]
    assert list((tool.output_schema or {})["properties"]) == ["id", "name", "made"]
    assert (tool.output_schema or {})["required"] == ["id", "name"]


# --- bodies -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "more", "arguments", "required"),
    [
        (
            {"type": "object", "properties": {"a": {}, "b": {}}, "required": ["a"]},
            {},
            ["a:body", "b:body"],
            ["a"],
        ),
        (
            {"type": "object", "properties": {"a": {}}, "required": ["a"]},
            {"required": None},
            ["a:body"],
            ["a"],
        ),
        ({"type": "array", "items": {"type": "string"}}, {}, ["body:whole_body"], ["body"]),
        ({"oneOf": REFS}, {}, ["body:whole_body"], ["body"]),
        (
            {"type": "object", "additionalProperties": {"type": "string"}},
            {"required": None},
            ["body:whole_body"],
            None,
        ),
        (
            {
                "allOf": [
                    {"$ref": "#/components/schemas/Dog"},
                    {"type": "object", "properties": {"x": {}}},
                ]
            },
            {},
            ["kind:body", "tricks:body", "x:body"],
            ["kind"],
        ),
        ({}, {}, ["body:whole_body"], ["body"]),
    ],
)
def test_bodies_are_lifted_where_they_are_objects(
    tmp_path: Path, schema: Any, more: Any, arguments: list[str], required: list[str] | None
) -> None:
    content = document({"/a": body(schema, **more)}, **schemas(Cat=CAT, Dog=DOG))
    if more.get("required", True) is None:
        del content["paths"]["/a"]["post"]["requestBody"]["required"]
    tool = one(tmp_path, content)
    assert [
        f"{parameter.argument}:{parameter.location}" for parameter in tool.parameters
    ] == arguments
    assert tool.input_schema.get("required") == required


def test_an_optional_body_is_whole_or_absent(tmp_path: Path) -> None:
    tool = one(
        tmp_path,
        document(
            {
                "/a": body(
                    {
                        "type": "object",
                        "properties": {"a": {}, "b": {}, "c": {}},
                        "required": ["a", "b"],
                    },
                    required=False,
                )
            }
        ),
    )
    assert not violations(tool, {})
    assert not violations(tool, {"a": 1, "b": 2})
    for half in ({"a": 1}, {"c": 1}, {"a": 1, "c": 3}):
        assert {wrong.code for wrong in violations(tool, half)} == {"missing_required"}


def test_a_choice_between_members_stays_at_the_root(tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "properties": {"a b": {"type": "string"}, "c": {"type": "string"}},
        "anyOf": [{"required": ["a b"]}, {"required": ["c"]}],
    }
    tool = one(tmp_path, document({"/a": body(schema)}))
    assert not violations(tool, {"a_b": "x"})
    assert violations(tool, {})[0].code == "missing_required"


def test_one_namespace_over_every_place(tmp_path: Path) -> None:
    content = document(
        {
            "/a/{id}": {
                "post": {
                    "parameters": [
                        {
                            "name": "id",
                            "in": "path",
                            "required": True,
                            "schema": {"type": "string"},
                        },
                        {"name": "id", "in": "query", "schema": {"type": "integer"}},
                        {"name": "id", "in": "header", "schema": {"type": "boolean"}},
                        {"name": "filter[name]", "in": "query", "schema": {"type": "string"}},
                        {"name": "filter.name", "in": "query", "schema": {"type": "string"}},
                        {"name": "日本", "in": "query", "schema": {"type": "string"}},
                        {"name": "Accept", "in": "header", "schema": {"type": "string"}},
                        {
                            "name": "Authorization",
                            "in": "header",
                            "required": True,
                            "schema": {"type": "string"},
                        },
                        {"name": "X-Tenant", "in": "header", "schema": {"type": "string"}},
                        {"name": "session", "in": "cookie", "schema": {"type": "string"}},
                    ],
                    "requestBody": {
                        "required": True,
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "properties": {
                                        "id": {"type": "string"},
                                        "$x": {"type": "string"},
                                    },
                                    "required": ["id"],
                                }
                            }
                        },
                    },
                    "responses": {"200": {}},
                }
            }
        }
    )
    api = compiled(tmp_path, content)
    found = {
        (parameter.location, parameter.name): parameter.argument
        for parameter in api.tools[0].parameters
    }
    assert found[("path", "id")] == "id"
    assert found[("body", "id")] == "id_body"
    assert found[("query", "id")] == "id_query"
    assert found[("header", "id")] == "id_header"
    assert found[("query", "filter[name]")] == "filter_name"
    assert found[("query", "filter.name")] == "filter.name"
    assert found[("body", "$x")] == "x"
    assert found[("cookie", "session")] == "session"
    assert found[("query", "日本")].startswith("argument_")
    assert not {name for _, name in found} & {"Accept", "Authorization"}
    assert len(set(found.values())) == len(found) == len(api.tools[0].input_schema["properties"])
    assert api.tools[0].input_schema["required"] == ["id", "id_body"]
    assert {"renamed_argument", "auth_hidden", "header_hidden"} <= codes(api)


@pytest.mark.parametrize(
    ("medias", "chosen"),
    [
        (["text/xml", "application/json"], "application/json"),
        (["multipart/form-data", "application/vnd.api+json"], "application/vnd.api+json"),
        (["application/octet-stream", "multipart/form-data"], "multipart/form-data"),
        (
            ["application/x-www-form-urlencoded", "application/json; charset=utf-8"],
            "application/json; charset=utf-8",
        ),
        (["text/plain"], "text/plain"),
    ],
)
def test_the_media_type_of_a_body_is_chosen(tmp_path: Path, medias: list[str], chosen: str) -> None:
    content = {
        media: {"schema": {"type": "object", "properties": {"a": {"type": "string"}}}}
        for media in medias
    }
    tool = one(
        tmp_path,
        document({"/a": {"post": {"requestBody": {"content": content}, "responses": {"200": {}}}}}),
    )
    assert tool.body_type == chosen
    assert tool.parameters[0].location == ("form" if "form" in chosen else "body")


# --- budgets ------------------------------------------------------------------------------------


def tree(depth: int, width: int = 4) -> dict[str, Any]:
    inner = {
        f"p{depth}_{number}": tree(depth - 1, width)
        if depth
        else {"type": "string", "description": "long " * 30}
        for number in range(width)
    }
    return {"type": "object", "properties": inner, "required": [f"p{depth}_0"]}


@pytest.mark.cpu_limit(180)
def test_giant_schemas_fit_their_budget_and_stay_stricter(tmp_path: Path) -> None:
    content = document({"/a": body(tree(4)), "/b": answer(tree(4))})
    whole = compiled(tmp_path, content, max_schema_bytes=1 << 30)
    for budget in (200_000, 16_384, 2_000, 600):
        api = compiled(tmp_path, content, max_schema_bytes=budget)
        send, fetch = api.tools
        assert (
            len(str(send.input_schema).replace("'", '"').replace(": ", ":").replace(", ", ","))
            <= budget * 1.05
        )
        value = least(send.input_schema)
        assert not violations(send, value)
        assert not violations(whole.tools[0], value) or budget == 600
        assert (
            not check(whole.tools[1].output_schema or {}, least(fetch.output_schema or {}))
            or budget == 600
        )
    assert {"cut_text", "cut_optional"} & codes(api)


def least(schema: dict[str, Any]) -> Any:
    if schema.get("type") == "object":
        return {name: least(schema["properties"][name]) for name in schema.get("required", ())}
    return "x"


def test_cuts_take_the_deepest_options_first(tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "properties": {"near": {"type": "string"}, "far": {"$ref": "#/components/schemas/L0"}},
    }
    levels = {
        f"L{n}": {
            "type": "object",
            "properties": {
                "note": {"type": "string", "description": f"level {n} " * 10},
                "next": {"$ref": f"#/components/schemas/L{n + 1}"},
            },
        }
        for n in range(200)
    }
    levels["L200"] = {"type": "string"}
    api = compiled(
        tmp_path, document({"/a": body(schema)}, **schemas(**levels)), max_schema_bytes=3000
    )
    kept = api.tools[0].input_schema["$defs"]
    assert set(kept) == {f"L{n}" for n in range(len(kept))}
    assert 5 < len(kept) < 60
    assert {loss.code for loss in api.losses} == {"cut_text", "cut_optional"}
    assert all(loss.origin.pointer == "/paths/~1a/post" for loss in api.losses)


# --- patterns -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "mended", "good", "bad"),
    [
        ("^[a-z]+$", "^[a-z]+$", "abc", "ABC"),
        (r"^\p{L}+$", None, "Größe", "12"),
        (r"^[\p{L}\d ]+$", None, "Größe 12", "!"),
        ("(?i)^abc[x-z]$", None, "ABCX", "ABCW"),
        ("/^abc$/i", None, "ABC", "AB"),
        (r"\Aabc\Z", "^abc$", "abc", "abcd"),
        ("(?P<year>[0-9]{4})", "([0-9]{4})", "2020", "x"),
        ("(?<year>[0-9]{4})", "([0-9]{4})", "2020", "x"),
        ("a++b", "a+b", "aab", "b"),
        (r"[\w-\.]+@x", r"[\w\-\.]+@x", "a.b-c@x", "@x"),
        ("[[:alpha:]]+", "[a-zA-Z]+", "abc", "12"),
        (r"^\x{41}$", "^A$", "A", "B"),
        (r"^(?=.*[A-Z]).{3,}$", r"^(?=.*[A-Z]).{3,}$", "aBc", "abc"),
    ],
)
def test_patterns_mean_the_same_afterwards(
    pattern: str, mended: str | None, good: str, bad: str
) -> None:
    found = mend(pattern)
    assert found is not None
    assert found == mended or mended is None
    assert compiles(found)
    schema = {"type": "string", "pattern": found}
    assert not check(schema, good)
    assert check(schema, bad)[0].code == "bad_pattern"


@pytest.mark.parametrize(
    "pattern",
    [
        "[a-z",
        "(",
        "*",
        "++",
        "\\",
        r"\cA",
        "a{2,1}",
        "(?<n",
        "x" * 10_000,
        "(" * 200,
        r"[\P{L}]",
        "(?C1)",
    ],
)
def test_patterns_beyond_help_are_left_out(pattern: str) -> None:
    assert mend(pattern) is None


def test_answers_keep_examples_that_fit_and_links_that_lead_somewhere(tmp_path: Path) -> None:
    good = {
        "description": "ok",
        "headers": {"X-Rate": {}},
        "content": {
            "application/json": {
                "schema": {"type": "object", "properties": {"id": {"type": "integer"}}},
                "examples": {"a": {"$ref": "#/components/examples/E"}},
            }
        },
        "links": {
            "next": {"operationId": "b", "parameters": {"id": "$response.body#/id"}},
            "by-ref": {"operationRef": "#/paths/~1b/get"},
            "lost": {"operationId": "nowhere"},
        },
    }
    bad = {
        "description": "no",
        "content": {
            "application/json": {
                "schema": {"type": "object", "properties": {"id": {"type": "integer"}}},
                "example": {"id": "x"},
            }
        },
    }
    api = compiled(
        tmp_path,
        document(
            {
                "/a": {"get": {"operationId": "a", "responses": {"200": good, "4xx": bad}}},
                "/b": {"get": {"operationId": "b", "responses": {"204": {}}}},
            },
            components={"examples": {"E": {"value": {"id": 7}}}},
        ),
    )
    first, second = api.tools
    assert [response.status for response in first.responses] == ["200", "4XX"]
    assert (first.responses[0].example, first.responses[0].headers, first.responses[1].example) == (
        {"id": 7},
        ("X-Rate",),
        None,
    )
    assert {link.name: link.operation for link in first.links} == {"next": "b", "by-ref": "b"}
    assert second.output_schema is None
    assert codes(api) == {"bad_link", "bad_example"}


@pytest.mark.parametrize("kind", ["number", "string", "array"])
def test_a_type_beside_a_reference_gives_way_to_what_is_referred_to(
    tmp_path: Path, kind: str
) -> None:
    amount = {"type": "object", "properties": {"value": {"type": "number"}}}
    found = property_of(
        tmp_path, {"$ref": "#/components/schemas/Amount", "type": kind}, Amount=amount
    )
    assert found["type"] == "object"
    assert set(found["properties"]) == {"value"}
