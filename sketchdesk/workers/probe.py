"""Ask an engine which devices there are, beside the queue: no run is listed and no folder stays."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot

from sketchdesk.contracts.events import DeviceFound, Event, JobEnded
from sketchdesk.contracts.jobs import ProbeJob
from sketchdesk.contracts.wire import RunJob
from sketchdesk.workers.engine_process import Graces
from sketchdesk.workers.lane import Lane, LaneWorker


class DeviceProbe(QObject):
    """One look at the machine, by an engine of its own that ends with it.

    Signals:
        finished(tuple, JobEnded): The devices that were found, the best first, and how the look ended.
    """

    finished = Signal(object, object)

    def __init__(
        self, command: Sequence[str] | None = None, graces: Graces | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._found: list[DeviceFound] = []
        self._folder = Path(tempfile.mkdtemp(prefix="sketchdesk-probe-"))
        worker = LaneWorker(command, graces)
        worker.event_arrived.connect(self._on_event, Qt.ConnectionType.QueuedConnection)
        self._lane: Lane | None = Lane("probe", worker)
        worker.submit(RunJob(job_id="probe", job=ProbeJob(), run_dir=str(self._folder)))

    def close(self) -> None:
        """End the engine and its thread, whether it has answered or not; nothing is told afterwards."""
        if self._lane:
            self._lane.close()
            self._lane = None
            shutil.rmtree(self._folder, ignore_errors=True)

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        if self._lane is None:
            return
        if isinstance(event, DeviceFound):
            self._found.append(event)
        elif isinstance(event, JobEnded):
            self.finished.emit(tuple(self._found), event)
