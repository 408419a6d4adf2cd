"""The index's file: its tables, and how one that is damaged or of another version is made anew.

Several windows may have the file open, and SQLite goes by its name; so a new one never takes the name of an old one. It
has the next number, index-1.sqlite3 after index.sqlite3, and whoever has an older one open goes over to it.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.files.atomic import disk_errors

VERSION = 4
"""Raised when the tables change; an index of another version is made anew."""

BUSY_TIMEOUT_S = 10.0

IDS_A_FILE = 100_000_000
"""The ids of each file begin so much higher than those of the one before."""

_SCHEMA = f"""
-- The images on disk. An id is never given twice, so that nobody takes one image for another: see IDS_A_FILE.
CREATE TABLE images (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path BLOB NOT NULL UNIQUE,
    mtime_ns INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL,
    model TEXT NOT NULL,
    run TEXT NOT NULL,
    prompt TEXT NOT NULL COLLATE NOCASE,
    manner TEXT NOT NULL COLLATE NOCASE,  -- see index_write.manner_of
    seed INTEGER,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    starred INTEGER NOT NULL,
    unsaved INTEGER NOT NULL,  -- by its place: see library.drawing.unsaved
    record TEXT
);
CREATE INDEX newest ON images (mtime_ns DESC, id DESC);
CREATE INDEX by_model ON images (model, mtime_ns DESC, id DESC);
CREATE INDEX by_run ON images (run, mtime_ns DESC, id DESC);
CREATE INDEX by_prompt ON images (
    prompt, seed, mtime_ns DESC, id DESC, model, manner, width, height  -- all that pairs ask for
);
CREATE INDEX by_seed ON images (seed IS NULL, seed, prompt, mtime_ns DESC, id DESC, model);
CREATE INDEX starred ON images (mtime_ns DESC, id DESC) WHERE starred = 1;
CREATE INDEX unsaved ON images (mtime_ns DESC, id DESC) WHERE unsaved = 1;
CREATE VIRTUAL TABLE prompts USING fts5 (prompt, tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3');

-- What stands elsewhere about files, whether they are images here yet or not.
CREATE TABLE told (path BLOB PRIMARY KEY, run TEXT NOT NULL, caption TEXT, scores TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE stars (path BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE tags (path BLOB NOT NULL, tag TEXT NOT NULL COLLATE NOCASE, PRIMARY KEY (path, tag)) WITHOUT ROWID;
-- How far each events.jsonl was read (bytes), and the time of each scores.csv that was.
CREATE TABLE sources (path BLOB PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;

-- The scores of the images above, to order and to narrow by.
CREATE TABLE scores (
    image INTEGER NOT NULL, name TEXT NOT NULL, value REAL NOT NULL, PRIMARY KEY (image, name)
) WITHOUT ROWID;
CREATE INDEX by_value ON scores (name, value DESC, image DESC);
-- The tags of the images above, to narrow by.
CREATE TABLE image_tags (
    tag TEXT NOT NULL COLLATE NOCASE, image INTEGER NOT NULL, PRIMARY KEY (tag, image)
) WITHOUT ROWID;
PRAGMA user_version = {VERSION};
"""
TABLES = ("images", "prompts", "told", "stars", "tags", "sources", "scores", "image_tags")

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
        self._open(newest_number(path))

    def repairing(self, work: Callable[[], T]) -> T:
        """Do the work; if the file turns out to be damaged, make it anew, fill it and do the work again."""
        if not self._file.exists() or file_of(self._path, self._number + 1).exists():
            self._go_on()
        try:
            return work()
        except sqlite3.DatabaseError as error:
            self._raise_unless_damage(error)
        self._go_on()
        return work()

    def close(self) -> None:
        """Close the file; it cannot be used afterwards."""
        self.db.close()

    def _go_on(self) -> None:
        """Go over to the file that another window has made meanwhile; else make and fill one."""
        self.db.close()
        if self._open(max(newest_number(self._path), self._number + 1)):
            self._refill()

    def _open(self, number: int) -> bool:
        """Open the file of this number, or the first after it that can be used; return whether it is a new one."""
        while True:
            self._number, self._file = number, file_of(self._path, number)
            try:
                is_new = self._prepare()
            except sqlite3.DatabaseError as error:
                self._raise_unless_damage(error)
                self.db.close()
                is_new = None
            if is_new is not None:
                self._remove_older()
                return is_new
            number += 1

    def _prepare(self) -> bool | None:
        """Connect, and make the tables where there are none; None for a file of another version.

        Of two windows that open a new file at once, one makes the tables and the other waits.
        """
        self.db = sqlite3.connect(self._file, timeout=BUSY_TIMEOUT_S)
        version, tables = self._state()
        is_new = not version and not tables
        if is_new:
            self._execute_waiting("PRAGMA journal_mode = WAL")
            with self.db:
                self.db.execute("BEGIN IMMEDIATE")
                version, tables = self._state()
                if not version and not tables:
                    self._make_tables()
                    version = VERSION
                else:
                    is_new = False
        self.db.execute("PRAGMA synchronous = NORMAL")  # what a power cut loses, a refresh finds again
        if version == VERSION:
            return is_new
        self.db.close()
        return None

    def _state(self) -> tuple[int, int]:
        """Return the file's version and how many tables it has.

        The tables are looked at first: while another connection makes both at once, a version without tables is a
        whole file, but tables without a version would be taken for a file of another version, and left.
        """
        (tables,) = self.db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        (version,) = self.db.execute("PRAGMA user_version").fetchone()
        return version, tables

    def _make_tables(self) -> None:
        for statement in _SCHEMA.split(";\n"):
            self.db.execute(statement)
        self.db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('images', ?)", (self._number * IDS_A_FILE,))

    def _execute_waiting(self, statement: str) -> None:
        """Do what SQLite refuses at once, without its timeout, while another window does the same."""
        until_s = time.monotonic() + BUSY_TIMEOUT_S
        while True:
            try:
                self.db.execute(statement)
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until_s:
                    raise
                time.sleep(0.01)

    def _remove_older(self) -> None:
        """Remove the files of lower numbers; those who have one open lose nothing, and go over at their next step."""
        for number, file in _files(self._path):
            if number < self._number:
                for suffix in ("", "-wal", "-shm"):
                    with suppress(OSError):  # Windows keeps a file that is open; the next window removes it
                        Path(f"{file}{suffix}").unlink(missing_ok=True)

    def _raise_unless_damage(self, error: sqlite3.DatabaseError) -> None:
        """Let damage pass; raise what the disk refuses in our words, and the rest as it is.

        SQLite's primary result code, the low byte, tells which it is.
        """
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in _REFUSED:
            raise SketchDeskError(_REFUSED[code], str(self._file), str(error)) from error
        if code not in _DAMAGED:
            raise error


def file_of(path: Path, number: int) -> Path:
    """Return the path of an index's file by its number: index.sqlite3, index-1.sqlite3, index-2.sqlite3 …"""
    return path.with_name(f"{path.stem}-{number}{path.suffix}") if number else path


def newest_number(path: Path) -> int:
    """Return the highest number that is there, 0 where there is none or no folder."""
    if not path.parent.is_dir():
        return 0
    return max((number for number, _file in _files(path)), default=0)


def _files(path: Path) -> list[tuple[int, Path]]:
    pattern = re.compile(rf"{re.escape(path.stem)}(?:-([1-9]\d*))?{re.escape(path.suffix)}")
    with disk_errors(path):
        found = [(match, file) for file in path.parent.iterdir() if (match := pattern.fullmatch(file.name))]
    return [(int(match[1] or 0), file) for match, file in found]
