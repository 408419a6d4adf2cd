"""The evaluation tab: the list of studies at the left, the one that is chosen at the right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.events import DeviceFound, JobEnded
from sketchdesk.contracts.jobs import EvaluateJob, StudyJob
from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.studies import Study, StudyEntry, list_studies
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.library.runs.state import RunState
from sketchdesk.ui.actions import ActionSpec
from sketchdesk.ui.evaluation.making.maker import StudyMaker
from sketchdesk.ui.evaluation.pages import StudyPages
from sketchdesk.ui.evaluation.results.exporting import Exporter
from sketchdesk.ui.evaluation.results.result_page import ResultPage
from sketchdesk.ui.evaluation.results.result_parts import result_parts
from sketchdesk.ui.evaluation.studies.list_panel import WISHED_PX, ListPanel
from sketchdesk.ui.evaluation.studies.opener import StudyOpener, folders_of
from sketchdesk.ui.evaluation.studies.pictures import Pictures
from sketchdesk.ui.evaluation.studies.progress import StudyWatch
from sketchdesk.ui.evaluation.studies.progress_page import ProgressPage
from sketchdesk.ui.evaluation.studies.study_list import StudyList
from sketchdesk.ui.evaluation.tab_actions import making_actions, shown_actions
from sketchdesk.ui.message import Message
from sketchdesk.ui.naming import named
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.ui.widgets.empty import EmptyState
from sketchdesk.workers.background import Background
from sketchdesk.workers.runner import JobRunner

JSON = Any


def build_tab(runner: JobRunner, store: SettingsStore, parent: QWidget | None = None) -> Iterator[EvaluationTab | None]:
    """Make the tab's parts one by one, for whoever does other things in between; the last that comes is the tab."""
    tab = EvaluationTab(runner, store, parent)
    yield None
    for _step in tab.add_results():
        yield None
    yield tab


class EvaluationTab(QWidget):
    """Makes studies and shows what came of them. The page of results, the largest part, comes with `add_results`.

    Signals:
        study_requested(object): A StudyJob or EvaluateJob to be put into the queue.
        message(Message): Something to be told.
        training_wanted(): A study needs a tuned model, and there is none yet.
        model_chosen(str): This model should be used for drawing; what resolve_model takes.
        models_changed(): A model came or went.
    """

    model_chosen = Signal(str)
    models_changed = Signal()
    study_requested = Signal(object)
    message = Signal(Message)
    training_wanted = Signal()

    def __init__(self, runner: JobRunner, store: SettingsStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("evaluation_tab")
        self.setAcceptDrops(True)
        self._runner = runner
        self._remembered = ""
        self._opened: Path | None = None
        """The folder of the study on show where that is not one of the list."""
        self._background = Background(self, threads=1)
        self._pictures = Pictures(self)
        self._watch = StudyWatch(runner, self._background, self)
        self._studies = StudyList(runner, self._watch, self)
        self.maker = StudyMaker(self._background, self)
        self._opener = StudyOpener(self._background, self)
        self._exporter = Exporter(self._background, self)
        self._panel = ListPanel(self._studies)
        self._empty = EmptyState("evaluation_empty", "flask-conical")
        self._progress = ProgressPage(self._pictures)
        self._pages = StudyPages(self._empty, self._progress, self._watch, self._background)
        self._arrange()
        self._connect()

    def add_results(self) -> Iterator[object]:
        """Make the page of results in steps, then show what the studies' folders hold."""
        for parts in result_parts(self._pictures, self._background):
            yield parts
        assert parts is not None
        self._result = ResultPage(parts, self._pictures, self._exporter)
        self._result.repeat_wanted.connect(self.maker.ask)
        self._result.message.connect(self.message)
        self._result.choosing.message.connect(self.message)
        self._result.choosing.model_chosen.connect(self.model_chosen)
        self._result.choosing.models_changed.connect(self.models_changed)
        self._pages.add_results(self._result)
        yield None
        yield from self._result.put_together()
        self.retranslate()
        self._background.do(list_studies, self._on_listed)

    def _arrange(self) -> None:
        self._splitter = named(QSplitter(Qt.Orientation.Horizontal), "evaluation_splitter")
        self._splitter.addWidget(self._panel)
        self._splitter.addWidget(self._pages)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setCollapsible(1, False)
        self._splitter.setSizes([WISHED_PX, 1000])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._splitter)

    def _connect(self) -> None:
        self._panel.preset_wanted.connect(self.maker.start_preset)
        self._panel.made_wanted.connect(self.maker.start_made)
        self._panel.form_wanted.connect(self.maker.new_study)
        self._panel.folder_wanted.connect(self.maker.score_folder)
        self._panel.open_wanted.connect(self._opener.ask)
        self._panel.chosen.connect(self._on_chosen)
        self._empty.pressed.connect(self.maker.start_first)
        self.maker.requested.connect(self.study_requested)
        self.maker.training_wanted.connect(self.training_wanted)
        self._opener.read.connect(self._on_read)
        self._opener.failed.connect(self._on_unreadable)
        self._opener.opened.connect(self._on_opened)
        self._opener.scoring_wanted.connect(self.maker.score_folder)
        for part in (self.maker, self._opener, self._exporter):
            part.message.connect(self.message)
        self._progress.repeat_wanted.connect(self.maker.ask)
        self._progress.stop_wanted.connect(self._runner.cancel)
        self._progress.resume_wanted.connect(self._on_resume)
        self._runner.job_added.connect(self._on_added)
        self._runner.job_state_changed.connect(self._on_state)
        self._runner.job_ended.connect(self._on_ended)
        self._watch.changed.connect(self._on_progress)

    # --- what the window relies on -------------------------------------------------------------------------------

    def set_models(self, models: list[ModelEntry]) -> None:
        """Offer these models from now on."""
        self.maker.set_models(models)
        self._show_empty_text()

    def set_devices(self, devices: tuple[DeviceFound, ...]) -> None:
        """Offer these devices from now on."""
        self.maker.set_devices(devices)

    def retranslate(self) -> None:
        """Take the language in use."""
        for part in (self._panel, self._progress, self._result, self.maker):
            part.retranslate()
        self._show_empty_text()

    def action_specs(self) -> list[ActionSpec]:
        """Return what can be done here."""
        return [
            *making_actions(self.maker, self._opener),
            *shown_actions(self._exporter, self._repeat_shown, self._shows_study, self._pages.shows_result),
        ]

    def save_state(self) -> dict[str, JSON]:
        """Return what the window remembers of this tab."""
        entry = self._panel.current
        return {
            "splitter": self._splitter.sizes(),
            "study": entry.run.id if entry else "",
            "opened": str(self._opened or ""),
        }

    def restore_state(self, state: dict[str, JSON]) -> None:
        """Look as the state says; what is not possible is left as it is."""
        sizes = state.get("splitter")
        if isinstance(sizes, list) and len(sizes) == 2 and all(isinstance(size, int) and size >= 0 for size in sizes):
            self._splitter.setSizes(sizes)
        if isinstance(state.get("study"), str):
            self._remembered = str(state["study"])
            self._panel.choose(self._remembered)
        if isinstance(state.get("opened"), str) and state["opened"]:
            self._opener.reopen(Path(state["opened"]))

    def shutdown(self) -> None:
        """End the tab's threads and timers."""
        self._watch.shutdown()
        self._pictures.shutdown()
        self._background.shutdown()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take folders."""
        if folders_of(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Show a study, or offer to score pictures."""
        self._opener.take(event.mimeData())
        event.acceptProposedAction()

    # --- what is on show -----------------------------------------------------------------------------------------

    def _show_empty_text(self) -> None:
        self._pages.show_empty_text(has_tuned=self.maker.pair() is not None)

    def _shows_study(self) -> bool:
        return self._panel.current is not None or self._pages.shows_result()

    def _is_current(self, run_id: str) -> bool:
        current = self._panel.current
        return current is not None and current.run.id == run_id

    def _on_listed(self, entries: list[StudyEntry]) -> None:
        current = self._panel.current
        self._studies.set_entries(entries)
        if self._opened:
            return
        wanted = current.run.id if current else self._remembered
        self._panel.choose(wanted or (entries[0].run.id if entries else ""))
        if self._panel.current is None and entries:
            self._panel.choose(entries[0].run.id)

    @Slot(object)
    def _on_chosen(self, entry: StudyEntry) -> None:
        self._opened = None
        if entry.state is RunState.DONE and entry.is_readable:
            self._opener.read_entry(entry)
        else:
            self._pages.show_progress(entry)

    @Slot(object, object)
    def _on_read(self, entry: StudyEntry, study: Study) -> None:
        if self._is_current(entry.run.id):  # else another one was chosen meanwhile
            self._pages.show_result(study, entry.folder, entry.run.title)

    @Slot(object, object)
    def _on_unreadable(self, entry: StudyEntry, error: SketchDeskError) -> None:
        self._pages.said[entry.run.id] = error.message
        if self._is_current(entry.run.id):
            self._pages.show_progress(entry)

    @Slot(object, object)
    def _on_opened(self, folder: Path, study: Study) -> None:
        self._opened = folder
        self._panel.choose_none()
        self._pages.show_result(study, folder, study.title)

    def _repeat_shown(self) -> None:
        entry = self._panel.current
        study = self._pages.study
        job = entry.run.job if entry else study.job if study else None
        if isinstance(job, StudyJob | EvaluateJob):
            self.maker.ask(job)

    # --- what the runner tells -----------------------------------------------------------------------------------

    @Slot(str)
    def _on_resume(self, run_id: str) -> None:
        row = self._studies.row_of(run_id)
        if row is None:
            return
        entry = self._studies.entries()[row]
        if not (self._runner.resume(run_id) or self._runner.take_up(entry.run)):
            self.message.emit(Message(_("This study cannot go on any more."), level="warning"))

    @Slot(str)
    def _on_added(self, job_id: str) -> None:
        job = self._runner.run(job_id).job
        if isinstance(job, StudyJob | EvaluateJob) and job.out_dir == self.maker.newest_folder:
            self._panel.choose(job_id)

    @Slot(str, RunState)
    def _on_state(self, job_id: str, _state: RunState) -> None:
        current = self._panel.current
        if current and current.run.id == job_id:
            self._on_chosen(current)

    @Slot(JobEnded)
    def _on_ended(self, event: JobEnded) -> None:
        if self._studies.row_of(event.job_id) is None:
            return
        self._pages.said[event.job_id] = f"{event.message} {event.next_step}".strip()
        current = self._panel.current
        if current and current.run.id == event.job_id and event.state == "failed":
            self._pages.show_progress(current)

    @Slot(str)
    def _on_progress(self, job_id: str) -> None:
        current = self._panel.current
        if current and current.run.id == job_id and self._pages.shows_progress():
            self._pages.show_progress(current)
