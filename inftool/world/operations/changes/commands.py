"""Commands sent as values: what `{"command": "turnOn"}` changes, where its words make it plain."""

from __future__ import annotations

from inftool.language.identifiers import split, squash, stem
from inftool.world.operations.words import WORDS
from inftool.world.schema.shape import Shape
from inftool.world.schema.validation import is_valid

# Commands that set the flag of their opposite to false: "unlock" -> `locked: false`.
_OPPOSITES = {
    "unlock": "lock",
    "unmute": "mute",
    "disarm": "arm",
    "close": "open",
    "disable": "enable",
    "deactivate": "activate",
    "unpause": "pause",
}
# Devices keep their settings in one object at most: `state.brightness`.
_MAX_DEPTH = 2


def effects(body: object, shape: Shape, value: object) -> list[tuple[str, object]]:
    """What a command in a body changes of an entity: at most one (JSON pointer, new value) pair.

    {"command": "setBrightness", "value": 40} -> [("/state/brightness", 40)]. `shape` and `value`
    are the entity's.
    """
    if not isinstance(body, dict):
        return []
    command = next(
        (
            item
            for name, item in body.items()
            if squash(name) in WORDS["command_names"] and isinstance(item, str)
        ),
        None,
    )
    if command is None:
        return []
    words = split(command)
    amount = next(
        (
            item
            for name, item in body.items()
            if squash(name) in WORDS["command_amounts"]
            and item is not None
            and not isinstance(item, dict | list)
        ),
        None,
    )
    for pointer, sub in _scalar_properties(shape):
        name = squash(pointer.rpartition("/")[2])
        new = _new_value(words, name, sub, amount, _value_at(value, pointer))
        # The schema decides where a word is ambiguous: "open" is not a brightness.
        if new is not None and is_valid(sub.schema(), new):
            return [(pointer, new)]
    return []


def _scalar_properties(shape: Shape) -> list[tuple[str, Shape]]:
    """The scalar properties of an entity and of the objects in it, those of its state first."""
    scalars = [
        (pointer, sub)
        for pointer, sub in shape.walk(_MAX_DEPTH)
        if pointer and "*" not in pointer and sub.object() is None and sub.array() is None
    ]
    return sorted(scalars, key=lambda pair: not pair[0].lower().startswith(("/state/", "/status/")))


def _value_at(value: object, pointer: str) -> object:
    for step in pointer.split("/")[1:]:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _new_value(
    words: tuple[str, ...], name: str, sub: Shape, amount: object, current: object
) -> object:
    """What a command sets one property to, None for nothing.

    `words` are the command's ("turn", "on"), `name` is the property's, squashed.
    """
    if not words:
        return None
    if sub.has("boolean"):
        return _new_flag(words, name, current)
    if amount is not None and _is_setting(words, name, sub):
        return _in_number_type(amount, sub)
    # "open" -> the state "OPEN" of `doorState`.
    if len(words) == 1 and name in WORDS["mode_names"]:
        states = [item for item in sub.node.get("enum") or () if isinstance(item, str)]
        return next((state for state in states if stem(squash(state)) == stem(words[0])), None)
    return None


def _new_flag(words: tuple[str, ...], name: str, current: object) -> bool | None:
    """What a command sets a flag to: ("turn", "on") of `power` -> True."""
    verb, objects = words[0], words[1:]
    # "turnOn", "switchOff", "powerOn", and plain "on".
    is_switch = name in WORDS["power_switches"]
    if (
        verb in {"turn", "switch", "power", "on", "off"}
        and is_switch
        and words[-1] in {"on", "off"}
    ):
        return words[-1] == "on"
    if verb == "toggle":
        is_meant = stem(name) == stem(objects[-1]) if objects else is_switch
        if is_meant:
            return not current
    if objects:
        return None
    if name in {"running", "isrunning"} and verb in {"start", "stop"}:
        return verb == "start"
    flag_stem = stem(name.removeprefix("is"))
    if verb in _OPPOSITES and flag_stem == stem(_OPPOSITES[verb]):
        return False
    return True if flag_stem == stem(verb) else None


def _is_setting(words: tuple[str, ...], name: str, sub: Shape) -> bool:
    """Whether a command sets a property: ("set", "temperature") of `targetTemperature`."""
    if words[0] != "set" or len(words) == 1:
        return False
    setting = squash(" ".join(words[1:]))
    return name in {
        setting,
        f"target{setting}",
        f"desired{setting}",
        f"{setting}percent",
        f"{setting}level",
        f"{setting}setpoint",
    } and (sub.has("number") or sub.has("integer") or sub.has("string"))


def _in_number_type(amount: object, sub: Shape) -> object:
    """An amount for a property: 40.0 -> 40 where only integers are allowed."""
    takes_only_integers = sub.has("integer") and not sub.has("number")
    if takes_only_integers and isinstance(amount, float) and amount.is_integer():
        return int(amount)
    return amount
