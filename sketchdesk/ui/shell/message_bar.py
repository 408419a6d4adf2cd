"""The foot of the window: what just happened, what to do about it, and what happened before."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from sketchdesk.contracts.text import _, ngettext
from sketchdesk.ui.message import Level, Message
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.shell.message_panel import MessagePanel
from sketchdesk.ui.theme.icons import set_icon, show_pixmap
from sketchdesk.ui.theme.manager import set_role, theme, tokens
from sketchdesk.ui.widgets.elided import ElidedLabel

KEPT = 30
"""Messages that can be looked up again."""

ICON_PX = 16

_LOOKS: dict[Level, tuple[str, str]] = {
    "info": ("info", "accent"),
    "good": ("circle-check", "good"),
    "warning": ("triangle-alert", "warning"),
    "error": ("circle-x", "bad"),
}
"""Icon and colour of each level."""


class MessageBar(QWidget):
    """Shows one message with its next step and its button; the others are one click away in `panel`.

    A message that asks for nothing does not push away an error, which stays until it is closed or acted on. Put
    `panel` above the bar; it opens for details and for the earlier messages.

    Signals:
        changed(): Another message is on show, or none.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("message_bar")
        self._current: Message | None = None
        self._others: list[Message] = []
        self.panel = MessagePanel()
        self._icon = named(QLabel(), "message_icon")
        self._text = named(ElidedLabel(minimum_px=120), "message_text")
        self._step = named(ElidedLabel(minimum_px=60), "message_step")
        self._action = named(QPushButton(), "message_action_button")
        self._details = named(QToolButton(), "message_details_button")
        self._more = named(QToolButton(), "message_more_button")
        self._close = named(QToolButton(), "message_close_button")
        set_role(self._step, "muted")
        set_role(self._action, "link")
        for button in (self._details, self._more, self._close):
            set_role(button, "link")
        set_icon(self._close, "x", "muted")
        self._build_layout()
        self._action.clicked.connect(self._act)
        self._details.clicked.connect(self._toggle_details)
        self._more.clicked.connect(self._toggle_others)
        self._close.clicked.connect(self.dismiss)
        self.panel.chosen.connect(self._on_chosen)
        self.panel.cleared.connect(self._on_cleared)
        theme().changed.connect(self._paint_icon)
        self.retranslate()

    @property
    def text(self) -> str:
        """The message on show and its next step, "" for none."""
        return f"{self._current.text} {self._current.next_step}".strip() if self._current else ""

    @property
    def current(self) -> Message | None:
        """The message on show."""
        return self._current

    @property
    def others(self) -> list[Message]:
        """The messages that can be looked up, the newest first."""
        return list(self._others)

    @Slot(object)
    def show_message(self, message: Message) -> None:
        """Show a message; one that asks for nothing waits behind an error."""
        if message == self._current:
            return
        if self._current and self._current.level == "error" and message.level in ("info", "good"):
            self._keep(message)
        else:
            if self._current:
                self._keep(self._current)
            self._current = message
        self._show()

    @Slot()
    def dismiss(self) -> None:
        """Take the message away."""
        self._current = None
        self._show()

    def retranslate(self) -> None:
        """Take the language in use; what was said stays as it was said."""
        self._details.setText(_("Details"))
        describe(self._details, _("Show the details of the message"))
        describe(self._action, _("Do what the message offers"))
        describe(self._more, _("Show the other messages"))
        describe(self._close, _("Close the message"))
        self.panel.retranslate()
        self._show()

    def _build_layout(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for widget in (self._icon, self._text, self._step, self._action, self._details, self._more, self._close):
            layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        self._step.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        layout.setStretchFactor(self._step, 100)  # it has what the sentence leaves, and no more than it needs
        layout.addStretch(1)

    def _keep(self, message: Message) -> None:
        self._others = [message, *(other for other in self._others if other != message)][:KEPT]

    def _show(self) -> None:
        message = self._current
        for widget in (self._icon, self._text, self._close):
            widget.setVisible(message is not None)
        self._step.setVisible(bool(message and message.next_step))
        self._action.setVisible(bool(message and message.action_text))
        self._details.setVisible(bool(message and message.details))
        self._more.setVisible(bool(self._others))
        count = len(self._others)
        more = (
            ngettext("{count} more", "{count} more", count)
            if message
            else ngettext("{count} earlier message", "{count} earlier messages", count)
        )
        self._more.setText(more.format(count=count))
        if message:
            self._text.set_full_text(message.text)
            self._step.set_full_text(message.next_step)
            self._step.setMaximumWidth(self._step.sizeHint().width())
            self._action.setText(message.action_text)
            describe(self._action, message.action_text)
            self._paint_icon()
        self.panel.update_from(message, self._others)
        self.changed.emit()

    @Slot()
    def _paint_icon(self) -> None:
        if self._current:
            name, colour = _LOOKS[self._current.level]
            show_pixmap(self._icon, name, getattr(tokens(), colour), ICON_PX)

    @Slot()
    def _act(self) -> None:
        """Do what the message offers, once."""
        action: Callable[[], object] | None = self._current.action if self._current else None
        self.dismiss()
        if action:
            action()

    @Slot()
    def _toggle_details(self) -> None:
        self.panel.toggle_details()

    @Slot()
    def _toggle_others(self) -> None:
        self.panel.toggle_others()

    @Slot(object)
    def _on_chosen(self, message: Message) -> None:
        self._others = [other for other in self._others if other is not message]
        if self._current:
            self._keep(self._current)
        self._current = message
        self._show()

    @Slot()
    def _on_cleared(self) -> None:
        self._others.clear()
        self._show()
