"""`inftool coverage`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from inftool.cli.common import DONE, AsJson, SpecsOfRun, app
from inftool.cli.rendering import out, plain, show_json

RunOrSpecs = Annotated[
    Path,
    typer.Argument(
        help="A run folder; or a spec or folder of specs, to see which categories it can give."
    ),
]


@app.command(epilog="Example:  inftool coverage runs/first")
def coverage(run: RunOrSpecs, specs: SpecsOfRun = None, as_json: AsJson = False) -> None:
    """Show what a run covers, and why the rest is open.

    Endpoints, parameters, listed values, statuses, producer edges, categories, behaviors.
    """
    if not (run / "run.json").exists():
        _show_categories(run, as_json)
        raise typer.Exit(DONE)
    from inftool.agents.role_cards import load_personas
    from inftool.runs.manifest import read_manifest
    from inftool.runs.run_folder import read_trajectories
    from inftool.scenarios.reports.coverage_report import SHOWN, coverage_map, render
    from inftool.scenarios.world_pool import WorldPool
    from inftool.specs import compile_specs
    from inftool.synthesis.rehearsal import rehearse

    apis = compile_specs(specs or read_manifest(run).specs)
    pool = WorldPool([api for api in apis if api.tools])
    document = coverage_map(
        pool,
        (kept.blueprint for kept in read_trajectories(run) if kept.blueprint is not None),
        load_personas(),
        most=None if as_json else SHOWN,
        accept=lambda blueprint: rehearse(blueprint, pool).passed,
    )
    if as_json:
        show_json(document)
    else:
        out.print(plain(render(document)))


def _show_categories(specs: Path, as_json: bool) -> None:
    """Which categories each API can give, and why it cannot give the others."""
    from inftool.agents.role_cards import load_personas
    from inftool.scenarios.reports.coverage_report import possible
    from inftool.scenarios.world_pool import WorldPool
    from inftool.specs import compile_specs
    from inftool.synthesis.rehearsal import rehearse

    pool = WorldPool([api for api in compile_specs([str(specs)]) if api.tools])
    answers = possible(
        pool, load_personas(), accept=lambda blueprint: rehearse(blueprint, pool).passed
    )
    if as_json:
        show_json(answers)
        return
    for name, categories in answers.items():
        reasons = {category: why for category, why in categories.items() if why != "yes"}
        lines = [f"  not {category}: {why}" for category, why in reasons.items()]
        out.print(plain(f"{name}: {len(categories) - len(reasons)} categories"))
        out.print(plain("\n".join(lines)))
