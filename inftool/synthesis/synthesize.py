"""The main job as a function: specs in, a run folder of verified trajectories out."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Unpack, cast

from inftool._version import __version__
from inftool.core.blueprints import CATEGORIES, Category
from inftool.core.errors import CastError, ScenarioError, StoreError, UsageError
from inftool.core.settings import Settings, SettingsOverrides, settings_of
from inftool.core.tools import Api
from inftool.llm.usage import Caps
from inftool.runs.manifest import RunManifest, manifest_apis, read_manifest
from inftool.runs.run_folder import Run
from inftool.scenarios.world_pool import WorldPool
from inftool.specs import compile_specs
from inftool.synthesis.cast_builder import cast_of
from inftool.synthesis.run_options import RunOptions
from inftool.synthesis.run_totals import CategoryTally, Summary
from inftool.synthesis.runner import SynthesisRun

# What a resumed run must not be given anew: it would no longer be the same run.
# A line is a function of these; with another value the run would be two halves of two runs.
_FIXED = (
    "seed",
    "count",
    "mistakes",
    "categories",
    "weights",
    "model",
    "user_model",
    "temperature",
    "max_schema_bytes",
    "cards",
    "verbalise",
)

# What may be said anew of a role's model: where it is and what it costs, not what it says.
_MOVABLE = frozenset(
    ("base_url", "key_env", "price_in", "price_out", "timeout", "retries", "backoff")
)

Watch = Callable[[CategoryTally], None]


def synthesize(
    specs: Sequence[str | Path] | str | Path = (),
    *,
    out: str | Path | None = None,
    resume: bool = False,
    watch: Watch = lambda tally: None,
    settings: Settings | None = None,
    **overrides: Unpack[SettingsOverrides],
) -> Summary:
    """Make verified trajectories from API specs and return the run's summary.

    `specs` are files and folders of API specs; a run that is resumed knows its own. `out` is a new
    or empty folder (by default a new one under `runs/`), with `resume` the folder of a run to
    finish. `watch` is called with the progress from time to time. `overrides` are the fields of
    `Settings` (`count=500`, `seed=7`, `model="…"`); they go over those that are set in `settings`,
    and both over the environment and `inftool.toml`. Works in notebooks, too, where an event loop
    is already running.

    Errors: SpecError, StoreError, UsageError, ScenarioError, CastError.
    """
    given = settings.model_dump(exclude_unset=True) if settings is not None else {}
    given |= {name: value for name, value in overrides.items() if value is not None}
    job = _Job(specs, out, resume, watch, given)
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        try:
            return asyncio.run(job.run())
        except KeyboardInterrupt as stopped:
            stopped.add_note(
                "stopped at once; what is stored is safe:"
                f" inftool synth --resume -o {job.folder} goes on"
            )
            raise
    # A notebook's loop is running already, and asyncio.run refuses to nest: a thread has its own.
    outcome: list[Summary | BaseException] = []

    def work() -> None:
        try:
            outcome.append(asyncio.run(job.run()))
        except BaseException as error:  # noqa: BLE001 - handed to the caller's thread as it is
            outcome.append(error)

    thread = threading.Thread(target=work, name="inftool-synthesize")
    thread.start()
    thread.join()
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    return outcome[0]


class _Job:
    def __init__(
        self,
        specs: Sequence[str | Path] | str | Path,
        out: str | Path | None,
        resume: bool,
        watch: Watch,
        given: dict[str, Any],
    ) -> None:
        self.watch = watch
        self.resume = resume
        paths = [specs] if isinstance(specs, (str, Path)) else list(specs)
        if resume:
            if out is None:
                raise UsageError("which run is to be resumed?", hint="name its folder with -o")
            folder = self.folder = Path(out)
            manifest = read_manifest(folder)
            self.settings = _as_begun(manifest, given)
            self.apis = _compile(paths or manifest.specs, self.settings)
            # Other specs would give other worlds, and lines that were kept could not be replayed.
            _same_specs(manifest, self.apis)
            self.open: Callable[[], Run] = lambda: Run.resume(folder)
        else:
            if not paths:
                raise UsageError("no specs were given", hint="name files or folders of API specs")
            self.settings = _placed(settings_of(given))
            _known_categories(self.settings)
            self.apis = _compile(paths, self.settings)
            fresh = self.folder = Path(out) if out is not None else _new_folder(self.settings.seed)
            begun = RunManifest(
                inftool=__version__,
                state="running",
                settings=self.settings.model_dump(mode="json"),
                # Whole paths, so that the run can be resumed and verified from anywhere.
                specs=tuple(str(Path(path).resolve()) for path in paths),
                apis=manifest_apis(self.apis),
            )
            self.open = lambda: Run.create(fresh, begun)

    async def run(self) -> Summary:
        settings = self.settings
        players, concurrency = cast_of(settings)
        # A world is seeded when a blueprint is drawn and needed again when its play is judged: the
        # pool must hold those of all plays in flight.
        stage = WorldPool([api for api in self.apis if api.tools], keep=max(64, 2 * concurrency))
        skipped = tuple(_why_unusable(api) for api in self.apis if not api.tools)
        categories = cast(tuple[Category, ...], settings.categories) or CATEGORIES
        with self.open() as run:
            run.save(state="running")
            options = RunOptions(
                seed=settings.seed,
                count=settings.count,
                concurrency=concurrency,
                categories=categories,
                weights=settings.weights,
                skipped=skipped,
                direct=settings.direct,
                caps=Caps(
                    cost=settings.max_cost, tokens=settings.max_tokens, seconds=settings.max_time
                ),
                deadline=settings.conversation_timeout if players.transports else None,
                until=settings.pilot,
            )
            synthesis = SynthesisRun(run, stage, players, options)
            try:
                with _interrupted_gently(synthesis.stop):
                    summary = await synthesis.play_all(self.watch)
            except CastError:
                # A run that could not even begin must not be in the way of the corrected command.
                if not self.resume:
                    run.discard()
                raise
        if not summary.attempted:
            raise ScenarioError(
                summary.problem or "nothing could be played",
                hint="inftool doctor SPECS says what became of each spec",
            )
        return summary


class _interrupted_gently:  # noqa: N801 - reads as a function where it is used
    """A context in which the first Ctrl-C lets the run finish what is in flight.

    The second ends it at once.
    """

    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop = stop
        self._former: Any = None

    def __enter__(self) -> None:
        # Python allows signal handlers in the main thread only.
        if threading.current_thread() is threading.main_thread():
            self._former = signal.getsignal(signal.SIGINT)
            signal.signal(signal.SIGINT, self._first)

    def _first(self, number: int, frame: Any) -> None:
        self._stop()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def __exit__(self, *_: object) -> None:
        if self._former is not None:
            signal.signal(signal.SIGINT, self._former)


def _placed(settings: Settings) -> Settings:
    """The settings with whole paths, so that a run can be resumed from anywhere."""
    return settings.model_copy(
        update={"cards": {name: str(Path(file).resolve()) for name, file in settings.cards.items()}}
    )


def _compile(paths: Sequence[str | Path], settings: Settings) -> tuple[Api, ...]:
    apis = compile_specs(
        paths, max_schema_bytes=settings.max_schema_bytes, allow_remote=settings.allow_remote
    )
    if not any(api.tools for api in apis):
        reasons = "\n  ".join(_why_unusable(api) for api in apis[:10])
        raise ScenarioError(
            f"the specs have no usable operation:\n  {reasons}",
            hint="inftool doctor SPECS says more",
        )
    return apis


def _why_unusable(api: Api) -> str:
    worst = next((loss for loss in api.losses if loss.level == "error"), None)
    if worst is None:
        return f"{api.file}: it declares no operation"
    line = f":{worst.origin.line}" if worst.origin.line else ""
    return f"{worst.origin.file}{line}: {worst.message}"


def _as_begun(manifest: RunManifest, given: dict[str, Any]) -> Settings:
    """The settings of a resumed run: those it began with.

    Only what does not change its lines may be given again. UsageError for anything else.
    """
    # A pilot is over when it is resumed.
    begun = {**manifest.settings, "pilot": None}
    for key in _FIXED:
        value = given.get(key)
        if value is not None and (list(value) if isinstance(value, tuple) else value) != begun.get(
            key
        ):
            raise UsageError(
                f"the run was begun with {key} = {begun.get(key)!r}, not {value!r}",
                hint="leave it out, or begin another run",
            )
    tables: dict[str, Any] = {
        role: dict(table) for role, table in (begun.get("roles") or {}).items()
    }
    for role, table in (given.pop("roles", None) or {}).items():
        if fixed := sorted(table.keys() - _MOVABLE):
            raise UsageError(
                f"a resumed run's {role} keeps its {fixed[0]}",
                hint=f"these may be said anew: {', '.join(sorted(_MOVABLE))}",
            )
        tables.setdefault(role, {}).update(table)
    begun["roles"] = tables
    return settings_of(
        {**begun, **{key: value for key, value in given.items() if key not in _FIXED}}
    )


def _same_specs(manifest: RunManifest, apis: Sequence[Api]) -> None:
    begun = {name: api.sha256 for name, api in manifest.apis.items()}
    now = {api.name: api.sha256 for api in apis}
    changed = sorted(name for name in begun.keys() | now.keys() if begun.get(name) != now.get(name))
    if changed:
        raise StoreError(
            f"the specs have changed since the run was begun: {', '.join(changed)}",
            hint="put them back as they were, or begin another run; what was kept stays as it is",
        )


def _known_categories(settings: Settings) -> None:
    unknown = sorted(set(settings.categories) - set(CATEGORIES))
    if unknown:
        raise UsageError(
            f"there is no category {unknown[0]!r}", hint=f"there are: {', '.join(CATEGORIES)}"
        )


def _new_folder(seed: int) -> Path:
    number = 1
    while (folder := Path("runs") / f"seed{seed}-{number:03d}").exists():
        number += 1
    return folder
