"""The foot of the panel: what the drawing will cost, and the buttons that begin it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.fonts import tabular
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.giving_button import GivingButton

GENERATE_KEYS, QUEUE_KEYS, PAIR_KEYS = "Ctrl+Return", "Ctrl+Shift+Return", "Ctrl+Shift+B"


class DrawBar(QFrame):
    """A sentence, whether to keep what is drawn, and three buttons.

    Signals:
        generate_pressed(), pair_pressed(), queue_pressed(): A button was pressed.
    """

    generate_pressed = Signal()
    pair_pressed = Signal()
    queue_pressed = Signal()

    def __init__(self, keep: QCheckBox, parent: QWidget | None = None) -> None:
        """Build the bar; `keep` says whether pictures are kept."""
        super().__init__(parent)
        self.setObjectName("prompt_draw_bar")
        self._sentence = named(QLabel(), "prompt_sentence")
        self._sentence.setWordWrap(True)
        self._sentence.setFont(tabular(self._sentence.font()))
        self.generate = named(QPushButton(), "generate_button")
        self.pair = named(GivingButton(), "draw_pair_button")
        self.queue = named(GivingButton(), "queue_button")
        set_role(self.generate, "primary")
        self._reason = ""
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.pair, 1)
        row.addWidget(self.queue, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 8, 16, 12)
        layout.setSpacing(8)
        layout.addWidget(self._sentence)
        layout.addWidget(keep)
        layout.addWidget(self.generate)
        layout.addLayout(row)
        self.generate.clicked.connect(self.generate_pressed)
        self.pair.clicked.connect(self.pair_pressed)
        self.queue.clicked.connect(self.queue_pressed)

    @property
    def sentence(self) -> str:
        """What is said above the buttons."""
        return self._sentence.text()

    def tell(self, sentence: str, is_too_much: bool = False) -> None:
        """Say what to expect; more than the device has is told as a warning. The buttons can be pressed."""
        self._show(sentence, "small-warning" if is_too_much else "small", "")

    def refuse(self, reason: str) -> None:
        """Say why there is nothing to draw; the buttons cannot be pressed."""
        self._show(reason, "problem", reason)

    def retranslate(self) -> None:
        """Take the language in use."""
        keys = GENERATE_KEYS.replace("Return", "⏎")  # as every key is named in the window, whatever Qt's language
        self.generate.setText(f"{_('Generate')}   {keys}")
        self.pair.set_full_text(_("Base and tuned"))
        self.queue.set_full_text(_("Add to queue"))
        self._describe()

    def _show(self, sentence: str, role: str, reason: str) -> None:
        self._sentence.setText(sentence)
        self._sentence.setAccessibleName(sentence)
        set_role(self._sentence, role)
        self._reason = reason
        for button in (self.generate, self.pair, self.queue):
            button.setEnabled(not reason)
        self._describe()

    def _describe(self) -> None:
        """Tell what the buttons do, or why they cannot be pressed."""
        texts = (
            (self.generate, _("Draw these pictures now ({keys})"), GENERATE_KEYS),
            (self.pair, _("Draw with two models at the same seeds, to compare ({keys})"), PAIR_KEYS),
            (self.queue, _("Draw these pictures after all that waits ({keys})"), QUEUE_KEYS),
        )
        for button, text, keys in texts:
            native = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
            describe(button, self._reason or text.format(keys=native))
