"""Entries of a case, their files under `expected/`, and the readable difference of two of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

EXPECTED = Path(__file__).parent / "expected"
MAX_DIFFERENCES = 20
MAX_CONTENT = 600


@dataclass(frozen=True)
class Entry:
    """One thing that a case pins.

    `key` names it within the case. `shown` are readable fields, stored as they are. `parts` are
    contents in normal form, of which only digests are stored.
    """

    key: str
    shown: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, Any] = field(default_factory=dict)

    def pinned(self) -> dict[str, Any]:
        """What is stored: the key, the readable fields and the digests."""
        return {
            "key": self.key,
            **self.shown,
            "parts": {k: digest(v) for k, v in self.parts.items()},
        }

    def full(self) -> dict[str, Any]:
        """What `--dump` writes: the key, the readable fields and the contents."""
        return {"key": self.key, **self.shown, "parts": self.parts}


def written(value: Any) -> str:
    """A value as JSON in one line; the order of keys is kept."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def digest(value: Any) -> str:
    """The first twelve hexadecimal digits of the SHA-256 of a value."""
    return hashlib.sha256(written(value).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def expected_file(case: str) -> Path:
    """Where the pinned entries of a case are stored."""
    return EXPECTED / f"{case}.json"


def store(case: str, entries: Sequence[Entry]) -> Path:
    """Pin entries as what a case is expected to give, one entry a line."""
    path = expected_file(case)
    path.parent.mkdir(exist_ok=True)
    rows = ",\n".join(json.dumps(entry.pinned(), ensure_ascii=False) for entry in entries)
    path.write_text(f"[\n{rows}\n]\n", "utf-8")
    return path


def dump(case: str, entries: Sequence[Entry], folder: Path) -> Path:
    """Write the full normal forms of a case as JSON lines."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{case}.jsonl"
    rows = [json.dumps(entry.full(), ensure_ascii=False) for entry in entries]
    path.write_text("".join(f"{row}\n" for row in rows), "utf-8", errors="surrogatepass")
    return path


def differences(case: str, entries: Sequence[Entry]) -> list[str]:
    """What differs between the entries of a case and those that are pinned, in words."""
    old = {row["key"]: row for row in json.loads(expected_file(case).read_text("utf-8"))}
    new = {entry.key: entry for entry in entries}
    if len(new) < len(entries):
        return ["two entries have the same key"]
    found = [f"{key}: is gone; it was {_readable(old[key])}" for key in old if key not in new]
    for key, entry in new.items():
        if key in old:
            found.extend(f"{key}: {line}" for line in _entry_differences(old[key], entry))
        else:
            found.append(f"{key}: is new: {_readable(entry.pinned())}")
    if not found and list(old) != list(new):
        found.append(f"the order of entries changed: {list(old)[:10]} became {list(new)[:10]}")
    return found


def _entry_differences(old: dict[str, Any], entry: Entry) -> Iterator[str]:
    new = entry.pinned()
    for name in dict.fromkeys([*old, *new]):
        if name != "parts" and old.get(name) != new.get(name):
            yield f"{name} was {written(old.get(name))}\n      and is now {written(new.get(name))}"
    for name in dict.fromkeys([*old["parts"], *new["parts"]]):
        before, after = old["parts"].get(name), new["parts"].get(name)
        if before != after:
            content = written(entry.parts[name])[:MAX_CONTENT] if name in entry.parts else "absent"
            yield (
                f"part {name!r} differs ({before} became {after})\n"
                f"      {_readable(new)}\n      now: {content}"
            )


def _readable(pinned: dict[str, Any]) -> str:
    return written({key: value for key, value in pinned.items() if key not in ("key", "parts")})


def explained(case: str, found: Sequence[str]) -> str:
    """The first differences of a case as a message for whoever reads the failing test."""
    shown = "\n".join(f"  - {line}" for line in found[:MAX_DIFFERENCES])
    more = (
        f"\n  ... and {len(found) - MAX_DIFFERENCES} more" if len(found) > MAX_DIFFERENCES else ""
    )
    return (
        f"{case}: {len(found)} differences from {expected_file(case).name}\n{shown}{more}\n"
        f"whole contents: python -m tests.golden --dump DIR {case} (here and in a checkout of the "
        f"old state)\nif this is wanted: python -m tests.golden --renew {case}"
    )
