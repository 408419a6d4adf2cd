"""scores.csv, one row an image, and summary.csv, one row a mean: written whole, read back the same."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec import Struct

from sketchdesk.library.evaluation.metric_catalogue import VALUES
from sketchdesk.library.files.csv_rows import read_rows, write_rows, write_table

ALL_PROMPTS = "(all prompts)"

Value = float | str
"""What a column of a metric holds."""
NEAREST = "nearest_training_image"


class ScoreRow(Struct, frozen=True, kw_only=True):
    """One image. A number that was not measured or is not known is None, an empty cell."""

    experiment: str = ""
    model: str = ""
    prompt: str
    seed: int | None = None
    file: str
    """Relative to the folder of scores.csv, with forward slashes."""
    cosine: float | None = None
    caption: str = ""
    values: dict[str, Value] = {}
    """What other metrics measured, by library.evaluation.metric_catalogue's names: columns of their own."""


@dataclass(frozen=True)
class Scored:
    """An image with its row of scores.csv."""

    path: Path
    row: ScoreRow
    colourfulness: float


class SummaryRow(Struct, frozen=True, kw_only=True):
    """One mean with its interval: of a model, or of the paired difference of two ("tuned - base")."""

    experiment: str = ""
    metric: str
    """"cosine", "colourfulness" or another of library.evaluation.metric_catalogue.VALUES."""
    prompt: str
    """A prompt, or ALL_PROMPTS."""
    model: str
    images: int
    mean: float
    low: float | None = None
    high: float | None = None
    method: str
    """"t" or "bootstrap" over prompts (in a prompt's row over its seeds), "none" where one value gives no interval.

    "set" for a number about all pictures together; low and high are then a standard deviation away, where it has one.
    "welch" and "wilson" for those whose interval is made over prompts; "wilson" for a mean of shares as well.
    """
    verdict: str = ""
    win_rate: float | None = None
    sign_test_p: float | None = None
    effect_size: float | None = None


_NAMES = tuple(name for name in ScoreRow.__struct_fields__ if name != "values")
_COLUMNS = (*(value for value in VALUES if value not in _NAMES), NEAREST)
_WIDE_ROW = msgspec.defstruct(
    "_WideRow",
    [(name, *((str, "") if name == NEAREST else (float | None, None))) for name in _COLUMNS],
    bases=(ScoreRow,), frozen=True, kw_only=True,
)  # fmt: skip
"""A row with a field for every column there may be, to be read."""


def relative_to(folder: Path, file: Path) -> str:
    """Return the file's path as seen from the folder; in full where it lies on another drive."""
    try:
        return Path(os.path.relpath(file, folder)).as_posix()
    except ValueError:  # Windows: no relative path leads to another drive
        return file.resolve().as_posix()


def write_scores(path: Path, rows: Iterable[ScoreRow]) -> None:
    """Write scores.csv. Raises SketchDeskError (DISK_FULL, NOT_WRITABLE)."""
    kept = list(rows)
    measured = {name for row in kept for name in row.values}
    columns = [name for name in _COLUMNS if name in measured]
    write_table(
        path,
        (*_NAMES, *columns),
        ([*(getattr(row, name) for name in _NAMES), *(row.values.get(name) for name in columns)] for row in kept),
    )


def write_summary(path: Path, rows: Iterable[SummaryRow]) -> None:
    """Write summary.csv. Raises SketchDeskError (DISK_FULL, NOT_WRITABLE)."""
    write_rows(path, SummaryRow, rows)


def read_scores(path: Path) -> list[ScoreRow]:
    """Read scores.csv. Raises SketchDeskError (BAD_INPUT) that names the file and the line."""
    fields = [field for field in msgspec.structs.fields(ScoreRow) if field.name != "values"]
    return [
        ScoreRow(
            **{field.name: getattr(row, field.name) for field in fields},
            values={name: value for name in _COLUMNS if (value := getattr(row, name)) not in (None, "")},
        )
        for row in read_rows(path, _WIDE_ROW)
    ]


def read_summary(path: Path) -> list[SummaryRow]:
    """Read summary.csv. Raises SketchDeskError (BAD_INPUT) that names the file and the line."""
    return read_rows(path, SummaryRow)
