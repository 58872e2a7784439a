"""Puts the dates of an entity in a plausible order (created before updated, start before end)."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from inftool.core.types import JsonObject
from inftool.language.identifiers import bag, row, split, squash
from inftool.world.lexicon.lifecycle import (
    NEGATIVE_STATES,
    TERMINAL_STATES,
    action_stem,
    normalized_state,
)
from inftool.world.schema.shape import Shape

_FIRST = {
    "created",
    "placed",
    "ordered",
    "opened",
    "issued",
    "joined",
    "registered",
    "added",
    "booked",
    "submitted",
    "requested",
}
_LAST = bag(
    "updated modified closed delivered completed shipped paid cancelled canceled resolved edited finished settled executed "
    "refunded confirmed approved rejected archived published last responded"
)


def _moments(value: JsonObject) -> list[tuple[int, str, str]]:
    found = []
    for index, (name, item) in enumerate(value.items()):
        if (
            not isinstance(item, str)
            or len(item) < 10
            or item[4:5] != "-"
            or item[7:8] != "-"
            or not item[:4].isdigit()
        ):
            continue
        said = split(name)
        if (
            said
            and said[-1]
            in {"at", "on", "date", "time", "timestamp", "created", "updated", "modified"}
            and set(said) & (_FIRST | _LAST)
        ):
            found.append((0 if set(said) & _FIRST else 100 + index, name, item))
    return found


def order_dates(value: JsonObject, now: datetime) -> None:
    """Put what happened first (created, placed) before what happened later (paid, updated), and ends after starts, in place."""
    found = _moments(value)
    for short in (True, False) if len(found) > 1 else ():
        same = sorted(
            (entry for entry in found if (len(entry[2]) == 10) == short), key=lambda entry: entry[0]
        )
        for (_, name, _), text in zip(same, sorted(entry[2] for entry in same), strict=True):
            value[name] = text
    for name, after in pairs_of(value):
        tighten(value, name, after)
    if not found:
        return
    present = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    for _, name, _ in found:
        if str(value[name]) > present[: len(str(value[name]))]:
            value[name] = present if len(str(value[name])) > 10 else present[:10]


_PAIRS = (
    ("start", "end"),
    ("starts", "ends"),
    ("begin", "end"),
    ("begins", "ends"),
    ("departure", "arrival"),
    ("departs", "arrives"),
    ("from", "to"),
    ("checkin", "checkout"),
    ("pickup", "dropoff"),
    ("opens", "closes"),
    ("open", "close"),
    ("first", "next"),
)


def pairs_of(value: JsonObject) -> list[tuple[str, str]]:
    """The names of moments that open and close one stretch of time: (start, end) each."""
    return _pairs_among(tuple(name for name, item in value.items() if isinstance(item, str)))


@lru_cache(maxsize=4096)
def _pairs_among(texts: tuple[str, ...]) -> list[tuple[str, str]]:
    # Things of one kind mostly have the same texts.
    out: list[tuple[str, str]] = []
    names = {squash(name): name for name in texts}
    for name in names.values():
        said = split(name)
        for first, last in _PAIRS:
            if (
                first in said
                and (other := names.get("".join(last if word == first else word for word in said)))
                is not None
            ):
                out.append((name, other))
                break
    return out


def tighten(value: JsonObject, name: str, after: str) -> None:
    """Let a stretch of time last as long as such things do: hours between two moments, days between two dates; in place."""
    first, last = str(value[name]), str(value[after])
    if len(first) in {5, 8} and first[2:3] == ":" and last[2:3] == ":":
        if first >= last:
            value[name], value[after] = (
                f"0{7 + len(last) % 3}:00" + first[5:],
                f"1{6 + ord(first[0]) % 3}:30" + last[5:],
            )
        return
    try:
        start, end = (
            datetime.fromisoformat(first.replace("Z", "+00:00")),
            datetime.fromisoformat(last.replace("Z", "+00:00")),
        )
    except ValueError:
        return
    if len(first) != len(last) or (start.tzinfo is None) != (end.tzinfo is None):
        return
    spread = sum(map(ord, first))
    if len(first) == 10:
        if {"start", "from", "begin"} & set(split(name)) and {
            "period",
            "month",
            "billing",
            "statement",
        } & set(split(name)):
            start = start.replace(day=1)
            end = (start + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            value[name], value[after] = start.date().isoformat(), end.date().isoformat()
        elif not timedelta(days=1) <= end - start <= timedelta(days=21):
            value[after] = (start + timedelta(days=1 + spread % 9)).date().isoformat()
        return
    if not timedelta(minutes=10) <= end - start <= timedelta(hours=14):
        minutes = (
            (30, 45, 60, 60, 90, 120)[spread % 6]
            if not {"departure", "departs"} & set(split(name))
            else 55 + 5 * (spread % 90)
        )
        moved = start + timedelta(minutes=minutes)
        value[after] = moved.strftime("%Y-%m-%dT%H:%M:%S") + first[19:]


def fit_to_state(value: JsonObject, shape: Shape, now: datetime | None = None) -> None:
    """Drop (or null) what belongs to states that have not been reached, and let past things lie in the past, in place.

    An order that is placed has no `cancelledAt`; an appointment that was missed is not next week.
    """
    state = next(
        (
            name
            for name, sub in shape.properties.items()
            if sub.node.get("enum")
            and squash(name) in {"status", "state"}
            and isinstance(value.get(name), str)
        ),
        None,
    )
    if state is None:
        return
    values = [str(item) for item in shape.properties[state].node["enum"] if item is not None]
    here = str(value[state])
    stems = {action_stem(item) for item in values}
    reached = (
        {
            action_stem(item)
            for item in values[: values.index(here) + 1]
            if normalized_state(item) not in NEGATIVE_STATES
        }
        if here in values and normalized_state(here) not in NEGATIVE_STATES
        else set()
    )
    reached.add(action_stem(here))
    for name in list(value):
        said = split(name)
        whole = isinstance(value[name], dict) and len(said) == 1
        if not whole and (
            len(said) < 2 or said[-1] not in {"at", "on", "date", "time", "reason", "by", "note"}
        ):
            continue
        about = action_stem(name)
        if about not in stems or about in reached:
            continue
        if name not in shape.required:
            del value[name]
        elif (sub := shape.properties.get(name)) is not None and sub.may_be_null:
            value[name] = None
    if now is not None and normalized_state(here) in _OVER:
        present = now.strftime("%Y-%m-%dT%H:%M:%SZ")
        for name, after in [
            *pairs_of(value),
            *(
                (name, "")
                for name in value
                if split(name)[:1]
                in (("start",), ("starts",), ("departure",), ("departs",), ("scheduled",))
            ),
        ]:
            for moment in (name, after):
                text = value.get(moment)
                if (
                    isinstance(text, str)
                    and text > present[: len(text)]
                    and len(text) >= 10
                    and text[4:5] == "-"
                ):
                    value[moment] = _earlier(text, 60)


_OVER = TERMINAL_STATES - {normalized_state("cancelled"), normalized_state("canceled")} | {
    normalized_state(word)
    for word in row(
        "missed no_show departed landed arrived attended checked_in checked_out in_progress started"
    )
}


def _earlier(text: str, days: int) -> str:
    try:
        moved = datetime.fromisoformat(text.replace("Z", "+00:00")) - timedelta(days=days)
    except ValueError:
        return text
    return (
        moved.strftime("%Y-%m-%d")
        if len(text) == 10
        else moved.strftime("%Y-%m-%dT%H:%M:%S") + text[19:]
    )
