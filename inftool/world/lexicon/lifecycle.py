"""Actions and states: which words act on an entity, and which state of an enum they lead to."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

from inftool.language.identifiers import VERB_FAMILIES, split, stem
from inftool.world.lexicon.data_files import load_data

_WORDS = load_data("lifecycle.json")

TARGETS: dict[str, tuple[str, ...]] = {
    action: tuple(states) for action, states in _WORDS["targets"].items()
}
"""Action -> the states that it may lead to, best first. Compared by stem, so that `cancel` finds
`CANCELLED` and `canceled`."""

# Actions that lead to no particular state: `move`, `export`, `rate`.
_OTHER_ACTIONS = frozenset(_WORDS["other_actions"])
# Actions that bring back what had ended: `reopen`, `restore`, `refund`.
_REVIVING_ACTIONS = frozenset(_WORDS["reviving_actions"])
# Actions that are allowed in every state: to send a reminder, to copy a closed issue.
_HARMLESS_ACTIONS = _REVIVING_ACTIONS | frozenset(_WORDS["harmless_actions"])
# Actions that come in pairs and can be repeated any number of times: `pause` and `resume`.
_TOGGLES = frozenset(_WORDS["toggles"])
# "payment" -> "pay", where a noun's stem is not that of its verb.
_VERBS_OF_NOUNS: dict[str, str] = _WORDS["verbs_of_nouns"]


def normalized_state(value: object) -> str:
    """A state's name for comparison, the stems of its words: `"InTransit"` -> `"in_transit"`."""
    return "_".join(stem(word) for word in split(str(value)))


NEGATIVE_STATES = frozenset(map(normalized_state, _WORDS["negative"]))
"""States in which an entity came to nothing, such as cancelled and expired (normalized)."""

TERMINAL_STATES = NEGATIVE_STATES | frozenset(map(normalized_state, _WORDS["terminal"]))
"""States that end the life of an entity, for better or worse (normalized)."""

# A cancelled appointment may have been planned for next week; a missed one lies in the past.
PAST_STATES = (
    TERMINAL_STATES - {normalized_state("cancelled"), normalized_state("canceled")}
) | frozenset(map(normalized_state, _WORDS["past"]))
"""States that are reached only once the planned time of an entity has come (normalized)."""


def action_stem(name: str) -> str:
    """The stem of the action that a property's name speaks of.

    `cancellationReason`, `cancelledAt` and `cancellation` -> the stem of `cancel`; `payment` ->
    that of `pay`; empty for a name without words.
    """
    words = split(name)
    return stem(_VERBS_OF_NOUNS.get(words[0], words[0])) if words else ""


@lru_cache(maxsize=4096)
def is_action(text: str) -> bool:
    """Whether the last segment of a path names an action.

    Yes for `cancel`, `check-in` and `generate-qr-code`; no for `orders`. A verb of reading or
    writing counts only with an object: `list-open` names an action, `list` does not.
    """
    words = split(text)
    if not words:
        return False
    # "checkin" and "sign_up" are in the lists as one word.
    return (
        words[0] in TARGETS
        or words[0] in _OTHER_ACTIONS
        or "".join(words) in TARGETS
        or (len(words) > 1 and words[0] in VERB_FAMILIES)
    )


@lru_cache(maxsize=4096)
def action_word(text: str) -> str:
    """The action in an operation's name or a path's last segment: a key of TARGETS if possible.

    `"guestCheckIn"` -> `"checkin"`, `"orders_cancel"` -> `"cancel"`; without a known action, the
    first word.
    """
    words = split(text)
    joined = "".join(words)
    if joined in TARGETS:
        return joined
    # "check in" is one action in two words.
    for pair in pairwise(words):
        if "".join(pair) in TARGETS:
            return "".join(pair)
    return next((word for word in words if word in TARGETS), words[0] if words else text)


def target_state(action: str, states: tuple[str, ...]) -> str | None:
    """The state in an enum that an action leads to, or None if the enum holds no such state.

    `("ship", ("NEW", "IN_TRANSIT", "DONE"))` -> `"IN_TRANSIT"`.
    """
    # Of two states with one stem the first is taken.
    by_stem = {normalized_state(state): state for state in reversed(states)}
    for candidate in (*TARGETS.get(action, ()), action):
        state = by_stem.get(normalized_state(candidate))
        if state is not None:
            return state
    # Else a longer name: "cancel" -> "cancelled_by_customer".
    for candidate in TARGETS.get(action, ()):
        target = normalized_state(candidate)
        for name, state in by_stem.items():
            if target and (name.endswith("_" + target) or name.startswith(target + "_")):
                return state
    return None


def is_too_late_for(action: str, state: object) -> bool:
    """Whether an entity's state has passed the point at which an action makes sense.

    What is cancelled cannot be rebooked, but a reminder may still be sent.
    """
    return normalized_state(state) in TERMINAL_STATES and action not in _HARMLESS_ACTIONS


def is_negative(state: object) -> bool:
    """Whether an entity came to nothing (cancelled, rejected), so that nothing is added to it."""
    return normalized_state(state) in NEGATIVE_STATES


def may_change_state(action: str, current: str, target: str, states: tuple[str, ...]) -> bool:
    """Whether an action may take an entity from its current state to the target state.

    Never to the state that it is in, and out of a terminal state only by a reviving action. Along
    the order of the enum (`states`), only reviving actions and toggles go backwards.
    """
    if current == target:
        return False
    reviving = action in _REVIVING_ACTIONS
    current_name, target_name = normalized_state(current), normalized_state(target)
    if action in _TOGGLES:
        return reviving or current_name not in NEGATIVE_STATES
    if current_name in TERMINAL_STATES and not reviving:
        return False
    if target_name in NEGATIVE_STATES:
        # What was cancelled or returned can still be refunded.
        return current_name not in NEGATIVE_STATES or target_name == stem("refunded")
    if current in states and target in states and states.index(target) < states.index(current):
        return reviving
    return True
