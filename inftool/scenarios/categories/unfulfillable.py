"""Categories about what cannot be done: `irrelevance`, `policy` and `identify_limitation`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inftool.core.blueprints import Detail, Reference, Step, Turn
from inftool.core.tools import Tool
from inftool.language.values import join, say, split_name
from inftool.scenarios.categories.multi_turn import another_follows, next_wish
from inftool.scenarios.categories.off_topic import everyday_wish
from inftool.scenarios.categories.single_turn import Drawn, turn_of
from inftool.scenarios.composition.composer import compose
from inftool.scenarios.composition.options import ComposeOptions
from inftool.scenarios.composition.scene import Scene
from inftool.scenarios.composition.unplayable import Unplayable, UnplayableReason
from inftool.scenarios.resolution.picking import pick
from inftool.scenarios.sampling.tool_choice import ToolChooser
from inftool.scenarios.tool_schema.places import choices, governed
from inftool.scenarios.wording.details import spoken
from inftool.scenarios.wording.intents import intent
from inftool.scenarios.wording.narrowing import narrowed
from inftool.scenarios.wording.phrases import are, plain_words
from inftool.scenarios.wording.referring import proposals
from inftool.scenarios.wording.sayable import opaque, tellable
from inftool.world.resources.models import Resource

_STRANGE = (
    "deluxe",
    "overnight",
    "weekly",
    "golden",
    "turbo",
    "extra large",
    "handmade",
    "seasonal",
    "lunar",
    "midnight",
    "compact",
    "vintage",
)
_NAMES = ("Alder", "Quill", "Marsh", "Rowan", "Ferris")


def irrelevance(chooser: ToolChooser, scene: Scene, elsewhere: Callable[[str], Scene]) -> Drawn:
    """A wish that none of the visible tools fulfils: another API's, this API's with its tools
    hidden, or an everyday one."""
    rng, api = scene.rng, scene.api
    own = list(chooser.pool.api(api).tools)
    how = rng.random()
    if how < 0.75:
        home = rng.choice(chooser.pool.api_names) if how < 0.45 else api
        other = elsewhere(home)
        wish = compose(other, chooser.pick(other))
        subject = chooser.topic_words(wish.tool)
        visible = [
            tool
            for tool in own
            if tool.name != wish.tool.name and not subject & chooser.topic_words(tool)
        ]
        turn = Turn(
            intent=wish.intent, details=tuple(wish.details), asks=tuple(dict.fromkeys(wish.asks))
        )
    else:
        visible = own
        details: tuple[Detail, ...] = ()
        if rng.random() < 0.3:
            name = rng.choice(_NAMES)
            details = (
                Detail(words="name", said=name, value=name, phrase=f"it's for the {name} family"),
            )
        turn = Turn(intent=everyday_wish(rng), details=details)
    if not visible:
        raise Unplayable(UnplayableReason.EVERY_TOOL_FITS)
    return [(turn, [])], rng.sample(visible, min(len(visible), rng.randint(1, 8)))


def policy(chooser: ToolChooser, scene: Scene) -> Drawn:
    """A rule of the domain forbids what the user wants: the call is refused for what its thing is
    now, and the assistant says why."""
    tool = chooser.pick(scene, "refused", category="policy")
    try:
        wish = compose(scene, tool, ComposeOptions(lookup="direct", outcome="refused"))
    except Unplayable:
        wish = compose(scene, tool, ComposeOptions(outcome="refused"))
    turns = [turn_of(wish)]
    if scene.shown_resources() and another_follows(chooser, scene, 0.35):
        turns.append(turn_of(next_wish(chooser, scene, "policy")))
    return turns, chooser.distractors(scene, tool, 2, 8)


def identify_limitation(chooser: ToolChooser, scene: Scene) -> Drawn:
    """There is a tool, but it cannot do just this: a value that it does not know, or a property
    that it does not change."""
    ways = [_unknown_value, _fixed_property]
    scene.rng.shuffle(ways)
    problem = Unplayable(UnplayableReason.NOTHING_TRIED)
    for way in ways:
        try:
            turn, tool = way(chooser, scene)
        except Unplayable as error:
            problem = error
            continue
        turns: list[tuple[Turn, list[Step]]] = [(turn, [])]
        return turns, list(
            {item.name: item for item in (tool, *chooser.distractors(scene, tool, 0, 8))}.values()
        )
    raise problem


def _unknown_value(chooser: ToolChooser, scene: Scene) -> tuple[Turn, Tool]:
    """A value is asked for that the tool's list of values does not hold."""
    rng = scene.rng
    tool = chooser.pick(scene, "plain", lambda tool: bool(_listed(tool)), "identify_limitation")
    place, options = rng.choice(_listed(tool))
    role = scene.role(tool.name)
    kind = scene.resource(role.target.resource)
    words = plain_words(place[1:])
    strange = next(
        (
            value
            for value in rng.sample(_STRANGE, len(_STRANGE))
            if value not in [str(option).lower() for option in options]
        ),
        "",
    )
    phrase = intent(tool, kind.name if kind else "record", kind.plural if kind else "records")
    named = _named(scene, role.target.argument, kind)
    if role.target.argument and kind and not named:
        raise Unplayable(UnplayableReason.NO_NAME_FOR_RESOURCE, resource=kind.name)
    said = f'"{strange}"' if " " in strange else strange
    detail = Detail(
        words=words,
        said=strange,
        value=strange,
        phrase=rng.choice((f"the {words} should be {said}", f"the {words} has to be {said}")),
    )
    allowed = join([say(option) for option in options[:6]], "or")
    why = (
        f"the {words} can only be {allowed}"
        if len(options) <= 6
        else f"{strange} is no {words} I can choose; there are {allowed}, among others"
    )
    phrase = narrowed(phrase, kind.name, named[0].words) if kind and named else phrase
    return Turn(intent=phrase, details=(detail,), why=why, references=named), tool


def _listed(tool: Tool) -> list[tuple[str, list[Any]]]:
    """The arguments at the top whose values are a list of words."""
    return [
        (place, options)
        for place, schema in governed(tool).items()
        if place.count("/") == 1 and len(options := choices(schema)) > 1 and all(isinstance(option, str) and option.replace("_", "").isalpha() for option in options)
        and split_name(place[1:]).lower() not in ("sort", "sort by", "order", "order by", "direction", "language", "currency", "country", "fields", "expand", "include")
    ]  # fmt: skip


def _fixed_property(chooser: ToolChooser, scene: Scene) -> tuple[Turn, Tool]:
    """A property is to be changed that the tool which changes such things does not take."""
    rng = scene.rng

    def changes(tool: Tool) -> bool:
        role = scene.role(tool.name)
        return (
            role.kind in ("patch", "replace")
            and role.target.argument is not None
            and bool(role.target.resource)
        )

    tool = chooser.pick(scene, "plain", changes, "identify_limitation")
    role = scene.role(tool.name)
    kind = scene.resource(role.target.resource)
    if kind is None:
        raise Unplayable(UnplayableReason.UNKNOWN_RESOURCE)
    taken = {place.rsplit("/", 1)[-1].lower() for place in governed(tool)}
    everything = list(scene.world.entities(kind.name).values())
    pairs = [
        (entity, key, value)
        for entity in everything
        for key, value in entity.items()
        if key.lower() not in taken and key != kind.identifier and tellable(value) and isinstance(value, (int, float, str)) and not opaque(value)
        and not split_name(key).endswith("ID") and not split_name(key).endswith(" at") and key != (kind.status.property if kind.status else "")
    ]  # fmt: skip
    if not pairs:
        raise Unplayable(UnplayableReason.EVERYTHING_CAN_CHANGE, resource=kind.name)
    entity, key, value = rng.choice(pairs)
    others = [
        other[key]
        for other in everything
        if other.get(key) not in (None, value) and tellable(other.get(key))
    ]
    if not others:
        raise Unplayable(UnplayableReason.NO_OTHER_VALUE)
    named = _named(scene, role.target.argument, kind, entity)
    if not named:
        raise Unplayable(UnplayableReason.NO_NAME_FOR_ENTITY, resource=kind.name)
    words, new = plain_words(key), rng.choice(others)
    shown = spoken(new, (), rng)
    able = [
        plain_words(place.rsplit("/", 1)[-1])
        for place in governed(tool)
        if place.count("/") == 1 and place[1:] != role.target.argument
    ][:4]
    why = (
        f"I can change the {join(able, 'or')} of a {kind.name}, but not the {words}"
        if able
        else f"the {words} of a {kind.name} {are(words)} fixed"
    )
    detail = Detail(words=words, said=say(new), value=new, phrase=f"it should be {shown}")
    return Turn(
        intent=f"change the {words} of {named[0].words}",
        details=(detail,),
        why=why,
        references=named,
    ), tool


def _named(
    scene: Scene, target: str | None, kind: Resource | None, entity: dict[str, Any] | None = None
) -> tuple[Reference, ...]:
    """Words for a thing that exists, none where nobody could say them."""
    if target is None or kind is None or kind.virtual:
        return ()
    things = list(scene.world.entities(kind.name).values())
    chosen = entity if entity is not None else (scene.rng.choice(things) if things else None)
    if chosen is None:
        return ()
    place = next(index for index, item in enumerate(things) if item is chosen)
    for words, way in proposals(chosen, things, kind, scene.rng, whole=False):
        if pick(words, things, kind) == [place]:
            return (Reference(step="", pointer=f"/{kind.name}", words=words, kind=way),)
    return ()
