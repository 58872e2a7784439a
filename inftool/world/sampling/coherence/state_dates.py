"""Dates and details that agree with an object's state."""

from __future__ import annotations

from datetime import datetime, timedelta

from inftool.language.identifiers import split, squash
from inftool.world.lexicon.lifecycle import (
    NEGATIVE_STATES,
    PAST_STATES,
    action_stem,
    normalized_state,
)
from inftool.world.lexicon.word_groups import word_sets
from inftool.world.sampling.coherence.date_order import span_properties
from inftool.world.sampling.named_values.moments import format_timestamp
from inftool.world.schema.shape import Shape

_WORDS = word_sets("date_order")
# Far enough back that a span planned within 45 days from now is over.
_DAYS_BACK = 60


def fit_to_state(value: dict[str, object], shape: Shape, now: datetime | None = None) -> None:
    """Make an object's details agree with its state, in place.

    What belongs to states that were not reached is left out, or null where it is required: an order
    that is `placed` has no `cancelledAt`. With `now`, the times of what is over lie in the past: an
    appointment that was `missed` is not next week.
    """
    state_prop = _state_property(value, shape)
    if state_prop is None:
        return
    state = str(value[state_prop])
    listed = shape.properties[state_prop].node["enum"]
    states = [str(item) for item in listed if item is not None]
    _drop_unreached(value, shape, states, _reached_actions(state, states))
    if now is not None and normalized_state(state) in PAST_STATES:
        _move_to_past(value, format_timestamp(now))


def _state_property(value: dict[str, object], shape: Shape) -> str | None:
    for prop, prop_shape in shape.properties.items():
        if (
            prop_shape.node.get("enum")
            and squash(prop) in {"status", "state"}
            and isinstance(value.get(prop), str)
        ):
            return prop
    return None


def _reached_actions(state: str, states: list[str]) -> set[str]:
    """The stems of the actions that led to a state: `shipped` comes after `placed` and `paid`.

    The states of an enum mostly stand in the order in which they are reached. Only the negative
    ones can follow on any other, so a negative state does not tell which were reached before.
    """
    reached = {action_stem(state)}
    if state in states and normalized_state(state) not in NEGATIVE_STATES:
        reached |= {
            action_stem(earlier)
            for earlier in states[: states.index(state) + 1]
            if normalized_state(earlier) not in NEGATIVE_STATES
        }
    return reached


def _drop_unreached(
    value: dict[str, object], shape: Shape, states: list[str], reached: set[str]
) -> None:
    unreached = {action_stem(state) for state in states} - reached
    for prop in list(value):
        if not _tells_of_action(prop, value[prop]) or action_stem(prop) not in unreached:
            continue
        if prop not in shape.required:
            del value[prop]
        elif (prop_shape := shape.properties.get(prop)) is not None and prop_shape.may_be_null:
            value[prop] = None


def _tells_of_action(prop: str, item: object) -> bool:
    """Whether a property tells of an action: `paidAt`, `refundReason`, an object `delivery`."""
    words = split(prop)
    if len(words) == 1:
        return isinstance(item, dict)
    return len(words) > 1 and words[-1] in _WORDS["state_endings"]


def _move_to_past(value: dict[str, object], present: str) -> None:
    """Move the planned times that lie after the present into the past."""
    planned = [prop for span in span_properties(value) for prop in span]
    planned += [prop for prop in value if _WORDS["scheduled"].intersection(split(prop)[:1])]
    # A start is in the list twice, and is moved twice if the first time was not enough.
    for prop in planned:
        text = value.get(prop)
        if (
            isinstance(text, str)
            and text > present[: len(text)]
            and len(text) >= len("2025-06-02")
            and text[4] == "-"
        ):
            value[prop] = _earlier(text, _DAYS_BACK)


def _earlier(text: str, days: int) -> str:
    """A date or moment some days before, in the same form; other texts as they are."""
    try:
        moved = datetime.fromisoformat(text.replace("Z", "+00:00")) - timedelta(days=days)
    except ValueError:
        return text
    if len(text) == len("2025-06-02"):
        return moved.strftime("%Y-%m-%d")
    return moved.strftime("%Y-%m-%dT%H:%M:%S") + text[19:]
