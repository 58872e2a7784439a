"""One operation -> a tool."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inftool.core.tools import Tool
from inftool.specs.documents.node import Node
from inftool.specs.effects import effect_of_operation
from inftool.specs.openapi.credentials import Credentials
from inftool.specs.openapi.input_schema import build_input_schema
from inftool.specs.openapi.links import LinkTargets, collect_links
from inftool.specs.openapi.operations import Operation
from inftool.specs.openapi.parameters import collect_parameters
from inftool.specs.openapi.request_body import collect_body
from inftool.specs.openapi.responses import Responses, success
from inftool.specs.options import CUT_WORDS, MAX_DESCRIPTION, CompileOptions
from inftool.specs.prose import as_text, clean
from inftool.specs.schemas.budget.assembler import Cut, SchemaAssembler
from inftool.specs.schemas.converter import Converter

# Characters of a summary: one line.
_MAX_SUMMARY = 200


@dataclass
class ToolCompiler:
    """Compiles the operations of one document."""

    options: CompileOptions
    """The budgets."""
    converter: Converter
    """Converts schemas of arguments."""
    assembler: SchemaAssembler
    """Makes schemas of arguments self-contained."""
    responses: Responses
    """Converts the responses."""
    credentials: Credentials
    """The parameters that the document declares as API keys."""
    targets: LinkTargets
    """The tools that links can point at."""
    api: str
    """The name of the API."""

    def compile(self, operation: Operation, name: str) -> Tool:
        """The tool of an operation, under a name that is unique in its document."""
        library, budget = self.converter.library, self.options.max_schema_bytes
        collected = collect_parameters(operation, self.converter, self.credentials)
        body_type, rules = collect_body(operation, self.converter, collected)
        inputs = build_input_schema(collected, rules, library, self.assembler, budget)
        self._record_cuts(operation.place, inputs.cuts)
        responses = self.responses.collect(operation)
        for node, cuts in self.responses.cuts:
            self._record_output_cuts(node, cuts)
        # Responses that were converted for an earlier operation were recorded there.
        self.responses.cuts.clear()
        answer = success(responses)
        if answer is None:
            library.loss_log.add("no_success", operation.place)
        # RFC 9110, section 15.3.5: 204 is "No Content", whatever the document says.
        output = answer.body if answer is not None and answer.status != "204" else None
        summary = clean(_own_or_shared(operation, "summary"), _MAX_SUMMARY)
        tags = operation.node.get("tags")
        operation_id = operation.name_request.operation_id
        return Tool(
            name=name,
            description=_description(operation, summary),
            input_schema=inputs.schema,
            output_schema=output,
            effect=effect_of_operation(
                operation.method,
                operation_id or name,
                operation.path,
                has_success_body=output is not None,
            ),
            origin=operation.place.origin(),
            api=self.api,
            summary=summary,
            method=operation.method,
            path=operation.path,
            operation=operation_id,
            tags=tuple(tag for tag in tags.items if isinstance(tag, str)) if tags else (),
            body_type=body_type,
            parameters=inputs.parameters,
            responses=responses,
            links=collect_links(operation, library, self.targets),
        )

    def _record_cuts(self, node: Node, cuts: Sequence[Cut]) -> None:
        for cut in cuts:
            message = _cut_message(cut, self.options.max_schema_bytes)
            self.converter.loss_log.add(cut.code, node, message, subject="input")

    def _record_output_cuts(self, node: Node, cuts: Sequence[Cut]) -> None:
        """A cut answer costs a caller nothing, so it is only information."""
        for cut in cuts:
            message = _cut_message(cut, self.options.max_output_bytes)
            self.converter.loss_log.add(cut.code, node, message, level="info", subject="output")


def _cut_message(cut: Cut, budget: int) -> str:
    names = ", ".join(name for name in cut.names if name)
    return CUT_WORDS[cut.code].format(count=cut.count, budget=budget, names=names)


def _own_or_shared(operation: Operation, keyword: str) -> str:
    """A text of an operation, or else that of its path item."""
    own = as_text(operation.node.members.get(keyword))
    return own or as_text(operation.item.members.get(keyword))


def _description(operation: Operation, summary: str) -> str:
    """What the operation is for: its summary and its description, unless they are the same."""
    text = clean(_own_or_shared(operation, "description"), MAX_DESCRIPTION)
    if not text:
        return summary or f"{operation.method} {operation.path}"
    # "Get an order." and "Get an order by its ID ..." need no repetition.
    plain = summary.rstrip(". ").lower()
    if not plain or text.lower().startswith(plain):
        return text
    return clean(f"{summary.rstrip('. ')}.\n{text}", MAX_DESCRIPTION)
