"""What the data set page shows while a set is looked through: how far, a button that stops it, one that begins anew."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.contracts.text import _
from sketchdesk.library.dataset.survey import Survey
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.numbers import number_text, size_text
from sketchdesk.ui.training.dataset.set_looking import Looking
from sketchdesk.workers.own_thread import Stopped

BAR_PX = 360
BAR_STEPS = 1000


class SetWaiting(QWidget):
    """Looks through the set of a training in a thread. `look` begins, `stop` ends it.

    Signals:
        found(Survey): It is done.
        began(): A look has begun.
    """

    found = Signal(Survey)
    began = Signal()

    def __init__(self, job: TrainJob, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dataset_waiting")
        self._job = job
        self.looking: Looking | None = None
        self._status = named(QLabel(), "dataset_status")
        self._status.setWordWrap(True)
        self._status.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._bar = named(QProgressBar(), "dataset_progress")
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(BAR_PX)
        self._cancel = named(QPushButton(), "dataset_cancel")
        self._again = named(QPushButton(), "dataset_again")
        middle = QVBoxLayout(self)
        middle.setSpacing(12)
        middle.addStretch(1)
        middle.addWidget(self._status)
        for widget in (self._bar, self._cancel, self._again):
            middle.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        middle.addStretch(1)
        self._cancel.clicked.connect(self._on_cancel)
        self._again.clicked.connect(self.look)

    def retranslate(self) -> None:
        """Take the language in use."""
        self._cancel.setText(_("Cancel"))
        describe(self._cancel, _("Stop looking; what is known of pictures till now is remembered"))
        self._again.setText(_("Look again"))
        describe(self._again, _("Look through the data set once more"))

    @Slot()
    def look(self) -> None:
        """Look through the set."""
        self._show(_("Looking through the pictures …"), is_looking=True)
        self._bar.setRange(0, 0)
        self.looking = Looking(self._job)
        self.looking.told.connect(self._on_told)
        self.looking.fetched.connect(self._on_fetched)
        self.looking.found.connect(self._on_found)
        self.looking.failed.connect(self._on_failed)
        self.began.emit()
        self.looking.start()

    def stop(self) -> None:
        """End the look at the next picture."""
        if self.looking:
            self.looking.stop()

    def _show(self, text: str, is_looking: bool) -> None:
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

    @Slot(object, object)
    def _on_fetched(self, done: int, total: int) -> None:
        self._bar.setRange(0, BAR_STEPS)
        self._bar.setValue(BAR_STEPS * done // max(1, total))
        text = _("Downloading the data set: {size} of {total}")
        self._status.setText(text.format(size=size_text(done), total=size_text(total)))

    @Slot(object)
    def _on_found(self, survey: Survey) -> None:
        self.found.emit(survey)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, Stopped):
            self._show(_("Looking was stopped."), is_looking=False)
        elif isinstance(error, SketchDeskError):
            self._show(f"{error.message} {error.next_step}", is_looking=False)
        else:
            self._show(_("The data set could not be looked through."), is_looking=False)
            raise error

    @Slot()
    def _on_cancel(self) -> None:
        self.stop()
        self._cancel.setVisible(False)
