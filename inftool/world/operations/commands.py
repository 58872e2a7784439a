"""Commands said as values (`{"command": "turnOn"}`): where their names make it plain, which property of a thing they change, and to what."""

from __future__ import annotations

from typing import Any

from inftool.core.types import JsonObject
from inftool.language.identifiers import bag, split, squash, stem
from inftool.world.schema.shape import Shape
from inftool.world.schema.validation import is_valid

_CARRIERS = bag("command action operation op cmd method instruction event verb")
_AMOUNTS = bag("value amount level to target argument parameter number percent degrees")
# What a switch is called; "lock" is looked for by its own word (`locked`).
_SWITCHES = bag(
    "power on ison poweredon switchedon powered poweron enabled isenabled active isactive running"
)
_OPPOSITES = {
    "unlock": "lock",
    "unmute": "mute",
    "disarm": "arm",
    "close": "open",
    "disable": "enable",
    "deactivate": "activate",
    "unpause": "pause",
}


def effects(body: Any, shape: Shape, value: JsonObject) -> list[tuple[str, Any]]:
    """What a command in a body changes of a thing: (JSON pointer, new value) pairs, none where nothing in its names says so."""
    if not isinstance(body, dict):
        return []
    said = next(
        (
            item
            for name, item in body.items()
            if squash(name) in _CARRIERS and isinstance(item, str)
        ),
        None,
    )
    if said is None:
        return []
    words = split(said)
    amount = next(
        (
            item
            for name, item in body.items()
            if squash(name) in _AMOUNTS and item is not None and not isinstance(item, dict | list)
        ),
        None,
    )
    for pointer, sub in _places(shape):
        new = _change(words, pointer.rsplit("/", 1)[-1], sub, amount, _at(value, pointer))
        if new is not None and is_valid(sub.schema(), new):
            return [(pointer, new)]
    return []


def _places(shape: Shape) -> list[tuple[str, Shape]]:
    """Scalar properties of a thing and of the objects in it, a state's before the rest."""
    found = [
        (pointer, sub)
        for pointer, sub in shape.walk(2)
        if pointer and "*" not in pointer and sub.object() is None and sub.array() is None
    ]
    return sorted(found, key=lambda pair: not pair[0].lower().startswith(("/state/", "/status/")))


def _at(value: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _change(words: tuple[str, ...], name: str, sub: Shape, amount: Any, now: Any) -> Any:
    head, tail = (words[0], words[1:]) if words else ("", ())
    own = squash(name)
    if sub.has("boolean"):
        switched = (
            {"on": True, "off": False}.get(words[-1])
            if head in {"turn", "switch", "power", "on", "off"}
            else None
        )
        if switched is not None and own in _SWITCHES:
            return switched
        if head == "toggle" and (own in _SWITCHES if not tail else stem(own) == stem(tail[-1])):
            return not now
        if own in {"running", "isrunning"} and head in {"start", "stop"} and len(words) == 1:
            return head == "start"
        bare = own.removeprefix("is")
        if len(words) == 1 and head in _OPPOSITES and stem(bare) in {stem(_OPPOSITES[head])}:
            return False
        if len(words) == 1 and stem(bare) == stem(head):
            return True
        return None
    if (
        head == "set"
        and tail
        and amount is not None
        and (sub.has("number") or sub.has("integer") or sub.has("string"))
    ):
        wanted = squash(" ".join(tail))
        if own in {
            wanted,
            f"target{wanted}",
            f"desired{wanted}",
            f"{wanted}percent",
            f"{wanted}level",
            f"{wanted}setpoint",
        }:
            return (
                int(amount)
                if sub.has("integer")
                and not sub.has("number")
                and isinstance(amount, float)
                and amount.is_integer()
                else amount
            )
    states = [item for item in sub.node.get("enum") or () if isinstance(item, str)]
    if (
        states
        and len(words) == 1
        and own in {"state", "status", "mode", "lockstate", "doorstate", "position"}
    ):
        return next((item for item in states if stem(squash(item)) == stem(head)), None)
    return None
