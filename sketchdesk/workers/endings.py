"""The JobEnded that no engine can say, because it is dead or was never started; written into the run all the same."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.events import JobEnded
from sketchdesk.contracts.wire import RunJob
from sketchdesk.library.runs.events import append_event

log = logging.getLogger(__name__)


def canceled(request: RunJob, message: str) -> JobEnded:
    """Return the end of a job that was stopped from outside."""
    return _written(request, JobEnded(job_id=request.job_id, time_s=time.time(), state="canceled", message=message))


def failed(request: RunJob, error: SketchDeskError) -> JobEnded:
    """Return the end of a job that failed from outside."""
    return _written(
        request,
        JobEnded(
            job_id=request.job_id,
            time_s=time.time(),
            state="failed",
            kind=error.kind,
            message=error.message,
            next_step=error.next_step,
            details=error.details,
        ),
    )


def _written(request: RunJob, ended: JobEnded) -> JobEnded:
    try:
        append_event(Path(request.run_dir), ended)
    except (OSError, SketchDeskError):
        log.exception("the end of job %s could not be written to its folder", request.job_id)
    return ended
