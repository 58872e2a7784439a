"""The coverage map of a run, and what each API can give: what `inftool coverage` prints."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from inftool.core.blueprints import CATEGORIES, Blueprint, Category, Persona
from inftool.core.json_pointer import Unresolved
from inftool.core.types import JsonObject
from inftool.scenarios.composition.edge_execution import proven_edges
from inftool.scenarios.composition.unplayable import Unplayable
from inftool.scenarios.reports.open_cells import Reasons
from inftool.scenarios.sampler import BlueprintSampler
from inftool.scenarios.sampling.cells import CELL_KINDS
from inftool.scenarios.sampling.coverage import coverage_counts
from inftool.scenarios.world_pool import WorldPool

TRIES = 40
# How many open cells of a kind are shown.
SHOWN = 8

# What a spec has to have for a category.
NEEDS: dict[Category, str] = {
    "simple": (
        "an operation whose arguments people can say and whose answer holds something to tell"
    ),
    "multiple": "an operation whose arguments people can say, and others beside it",
    "parallel": "an operation that can be wanted for two things at once",
    "parallel_multiple": (
        "two operations about things that have to do with each other, neither of "
        "which uses or changes what the other answers"
    ),
    "irrelevance": "tools that have nothing to do with some wish",
    "multi_turn_base": "an answer that holds what another operation takes",
    "multi_turn_miss_param": "a required argument that people can tell when asked",
    "multi_turn_miss_func": "an operation that can be hidden while others stay in sight",
    "multi_turn_long_context": "a list, and three more wishes of which one uses what it showed",
    "multi_step": (
        "an operation that takes the key of a thing which a list shows, by a name or a "
        "mark that people would use"
    ),
    "composite": "an operation that takes the keys of two things which lists show",
    "logical_jump": (
        "a list that takes the key of an owner which another list shows, and an "
        "operation that takes the key of what is found"
    ),
    "recovery": "an operation that documents a failure which passes (429, 5xx, 409 on a write)",
    "policy": (
        "an operation that documents a refusal (409, 422, 403) which the state of things "
        "can bring about, or a rules file"
    ),
    "change_of_mind": (
        "a value that can be corrected, a deed that can be undone, or a wish that can be dropped"
    ),
    "identify_limitation": (
        "an argument that takes one of a few words, or a thing of which only "
        "some properties can be changed"
    ),
}


def coverage_map(
    stage: WorldPool,
    blueprints: Iterable[Blueprint],
    personas: Sequence[Persona] = (),
    *,
    most: int | None = None,
    accept: Callable[[Blueprint], bool] = lambda blueprint: True,
) -> JsonObject:
    """What some blueprints cover of a stage, its producer edges executed first; those that did not
    hold are listed with the reason.

    With personas, the `most` first open cells of a kind (default: all) are tried for one by one,
    and `why` says what became of it.
    """
    good, bad = [], []
    for name in stage.api_names:
        held, failed = proven_edges(stage, name)
        good += held
        bad += failed
    document = coverage_counts(stage, list(blueprints), [edge.key for edge in good])
    if personas:
        reasons = Reasons(stage, personas, good, accept=accept)
        for row in document["kinds"].values():
            row["why"] = {cell: why for cell in row["open"][:most] if (why := reasons.why(cell))}
    document["edges"] = [edge.model_dump(mode="json") for edge in good]
    document["edges that did not hold"] = [
        {"producer": e.producer, "consumer": e.consumer, "argument": e.argument, "why": why}
        for e, why in bad
    ]
    return document


def possible(
    stage: WorldPool,
    personas: Sequence[Persona],
    *,
    categories: Sequence[Category] = CATEGORIES,
    tries: int = TRIES,
    accept: Callable[[Blueprint], bool] = lambda blueprint: True,
) -> JsonObject:
    """By API and category: "yes", or what the category needs and what became of so many tries;
    `accept` says whether a blueprint passes."""
    sampler = BlueprintSampler(stage, personas, 0, categories)
    found: JsonObject = {}
    for api in stage.api_names:
        found[api] = {}
        for category in categories:
            why: Counter[str] = Counter()
            for attempt in range(tries):
                try:
                    blueprint = sampler.build(
                        category,
                        api,
                        attempt,
                        random.Random(f"{api}/{category}/{attempt}"),
                        choosy=attempt < tries // 2,
                    )
                except (Unplayable, Unresolved) as error:
                    why[str(error)] += 1
                    continue
                if accept(blueprint):
                    why.clear()
                    break
                why["what was made did not pass its rehearsal"] += 1
            found[api][category] = explained(category, why) if why else "yes"
    return found


def explained(category: Category, why: Counter[str]) -> str:
    """Why a category cannot be had: what it needs, and the reasons that were met most."""
    met = ", ".join(f"{reason} ({count}\u00d7)" for reason, count in why.most_common(3))
    return f"needs {NEEDS[category]}; {why.total()} tries: {met}"


def render(document: JsonObject, most: int = SHOWN) -> str:
    """A coverage map as plain text: a line a kind, and the first cells that are open, with the
    reason where it is known."""
    lines = [
        (
            f"{document['blueprints']} blueprints, {document['goal calls']} calls; the fewest that "
            f"could cover values and edges: {document['minimum calls']}"
        )
    ]
    for kind in CELL_KINDS:
        row = document["kinds"][kind]
        lines.append(f"{kind:10} {row['met']:6} of {row['cells']:6}  {100 * row['share']:5.1f}%")
        whys = row.get("why", {})
        lines += [
            f"             open: {cell}{f' ({whys[cell]})' if cell in whys else ''}"
            for cell in row["open"][:most]
        ]
        if len(row["open"]) > most:
            lines.append(f"             … and {len(row['open']) - most} more")
    if document["entropy"]:
        lines.append(
            "entropy    "
            + ", ".join(f"{name} {value:.2f}" for name, value in document["entropy"].items())
            + " bits"
        )
    if document["edges that did not hold"]:
        lines.append(
            f"{len(document['edges that did not hold'])} believed edges did not hold when they "
            "were executed"
        )
    return "\n".join(lines)
