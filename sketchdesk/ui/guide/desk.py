"""Where any part of the window asks for a page of the guide, and the small button that does."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QToolButton, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role


class GuideDesk(QObject):
    """Passes on what is asked for; there is one, `guide_desk()`.

    Signals:
        asked(str): A page is wanted, as library.guide.pages.place_of() reads it: "drawing#seeds".
    """

    asked = Signal(str)


class HelpButton(QToolButton):
    """A question mark that opens the guide where it speaks of what stands beside it."""

    def __init__(self, name: str, place: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, name)
        self._place = place
        set_role(self, "flat")
        set_icon(self, "circle-help", "muted")
        self.clicked.connect(self._on_clicked)
        self.retranslate()

    def retranslate(self) -> None:
        """Take the language in use."""
        describe(self, _("What is this? Open the guide at this place"))

    @Slot()
    def _on_clicked(self) -> None:
        guide_desk().asked.emit(self._place)


_desk: GuideDesk | None = None


def guide_desk() -> GuideDesk:
    """Return the one desk."""
    global _desk
    if _desk is None:
        _desk = GuideDesk()
    return _desk
