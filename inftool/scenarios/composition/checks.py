"""Checks of a composed request: references are clear, every call is needed, every value is said."""

from __future__ import annotations

from collections.abc import Sequence

from inftool.core.json_pointer import at_pointer
from inftool.core.tools import Tool
from inftool.core.types import Arguments
from inftool.language.values import mentions
from inftool.scenarios.composition.attempt import WishAttempt
from inftool.scenarios.composition.edge_execution import corrupted_arguments, fails_with
from inftool.scenarios.composition.literals import SpokenLiteral, not_understood, plainest
from inftool.scenarios.composition.scene import ComposedRequest, Scene, comparable
from inftool.scenarios.composition.unplayable import Unplayable, UnplayableReason
from inftool.scenarios.plan import source_value
from inftool.scenarios.resolution.resolver import point
from inftool.scenarios.tool_schema.places import matching, pattern
from inftool.world.world import World


def check_references(attempt: WishAttempt, arguments: Arguments) -> None:
    """Every referring expression still means one entity.

    A lookup after the choice may have shown more entities that the expression fits.
    """
    for pointer, words, kind in attempt.mentions:
        key_property = matching(pointer, attempt.role.references)
        # A key names its entity whatever else was shown.
        if kind == "key" or key_property is None:
            continue
        resource, key_name = key_property
        source = attempt.bindings.get(pointer)
        meant = (
            at_pointer(arguments, pointer)
            if source is None
            else source_value(source, attempt.results)
        )
        understood = point(words, key_name, resource, attempt.memory, attempt.scene.resources)
        if understood != [meant]:
            raise Unplayable(UnplayableReason.REFERENCE_BECAME_AMBIGUOUS)


def check_need(attempt: WishAttempt, wish: ComposedRequest) -> None:
    """Every call is needed, those of earlier requests included.

    A lookup has to give a value that is known from nowhere else. A reading has to tell something
    that no other answer holds, or give a later call what nothing else gives.
    """
    lookups = dict.fromkeys(step.id for step in wish.steps if not step.goal)
    sources = dict.fromkeys(need for step in wish.steps for need in step.after)
    for step_id in lookups | sources:
        if _gives_what_nothing_else_gives(attempt, wish, step_id):
            attempt.relied_on.add(step_id)
        elif step_id in lookups:
            raise Unplayable(UnplayableReason.UNNECESSARY_LOOKUP)
    # What is read again may be known from the steps that it follows, which still have their use.
    attempt.relied_on.update(need for step in wish.steps if step.anew for need in step.after)
    for step_id, keys in attempt.scene.told_keys.items():
        if step_id not in attempt.relied_on and not any(
            attempt.only_shown_by(step_id, key) for key in keys
        ):
            raise Unplayable(UnplayableReason.TOLD_BEFORE)


def _gives_what_nothing_else_gives(
    attempt: WishAttempt, wish: ComposedRequest, step_id: str
) -> bool:
    """Whether the request takes a value from a step that was neither said nor shown elsewhere.

    Of the request's own answers only those count that come before the value is used.
    """
    said, scene = wish.normalized_text(), attempt.scene
    before: set[str] = set()
    for step in wish.steps:
        for source in step.bindings.values():
            if source.step != step_id:
                continue
            value = at_pointer(attempt.results[step_id], source.pointer)
            if (
                not _is_shown_elsewhere(attempt, step_id, value, before)
                and not mentions(said, value)
                and not any(mentions(text, value) for text in scene.texts)
            ):
                return True
        before.add(step.id)
    return False


def _is_shown_elsewhere(
    attempt: WishAttempt, step_id: str, value: object, before: set[str]
) -> bool:
    """Whether a step of an earlier request, or one of `before`, shows a value that a step shows."""
    key = comparable(value)
    return any(
        key in keys
        for other, keys in attempt.shown_keys.items()
        if other != step_id and (other in attempt.scene.shown_keys or other in before)
    )


def check_edges(attempt: WishAttempt, wish: ComposedRequest, start: World) -> None:
    """No call may succeed with any other value in place of one that it takes from a result.

    This is the negative control of EnvFactory, made for every edge of the plan; `start` is the
    world before the call.
    """
    for step in wish.steps:
        tool, role = attempt.scene.pool.tools[step.tool], attempt.scene.role(step.tool)
        for argument in dict.fromkeys(map(pattern, step.bindings)):
            wrong = corrupted_arguments(step, argument, attempt.results)
            if not fails_with(start, tool, role, wrong):
                raise Unplayable(
                    UnplayableReason.VALUE_DOES_NOT_MATTER, tool=step.tool, argument=argument[1:]
                )


def check_wording(
    wish: ComposedRequest,
    tool: Tool,
    arguments: Arguments,
    literals: Sequence[SpokenLiteral],
    scene: Scene,
) -> None:
    """Every literal can be parsed back from the whole text; `literals` are the wish's last details.

    One that cannot is said in the plainest words, and then has to be understood, unless nothing
    better can be had (`choosy` is off).
    """
    first = len(wish.details) - len(literals)

    def lost() -> list[int]:
        said = [
            literal._replace(detail=item)
            for literal, item in zip(literals, wish.details[first:], strict=True)
        ]
        return list(not_understood(wish.text(), tool, arguments, said))

    # The text is parsed as a whole: what one detail says may blur another.
    unclear = lost()
    for index in unclear:
        current = literals[index]._replace(detail=wish.details[first + index])
        wish.details[first + index] = plainest(tool, arguments, current, scene.rng)
    if unclear and (unclear := lost()) and scene.choosy:
        raise Unplayable(UnplayableReason.NOT_UNDERSTOOD, place=literals[unclear[0]].pointer)
