"""The prompt list on screen: select, edit, reorder by mouse and keyboard, take back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QDrag,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from sketchdesk.contracts.jobs import PromptRow
from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import describe
from sketchdesk.ui.prompt.prompt_delegate import ROW_PX, PromptDelegate
from sketchdesk.ui.prompt.prompt_list import PromptList
from sketchdesk.ui.prompt.typed import copied, typed
from sketchdesk.ui.theme.manager import theme, tokens

FEWEST_ROWS = 4
"""That are always on show."""


class PromptView(QListView):
    """A list view over a PromptList.

    Signals:
        typing(int, str): A row's text as it is being typed.
    """

    typing = Signal(int, str)

    def __init__(self, model: PromptList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._list = model
        self._copied: tuple[str, Sequence[PromptRow]] = "", ()
        self.setObjectName("prompt_list")
        # Qt asks twice for the number of rows for each row it lays out, all 10,000 for one more: this answers in C++.
        rows = QSortFilterProxyModel(self)
        rows.setDynamicSortFilter(False)
        rows.setSourceModel(model)
        self.setModel(rows)
        delegate = PromptDelegate(self)
        delegate.typing.connect(self.typing)
        self.setItemDelegate(delegate)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDropIndicatorShown(True)
        self.setDragDropOverwriteMode(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setMinimumHeight(FEWEST_ROWS * ROW_PX + 4)
        theme().changed.connect(self.viewport().update)

    def dataChanged(
        self, first: QModelIndex | QPersistentModelIndex, last: QModelIndex | QPersistentModelIndex,
        roles: Sequence[int] = (),
    ) -> None:  # fmt: skip
        """Paint changed rows anew. QListView would lay out every row again, though all are of one height."""
        QAbstractItemView.dataChanged(self, first, last, list(roles))

    def chosen(self) -> list[int]:
        """Return the selected rows' places, in order."""
        return sorted(index.row() for index in self.selectionModel().selectedIndexes())

    def choose(self, places: Sequence[int]) -> None:
        """Select rows and bring them into view."""
        if not places:
            self.clearSelection()
            return
        selection = QItemSelection()
        for place in places:
            selection.select(self._index(place), self._index(place))
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(self._index(places[-1]), flags.NoUpdate)
        self.selectionModel().select(selection, flags.ClearAndSelect)
        self.scrollTo(self._index(places[0]))
        self.scrollTo(self._index(places[-1]))

    def retranslate(self) -> None:
        """Take the language in use."""
        describe(self, _("The prompts; F2 changes one, Del takes it out, Alt+Up and Alt+Down move it"))
        self.setToolTip("")  # the rows have their own
        self.viewport().update()

    # --- what can be done to the selected rows ------------------------------------------------------------------

    def edit_current(self) -> None:
        """Change the text of the current row."""
        if self.currentIndex().isValid():
            self.edit(self.currentIndex())

    def remove_chosen(self) -> None:
        """Take the selected rows out; the next one is selected then."""
        places = self.chosen()
        self._list.remove(places)
        if places and self._list.rowCount():
            self.choose([min(places[0], self._list.rowCount() - 1)])

    def duplicate_chosen(self) -> None:
        """Put copies of the selected rows after them."""
        self.choose(self._list.duplicate(self.chosen()))

    def shift_chosen(self, by: int) -> None:
        """Move the selected rows one up (-1) or down (+1)."""
        if places := self.chosen():
            self.choose(self._list.shift(places, by))

    def change_count(self, by: int) -> None:
        """Ask for more or fewer images of the selected rows."""
        for place in self.chosen():
            count = (self._list.rows()[place].count or self._list.index(place).data(Qt.ItemDataRole.UserRole)) + by
            self._list.set_own_count([place], min(100_000, max(1, count)))

    def copy_chosen(self) -> None:
        """Copy the selected rows, for other programs as lines of text."""
        rows = [self._list.rows()[place] for place in self.chosen()]
        self._copied = copied(rows), rows
        QGuiApplication.clipboard().setText(copied(rows))

    def paste(self) -> None:
        """Add the rows that were copied, or one for each line of the clipboard, after the selected rows."""
        places = self.chosen()
        before = places[-1] + 1 if places else self._list.rowCount()
        text, (last, rows) = QGuiApplication.clipboard().text(), self._copied
        # Lines of text cannot say all that rows can: those that were copied here come back as they were.
        added = self._list.add(rows, before) if text == last else self._list.take(typed(text), before)
        self.choose(range(before, before + added))

    # --- Qt's events ---------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do what the keys say; the arrows and the rest go to the list itself."""
        alt = event.modifiers() == Qt.KeyboardModifier.AltModifier
        key = event.key()
        if event.matches(QKeySequence.StandardKey.Undo):
            self._list.undo()
        elif event.matches(QKeySequence.StandardKey.Redo):
            self._list.redo()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_chosen()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_chosen()
        elif alt and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.shift_chosen(-1 if key == Qt.Key.Key_Up else 1)
        elif key == Qt.Key.Key_D and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.duplicate_chosen()
        elif event.text() in ("+", "-"):
            self.change_count(1 if event.text() == "+" else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            # The Enter that ends an edit comes by here as well.
            if self.state() != QAbstractItemView.State.EditingState:
                self.edit_current()
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    def startDrag(self, _actions: Qt.DropAction) -> None:
        """Drag the selected rows; the drop moves them, so nothing is taken out afterwards."""
        drag = QDrag(self)
        drag.setMimeData(self._list.mimeData(self.selectedIndexes()))
        drag.exec(Qt.DropAction.MoveAction | Qt.DropAction.CopyAction, Qt.DropAction.MoveAction)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take rows and text; files go to the panel."""
        event.ignore() if event.mimeData().hasUrls() else super().dragEnterEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show where the drop would go."""
        event.ignore() if event.mimeData().hasUrls() else super().dragMoveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Put rows or lines of text between the rows, and select them there."""
        if event.mimeData().hasUrls():
            event.ignore()
            return
        count = self._list.rowCount()
        before = self._place_at(event.position().toPoint())
        moved = self._list.dragged(event.mimeData())
        if self._list.dropMimeData(event.mimeData(), event.dropAction(), before, 0, self.rootIndex()):
            first = before - sum(place < before for place in moved)
            size = len(moved) or self._list.rowCount() - count
            self.choose(range(first, first + size))
            event.acceptProposedAction()
        self.setState(QAbstractItemView.State.NoState)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Say what an empty list is for."""
        super().paintEvent(event)
        if self._list.rowCount():
            return
        painter = QPainter(self.viewport())
        painter.setPen(QColor(tokens().muted))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        room = self.viewport().rect().adjusted(16, 8, -16, -8)
        painter.drawText(room, flags, _("Write a prompt below, or drop a list or an image here."))

    def _index(self, place: int) -> QModelIndex:
        """Return the view's own index of a row."""
        return self.model().index(place, 0)

    def _place_at(self, position: QPoint) -> int:
        """Return the row before which a drop at a place of the viewport goes."""
        index = self.indexAt(position)
        if not index.isValid():
            return self._list.rowCount()
        return index.row() + (position.y() > self.visualRect(index).center().y())
