"""The first screen: what SketchDesk is for, in four steps, each with the button that begins it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from sketchdesk.contracts.text import N_, _
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.shell.top_bar import logo
from sketchdesk.ui.theme.icons import show_pixmap
from sketchdesk.ui.theme.manager import set_role, theme, tokens
from sketchdesk.ui.widgets.dialog_frame import fill_dialog, foot_row

STEPS = (
    ("draw", "brush", N_("1. Draw"), N_("Write what the picture should show. The demo model draws it in seconds."),
     N_("Draw a first picture")),
    ("train", "graduation-cap", N_("2. Train"), N_("Show the model pictures in a style, and it learns to draw so."),
     N_("Train the demo style")),
    ("evaluate", "flask-conical", N_("3. Evaluate"),
     N_("Draw the same prompts before and after, at the same seeds, and let scores tell the difference."),
     N_("Go to the evaluation")),
    ("keep", "trophy", N_("4. Keep the best"),
     N_("Compare side by side, star what you like, export images, reports and models."),
     N_("Go to the gallery")),
)  # fmt: skip
ICON_PX = 28
LOGO_PX = 40


class Welcome(QDialog):
    """Four cards. Each button closes the screen and begins its step.

    Signals:
        chosen(str): "draw", "train", "evaluate" or "keep".
        not_again(bool): Whether the screen should stay away at the next start.
    """

    chosen = Signal(str)
    not_again = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("welcome")
        self._logo = named(QLabel(), "welcome_logo")
        self._logo.setPixmap(logo(LOGO_PX, self.devicePixelRatioF()))
        self._title, self._sentence = named(QLabel(), "welcome_title"), named(QLabel(), "welcome_sentence")
        set_role(self._title, "title")
        set_role(self._sentence, "muted")
        self._sentence.setWordWrap(True)
        self._cards = [_Step(*step) for step in STEPS]
        self._again = named(QCheckBox(), "welcome_again_box")
        self._close = named(QPushButton(), "welcome_close_button")
        self._again.toggled.connect(self.not_again)
        self._close.clicked.connect(self.close)
        for card in self._cards:
            card.chosen.connect(self._on_chosen)
        self._build_layout()
        self.retranslate()

    def set_not_again(self, value: bool) -> None:
        """Show what was chosen before."""
        self._again.blockSignals(True)
        self._again.setChecked(value)
        self._again.blockSignals(False)

    def retranslate(self) -> None:
        """Take the language in use."""
        self.setWindowTitle(_("Welcome"))
        self._title.setText(_("Welcome to SketchDesk"))
        self._sentence.setText(
            _("Teach a text-to-image model a style, draw with it, and know whether it got better. "
              "Everything stays on this computer; a small demo model is ready.")
        )  # fmt: skip
        self._again.setText(_("Do not show this again"))
        describe(self._again, _("You find this screen in the Help menu"))
        self._close.setText(_("Look around first"))
        describe(self._close, _("Close this screen"))
        for card in self._cards:
            card.retranslate()

    def _build_layout(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self._title)
        words.addWidget(self._sentence)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(self._logo, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        grid = QGridLayout()
        grid.setSpacing(12)
        for number, card in enumerate(self._cards):
            grid.addWidget(card, number // 2, number % 2)
        fill_dialog(self, [head, grid], foot_row([self._again], [self._close]), grows=grid)
        self.resize(720, 500)

    @Slot(str)
    def _on_chosen(self, name: str) -> None:
        self.close()
        self.chosen.emit(name)


class _Step(QFrame):
    """One card: icon, name, sentence, button."""

    chosen = Signal(str)

    def __init__(self, name: str, icon: str, title: str, sentence: str, button: str) -> None:
        super().__init__()
        self._name, self._icon_name = name, icon
        self._texts = (title, sentence, button)
        self.setObjectName(f"welcome_{name}_card")
        set_role(self, "card")
        self._icon = named(QLabel(), f"welcome_{name}_icon")
        self._title = named(QLabel(), f"welcome_{name}_title")
        self._sentence = named(QLabel(), f"welcome_{name}_sentence")
        self._button = named(QPushButton(), f"welcome_{name}_button")
        set_role(self._title, "heading")
        set_role(self._sentence, "muted")
        if name == "draw":
            set_role(self._button, "primary")
        self._sentence.setWordWrap(True)
        self._button.clicked.connect(self._on_clicked)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self._icon)
        head.addWidget(self._title, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addLayout(head)
        layout.addWidget(self._sentence, 1, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._button, 0, Qt.AlignmentFlag.AlignLeft)
        theme().changed.connect(self._paint)
        self._paint()

    def retranslate(self) -> None:
        """Take the language in use."""
        title, sentence, button = self._texts
        self._title.setText(_(title))
        self._sentence.setText(_(sentence))
        self._button.setText(_(button))
        describe(self._button, _(button))

    @Slot()
    def _paint(self) -> None:
        show_pixmap(self._icon, self._icon_name, tokens().accent, ICON_PX)

    @Slot()
    def _on_clicked(self) -> None:
        self.chosen.emit(self._name)
