from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QMainWindow

from sketchdesk.ui.shell.palette import Palette, PaletteItem


@pytest.fixture
def desk(qtbot):
    window = QMainWindow()
    window.resize(900, 600)
    window.done = []
    window.palette_box = Palette(window)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    titles = ("Export images", "Theme: Dark", "Draw with demo-base")
    items = [PaletteItem(title, lambda title=title: window.done.append(title)) for title in titles]
    window.palette_box.open_with(items)
    return window


def field(desk) -> QLineEdit:
    return desk.palette_box.findChild(QLineEdit, "palette_field")


def test_a_few_letters_and_enter_do_it(qtbot, desk):
    assert desk.palette_box.titles == ["Export images", "Theme: Dark", "Draw with demo-base"]
    qtbot.keyClicks(field(desk), "dark")
    qtbot.keyClick(field(desk), Qt.Key.Key_Return)
    assert desk.done == ["Theme: Dark"]
    assert not desk.palette_box.isVisible()


def test_the_arrows_choose_among_what_fits(qtbot, desk):
    qtbot.keyClick(field(desk), Qt.Key.Key_Down)
    qtbot.keyClick(field(desk), Qt.Key.Key_Down)
    qtbot.keyClick(field(desk), Qt.Key.Key_Enter)
    assert desk.done == ["Draw with demo-base"]


def test_what_is_no_action_is_offered_as_a_search_of_the_gallery(qtbot, desk):
    qtbot.keyClicks(field(desk), "zebra")
    assert desk.palette_box.titles == ["Search the gallery for “zebra”"]
    with qtbot.waitSignal(desk.palette_box.search_wanted) as wanted:
        qtbot.keyClick(field(desk), Qt.Key.Key_Return)
    assert wanted.args == ["zebra"]


def test_escape_does_nothing_and_closes(qtbot, desk):
    qtbot.keyClick(field(desk), Qt.Key.Key_Escape)
    assert desk.done == []
    assert not desk.palette_box.isVisible()


def test_it_stays_within_a_small_window(qtbot, desk):
    desk.resize(320, 240)
    qtbot.waitUntil(lambda: desk.rect().contains(desk.palette_box.geometry()))
