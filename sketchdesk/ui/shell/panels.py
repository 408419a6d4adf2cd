"""All panels of the window: told the same things, whichever of them are there by now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from PySide6.QtCore import QObject, Slot

from sketchdesk.library.devices import Devices
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.ui.turns import Turns


class Panels(QObject):
    """Holds the panels by name. What is seen hears of another language at once, the rest a part a turn."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._by_name: dict[str, Any] = {}
        self._speaking = Turns(parent=self)

    def add(self, name: str, panel: object) -> None:
        """Take in a panel."""
        self._by_name[name] = panel

    def items(self) -> Iterable[tuple[str, Any]]:
        """Return names and panels."""
        return self._by_name.items()

    def __iter__(self) -> Iterator[Any]:
        """Go through the panels, in the order in which they came."""
        return iter(self._by_name.values())

    @Slot(object)
    def set_models(self, models: list[ModelEntry]) -> None:
        """Offer these models; the gallery knows its own."""
        for panel in self._all_but("gallery"):
            panel.set_models(models)

    @Slot(object)
    def set_devices(self, devices: Devices) -> None:
        """Offer these devices to work on."""
        for panel in self._all_but("gallery", "models"):
            panel.set_devices(devices)

    def retranslate(self, *others: Any) -> None:
        """Have the panels, and other parts of the window, take the language in use."""
        parts = [*self, *others]
        seen = [part for part in parts if part.isVisible()]
        for part in seen:
            part.retranslate()
        self._speaking.take(_retranslated([part for part in parts if part not in seen]))

    def finish_retranslating(self) -> None:
        """Have the rest take the language now: one of them is about to be seen."""
        self._speaking.finish()

    def shutdown(self) -> None:
        """End every panel."""
        self._speaking.stop()
        for panel in self:
            panel.shutdown()

    def _all_but(self, *names: str) -> list[Any]:
        return [panel for name, panel in self.items() if name not in names]


def _retranslated(parts: Iterable[Any]) -> Iterator[None]:
    for part in parts:
        part.retranslate()
        yield
