"""Looking what has changed on disk, once what is known already is seen: it would take time from it."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from sketchdesk.ui.gallery.catalogue.catalogue import Catalogue
from sketchdesk.ui.gallery.catalogue.finding import Found
from sketchdesk.ui.gallery.grid.thumbnails import Thumbnails

CALM_MS = 300
"""So long no picture must have arrived."""


class CalmWalk(QObject):
    """Walks when it was wished and the pictures in sight are there, or at once where none is known."""

    def __init__(self, thumbnails: Thumbnails, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._catalogue: Catalogue | None = None
        self._is_wished = self._has_found = False
        self._calm = QTimer(self, interval=CALM_MS, singleShot=True)
        self._calm.timeout.connect(self._walk)
        thumbnails.arrived.connect(self._on_arrived)

    def use(self, catalogue: Catalogue) -> None:
        """Walk with this catalogue from now on."""
        self._catalogue, self._has_found = catalogue, False
        catalogue.found.connect(self._on_found)

    def wish(self) -> None:
        """Walk soon."""
        self._is_wished = True
        if self._has_found:
            self._calm.start()

    def shutdown(self) -> None:
        """Walk no more."""
        self._calm.stop()

    @Slot(object)
    def _on_found(self, found: Found) -> None:
        if self._has_found:
            return
        self._has_found = True
        if self._is_wished:
            self._calm.start() if found.total else self._walk()

    @Slot()
    def _on_arrived(self) -> None:
        if self._calm.isActive():
            self._calm.start()

    @Slot()
    def _walk(self) -> None:
        self._is_wished = False
        if self._catalogue:
            self._catalogue.walk(asked=False)
