"""The window that says that something went wrong inside SketchDesk, and offers the report."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import describe, named


class CrashDialog(QDialog):
    """Shows the report with a button to copy it. Not modal: the window can still be used."""

    def __init__(self, report: str, saved: Path | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("crash_dialog")
        self.setWindowTitle(_("Something went wrong"))
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        told = named(QLabel(), "crash_label")
        told.setText(_told(saved))
        told.setWordWrap(True)
        told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._report = named(QPlainTextEdit(report), "crash_report")
        self._report.setReadOnly(True)
        describe(self._report, _("The report"))
        copy = named(QPushButton(_("Copy the report")), "crash_copy_button")
        describe(copy, _("Copy the report to the clipboard"))
        copy.clicked.connect(self._copy)
        close = named(QPushButton(_("Close")), "crash_close_button")
        describe(close, _("Close this message"))
        close.clicked.connect(self.close)
        buttons = QDialogButtonBox()
        buttons.addButton(copy, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(close, QDialogButtonBox.ButtonRole.RejectRole)
        layout = QVBoxLayout(self)
        for widget in (told, self._report, buttons):
            layout.addWidget(widget)
        self.resize(720, 420)

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report.toPlainText())


def _told(saved: Path | None) -> str:
    sentence = _("Something went wrong inside SketchDesk. Your images and runs are safe, and you can go on working.")
    if saved is None:
        return sentence
    return sentence + " " + _("The report was saved as {path}.").format(path=saved)
