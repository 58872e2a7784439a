"""The run folder: durable lines, torn tails, locks, and disks that do not take them."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from inftool.core.errors import StoreError, UsageError
from inftool.runs import run_folder as store
from inftool.runs.manifest import RunManifest, read_manifest
from inftool.runs.run_folder import Run, read_rows


def line(number: int) -> bytes:
    row = {
        "id": f"{number:06d}-x",
        "provenance": {"fingerprint": f"f{number}"},
        "blueprint": {"category": "simple"},
        "verdict": {"gates": []},
    }
    return json.dumps(row).encode()


def test_lines_come_back_as_they_were_written(tmp_path: Path) -> None:
    with Run.create(tmp_path / "run", RunManifest(state="running")) as run:
        run.append([("kept", line(0)), ("rejected", line(1))])
        run.append([("kept", line(2))])
        run.save(state="complete")
    assert [row["id"][:6] for row in read_rows(tmp_path / "run", "kept")] == ["000000", "000002"]
    assert [row["id"][:6] for row in read_rows(tmp_path / "run", "rejected")] == ["000001"]
    assert read_manifest(tmp_path / "run").state == "complete"


def test_a_torn_line_is_cut_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with Run.create(folder, RunManifest()) as run:
        run.append([("kept", line(0)), ("kept", line(1))])
    shard = folder / "kept" / "00000.jsonl"
    whole = shard.read_bytes()
    shard.write_bytes(whole + line(2)[:40])
    with Run.resume(folder) as run:
        assert shard.read_bytes() == whole
        assert [done.id for done in run.done()] == ["000000-x", "000001-x"]
        run.append([("kept", line(2))])
    assert [row["id"] for row in read_rows(folder, "kept")] == ["000000-x", "000001-x", "000002-x"]


def test_shards_are_rotated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "SHARD_BYTES", 300)
    with Run.create(tmp_path / "run", RunManifest()) as run:
        for number in range(10):
            run.append([("kept", line(number))])
    with Run.resume(tmp_path / "run") as run:
        run.append([("kept", line(10))])
    assert len(store.shards(tmp_path / "run", "kept")) > 2
    assert [int(row["id"][:6]) for row in read_rows(tmp_path / "run", "kept")] == list(range(11))


def test_two_processes_do_not_share_a_run(tmp_path: Path) -> None:
    with Run.create(tmp_path / "run", RunManifest()), pytest.raises(StoreError, match="in use"):
        Run.resume(tmp_path / "run")
    with Run.resume(tmp_path / "run"):
        pass


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("keep me")
    with pytest.raises(UsageError, match="not empty"):
        Run.create(tmp_path, RunManifest())
    assert (tmp_path / "letter.txt").read_text() == "keep me"


def test_what_is_no_run_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no run"):
        Run.resume(tmp_path)
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(StoreError, match="cannot be read"):
        Run.resume(tmp_path)


def test_a_line_changed_by_hand_is_named(tmp_path: Path) -> None:
    with Run.create(tmp_path / "run", RunManifest()) as run:
        run.append([("kept", line(0))])
    (tmp_path / "run" / "kept" / "00000.jsonl").write_text("not json\n")
    with pytest.raises(StoreError, match=r"00000\.jsonl:1"):
        list(read_rows(tmp_path / "run", "kept"))


def test_a_full_disk_is_told_and_nothing_reported_is_lost(tmp_path: Path) -> None:
    # A real refusal by the kernel: the process may not write files beyond 2,000 bytes.
    script = textwrap.dedent("""
        import resource, signal, sys
        from pathlib import Path
        from tests.runs.test_run_folder import line
        from inftool.core.errors import StoreError
        from inftool.runs.manifest import RunManifest
        from inftool.runs.run_folder import Run
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        with Run.create(Path(sys.argv[1]), RunManifest(state="running")) as run:
            resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
            for number in range(100):
                try:
                    run.append([("kept", line(number))])
                except StoreError as error:
                    print(error)
                    break
                print("durable", number)
    """)
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "run")],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    reported = done.stdout.count("durable")
    assert 0 < reported < 100, done.stdout + done.stderr
    assert "cannot write" in done.stdout
    assert "--resume" in done.stdout
    with Run.resume(tmp_path / "run") as run:
        assert len(list(run.done())) == reported
