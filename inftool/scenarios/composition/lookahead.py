"""One-step lookahead: what a call should be about, so that the next call can follow an open edge.

A request with `toward` set is made for the sake of the next one, which takes a value of its answer.
It should therefore be about an entity whose value the next call can use.
"""

from __future__ import annotations

from collections.abc import Sequence

from inftool.core.json_pointer import find_at
from inftool.scenarios.composition.attempt import WishAttempt
from inftool.specs import violations
from inftool.toolset.producer_graph import Edge
from inftool.world.resources.listing import Filter

# The statuses of a refusal for the state of an entity: conflict, unprocessable, forbidden, locked
# (RFC 9110, sections 15.5.10, 15.5.21 and 15.5.4; RFC 4918, section 11.3).
REFUSAL_STATUSES = (409, 422, 403, 423)


def onward_argument(attempt: WishAttempt) -> str:
    """The argument that becomes the value which the answer leads on by; empty if none does.

    `POST /books {"authorId": …}` toward `GET /authors/{authorId}` -> `"authorId"`.
    """
    source = _source_in_entity(attempt)
    name = source.split("/")[1] if source.count("/") else ""
    return name if name in attempt.tool.input_schema.get("properties", {}) else ""


def leading_onward(attempt: WishAttempt, keys: Sequence[str]) -> list[str]:
    """Those of some entities (by key) from which the next call can follow the edge `toward`.

    All of them if none is, or if the request leads nowhere.
    """
    source = _source_in_entity(attempt)
    if not source or attempt.role.target.resource is None:
        return list(keys)
    entities = attempt.world.entities(attempt.role.target.resource)
    onward = [
        key
        for key in keys
        if key in entities and _leads_on(attempt, key, find_at(entities[key], source))
    ]
    return onward or list(keys)


def _source_in_entity(attempt: WishAttempt) -> str:
    """The pointer, inside an entity, of the value that the edge `toward` takes; empty without one.

    `/items/*/authorId` of a list whose entities are at `/items` -> `/authorId`.
    """
    edge, response = attempt.request.toward, attempt.role.response
    if edge is None:
        return ""
    head = f"{response.items}/*" if response.items is not None else response.item or ""
    return edge.source.removeprefix(head) if edge.source.startswith(head) else ""


def _leads_on(attempt: WishAttempt, key: str, value: object) -> bool:
    """Whether the next call can use the value of an entity.

    The value has to be there; a list filtered by it has to show more than the entity itself; and
    an action on what it names must not be refused for the state that this is in.
    """
    edge = attempt.request.toward
    if edge is None or value is None or isinstance(value, (dict, list)):
        return False
    consumer, name = attempt.scene.role(edge.consumer), edge.argument[1:]
    condition = consumer.listing.filters.get(name)
    if condition is not None and condition.compare == "eq":
        return _shows_more(attempt, key, consumer.target.resource, condition, value)
    if name != consumer.target.argument or consumer.kind not in ("action", "delete"):
        return True
    return _is_accepted(attempt, edge, consumer.target.resource, value)


def _shows_more(
    attempt: WishAttempt, key: str, resource: str | None, condition: Filter, value: object
) -> bool:
    """Whether a list filtered by a value shows something besides the entity that has it."""
    if resource not in attempt.scene.resources:
        return False
    is_same_kind = resource == attempt.role.target.resource
    return any(
        str(find_at(entity, condition.pointer)) == str(value)
        and not (is_same_kind and other == key)
        for other, entity in attempt.world.entities(resource).items()
    )


def _is_accepted(attempt: WishAttempt, edge: Edge, resource: str | None, value: object) -> bool:
    """Whether the call at the end of an edge is not refused for the entity that a value names."""
    if resource not in attempt.scene.resources:
        return False
    world, name = attempt.world, edge.argument[1:]
    for key in world.entities(resource):
        address = world.address(edge.consumer, key)
        if address is None or str(address.get(name)) != str(value):
            continue
        if violations(attempt.scene.pool.tools[edge.consumer], address):
            # The address is not a whole call, so nothing can be tried.
            return True
        return world.fork().call(edge.consumer, address).status not in REFUSAL_STATUSES
    return False
