"""Calls of lists that show entities of a resource, for lookups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from inftool.core.blueprints import Step
from inftool.core.json_pointer import at_pointer, escape
from inftool.core.step_references import StepRef
from inftool.core.tools import Tool
from inftool.core.types import Arguments, JsonPointer
from inftool.scenarios.composition.attempt import WishAttempt
from inftool.scenarios.plan import leaves, source_steps
from inftool.scenarios.tool_schema.places import fixed
from inftool.scenarios.tool_schema.session_values import session_value, technical
from inftool.scenarios.wording.sayable import sayable
from inftool.world.resources.models import Resource, Role
from inftool.world.sampling.context import SamplerSettings
from inftool.world.sampling.sampler import sample

# A list without paging is taken to be whole if it shows fewer entities than this, which is far
# more than a world of the usual sizes holds of a kind.
_UNPAGED_SIZE = 1000


class ListingAnswer(NamedTuple):
    """What a list answers."""

    body: object
    """The body of the answer."""

    items_at: JsonPointer
    """Where the entities are in it."""

    items: list[dict[str, Any]]
    """The entities."""


class ListingCall(NamedTuple):
    """A call of a list, and what it answers."""

    step: Step
    """The step; its id is empty if the call was not made in the conversation yet."""

    answer: ListingAnswer
    """What the list answers."""

    arguments: dict[str, Any]
    """The arguments, with the values that the step's bindings stand for."""

    def only_session_arguments(self, attempt: WishAttempt) -> bool:
        """Whether the call needs nothing but what the session gives."""
        return not self.arguments.keys() - attempt.session.keys()


def list_tools(attempt: WishAttempt, resource: Resource) -> list[Tool]:
    """The tools, but for the attempt's own, that list entities of a resource."""
    pool, api = attempt.scene.pool, attempt.scene.api
    return [
        pool.tools[name]
        for name in pool.maps[api].tools(resource.name, "list", "search")
        if name != attempt.tool.name
    ]


def listing_calls(attempt: WishAttempt, resource: Resource) -> Iterator[ListingCall]:
    """Calls that list entities of a resource and that need only values which are chosen already."""
    for tool in list_tools(attempt, resource):
        role = attempt.scene.role(tool.name)
        if role.response.items is None:
            continue
        arguments = _required_arguments(attempt, tool, role)
        if arguments is None:
            continue
        call = _listing_call(attempt, tool.name, arguments)
        if call is not None:
            yield call


def _required_arguments(attempt: WishAttempt, tool: Tool, role: Role) -> dict[str, object] | None:
    """The required arguments of a list; None if one of them is not known."""
    arguments: dict[str, object] = {}
    for argument in tool.input_schema.get("required", ()):
        # A key of the path or a filter for an owner: known if its entity was chosen before.
        target = role.target.keys.get(argument) or role.references.get(f"/{argument}")
        if target is None and (argument in technical(tool) or fixed(tool, argument)):
            value = _session_value(attempt, tool, argument)
            if value is None:
                return None
            arguments[argument] = value
        elif target is None or target not in attempt.bound:
            return None
        else:
            arguments[argument] = attempt.bound[target]
    return arguments


def _session_value(attempt: WishAttempt, tool: Tool, argument: str) -> object:
    """What the session gives a lookup; None if it gives nothing that can be said."""
    schema = tool.input_schema["properties"][argument]
    if fixed(tool, argument):
        only: object = schema.get("const", schema.get("enum", [None])[0])
        return only
    if argument not in attempt.session:
        rng = attempt.scene.rng
        sampled = sample(tool.input_schema, rng, settings=SamplerSettings(optional=0.0))
        value = session_value(argument, schema, sampled.get(argument), rng)
        if not sayable(value):
            return None
        attempt.session[argument] = value
    return attempt.session[argument]


def list_answer(attempt: WishAttempt, name: str, arguments: Arguments) -> ListingAnswer | None:
    """What a list answers, in the attempt's world; None if it shows no entity."""
    role = attempt.scene.role(name)
    answer = attempt.world.call(name, arguments)
    if not answer.ok or role.response.items is None:
        return None
    try:
        items = at_pointer(answer.body, role.response.items)
    except LookupError:
        return None
    entities = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return ListingAnswer(answer.body, role.response.items, entities) if entities else None


def _listing_call(
    attempt: WishAttempt, name: str, arguments: dict[str, object]
) -> ListingCall | None:
    """One call of a list; None if it shows no entity.

    The step is the one that made the same call before, if there is one. Values that another lookup
    shows are bound to it.
    """
    answer = list_answer(attempt, name, arguments)
    if answer is None:
        return None
    sources = {argument: _source(attempt, value) for argument, value in arguments.items()}
    bindings = {
        f"/{escape(argument)}": source for argument, source in sources.items() if source is not None
    }
    literals = {
        argument: value if sources[argument] is None else None
        for argument, value in arguments.items()
    }
    step = next(
        (
            step
            for step in attempt.steps
            if step.tool == name and step.arguments == literals and step.bindings == bindings
        ),
        None,
    )
    if step is None:
        step = Step(
            id="",
            tool=name,
            arguments=literals,
            bindings=bindings,
            after=source_steps(bindings),
            goal=False,
        )
    # Nobody looks up twice what the conversation has shown and what is still so.
    step = attempt.scene.same_step(step, answer.body) or step
    return ListingCall(step, answer, arguments)


def _source(attempt: WishAttempt, value: object) -> StepRef | None:
    """Which earlier lookup of this attempt shows a value, and where.

    The user never said that value. None if no lookup shows it.
    """
    for step in reversed(attempt.steps):
        for pointer, leaf in leaves(attempt.results[step.id]):
            if leaf == value and type(leaf) is type(value):
                return StepRef(step=step.id, pointer=pointer)
    return None


def perform_listing(attempt: WishAttempt, call: ListingCall) -> Step:
    """Make a call of a list part of the attempt, unless it is already; returns its step."""
    step = call.step
    if not step.id:
        step = step.model_copy(update={"id": attempt.scene.next_id()})
    if step.id not in attempt.results:
        attempt.perform(step, call.arguments)
    return step


def shows_all(attempt: WishAttempt, call: ListingCall) -> bool:
    """Whether a list shows all entities that there are, so that "the cheapest" has a meaning."""
    role, count = attempt.scene.role(call.step.tool), len(call.answer.items)
    if not call.only_session_arguments(attempt):
        paging = role.listing.paging
        size = paging.default_size if paging.style != "none" else _UNPAGED_SIZE
        return count < max(2, size)
    if role.target.resource is None:
        return False
    return count == len(attempt.world.entities(role.target.resource))
