"""The theme in use: set once for the whole application, switched while it runs."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from sketchdesk.ui.theme import fonts, icons
from sketchdesk.ui.theme.stylesheet import stylesheet
from sketchdesk.ui.theme.tokens import DARK, LIGHT, Tokens

Choice = Literal["system", "light", "dark"]
_SCHEMES = {"system": Qt.ColorScheme.Unknown, "light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}


class ThemeManager(QObject):
    """Knows the colours in use; there is one, `theme()`.

    Signals:
        changed(): Other colours are in use now; whoever paints by hand paints again.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.tokens: Tokens = LIGHT
        self._choice: Choice = "system"
        self._follows = False
        self._is_prepared = False

    def prepare(self, choice: Choice) -> None:
        """Set style, font and colours before the first widget is made; `apply` then adds the style sheet.

        With a style sheet in use, putting many widgets together takes several times as long; without the font, a
        window keeps the one it was made with.
        """
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        if self._is_prepared:
            return
        self._choice = choice
        QGuiApplication.styleHints().setColorScheme(_SCHEMES[choice])  # first: it brings the desktop's font back
        application.setStyle("Fusion")
        application.setFont(fonts.load())
        self.tokens = self._wanted()
        application.setPalette(palette(self.tokens))
        self._is_prepared = True

    def apply(self, choice: Choice) -> None:
        """Dress the application: style, palette, font, style sheet and icons. "system" follows the desktop."""
        hints = QGuiApplication.styleHints()
        if not self._follows:
            hints.colorSchemeChanged.connect(self._on_scheme)
            self._follows = True
        if choice != self._choice or not self._is_prepared:
            self._choice = choice
            hints.setColorScheme(_SCHEMES[choice])
        self._dress()

    @Slot(Qt.ColorScheme)
    def _on_scheme(self, _scheme: Qt.ColorScheme) -> None:
        if self._choice == "system":
            self._dress()

    def _wanted(self) -> Tokens:
        system = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
        return DARK if self._choice == "dark" or (self._choice == "system" and system) else LIGHT

    def _dress(self) -> None:
        wanted = self._wanted()
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        if self.tokens is wanted and application.property("dressed"):
            return
        self.tokens = wanted
        if not self._is_prepared:
            self._is_prepared = True
            application.setStyle("Fusion")
            application.setFont(fonts.load())
        # Another sheet in the place of one in use makes Qt dress every widget once for each of its ancestors; taking
        # the old one off first, once in all: a fifth of the time, for the same looks.
        application.setStyleSheet("")
        application.setPalette(palette(wanted))
        application.setStyleSheet(stylesheet(wanted))
        application.setProperty("dressed", True)
        icons.recolour()
        self.changed.emit()


_manager: ThemeManager | None = None


def theme() -> ThemeManager:
    """Return the one theme manager."""
    global _manager
    if _manager is None:
        _manager = ThemeManager()
    return _manager


def tokens() -> Tokens:
    """Return the colours in use."""
    return theme().tokens


def set_role(widget: QWidget, role: str) -> None:
    """Give a widget a role of the style sheet (`primary`, `chip`, `card`, `caption` …) and let it show."""
    if widget.property("role") == role:
        return
    widget.setProperty("role", role)
    if widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):  # else Qt dresses it when it is first shown
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def palette(colours: Tokens) -> QPalette:
    """Return Fusion's palette in these colours."""
    roles = {
        QPalette.ColorRole.Window: colours.window,
        QPalette.ColorRole.WindowText: colours.text,
        QPalette.ColorRole.Base: colours.surface,
        QPalette.ColorRole.AlternateBase: colours.field,
        QPalette.ColorRole.Text: colours.text,
        QPalette.ColorRole.PlaceholderText: colours.muted,
        QPalette.ColorRole.Button: colours.field,
        QPalette.ColorRole.ButtonText: colours.text,
        QPalette.ColorRole.BrightText: colours.bad,
        QPalette.ColorRole.Highlight: colours.accent,
        QPalette.ColorRole.HighlightedText: colours.on_accent,
        QPalette.ColorRole.Accent: colours.accent,
        QPalette.ColorRole.Link: colours.accent,
        QPalette.ColorRole.LinkVisited: colours.accent,
        QPalette.ColorRole.ToolTipBase: colours.field,
        QPalette.ColorRole.ToolTipText: colours.text,
        QPalette.ColorRole.Light: colours.hover,
        QPalette.ColorRole.Midlight: colours.field,
        QPalette.ColorRole.Mid: colours.border,
        QPalette.ColorRole.Dark: colours.border,
        QPalette.ColorRole.Shadow: colours.window,
    }
    made = QPalette()
    for role, colour in roles.items():
        made.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours.muted))
    return made
