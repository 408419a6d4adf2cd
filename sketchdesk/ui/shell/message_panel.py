"""What opens above the message bar: a message's details, to be copied, or the messages before it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from sketchdesk.contracts.text import _
from sketchdesk.ui.message import Message
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.icons import icon, set_icon
from sketchdesk.ui.theme.manager import set_role

HEIGHT_PX = 168

_LEVELS = {"info": "accent", "good": "good", "warning": "warning", "error": "bad"}
_ICONS = {"info": "info", "good": "circle-check", "warning": "triangle-alert", "error": "circle-x"}


class MessagePanel(QFrame):
    """Details or earlier messages; hidden until one of them is asked for.

    Signals:
        chosen(Message): An earlier message should be on show again.
        cleared(): The earlier messages are no longer wanted.
    """

    chosen = Signal(object)
    cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("message_panel")
        set_role(self, "foot")
        self.setFixedHeight(HEIGHT_PX)
        self._messages: Sequence[Message] = ()
        self._title = named(QLabel(), "message_panel_title")
        set_role(self._title, "heading")
        self._copy = named(QPushButton(), "message_copy_button")
        self._clear = named(QPushButton(), "message_clear_button")
        self._close = named(QToolButton(), "message_panel_close_button")
        set_role(self._close, "flat")
        set_icon(self._close, "x", "muted")
        self._details = named(QPlainTextEdit(), "message_details")
        self._details.setReadOnly(True)
        self._list = named(QListWidget(), "message_list")
        self._pages = QStackedWidget()
        self._pages.addWidget(self._details)
        self._pages.addWidget(self._list)
        self._build_layout()
        self._copy.clicked.connect(self._on_copy)
        self._clear.clicked.connect(self.cleared)
        self._close.clicked.connect(self.hide)
        self._list.itemActivated.connect(self._on_item)
        self._list.itemClicked.connect(self._on_item)
        self.hide()

    def retranslate(self) -> None:
        """Take the language in use."""
        self._copy.setText(_("Copy"))
        self._clear.setText(_("Clear"))
        describe(self._copy, _("Copy the details to the clipboard"))
        describe(self._clear, _("Forget the other messages"))
        describe(self._close, _("Close"))
        describe(self._details, _("Details of the message"))
        describe(self._list, _("Other messages"))
        self._show_title()

    def update_from(self, current: Message | None, others: Sequence[Message]) -> None:
        """Follow the bar: its message and the others."""
        self._details.setPlainText(current.details if current else "")
        if list(others) != list(self._messages):
            self._messages = tuple(others)
            self._list.clear()
            for message in others:
                text = f"{message.text}  {message.next_step}".strip()
                item = QListWidgetItem(icon(_ICONS[message.level], _LEVELS[message.level]), text, self._list)
                item.setData(Qt.ItemDataRole.UserRole, message)
                item.setToolTip(text)
        page_is_empty = not others if self._pages.currentWidget() is self._list else not (current and current.details)
        if page_is_empty:
            self.hide()

    def toggle_details(self) -> None:
        """Show the details, or close them."""
        self._toggle(self._details)

    def toggle_others(self) -> None:
        """Show the earlier messages, or close them."""
        self._toggle(self._list)

    def _toggle(self, page: QWidget) -> None:
        shown = self.isVisible() and self._pages.currentWidget() is page
        self._pages.setCurrentWidget(page)
        self._copy.setVisible(page is self._details)
        self._clear.setVisible(page is self._list)
        self._show_title()
        self.setVisible(not shown)

    def _show_title(self) -> None:
        self._title.setText(_("Details") if self._pages.currentWidget() is self._details else _("Other messages"))

    def _build_layout(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addStretch(1)
        for widget in (self._copy, self._clear, self._close):
            head.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 8, 16, 8)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self._pages)

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._details.toPlainText())

    @Slot(QListWidgetItem)
    def _on_item(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))
