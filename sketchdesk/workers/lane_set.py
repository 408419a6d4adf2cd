"""The lanes that are open, by name, each opened with its first job."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, Signal

from sketchdesk.contracts.wire import RunJob
from sketchdesk.library.runs.runs import NETWORK_LANE
from sketchdesk.workers.engine_process import Graces
from sketchdesk.workers.lane import Lane, LaneWorker


class LaneSet(QObject):
    """Hands jobs to lanes.

    Signals:
        event_arrived(Event): What happens to a job in any lane; arrives on the thread of this object.
    """

    event_arrived = Signal(object)

    def __init__(
        self, command: Sequence[str] | None = None, graces: Graces | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._command, self._graces = command, graces
        self._keep_gib: float | None = None
        self._lanes: dict[str, Lane] = {}

    @property
    def is_warm(self) -> bool:
        """Whether an engine is up that has its libraries, and perhaps a model, in memory."""
        return any(lane.worker.is_warm for name, lane in self._lanes.items() if name != NETWORK_LANE)

    def set_keep_gib(self, keep_gib: float | None) -> None:
        """Say how much memory an engine may hold between jobs; with more it is ended. None: any amount."""
        self._keep_gib = keep_gib
        for lane in self._lanes.values():
            lane.worker.set_keep_gib(keep_gib)

    def submit(self, name: str, request: RunJob) -> None:
        """Have a job done in a lane, after those submitted to it before."""
        if name not in self._lanes:
            worker = LaneWorker(self._command, self._graces)
            worker.set_keep_gib(self._keep_gib)
            worker.event_arrived.connect(self.event_arrived, Qt.ConnectionType.QueuedConnection)
            self._lanes[name] = Lane(name, worker)
        self._lanes[name].worker.submit(request)

    def cancel(self, name: str, job_id: str) -> None:
        """Stop a job that was submitted to a lane."""
        self._lanes[name].worker.cancel(job_id)

    def pause(self, name: str, job_id: str, paused: bool) -> None:
        """Hold a job that was submitted to a lane, or let it go on."""
        self._lanes[name].worker.pause(job_id, paused)

    def close(self) -> None:
        """End every engine and thread; waits for them."""
        for lane in self._lanes.values():
            lane.close()
        self._lanes.clear()
