"""The command line: a function a verb, no logic. Data goes to standard output, everything else to standard error."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from inftool import __version__
from inftool.console import err, out, plain, progress, show_json, show_report, show_summary
from inftool.data import data_folder
from inftool.errors import InftoolError, UsageError

app = typer.Typer(
    name="inftool",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="From raw API specs to verified tool-use training data, without end and without people.\n\n"
    "Begin with:  [bold]inftool synth specs/ -n 500 -o runs/first[/]",
)
DONE, FELL_SHORT, WRONG_USAGE = 0, 1, 2

Specs = Annotated[
    list[str] | None,
    typer.Argument(help="Files, folders or globs of API specs (OpenAPI 3.x, Swagger 2.0; YAML or JSON).", show_default="the eight sample APIs"),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


def main() -> None:
    """Run the command line; every error that InfTool knows ends as one message and an exit code."""
    try:
        app()
    except UsageError as error:
        _fail(error, WRONG_USAGE)
    except InftoolError as error:
        _fail(error, FELL_SHORT)
    except BrokenPipeError:
        # The reader (`head`) has seen enough. Python would complain once more when it flushes on the way out.
        sys.stdout = None
    except KeyboardInterrupt:
        err.print("\nstopped")
        raise SystemExit(130) from None


def _fail(error: InftoolError, code: int) -> NoReturn:
    first, *rest = str(error).split("\n")
    err.print(f"[bold red]error:[/] {plain(first)}")
    for line in rest:
        err.print(plain(line))
    raise SystemExit(code)


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False) -> None:
    if version:
        print(f"inftool {__version__}")
        raise typer.Exit


def _specs(specs: list[str] | None) -> list[str]:
    """The specs that were named, or the samples that ship with InfTool."""
    if specs:
        return specs
    samples = data_folder("specs")
    err.print("no specs were named: taking the eight sample APIs that ship with InfTool")
    return [str(samples)]


@app.command(epilog="Example:  inftool doctor specs/ --strict warning")
def doctor(
    specs: Specs = None,
    strict: Annotated[str | None, typer.Option(help="Exit 1 if anything above this level was lost: info, warning or error.")] = None,
    fix: Annotated[Path | None, typer.Option(help="Write the normalised OpenAPI 3.1 document of a single spec to this file.")] = None,
    level: Annotated[str, typer.Option(help="The least level of losses to show: info, warning or error.")] = "info",
    most: Annotated[int, typer.Option(min=0, help="How many losses to show a spec.")] = 20,
    max_schema_bytes: Annotated[int, typer.Option(min=512, help="The budget of one input schema.")] = 16384,
    allow_remote: Annotated[bool, typer.Option("--allow-remote", help="Fetch references to http(s) addresses.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what each spec becomes and what is lost on the way, with its line."""
    from inftool.specs.doctor import examine, falls_short, render
    from inftool.specs.normalise import fix as write_fixed

    levels = ("info", "warning", "error")
    if (strict or "info") not in levels or level not in levels:
        raise UsageError("a level is one of: info, warning, error")
    paths = _specs(specs)
    if fix is not None:
        if len(paths) != 1:
            raise UsageError("--fix takes exactly one spec")
        write_fixed(paths[0], fix, allow_remote=allow_remote)
        err.print(f"wrote {plain(str(fix))}")
    _, document = examine(paths, max_schema_bytes=max_schema_bytes, allow_remote=allow_remote)
    if as_json:
        show_json(document)
    else:
        out.print(render(document, most=most, level=level))  # type: ignore[arg-type]
        out.print(f"next:  [bold]inftool synth {plain(' '.join(specs or []))} -n 100[/]".replace("synth  ", "synth "))
    raise typer.Exit(FELL_SHORT if falls_short(document, strict) else DONE)  # type: ignore[arg-type]


@app.command(epilog="Example:  inftool synth specs/ -n 500 -o runs/first --seed 7")
def synth(
    specs: Specs = None,
    count: Annotated[int | None, typer.Option("-n", "--count", min=1, help="How many conversations to play.", show_default="100")] = None,
    run: Annotated[Path | None, typer.Option("-o", "--out", help="The run folder: new or empty.", show_default="runs/seed0-001")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same lines, byte for byte.", show_default="0")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Finish the run in -o; the specs may be left out.")] = False,
    mistakes: Annotated[
        float | None, typer.Option(min=0, max=1, help="Share of plays in which the scripted assistant makes a named mistake.")
    ] = None,
    category: Annotated[list[str] | None, typer.Option("--category", "-c", help="Only this category; may be given several times.")] = None,
    model: Annotated[
        str | None, typer.Option(help="The assistant's model at an OpenAI-compatible endpoint; without it the scripted cast plays.")
    ] = None,
    base_url: Annotated[str | None, typer.Option(help="That endpoint's address, such as http://127.0.0.1:8000/v1.")] = None,
    key_env: Annotated[str | None, typer.Option(help="The environment variable that holds the key.", show_default="OPENAI_API_KEY")] = None,
    user_model: Annotated[str | None, typer.Option(help="A model that plays the user; without it the scripted user speaks.")] = None,
    temperature: Annotated[float | None, typer.Option(min=0, max=2, help="Sampling temperature of the models.")] = None,
    concurrency: Annotated[int | None, typer.Option(min=1, help="Conversations in flight.", show_default="8 scripted, 32 with a model")] = None,
    as_json: AsJson = False,
) -> None:
    """Play conversations against simulated APIs, verify them, and keep those that pass every gate."""
    from inftool.roleplay.synthesize import synthesize

    given = {
        "count": count, "seed": seed, "mistakes": mistakes, "categories": tuple(category) if category else None, "model": model, "base_url": base_url,
        "key_env": key_env, "user_model": user_model, "temperature": temperature, "concurrency": concurrency,
    }  # fmt: skip
    paths = list(specs or []) if resume else _specs(specs)
    with progress("playing") as watch:
        summary = synthesize(paths, out=run, resume=resume, watch=watch, **given)
    for reason in summary.skipped:
        err.print(f"[yellow]skipped:[/] {plain(reason)}")
    if as_json:
        show_json(summary.model_dump(mode="json"))
    else:
        show_summary(summary)
    raise typer.Exit(DONE if summary.kept and summary.state == "complete" else FELL_SHORT)


@app.command(epilog="Example:  inftool serve specs/bookshop.yaml --http --port 8000")
def serve(
    specs: Specs = None,
    http: Annotated[bool, typer.Option("--http", help="Serve MCP over streamable HTTP instead of standard input and output.")] = False,
    as_http: Annotated[bool, typer.Option("--as-http", help="Serve the simulated API itself as plain HTTP at its own paths.")] = False,
    host: Annotated[str, typer.Option(help="The interface to listen on; only this machine can reach the default.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8000,
    seed: Annotated[int, typer.Option(help="The seed of the worlds; the same seed gives the same entities.")] = 0,
    live: Annotated[str | None, typer.Option(help="Call the real API at this address through the same validation (auth from INFTOOL_LIVE_TOKEN).")] = None,
    allow: Annotated[list[str] | None, typer.Option(help="An HTTP method that --live may send beside GET and HEAD.")] = None,
    write: Annotated[Path | None, typer.Option(help="Write a launcher such as servers/bookshop.py for one spec, and stop.")] = None,
) -> None:
    """Serve simulated APIs as MCP tools (standard input and output, or HTTP), or as plain HTTP."""
    from inftool.servers import launchers
    from inftool.specs import compile_specs

    paths = _specs(specs)
    if write is not None:
        if len(paths) != 1:
            raise UsageError("--write takes exactly one spec")
        err.print(f"wrote {plain(str(launchers.write_launcher(paths[0], write)))}")
        return
    apis = tuple(api for api in compile_specs(paths) if api.tools)
    if not apis:
        raise InftoolError("the specs have no usable operation", hint="inftool doctor SPECS says what is wrong with them")
    tools = sum(len(api.tools) for api in apis)
    if as_http:
        err.print(f"{tools} operations of {len(apis)} APIs at {launchers.address(host, port, '/')}")
        launchers.run_web(apis, seed=seed, host=host, port=port)
        return
    server = launchers.server_for(apis, seed=seed, live=live, allow=tuple(allow or ()))
    url = launchers.address(host, port) if http else None
    err.print(f"{tools} tools of {len(apis)} APIs {f'at {url}' if url else 'on standard input and output'}; for an MCP client's configuration:")
    err.print(plain(launchers.client_config(apis[0].name if len(apis) == 1 else "inftool", paths, url=url.split(" ")[0] if url else None)))
    if http:
        launchers.run_http(server, host=host, port=port)
    else:
        launchers.run_stdio(server)


@app.command(epilog="Example:  inftool verify runs/first")
def verify(
    files: Annotated[list[Path], typer.Argument(help="Files of JSON lines (messages and tools in the OpenAI chat format), or run folders.")],
    specs: Annotated[list[str] | None, typer.Option("--specs", "-s", help="The specs they were played against; a run remembers its own.")] = None,
    as_json: AsJson = False,
) -> None:
    """Judge anybody's trajectories again: schemas, grounding, and replay where there is a world."""
    from inftool.verification.files import judge_files

    with progress("judging") as watch:
        from inftool.roleplay.simulation import Tally

        seen = kept = 0

        def count(judged: Any) -> None:
            nonlocal seen, kept
            seen += 1
            kept += bool(judged.verdict and judged.verdict.passed)
            if seen % 50 == 0:
                watch(Tally(wanted=0, attempted=seen, kept=kept))

        report = judge_files(files, specs or (), count)
    if as_json:
        show_json(report.model_dump(mode="json"))
    else:
        show_report(report)
    raise typer.Exit(FELL_SHORT if report.failed or not report.trajectories else DONE)
