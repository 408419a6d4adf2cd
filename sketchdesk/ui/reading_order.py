"""The Tab key goes where the eye does: by what lies where, not by what was made first."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget


def focus_beside(whole: QWidget, is_next: bool) -> bool:
    """Give the keyboard to the control after the one that has it, or before; False where there is none."""
    controls = list(reading_order(whole))
    now = QApplication.focusWidget()
    if now not in controls:
        return False
    wanted = controls[(controls.index(now) + (1 if is_next else -1)) % len(controls)]
    wanted.setFocus(Qt.FocusReason.TabFocusReason if is_next else Qt.FocusReason.BacktabFocusReason)
    return True


def reading_order(whole: QWidget) -> Iterator[QWidget]:
    """Yield what can be reached with Tab in a widget: row by row, from the left; what lies together stays together."""
    for child in _by_rows([child for child in whole.children() if isinstance(child, QWidget) and _is_seen(child)]):
        if child.focusPolicy() & Qt.FocusPolicy.TabFocus and child.isEnabled() and child.focusProxy() is None:
            yield child
        yield from reading_order(child)


def _is_seen(widget: QWidget) -> bool:
    return widget.isVisible() and not widget.isWindow()


def _by_rows(widgets: list[QWidget]) -> Iterator[QWidget]:
    left = sorted(widgets, key=lambda widget: widget.y())
    while left:
        row = [widget for widget in left if _is_beside(left[0], widget)]
        yield from sorted(row, key=lambda widget: widget.x())
        left = [widget for widget in left if widget not in row]


def _is_beside(one: QWidget, other: QWidget) -> bool:
    """Whether they stand in one row: the lower one is within the other for more than half of its height."""
    common_px = min(one.geometry().bottom(), other.geometry().bottom()) - max(one.y(), other.y())
    return one is other or common_px > min(one.height(), other.height()) / 2
