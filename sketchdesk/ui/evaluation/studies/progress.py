"""How far the studies at work are: counted from their events, told at most ten times a second."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from sketchdesk.contracts.events import ImageSaved, JobStarted, ScoreReady, StageChanged, StepDone
from sketchdesk.contracts.jobs import EvaluateJob, StudyJob
from sketchdesk.library.evaluation.studies import drawing_count, drawn_before, image_count
from sketchdesk.library.runs.state import ACTIVE, RunState
from sketchdesk.ui.refresh import Refresh
from sketchdesk.workers.background import Background
from sketchdesk.workers.runner import JobRunner

SHOWN = 12
"""Pictures of the work in progress that are remembered, the newest."""


@dataclass
class Progress:
    """One study at work, from its start or its last going on."""

    job: StudyJob | EvaluateJob
    started_s: float = field(default_factory=time.time)
    drawing_since_s: float = 0.0
    """When the first picture was begun; how long an engine takes to start says nothing of the pictures."""
    stage: str = ""
    ready: int = 0
    """Pictures that an earlier start had drawn."""
    drawn: int = 0
    drawn_by_stage: int = 0
    """Of these, what was drawn before the stage began."""
    scored: int = 0
    step: StepDone | None = None
    to_score: int = 0
    pictures: deque[Path] = field(default_factory=lambda: deque(maxlen=SHOWN))

    @property
    def to_draw(self) -> int:
        """How many pictures the study draws in all; none for a folder that is there."""
        return drawing_count(self.job) if isinstance(self.job, StudyJob) else 0

    @property
    def drawn_in_all(self) -> float:
        """Pictures that are drawn, the one at work by its part."""
        started = self._in_work() if self.stage == "drawing" else 0.0
        return min(float(self.to_draw), self.ready + max(float(self.drawn), started))

    @property
    def draw_fraction(self) -> float:
        """How much of the drawing is done, 0..1."""
        if self.stage in ("timing", "scoring", "measuring", "writing"):
            return 1.0
        return self.drawn_in_all / self.to_draw if self.to_draw else 0.0

    @property
    def is_timed(self) -> bool:
        """Whether the study times its models too."""
        return isinstance(self.job, StudyJob) and self.job.timing is not None

    @property
    def time_fraction(self) -> float:
        """How much of the timing is done, 0..1."""
        if self.stage in ("scoring", "measuring", "writing"):
            return 1.0
        return self.step.step / self.step.total if self.stage == "timing" and self.step else 0.0

    @property
    def score_fraction(self) -> float:
        """How much of the scoring is done, 0..1."""
        if self.stage in ("measuring", "writing"):
            return 1.0
        return min(1.0, self.scored / self.to_score) if self.to_score else 0.0

    @property
    def fraction(self) -> float:
        """How much of everything is done, 0..1. Drawing a picture takes several times as long as scoring it."""
        if not self.to_draw:
            return self.score_fraction
        return 0.8 * self.draw_fraction + 0.2 * self.score_fraction

    @property
    def eta_s(self) -> float | None:
        """How long the drawing, or then the scoring, will still take; None where nothing can be said yet."""
        if self.stage == "scoring" and self.step:
            return self.step.eta_s
        if self.stage != "drawing" or not self.drawn:
            return None
        each_s = (time.time() - self.drawing_since_s) / self.drawn
        return max(0.0, self.to_draw - self.drawn_in_all) * each_s

    def _in_work(self) -> float:
        """Return how many pictures of this start are drawn, counted in steps, within the model at work."""
        if not self.step or not isinstance(self.job, StudyJob):
            return 0.0
        return self.drawn_by_stage + self.step.step / self.job.num_inference_steps

    def begin(self, stage: str) -> None:
        """Take in that another stage begins."""
        self.stage, self.step = stage, None
        self.drawn_by_stage = self.drawn
        if stage == "drawing" and not self.drawing_since_s:
            self.drawing_since_s = time.time()


class StudyWatch(QObject):
    """Counts for every study at work. End it with shutdown().

    Signals:
        changed(str): A study, by its job's id, is further than it was told last.
    """

    changed = Signal(str)

    def __init__(self, runner: JobRunner, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._background = background
        self._progress: dict[str, Progress] = {}
        self._refresh = Refresh(self)
        self._refresh.due.connect(self._on_due)
        runner.job_state_changed.connect(self._on_state)
        runner.job_started.connect(self._on_started)
        runner.stage_changed.connect(self._on_stage)
        runner.step_done.connect(self._on_step)
        runner.image_saved.connect(self._on_image)
        runner.score_ready.connect(self._on_score)

    def of(self, job_id: str) -> Progress | None:
        """Return how far a study is; None for one that is not at work."""
        return self._progress.get(job_id)

    def shutdown(self) -> None:
        """Tell nothing more."""
        self._refresh.clear()

    @Slot(str, RunState)
    def _on_state(self, job_id: str, state: RunState) -> None:
        if state not in ACTIVE:
            self._progress.pop(job_id, None)
            return
        job = self._runner.run(job_id).job
        if job_id in self._progress or not isinstance(job, StudyJob | EvaluateJob):
            return
        progress = self._progress[job_id] = Progress(job)
        if isinstance(job, StudyJob):
            progress.to_score = image_count(job)
            folder = Path(job.out_dir)
            self._background.do(
                partial(drawn_before, folder, progress.started_s), partial(self._on_counted, job_id, progress)
            )

    def _on_counted(self, job_id: str, progress: Progress, count: int) -> None:
        progress.ready = count
        self._refresh.touch(job_id)

    @Slot(JobStarted)
    def _on_started(self, event: JobStarted) -> None:
        if event.job_id in self._progress:
            self._refresh.touch(event.job_id)

    @Slot(StageChanged)
    def _on_stage(self, event: StageChanged) -> None:
        if progress := self._progress.get(event.job_id):
            progress.begin(event.stage)
            self._refresh.touch(event.job_id)

    @Slot(StepDone)
    def _on_step(self, event: StepDone) -> None:
        if progress := self._progress.get(event.job_id):
            progress.step = event
            if progress.stage == "scoring":
                progress.to_score = event.total
            self._refresh.touch(event.job_id)

    @Slot(ImageSaved)
    def _on_image(self, event: ImageSaved) -> None:
        if progress := self._progress.get(event.job_id):
            progress.drawn += 1
            progress.pictures.appendleft(Path(event.path))
            self._refresh.touch(event.job_id)

    @Slot(ScoreReady)
    def _on_score(self, event: ScoreReady) -> None:
        if progress := self._progress.get(event.job_id):
            progress.scored += 1
            if not progress.to_draw:
                progress.pictures.appendleft(Path(event.path))
            self._refresh.touch(event.job_id)

    @Slot(object)
    def _on_due(self, job_ids: set[str]) -> None:
        for job_id in sorted(job_ids):
            self.changed.emit(job_id)
