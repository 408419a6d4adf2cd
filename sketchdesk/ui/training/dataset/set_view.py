"""The table of a data set's pictures as it is looked at and edited in."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.training.dataset.set_table import CAPTION, FOUND, NAME, PICTURE, THUMB_PX, SetTable

Index = QModelIndex | QPersistentModelIndex


class CaptionDelegate(QStyledItemDelegate):
    """Edits a caption in place; what is being typed stays when another caption comes for the same picture.

    Pictures in chosen rows keep their colours.
    """

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Take the picture as it is for a chosen row too, which Qt would tint."""
        super().initStyleOption(option, index)
        picture = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(picture, QPixmap):
            icon = QIcon(picture)
            icon.addPixmap(picture, QIcon.Mode.Selected)
            option.icon = icon

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Fill the editor in, unless something was typed into it."""
        if not (isinstance(editor, QLineEdit) and editor.isModified()):
            super().setEditorData(editor, index)


def set_view(table: SetTable) -> QTableView:
    """Return the view: whole rows are chosen; F2, a double click or any key edits a caption."""
    view = named(QTableView(), "dataset_table")
    view.setModel(table)
    view.setItemDelegate(CaptionDelegate(view))
    set_role(view, "bare")
    view.setShowGrid(False)
    view.setWordWrap(True)
    view.setIconSize(QSize(THUMB_PX, THUMB_PX))
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setTabKeyNavigation(False)
    view.setEditTriggers(
        QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
        | QAbstractItemView.EditTrigger.AnyKeyPressed
    )
    view.verticalHeader().hide()
    view.verticalHeader().setDefaultSectionSize(THUMB_PX + 8)
    header = named(view.horizontalHeader(), "dataset_table_header")
    set_role(header, "aligned")
    header.setHighlightSections(False)
    for column, width in ((PICTURE, THUMB_PX + 16), (NAME, 130), (FOUND, 190)):
        header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(column, width)
    header.setSectionResizeMode(CAPTION, QHeaderView.ResizeMode.Stretch)
    return view


def describe_view(view: QTableView) -> None:
    """Say what it is for, in the language in use."""
    describe(view, _("Pictures with their captions; F2 or a double click edits a caption"))
    view.setToolTip("")
