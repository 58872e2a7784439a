"""Named mistakes for the scripted assistant to make, so that the verifier can be measured against what was really planted."""

from __future__ import annotations

import copy
import random
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from inftool.core.blueprints import Blueprint, Fact, Step
from inftool.core.json_pointer import replace_at
from inftool.core.tools import Tool
from inftool.core.types import JsonObject
from inftool.language.values import split_name
from inftool.scenarios.plan import leaves
from inftool.specs import violations

MistakeKind = Literal[
    "wrong_tool",
    "dropped_argument",
    "invented_argument",
    "mistyped_argument",
    "wrong_value",
    "needless_call",
    "early_stop",
    "false_claim",
]
MISTAKES: tuple[MistakeKind, ...] = get_args(MistakeKind)
_CALL_KINDS = MISTAKES[:5]
_INVENTED = (
    "priority_level",
    "notify_team",
    "requested_by",
    "force_update",
    "extra_notes",
    "dry_run",
    "tracking_reference",
)


class Mistake:
    """One mistake in one play: chosen from the blueprint and a seed before the play, made on the way, and recorded in `planted`.

    A kind that the chosen call gives no occasion for (no argument to drop) gives way to the next one in seeded order; the last, a false claim of
    success, is always possible.
    """

    def __init__(self, blueprint: Blueprint, rng: random.Random) -> None:
        self.planted: JsonObject | None = None
        self._rng = rng
        self._kinds: list[MistakeKind] = rng.sample(MISTAKES, len(MISTAKES))
        goals = [step for step in blueprint.plan if step.goal]
        self._goal = rng.choice(goals).id if goals else None
        self._turn = next(
            (n for n, turn in enumerate(blueprint.turns) if self._goal in turn.steps),
            len(blueprint.turns) - 1,
        )
        self._facts = bool(blueprint.turns[self._turn].facts)
        self._last: tuple[str, JsonObject] | None = None
        self._claimed = False
        if self._goal is None:
            self._kinds = [kind for kind in self._kinds if kind in ("needless_call", "false_claim")]

    def change_call(
        self, step: Step, turn: int, name: str, arguments: JsonObject, tools: Mapping[str, Tool]
    ) -> tuple[str, JsonObject] | None:
        """The call to make instead of the right one; None to stop calling here."""
        if step.id != self._goal or self.planted:
            return name, arguments
        self._last = (name, arguments)
        for kind in self._kinds:
            if kind in _CALL_KINDS:
                if (changed := self._changed(kind, name, arguments, tools)) is not None:
                    self._record(
                        kind,
                        step=step.id,
                        tool=name,
                        became={"name": changed[0], "arguments": changed[1]},
                    )
                    return changed
            elif kind == "needless_call":
                self._kinds = ["needless_call"]
                return name, arguments
            elif kind == "false_claim" and self._facts and self._rng.random() < 0.5:
                # The call is made as it should be; what is told about its result is not true (see `change_facts`).
                self._kinds = ["false_claim"]
                return name, arguments
            else:
                self._record(kind, step=step.id, tool=name)
                self._claimed = kind == "false_claim"
                return None
        raise AssertionError("a false claim is always possible")

    def _changed(
        self, kind: MistakeKind, name: str, arguments: JsonObject, tools: Mapping[str, Tool]
    ) -> tuple[str, JsonObject] | None:
        if kind == "wrong_tool":
            others = sorted(tools.keys() - {name})
            return (self._rng.choice(others) if others else f"{name}_details"), arguments
        if kind == "invented_argument":
            known = tools[name].input_schema.get("properties", {})
            extra = next(
                (item for item in self._rng.sample(_INVENTED, len(_INVENTED)) if item not in known),
                None,
            )
            return None if extra is None else (name, {**arguments, extra: True})
        keys = sorted(arguments)
        if not keys:
            return None
        if kind == "dropped_argument":
            gone = self._rng.choice(
                [key for key in keys if key in tools[name].input_schema.get("required", ())] or keys
            )
            return name, {key: value for key, value in arguments.items() if key != gone}
        spots = [
            (pointer, value)
            for pointer, value in leaves(arguments)
            if value is not None and not isinstance(value, (dict, list))
        ]
        choices = _enumerations(tools[name].input_schema)
        for pointer, value in self._rng.sample(spots, len(spots)):
            siblings = [
                item for options in choices if value in options for item in options if item != value
            ]
            others = (
                _mistyped(value, self._rng)
                if kind == "mistyped_argument"
                else [*siblings, *_other_values(value, self._rng)]
            )
            for other in others:
                candidate = _put(arguments, pointer, other)
                if bool(violations(tools[name], candidate)) == (kind == "mistyped_argument"):
                    return name, candidate
        return None

    def extra_calls(self, turn: int, tools: Mapping[str, Tool]) -> list[tuple[str, JsonObject]]:
        """Calls that nobody needs, at the end of a turn."""
        if self.planted or turn != self._turn or self._kinds[0] != "needless_call":
            return []
        free = [
            tool
            for tool in tools.values()
            if tool.effect == "read"
            and not violations(tool, {})
            and (self._last is None or tool.name != self._last[0])
        ]
        call = (
            (self._rng.choice(free).name, {}) if free and self._rng.random() < 0.5 else self._last
        )
        if call is None:
            call = (free[0].name, {}) if free else (self._rng.choice(sorted(tools)), {})
        self._record("needless_call", tool=call[0], became={"name": call[0], "arguments": call[1]})
        return [call]

    def claims_success(self, turn: int) -> bool:
        """Whether the assistant claims at the end of this turn what it did not do."""
        if self._goal is None and not self.planted and self._kinds[0] == "false_claim":
            self._record("false_claim")
            self._claimed = True
        return self._claimed and turn == self._turn

    def change_facts(self, turn: int, told: Sequence[tuple[Fact, Any]]) -> list[tuple[Fact, Any]]:
        """The facts as they are told: one of them wrong where that is the mistake."""
        facts = list(told)
        if turn != self._turn or self.planted or self._kinds[0] != "false_claim" or not facts:
            return facts
        wrong = [(fact, _other_values(value, self._rng)[0]) for fact, value in facts]
        self._record("false_claim", told={fact.words: value for fact, value in wrong})
        return wrong

    def _record(self, kind: MistakeKind, **details: Any) -> None:
        self.planted = {"kind": kind, **details}


def _enumerations(schema: Any) -> list[list[Any]]:
    """Every list of allowed values in a schema."""
    found: list[list[Any]] = []
    stack = [schema]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if isinstance(options := node.get("enum"), list):
                found.append(options)
            stack += node.values()
        elif isinstance(node, list):
            stack += node
    return found


def _put(arguments: JsonObject, pointer: str, value: Any) -> JsonObject:
    changed = copy.deepcopy(arguments)
    replace_at(changed, pointer, value)
    return changed


def _mistyped(value: Any, rng: random.Random) -> list[Any]:
    options: list[Any] = [["not", "this"], {"value": value}, 7, "about a dozen", True]
    rng.shuffle(options)
    return [option for option in options if type(option) is not type(value)]


def _other_values(value: Any, rng: random.Random) -> list[Any]:
    """Values of the same type that nobody mentioned, the likeliest to be schema-legal first."""
    options: list[Any]
    if isinstance(value, bool):
        options = [not value]
    elif isinstance(value, int):
        options = [value + rng.randint(3, 9), value + 1, value - 1, value * 10 + 7]
    elif isinstance(value, float):
        options = [round(value * 1.5 + 3.21, 2), round(value + 0.07, 2), round(value / 3, 2)]
    elif isinstance(value, str):
        options = (
            [f"{int(value[:4]) + 1}{value[4:]}"]
            if value[:4].isdigit() and value[4:5] == "-"
            else []
        )
        options += [
            "".join(_other_character(c, rng) for c in value),
            f"{split_name(value)} revised",
            "Kestrel Vanguard",
        ]
    else:
        options = ["unknown"]
    return [option for option in options if option != value]


def _other_character(character: str, rng: random.Random) -> str:
    if character.isdigit():
        return str((int(character) + 3) % 10)
    if not character.isalpha() or not character.isascii():
        return character
    letter = rng.choice([c for c in "bcdfghklmnprstvw" if c != character.lower()])
    return letter.upper() if character.isupper() else letter
