"""Function lists (OpenAI, Anthropic, BFCL, an MCP `tools/list`) -> an Api, through the same mending and closing as a spec."""

from __future__ import annotations

from typing import Any
from zlib import crc32

from inftool.core.errors import InftoolError, SpecError
from inftool.core.tools import Api, Parameter, Response, Tool
from inftool.core.types import Effect, JsonObject
from inftool.specs import naming
from inftool.specs.documents.document import Document
from inftool.specs.documents.library import Library
from inftool.specs.documents.node import Node
from inftool.specs.effects import effect_of_words, split_words
from inftool.specs.naming import NameRequest
from inftool.specs.options import CUT_WORDS, MAX_DESCRIPTION, CompileOptions
from inftool.specs.prose import as_text, clean
from inftool.specs.schemas.all_of import flatten_all_of, merge_parts
from inftool.specs.schemas.budget.assembler import SchemaAssembler
from inftool.specs.schemas.converter import Converter
from inftool.specs.schemas.keywords.values import identity
from inftool.specs.schemas.metaschema_check import open_uncompilable

_SCHEMAS = ("parameters", "inputSchema", "input_schema")
_BFCL_TYPES = frozenset({"dict", "float", "tuple", "any", "list"})


def find_functions(root: Node) -> tuple[str, list[Node]] | None:
    """What kind of function list a document is and its entries, None where it is none."""
    entries = _entries(root)
    if not entries:
        return None
    functions = [_inner(node) for node in entries]
    if not all(_is_function(node.value) for node in functions if isinstance(node.value, dict)):
        return None
    keys = {
        key
        for node in functions
        if isinstance(node.value, dict)
        for key in _SCHEMAS
        if isinstance(node.value.get(key), dict)
    }
    if not keys and not (isinstance(root.value, dict) and "tools" in root.value):
        return None
    if "inputSchema" in keys:
        return "mcp tools", functions
    if "input_schema" in keys:
        return "anthropic tools", functions
    raw = [node.value.get("parameters") for node in functions if isinstance(node.value, dict)]
    is_bfcl = any(
        isinstance(schema, dict) and str(schema.get("type")).lower() in _BFCL_TYPES
        for schema in raw
    )
    return ("bfcl functions" if is_bfcl else "openai functions"), functions


def _entries(root: Node) -> list[Node]:
    node = root
    if isinstance(node.value, dict):
        for key in ("result", "tools", "functions", "function"):
            inner = node.value.get(key)
            if key == "result" and isinstance(inner, dict) and "tools" in inner:
                return _entries(node.child(key))
            if isinstance(inner, list):
                return [node.child(key).child(index) for index in range(len(inner))]
        return (
            [node]
            if _is_function(_inner(node).value)
            and any(key in _inner(node).members for key in _SCHEMAS)
            else []
        )
    if not isinstance(node.value, list):
        return []
    found: list[Node] = []
    for index, entry in enumerate(node.value):
        # A BFCL question carries its functions with it.
        if isinstance(entry, dict) and isinstance(entry.get("function"), list):
            found.extend(
                node.child(index).child("function").child(position)
                for position in range(len(entry["function"]))
            )
        else:
            found.append(node.child(index))
    return found


def _inner(node: Node) -> Node:
    value = node.value
    return (
        node.child("function")
        if isinstance(value, dict) and isinstance(value.get("function"), dict)
        else node
    )


def _is_function(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        return False
    return all(isinstance(value.get(key), (dict, type(None))) for key in _SCHEMAS) and (
        any(key in value for key in _SCHEMAS) or "description" in value
    )


def compile_functions(
    document: Document,
    library: Library,
    options: CompileOptions,
    found: tuple[str, list[Node]],
    title: str = "",
) -> Api:
    """The Api of a function list; a function that cannot be read is a loss by name."""
    loss_log = library.loss_log
    kind, functions = found
    if kind == "bfcl functions":
        loss_log.mild = frozenset({"type_word"})
    usable: list[Node] = []
    seen: dict[str, None] = {}
    repeated = 0
    for node in functions:
        if (
            not isinstance(node.value, dict)
            or not isinstance(node.value.get("name"), str)
            or not node.value["name"].strip()
        ):
            loss_log.add("bad_operation", node, "a function is no object with a name")
            continue
        key = identity(node.value)
        if key in seen:
            repeated += 1
            continue
        seen[key] = None
        usable.append(node)
    # The content of a function stands in for the path that it does not have: its name must not depend on its place in the list.
    name_requests = [
        NameRequest("", f"/{crc32(identity(node.members).encode()):08x}", node.text("name").strip())
        for node in usable
    ]
    tool_names = naming.tool_names(name_requests)
    stem = document.name.rpartition("/")[2].partition(".")[0]
    maker = _Maker(library, options, naming.slug(title or stem))
    tools: list[Tool] = []
    for node, name_request, name in zip(usable, name_requests, tool_names, strict=True):
        if name != name_request.operation_id:
            loss_log.add(
                "renamed_tool", node, f"the function {name_request.operation_id!r} became {name!r}"
            )
        try:
            tools.append(maker.make(node, name))
        except SpecError as error:
            loss_log.add(
                "bad_operation", node, f"{name_request.operation_id} cannot be read: {error}"
            )
        except (
            InftoolError,
            LookupError,
            TypeError,
            ValueError,
            AttributeError,
            RecursionError,
        ) as error:
            detail = str(error).splitlines()[0][:200] if str(error) else ""
            loss_log.add(
                "internal",
                node,
                f"{name_request.operation_id} could not be compiled ({type(error).__name__}: {detail})",
            )
    tools = open_uncompilable(tools, maker.inputs, maker.outputs, loss_log)
    return Api(
        name=naming.slug(title or stem),
        title=title or stem,
        version="",
        format=kind,
        file=document.name,
        sha256=library.files.content_hash(),
        operations=len(functions) - repeated,
        tools=tuple(tools),
        losses=loss_log.losses(),
    )


class _Maker:
    """What every function of a list is compiled with."""

    def __init__(self, library: Library, options: CompileOptions, api: str) -> None:
        self.library = library
        self.options = options
        self.api = api
        self.inputs = Converter(
            library, closed=options.closed, outputs=False, budget=options.max_schema_bytes
        )
        self.outputs = Converter(
            library, closed=options.closed, outputs=True, budget=options.max_output_bytes
        )
        self.input_assembler = SchemaAssembler(self.inputs)
        self.output_assembler = SchemaAssembler(self.outputs)

    def make(self, node: Node, name: str) -> Tool:
        raw = node.members
        key = next((key for key in _SCHEMAS if isinstance(raw.get(key), dict)), None)
        schema: JsonObject = {"type": "object", "properties": {}, "additionalProperties": False}
        if key:
            schema = self._input(self._part(node, key))
        output_key = next(
            (
                key
                for key in ("outputSchema", "output_schema", "response")
                if isinstance(raw.get(key), dict) and raw.get(key)
            ),
            None,
        )
        output = self._output(self._part(node, output_key)) if output_key else None
        description = clean(as_text(raw.get("description")), MAX_DESCRIPTION)
        title = as_text(raw.get("title"))
        arguments: JsonObject = schema["properties"]
        return Tool(
            name=name,
            description=description or title or node.text("name"),
            input_schema=schema,
            output_schema=output,
            effect=_effect(raw, description),
            origin=node.origin(),
            api=self.api,
            summary=clean(title, 200),
            operation=node.text("name"),
            parameters=tuple(
                Parameter(argument=argument, name=argument, location="body")
                for argument in arguments
            ),
            responses=(Response(status="200", body=output),) if output is not None else (),
        )

    def _part(self, node: Node, key: str) -> Node:
        # A function's schema is a document of its own: `#/$defs/X` inside it means its own definitions.
        part = node.document.part(f"{node.pointer}/{key}", node.members[key])
        return Node(part, "", part.data)

    def _input(self, node: Node) -> JsonObject:
        merged = merge_parts(flatten_all_of(node, self.library), self.library)
        if merged.types is not None and "object" not in merged.types:
            raise SpecError("the arguments of a function are no object")
        if merged.opened and not merged.closed:
            self.library.loss_log.add("open_body", node)
            merged.opened = False
        merged.types = ["object"]
        schema, uses = self.inputs.convert_merged(merged, "closed")
        schema = {
            "type": "object",
            "properties": {},
            **{
                word: value
                for word, value in schema.items()
                if word not in {"title", "description", "type"}
            },
        }
        if "unevaluatedProperties" not in schema:
            schema.setdefault("additionalProperties", False)
        schema, cuts = self.input_assembler.assemble(schema, uses, self.options.max_schema_bytes)
        for cut in cuts:
            named = ", ".join(name for name in cut.names if name)
            self.library.loss_log.add(
                cut.code,
                node,
                CUT_WORDS[cut.code].format(
                    count=cut.count, budget=self.options.max_schema_bytes, names=named
                ),
            )
        return schema

    def _output(self, node: Node) -> JsonObject:
        converted, uses = self.outputs.convert(node)
        return self.output_assembler.assemble(converted, uses, self.options.max_output_bytes)[0]


def _effect(raw: JsonObject, description: str) -> Effect:
    hints = raw.get("annotations")
    if isinstance(hints, dict) and hints.get("readOnlyHint") is True:
        return "read"
    guess = effect_of_words(split_words(raw["name"]), description)
    if isinstance(hints, dict) and hints.get("destructiveHint") is False and guess == "delete":
        return "action"
    return guess
