"""A column whose scroll bar takes no room from what is in it."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from sketchdesk.ui.theme.manager import theme
from sketchdesk.ui.widgets.column_scroll import BAR_PX, ColumnScroll


def test_what_is_inside_keeps_its_width_when_the_bar_appears(qtbot):
    theme().apply("light")
    inside, line = QWidget(), QLineEdit()
    column = QVBoxLayout(inside)
    column.setContentsMargins(16, 16, 16, 16)
    column.addWidget(line)
    tall = QWidget()
    tall.setMinimumHeight(400)
    column.addWidget(tall)
    scroll = ColumnScroll("column", inside)
    qtbot.addWidget(scroll)
    scroll.resize(300, 600)
    scroll.show()
    qtbot.waitExposed(scroll)
    width = line.width()
    assert not scroll.verticalScrollBar().isVisible()
    scroll.resize(300, 200)
    qtbot.waitUntil(scroll.verticalScrollBar().isVisible)
    assert scroll.verticalScrollBar().width() == BAR_PX
    qtbot.waitUntil(lambda: line.width() == width)
    scroll.resize(300, 600)
    qtbot.waitUntil(lambda: not scroll.verticalScrollBar().isVisible())
    qtbot.waitUntil(lambda: line.width() == width)
