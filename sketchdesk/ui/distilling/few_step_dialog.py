"""The wizard that makes a model few-step: the form, what it will need beside it, and the button that starts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from sketchdesk.contracts.events import DeviceFound
from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.contracts.text import _
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.ui.distilling.few_step_forecast import FewStepForecast
from sketchdesk.ui.distilling.few_step_form import FewStepForm
from sketchdesk.ui.guide.desk import HelpButton
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.column_scroll import ColumnScroll
from sketchdesk.ui.widgets.dialog_frame import fill_dialog, foot_row
from sketchdesk.workers.background import Background

SIZE_PX = QSize(880, 740)
BESIDE_PX = 264


class FewStepDialog(QDialog):
    """Begins with a job that may lack anything.

    Signals:
        started(DistillJob, str): It is to be made, without a folder of its own yet, under this title.
    """

    started = Signal(object, str)

    def __init__(
        self, job: DistillJob, models: Sequence[ModelEntry], devices: Sequence[DeviceFound] = (),
        num_threads: int | None = None, parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setObjectName("few_step_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._background = Background(self)
        self._heading, self._hint = named(QLabel(), "few_step_heading"), named(QLabel(), "few_step_hint")
        set_role(self._heading, "title")
        set_role(self._hint, "muted")
        self._hint.setWordWrap(True)
        self._help = HelpButton("few_step_help", "one-step")
        self.form, self.forecast = FewStepForm(self._background), FewStepForecast(self._background, num_threads)
        self._note = named(QLabel(), "few_step_problem")
        set_role(self._note, "problem")
        self._note.setWordWrap(True)
        self._cancel, self._start = named(QPushButton(), "few_step_cancel"), named(QPushButton(), "few_step_start")
        set_role(self._start, "primary")
        self._build()
        self.form.set_models(models)
        self.form.set_devices(devices)
        self.form.value_changed.connect(self._on_changed)
        self.forecast.told.connect(self.form.set_told)
        self._start.clicked.connect(self._on_start)
        self._cancel.clicked.connect(self.reject)
        self.finished.connect(self._background.shutdown)
        self.form.set_value(job)
        self.retranslate()
        self.form.setFocus()  # what is asked for first, not the way to the guide
        self.resize(SIZE_PX.boundedTo(self.screen().availableGeometry().size() - QSize(40, 60)))

    def _build(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._heading, 1)
        head.addWidget(self._help)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 16, 0)
        column.addWidget(self.form)
        beside = QFrame()
        beside.setFixedWidth(BESIDE_PX)
        right = QVBoxLayout(beside)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(12)
        right.addWidget(self.forecast)
        right.addWidget(self._hint)
        right.addStretch(1)
        body = QHBoxLayout()
        body.setSpacing(16)
        body.addWidget(ColumnScroll("few_step_scroll", inside), 1)
        body.addWidget(beside)
        fill_dialog(self, [head, body], foot_row([self._note], [self._cancel, self._start]), grows=body)

    def retranslate(self) -> None:
        """Take the language in use."""
        self.setWindowTitle(_("Make a model few-step"))
        self._heading.setText(self.windowTitle())
        self._hint.setText(
            _("First the teacher draws pairs of noise and picture, then a student learns to go from one to the other. "
              "It can be paused and stopped at any time; pairs and steps that are done stay done.")
        )  # fmt: skip
        self._start.setText(_("Make it"))
        describe(self._start, _("Start, or put it into the queue behind what works"))
        self._cancel.setText(_("Cancel"))
        describe(self._cancel, _("Close the form and do nothing"))
        for part in (self._help, self.form, self.forecast):
            part.retranslate()
        self._on_changed()

    @Slot()
    def _on_changed(self) -> None:
        problems = self.form.problems
        self._note.setText(problems[0] if problems else "")
        self._start.setEnabled(not problems)
        self.forecast.set_job(self.form.value())

    @Slot()
    def _on_start(self) -> None:
        if not self.form.problems:
            self.started.emit(self.form.value(), self.form.title)
            self.accept()
