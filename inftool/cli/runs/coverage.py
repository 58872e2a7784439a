"""`inftool coverage`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from inftool.cli.common import DONE, AsJson, app
from inftool.cli.rendering import out, plain, show_json


@app.command(epilog="Example:  inftool coverage runs/first")
def coverage(
    run: Annotated[
        Path,
        typer.Argument(
            help="A run folder; or a spec or folder of specs, to see which categories it can give."
        ),
    ],
    specs: Annotated[
        list[str] | None,
        typer.Option("--specs", "-s", help="The specs of the run; a run remembers its own."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what a run covers: endpoints, parameters, listed values, statuses, producer edges, categories, behaviours; and why the rest is open."""
    from inftool.agents.role_cards import load_personas
    from inftool.runs.manifest import read_manifest
    from inftool.runs.run_folder import read_trajectories
    from inftool.scenarios.reports.coverage_report import SHOWN, coverage_map, possible, render
    from inftool.scenarios.world_pool import WorldPool
    from inftool.specs import compile_specs
    from inftool.synthesis.rehearsal import rehearse

    if not (run / "run.json").exists():
        specs_only = WorldPool([api for api in compile_specs([str(run)]) if api.tools])
        found = possible(
            specs_only,
            load_personas(),
            accept=lambda blueprint: rehearse(blueprint, specs_only).passed,
        )
        if as_json:
            show_json(found)
        else:
            for name, categories in found.items():
                out.print(
                    plain(f"{name}: {sum(why == 'yes' for why in categories.values())} categories")
                )
                out.print(
                    plain(
                        "\n".join(
                            f"  not {category}: {why}"
                            for category, why in categories.items()
                            if why != "yes"
                        )
                    )
                )
        raise typer.Exit(DONE)
    stage = WorldPool(
        [api for api in compile_specs(specs or read_manifest(run).specs) if api.tools]
    )
    document = coverage_map(
        stage,
        (kept.blueprint for kept in read_trajectories(run) if kept.blueprint is not None),
        load_personas(),
        most=None if as_json else SHOWN,
        accept=lambda blueprint: rehearse(blueprint, stage).passed,
    )
    if as_json:
        show_json(document)
    else:
        out.print(plain(render(document)))
