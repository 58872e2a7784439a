"""Recorded answers of a model, found again by state, tool and arguments."""

from __future__ import annotations

import json
from hashlib import blake2b
from pathlib import Path
from typing import Any

from inftool.core.errors import WorldError
from inftool.core.json_values import canonical
from inftool.core.types import JsonObject


class Recordings:
    """Answers that a model gave: (state digest, tool, arguments) -> body. JSON lines in `path`, or in memory only.

    The first answer to a call is the one that stays. WorldError where the file cannot be read or a line is no recording.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self.path = Path(path) if path is not None else None
        self._known: dict[str, Any] = {}
        if self.path is None or not self.path.exists():
            return
        try:
            lines = self.path.read_bytes().splitlines(keepends=True)
        except OSError as error:
            raise WorldError(f"{self.path} cannot be read: {error.strerror}") from error
        for number, line in enumerate(lines, 1):
            try:
                row = json.loads(line)
                self._known.setdefault(
                    self.key(row["state"], row["tool"], row["arguments"]), row["body"]
                )
            except (ValueError, TypeError, KeyError) as error:
                if number == len(lines) and not line.endswith(b"\n"):
                    # A run that was killed while it wrote: what is torn is asked for again.
                    with self.path.open("r+b") as file:
                        file.truncate(sum(map(len, lines[:-1])))
                    return
                raise WorldError(
                    f"{self.path}, line {number}: no recorded answer ({type(error).__name__})"
                ) from error

    @staticmethod
    def key(state: str, tool: str, arguments: JsonObject) -> str:
        """What a call is known by."""
        return blake2b(
            f"{state}\x1f{tool}\x1f{canonical(arguments)}".encode("utf-8", "surrogatepass"),
            digest_size=16,
        ).hexdigest()

    def __len__(self) -> int:
        return len(self._known)

    def find(self, state: str, tool: str, arguments: JsonObject) -> tuple[bool, Any]:
        """Whether a call was answered before, and the body."""
        key = self.key(state, tool, arguments)
        return key in self._known, self._known.get(key)

    def keep(self, state: str, tool: str, arguments: JsonObject, body: Any) -> Any:
        """Record an answer; the body that counts (an earlier one's where there is one)."""
        key = self.key(state, tool, arguments)
        if key not in self._known:
            self._known[key] = body
            if self.path is not None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with self.path.open("a", encoding="utf-8", newline="\n") as file:
                    file.write(
                        canonical(
                            {"state": state, "tool": tool, "arguments": arguments, "body": body}
                        )
                        + "\n"
                    )
        return self._known[key]
