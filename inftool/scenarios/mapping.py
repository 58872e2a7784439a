"""The coverage map of a run, and what each API can give: what `inftool coverage` prints."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from inftool.records import CATEGORIES, Blueprint, Category, JsonObject, Persona
from inftool.scenarios.coverage import KINDS, report
from inftool.scenarios.edges import proven
from inftool.scenarios.sample import Sampler
from inftool.scenarios.scene import Unplayable
from inftool.scenarios.stage import Stage

TRIES = 40


def coverage_map(stage: Stage, blueprints: Iterable[Blueprint]) -> JsonObject:
    """What some blueprints cover of a stage, its producer edges executed first; those that did not hold are listed with the reason."""
    good, bad = [], []
    for name in stage.api_names:
        held, failed = proven(stage, name)
        good += held
        bad += failed
    document = report(stage, list(blueprints), [edge.key for edge in good])
    document["edges"] = [edge.model_dump(mode="json") for edge in good]
    document["edges that did not hold"] = [{"producer": e.producer, "consumer": e.consumer, "argument": e.argument, "why": why} for e, why in bad]
    return document


def possible(stage: Stage, personas: Sequence[Persona], *, categories: Sequence[Category] = CATEGORIES, tries: int = TRIES) -> JsonObject:
    """By API and category: "yes", or why some tries gave no blueprint."""
    sampler = Sampler(stage, personas, 0, categories)
    found: JsonObject = {}
    for api in stage.api_names:
        found[api] = {}
        for category in categories:
            why = ""
            for attempt in range(tries):
                try:
                    sampler.build(category, api, attempt, random.Random(f"{api}/{category}/{attempt}"), choosy=attempt < tries // 2)
                except Unplayable as error:
                    why = str(error)
                    continue
                why = "yes"
                break
            found[api][category] = why
    return found


def render(document: JsonObject, most: int = 8) -> str:
    """A coverage map as plain text: a line a kind, and the first cells that are open."""
    lines = [
        f"{document['blueprints']} blueprints, {document['goal calls']} calls; the fewest that could cover values and edges: {document['minimum calls']}"
    ]
    for kind in KINDS:
        row = document["kinds"][kind]
        lines.append(f"{kind:10} {row['met']:6} of {row['cells']:6}  {100 * row['share']:5.1f}%")
        lines += [f"             open: {cell}" for cell in row["open"][:most]]
        if len(row["open"]) > most:
            lines.append(f"             … and {len(row['open']) - most} more")
    if document["entropy"]:
        lines.append("entropy    " + ", ".join(f"{name} {value:.2f}" for name, value in document["entropy"].items()) + " bits")
    if document["edges that did not hold"]:
        lines.append(f"{len(document['edges that did not hold'])} believed edges did not hold when they were executed")
    return "\n".join(lines)
