"""The help sheet: every shortcut, by menu, to be searched and copied."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.shell.action_book import ActionBook, shortcut_groups
from sketchdesk.ui.shell.fuzzy import score
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role, theme, tokens
from sketchdesk.ui.widgets.dialog_frame import fill_dialog, foot_row


class HelpSheet(QDialog):
    """Lists what the action book knows. Not modal, so that the keys can be tried while it is open."""

    def __init__(self, book: ActionBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("help_sheet")
        self._book = book
        self._search = named(QLineEdit(), "help_search")
        self._search.setClearButtonEnabled(True)
        self._list = named(QTreeWidget(), "help_list")
        self._list.setColumnCount(2)
        self._list.setHeaderHidden(True)
        self._list.setRootIsDecorated(False)
        self._list.setIndentation(12)
        self._list.setUniformRowHeights(True)
        self._list.header().setStretchLastSection(False)
        self._list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self._copy = named(QPushButton(), "help_copy_button")
        self._close = named(QPushButton(), "help_close_button")
        set_icon(self._copy, "copy", "muted")
        set_role(self._close, "primary")
        self._copy.setAutoDefault(False)
        fill_dialog(self, [self._search, self._list], foot_row([self._copy], [self._close]), grows=self._list)
        self._search.textChanged.connect(self._fill)
        self._copy.clicked.connect(self._on_copy)
        self._close.clicked.connect(self.close)
        theme().changed.connect(self._on_theme)
        self.resize(560, 640)
        self.retranslate()

    def retranslate(self) -> None:
        """Take the language in use."""
        self.setWindowTitle(_("Keyboard shortcuts"))
        self._search.setPlaceholderText(_("Search the shortcuts"))
        describe(self._search, _("Words of an action, or a key"))
        describe(self._list, _("Actions and their keys"))
        self._copy.setText(_("Copy as text"))
        describe(self._copy, _("Copy all shortcuts to the clipboard, to be printed"))
        self._close.setText(_("Close"))
        describe(self._close, _("Close the shortcuts"))
        self._fill(self._search.text())

    def text(self) -> str:
        """Return all shortcuts as plain text, in two columns."""
        lines = [_("Keyboard shortcuts"), ""]
        for title, entries in shortcut_groups(self._book):
            lines += [title, *(f"  {entry.shortcut:<16} {entry.title}" for entry in entries), ""]
        return "\n".join(lines)

    @Slot(str)
    def _fill(self, text: str) -> None:
        self._list.ensurePolished()  # before its rows are measured, once for all
        self._list.clear()
        for title, entries in shortcut_groups(self._book):
            fitting = [entry for entry in entries if score(text, f"{entry.title} {entry.shortcut}") is not None]
            if not fitting:
                continue
            group = QTreeWidgetItem(self._list, [title])
            font = group.font(0)
            font.setBold(True)
            group.setFont(0, font)
            group.setFlags(Qt.ItemFlag.ItemIsEnabled)
            for entry in fitting:
                item = QTreeWidgetItem(group, [entry.title, entry.shortcut])
                item.setForeground(1, QColor(tokens().muted))
        self._list.expandAll()

    @Slot()
    def _on_theme(self) -> None:
        self._fill(self._search.text())

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text())
