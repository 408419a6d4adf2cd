"""Rows of metadata: JSON lines, CSV and parquet, a broken row told where it stands and the others read on."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from sketchdesk.library.dataset.flaws import Finding, Flaw
from sketchdesk.library.dataset.items import unreadable_set
from sketchdesk.library.files.textfile import read_text

METADATA = ("metadata.jsonl", "metadata.csv", "metadata.parquet")
SUFFIXES = (".jsonl", ".csv", ".parquet")
CAPTION_COLUMNS = ("text", "caption", "captions", "prompt", "description")
"""What the column of captions is called: the first unless a job names another, the others where there is no such."""

Row = tuple[str, dict[str, Any]]
"""Where a row stands ("metadata.csv:7"), and its fields."""


def read_table(path: Path) -> Iterator[Row | Finding]:
    """Yield a table's rows in order, or what is wrong with them. Raises SketchDeskError where it is no table at all."""
    readers = {".jsonl": _json_lines, ".csv": _csv, ".parquet": _parquet}
    return readers[path.suffix.lower()](path)


def _json_lines(path: Path) -> Iterator[Row | Finding]:
    for number, line in enumerate(read_text(path).split("\n"), 1):
        where = f"{path.name}:{number}"
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield Finding(where, Flaw.BAD_ROW, str(error))
            continue
        yield (where, row) if isinstance(row, dict) else Finding(where, Flaw.BAD_ROW, "not an object")


def _csv(path: Path) -> Iterator[Row | Finding]:
    reader = csv.DictReader(io.StringIO(read_text(path), newline=""))
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            yield Finding(f"{path.name}:{reader.line_num}", Flaw.BAD_ROW, str(error))
            continue
        if row is None:
            return
        where = f"{path.name}:{reader.line_num}"
        if None in row:
            yield Finding(where, Flaw.BAD_ROW, "more cells than columns")
        else:
            yield where, row


def _parquet(path: Path) -> Iterator[Row | Finding]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            number = 0
            for batch in file.iter_batches():
                for row in batch.to_pylist():
                    number += 1
                    yield f"{path.name}:{number}", row
    except (pa.ArrowException, OSError) as error:
        raise unreadable_set(str(path), f"{type(error).__name__}: {error}") from error


def caption_in(value: object) -> str | None:
    """Return a cell as a caption: a text, or the first of a list of texts; None where there is none."""
    if isinstance(value, list | tuple):
        value = next(iter(value), None)
    if value is None:
        return None
    return value.encode(errors="replace").decode() if isinstance(value, str) else str(value)


def caption_column_in(columns: Collection[str], asked: str) -> str | None:
    """Return which of a table's columns holds its captions; None where none does."""
    if asked in columns:
        return asked
    known = CAPTION_COLUMNS if asked == CAPTION_COLUMNS[0] else ()
    return next((column for column in known if column in columns), None)


def without_captions(name: str, columns: Iterable[str], asked: str) -> Finding:
    """Return what is said of a table that has no column of captions."""
    return Finding(name, Flaw.NO_COLUMN, no_column(asked, columns))


def no_column(asked: str, columns: Iterable[str]) -> str:
    """Return which column is missing, and those that are there."""
    return f"no column “{asked}”; there are {', '.join(columns)}"
