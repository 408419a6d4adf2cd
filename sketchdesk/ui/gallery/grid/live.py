"""The pictures that are being drawn now, as far as they are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from sketchdesk.contracts.events import ImageSaved, JobEnded, PreviewReady
from sketchdesk.contracts.jobs import GenerateJob, StudyJob
from sketchdesk.library.drawing.unsaved import is_unsaved
from sketchdesk.library.runs.state import ACTIVE, RunState
from sketchdesk.workers.runner import JobRunner

REFRESH_MS = 100


@dataclass(frozen=True)
class LiveCell:
    """One picture at work."""

    job_id: str
    path: Path
    version: int
    """Higher for every new preview, also where the file is the same."""
    prompt: str
    seed: int | None
    step: int
    total: int

    @property
    def fraction(self) -> float:
        """How much of it is done, 0..1."""
        return min(1.0, self.step / self.total) if self.total else 0.0


class LiveCells(QObject):
    """Follows the runner's previews of drawings and studies; those of a training belong to its dashboard.

    Signals:
        changed(): Other cells, other pictures in them, or a drawing begins or ends; at most ten times a second.
    """

    changed = Signal()

    def __init__(self, runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._cells: dict[tuple[str, Path], LiveCell] = {}
        self._count = 0
        self._timer = QTimer(self, interval=REFRESH_MS, singleShot=True)
        self._timer.timeout.connect(self.changed)
        runner.preview_ready.connect(self._on_preview)
        runner.image_saved.connect(self._on_saved)
        runner.job_ended.connect(self._on_ended)
        runner.job_state_changed.connect(self._on_state)

    @property
    def is_drawing(self) -> bool:
        """Whether something is being drawn, though there may be nothing to see of it yet: an engine takes to start."""
        at_work = (job_id for job_id in self._runner.job_ids() if self._runner.state(job_id) in ACTIVE)
        return any(isinstance(self._runner.run(job_id).job, GenerateJob | StudyJob) for job_id in at_work)

    def cells(self) -> list[LiveCell]:
        """Return the pictures at work, in the order in which they were begun."""
        return list(self._cells.values())

    def shutdown(self) -> None:
        """Tell nothing more."""
        self._timer.stop()

    @Slot(PreviewReady)
    def _on_preview(self, event: PreviewReady) -> None:
        if not isinstance(self._runner.run(event.job_id).job, GenerateJob | StudyJob):
            return
        path = Path(event.path)
        if is_unsaved(path):  # finished, though it is not kept
            self._take_off(event)
            return
        self._count += 1
        self._cells[event.job_id, path] = LiveCell(
            event.job_id, path, self._count, event.prompt, event.seed, event.step, event.total
        )
        self._tell()

    @Slot(ImageSaved)
    def _on_saved(self, event: ImageSaved) -> None:
        self._take_off(event)

    def _take_off(self, event: ImageSaved | PreviewReady) -> None:
        self._remove(
            [
                key
                for key, cell in self._cells.items()
                if (cell.job_id, cell.prompt, cell.seed) == (event.job_id, event.prompt, event.seed)
            ][:1]
        )

    @Slot(JobEnded)
    def _on_ended(self, event: JobEnded) -> None:
        self._remove([key for key in self._cells if key[0] == event.job_id])

    @Slot(str, RunState)
    def _on_state(self, _job_id: str, _state: RunState) -> None:
        self._tell()

    def _remove(self, keys: list[tuple[str, Path]]) -> None:
        for key in keys:
            del self._cells[key]
        if keys:
            self._tell()

    def _tell(self) -> None:
        if not self._timer.isActive():
            self._timer.start()
