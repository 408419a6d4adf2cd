"""The right side of the tab: what is said while there is no study, a study on its way, and the results of one."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QStackedWidget, QWidget

from sketchdesk.contracts.jobs import StudyJob
from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.studies import Study, StudyEntry, drawn_before
from sketchdesk.ui.evaluation.results.result_page import ResultPage
from sketchdesk.ui.evaluation.studies.progress import StudyWatch
from sketchdesk.ui.evaluation.studies.progress_page import RESUMABLE, ProgressPage
from sketchdesk.ui.naming import named
from sketchdesk.ui.widgets.empty import EmptyState
from sketchdesk.workers.background import Background


class StudyPages(QStackedWidget):
    """Shows one of three pages; that of results comes with `add_results`."""

    def __init__(
        self, empty: EmptyState, progress: ProgressPage, watch: StudyWatch, background: Background,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        named(self, "evaluation_pages")
        self._empty, self._progress, self._watch, self._background = empty, progress, watch, background
        self._result: ResultPage | None = None
        self.said: dict[str, str] = {}
        """Run → how its last start ended, in words."""
        for page in (empty, progress):
            self.addWidget(page)

    def add_results(self, result: ResultPage) -> None:
        """Take in the page of results."""
        self._result = result
        self.addWidget(result)

    @property
    def study(self) -> Study | None:
        """The study whose results were shown last."""
        return self._result.study if self._result else None

    def shows_result(self) -> bool:
        """Tell whether the page of results is on show."""
        return self._result is not None and self.currentWidget() is self._result

    def shows_progress(self) -> bool:
        """Tell whether a study on its way is on show."""
        return self.currentWidget() is self._progress

    def show_empty_text(self, *, has_tuned: bool) -> None:
        """Say on the empty page what studies are for, and what the first one would take."""
        title = _("Did the training do what it should?")
        sentence = _(
            "A study draws the same prompts with two models at the same seeds, lets CLIP score and BLIP caption every "
            "picture, and tells how sure the difference is."
        )
        if not has_tuned:
            more = _("It needs a tuned model, and there is none yet.")
            self._empty.set_text(title, f"{sentence} {more}", _("Go and train one"), _("Open the Training tab"))
            return
        tuned = _("It takes the base and the model that was trained last.")
        self._empty.set_text(
            title, f"{sentence} {tuned}", _("Run the two experiments"), _("Start the two experiments of the report")
        )

    def show_progress(self, entry: StudyEntry) -> None:
        """Show how far a study is, or where it stopped."""
        self._progress.show_entry(entry, self._watch.of(entry.run.id), self.said.get(entry.run.id, ""))
        self.setCurrentWidget(self._progress)
        if entry.state in RESUMABLE and isinstance(entry.run.job, StudyJob):
            count = partial(drawn_before, entry.folder, time.time())
            self._background.do(count, partial(self._progress.show_drawn, entry.run.id))

    def show_result(self, study: Study, folder: Path, title: str) -> None:
        """Show the results of a study that lies in a folder."""
        if self._result:
            self._result.show_study(study, folder, title)
            self.setCurrentWidget(self._result)
