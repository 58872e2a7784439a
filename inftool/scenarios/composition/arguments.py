"""Arguments for a call, drawn from its schema: what is required and some of the rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from inftool.core.json_pointer import at_pointer, replace_at
from inftool.core.tools import Tool
from inftool.core.types import Arguments, JsonObject
from inftool.scenarios.composition.literals import rounded
from inftool.scenarios.composition.scene import Scene
from inftool.scenarios.composition.session import optional_session_arguments
from inftool.scenarios.composition.unplayable import Unplayable, UnplayableReason
from inftool.scenarios.plan import leaves
from inftool.scenarios.tool_schema.places import choices, matching, pattern, schema_at
from inftool.scenarios.tool_schema.relevance import preferred
from inftool.scenarios.tool_schema.session_values import technical
from inftool.scenarios.tool_schema.trimming import trimmed
from inftool.scenarios.wording.sayable import sayable
from inftool.world.resources.models import Role
from inftool.world.sampling.context import SamplerSettings
from inftool.world.sampling.sampler import sample

# The most values that one request states. A turn with more reads like a form.
MAX_LEAVES = 10

# How many optional arguments are passed: mostly none or one, since people say what they need.
_OPTIONAL_COUNTS = (0, 0, 1, 1, 2, 3)
_OPTIONAL_COUNTS_WITHOUT_REQUIRED = (0, 1, 1, 2)
_UNCOVERED_COUNTS = (1, 2, 2, 3)
_MAX_OPTIONAL = 3

# How often an argument comes first because some of its listed values were never asked for, however
# little it means to people. Without it such values stay open for good.
_UNCOVERED_ENUM_SHARE = 0.3

# How often the sampler fills an optional property inside an argument, and how often it is asked.
# An edge that ends inside a list of objects needs a property there, which takes more of both.
_OPTIONAL_INSIDE = 0.3
_DRAWS = 4
_OPTIONAL_INSIDE_NESTED = 0.7
_DRAWS_NESTED = 12


@dataclass(frozen=True)
class DrawOptions:
    """What kind of arguments to draw."""

    steer: bool = True
    """Prefer optional arguments and listed values that nothing has covered yet."""

    prefer_references: bool = False
    """Prefer optional arguments that name entities."""

    without_opaque_keys: bool = False
    """Nothing is looked up or reused, so a key that no person says cannot be had."""

    edge_argument: str = ""
    """The argument (a pointer pattern) that has to be there; empty if none has to."""

    onward_argument: str = ""
    """An argument that is preferred, as the answer leads on by it."""

    @property
    def edge_name(self) -> str:
        """The argument at the top that holds `edge_argument`: `/lines/*/bookId` -> "lines"."""
        return self.edge_argument.split("/")[1] if self.edge_argument else ""

    @property
    def is_edge_nested(self) -> bool:
        """Whether `edge_argument` is inside an argument."""
        return self.edge_argument.count("/") > 1


def draw_arguments(
    scene: Scene, tool: Tool, role: Role, options: DrawOptions | None = None
) -> dict[str, object]:
    """Arguments for a call; Unplayable if what is required cannot be said."""
    options = options or DrawOptions()
    required = set(tool.input_schema.get("required", ()))
    given = technical(tool) - {pointer[1:] for pointer in role.references}
    wanted = _optional_arguments(scene, tool, role, given, options)
    from_session = optional_session_arguments(scene, tool, given - required, steer=options.steer)
    chosen = {*required, *wanted, *from_session}
    names = [name for name in tool.input_schema.get("properties", {}) if name in chosen]
    if not names:
        return {}
    part = _object_schema(tool, names)
    # The argument at the end of the edge is at the head of the list, and is never dropped: without
    # it the request would miss its point.
    kept = 1 if options.edge_name in wanted else 0
    for _ in range(_DRAWS_NESTED if options.is_edge_nested else _DRAWS):
        arguments = _sampled(scene, tool, role, part, options)
        if options.is_edge_nested and not _has_place(arguments, options.edge_argument):
            continue
        # Not on the last attempt, where any arguments that can be said will do.
        if options.steer:
            _prefer_uncovered_values(scene, tool, role, arguments)
        if _is_sayable(arguments, given):
            # An empty list or object says nothing, so an optional one is left out.
            return {
                name: value
                for name, value in arguments.items()
                if name in required or not _is_empty(value)
            }
        # With fewer optional arguments there is less that cannot be said.
        if len(wanted) > kept:
            names.remove(wanted.pop())
            # In place: the sampler still validates against the object before the change, and
            # therefore fills every optional property. Recorded blueprints were drawn that way.
            part |= _object_schema(tool, names)
    raise Unplayable(UnplayableReason.NOT_SAYABLE, tool=tool.name)


def _has_place(arguments: Arguments, place: str) -> bool:
    """Whether there is a value at a place (a pointer pattern) of some arguments."""
    return any(pattern(pointer) == place for pointer, _ in leaves(arguments))


def _optional_arguments(
    scene: Scene, tool: Tool, role: Role, given: frozenset[str], options: DrawOptions
) -> list[str]:
    """The optional arguments to pass, the most wanted first; those of the session not included."""
    rng, required = scene.rng, set(tool.input_schema.get("required", ()))
    opaque = _opaque_arguments(scene, tool, role) if options.without_opaque_keys else set()
    if opaque & required:
        raise Unplayable(UnplayableReason.KEY_NOBODY_SAYS)
    paging = role.listing.paging
    # Nobody asks for the second page of something.
    walked = {paging.page, paging.size, paging.offset, paging.cursor}
    skipped = {*required, *given, *walked, *opaque}
    optional = [name for name in tool.input_schema.get("properties", {}) if name not in skipped]
    counts = _OPTIONAL_COUNTS if required else _OPTIONAL_COUNTS_WITHOUT_REQUIRED
    wanted = preferred(tool, optional, min(len(optional), rng.choice(counts)), rng)
    if options.steer:
        wanted = _uncovered_first(scene, tool, optional, wanted)
    if options.prefer_references:
        wanted = _first((name for name in optional if f"/{name}" in role.references), wanted)
    if options.onward_argument in optional:
        wanted = _first([options.onward_argument], wanted)
    if options.edge_name in optional:
        wanted = _first([options.edge_name], wanted)
    if options.edge_name and not options.steer:
        return [name for name in wanted if name == options.edge_name]
    return wanted


def _opaque_arguments(scene: Scene, tool: Tool, role: Role) -> set[str]:
    """The arguments whose keys nobody says: a UUID comes from a list or an earlier answer."""
    if not scene.choosy or tool.name in scene.keys_at_hand:
        return set()
    opaque = scene.pool.opaque_keys(scene.api)
    return {pointer[1:] for pointer, key in role.references.items() if key in opaque}


def _uncovered_first(scene: Scene, tool: Tool, optional: list[str], wanted: list[str]) -> list[str]:
    """The wanted arguments, some of those that nothing has covered yet before them."""
    rng = scene.rng
    uncovered = [name for name in optional if _is_uncovered(scene, tool, f"/{name}")]
    if uncovered:
        wanted = _first(preferred(tool, uncovered, rng.choice(_UNCOVERED_COUNTS), rng), wanted)
    listed = [name for name in uncovered if scene.is_open(f"enum:{tool.name}/{name}")]
    if listed and rng.random() < _UNCOVERED_ENUM_SHARE:
        wanted = _first([rng.choice(listed)], wanted)
    return wanted


def _first(names: Iterable[str], others: Iterable[str]) -> list[str]:
    """Some names before others, each once, as many as are passed at most."""
    return list(dict.fromkeys([*names, *others]))[:_MAX_OPTIONAL]


def _sampled(
    scene: Scene, tool: Tool, role: Role, part: JsonObject, options: DrawOptions
) -> dict[str, object]:
    """Values for some arguments, with rounded times and without what people leave out."""
    settings = SamplerSettings(
        now=scene.world.now,
        currency=scene.world.currency,
        optional=_OPTIONAL_INSIDE_NESTED if options.is_edge_nested else _OPTIONAL_INSIDE,
    )
    # The noun tells the sampler what a bare `name` or `title` is the name of.
    drawn = sample(part, scene.rng, noun=role.target.resource or "", settings=settings)
    arguments: dict[str, object] = rounded(drawn)
    if role.kind == "create" and role.target.resource is not None:
        _give_free_name(scene, role, arguments)
    return trimmed(
        tool,
        arguments,
        scene.rng,
        lambda pointer: matching(pointer, role.references) is not None,
    )


def _object_schema(tool: Tool, names: list[str]) -> JsonObject:
    """The schema of an object with some of a tool's arguments, all of them required.

    They are drawn as one object so that values fit each other: a start before its end.
    """
    schema = tool.input_schema
    part: JsonObject = {
        "type": "object",
        "properties": {name: schema["properties"][name] for name in names},
        "required": list(names),
        "additionalProperties": False,
    }
    if "$defs" in schema:
        part["$defs"] = schema["$defs"]
    return part


def _is_sayable(arguments: Arguments, given: frozenset[str]) -> bool:
    """Whether a person could state all arguments but those that the session gives."""
    spoken = [
        leaf for pointer, leaf in leaves(arguments) if pointer[1:].split("/", 1)[0] not in given
    ]
    return len(spoken) <= MAX_LEAVES and all(
        sayable(leaf) or isinstance(leaf, (dict, list)) for leaf in spoken
    )


def _is_empty(value: object) -> bool:
    return isinstance(value, (dict, list)) and not value


def _give_free_name(scene: Scene, role: Role, arguments: dict[str, object]) -> None:
    """Give a new entity a name that is free: "Summer fair" -> "Summer fair 2026"."""
    kind = scene.resource(role.target.resource)
    if kind is None or not kind.label:
        return
    name = arguments.get(kind.label)
    if not isinstance(name, str):
        return
    taken = {entity.get(kind.label) for entity in scene.world.entities(kind.name).values()}
    # A sentence gets no number: many entities may be described alike.
    if name not in taken or name[-1:] in ".!?":
        return
    free = (f"{name} {scene.world.now.year}", f"New {name.lower()}", f"{name} II")
    arguments[kind.label] = next((new for new in free if new not in taken), name)


def _is_uncovered(scene: Scene, tool: Tool, pointer: str) -> bool:
    """Whether an argument, or one of its listed values, was in no call yet."""
    if scene.is_open(f"param:{tool.name}{pointer}"):
        return True
    return any(
        scene.is_open(f"enum:{tool.name}{pointer}={option}")
        for option in choices(schema_at(tool, pointer))
    )


def _prefer_uncovered_values(
    scene: Scene, tool: Tool, role: Role, arguments: dict[str, object]
) -> None:
    """Replace listed values by ones that no call has had yet."""
    for pointer, value in list(leaves(arguments)):
        if isinstance(value, (dict, list)) or matching(pointer, role.references):
            continue
        place = pattern(pointer)
        options = choices(schema_at(tool, pointer))
        if len(options) < 2 or not scene.is_open(f"enum:{tool.name}{place}"):
            continue
        uncovered = [
            option for option in options if scene.is_open(f"enum:{tool.name}{place}={option}")
        ]
        parent = at_pointer(arguments, pointer.rpartition("/")[0])
        # ["red", "red"] would say the same thing twice.
        if isinstance(parent, list):
            uncovered = [option for option in uncovered if option not in parent]
        if uncovered:
            replace_at(arguments, pointer, scene.rng.choice(uncovered))
