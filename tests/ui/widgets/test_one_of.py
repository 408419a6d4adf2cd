"""What begins something and what stops it, in one place."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from sketchdesk.ui.widgets.one_of import show_one_of


def test_the_keyboard_goes_along_and_not_to_what_comes_next(qtbot):
    whole = QWidget()
    begin, stop, start = (QPushButton(text, whole) for text in ("Try", "Stop", "Start"))
    column = QVBoxLayout(whole)
    for button in (begin, stop, start):
        column.addWidget(button)
    qtbot.addWidget(whole)
    stop.hide()
    whole.show()
    begin.setFocus()
    for is_second, shown, hidden in ((True, stop, begin), (False, begin, stop)):
        show_one_of(begin, stop, is_second)
        assert (shown.isVisible(), hidden.isVisible()) == (True, False)
        assert whole.focusWidget() is shown
    start.setFocus()
    show_one_of(begin, stop, True)
    assert whole.focusWidget() is start  # where it was elsewhere, it stays
