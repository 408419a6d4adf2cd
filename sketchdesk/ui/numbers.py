"""Numbers as the language in use writes them: 1,284 or 1.284; 3.5 or 3,5."""

from __future__ import annotations

from PySide6.QtCore import QLocale

from sketchdesk.contracts.text import _

GIB, MIB, KIB = 1024**3, 1024**2, 1024


def number_text(value: float, decimals: int = 0) -> str:
    """Return a number with its thousands grouped, e.g. 1284 → "1,284"."""
    return QLocale().toString(float(value), "f", decimals)


def gib_text(gib: float) -> str:
    """Return a size that was measured in GiB, without its unit: one decimal below 100."""
    return number_text(gib, 1 if gib < 100 else 0)


def size_text(size_bytes: int) -> str:
    """Return a size in the unit that fits, e.g. "310 MiB"."""
    if size_bytes >= GIB:
        return _("{size} GiB").format(size=gib_text(size_bytes / GIB))
    if size_bytes >= MIB:
        return _("{size} MiB").format(size=number_text(size_bytes / MIB))
    return _("{size} KiB").format(size=number_text(size_bytes / KIB))
