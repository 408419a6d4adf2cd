"""One job from start to end: whatever happens in it, what comes out is a JobEnded."""

from __future__ import annotations

import errno
import logging
import os
import traceback
from collections.abc import Callable

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import JobEnded, JobStarted
from sketchdesk.contracts.jobs import (
    CaptionJob,
    ConvertJob,
    DistillJob,
    DownloadJob,
    EvaluateJob,
    GenerateJob,
    Job,
    ProbeJob,
    StudyJob,
    TrainJob,
    TrialJob,
)
from sketchdesk.contracts.text import _
from sketchdesk.engine.out_of_memory import give_memory_back, is_out_of_memory
from sketchdesk.engine.reporter import Cancelled, Reporter

Result = dict[str, str | int | float | None]

_DISK_FULL = ("No space left on device", "Disk quota exceeded")
_MAX_DETAILS = 20_000

log = logging.getLogger(__name__)


def as_it_is(job: Job) -> Job:
    """Return the job unchanged."""
    return job


def run_job(job: Job, reporter: Reporter, prepare: Callable[[Job], Job] = as_it_is) -> JobEnded:
    """Do the job and emit and return its JobEnded: done with a result, canceled, or failed with kind and sentences.

    `prepare` may put in place what the job names and only layers above the engine know, like the demo's data sets.
    """
    try:
        reporter.check_cancelled()
        reporter.emit(_started(job))
        ended = JobEnded(state="done", result=_task(prepare(job), reporter))
    except BaseException as error:  # noqa: BLE001 - this is the place where every exception becomes an event
        ended = ended_by(error)
    if ended.kind == ErrorKind.OUT_OF_MEMORY:
        give_memory_back()
    try:
        reporter.emit(ended)
    except (OSError, SketchDeskError):
        log.exception("the end of the job could not be written to its folder")
    return ended


def ended_by(error: BaseException) -> JobEnded:
    """Return how a job that raised `error` ended."""
    if isinstance(error, Cancelled | KeyboardInterrupt):
        return JobEnded(state="canceled", message=_("Canceled; what was finished is kept."))
    named = _named(error)
    log.info("job failed: %s", named.message, exc_info=error)  # info: a command line shows the sentence by itself
    trace = "".join(traceback.format_exception(error))
    details = f"{named.details}\n\n{trace}" if named.details else trace
    return JobEnded(
        state="failed",
        kind=named.kind,
        message=named.message,
        next_step=named.next_step,
        details=details[-_MAX_DETAILS:],
    )


def _started(job: Job) -> JobStarted:
    """Check that the job's device and precision exist before any model is read, and say which were chosen.

    Memory is counted from here on.
    """
    if isinstance(job, ProbeJob | DownloadJob | ConvertJob):
        return JobStarted(pid=os.getpid())
    from sketchdesk.engine.device import place
    from sketchdesk.engine.memory import forget_peak

    placement = place(job.device, job.precision, job.num_threads)
    forget_peak(placement.device)  # an engine does one job after the other
    return JobStarted(
        pid=os.getpid(),
        device=str(placement.device),
        precision=placement.precision,
        num_threads=placement.num_threads,
    )


def _task(job: Job, reporter: Reporter) -> Result:
    """Run the function that does this kind of job; the heavy imports happen here, one task's and no other's."""
    match job:
        case GenerateJob():
            from sketchdesk.engine import generate

            return generate.run(job, reporter)
        case TrainJob():
            from sketchdesk.engine.training import task as training

            return training.run(job, reporter)
        case EvaluateJob():
            from sketchdesk.engine.evaluation import task as evaluation

            return evaluation.run(job, reporter)
        case StudyJob():
            from sketchdesk.engine.evaluation.study import run as study

            return study(job, reporter)
        case DistillJob():
            from sketchdesk.engine.distillation import task as distillation

            return distillation.run(job, reporter)
        case _:
            return _other_task(job, reporter)


def _other_task(job: TrialJob | CaptionJob | DownloadJob | ConvertJob | ProbeJob, reporter: Reporter) -> Result:
    """Do what makes neither pictures nor models of them."""
    match job:
        case TrialJob():
            from sketchdesk.engine.training import trial

            return trial.run(job, reporter)
        case CaptionJob():
            from sketchdesk.engine import captioning

            return captioning.run(job, reporter)
        case DownloadJob():
            from sketchdesk.engine import download

            return download.run(job, reporter)
        case ConvertJob():
            from sketchdesk.engine import convert

            return convert.run(job, reporter)
        case ProbeJob():
            from sketchdesk.engine import device

            return device.probe(job, reporter)


def _named(error: BaseException) -> SketchDeskError:
    """Return the error as one that a person can read."""
    if isinstance(error, SketchDeskError):
        return error
    if is_out_of_memory(error):
        return SketchDeskError(ErrorKind.OUT_OF_MEMORY)
    if any(text in str(error) for text in _DISK_FULL):
        return SketchDeskError(ErrorKind.DISK_FULL)  # safetensors says it only in words
    if isinstance(error, OSError):
        return _named_os_error(error)
    missing = getattr(error, "name", None) or ""
    if isinstance(error, ImportError) and not missing.startswith("sketchdesk"):
        return SketchDeskError(ErrorKind.ENGINE_MISSING, str(error))
    return SketchDeskError(ErrorKind.INTERNAL)


def _named_os_error(error: OSError) -> SketchDeskError:
    path = str(error.filename or error)
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return SketchDeskError(ErrorKind.DISK_FULL)
        case errno.EACCES | errno.EROFS | errno.EPERM:
            return SketchDeskError(ErrorKind.NOT_WRITABLE, path)
        case errno.ENOENT:
            return SketchDeskError(ErrorKind.BAD_INPUT, _("The file “{path}” was not found.").format(path=path))
        case errno.ENOMEM:
            return SketchDeskError(ErrorKind.OUT_OF_MEMORY)
    return SketchDeskError(ErrorKind.INTERNAL)
