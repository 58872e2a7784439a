"""What the user asks about an answer: facts that only the answer holds, so that telling them shows
that it was read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from inftool.core.blueprints import Detail, Fact
from inftool.core.json_pointer import Unresolved, at_pointer
from inftool.core.tools import Result
from inftool.core.types import Effect, JsonPointer
from inftool.language.values import mentions, normalize
from inftool.scenarios.composition.attempt import WishAttempt
from inftool.scenarios.composition.scene import MAX_TOLD, ComposedRequest
from inftool.scenarios.composition.unplayable import Unplayable, UnplayableReason
from inftool.scenarios.tool_schema.relevance import FAIR, PLAIN, POOR, sense
from inftool.scenarios.wording.distinguishing import properties_of
from inftool.scenarios.wording.intents import achieved, is_reading
from inftool.scenarios.wording.phrases import plain_words
from inftool.scenarios.wording.sayable import tellable
from inftool.world.resources.models import Resource

# What was shown before is read again only if the user says so.
_READ_AGAIN = (
    "please look at it again, it may have changed since",
    "check it once more rather than going by what we saw before",
    "I want it as it stands right now, not as it was a moment ago",
    "don't go by what we saw earlier, look it up afresh",
)

# How many facts are asked for: two of them in a third of the requests.
_FACT_COUNTS = (1, 1, 2)

# What a service says about its answer, and not about the world.
_ECHOES = frozenset("success ok error errors result object kind etag cursor self href".split()) | {
    "status code",
    "resource type",
    "next cursor",
    "has more",
    "request id",
    "http status",
}
_STATUS_WORDS = ("status", "code", "status code")
# A name that ends in one of these is half a phrase: "created by".
_DANGLING = frozenset("from to until before after by at on since".split())
_ISO_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}")


class Candidate(NamedTuple):
    """A value of an answer that the user may ask for."""

    pointer: JsonPointer
    """Where it is in the answer."""

    words: str
    """What a person calls it."""

    value: object


def add_questions(
    wish: ComposedRequest, attempt: WishAttempt, step: str, result: Result, *, changes: bool
) -> None:
    """Add to a request what the user asks about the answer of its call, the step `step`.

    `changes`: the call changed the world. Unplayable if it only reads and has nothing to tell.
    """
    scene, role, effect = attempt.scene, attempt.role, wish.tool.effect
    # What the assistant says anyway ("I've canceled …") is no proof that it read the answer.
    earlier = [] if attempt.read_again else scene.texts
    known_text = normalize(" ".join([*earlier, wish.normalized_text(), achieved(wish.intent)]))
    if role.kind in ("list", "search") and role.response.items is not None:
        _ask_about_list(wish, attempt, step, result, known_text)
        return
    resource = scene.resource(role.target.resource)
    candidates = _candidates(attempt, result, known_text)
    if changes:
        candidates = _brought_about(candidates, attempt, result, effect)
    # When something was done is asked only if there is nothing else.
    candidates = _without_times(candidates) or candidates
    if attempt.read_again:
        again = scene.rng.choice(_READ_AGAIN)
        wish.details.append(Detail(words="state", said="as it is now", phrase=again))
    elif effect == "read":
        # What another answer holds as well is no reason to ask for this one.
        candidates = [item for item in candidates if attempt.only_shown_by(step, item.value)]
    # After the filters above, so that a dull value is asked for rather than a known one.
    candidates = _worth_telling(candidates, effect)
    picked: list[Candidate] = []
    if candidates:
        count = min(len(candidates), scene.rng.choice(_FACT_COUNTS))
        picked = scene.rng.sample(candidates, count)
    if is_reading(wish.intent) and not picked and scene.choosy:
        raise Unplayable(UnplayableReason.NOTHING_TO_TELL)
    for pointer, words, value in picked:
        # "the ID of the order" is how machines talk: "the order number".
        if words == "ID":
            words = _words_for_key(resource, value)
        wish.asks.append(words)
        wish.facts.append(Fact(step=step, pointer=pointer, words=words, value=value))


def _candidates(attempt: WishAttempt, result: Result, known_text: str) -> list[Candidate]:
    """The values of the entity in an answer that can be told and that are not known yet."""
    entity, head = _entity_of(attempt, result)
    return [
        Candidate(f"{head}{pointer}", words, value)
        for pointer, words, value in properties_of(entity)
        if tellable(value)
        and not mentions(known_text, value)
        # 0 and 1 stand in many texts by chance, so telling them would prove nothing.
        and not (isinstance(value, int) and abs(value) < 2)
    ]


def _entity_of(attempt: WishAttempt, result: Result) -> tuple[object, JsonPointer]:
    """The entity in an answer and its pointer; the whole answer if it is not where it should be."""
    pointer = attempt.role.response.item or ""
    try:
        entity = at_pointer(result.body, pointer)
    except LookupError:
        return result.body, ""
    return (result.body, "") if entity is result.body else (entity, pointer)


def _brought_about(
    candidates: list[Candidate], attempt: WishAttempt, result: Result, effect: Effect
) -> list[Candidate]:
    """What people ask for after a change: the new number, the new state.

    Without those, anything but times; after an update nothing, as the user said what is new.
    """
    resource = attempt.scene.resource(attempt.role.target.resource)
    _, head = _entity_of(attempt, result)
    status = resource.status.property if resource and resource.status else None
    new = (f"{head}/{resource.identifier}" if resource else "", f"{head}/{status}")
    candidates = _without_times(candidates)
    brought_about = [item for item in candidates if item.pointer in new]
    return brought_about or (candidates if effect != "update" else [])


def _without_times(candidates: Sequence[Candidate]) -> list[Candidate]:
    return [item for item in candidates if not item.words.startswith("time it was")]


def _worth_telling(candidates: list[Candidate], effect: Effect) -> list[Candidate]:
    """The candidates that mean most to people.

    What only machines read is left if there is nothing else and the call only reads; after a
    deletion only what means a lot is asked for.
    """
    rated = [(_rating(item), item) for item in candidates]
    if effect == "delete":
        return [item for rating, item in rated if rating > FAIR]
    for least in (PLAIN, FAIR, POOR):
        good = [item for rating, item in rated if rating >= least]
        if len(good) == 1:
            # Something that is only fair may come along with the one thing worth asking.
            return [item for rating, item in rated if rating >= min(least, FAIR)]
        if good:
            return good
    return candidates if effect == "read" else []


def _rating(candidate: Candidate) -> int:
    """How much a value means to a person, from `POOR - 1` to `PLAIN`."""
    pointer, words, value = candidate
    words = words.split(" of ", 1)[0].lower()
    is_http_status = words in _STATUS_WORDS and isinstance(value, int) and 100 <= value < 600
    if words in _ECHOES or is_http_status or words.rsplit(" ", 1)[-1] in _DANGLING:
        return POOR - 1
    name = next((part for part in reversed(pointer.split("/")) if not part.isdigit()), "")
    if isinstance(value, (int, float)):
        return sense(name, {"type": "number"})
    is_date = _ISO_DATE.match(str(value))
    return sense(name, {"type": "string", "format": "date"} if is_date else {"type": "string"})


def _words_for_key(resource: Resource | None, value: object) -> str:
    """What a person calls an entity's key: "order number", "order reference"."""
    if resource is None:
        return "reference"
    return f"{resource.name} {'number' if isinstance(value, int) else 'reference'}"


def _ask_about_list(
    wish: ComposedRequest, attempt: WishAttempt, step: str, result: Result, known_text: str
) -> None:
    """Ask for one property of the entities at the head of a list."""
    scene, role = attempt.scene, attempt.role
    try:
        items = at_pointer(result.body, role.response.items or "")
    except Unresolved:
        # The list is optional in the answer, and this answer lacks it.
        items = None
    resource = scene.resource(role.target.resource)
    told = _told_of_list(items, resource, known_text, attempt, step)
    if told is None:
        if scene.choosy:
            raise Unplayable(UnplayableReason.NOTHING_TO_TELL_OF_LIST)
        return
    words, values = told
    wish.asks.append(f"{words}{_which_of_list(words, len(items), resource)}")
    wish.facts += [
        Fact(step=step, pointer=f"{role.response.items}{pointer}", words=words, value=value)
        for pointer, value in values
    ]


def _which_of_list(words: str, count: int, resource: Resource | None) -> str:
    """Of which entities of a list something is asked: " of each of them", " of the order"."""
    if 1 < count <= MAX_TOLD:
        return " of each of them"
    if count > 1:
        noun = resource.plural if resource else "results"
        return f" of the first {MAX_TOLD} {noun}"
    noun = resource.name if resource else "result"
    return "" if words.startswith(noun) else f" of the {noun}"


def _told_of_list(
    items: object, resource: Resource | None, known_text: str, attempt: WishAttempt, step: str
) -> tuple[str, list[tuple[JsonPointer, object]]] | None:
    """What can be told about the head of a list and that no other answer shows.

    The words for it, and each value with its pointer in the list; None if there is nothing.
    """
    if not isinstance(items, list) or not items:
        return None
    head = items[:MAX_TOLD]
    values: list[tuple[JsonPointer, object]]
    if isinstance(items[0], dict):

        def is_new(name: str) -> bool:
            return any(attempt.only_shown_by(step, item[name]) for item in head) and not all(
                mentions(known_text, item[name]) for item in head
            )

        name = next(filter(is_new, _names_of_list(head, resource)), None)
        if name is None:
            return None
        values = [(f"/{index}/{name}", item[name]) for index, item in enumerate(head)]
        words = plain_words(name)
        if words == "ID":
            words = _words_for_key(resource, head[0][name])
    else:
        values = [(f"/{index}", item) for index, item in enumerate(head)]
        words = resource.plural if resource else "entries"
    if not all(tellable(value) for _, value in values):
        return None
    # One value that only this answer has is enough: the others are told along with it.
    if not any(attempt.only_shown_by(step, value) for _, value in values):
        return None
    return words, values


def _names_of_list(head: list[dict[str, object]], resource: Resource | None) -> list[str]:
    """The properties that can be told of all entities: their label, then those that mean most."""

    def is_tellable(name: str) -> bool:
        return all(isinstance(item, dict) and tellable(item.get(name)) for item in head)

    def meaning(name: str) -> int:
        is_number = isinstance(head[0][name], (int, float))
        return sense(name, {"type": "number" if is_number else "string"})

    label = resource.label if resource else None
    first = [label] if label and is_tellable(label) else []
    names = [
        pointer[1:]
        for pointer, _, _ in properties_of(head[0], 0)
        # An escaped name ("a~1b") is none that a person would say.
        if "~" not in pointer and is_tellable(pointer[1:])
    ]
    return first + sorted([*names], key=meaning, reverse=True)
