"""Mistakes that the scripted assistant makes on purpose, to measure what the verifier finds."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, get_args

from inftool.core.blueprints import Blueprint, Fact, Step
from inftool.core.json_pointer import replace_at
from inftool.core.tools import Tool
from inftool.core.types import Arguments, JsonObject, Schema
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

Call = tuple[str, Arguments]
"""The name of a tool, and arguments."""

# Those that change the call itself.
_CALL_KINDS = frozenset(MISTAKES[:5])
# Those that a blueprint without a goal step (one that only declines) gives an occasion for.
_KINDS_WITHOUT_GOAL = frozenset(("needless_call", "false_claim"))
# Arguments that sound as if a tool could have them.
_INVENTED_ARGUMENTS = (
    "priority_level",
    "notify_team",
    "requested_by",
    "force_update",
    "extra_notes",
    "dry_run",
    "tracking_reference",
)
# Of false claims in a turn with facts, the share in which the call is made and a fact is told
# wrong. In the others the call is not made at all, which is a different case for the verifier.
_WRONG_FACT_SHARE = 0.5
# Of needless calls, the share that reads something unrelated; the others repeat the last call.
_UNRELATED_CALL_SHARE = 0.5
# A text that no generated world holds.
_UNKNOWN_TEXT = "Kestrel Vanguard"


class Mistake:
    """One mistake in one conversation, chosen by `rng` before the conversation starts.

    If the chosen call gives no occasion for a kind (no argument to drop), the next kind in random
    order is tried; the last resort, a false claim of success, is always possible. `planted` says
    what was done: None before, then its `kind` and details that depend on the kind.
    """

    def __init__(self, blueprint: Blueprint, rng: random.Random) -> None:
        self.planted: JsonObject | None = None
        self._rng = rng
        self._kinds: list[MistakeKind] = rng.sample(MISTAKES, len(MISTAKES))
        # Only goal steps: a lookup that goes wrong may still leave the outcome right.
        goals = [step for step in blueprint.plan if step.goal]
        self._goal = rng.choice(goals).id if goals else None
        self._turn = next(
            (n for n, turn in enumerate(blueprint.turns) if self._goal in turn.steps),
            len(blueprint.turns) - 1,
        )
        self._has_facts = bool(blueprint.turns[self._turn].facts)
        self._last_call: Call | None = None
        self._claimed = False
        if self._goal is None:
            self._kinds = [kind for kind in self._kinds if kind in _KINDS_WITHOUT_GOAL]

    def change_call(
        self, step: Step, name: str, arguments: Arguments, tools: Mapping[str, Tool]
    ) -> Call | None:
        """The call to make instead of the right one; None to stop calling here."""
        if step.id != self._goal or self.planted:
            return name, arguments
        self._last_call = (name, arguments)
        for kind in self._kinds:
            if kind in _CALL_KINDS:
                changed = self._changed(kind, name, arguments, tools)
                if changed is None:
                    continue
                became = {"name": changed[0], "arguments": changed[1]}
                self._record(kind, step=step.id, tool=name, became=became)
                return changed
            if kind == "needless_call":
                # The call is right; `extra_calls` adds another one later.
                self._kinds = ["needless_call"]
                return name, arguments
            if kind == "false_claim" and self._has_facts and self._rng.random() < _WRONG_FACT_SHARE:
                # The call is right; `change_facts` misstates its result later.
                self._kinds = ["false_claim"]
                return name, arguments
            self._record(kind, step=step.id, tool=name)
            self._claimed = kind == "false_claim"
            return None
        raise AssertionError("a false claim is always possible")

    def _changed(
        self, kind: MistakeKind, name: str, arguments: Arguments, tools: Mapping[str, Tool]
    ) -> Call | None:
        """A call with one mistake of a kind; None if the call gives no occasion for it."""
        if kind == "wrong_tool":
            # Sorted, since the order of a set differs from run to run.
            others = sorted(tools.keys() - {name})
            return (self._rng.choice(others) if others else f"{name}_details"), arguments
        schema = tools[name].input_schema
        if kind == "invented_argument":
            return self._with_invented_argument(name, arguments, schema)
        if not arguments:
            return None
        if kind == "dropped_argument":
            keys = sorted(arguments)
            required = [key for key in keys if key in schema.get("required", ())]
            dropped = self._rng.choice(required or keys)
            return name, {key: value for key, value in arguments.items() if key != dropped}
        return self._with_wrong_value(kind, name, arguments, tools[name])

    def _with_invented_argument(
        self, name: str, arguments: Arguments, schema: Schema
    ) -> Call | None:
        properties = schema.get("properties")
        known = properties if isinstance(properties, Mapping) else {}
        candidates = self._rng.sample(_INVENTED_ARGUMENTS, len(_INVENTED_ARGUMENTS))
        invented = next((item for item in candidates if item not in known), None)
        return None if invented is None else (name, {**arguments, invented: True})

    def _with_wrong_value(
        self, kind: MistakeKind, name: str, arguments: Arguments, tool: Tool
    ) -> Call | None:
        """A call with one value replaced: by one of another type, or by a legal one.

        Whether the schema accepts the result decides: it must for a wrong value, and must not for
        a mistyped argument.
        """
        is_mistyped = kind == "mistyped_argument"
        scalars = [
            (pointer, value)
            for pointer, value in leaves(arguments)
            if value is not None and not isinstance(value, (dict, list))
        ]
        enumerations = list(_enumerations(tool.input_schema))
        for pointer, value in self._rng.sample(scalars, len(scalars)):
            replacements: list[object]
            if is_mistyped:
                replacements = _of_other_types(value, self._rng)
            else:
                siblings = [
                    option
                    for options in enumerations
                    if value in options
                    for option in options
                    if option != value
                ]
                replacements = [*siblings, *_of_same_type(value, self._rng)]
            for replacement in replacements:
                candidate = _with_value(arguments, pointer, replacement)
                if bool(violations(tool, candidate)) == is_mistyped:
                    return name, candidate
        return None

    def extra_calls(self, turn: int, tools: Mapping[str, Tool]) -> list[Call]:
        """Needless calls for the end of a turn; mostly none."""
        if self.planted or turn != self._turn or self._kinds[0] != "needless_call":
            return []
        last = self._last_call
        unrelated = [
            tool.name
            for tool in tools.values()
            if tool.effect == "read"
            and not violations(tool, {})
            and (last is None or tool.name != last[0])
        ]
        call: Call | None = last
        if unrelated and self._rng.random() < _UNRELATED_CALL_SHARE:
            call = (self._rng.choice(unrelated), {})
        if call is None:
            call = (unrelated[0] if unrelated else self._rng.choice(sorted(tools)), {})
        became = {"name": call[0], "arguments": call[1]}
        self._record("needless_call", tool=call[0], became=became)
        return [call]

    def claims_success(self, turn: int) -> bool:
        """Whether the assistant claims at the end of this turn to have done what it did not do."""
        # Nothing is called in such a blueprint, so the claim is made where the refusal would be.
        if self._goal is None and not self.planted and self._kinds[0] == "false_claim":
            self._record("false_claim")
            self._claimed = True
        return self._claimed and turn == self._turn

    def change_facts(
        self, turn: int, facts: Sequence[tuple[Fact, object]]
    ) -> list[tuple[Fact, object]]:
        """The facts as the assistant tells them: all wrong if that is the mistake."""
        is_due = turn == self._turn and not self.planted and self._kinds[0] == "false_claim"
        if not is_due or not facts:
            return list(facts)
        wrong = [(fact, _of_same_type(value, self._rng)[0]) for fact, value in facts]
        self._record("false_claim", told={fact.words: value for fact, value in wrong})
        return wrong

    def _record(self, kind: MistakeKind, **details: object) -> None:
        self.planted = {"kind": kind, **details}


def _enumerations(schema: object) -> Iterator[list[object]]:
    """Every list of allowed values in a schema, the last ones first."""
    nodes = [schema]
    while nodes:
        node = nodes.pop()
        if isinstance(node, dict):
            options = node.get("enum")
            if isinstance(options, list):
                yield options
            nodes += node.values()
        elif isinstance(node, list):
            nodes += node


def _with_value(arguments: Arguments, pointer: str, value: object) -> Arguments:
    changed = copy.deepcopy(arguments)
    replace_at(changed, pointer, value)
    return changed


def _of_other_types(value: object, rng: random.Random) -> list[object]:
    options: list[object] = [["not", "this"], {"value": value}, 7, "about a dozen", True]
    rng.shuffle(options)
    return [option for option in options if type(option) is not type(value)]


def _of_same_type(value: object, rng: random.Random) -> list[object]:
    """Values of the same type that nobody mentioned, those most likely to be legal first.

    The factors are odd on purpose: 1.5 * price + 3.21 is no price that the world holds.
    """
    options: list[object]
    # bool first: in Python, True is an int as well.
    if isinstance(value, bool):
        options = [not value]
    elif isinstance(value, int):
        options = [value + rng.randint(3, 9), value + 1, value - 1, value * 10 + 7]
    elif isinstance(value, float):
        options = [round(value * 1.5 + 3.21, 2), round(value + 0.07, 2), round(value / 3, 2)]
    elif isinstance(value, str):
        options = [
            *_next_year(value),
            "".join(_other_character(character, rng) for character in value),
            f"{split_name(value)} revised",
            _UNKNOWN_TEXT,
        ]
    else:
        options = ["unknown"]
    return [option for option in options if option != value]


def _next_year(text: str) -> list[str]:
    """A date a year later: "2026-03-03" -> ["2027-03-03"]; nothing for other texts."""
    if text[:4].isdigit() and text[4:5] == "-":
        return [f"{int(text[:4]) + 1}{text[4:]}"]
    return []


def _other_character(character: str, rng: random.Random) -> str:
    """Another character of the same class, so that patterns still match: "ord_7" -> "gtk_0"."""
    if character.isdigit():
        return str((int(character) + 3) % 10)
    if not character.isalpha() or not character.isascii():
        return character
    # Consonants only: what comes out is no word, of any language.
    letter = rng.choice([c for c in "bcdfghklmnprstvw" if c != character.lower()])
    return letter.upper() if character.isupper() else letter
