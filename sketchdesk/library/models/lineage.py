"""Which model a tuned model was trained from."""

from __future__ import annotations

from pathlib import Path

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.library.runs.runs import JOB_FILE, Run, list_runs, read_run


def base_of(model: Path) -> str | None:
    """Return the base of a training run's model as its job names it, or None for a model of no run known here.

    A run's model lies in its output folder; the newest run into that folder counts.
    """
    beside = _run_in(model.parent)
    candidates = ([beside] if beside else []) + list(reversed(list_runs()))
    for run in candidates:
        if isinstance(run.job, TrainJob) and (run is beside or _same(Path(run.job.out_dir, "model"), model)):
            return run.job.model
    return None


def training_of(out_dir: Path) -> TrainJob | None:
    """Return the training whose output folder this is, the newest; None for the folder of none known here."""
    beside = _run_in(out_dir)
    for run in ([beside] if beside else []) + list(reversed(list_runs())):
        if isinstance(run.job, TrainJob) and (run is beside or _same(Path(run.job.out_dir), out_dir)):
            return run.job
    return None


def _run_in(folder: Path) -> Run | None:
    if not (folder / JOB_FILE).is_file():
        return None
    try:
        return read_run(folder)
    except SketchDeskError:
        return None


def _same(one: Path, other: Path) -> bool:
    try:
        return one.resolve() == other.resolve()
    except (OSError, RuntimeError):
        return False
