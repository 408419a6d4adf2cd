"""The ways through the window: to what a run made, to a search, to a step of the welcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from sketchdesk.contracts.jobs import ConvertJob, DistillJob, DownloadJob, GenerateJob, StudyJob, TrainJob, TrialJob
from sketchdesk.library.runs.runs import Run
from sketchdesk.ui.shell.frame import EVALUATION, GALLERY, MODELS, TRAINING
from sketchdesk.ui.shell.prompt_desk import PromptDesk

if TYPE_CHECKING:
    from sketchdesk.ui.main_window import MainWindow


class Ways(QObject):
    """Shows the page of what is asked for, and the thing itself on it."""

    def __init__(self, window: MainWindow, words: PromptDesk) -> None:
        super().__init__(window)
        self._window, self._words = window, words

    @Slot(str)
    def search(self, text: str) -> None:
        """Show the pictures whose prompts have these words."""
        self._window.frame.show_page(GALLERY)
        self._window.gallery.search(text)

    def show_run(self, run: Run) -> None:
        """Show what a run made: its training, its study, or its images and how to draw them again."""
        window = self._window
        match run.job:
            case TrainJob() | DistillJob():
                window.frame.show_page(TRAINING)
                if not window.training.page.runs.select(run.id):  # not read yet: it is selected once it is
                    window.training.restore_state({**window.training.save_state(), "run": run.id})
            case TrialJob():
                window.frame.show_page(TRAINING)
            case StudyJob():
                window.frame.show_page(EVALUATION)
                window.evaluation.restore_state({"study": run.id})
            case DownloadJob() | ConvertJob():
                window.frame.show_page(MODELS)
            case GenerateJob():
                self._words.use_job(run.job)
                window.gallery.show_run(run)
            case _:
                window.frame.show_page(GALLERY)

    @Slot(object)
    def start_study(self, job: StudyJob) -> None:
        """Start a study and show it."""
        self._window.frame.show_page(EVALUATION)
        self._window.evaluation.maker.start(job)

    @Slot(str)
    def begin(self, step: str) -> None:
        """Go where a step of the welcome begins."""
        pages = {"train": TRAINING, "evaluate": EVALUATION, "keep": GALLERY}
        if step == "draw":
            self._words.draw_first()
        else:
            self._window.frame.show_page(pages[step])
