from __future__ import annotations

from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget

from sketchdesk.ui.painted import OncePainted


class Sheet(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []

    def paintEvent(self, _event: QPaintEvent) -> None:
        self.done.append("painted")


def test_it_waits_for_the_paint_and_happens_once(qtbot):
    sheet = Sheet()
    qtbot.addWidget(sheet)
    once = OncePainted(sheet, lambda: sheet.done.append("done"))
    once.wait()
    sheet.show()
    assert sheet.done == []
    qtbot.waitUntil(lambda: "done" in sheet.done)
    assert sheet.done[0] == "painted"
    sheet.repaint()
    qtbot.waitUntil(lambda: sheet.done.count("painted") > 1)
    assert sheet.done.count("done") == 1
    once.wait()
    sheet.repaint()
    qtbot.waitUntil(lambda: sheet.done.count("done") == 2)


def test_what_is_gone_before_it_was_painted_asks_for_nothing(qtbot):
    sheet, done = Sheet(), []
    OncePainted(sheet, lambda: done.append("done")).wait()
    sheet.show()
    sheet.deleteLater()
    with qtbot.waitSignal(sheet.destroyed):
        pass
    assert done == []
