"""scores.csv, one row an image, and summary.csv, one row a mean: written whole, read back the same."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from msgspec import Struct

from sketchdesk.library.csv_rows import read_rows, write_rows

ALL_PROMPTS = "(all prompts)"


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
    """"cosine" or "colourfulness"."""
    prompt: str
    """A prompt, or ALL_PROMPTS."""
    model: str
    images: int
    mean: float
    low: float | None = None
    high: float | None = None
    method: str
    """"t" or "bootstrap" over prompts (in a prompt's row over its seeds), "none" where one value gives no interval."""
    verdict: str = ""
    win_rate: float | None = None
    sign_test_p: float | None = None
    effect_size: float | None = None


def relative_to(folder: Path, file: Path) -> str:
    """Return the file's path as seen from the folder; in full where it lies on another drive."""
    try:
        return Path(os.path.relpath(file, folder)).as_posix()
    except ValueError:  # Windows: no relative path leads to another drive
        return file.resolve().as_posix()


def write_scores(path: Path, rows: Iterable[ScoreRow]) -> None:
    """Write scores.csv. Raises SketchDeskError (DISK_FULL, NOT_WRITABLE)."""
    write_rows(path, ScoreRow, rows)


def write_summary(path: Path, rows: Iterable[SummaryRow]) -> None:
    """Write summary.csv. Raises SketchDeskError (DISK_FULL, NOT_WRITABLE)."""
    write_rows(path, SummaryRow, rows)


def read_scores(path: Path) -> list[ScoreRow]:
    """Read scores.csv. Raises SketchDeskError (BAD_INPUT) that names the file and the line."""
    return read_rows(path, ScoreRow)


def read_summary(path: Path) -> list[SummaryRow]:
    """Read summary.csv. Raises SketchDeskError (BAD_INPUT) that names the file and the line."""
    return read_rows(path, SummaryRow)
