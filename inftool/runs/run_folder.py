"""A run folder: `run.json`, `kept/*.jsonl` and `rejected/*.jsonl`, one complete trajectory a line.

What survives a kill is decided here: a line counts once it is synced to disk. Lines are appended
and synced in groups; one that was torn by a kill is cut off when the run is opened again. A lock
keeps a second process out.
"""

from __future__ import annotations

# POSIX only: this module cannot be imported on Windows.
import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import IO, Annotated, Any, Literal, Self

from pydantic import Field

from inftool.core.errors import StoreError, UsageError
from inftool.core.trajectories import Trajectory, Usage
from inftool.core.types import AsJsonObject, JsonObject, Record
from inftool.runs.manifest import RunManifest, read_manifest

# Smaller shards are easier to move and to open, larger ones are fewer files. Not measured.
SHARD_BYTES = 64 * 1024 * 1024
Pile = Literal["kept", "rejected"]
PILES: tuple[Pile, ...] = ("kept", "rejected")


class Done(Record):
    """What resuming needs to know of a stored line."""

    id: str
    pile: Pile
    fingerprint: str
    category: str
    codes: tuple[str, ...] = ()
    planted: str | None = None
    usage: dict[str, Annotated[Usage, AsJsonObject]] = Field(default_factory=dict)


class Run:
    """An open run folder, from `Run.create` or `Run.resume`.

    As a context manager it releases the lock and closes its files at the end.
    """

    def __init__(self, folder: Path, manifest: RunManifest, lock: IO[str]) -> None:
        self.folder = folder
        self.manifest = manifest
        self._lock = lock
        self._shards: dict[Pile, FileIO] = {}

    @classmethod
    def create(cls, folder: Path, manifest: RunManifest) -> Self:
        """Begin a run in a new or empty folder.

        StoreError if the folder is not empty or cannot be written.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            taken = any(item.name != ".lock" for item in folder.iterdir())
        except OSError as error:
            raise StoreError(
                f"cannot write to {folder}: {error.strerror}", hint="choose another folder with -o"
            ) from error
        if taken:
            raise UsageError(
                f"{folder} is not empty",
                hint=f"resume it with --resume -o {folder}, or choose another folder",
            )
        # The lock before anything is written: of two processes that start at once, one has to lose.
        run = cls(folder, manifest, _locked(folder))
        for pile in PILES:
            _guard(folder, lambda pile=pile: (folder / pile).mkdir(exist_ok=True))
        run.save()
        return run

    @classmethod
    def resume(cls, folder: Path) -> Self:
        """Open a run that exists and cut off a last line that was torn by a kill.

        StoreError if the folder holds no run.
        """
        manifest = read_manifest(folder)
        run = cls(folder, manifest, _locked(folder))
        for pile in PILES:
            for shard in shards(folder, pile):
                _guard(folder, lambda shard=shard: _cut_torn_line(shard))
        return run

    def save(self, **changes: Any) -> None:
        """Write `run.json` anew, whole or not at all."""
        self.manifest = self.manifest.with_changes(**changes)
        document = self.manifest.as_json()
        target, draft = self.folder / "run.json", self.folder / ".run.json.new"

        def write() -> None:
            with draft.open("w", encoding="utf-8") as file:
                json.dump(document, file, indent=2, ensure_ascii=False)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            # A rename is atomic (POSIX): whoever reads `run.json` finds the old or the new one,
            # whole.
            draft.replace(target)

        _guard(self.folder, write)

    def append(self, lines: Iterable[tuple[Pile, bytes]]) -> None:
        """Append lines (without their newline) and return when the disk has them.

        StoreError if it does not take them.
        """
        piles: dict[Pile, list[bytes]] = {}
        for pile, line in lines:
            piles.setdefault(pile, []).append(line + b"\n")

        def write() -> None:
            for pile, group in piles.items():
                shard = self._shard(pile)
                data = memoryview(b"".join(group))
                # Unbuffered: what the disk does not take now must not come back at closing time.
                while data:
                    data = data[shard.write(data) :]
                # Only now does the line survive a power cut, and only now is it reported as kept.
                os.fsync(shard.fileno())

        _guard(self.folder, write)

    def _shard(self, pile: Pile) -> FileIO:
        file = self._shards.get(pile)
        if file is not None and file.tell() < SHARD_BYTES:
            return file
        existing = shards(self.folder, pile)
        if file is not None:
            file.close()
        if existing and existing[-1].stat().st_size < SHARD_BYTES:
            path = existing[-1]
        else:
            path = self.folder / pile / f"{len(existing):05d}.jsonl"
        file = path.open("ab", buffering=0)
        self._shards[pile] = file
        # A new name is durable only when its folder is.
        _sync_folder(path.parent)
        return file

    def discard(self) -> None:
        """Delete a run in which nothing was stored, so that the same command can be given again."""
        if any(shards(self.folder, pile) for pile in PILES):
            return
        for pile in PILES:
            (self.folder / pile).rmdir()
        for name in ("run.json", ".lock"):
            (self.folder / name).unlink(missing_ok=True)
        if not any(self.folder.iterdir()):
            self.folder.rmdir()

    def done(self) -> Iterator[Done]:
        """Every stored line's index entry, in the order of writing."""
        for pile in PILES:
            for row in read_rows(self.folder, pile):
                blueprint, verdict, provenance = (
                    row.get("blueprint") or {},
                    row.get("verdict") or {},
                    row["provenance"],
                )
                yield Done(
                    id=row["id"],
                    pile=pile,
                    fingerprint=provenance["fingerprint"],
                    category=blueprint.get("category", ""),
                    codes=tuple(
                        dict.fromkeys(
                            f["code"]
                            for gate in verdict.get("gates", ())
                            for f in gate.get("findings", ())
                        )
                    ),
                    planted=(provenance.get("planted") or {}).get("kind"),
                    usage=provenance.get("usage") or {},
                )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for file in self._shards.values():
            file.close()
        self._lock.close()


def shards(folder: Path, pile: Pile) -> list[Path]:
    """The files of one pile, in order."""
    return sorted((folder / pile).glob("*.jsonl"))


def read_rows(folder: Path, pile: Pile) -> Iterator[JsonObject]:
    """Every line of a pile as JSON; StoreError that names the file and line of one that is none."""
    for shard in shards(folder, pile):
        with shard.open("rb") as file:
            for number, line in enumerate(file, 1):
                # A line without its newline is being written, or was torn: it does not count.
                if not line.endswith(b"\n"):
                    break
                try:
                    yield json.loads(line)
                except ValueError as error:
                    raise StoreError(
                        f"{shard}:{number}: not a JSON line: {error}",
                        hint="the file was changed by hand; take that line out",
                    ) from error


def read_trajectories(folder: Path, pile: Pile = "kept") -> Iterator[Trajectory]:
    """Every trajectory of a pile, one at a time."""
    return (Trajectory.model_validate(row) for row in read_rows(folder, pile))


def _guard(folder: Path, write: Any) -> None:
    """Run a write; an operating system's error becomes ours, with what to do."""
    try:
        write()
    except OSError as error:
        raise StoreError(
            f"cannot write to {folder}: {error.strerror or error}",
            hint="what was reported as kept is safe; free the disk and go on with"
            f" --resume -o {folder}",
        ) from error


def _locked(folder: Path) -> IO[str]:
    try:
        lock = (folder / ".lock").open("w")
    except OSError as error:
        raise StoreError(
            f"cannot write to {folder}: {error.strerror}", hint="choose another folder with -o"
        ) from error
    try:
        # The system releases the lock when the process dies, so that no stale lock is left behind.
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise StoreError(f"{folder} is in use by another process") from error
    return lock


def _cut_torn_line(shard: Path) -> None:
    with shard.open("rb+") as file:
        size = file.seek(0, os.SEEK_END)
        position = size
        # From the end, in blocks: the last newline is near it, and a shard may be large.
        while position > 0:
            start = max(0, position - 65536)
            file.seek(start)
            newline = file.read(position - start).rfind(b"\n")
            if newline >= 0:
                position = start + newline + 1
                break
            position = start
        if position != size:
            file.truncate(position)
            file.flush()
            os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
