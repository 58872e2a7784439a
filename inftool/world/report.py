"""What a world is made of, for people: what was inferred of an API, and what fell back and why.

`inftool doctor --world` prints it, as text or as JSON; the keys of the dicts are those of the JSON.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

from inftool.core.tools import Api
from inftool.specs import compile_specs
from inftool.world.resources.inference import infer_resources
from inftool.world.resources.models import Resource, Role
from inftool.world.rule_files import find_rules, load_rules


class ResourceReport(TypedDict):
    """One resource."""

    name: str
    identifier: str | None
    label: str | None
    status: list[str] | None
    """The states, in the schema's order; None where it has no states."""
    parents: list[str]
    references: dict[str, str]
    """Pointer pattern -> the resource that is referred to."""
    kind: str
    """One of "collection", "one of its kind" or "known by its keys only"."""


class ToolReport(TypedDict):
    """One tool and its role."""

    tool: str
    role: str
    resource: str | None
    leads_to: str | None
    fallback: bool
    why: str
    """Why it falls back, empty where it does not."""
    answers: str
    """Either "declared", or what became of a schema that accepts nothing."""


class WorldReport(TypedDict):
    """One API."""

    api: str
    resources: list[ResourceReport]
    tools: list[ToolReport]
    fallbacks: int
    """How many of the tools fall back."""


class SpecReport(WorldReport):
    """One API with its files."""

    file: str
    rules: str | None


class SpecReports(TypedDict):
    """The APIs behind some paths."""

    worlds: list[SpecReport]


def describe(api: Api) -> WorldReport:
    """What was inferred of an API: its resources, and the role of each tool."""
    inferred = infer_resources(api)
    return {
        "api": api.name,
        "resources": [_describe_resource(resource) for resource in inferred.resources.values()],
        "tools": [_describe_role(role) for role in inferred.roles.values()],
        "fallbacks": sum(role.fallback is not None for role in inferred.roles.values()),
    }


def _describe_resource(resource: Resource) -> ResourceReport:
    # A virtual singleton is known by its keys before all.
    kind = "collection"
    if resource.virtual:
        kind = "known by its keys only"
    elif resource.singleton:
        kind = "one of its kind"
    targets = {pointer: target for pointer, (target, _) in resource.references.items()}
    return {
        "name": resource.name,
        "identifier": resource.identifier,
        "label": resource.label,
        "status": list(resource.status.values) if resource.status is not None else None,
        "parents": list(resource.parents),
        "references": targets,
        "kind": kind,
    }


def _describe_role(role: Role) -> ToolReport:
    return {
        "tool": role.tool,
        "role": role.kind,
        "resource": role.target.resource,
        "leads_to": role.transition.leads_to,
        "fallback": role.fallback is not None,
        "why": role.fallback or "",
        "answers": role.response.contract,
    }


def describe_specs(paths: Sequence[str | Path]) -> SpecReports:
    """`describe` for every API behind some paths that has tools, with its rules file.

    WorldError where a rules file does not fit its API.
    """
    worlds: list[SpecReport] = []
    for api in compile_specs(paths):
        if not api.tools:
            continue
        rules = find_rules(api.file)
        if rules is not None:
            # Only for its errors: the report names the file, not the rules.
            load_rules(rules, api)
        rules_file = str(rules) if rules is not None else None
        worlds.append({**describe(api), "file": api.file, "rules": rules_file})
    return {"worlds": worlds}


def render_world(reports: SpecReports) -> str:
    """The same as text: a block for each API, its resources before its tools."""
    blocks = [_render(world) for world in reports["worlds"]]
    return "\n\n".join(blocks) or "no spec has a usable operation"


def _render(world: SpecReport) -> str:
    kinds = Counter(tool["role"] for tool in world["tools"])
    kind_counts = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    counts = f"{len(world['resources'])} resources, {len(world['tools'])} tools"
    lines = [
        f"{world['api']}  ({world['file']})",
        f"  {counts}: {kind_counts}",
        f"  rules: {world['rules'] or 'none of its own'}",
        *(f"  {_render_resource(resource)}" for resource in world["resources"]),
        *(f"    {_render_tool(tool)}" for tool in world["tools"]),
        f"  {world['fallbacks']} of {len(world['tools'])} tools fall back to an answer that is "
        "made from the schema alone",
    ]
    return "\n".join(lines)


def _render_resource(resource: ResourceReport) -> str:
    """As in "order: key id; under customer; states open > paid; /customerId is a customer"."""
    facts: list[str] = [] if resource["kind"] == "collection" else [resource["kind"]]
    if resource["identifier"]:
        facts.append(f"key {resource['identifier']}")
    if resource["label"]:
        facts.append(f"called by its {resource['label']}")
    if resource["parents"]:
        facts.append(f"under {', '.join(resource['parents'])}")
    if resource["status"]:
        facts.append(f"states {' > '.join(map(str, resource['status']))}")
    facts += [f"{pointer} is a {target}" for pointer, target in resource["references"].items()]
    return f"{resource['name']}: " + "; ".join(facts)


def _render_tool(tool: ToolReport) -> str:
    """As in "cancelOrder: action order -> cancelled"."""
    text = f"{tool['tool']}: " + f"{tool['role']} {tool['resource'] or ''}".strip()
    if tool["leads_to"] is not None:
        text += f" -> {tool['leads_to']}"
    if tool["fallback"]:
        text += f"  FALLS BACK: {tool['why']}"
    # Such a schema is a mistake of the spec that its author can mend.
    if tool["answers"] != "declared":
        text += f"  (no answer meets its declared schema, which was {tool['answers']})"
    return text
