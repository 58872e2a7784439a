"""References made concrete: every argument that names a thing gets one that exists, with words that pick out exactly that one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from inftool.records import Detail, JsonObject, ReferenceKind, Step, Tool
from inftool.scenarios.arguments import put
from inftool.scenarios.naming import proposals
from inftool.scenarios.phrases import by_key, called, opaque, path_words, sayable, singular, tells_apart
from inftool.scenarios.places import matching, pattern
from inftool.scenarios.plan import at_pointer, is_reference, leaves, reference
from inftool.scenarios.protocol import session_value, technical
from inftool.scenarios.resolver import Shown, point
from inftool.scenarios.scene import MAX_TOLD, Draft, Unplayable
from inftool.scenarios.words import round_time, split_name
from inftool.servers.resources import Resource, at, each
from inftool.servers.sample import sample
from inftool.specs import check

Goal = tuple[str, str]
_PLACES = ("first", "second", "third", "fourth")
_REFERRING = re.compile(r"\s*\b(?:IDs?|codes?|numbers?|keys?|UUIDs?|refs?|references?|slugs?|SIDs?|names?)$", re.IGNORECASE)


class Choice(NamedTuple):
    """What an argument becomes, and how the user says it."""

    value: Any
    words: str
    kind: ReferenceKind
    key: Any = None


def bind(draft: Draft, arguments: JsonObject) -> set[str]:
    """Replace every sampled leaf that names an entity by one that exists, parents before what lies under them; where that was done."""
    if not draft.wanted:
        draft.wanted = address(draft)
    done: set[str] = set()
    order = {f"/{argument}": rank for rank, argument in enumerate(argument for _, argument in draft.role.scope if argument)}
    spots = [(pointer, goal) for pointer, _ in leaves(arguments) if (goal := matching(pointer, draft.role.references))]
    for pointer, goal in sorted(spots, key=lambda spot: (order.get(spot[0], 50), spot[0])):
        resource = draft.scene.resource(goal[0])
        if resource is None or resource.virtual:
            # Known by its keys only: any will do, but things lie under some of them and not under others.
            if (key := draft.wanted.get(pointer[1:])) is not None and sayable(key):
                put(arguments, pointer, key)
            continue
        try:
            choice = _choose(draft, arguments, pointer, resource, goal)
        except Unplayable:
            # What nobody can name is left out where it may be.
            if pointer.count("/") > 1 or pointer[1:] in draft.tool.input_schema.get("required", ()):
                raise
            del arguments[pointer[1:]]
            continue
        if choice is not None:
            put(arguments, pointer, choice.value)
            draft.pointed.append((pointer, choice.words, choice.kind))
            _name_it(draft, pointer, arguments, resource, choice)
            done.add(pointer)
    return done


def anchor(draft: Draft, arguments: JsonObject) -> None:
    """Aim the filters of a list at one thing that exists, so that something is found; one whose values nothing has asked for yet comes first."""
    role, scene = draft.role, draft.scene
    searched = role.paging.search
    if role.role not in ("list", "search") or role.resource is None:
        return
    used = [name for name in role.filters if name in arguments]
    if not used and searched not in arguments:
        return
    entities = draft.fork.entities(role.resource)
    keys = list(entities)
    if not keys:
        return
    drawn = scene.rng.sample(keys, min(len(keys), 6))

    def news(key: str) -> int:
        values = ((name, at(entities[key], role.filters[name].pointer)) for name in used)
        return sum(scene.missing(f"enum:{draft.tool.name}/{name}={value}") for name, value in values)

    chosen = max(drawn, key=news)
    entity = entities[chosen]
    draft.wanted = draft.fork.address(draft.tool.name, chosen) or {}
    kind = scene.resource(role.resource)
    if searched in arguments and kind is not None and kind.label and isinstance(text := entity.get(kind.label), str):
        long = [word for word in text.split() if len(word) > 3 and word.isalpha()]
        arguments[searched] = scene.rng.choice(long) if long else arguments[searched]
    for name in used:
        value, way = at(entity, role.filters[name].pointer), role.filters[name].compare
        if isinstance(value, list):
            value = next((item for item in value if isinstance(item, (str, int))), None)
        if value is None or isinstance(value, dict):
            continue
        if f"/{name}" in role.references:
            draft.wanted[name] = value
        elif way in ("eq", "min", "max") and type(value) is type(arguments[name]) and sayable(value):
            arguments[name] = value
        elif way in ("before", "after") and isinstance(value, str) and isinstance(arguments[name], str) and len(arguments[name]) <= len(value):
            day = value[: len(arguments[name])]
            arguments[name] = day if len(day) == 10 else round_time(arguments[name])
        elif way == "contains" and isinstance(value, str) and isinstance(arguments[name], str):
            long = [word for word in value.split() if len(word) > 3 and word.isalpha()]
            arguments[name] = scene.rng.choice(long) if long else arguments[name]


def can_build(draft: Draft, demand: str) -> bool:
    """Whether something that was shown can be pointed at for an argument (for the one demanded, where one is): asked before anything is drawn."""
    for place, goal in draft.role.references.items():
        resource = draft.scene.resource(goal[0])
        if resource is None or resource.virtual or (demand and place != demand):
            continue
        if _earlier(draft, place, resource, goal) is not None:
            return True
    return False


def address(draft: Draft) -> JsonObject:
    """The arguments that point at one thing that exists, its parents included, so that a path of ids belongs together."""
    role, fork = draft.role, draft.fork
    if role.resource is None or draft.scene.resource(role.resource) is None:
        return {}
    keys = list(fork.entities(role.resource))
    target = role.keys.get(role.target) if role.target else None
    if draft.reuse and target is not None:
        shown = [str(thing.entity[target[1]]) for thing in draft.memory.of(target[0]) if target[1] in thing.entity]
        keys = [key for key in shown if key in keys] or keys
    return (fork.address(draft.tool.name, draft.scene.rng.choice(keys)) or {}) if keys else {}


def _choose(draft: Draft, arguments: JsonObject, pointer: str, resource: Resource, goal: Goal) -> Choice | None:
    """One thing for one argument: from an earlier result, from a lookup, or by its key. None where what was sampled may stand, and the call decides."""
    rng, scene = draft.scene.rng, draft.scene
    wanted = draft.wanted.get(pointer[1:])
    if (draft.reuse or rng.random() < 0.3) and (choice := _earlier(draft, pointer, resource, goal)) is not None:
        draft.used += 1
        draft.bound[goal] = choice.key
        return choice
    if draft.lookups and rng.random() < 0.9:
        if draft.deep and (choice := _through(draft, resource, goal)) is not None:
            return choice
        # What is only to be read had better not have been listed before: it is found through what points at it.
        if (draft.role.role == "get" or rng.random() < 0.3) and (choice := _of(draft, pointer, resource, goal)) is not None:
            return choice
        if (choice := _looked_up(draft, pointer, resource, goal, wanted)) is not None:
            return choice
    listed = next(iter(listings(draft, resource)), None)
    pool = [item for item in listed[2] if goal[1] in item] if listed else []
    pool = pool or [entity for entity in draft.fork.entities(goal[0]).values() if goal[1] in entity]
    if not pool and wanted is None:
        return None
    value = wanted if wanted is not None else rng.choice(pool)[goal[1]]
    if not sayable(value) or (opaque(value) and scene.choosy and draft.tool.name not in scene.pasted):
        raise Unplayable(f"the key of a {resource.name} is not one that people say")
    part = draft.tool.input_schema.get("properties", {}).get(pointer[1:])
    if part is not None and "$ref" not in part and check(part, value):
        return None
    draft.bound[goal] = value
    return Choice(value, by_key(resource.name, value, rng), "key", value)


# From what was shown before --------------------------------------------------------------------------------------------------------------------


def _earlier(draft: Draft, pointer: str, resource: Resource, goal: Goal) -> Choice | None:
    """A thing that the conversation has shown, or one that such a thing points at, in words that pick it out."""
    rng, scene = draft.scene.rng, draft.scene
    # What a turn before has shown whole is not looked up again.
    again = draft.role.role == "get" and pointer == f"/{draft.role.target}"
    own = [thing for thing in draft.memory.of(goal[0]) if goal[1] in thing.entity and _told(thing) and not (again and thing.listing is None)]
    ways: list[tuple[Shown, str, Any, str, ReferenceKind]] = []
    whole = [thing for thing in draft.memory.of(goal[0]) if thing.listing is None]
    for thing in own:
        where, value = f"{thing.pointer}/{goal[1]}", thing.entity[goal[1]]
        if whole and thing is whole[-1]:
            ways.append((thing, where, value, rng.choice((f"that {resource.name}", f"that same {resource.name}")), "again"))
        elif thing.listing is not None:
            others = [other.entity for other in own]
            if marks := tells_apart(thing.entity, others, resource.label, resource.identifier):
                ways.append(
                    (thing, where, value, called(resource.name, marks, resource.label, rng), "name" if marks[0][0] == resource.label else "mark")
                )
            ways.append((thing, where, value, f"the {_PLACES[_index(thing)]} {resource.name} on that list", "place"))
    for other in (thing for thing in draft.memory.things if thing.listing is None):
        kind = scene.resource(other.resource)
        for place, target in (kind.references if kind else {}).items():
            if kind is not None and target == goal:
                ways += [
                    (other, f"{other.pointer}{spot}", value, f"the {resource.name} of that {kind.name}", "relation")
                    for spot, value in each(other.entity, place)
                ]
    if not ways:
        return None
    rng.shuffle(ways)
    ways.sort(
        key=lambda way: (
            not scene.missing(f"edge:{draft.tool_of(way[0].step)}>{draft.tool.name}{pattern(pointer)}"),
            way[4] != "again" or rng.random() < 0.4,
        )
    )
    for thing, where, value, words, kind_ in ways[:6]:
        if thing.step in draft.results and _there(draft, goal, value) and point(words, goal[1], goal[0], draft.memory, scene.resources) == [value]:
            return Choice(reference(thing.step, where), words, kind_, value)
    return None


def _index(thing: Shown) -> int:
    last = thing.pointer.rsplit("/", 1)[-1]
    return int(last) if last.isdigit() else MAX_TOLD


def _told(thing: Shown) -> bool:
    """Whether the user has heard of a thing: it was dealt with, or stood at the head of a list that was read out."""
    return thing.listing is None or (not thing.looked_up and _index(thing) < MAX_TOLD)


def _there(draft: Draft, goal: Goal, value: Any) -> bool:
    return any(entity.get(goal[1]) == value for entity in draft.fork.entities(goal[0]).values())


# By a lookup ---------------------------------------------------------------------------------------------------------------------------------------


def listings(draft: Draft, resource: Resource) -> Iterator[tuple[Step, str, list[JsonObject], JsonObject]]:
    """Calls that list the things of a kind with what is bound so far: the step, where they are in the answer, the things, and the arguments."""
    for name in draft.scene.stage.maps[draft.scene.api].tools(resource.name, "list", "search"):
        role, tool = draft.scene.role(name), draft.scene.stage.tools[name]
        if role.items is None or name == draft.tool.name:
            continue
        needed: JsonObject = {}
        for argument in tool.input_schema.get("required", ()):
            target = role.keys.get(argument) or role.references.get(f"/{argument}")
            if target is None and argument in technical(tool) and (value := _session(draft, tool, argument)) is not None:
                needed[argument] = value
                continue
            if target is None or target not in draft.bound:
                break
            needed[argument] = draft.bound[target]
        else:
            if (found := _listed(draft, name, needed)) is not None:
                yield found


def _session(draft: Draft, tool: Tool, argument: str) -> Any:
    """What the session gives a lookup; None where it gives nothing that fits."""
    if argument not in draft.session:
        schema = tool.input_schema["properties"][argument]
        value = session_value(argument, schema, sample(tool.input_schema, draft.scene.rng, optional=0.0).get(argument), draft.scene.rng)
        if not sayable(value):
            return None
        draft.session[argument] = value
    return draft.session[argument]


def _listed(draft: Draft, name: str, needed: JsonObject, given: JsonObject | None = None) -> tuple[Step, str, list[JsonObject], JsonObject] | None:
    """One listing call; `given` are its arguments as the plan has them where they are known."""
    role = draft.scene.role(name)
    answer = draft.fork.call(name, needed)
    if not answer.ok or role.items is None:
        return None
    try:
        items = at_pointer(answer.body, role.items)
    except LookupError:
        return None
    items = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    if not items:
        return None
    arguments = given if given is not None else {argument: _as_bound(draft, value) for argument, value in needed.items()}
    known = next((step for step in draft.steps if step.tool == name and step.arguments == arguments), None)
    after = tuple(dict.fromkeys(value["$from"] for _, value in leaves(arguments) if is_reference(value)))
    step = known or Step(id="", tool=name, arguments=arguments, after=after, goal=False)
    return draft.scene.shown(step, answer.body) or step, role.items, items, needed


def _as_bound(draft: Draft, value: Any) -> Any:
    """A value that a lookup needs: as a reference where an earlier step of this draft shows it, since the user never said it."""
    for step in reversed(draft.steps):
        for pointer, leaf in leaves(draft.results[step.id]):
            if leaf == value and type(leaf) is type(value):
                return reference(step.id, pointer)
    return value


def _performed(draft: Draft, listing: tuple[Step, str, list[JsonObject], JsonObject]) -> Step:
    """The step of a listing, run if it was not yet."""
    step, _, _, arguments = listing
    if not step.id:
        step = step.model_copy(update={"id": draft.scene.next_id()})
    if step.id not in draft.results:
        draft.perform(step, arguments, looked_up=True)
    return step


def _looked_up(draft: Draft, pointer: str, resource: Resource, goal: Goal, wanted: Any) -> Choice | None:
    """A thing that a list shows, in words that pick it out of that list."""
    rng, scene = draft.scene.rng, draft.scene
    found = list(listings(draft, resource))
    found.sort(key=lambda listing: not scene.missing(f"edge:{listing[0].tool}>{draft.tool.name}{pattern(pointer)}"))
    for listing in found:
        _, items_at, items, _ = listing
        right = [index for index, item in enumerate(items) if goal[1] in item and (wanted is None or item[goal[1]] == wanted)]
        if not right:
            continue
        step: Step | None = None
        for index in rng.sample(right, min(len(right), 3)):
            for words, kind in proposals(items[index], items, resource, rng, whole=_complete(draft, listing)):
                step = step or _performed(draft, listing)
                value = items[index][goal[1]]
                if point(words, goal[1], goal[0], draft.memory, scene.resources) == [value]:
                    draft.used += 1
                    draft.bound[goal] = value
                    return Choice(reference(step.id, f"{items_at}/{index}/{goal[1]}"), words, kind, value)
        if step is not None:
            # A lookup that served nothing must not stay in the plan.
            raise Unplayable(f"no {resource.name} can be told from the others")
    return None


def _complete(draft: Draft, listing: tuple[Step, str, list[JsonObject], JsonObject]) -> bool:
    """Whether a list shows all that there are, so that "the cheapest" means something."""
    role = draft.scene.role(listing[0].tool)
    if listing[3].keys() - draft.session.keys():
        return len(listing[2]) < max(2, role.paging.default_size if role.paging.style != "none" else 1000)
    return role.resource is not None and len(listing[2]) == len(draft.fork.entities(role.resource))


def _through(draft: Draft, resource: Resource, goal: Goal) -> Choice | None:
    """A thing by another that it belongs to ("the most recent order of the customer Ana Ruiz"): one list finds the owner, the next what is theirs."""
    rng, scene = draft.scene.rng, draft.scene
    roles = scene.stage.maps[scene.api]
    ways = []
    for name in roles.tools(resource.name, "list", "search"):
        role = scene.role(name)
        if role.items is None or name == draft.tool.name or scene.stage.tools[name].input_schema.get("required"):
            continue
        for argument in role.filters:
            owner = role.references.get(f"/{argument}")
            kind = scene.resource(owner[0]) if owner else None
            if owner and kind and not kind.virtual and kind.name != resource.name and any(target == owner for target in resource.references.values()):
                ways.append((name, argument, owner, kind))
    rng.shuffle(ways)
    for name, argument, owner, kind in ways[:2]:
        first = next((listing for listing in listings(draft, kind) if not listing[3]), None)
        if first is None:
            continue
        owners = [index for index, item in enumerate(first[2]) if owner[1] in item]
        for index in rng.sample(owners, min(len(owners), 4)):
            key = first[2][index][owner[1]]
            second = _listed(draft, name, {argument: key}, {argument: reference("", "")})
            mine = second[2] if second else []
            marks = tells_apart(first[2][index], first[2], kind.label, kind.identifier)
            if second is None or not marks or not mine or len(mine) > 12 or any(goal[1] not in item for item in mine):
                continue
            holder = called(kind.name, marks, kind.label, rng)
            for place, prefix in ((0, ""), *_extremes(mine, resource)):
                if not prefix and len(mine) > 1:
                    continue
                value = mine[place][goal[1]]
                words = f"the {prefix}{resource.name} of {holder}"
                before = (list(draft.steps), dict(draft.results), dict(draft.shows), list(draft.memory.things), draft.memory.lists, scene.count)
                one = _performed(draft, first)
                arguments = {argument: reference(one.id, f"{first[1]}/{index}/{owner[1]}")}
                other = Step(id=scene.next_id(), tool=name, arguments=arguments, after=(one.id,), goal=False)
                draft.perform(other, {argument: key}, looked_up=True)
                if point(words, goal[1], goal[0], draft.memory, scene.resources) == [value]:
                    draft.used += 1
                    draft.bound[goal] = value
                    return Choice(reference(other.id, f"{second[1]}/{place}/{goal[1]}"), words, "relation", value)
                draft.steps, draft.results, draft.shows, draft.memory.things, draft.memory.lists, scene.count = before
    return None


def _of(draft: Draft, pointer: str, resource: Resource, goal: Goal) -> Choice | None:
    """A thing by another that points at it ("the author of the book The Tin Drum"): one list finds that one, and says whose it is."""
    rng, scene = draft.scene.rng, draft.scene
    holders = [
        (kind, place)
        for kind in scene.resources.values()
        for place, target in kind.references.items()
        if target == goal and kind.name != resource.name and not kind.virtual and "*" not in place and goal[0] not in kind.parents
    ]
    rng.shuffle(holders)
    ways = [(listing, kind, place) for kind, place in holders[:4] for listing in [next(iter(listings(draft, kind)), None)] if listing is not None]
    ways.sort(key=lambda way: not scene.missing(f"edge:{way[0][0].tool}>{draft.tool.name}{pattern(pointer)}"))
    for listing, kind, place in ways[:3]:
        items = listing[2]
        right = [index for index, item in enumerate(items) if at(item, place) is not None]
        for index in rng.sample(right, min(len(right), 3)):
            value = at(items[index], place)
            if not _there(draft, goal, value):
                continue
            for words, _ in proposals(items[index], items, kind, rng, whole=_complete(draft, listing)):
                before = (list(draft.steps), dict(draft.results), dict(draft.shows), list(draft.memory.things), draft.memory.lists, scene.count)
                step = _performed(draft, listing)
                said = f"the {resource.name} of {words}"
                if point(said, goal[1], goal[0], draft.memory, scene.resources) == [value]:
                    draft.used += 1
                    draft.bound[goal] = value
                    return Choice(reference(step.id, f"{listing[1]}/{index}{place}"), said, "relation", value)
                draft.steps, draft.results, draft.shows, draft.memory.things, draft.memory.lists, scene.count = before
    return None


def _extremes(items: Sequence[JsonObject], resource: Resource) -> Iterator[tuple[int, str]]:
    from inftool.scenarios.naming import extreme, ordered_by, superlative

    for key, kind in ordered_by(items, resource.identifier).items():
        for highest in (True, False):
            words = superlative("", key, kind, highest=highest).strip()
            if words in ("the most recent", "the oldest") and len(items) > 1 and (place := extreme(items, key, highest=highest)) is not None:
                yield place, f"{words[4:]} "


# Into words ----------------------------------------------------------------------------------------------------------------------------------------


def _name_it(draft: Draft, pointer: str, arguments: JsonObject, resource: Resource, choice: Choice) -> None:
    """Put a chosen thing into words: into the wish itself where it is what the wish is about, as a detail otherwise."""
    words, is_target = choice.words, pointer == f"/{draft.role.target}"
    part = next(part for part in reversed(pointer.split("/")) if not part.isdigit())
    name = _REFERRING.sub("", split_name(part)) or resource.name
    if pointer.endswith(tuple("0123456789")):
        name = singular(name)
    noun = resource.name
    if not set(noun.split()) & set(name.lower().split()) and name != split_name(part) and not split_name(part).endswith(("ID", "IDs")):
        # "tracking number" names the key; what is meant is the shipment.
        name = noun
    if not draft.withhold:
        if is_target:
            draft.target = words
            return
        # Of what is changed, only what it lies under goes with it; any other thing is one of the changes.
        above = any(argument == part for _, argument in draft.role.scope) or draft.role.role not in ("patch", "replace")
        if above and not draft.about and pointer.count("/") == 1 and (part in draft.role.keys or name.lower() == noun.lower()):
            draft.about.append((noun, words))
            return
    if pointer.count("/") > 1 and not is_target:
        # Of several things in one request it has to be said which place each is for.
        head, of, rest = path_words(pointer, arguments).partition(" of the ")
        name = f"{_REFERRING.sub('', head) or noun}{of}{rest}"
        phrase = f"the {name} is {words}"
    elif draft.role.role in ("patch", "replace") and not is_target:
        phrase = f"the {name} should be {words}"
    elif is_target or name.lower() == noun.lower():
        name, phrase = noun, f"it's {'' if is_target else 'for '}{words}"
    else:
        phrase = f"the {name} is {words}"
    if not any(phrase == other.phrase for other in draft.details):
        value = choice.key if choice.kind == "key" else None
        draft.details.append(Detail(words=name, said=words, value=value, phrase=phrase))
