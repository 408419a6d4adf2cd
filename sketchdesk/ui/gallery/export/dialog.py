"""Handing pictures on: which, as what, and where to."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QWidget,
)

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library.export.outcome import Exported
from sketchdesk.library.export.plan import ExportPlan, Kind
from sketchdesk.library.index.index import GalleryImage
from sketchdesk.library.progress import seldom
from sketchdesk.ui.gallery.buttons import chip
from sketchdesk.ui.gallery.catalogue.catalogue import Catalogue
from sketchdesk.ui.gallery.export.options import ExportOptions
from sketchdesk.ui.gallery.export.plan import KINDS
from sketchdesk.ui.gallery.export.target import ExportTarget
from sketchdesk.ui.gallery.grid.flow_layout import FlowLayout
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.numbers import number_text
from sketchdesk.ui.theme import fonts
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.dialog_frame import fill_dialog, foot_row
from sketchdesk.workers.background import Background


class StoppedError(Exception):
    """Raised inside an export that the person stops."""


class ExportDialog(QDialog):
    """Asks, exports in a thread with progress, and closes when it is done.

    Signals:
        exported(Exported): It is done.
        failed(SketchDeskError): It could not be done; the dialog stays open, to choose something else.
    """

    exported = Signal(object)
    failed = Signal(object)
    _progressed = Signal(int, int)

    def __init__(
        self, catalogue: Catalogue, selected: Sequence[int], found: Sequence[int], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("export_dialog")
        self._catalogue = catalogue
        self._ids = {"selected": list(selected), "found": list(found)}
        self._background = Background(self)
        self._stop = threading.Event()
        self._working = False
        self._reading = False
        """The images' paths are being looked up; the export itself has not begun."""
        self._selected = chip("export_selected_button", checkable=True)
        self._found = chip("export_found_button", checkable=True)
        self._what = QButtonGroup(self)
        self._kinds: dict[Kind, QPushButton] = {
            kind: chip(f"export_{kind}_button", parts[2], checkable=True) for kind, parts in KINDS.items()
        }
        self._kind_group = QButtonGroup(self)
        self._kind_sentence = named(QLabel(), "export_kind_sentence")
        self._options = ExportOptions()
        self._target = ExportTarget()
        self._bar = named(QProgressBar(), "export_progress")
        self._count = named(QLabel(), "export_count")
        self._cancel = named(QPushButton(), "export_cancel_button")
        self._export = named(QPushButton(), "export_start_button")
        self._build()
        self._connect()
        (self._selected if selected else self._found).setChecked(True)
        self._selected.setEnabled(bool(selected))
        self._kinds["folder"].setChecked(True)
        self.retranslate()
        self._on_kind()

    def _build(self) -> None:
        for button in (self._selected, self._found):
            self._what.addButton(button)
        kinds = FlowLayout()
        for button in self._kinds.values():
            self._kind_group.addButton(button)
            kinds.addWidget(button)
        self._kind_sentence.setWordWrap(True)
        set_role(self._kind_sentence, "muted")
        set_role(self._export, "primary")
        set_role(self._count, "muted")
        self._count.setFont(fonts.tabular(self._count.font()))
        self._export.setDefault(True)
        self._bar.setMinimumWidth(240)
        foot = foot_row([self._bar, self._count], [self._cancel, self._export])
        what = QHBoxLayout()
        what.setSpacing(8)
        what.addWidget(self._selected)
        what.addWidget(self._found)
        what.addStretch(1)
        fill_dialog(self, [what, kinds, self._kind_sentence, self._options, self._target], foot)
        self.setMinimumWidth(640)
        self._show_working()

    def _connect(self) -> None:
        self._kind_group.buttonClicked.connect(self._on_kind)
        self._export.clicked.connect(self._on_export)
        self._cancel.clicked.connect(self.reject)
        self._progressed.connect(self._on_progress)
        self._catalogue.failed.connect(self._on_unread)

    def retranslate(self) -> None:
        """Take the language in use."""
        self.setWindowTitle(_("Export pictures"))
        self._selected.setText(_("Selected ({count})").format(count=number_text(len(self._ids["selected"]))))
        describe(self._selected, _("Export the selected pictures"))
        self._found.setText(_("All found ({count})").format(count=number_text(len(self._ids["found"]))))
        describe(self._found, _("Export all pictures that the filters find, in this order"))
        for kind, button in self._kinds.items():
            button.setText(_(KINDS[kind][0]))
            describe(button, _(KINDS[kind][1]))
        self._target.retranslate()
        self._export.setText(_("Export"))
        describe(self._export, _("Begin the export"))
        self._cancel.setText(_("Cancel"))
        describe(self._cancel, _("Stop, or close without exporting"))
        self._bar.setAccessibleName(_("How much is exported"))
        self._options.retranslate()
        self._kind_sentence.setText(_(KINDS[self.kind()][1]))

    def kind(self) -> Kind:
        """Return the kind that is chosen."""
        return next((kind for kind, button in self._kinds.items() if button.isChecked()), "folder")

    def plan(self) -> ExportPlan:
        """Return what is asked for."""
        values: dict[str, Any] = self._options.values()
        return ExportPlan(kind=self.kind(), target=self._target.path(), **values)

    def reject(self) -> None:
        """Stop what is at work; else close."""
        if self._working:
            self._stop.set()
            self._cancel.setEnabled(False)
        else:
            super().reject()

    def done(self, result: int) -> None:
        """Close, once nothing is at work any more."""
        self._stop.set()
        self._background.shutdown()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        """The window's own button stops first, too."""
        if self._working:
            self.reject()
            event.ignore()
        else:
            super().closeEvent(event)

    # --- inside --------------------------------------------------------------------------------------------------

    @Slot()
    def _on_kind(self) -> None:
        kind = self.kind()
        self._options.show_kind(kind)
        self._kind_sentence.setText(_(KINDS[kind][1]))
        self._target.propose(kind)
        if layout := self.layout():
            layout.activate()
            self.resize(self.width(), layout.totalHeightForWidth(max(self.width(), self.minimumWidth())))

    @Slot()
    def _on_export(self) -> None:
        if self._working or not self._target.check() or not (self._options.check() or self.kind() not in _NAMED):
            return
        ids = self._ids["selected" if self._selected.isChecked() else "found"]
        self._stop.clear()
        self._working = self._reading = True
        self._on_progress(0, len(ids))
        self._show_working()
        self._catalogue.ask(lambda index: index.images(ids), partial(self._write, self.plan()))

    def _write(self, plan: ExportPlan, images: list[GalleryImage]) -> None:
        self._reading = False
        self._background.do(partial(plan.run, images, seldom(self._tell)), self._on_done, self._on_failed)

    def _tell(self, done: int, total: int) -> None:
        """Pass progress on from the thread, and stop there."""
        if self._stop.is_set():
            raise StoppedError
        self._progressed.emit(done, total)

    @Slot(int, int)
    def _on_progress(self, done: int, total: int) -> None:
        self._bar.setRange(0, max(total, 1))
        self._bar.setValue(done)
        self._count.setText(_("{done} of {total}").format(done=number_text(done), total=number_text(total)))

    def _on_done(self, exported: Exported) -> None:
        self._working = False
        self.exported.emit(exported)
        self.accept()

    def _on_failed(self, error: Exception) -> None:
        self._working = False
        self._show_working()
        if isinstance(error, StoppedError):
            return
        if not isinstance(error, SketchDeskError):
            error = SketchDeskError(ErrorKind.INTERNAL, details=f"{type(error).__name__}: {error}")
        self._target.set_problem(error.message)
        self.failed.emit(error)

    @Slot(object)
    def _on_unread(self, error: SketchDeskError) -> None:
        if self._reading:
            self._reading = False
            self._on_failed(error)

    def _show_working(self) -> None:
        for widget in (self._bar, self._count):
            widget.setVisible(self._working)
        for control in (
            self._selected, self._found, *self._kinds.values(), self._options, self._target, self._export
        ):  # fmt: skip
            control.setEnabled(not self._working)
        self._selected.setEnabled(not self._working and bool(self._ids["selected"]))
        self._cancel.setEnabled(True)


_NAMED: tuple[Kind, ...] = ("folder", "zip")
"""The kinds whose files have names by a pattern."""
