"""Lists of functions are distinguished from other documents, and from each other."""

from __future__ import annotations

import pytest

from inftool.specs.documents.document import Document
from inftool.specs.documents.node import Node
from inftool.specs.tool_lists.detection import FunctionList, find_functions

OBJECT = {"type": "object", "properties": {}}


def functions_of(data: object) -> FunctionList | None:
    return find_functions(Node(Document("list.json", data), "", data))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ([{"name": "get", "parameters": OBJECT}], "openai functions"),
        (
            [{"type": "function", "function": {"name": "get", "parameters": OBJECT}}],
            "openai functions",
        ),
        ({"tools": [{"name": "get", "input_schema": OBJECT}]}, "anthropic tools"),
        ({"result": {"tools": [{"name": "get", "inputSchema": OBJECT}]}}, "mcp tools"),
        (
            [{"id": 1, "function": [{"name": "get", "parameters": {"type": "dict"}}]}],
            "bfcl functions",
        ),
        ({"name": "get", "parameters": OBJECT}, "openai functions"),
    ],
)
def test_each_format_is_recognized(data: object, kind: str) -> None:
    functions = functions_of(data)
    assert functions is not None
    assert functions.format == kind
    assert [node.text("name") for node in functions.functions] == ["get"]


@pytest.mark.parametrize("data", [[], {}, 3, {"name": "a person"}, [{"name": "a", "age": 3}]])
def test_other_documents_are_no_lists_of_functions(data: object) -> None:
    assert functions_of(data) is None
