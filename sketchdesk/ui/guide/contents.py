"""The guide's contents: pages with their headings; while something is searched for, where it was found."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QAbstractItemView, QTreeWidget, QTreeWidgetItem, QWidget

from sketchdesk.contracts.text import _, language
from sketchdesk.library.guide.pages import PAGES, Place, place_of, read_page, search
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.manager import set_role

_PLACE = Qt.ItemDataRole.UserRole


class Contents(QTreeWidget):
    """Pages and headings to go to.

    Signals:
        chosen(object): A Place.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "guide_contents")
        set_role(self, "bare")
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIndentation(14)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._text = ""
        self._page = ""
        self.itemClicked.connect(self._on_item)
        self.itemActivated.connect(self._on_item)

    def show_page(self, place: Place) -> None:
        """Open the page that is read, and mark where in it."""
        if not self._text and place.page != self._page:
            self._page = place.page
            self._fill()
        self._page = place.page
        self._mark(place)

    def search(self, text: str) -> int:
        """Show where a text is found, or all pages where it is empty; return how many places there are."""
        self._text = text.strip()
        return self._fill()

    def first(self) -> Place | None:
        """Return the first place on show."""
        items = self._items()
        return _place(items[1 if self._text else 0]) if items else None

    def retranslate(self) -> None:
        """Take the language in use."""
        describe(self, _("Pages of the guide"))
        self._fill()

    def _fill(self) -> int:
        self.clear()
        count = self._fill_found() if self._text else self._fill_pages()
        self.expandAll()
        return count

    def _fill_pages(self) -> int:
        for name in PAGES:
            page = read_page(name, language())
            item = self._add(self, page.title, Place(name))
            if name != self._page:
                continue
            for section in page.sections:
                if section.level == 2:
                    self._add(item, section.title, Place(name, section.anchor), is_part=True)
        return len(PAGES)

    def _fill_found(self) -> int:
        groups: dict[str, QTreeWidgetItem] = {}
        found = search(self._text, language())
        for each in found:
            name = each.place.page
            if name not in groups:
                groups[name] = self._add(self, read_page(name, language()).title, Place(name))
            part = self._add(groups[name], each.title, each.place, is_part=True)
            part.setToolTip(0, each.excerpt)
        return len(found)

    def _add(
        self, parent: QTreeWidget | QTreeWidgetItem, text: str, place: Place, is_part: bool = False
    ) -> QTreeWidgetItem:
        item = QTreeWidgetItem(parent, [text])
        item.setData(0, _PLACE, str(place))
        item.setToolTip(0, text)
        if not is_part:
            font = item.font(0)
            font.setWeight(font.Weight.DemiBold)
            item.setFont(0, font)
        return item

    def _mark(self, place: Place) -> None:
        for item in self._items():
            if _place(item) == place:
                self.setCurrentItem(item)
                return

    def _items(self) -> list[QTreeWidgetItem]:
        """Return every item from top to bottom."""
        found: list[QTreeWidgetItem | None] = []
        for number in range(self.topLevelItemCount()):
            if (top := self.topLevelItem(number)) is not None:
                found += [top, *(top.child(part) for part in range(top.childCount()))]
        return [item for item in found if item is not None]

    @Slot(QTreeWidgetItem)
    def _on_item(self, item: QTreeWidgetItem) -> None:
        if place := _place(item):
            self.chosen.emit(place)


def _place(item: QTreeWidgetItem) -> Place | None:
    return place_of(str(item.data(0, _PLACE)))
