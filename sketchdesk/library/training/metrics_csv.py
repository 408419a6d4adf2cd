"""A training's numbers as a table that every spreadsheet reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from sketchdesk.contracts.events import MetricLogged
from sketchdesk.contracts.jobs import DistillJob, TrainJob
from sketchdesk.library.files.csv_rows import write_table
from sketchdesk.library.runs.events import read_events
from sketchdesk.library.runs.runs import list_runs

FIRST = ("run", "step")

Rows = list[tuple[int, dict[str, float]]]


def metrics_of(out_dir: Path) -> Rows:
    """Return (step, {name: value}) for every step with a number of the training in a folder, rising.

    Where it was gone on with from an earlier step, what came after that the first time is left out. Reads the disk.
    """
    found: dict[int, dict[str, float]] = {}
    last = 0
    for run in list_runs():
        if not isinstance(run.job, TrainJob | DistillJob) or run.job.out_dir != str(out_dir):
            continue
        for event in read_events(run.folder)[0]:
            if not isinstance(event, MetricLogged):
                continue
            if event.step < last:
                found = {step: values for step, values in found.items() if step <= event.step}
            found.setdefault(event.step, {}).update(event.values)
            last = event.step
    return sorted(found.items())


def write_metrics(path: Path, runs: Mapping[str, Iterable[tuple[int, Mapping[str, float]]]]) -> None:
    """Write one row a run and step, one column a number, empty where a step has none of it.

    Raises SketchDeskError(DISK_FULL or NOT_WRITABLE).
    """
    rows = [(run, step, values) for run, steps in runs.items() for step, values in steps]
    columns = list(dict.fromkeys(name for _run, _step, values in rows for name in values))
    table = ([run, step, *(values.get(name) for name in columns)] for run, step, values in rows)
    write_table(path, [*FIRST, *columns], table)
