"""One Swagger or OpenAPI document -> an Api: every operation a tool or a named loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from inftool.core.errors import InftoolError
from inftool.core.tools import Api, Tool
from inftool.core.types import JsonObject
from inftool.specs import naming
from inftool.specs.documents.document import Document
from inftool.specs.documents.library import Library
from inftool.specs.documents.node import Node
from inftool.specs.effects import effect_of_operation
from inftool.specs.openapi.input_schema import input_schema
from inftool.specs.openapi.operations import Operation, find_operations, server_urls
from inftool.specs.openapi.parameters import collect, credentials
from inftool.specs.openapi.request_body import collect_body
from inftool.specs.openapi.responses import Responses, links, success
from inftool.specs.options import CUT_WORDS, MAX_DESCRIPTION, CompileOptions
from inftool.specs.prose import as_text, clean
from inftool.specs.schemas.budget.assembler import Cut, SchemaAssembler
from inftool.specs.schemas.converter import Converter
from inftool.specs.schemas.metaschema_check import open_uncompilable


def is_openapi(data: Any) -> bool:
    """Whether data calls itself a Swagger or OpenAPI document."""
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
    """The Api of one document. Raises nothing for flaws inside it: each is a loss."""
    loss_log = library.loss_log
    root = Node(document, "", document.data)
    version = _version(root, library)
    operations, declared = find_operations(root, library)
    if not declared:
        loss_log.add("no_operations", root)
    if any(root.members.get(word) for word in ("webhooks", "x-webhooks")):
        loss_log.add("webhooks_ignored", root)
    tools = _tools(operations, root, library, options)
    info = root.members.get("info")
    info = info if isinstance(info, dict) else {}
    title = as_text(info.get("title")).strip()
    if not title or info.get("version") in (None, ""):
        loss_log.add("missing_info", root)
    return Api(
        name=naming.slug(title or document.name.rpartition("/")[2].partition(".")[0]),
        title=title or document.name.rpartition("/")[2],
        version=as_text(info.get("version")),
        format=version,
        file=document.name,
        sha256=library.files.content_hash(),
        description=clean(as_text(info.get("description")), MAX_DESCRIPTION * 2),
        operations=declared,
        tools=tuple(tools),
        losses=loss_log.losses(),
        base_urls=server_urls(root.members),
        security=_security(root, library),
    )


def _version(root: Node, library: Library) -> str:
    raw = root.members.get("openapi", root.members.get("swagger"))
    version = str(raw).strip() if isinstance(raw, (str, int, float)) else ""
    if version.startswith("2"):
        return "swagger 2.0"
    if version.startswith(("3.0", "3.1", "3.2")):
        return f"openapi {version}"
    guess = (
        "swagger 2.0"
        if "definitions" in root.members or "swagger" in root.members
        else "openapi 3.1.0"
    )
    library.loss_log.add(
        "unknown_version", root, f"the version is {version or 'missing'!r}, read as {guess}"
    )
    return guess


def _security(root: Node, library: Library) -> JsonObject:
    components = root.members.get("components")
    schemes = root.members.get(
        "securityDefinitions",
        components.get("securitySchemes") if isinstance(components, dict) else None,
    )
    return (
        {name: scheme for name, scheme in schemes.items() if isinstance(scheme, dict)}
        if isinstance(schemes, dict)
        else {}
    )


def _tools(
    operations: list[Operation], root: Node, library: Library, options: CompileOptions
) -> list[Tool]:
    name_requests = [operation.name_request for operation in operations]
    tool_names = naming.tool_names(name_requests)
    ids: dict[str, str] = {}
    for name_request, name, operation in zip(name_requests, tool_names, operations, strict=True):
        if name_request.operation_id:
            if name_request.operation_id in ids:
                library.loss_log.add(
                    "duplicate_operation_id",
                    operation.place,
                    f"the operationId {name_request.operation_id!r} is taken, the tool is called {name!r}",
                )
            elif name != name_request.operation_id:
                library.loss_log.add(
                    "renamed_tool",
                    operation.place,
                    f"the operationId {name_request.operation_id!r} became {name!r}",
                )
            ids.setdefault(name_request.operation_id, name)
    places = {
        operation.node.key: name for operation, name in zip(operations, tool_names, strict=True)
    }
    inputs = Converter(
        library, closed=options.closed, outputs=False, budget=options.max_schema_bytes
    )
    outputs = Converter(
        library, closed=options.closed, outputs=True, budget=options.max_output_bytes
    )
    info = root.members.get("info")
    maker = _Maker(
        library=library,
        options=options,
        converter=inputs,
        assembler=SchemaAssembler(inputs),
        responses=Responses(library, outputs, SchemaAssembler(outputs), options.max_output_bytes),
        secrets=credentials(root.members),
        ids=ids,
        places=places,
        api=naming.slug(as_text(info.get("title")) if isinstance(info, dict) else "") or "api",
    )
    tools: list[Tool] = []
    for operation, name in zip(operations, tool_names, strict=True):
        try:
            tools.append(maker.make(operation, name))
        except (
            InftoolError,
            LookupError,
            TypeError,
            ValueError,
            AttributeError,
            RecursionError,
        ) as error:
            # One flaw costs one operation: what nobody foresaw is written down here, never swallowed.
            detail = str(error).splitlines()[0][:200] if str(error) else ""
            library.loss_log.add(
                "internal",
                operation.place,
                f"{operation.method} {operation.path} could not be compiled ({type(error).__name__}: {detail})",
                subject=operation.path,
            )
    return open_uncompilable(tools, inputs, outputs, library.loss_log)


@dataclass
class _Maker:
    """What every operation of a document is compiled with."""

    library: Library
    options: CompileOptions
    converter: Converter
    assembler: SchemaAssembler
    responses: Responses
    secrets: frozenset[tuple[str, str]]
    ids: dict[str, str]
    places: dict[tuple[int, str], str]
    api: str

    def make(self, operation: Operation, name: str) -> Tool:
        raw = operation.node.members
        arguments = collect(operation, self.converter, self.secrets)
        body_type, extra = collect_body(operation, self.converter, arguments)
        schema, parameters, cuts = input_schema(
            arguments, extra, self.library, self.assembler, self.options.max_schema_bytes
        )
        self._record(operation.place, cuts, self.options.max_schema_bytes)
        responses = self.responses.collect(operation)
        for node, output_cuts in self.responses.cuts:
            self._record(node, output_cuts, self.options.max_output_bytes, outputs=True)
        self.responses.cuts.clear()
        answer = success(responses)
        if answer is None:
            self.library.loss_log.add("no_success", operation.place)
        summary = clean(
            as_text(raw.get("summary")) or as_text(operation.item.members.get("summary")),
            200,
        )
        output = answer.body if answer is not None and answer.status != "204" else None
        tags = raw.get("tags")
        return Tool(
            name=name,
            description=_description(operation, summary),
            input_schema=schema,
            output_schema=output,
            effect=effect_of_operation(
                operation.method,
                operation.name_request.operation_id or name,
                operation.path,
                has_success_body=output is not None,
            ),
            origin=operation.place.origin(),
            api=self.api,
            summary=summary,
            method=operation.method,
            path=operation.path,
            operation=operation.name_request.operation_id,
            tags=tuple(tag for tag in tags if isinstance(tag, str))
            if isinstance(tags, list)
            else (),
            body_type=body_type,
            parameters=parameters,
            responses=responses,
            links=links(operation, self.library, self.ids, self.places),
        )

    def _record(self, node: Node, cuts: list[Cut], budget: int, *, outputs: bool = False) -> None:
        for cut in cuts:
            message = CUT_WORDS[cut.code].format(
                count=cut.count, budget=budget, names=", ".join(name for name in cut.names if name)
            )
            self.library.loss_log.add(
                cut.code,
                node,
                message,
                level="info" if outputs else None,
                subject="output" if outputs else "input",
            )


def _description(operation: Operation, summary: str) -> str:
    """What the operation is for, in at most a thousand characters."""
    text = clean(
        as_text(operation.node.members.get("description"))
        or as_text(operation.item.members.get("description")),
        MAX_DESCRIPTION,
    )
    if not text:
        return summary or f"{operation.method} {operation.path}"
    plain = summary.rstrip(". ").lower()
    if not plain or text.lower().startswith(plain):
        return text
    return clean(f"{summary.rstrip('. ')}.\n{text}", MAX_DESCRIPTION)
