"""The right end of the foot: what the engine does, and how much memory and disk are left."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from sketchdesk.contracts.events import JobStarted, MetricLogged
from sketchdesk.contracts.text import _
from sketchdesk.library.runs.state import ACTIVE, RunState
from sketchdesk.library.system import LOW_DISK_GIB, SystemLoad
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.numbers import gib_text
from sketchdesk.ui.theme import fonts
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.workers.runner import JobRunner

REFRESH_MS = 1000
SEPARATION_PX = 16


class StatusLine(QWidget):
    """Engine, graphics memory (when an engine tells it), system memory, disk."""

    def __init__(self, runner: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status_line")
        self._runner = runner
        self._load: SystemLoad | None = None
        self._devices: dict[str, str] = {}
        """The graphics card each job works on."""
        self._card: tuple[str, float] | None = None
        """The card in use and the GiB an engine took of it."""
        self._engine, self._gpu, self._memory, self._disk = (
            named(QLabel(), f"status_{name}") for name in ("engine", "gpu", "memory", "disk")
        )
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SEPARATION_PX)
        for label in (self._engine, self._gpu, self._memory, self._disk):
            label.setFont(fonts.tabular(label.font()))
            set_role(label, "muted")
            layout.addWidget(label)
        self._timer = QTimer(self, interval=REFRESH_MS)
        self._timer.timeout.connect(self._show)
        self._timer.start()
        runner.job_started.connect(self._on_started)
        runner.metric_logged.connect(self._on_metric)
        runner.job_state_changed.connect(self._on_state)
        self.retranslate()

    @Slot(object)
    def show_load(self, load: SystemLoad) -> None:
        """Show a new reading of the machine."""
        self._load = load
        self._show()

    def retranslate(self) -> None:
        """Take the language in use."""
        describe(self._engine, _("Whether an engine is at work, or up and ready for the next job"))
        describe(self._gpu, _("Memory of the graphics card that the job uses"))
        describe(self._memory, _("System memory in use, by all programs"))
        describe(self._disk, _("Free space on the disk of the data folder"))
        self._show()

    @Slot()
    def _show(self) -> None:
        self._engine.setText(self._engine_text())
        self._gpu.setVisible(self._card is not None)
        if self._card:
            self._gpu.setText(self._card_text(*self._card))
        load = self._load
        self._memory.setVisible(load is not None)
        self._disk.setVisible(load is not None and load.disk_free_gib is not None)
        if load is None:
            return
        values = {"used": gib_text(load.memory_used_gib), "total": gib_text(load.memory_total_gib)}
        self._memory.setText(_("RAM {used} / {total} GiB").format(**values))
        if load.disk_free_gib is not None:
            self._disk.setText(_("disk {free} GiB free").format(free=gib_text(load.disk_free_gib)))
            set_role(self._disk, "warning" if load.disk_free_gib < LOW_DISK_GIB else "muted")

    def _engine_text(self) -> str:
        if any(self._runner.state(job_id) in ACTIVE for job_id in self._runner.job_ids()):
            return _("engine at work")
        return _("engine ready") if self._runner.is_warm else _("engine asleep")

    def _card_text(self, device: str, used_gib: float) -> str:
        total = next((found.memory_gib for found in self._runner.devices if found.device == device), None)
        if total is None:
            return _("{device} {used} GiB").format(device=device, used=gib_text(used_gib))
        values = {"device": device, "used": gib_text(used_gib), "total": gib_text(total)}
        return _("{device} {used} / {total} GiB").format(**values)

    @Slot(JobStarted)
    def _on_started(self, event: JobStarted) -> None:
        if event.device and event.device.startswith("cuda"):
            self._devices[event.job_id] = event.device

    @Slot(MetricLogged)
    def _on_metric(self, event: MetricLogged) -> None:
        # A thousand of these may come in a second: only noted here, shown by the timer.
        device = self._devices.get(event.job_id)
        if device and "memory_gib" in event.values:
            self._card = (device, event.values["memory_gib"])

    @Slot(str, RunState)
    def _on_state(self, job_id: str, state: RunState) -> None:
        if state not in ACTIVE and job_id in self._devices:
            del self._devices[job_id]
            self._card = None
        self._show()
