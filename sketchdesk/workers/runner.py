"""The queue as the window sees it: jobs go in, typed signals come out, all on the thread of the window."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal, Slot

from sketchdesk.contracts import events as ev
from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.jobs import Job
from sketchdesk.contracts.text import _
from sketchdesk.contracts.wire import RunJob
from sketchdesk.library import queue, runs
from sketchdesk.library.leftovers import Leftovers, find_leftovers
from sketchdesk.library.run_state import ACTIVE, TRANSITIONS, IllegalTransitionError, RunState
from sketchdesk.library.runs import Run
from sketchdesk.workers.endings import canceled
from sketchdesk.workers.engine_process import Graces
from sketchdesk.workers.lane import Lane, LaneWorker
from sketchdesk.workers.lanes import lane_of
from sketchdesk.workers.probe import DeviceProbe

HEARTBEAT_MS = 60_000

log = logging.getLogger(__name__)


@dataclass
class _Entry:
    run: Run
    state: RunState


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
    device_found = Signal(ev.DeviceFound)
    notice = Signal(ev.Notice)
    job_ended = Signal(ev.JobEnded)
    devices_known = Signal(object)

    def __init__(
        self, parent: QObject | None = None, command: Sequence[str] | None = None, graces: Graces | None = None
    ) -> None:
        """Make a runner whose engines are started by `command` (default: SketchDesk itself)."""
        super().__init__(parent)
        self._command = command
        self._graces = graces
        self._entries: dict[str, _Entry] = {}
        """Every job on show; the queued ones among them in the order in which they will run."""
        self._lanes: dict[str, Lane] = {}
        self._busy: dict[str, str] = {}
        """The job that each lane is doing."""
        self._closing = False
        self._keep_gib: float | None = None
        self._devices: tuple[ev.DeviceFound, ...] = ()
        self._probe: DeviceProbe | None = None
        self._emit_by_kind: dict[type[ev.Event], Callable[[ev.Event], None]] = {
            ev.JobStarted: self.job_started.emit,
            ev.StageChanged: self.stage_changed.emit,
            ev.StepDone: self.step_done.emit,
            ev.PreviewReady: self.preview_ready.emit,
            ev.ImageSaved: self.image_saved.emit,
            ev.MetricLogged: self.metric_logged.emit,
            ev.CheckpointSaved: self.checkpoint_saved.emit,
            ev.ScoreReady: self.score_ready.emit,
            ev.DeviceFound: self.device_found.emit,
            ev.Notice: self.notice.emit,
            ev.JobEnded: self.job_ended.emit,
        }
        self._heartbeat = QTimer(self, interval=HEARTBEAT_MS)
        self._heartbeat.timeout.connect(self._beat)
        self._heartbeat.start()

    # --- what is there -------------------------------------------------------------------------------------------

    def job_ids(self) -> list[str]:
        """Return the ids of the jobs on show; the queued ones stand in the order in which they will run."""
        return list(self._entries)

    def run(self, job_id: str) -> Run:
        """Return the run behind a job. Raises KeyError for one that is not on show."""
        return self._entries[job_id].run

    def state(self, job_id: str) -> RunState:
        """Return where a job stands. Raises KeyError for one that is not on show."""
        return self._entries[job_id].state

    def can(self, job_id: str, state: RunState) -> bool:
        """Tell whether a job may go into `state` from where it stands."""
        return job_id in self._entries and state in TRANSITIONS[self.state(job_id)]

    def place(self, job_id: str) -> int | None:
        """Return a waiting job's place, counted from 0, among those that wait for its lane; None: it does not wait."""
        waiting = self._waiting(self.run(job_id).lane)
        return waiting.index(job_id) if job_id in waiting else None

    @property
    def devices(self) -> tuple[ev.DeviceFound, ...]:
        """The devices of this machine as far as they are known, the best first."""
        return self._devices

    @property
    def is_warm(self) -> bool:
        """Whether an engine is up that has its libraries, and perhaps a model, in memory."""
        return any(lane.worker.is_warm for lane in self._lanes.values())

    # --- wishes --------------------------------------------------------------------------------------------------
    # The job may have ended while the person reached for the button, so a wish that comes too late is no error.

    def submit(self, job: Job, title: str = "", lane: str | None = None) -> str:
        """Write the run's folder, queue the job and return its id; without a lane it goes to its device's.

        Raises SketchDeskError(DISK_FULL, NOT_WRITABLE).
        """
        run = runs.create_run(job, title, lane or lane_of(job, self._devices))
        self._take_up(run, RunState.QUEUED)
        self._save_order(run.id)
        self._start_next(run.lane)
        return run.id

    def set_devices(self, devices: Sequence[ev.DeviceFound]) -> None:
        """Say which devices there are, when an earlier look is still good."""
        self._devices = tuple(devices)

    def set_engine_memory(self, keep_gib: float | None) -> None:
        """Say how much memory an engine may hold between jobs; one that holds more is ended. None: any amount."""
        self._keep_gib = keep_gib
        for lane in self._lanes.values():
            lane.worker.set_keep_gib(keep_gib)

    def look_for_devices(self) -> None:
        """Have an engine look, beside the queue; devices_known tells, or a notice why it could not."""
        if self._probe is None and not self._closing:
            self._probe = DeviceProbe(self._command, self._graces, self)
            self._probe.finished.connect(self._on_probed)

    def cancel(self, job_id: str) -> bool:
        """Stop a job: a waiting one at once, a working one at its next step or by force. False: it has ended."""
        if self.can(job_id, RunState.CANCELLING):
            self._go(job_id, RunState.CANCELLING)
            self._lanes[self.run(job_id).lane].worker.cancel(job_id)
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
            self._entries[job_id] = self._entries.pop(job_id)
            self._save_order(job_id)
            self._start_next(self.run(job_id).lane)
            return True
        return self.can(job_id, RunState.RUNNING) and self._is_paused(job_id) and self._hold(job_id, RunState.RUNNING)

    def take_up(self, run: Run) -> bool:
        """Queue a run of the data folder again, on show or not. False: it is done, or at work already."""
        if run.id not in self._entries:
            state = runs.status_of(run).state
            if RunState.QUEUED not in TRANSITIONS[state]:
                return False
            self._take_up(run, state)
        return self.resume(run.id)

    def move(self, job_id: str, place: int) -> bool:
        """Give a waiting job a place, counted from 0, among those that wait for its lane. False: it does not wait."""
        if job_id not in self._entries or self.state(job_id) is not RunState.QUEUED:
            return False
        lane = self.run(job_id).lane
        waiting = [id_ for id_ in self._waiting(lane) if id_ != job_id]
        waiting.insert(max(place, 0), job_id)
        for id_ in waiting:  # to the end of the list, one after the other
            self._entries[id_] = self._entries.pop(id_)
        self._save_order(job_id)
        self.queue_reordered.emit()
        return True

    def remove(self, job_id: str) -> bool:
        """Take a job off the list; a waiting one is canceled, a working one stays (False). The run's files stay too."""
        if job_id not in self._entries or self.state(job_id) in ACTIVE:
            return False
        if self.state(job_id) is RunState.QUEUED:
            self.cancel(job_id)
        del self._entries[job_id]
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
        if self._probe:
            self._probe.close()
        for lane in self._lanes.values():
            lane.close()
        # Ends that had been said but not yet heard are heard now.
        QCoreApplication.sendPostedEvents(self, QEvent.Type.MetaCall.value)
        for job_id in list(self._busy.values()):
            self._go(job_id, RunState.INTERRUPTED)
        self._busy.clear()
        self._lanes.clear()

    # --- how it goes on ------------------------------------------------------------------------------------------

    @Slot(object)
    def _on_event(self, event: ev.Event) -> None:
        if event.job_id not in self._entries:
            return
        if isinstance(event, ev.JobEnded):
            self._end(event)
        else:
            self._emit_by_kind[type(event)](event)

    @Slot(object, object)
    def _on_probed(self, devices: tuple[ev.DeviceFound, ...], ended: ev.JobEnded) -> None:
        if self._probe:
            self._probe.close()
            self._probe.deleteLater()
            self._probe = None
        if devices:
            self.set_devices(devices)
            self.devices_known.emit(self._devices)
        elif ended.message:
            self.notice.emit(ev.Notice(message=f"{ended.message} {ended.next_step}".strip(), level="warning"))

    def _end(self, ended: ev.JobEnded) -> None:
        """Book the end of a job, tell it, and let the next one begin."""
        entry = self._entries[ended.job_id]
        if entry.state not in ACTIVE:
            self._go(ended.job_id, RunState.CANCELED)
        else:
            entry.state = RunState(ended.state)
            self._write(ended.job_id, partial(runs.finish, entry.run, ended))
            self._busy.pop(entry.run.lane, None)
            self.job_state_changed.emit(ended.job_id, entry.state)
        self.job_ended.emit(ended)
        self._start_next(entry.run.lane)

    def _start_next(self, lane: str) -> None:
        """Give the lane the first of the jobs that wait for it, unless it is at work."""
        waiting = self._waiting(lane)
        if self._closing or lane in self._busy or not waiting:
            return
        run = self.run(waiting[0])
        self._busy[lane] = run.id
        self._entries[run.id].state = RunState.RUNNING
        # Our own process stands for the run: where the window lives its engine does, or we say so.
        self._write(run.id, partial(runs.start, run, os.getpid()))
        self.job_state_changed.emit(run.id, RunState.RUNNING)
        if lane not in self._lanes:
            self._lanes[lane] = self._open_lane(lane)
        self._lanes[lane].worker.submit(self._request(run.id))

    def _waiting(self, lane: str) -> list[str]:
        """Return the jobs that wait for a lane, the next one first."""
        return [
            job_id
            for job_id, entry in self._entries.items()
            if entry.state is RunState.QUEUED and entry.run.lane == lane
        ]

    def _save_order(self, job_id: str) -> None:
        """Note in which order the waiting jobs will run; `job_id` is the one that was moved."""
        lanes: dict[str, tuple[str, ...]] = {}
        for waiting, entry in self._entries.items():
            if entry.state is RunState.QUEUED:
                lanes[entry.run.lane] = (*lanes.get(entry.run.lane, ()), waiting)
        self._write(job_id, partial(queue.save_queue, lanes))

    def _open_lane(self, name: str) -> Lane:
        worker = LaneWorker(self._command, self._graces)
        worker.set_keep_gib(self._keep_gib)
        worker.event_arrived.connect(self._on_event, Qt.ConnectionType.QueuedConnection)
        return Lane(name, worker)

    def _request(self, job_id: str) -> RunJob:
        run = self.run(job_id)
        return RunJob(job_id=job_id, job=runs.job_to_send(run), run_dir=str(run.folder))

    def _hold(self, job_id: str, state: RunState) -> bool:
        if not self.can(job_id, state):
            return False
        self._go(job_id, state)
        self._lanes[self.run(job_id).lane].worker.pause(job_id, state is RunState.PAUSED)
        return True

    def _is_paused(self, job_id: str) -> bool:
        return self.state(job_id) is RunState.PAUSED

    def _take_up(self, run: Run, state: RunState) -> None:
        self._entries[run.id] = _Entry(run, state)
        self.job_added.emit(run.id)

    def _go(self, job_id: str, state: RunState) -> None:
        """Change a job's state, on disk too, and tell."""
        entry = self._entries[job_id]
        entry.state = state
        self._write(job_id, partial(runs.move, entry.run, state))
        self.job_state_changed.emit(job_id, state)

    def _write(self, job_id: str, write: Callable[[], object]) -> None:
        """Note something in the run's folder; a disk that refuses is told to the person, and the queue goes on."""
        try:
            write()
        except SketchDeskError as error:
            log.warning("%s: %s", job_id, error.message)
            self.notice.emit(ev.Notice(job_id=job_id, message=error.message, level="warning"))
        except (OSError, IllegalTransitionError):
            # Somebody else has changed or deleted the run's files; what this window knows stands.
            log.exception("the state of %s could not be written down", job_id)

    @Slot()
    def _beat(self) -> None:
        for job_id in self._busy.values():
            self._write(job_id, partial(runs.beat, self.run(job_id)))
