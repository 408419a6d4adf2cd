"""The guide in a window of its own, to be read beside the work."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from sketchdesk.contracts.text import _, language, ngettext
from sketchdesk.library.files.loose import number, text
from sketchdesk.library.guide.pages import PAGES, Place, place_of, read_page
from sketchdesk.ui.geometry import geometry_text, restore_geometry
from sketchdesk.ui.guide.contents import Contents
from sketchdesk.ui.guide.history import History
from sketchdesk.ui.guide.page_view import ZOOMS, PageView
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.numbers import number_text
from sketchdesk.ui.shell.top_bar import window_icon
from sketchdesk.ui.theme.fonts import tabular
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role

FIRST_PX = (1060, 760)
SMALLEST_PX = (560, 380)
CONTENTS_PX = 260
ALONE_PX = 40
KEYS = {
    "back": "Alt+Left", "forward": "Alt+Right", "search": "Ctrl+F", "larger": "Ctrl++", "smaller": "Ctrl+-",
    "usual": "Ctrl+0",
}  # fmt: skip
"""What the keys of the window do."""


class GuideWindow(QDialog):
    """Contents and search at the left, the page at the right. It has no parent, so that it never covers the work."""

    def __init__(self) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self.setObjectName("guide_window")
        self.setWindowIcon(window_icon())
        self.setMinimumSize(*SMALLEST_PX)
        self.resize(*FIRST_PX)
        self._history = History(Place(PAGES[0]))
        self.back, self.forward = QToolButton(), QToolButton()
        self.smaller, self.larger = QToolButton(), QToolButton()
        self.search = named(QLineEdit(), "guide_search")
        self._found = named(QLabel(), "guide_found")
        self._zoom_text = named(QLabel(), "guide_zoom")
        self.contents, self.view = Contents(), PageView()
        self._splitter = named(QSplitter(Qt.Orientation.Horizontal), "guide_splitter")
        self._build()
        self._connect()
        self.retranslate()

    @property
    def place(self) -> Place:
        """What is read."""
        return self._history.place

    @Slot(object)
    def show_place(self, place: Place) -> None:
        """Go to a place; the way back leads to where one was."""
        self._history.leave(Place(self.place.page, self.view.anchor_in_sight()))
        self._history.go(place)
        self._show()

    def save_state(self) -> dict[str, Any]:
        """Return what is read, how large, and where the window stands."""
        return {"place": str(self.place), "zoom": self.view.zoom, "geometry": geometry_text(self)}

    def restore_state(self, state: dict[str, Any]) -> None:
        """Stand as before; what makes no sense is passed over."""
        zoom = number(state.get("zoom"))
        if zoom is not None and zoom in ZOOMS:
            self._set_zoom(ZOOMS.index(zoom))
        restore_geometry(self, state.get("geometry"))
        place = place_of(text(state.get("place")))
        if place is not None:
            self._history = History(place)
            self._show()

    def retranslate(self) -> None:
        """Take the language in use, also for what is read."""
        self.setWindowTitle(_("Guide"))
        for button, name, sentence in (
            (self.back, "back", _("Back to where I was")), (self.forward, "forward", _("Forward again")),
            (self.smaller, "smaller", _("Smaller letters")), (self.larger, "larger", _("Larger letters")),
        ):  # fmt: skip
            keys = QKeySequence(KEYS[name]).toString(QKeySequence.SequenceFormat.NativeText)
            describe(button, f"{sentence} ({keys})")
        self.search.setPlaceholderText(_("Search the guide"))
        describe(self.search, _("Words to look for in all pages; Enter goes to the first place"))
        self.view.setAccessibleName(_("The page"))
        self.contents.retranslate()
        self._on_search()
        self._show()

    # --- building ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        for button, name, icon in (
            (self.back, "back", "arrow-left"), (self.forward, "forward", "arrow-right"),
            (self.smaller, "smaller", "zoom-out"), (self.larger, "larger", "zoom-in"),
        ):  # fmt: skip
            named(button, f"guide_{name}_button")
            set_role(button, "flat")
            set_icon(button, icon, "text")
        self.search.setClearButtonEnabled(True)
        set_role(self._found, "small")
        set_role(self._zoom_text, "small")
        self._zoom_text.setFont(tabular(self._zoom_text.font()))
        self._zoom_text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._zoom_text.setMinimumWidth(ALONE_PX)
        self._splitter.addWidget(self._left())
        self._splitter.addWidget(self._right())
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setSizes([CONTENTS_PX, FIRST_PX[0] - CONTENTS_PX])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._splitter)

    def _left(self) -> QWidget:
        panel = QFrame()
        set_role(panel, "panel")
        panel.setMinimumWidth(CONTENTS_PX - 80)
        column = QVBoxLayout(panel)
        column.setContentsMargins(12, 12, 8, 8)
        column.setSpacing(8)
        for widget in (self.search, self._found, self.contents):
            column.addWidget(widget)
        return panel

    def _right(self) -> QWidget:
        bar = QFrame()
        set_role(bar, "bar")
        row = QHBoxLayout(bar)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(4)
        row.addWidget(self.back)
        row.addWidget(self.forward)
        row.addStretch(1)
        for widget in (self.smaller, self._zoom_text, self.larger):
            row.addWidget(widget)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.view, 1)
        return right

    def _connect(self) -> None:
        self.back.clicked.connect(self._on_back)
        self.forward.clicked.connect(self._on_forward)
        self.smaller.clicked.connect(self._on_smaller)
        self.larger.clicked.connect(self._on_larger)
        self.search.textChanged.connect(self._on_search)
        self.search.returnPressed.connect(self._on_enter)
        self.contents.chosen.connect(self.show_place)
        self.view.place_wanted.connect(self.show_place)
        self.view.zoom_wanted.connect(self._on_zoom)
        slots = {
            "back": self._on_back, "forward": self._on_forward, "search": self._on_find, "larger": self._on_larger,
            "smaller": self._on_smaller, "usual": self._on_usual,
        }  # fmt: skip
        for name, slot in slots.items():
            QShortcut(QKeySequence(KEYS[name]), self).activated.connect(slot)

    # --- what the person wishes ----------------------------------------------------------------------------------

    @Slot()
    def _on_back(self) -> None:
        if self._history.back(Place(self.place.page, self.view.anchor_in_sight())):
            self._show()

    @Slot()
    def _on_forward(self) -> None:
        if self._history.forward(Place(self.place.page, self.view.anchor_in_sight())):
            self._show()

    @Slot()
    def _on_search(self) -> None:
        wanted = self.search.text().strip()
        count = self.contents.search(wanted)
        words = ngettext("{count} place", "{count} places", count).format(count=number_text(count))
        self._found.setText(words if count else _("Nothing found"))
        self._found.setVisible(bool(wanted))
        self.contents.show_page(self.place)
        self.view.mark(wanted)

    @Slot()
    def _on_enter(self) -> None:
        place = self.contents.first()
        if self.search.text().strip() and place is not None:
            self.show_place(place)

    @Slot()
    def _on_find(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    @Slot(int)
    def _on_zoom(self, by: int) -> None:
        self._set_zoom(ZOOMS.index(self.view.zoom) + by)

    @Slot()
    def _on_larger(self) -> None:
        self._on_zoom(1)

    @Slot()
    def _on_smaller(self) -> None:
        self._on_zoom(-1)

    @Slot()
    def _on_usual(self) -> None:
        self._set_zoom(ZOOMS.index(1.0))

    def _set_zoom(self, step: int) -> None:
        self.view.set_zoom(ZOOMS[max(0, min(step, len(ZOOMS) - 1))])
        self._show_zoom()

    def _show_zoom(self) -> None:
        self._zoom_text.setText(_("{percent} %").format(percent=round(self.view.zoom * 100)))
        self.smaller.setEnabled(self.view.zoom > ZOOMS[0])
        self.larger.setEnabled(self.view.zoom < ZOOMS[-1])

    def _show(self) -> None:
        place = self.place
        self.view.show_page(read_page(place.page, language()), place.anchor)
        self.contents.show_page(place)
        self.back.setEnabled(self._history.can_go_back)
        self.forward.setEnabled(self._history.can_go_forward)
        self._show_zoom()
