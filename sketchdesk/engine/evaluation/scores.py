"""scores.csv, one row an image, and summary.csv, one row a mean: written whole, read back the same.

Numbers have six significant digits, texts are exact.

A spreadsheet runs a cell that begins like a formula, and prompts and captions are anybody's text. Such a cell is
written with an apostrophe in front, which spreadsheets take as "this is text"; reading takes it off again.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library.atomic import write_bytes

ALL_PROMPTS = "(all prompts)"
_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


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


Row = TypeVar("Row", ScoreRow, SummaryRow)


def relative_to(folder: Path, file: Path) -> str:
    """Return the file's path as seen from the folder; in full where it lies on another drive."""
    try:
        return Path(os.path.relpath(file, folder)).as_posix()
    except ValueError:  # Windows: no relative path leads to another drive
        return file.resolve().as_posix()


def write_scores(path: Path, rows: Iterable[ScoreRow]) -> None:
    """Write scores.csv. Raises SketchDeskError (DISK_FULL, NOT_WRITABLE)."""
    _write(path, ScoreRow, rows)


def write_summary(path: Path, rows: Iterable[SummaryRow]) -> None:
    """Write summary.csv. Raises SketchDeskError (DISK_FULL, NOT_WRITABLE)."""
    _write(path, SummaryRow, rows)


def read_scores(path: Path) -> list[ScoreRow]:
    """Read scores.csv. Raises SketchDeskError (BAD_INPUT) that names the file and the line."""
    return _read(path, ScoreRow)


def read_summary(path: Path) -> list[SummaryRow]:
    """Read summary.csv. Raises SketchDeskError (BAD_INPUT) that names the file and the line."""
    return _read(path, SummaryRow)


def _write(path: Path, row_class: type[Row], rows: Iterable[Row]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text)  # RFC 4180's line ends: with others Python leaves a bare carriage return unquoted
    writer.writerow(row_class.__struct_fields__)
    for row in rows:
        writer.writerow([_cell(getattr(row, name)) for name in row_class.__struct_fields__])
    write_bytes(path, text.getvalue().encode())


def _read(path: Path, row_class: type[Row]) -> list[Row]:
    """Read by the names in the first line, so that columns may stand in any order and others may be there too."""
    line = 1
    try:
        reader = csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""))
        header = next(reader, [])
        rows = []
        for cells in reader:
            line = reader.line_num
            rows.append(_row(dict(zip(header, cells, strict=True)), row_class))
    except OSError as error:
        raise SketchDeskError(ErrorKind.BAD_INPUT, _("“{file}” could not be read.").format(file=path)) from error
    except (ValueError, csv.Error) as error:  # msgspec's and Unicode's errors are ValueErrors too
        what = _("“{file}”, line {line}: {reason}").format(file=path, line=line, reason=error)
        raise SketchDeskError(ErrorKind.BAD_INPUT, what) from error
    return rows


def _row(cells: dict[str, str], row_class: type[Row]) -> Row:
    """Return the row of these cells. Raises msgspec.ValidationError with the reason."""
    values = {}
    for field in msgspec.structs.fields(row_class):
        cell = cells.get(field.name, "")
        if field.type is str and field.name in cells:
            values[field.name] = _without_guard(cell)
        elif cell:
            values[field.name] = cell
    return msgspec.convert(values, row_class, strict=False)


def _cell(value: str | float | None) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    return _with_guard(value) if isinstance(value, str) else str(value)


def _with_guard(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run, and before what already looks guarded."""
    return "'" + text if text.lstrip("'").startswith(_FORMULA_STARTS) else text


def _without_guard(text: str) -> str:
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_FORMULA_STARTS) else text
