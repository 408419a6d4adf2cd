"""Painting a mask: brush, eraser, sizes, undo, clear."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage

from sketchdesk.ui.prompt.mask_dialog import MaskDialog
from sketchdesk.ui.prompt.mask_pixels import mask_png, painted_of


def picture(width: int = 200, height: int = 100) -> QImage:
    made = QImage(width, height, QImage.Format.Format_RGB32)
    made.fill(QColor("white"))
    return made


@pytest.fixture
def make(qtbot):
    def made(mask: QImage | None = None) -> MaskDialog:
        dialog = MaskDialog(picture(), mask or QImage())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(dialog)
        dialog.show()
        qtbot.waitExposed(dialog)
        return dialog

    return made


def click(qtbot, canvas, x: float, y: float) -> None:
    """Click at a place of the picture, in parts of its sides."""
    scale = min(canvas.width() / 200, canvas.height() / 100)
    left, top = (canvas.width() - 200 * scale) / 2, (canvas.height() - 100 * scale) / 2
    place = QPoint(int(left + 200 * x * scale), int(top + 100 * y * scale))
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=place)


def greys(dialog) -> QImage:
    return QImage.fromData(mask_png(dialog.canvas.paint))


def is_white(dialog, x: int, y: int) -> bool:
    return greys(dialog).pixelColor(x, y).value() > 127


def test_nothing_painted_cannot_be_used(make, qtbot):
    dialog = make()
    assert not dialog.use.isEnabled()
    assert dialog.use.toolTip() == "Paint something first."
    click(qtbot, dialog.canvas, 0.5, 0.5)
    assert dialog.use.isEnabled()


def test_the_brush_paints_and_the_eraser_takes_away(make, qtbot):
    dialog = make()
    click(qtbot, dialog.canvas, 0.5, 0.5)
    assert (is_white(dialog, 100, 50), is_white(dialog, 20, 50)) == (True, False)
    dialog.eraser.click()
    click(qtbot, dialog.canvas, 0.5, 0.5)
    assert not is_white(dialog, 100, 50)
    dialog.brush.click()
    click(qtbot, dialog.canvas, 0.1, 0.5)
    assert is_white(dialog, 20, 50)


def test_a_thicker_brush_paints_more(make, qtbot):
    dialog = make()
    dialog.size_slider.setValue(dialog.size_slider.minimum())
    click(qtbot, dialog.canvas, 0.5, 0.5)
    assert not is_white(dialog, 115, 50)
    dialog.size_slider.setValue(dialog.size_slider.maximum())
    click(qtbot, dialog.canvas, 0.5, 0.5)
    assert is_white(dialog, 115, 50)
    size = dialog.size_slider.value()
    qtbot.keyClick(dialog, Qt.Key.Key_BracketLeft)
    assert dialog.size_slider.value() < size
    qtbot.keyClick(dialog, Qt.Key.Key_BracketRight)
    assert dialog.size_slider.value() > size * 0.8


def test_strokes_are_taken_back_and_clearing_too(make, qtbot):
    dialog = make()
    click(qtbot, dialog.canvas, 0.25, 0.5)
    click(qtbot, dialog.canvas, 0.75, 0.5)
    dialog.clear.click()
    assert dialog.canvas.is_empty
    assert not dialog.clear.isEnabled()
    dialog.undo.click()
    assert (is_white(dialog, 50, 50), is_white(dialog, 150, 50)) == (True, True)
    qtbot.keyClick(dialog, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert (is_white(dialog, 50, 50), is_white(dialog, 150, 50)) == (True, False)
    dialog.undo.click()
    assert dialog.canvas.is_empty
    assert not dialog.undo.isEnabled()


def test_a_mask_that_was_there_is_gone_on_with(make, qtbot):
    mask = QImage(200, 100, QImage.Format.Format_Grayscale8)
    mask.fill(0)
    for x in range(30):
        for y in range(100):
            mask.setPixelColor(x, y, QColor("white"))
    dialog = make(mask)
    assert (is_white(dialog, 10, 50), is_white(dialog, 100, 50)) == (True, False)
    assert dialog.use.isEnabled()


def test_cancel_gives_nothing_and_use_gives_the_paint(make, qtbot):
    dialog = make()
    given: list[QImage] = []
    dialog.painted.connect(given.append)
    click(qtbot, dialog.canvas, 0.5, 0.5)
    dialog.cancel.click()
    assert given == []
    dialog.use.click()
    assert len(given) == 1


def test_the_file_is_grey_and_white_where_there_is_paint():
    mask = QImage(7, 3, QImage.Format.Format_Grayscale8)  # a width that lines are padded at
    mask.fill(0)
    mask.setPixelColor(2, 1, QColor("white"))
    data = mask_png(painted_of(mask, "#2759d6"))
    assert data.startswith(b"\x89PNG")
    read = QImage.fromData(data)
    assert [[read.pixelColor(x, y).value() for x in range(7)] for y in range(3)] == [
        [0] * 7, [0, 0, 255, 0, 0, 0, 0], [0] * 7,
    ]  # fmt: skip
    assert read.isGrayscale()
