"""A lane: a thread of the window that owns one engine process and gives it one job after another."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QThread, Signal, Slot

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import Event, JobEnded, Notice
from sketchdesk.contracts.jobs import DistillJob, GenerateJob, TrainJob, TrialJob
from sketchdesk.contracts.text import _
from sketchdesk.contracts.wire import RunJob
from sketchdesk.library.runs.events import append_event
from sketchdesk.library.runs.lowered import as_lowered, lower, lowered_words
from sketchdesk.library.runs.runs import resumed
from sketchdesk.workers.endings import canceled, failed
from sketchdesk.workers.engine_process import EngineProcess, Graces


class LaneWorker(QObject):
    """Lives in a lane's QThread and works there; its methods may be called from any thread.

    The engine is started with the first job and stays warm for the next; what trains, also to try it, gets a fresh one
    and leaves none, so that it has all the memory there is and gives all of it back. A drawing whose engine the system
    ends goes on in a new one, with less memory, as often as there is less to be had.

    Signals:
        event_arrived(Event): What happens to the job, in order; the last one is its JobEnded. After `close` none.
    """

    event_arrived = Signal(object)
    _wanted = Signal(object)

    def __init__(self, command: Sequence[str] | None = None, graces: Graces | None = None) -> None:
        super().__init__()
        self._command = command
        self._graces = graces
        self._lock = threading.Lock()
        self._engine: EngineProcess | None = None
        self._to_cancel: set[str] = set()
        self._closing = False
        self._keep_gib: float | None = None
        self._wanted.connect(self._run)

    @property
    def is_warm(self) -> bool:
        """Whether an engine is up, at work or waiting for the next job."""
        engine = self._engine
        return engine is not None and engine.is_alive

    def submit(self, request: RunJob) -> None:
        """Have the job done in the lane's thread, after those submitted before it."""
        self._wanted.emit(request)

    def set_keep_gib(self, keep_gib: float | None) -> None:
        """Say how much memory the engine may hold between jobs; with more it is ended. None: any amount."""
        self._keep_gib = keep_gib

    @Slot(object)
    def _run(self, request: RunJob) -> None:
        """Do one job to its end, whatever that is; the lane's thread waits here meanwhile."""
        trains = isinstance(request.job, TrainJob | TrialJob | DistillJob)
        if self._engine and (trains or not self._engine.is_alive):
            self._drop_engine()
        while self._do(request):
            self._drop_engine()
        if trains or self._is_too_large():
            self._drop_engine()
        with self._lock:
            self._to_cancel.discard(request.job_id)

    def _do(self, request: RunJob) -> bool:
        """Have the engine do the job and pass on what it says; True: it is to be done once more, with less memory."""
        for event in self._begin(request):
            if self._closing:  # the engine was stopped under the job, which is thereby interrupted, not failed
                return False
            if isinstance(event, JobEnded) and event.kind == ErrorKind.ENGINE_DIED and self._lowers(request):
                return True
            self.event_arrived.emit(event)
        return False

    def _lowers(self, request: RunJob) -> bool:
        """Tell whether a drawing whose engine has died was ended for its memory, and can go on with less: say so."""
        outcome = self._engine.outcome if self._engine else None
        if outcome is None or not outcome.is_killed or not isinstance(request.job, GenerateJob):
            return False
        folder = Path(request.run_dir)
        try:
            lowered = lower(as_lowered(request.job, folder), folder)
        except (OSError, SketchDeskError):
            return False
        if lowered is None:
            return False
        text = _("The system ended the engine, as it does when memory runs out; it goes on with less: {ways}.")
        notice = Notice(
            job_id=request.job_id, time_s=time.time(), message=text.format(ways=lowered_words(lowered)),
            level="warning",
        )  # fmt: skip
        with suppress(OSError, SketchDeskError):
            append_event(folder, notice)
        self.event_arrived.emit(notice)
        return True

    def cancel(self, job_id: str) -> None:
        """Stop the job, whether it runs or is still on its way here."""
        with self._lock:
            self._to_cancel.add(job_id)
            if self._engine:
                self._engine.cancel(job_id)

    def pause(self, job_id: str, paused: bool) -> None:
        """Hold the job at its next step, or let it go on."""
        with self._lock:
            if self._engine:
                self._engine.pause(job_id, paused)

    def close(self) -> None:
        """End the engine and say nothing more; the job in it is left as it is."""
        with self._lock:
            self._closing = True
            engine = self._engine
        if engine:
            engine.close()

    def _begin(self, request: RunJob) -> Iterable[Event]:
        """Hand the job to the engine, started if need be, so that no `cancel` or `close` falls in between.

        A training that has saved a checkpoint goes on from it.
        """
        try:
            job = resumed(request.job, Path(request.run_dir))
        except OSError as error:
            return [failed(request, SketchDeskError(ErrorKind.BAD_INPUT, str(error), request.run_dir))]
        with self._lock:
            if self._closing:
                return ()
            if request.job_id in self._to_cancel:
                return [canceled(request, _("Canceled before it began."))]
            try:
                self._engine = self._engine or EngineProcess(self._command, self._graces)
            except SketchDeskError as error:
                return [failed(request, error)]
            return self._engine.run(msgspec.structs.replace(request, job=job))

    def _is_too_large(self) -> bool:
        engine, keep_gib = self._engine, self._keep_gib
        return engine is not None and keep_gib is not None and engine.memory_gib > keep_gib

    def _drop_engine(self) -> None:
        with self._lock:
            engine, self._engine = self._engine, None
        if engine:
            engine.close()


class Lane:
    """A worker with its thread, started here and ended by `close`. Use it from one thread, the one that owns it."""

    def __init__(self, name: str, worker: LaneWorker) -> None:
        self.worker = worker
        self._thread = QThread()
        self._thread.setObjectName(f"lane {name}")
        worker.moveToThread(self._thread)
        self._thread.start()

    def close(self) -> None:
        """End the engine and then the thread; waits for both."""
        self.worker.close()
        self._thread.quit()
        self._thread.wait()
