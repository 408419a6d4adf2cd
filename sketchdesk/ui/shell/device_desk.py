"""The devices of this machine: those found at an earlier start at once, those there are now soon after."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from sketchdesk.library.devices import Devices, load_devices, save_devices
from sketchdesk.workers.runner import JobRunner


class DeviceDesk(QObject):
    """Tells what is known, and keeps what an engine finds for the next start.

    Signals:
        known(Devices): These are the devices to choose from.
    """

    known = Signal(object)

    def __init__(self, runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        runner.devices_known.connect(self._on_found)

    def look(self) -> None:
        """Tell of those that were found last, and have an engine look where that was too long ago."""
        devices, fresh = load_devices()
        if devices:
            self._runner.set_devices(devices)
            self.known.emit(devices)
        if not fresh:
            self._runner.look_for_devices()

    @Slot(object)
    def _on_found(self, devices: Devices) -> None:
        save_devices(devices)
        self.known.emit(devices)
