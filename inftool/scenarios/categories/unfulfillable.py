"""Categories about what cannot be done: `irrelevance`, `policy` and `identify_limitation`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from inftool.core.blueprints import Detail, Reference, Turn
from inftool.core.tools import Tool
from inftool.language.values import join, say, split_name
from inftool.scenarios.categories.following import another_follows, next_request
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

# Values of which one at least no list of an API holds.
_UNKNOWN_VALUES = (
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
# Names of arguments for which a user takes any word for a value, or that arrange the answer.
_OPEN_OR_ARRANGING = frozenset(
    (
        "sort",
        "sort by",
        "order",
        "order by",
        "direction",
        "language",
        "currency",
        "country",
        "fields",
        "expand",
        "include",
    )
)
# How often an irrelevant request is one for another API (which may turn out to be this one), and
# how often one for this API with its tools hidden; the rest is everyday requests.
_OTHER_API = 0.45
_HIDDEN_TOOLS = 0.3
_EVERYDAY_WITH_DETAIL = 0.3
# How often something else is asked for after a refusal.
_ANOTHER_AFTER_REFUSAL = 0.35
# How many values, and how many properties, an assistant tells when it says what it can do.
_MOST_ALLOWED = 6
_MOST_CHANGEABLE = 4


def irrelevance(chooser: ToolChooser, scene: Scene, elsewhere: Callable[[str], Scene]) -> Drawn:
    """A request that none of the visible tools fulfills.

    It is one for another API, one for this API with the tools for it hidden, or an everyday one.
    `elsewhere` gives a scene in the API of a name.
    """
    rng, api = scene.rng, scene.api
    tools = list(chooser.pool.api(api).tools)
    kind = rng.random()
    if kind < _OTHER_API + _HIDDEN_TOOLS:
        other = elsewhere(rng.choice(chooser.pool.api_names) if kind < _OTHER_API else api)
        wish = compose(other, chooser.pick(other))
        subject = chooser.topic_words(wish.tool)
        visible = [
            tool
            for tool in tools
            if tool.name != wish.tool.name and not subject & chooser.topic_words(tool)
        ]
        turn = Turn(
            intent=wish.intent, details=tuple(wish.details), asks=tuple(dict.fromkeys(wish.asks))
        )
    else:
        visible = tools
        details: tuple[Detail, ...] = ()
        if rng.random() < _EVERYDAY_WITH_DETAIL:
            name = rng.choice(_NAMES)
            phrase = f"it's for the {name} family"
            details = (Detail(words="name", said=name, value=name, phrase=phrase),)
        turn = Turn(intent=everyday_wish(rng), details=details)
    if not visible:
        raise Unplayable(UnplayableReason.EVERY_TOOL_FITS)
    return [(turn, [])], rng.sample(visible, min(len(visible), rng.randint(1, 8)))


def policy(chooser: ToolChooser, scene: Scene) -> Drawn:
    """A rule of the domain forbids what the user wants.

    The call is refused for the state of its entity, and the assistant says why.
    """
    tool = chooser.pick(scene, "refused", category="policy")
    try:
        wish = compose(scene, tool, ComposeOptions(lookup="direct", outcome="refused"))
    except Unplayable:
        wish = compose(scene, tool, ComposeOptions(outcome="refused"))
    turns = [turn_of(wish)]
    if scene.shown_resources() and another_follows(chooser, scene, _ANOTHER_AFTER_REFUSAL):
        turns.append(turn_of(next_request(chooser, scene, "policy")))
    return turns, chooser.distractors(scene, tool, 2, 8)


def identify_limitation(chooser: ToolChooser, scene: Scene) -> Drawn:
    """There is a tool for it, but it cannot do just this.

    The user asks for a value that it does not know, or for a property that it does not change.
    """
    ways = [_unknown_value, _fixed_property]
    scene.rng.shuffle(ways)
    problem = Unplayable(UnplayableReason.NOTHING_TRIED)
    for way in ways:
        try:
            turn, tool = way(chooser, scene)
        except Unplayable as error:
            problem = error
            continue
        visible = (tool, *chooser.distractors(scene, tool, 0, 8))
        return [(turn, [])], list({item.name: item for item in visible}.values())
    raise problem


def _unknown_value(chooser: ToolChooser, scene: Scene) -> tuple[Turn, Tool]:
    """A value is asked for that the tool's list of values does not hold."""
    rng = scene.rng
    tool = chooser.pick(scene, "plain", lambda tool: bool(_word_lists(tool)), "identify_limitation")
    place, options = rng.choice(_word_lists(tool))
    role = scene.role(tool.name)
    resource = scene.resource(role.target.resource)
    words = plain_words(place[1:])
    known = [str(option).lower() for option in options]
    shuffled = rng.sample(_UNKNOWN_VALUES, len(_UNKNOWN_VALUES))
    value = next((value for value in shuffled if value not in known), "")
    phrase = intent(
        tool,
        resource.name if resource else "record",
        resource.plural if resource else "records",
    )
    named = _named(scene, role.target.argument, resource)
    if role.target.argument and resource and not named:
        raise Unplayable(UnplayableReason.NO_NAME_FOR_RESOURCE, resource=resource.name)
    said = f'"{value}"' if " " in value else value
    clause = rng.choice((f"the {words} should be {said}", f"the {words} has to be {said}"))
    detail = Detail(words=words, said=value, value=value, phrase=clause)
    allowed = join([say(option) for option in options[:_MOST_ALLOWED]], "or")
    why = (
        f"the {words} can only be {allowed}"
        if len(options) <= _MOST_ALLOWED
        else f"{value} is no {words} I can choose; there are {allowed}, among others"
    )
    if resource and named:
        phrase = narrowed(phrase, resource.name, named[0].words)
    return Turn(intent=phrase, details=(detail,), why=why, references=named), tool


def _word_lists(tool: Tool) -> list[tuple[str, list[object]]]:
    """The arguments at the top whose values are a list of words, each with that list.

    Not those that a user would take any word for (a language), or that arrange the answer.
    """
    lists = []
    for place, schema in governed(tool).items():
        options = choices(schema)
        name = split_name(place[1:]).lower()
        if (
            place.count("/") == 1
            and len(options) > 1
            and all(
                isinstance(option, str) and option.replace("_", "").isalpha() for option in options
            )
            and name not in _OPEN_OR_ARRANGING
        ):
            lists.append((place, options))
    return lists


def _fixed_property(chooser: ToolChooser, scene: Scene) -> tuple[Turn, Tool]:
    """A property is to be changed that the tool which changes such entities does not take."""
    rng = scene.rng

    def changes(tool: Tool) -> bool:
        role = scene.role(tool.name)
        return (
            role.kind in ("patch", "replace")
            and role.target.argument is not None
            and bool(role.target.resource)
        )

    tool = chooser.pick(scene, "plain", changes, "identify_limitation")
    target = scene.role(tool.name).target.argument
    resource = scene.resource(scene.role(tool.name).target.resource)
    if resource is None:
        raise Unplayable(UnplayableReason.UNKNOWN_RESOURCE)
    taken = {place.rsplit("/", 1)[-1].lower() for place in governed(tool)}
    entities = list(scene.world.entities(resource.name).values())
    candidates = [
        (entity, key, value)
        for entity in entities
        for key, value in entity.items()
        if key.lower() not in taken and _could_change(key, value, resource)
    ]
    if not candidates:
        raise Unplayable(UnplayableReason.EVERYTHING_CAN_CHANGE, resource=resource.name)
    entity, key, value = rng.choice(candidates)
    values = [
        other[key]
        for other in entities
        if other.get(key) not in (None, value) and tellable(other.get(key))
    ]
    if not values:
        raise Unplayable(UnplayableReason.NO_OTHER_VALUE)
    named = _named(scene, target, resource, entity)
    if not named:
        raise Unplayable(UnplayableReason.NO_NAME_FOR_ENTITY, resource=resource.name)
    words, new = plain_words(key), rng.choice(values)
    phrase = f"it should be {spoken(new, (), rng)}"
    detail = Detail(words=words, said=say(new), value=new, phrase=phrase)
    turn = Turn(
        intent=f"change the {words} of {named[0].words}",
        details=(detail,),
        why=_why_fixed(tool, target, words, resource.name),
        references=named,
    )
    return turn, tool


def _could_change(key: str, value: object, resource: Resource) -> bool:
    """Whether a user could want to change a property: plain, no key, no status, not a moment."""
    if key == resource.identifier or (resource.status and key == resource.status.property):
        return False
    name = split_name(key)
    if name.endswith(("ID", " at")):
        return False
    return isinstance(value, (int, float, str)) and tellable(value) and not opaque(value)


def _why_fixed(tool: Tool, target: str | None, words: str, noun: str) -> str:
    """What the assistant can say: "I can change the name or price of a book, but not the genre"."""
    changeable = [
        plain_words(place.rsplit("/", 1)[-1])
        for place in governed(tool)
        if place.count("/") == 1 and place[1:] != target
    ][:_MOST_CHANGEABLE]
    if changeable:
        return f"I can change the {join(changeable, 'or')} of a {noun}, but not the {words}"
    return f"the {words} of a {noun} {are(words)} fixed"


def _named(
    scene: Scene,
    target: str | None,
    resource: Resource | None,
    entity: Mapping[str, object] | None = None,
) -> tuple[Reference, ...]:
    """A referring expression for an entity, by default a random one; empty if none is clear.

    `target` is the argument that holds its key; without one there is nothing to refer to.
    """
    if target is None or resource is None or resource.virtual:
        return ()
    entities = list(scene.world.entities(resource.name).values())
    if entity is None and entities:
        entity = scene.rng.choice(entities)
    if entity is None:
        return ()
    place = next(index for index, item in enumerate(entities) if item is entity)
    for words, kind in proposals(entity, entities, resource, scene.rng, whole=False):
        if pick(words, entities, resource) == [place]:
            return (Reference(step="", pointer=f"/{resource.name}", words=words, kind=kind),)
    return ()
