"""The arguments of an operation -> one closed input schema.

Path, query, headers and body share one namespace of arguments.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inftool.core.tools import Parameter
from inftool.core.types import Location
from inftool.specs.documents.library import Library
from inftool.specs.naming import argument_name
from inftool.specs.openapi.arguments import Argument, CollectedArguments, MemberRules
from inftool.specs.schemas.budget.assembler import Cut, SchemaAssembler
from inftool.specs.schemas.inspection import members_of

# Who keeps a name that several arguments want. What a call is about comes first: an `id` in the
# path is the `id`, and one in a header becomes `id_header`.
_PRECEDENCE = ("path", "body", "form", "whole_body", "query", "header", "cookie")
# OpenAI accepts names of 64 characters: these leave space for "_header" and "_header_99".
_SPACE_FOR_LOCATION = 57
_SPACE_FOR_NUMBER = 54
_MAX_NUMBER = 999


@dataclass(frozen=True, slots=True)
class InputSchema:
    """The input schema of a tool, and how its arguments travel."""

    schema: dict[str, object]
    """The schema, with its definitions."""
    parameters: tuple[Parameter, ...]
    """Where each argument travels."""
    cuts: list[Cut]
    """What had to be cut to fit the budget."""


def build_input_schema(
    collected: CollectedArguments,
    rules: MemberRules,
    library: Library,
    assembler: SchemaAssembler,
    budget: int,
) -> InputSchema:
    """The input schema for some arguments, of at most `budget` bytes if that can be done."""
    arguments = collected.arguments
    names = _argument_names(arguments, library)
    named = list(zip(arguments, names, strict=True))
    schema: dict[str, object] = {
        "type": "object",
        "properties": {name: argument.schema for argument, name in named},
    }
    required = [name for argument, name in named if argument.required]
    if required:
        schema["required"] = required
    # Rules name members as the document does; here they have the names of their arguments.
    in_body = {argument.name: name for argument, name in named if _is_member(argument)}
    schema.update(rules.keywords(in_body))
    schema["additionalProperties"] = False
    schema, cuts = assembler.assemble(schema, collected.uses, budget)
    # The budget may have cost optional arguments.
    kept = members_of(schema, "properties")
    parameters = tuple(_parameter(argument, name) for argument, name in named if name in kept)
    return InputSchema(schema, parameters, cuts)


def _is_member(argument: Argument) -> bool:
    return argument.location in {"body", "form"}


def _parameter(argument: Argument, name: str) -> Parameter:
    return Parameter(
        argument=name,
        name=argument.name,
        location=argument.location,
        style=argument.style,
        explode=argument.explode,
    )


def _argument_names(arguments: Sequence[Argument], library: Library) -> list[str]:
    """A unique name for each argument, in their order.

    An argument keeps its own name if no other wants it. Of several that do, one whose name needs
    no change keeps it, and of these the first by `_PRECEDENCE`.
    """
    preferred = [argument_name(argument.name) for argument in arguments]
    counts = Counter(preferred)
    names = list(preferred)
    taken = {name for name in preferred if counts[name] == 1}

    def precedence(index: int) -> tuple[bool, int, str]:
        argument = arguments[index]
        is_changed = argument.name != preferred[index]
        return is_changed, _PRECEDENCE.index(argument.location), argument.name

    for index in sorted(range(len(arguments)), key=precedence):
        argument = arguments[index]
        if counts[preferred[index]] > 1:
            candidates = _candidate_names(preferred[index], argument.location)
            names[index] = next(name for name in candidates if name not in taken)
            taken.add(names[index])
        name = names[index]
        # A whole body has no name in the document that a caller could miss.
        if name != argument.name and argument.location != "whole_body":
            message = f"the {argument.location} argument {argument.name!r} is called {name!r}"
            library.loss_log.add("renamed_argument", argument.node, message, subject=argument.name)
    return names


def _candidate_names(name: str, location: Location) -> Iterator[str]:
    """Names to try: `id`, `id_query`, `id_query_2`, `id_query_3`, ..."""
    kind = location.removeprefix("whole_")
    yield name
    yield f"{name[:_SPACE_FOR_LOCATION]}_{kind}"
    for number in range(2, _MAX_NUMBER):
        yield f"{name[:_SPACE_FOR_NUMBER]}_{kind}_{number}"
