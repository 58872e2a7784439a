"""What the user wants to be told: things that only the answer says, so that telling them proves it was read."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from inftool.core.blueprints import Detail, Fact
from inftool.core.json_pointer import Unresolved, at_pointer
from inftool.core.tools import Result
from inftool.language.values import mentions, normalize
from inftool.scenarios.composition.scene import MAX_TOLD, ComposedRequest, WishAttempt
from inftool.scenarios.composition.unplayable import Unplayable, UnplayableReason
from inftool.scenarios.tool_schema.relevance import FAIR, PLAIN, POOR, sense
from inftool.scenarios.wording.distinguishing import properties_of
from inftool.scenarios.wording.intents import achieved, is_reading
from inftool.scenarios.wording.phrases import plain_words
from inftool.scenarios.wording.sayable import tellable
from inftool.world.resources.models import Resource

# What was shown before is read again only where the user says so.
_ANEW = (
    "please look at it again, it may have changed since",
    "check it once more rather than going by what we saw before",
    "I want it as it stands right now, not as it was a moment ago",
    "don't go by what we saw earlier, look it up afresh",
)


def ask(
    wish: ComposedRequest, draft: WishAttempt, step: str, result: Result, changes: bool
) -> None:
    """Add to a wish what the user asks about its answer; Unplayable where a reading has nothing to tell."""
    # What the assistant will say anyway ("I've cancelled …") is no proof that it read the answer.
    scene, role = draft.scene, draft.role
    said = [] if draft.read_again else scene.texts
    rng, tool, heard = (
        scene.rng,
        wish.tool,
        normalize(" ".join([*said, wish.said(), achieved(wish.intent)])),
    )
    if role.kind in ("list", "search") and role.response.items is not None:
        _ask_for_list(wish, draft, step, result, heard)
        return
    try:
        entity = at_pointer(result.body, role.response.item or "")
    except LookupError:
        entity = result.body
    pointer = role.response.item or "" if entity is not result.body else ""
    news = [
        (f"{pointer}{at}", words, value)
        for at, words, value in properties_of(entity)
        if tellable(value)
        and not mentions(heard, value)
        and not (isinstance(value, int) and abs(value) < 2)
    ]
    resource = scene.resource(role.target.resource)
    status = resource.status.property if resource and resource.status else None
    if changes:
        # After a change people ask for what it brought about: the new number, the new state, the total; not for when it was.
        news = [item for item in news if not item[1].startswith("time it was")]
        brought = [
            item
            for item in news
            if item[0]
            in (f"{pointer}/{resource.identifier}" if resource else "", f"{pointer}/{status}")
        ]
        news = brought or (news if tool.effect != "update" else [])
    news = [item for item in news if not item[1].startswith("time it was")] or news
    if draft.read_again:
        wish.details.append(Detail(words="state", said="as it is now", phrase=rng.choice(_ANEW)))
    elif tool.effect == "read":
        # What another answer holds as well is no reason to ask this one.
        news = [item for item in news if draft.news(step, item[2])]
    news = _worth_telling(news, tool.effect)
    picked = rng.sample(news, min(len(news), rng.choice((1, 1, 2)))) if news else []
    if is_reading(wish.intent) and not picked and scene.choosy:
        raise Unplayable(UnplayableReason.NOTHING_TO_TELL)
    for at, words, value in picked:
        if words == "ID":
            words = key_words(resource, value)
        wish.asks.append(words)
        wish.facts.append(Fact(step=step, pointer=at, words=words, value=value))


def _worth_telling(news: list[tuple[str, str, Any]], effect: str) -> list[tuple[str, str, Any]]:
    """What people ask for first; what only machines read, not at all where there is anything else, and after a deletion never."""
    rated = []
    for item in news:
        name = next((part for part in reversed(item[0].split("/")) if not part.isdigit()), "")
        words = item[1].split(" of ", 1)[0].lower()
        echo = words in _ECHOES or (
            words in ("status", "code", "status code")
            and isinstance(item[2], int)
            and 100 <= item[2] < 600
        )
        kind = "number" if isinstance(item[2], (int, float)) else "string"
        form = {"format": "date"} if kind == "string" and _MOMENT.match(item[2]) else {}
        dangling = words.rsplit(" ", 1)[-1] in (
            "from",
            "to",
            "until",
            "before",
            "after",
            "by",
            "at",
            "on",
            "since",
        )
        rated.append((POOR - 1 if echo or dangling else sense(name, {"type": kind, **form}), item))
    if effect == "delete":
        return [item for rate, item in rated if rate > FAIR]
    for least in (PLAIN, FAIR, POOR):
        if good := [item for rate, item in rated if rate >= least]:
            # With a single thing worth asking, what is only fair may come as well.
            return (
                good
                if len(good) > 1
                else [item for rate, item in rated if rate >= min(least, FAIR)]
            )
    return news if effect == "read" else []


# What a service says of its answer, and not of the world.
_ECHOES = frozenset("success ok error errors result object kind etag cursor self href".split()) | {
    "status code", "resource type", "next cursor", "has more", "request id", "http status",
}  # fmt: skip
_MOMENT = re.compile(r"^\d{4}-\d{2}-\d{2}")


def key_words(resource: Resource | None, value: Any) -> str:
    """What a person calls a thing's key."""
    return (
        f"{resource.name} {'number' if isinstance(value, int) else 'reference'}"
        if resource
        else "reference"
    )


def _ask_for_list(
    wish: ComposedRequest, draft: WishAttempt, step: str, result: Result, heard: str
) -> None:
    scene, role = draft.scene, draft.role
    try:
        items = at_pointer(result.body, role.response.items or "")
    except Unresolved:  # the answer's own choice: the list is optional in it
        items = None
    resource = scene.resource(role.target.resource)
    told = _listed(items, resource, heard, lambda value: draft.news(step, value))
    if told is None:
        if scene.choosy:
            raise Unplayable(UnplayableReason.NOTHING_TO_TELL_OF_LIST)
        return
    words, values = told
    short = len(items) <= MAX_TOLD
    noun = (
        (resource.plural if resource else "results")
        if len(items) > 1
        else (resource.name if resource else "result")
    )
    which = (
        " of each of them"
        if short and len(items) > 1
        else f" of the first {MAX_TOLD} {noun}"
        if not short
        else ""
        if words.startswith(noun)
        else f" of the {noun}"
    )
    wish.asks.append(f"{words}{which}")
    wish.facts += [
        Fact(step=step, pointer=f"{role.response.items}{at}", words=words, value=value)
        for at, value in values
    ]


def _listed(
    items: Any, resource: Resource | None, heard: str, news: Callable[[Any], bool]
) -> tuple[str, list[tuple[str, Any]]] | None:
    """What can be told of the head of a list that no other answer tells: the words for it, and each value with its pointer; None where there is nothing."""
    if not isinstance(items, list) or not items:
        return None
    first = items[0]
    if not isinstance(first, dict):
        told = [(f"/{index}", item) for index, item in enumerate(items[:MAX_TOLD])]
        words = resource.plural if resource else "entries"
    else:
        head = items[:MAX_TOLD]
        label = resource.label if resource else None
        keys = (
            [label]
            if label and all(isinstance(item, dict) and tellable(item.get(label)) for item in head)
            else []
        )
        keys += [
            at[1:]
            for at, _, _ in properties_of(first, 0)
            if "~" not in at
            and all(isinstance(item, dict) and tellable(item.get(at[1:])) for item in head)
        ]
        own = keys[:1] if label and keys[:1] == [label] else []
        keys = own + sorted(
            keys[len(own) :],
            key=lambda key: (
                -sense(
                    key, {"type": "number" if isinstance(first[key], (int, float)) else "string"}
                )
            ),
        )
        fresh = next(
            (
                key
                for key in keys
                if any(news(item[key]) for item in head)
                and not all(mentions(heard, item[key]) for item in head)
            ),
            None,
        )
        if fresh is None:
            return None
        told = [(f"/{index}/{fresh}", item[fresh]) for index, item in enumerate(head)]
        words = (
            plain_words(fresh) if plain_words(fresh) != "ID" else key_words(resource, first[fresh])
        )
    return (
        (words, told)
        if all(tellable(value) for _, value in told) and any(news(value) for _, value in told)
        else None
    )
