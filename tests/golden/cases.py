"""The cases: each runs a public entry point and gives its entries in normal form."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from inftool import compile_specs, synthesize, verify
from tests.golden import normal
from tests.golden.entries import Entry
from tests.golden.running import (
    SAMPLES,
    SHARED,
    clean_room,
    command,
    command_in_process_of_its_own,
    compiled,
    lines,
    new_folder,
    read_json,
    served,
    small_run,
    synth,
)

FORMATS = (
    "openai",
    "trl-sft",
    "trl-dpo",
    "trl-grpo",
    "llamafactory",
    "ms-swift",
    "axolotl",
    "hermes",
    "xlam",
    "bfcl",
    "nemo-gym",
    "prime-rl",
)


@dataclass(frozen=True)
class Case:
    """A named case; `shared` ones need the folder of real specs, `torch` ones the extra `train`."""

    name: str
    run: Callable[[], list[Entry]]
    shared: bool = False
    torch: bool = False


def _calls(record: dict[str, Any]) -> list[str]:
    return [
        call["function"]["name"]
        for message in record["messages"]
        for call in message.get("tool_calls") or ()
    ]


def _codes(verdict: dict[str, Any] | None) -> list[str]:
    return [
        finding["code"]
        for gate in (verdict or {"gates": ()})["gates"]
        for finding in gate["findings"]
    ]


def _trajectory(part: str, record: dict[str, Any]) -> Entry:
    shown = {
        "id": record["id"],
        "went": part,
        "category": record["blueprint"]["category"],
        "calls": _calls(record),
        "codes": _codes(record["verdict"]),
    }
    if planted := record["provenance"]["planted"]:
        shown["planted"] = planted["kind"]
    # An id is the number of the attempt and a hash; the number alone still fits when that changes.
    return Entry(record["id"].split("-")[0], shown, normal.trajectory(record))


def _run_entries(run: Path, summary: dict[str, Any]) -> list[Entry]:
    found = [_trajectory(part, row) for part in ("kept", "rejected") for row in lines(run, part)]
    return [Entry("summary", normal.summary(summary)), *sorted(found, key=lambda entry: entry.key)]


def synthesized(specs: Sequence[Path], *options: object) -> list[Entry]:
    """Every line of a run that the command line made, kept or rejected, and its summary."""
    return _run_entries(*synth(specs, *options))


def synthesized_by_function(specs: Sequence[Path], **settings: Any) -> list[Entry]:
    """The same by the function `synthesize`, without MCP servers in between."""
    run = new_folder("run")
    with clean_room():
        done = synthesize(specs, out=run, direct=True, **settings)
    return _run_entries(run, read_json(done.model_dump_json(), {run: "<run>"}))


def doctored(folder: Path) -> list[Entry]:
    """`doctor --json`: for each spec its counts, and how often each code of a loss was met."""
    document = read_json(command("doctor", folder, "--json"))
    totals = normal.ordered(normal.without(document["totals"], "seconds"))
    found = [Entry("totals", totals)]
    for spec in document["specs"]:
        codes = dict(sorted(Counter(loss["code"] for loss in spec["losses"]).items()))
        shown = {key: spec[key] for key in ("name", "format", "operations", "tools")}
        parts = {"spec": normal.doctored(spec)}
        found.append(Entry(spec["file"], {**shown, "losses": codes}, parts))
    return found


def worlds(folder: Path) -> list[Entry]:
    """`doctor --world --json`: the resources of each API, and the role of each tool."""
    found = []
    for world in read_json(command("doctor", folder, "--world", "--json"))["worlds"]:
        shown = {"fallbacks": world["fallbacks"], "rules": world["rules"]}
        found.append(Entry(world["api"], {**shown, "file": world["file"]}))
        for resource in world["resources"]:
            parts = {"resource": normal.world_resource(resource)}
            kind = {"kind": resource["kind"], "identifier": resource["identifier"]}
            found.append(Entry(f"{world['api']} resource {resource['name']}", kind, parts))
        for tool in world["tools"]:
            shown = {key: tool[key] for key in ("role", "resource", "fallback")}
            parts = {"tool": normal.world_tool(tool)}
            found.append(Entry(f"{world['api']} tool {tool['tool']}", shown, parts))
    return found


def tools(folder: Path) -> list[Entry]:
    """Every tool that the compiler makes of the specs in a folder."""
    found = []
    for api in compiled([folder]):
        about = normal.without(api, "tools", "losses")
        found.append(Entry(api["name"], {"tools": len(api["tools"])}, {"api": about}))
        for tool in api["tools"]:
            parts = normal.tool(tool)
            shown = {"effect": tool["effect"], "call": f"{tool['method']} {tool['path']}"}
            found.append(Entry(f"{api['name']} {tool['name']}", shown, parts))
    return found


def servers(folder: Path) -> list[Entry]:
    """The tools that an MCP server lists, and its answers to calls without arguments."""
    listed, answers = served([folder], 3)
    found = [Entry(f"tool {tool['name']}", {}, {"tool": tool}) for tool in listed]
    for name, answer in answers:
        found.append(Entry(f"answer {name}", {"failed": answer["failed"]}, {"answer": answer}))
    return found


def coverage_of_specs(paths: Iterable[Path]) -> list[Entry]:
    """`coverage SPECS --json`: which categories each API can give."""
    return [
        Entry(api, {name: normal.reason(text) for name, text in categories.items()})
        for path in paths
        for api, categories in read_json(command("coverage", path, "--json")).items()
    ]


def coverage_of_run() -> list[Entry]:
    """`coverage RUN --json`: counts, and the open cells of each kind."""
    document = read_json(command("coverage", small_run(), "--json"))
    kinds = document.pop("kinds")
    found = [Entry("all", {}, {"document": normal.ordered(document)})]
    for name, kind in kinds.items():
        shown = {key: value for key, value in kind.items() if isinstance(value, (int, float))}
        found.append(Entry(f"kind {name}", shown, {"kind": normal.coverage_kind(kind)}))
    return found


def exports() -> list[Entry]:
    """`export` in every format: what was written, and a digest of each line."""
    run, found = small_run(), []
    for name in FORMATS:
        folder = new_folder("out")
        told = read_json(command("export", run, "-o", folder, "-f", name, "--json"))
        found.append(Entry(name, normal.exported(told)))
        for path in sorted(folder.iterdir()):
            text = path.read_text("utf-8")
            rows = text.splitlines() if path.suffix == ".jsonl" else [text]
            parts = {
                str(number): normal.exported_row(json.loads(row))
                for number, row in enumerate(rows, 1)
            }
            found.append(Entry(f"{name} {path.name}", {"lines": len(rows)}, parts))
    return found


def verified() -> list[Entry]:
    """`verify --json` of what a run kept and rejected, and the verdicts of the function."""
    run = small_run()
    rejected = sorted((run / "rejected").glob("*.jsonl"))
    given = {"kept": (run, "--mutate", "--duplicates"), "rejected": tuple(rejected)}
    found = []
    for name, words in given.items():
        told = normal.report(read_json(command("verify", *words, "--json"), {run: "<run>"}))
        numbers = ("trajectories", "passed", "failed", "abstained", "reasons", "blame", "mutation")
        shown = {key: told[key] for key in numbers}
        found.append(Entry(f"{name} report", shown, {"report": told}))
    with clean_room():
        apis = compile_specs([SAMPLES / "parcels.json", SAMPLES / "calendar.yaml"])
        for part in ("kept", "rejected"):
            for row in lines(run, part):
                verdict = read_json(verify(row, apis).model_dump_json())
                shown = {"status": verdict["status"], "codes": _codes(verdict)}
                found.append(Entry(row["id"], shown, {"verdict": normal.verdict(verdict)}))
    return found


def loop() -> list[Entry]:
    """Two rounds of a tiny loop: its manifests, examinations, gaps and what it trained on."""
    folder, config = new_folder("loop"), new_folder("train.toml")
    config.write_text("batch = 8\ngenerations = 4\n", "utf-8")
    specs = ("loop", SAMPLES / "parcels.json", "--held-out", SAMPLES / "airline.json")
    sizes = "--rounds 2 -n 12 --prompts 2 --exam 8 --plays 1 --steps 2".split()
    command_in_process_of_its_own(
        *specs, "--preset", "tiny-cpu", "--config", config, *sizes, "-o", folder
    )
    names = ("manifest.json", "eval.json", "gaps.json", "before.json")
    paths = sorted(path for name in names for path in folder.rglob(name))
    found = []
    for path in paths:
        document = normal.loop_document(json.loads(path.read_text("utf-8")))
        simple = {k: v for k, v in document.items() if isinstance(v, (int, float, str))}
        found.append(Entry(str(path.relative_to(folder)), simple, {"document": document}))
    for run in sorted(folder.glob("round-*/run")):
        for row in lines(run, "kept"):
            entry = _trajectory("kept", row)
            found.append(Entry(f"{run.parent.name} {entry.key}", entry.shown, entry.parts))
    return found


_MISTAKES = ("--mistakes", 0.3)
_MUSEUM = SHARED / "redocly__museum.yaml"
_ALERTS = SHARED / "prometheus__alertmanager-v2.yaml"
_COVERED = [SAMPLES / name for name in ("bookshop.yaml", "clinic.yaml", "smart-home.json")]


def _synth_cases() -> Iterable[Case]:
    for seed, more in ((1, ()), (1, _MISTAKES), (2, _MISTAKES)):
        name = f"synth-samples-{seed}{'-mistakes' if more else ''}"
        run = partial(synthesized, [SAMPLES], "-n", 120, "--seed", seed, *more)
        yield Case(name, run)
    given = {"count": 64, "seed": 3, "mistakes": 0.3}
    yield Case("synth-function-3", partial(synthesized_by_function, [SAMPLES], **given))
    for label, spec in (("museum", _MUSEUM), ("alertmanager", _ALERTS)):
        for seed, more in ((4, ()), (5, _MISTAKES)):
            name = f"synth-{label}-{seed}{'-mistakes' if more else ''}"
            run = partial(synthesized, [spec], "-n", 40, "--seed", seed, *more)
            yield Case(name, run, shared=True)


def _spec_cases() -> Iterable[Case]:
    for label, folder in (("samples", SAMPLES), ("shared", SHARED)):
        shared = label == "shared"
        yield Case(f"doctor-{label}", partial(doctored, folder), shared)
        yield Case(f"world-{label}", partial(worlds, folder), shared)
        yield Case(f"tools-{label}", partial(tools, folder), shared)
    yield Case("server-samples", partial(servers, SAMPLES))
    yield Case("coverage-samples", partial(coverage_of_specs, _COVERED))


CASES = {
    case.name: case
    for case in (
        *_synth_cases(),
        *_spec_cases(),
        Case("coverage-run", coverage_of_run),
        Case("export", exports),
        Case("verify", verified),
        Case("loop", loop, torch=True),
    )
}
