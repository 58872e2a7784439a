"""The schema gate: the arguments of every call are valid against the JSON Schema of its tool."""

from __future__ import annotations

from collections.abc import Iterator

from inftool.core.errors import ToolError
from inftool.core.trajectories import Finding, GateName, GateResult
from inftool.specs import check
from inftool.verification.case import Case
from inftool.verification.conversation import Call
from inftool.verification.gates.protocol import attributed
from inftool.verification.schema_equality import has_endless_reference
from inftool.verification.turn_verdicts import TurnFault


class SchemaGate:
    """Passes if no call breaks the schema of its tool."""

    name: GateName = "schema"
    prerequisite = True

    def faults(self, case: Case) -> list[TurnFault]:
        """Each violation of a schema, and each call whose schema cannot be used."""
        skipped = {fault.call.id for fault in case.faults}
        return [
            TurnFault("schema", call, finding)
            for call in case.conversation.calls
            if call.id not in skipped
            for finding in _violations(call, case)
        ]

    def check(self, case: Case) -> GateResult:
        """`fail` for violations that the assistant did not mend in the same turn."""
        return attributed("schema", case.unmended("schema"), case)


def _violations(call: Call, case: Case) -> Iterator[Finding]:
    schema = case.schemas[call.name]
    tool = case.pool.tools.get(call.name) if case.pool else None
    try:
        # The schemas of a spec were checked when it was compiled.
        if tool is None and has_endless_reference(schema):
            raise ToolError("a reference in its schema leads back to itself")
        violations = check(schema, call.arguments)
    except ToolError as error:
        yield Finding(
            code="bad_schema",
            message=f"{call.name}: {error}",
            turn=call.turn,
            pointer=call.pointer,
            blame="spec",
        )
        return
    for violation in violations:
        yield Finding(
            code=violation.code,
            message=f"{call.name}: {violation.message}",
            turn=call.turn,
            pointer=f"{call.pointer}/function/arguments{violation.pointer}",
            origin=tool.origin if tool else None,
        )
