"""The gates of every verdict, in the order in which they are asked."""

from __future__ import annotations

from inftool.verification.gates.dialogue import DialogueGate
from inftool.verification.gates.execution import ExecutionGate
from inftool.verification.gates.format import FormatGate
from inftool.verification.gates.grounding import GroundingGate
from inftool.verification.gates.outcome import OutcomeGate
from inftool.verification.gates.protocol import CallGate, Gate
from inftool.verification.gates.schema import SchemaGate
from inftool.verification.gates.tool import ToolGate

# Each skips the calls that a gate before it found wrong: what is no known tool has no schema.
CALL_GATES: tuple[CallGate, ...] = (FormatGate(), ToolGate(), SchemaGate(), GroundingGate())

GATES: tuple[Gate, ...] = (*CALL_GATES, ExecutionGate(), OutcomeGate(), DialogueGate())
