"""The gallery's pages - the grid, a picture in full, two compared - with what is known of the picture beside them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QSizePolicy, QSplitter, QStackedWidget, QWidget

from sketchdesk.library.window_state import JSON
from sketchdesk.ui.gallery.gallery_desk import GalleryDesk
from sketchdesk.ui.gallery.grid.cells import CellsModel
from sketchdesk.ui.gallery.grid.grid import Grid
from sketchdesk.ui.gallery.grid.thumbnails import Thumbnails
from sketchdesk.ui.gallery.viewing.full_view import FullView
from sketchdesk.ui.gallery.viewing.inspector import Inspector
from sketchdesk.ui.naming import named

if TYPE_CHECKING:
    from sketchdesk.ui.gallery.comparing.compare_page import ComparePage


class GalleryView(QSplitter):
    """Shows one page at a time; what they hold is for others to say.

    Signals:
        comparing_made(ComparePage): The page that compares is there now; it is made when it is first needed.
    """

    comparing_made = Signal(object)

    def __init__(
        self, cells: CellsModel, thumbnails: Thumbnails, originals: Thumbnails, parent: QWidget | None = None
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setObjectName("gallery_splitter")
        self._details = True
        """Whether the panel at the right is wanted; beside a comparison there is no room for it."""
        self._empty = False
        self._originals = originals
        self.desk, self.inspector = GalleryDesk(cells, thumbnails), Inspector()
        self.full = FullView(originals)
        self.pages = named(QStackedWidget(), "gallery_pages")
        for page in (self.desk, self.full):
            self.pages.addWidget(page)
        self.addWidget(self.pages)
        self.addWidget(self.inspector)
        self.setStretchFactor(0, 1)
        self.setChildrenCollapsible(False)
        self.setSizes([700, self.inspector.sizeHint().width()])
        self.pages.currentChanged.connect(self._arrange)
        self.desk.tools.details.clicked.connect(self.toggle_details)

    @cached_property
    def comparing(self) -> ComparePage:
        """The page that compares two pictures."""
        from sketchdesk.ui.gallery.comparing.compare_page import ComparePage

        page = ComparePage(self._originals)
        self.pages.addWidget(page)
        self.comparing_made.emit(page)
        return page

    def has_comparing(self) -> bool:
        """Tell whether the page that compares is made."""
        return "comparing" in self.__dict__

    def retranslate(self) -> None:
        """Take the language in use."""
        for part in (self.desk, self.inspector, self.full):
            part.retranslate()
        if self.has_comparing():
            self.comparing.retranslate()

    # --- pages ---------------------------------------------------------------------------------------------------

    def shows_grid(self) -> bool:
        """Tell whether the grid is on show."""
        return self.pages.currentWidget() is self.desk

    def shows_full(self) -> bool:
        """Tell whether a picture is, in full."""
        return self.pages.currentWidget() is self.full

    def shows_comparison(self) -> bool:
        """Tell whether two pictures are."""
        return self.has_comparing() and self.pages.currentWidget() is self.comparing

    def go_to_grid(self) -> None:
        """Show the grid."""
        self.pages.setCurrentWidget(self.desk)
        self.desk.grid.setFocus()

    def go_to_full(self) -> None:
        """Show a picture in full."""
        self.pages.setCurrentWidget(self.full)
        self.full.setFocus()

    def go_to_comparison(self) -> None:
        """Show two pictures."""
        self.pages.setCurrentWidget(self.comparing)
        self.comparing.setFocus()

    @Slot()
    def zoom_in(self) -> None:
        """Show larger what is seen: cells, or a picture."""
        self._zoomed().zoom_in()

    @Slot()
    def zoom_out(self) -> None:
        """Show smaller what is seen."""
        self._zoomed().zoom_out()

    def _zoomed(self) -> Grid | FullView | ComparePage:
        if self.shows_grid():
            return self.desk.grid
        return self.full if self.shows_full() else self.comparing

    # --- the panel at the right ----------------------------------------------------------------------------------

    def shows_details(self) -> bool:
        """Tell whether the panel is wanted."""
        return self._details

    @Slot()
    def toggle_details(self) -> None:
        """Show or hide the panel."""
        self._details = not self._details
        self._arrange()

    def set_empty(self, empty: bool) -> None:
        """Hide the panel while there is no picture at all."""
        self._empty = empty
        self._arrange()

    @Slot()
    def _arrange(self) -> None:
        self.desk.tools.details.setChecked(self._details)
        self.inspector.setVisible(self._details and not self._empty and not self.shows_comparison())
        shown = self.pages.currentWidget()
        for page in (self.pages.widget(place) for place in range(self.pages.count())):
            # What a hidden page needs must not take the room of the panel.
            wanted = QSizePolicy.Policy.Preferred if page is shown else QSizePolicy.Policy.Ignored
            if page is not None:
                page.setSizePolicy(wanted, QSizePolicy.Policy.Preferred)

    # --- remembering ---------------------------------------------------------------------------------------------

    def save_state(self) -> dict[str, JSON]:
        """Return how it looks."""
        return {"zoom_px": self.desk.grid.zoom_px, "details": self._details, "splitter": list(self.sizes())}

    def restore_look(self, state: dict[str, JSON]) -> None:
        """Look as an earlier window did; what cannot be understood is left as it is."""
        match state.get("zoom_px"):
            case int(zoom):
                self.desk.grid.set_zoom(zoom)
        match state.get("splitter"):
            case [int(left), int(right)] if left > 0 and right > 0:
                self.setSizes([left, right])
        self._details = state.get("details") is not False
        self._arrange()
