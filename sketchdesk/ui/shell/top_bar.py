"""The top of the window: where one is, where one can go, and the search for everything else."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from sketchdesk.contracts.text import N_, _
from sketchdesk.library.paths import resource
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role

TABS = (N_("Gallery"), N_("Training"), N_("Evaluation"), N_("Models"))
"""The pages, in the order of Ctrl+1 … Ctrl+4."""

NAMES = ("gallery", "training", "evaluation", "models")
LOGO_PX = 22
HEIGHT_PX = 48


def window_icon() -> QIcon:
    """Return SketchDesk's mark, for title bars and task bars."""
    made = QIcon()
    for size in (16, 32, 64, 128):
        made.addPixmap(logo(size))
    return made


def logo(size_px: int, ratio: float = 1.0) -> QPixmap:
    """Draw the mark, sharp on a screen of this many device pixels a pixel."""
    pixels = round(size_px * ratio)
    drawn = QPixmap(pixels, pixels)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    QSvgRenderer(str(resource("icons/sketchdesk.svg"))).render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    drawn.setDevicePixelRatio(ratio)
    return drawn


class TopBar(QFrame):
    """Logo, pages, search, language, theme, help.

    Signals:
        page_chosen(int): Another page is wanted.
        search_wanted(): The command palette should open.
        help_wanted(): The help sheet should open.
    """

    page_chosen = Signal(int)
    search_wanted = Signal()
    help_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("top_bar")
        set_role(self, "bar")
        self.setFixedHeight(HEIGHT_PX)
        self._logo = named(QLabel(), "logo")
        self._logo.setPixmap(logo(LOGO_PX, self.devicePixelRatioF()))
        self._name = named(QLabel("SketchDesk"), "logo_name")
        set_role(self._name, "brand")
        self._pages = QButtonGroup(self)
        for number, name in enumerate(NAMES):
            button = named(QToolButton(), f"nav_{name}_button")
            button.setCheckable(True)
            set_role(button, "nav")
            self._pages.addButton(button, number)
        self._search = named(QPushButton(), "search_button")
        set_role(self._search, "search")
        set_icon(self._search, "search", "muted")
        self._language, self._theme, self._help = (
            named(QToolButton(), f"{name}_button") for name in ("language", "theme", "help")
        )
        for button in (self._language, self._theme):
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        for button in (self._language, self._theme, self._help):
            set_role(button, "flat")
        set_icon(self._theme, "palette", "muted")
        set_icon(self._help, "circle-help", "muted")
        self._build_layout()
        self._pages.idClicked.connect(self.page_chosen)
        self._search.clicked.connect(self.search_wanted)
        self._help.clicked.connect(self.help_wanted)
        self.retranslate()

    def set_menus(self, language: QMenu, theme: QMenu) -> None:
        """Let the language and the theme button show these."""
        self._language.setMenu(language)
        self._theme.setMenu(theme)

    @Slot(int)
    def show_page(self, number: int) -> None:
        """Mark the page that is on show."""
        self._pages.button(number).setChecked(True)

    def show_choices(self, language: str, theme: str) -> None:
        """Show which language (two letters) and theme are in use."""
        self._language.setText(language.upper())
        set_icon(self._theme, {"light": "sun", "dark": "moon"}.get(theme, "monitor"), "muted")

    def retranslate(self) -> None:
        """Take the language in use."""
        for number, text in enumerate(TABS):
            button = self._pages.button(number)
            button.setText(_(text))
            describe(button, _("{page} (Ctrl+{number})").format(page=_(text), number=number + 1))
        self._search.setText(_("Search everything…   Ctrl K"))
        describe(self._search, _("Find actions, models and runs, or search the gallery"))
        describe(self._language, _("Language"))
        describe(self._theme, _("Theme: light, dark or as the system"))
        describe(self._help, _("Keyboard shortcuts"))

    def _build_layout(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 0, 12, 0)
        layout.setSpacing(4)
        layout.addWidget(self._logo)
        layout.addSpacing(4)
        layout.addWidget(self._name)
        layout.addSpacing(20)
        for button in self._pages.buttons():
            layout.addWidget(button)
        layout.addStretch(1)
        self._search.setMinimumWidth(180)
        self._search.setMaximumWidth(260)
        self._search.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        layout.addWidget(self._search)
        layout.addSpacing(8)
        for button in (self._language, self._theme, self._help):
            layout.addWidget(button)
