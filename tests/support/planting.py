"""The verifier against planted faults: the lines that they are planted in, and what was found and
blamed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from inftool import synthesize
from inftool.core.trajectories import Trajectory
from inftool.runs.run_folder import read_rows
from inftool.scenarios.world_pool import WorldPool
from inftool.specs import compile_specs
from inftool.verification.verdict import judge
from tests.support.planted_faults.lines import FAULTS, Line, plant


def base_lines(
    folder: Path, count: int, seed: int, specs: Sequence[Path]
) -> tuple[list[Line], WorldPool]:
    """The kept lines of a scripted run, and the stage that they were played on."""
    synthesize(list(specs), out=folder / "run", count=count, seed=seed)
    return list(read_rows(folder / "run", "kept")), WorldPool(
        [api for api in compile_specs(list(specs)) if api.tools]
    )


def measure(lines: Sequence[Line], stage: WorldPool, count: int, seed: int) -> dict[str, Any]:
    """Plant `count` faults, as many of each kind as the lines allow, and judge them and the lines
    themselves."""
    kinds: dict[str, Counter[str]] = {
        kind: Counter(planted=0, found=0, blamed=0) for kind in FAULTS
    }
    next_try = dict.fromkeys(FAULTS, 0)
    missed: list[str] = []
    misjudged: list[str] = []
    open_kinds, planted = list(FAULTS), 0
    while open_kinds and planted < count:
        # What some kinds give no occasion for, the others make up for.
        per_kind = -(-(count - planted) // len(open_kinds))
        for kind in list(open_kinds):
            blame, tally = FAULTS[kind][0], kinds[kind]
            wanted, last = tally["planted"] + per_kind, next_try[kind] + 4 * per_kind
            while tally["planted"] < wanted and next_try[kind] < last:
                number = next_try[kind]
                next_try[kind] += 1
                line = lines[(number * 7919 + seed) % len(lines)]
                if (changed := plant(line, kind, seed + number // len(lines), stage)) is None:
                    continue
                verdict = judge(Trajectory.model_validate(changed), stage)
                tally["planted"] += 1
                failed = verdict.status == "fail"
                tally["found"] += failed
                if not failed:
                    missed.append(f"{kind}: {line['id']}")
                blamed = failed and verdict.findings[0].blame == blame
                tally["blamed"] += blamed
                if failed and not blamed:
                    misjudged.append(
                        f"{kind}: {line['id']} is said to be {verdict.findings[0].code} of the "
                        f"{verdict.findings[0].blame}"
                    )
            if tally["planted"] < wanted:
                open_kinds.remove(kind)
        planted = sum(tally["planted"] for tally in kinds.values())
    clean = [
        judge(Trajectory.model_validate({**line, "verdict": None}), stage).passed for line in lines
    ]
    found, rightly = (sum(tally[key] for tally in kinds.values()) for key in ("found", "blamed"))
    wrong = clean.count(False)
    return {
        "planted": planted,
        "kinds": len([kind for kind, tally in kinds.items() if tally["planted"]]),
        "clean": len(clean),
        "recall": found / planted,
        "precision": found / (found + wrong),
        "blame": rightly / max(found, 1),
        "by kind": {kind: dict(tally) for kind, tally in kinds.items()},
        "missed": missed[:40],
        "misjudged": misjudged[:100],
    }
