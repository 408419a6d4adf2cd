"""A training's numbers as a table that every spreadsheet reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from sketchdesk.library.files.csv_rows import write_table

FIRST = ("run", "step")


def write_metrics(path: Path, runs: Mapping[str, Iterable[tuple[int, Mapping[str, float]]]]) -> None:
    """Write one row a run and step, one column a number, empty where a step has none of it.

    Raises SketchDeskError(DISK_FULL or NOT_WRITABLE).
    """
    rows = [(run, step, values) for run, steps in runs.items() for step, values in steps]
    columns = list(dict.fromkeys(name for _run, _step, values in rows for name in values))
    table = ([run, step, *(values.get(name) for name in columns)] for run, step, values in rows)
    write_table(path, [*FIRST, *columns], table)
