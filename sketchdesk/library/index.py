"""The image index: a quick way to find images by their prompts, made from the images and to be deleted at any time."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, TypeVar

import msgspec
from msgspec import Struct

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.atomic import disk_errors
from sketchdesk.library.images import ImageRecord, image_files, read_record

VERSION = 1
"""Raised when the tables change; an index of another version is made anew."""

BUSY_TIMEOUT_S = 10.0
BATCH = 500

_SCHEMA = f"""
CREATE TABLE images (
    id INTEGER PRIMARY KEY,
    path BLOB NOT NULL UNIQUE,
    mtime_ns INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL,
    model TEXT NOT NULL,
    record TEXT
);
CREATE INDEX newest ON images (mtime_ns DESC, id DESC);
CREATE INDEX by_model ON images (model, mtime_ns DESC, id DESC);
CREATE VIRTUAL TABLE prompts USING fts5 (prompt, tokenize = 'unicode61 remove_diacritics 2');
PRAGMA user_version = {VERSION};
"""
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_REFUSED = {
    sqlite3.SQLITE_FULL: ErrorKind.DISK_FULL,
    sqlite3.SQLITE_READONLY: ErrorKind.NOT_WRITABLE,
    sqlite3.SQLITE_CANTOPEN: ErrorKind.NOT_WRITABLE,
    sqlite3.SQLITE_IOERR: ErrorKind.NOT_WRITABLE,
}

T = TypeVar("T")


class IndexedImage(Struct, frozen=True, kw_only=True):
    """One image and how it was made, if it says so."""

    path: Path
    record: ImageRecord | None = None


class ImageIndex:
    """An open index over some folders; close it, or use it as a context. Each thread opens its own.

    A damaged file is noticed when it is opened or used, and made anew from the folders. Every method raises
    SketchDeskError(DISK_FULL or NOT_WRITABLE) where the file cannot be written.
    """

    def __init__(self, file: Path, folders: Sequence[Path]) -> None:
        """Open the index, made empty where there is none of this version; refresh() then fills it."""
        self._file = file
        self._folders = tuple(folders)
        with disk_errors(file):
            file.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._db = self._connect()
            usable = self._version() == VERSION
        except sqlite3.DatabaseError as error:
            usable = _raise_unless_damage(error, file)
        if not usable:
            self._start_anew()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the index cannot be used afterwards."""
        self._db.close()

    def add_image(self, path: Path) -> None:
        """Take in one image, new or changed; one that is gone is taken out."""
        self._repairing(lambda: self._update([path.absolute()]))

    def refresh(self) -> int:
        """Bring the index up to what is on disk now; return how many images were read, changed or gone."""
        return self._repairing(self._refresh)

    def rebuild(self) -> int:
        """Empty the index and fill it from the folders; return how many images it holds."""
        self._repairing(self._clear)
        return self.refresh()

    def search(self, text: str = "", model: str = "", limit: int = 100, offset: int = 0) -> list[IndexedImage]:
        """Return images, newest first, whose prompts hold every word of `text` (or words that begin so).

        Capitals and accents make no difference. An empty text or model means any.
        """
        source, values = _chosen(text, model)
        order = "ORDER BY mtime_ns DESC, id DESC LIMIT ? OFFSET ?"
        query = f"SELECT path, record FROM {source} {order}"
        rows = self._repairing(lambda: self._db.execute(query, (*values, limit, offset)).fetchall())
        return [_image(path, record) for path, record in rows]

    def count(self, text: str = "", model: str = "") -> int:
        """Return how many images search() finds in all."""
        source, values = _chosen(text, model)
        return self._repairing(lambda: int(self._db.execute(f"SELECT count(*) FROM {source}", values).fetchone()[0]))

    def models(self) -> list[str]:
        """Return the names of the models that the images were drawn with, in alphabetical order."""
        query = "SELECT DISTINCT model FROM images WHERE model != '' ORDER BY model COLLATE NOCASE"
        return [name for (name,) in self._repairing(lambda: self._db.execute(query).fetchall())]

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._file, timeout=BUSY_TIMEOUT_S)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")  # what a power cut loses, refresh() finds again
        return db

    def _version(self) -> int:
        return int(self._db.execute("PRAGMA user_version").fetchone()[0])

    def _start_anew(self) -> None:
        """Put a new, empty file in the place of one that is damaged or of another version."""
        if hasattr(self, "_db"):
            self._db.close()
        with disk_errors(self._file):
            for suffix in ("", "-wal", "-shm"):
                Path(f"{self._file}{suffix}").unlink(missing_ok=True)
        try:
            self._db = self._connect()
            self._db.executescript(_SCHEMA)
        except sqlite3.DatabaseError as error:
            _raise_unless_damage(error, self._file)
            raise

    def _repairing(self, work: Callable[[], T]) -> T:
        """Do the work; if the file turns out to be damaged, make it anew and do the work again."""
        try:
            return work()
        except sqlite3.DatabaseError as error:
            _raise_unless_damage(error, self._file)
        self._start_anew()
        self._refresh()
        return work()

    def _clear(self) -> None:
        with self._db:
            self._db.execute("DELETE FROM prompts")
            self._db.execute("DELETE FROM images")

    def _refresh(self) -> int:
        on_disk = {path.absolute() for folder in self._folders for path in image_files(folder)}
        rows = self._db.execute("SELECT path, mtime_ns, size_bytes FROM images").fetchall()
        known = {Path(os.fsdecode(path)): (mtime_ns, size_bytes) for path, mtime_ns, size_bytes in rows}
        changed = [path for path in sorted(on_disk | known.keys()) if known.get(path) != _stamp(path)]
        self._update(changed)
        return len(changed)

    def _update(self, paths: Sequence[Path]) -> None:
        # Many at once are quick, and not all at once lets another thread write in between.
        for first in range(0, len(paths), BATCH):
            with self._db:
                for path in paths[first : first + BATCH]:
                    self._put(path, _stamp(path))

    def _put(self, path: Path, stamp: tuple[int, int] | None) -> None:
        key = os.fsencode(path)
        self._db.execute("DELETE FROM prompts WHERE rowid = (SELECT id FROM images WHERE path = ?)", (key,))
        self._db.execute("DELETE FROM images WHERE path = ?", (key,))
        if stamp is None:
            return
        record = read_record(path)
        inserted = self._db.execute(
            "INSERT INTO images (path, mtime_ns, size_bytes, model, record) VALUES (?, ?, ?, ?, ?)",
            (key, *stamp, record.model if record else "", msgspec.json.encode(record).decode() if record else None),
        )
        if record:
            row = (inserted.lastrowid, record.full_prompt)
            self._db.execute("INSERT INTO prompts (rowid, prompt) VALUES (?, ?)", row)


def _chosen(text: str, model: str) -> tuple[str, tuple[str, ...]]:
    """Return FROM and WHERE for a search, and their values.

    The words are looked up once, as a set; a join lets SQLite look them up again for every image of a model.
    """
    tests = {"id IN (SELECT rowid FROM prompts WHERE prompts MATCH ?)": _fts_query(text), "model = ?": model}
    where = " AND ".join(test for test, value in tests.items() if value)
    return f"images WHERE {where}" if where else "images", tuple(value for value in tests.values() if value)


def _fts_query(text: str) -> str:
    """Return the words as FTS5 strings, each the beginning of a word, so that no sign in them is an operator."""
    words = text.replace('"', " ").replace("\0", " ").split()
    return " ".join(f'"{word}"*' for word in words if any(sign.isalnum() for sign in word))


def _stamp(path: Path) -> tuple[int, int] | None:
    """Return when a file was changed and its size in bytes, or None where it is gone."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _image(path: bytes, record: str | None) -> IndexedImage:
    return IndexedImage(
        path=Path(os.fsdecode(path)),
        record=msgspec.json.decode(record, type=ImageRecord) if record else None,
    )


def _raise_unless_damage(error: sqlite3.DatabaseError, file: Path) -> Literal[False]:
    """Let damage pass; raise what the disk refuses in our words, and the rest as it is.

    SQLite's primary result code, the low byte, tells which it is.
    """
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _REFUSED:
        raise SketchDeskError(_REFUSED[code], str(file), str(error)) from error
    if code not in _DAMAGED:
        raise error
    return False
