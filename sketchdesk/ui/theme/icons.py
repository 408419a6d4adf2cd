"""Icons of one set (Lucide), drawn in the theme's colours and drawn again when the theme changes."""

from __future__ import annotations

import functools
import weakref
from typing import Protocol

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from sketchdesk.library.paths import resource


class _HasIcon(Protocol):
    def setIcon(self, icon: QIcon, /) -> None: ...


_shown: list[tuple[weakref.ref[_HasIcon], str, str]] = []


def set_icon(owner: _HasIcon, name: str, colour: str = "text") -> None:
    """Give a button or an action the icon resources/icons/`name`.svg in a colour of the theme's tokens."""
    _shown[:] = [entry for entry in _shown if entry[0]() not in (None, owner)]
    _shown.append((weakref.ref(owner), name, colour))
    owner.setIcon(icon(name, colour))


def icon(name: str, colour: str = "text") -> QIcon:
    """Return an icon in the theme in use, drawn when it is first shown, sharp on any screen; disabled, it is faint.

    Raises FileNotFoundError for one that is not shipped.
    """
    from sketchdesk.ui.theme.manager import tokens

    _svg(name)
    return QIcon(_Engine(name, getattr(tokens(), colour), tokens().border))


class _Engine(QIconEngine):
    """Draws one icon in two colours, in whatever size is asked for: a window has more icons than it ever shows."""

    def __init__(self, name: str, colour: str, disabled: str) -> None:
        super().__init__()
        self._name, self._colour, self._disabled = name, colour, disabled

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draw into a part of a picture."""
        ratio = painter.device().devicePixelRatio()
        side = round(min(rect.width(), rect.height()) * ratio)
        painter.drawPixmap(rect, self.pixmap(QSize(side, side), mode, state))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Return a picture of this size."""
        colour = self._disabled if mode is QIcon.Mode.Disabled else self._colour
        return pixmap(self._name, colour, max(1, min(size.width(), size.height())))

    def clone(self) -> QIconEngine:
        """Return another one like it."""
        return _Engine(self._name, self._colour, self._disabled)


@functools.cache
def _svg(name: str) -> str:
    """Return the drawing of an icon."""
    return resource(f"icons/{name}.svg").read_text(encoding="utf-8")


def pixmap(name: str, colour: str, size_px: int) -> QPixmap:
    """Draw an icon in a colour (#rrggbb), once. Raises FileNotFoundError for one that is not shipped."""
    key = f"{name} {colour} {size_px}"
    kept = QPixmap()
    if QPixmapCache.find(key, kept):
        return kept
    svg = _svg(name).replace("currentColor", colour)
    drawn = QPixmap(size_px, size_px)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, size_px, size_px))
    painter.end()
    QPixmapCache.insert(key, drawn)
    return drawn


def recolour() -> None:
    """Draw every icon on show again, in the theme in use now."""
    for owner_ref, name, colour in list(_shown):
        owner = owner_ref()
        try:
            if owner is not None:
                owner.setIcon(icon(name, colour))
        except RuntimeError:  # Qt has deleted it
            continue
    _shown[:] = [entry for entry in _shown if entry[0]() is not None]
