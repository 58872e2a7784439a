"""Replies cached by the exact request, so that a repeated run asks, and pays for, nothing twice."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

from inftool.core.errors import StoreError

# Replies in one transaction: a commit costs more than a write, and a crash loses no more than
# these many.
_TRANSACTION_SIZE = 32
# Seconds to wait for another process that writes to the same file.
_LOCK_TIMEOUT = 30.0


class ReplyCache:
    """An SQLite file of replies, by the address and every byte of the request.

    The API key is in no request's body, so it is not in the file. StoreError if the file cannot be
    opened; errors later on only lose replies.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.hits = 0
        self._uncommitted = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(path, timeout=_LOCK_TIMEOUT, isolation_level=None)
            self._file.execute("PRAGMA journal_mode=WAL")
            # A reply lost in a power cut is asked for again; that is all.
            self._file.execute("PRAGMA synchronous=OFF")
            self._file.execute(
                "CREATE TABLE IF NOT EXISTS replies"
                " (key BLOB PRIMARY KEY, reply BLOB NOT NULL) WITHOUT ROWID"
            )
        except (OSError, sqlite3.Error) as error:
            raise StoreError(
                f"the reply cache {path} cannot be used: {error}",
                hint="take it away, or leave out --cache",
            ) from error

    @staticmethod
    def key(url: str, body: bytes) -> bytes:
        """The key of a request: the SHA-256 of its address and body."""
        return hashlib.sha256(url.encode() + b"\0" + body).digest()

    def get(self, key: bytes) -> bytes | None:
        """The reply to an earlier request with this key; None if there is none."""
        try:
            row = self._file.execute("SELECT reply FROM replies WHERE key = ?", (key,)).fetchone()
        except sqlite3.Error:
            # A cache that cannot be read costs money and nothing else.
            return None
        self.hits += row is not None
        return None if row is None else bytes(row[0])

    def put(self, key: bytes, reply: bytes) -> None:
        """Store a reply."""
        try:
            if not self._uncommitted:
                self._file.execute("BEGIN")
            self._file.execute("INSERT OR REPLACE INTO replies VALUES (?, ?)", (key, reply))
            self._uncommitted += 1
            if self._uncommitted >= _TRANSACTION_SIZE:
                self._commit()
        except sqlite3.Error:
            self._uncommitted = 0

    def _commit(self) -> None:
        self._uncommitted = 0
        self._file.execute("COMMIT")

    def close(self) -> None:
        """Commit what is not committed yet and close the file."""
        try:
            if self._uncommitted:
                self._commit()
        except sqlite3.Error:
            pass
        self._file.close()
