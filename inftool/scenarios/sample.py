"""The blueprint sampler: a pure function of the seed, the index and what was drawn before, so that a run can be resumed and repeated."""

from __future__ import annotations

import hashlib
import json
import math
import random
from collections.abc import Callable, Sequence

from inftool.errors import ScenarioError
from inftool.records import CATEGORIES, Blueprint, Category, Detail, Persona, Step, Tool, Turn, WorldRef
from inftool.scenarios.compose import Scene, Unplayable, Wish, about, compose
from inftool.scenarios.everyday import everyday_wish
from inftool.scenarios.intents import intent
from inftool.scenarios.phrases import singular
from inftool.scenarios.stage import Stage
from inftool.scenarios.words import split_name

DRAWS = 60
WORLD_USES = 64
MAX_VISIBLE = 16
_MUTATING = frozenset(("create", "update", "delete", "action"))


class Sampler:
    """Draws blueprints from a stage. Every plan has been run, in a fork of the world it is for, before its blueprint leaves here."""

    def __init__(self, stage: Stage, personas: Sequence[Persona], seed: int, categories: Sequence[Category] = CATEGORIES) -> None:
        self.stage = stage
        self.personas = personas
        self.seed = seed
        self.categories = tuple(category for category in categories if category in _BUILDERS)
        self._weights = [math.sqrt(len(stage.api(name).tools)) for name in stage.api_names]
        self._playable: dict[str, list[float]] = {}
        self._intents: dict[str, frozenset[str]] = {}

    def draw(self, index: int, seen: set[str], accept: Callable[[Blueprint], bool] = lambda blueprint: True) -> Blueprint:
        """The blueprint of an index that says nothing already in `seen` (fingerprints) and that `accept` agrees to; its fingerprint is added.

        ScenarioError where many draws bring nothing new: the specs are too small for so many conversations.
        """
        problem = ""
        for attempt in range(DRAWS):
            rng = random.Random(f"{self.seed}/{index}/{attempt}")
            # The category is the index's; only where the specs cannot give it, another takes its place.
            category = self.categories[index % len(self.categories)] if attempt < DRAWS * 2 // 3 else rng.choice(self.categories)
            api = rng.choices(self.stage.api_names, self._weights)[0]
            try:
                blueprint = self._build(category, api, index, rng, choosy=attempt < DRAWS // 3)
            except Unplayable as error:
                problem = str(error)
                continue
            mark = fingerprint(blueprint)
            if mark in seen:
                problem = "everything it could say has been said"
                continue
            if not accept(blueprint):
                problem = "a rehearsal of what could be said failed"
                continue
            seen.add(mark)
            return blueprint
        raise ScenarioError(
            f"no new blueprint for number {index} in {DRAWS} draws ({problem})", hint="the specs have few operations for so many conversations"
        )

    def _build(self, category: Category, api: str, index: int, rng: random.Random, *, choosy: bool = True) -> Blueprint:
        block = index // (WORLD_USES * len(self.stage.api_names))
        seed = self._world_seed(api, block)
        world = self.stage.world(api, seed)
        digest = world.digest()
        scene = Scene(self.stage, api, world, rng, block=block, choosy=choosy)
        turns, tools = _BUILDERS[category](self, scene)
        plan = tuple(step for _, steps in turns for step in steps)
        visible = list(dict.fromkeys([*(step.tool for step in plan), *(tool.name for tool in tools)]))
        rng.shuffle(visible)
        if any(step.tool not in visible for step in plan) or not visible:
            raise Unplayable("no tool to show")
        parts = [turn for turn, _ in turns]
        shape = json.dumps(
            [self.seed, index, category, visible, [turn.model_dump() for turn in parts], [step.model_dump() for step in plan]], sort_keys=True
        )
        return Blueprint(
            id=f"{index:06d}-{hashlib.sha256(shape.encode()).hexdigest()[:10]}",
            category=category,
            difficulty=difficulty(parts, plan, len(visible)),
            persona=rng.choice(self.personas),
            world=WorldRef(api=api, seed=seed, digest=digest, expected=scene.world.digest()),
            now=world.now.strftime("%A, %d %B %Y, %H:%M"),
            tools=tuple(visible),
            turns=tuple(parts),
            plan=plan,
        )

    def _world_seed(self, api: str, block: int) -> int:
        """Which world an API has for a stretch of a run: seeding one costs as much as several plays, so plays share it."""
        return stable_number(f"{self.seed}/{api}/{block}")

    def elsewhere(self, api: str, scene: Scene) -> Scene:
        """A scene of another API beside this one."""
        return Scene(self.stage, api, self.stage.world(api, self._world_seed(api, scene.block)), scene.rng, block=scene.block, choosy=scene.choosy)

    def pick(self, scene: Scene, fits: Callable[[Tool], bool] = lambda tool: True) -> Tool:
        """A tool of the scene's API, those of which a trial made no wish more rarely."""
        pairs = [(tool, weight) for tool, weight in zip(self.stage.api(scene.api).tools, self._weigh(scene.api), strict=True) if fits(tool)]
        if not pairs:
            raise Unplayable("no tool is of the kind that is wanted")
        return scene.rng.choices([tool for tool, _ in pairs], [weight for _, weight in pairs])[0]

    def _weigh(self, api: str) -> list[float]:
        """A weight a tool, from a trial that depends on nothing but the spec: what was drawn before must not steer what is drawn next."""
        if api not in self._playable:
            self._playable[api] = [1.0 if self._tried(api, tool) else 0.1 for tool in self.stage.api(api).tools]
        return self._playable[api]

    def _tried(self, api: str, tool: Tool) -> bool:
        rng = random.Random(tool.name)
        try:
            compose(Scene(self.stage, api, self.stage.world(api, 0), rng), tool)
        except Unplayable:
            return False
        return True

    def others(self, scene: Scene, low: int, high: int) -> list[Tool]:
        """Some more tools to show: mostly of the same API, where the wrong ones look right."""
        count = scene.rng.randint(low, high)
        own = list(self.stage.api(scene.api).tools)
        return scene.rng.sample(own, min(len(own), count))

    def nouns(self, tool: Tool) -> frozenset[str]:
        """What a tool is about, as a set of words: two tools that share none are strangers."""
        if tool.name not in self._intents:
            words = f"{intent(tool)} {split_name(tool.operation or tool.name)} {split_name(tool.path)}".lower().split()
            self._intents[tool.name] = frozenset(singular(word) for word in words[1:] if len(word) > 3)
        return self._intents[tool.name]


Drawn = tuple[list[tuple[Turn, list[Step]]], list[Tool]]


def _turn(wish: Wish) -> tuple[Turn, list[Step]]:
    turn = Turn(
        intent=wish.intent,
        details=tuple(wish.details),
        asks=tuple(dict.fromkeys(wish.asks)),
        steps=tuple(s.id for s in wish.steps),
        facts=tuple(wish.facts),
    )
    return turn, wish.steps


def _simple(sampler: Sampler, scene: Scene) -> Drawn:
    wish = compose(scene, sampler.pick(scene))
    return [_turn(wish)], [wish.tool]


def _multiple(sampler: Sampler, scene: Scene) -> Drawn:
    wish = compose(scene, sampler.pick(scene))
    others = [tool for tool in sampler.others(scene, 3, 9) if tool.name != wish.tool.name]
    if not others:
        raise Unplayable("there is no other tool to show")
    return [_turn(wish)], others


def _parallel(sampler: Sampler, scene: Scene) -> Drawn:
    """The same call for several things in one breath; none needs another's answer."""
    tool = sampler.pick(scene, lambda tool: bool(tool.input_schema.get("properties")))
    wishes = [compose(scene, tool) for _ in range(scene.rng.choice((2, 2, 2, 3)))]
    steps = [step for wish in wishes for step in wish.steps]
    if any(step.after for step in steps) or len({json.dumps(step.arguments, sort_keys=True) for step in steps}) < len(steps):
        raise Unplayable("the calls are not independent")
    details = [item.model_copy(update={"group": number}) for number, wish in enumerate(wishes, 1) for item in wish.details]
    grouped = len({item.group for item in details})
    if len({(bool(wish.target), tuple(noun for noun, _ in wish.about)) for wish in wishes}) > 1:
        raise Unplayable("the calls are about different kinds of things")
    phrase = about(wishes)
    if len({wish.intent for wish in wishes}) < len(wishes):
        if grouped < len(wishes):
            raise Unplayable("nothing tells the calls apart")
        phrase = f"{phrase} {('twice', 'three times')[len(wishes) - 2]}"
    # What is asked is asked of each, so only what every answer holds can be.
    common = set.intersection(*({fact.words for fact in wish.facts} for wish in wishes))
    facts = [fact for wish in wishes for fact in wish.facts if fact.words in common]
    where = "on each of the lists" if scene.role(tool.name).items is not None else "of each"
    if tool.effect == "read" and not common:
        raise Unplayable("the answers have nothing in common to tell")
    turn = Turn(
        intent=phrase,
        details=tuple(details),
        asks=tuple(f"{words} {where}" for words in sorted(common)),
        steps=tuple(step.id for step in steps),
        facts=tuple(facts),
    )
    return [(turn, steps)], sampler.others(scene, 0, 4)


def _multi_step(sampler: Sampler, scene: Scene) -> Drawn:
    tool = sampler.pick(scene, lambda tool: any(True for _ in scene.role(tool.name).references))
    wish = compose(scene, tool, lookups=True)
    if len(wish.steps) < 2:
        raise Unplayable("one step is not several")
    return [_turn(wish)], sampler.others(scene, 3, 9)


def _multi_turn(sampler: Sampler, scene: Scene) -> Drawn:
    first = _wish(scene, sampler.pick(scene))
    turns = [_turn(first)]
    for _ in range(scene.rng.choice((1, 1, 2, 2, 3))):
        turns.append(_turn(_next_wish(sampler, scene)))
    if not any(step.after for _, steps in turns[1:] for step in steps):
        raise Unplayable("the turns have nothing to do with each other")
    return turns, sampler.others(scene, 2, 8)


def _next_wish(sampler: Sampler, scene: Scene) -> Wish:
    known = set(scene.known)
    for _ in range(6):
        tool = sampler.pick(
            scene, lambda tool: tool.name not in scene.used and any(resource in known for resource, _ in scene.role(tool.name).references.values())
        )
        try:
            return compose(scene, tool, reuse=True, lookups=scene.rng.random() < 0.3)
        except Unplayable:
            continue
    return _wish(scene, sampler.pick(scene, lambda tool: tool.name not in scene.used))


def _wish(scene: Scene, tool: Tool) -> Wish:
    """A wish with or without a lookup, whichever this tool allows."""
    try:
        return compose(scene, tool, lookups=scene.rng.random() < 0.5)
    except Unplayable:
        return compose(scene, tool)


def _miss_param(sampler: Sampler, scene: Scene) -> Drawn:
    tool = sampler.pick(scene, lambda tool: bool(tool.input_schema.get("required")))
    try:
        wish = compose(scene, tool, withhold=True, lookups=scene.rng.random() < 0.5)
    except Unplayable:
        wish = compose(scene, tool, withhold=True)
    turns = [_turn(wish)]
    if scene.rng.random() < 0.4:
        turns.append(_turn(_next_wish(sampler, scene)))
    return turns, sampler.others(scene, 2, 7)


def _irrelevance(sampler: Sampler, scene: Scene) -> Drawn:
    """A wish that none of the visible tools fulfils: another API's, this API's with its tools hidden, or an everyday one."""
    rng, api = scene.rng, scene.api
    own = list(sampler.stage.api(api).tools)
    how = rng.random()
    if how < 0.75:
        home = rng.choice(sampler.stage.api_names) if how < 0.45 else api
        elsewhere = sampler.elsewhere(home, scene)
        tool = sampler.pick(elsewhere)
        wish = compose(elsewhere, tool)
        about = sampler.nouns(tool)
        visible = [other for other in own if other.name != tool.name and not about & sampler.nouns(other)]
        turn = Turn(intent=wish.intent, details=tuple(wish.details), asks=tuple(dict.fromkeys(wish.asks)))
    else:
        visible = own
        text = everyday_wish(rng)
        turn = Turn(
            intent=text,
            details=(
                Detail(
                    words="name",
                    said=(name := rng.choice(("Alder", "Quill", "Marsh", "Rowan", "Ferris"))),
                    value=name,
                    phrase=f"it's for the {name} family",
                ),
            )
            if rng.random() < 0.3
            else (),
        )
    if not visible:
        raise Unplayable("every tool could be meant")
    return [(turn, [])], rng.sample(visible, min(len(visible), rng.randint(1, 8)))


_BUILDERS: dict[Category, Callable[[Sampler, Scene], Drawn]] = {
    "simple": _simple,
    "multiple": _multiple,
    "parallel": _parallel,
    "multi_step": _multi_step,
    "multi_turn_base": _multi_turn,
    "multi_turn_miss_param": _miss_param,
    "irrelevance": _irrelevance,
}


def difficulty(turns: Sequence[Turn], plan: Sequence[Step], visible: int) -> int:
    """From 1 to 5: how many calls, how deep they depend on each other, how much is withheld, how many tools there are to choose from."""
    depth: dict[str, int] = {}
    for step in plan:
        depth[step.id] = 1 + max((depth.get(need, 0) for need in step.after), default=0)
    points = len(plan) + 2 * (max(depth.values(), default=1) - 1) + len(turns) - 1 + visible // 5
    points += sum(detail.withheld for turn in turns for detail in turn.details)
    return max(1, min(5, (points + 1) // 2))


def fingerprint(blueprint: Blueprint) -> str:
    """What makes two conversations the same: the wishes and their details, whoever says them."""
    said = [[turn.intent, [(d.words, d.said) for d in turn.details], turn.asks] for turn in blueprint.turns]
    return hashlib.blake2b(json.dumps([blueprint.world.api, said], sort_keys=True).encode(), digest_size=12).hexdigest()


def stable_number(text: str) -> int:
    """A seed out of a text, the same in every process."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest(), "big")
