"""The data set page: what a set holds before it is trained on, every flaw with its reason, and captions to edit."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.contracts.text import _
from sketchdesk.library.dataset.captions import CaptionEdits, Edit, write_edits
from sketchdesk.library.dataset.flaws import ABOUT, Flaw
from sketchdesk.library.dataset.survey import Survey
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.numbers import number_text
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.training.model_field import short_name
from sketchdesk.ui.training.set_looking import Looking, Stopped
from sketchdesk.ui.training.set_overview import SetOverview
from sketchdesk.ui.training.set_pictures import PickedStrip, SetPictures
from sketchdesk.ui.training.set_table import CAPTION, FOUND, NAME, PICTURE, THUMB_PX, SetTable
from sketchdesk.ui.widgets.dialog_frame import fill_dialog, foot_row
from sketchdesk.workers.background import Background


class SetDialog(QDialog):
    """Looks through the set of a training in a thread, and shows what is there.

    Signals:
        captions_kept(): Edited captions have been written down.
    """

    captions_kept = Signal()

    def __init__(self, job: TrainJob, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dataset_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._job = job
        self._looking: Looking | None = None
        self._edits = self._kept = CaptionEdits(job.dataset)
        self._file = Path()
        self._survey: Survey | None = None
        self._background = Background(self, threads=1)  # so that edits are written in their order
        self._pictures = SetPictures(self)
        self.table = SetTable(self._pictures, self)
        self.overview = SetOverview()
        self._view = named(QTableView(), "dataset_table")
        self._strip = PickedStrip(self._pictures)
        self._effect = named(QLabel(), "dataset_effect")
        self._status = named(QLabel(), "dataset_status")
        self._bar = named(QProgressBar(), "dataset_progress")
        self._cancel = named(QPushButton(), "dataset_cancel")
        self._again = named(QPushButton(), "dataset_again")
        self._own = named(QPushButton(), "dataset_own_caption")
        self._close = named(QPushButton(), "dataset_close")
        self._pages = named(QStackedWidget(), "dataset_pages")
        self._build()
        self._connect()
        self.retranslate()
        self.look()

    # --- building ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        waiting = QWidget()
        middle = QVBoxLayout(waiting)
        middle.setSpacing(12)
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(360)
        self._status.setWordWrap(True)
        self._status.setAlignment(Qt.AlignmentFlag.AlignCenter)
        middle.addStretch(1)
        middle.addWidget(self._status)
        for widget in (self._bar, self._cancel, self._again):
            middle.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        middle.addStretch(1)
        found = QWidget()
        columns = QHBoxLayout(found)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(24)
        columns.addWidget(self.overview)
        right = QVBoxLayout()
        right.setSpacing(8)
        self._effect.setWordWrap(True)
        set_role(self._effect, "muted")
        self._build_table()
        right.addWidget(self._effect)
        right.addWidget(self._view, 1)
        right.addWidget(self._strip)
        columns.addLayout(right, 1)
        self._pages.addWidget(waiting)
        self._pages.addWidget(found)
        set_role(self._close, "primary")
        fill_dialog(self, [self._pages], foot_row([self._own], [self._close]), grows=self._pages)
        self.resize(1040, 720)

    def _build_table(self) -> None:
        view = self._view
        view.setModel(self.table)
        set_role(view, "bare")
        view.setShowGrid(False)
        view.setWordWrap(True)
        view.setIconSize(QSize(THUMB_PX, THUMB_PX))
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setTabKeyNavigation(False)
        view.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(THUMB_PX + 8)
        header = named(view.horizontalHeader(), "dataset_table_header")
        set_role(header, "aligned")
        header.setHighlightSections(False)
        for column, width in ((PICTURE, THUMB_PX + 16), (NAME, 130), (FOUND, 190)):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            header.resizeSection(column, width)
        header.setSectionResizeMode(CAPTION, QHeaderView.ResizeMode.Stretch)

    def _connect(self) -> None:
        self._cancel.clicked.connect(self._on_cancel)
        self._again.clicked.connect(self.look)
        self._close.clicked.connect(self.accept)
        self._own.clicked.connect(self._on_own)
        self.overview.flaw_chosen.connect(self._on_flaw)
        self.table.edited.connect(self._on_edited)
        self._view.selectionModel().selectionChanged.connect(self._on_selection)
        self.table.modelReset.connect(self._on_selection)
        self.finished.connect(self._on_finished)

    def retranslate(self) -> None:
        """Take the language in use."""
        self.setWindowTitle(_("Data set: {name}").format(name=short_name(self._job.dataset)))
        self._cancel.setText(_("Cancel"))
        describe(self._cancel, _("Stop looking; what is known of pictures till now is remembered"))
        self._again.setText(_("Look again"))
        describe(self._again, _("Look through the data set once more"))
        self._own.setText(_("The set's own caption again"))
        describe(self._own, _("Take back what was edited in the captions of the chosen pictures"))
        self._close.setText(_("Close"))
        describe(self._close, _("Close; edited captions are kept"))
        describe(self._view, _("Pictures with their captions; F2 or a double click edits a caption"))
        self._view.setToolTip("")
        self.overview.retranslate()

    # --- looking -------------------------------------------------------------------------------------------------

    @Slot()
    def look(self) -> None:
        """Look through the set."""
        self._pages.setCurrentIndex(0)
        self._own.hide()
        self._show_waiting(_("Looking through the pictures …"), is_looking=True)
        self._bar.setRange(0, 0)
        self._looking = Looking(self._job)
        self._looking.told.connect(self._on_told)
        self._looking.found.connect(self._on_survey)
        self._looking.failed.connect(self._on_failed)
        self._looking.start()

    def _show_waiting(self, text: str, is_looking: bool) -> None:
        self._status.setText(text)
        self._bar.setVisible(is_looking)
        self._cancel.setVisible(is_looking)
        self._again.setVisible(not is_looking)

    @Slot(int, int)
    def _on_told(self, done: int, total: int) -> None:
        self._bar.setRange(0, total)
        self._bar.setValue(done)
        if total:
            text = _("Looking through the pictures: {done} of {total}")
            self._status.setText(text.format(done=number_text(done), total=number_text(total)))

    @Slot(object)
    def _on_survey(self, found: Survey) -> None:
        self._survey, self._file = found, found.captions_file
        self._edits = self._kept = found.edits
        self._pictures.set_items({item.key: item for item in found.items})
        self.table.set_survey(found)
        self.overview.show_report(found.report)
        self._pages.setCurrentIndex(1)
        self._own.show()
        self._view.setFocus()

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, Stopped):
            self._show_waiting(_("Looking was stopped."), is_looking=False)
        elif isinstance(error, SketchDeskError):
            self._show_waiting(f"{error.message} {error.next_step}", is_looking=False)
        else:
            self._show_waiting(_("The data set could not be looked through."), is_looking=False)
            raise error

    @Slot()
    def _on_cancel(self) -> None:
        if self._looking:
            self._looking.stop()
        self._cancel.setVisible(False)

    @Slot()
    def _on_finished(self) -> None:
        if self._looking:
            self._looking.stop()
        self._pictures.shutdown()
        self._background.shutdown()
        if self._edits is not self._kept:  # the last edit was still waiting to be written
            write_edits(self._file, self._edits)
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
        groups = self._survey.report.groups if self._survey else ()
        group = next((each for each in groups if key in each), ())
        return [key, *(each for each in group if each != key)]

    @Slot()
    def _on_own(self) -> None:
        self.table.own_again(self._chosen())

    @Slot(object)
    def _on_edited(self, changes: dict[str, Edit | None]) -> None:
        self._edits = self._edits.with_edits(changes)
        work, then = partial(write_edits, self._file, self._edits), partial(self._on_kept, self._edits)
        self._background.do(work, then, self._on_failed_to_keep)
        self._own.setEnabled(self.table.has_edits(self._chosen()))

    def _on_kept(self, edits: CaptionEdits, _nothing: object) -> None:
        self._kept = edits
        self._effect.setText(_("The caption is kept with your settings; the set's own files stay as they are."))

    def _on_failed_to_keep(self, error: Exception) -> None:
        if not isinstance(error, SketchDeskError):
            raise error
        self._effect.setText(f"{error.message} {error.next_step}")
