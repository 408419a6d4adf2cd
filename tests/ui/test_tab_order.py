"""The Tab key walks through each page as the eye does: left before right in a row, above before below in a column."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from sketchdesk.ui.main_window import MainWindow
from sketchdesk.ui.shell.frame import EVALUATION, GALLERY, MODELS, TRAINING
from sketchdesk.ui.shell.top_bar import NAMES

MOST = 300
"""More controls than any page has: a walk that is longer is caught in one of them."""


def place(window: MainWindow, widget: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint()), widget.size())


def walk(window: MainWindow) -> list[QWidget]:
    """Press Tab from the first button of the top bar until it comes back there."""
    first = window.findChild(QWidget, "nav_gallery_button")
    first.setFocus(Qt.FocusReason.TabFocusReason)
    walked = [first]
    for _press in range(MOST):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        if QApplication.focusWidget() in walked:
            break
        walked.append(QApplication.focusWidget())
    return walked


def is_before(one: QRect, other: QRect) -> bool:
    """Whether the eye comes to `one` before `other`, where that is plain."""
    row_px = min(one.bottom(), other.bottom()) - max(one.top(), other.top())
    same_row = row_px > min(one.height(), other.height()) / 2
    same_column = one.left() < other.right() and other.left() < one.right()
    return (same_row and one.right() <= other.left()) or (same_column and one.bottom() <= other.top())


def out_of_order(window: MainWindow, walked: list[QWidget]) -> Iterator[str]:
    places = [(widget.objectName(), place(window, widget)) for widget in walked]
    for number, (later_name, later) in enumerate(places):
        for name, earlier in places[:number]:
            if is_before(later, earlier):
                yield f"{later_name} comes after {name}"


def test_tab_follows_the_eye_on_every_page(qtbot, make_window):
    window = make_window()
    window.resize(1280, 2400)  # nothing is scrolled: it all has its place
    assert window.training.page and window.evaluation and window.models  # all of it is made
    window.prompt.form.fold.set_open(True)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    for page in (GALLERY, TRAINING, EVALUATION, MODELS):
        window.frame.show_page(page)
        QApplication.processEvents()
        walked = walk(window)
        assert window.frame.page == page
        assert len(NAMES) < len(walked) < MOST
        assert [f"page {page}: {found}" for found in out_of_order(window, walked)] == []
    last = walked[-1]
    walked[0].setFocus()
    QTest.keyClick(walked[0], Qt.Key.Key_Backtab)
    assert QApplication.focusWidget() is last
