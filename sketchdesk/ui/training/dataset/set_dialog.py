"""The data set page: what a set holds before it is trained on, every flaw with its reason, and captions to edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.jobs import CaptionJob, TrainJob
from sketchdesk.contracts.text import _, ngettext
from sketchdesk.library.dataset.caption_history import CaptionHistory
from sketchdesk.library.dataset.captions import CaptionEdits, Edit, change_edits
from sketchdesk.library.dataset.check import SetReport
from sketchdesk.library.dataset.flaws import ABOUT, Flaw
from sketchdesk.library.dataset.survey import Survey
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.ui.message import Message, of_error
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.numbers import number_text
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.training.dataset.caption_bar import CaptionBar
from sketchdesk.ui.training.dataset.caption_dialog import CaptionDialog
from sketchdesk.ui.training.dataset.caption_writing import CaptionWriting
from sketchdesk.ui.training.dataset.set_overview import SetOverview
from sketchdesk.ui.training.dataset.set_pictures import PickedStrip, SetPictures
from sketchdesk.ui.training.dataset.set_recount import SetRecount
from sketchdesk.ui.training.dataset.set_table import SetTable
from sketchdesk.ui.training.dataset.set_view import describe_view, set_view
from sketchdesk.ui.training.dataset.set_waiting import SetWaiting
from sketchdesk.ui.training.recipe.model_field import short_name
from sketchdesk.ui.widgets.dialog_frame import fill_dialog, foot_row
from sketchdesk.workers.background import Background
from sketchdesk.workers.runner import JobRunner

Changes = Mapping[str, Edit | None]


class SetDialog(QDialog):
    """Looks through the set of a training in a thread, and shows what is there.

    Signals:
        captions_kept(): Edited captions have been written down.
        message(Message): What could not be kept when the page was closed.
    """

    captions_kept = Signal()
    message = Signal(Message)

    def __init__(
        self, job: TrainJob, runner: JobRunner, models: Sequence[ModelEntry] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("dataset_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._job = job
        self._models = models
        self._history = CaptionHistory(CaptionEdits(job.dataset))
        self._unwritten: dict[str, Edit | None] = {}
        self._file = Path()
        self._groups: tuple[tuple[str, ...], ...] = ()
        self._background = Background(self, threads=1)  # so that edits are written in their order
        self._recount = SetRecount(self)
        self._pictures = SetPictures(self)
        self.table = SetTable(self._pictures, self)
        self.overview = SetOverview()
        self._view = set_view(self.table)
        self._strip = PickedStrip(self._pictures)
        self._effect = named(QLabel(), "dataset_effect")
        self.waiting = SetWaiting(job)
        self._writing = CaptionWriting(runner, self)
        self.captions = CaptionBar(self._writing)
        self._own = named(QPushButton(), "dataset_own_caption")
        self._undo = named(QPushButton(), "dataset_undo")
        self._close = named(QPushButton(), "dataset_close")
        self._pages = named(QStackedWidget(), "dataset_pages")
        self._build()
        self._connect()
        self.retranslate()
        self.waiting.look()

    # --- building ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        found = QWidget()
        columns = QHBoxLayout(found)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(24)
        columns.addWidget(self.overview)
        right = QVBoxLayout()
        right.setSpacing(8)
        self._effect.setWordWrap(True)
        set_role(self._effect, "muted")
        right.addWidget(self._effect)
        right.addWidget(self._view, 1)
        right.addWidget(self._strip)
        columns.addLayout(right, 1)
        self._pages.addWidget(self.waiting)
        self._pages.addWidget(found)
        set_role(self._close, "primary")
        fill_dialog(self, [self._pages], self._foot(), grows=self._pages)
        self.resize(1040, 720)

    def _foot(self) -> QHBoxLayout:
        set_icon(self._undo, "undo-2")
        row = foot_row([self._own, self._undo, self.captions], [self._close])
        row.setStretchFactor(self.captions, 10)  # before the empty room at its right
        return row

    def _connect(self) -> None:
        self.waiting.began.connect(self._on_look)
        self.waiting.found.connect(self._on_survey)
        self._close.clicked.connect(self.accept)
        self._own.clicked.connect(self._on_own)
        self._undo.clicked.connect(self.undo)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), self, self.undo)
        self.captions.write_pressed.connect(self._on_write)
        self._writing.written.connect(self._on_written)
        self._recount.counted.connect(self._on_counted)
        self.overview.flaw_chosen.connect(self._on_flaw)
        self.table.edited.connect(self._on_edited)
        self._view.selectionModel().selectionChanged.connect(self._on_selection)
        self.table.modelReset.connect(self._on_selection)
        self.finished.connect(self._on_finished)

    def retranslate(self) -> None:
        """Take the language in use."""
        self.setWindowTitle(_("Data set: {name}").format(name=short_name(self._job.dataset)))
        self.waiting.retranslate()
        self._own.setText(_("The set's own caption again"))
        describe(self._own, _("Take back what was edited in the captions of the chosen pictures"))
        self._undo.setText(_("Undo"))
        describe(self._undo, _("Take back the last change of captions (Ctrl+Z)"))
        self.captions.retranslate()
        self._close.setText(_("Close"))
        describe(self._close, _("Close; edited captions are kept"))
        describe_view(self._view)
        self.overview.retranslate()

    # --- looking -------------------------------------------------------------------------------------------------

    @Slot()
    def _on_look(self) -> None:
        self._pages.setCurrentIndex(0)
        self._show_foot(False)

    def _show_foot(self, is_shown: bool) -> None:
        for widget in (self._own, self._undo, self.captions):
            widget.setVisible(is_shown)

    @Slot(Survey)
    def _on_survey(self, found: Survey) -> None:
        self._file, self._groups = found.captions_file, found.report.groups
        self._history = CaptionHistory(found.edits)
        self._recount.follow(found.facts)
        self._pictures.set_items({item.key: item for item in found.items})
        self.table.set_survey(found)
        self.overview.show_report(found.report)
        self._pages.setCurrentIndex(1)
        self._show_foot(True)
        self._show_undo()
        self._writing.follow(self._file)
        self._view.setFocus()

    @Slot(SetReport)
    def _on_counted(self, report: SetReport) -> None:
        self._groups = report.groups
        self.table.show_findings(report.findings)
        self.overview.recount(report)

    @Slot()
    def _on_finished(self) -> None:
        self.waiting.stop()
        self._recount.shutdown()
        self._pictures.shutdown()
        self._background.shutdown()
        if self._unwritten:  # the last change was still waiting to be written
            try:
                change_edits(self._file, self._job.dataset, self._unwritten)
            except SketchDeskError as error:
                self.message.emit(of_error(error))
        self.captions_kept.emit()

    # --- what is chosen and edited -------------------------------------------------------------------------------

    @Slot(object)
    def _on_flaw(self, flaw: Flaw | None) -> None:
        self.table.show_flaw(flaw)
        all_of_them = _("F2 or a double click edits a caption; the files stay as they are.")
        self._effect.setText(_(ABOUT[flaw].effect) if flaw else all_of_them)
        if self.table.rowCount():
            self._view.selectRow(0)

    def _chosen(self) -> list[int]:
        return sorted({index.row() for index in self._view.selectionModel().selectedRows()})

    @Slot()
    def _on_selection(self) -> None:
        places = self._chosen()
        self._own.setEnabled(self.table.has_edits(places))
        keys = [self.table.row(place).key for place in places if self.table.row(place).is_item]
        self._strip.show_keys(self._group_of(keys[0]) if len(keys) == 1 else keys)

    def _group_of(self, key: str) -> list[str]:
        """Return a picture and those that look like it."""
        group = next((each for each in self._groups if key in each), ())
        return [key, *(each for each in group if each != key)]

    @Slot()
    def _on_own(self) -> None:
        self.table.own_again(self._chosen())

    # --- captions that are changed -------------------------------------------------------------------------------

    @Slot(object)
    def _on_edited(self, changes: Changes) -> None:
        self._history.change(changes)
        self._keep(changes)

    @Slot()
    def undo(self) -> None:
        """Take the last change of captions back; all that BLIP wrote at once is one."""
        if changes := self._history.undo():
            self.table.take(changes)
            self._keep(changes)

    def _keep(self, changes: Changes) -> None:
        self._unwritten |= changes
        work = partial(change_edits, self._file, self._job.dataset, changes)
        self._background.do(work, partial(self._on_kept, changes), self._on_failed_to_keep)
        self._on_changed()

    def _on_changed(self) -> None:
        self._recount.ask(self._history.edits)
        self._show_undo()

    def _show_undo(self) -> None:
        self._undo.setEnabled(self._history.can_undo)
        self._own.setEnabled(self.table.has_edits(self._chosen()))

    def _on_kept(self, changes: Changes, _edits: CaptionEdits) -> None:
        self._unwritten = {
            key: edit for key, edit in self._unwritten.items() if key not in changes or changes[key] != edit
        }
        self._effect.setText(_("The caption is kept with your settings; the set's own files stay as they are."))

    def _on_failed_to_keep(self, error: Exception) -> None:
        if not isinstance(error, SketchDeskError):
            raise error
        self._effect.setText(f"{error.message} {error.next_step}")

    @Slot()
    def _on_write(self) -> None:
        rows = (self.table.row(place) for place in self._chosen())
        chosen = [row.key for row in rows if row.is_item]
        dialog = CaptionDialog(
            self._job, str(self._file), chosen, self.table.without_caption(), self._models, self
        )
        dialog.started.connect(self._on_started)
        dialog.open()

    @Slot(object)
    def _on_started(self, job: CaptionJob) -> None:
        try:
            self._writing.write(job)
        except SketchDeskError as error:
            self._effect.setText(f"{error.message} {error.next_step}")

    @Slot(str, object)
    def _on_written(self, job_id: str, edits: Mapping[str, Edit]) -> None:
        self._history.change(edits, job_id)
        self.table.take(edits)
        self._on_changed()
        text = ngettext("{count} caption was written just now.", "{count} captions were written just now.", len(edits))
        self._effect.setText(text.format(count=number_text(len(edits))))
