"""Writing into the index: files that came, changed or went, and what is told of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import msgspec
from msgspec import Struct

from sketchdesk.library.drawing.unsaved import is_unsaved
from sketchdesk.library.images.record import ImageRecord
from sketchdesk.library.index.file import TABLES
from sketchdesk.library.index.query import signed_seed
from sketchdesk.library.index.sources import Stamp, Told, path_of

BATCH = 500
"""Rows written together: many at once are quick, and not all at once lets others write, and see, in between."""

_PUT = """
INSERT INTO images (path, mtime_ns, size_bytes, model, run, prompt, manner, seed, width, height, starred, unsaved,
    record)
VALUES (?1, ?2, ?3, ?4, coalesce((SELECT run FROM told WHERE path = ?1), ''), ?5, ?6, ?7, ?8, ?9,
        EXISTS (SELECT 1 FROM stars WHERE path = ?1), ?11, ?10)
ON CONFLICT (path) DO UPDATE SET mtime_ns = excluded.mtime_ns, size_bytes = excluded.size_bytes,
    model = excluded.model, run = excluded.run, prompt = excluded.prompt, manner = excluded.manner,
    seed = excluded.seed, width = excluded.width, height = excluded.height, starred = excluded.starred,
    record = excluded.record
RETURNING id
"""
# What a run saves where another run had saved one is a new image: what was told of the other does not count.
_IS_NEW = "(excluded.run != '' AND run != '')"
_TELL = f"""
INSERT INTO told (path, run, caption, scores) VALUES (?, ?, ?, ?)
ON CONFLICT (path) DO UPDATE SET run = CASE excluded.run WHEN '' THEN run ELSE excluded.run END,
    caption = CASE WHEN {_IS_NEW} THEN excluded.caption ELSE coalesce(excluded.caption, caption) END,
    scores = CASE WHEN {_IS_NEW} THEN excluded.scores ELSE json_patch(scores, excluded.scores) END
"""
_FORGET_SCORES = "DELETE FROM scores WHERE image = (SELECT id FROM images WHERE path = ?)"
_TAKE_SCORES = """
INSERT OR REPLACE INTO scores (image, name, value)
SELECT images.id, score.key, score.value FROM images JOIN told USING (path), json_each(told.scores) AS score
WHERE images.path = ?
"""
_TAKE_TAGS = """
INSERT OR IGNORE INTO image_tags (tag, image) SELECT tag, images.id FROM tags JOIN images USING (path) WHERE path = ?
"""
_FORGET_TAGS = """
DELETE FROM image_tags WHERE tag IN (SELECT tag FROM tags WHERE path = ?1)
    AND image = (SELECT id FROM images WHERE path = ?1)
"""
_TAKE_RUN = "UPDATE images SET run = (SELECT run FROM told WHERE path = ?1) WHERE path = ?1"

T = TypeVar("T")


class Entry(Struct, frozen=True):
    """One file as it is written into the index; without a stamp it is gone."""

    path: bytes
    stamp: Stamp | None
    record: ImageRecord | None = None


def batches(items: Sequence[T], size: int = BATCH) -> Iterator[Sequence[T]]:
    """Yield the items in order, at most `size` at a time."""
    for first in range(0, len(items), size):
        yield items[first : first + size]


def write_entries(db: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    """Write the files as they are now, all in one transaction. An image that changes keeps its id."""
    with db:
        for entry in entries:
            if entry.stamp is None:
                _take_out(db, entry.path)
            else:
                _put(db, entry.path, entry.stamp, entry.record)


def write_told(db: sqlite3.Connection, told: Sequence[Told]) -> None:
    """Write what is told, the later over the earlier; what one does not tell stays as it was."""
    for part in batches(told):
        with db:
            for one in part:
                scores = msgspec.json.encode(one.scores).decode()
                db.execute(_TELL, (one.path, one.run, one.caption, scores))
                if one.run:
                    db.execute(_TAKE_RUN, (one.path,))
                    db.execute(_FORGET_SCORES, (one.path,))
                if one.run or one.scores:
                    db.execute(_TAKE_SCORES, (one.path,))


def forget_told(db: sqlite3.Connection, paths: Iterable[bytes]) -> None:
    """Let nothing have been told of these images."""
    with db:
        for path in paths:
            db.execute("DELETE FROM told WHERE path = ?", (path,))
            db.execute("UPDATE images SET run = '' WHERE path = ?", (path,))
            db.execute(_FORGET_SCORES, (path,))


def write_stars(db: sqlite3.Connection, paths: set[bytes]) -> None:
    """Let these images have a star and no others; they need not be here yet."""
    known = {path for (path,) in db.execute("SELECT path FROM stars")}
    with db:
        for path in paths - known:
            db.execute("INSERT INTO stars VALUES (?)", (path,))
            db.execute("UPDATE images SET starred = 1 WHERE path = ?", (path,))
        for path in known - paths:
            db.execute("DELETE FROM stars WHERE path = ?", (path,))
            db.execute("UPDATE images SET starred = 0 WHERE path = ?", (path,))


def write_tags(db: sqlite3.Connection, given: Mapping[bytes, Sequence[str]]) -> None:
    """Let these images have these tags and no others; they need not be here yet."""
    known: dict[bytes, list[str]] = {}
    for path, tag in db.execute("SELECT path, tag FROM tags"):
        known.setdefault(path, []).append(tag)
    with db:
        for path in known.keys() | given.keys():
            tags = given.get(path, ())
            if set(tags) != set(known.get(path, ())):
                db.execute(_FORGET_TAGS, (path,))
                db.execute("DELETE FROM tags WHERE path = ?", (path,))
                db.executemany("INSERT OR IGNORE INTO tags VALUES (?, ?)", [(path, tag) for tag in tags])
                db.execute(_TAKE_TAGS, (path,))


def write_positions(db: sqlite3.Connection, positions: dict[bytes, int]) -> None:
    """Note how far events and tables of scores were read."""
    with db:
        db.executemany("INSERT OR REPLACE INTO sources VALUES (?, ?)", positions.items())


def clear(db: sqlite3.Connection) -> None:
    """Empty every table."""
    with db:
        for table in TABLES:
            db.execute(f"DELETE FROM {table}")


def _take_out(db: sqlite3.Connection, path: bytes) -> None:
    db.execute("DELETE FROM prompts WHERE rowid = (SELECT id FROM images WHERE path = ?)", (path,))
    db.execute(_FORGET_SCORES, (path,))
    db.execute(_FORGET_TAGS, (path,))
    db.execute("DELETE FROM images WHERE path = ?", (path,))


def _put(db: sqlite3.Connection, path: bytes, stamp: Stamp, record: ImageRecord | None) -> None:
    [(number,)] = db.execute(_PUT, (path, *stamp, *_columns(record), is_unsaved(path_of(path)))).fetchall()
    db.execute("DELETE FROM prompts WHERE rowid = ?", (number,))
    if record:
        db.execute("INSERT INTO prompts (rowid, prompt) VALUES (?, ?)", (number, record.full_prompt))
    db.execute(_TAKE_SCORES, (path,))
    db.execute(_TAKE_TAGS, (path,))


def manner_of(record: ImageRecord) -> str:
    """Return what two pictures must have in common, besides prompt, seed and size, to be a pair: the words around the
    prompt, how it was read, and what was drawn from. Of a picture that has only a style prefix, that is the prefix.
    """
    source = (record.init_hash, record.strength, record.mask_hash) if record.init_image else ()
    parts = (
        record.style_prefix, record.style_suffix, record.clip_skip or "", record.guidance_rescale or "",
        "weighed" if record.prompt_weighting and record.has_brackets else "", *source,
    )  # fmt: skip
    return "\n".join(str(part) for part in parts).rstrip("\n")


def _columns(record: ImageRecord | None) -> tuple[str | int | None, ...]:
    """Return model, prompt, manner, seed, width, height and the whole record."""
    if record is None:
        return "", "", "", None, 0, 0, None
    seed, text = signed_seed(record.seed), msgspec.json.encode(record).decode()
    return record.model_label, record.prompt, manner_of(record), seed, record.width, record.height, text
