"""The first page of the gallery: what is looked for, what is found, and why there may be nothing."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.ui.gallery.catalogue.finding import Found
from sketchdesk.ui.gallery.catalogue.reading_bar import ReadingBar
from sketchdesk.ui.gallery.doing.unsaved_bar import UnsavedBar
from sketchdesk.ui.gallery.filters.filter_bar import FilterBar
from sketchdesk.ui.gallery.grid.cells import CellsModel
from sketchdesk.ui.gallery.grid.grid import Grid
from sketchdesk.ui.gallery.grid.thumbnails import Thumbnails
from sketchdesk.ui.gallery.tool_row import ToolRow
from sketchdesk.ui.naming import named
from sketchdesk.ui.widgets.empty import EmptyState


class GalleryDesk(QWidget):
    """Filters and tools above the grid.

    Signals:
        first_drawing_wished(): There is nothing yet, and the person wants to draw.
    """

    first_drawing_wished = Signal()

    def __init__(self, cells: CellsModel, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gallery_desk")
        self._cells = cells
        self._found: Found | None = None
        self._walked, self._drawing = False, False
        self.filters, self.tools, self.grid = FilterBar(), ToolRow(), Grid(cells, thumbnails)
        self.unsaved = UnsavedBar()
        self._nothing_yet = EmptyState("gallery_nothing_yet", "image-plus")
        self._first_comes = EmptyState("gallery_first_comes", "brush")
        self._nothing_found = EmptyState("gallery_nothing_found", "search")
        self.reading = ReadingBar()
        self._pages = named(QStackedWidget(), "gallery_desk_pages")
        self.filters.tools.addWidget(self.tools)
        for page in (self.grid, self._nothing_yet, self._first_comes, self._nothing_found):
            self._pages.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.filters)
        framed = QVBoxLayout()
        framed.setContentsMargins(16, 8, 16, 0)
        framed.addWidget(self.unsaved)
        layout.addLayout(framed)
        layout.addWidget(self.reading)
        layout.addWidget(self._pages, 1)
        self.grid.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tools.details.setChecked(True)
        self.tools.zoom.setValue(self.grid.zoom_px)
        self.tools.zoom.valueChanged.connect(self.grid.set_zoom)
        self.grid.zoom_changed.connect(self.tools.zoom.setValue)
        self._nothing_yet.pressed.connect(self.first_drawing_wished)
        self._nothing_found.pressed.connect(self.filters.clear)
        self.retranslate()

    def retranslate(self) -> None:
        """Take the language in use."""
        for part in (self.filters, self.tools, self.unsaved, self.reading, self.grid):
            part.retranslate()
        self._nothing_yet.set_text(
            _("No pictures yet"),
            _("Every picture you draw appears here, with all it takes to draw it again."),
            _("Draw the first picture"),
            _("Draw what the prompt panel holds"),
        )
        self._first_comes.set_text(
            _("The first picture is on its way"),
            _("The engine is starting and loads the model; the line below tells how far it is."),
        )
        self._nothing_found.set_text(
            _("Nothing found"),
            _("No picture fits the search and the filters."),
            _("Show all pictures"),
            _("Clear the search and the filters"),
        )

    def set_found(self, found: Found) -> None:
        """Show how many there are, and the grid or why it is empty."""
        self._found = found
        self.filters.set_found(found)
        self.choose()

    def set_drawing(self, drawing: bool) -> None:
        """Take note whether something is being drawn."""
        self._drawing = drawing
        self.choose()

    @Slot(bool)
    def set_walking(self, walking: bool) -> None:
        """Take note that the folders are being read through: that there is nothing is not known before."""
        self._walked = self._walked or not walking
        self.choose()

    def choose(self) -> None:
        """Show the grid, or why it is empty."""
        wanted: QWidget = self.grid
        if self._found and not self._cells.rowCount():
            if self.filters.narrows() and self._found.total:
                wanted = self._nothing_found
            elif self._walked:
                wanted = self._first_comes if self._drawing else self._nothing_yet
        self._pages.setCurrentWidget(wanted)
