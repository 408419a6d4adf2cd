from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QPushButton

from sketchdesk.ui.gallery.comparing.blink_view import BlinkView
from sketchdesk.ui.gallery.viewing.picture_view import Sight


def plain(colour: Qt.GlobalColor) -> QImage:
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    image.fill(colour)
    return image


@pytest.fixture
def view(qtbot) -> BlinkView:
    view = BlinkView(Sight())
    qtbot.addWidget(view)
    view.show_images(plain(Qt.GlobalColor.red), plain(Qt.GlobalColor.blue), ("base", "tuned"))
    view.resize(200, 200)
    return view


def middle(view: BlinkView) -> tuple[int, int, int]:
    colour = view.grab().toImage().pixelColor(100, 80)
    return colour.red(), colour.green(), colour.blue()


def test_it_turns_on_its_own_while_it_is_seen(qtbot, view):
    assert not view.blinks
    with qtbot.waitSignal(view.side_changed) as changed:
        view.show()
    assert (changed.args, middle(view)) == ([True], (0, 0, 255))
    view.hide()
    assert not view.blinks


def test_the_space_bar_stops_it_and_then_turns(qtbot, view):
    view.show()
    qtbot.keyClick(view, Qt.Key.Key_Space)
    assert not view.blinks
    before = view.shows_right
    qtbot.keyClick(view, Qt.Key.Key_Space)
    assert view.shows_right is not before
    assert middle(view) == ((0, 0, 255) if view.shows_right else (255, 0, 0))


def test_the_comparison_has_it_as_its_third_way(qtbot, make_tab, pictures):
    tab = make_tab()
    qtbot.waitUntil(lambda: len(tab.cells.ids) == 8)
    tab.grid.pick(list(tab.cells.ids[:2]))
    tab.chosen.compare()
    qtbot.waitUntil(lambda: tab.comparing.pair is not None)
    qtbot.mouseClick(tab.comparing.findChild(QPushButton, "compare_blink_button"), Qt.MouseButton.LeftButton)
    assert tab.comparing.blink.isVisible() and not tab.comparing.swipe.isVisible()
    qtbot.waitUntil(lambda: tab.comparing.blink.image is not None)
    tab.view.zoom_in()
    assert tab.comparing.blink.sight.scale is not None
