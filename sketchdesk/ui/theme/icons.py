"""Icons of one set (Lucide), drawn in the theme's colours and drawn again when the theme changes."""

from __future__ import annotations

import functools
import weakref
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from shiboken6 import isValid

from sketchdesk.library.paths import resource

SIDE_PX = 16
BESIDE_TEXT = QSize(SIDE_PX + 4, SIDE_PX)
"""The place of an icon beside words: Fusion leaves 4 px between, the icon's place ends with 4 more."""


class _HasIcon(Protocol):
    def setIcon(self, icon: QIcon, /) -> None: ...


_shown: weakref.WeakKeyDictionary[_HasIcon, tuple[str, str]] = weakref.WeakKeyDictionary()


def set_icon(owner: _HasIcon, name: str, colour: str = "text") -> None:
    """Give a button or an action the icon resources/icons/`name`.svg in a colour of the theme's tokens."""
    _shown[owner] = (name, colour)
    if isinstance(owner, QPushButton):  # those have words; the ones that have not are tool buttons
        owner.setIconSize(BESIDE_TEXT)
    owner.setIcon(icon(name, colour))


def icon(name: str, colour: str = "text") -> QIcon:
    """Return an icon in the theme in use, drawn when it is first shown, sharp on any screen; disabled, it is faint.

    Raises FileNotFoundError for one that is not shipped.
    """
    from sketchdesk.ui.theme.manager import tokens

    _file(name)
    return QIcon(_Engine(name, getattr(tokens(), colour), tokens().faint))


class _Engine(QIconEngine):
    """Draws one icon in two colours, in whatever size is asked for: a window has more icons than it ever shows."""

    def __init__(self, name: str, colour: str, disabled: str) -> None:
        super().__init__()
        self._name, self._colour, self._disabled = name, colour, disabled

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draw into a part of a picture, at its left."""
        ratio = painter.device().devicePixelRatioF()
        side = min(rect.width(), rect.height())
        place = QRect(rect.left(), rect.top() + (rect.height() - side) // 2, side, side)
        painter.drawPixmap(place, pixmap(self._name, self._colour_of(mode), max(1, round(side * ratio))))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Return a picture of this size; where it is wider than high, the icon is at its left."""
        drawn = pixmap(self._name, self._colour_of(mode), max(1, min(size.width(), size.height())))
        if size.width() <= size.height():
            return drawn
        wide = QPixmap(size)
        wide.fill(Qt.GlobalColor.transparent)
        painter = QPainter(wide)
        painter.drawPixmap(0, 0, drawn)
        painter.end()
        return wide

    def _colour_of(self, mode: QIcon.Mode) -> str:
        return self._disabled if mode is QIcon.Mode.Disabled else self._colour

    def clone(self) -> QIconEngine:
        """Return another one like it."""
        return _Engine(self._name, self._colour, self._disabled)


@functools.cache
def _file(name: str) -> Path:
    """Return where the drawing of an icon lies. Raises FileNotFoundError for one that is not shipped."""
    file = resource(f"icons/{name}.svg")
    if not file.is_file():
        raise FileNotFoundError(file)
    return file


def pixmap(name: str, colour: str, size_px: int) -> QPixmap:
    """Draw an icon in a colour (#rrggbb), once; `size_px` are the device's pixels, twice as many on a dense screen.

    Raises FileNotFoundError for one that is not shipped.
    """
    key = f"{name} {colour} {size_px}"
    kept = QPixmap()
    if QPixmapCache.find(key, kept):
        return kept
    svg = _file(name).read_text(encoding="utf-8").replace("currentColor", colour)
    drawn = QPixmap(size_px, size_px)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, size_px, size_px))
    painter.end()
    QPixmapCache.insert(key, drawn)
    return drawn


def show_pixmap(label: QLabel, name: str, colour: str, size_px: int) -> None:
    """Let a label show an icon in a colour (#rrggbb), sharp on its screen. Raises what `pixmap` raises."""
    ratio = label.devicePixelRatioF()
    drawn = QPixmap(pixmap(name, colour, round(size_px * ratio)))
    drawn.setDevicePixelRatio(ratio)
    label.setPixmap(drawn)


def recolour_seen() -> list[_HasIcon]:
    """Draw the icons that are seen again, in the theme in use now; return who has the others, for `recolour`."""
    hidden = []
    for owner in list(_shown):
        if not isValid(owner):  # Qt has deleted it
            del _shown[owner]
        elif isinstance(owner, QWidget) and owner.isVisible():
            recolour(owner)
        else:
            hidden.append(owner)
    return hidden


def recolour(owner: _HasIcon) -> None:
    """Draw the icon that something was given again."""
    owner.setIcon(icon(*_shown[owner]))
