"""One wish out of one tool: arguments that a person can say or an earlier call gives, run in a forked world before anybody plays it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from inftool.records import Detail, JsonObject, Reference, Result, Step, Tool
from inftool.scenarios.arguments import clear, draw_arguments, give_session, plainly, say_literals, unsay
from inftool.scenarios.asking import ask
from inftool.scenarios.binding import anchor, bind, can_build, candidates, filled, seize
from inftool.scenarios.edges import refutes, spoiled
from inftool.scenarios.intents import intent, narrowed
from inftool.scenarios.outlook import REFUSALS, leading, promising
from inftool.scenarios.places import matching, pattern
from inftool.scenarios.plan import at_pointer, is_reference, leaves, resolve
from inftool.scenarios.resolver import point
from inftool.scenarios.scene import Draft, Scene, Unplayable, Wish, key_of, scalars
from inftool.scenarios.trouble import troubles
from inftool.scenarios.words import join, mentions, split_name
from inftool.servers.world import World
from inftool.specs import violations
from inftool.toolset.graph import Edge

ATTEMPTS = 2
NOTHING_SHOWN = "nothing that was shown can be pointed at for it"

__all__ = ["Scene", "Unplayable", "Wish", "about", "compose"]


def compose(
    scene: Scene,
    tool: Tool,
    *,
    lookups: bool = False,
    withhold: int = 0,
    reuse: bool = False,
    deep: bool = False,
    composite: bool = False,
    demand: str = "",
    producer: str = "",
    anew: bool = False,
    toward: Edge | None = None,
    refused: bool = False,
    faulty: bool = False,
) -> Wish:
    """A wish that this tool fulfils in the scene's world, its steps run there; Unplayable where none is found.

    `lookups`: things are named in words and found by steps of their own, `deep`: through what they belong to, `composite`: several of them. `withhold`: so many needed values are left
    out at first. `reuse`: at least one value comes from an earlier result. `refused`: the world refuses the call for what its thing is now.
    `demand`: the argument (a pattern) that an earlier result gives, of `producer` where one is named. `anew`: what was shown is read again.
    `toward`: an edge along which the answer had better lead on. `faulty`: the first try of the call fails as the operation documents.
    """
    problem = "nothing to try"
    # What builds on any earlier result is tried with other tools rather than again.
    for attempt in range(1 if reuse and not demand else ATTEMPTS):
        role = scene.role(tool.name)
        draft = Draft(
            scene,
            tool,
            role,
            lookups,
            withhold,
            reuse,
            deep,
            composite,
            scene.world.fork(),
            scene.memory.copy(),
            results=dict(scene.results),
            shows=dict(scene.shows),
            session=dict(scene.session),
            leant=set(scene.leant),
            demand=demand,
            producer=producer,
            anew=anew,
            toward=toward,
        )
        count = scene.count
        try:
            return _attempt(draft, refused=refused, faulty=faulty, steer=attempt < ATTEMPTS - 1)
        except Unplayable as error:
            problem = str(error)
            scene.count = count
            if "people do not say" in problem or problem == NOTHING_SHOWN:
                break
    raise Unplayable(problem)


def _attempt(draft: Draft, *, refused: bool, faulty: bool, steer: bool) -> Wish:
    scene, tool, role, demand = draft.scene, draft.tool, draft.role, draft.demand
    if draft.reuse and not can_build(draft):
        raise Unplayable(NOTHING_SHOWN)
    unspoken = not draft.lookups and not draft.reuse and not refused
    arguments = draw_arguments(
        scene, tool, role, steer=steer, referring=draft.deep or draft.composite, unspoken=unspoken, demand=demand, leading=leading(draft)
    )
    if refused:
        _find_refusal(draft, arguments)
    if demand:
        seize(draft, arguments)
    if not refused and role.role in ("action", "delete"):
        _find_readiness(draft, arguments)
    anchor(draft, arguments)
    bound = bind(draft, arguments) | give_session(draft, arguments)
    _check_references(draft, arguments)
    unsay(scene, tool, arguments, bound)
    said = say_literals(scene, tool, role, arguments, bound)
    resource = scene.resource(role.resource)
    noun = resource.name if resource else _noun(tool)
    phrase = intent(tool, noun, resource.plural if resource else f"{noun}s")
    named = len(draft.details)
    wish = Wish(
        tool=tool,
        intent=phrase,
        details=[*draft.details, *(item for _, item in said)],
        base=phrase,
        noun=noun,
        target=draft.target,
        about=draft.about,
    )
    if draft.reuse and not draft.used:
        raise Unplayable("nothing of an earlier result is used")
    wish.intent = about([wish])
    _check_wording(wish, named, tool, arguments, said, scene)
    if draft.withhold:
        _withhold(wish, draft, tool)
    step_id = scene.next_id()
    before = draft.fork.digest()
    made = resolve(arguments, draft.results)
    if violations(tool, made):
        raise Unplayable("what was chosen does not fit the schema")
    start = draft.fork.fork()
    result = draft.fork.call(tool.name, made)
    changes = draft.fork.digest() != before
    after = tuple(dict.fromkeys(value["$from"] for _, value in leaves(arguments) if is_reference(value)))
    step = Step(id=step_id, tool=tool.name, arguments=arguments, after=after, anew=draft.anew)
    wish.references = [*draft.beside] + [Reference(step=step_id, pointer=pointer, words=words, kind=kind) for pointer, words, kind in draft.pointed]
    if refused:
        if result.ok or result.status not in REFUSALS or changes:
            raise Unplayable(f"{tool.name} is not refused")
        wish.steps = [*draft.steps, step.model_copy(update={"refused": result.status})]
        wish.why = reason(result)
        _check_need(draft, wish)
        scene.take(draft, wish)
        return wish
    if not result.ok:
        raise Unplayable(f"{tool.name} answers {result.status}")
    if tool.effect in ("create", "update", "delete") and not changes:
        raise Unplayable(f"{tool.name} changes nothing")
    if faulty:
        step = step.model_copy(update={"fault": _fault(scene, tool)})
    wish.steps = [*draft.steps, step]
    draft.results[step_id] = result.body
    draft.shows[step_id] = scalars(result.body)
    ask(wish, draft, step_id, result, changes)
    _check_need(draft, wish)
    _check_edges(draft, wish, start)
    if role.resource is not None and role.role != "delete":
        draft.memory.learn(role.resource, step_id, result.body, role.items, role.item, looked_up=False)
    # From here on it is true: the scene takes over the draft's world and results.
    scene.take(draft, wish)
    return wish


def _check_references(draft: Draft, arguments: JsonObject) -> None:
    """What was clear when it was chosen must be clear still: a lookup after it may have shown more things that the words fit."""
    for pointer, words, kind in draft.pointed:
        goal = matching(pointer, draft.role.references)
        if kind == "key" or goal is None:
            continue
        if point(words, goal[1], goal[0], draft.memory, draft.scene.resources) != [resolve(at_pointer(arguments, pointer), draft.results)]:
            raise Unplayable("what was clear is no longer so")


def _check_need(draft: Draft, wish: Wish) -> None:
    """No call may be one that nothing would miss: a lookup gives what nobody else gives; a reading tells, then and later, what no other answer holds, or
    gives what a later call takes and nobody else gives.
    """
    scene = draft.scene
    said = wish.said()
    own = dict.fromkeys(step.id for step in wish.steps if not step.goal)
    for step in own | {need: None for other in wish.steps for need in other.after}:
        # What was said, or shown by another call before it is used, need not have been looked up.
        if any(
            not any(key_of(value) in keys for other, keys in draft.shows.items() if other != step and (other in scene.shows or other in earlier))
            and not mentions(said, value)
            and not any(mentions(text, value) for text in scene.heard)
            for earlier, value in _uses(wish, step, draft)
        ):
            draft.leant.add(step)
        elif step in own:
            raise Unplayable("a lookup gives nothing that was not known")
    # What is read again may be known from these: they are there for what it is read by.
    draft.leant.update(need for step in wish.steps if step.anew for need in step.after)
    for step_id, keys in scene.tells.items():
        if step_id not in draft.leant and not any(not any(key in shown for other, shown in draft.shows.items() if other != step_id) for key in keys):
            raise Unplayable("what was told before is said again")


def _check_edges(draft: Draft, wish: Wish, start: World) -> None:
    """No value may be taken from an earlier result that any other would do as well for: the negative control, for every edge of the plan."""
    for step in wish.steps:
        tool, role = draft.scene.stage.tools[step.tool], draft.scene.role(step.tool)
        for place in dict.fromkeys(pattern(pointer) for pointer, value in leaves(step.arguments) if is_reference(value)):
            if not refutes(start, tool, role, spoiled(step.arguments, place, draft.results)):
                raise Unplayable(f"{step.tool} does not care for the value of {place[1:]}")


def _uses(wish: Wish, step: str, draft: Draft) -> Iterator[tuple[list[str], Any]]:
    """Each value that a step of a wish takes from a step, with the steps of the wish before that one."""
    for place, other in enumerate(wish.steps):
        for _, value in leaves(other.arguments):
            if is_reference(value) and value["$from"] == step:
                yield [before.id for before in wish.steps[:place]], at_pointer(draft.results[step], value["at"])


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


def reason(result: Result) -> str:
    """What a refusal says for people: its message, else its status."""
    stack: list[Any] = [result.body]
    while stack:
        node = stack.pop(0)
        if isinstance(node, dict):
            for key in ("message", "detail", "description", "error_description", "reason", "title"):
                if isinstance(node.get(key), str) and " " in node[key]:
                    return str(node[key])
            stack += node.values()
        elif isinstance(node, list):
            stack += node
    return f"the service refused it with {result.status}"


def _noun(tool: Tool) -> str:
    words = [part for part in tool.path.split("/") if part and not part.startswith("{")]
    return split_name(words[-1]) if words else "request"


def _check_wording(wish: Wish, named: int, tool: Tool, arguments: JsonObject, said: Sequence[tuple[str, Detail]], scene: Scene) -> None:
    """Every literal must be heard back from the whole text; one that is not is said in the plainest words, and then must be.

    Where nothing better can be had (`choosy` is off), the plainest words will do.
    """
    for attempt in range(2):
        lost = clear(wish.text(), tool, arguments, [(pointer, wish.details[named + index]) for index, (pointer, _) in enumerate(said)])
        if not lost:
            return
        if attempt:
            break
        for index in lost:
            pointer, _ = said[index]
            wish.details[named + index] = plainly(tool, arguments, pointer, wish.details[named + index], scene.rng)
    if scene.choosy:
        raise Unplayable(f"what is said of {said[lost[0]][0]} is not clear")


def _find_refusal(draft: Draft, arguments: JsonObject) -> None:
    """Choose the thing that the call will be refused for."""
    scene, tool, role = draft.scene, draft.tool, draft.role
    if role.resource is None or role.target is None:
        raise Unplayable("the call is about no one thing")
    keys = list(draft.fork.entities(role.resource))
    for key in scene.rng.sample(keys, len(keys))[:12]:
        place = draft.fork.address(tool.name, key)
        if place is None or violations(tool, made := {**arguments, **place}):
            continue
        result = draft.fork.fork().call(tool.name, made)
        if not result.ok and result.status in REFUSALS:
            draft.wanted = place
            return
    raise Unplayable(f"nothing refuses {tool.name}")


def _find_readiness(draft: Draft, arguments: JsonObject) -> None:
    """Choose a thing that is in a state in which the call is not refused, where there is one: few appointments are due for checking in."""
    role, rng, tool = draft.role, draft.scene.rng, draft.tool
    if role.resource is None or role.target is None or draft.scene.resource(role.resource) is None:
        return
    keys, every = candidates(draft), candidates(draft, shown=False)
    # What was shown and leads on comes first.
    order = dict.fromkeys([*promising(draft, rng.sample(keys, len(keys))), *rng.sample(keys, len(keys)), *rng.sample(every, len(every))])
    trial = filled(draft, arguments)
    for key in [*order][:16]:
        place = draft.fork.address(tool.name, key)
        if place is not None and draft.fork.fork().call(tool.name, {**trial, **place}).status not in REFUSALS:
            draft.wanted = place
            return


def _fault(scene: Scene, tool: Tool) -> str:
    kinds = troubles(tool)
    if not kinds:
        raise Unplayable(f"{tool.name} documents no failure that passes")
    fresh = [kind for kind in kinds if scene.missing(f"fault:{tool.name}:{kind}")]
    return scene.rng.choice(fresh or kinds)


def _withhold(wish: Wish, draft: Draft, tool: Tool) -> None:
    """Make some needed details ones that are told only when asked for."""
    rng, role = draft.scene.rng, draft.role
    required = {split_name(name) for name in tool.input_schema.get("required", ())}
    needed = {name.removesuffix(" ID") for name in required} | required | {resource for resource, _ in role.keys.values()}
    spots = [index for index, item in enumerate(wish.details) if item.words in needed and not isinstance(item.value, bool)]
    if not spots:
        raise Unplayable("nothing that is needed can be left out")
    for index in rng.sample(spots, min(len(spots), draft.withhold)):
        wish.details[index] = wish.details[index].model_copy(update={"withheld": True})
