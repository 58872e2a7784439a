"""Replies kept by the exact request, so that a run made again asks (and pays for) nothing twice."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

from inftool.core.errors import StoreError

GROUP = 32


class Replies:
    """An SQLite file of replies; the key covers the address and every byte of the request, never the API key."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.hits = 0
        self._unsaved = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(path, timeout=30.0, isolation_level=None)
            self._file.execute("PRAGMA journal_mode=WAL")
            # A reply lost in a power cut is asked for again; that is all.
            self._file.execute("PRAGMA synchronous=OFF")
            self._file.execute(
                "CREATE TABLE IF NOT EXISTS replies (key BLOB PRIMARY KEY, reply BLOB NOT NULL) WITHOUT ROWID"
            )
        except (OSError, sqlite3.Error) as error:
            raise StoreError(
                f"the reply cache {path} cannot be used: {error}",
                hint="take it away, or leave out --cache",
            ) from error

    @staticmethod
    def key(url: str, body: bytes) -> bytes:
        """The key of a request."""
        return hashlib.sha256(url.encode() + b"\0" + body).digest()

    def get(self, key: bytes) -> bytes | None:
        """The reply to a request that was made before."""
        try:
            row = self._file.execute("SELECT reply FROM replies WHERE key = ?", (key,)).fetchone()
        except sqlite3.Error:
            # A cache that cannot be read costs money and nothing else.
            return None
        self.hits += row is not None
        return None if row is None else bytes(row[0])

    def put(self, key: bytes, reply: bytes) -> None:
        """Keep a reply."""
        try:
            if not self._unsaved:
                self._file.execute("BEGIN")
            self._file.execute("INSERT OR REPLACE INTO replies VALUES (?, ?)", (key, reply))
            self._unsaved += 1
            if self._unsaved >= GROUP:
                self._commit()
        except sqlite3.Error:
            self._unsaved = 0

    def _commit(self) -> None:
        self._unsaved = 0
        self._file.execute("COMMIT")

    def close(self) -> None:
        """Save what is not saved yet and close the file."""
        try:
            if self._unsaved:
                self._commit()
        except sqlite3.Error:
            pass
        self._file.close()
