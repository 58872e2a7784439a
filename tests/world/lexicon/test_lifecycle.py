"""What is over stays over, and commands said as values move the state."""

from __future__ import annotations

from typing import Any

import pytest

from inftool.core.types import JsonObject
from inftool.world.lexicon.lifecycle import may_change_state, target_state
from inftool.world.operations.changes import commands
from inftool.world.schema.shape import Shape
from inftool.world.world import World
from tests.support.apis import TEXT, seeded, thing


def one(world: World, resource: str, **wanted: Any) -> str:
    return next(
        key
        for key, value in world.entities(resource).items()
        if all(value.get(name) == item for name, item in wanted.items())
    )


@pytest.mark.parametrize(
    ("title", "resource", "state", "tool", "arguments"),
    [
        ("Willowmere", "appointment", "cancelled", "reschedule_appointment", {}),
        ("Saltmarsh", "booking", "cancelled", "rebook_booking", {}),
        ("Saltmarsh", "booking", "flown", "rebook_booking", {}),
        ("Saltmarsh", "booking", "cancelled", "add_bag", {"pieces": 1}),
        ("Quillpost", "shipment", "delivered", "RedirectShipment", {}),
        ("Dayleaf", "event", "cancelled", "updateEvent", {"title": "Lunch"}),
    ],
)
def test_what_is_over_is_refused_as_documented(
    title: str, resource: str, state: str, tool: str, arguments: JsonObject
) -> None:
    world = seeded(title).fork()
    before = world.digest()
    role = world.resources.roles[tool]
    key = one(world, resource, status=state)
    if role.target.resource == resource:
        found = {**(world.address(tool, key) or {}), **arguments}
    else:
        argument = dict(role.target.scope)[resource]
        assert argument is not None
        found = {argument: key, **arguments}
    result = world.call(tool, found)
    assert result.status == 409, result
    assert state in str(result.body)
    assert world.digest() == before


def test_commands_move_the_state_where_their_names_say_so() -> None:
    world = seeded("Nidolo").fork()
    key = one(world, "device", online=True)

    def after(**command: Any) -> JsonObject:
        result = world.call("devices_sendCommand", {"deviceId": key, **command})
        assert result.ok, result
        state: JsonObject = result.body["state"]
        assert world.entities("device")[key]["state"] == state
        return state

    assert after(command="turnOff")["power"] is False
    assert after(command="turnOn")["power"] is True
    assert after(command="lock")["locked"] is True
    assert after(command="unlock")["locked"] is False
    assert after(command="setBrightness", value=35)["brightness"] == 35
    assert after(command="setTemperature", value=19.5)["targetTemperature"] == 19.5


@pytest.mark.parametrize(
    ("said", "now", "new"),
    [
        ({"command": "toggle"}, {"isOn": True}, [("/isOn", False)]),
        ({"action": "close"}, {"state": "open"}, [("/state", "closed")]),
        ({"action": "mute"}, {"muted": False}, [("/muted", True)]),
        ({"command": "dance"}, {"isOn": True}, []),
        ({"command": "setVolume", "value": 900}, {"volume": 3}, []),
        ({"note": "turnOn"}, {"isOn": False}, []),
        ("turnOn", {"isOn": False}, []),
    ],
)
def test_a_command_changes_what_it_names_or_nothing(
    said: Any, now: JsonObject, new: list[tuple[str, Any]]
) -> None:
    shape = Shape.of(
        thing(
            isOn={"type": "boolean"},
            muted={"type": "boolean"},
            state={"type": "string", "enum": ["open", "closed"]},
            volume={"type": "integer", "maximum": 100},
            name=TEXT,
        )
    )
    assert commands.effects(said, shape, now) == new


@pytest.mark.parametrize(
    ("word", "states", "target"),
    [
        ("cancel", ("PENDING", "CANCELED"), "CANCELED"),
        ("ship", ("created", "inTransit"), "inTransit"),
        ("close", ("open", "resolved"), "resolved"),
        ("checkin", ("booked", "checked_in"), "checked_in"),
        ("pay", ("draft", "sent"), None),
        ("publish", ("ACTIVE", "ERROR"), None),
    ],
)
def test_the_state_that_an_action_leads_to(
    word: str, states: tuple[str, ...], target: str | None
) -> None:
    assert target_state(word, states) == target


def test_states_move_forward_and_ends_hold() -> None:
    states = ("pending", "paid", "shipped", "delivered", "cancelled")
    assert may_change_state("pay", "pending", "paid", states)
    assert not may_change_state("pay", "paid", "paid", states)
    assert not may_change_state("pay", "shipped", "paid", states)
    assert may_change_state("cancel", "paid", "cancelled", states)
    assert not may_change_state("cancel", "delivered", "cancelled", states)
    assert not may_change_state("ship", "cancelled", "shipped", states)
    assert may_change_state("unfreeze", "frozen", "active", ("active", "frozen"))
