"""The normal form: what of a document is behavior, one function for each kind of record.

Dropped everywhere, because it may change while the behavior stays:

- the version of InfTool, hashes of role cards, seals;
- the wording of findings, losses, reasons and gaps, which may be improved (numbers in a reason
  are kept, since they count tries);
- seconds, and anything else that depends on the clock or the machine;
- the order of the keys of our own records.

Kept: the messages of conversations, tool results, tool descriptions, and the order of the keys of
schemas, all of which a model gets to see. What a planned step takes from an earlier result is
`{"$from": step id, "at": JSON pointer}` inside its arguments here; `step` puts it there, from the
bindings that runs record beside the arguments.
"""

from __future__ import annotations

import json
import re
from copy import deepcopy
from typing import Any

from inftool.core.json_pointer import at_pointer, replace_at

Document = dict[str, Any]


def ordered(value: Any) -> Any:
    """The same value with the keys of all objects in alphabetical order."""
    if isinstance(value, dict):
        return {key: ordered(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [ordered(item) for item in value]
    return value


def without(record: Document, *names: str) -> Document:
    """A record without some of its fields, its keys in order."""
    return {key: record[key] for key in sorted(record) if key not in names}


def sorted_record(record: Document, *names: str) -> Document:
    """A record without some of its fields, all keys in it in alphabetical order."""
    return {key: ordered(value) for key, value in without(record, *names).items()}


def numbers(text: str) -> list[int]:
    """The numbers in a reason, in order: "12 tries: a key is needed (5x)" -> [12, 5]."""
    return [int(digits) for digits in re.findall(r"\d+", text)]


def rounded(value: Any) -> Any:
    """The same value with floats to three digits: the last ones depend on the processor."""
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return round(value, 3) if isinstance(value, float) else value


def offered_tool(tool: Document) -> Document:
    """A tool as it is offered to a model; the keys of its schema stay in their order."""
    return {"type": tool["type"], "function": without(tool["function"])}


def with_references(record: Document) -> Document:
    """A planned step, its bindings as references `{"$from", "at"}` inside the arguments."""
    arguments = deepcopy(record["arguments"])
    for place, source in record["bindings"].items():
        assert at_pointer(arguments, place) is None
        replace_at(arguments, place, {"$from": source["step"], "at": source["pointer"]})
    return {
        key: arguments if key == "arguments" else value
        for key, value in record.items()
        if key != "bindings"
    }


def step(record: Document) -> Document:
    """A planned step with references inside the arguments."""
    found = with_references(record)
    return without(found) | {"arguments": ordered(found["arguments"])}


def blueprint(record: Document) -> Document:
    """A blueprint: everything in it is behavior."""
    plan = [step(item) for item in record["plan"]]
    return sorted_record(record) | {"plan": plan}


def finding(record: Document) -> Document:
    """A finding without its wording."""
    return sorted_record(record, "message", "hint")


def verdict(record: Document) -> Document:
    """A verdict: gates, codes, places, blame and the verdicts on single turns."""
    gates = [
        without(gate) | {"findings": [finding(item) for item in gate["findings"]]}
        for gate in record["gates"]
    ]
    return sorted_record(record, "gates") | {"gates": gates}


def provenance(record: Document) -> Document:
    """What a trajectory says of its making, without version, hashes of cards and seal."""
    return sorted_record(record, "inftool", "cards", "seal")


def trajectory(record: Document) -> Document:
    """The parts of a trajectory, each to be digested by itself.

    The instructions are a part of their own: they are long, and a changed role card changes them
    in every trajectory.
    """
    messages = ordered(record["messages"])
    return {
        "system": [message for message in messages if message["role"] == "system"],
        "messages": [message for message in messages if message["role"] != "system"],
        "tools": [offered_tool(tool) for tool in record["tools"]]
        + [ordered(record["offered_from"])],
        "blueprint": blueprint(record["blueprint"]) if record["blueprint"] else None,
        "verdict": verdict(record["verdict"]) if record["verdict"] else None,
        "provenance": provenance(record["provenance"]),
    }


def summary(record: Document) -> Document:
    """What `synth --json` prints, without folder and time."""
    kept = sorted_record(record, "run", "seconds", "problem", "skipped")
    return kept | {"skipped": len(record["skipped"])}


def tool(record: Document) -> Document:
    """The parts of a compiled tool: what a model reads, both schemas, and how it is sent."""
    shown = ("name", "description", "summary", "effect")
    schemas = ("input_schema", "output_schema")
    return {
        "text": {key: record[key] for key in shown},
        "input": record["input_schema"],
        "output": record["output_schema"],
        "http": without(record, *shown, *schemas),
    }


def doctored(record: Document) -> Document:
    """One spec of `doctor --json`: counts, and losses without their wording."""
    losses = [without(loss, "message") for loss in record["losses"]]
    return without(record, "seconds", "losses") | {"losses": losses}


def world_tool(record: Document) -> Document:
    """A tool of `doctor --world`; why it falls back is wording, that it does is not."""
    return without(record, "why")


def world_resource(record: Document) -> Document:
    """A resource of `doctor --world`."""
    return sorted_record(record)


def reason(text: str) -> str | list[int]:
    """Whether a category can be had ("yes"), or the counts of what its tries came to."""
    return text if text == "yes" else numbers(text)


def coverage_kind(record: Document) -> Document:
    """One kind of cell of `coverage RUN --json`; of the reasons only their numbers are kept."""
    why = {cell: numbers(text) for cell, text in sorted(record.get("why", {}).items())}
    return without(record, "why") | {"why": why}


def report(record: Document) -> Document:
    """What `verify --json` prints, without the wording of its failures and of weak checkers."""
    mutation = record["mutation"]
    if mutation is not None:
        mutation = ordered(mutation | {"weak": sorted(mutation["weak"])})
    failures = [finding(item) for item in record["failures"]]
    rest = sorted_record(record, "failures", "mutation")
    return rest | {"failures": failures, "mutation": mutation}


def exported(record: Document) -> Document:
    """What `export --json` prints; what was left out is counted, the reasons are wording."""
    left_out = sorted(record["left_out"].values())
    return sorted_record(record, "run", "folder", "left_out") | {"left_out": left_out}


def exported_row(row: Any) -> Any:
    """A line of an export, with the steps of a blueprint that it holds as JSON text normalized."""
    if not isinstance(row, dict) or not isinstance(row.get("blueprint"), str):
        return row
    held = json.loads(row["blueprint"])
    held["plan"] = [with_references(item) for item in held["plan"]]
    return row | {"blueprint": json.dumps(held, separators=(",", ":"), ensure_ascii=False)}


def gap(record: Document) -> Document:
    """A gap that the examination of a model found, without its sentence."""
    return sorted_record(record, "sentence")


def loop_document(record: Document) -> Document:
    """A JSON document of a training loop: manifest, examination, gaps or settings."""
    gaps = record.get("gaps")
    kept = without(record, "gaps", "seconds")
    if isinstance(gaps, list):
        kept["gaps"] = [gap(item) if isinstance(item, dict) else "a sentence" for item in gaps]
    elif gaps is not None:
        kept["gaps"] = gaps
    found: Document = rounded(ordered(kept))
    return found
