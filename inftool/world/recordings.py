"""Recorded answers of a model, found again by state, tool and arguments."""

from __future__ import annotations

import json
from hashlib import blake2b
from pathlib import Path

from inftool.core.errors import WorldError
from inftool.core.json_values import canonical
from inftool.core.types import Arguments


class Recordings:
    """Answers that a model gave: (state digest, tool, arguments) -> body.

    Kept as JSON lines in `path`, or in memory only where it is None. The first answer to a call is
    the one that stays.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        """WorldError where the file cannot be read or a line is not a recording."""
        self.path = Path(path) if path is not None else None
        self._bodies: dict[str, object] = {}
        if self.path is not None and self.path.exists():
            self._load(self.path)

    def _load(self, path: Path) -> None:
        try:
            lines = path.read_bytes().splitlines(keepends=True)
        except OSError as error:
            raise WorldError(f"{path} cannot be read: {error.strerror}") from error
        for number, line in enumerate(lines, 1):
            try:
                row = json.loads(line)
                key = self.key(row["state"], row["tool"], row["arguments"])
                self._bodies.setdefault(key, row["body"])
            except (ValueError, TypeError, KeyError) as error:
                if number == len(lines) and not line.endswith(b"\n"):
                    # A run that was killed while it wrote: what is torn is asked for again.
                    with path.open("r+b") as file:
                        file.truncate(sum(map(len, lines[:-1])))
                    return
                raise WorldError(
                    f"{path}, line {number}: not a recorded answer ({type(error).__name__})"
                ) from error

    @staticmethod
    def key(state: str, tool: str, arguments: Arguments) -> str:
        """What an answer is found by: a hash of the state's digest, the tool and the arguments."""
        text = f"{state}\x1f{tool}\x1f{canonical(arguments)}"
        # Arguments may hold a lone surrogate, which JSON allows and UTF-8 does not.
        return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def __len__(self) -> int:
        return len(self._bodies)

    def find(self, state: str, tool: str, arguments: Arguments) -> tuple[bool, object]:
        """Whether a call was answered before, and the body."""
        key = self.key(state, tool, arguments)
        return key in self._bodies, self._bodies.get(key)

    def keep(self, state: str, tool: str, arguments: Arguments, body: object) -> object:
        """Record an answer; the body that counts: an earlier answer's where there is one."""
        key = self.key(state, tool, arguments)
        # Two players may answer the same call at the same time: the second takes the first answer.
        if key not in self._bodies:
            self._bodies[key] = body
            if self.path is not None:
                row = {"state": state, "tool": tool, "arguments": arguments, "body": body}
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with self.path.open("a", encoding="utf-8", newline="\n") as file:
                    file.write(canonical(row) + "\n")
        return self._bodies[key]
