"""The evaluation tab: the list of studies at the left, the one that is chosen at the right."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QMimeData, Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.events import DeviceFound, JobEnded
from sketchdesk.contracts.jobs import EvaluateJob, StudyJob
from sketchdesk.contracts.text import N_, _
from sketchdesk.library.models import ModelEntry
from sketchdesk.library.run_state import RunState
from sketchdesk.library.studies import (
    STUDY,
    Study,
    StudyEntry,
    drawn_before,
    draws,
    list_studies,
    new_study_folder,
    newest_tuned,
    read_study,
)
from sketchdesk.library.study_presets import PresetName, preset_job
from sketchdesk.ui.actions import ActionSpec
from sketchdesk.ui.evaluation.exporting import Exporter
from sketchdesk.ui.evaluation.folder_form import FolderForm
from sketchdesk.ui.evaluation.form_dialog import FormDialog
from sketchdesk.ui.evaluation.list_panel import WISHED_PX, ListPanel
from sketchdesk.ui.evaluation.pictures import Pictures
from sketchdesk.ui.evaluation.progress import StudyWatch
from sketchdesk.ui.evaluation.progress_page import RESUMABLE, ProgressPage
from sketchdesk.ui.evaluation.result_page import ResultPage
from sketchdesk.ui.evaluation.study_form import StudyForm
from sketchdesk.ui.evaluation.study_list import StudyList
from sketchdesk.ui.message import Message, of_error
from sketchdesk.ui.naming import named
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.ui.widgets.empty import EmptyState
from sketchdesk.workers.background import Background
from sketchdesk.workers.runner import JobRunner

JSON = Any
DEMO_BASE = "demo-base"


class EvaluationTab(QWidget):
    """Makes studies and shows what came of them.

    Signals:
        study_requested(object): A StudyJob or EvaluateJob to be put into the queue.
        message(Message): Something to be told.
        training_wanted(): A study needs a tuned model, and there is none yet.
    """

    study_requested = Signal(object)
    message = Signal(Message)
    training_wanted = Signal()

    def __init__(self, runner: JobRunner, store: SettingsStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("evaluation_tab")
        self.setAcceptDrops(True)
        self._runner, self._store = runner, store
        self._models: list[ModelEntry] = []
        self._devices: tuple[DeviceFound, ...] = ()
        self._said: dict[str, str] = {}
        self._wanted_folder = ""
        self._remembered = ""
        self._background = Background(self, threads=1)
        self._pictures = Pictures(self)
        self._watch = StudyWatch(runner, self._background, self)
        self._studies = StudyList(runner, self._watch, self)
        self._exporter = Exporter(self._background, self)
        self._panel = ListPanel(self._studies)
        self._empty = EmptyState("evaluation_empty", "flask-conical")
        self._progress = ProgressPage(self._pictures)
        self._result = ResultPage(self._pictures, self._exporter, self._background)
        self._pages = named(QStackedWidget(), "evaluation_pages")
        for page in (self._empty, self._progress, self._result):
            self._pages.addWidget(page)
        self._splitter = named(QSplitter(Qt.Orientation.Horizontal), "evaluation_splitter")
        self._splitter.addWidget(self._panel)
        self._splitter.addWidget(self._pages)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setCollapsible(1, False)
        self._splitter.setSizes([WISHED_PX, 1000])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._splitter)
        self._connect()
        self.retranslate()
        self._background.do(list_studies, self._on_listed)

    def _connect(self) -> None:
        self._panel.preset_wanted.connect(self.start_preset)
        self._panel.form_wanted.connect(self.new_study)
        self._panel.folder_wanted.connect(self.score_folder)
        self._panel.chosen.connect(self._on_chosen)
        self._empty.pressed.connect(self._on_empty_button)
        self._exporter.message.connect(self.message)
        for page in (self._progress, self._result):
            page.repeat_wanted.connect(self._on_repeat)
        self._progress.stop_wanted.connect(self._runner.cancel)
        self._progress.resume_wanted.connect(self._on_resume)
        self._runner.job_added.connect(self._on_added)
        self._runner.job_state_changed.connect(self._on_state)
        self._runner.job_ended.connect(self._on_ended)
        self._watch.changed.connect(self._on_progress)

    # --- what the window relies on -------------------------------------------------------------------------------

    def set_models(self, models: list[ModelEntry]) -> None:
        """Offer these models from now on."""
        self._models = models
        self._show_empty_text()

    def set_devices(self, devices: tuple[DeviceFound, ...]) -> None:
        """Offer these devices from now on."""
        self._devices = devices

    def retranslate(self) -> None:
        """Take the language in use."""
        for part in (self._panel, self._progress, self._result):
            part.retranslate()
        for dialog in self.findChildren(QWidget):
            if isinstance(dialog, FormDialog):
                dialog.retranslate()
        self._show_empty_text()

    def action_specs(self) -> list[ActionSpec]:
        """Return what can be done here."""
        has_result = partial(self._shows, self._result)
        return [
            ActionSpec("study_new", N_("A study of your own…"), "study", self.new_study, "Ctrl+Shift+N", "plus"),
            ActionSpec(
                "study_report", N_("The two experiments of the report"), "study", partial(self.start_preset, "both"),
                icon="flask-conical",
            ),
            ActionSpec(
                "study_same_seeds", N_("Base against tuned at the same seeds"), "study",
                partial(self.start_preset, "same_seeds"), icon="scale",
            ),
            ActionSpec(
                "study_folder", N_("Score a folder of pictures…"), "study", self.score_folder, icon="folder-open"
            ),
            ActionSpec("study_open", N_("Open a study's folder…"), "study", self.ask_folder, icon="folder"),
            ActionSpec(
                "study_repeat", N_("Repeat this study…"), "study", self._repeat_shown, icon="rotate-ccw",
                is_enabled=self._shows_study,
            ),
            ActionSpec(
                "study_export_scores", N_("Export the study's scores as CSV…"), "study",
                partial(self._exporter.ask, "scores"), icon="table", is_enabled=has_result,
            ),
            ActionSpec(
                "study_export_report", N_("Export the study's report as HTML…"), "study",
                partial(self._exporter.ask, "report"), icon="file-text", is_enabled=has_result,
            ),
            ActionSpec(
                "study_export_zip", N_("Export the whole study as a zip…"), "study",
                partial(self._exporter.ask, "zip"), icon="package", is_enabled=has_result,
            ),
        ]  # fmt: skip

    def save_state(self) -> dict[str, JSON]:
        """Return what the window remembers of this tab."""
        entry = self._panel.current
        return {"splitter": self._splitter.sizes(), "study": entry.run.id if entry else ""}

    def restore_state(self, state: dict[str, JSON]) -> None:
        """Look as the state says; what is not possible is left as it is."""
        sizes = state.get("splitter")
        if isinstance(sizes, list) and len(sizes) == 2 and all(isinstance(size, int) and size >= 0 for size in sizes):
            self._splitter.setSizes(sizes)
        if isinstance(state.get("study"), str):
            self._remembered = str(state["study"])
            self._panel.choose(self._remembered)

    def shutdown(self) -> None:
        """End the tab's threads and timers."""
        self._watch.shutdown()
        self._pictures.shutdown()
        self._background.shutdown()

    # --- wishes --------------------------------------------------------------------------------------------------

    def start_preset(self, name: PresetName) -> None:
        """Start one of the studies that are one click away; without a tuned model say so and offer to train one."""
        models = self._pair()
        if models is None:
            text = _("There is no tuned model yet to compare with the base.")
            self.message.emit(
                Message(
                    text, _("Train one first; it takes part in the next study by itself."), level="warning",
                    action_text=_("Go and train"), action=self.training_wanted.emit,
                )
            )  # fmt: skip
            return
        self._request(preset_job(name, *models))

    def new_study(self) -> None:
        """Open the form of a study."""
        base, tuned = self._pair() or (self._base() or "", "")
        self._open_study(preset_job("both", base, tuned))

    def score_folder(self) -> None:
        """Open the form that scores a folder."""
        self._open(FolderForm())

    def open_folder(self, folder: Path) -> None:
        """Show the study that lies in a folder, wherever that is; a folder of pictures is offered for scoring."""
        if (folder / STUDY).is_file():
            self._background.do(partial(_read, folder), partial(self._on_opened, folder))
            return
        form = FolderForm()
        self._open(form)
        form.take([folder])

    def ask_folder(self) -> None:
        """Ask for a study's folder and show it."""
        dialog = QFileDialog(self, _("Open a study's folder"))
        dialog.setObjectName("evaluation_open_dialog")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self._on_folder)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take folders."""
        if _folders(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Show a study, or offer to score pictures."""
        for folder in _folders(event.mimeData())[:1]:
            self.open_folder(folder)
        event.acceptProposedAction()

    def _open_study(self, job: StudyJob) -> None:
        form = StudyForm()
        self._open(form)
        form.set_value(job)

    def _open(self, form: StudyForm | FolderForm) -> None:
        form.set_models(self._models)
        form.set_devices(self._devices)
        dialog = FormDialog(form, self)
        dialog.started.connect(self._request)
        dialog.message.connect(self.message)
        dialog.open()

    def _base(self) -> str | None:
        names = [model.name for model in self._models if draws(model)]
        return DEMO_BASE if DEMO_BASE in names else next(iter(names), None)

    def _pair(self) -> tuple[str, str] | None:
        """Return the base and the newest tuned model; None where there is nothing to compare."""
        base, tuned = self._base(), newest_tuned(self._models)
        return (base, tuned.name) if base and tuned and base != tuned.name else None

    @Slot(object)
    def _request(self, job: StudyJob | EvaluateJob) -> None:
        title = job.title if isinstance(job, StudyJob) else Path(job.images_dir).name
        settings = self._store.value
        folder = str(new_study_folder(title))
        job = msgspec.structs.replace(job, out_dir=folder, num_threads=job.num_threads or settings.num_threads)
        self._wanted_folder = folder
        self.study_requested.emit(job)

    @Slot()
    def _on_empty_button(self) -> None:
        if self._pair() is None:
            self.training_wanted.emit()
        else:
            self.start_preset("both")

    @Slot(object)
    def _on_repeat(self, job: StudyJob | EvaluateJob) -> None:
        if isinstance(job, StudyJob):
            self._open_study(job)
        else:
            form = FolderForm()
            self._open(form)
            form.set_value(job)

    def _repeat_shown(self) -> None:
        entry = self._panel.current
        job = entry.run.job if entry else self._result.study.job if self._result.study else None
        if isinstance(job, StudyJob | EvaluateJob):
            self._on_repeat(job)

    @Slot(str)
    def _on_resume(self, run_id: str) -> None:
        row = self._studies.row_of(run_id)
        if row is None:
            return
        entry = self._studies.entries()[row]
        if not (self._runner.resume(run_id) or self._runner.take_up(entry.run)):
            self.message.emit(Message(_("This study cannot go on any more."), level="warning"))

    # --- what is on show -----------------------------------------------------------------------------------------

    def _show_empty_text(self) -> None:
        title = _("Did the training do what it should?")
        sentence = _(
            "A study draws the same prompts with two models at the same seeds, lets CLIP score and BLIP caption every "
            "picture, and tells how sure the difference is."
        )
        if self._pair() is None:
            more = _("It needs a tuned model, and there is none yet.")
            self._empty.set_text(title, f"{sentence} {more}", _("Go and train one"), _("Open the Training tab"))
            return
        tuned = _("It takes the base and the model that was trained last.")
        self._empty.set_text(
            title, f"{sentence} {tuned}", _("Run the two experiments"), _("Start the two experiments of the report")
        )

    def _on_listed(self, entries: list[StudyEntry]) -> None:
        current = self._panel.current
        self._studies.set_entries(entries)
        wanted = current.run.id if current else self._remembered
        self._panel.choose(wanted or (entries[0].run.id if entries else ""))
        if self._panel.current is None and entries:
            self._panel.choose(entries[0].run.id)

    @Slot(object)
    def _on_chosen(self, entry: StudyEntry) -> None:
        if entry.state is RunState.DONE and entry.is_readable:
            self._background.do(partial(_read, entry.folder), partial(self._on_read, entry))
        else:
            self._show_progress(entry)

    def _show_progress(self, entry: StudyEntry) -> None:
        self._progress.show_entry(entry, self._watch.of(entry.run.id), self._said.get(entry.run.id, ""))
        self._pages.setCurrentWidget(self._progress)
        if entry.state in RESUMABLE and isinstance(entry.run.job, StudyJob):
            count = partial(drawn_before, entry.folder, time.time())
            self._background.do(count, partial(self._progress.show_drawn, entry.run.id))

    @Slot(str)
    def _on_folder(self, folder: str) -> None:
        self.open_folder(Path(folder))

    def _on_opened(self, folder: Path, found: Study | SketchDeskError) -> None:
        if isinstance(found, SketchDeskError):
            self.message.emit(of_error(found))
            return
        self._panel.choose_none()
        self._result.show_study(found, folder, found.title)
        self._pages.setCurrentWidget(self._result)

    def _on_read(self, entry: StudyEntry, found: Study | SketchDeskError) -> None:
        current = self._panel.current
        if current is None or current.run.id != entry.run.id:
            return  # another one was chosen meanwhile
        if isinstance(found, SketchDeskError):
            self.message.emit(of_error(found))
            self._said[entry.run.id] = found.message
            self._show_progress(entry)
            return
        self._result.show_study(found, entry.folder, entry.run.title)
        self._pages.setCurrentWidget(self._result)

    def _shows(self, page: QWidget) -> bool:
        return self._pages.currentWidget() is page

    def _shows_study(self) -> bool:
        return self._panel.current is not None or self._shows(self._result)

    # --- what the runner tells -----------------------------------------------------------------------------------

    @Slot(str)
    def _on_added(self, job_id: str) -> None:
        job = self._runner.run(job_id).job
        if isinstance(job, StudyJob | EvaluateJob) and job.out_dir == self._wanted_folder:
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
        self._said[event.job_id] = f"{event.message} {event.next_step}".strip()
        current = self._panel.current
        if current and current.run.id == event.job_id and event.state == "failed":
            self._show_progress(current)

    @Slot(str)
    def _on_progress(self, job_id: str) -> None:
        current = self._panel.current
        if current and current.run.id == job_id and self._shows(self._progress):
            self._show_progress(current)


def _folders(data: QMimeData) -> list[Path]:
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return [path for path in paths if path.is_dir()]


def _read(folder: Path) -> Study | SketchDeskError:
    """Read a study; a failure is what comes of it then."""
    try:
        return read_study(folder)
    except SketchDeskError as error:
        return error
