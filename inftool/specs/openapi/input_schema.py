"""The arguments of an operation -> one closed input schema, with one namespace over every place an argument can travel in."""

from __future__ import annotations

from collections import Counter

from inftool.core.tools import Parameter
from inftool.core.types import JsonObject
from inftool.specs.documents.library import Library
from inftool.specs.naming import argument_name
from inftool.specs.openapi.parameters import Argument, Arguments
from inftool.specs.schemas.budget.assembler import Cut, SchemaAssembler
from inftool.specs.schemas.inspection import members_of

_ORDER = ("path", "body", "form", "whole_body", "query", "header", "cookie")


def input_schema(
    arguments: Arguments,
    extra: JsonObject,
    library: Library,
    assembler: SchemaAssembler,
    budget: int,
) -> tuple[JsonObject, tuple[Parameter, ...], list[Cut]]:
    """The input schema of a tool, where each argument travels, and what had to be cut to fit `budget` bytes."""
    names = _name(arguments.found, library)
    schema: JsonObject = {"type": "object", "properties": {}}
    required: list[str] = []
    for argument, name in zip(arguments.found, names, strict=True):
        schema["properties"][name] = argument.schema
        if argument.required:
            required.append(name)
    if required:
        schema["required"] = required
    schema.update(_renamed(extra, arguments, names))
    schema["additionalProperties"] = False
    schema, cuts = assembler.assemble(schema, arguments.uses, budget)
    parameters = tuple(
        Parameter(
            argument=name,
            name=argument.name,
            location=argument.location,
            style=argument.style,
            explode=argument.explode,
        )
        for argument, name in zip(arguments.found, names, strict=True)
        if name in members_of(schema, "properties")
    )
    return schema, parameters, cuts


def _name(found: list[Argument], library: Library) -> list[str]:
    """A name for each argument: its own where nobody else wants it, else the one of the first place in `_ORDER` keeps it."""
    wanted = [argument_name(argument.name) for argument in found]
    counts = Counter(wanted)
    names = list(wanted)
    taken = {name for name in wanted if counts[name] == 1}
    for index in sorted(
        range(len(found)),
        key=lambda index: (
            found[index].name != wanted[index],
            _ORDER.index(found[index].location),
            found[index].name,
        ),
    ):
        name = wanted[index]
        if counts[name] > 1:
            kind = found[index].location.removeprefix("whole_")
            candidates = (
                name,
                f"{name[:57]}_{kind}",
                *(f"{name[:54]}_{kind}_{number}" for number in range(2, 999)),
            )
            name = next(candidate for candidate in candidates if candidate not in taken)
            taken.add(name)
        names[index] = name
        if name != found[index].name and found[index].location != "whole_body":
            argument = found[index]
            library.loss_log.add(
                "renamed_argument",
                argument.node,
                f"the {argument.location} argument {argument.name!r} is called {name!r}",
                subject=argument.name,
            )
    return names


def _renamed(extra: JsonObject, arguments: Arguments, names: list[str]) -> JsonObject:
    """Keywords that speak of body members by their names in the spec, by their names as arguments."""
    if not extra:
        return {}
    renamed = {
        argument.name: name
        for argument, name in zip(arguments.found, names, strict=True)
        if argument.location in {"body", "form"}
    }
    kept: JsonObject = {}
    for word, value in extra.items():
        if word == "dependentRequired":
            kept[word] = {
                renamed[name]: [renamed[other] for other in others]
                for name, others in value.items()
            }
        else:
            kept[word] = [
                {"required": [renamed[name] for name in branch["required"]]} for branch in value
            ]
    return kept
