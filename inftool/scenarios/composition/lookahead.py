"""Where an answer leads: what a call is best about so that the next one, along an edge that is still open, has something to take and to tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from inftool.core.json_pointer import find_at
from inftool.scenarios.composition.scene import WishAttempt
from inftool.specs import violations

# What the world answers where the state of a thing does not allow a call.
REFUSALS = (409, 422, 403, 423)


def leading(draft: WishAttempt) -> str:
    """The optional argument of a call that becomes what its answer leads on by; empty where there is none."""
    place = _place(draft)
    name = place.split("/")[1] if place.count("/") else ""
    return name if name in draft.tool.input_schema.get("properties", {}) else ""


def promising(draft: WishAttempt, keys: Sequence[str]) -> list[str]:
    """Those of some things from which the edge that a draft goes toward can be gone along; all where none is, or where it goes toward none."""
    place = _place(draft)
    if not place or draft.role.target.resource is None:
        return list(keys)
    entities = draft.fork.entities(draft.role.target.resource)
    return [
        key for key in keys if key in entities and _leads(draft, key, find_at(entities[key], place))
    ] or list(keys)


def _place(draft: WishAttempt) -> str:
    """Where in a thing the value stands that the edge takes."""
    if draft.request.toward is None:
        return ""
    role = draft.role
    head = (
        f"{role.response.items}/*" if role.response.items is not None else role.response.item or ""
    )
    return (
        draft.request.toward.source.removeprefix(head)
        if draft.request.toward.source.startswith(head)
        else ""
    )


def _leads(draft: WishAttempt, key: str, value: Any) -> bool:
    """Whether the next call can take a value: it is there, a list by it shows more than is known, and nothing about it is refused for what it is now."""
    edge, fork = draft.request.toward, draft.fork
    if edge is None or value is None or isinstance(value, (dict, list)):
        return False
    consumer, name = draft.scene.role(edge.consumer), edge.argument[1:]
    things = (
        fork.entities(consumer.target.resource)
        if consumer.target.resource in draft.scene.resources
        else {}
    )
    if name in consumer.listing.filters and consumer.listing.filters[name].compare == "eq":
        found = [
            other
            for other, entity in things.items()
            if str(find_at(entity, consumer.listing.filters[name].pointer)) == str(value)
        ]
        return any(
            other != key or consumer.target.resource != draft.role.target.resource
            for other in found
        )
    if name != consumer.target.argument or consumer.kind not in ("action", "delete"):
        return True
    for other in things:
        place = fork.address(edge.consumer, other)
        if place is not None and str(place.get(name)) == str(value):
            return (
                bool(violations(draft.scene.pool.tools[edge.consumer], place))
                or fork.fork().call(edge.consumer, place).status not in REFUSALS
            )
    return False
