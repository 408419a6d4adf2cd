"""Tables of structs as CSV files: written whole, read back the same, and nothing in them runs in a spreadsheet.

Numbers have six significant digits, texts are exact. A spreadsheet runs a cell that begins like a formula, and prompts
and captions are anybody's text. Such a cell is written with an apostrophe in front, which spreadsheets take as "this is
text"; reading takes it off again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.reading import convert
from sketchdesk.contracts.text import _
from sketchdesk.library.files.atomic import write_bytes

Cell = str | float | None
Row = TypeVar("Row", bound=Struct)

_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


def write_rows(path: Path, row_class: type[Row], rows: Iterable[Row]) -> None:
    """Write a row a struct, the fields as columns. Raises SketchDeskError(DISK_FULL, NOT_WRITABLE)."""
    names = row_class.__struct_fields__
    write_table(path, names, ([getattr(row, name) for name in names] for row in rows))


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write a table, whole; None is an empty cell. Raises SketchDeskError(DISK_FULL, NOT_WRITABLE)."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)  # RFC 4180's line ends: with others Python leaves a bare carriage return unquoted
    writer.writerow([_cell(name) for name in header])
    writer.writerows([_cell(value) for value in row] for row in rows)
    write_bytes(path, text.getvalue().encode())


def read_rows(path: Path, row_class: type[Row]) -> list[Row]:
    """Read by the names in the first line, so that columns may stand in any order and others may be there too.

    Raises SketchDeskError(BAD_INPUT) that names the file and the line.
    """
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


def with_guard(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run, and before what already looks guarded."""
    return "'" + text if text.lstrip("'").startswith(_FORMULA_STARTS) else text


def without_guard(text: str) -> str:
    """Take off the apostrophe that with_guard() put on."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_FORMULA_STARTS) else text


def _row(cells: dict[str, str], row_class: type[Row]) -> Row:
    """Return the row of these cells. Raises msgspec.ValidationError with the reason."""
    values = {}
    for field in msgspec.structs.fields(row_class):
        cell = cells.get(field.name, "")
        if field.type is str and field.name in cells:
            values[field.name] = without_guard(cell)
        elif cell:
            values[field.name] = cell
    return convert(values, row_class, strict=False)


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    return with_guard(value) if isinstance(value, str) else str(value)
