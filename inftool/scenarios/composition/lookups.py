"""Lookups: the lists that find what a person names in words, one call or two before the one that the wish is about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from inftool.core.blueprints import Detail, Reference, Step
from inftool.core.json_pointer import at_pointer, escape, find_at
from inftool.core.step_references import StepRef
from inftool.core.tools import Tool
from inftool.core.types import JsonObject
from inftool.scenarios.composition.anaphora import Goal, belonging, exists
from inftool.scenarios.composition.scene import Choice, WishAttempt
from inftool.scenarios.composition.unplayable import Unplayable, UnplayableReason
from inftool.scenarios.plan import leaves, source_steps
from inftool.scenarios.resolution.resolver import point
from inftool.scenarios.tool_schema.places import fixed, pattern
from inftool.scenarios.tool_schema.session_values import session_value, technical
from inftool.scenarios.wording.distinguishing import distinguishing_attributes, name_expression
from inftool.scenarios.wording.referring import extreme, ordered_by, proposals, superlative
from inftool.scenarios.wording.sayable import sayable
from inftool.world.resources.models import Resource
from inftool.world.sampling.context import SamplerSettings
from inftool.world.sampling.sampler import sample

# Under how many things one is looked for.
OWNERS = 6


def listings(
    draft: WishAttempt, resource: Resource
) -> Iterator[tuple[Step, str, list[JsonObject], JsonObject]]:
    """Calls that list the things of a kind with what is bound so far: the step, where they are in the answer, the things, and the arguments."""
    for name in draft.scene.pool.maps[draft.scene.api].tools(resource.name, "list", "search"):
        role, tool = draft.scene.role(name), draft.scene.pool.tools[name]
        if role.response.items is None or name == draft.tool.name:
            continue
        needed: JsonObject = {}
        for argument in tool.input_schema.get("required", ()):
            target = role.target.keys.get(argument) or role.references.get(f"/{argument}")
            if (
                target is None
                and (argument in technical(tool) or fixed(tool, argument))
                and (value := _session(draft, tool, argument)) is not None
            ):
                needed[argument] = value
                continue
            if target is None or target not in draft.bound:
                break
            needed[argument] = draft.bound[target]
        else:
            if (found := _listed(draft, name, needed)) is not None:
                yield found


def _session(draft: WishAttempt, tool: Tool, argument: str) -> Any:
    """What the session gives a lookup; None where it gives nothing that fits."""
    schema = tool.input_schema["properties"][argument]
    if fixed(tool, argument):
        return schema.get("const", schema.get("enum", [None])[0])
    if argument not in draft.session:
        value = session_value(
            argument,
            schema,
            sample(tool.input_schema, draft.scene.rng, settings=SamplerSettings(optional=0.0)).get(
                argument
            ),
            draft.scene.rng,
        )
        if not sayable(value):
            return None
        draft.session[argument] = value
    return draft.session[argument]


def _answered(
    draft: WishAttempt, name: str, needed: JsonObject
) -> tuple[Any, str, list[JsonObject]] | None:
    """What a listing call answers, where the things are in it, and the things; None without any."""
    role = draft.scene.role(name)
    answer = draft.fork.call(name, needed)
    if not answer.ok or role.response.items is None:
        return None
    try:
        items = at_pointer(answer.body, role.response.items)
    except LookupError:
        return None
    items = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return (answer.body, role.response.items, items) if items else None


def _listed(
    draft: WishAttempt, name: str, needed: JsonObject
) -> tuple[Step, str, list[JsonObject], JsonObject] | None:
    """One listing call: its step, where the things are in the answer, the things, the arguments."""
    answered = _answered(draft, name, needed)
    if answered is None:
        return None
    body, items_at, items = answered
    shown = {argument: _shown(draft, value) for argument, value in needed.items()}
    bindings = {
        f"/{escape(argument)}": source for argument, source in shown.items() if source is not None
    }
    arguments = {
        argument: value if shown[argument] is None else None for argument, value in needed.items()
    }
    known = next(
        (
            step
            for step in draft.steps
            if step.tool == name and step.arguments == arguments and step.bindings == bindings
        ),
        None,
    )
    step = known or Step(
        id="",
        tool=name,
        arguments=arguments,
        bindings=bindings,
        after=source_steps(bindings),
        goal=False,
    )
    return draft.scene.same_step(step, body) or step, items_at, items, needed


def _shown(draft: WishAttempt, value: Any) -> StepRef | None:
    """Which earlier step of this draft shows a value that a lookup needs, and where.

    The user never said that value; None if no step shows it.
    """
    for step in reversed(draft.steps):
        for pointer, leaf in leaves(draft.results[step.id]):
            if leaf == value and type(leaf) is type(value):
                return StepRef(step=step.id, pointer=pointer)
    return None


def _performed(draft: WishAttempt, listing: tuple[Step, str, list[JsonObject], JsonObject]) -> Step:
    """The step of a listing, run if it was not yet."""
    step, _, _, arguments = listing
    if not step.id:
        step = step.model_copy(update={"id": draft.scene.next_id()})
    if step.id not in draft.results:
        draft.perform(step, arguments, looked_up=True)
    return step


def looked_up(
    draft: WishAttempt, pointer: str, resource: Resource, goal: Goal, wanted: Any
) -> Choice | None:
    """A thing that a list shows, in words that pick it out of that list."""
    rng, scene = draft.scene.rng, draft.scene
    found = list(listings(draft, resource))
    found.sort(
        key=lambda listing: (
            not scene.is_open(f"edge:{listing[0].tool}>{draft.tool.name}{pattern(pointer)}")
        )
    )
    for listing in found:
        _, items_at, items, _ = listing
        right = [
            index
            for index, item in enumerate(items)
            if goal[1] in item and (wanted is None or item[goal[1]] == wanted)
        ]
        if not right:
            continue
        step: Step | None = None
        for index in rng.sample(right, min(len(right), 3)):
            for words, kind in proposals(
                items[index], items, resource, rng, whole=_complete(draft, listing)
            ):
                step = step or _performed(draft, listing)
                value = items[index][goal[1]]
                if point(words, goal[1], goal[0], draft.memory, scene.resources) == [value]:
                    draft.used += 1
                    draft.bound[goal] = value
                    source = StepRef(step=step.id, pointer=f"{items_at}/{index}/{goal[1]}")
                    return Choice(value, words, kind, source)
        if step is not None:
            # A lookup that served nothing must not stay in the plan.
            raise Unplayable(UnplayableReason.INDISTINGUISHABLE, resource=resource.name)
    return None


def nested(
    draft: WishAttempt, pointer: str, resource: Resource, goal: Goal, wanted: Any
) -> Choice | None:
    """A thing that is listed only under another, which the user names beside it ("it belongs to the home Lake cabin"): one list finds that one, the next it."""
    rng, scene = draft.scene.rng, draft.scene
    for name in scene.pool.maps[scene.api].tools(resource.name, "list", "search"):
        role, tool = scene.role(name), scene.pool.tools[name]
        needed = [
            argument
            for argument in tool.input_schema.get("required", ())
            if argument not in technical(tool)
        ]
        owner = (
            (role.target.keys.get(needed[0]) or role.references.get(f"/{needed[0]}"))
            if len(needed) == 1
            else None
        )
        kind = scene.resource(owner[0]) if owner is not None else None
        if (
            owner is None
            or kind is None
            or kind.virtual
            or kind.name == resource.name
            or owner in draft.bound
            or name == draft.tool.name
        ):
            continue
        first = next(
            (
                listing
                for listing in listings(draft, kind)
                if not listing[3].keys() - draft.session.keys()
            ),
            None,
        )
        if first is None:
            continue
        for item in rng.sample(first[2], min(len(first[2]), OWNERS)):
            key = item.get(owner[1])
            under = _answered(draft, name, {needed[0]: key}) if sayable(key) else None
            if under is None or not any(
                goal[1] in other and wanted in (None, other[goal[1]]) for other in under[2]
            ):
                continue
            for words, way in proposals(item, first[2], kind, rng, whole=_complete(draft, first)):
                undo = draft.savepoint()
                _performed(draft, first)
                if point(words, owner[1], owner[0], draft.memory, scene.resources) == [key]:
                    draft.bound[owner] = key
                    choice = looked_up(draft, pointer, resource, goal, wanted)
                    step = next(
                        (
                            step
                            for step in draft.steps
                            if choice is not None
                            and choice.source is not None
                            and step.id == choice.source.step
                        ),
                        None,
                    )
                    if choice is None or step is None or step.tool != name:
                        raise Unplayable(
                            UnplayableReason.NOT_FOUND_UNDER_OWNER,
                            resource=resource.name,
                            owner=kind.name,
                        )
                    draft.beside.append(
                        Reference(step=step.id, pointer=f"/{needed[0]}", words=words, kind=way)
                    )
                    draft.details.append(
                        Detail(
                            words=kind.name,
                            said=words,
                            phrase=f"the {resource.name} belongs to {words}",
                        )
                    )
                    return choice
                undo()
    return None


def _complete(draft: WishAttempt, listing: tuple[Step, str, list[JsonObject], JsonObject]) -> bool:
    """Whether a list shows all that there are, so that "the cheapest" means something."""
    role = draft.scene.role(listing[0].tool)
    if listing[3].keys() - draft.session.keys():
        return len(listing[2]) < max(
            2, role.listing.paging.default_size if role.listing.paging.style != "none" else 1000
        )
    return role.target.resource is not None and len(listing[2]) == len(
        draft.fork.entities(role.target.resource)
    )


def through(draft: WishAttempt, resource: Resource, goal: Goal) -> Choice | None:
    """A thing by another that it belongs to ("the most recent order of the customer Ana Ruiz"): one list finds the owner, the next what is theirs."""
    rng, scene = draft.scene.rng, draft.scene
    roles = scene.pool.maps[scene.api]
    ways = []
    for name in roles.tools(resource.name, "list", "search"):
        role = scene.role(name)
        if (
            role.response.items is None
            or name == draft.tool.name
            or scene.pool.tools[name].input_schema.get("required")
        ):
            continue
        for argument in role.listing.filters:
            owner = role.references.get(f"/{argument}")
            kind = scene.resource(owner[0]) if owner else None
            if (
                owner
                and kind
                and not kind.virtual
                and kind.name != resource.name
                and any(target == owner for target in resource.references.values())
            ):
                ways.append((name, argument, owner, kind))
    rng.shuffle(ways)
    for name, argument, owner, kind in ways[:2]:
        first = next((listing for listing in listings(draft, kind) if not listing[3]), None)
        if first is None:
            continue
        owners = [index for index, item in enumerate(first[2]) if owner[1] in item]
        for index in rng.sample(owners, min(len(owners), 4)):
            key = first[2][index][owner[1]]
            second = _answered(draft, name, {argument: key})
            mine = second[2] if second else []
            marks = distinguishing_attributes(
                first[2][index], first[2], kind.label, kind.identifier
            )
            if (
                second is None
                or not marks
                or not mine
                or len(mine) > 12
                or any(goal[1] not in item for item in mine)
            ):
                continue
            holder = name_expression(kind.name, marks, kind.label, rng)
            for place, prefix in ((0, ""), *_extremes(mine, resource)):
                if not prefix and len(mine) > 1:
                    continue
                value = mine[place][goal[1]]
                words = f"the {prefix}{resource.name} of {holder}"
                undo = draft.savepoint()
                one = _performed(draft, first)
                held = StepRef(step=one.id, pointer=f"{first[1]}/{index}/{owner[1]}")
                other = Step(
                    id=scene.next_id(),
                    tool=name,
                    arguments={argument: None},
                    bindings={f"/{escape(argument)}": held},
                    after=(one.id,),
                    goal=False,
                )
                draft.perform(other, {argument: key}, looked_up=True)
                if point(words, goal[1], goal[0], draft.memory, scene.resources) == [value]:
                    draft.used += 1
                    draft.bound[goal] = value
                    source = StepRef(step=other.id, pointer=f"{second[1]}/{place}/{goal[1]}")
                    return Choice(value, words, "relation", source)
                undo()
    return None


def owners(draft: WishAttempt, resource: Resource, goal: Goal) -> list[tuple[Resource, str]]:
    """The kinds of things that point at things of a kind, each with where, that a person would name them by."""
    return [
        (kind, place)
        for kind in draft.scene.resources.values()
        for place, target in kind.references.items()
        if target == goal and kind.name != resource.name and not kind.virtual and "*" not in place
        if goal[0] not in kind.parents and belonging(kind, place, resource)
    ]


def _wanted(draft: WishAttempt, pointer: str, kind: str) -> bool:
    """Whether nothing has yet gone from a list of a kind to this argument."""
    lists = draft.scene.pool.maps[draft.scene.api].tools(kind, "list", "search")
    return any(
        draft.scene.is_open(f"edge:{name}>{draft.tool.name}{pattern(pointer)}") for name in lists
    )


def better_owned(draft: WishAttempt, pointer: str, resource: Resource, goal: Goal) -> bool:
    """Whether a thing had better be found through what points at it than on a list of its own kind.

    So where only that leads along an edge that is still open, and mostly for what is only to be read: what a list has shown has nothing more to say.
    """
    by_owner = any(_wanted(draft, pointer, kind.name) for kind, _ in owners(draft, resource, goal))
    if by_owner and not _wanted(draft, pointer, resource.name):
        return True
    return draft.role.kind == "get" or draft.scene.rng.random() < (0.5 if by_owner else 0.3)


def owned(draft: WishAttempt, pointer: str, resource: Resource, goal: Goal) -> Choice | None:
    """A thing by another that points at it ("the author of the book The Tin Drum"): one list finds that one, and says whose it is."""
    rng, scene = draft.scene.rng, draft.scene
    holders = owners(draft, resource, goal)
    rng.shuffle(holders)
    holders.sort(key=lambda pair: not _wanted(draft, pointer, pair[0].name))
    ways = [
        (listing, kind, place)
        for kind, place in holders[:4]
        for listing in [next(iter(listings(draft, kind)), None)]
        if listing is not None
    ]
    for listing, kind, place in ways[:3]:
        items = listing[2]
        right = [index for index, item in enumerate(items) if find_at(item, place) is not None]
        for index in rng.sample(right, min(len(right), 3)):
            value = find_at(items[index], place)
            if not exists(draft, goal, value):
                continue
            for words, _ in proposals(
                items[index], items, kind, rng, whole=_complete(draft, listing)
            ):
                undo = draft.savepoint()
                step = _performed(draft, listing)
                said = f"the {belonging(kind, place, resource)} of {words}"
                if point(said, goal[1], goal[0], draft.memory, scene.resources) == [value]:
                    draft.used += 1
                    draft.bound[goal] = value
                    source = StepRef(step=step.id, pointer=f"{listing[1]}/{index}{place}")
                    return Choice(value, said, "relation", source)
                undo()
    return None


def _extremes(items: Sequence[JsonObject], resource: Resource) -> Iterator[tuple[int, str]]:
    for key, kind in ordered_by(items, resource.identifier).items():
        for highest in (True, False):
            words = superlative("", key, kind, highest=highest).strip()
            if (
                words in ("the most recent", "the oldest")
                and len(items) > 1
                and (place := extreme(items, key, highest=highest)) is not None
            ):
                yield place, f"{words[4:]} "
