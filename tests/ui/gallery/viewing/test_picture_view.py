from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent

from sketchdesk.ui.gallery.comparing.swipe_view import SwipeView
from sketchdesk.ui.gallery.viewing.picture_view import PictureView, Sight

LEFT = Qt.MouseButton.LeftButton


def picture(left: str, right: str, side: int = 100) -> QImage:
    """Two halves."""
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.fill(QColor(left))
    for x in range(side // 2, side):
        for y in range(side):
            image.setPixelColor(x, y, QColor(right))
    return image


@pytest.fixture
def view(qtbot):
    view = PictureView(Sight())
    qtbot.addWidget(view)
    view.resize(432, 332)
    view.show()
    view.show_image(picture("red", "blue"))
    return view


def at(widget, x: float, y: float) -> str:
    return widget.grab().toImage().pixelColor(int(x), int(y)).name()


def wheel(view, point: QPointF, turn: int = 120) -> None:
    view.wheelEvent(
        QWheelEvent(
            point, point, QPoint(), QPoint(0, turn), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )
    )  # fmt: skip


def test_the_whole_picture_fits_and_a_double_click_shows_its_own_pixels(qtbot, view):
    assert view.scale() == 3.0
    assert (at(view, 100, 166), at(view, 300, 166)) == ("#ff0000", "#0000ff")
    with qtbot.waitSignal(view.scale_changed) as changed:
        qtbot.mouseDClick(view, LEFT, pos=QPoint(200, 160))
    assert changed.args == [1.0]
    qtbot.mouseDClick(view, LEFT, pos=QPoint(200, 160))
    assert view.scale() == 3.0


def test_what_is_under_the_pointer_stays_there_when_the_wheel_turns(view):
    point = QPointF(300, 100)
    before = view._target()
    fraction = (point.x() - before.x()) / before.width()
    wheel(view, point)
    after = view._target()
    assert view.scale() == 3.75
    assert (point.x() - after.x()) / after.width() == pytest.approx(fraction)
    wheel(view, point, -120)
    assert view.scale() == pytest.approx(3.0)


def test_the_picture_is_dragged_but_never_lost(qtbot, view):
    view.sight.set_scale(6.0)
    qtbot.mousePress(view, LEFT, pos=QPoint(200, 160))
    qtbot.mouseMove(view, QPoint(150, 160))
    assert view.sight.centre.x() == pytest.approx(0.5 + 50 / 600)
    qtbot.mouseMove(view, QPoint(-9000, 160))
    assert view.sight.centre.x() == 1.0
    qtbot.mouseRelease(view, LEFT, pos=QPoint(0, 0))
    qtbot.mouseMove(view, QPoint(10, 10))
    assert view.sight.centre.x() == 1.0


def test_views_that_share_a_sight_show_the_same_part(qtbot, view):
    other = PictureView(view.sight)
    qtbot.addWidget(other)
    other.show_image(picture("green", "yellow"))
    wheel(view, QPointF(10, 10))
    assert other.scale() == view.scale() == 3.75


def test_without_a_picture_it_says_why_and_nothing_can_be_moved(qtbot, view):
    view.show_image(None, "gone")
    wheel(view, QPointF(10, 10))
    qtbot.mouseDClick(view, LEFT)
    view.grab()
    assert view.sight.scale is None
    view.show_image(QImage(), "broken")
    assert view.image is None


def test_the_line_divides_two_pictures_and_moves_by_mouse_and_keys(qtbot):
    view = SwipeView(Sight())
    qtbot.addWidget(view)
    view.resize(432, 332)
    view.show()
    view.show_images(picture("red", "red"), picture("blue", "blue"))
    assert (at(view, 150, 100), at(view, 280, 100)) == ("#ff0000", "#0000ff")
    qtbot.mousePress(view, LEFT, pos=QPoint(216, 160))
    qtbot.mouseMove(view, QPoint(108, 160))
    qtbot.mouseRelease(view, LEFT, pos=QPoint(108, 160))
    assert view.split == pytest.approx(0.25)
    assert at(view, 150, 100) == "#0000ff"
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.split == pytest.approx(0.27)
    assert view.sight.centre == QPointF(0.5, 0.5)


def test_beside_the_line_the_picture_itself_is_dragged(qtbot):
    view = SwipeView(Sight())
    qtbot.addWidget(view)
    view.resize(432, 332)
    view.show_images(picture("red", "red"), picture("blue", "blue"))
    view.sight.set_scale(8.0)
    qtbot.mousePress(view, LEFT, pos=QPoint(60, 160))
    qtbot.mouseMove(view, QPoint(40, 160))
    qtbot.mouseRelease(view, LEFT, pos=QPoint(40, 160))
    assert view.split == 0.5
    assert view.sight.centre.x() > 0.5
