"""Names of arguments and of answers' fields, and the phrases that they go by."""

from __future__ import annotations

from inftool.core.chat import ToolSpec
from inftool.training.tokenization.slots.answers import answer_fields, is_error
from inftool.training.tokenization.slots.arguments import argument_leaves
from inftool.training.tokenization.slots.phrases import name_key, name_phrases, name_wordings


def test_a_name_goes_by_what_people_call_it() -> None:
    assert "placed no earlier than" in name_wordings("placed from")
    assert "action device" in name_wordings("device ID of the action")
    assert name_key("flight ID") == name_key("flight")


def test_a_whole_name_goes_before_the_short_form_of_another() -> None:
    phrases = name_phrases([("flight ID", "a"), ("flight", "b")])
    assert phrases[("flight", "id")] == "a"
    assert phrases[("flight",)] == "b"


def test_arguments_are_leaves_with_references_and_alternatives_followed() -> None:
    tool: ToolSpec = {
        "type": "function",
        "function": {
            "name": "order",
            "parameters": {
                "$defs": {"a/b": {"properties": {"quantity": {"type": ["null", "integer"]}}}},
                "properties": {
                    "note": {"anyOf": [{"type": "null"}, {"type": "string"}]},
                    "lines": {"type": "array", "items": {"$ref": "#/$defs/a~1b"}},
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
                "required": ["tags"],
            },
        },
    }
    leaves = argument_leaves(tool)
    assert [leaf.path for leaf in leaves] == [("tags",), ("note",), ("lines", "*", "quantity")]
    assert [leaf.many for leaf in leaves] == [True, False, False]
    assert [leaf.schema["type"] for leaf in leaves] == ["string", "string", "integer"]
    assert leaves[2].words == "quantity of the line"


def test_a_page_of_a_list_is_its_rows_and_a_thing_with_a_list_is_itself() -> None:
    page = answer_fields({"items": [{"id": 1}, {"id": 2}], "total": 2})
    assert [field.values for field in page] == [(1, 2)]
    thing = answer_fields({"id": 7, "rooms": [{"size": 3}]})
    assert [field.words for field in thing] == ["ID", "size of the room"]


def test_errors_are_told_from_answers() -> None:
    assert is_error('{"status": 404, "error": "not found"}')
    assert is_error("Error: there is no such tool")
    assert not is_error('{"status": "open", "error": "none"}')
