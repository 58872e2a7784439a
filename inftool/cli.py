"""The command line: a function a verb, no logic. Data goes to standard output, everything else to standard error."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from inftool import __version__
from inftool.console import err, log_to_stderr, out, plain, progress, show_export, show_json, show_report, show_summary
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
    mcp: Annotated[str | None, typer.Option(help="Ask a live MCP server instead: its http(s) address, or the command that starts it.")] = None,
    world: Annotated[bool, typer.Option("--world", help="Show what the simulated world holds and does instead, and what falls back.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what each spec becomes and what is lost on the way, with its line."""
    if world:
        from inftool.servers.describe import describe_specs, render_world

        described = describe_specs(_specs(specs))
        if as_json:
            show_json(described)
        else:
            out.print(plain(render_world(described)))
        return
    from inftool.specs.doctor import examine, examine_server, falls_short, render
    from inftool.specs.normalise import fix as write_fixed

    levels = ("info", "warning", "error")
    if (strict or "info") not in levels or level not in levels:
        raise UsageError("a level is one of: info, warning, error")
    if mcp is not None:
        document = examine_server(mcp, max_schema_bytes=max_schema_bytes)
    else:
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
        if mcp is None:
            out.print(f"next:  [bold]inftool synth {plain(' '.join(specs or []))} -n 100[/]".replace("synth  ", "synth "))
    raise typer.Exit(FELL_SHORT if falls_short(document, strict) else DONE)  # type: ignore[arg-type]


def _weights(path: Path | None) -> dict[str, Any] | None:
    """The weights of a file; UsageError says what is wrong with it."""
    if path is None:
        return None
    from inftool.scenarios.coverage import read_weights

    try:
        return read_weights(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: {error}") from error


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
    weights: Annotated[Path | None, typer.Option(help="A JSON file of weights a category, API and tool: where the next round is aimed.")] = None,
    temperature: Annotated[float | None, typer.Option(min=0, max=2, help="Sampling temperature of the models.")] = None,
    concurrency: Annotated[
        int | None, typer.Option(min=1, help="Conversations in flight.", show_default="8 scripted; as many as the endpoint takes, to 256")
    ] = None,
    user_base_url: Annotated[str | None, typer.Option(help="The user's endpoint.", show_default="the assistant's")] = None,
    judge_model: Annotated[str | None, typer.Option(help="A model that judges what rules cannot see, at the same endpoint.")] = None,
    price_in: Annotated[float | None, typer.Option(min=0, help="Money a million prompt tokens.")] = None,
    price_out: Annotated[float | None, typer.Option(min=0, help="Money a million completion tokens.")] = None,
    max_cost: Annotated[float | None, typer.Option(min=0, help="Begin nothing new once this much money is spent.")] = None,
    max_tokens: Annotated[int | None, typer.Option(min=1, help="Begin nothing new once so many tokens are used.")] = None,
    max_time: Annotated[float | None, typer.Option(min=0, help="Begin nothing new after so many seconds.")] = None,
    pilot: Annotated[
        int | None, typer.Option(min=2, help="Play only so many, and foretell yield, time and cost of all; --resume plays the rest.")
    ] = None,
    verbalise: Annotated[
        bool, typer.Option("--verbalise", help="The model only writes the words; calls and results are the executed plan's.")
    ] = False,
    direct: Annotated[bool, typer.Option("--direct", help="Call the worlds without an MCP server in between; the lines are the same.")] = False,
    cache: Annotated[
        bool | None, typer.Option("--cache/--no-cache", help="Keep replies by the exact request.", show_default="on at temperature 0")
    ] = None,
    log_level: Annotated[str | None, typer.Option(help="Log to standard error: debug says every request (never the key), info, warning.")] = None,
    as_json: AsJson = False,
) -> None:
    """Play conversations against simulated APIs, verify them, and keep those that pass every gate."""
    from inftool.roleplay.synthesize import synthesize

    if log_level is not None:
        if log_level not in ("debug", "info", "warning"):
            raise UsageError("a log level is one of: debug, info, warning")
        log_to_stderr(log_level)
    given = {
        "count": count, "seed": seed, "mistakes": mistakes, "categories": tuple(category) if category else None, "model": model, "base_url": base_url,
        "weights": _weights(weights), "key_env": key_env, "user_model": user_model, "temperature": temperature, "concurrency": concurrency, "user_base_url": user_base_url,
        "judge_model": judge_model, "price_in": price_in, "price_out": price_out, "max_cost": max_cost, "max_tokens": max_tokens, "max_time": max_time,
        "pilot": pilot, "verbalise": verbalise or None, "direct": direct or None, "cache": cache,
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
    raise typer.Exit(DONE if summary.kept and (summary.state == "complete" or summary.forecast) else FELL_SHORT)


@app.command(epilog="Example:  inftool serve specs/bookshop.yaml --http --port 8000")
def serve(
    specs: Specs = None,
    http: Annotated[bool, typer.Option("--http", help="Serve MCP over streamable HTTP instead of standard input and output.")] = False,
    as_http: Annotated[bool, typer.Option("--as-http", help="Serve the simulated API itself as plain HTTP at its own paths.")] = False,
    host: Annotated[str, typer.Option(help="The interface to listen on; only this machine can reach the default.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8000,
    seed: Annotated[int, typer.Option(help="The seed of the worlds; the same seed gives the same entities.")] = 0,
    live: Annotated[
        str | None, typer.Option(help="Call the real API at this address through the same validation (auth from INFTOOL_LIVE_TOKEN).")
    ] = None,
    allow: Annotated[list[str] | None, typer.Option(help="An HTTP method that --live may send beside GET and HEAD.")] = None,
    write: Annotated[Path | None, typer.Option(help="Write a launcher such as servers/bookshop.py for one spec, and stop.")] = None,
    model: Annotated[str | None, typer.Option(help="A model that answers what the spec does not determine (agents/world.md).")] = None,
    base_url: Annotated[str | None, typer.Option(help="That model's endpoint, such as http://127.0.0.1:8000/v1.")] = None,
    key_env: Annotated[str, typer.Option(help="The environment variable that holds its key.")] = "OPENAI_API_KEY",
    recordings: Annotated[Path | None, typer.Option(help="Where its answers are kept (JSON lines); recorded ones need no model.")] = None,
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
    player = None
    if model is not None:
        from inftool.agents.cards import load_card
        from inftool.agents.endpoint import EndpointClient
        from inftool.agents.endpoints import Endpoint
        from inftool.servers.played import Player, Recordings

        card = load_card("world")
        endpoint = Endpoint(model=model, base_url=base_url, key_env=key_env, temperature=card.temperature)
        player = Player(EndpointClient(endpoint), card.prompt, recordings=Recordings(recordings))
    if as_http:
        err.print(f"{tools} operations of {len(apis)} APIs at {launchers.address(host, port, '/')}")
        launchers.run_web(apis, seed=seed, host=host, port=port, player=player)
        return
    server = launchers.server_for(apis, seed=seed, live=live, allow=tuple(allow or ()), player=player)
    url = launchers.address(host, port) if http else None
    err.print(f"{tools} tools of {len(apis)} APIs {f'at {url}' if url else 'on standard input and output'}; for an MCP client's configuration:")
    err.print(plain(launchers.client_config(apis[0].name if len(apis) == 1 else "inftool", paths, url=url.split(" ")[0] if url else None)))
    if http:
        launchers.run_http(server, host=host, port=port)
    else:
        launchers.run_stdio(server)


@app.command(epilog="Example:  inftool verify runs/first --mutate")
def verify(
    files: Annotated[
        list[Path], typer.Argument(help="Files of JSON lines (OpenAI, ShareGPT, Hermes, xLAM, Toucan or BFCL results), or run folders.")
    ],
    specs: Annotated[list[str] | None, typer.Option("--specs", "-s", help="The specs they were played against; a run remembers its own.")] = None,
    mutate: Annotated[bool, typer.Option("--mutate", help="Measure the checkers: how many wrong plays of each blueprint they find out.")] = False,
    duplicates: Annotated[bool, typer.Option("--duplicates", help="Reject what is nearly the same as an earlier line.")] = False,
    against: Annotated[list[Path] | None, typer.Option(help="A benchmark's file: reject what is copied from it. May be given several times.")] = None,
    judge_model: Annotated[str | None, typer.Option(help="A model that judges what rules cannot see, behind an OpenAI-compatible endpoint.")] = None,
    judge_base_url: Annotated[str | None, typer.Option(help="That endpoint's address.")] = None,
    judge_key_env: Annotated[str, typer.Option(help="The environment variable that holds its key.")] = "OPENAI_API_KEY",
    judge_votes: Annotated[int, typer.Option(min=1, help="How often it is asked about each rubric.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Judge anybody's trajectories again: schemas, grounding, and replay where there is a world."""
    from inftool.verification.files import judge_files
    from inftool.verification.judging import model_judge, refining

    judge = model_judge(judge_model, base_url=judge_base_url, key_env=judge_key_env, votes=judge_votes) if judge_model else None
    with progress("judging") as watch, refining(judge) as refine:
        from inftool.roleplay.ledger import Tally

        seen = kept = 0

        def count(judged: Any) -> None:
            nonlocal seen, kept
            seen += 1
            kept += bool(judged.verdict and judged.verdict.passed)
            if seen % 50 == 0:
                watch(Tally(wanted=0, attempted=seen, kept=kept))

        report = judge_files(files, specs or (), count, mutate=mutate, duplicates=duplicates, against=against or (), refine=refine)
    if as_json:
        show_json(report.model_dump(mode="json"))
    else:
        show_report(report)
    raise typer.Exit(FELL_SHORT if report.failed or not report.trajectories else DONE)


@app.command(epilog="Example:  inftool export runs/first --format trl-sft -o data/sft")
def export(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    folder: Annotated[Path, typer.Option("-o", "--out", help="Where to write: a new or empty folder.")],
    format: Annotated[str, typer.Option("--format", "-f", help="Who is to read it; an unknown name lists them all.")] = "openai",
    as_json: AsJson = False,
) -> None:
    """Write what a run kept in a training format, and prove it by reading every line back."""
    from inftool.export import export_run

    done = export_run(run, format, folder)
    if as_json:
        show_json(done.model_dump(mode="json"))
    else:
        show_export(done)


@app.command(epilog="Example:  inftool tree specs/ -o tree.json")
def tree(
    specs: Specs = None,
    to: Annotated[Path | None, typer.Option("-o", "--out", help="Save the tree as JSON.")] = None,
    delta: Annotated[float, typer.Option(min=0, max=1, help="Tools whose cosine is above this are compared.")] = 0.82,
    rounds: Annotated[int, typer.Option(min=1, help="Merge at most this often.")] = 8,
    embedding: Annotated[str, typer.Option(help="tfidf, sentence-transformers/MODEL or endpoint/MODEL.")] = "tfidf",
    model: Annotated[str | None, typer.Option(help="A model that says which tools are one; without it rules do.")] = None,
    base_url: Annotated[str | None, typer.Option(help="The endpoint of the model and of an endpoint embedding.")] = None,
    key_env: Annotated[str, typer.Option(help="The environment variable that holds the key.")] = "OPENAI_API_KEY",
    most: Annotated[int, typer.Option(min=0, help="How many tools to show a server.")] = 12,
    as_json: AsJson = False,
) -> None:
    """Merge near-duplicate tools and arrange all as domains, servers and tools."""
    from inftool.specs import compile_specs
    from inftool.toolset.consolidate import by_model, by_rules
    from inftool.toolset.embed import embedder
    from inftool.toolset.toolset import Toolset
    from inftool.toolset.tree import grow, summary

    toolset = Toolset.of([api for api in compile_specs(_specs(specs)) if api.tools])
    grown = grow(
        toolset.tools.values(),
        titles={api.name: api.title for api in toolset.apis},
        delta=delta,
        rounds=rounds,
        embed=embedder(embedding, base_url, key_env),
        embedding=embedding,
        discriminate=by_model(model, base_url, key_env) if model else by_rules,
    )
    if to is not None:
        grown.save(to)
        err.print(f"wrote {plain(str(to))}")
    if as_json:
        show_json(summary(grown))
    else:
        out.print(plain(grown.render(most)))


@app.command(epilog="Example:  inftool coverage runs/first")
def coverage(
    run: Annotated[Path, typer.Argument(help="A run folder; or a spec or folder of specs, to see which categories it can give.")],
    specs: Annotated[list[str] | None, typer.Option("--specs", "-s", help="The specs of the run; a run remembers its own.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what a run covers: endpoints, parameters, listed values, statuses, producer edges, categories, behaviours."""
    from inftool.agents.cards import load_personas
    from inftool.scenarios.mapping import coverage_map, possible, render
    from inftool.scenarios.stage import Stage
    from inftool.specs import compile_specs
    from inftool.store.run import read_manifest, read_trajectories

    if not (run / "run.json").exists():
        found = possible(Stage([api for api in compile_specs([str(run)]) if api.tools]), load_personas())
        if as_json:
            show_json(found)
        else:
            for name, categories in found.items():
                out.print(plain(f"{name}: {sum(why == 'yes' for why in categories.values())} categories"))
                out.print(plain("\n".join(f"  not {category}: {why}" for category, why in categories.items() if why != "yes")))
        raise typer.Exit(DONE)
    stage = Stage([api for api in compile_specs(specs or read_manifest(run)["specs"]) if api.tools])
    document = coverage_map(stage, (kept.blueprint for kept in read_trajectories(run) if kept.blueprint is not None))
    if as_json:
        show_json(document)
    else:
        out.print(plain(render(document)))


@app.command(epilog="Example:  inftool play my.yaml --specs specs/bookshop.yaml")
def play(
    blueprint: Annotated[Path, typer.Argument(help="A blueprint written by hand, as YAML.")],
    specs: Annotated[list[str] | None, typer.Option("--specs", "-s", help="The specs it is for; a file may name its own.")] = None,
    as_json: AsJson = False,
) -> None:
    """Play one blueprint of your own with the scripted cast, and judge it."""
    from inftool.agents.script import transcript
    from inftool.roleplay.alone import play_file

    trajectory = play_file(blueprint, specs or ())
    verdict = trajectory.verdict
    if as_json:
        show_json(trajectory.model_dump(mode="json"))
    else:
        out.print(plain(transcript(trajectory.messages)))
        err.print(f"verdict: {verdict.status if verdict else 'none'}")
        for finding in verdict.findings if verdict else ():
            err.print(plain(f"  {finding.code}: {finding.message}"))
    raise typer.Exit(DONE if verdict and verdict.passed else FELL_SHORT)


Preset = Annotated[str | None, typer.Option(help="Settings to start from: tiny-cpu, 7b-lora-1gpu, 32b-8gpu.")]
TrainFile = Annotated[Path | None, typer.Option("--config", help="A TOML file of training settings.")]


@app.command(epilog="Example:  inftool train sft --model models/base --run runs/first -o models/sft --preset tiny-cpu")
def train(
    method: Annotated[str, typer.Argument(help="sft (on what runs kept), dpo (on what they rejected), or grpo (by playing blueprints of specs).")],
    model: Annotated[str, typer.Option("--model", "-m", help="A Hugging Face folder.")],
    folder: Annotated[Path, typer.Option("-o", "--out", help="Where the trained model goes.")],
    run: Annotated[list[Path] | None, typer.Option("--run", "-r", help="A run to learn from (sft, dpo); may be given several times.")] = None,
    specs: Annotated[list[str] | None, typer.Option("--specs", "-s", help="Specs to play (grpo); may be given several times.")] = None,
    prompts: Annotated[int, typer.Option(min=1, help="How many blueprints grpo plays.")] = 64,
    preset: Preset = None,
    config: TrainFile = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Stop after so many steps.")] = None,
    lora: Annotated[int | None, typer.Option(min=0, help="The rank of LoRA adapters; 0 trains everything.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="The learning rate.")] = None,
    seed: Annotated[int | None, typer.Option(help="The seed.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last checkpoint in -o (settings: save_steps).")] = False,
    as_json: AsJson = False,
) -> None:
    """Train a model on verified conversations (needs the extra: train)."""
    from inftool.training.config import load_config
    from inftool.training.start import start_training

    settings = load_config(preset, config, steps=steps, lora=lora, learning_rate=learning_rate, seed=seed)
    done = start_training(method, model, folder, settings, runs=run or (), specs=specs or (), prompts=prompts, resume=resume)
    if as_json:
        show_json(done)
    else:
        last = done["history"][-1] if done["history"] else {}
        out.print(f"{plain(str(folder))}: {done['steps']} steps, " + ", ".join(f"{key} {last[key]:.4g}" for key in ("loss", "reward") if key in last))


@app.command(name="eval", epilog="Example:  inftool eval --model models/sft specs/airline.json -n 100 --plays 4")
def evaluate(
    model: Annotated[str, typer.Option("--model", "-m", help="A Hugging Face folder.")],
    specs: Specs = None,
    count: Annotated[int, typer.Option("-n", "--count", min=1, help="How many blueprints to play.")] = 100,
    plays: Annotated[int, typer.Option(min=1, help="How often each is played (the k of pass^k).")] = 1,
    temperature: Annotated[float, typer.Option(min=0, max=2, help="Sampling temperature; 0 takes the likeliest token.")] = 0.0,
    max_new_tokens: Annotated[int, typer.Option(min=1, help="The longest message.")] = 512,
    category: Annotated[list[str] | None, typer.Option("--category", "-c", help="Only this category; may be given several times.")] = None,
    seed: Annotated[int, typer.Option(help="The seed of the blueprints.")] = 7,
    least: Annotated[float, typer.Option(min=0, max=1, help="Exit 1 when fewer plays than this share are exact.")] = 0.0,
    as_json: AsJson = False,
) -> None:
    """Play blueprints of specs with a model and say how many plays are exact, by category (needs the extra: train)."""
    from inftool.training.report import evaluation_table
    from inftool.training.start import start_evaluation

    found = start_evaluation(
        model, _specs(specs), count=count, plays=plays, temperature=temperature, max_new_tokens=max_new_tokens, categories=category or (), seed=seed
    )
    if as_json:
        show_json(found.model_dump(mode="json"))
    else:
        out.print(evaluation_table(found))
    raise typer.Exit(FELL_SHORT if found.overall.exact < least else DONE)


@app.command(epilog="Example:  inftool loop specs/bookshop.yaml --held-out specs/airline.json --model models/base -o loops/first --rounds 2")
def loop(
    model: Annotated[str, typer.Option("--model", "-m", help="A Hugging Face folder to start from.")],
    specs: Specs = None,
    held_out: Annotated[list[str] | None, typer.Option("--held-out", help="Specs to be examined on, none of those that are trained on.")] = None,
    folder: Annotated[Path, typer.Option("-o", "--out", help="The loop's folder; the same command goes on where it stopped.")] = Path("loops/first"),
    rounds: Annotated[int, typer.Option(min=1, help="How many rounds at most.")] = 2,
    count: Annotated[int, typer.Option("-n", "--count", min=1, help="Conversations a round.")] = 200,
    prompts: Annotated[int, typer.Option(min=0, help="Blueprints that GRPO plays a round; 0 leaves GRPO out.")] = 32,
    exam: Annotated[int, typer.Option(min=1, help="Blueprints of the held-out specs.")] = 60,
    plays: Annotated[int, typer.Option(min=1, help="How often each of those is played.")] = 2,
    temperature: Annotated[float, typer.Option(min=0, max=2, help="Temperature of the examination.")] = 0.0,
    epsilon: Annotated[float, typer.Option(help="Stop when a round brings less than this.")] = 0.0,
    category: Annotated[list[str] | None, typer.Option("--category", "-c", help="Only this category; may be given several times.")] = None,
    target: Annotated[bool, typer.Option("--target/--no-target", help="Let gaps steer what the next round synthesizes.")] = True,
    preset: Preset = None,
    config: TrainFile = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Steps of each training stage.")] = None,
    seed: Annotated[int, typer.Option(help="The seed.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Synthesize, train, examine, find the gaps, and go round (needs the extra: train)."""
    from inftool.training.config import load_config
    from inftool.training.start import start_loop

    settings = load_config(preset, config, steps=steps, seed=seed)
    given = {
        "rounds": rounds, "count": count, "prompts": max(prompts, 1), "held_out": exam, "plays": plays, "temperature": temperature, "epsilon": epsilon,
        "target": target, "seed": seed, "sft": settings, "grpo": settings if prompts else None,
    }  # fmt: skip
    done = start_loop(_specs(specs), held_out or (), model, folder, given, categories=category or (), watch=lambda line: err.print(plain(line)))
    if as_json:
        show_json({"rounds": [item.model_dump(mode="json") for item in done]})
    else:
        for item in done:
            low, high = item.interval
            out.print(f"round {item.round}: {item.kept} kept, {100 * item.exact:.1f}% exact on held-out specs ({100 * low:.1f}–{100 * high:.1f})")
            for sentence in item.gaps[:5]:
                out.print(f"    {plain(sentence)}")
