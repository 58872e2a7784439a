"""Arguments for a call: what is required and some of the rest, small enough to be said, and the words for every literal among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inftool.core.blueprints import Step
from inftool.core.json_pointer import at_pointer, replace_at
from inftool.core.tools import Tool
from inftool.core.types import JsonObject
from inftool.scenarios.composition.literals import rounded
from inftool.scenarios.composition.scene import Scene, WishAttempt
from inftool.scenarios.composition.unplayable import Unplayable, UnplayableReason
from inftool.scenarios.plan import leaves
from inftool.scenarios.tool_schema.places import choices, fixed, matching, pattern, schema_at
from inftool.scenarios.tool_schema.relevance import preferred, trimmed
from inftool.scenarios.tool_schema.session_values import session_value, technical
from inftool.scenarios.wording.sayable import sayable
from inftool.specs import check
from inftool.world.resources.models import Role
from inftool.world.sampling.context import SamplerSettings
from inftool.world.sampling.sampler import sample

MAX_LEAVES = 10


def draw_arguments(
    scene: Scene,
    tool: Tool,
    role: Role,
    *,
    steer: bool = True,
    referring: bool = False,
    unspoken: bool = False,
    demand: str = "",
    leading: str = "",
) -> JsonObject:
    """Arguments for a call; Unplayable where what is required cannot be said.

    `steer`: optional arguments and listed values that nothing has covered yet are preferred. `referring`: so are those that name things.
    `demand`: there must be something at that place (a pattern). `leading`: an argument that had better be there. `unspoken`: keys that no person would say cannot be had, since nothing is looked up.
    """
    schema, rng, world = tool.input_schema, scene.rng, scene.world
    properties = schema.get("properties", {})
    required = set(schema.get("required", ()))
    paging = role.listing.paging
    skipped = {paging.page, paging.size, paging.offset, paging.cursor}
    minted = (
        scene.pool.opaque_keys(scene.api)
        if unspoken and scene.choosy and tool.name not in scene.keys_at_hand
        else frozenset()
    )
    if minted and any(role.references.get(f"/{name}") in minted for name in required):
        raise Unplayable(UnplayableReason.KEY_NOBODY_SAYS)
    given = technical(tool) - {pointer[1:] for pointer in role.references}
    optional = [
        name
        for name in properties
        if name not in required
        and name not in skipped
        and name not in given
        and role.references.get(f"/{name}") not in minted
    ]
    count = min(len(optional), rng.choice((0, 0, 1, 1, 2, 3) if required else (0, 1, 1, 2)))
    wanted = preferred(tool, optional, count, rng)
    if steer:
        fresh = [name for name in optional if _open(scene, tool, f"/{name}")]
        if fresh:
            wanted = list(
                dict.fromkeys([*preferred(tool, fresh, rng.choice((1, 2, 2, 3)), rng), *wanted])
            )[:3]
        # What means little to people but has listed values that nothing has covered yet is drawn now and then.
        listed = [name for name in fresh if scene.is_open(f"enum:{tool.name}/{name}")]
        if listed and rng.random() < 0.3:
            wanted = list(dict.fromkeys([rng.choice(listed), *wanted]))[:3]
    if referring:
        wanted = list(
            dict.fromkeys([*(name for name in optional if f"/{name}" in role.references), *wanted])
        )[:3]
    top = demand.split("/")[1] if demand else ""
    if leading in optional:
        wanted = list(dict.fromkeys([leading, *wanted]))[:3]
    if top in optional:
        wanted = list(dict.fromkeys([top, *wanted]))[:3]
    if demand and not steer:
        wanted = [name for name in wanted if name == top]
    silent = _silent(scene, tool, given - required, steer=steer)
    chosen = {
        name: part
        for name, part in properties.items()
        if name in required or name in wanted or name in silent
    }
    if not chosen:
        return {}
    # Drawn as one object, so that what belongs together fits together (a start before its end).
    part: JsonObject = {
        "type": "object",
        "properties": chosen,
        "required": list(chosen),
        "additionalProperties": False,
    }
    if "$defs" in schema:
        part["$defs"] = schema["$defs"]
    deep = demand.count("/") > 1
    settings = SamplerSettings(
        now=world.now, currency=world.currency, optional=0.7 if deep else 0.3
    )
    for _ in range(12 if deep else 4):
        arguments = rounded(sample(part, rng, noun=role.target.resource or "", settings=settings))
        if role.kind == "create" and role.target.resource is not None:
            _make_new(scene, role, arguments)
        arguments = trimmed(
            tool, arguments, rng, lambda pointer: matching(pointer, role.references) is not None
        )
        if deep and not any(pattern(pointer) == demand for pointer, _ in leaves(arguments)):
            continue
        if steer:
            _prefer(scene, tool, role, arguments)
        spoken = [
            (pointer, leaf)
            for pointer, leaf in leaves(arguments)
            if pointer[1:].split("/", 1)[0] not in given
        ]
        if len(spoken) <= MAX_LEAVES and all(
            sayable(leaf) or isinstance(leaf, (dict, list)) for _, leaf in spoken
        ):
            found: JsonObject = {
                name: value
                for name, value in arguments.items()
                if name in required or not (isinstance(value, (dict, list)) and not value)
            }
            return found
        if wanted[1 if top in wanted else 0 :]:
            dropped = wanted.pop()
            part["properties"] = {
                name: value for name, value in part["properties"].items() if name != dropped
            }
            part["required"] = list(part["properties"])
    raise Unplayable(UnplayableReason.NOT_SAYABLE, tool=tool.name)


def _silent(scene: Scene, tool: Tool, optional: frozenset[str], *, steer: bool) -> list[str]:
    """Of the protocol's own arguments that need not be there, those that the session gives already; now and then one more, before anything was called."""
    found = [name for name in sorted(optional) if name in scene.session]
    if steer and not scene.tool_by_step and not found and optional and scene.rng.random() < 0.08:
        # A session gives values; what is to be or not to be so is nobody's value.
        schemas = tool.input_schema["properties"]
        fresh = [
            name
            for name in sorted(optional)
            if schemas[name].get("type") != "boolean" and scene.is_open(f"param:{tool.name}/{name}")
        ]
        found += scene.rng.sample(fresh, min(len(fresh), 1))
    return found


def give_session(draft: WishAttempt, arguments: JsonObject) -> set[str]:
    """Give a call what the session gives, the same as every call before; the pointers where that was done."""
    done: set[str] = set()
    given = technical(draft.tool)
    for name in [
        name for name in arguments if name in given and f"/{name}" not in draft.role.references
    ]:
        value = arguments[name]
        if isinstance(value, (dict, list)) or not sayable(value) or fixed(draft.tool, name):
            continue
        schema = draft.tool.input_schema["properties"][name]
        known = draft.session.get(name)
        if known is None or ("$ref" not in schema and check(schema, known)):
            known = session_value(name, schema, value, draft.scene.rng)
        if draft.session.setdefault(name, known) != known:
            raise Unplayable(UnplayableReason.SESSION_CONFLICT, argument=name)
        arguments[name] = known
        done.add(f"/{name}")
    return done | {f"/{name}" for name in arguments if fixed(draft.tool, name)}


def with_session_values(
    steps: Sequence[Step], session: JsonObject, tools: Mapping[str, Tool]
) -> tuple[Step, ...]:
    """Steps with what the session gives passed by every call that takes it."""
    return tuple(
        step.model_copy(
            update={"arguments": {**{name: session[name] for name in missing}, **step.arguments}}
        )
        if (
            missing := [
                name
                for name in session
                if name in technical(tools[step.tool]) and name not in step.arguments
            ]
        )
        else step
        for step in steps
    )


def _make_new(scene: Scene, role: Role, arguments: JsonObject) -> None:
    """Give a new thing a name that no other of its kind has."""
    kind = scene.resource(role.target.resource)
    if kind is None or not kind.label or not isinstance(name := arguments.get(kind.label), str):
        return
    taken = {entity.get(kind.label) for entity in scene.world.entities(kind.name).values()}
    # A sentence gets no number: that many things may be described alike.
    if name in taken and name[-1:] not in ".!?":
        arguments[kind.label] = next(
            (
                new
                for new in (f"{name} {scene.world.now.year}", f"New {name.lower()}", f"{name} II")
                if new not in taken
            ),
            name,
        )


def _open(scene: Scene, tool: Tool, pointer: str) -> bool:
    if scene.is_open(f"param:{tool.name}{pointer}"):
        return True
    return any(
        scene.is_open(f"enum:{tool.name}{pointer}={option}")
        for option in choices(schema_at(tool, pointer))
    )


def _prefer(scene: Scene, tool: Tool, role: Role, arguments: JsonObject) -> None:
    """Put listed values that nothing has covered yet in the place of others."""
    for pointer, value in list(leaves(arguments)):
        if isinstance(value, (dict, list)) or matching(pointer, role.references):
            continue
        place = pattern(pointer)
        options = choices(schema_at(tool, pointer))
        if len(options) < 2 or not scene.is_open(f"enum:{tool.name}{place}"):
            continue
        fresh = [option for option in options if scene.is_open(f"enum:{tool.name}{place}={option}")]
        home = at_pointer(arguments, pointer.rpartition("/")[0])
        if isinstance(home, list):
            fresh = [option for option in fresh if option not in home]
        if fresh:
            replace_at(arguments, pointer, scene.rng.choice(fresh))
