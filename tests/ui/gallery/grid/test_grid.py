from __future__ import annotations

from array import array
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAccessible, QDropEvent, QWheelEvent

from sketchdesk.ui.gallery.grid.live import LiveCell
from sketchdesk.ui.gallery.grid.painting import star_rect
from sketchdesk.ui.gallery.grid.tiled_view import ZOOMS_PX
from sketchdesk.ui.theme.manager import theme, tokens

KEY, LEFT = Qt.Key, Qt.MouseButton.LeftButton
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LIVE = LiveCell("job", Path("00.jpg"), 1, "a fox", 7, 3, 12)


def fill(cells, images, count: int = 30) -> list[int]:
    """As many cells as wished, of few files."""
    many = [msgspec.structs.replace(images[n % len(images)], id=100 + n) for n in range(count)]
    cells.show(array("q", [image.id for image in many]), [])
    cells.put(many)
    return [image.id for image in many]


def middle(grid, row: int) -> QPoint:
    return grid.visualRect(grid.model().index(row, 0)).center()


def click(qtbot, grid, row: int, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
    qtbot.mouseClick(grid.viewport(), LEFT, modifiers, middle(grid, row))


def press(qtbot, grid, *keys: Qt.Key, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
    for key in keys:
        qtbot.keyClick(grid, key, modifiers)


def row(grid) -> int:
    return grid.currentIndex().row()


def test_clicks_select_as_everywhere(qtbot, grid, cells, images):
    ids = fill(cells, images)
    click(qtbot, grid, 1)
    assert grid.picked_ids() == [ids[1]]
    click(qtbot, grid, 4, SHIFT)
    assert grid.picked_ids() == ids[1:5]
    click(qtbot, grid, 2, CTRL)
    assert grid.picked_ids() == [ids[1], ids[3], ids[4]]
    press(qtbot, grid, KEY.Key_A, modifiers=CTRL)
    assert grid.picked_ids() == ids


def test_the_keyboard_goes_everywhere(qtbot, grid, cells, images):
    ids = fill(cells, images)
    columns = grid.tiling().columns
    assert columns == 3
    press(qtbot, grid, KEY.Key_Right)
    assert (row(grid), grid.current_id()) == (0, ids[0])
    press(qtbot, grid, KEY.Key_Right, KEY.Key_Down)
    assert row(grid) == 1 + columns
    press(qtbot, grid, KEY.Key_End)
    assert row(grid) == 29
    assert grid.viewport().rect().contains(middle(grid, 29))
    press(qtbot, grid, KEY.Key_Up, KEY.Key_Left)
    assert row(grid) == 29 - columns - 1
    press(qtbot, grid, KEY.Key_Home)
    assert row(grid) == 0
    press(qtbot, grid, KEY.Key_PageDown)
    assert row(grid) == columns * (grid.viewport().height() // grid.tiling().pitch_px)
    press(qtbot, grid, KEY.Key_Home)
    press(qtbot, grid, KEY.Key_Down, KEY.Key_Right, modifiers=SHIFT)
    assert grid.picked_ids() == ids[: columns + 2]


def test_a_rectangle_drawn_with_the_mouse_selects_what_it_touches(qtbot, grid, cells, images):
    ids = fill(cells, images, 8)
    start, end = QPoint(2, 2), middle(grid, 4)
    qtbot.mousePress(grid.viewport(), LEFT, pos=start)
    qtbot.mouseMove(grid.viewport(), QPoint(30, 30))
    qtbot.mouseMove(grid.viewport(), end)
    assert grid.band is not None
    grid.grab()
    qtbot.mouseRelease(grid.viewport(), LEFT, pos=end)
    assert grid.picked_ids() == [ids[0], ids[1], ids[3], ids[4]]
    assert grid.band is None


def test_the_star_in_the_corner_is_a_button_and_the_cell_opens_by_double_click_and_enter(qtbot, grid, cells, images):
    ids = fill(cells, images)
    star = star_rect(grid.visualRect(cells.index(1)).toRectF()).center().toPoint()
    with qtbot.waitSignal(grid.star_pressed) as starred, qtbot.assertNotEmitted(grid.picked):
        qtbot.mouseClick(grid.viewport(), LEFT, pos=star)
    assert starred.args == [ids[1]]
    click(qtbot, grid, 2)
    with qtbot.waitSignal(grid.opened) as opened:
        qtbot.mouseDClick(grid.viewport(), LEFT, pos=middle(grid, 2))
    assert opened.args == [ids[2]]
    press(qtbot, grid, KEY.Key_Right)
    with qtbot.waitSignal(grid.opened) as opened:
        press(qtbot, grid, KEY.Key_Return)
    assert opened.args == [ids[3]]


def test_the_selection_stays_with_its_images_when_others_come_before_them(qtbot, grid, cells, images):
    ids = fill(cells, images)
    click(qtbot, grid, 1)
    click(qtbot, grid, 2, CTRL)
    with qtbot.assertNotEmitted(grid.picked):
        cells.show(array("q", [1, 2, 3, *ids]), [LIVE])
    assert grid.picked_ids() == ids[1:3]
    assert grid.current_id() == ids[2]


def test_what_is_looked_at_stays_in_place_but_the_top_shows_what_is_new(qtbot, grid, cells, images):
    ids = fill(cells, images, 200)
    grid.verticalScrollBar().setValue(1234)
    seen = grid.anchor()
    top_id = cells.id_at(seen[0])
    cells.show(array("q", [*range(1, 10), *ids]), [])
    assert grid.visualRect(cells.index(cells.row_of(top_id))).top() == seen[1]
    grid.verticalScrollBar().setValue(0)
    cells.show(array("q", [*range(50, 60), *range(1, 10), *ids]), [])
    assert grid.verticalOffset() == 0


def test_when_the_selected_image_goes_the_next_one_is_selected(qtbot, grid, cells, images):
    ids = fill(cells, images)
    click(qtbot, grid, 3)
    with qtbot.waitSignal(grid.picked):
        cells.show(array("q", ids[:3] + ids[4:]), [])
    assert grid.picked_ids() == [ids[4]]
    cells.show(array("q", ids[:3]), [])
    assert grid.picked_ids() == [ids[2]]
    cells.show(array("q"), [])
    assert (grid.picked_ids(), grid.current_id()) == ([], None)


def test_zoom_by_wheel_keeps_the_current_cell_in_sight(qtbot, grid, cells, images):
    fill(cells, images, 2000)
    press(qtbot, grid, KEY.Key_End)

    def wheel(turn: int) -> None:
        grid.wheelEvent(
            QWheelEvent(
                QPointF(9, 9), QPointF(9, 9), QPoint(), QPoint(0, turn), Qt.MouseButton.NoButton, CTRL,
                Qt.ScrollPhase.NoScrollPhase, False,
            )
        )  # fmt: skip

    for _turn in range(12):
        wheel(-120)
        assert grid.viewport().rect().intersects(grid.visualRect(grid.currentIndex()))
    assert grid.zoom_px == ZOOMS_PX[0]
    for _turn in range(12):
        wheel(120)
        assert grid.viewport().rect().intersects(grid.visualRect(grid.currentIndex()))
    assert grid.zoom_px == ZOOMS_PX[-1]


def test_a_hundred_thousand_cells_are_no_more_work_than_those_in_sight(qtbot, grid, cells, images):
    ids = fill(cells, images, 1000)
    cells.show(array("q", range(10**6, 10**6 + 100_000)), [])
    asked: list[int] = []
    cells.needed.connect(asked.extend)
    press(qtbot, grid, KEY.Key_End)
    grid.grab()
    qtbot.waitUntil(lambda: 10**6 + 99_999 in asked)
    assert len(asked) <= 300
    grid.selectAll()
    assert len(grid.picked_ids()) == 100_000
    cells.show(array("q", ids), [])


def test_images_dropped_are_told_and_other_files_are_not_taken(qtbot, grid):
    def drop(*names: str) -> QDropEvent:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(name) for name in names])
        event = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier)
        grid.dropEvent(event)
        return event

    with qtbot.waitSignal(grid.files_dropped) as dropped:
        assert drop("/a/one.png", "/a/notes.txt", "/a/two.WEBP").isAccepted()
    assert [path.name for path in dropped.args[0]] == ["one.png", "two.WEBP"]
    with qtbot.assertNotEmitted(grid.files_dropped):
        assert not drop("/a/notes.txt").isAccepted()


def test_a_picture_whose_file_is_gone_is_told(qtbot, grid, cells, images):
    images[0].path.unlink()
    with qtbot.waitSignal(grid.vanished) as vanished:
        cells.show(array("q", [images[0].id]), [])
        cells.put(images)
    assert vanished.args == [images[0].path]
    grid.grab()


@pytest.mark.parametrize("name", ["dark", "light"])
def test_the_picture_the_badge_and_the_ring_are_painted(qtbot, grid, cells, images, name):
    theme().apply(name)
    scored = [msgspec.structs.replace(image, scores={"cosine": 0.348}, starred=True) for image in images]
    cells.show(array("q", [image.id for image in images]), [])
    cells.put(scored)
    qtbot.waitUntil(lambda: grid._thumbnails.last_of(images[1].path) is not None)
    click(qtbot, grid, 0)
    shot = grid.viewport().grab().toImage()
    rect = grid.visualRect(cells.index(1))
    assert shot.pixelColor(rect.center()).getRgb()[:3] == (74, 90, 120)
    assert shot.pixelColor(grid.visualRect(cells.index(0)).center().x(), rect.top() - 1).name() == tokens().accent
    badge = shot.pixelColor(rect.left() + 8, rect.bottom() - 20)
    assert badge.lightness() < 60
    assert shot.pixelColor(star_rect(rect.toRectF()).center().toPoint()).name() == tokens().star


def test_the_cells_can_be_read_out(qtbot, grid, cells, images):
    fill(cells, images)
    interface = QAccessible.queryAccessibleInterface(grid)
    assert interface.text(QAccessible.Text.Name) == "Pictures"
    names = {interface.child(number).text(QAccessible.Text.Name) for number in range(interface.childCount())}
    assert {"a zebra", "a castle"} <= names
