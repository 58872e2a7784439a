"""Actions and states: which words act on a thing, and which state of an enum they lead to."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

from inftool.language.identifiers import VERB_FAMILIES, bag, row, split, stem

# What an action's word may lead to, best first. Compared by stem, so "cancel" finds "CANCELLED" and "canceled".
TARGETS: dict[str, tuple[str, ...]] = {
    "cancel": ("cancelled", "canceled", "voided", "terminated", "withdrawn"),
    "void": ("void", "voided", "cancelled"),
    "abort": ("aborted", "cancelled", "stopped"),
    "confirm": ("confirmed", "booked", "accepted"),
    "accept": ("accepted", "confirmed", "approved"),
    "approve": ("approved", "accepted"),
    "reject": ("rejected", "declined", "denied"),
    "decline": ("declined", "rejected", "denied"),
    "deny": ("denied", "rejected", "declined"),
    "pay": ("paid", "completed", "settled"),
    "payment": ("paid",),
    "charge": ("charged", "paid", "captured"),
    "capture": ("captured", "paid", "succeeded"),
    "settle": ("settled", "paid", "closed"),
    "refund": ("refunded", "partially_refunded"),
    "ship": ("shipped", "in_transit", "dispatched", "sent"),
    "dispatch": ("dispatched", "shipped", "in_transit", "out_for_delivery"),
    "deliver": ("delivered", "completed"),
    "collect": ("collected", "picked_up"),
    "pickup": ("picked_up", "collected", "in_transit"),
    "return": ("returned", "return_requested", "available"),
    "fulfill": ("fulfilled", "shipped", "completed"),
    "complete": ("completed", "done", "finished", "closed", "resolved"),
    "finish": ("finished", "completed", "done", "ended"),
    "close": ("closed", "done", "resolved", "completed", "inactive"),
    "resolve": ("resolved", "closed", "done", "fixed"),
    "reopen": ("reopened", "open", "opened", "in_progress", "todo", "active"),
    "open": ("open", "opened", "active"),
    "start": ("started", "in_progress", "running", "active", "on"),
    "begin": ("started", "in_progress", "running", "active"),
    "run": ("running", "started", "active"),
    "stop": ("stopped", "ended", "off", "inactive", "completed", "paused"),
    "end": ("ended", "finished", "completed", "closed"),
    "pause": ("paused", "suspended", "on_hold"),
    "hold": ("on_hold", "held", "paused", "frozen"),
    "resume": ("active", "running", "in_progress", "resumed"),
    "activate": ("active", "activated", "enabled", "on"),
    "deactivate": ("inactive", "deactivated", "disabled", "closed", "off"),
    "enable": ("enabled", "active", "on"),
    "disable": ("disabled", "inactive", "off"),
    "suspend": ("suspended", "paused", "blocked", "inactive"),
    "freeze": ("frozen", "suspended", "blocked", "locked"),
    "unfreeze": ("active", "open"),
    "block": ("blocked", "suspended", "frozen"),
    "unblock": ("active", "open", "unblocked"),
    "lock": ("locked", "blocked"),
    "unlock": ("unlocked", "active", "open"),
    "archive": ("archived", "closed"),
    "unarchive": ("active", "open", "unarchived"),
    "restore": ("active", "open", "restored", "available"),
    "publish": ("published", "live"),
    "unpublish": ("unpublished", "draft"),
    "submit": ("submitted", "pending", "in_review", "under_review"),
    "withdraw": ("withdrawn", "cancelled"),
    "send": ("sent", "issued", "delivered"),
    "issue": ("issued", "sent"),
    "schedule": ("scheduled", "planned", "booked"),
    "reschedule": ("rescheduled", "scheduled"),
    "assign": ("assigned", "in_progress"),
    "unassign": ("unassigned", "open"),
    "acknowledge": ("acknowledged", "ack", "seen"),
    "ack": ("acknowledged", "ack"),
    "verify": ("verified", "confirmed"),
    "checkin": ("checked_in", "arrived", "in_progress"),
    "checkout": ("checked_out", "completed", "placed"),
    "arrive": ("arrived", "checked_in"),
    "board": ("boarded", "boarding"),
    "board-up": ("boarded",),
    "expire": ("expired",),
    "invite": ("invited", "pending"),
    "renew": ("renewed",),
    "reserve": ("reserved", "held", "booked"),
    "release": ("released", "available", "active"),
    "transition": (),
    "retry": ("pending", "retrying", "queued"),
    "dismiss": ("dismissed", "closed"),
    "ban": ("banned", "blocked"),
    "snooze": ("snoozed", "paused"),
    "arm": ("armed", "armed_away"),
    "disarm": ("disarmed",),
    "mark": (),
    "trigger": ("triggered", "running"),
    "process": ("processed", "processing"),
    "read": ("read", "seen"),
}
_OTHER = bag(
    "generate move copy clone duplicate merge split transfer sync export import reset refresh clear watch unwatch subscribe "
    "unsubscribe follow unfollow like unlike star unstar vote rate share unshare invoke execute apply validate calculate "
    "estimate preview convert translate analyze analyse rotate revoke regenerate resend remind notify request claim redeem "
    "promote demote attach detach link unlink join leave invite kick mute unmute pin unpin login logout signin signout "
    "signup authenticate authorize test ping render download reorder sort bulk batch upsert increment decrement deposit "
    "toggle play skip rebook quick quickadd"
)
NEGATIVE_STATES = {stem(word) for word in row(
    "cancelled canceled void voided rejected declined denied refunded expired failed deleted terminated withdrawn aborted "
    "returned lost"
)}  # fmt: skip
TERMINAL_STATES = NEGATIVE_STATES | {stem(word) for word in row(
    "closed completed done delivered archived finished ended settled resolved retired fulfilled flown landed missed executed attended"
)} | {"no_show"}  # fmt: skip
_REVIVE = bag(
    "reopen open resume restore unarchive activate enable unfreeze unblock unlock renew retry start return refund archive"
)
# What may be done to a thing whatever became of it.
_HARMLESS = _REVIVE | bag(
    "remind resend notify print render download export share like unlike star unstar vote rate review note comment copy clone duplicate read "
    "watch unwatch follow unfollow claim dispute appeal acknowledge ack tag transition validate preview estimate calculate convert move generate "
    "unarchive snooze mark rotate ping test invite"
)
_TOGGLES = bag(
    "pause resume activate deactivate enable disable suspend freeze unfreeze block unblock lock unlock arm disarm start "
    "stop publish unpublish hold release open close reopen snooze schedule reschedule retry"
)


_DEEDS = dict(
    pair.split(":", 1)
    for pair in row(
        "payment:pay shipment:ship delivery:deliver cancellation:cancel refund:refund approval:approve rejection:reject resolution:resolve "
        "completion:complete confirmation:confirm return:return dispatch:dispatch publication:publish closure:close hold:hold"
    )
)


def action_stem(name: str) -> str:
    """The stem of the deed that a property speaks of: `cancellationReason`, `cancelledAt` and `cancellation` of `cancel`, `payment` of `pay`."""
    words = split(name)
    return stem(_DEEDS.get(words[0], words[0])) if words else ""


def normalized_state(value: object) -> str:
    """A state's name for comparison: its words' stems joined."""
    return "_".join(stem(word) for word in split(str(value)))


@lru_cache(maxsize=4096)
def is_action(text: str) -> bool:
    """Whether a path's last word asks for something to be done (`cancel`, `check-in`, `generate-qr-code`)."""
    words = split(text)
    if not words:
        return False
    return (
        words[0] in TARGETS
        or words[0] in _OTHER
        or "".join(words) in TARGETS
        or (len(words) > 1 and words[0] in VERB_FAMILIES)
    )


@lru_cache(maxsize=4096)
def action_word(text: str) -> str:
    """The word of TARGETS that a path's last word or an operation's name holds, else its first word."""
    words = split(text)
    joined = "".join(words)
    if joined in TARGETS:
        return joined
    for pair in pairwise(words):
        if "".join(pair) in TARGETS:
            return "".join(pair)
    return next((word for word in words if word in TARGETS), words[0] if words else text)


def target_state(word: str, states: tuple[str, ...]) -> str | None:
    """The state of an enum that an action's word leads to, None where the enum has none for it."""
    by_stem = {normalized_state(state): state for state in reversed(states)}
    for candidate in (*TARGETS.get(word, ()), word):
        found = by_stem.get(normalized_state(candidate))
        if found is not None:
            return found
    for candidate in TARGETS.get(word, ()):
        wanted = normalized_state(candidate)
        for key, state in by_stem.items():
            if wanted and (key.endswith("_" + wanted) or key.startswith(wanted + "_")):
                return state
    return None


def is_too_late_for(word: str, state: object) -> bool:
    """Whether a thing in some state is past what a word asks for: nothing is rebooked once it is cancelled, but a reminder may still go out."""
    return normalized_state(state) in TERMINAL_STATES and word not in _HARMLESS


def is_negative(state: object) -> bool:
    """Whether a thing came to nothing (cancelled, rejected, expired), so that nothing more is added to it."""
    return normalized_state(state) in NEGATIVE_STATES


def may_change_state(word: str, now: str, target: str, states: tuple[str, ...]) -> bool:
    """Whether a thing may be moved from one state to another: not twice, not out of an end, backwards along the enum only for words that mean it."""
    if now == target:
        return False
    if word in _TOGGLES:
        return normalized_state(now) not in NEGATIVE_STATES or word in _REVIVE
    if normalized_state(now) in TERMINAL_STATES and word not in _REVIVE:
        return False
    if normalized_state(target) in NEGATIVE_STATES:
        return normalized_state(now) not in NEGATIVE_STATES or normalized_state(target) == stem(
            "refunded"
        )
    if now in states and target in states and states.index(target) < states.index(now):
        return word in _REVIVE
    return True
