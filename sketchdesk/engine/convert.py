"""Converting a pickled weight file as a job: what it holds is read without running it, and written as safetensors."""

from __future__ import annotations

from pathlib import Path

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import ConvertJob
from sketchdesk.contracts.text import _
from sketchdesk.engine.models.pickles import convert_pickle
from sketchdesk.engine.reporter import Reporter
from sketchdesk.library.files.moving import free_name
from sketchdesk.library.models.weights import SAFE_SUFFIX, UNSAFE_SUFFIXES
from sketchdesk.library.paths import models_dir


def run(job: ConvertJob, reporter: Reporter) -> dict[str, str | int | float | None]:
    """Convert the file and return where the new one is; an older file there is never replaced.

    Raises SketchDeskError: BAD_INPUT for a file of another kind, CODE_IN_WEIGHTS, MODEL_UNREADABLE, DISK_FULL,
    NOT_WRITABLE; and Cancelled between reading and writing.
    """
    source = Path(job.path)
    if source.suffix.lower() not in UNSAFE_SUFFIXES or not source.is_file():
        message = _("“{file}” is not a file that can be converted; those end in {suffixes}.")
        raise SketchDeskError(
            ErrorKind.BAD_INPUT, message.format(file=source, suffixes=", ".join(UNSAFE_SUFFIXES))
        )
    name = job.name or source.stem
    if Path(name).name != name:
        raise SketchDeskError(ErrorKind.BAD_INPUT, _("“{name}” is not a name for a file.").format(name=name))
    target = free_name(models_dir() / f"{name.removesuffix(SAFE_SUFFIX)}{SAFE_SUFFIX}")
    reporter.stage("reading", 0, 2)
    made = convert_pickle(source, target, lambda: _begin_writing(reporter))
    return {"output": str(made), "source": str(source), "bytes": made.stat().st_size}


def _begin_writing(reporter: Reporter) -> None:
    reporter.check_cancelled()
    reporter.stage("saving", 1, 2)
