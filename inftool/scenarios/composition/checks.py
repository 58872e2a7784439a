"""Checks of a composed blueprint: every reference holds, every step is needed, every edge is used, every text is sayable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from inftool.core.blueprints import Detail
from inftool.core.json_pointer import at_pointer
from inftool.core.tools import Tool
from inftool.core.types import JsonObject
from inftool.language.values import mentions
from inftool.scenarios.composition.edges import corrupted_arguments, fails_with
from inftool.scenarios.composition.literals import clear, plainly
from inftool.scenarios.composition.scene import (
    ComposedRequest,
    Scene,
    WishAttempt,
    key_of,
)
from inftool.scenarios.composition.unplayable import Unplayable, UnplayableReason
from inftool.scenarios.plan import source_value
from inftool.scenarios.resolution.resolver import point
from inftool.scenarios.tool_schema.places import matching, pattern
from inftool.world.world import World


def check_references(draft: WishAttempt, arguments: JsonObject) -> None:
    """What was clear when it was chosen must be clear still: a lookup after it may have shown more things that the words fit."""
    for pointer, words, kind in draft.pointed:
        goal = matching(pointer, draft.role.references)
        if kind == "key" or goal is None:
            continue
        source = draft.bindings.get(pointer)
        meant = (
            at_pointer(arguments, pointer)
            if source is None
            else source_value(source, draft.results)
        )
        if point(words, goal[1], goal[0], draft.memory, draft.scene.resources) != [meant]:
            raise Unplayable(UnplayableReason.REFERENCE_BECAME_AMBIGUOUS)


def check_need(draft: WishAttempt, wish: ComposedRequest) -> None:
    """No call may be one that nothing would miss: a lookup gives what nobody else gives; a reading tells, then and later, what no other answer holds, or
    gives what a later call takes and nobody else gives.
    """
    scene = draft.scene
    said = wish.said()
    own = dict.fromkeys(step.id for step in wish.steps if not step.goal)
    for step in own | {need: None for other in wish.steps for need in other.after}:
        # What was said, or shown by another call before it is used, need not have been looked up.
        if any(
            not any(
                key_of(value) in keys
                for other, keys in draft.shown_keys.items()
                if other != step and (other in scene.shown_keys or other in earlier)
            )
            and not mentions(said, value)
            and not any(mentions(text, value) for text in scene.texts)
            for earlier, value in _uses(wish, step, draft)
        ):
            draft.relied_on.add(step)
        elif step in own:
            raise Unplayable(UnplayableReason.UNNECESSARY_LOOKUP)
    # What is read again may be known from these: they are there for what it is read by.
    draft.relied_on.update(need for step in wish.steps if step.anew for need in step.after)
    for step_id, keys in scene.told_keys.items():
        if step_id not in draft.relied_on and not any(
            not any(key in shown for other, shown in draft.shown_keys.items() if other != step_id)
            for key in keys
        ):
            raise Unplayable(UnplayableReason.TOLD_BEFORE)


def check_edges(draft: WishAttempt, wish: ComposedRequest, start: World) -> None:
    """No value may be taken from an earlier result that any other would do as well for: the negative control, for every edge of the plan."""
    for step in wish.steps:
        tool, role = draft.scene.pool.tools[step.tool], draft.scene.role(step.tool)
        for place in dict.fromkeys(map(pattern, step.bindings)):
            if not fails_with(start, tool, role, corrupted_arguments(step, place, draft.results)):
                raise Unplayable(
                    UnplayableReason.VALUE_DOES_NOT_MATTER, tool=step.tool, argument=place[1:]
                )


def _uses(wish: ComposedRequest, step: str, draft: WishAttempt) -> Iterator[tuple[list[str], Any]]:
    """Each value that a step of a wish takes from a step, with the steps of the wish before that one."""
    for place, other in enumerate(wish.steps):
        for source in other.bindings.values():
            if source.step == step:
                yield (
                    [before.id for before in wish.steps[:place]],
                    at_pointer(draft.results[step], source.pointer),
                )


def check_wording(
    wish: ComposedRequest,
    named: int,
    tool: Tool,
    arguments: JsonObject,
    said: Sequence[tuple[str, Detail]],
    scene: Scene,
) -> None:
    """Every literal must be heard back from the whole text; one that is not is said in the plainest words, and then must be.

    Where nothing better can be had (`choosy` is off), the plainest words will do.
    """
    for attempt in range(2):
        lost = clear(
            wish.text(),
            tool,
            arguments,
            [(pointer, wish.details[named + index]) for index, (pointer, _) in enumerate(said)],
        )
        if not lost:
            return
        if attempt:
            break
        for index in lost:
            pointer, _ = said[index]
            wish.details[named + index] = plainly(
                tool, arguments, pointer, wish.details[named + index], scene.rng
            )
    if scene.choosy:
        raise Unplayable(UnplayableReason.NOT_UNDERSTOOD, place=said[lost[0]][0])
