"""The queue in one line: what is at work, how far, how long still, and what waits."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QToolButton, QWidget

from sketchdesk.contracts.text import N_, _, ngettext
from sketchdesk.library.runs.state import ACTIVE, RunState
from sketchdesk.ui.actions import ActionSpec
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.queue.queue_model import QueueModel
from sketchdesk.ui.theme import fonts
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.elided import ElidedLabel
from sketchdesk.workers.runner import JobRunner

HEIGHT_PX = 44
PARTS = 1000


class QueueStrip(QFrame):
    """Follows the queue's model, which is refreshed ten times a second at most; a click opens the list.

    Signals:
        list_toggled(): The list of jobs should open, or close.
    """

    list_toggled = Signal()

    def __init__(self, runner: JobRunner, model: QueueModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("queue_strip")
        set_role(self, "foot")
        self.setFixedHeight(HEIGHT_PX)
        self._runner = runner
        self._model = model
        self._title = named(ElidedLabel(minimum_px=80), "strip_title")
        set_role(self._title, "heading")
        self._progress = named(ElidedLabel(minimum_px=100), "strip_progress")
        self._progress.setFont(fonts.tabular(self._progress.font()))
        set_role(self._progress, "muted")
        self._bar = named(QProgressBar(), "strip_bar")
        self._bar.setTextVisible(False)
        self._hold = named(QPushButton(), "strip_hold_button")
        self._stop = named(QPushButton(), "strip_stop_button")
        self._others = named(QLabel(), "strip_others")
        set_role(self._others, "muted")
        self._list = named(QToolButton(), "strip_list_button")
        self._build_layout()
        self._hold.clicked.connect(self._on_hold)
        self._stop.clicked.connect(self._on_stop)
        self._list.clicked.connect(self.list_toggled)
        for signal in (model.dataChanged, model.modelReset):
            signal.connect(self._show)
        self.retranslate()

    @property
    def lead(self) -> str | None:
        """The job on show: the first that is at work."""
        return next(iter(self._at_work()), None)

    def action_specs(self) -> list[ActionSpec]:
        """Return what can be done about the job that is at work."""
        has_lead = self._has_lead
        return [
            ActionSpec("queue_toggle", N_("Show the list of jobs"), "queue", self.list_toggled.emit, "Ctrl+J",
                       icon="list-ordered", is_checked=self._list.isChecked),
            ActionSpec("strip_hold", N_("Pause or resume what is at work"), "queue", self._on_hold, "F8",
                       is_enabled=has_lead, icon="pause"),
            ActionSpec("strip_stop", N_("Stop what is at work"), "queue", self._on_stop, "Ctrl+.",
                       is_enabled=has_lead, icon="circle-stop"),
        ]  # fmt: skip

    def set_list_open(self, is_open: bool) -> None:
        """Show on the button whether the list is open."""
        self._list.setChecked(is_open)
        set_icon(self._list, "chevron-down" if is_open else "chevron-up", "muted")

    def retranslate(self) -> None:
        """Take the language in use."""
        describe(self._list, _("Show the list of jobs"))
        describe(self._bar, _("How much of the job is done"))
        self._stop.setText(_("Stop"))
        describe(self._stop, _("Stop this job; what is finished is kept"))
        self._show()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open the list wherever the strip is clicked."""
        self.list_toggled.emit()

    def _build_layout(self) -> None:
        self._bar.setRange(0, PARTS)
        self._bar.setMinimumWidth(80)
        self._bar.setMaximumWidth(260)
        self._bar.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        for button in (self._hold, self._stop):
            set_role(button, "chip")
        set_icon(self._stop, "square", "muted")
        set_role(self._list, "flat")
        self._list.setCheckable(True)
        self.set_list_open(False)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 0, 16, 0)
        layout.setSpacing(12)
        layout.addWidget(self._title)
        layout.addWidget(self._progress)
        layout.addWidget(self._bar, 1)
        layout.addWidget(self._hold)
        layout.addWidget(self._stop)
        layout.addStretch(1)
        layout.addWidget(self._others)
        layout.addWidget(self._list)

    def _at_work(self) -> list[str]:
        return [job_id for job_id in self._runner.job_ids() if self._runner.state(job_id) in ACTIVE]

    def _has_lead(self) -> bool:
        return self.lead is not None

    @Slot()
    def _show(self) -> None:
        at_work = self._at_work()
        waiting = sum(self._runner.state(job_id) is RunState.QUEUED for job_id in self._runner.job_ids())
        self._others.setText(_others_text(len(at_work) - 1, waiting))
        for widget in (self._progress, self._bar, self._hold, self._stop):
            widget.setVisible(bool(at_work))
        set_role(self._title, "heading" if at_work else "muted")
        if not at_work:
            self._offer_hold(False)
            self._title.set_full_text(_("Nothing is at work."))
            return
        lead = at_work[0]
        state = self._runner.state(lead)
        self._title.set_full_text(self._model.title(lead))
        self._progress.set_full_text(self._model.progress_text(lead))
        self._bar.setValue(round((self._model.fraction(lead) or 0.0) * PARTS))
        self._offer_hold(state is RunState.PAUSED)
        self._hold.setEnabled(state is not RunState.CANCELLING)
        self._stop.setEnabled(state is not RunState.CANCELLING)

    def _offer_hold(self, paused: bool) -> None:
        text = _("Resume") if paused else _("Pause")
        if self._hold.text() != text:  # asked ten times a second
            self._hold.setText(text)
            set_icon(self._hold, "play" if paused else "pause", "muted")
            describe(self._hold, _("Go on with this job") if paused else _("Hold this job at its next step"))

    @Slot()
    def _on_hold(self) -> None:
        if lead := self.lead:
            _done = self._runner.pause(lead) or self._runner.resume(lead)

    @Slot()
    def _on_stop(self) -> None:
        if lead := self.lead:
            self._runner.cancel(lead)


def _others_text(more: int, waiting: int) -> str:
    """Return what else there is: how many jobs work on other devices, and how many wait."""
    parts = []
    if more > 0:
        parts.append(ngettext("+{count} at work", "+{count} at work", more).format(count=more))
    if waiting:
        parts.append(ngettext("{count} waiting", "{count} waiting", waiting).format(count=waiting))
    return " · ".join(parts)
