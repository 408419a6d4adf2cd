"""The index's file: its tables, and how one that is damaged or of another version is made anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeVar

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.atomic import disk_errors

VERSION = 2
"""Raised when the tables change; an index of another version is made anew."""

BUSY_TIMEOUT_S = 10.0

_SCHEMA = f"""
-- The images on disk. An id is never given twice, so that nobody takes one image for another.
CREATE TABLE images (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path BLOB NOT NULL UNIQUE,
    mtime_ns INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL,
    model TEXT NOT NULL,
    run TEXT NOT NULL,
    prompt TEXT NOT NULL COLLATE NOCASE,
    style_prefix TEXT NOT NULL COLLATE NOCASE,
    seed INTEGER,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    starred INTEGER NOT NULL,
    record TEXT
);
CREATE INDEX newest ON images (mtime_ns DESC, id DESC);
CREATE INDEX by_model ON images (model, mtime_ns DESC, id DESC);
CREATE INDEX by_run ON images (run, mtime_ns DESC, id DESC);
CREATE INDEX by_prompt ON images (
    prompt, seed, mtime_ns DESC, id DESC, model, style_prefix, width, height  -- all that pairs ask for
);
CREATE INDEX by_seed ON images (seed IS NULL, seed, prompt, mtime_ns DESC, id DESC, model);
CREATE INDEX starred ON images (mtime_ns DESC, id DESC) WHERE starred = 1;
CREATE VIRTUAL TABLE prompts USING fts5 (prompt, tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3');

-- What stands elsewhere about files, whether they are images here yet or not.
CREATE TABLE told (path BLOB PRIMARY KEY, run TEXT NOT NULL, caption TEXT, scores TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE stars (path BLOB PRIMARY KEY) WITHOUT ROWID;
-- How far each events.jsonl was read (bytes), and the time of each scores.csv that was.
CREATE TABLE sources (path BLOB PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;

-- The scores of the images above, to order and to narrow by.
CREATE TABLE scores (
    image INTEGER NOT NULL, name TEXT NOT NULL, value REAL NOT NULL, PRIMARY KEY (image, name)
) WITHOUT ROWID;
CREATE INDEX by_value ON scores (name, value DESC, image DESC);
PRAGMA user_version = {VERSION};
"""
TABLES = ("images", "prompts", "told", "stars", "sources", "scores")

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_REFUSED = {
    sqlite3.SQLITE_FULL: ErrorKind.DISK_FULL,
    sqlite3.SQLITE_READONLY: ErrorKind.NOT_WRITABLE,
    sqlite3.SQLITE_CANTOPEN: ErrorKind.NOT_WRITABLE,
    sqlite3.SQLITE_IOERR: ErrorKind.NOT_WRITABLE,
}

T = TypeVar("T")


class IndexFile:
    """An open index file; `db` is its connection. `refill` brings an empty one up to what is on disk.

    Raises SketchDeskError(DISK_FULL or NOT_WRITABLE) where the file cannot be written.
    """

    def __init__(self, path: Path, refill: Callable[[], object]) -> None:
        self._path = path
        self._refill = refill
        with disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self.db = self._connect()
            usable = int(self.db.execute("PRAGMA user_version").fetchone()[0]) == VERSION
        except sqlite3.DatabaseError as error:
            usable = self._raise_unless_damage(error)
        if not usable:
            self._start_anew()

    def repairing(self, work: Callable[[], T]) -> T:
        """Do the work; if the file turns out to be damaged, make it anew, fill it and do the work again."""
        try:
            return work()
        except sqlite3.DatabaseError as error:
            self._raise_unless_damage(error)
        self._start_anew()
        self._refill()
        return work()

    def close(self) -> None:
        """Close the file; it cannot be used afterwards."""
        self.db.close()

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=BUSY_TIMEOUT_S)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")  # what a power cut loses, a refresh finds again
        return db

    def _start_anew(self) -> None:
        """Put a new, empty file in the place of one that is damaged or of another version."""
        if hasattr(self, "db"):
            self.db.close()
        with disk_errors(self._path):
            for suffix in ("", "-wal", "-shm"):
                Path(f"{self._path}{suffix}").unlink(missing_ok=True)
        try:
            self.db = self._connect()
            self.db.executescript(_SCHEMA)
        except sqlite3.DatabaseError as error:
            self._raise_unless_damage(error)
            raise

    def _raise_unless_damage(self, error: sqlite3.DatabaseError) -> Literal[False]:
        """Let damage pass; raise what the disk refuses in our words, and the rest as it is.

        SQLite's primary result code, the low byte, tells which it is.
        """
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in _REFUSED:
            raise SketchDeskError(_REFUSED[code], str(self._path), str(error)) from error
        if code not in _DAMAGED:
            raise error
        return False
