"""A run is a folder: job.json says what was asked and never changes, state.json where it stands, events.jsonl what
happened. Everything shown of a run is read from these files, wherever the run was made.
"""

from __future__ import annotations

import logging
import platform
import re
import time
import uuid
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import CheckpointSaved, JobEnded
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
from sketchdesk.contracts.reading import reader
from sketchdesk.contracts.text import _
from sketchdesk.library.files.atomic import disk_errors, write_json
from sketchdesk.library.paths import runs_dir
from sketchdesk.library.runs.events import append_event, last_end, read_events
from sketchdesk.library.runs.lowered import as_lowered
from sketchdesk.library.runs.state import ACTIVE, RunState, RunStatus, check_transition, is_alive, process_started

__all__ = [
    "Run", "RunState", "RunStatus", "append_event", "beat", "create_run", "finish", "job_to_send", "list_runs",
    "load_run", "move", "read_events", "read_run", "reconcile", "resumed", "start", "status_of", "title_of",
]  # fmt: skip

JOB_FILE, STATE_FILE = "job.json", "state.json"
DEFAULT_LANE = "auto"
NETWORK_LANE = "network"
"""Where downloads run."""
TITLE_LENGTH = 80

log = logging.getLogger(__name__)

_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


class _Envelope(Struct, frozen=True, kw_only=True):
    """What job.json holds."""

    version: int = 1
    id: str
    title: str
    created: str
    lane: str
    job: Job


class Run(Struct, frozen=True, kw_only=True):
    """One run and what was asked of it."""

    id: str
    folder: Path
    title: str
    created: str
    """ISO 8601 time in UTC."""
    lane: str
    """The engine it is meant for: a device's name, or "auto"."""
    job: Job


def create_run(job: Job, title: str = "", lane: str = DEFAULT_LANE) -> Run:
    """Make a run's folder, QUEUED; without a title the job gives one.

    Raises SketchDeskError(DISK_FULL or NOT_WRITABLE).
    """
    now = datetime.now(UTC)
    kind = type(job).__name__.removesuffix("Job").lower()
    run_id = f"{now:%Y%m%d-%H%M%S}-{kind}-{uuid.uuid4().hex[:6]}"
    folder = runs_dir() / run_id
    with disk_errors(folder):
        folder.mkdir(parents=True)
    envelope = _Envelope(id=run_id, title=title or title_of(job), created=now.isoformat(), lane=lane, job=job)
    # The state first: a folder counts as a run from the moment job.json is there.
    _write_status(folder, RunStatus(state=RunState.QUEUED, since=time.time()))
    write_json(folder / JOB_FILE, envelope)
    return _run(folder, envelope)


def title_of(job: Job) -> str:
    """Return a short name for a job, in the words of its form."""
    match job:
        case GenerateJob():
            title = job.prompts[0].prompt if job.prompts else job.model
        case TrainJob():
            title = f"{job.model} · {Path(job.dataset).name}"
        case TrialJob():
            title = title_of(job.training)
        case EvaluateJob():
            title = Path(job.images_dir).name
        case StudyJob():
            title = job.title
        case DistillJob():
            title = Path(job.model).name
        case CaptionJob():
            title = Path(job.dataset).name
        case DownloadJob():
            title = job.name or job.file or job.repos[0]
        case ConvertJob():
            title = job.name or Path(job.path).name
        case ProbeJob():
            title = _("Devices")
    return " ".join(title.split())[:TITLE_LENGTH]


def load_run(run_id: str) -> Run:
    """Read a run of the data folder. Raises SketchDeskError(BAD_INPUT) where there is none or it cannot be read."""
    if not _RUN_ID.fullmatch(run_id):
        raise _unreadable(run_id)
    return read_run(runs_dir() / run_id)


def read_run(folder: Path) -> Run:
    """Read a run from its folder, wherever it lies; raises as load_run does."""
    try:
        return _run(folder, reader(_Envelope).decode((folder / JOB_FILE).read_bytes()))
    except (OSError, msgspec.DecodeError, UnicodeError) as error:
        raise _unreadable(folder.name, str(error)) from error


def list_runs(states: Collection[RunState] = tuple(RunState)) -> list[Run]:
    """Return the data folder's runs that stand in one of the states, oldest first.

    A run that cannot be read is logged and left out.
    """
    found = []
    for folder in runs_dir().glob("*/"):
        # The state first: it is small, while a job may hold thousands of prompts.
        if not (folder / JOB_FILE).is_file() or _status(folder).state not in states:
            continue
        try:
            found.append(read_run(folder))
        except SketchDeskError as error:
            log.warning("%s %s", error.message, error.details)
    return sorted(found, key=lambda run: (run.created, run.id))


def status_of(run: Run) -> RunStatus:
    """Return where a run stands: by state.json, or by its events where that file is missing or damaged."""
    return _status(run.folder)


def _status(folder: Path) -> RunStatus:
    try:
        return reader(RunStatus).decode((folder / STATE_FILE).read_bytes())
    except (OSError, msgspec.DecodeError, UnicodeError):
        return _status_by_events(folder)


def start(run: Run, pid: int) -> RunStatus:
    """QUEUED → RUNNING, worked on by the process `pid`. Raises IllegalTransitionError."""
    check_transition(status_of(run).state, RunState.RUNNING)
    now = time.time()
    return _write_status(
        run.folder,
        RunStatus(
            state=RunState.RUNNING, since=now, host=platform.node(), pid=pid,
            pid_created=process_started(pid), heartbeat=now,
        ),
    )  # fmt: skip


def move(run: Run, state: RunState) -> RunStatus:
    """Bring a run into another state; start() is the way into RUNNING. Raises IllegalTransitionError."""
    old = status_of(run)
    check_transition(old.state, state)
    now = time.time()
    if state in ACTIVE:
        return _write_status(run.folder, msgspec.structs.replace(old, state=state, since=now, heartbeat=now))
    return _write_status(run.folder, RunStatus(state=state, since=now))


def finish(run: Run, ended: JobEnded) -> RunStatus:
    """Bring an active run to the end an engine told, through the states in between. Raises IllegalTransitionError."""
    end = RunState(ended.state)
    if end is RunState.CANCELED and status_of(run).state is not RunState.CANCELLING:
        move(run, RunState.CANCELLING)
    elif end is RunState.DONE and status_of(run).state is RunState.PAUSED:
        move(run, RunState.RUNNING)
    return move(run, end)


def beat(run: Run) -> None:
    """Note that a run is alive, for those on other machines who share its folder."""
    status = status_of(run)
    if status.state in ACTIVE:
        _write_status(run.folder, msgspec.structs.replace(status, heartbeat=time.time()))


def reconcile() -> list[Run]:
    """Find the runs a dead window left active, and return those now INTERRUPTED, oldest first.

    One whose engine told its end before it died gets that end.
    """
    interrupted = []
    for run in list_runs(ACTIVE):
        if is_alive(status_of(run)):
            continue
        ended = last_end(read_events(run.folder)[0])
        if ended:
            finish(run, ended)
        else:
            move(run, RunState.INTERRUPTED)
            interrupted.append(run)
    return interrupted


def job_to_send(run: Run) -> Job:
    """Return the job as it should run now: one that trains and has saved a checkpoint goes on from it."""
    return resumed(run.job, run.folder)


def resumed(job: Job, folder: Path) -> Job:
    """Return a job as its run's folder says it should go on; reads all events of a training: not for the window.

    A drawing whose engine was ended for want of memory goes on with less of it.
    """
    if isinstance(job, GenerateJob):
        return as_lowered(job, folder)
    if not isinstance(job, TrainJob | DistillJob):
        return job
    resumes = any(isinstance(event, CheckpointSaved) for event in read_events(folder)[0])
    return msgspec.structs.replace(job, resume=True) if resumes else job


def _status_by_events(folder: Path) -> RunStatus:
    events, _end = read_events(folder)
    if not events:
        return RunStatus(state=RunState.QUEUED, since=0.0)
    ended = last_end(events)
    state = RunState(ended.state) if ended else RunState.INTERRUPTED
    return RunStatus(state=state, since=events[-1].time_s)


def _write_status(folder: Path, status: RunStatus) -> RunStatus:
    write_json(folder / STATE_FILE, status)
    return status


def _run(folder: Path, envelope: _Envelope) -> Run:
    return Run(
        id=envelope.id, folder=folder, title=envelope.title, created=envelope.created, lane=envelope.lane,
        job=envelope.job,
    )  # fmt: skip


def _unreadable(run_id: str, details: str = "") -> SketchDeskError:
    message = _("The run “{name}” could not be read.").format(name=run_id)
    return SketchDeskError(ErrorKind.BAD_INPUT, message, details)
