"""Where a window stands and how large it is, as text to be kept."""

from __future__ import annotations

import base64
import binascii

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QWidget


def geometry_text(window: QWidget) -> str:
    """Return size and place of a window."""
    return base64.b64encode(window.saveGeometry().data()).decode()


def restore_geometry(window: QWidget, kept: object) -> bool:
    """Bring a window back to the size and place that geometry_text() gave; False where it is none of those."""
    try:
        data = base64.b64decode(kept) if isinstance(kept, str) else b""
    except (binascii.Error, ValueError):
        return False
    return bool(data) and window.restoreGeometry(QByteArray(data))
