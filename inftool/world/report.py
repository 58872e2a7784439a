"""What a world is made of, told to people (`inftool doctor --world`): what was inferred of an API, and what fell back and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from inftool.core.tools import Api
from inftool.core.types import JsonObject
from inftool.world.resources.inference import infer_resources
from inftool.world.rules import find_rules, load_rules


def describe(api: Api) -> JsonObject:
    """What was inferred of an API and what fell back, for people (`inftool doctor --world`): resources, a role a tool, and the reasons."""
    found = infer_resources(api)
    return {
        "api": api.name,
        "resources": [
            {
                "name": resource.name,
                "identifier": resource.identifier,
                "label": resource.label,
                "status": list(resource.status.values) if resource.status is not None else None,
                "parents": list(resource.parents),
                "references": {
                    pointer: target for pointer, (target, _) in resource.references.items()
                },
                "kind": "known by its keys only"
                if resource.virtual
                else "one of its kind"
                if resource.singleton
                else "collection",
            }
            for resource in found.resources.values()
        ],
        "tools": [
            {
                "tool": role.tool,
                "role": role.kind,
                "resource": role.target.resource,
                "leads_to": role.transition.leads_to,
                "fallback": role.fallback is not None,
                "why": role.fallback or "",
                "answers": role.response.contract,
            }
            for role in found.roles.values()
        ],
        "fallbacks": sum(role.fallback is not None for role in found.roles.values()),
    }


def describe_specs(paths: Sequence[str | Path]) -> JsonObject:
    """`describe` for every API behind some paths that has tools, with its rules file (checked: WorldError where it does not fit)."""
    from inftool.specs import compile_specs

    worlds: list[JsonObject] = []
    for api in compile_specs(paths):
        if not api.tools:
            continue
        rules = find_rules(api.file)
        if rules is not None:
            load_rules(rules, api)
        worlds.append(
            {**describe(api), "file": api.file, "rules": str(rules) if rules is not None else None}
        )
    return {"worlds": worlds}


def render_world(described: JsonObject) -> str:
    """The same as lines of text: a block an API, its resources before its tools."""
    return (
        "\n\n".join(_block(world) for world in described["worlds"])
        or "no spec has a usable operation"
    )


def _block(world: JsonObject) -> str:
    kinds = Counter(tool["role"] for tool in world["tools"])
    lines = [
        f"{world['api']}  ({world['file']})",
        f"  {len(world['resources'])} resources, {len(world['tools'])} tools: "
        + ", ".join(f"{count} {kind}" for kind, count in kinds.most_common()),
        f"  rules: {world['rules'] or 'none of its own'}",
    ]
    for resource in world["resources"]:
        told: list[str] = [] if resource["kind"] == "collection" else [resource["kind"]]
        told += [f"key {resource['identifier']}"] if resource["identifier"] else []
        told += [f"called by its {resource['label']}"] if resource["label"] else []
        told += [f"under {', '.join(resource['parents'])}"] if resource["parents"] else []
        told += [f"states {' > '.join(map(str, resource['status']))}"] if resource["status"] else []
        told += [f"{pointer} is a {target}" for pointer, target in resource["references"].items()]
        lines.append(f"  {resource['name']}: " + "; ".join(told))
    for tool in world["tools"]:
        lines.append(f"    {tool['tool']}: {_does(tool)}")
    lines.append(
        f"  {world['fallbacks']} of {len(world['tools'])} tools fall back to an answer that is made from the schema alone"
    )
    return "\n".join(lines)


def _does(tool: dict[str, Any]) -> str:
    text = f"{tool['role']} {tool['resource'] or ''}".strip()
    text += f" -> {tool['leads_to']}" if tool["leads_to"] is not None else ""
    text += f"  FALLS BACK: {tool['why']}" if tool["fallback"] else ""
    if tool["answers"] != "declared":
        text += f"  (no answer meets its declared schema, which was {tool['answers']})"
    return text
