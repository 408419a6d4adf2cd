"""Pictures inside parquet files, as the hub keeps them: columns of bytes, of {bytes, path}, or of paths."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sketchdesk.library.dataset.flaws import Finding
from sketchdesk.library.dataset.items import Item, Picture, Source, unreadable_set
from sketchdesk.library.dataset.tables import METADATA, caption_column_in, caption_in, no_column, without_captions

TRAIN_PARTS = ("train*.parquet", "data/train*.parquet", "*.parquet", "data/*.parquet", "train/*.parquet")
"""Where a folder keeps its parts; the first of these that finds any."""


def parts_in(folder: Path) -> list[Path]:
    """Return the parquet files of a folder that are trained on, in order."""
    for pattern in TRAIN_PARTS:
        if parts := sorted(file for file in folder.glob(pattern) if file.name not in METADATA):
            return parts
    return []


def read_parquet(
    name: str, files: Sequence[Path], image_column: str, caption_column: str, numbered: bool = False
) -> Source:
    """Return the rows of parquet files as items; pictures are read when they are wanted, a group of rows at a time.

    Their keys are their file's name and place in it; or, `numbered`, their place in all, as in a stream of them.
    Without a column of captions they have none, which is remarked. Raises SketchDeskError(DATASET_UNREADABLE) for a
    file that is no parquet or lacks the column of pictures.
    """
    import pyarrow as pa

    items: list[Item] = []
    remarks: list[Finding] = []
    for file in files:
        try:
            part = _Part(file, image_column)
            column = caption_column_in(part.columns, caption_column)
            captions = part.column(column) if column else [None] * part.rows
        except (pa.ArrowException, OSError, KeyError) as error:
            raise unreadable_set(name, f"{file.name}: {error}") from error
        if column is None:
            remarks.append(without_captions(file.name, part.columns, caption_column))
        first = len(items)
        items += [
            Item(
                str(first + number) if numbered else f"{file.name}:{number}", caption_in(value),
                partial(part.picture, number),
            )
            for number, value in enumerate(captions)
        ]  # fmt: skip
    return Source(name, items, remarks=tuple(remarks))


class _Part:
    """One parquet file; the group of rows that was read last stays in memory. From any thread."""

    def __init__(self, file: Path, image_column: str) -> None:
        import pyarrow.parquet as pq

        self._path, self._column, self._lock = file, image_column, threading.Lock()
        with pq.ParquetFile(file) as opened:
            self.columns: list[str] = opened.schema_arrow.names
            counts = [opened.metadata.row_group(group).num_rows for group in range(opened.num_row_groups)]
        if image_column not in self.columns:
            raise KeyError(no_column(image_column, self.columns))
        self.rows = sum(counts)
        self._starts = [sum(counts[:group]) for group in range(len(counts))]
        self._group = -1
        self._pictures: Any = None

    def column(self, name: str) -> list[Any]:
        """Return a whole column."""
        import pyarrow.parquet as pq

        with pq.ParquetFile(self._path) as opened:
            values: list[Any] = opened.read(columns=[name]).column(0).to_pylist()
        return values

    def picture(self, number: int) -> Picture:
        """Return the picture of a row. Raises OSError or ValueError where it cannot be read."""
        group = max(index for index, start in enumerate(self._starts) if start <= number)
        with self._lock:
            value = self._read(group)[number - self._starts[group]].as_py()
        return picture_in(value, self._path.parent)

    def _read(self, group: int) -> Any:
        import pyarrow.parquet as pq

        if group != self._group:
            with pq.ParquetFile(self._path) as opened:
                table = opened.read_row_group(group, columns=[self._column])
            self._group, self._pictures = group, table.column(0)
        return self._pictures


def picture_in(value: object, folder: Path | None = None) -> Picture:
    """Return what a cell holds: bytes, {bytes, path}, or a path relative to `folder`. Raises ValueError for nothing."""
    content, path = (value.get("bytes"), value.get("path")) if isinstance(value, dict) else (value, value)
    if isinstance(content, bytes):
        return content
    if isinstance(path, str) and path:
        return folder / path if folder else Path(path)
    raise ValueError("no picture in this row")
