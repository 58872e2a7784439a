"""One Swagger or OpenAPI document -> an Api: every operation becomes a tool or a loss."""

from __future__ import annotations

from collections.abc import Sequence

from inftool.core.errors import InftoolError
from inftool.core.tools import Api, Tool
from inftool.specs import naming
from inftool.specs.documents.document import Document
from inftool.specs.documents.library import Library
from inftool.specs.documents.node import Node
from inftool.specs.openapi.credentials import declared_credentials, security_schemes
from inftool.specs.openapi.links import LinkTargets
from inftool.specs.openapi.operations import Operation, find_operations, server_urls
from inftool.specs.openapi.responses import Responses
from inftool.specs.openapi.tool_compiler import ToolCompiler
from inftool.specs.options import MAX_DESCRIPTION, CompileOptions
from inftool.specs.prose import as_text, clean
from inftool.specs.schemas.budget.assembler import SchemaAssembler
from inftool.specs.schemas.converter import Converter
from inftool.specs.schemas.metaschema_check import open_uncompilable

# An API may take twice as many words as one of its tools.
_MAX_API_DESCRIPTION = MAX_DESCRIPTION * 2
# Characters of the message of an error that nobody foresaw.
_MAX_DETAIL = 200
# What a malformed document can make the compiler raise.
_FLAWS = (InftoolError, LookupError, TypeError, ValueError, AttributeError, RecursionError)


def is_openapi(data: object) -> bool:
    """Whether data calls itself a Swagger or OpenAPI document, or looks like one."""
    if not isinstance(data, dict):
        return False
    if "openapi" in data or "swagger" in data:
        return True
    paths = data.get("paths")
    return (
        isinstance(paths, dict)
        and "info" in data
        and any(isinstance(path, str) and path.startswith("/") for path in paths)
    )


def compile_openapi(document: Document, library: Library, options: CompileOptions) -> Api:
    """The Api of one document. Flaws inside the document raise nothing: each is a loss."""
    loss_log = library.loss_log
    root = Node(document, "", document.data)
    version = _version(root, library)
    operations, declared = find_operations(root, library)
    if not declared:
        loss_log.add("no_operations", root)
    if any(root.members.get(keyword) for keyword in ("webhooks", "x-webhooks")):
        loss_log.add("webhooks_ignored", root)
    tools = _compile_tools(operations, root, library, options)
    info = _info(root)
    title = as_text(info.get("title")).strip()
    if not title or info.get("version") in (None, ""):
        loss_log.add("missing_info", root)
    # "apis/shop.v2.yaml" -> "shop.v2.yaml", of which the name is "shop"
    file_name = document.name.rpartition("/")[2]
    return Api(
        name=naming.slug(title or file_name.partition(".")[0]),
        title=title or file_name,
        version=as_text(info.get("version")),
        format=version,
        file=document.name,
        sha256=library.files.content_hash(),
        description=clean(as_text(info.get("description")), _MAX_API_DESCRIPTION),
        operations=declared,
        tools=tuple(tools),
        losses=loss_log.losses(),
        base_urls=server_urls(root.members),
        security=security_schemes(root),
    )


def _info(root: Node) -> dict[str, object]:
    info = root.get("info")
    return info.members if info is not None else {}


def _version(root: Node, library: Library) -> str:
    """The format of a document: `swagger 2.0`, `openapi 3.1.0`; guessed if it says nothing."""
    members = root.members
    raw = members.get("openapi", members.get("swagger"))
    # YAML reads `swagger: 2.0` as a number.
    version = str(raw).strip() if isinstance(raw, (str, int, float)) else ""
    if version.startswith("2"):
        return "swagger 2.0"
    if version.startswith(("3.0", "3.1", "3.2")):
        return f"openapi {version}"
    is_swagger = "definitions" in members or "swagger" in members
    guess = "swagger 2.0" if is_swagger else "openapi 3.1.0"
    message = f"the version is {version or 'missing'!r}, read as {guess}"
    library.loss_log.add("unknown_version", root, message)
    return guess


def _compile_tools(
    operations: Sequence[Operation], root: Node, library: Library, options: CompileOptions
) -> list[Tool]:
    names = naming.tool_names([operation.name_request for operation in operations])
    named = list(zip(operations, names, strict=True))
    targets = LinkTargets(
        by_operation_id=_names_by_operation_id(named, library),
        # Where references end: two paths may share an operation, and the last one counts.
        by_place={operation.node.key: name for operation, name in named},
    )
    inputs = Converter(
        library, closed=options.closed, outputs=False, budget=options.max_schema_bytes
    )
    outputs = Converter(
        library, closed=options.closed, outputs=True, budget=options.max_output_bytes
    )
    compiler = ToolCompiler(
        options=options,
        converter=inputs,
        assembler=SchemaAssembler(inputs),
        responses=Responses(library, outputs, SchemaAssembler(outputs), options.max_output_bytes),
        credentials=declared_credentials(root),
        targets=targets,
        api=naming.slug(as_text(_info(root).get("title"))) or "api",
    )
    tools: list[Tool] = []
    for operation, name in named:
        try:
            tools.append(compiler.compile(operation, name))
        except _FLAWS as error:
            # One flaw costs one operation: what nobody foresaw is recorded, never swallowed.
            _record_internal(operation, error, library)
    return open_uncompilable(tools, inputs, outputs, library.loss_log)


def _names_by_operation_id(
    named: Sequence[tuple[Operation, str]], library: Library
) -> dict[str, str]:
    """operationId -> the name of its tool; an operationId that is not the name is a loss."""
    names: dict[str, str] = {}
    for operation, name in named:
        operation_id = operation.name_request.operation_id
        if not operation_id:
            continue
        if operation_id in names:
            message = f"the operationId {operation_id!r} is taken, the tool is called {name!r}"
            library.loss_log.add("duplicate_operation_id", operation.place, message)
        elif name != operation_id:
            message = f"the operationId {operation_id!r} became {name!r}"
            library.loss_log.add("renamed_tool", operation.place, message)
        names.setdefault(operation_id, name)
    return names


def _record_internal(operation: Operation, error: Exception, library: Library) -> None:
    detail = str(error).splitlines()[0][:_MAX_DETAIL] if str(error) else ""
    message = (
        f"{operation.method} {operation.path} could not be compiled"
        f" ({type(error).__name__}: {detail})"
    )
    library.loss_log.add("internal", operation.place, message, subject=operation.path)
