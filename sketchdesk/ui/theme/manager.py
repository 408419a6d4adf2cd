"""The theme in use: set once for the whole application, switched while it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Literal, TypeVar

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from sketchdesk.ui.theme import fonts, icons
from sketchdesk.ui.theme.roles import palette
from sketchdesk.ui.theme.stylesheet import stylesheet
from sketchdesk.ui.theme.tokens import DARK, LIGHT, Tokens
from sketchdesk.ui.turns import Turns

T = TypeVar("T")
Choice = Literal["system", "light", "dark"]
DRESSED_IN_A_TURN = 64
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
        self._turns = Turns(parent=self)

    def prepare(self, choice: Choice) -> None:
        """Set style, font and colours before the first widget is made; `apply` then adds the style sheet.

        With a style sheet in use, putting many widgets together takes several times as long; without the font, a
        window keeps the one it was made with.
        """
        application = _application()
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
        application = _application()
        is_dressed = bool(application.property("dressed"))
        if self.tokens is wanted and is_dressed:
            return
        self.tokens = wanted
        if not self._is_prepared:
            self._is_prepared = True
            application.setStyle("Fusion")
            application.setFont(fonts.load())
        application.setPalette(palette(wanted))
        if is_dressed:
            self._dress_all()
        else:
            application.setStyleSheet(stylesheet())
            application.setProperty("dressed", True)
        self.changed.emit()

    def _dress_all(self) -> None:
        """Have every widget and icon take the palette's colours: at once what is seen, in turns the rest.

        The sheet stays as it is. Another one in its place would dress all of them anew: five times as long.
        """
        hidden: list[QWidget] = []
        for window in QApplication.topLevelWidgets():
            _dress_seen(window, hidden)
        for whole in hidden:
            whole.installEventFilter(self)
        icons_left = icons.recolour_seen()
        self._turns.take(chain(_dress_hidden(hidden), _in_turns(icons_left, icons.recolour)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Dress all that is left at once where something of it is shown."""
        if event.type() is QEvent.Type.Show:
            watched.removeEventFilter(self)
            self._turns.finish()
        return False


def dressing(whole: QWidget) -> Iterator[None]:
    """Dress what lies in a widget that is not shown yet, in steps: all of it with its first showing takes long.

    It has to lie where it belongs already: what is given another parent is dressed anew.
    """
    yield from _in_turns([whole, *whole.findChildren(QWidget)], QWidget.ensurePolished)


def _in_turns(those: list[T], do: Callable[[T], object]) -> Iterator[None]:
    for first in range(0, len(those), DRESSED_IN_A_TURN):
        for each in those[first : first + DRESSED_IN_A_TURN]:
            if isValid(each):  # Qt may have deleted it meanwhile
                do(each)
        yield


def _application() -> QApplication:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    return application


def _dress_seen(whole: QWidget, hidden: list[QWidget]) -> None:
    """Dress what is seen in a widget, then the widget: Qt would paint it twice else. Add to `hidden` what is not."""
    if not whole.isVisible():
        hidden.append(whole)
        return
    for widget in whole.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
        if not widget.isWindow():
            _dress_seen(widget, hidden)
    _polish(whole)


def _dress_hidden(hidden: list[QWidget]) -> Iterator[None]:
    for whole in hidden:
        if isValid(whole):
            yield from _in_turns([whole, *whole.findChildren(QWidget)], _polish_again)


def _polish_again(widget: QWidget) -> None:
    if widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):  # else Qt dresses it when it is first shown
        _polish(widget)


def _polish(widget: QWidget) -> None:
    widget.style().polish(widget)
    widget.update()


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
