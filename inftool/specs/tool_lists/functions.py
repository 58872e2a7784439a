"""Function lists (OpenAI, Anthropic, BFCL, an MCP `tools/list`) -> an Api.

Their schemas are mended and closed in the same way as those of an OpenAPI document.
"""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

from inftool.core.errors import InftoolError, SpecError
from inftool.core.tools import Api, Parameter, Response, Tool
from inftool.core.types import Effect
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
from inftool.specs.schemas.inspection import members_of
from inftool.specs.schemas.keywords.values import identity
from inftool.specs.schemas.metaschema_check import open_uncompilable
from inftool.specs.tool_lists.detection import SCHEMA_KEYS, FunctionList

# MCP, Anthropic, BFCL.
_OUTPUT_KEYS = ("outputSchema", "output_schema", "response")
# Characters of a title: one line.
_MAX_SUMMARY = 200
# Characters of the message of an error that nobody foresaw.
_MAX_DETAIL = 200
# What a malformed function can make the compiler raise.
_FLAWS = (InftoolError, LookupError, TypeError, ValueError, AttributeError, RecursionError)


def compile_functions(
    document: Document,
    library: Library,
    options: CompileOptions,
    function_list: FunctionList,
    title: str = "",
) -> Api:
    """The Api of a function list; a function that cannot be read is a loss.

    The Api is named after `title`, or else after the file.
    """
    loss_log = library.loss_log
    if function_list.format == "bfcl functions":
        # Every BFCL file says "dict" and "float": no flaw of one function.
        loss_log.mild = frozenset({"type_word"})
    functions, repeated = _distinct(function_list.functions, library)
    requests = [_name_request(node) for node in functions]
    title = title or document.name.rpartition("/")[2].partition(".")[0]
    compiler = _FunctionCompiler(library, options, naming.slug(title))
    tools: list[Tool] = []
    for node, request, name in zip(functions, requests, naming.tool_names(requests), strict=True):
        function_name = request.operation_id
        if name != function_name:
            message = f"the function {function_name!r} became {name!r}"
            loss_log.add("renamed_tool", node, message)
        try:
            tools.append(compiler.compile(node, name))
        except SpecError as error:
            loss_log.add("bad_operation", node, f"{function_name} cannot be read: {error}")
        except _FLAWS as error:
            # One flaw costs one function: what nobody foresaw is recorded, never swallowed.
            detail = str(error).splitlines()[0][:_MAX_DETAIL] if str(error) else ""
            kind = type(error).__name__
            message = f"{function_name} could not be compiled ({kind}: {detail})"
            loss_log.add("internal", node, message)
    tools = open_uncompilable(tools, compiler.inputs, compiler.outputs, loss_log)
    return Api(
        name=naming.slug(title),
        title=title,
        version="",
        format=function_list.format,
        file=document.name,
        sha256=library.files.content_hash(),
        operations=len(function_list.functions) - repeated,
        tools=tuple(tools),
        losses=loss_log.losses(),
    )


def _distinct(functions: Sequence[Node], library: Library) -> tuple[list[Node], int]:
    """The functions that have a name, each once, and how many repeat another.

    The questions of a BFCL file share many of their functions.
    """
    distinct: dict[str, Node] = {}
    repeated = 0
    for node in functions:
        if not node.text("name").strip():
            message = "a function is no object with a name"
            library.loss_log.add("bad_operation", node, message)
            continue
        key = identity(node.value)
        if key in distinct:
            repeated += 1
        else:
            distinct[key] = node
    return list(distinct.values()), repeated


def _name_request(node: Node) -> NameRequest:
    """What a function's tool name is made from.

    Its content stands in for the path that a function does not have: its name must not depend on
    its place in the list.
    """
    fingerprint = crc32(identity(node.value).encode())
    return NameRequest("", f"/{fingerprint:08x}", node.text("name").strip())


class _FunctionCompiler:
    """Compiles the functions of one list."""

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

    def compile(self, node: Node, name: str) -> Tool:
        """The tool of a function; SpecError if its arguments are no object."""
        input_node = _first_schema(node, SCHEMA_KEYS)
        schema: dict[str, object] = {
            "type": "object",
            "properties": {},
            "additionalProperties": False,
        }
        if input_node is not None:
            schema = self._input(input_node)
        output_node = _first_schema(node, _OUTPUT_KEYS, skip_empty=True)
        output = self._output(output_node) if output_node is not None else None
        description = clean(as_text(node.members.get("description")), MAX_DESCRIPTION)
        title = as_text(node.members.get("title"))
        function_name = node.text("name")
        return Tool(
            name=name,
            description=description or title or function_name,
            input_schema=schema,
            output_schema=output,
            effect=_effect(node, description),
            origin=node.origin(),
            api=self.api,
            summary=clean(title, _MAX_SUMMARY),
            operation=function_name,
            parameters=tuple(
                Parameter(argument=argument, name=argument, location="body")
                for argument in members_of(schema, "properties")
            ),
            responses=(Response(status="200", body=output),) if output is not None else (),
        )

    def _input(self, node: Node) -> dict[str, object]:
        """The input schema: a closed object, whatever the function says about it."""
        merged = merge_parts(flatten_all_of(node, self.library), self.library)
        if merged.types is not None and "object" not in merged.types:
            raise SpecError("the arguments of a function are no object")
        if merged.opened and not merged.closed:
            self.library.loss_log.add("open_body", node)
            merged.opened = False
        # Many lists leave the type out; arguments are an object in any case.
        merged.types = ["object"]
        converted, uses = self.inputs.convert_merged(merged, "closed")
        schema: dict[str, object] = {"type": "object", "properties": {}}
        # A title or description here would say again what the tool's own say.
        for keyword, value in converted.items():
            if keyword not in {"title", "description", "type"}:
                schema[keyword] = value
        if "unevaluatedProperties" not in schema:
            schema.setdefault("additionalProperties", False)
        budget = self.options.max_schema_bytes
        schema, cuts = self.input_assembler.assemble(schema, uses, budget)
        for cut in cuts:
            names = ", ".join(name for name in cut.names if name)
            message = CUT_WORDS[cut.code].format(count=cut.count, budget=budget, names=names)
            self.library.loss_log.add(cut.code, node, message)
        return schema

    def _output(self, node: Node) -> dict[str, object]:
        converted, uses = self.outputs.convert(node)
        return self.output_assembler.assemble(converted, uses, self.options.max_output_bytes)[0]


def _first_schema(node: Node, keys: Sequence[str], *, skip_empty: bool = False) -> Node | None:
    """The first of some members of a function that is a schema, as a document of its own.

    In it, `#/$defs/X` means one of its own definitions.
    """
    for key in keys:
        value = node.members.get(key)
        if isinstance(value, dict) and (value or not skip_empty):
            part = node.document.part(f"{node.pointer}/{key}", value)
            return Node(part, "", part.data)
    return None


def _effect(node: Node, description: str) -> Effect:
    """The effect of a function, by its MCP annotations or else by its words."""
    hints = node.get("annotations")
    annotations = hints.members if hints is not None else {}
    if annotations.get("readOnlyHint") is True:
        return "read"
    effect = effect_of_words(split_words(node.text("name")), description)
    # Some tools "remove" a label or a filter; one that says it destroys nothing does not delete.
    if effect == "delete" and annotations.get("destructiveHint") is False:
        return "action"
    return effect
