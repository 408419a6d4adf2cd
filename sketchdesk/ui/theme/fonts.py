"""The window's own typeface, so that it looks the same on every machine, one without any fonts included."""

from __future__ import annotations

import functools
import logging

from PySide6.QtGui import QFont, QFontDatabase

from sketchdesk.library.paths import resource

FAMILY = "Inter"
SIZE_PX = 13

log = logging.getLogger(__name__)


@functools.cache
def load() -> QFont:
    """Register the shipped typeface and return the application's font."""
    for file in sorted(resource("fonts").glob("*.otf")):
        if QFontDatabase.addApplicationFont(str(file)) < 0:
            log.warning("the font %s could not be read", file.name)
    font = QFont(FAMILY)
    font.setPixelSize(SIZE_PX)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def tabular(font: QFont) -> QFont:
    """Return the font with figures of equal width, for columns of numbers and for numbers that change."""
    figures = QFont(font)
    figures.setFeature(QFont.Tag("tnum"), 1)
    return figures
