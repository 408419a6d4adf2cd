"""The queue as the window sees it: jobs go in, typed signals come out, all on the thread of the window."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import get_args

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Signal, Slot

from sketchdesk.contracts import events as ev
from sketchdesk.contracts.jobs import Job
from sketchdesk.contracts.text import _
from sketchdesk.contracts.wire import RunJob
from sketchdesk.library.job_threads import with_threads
from sketchdesk.library.runs import runs
from sketchdesk.library.runs.leftovers import Leftovers, find_leftovers
from sketchdesk.library.runs.runs import Run
from sketchdesk.library.runs.state import ACTIVE, TRANSITIONS, RunState
from sketchdesk.workers.device_desk import DeviceDesk
from sketchdesk.workers.endings import canceled
from sketchdesk.workers.engine_process import Graces
from sketchdesk.workers.job_table import JobTable
from sketchdesk.workers.lane_set import LaneSet
from sketchdesk.workers.lanes import lane_of
from sketchdesk.workers.ledger import Ledger

HEARTBEAT_MS = 60_000
SIGNALS: dict[type[ev.Event], str] = {
    kind: re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower() for kind in get_args(ev.Event)
}
"""The runner's signal for each kind of event: job_started for JobStarted."""


class JobRunner(QObject):
    """Keeps the queue, one lane (engine and thread) a device, and the state of every job: here and nowhere else.

    Lives on the window's thread; every signal is emitted there, whatever thread or process it comes from. The state of
    a job has changed by the time a signal tells of it, and a lane is free by the time job_ended does.

    Signals:
        job_added(str): A run was submitted, or taken up again; its id.
        job_removed(str): A run left the queue's list; its folder stays.
        job_state_changed(str, RunState): Its id and where it stands now.
        queue_reordered(): Queued jobs changed places.
        job_started … job_ended(event): What the engine says of a job, one signal for each kind of event.
        devices_known(tuple): An engine has looked: the devices of this machine, the best first.
    """

    job_added = Signal(str)
    job_removed = Signal(str)
    job_state_changed = Signal(str, RunState)
    queue_reordered = Signal()

    job_started = Signal(ev.JobStarted)
    stage_changed = Signal(ev.StageChanged)
    step_done = Signal(ev.StepDone)
    preview_ready = Signal(ev.PreviewReady)
    image_saved = Signal(ev.ImageSaved)
    metric_logged = Signal(ev.MetricLogged)
    checkpoint_saved = Signal(ev.CheckpointSaved)
    score_ready = Signal(ev.ScoreReady)
    caption_ready = Signal(ev.CaptionReady)
    device_found = Signal(ev.DeviceFound)
    notice = Signal(ev.Notice)
    job_ended = Signal(ev.JobEnded)
    devices_known = Signal(object)

    def __init__(
        self, parent: QObject | None = None, command: Sequence[str] | None = None, graces: Graces | None = None
    ) -> None:
        """Make a runner whose engines are started by `command` (default: SketchDesk itself)."""
        super().__init__(parent)
        self._jobs = JobTable()
        self._ledger = Ledger(self)
        self._ledger.refused.connect(self.notice)
        self._lanes = LaneSet(command, graces, self)
        self._lanes.event_arrived.connect(self._on_event)
        self._busy: dict[str, str] = {}
        """The job that each lane is doing."""
        self._closing = False
        self._threads: int | None = None
        self._desk = DeviceDesk(command, graces, self)
        self._desk.known.connect(self.devices_known)
        self._desk.refused.connect(self.notice)
        self._heartbeat = QTimer(self, interval=HEARTBEAT_MS)
        self._heartbeat.timeout.connect(self._beat)
        self._heartbeat.start()

    # --- what is there -------------------------------------------------------------------------------------------

    def job_ids(self) -> list[str]:
        """Return the ids of the jobs on show; the queued ones stand in the order in which they will run."""
        return self._jobs.ids

    def run(self, job_id: str) -> Run:
        """Return the run behind a job. Raises KeyError for one that is not on show."""
        return self._jobs.run(job_id)

    def state(self, job_id: str) -> RunState:
        """Return where a job stands. Raises KeyError for one that is not on show."""
        return self._jobs.state(job_id)

    def can(self, job_id: str, state: RunState) -> bool:
        """Tell whether a job may go into `state` from where it stands."""
        return self._jobs.can(job_id, state)

    def place(self, job_id: str) -> int | None:
        """Return a waiting job's place, counted from 0, among those that wait for its lane; None: it does not wait."""
        waiting = self._jobs.waiting(self.run(job_id).lane)
        return waiting.index(job_id) if job_id in waiting else None

    @property
    def devices(self) -> tuple[ev.DeviceFound, ...]:
        """The devices of this machine as far as they are known, the best first."""
        return self._desk.devices

    @property
    def is_warm(self) -> bool:
        """Whether an engine is up that has its libraries, and perhaps a model, in memory."""
        return self._lanes.is_warm

    # --- wishes --------------------------------------------------------------------------------------------------
    # The job may have ended while the person reached for the button, so a wish that comes too late is no error.

    def submit(self, job: Job, title: str = "", lane: str | None = None) -> str:
        """Write the run's folder, queue the job and return its id; without a lane it goes to its device's.

        Raises SketchDeskError(DISK_FULL, NOT_WRITABLE).
        """
        run = self._ledger.create(with_threads(job, self._threads), title, lane or lane_of(job, self.devices))
        self._take_up(run, RunState.QUEUED)
        self._save_order(run.id)
        self._start_next(run.lane)
        return run.id

    def set_devices(self, devices: Sequence[ev.DeviceFound]) -> None:
        """Say which devices there are, when an earlier look is still good."""
        self._desk.devices = tuple(devices)

    def set_engine_memory(self, keep_gib: float | None) -> None:
        """Say how much memory an engine may hold between jobs; one that holds more is ended. None: any amount."""
        self._lanes.set_keep_gib(keep_gib)

    @property
    def num_threads(self) -> int | None:
        """How many threads a job that leaves it open works with on a processor; None: the engine's own choice."""
        return self._threads

    def set_num_threads(self, count: int | None) -> None:
        """Say how many threads a job that leaves it open works with on a processor. None: as many as it has cores."""
        self._threads = count

    def look_for_devices(self) -> None:
        """Have an engine look, beside the queue; devices_known tells, or a notice why it could not."""
        self._desk.look()

    def cancel(self, job_id: str) -> bool:
        """Stop a job: a waiting one at once, a working one at its next step or by force. False: it has ended."""
        if self.can(job_id, RunState.CANCELLING):
            self._go(job_id, RunState.CANCELLING)
            self._lanes.cancel(self.run(job_id).lane, job_id)
            return True
        if self.can(job_id, RunState.CANCELED) and self.state(job_id) not in ACTIVE:
            self._end(canceled(self._request(job_id), _("Canceled before it began.")))
            return True
        return False

    def pause(self, job_id: str) -> bool:
        """Hold a working job at its next step. False: it does not work."""
        return self._hold(job_id, RunState.PAUSED)

    def resume(self, job_id: str) -> bool:
        """Let a paused job go on, or queue one again that was interrupted, stopped or failed. False: it is none."""
        if self.can(job_id, RunState.QUEUED):
            self._go(job_id, RunState.QUEUED)
            self._jobs.to_end(job_id)
            self._save_order(job_id)
            self._start_next(self.run(job_id).lane)
            return True
        return self.can(job_id, RunState.RUNNING) and self._is_paused(job_id) and self._hold(job_id, RunState.RUNNING)

    def take_up(self, run: Run) -> bool:
        """Queue a run of the data folder again, on show or not. False: it is done, or at work already."""
        if run.id not in self._jobs:
            state = runs.status_of(run).state
            if RunState.QUEUED not in TRANSITIONS[state]:
                return False
            self._take_up(run, state)
        return self.resume(run.id)

    def move(self, job_id: str, place: int) -> bool:
        """Give a waiting job a place, counted from 0, among those that wait for its lane. False: it does not wait."""
        if job_id not in self._jobs or self.state(job_id) is not RunState.QUEUED:
            return False
        self._jobs.move(job_id, place)
        self._save_order(job_id)
        self.queue_reordered.emit()
        return True

    def remove(self, job_id: str) -> bool:
        """Take a job off the list; a waiting one is canceled, a working one stays (False). The run's files stay too."""
        if job_id not in self._jobs or self.state(job_id) in ACTIVE:
            return False
        if self.state(job_id) is RunState.QUEUED:
            self.cancel(job_id)
        self._jobs.drop(job_id)
        self.job_removed.emit(job_id)
        return True

    def reconcile(self, left: Leftovers | None = None) -> list[Run]:
        """Take up what earlier windows left: waiting jobs go on; returns the interrupted ones, to be offered.

        `left` is what find_leftovers found, in a thread where there may be many runs; None looks here and now.
        """
        left = left or find_leftovers()
        for run in left.interrupted:
            self._take_up(run, RunState.INTERRUPTED)
        for run in left.waiting:
            self._take_up(run, RunState.QUEUED)
        for lane in dict.fromkeys(run.lane for run in left.waiting):
            self._start_next(lane)
        return list(left.interrupted)

    def shutdown(self) -> None:
        """End every engine and thread. What was working is INTERRUPTED and can be resumed by the next window."""
        self._closing = True
        self._heartbeat.stop()
        self._desk.close()
        self._lanes.close()
        # Ends that had been said but not yet heard are heard now.
        QCoreApplication.sendPostedEvents(self._lanes, QEvent.Type.MetaCall.value)
        for job_id in list(self._busy.values()):
            self._go(job_id, RunState.INTERRUPTED)
        self._busy.clear()
        self._ledger.close()

    # --- how it goes on ------------------------------------------------------------------------------------------

    @Slot(object)
    def _on_event(self, event: ev.Event) -> None:
        if event.job_id not in self._jobs:
            return
        if isinstance(event, ev.JobEnded):
            self._end(event)
        else:
            getattr(self, SIGNALS[type(event)]).emit(event)

    def _end(self, ended: ev.JobEnded) -> None:
        """Book the end of a job, tell it, and let the next one begin."""
        run = self.run(ended.job_id)
        if self.state(run.id) not in ACTIVE:
            self._go(run.id, RunState.CANCELED)
        else:
            self._jobs.set_state(run.id, RunState(ended.state))
            self._ledger.finish(run, ended)
            self._busy.pop(run.lane, None)
            self.job_state_changed.emit(run.id, self.state(run.id))
        self.job_ended.emit(ended)
        self._start_next(run.lane)

    def _start_next(self, lane: str) -> None:
        """Give the lane the first of the jobs that wait for it, unless it is at work."""
        waiting = self._jobs.waiting(lane)
        if self._closing or lane in self._busy or not waiting:
            return
        run = self.run(waiting[0])
        self._busy[lane] = run.id
        self._jobs.set_state(run.id, RunState.RUNNING)
        self._ledger.start(run)
        self.job_state_changed.emit(run.id, RunState.RUNNING)
        self._lanes.submit(lane, self._request(run.id))

    def _save_order(self, job_id: str) -> None:
        self._ledger.save_order(self._jobs.order(), job_id)

    def _request(self, job_id: str) -> RunJob:
        run = self.run(job_id)
        return RunJob(job_id=job_id, job=run.job, run_dir=str(run.folder))

    def _hold(self, job_id: str, state: RunState) -> bool:
        if not self.can(job_id, state):
            return False
        self._go(job_id, state)
        self._lanes.pause(self.run(job_id).lane, job_id, state is RunState.PAUSED)
        return True

    def _is_paused(self, job_id: str) -> bool:
        return self.state(job_id) is RunState.PAUSED

    def _take_up(self, run: Run, state: RunState) -> None:
        self._jobs.put(run, state)
        self.job_added.emit(run.id)

    def _go(self, job_id: str, state: RunState) -> None:
        """Change a job's state, on disk too, and tell."""
        self._jobs.set_state(job_id, state)
        self._ledger.move(self.run(job_id), state)
        self.job_state_changed.emit(job_id, state)

    @Slot()
    def _beat(self) -> None:
        for job_id in self._busy.values():
            self._ledger.beat(self.run(job_id))
