"""One wish out of one tool: arguments that a person can say or an earlier call gives, run in a forked world before anybody plays it."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from inftool.records import Detail, Fact, JsonObject, Result, Step, Tool
from inftool.scenarios.intents import achieved, intent, is_reading, narrowed
from inftool.scenarios.phrases import (
    by_key,
    called,
    detail,
    list_detail,
    opaque,
    plain_words,
    properties_of,
    sayable,
    singular,
    tellable,
    tells_apart,
)
from inftool.scenarios.plan import at_pointer, is_reference, leaves, reference, resolve
from inftool.scenarios.stage import Stage
from inftool.scenarios.words import join, mentions, normalise, round_time, say, split_name
from inftool.servers.resources import Resource, Role
from inftool.servers.sample import sample
from inftool.servers.world import World
from inftool.specs import check, violations

MAX_LEAVES = 10
MAX_TOLD = 4
_ATTEMPTS = 3
# How often a wish that would have the user say an opaque key is given up for another.
SPARED = 0.97


_REFERRING = re.compile(r"\s*\b(?:IDs?|codes?|numbers?|keys?|UUIDs?|refs?|references?|slugs?|SIDs?|names?)$", re.IGNORECASE)


class Unplayable(Exception):
    """No wish can be made of this here; another draw may succeed."""


@dataclass
class Wish:
    """What became of one tool: the words of a turn and the steps behind them."""

    tool: Tool
    intent: str
    details: list[Detail] = field(default_factory=list)
    asks: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    base: str = ""
    noun: str = ""
    target: str = ""
    about: list[tuple[str, str]] = field(default_factory=list)

    def said(self) -> str:
        """Everything the user says of it, normalised."""
        return normalise(" ".join([self.intent, *(d.phrase or d.said for d in self.details), *self.asks]))


@dataclass
class Found:
    """A thing that a step's result shows: where in the result, and the thing itself."""

    step: str
    pointer: str
    entity: JsonObject
    whole: bool = False


@dataclass
class Scene:
    """A scenario in the making: the world as the steps so far have left it, what they answered, and what the user has said."""

    stage: Stage
    api: str
    world: World
    rng: random.Random
    block: int = 0
    # Whether wishes with an opaque key, or whose answer holds nothing worth telling, are passed over for better ones.
    choosy: bool = True
    results: dict[str, Any] = field(default_factory=dict)
    known: dict[str, list[Found]] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    lookups: list[Step] = field(default_factory=list)
    count: int = 0

    def role(self, tool: str) -> Role:
        """What a tool does to the world."""
        return self.stage.maps[self.api].roles[tool]

    def resource(self, name: str | None) -> Resource | None:
        """A resource by name."""
        return self.stage.maps[self.api].resources.get(name) if name else None

    def next_id(self) -> str:
        """A new step's id."""
        self.count += 1
        return f"s{self.count}"

    def shown(self, step: Step, answer: Any) -> Step | None:
        """An earlier call that is the same and would still be answered the same: nobody looks that up twice."""
        return next(
            (old for old in self.lookups if old.tool == step.tool and old.arguments == step.arguments and self.results.get(old.id) == answer), None
        )


@dataclass
class Draft:
    """One attempt at a wish; nothing of it touches the scene until it has succeeded."""

    scene: Scene
    tool: Tool
    role: Role
    lookups: bool
    withhold: bool
    reuse: bool
    fork: World
    steps: list[Step] = field(default_factory=list)
    results: dict[str, Any] = field(default_factory=dict)
    details: list[Detail] = field(default_factory=list)
    bound: dict[tuple[str, str], Any] = field(default_factory=dict)
    wanted: JsonObject = field(default_factory=dict)
    target: str = ""
    about: list[tuple[str, str]] = field(default_factory=list)
    known: dict[str, list[Found]] = field(default_factory=dict)
    used: int = 0


def compose(scene: Scene, tool: Tool, *, lookups: bool = False, withhold: bool = False, reuse: bool = False) -> Wish:
    """A wish that this tool fulfils in the scene's world, its steps run there; Unplayable where none is found.

    `lookups`: things are named in words and found by a step of their own. `withhold`: the user leaves one needed value out at first.
    `reuse`: at least one value comes from an earlier result.
    """
    problem = "nothing to try"
    for _ in range(_ATTEMPTS):
        role = scene.role(tool.name)
        draft = Draft(scene, tool, role, lookups, withhold, reuse, scene.world.fork(), results=dict(scene.results))
        count = scene.count
        try:
            return _attempt(draft)
        except Unplayable as error:
            problem = str(error)
            scene.count = count
    raise Unplayable(problem)


def _attempt(draft: Draft) -> Wish:
    scene, tool, role, rng = draft.scene, draft.tool, draft.role, draft.scene.rng
    arguments = draw_arguments(scene, tool, role)
    patterns = role.references
    bound = _bind_references(draft, arguments, patterns)
    details = _say_literals(arguments, bound, rng)
    resource = scene.resource(role.resource)
    noun = resource.name if resource else _noun(tool)
    phrase = intent(tool, noun, resource.plural if resource else f"{noun}s")
    wish = Wish(tool=tool, intent=phrase, details=draft.details + details, base=phrase, noun=noun, target=draft.target, about=draft.about)
    if draft.withhold:
        _withhold(wish, draft, tool, rng)
    if draft.reuse and not draft.used:
        raise Unplayable("nothing of an earlier result is used")
    wish.intent = about([wish])
    step_id = scene.next_id()
    before = draft.fork.digest()
    made = resolve(arguments, draft.results)
    if violations(tool, made):
        raise Unplayable("what was chosen does not fit the schema")
    result = draft.fork.call(tool.name, made)
    if not result.ok:
        raise Unplayable(f"{tool.name} answers {result.status}")
    changes = draft.fork.digest() != before
    if tool.effect in ("create", "update", "delete") and not changes:
        raise Unplayable(f"{tool.name} changes nothing")
    after = tuple(dict.fromkeys(value["$from"] for _, value in leaves(arguments) if is_reference(value)))
    wish.steps = [*draft.steps, Step(id=step_id, tool=tool.name, arguments=arguments, after=after)]
    draft.results[step_id] = result.body
    _ask(wish, scene, role, step_id, result, changes)
    _remember(draft, role, step_id, result)
    # From here on it is true: the scene takes over the draft's world and results.
    scene.world, scene.results = draft.fork, draft.results
    for name, found in draft.known.items():
        scene.known.setdefault(name, []).extend(found)
    scene.heard.append(f"{wish.said()} {' '.join(say(fact.value) for fact in wish.facts)}")
    scene.used.update(step.tool for step in wish.steps if step.goal)
    scene.lookups += wish.steps
    return wish


def about(wishes: Sequence[Wish]) -> str:
    """The intent of one wish, or of several alike, with what it is about named: "look up the customer Ana Ruiz and the customer Ben Cole"."""
    phrase = wishes[0].base
    if all(wish.target for wish in wishes):
        phrase = narrowed(phrase, wishes[0].noun, join([wish.target for wish in wishes]))
    for place, (noun, words) in enumerate(wishes[0].about):
        # Several things under one parent name it once.
        named = dict.fromkeys([words, *(wish.about[place][1] for wish in wishes[1:] if place < len(wish.about))])
        phrase = narrowed(phrase, noun, join(list(named)))
    return phrase


def _noun(tool: Tool) -> str:
    words = [part for part in tool.path.split("/") if part and not part.startswith("{")]
    return split_name(words[-1]) if words else "request"


def draw_arguments(scene: Scene, tool: Tool, role: Role) -> JsonObject:
    """Arguments for a call: what is required and some of the rest, small enough to be said; Unplayable where what is required is not."""
    schema, rng, world = tool.input_schema, scene.rng, scene.world
    noun = role.resource or ""
    required = set(schema.get("required", ()))
    paging = role.paging
    skipped = {paging.page, paging.size, paging.offset, paging.cursor, paging.sort, paging.direction}
    optional = [name for name in schema.get("properties", {}) if name not in required and name not in skipped]
    wanted = rng.sample(optional, min(len(optional), rng.choice((0, 0, 1, 1, 2, 3) if required else (0, 1, 1, 2))))
    chosen = {name: part for name, part in schema.get("properties", {}).items() if name in required or name in wanted}
    if not chosen:
        return {}
    # Drawn as one object, so that what belongs together fits together (a start before its end).
    part: JsonObject = {"type": "object", "properties": chosen, "required": list(chosen), "additionalProperties": False}
    if "$defs" in schema:
        part["$defs"] = schema["$defs"]
    for _ in range(4):
        arguments = _rounded(sample(part, rng, noun=noun, now=world.now, currency=world.currency, optional=0.3))
        spoken = list(leaves(arguments))
        if len(spoken) <= MAX_LEAVES and all(sayable(leaf) or isinstance(leaf, (dict, list)) for _, leaf in spoken):
            found: JsonObject = {
                name: value for name, value in arguments.items() if name in required or not (isinstance(value, (dict, list)) and not value)
            }
            return found
        if wanted:
            dropped = wanted.pop()
            part["properties"] = {name: value for name, value in part["properties"].items() if name != dropped}
            part["required"] = list(part["properties"])
    raise Unplayable(f"what {tool.name} needs cannot be said")


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return round_time(value)


def _matching(pointer: str, patterns: Mapping[str, tuple[str, str]]) -> tuple[str, str] | None:
    if pointer in patterns:
        return patterns[pointer]
    return next(
        (goal for pattern, goal in patterns.items() if "*" in pattern and pattern.count("/") == pointer.count("/") and fnmatchcase(pointer, pattern)),
        None,
    )


def _bind_references(draft: Draft, arguments: JsonObject, patterns: Mapping[str, tuple[str, str]]) -> set[str]:
    """Replace every sampled leaf that names an entity by one that exists, parents before what lies under them; where that was done."""
    draft.wanted = _address(draft)
    done: set[str] = set()
    order = {f"/{argument}": rank for rank, argument in enumerate(argument for _, argument in draft.role.scope if argument)}
    spots = [(pointer, goal) for pointer, _ in leaves(arguments) if (goal := _matching(pointer, patterns))]
    for pointer, goal in sorted(spots, key=lambda spot: (order.get(spot[0], 50), spot[0])):
        resource = draft.scene.resource(goal[0])
        if resource is None or resource.virtual:
            # Known by its keys only: any will do, but things lie under some of them and not under others.
            if (key := draft.wanted.get(pointer[1:])) is not None and sayable(key):
                _put(arguments, pointer, key)
            continue
        if (value := _choose(draft, arguments, pointer, resource, goal)) is not None:
            _put(arguments, pointer, value)
            done.add(pointer)
    return done


def _address(draft: Draft) -> JsonObject:
    """The arguments that point at one thing that exists, its parents included, so that a path of ids belongs together."""
    role, fork = draft.role, draft.fork
    if role.resource is None or draft.scene.resource(role.resource) is None:
        return {}
    keys = list(fork.entities(role.resource))
    target = role.keys.get(role.target) if role.target else None
    if draft.reuse and target is not None:
        shown = [str(found.entity[target[1]]) for found in draft.scene.known.get(target[0], ()) if target[1] in found.entity]
        keys = [key for key in shown if key in keys] or keys
    return (fork.address(draft.tool.name, draft.scene.rng.choice(keys)) or {}) if keys else {}


def _put(arguments: JsonObject, pointer: str, value: Any) -> None:
    head, _, last = pointer.rpartition("/")
    home, key = at_pointer(arguments, head), last.replace("~1", "/").replace("~0", "~")
    home[int(key) if isinstance(home, list) else key] = value


def _choose(draft: Draft, arguments: JsonObject, pointer: str, resource: Resource, goal: tuple[str, str]) -> Any:
    """The value for one reference, with the words for it added to the draft: from an earlier result, from a lookup, or spoken.

    None where nothing that exists fits: what was sampled then stands, and the call decides.
    """
    rng, is_target = draft.scene.rng, pointer == f"/{draft.role.target}"
    # What a turn before has shown whole is not looked up again.
    again = draft.role.role == "get" and is_target
    earlier = [found for found in draft.scene.known.get(goal[0], ()) if goal[1] in found.entity and not (again and found.whole)]
    if earlier and (draft.reuse or rng.random() < 0.3):
        found = earlier[-1] if earlier[-1].whole and rng.random() < 0.7 else rng.choice(earlier)
        words = _pointed_out(found, earlier, resource, rng)
        if words and found.step in draft.results and _still_there(draft, goal, found):
            draft.used += 1
            draft.bound[goal] = found.entity[goal[1]]
            _name_it(draft, pointer, arguments, resource, words, is_target)
            return reference(found.step, f"{found.pointer}/{goal[1]}")
    listing = _list_entities(draft, resource, goal)
    wanted = draft.wanted.get(pointer[1:])
    if listing is not None and draft.lookups and rng.random() < 0.85:
        step, items_at, items = listing
        for index in rng.sample(range(len(items)), len(items)):
            if wanted is not None and items[index].get(goal[1]) != wanted:
                continue
            marks = tells_apart(items[index], items, resource.label, resource.identifier)
            if marks and goal[1] in items[index]:
                if step.id not in draft.results:
                    draft.steps.append(step)
                    draft.results[step.id] = draft.fork.call(step.tool, resolve(step.arguments, draft.results)).body
                draft.bound[goal] = items[index][goal[1]]
                draft.used += 1
                _name_it(draft, pointer, arguments, resource, called(resource.name, marks, resource.label, rng), is_target)
                return reference(step.id, f"{items_at}/{index}/{goal[1]}")
    pool = [item for item in listing[2] if goal[1] in item] if listing else []
    pool = pool or [entity for entity in draft.fork.entities(goal[0]).values() if goal[1] in entity]
    if not pool and wanted is None:
        return None
    value = wanted if wanted is not None else rng.choice(pool)[goal[1]]
    if not sayable(value) or (opaque(value) and draft.scene.choosy and rng.random() < SPARED):
        raise Unplayable(f"the key of a {resource.name} is not one that people say")
    part = draft.tool.input_schema.get("properties", {}).get(pointer[1:])
    if part is not None and "$ref" not in part and check(part, value):
        return None
    draft.bound[goal] = value
    _name_it(draft, pointer, arguments, resource, by_key(resource.name, value, rng), is_target, value)
    return value


def _pointed_out(found: Found, earlier: Sequence[Found], resource: Resource, rng: random.Random) -> str:
    """How a user points at something that the conversation has shown: the one just dealt with, one of a list by its name or its place on it."""
    if found.whole and found is earlier[-1]:
        return rng.choice((f"that {resource.name}", f"that same {resource.name}"))
    others = [other.entity for other in earlier]
    if marks := tells_apart(found.entity, others, resource.label, resource.identifier):
        return called(resource.name, marks, resource.label, rng)
    place = found.pointer.rsplit("/", 1)[-1]
    return (
        f"the {('first', 'second', 'third', 'fourth')[int(place)]} {resource.name} on that list"
        if place.isdigit() and int(place) < MAX_TOLD and not found.whole
        else ""
    )


def _still_there(draft: Draft, goal: tuple[str, str], found: Found) -> bool:
    return any(entity.get(goal[1]) == found.entity[goal[1]] for entity in draft.fork.entities(goal[0]).values())


def _name_it(draft: Draft, pointer: str, arguments: JsonObject, resource: Resource, words: str, is_target: bool, value: Any = None) -> None:
    """Put a chosen thing into words: into the wish itself where it is what the wish is about, as a detail otherwise."""
    part = next(part for part in reversed(pointer.split("/")) if not part.isdigit())
    name = _REFERRING.sub("", split_name(part)) or resource.name
    if pointer.endswith(tuple("0123456789")):
        name = singular(name)
    noun = resource.name
    if not set(noun.split()) & set(name.lower().split()) and name != split_name(part):
        # "tracking number" names the key; what is meant is the shipment.
        name = noun
    if not draft.withhold:
        if is_target:
            draft.target = words
            return
        if not draft.about and pointer.count("/") == 1 and (part in draft.role.keys or name.lower() == noun.lower()):
            draft.about.append((noun, words))
            return
    if is_target or name.lower() == noun.lower():
        name, phrase = noun, f"it's {'' if is_target else 'for '}{words}"
    else:
        short = str(value) if value is not None else words.removeprefix(f"the {noun} called ").removeprefix(f"the {noun} ")
        phrase = f"the {name} is {f'the one {short}' if short.startswith('with ') else short}"
    if not any(phrase == other.phrase for other in draft.details):
        draft.details.append(Detail(words=name, said=words, value=value, phrase=phrase))


def _list_entities(draft: Draft, resource: Resource, goal: tuple[str, str]) -> tuple[Step, str, list[JsonObject]] | None:
    """A call that lists the entities of a resource with what is bound so far, where it is in the answer, and what it shows."""
    for name in draft.scene.stage.maps[draft.scene.api].tools(resource.name, "list", "search"):
        role, tool = draft.scene.role(name), draft.scene.stage.tools[name]
        if role.items is None or name == draft.tool.name:
            continue
        needed: JsonObject = {}
        for argument in tool.input_schema.get("required", ()):
            target = role.keys.get(argument) or role.references.get(f"/{argument}")
            if target is None or target not in draft.bound:
                break
            needed[argument] = draft.bound[target]
        else:
            answer = draft.fork.call(name, needed)
            if not answer.ok:
                continue
            try:
                items = at_pointer(answer.body, role.items)
            except LookupError:
                continue
            items = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
            if items:
                arguments = {argument: _as_bound(draft, value) for argument, value in needed.items()}
                known = next((step for step in draft.steps if step.tool == name and step.arguments == arguments), None)
                after = tuple(dict.fromkeys(value["$from"] for value in arguments.values() if is_reference(value)))
                step = known or Step(id=draft.scene.next_id(), tool=name, arguments=arguments, after=after, goal=False)
                step = draft.scene.shown(step, answer.body) or step
                return step, role.items, items
    return None


def _as_bound(draft: Draft, value: Any) -> Any:
    """A value that a lookup needs: as a reference where an earlier step of this draft shows it, since the user never said it."""
    for step in reversed(draft.steps):
        for pointer, leaf in leaves(draft.results[step.id]):
            if leaf == value and type(leaf) is type(value):
                return reference(step.id, pointer)
    return value


def _say_literals(arguments: JsonObject, bound: set[str], rng: random.Random) -> list[Detail]:
    """Words for every literal that no reference covers; lists of plain values are said in one go."""
    details: list[Detail] = []
    done: set[str] = set()
    for pointer, value in leaves(arguments):
        head = pointer.rpartition("/")[0]
        if is_reference(value) or isinstance(value, (dict, list)) or pointer in bound or head in done:
            continue
        home = at_pointer(arguments, head)
        if isinstance(home, list) and all(not isinstance(item, (dict, list, bool)) for item in home) and not any(f"{head}/{n}" in bound for n in range(len(home))):
            details.append(list_detail(head, home, arguments, rng))
            done.add(head)
        else:
            details.append(detail(pointer, value, arguments, rng))
    return details


def _withhold(wish: Wish, draft: Draft, tool: Tool, rng: random.Random) -> None:
    """Make one needed detail one that is told only when asked for."""
    required = {split_name(name) for name in tool.input_schema.get("required", ())}
    needed = {name.removesuffix(" ID") for name in required} | required | {resource for resource, _ in draft.role.keys.values()}
    spots = [index for index, item in enumerate(wish.details) if item.words in needed and not isinstance(item.value, bool)]
    if not spots:
        raise Unplayable("nothing that is needed can be left out")
    index = rng.choice(spots)
    wish.details[index] = wish.details[index].model_copy(update={"withheld": True})


def _ask(wish: Wish, scene: Scene, role: Role, step: str, result: Result, changes: bool) -> None:
    """What the user wants to be told: things that only the result says."""
    # What the assistant will say anyway ("I've cancelled …") is no proof that it read the answer.
    rng, tool, heard = scene.rng, wish.tool, normalise(" ".join([*scene.heard, wish.said(), achieved(wish.intent)]))
    if role.role in ("list", "search") and role.items is not None:
        _ask_for_list(wish, scene, role, step, result, heard)
        return
    try:
        entity = at_pointer(result.body, role.item or "")
    except LookupError:
        entity = result.body
    pointer = role.item or "" if entity is not result.body else ""
    news = [
        (f"{pointer}{at}", words, value)
        for at, words, value in properties_of(entity)
        if tellable(value) and not mentions(heard, value) and not (isinstance(value, int) and abs(value) < 2)
    ]
    resource = scene.resource(role.resource)
    status = resource.status.property if resource and resource.status else None
    if changes:
        # After a change people ask for what it brought about: the new number, the new state, the total; not for when it was.
        news = [item for item in news if not item[1].startswith("time it was")]
        brought = [
            item
            for item in news
            if item[0] in (f"{pointer}/{resource.identifier}" if resource else "", f"{pointer}/{status}") and not opaque(item[2])
        ]
        news = brought or (news if tool.effect != "update" else [])
    news = [item for item in news if not item[1].startswith("time it was")] or news
    picked = rng.sample(news, min(len(news), rng.choice((1, 1, 2)))) if news else []
    if is_reading(wish.intent) and not picked and scene.choosy:
        raise Unplayable("the answer holds nothing to tell")
    for at, words, value in picked:
        if words == "ID":
            words = _key_words(resource, value)
        wish.asks.append(words)
        wish.facts.append(Fact(step=step, pointer=at, words=words, value=value))


def _key_words(resource: Resource | None, value: Any) -> str:
    return f"{resource.name} {'number' if isinstance(value, int) else 'reference'}" if resource else "reference"


def _ask_for_list(wish: Wish, scene: Scene, role: Role, step: str, result: Result, heard: str) -> None:
    items = at_pointer(result.body, role.items or "")
    resource = scene.resource(role.resource)
    if not isinstance(items, list) or not items:
        if scene.choosy:
            raise Unplayable("the list is empty")
        return
    first = items[0]
    if not isinstance(first, dict):
        told = [(f"/{index}", item) for index, item in enumerate(items[:MAX_TOLD])]
        words = resource.plural if resource else "entries"
    else:
        label = resource.label if resource else None
        keys = [label] if label and all(tellable(item.get(label)) for item in items[:MAX_TOLD]) else []
        keys += [
            at[1:]
            for at, _, _ in properties_of(first, 0)
            if "~" not in at and all(isinstance(i, dict) and tellable(i.get(at[1:])) for i in items[:MAX_TOLD])
        ]
        fresh = next((key for key in keys if not all(mentions(heard, item[key]) for item in items[:MAX_TOLD])), None)
        if fresh is None:
            if scene.choosy:
                raise Unplayable("the list holds nothing to tell")
            return
        told = [(f"/{index}/{fresh}", item[fresh]) for index, item in enumerate(items[:MAX_TOLD])]
        words = plain_words(fresh) if plain_words(fresh) != "ID" else _key_words(resource, first[fresh])
    if not all(tellable(value) for _, value in told):
        if scene.choosy:
            raise Unplayable("the list holds nothing to tell")
        return
    short = len(items) <= MAX_TOLD
    noun = (resource.plural if resource else "results") if len(items) > 1 else (resource.name if resource else "result")
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
    wish.facts += [Fact(step=step, pointer=f"{role.items}{at}", words=words, value=value) for at, value in told]


def _remember(draft: Draft, role: Role, step: str, result: Result) -> None:
    """Keep what the results of this wish show, for later turns to build on."""
    if role.resource is None:
        return
    if role.items is not None:
        try:
            items = at_pointer(result.body, role.items)
        except LookupError:
            return
        if isinstance(items, list):
            draft.known[role.resource] = [
                Found(step, f"{role.items}/{index}", item) for index, item in enumerate(items[:MAX_TOLD]) if isinstance(item, dict)
            ]
        return
    pointer = role.item or ""
    try:
        entity = at_pointer(result.body, pointer)
    except LookupError:
        return
    if isinstance(entity, dict) and role.role != "delete":
        draft.known[role.resource] = [Found(step, pointer, entity, whole=True)]
