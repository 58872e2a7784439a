"""Users who tell what they know piece by piece."""

from __future__ import annotations

from inftool.core.blueprints import Step, Turn
from inftool.scenarios.composition.scene import Scene
from inftool.scenarios.plan import leaves
from inftool.scenarios.sampling.tool_choice import ToolChooser

MANY = 5
"""Nobody tells more values than this at once."""


def told_piecewise(
    turns: list[tuple[Turn, list[Step]]], chooser: ToolChooser, scene: Scene
) -> list[tuple[Turn, list[Step]]]:
    """The same turns, of a user who tells what they know piece by piece.

    Of the first turn that needs several values, some are told only when they are asked for.
    """
    for number, (turn, steps) in enumerate(turns):
        if not steps or turn.kind != "wish" or any(detail.withheld for detail in turn.details):
            continue
        tool = chooser.pool.tools[steps[-1].tool]
        needed = set(tool.input_schema.get("required", ()))
        spots = []
        for pointer, value in leaves(steps[-1].arguments):
            if pointer[1:] in needed:
                spots += [
                    i
                    for i, item in enumerate(turn.details)
                    if item.value == value
                    and item.value is not None
                    and not isinstance(value, bool)
                    and type(item.value) is type(value)
                ]
        spots = list(dict.fromkeys(spots))
        if not spots:
            continue
        kept = set(scene.rng.sample(spots, scene.rng.randint(1, min(3, len(spots)))))
        # Of a great many values, half come with the answer.
        rest = [
            index for index, item in enumerate(turn.details) if index not in kept and item.frame
        ]
        later = set(rest[len(rest) // 2 :]) if len(turn.details) > MANY else set()
        details = tuple(
            item.model_copy(update={"withheld": True, "volunteered": index in later})
            if index in kept | later
            else item
            for index, item in enumerate(turn.details)
        )
        turns[number] = (turn.model_copy(update={"details": details}), steps)
        break
    return turns
