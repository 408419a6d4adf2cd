"""The devices of this machine: what is known of them, and one look at a time."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal, Slot

from sketchdesk.contracts.events import DeviceFound, JobEnded, Notice
from sketchdesk.workers.engine_process import Graces
from sketchdesk.workers.probe import DeviceProbe


class DeviceDesk(QObject):
    """Knows the devices, and has an engine look for them.

    Signals:
        known(tuple): An engine has looked: the devices, the best first.
        refused(Notice): Why it could not.
    """

    known = Signal(object)
    refused = Signal(Notice)

    def __init__(
        self, command: Sequence[str] | None = None, graces: Graces | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._command, self._graces = command, graces
        self._probe: DeviceProbe | None = None
        self._closed = False
        self.devices: tuple[DeviceFound, ...] = ()
        """As far as they are known, the best first."""

    def look(self) -> None:
        """Have an engine look, unless one is at it."""
        if self._probe is None and not self._closed:
            self._probe = DeviceProbe(self._command, self._graces, self)
            self._probe.finished.connect(self._on_finished)

    def close(self) -> None:
        """End the look, if there is one; nothing is told afterwards."""
        self._closed = True
        if self._probe:
            self._probe.close()

    @Slot(object, object)
    def _on_finished(self, devices: tuple[DeviceFound, ...], ended: JobEnded) -> None:
        if self._probe:
            self._probe.close()
            self._probe.deleteLater()
            self._probe = None
        if devices:
            self.devices = devices
            self.known.emit(devices)
        elif ended.message:
            self.refused.emit(Notice(message=f"{ended.message} {ended.next_step}".strip(), level="warning"))
