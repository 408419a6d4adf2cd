"""Icons of one set (Lucide), drawn in the theme's colours and drawn again when the theme changes."""

from __future__ import annotations

import weakref
from typing import Protocol

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from sketchdesk.library.paths import resource

SIZES_PX = (16, 24, 32, 48)
"""Sizes an icon is drawn in beforehand, for screens from 100 to 200 %."""


class _HasIcon(Protocol):
    def setIcon(self, icon: QIcon, /) -> None: ...


_shown: list[tuple[weakref.ref[_HasIcon], str, str]] = []


def set_icon(owner: _HasIcon, name: str, colour: str = "text") -> None:
    """Give a button or an action the icon resources/icons/`name`.svg in a colour of the theme's tokens."""
    _shown[:] = [entry for entry in _shown if entry[0]() not in (None, owner)]
    _shown.append((weakref.ref(owner), name, colour))
    owner.setIcon(icon(name, colour))


def icon(name: str, colour: str = "text") -> QIcon:
    """Return an icon in the theme in use; disabled, it is muted."""
    from sketchdesk.ui.theme.manager import tokens

    made = QIcon()
    for size in SIZES_PX:
        made.addPixmap(pixmap(name, getattr(tokens(), colour), size))
        made.addPixmap(pixmap(name, tokens().border, size), QIcon.Mode.Disabled)
    return made


def pixmap(name: str, colour: str, size_px: int) -> QPixmap:
    """Draw an icon in a colour (#rrggbb), once. Raises FileNotFoundError for one that is not shipped."""
    key = f"{name} {colour} {size_px}"
    kept = QPixmap()
    if QPixmapCache.find(key, kept):
        return kept
    svg = resource(f"icons/{name}.svg").read_text(encoding="utf-8").replace("currentColor", colour)
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
