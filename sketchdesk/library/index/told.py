"""Taking in what runs and tables of scores tell of images."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import msgspec

from sketchdesk.library.images.renamed import Renamings
from sketchdesk.library.index.sources import SCORES_FILE, Told, key_of, path_of, stamp_of, told_by_run, told_by_table
from sketchdesk.library.index.write import forget_told, write_positions, write_told
from sketchdesk.library.paths import runs_dir


def read_sources(db: sqlite3.Connection, tables: Iterable[Path]) -> None:
    """Take in what runs and tables of scores tell that they had not told before, in the order they told it."""
    known = dict(db.execute("SELECT path, position FROM sources"))
    told: list[Told] = []
    positions = {}
    for folder in runs_dir().glob("*/"):
        key = key_of(folder)
        news, positions[key] = told_by_run(folder, known.get(key, 0))
        told += news
    for table in tables:
        key = key_of(table)
        stamp = stamp_of(key)
        if stamp and known.get(key) != stamp[0]:
            told += told_by_table(table, stamp[0] / 1e9)
            positions[key] = stamp[0]
    write_told(db, _in_order(told))
    write_positions(db, {key: at for key, at in positions.items() if known.get(key, 0) != at})


def tell_again(db: sqlite3.Connection, paths: Collection[bytes]) -> None:
    """Forget what was told of some images and take in anew what all sources read so far tell of them."""
    told: list[Told] = []
    for key, position in db.execute("SELECT path, position FROM sources").fetchall():
        source = path_of(key)
        if source.name == SCORES_FILE:
            told += told_by_table(source, position / 1e9)
        else:
            told += told_by_run(source, 0)[0]
    forget_told(db, paths)
    write_told(db, [one for one in _in_order(told) if one.path in paths])


def _in_order(told: Sequence[Told]) -> list[Told]:
    """Return what was told in the order it was, each of the image's present name."""
    renamings = Renamings.load()
    present = (msgspec.structs.replace(one, path=renamings.now(one.path, one.time_s)) for one in told)
    return sorted(present, key=lambda one: one.time_s)
