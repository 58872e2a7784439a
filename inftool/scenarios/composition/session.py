"""Values that a session gives to calls and that no person says: a tenant, a request id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inftool.core.blueprints import Step
from inftool.core.tools import Tool
from inftool.core.types import Arguments
from inftool.scenarios.composition.attempt import WishAttempt
from inftool.scenarios.composition.scene import Scene
from inftool.scenarios.composition.unplayable import Unplayable, UnplayableReason
from inftool.scenarios.tool_schema.places import fixed
from inftool.scenarios.tool_schema.session_values import session_value, technical
from inftool.scenarios.wording.sayable import sayable
from inftool.specs import check

# How often a conversation starts with an optional value of the session that nothing has covered
# yet. Rare, as every later call then has to pass it too.
_START_WITH_OPTIONAL = 0.08


def optional_session_arguments(
    scene: Scene, tool: Tool, optional: frozenset[str], *, steer: bool
) -> list[str]:
    """Those of a tool's optional technical arguments that a call should pass.

    They are the ones that the session gives already. Before the first call, now and then one more
    that nothing has covered yet is added.
    """
    given = [name for name in sorted(optional) if name in scene.session]
    if not steer or scene.tool_by_step or given or not optional:
        return given
    if scene.rng.random() >= _START_WITH_OPTIONAL:
        return given
    # A session gives values; a yes or no is nobody's value.
    schemas = tool.input_schema["properties"]
    uncovered = [
        name
        for name in sorted(optional)
        if schemas[name].get("type") != "boolean" and scene.is_open(f"param:{tool.name}/{name}")
    ]
    return scene.rng.sample(uncovered, min(len(uncovered), 1))


def give_session_values(attempt: WishAttempt, arguments: dict[str, object]) -> set[str]:
    """Set the arguments that the session gives to what every call before was given.

    Returns their pointers, and those of arguments that can have one value only. Unplayable if the
    session would have to give two values for one argument.
    """
    tool = attempt.tool
    pointers: set[str] = set()
    given = technical(tool)
    for name in list(arguments):
        value = arguments[name]
        if (
            name not in given
            or f"/{name}" in attempt.role.references
            or isinstance(value, (dict, list))
            or not sayable(value)
            or fixed(tool, name)
        ):
            continue
        schema = tool.input_schema["properties"][name]
        # The session's value may be of another format than this tool takes; then a new one is made,
        # and the conflict shows below.
        current = attempt.session.get(name)
        if current is None or ("$ref" not in schema and check(schema, current)):
            current = session_value(name, schema, value, attempt.scene.rng)
        if attempt.session.setdefault(name, current) != current:
            raise Unplayable(UnplayableReason.SESSION_CONFLICT, argument=name)
        arguments[name] = current
        pointers.add(f"/{name}")
    return pointers | {f"/{name}" for name in arguments if fixed(tool, name)}


def with_session_values(
    steps: Sequence[Step], session: Arguments, tools: Mapping[str, Tool]
) -> tuple[Step, ...]:
    """The steps of a plan, where every call passes all that the session gives and that it takes."""
    completed = []
    for step in steps:
        taken = technical(tools[step.tool])
        missing = {
            name: value
            for name, value in session.items()
            if name in taken and name not in step.arguments
        }
        if missing:
            step = step.model_copy(update={"arguments": {**missing, **step.arguments}})
        completed.append(step)
    return tuple(completed)
