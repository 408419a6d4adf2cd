"""The window that says that something went wrong inside SketchDesk, and offers the report."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.icons import set_icon, show_pixmap
from sketchdesk.ui.theme.manager import set_role, tokens
from sketchdesk.ui.widgets.dialog_frame import fill_dialog, foot_row

ICON_PX = 40


class CrashDialog(QDialog):
    """Shows the report with a button to copy it. Not modal: the window can still be used."""

    def __init__(self, report: str, saved: Path | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("crash_dialog")
        self.setWindowTitle(_("Something went wrong"))
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        title = named(QLabel(_("Something went wrong")), "crash_title")
        set_role(title, "title")
        sign = named(QLabel(), "crash_icon")
        show_pixmap(sign, "bug", tokens().warning, ICON_PX)
        told = named(QLabel(), "crash_label")
        set_role(told, "muted")
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
        set_icon(copy, "copy", "muted")
        set_role(close, "primary")
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(title)
        words.addWidget(told)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        fill_dialog(self, [head, self._report], foot_row([copy], [close]), grows=self._report)
        self.resize(760, 460)

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report.toPlainText())


def _told(saved: Path | None) -> str:
    sentence = _("Something went wrong inside SketchDesk. Your images and runs are safe, and you can go on working.")
    if saved is None:
        return sentence
    return sentence + " " + _("The report was saved as {path}.").format(path=saved)
