"""A form in a dialog of its own: scrolls where it must, and starts only what can be done."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.ui.evaluation.making.folder_form import FolderForm
from sketchdesk.ui.evaluation.making.study_form import StudyForm
from sketchdesk.ui.guide.desk import HelpButton
from sketchdesk.ui.message import Message
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.column_scroll import ColumnScroll

WIDTH_PX, HEIGHT_PX = 720, 760


class FormDialog(QDialog):
    """A study, or a folder to score.

    Signals:
        started(object): The job, without a folder of its own yet.
        message(Message): A list dropped on the form could not be read.
    """

    started = Signal(object)
    message = Signal(Message)

    def __init__(self, form: StudyForm | FolderForm, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.form = form
        self.setObjectName(f"{form.objectName()}_dialog")
        self._heading = named(QLabel(), f"{form.objectName()}_heading")
        set_role(self._heading, "title")
        place = "evaluation#study" if isinstance(form, StudyForm) else "evaluation#folder"
        self._help = HelpButton(f"{form.objectName()}_help", place)
        self._note = named(QLabel(), f"{form.objectName()}_note")
        self._note.setWordWrap(True)
        self._start = named(QPushButton(), f"{form.objectName()}_start")
        set_role(self._start, "primary")
        self._start.setDefault(True)
        self._cancel = named(QPushButton(), f"{form.objectName()}_cancel")
        holder = QWidget()
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(24, 4, 24, 8)
        inner.addWidget(form)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(24, 8, 24, 24)
        buttons.setSpacing(8)
        buttons.addWidget(self._note, 1)
        buttons.addWidget(self._cancel)
        buttons.addWidget(self._start)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        head = QHBoxLayout()
        head.setContentsMargins(24, 24, 24, 0)
        head.addWidget(self._heading, 1)
        head.addWidget(self._help)
        layout.addLayout(head)
        layout.addWidget(ColumnScroll(f"{form.objectName()}_scroll", holder), 1)
        layout.addLayout(buttons)
        self._start.clicked.connect(self._on_start)
        self._cancel.clicked.connect(self.reject)
        form.value_changed.connect(self._on_changed)
        if isinstance(form, StudyForm):
            form.message.connect(self.message)
        height = HEIGHT_PX if isinstance(form, StudyForm) else 470
        first = form.findChild(QLineEdit)
        if first is not None:
            first.setFocus()  # what is asked for first, not the way to the guide
        self.resize(WIDTH_PX, min(height, self.screen().availableGeometry().height() - 80))
        self.retranslate()

    def retranslate(self) -> None:
        """Take the language in use."""
        is_study = isinstance(self.form, StudyForm)
        self.setWindowTitle(_("A study of your own") if is_study else _("Score a folder of pictures"))
        self._heading.setText(self.windowTitle())
        self._help.retranslate()
        self._start.setText(_("Start the study") if is_study else _("Score the pictures"))
        describe(self._start, _("Put it into the queue"))
        self._cancel.setText(_("Cancel"))
        describe(self._cancel, _("Close the form and do nothing"))
        self.form.retranslate()
        self._on_changed()

    @Slot()
    def _on_changed(self) -> None:
        problems = self.form.problems()
        self._start.setEnabled(not problems)
        self._note.setText(next(iter(problems.values()), self.form.summary()))
        set_role(self._note, "problem" if problems else "muted")

    @Slot()
    def _on_start(self) -> None:
        if not self.form.problems():
            self.started.emit(self.form.value())
            self.accept()
