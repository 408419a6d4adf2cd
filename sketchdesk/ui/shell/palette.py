"""The command palette: type a few letters, press Enter. Finds actions, models and runs, and searches the gallery."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.shell.fuzzy import score
from sketchdesk.ui.shell.palette_delegate import NOTE_ROLE, PaletteDelegate
from sketchdesk.ui.theme.icons import icon
from sketchdesk.ui.theme.manager import set_role

WIDTH_PX = 600
HEIGHT_PX = 400
TOP_PX = 72
SHOWN = 60
ICON_PX = 16

_ITEM_ROLE = Qt.ItemDataRole.UserRole
_MOVES = {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}


@dataclass(frozen=True)
class PaletteItem:
    """One line of the palette."""

    title: str
    run: Callable[[], object]
    note: str = ""
    """Shown at the right: the shortcut, or what kind of thing it is."""
    icon: str = "command"


class Palette(QFrame):
    """A field over the window with what fits below it. Escape, a click elsewhere or Enter closes it.

    Signals:
        search_wanted(str): The gallery should be searched for this.
    """

    search_wanted = Signal(str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("palette")
        set_role(self, "popup")
        self._items: Sequence[PaletteItem] = ()
        self._field = named(QLineEdit(), "palette_field")
        self._list = named(QListWidget(), "palette_list")
        self._list.setItemDelegate(PaletteDelegate(self._list))
        self._list.setIconSize(QSize(ICON_PX, ICON_PX))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setProperty("role", "bare")
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(8)
        layout.addWidget(self._field)
        layout.addWidget(self._list)
        self._field.textChanged.connect(self._fill)
        self._field.installEventFilter(self)
        self._list.itemClicked.connect(self._run)
        window.installEventFilter(self)
        self.retranslate()
        self.hide()

    def open_with(self, items: Sequence[PaletteItem]) -> None:
        """Open over the window with these to choose from."""
        self._items = items
        self._field.clear()
        self._fill("")
        self._place()
        self.show()
        self.raise_()
        self._field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @property
    def titles(self) -> list[str]:
        """What is on the list now."""
        return [self._list.item(row).text() for row in range(self._list.count())]

    def retranslate(self) -> None:
        """Take the language in use."""
        self._field.setPlaceholderText(_("Type what you want to do, or the name of a model or a run"))
        describe(self._field, _("What to look for"))
        describe(self._list, _("What was found; Enter does it"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window's size; close when the keyboard goes elsewhere; let the field move the selection."""
        if event.type() == QEvent.Type.Resize and isinstance(event, QResizeEvent) and watched is self.parent():
            self._place()
        elif watched is self._field and event.type() == QEvent.Type.FocusOut:
            if QApplication.activePopupWidget() is None:  # not for the field's own context menu
                self.hide()
        elif watched is self._field and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._on_key(event)
        return False

    def _on_key(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run(self._list.currentItem())
        elif event.key() in _MOVES:
            QApplication.sendEvent(self._list, event)
        else:
            return False
        return True

    @Slot(str)
    def _fill(self, text: str) -> None:
        found = [(score(text, item.title), item) for item in self._items]
        fitting = [(points, item) for points, item in found if points is not None]
        fitting.sort(key=lambda pair: -pair[0])
        items = [item for _points, item in fitting[:SHOWN]]
        if text.strip():
            title = _("Search the gallery for “{text}”").format(text=text.strip())
            items.append(PaletteItem(title, self._search, icon="search"))
        self._list.clear()
        for item in items:
            line = QListWidgetItem(icon(item.icon, "muted"), item.title, self._list)
            line.setData(_ITEM_ROLE, item)
            line.setData(NOTE_ROLE, item.note)
            line.setToolTip(item.title)
        self._list.setCurrentRow(0)

    def _search(self) -> None:
        self.search_wanted.emit(self._field.text().strip())

    @Slot(QListWidgetItem)
    def _run(self, line: QListWidgetItem | None) -> None:
        if line is not None:
            item: PaletteItem = line.data(_ITEM_ROLE)
            self._leave()
            item.run()

    def _leave(self) -> None:
        """Close, and give the keyboard back to the page."""
        self.hide()
        window = self.parentWidget()
        if window:
            window.setFocus(Qt.FocusReason.OtherFocusReason)

    def _place(self) -> None:
        window = self.parentWidget()
        if window:
            width = min(WIDTH_PX, window.width() - 32)
            height = min(HEIGHT_PX, window.height() - TOP_PX - 16)
            self.setGeometry((window.width() - width) // 2, TOP_PX, width, height)
