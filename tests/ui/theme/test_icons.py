"""Icons beside words: drawn at the left of their place, as sharp as the screen, faint where they cannot be pressed."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QImage
from PySide6.QtWidgets import QLabel, QPushButton

from sketchdesk.ui.theme.icons import BESIDE_TEXT, icon, set_icon, show_pixmap
from sketchdesk.ui.theme.manager import tokens


def columns_drawn(picture: QImage) -> list[int]:
    """The columns in which something is drawn."""
    return [
        x for x in range(picture.width()) if any(picture.pixelColor(x, y).alpha() for y in range(picture.height()))
    ]


def test_beside_words_an_icon_ends_its_place_with_room(qtbot):
    button = QPushButton("Verify")
    qtbot.addWidget(button)
    set_icon(button, "square")
    assert button.iconSize() == BESIDE_TEXT
    for ratio in (1.0, 1.25, 2.0):
        drawn = button.icon().pixmap(button.iconSize(), ratio).toImage()
        assert drawn.width() == round(BESIDE_TEXT.width() * ratio)
        assert max(columns_drawn(drawn)) < BESIDE_TEXT.height() * ratio


def test_what_cannot_be_pressed_is_drawn_faint(qtbot):
    drawn = icon("square").pixmap(QSize(32, 32), QIcon.Mode.Disabled).toImage()
    pixels = [drawn.pixelColor(x, y) for x in range(32) for y in range(32)]
    seen = {pixel.name() for pixel in pixels if pixel.alpha() == 255}
    assert seen == {QColor(tokens().faint).name()}


def test_a_label_shows_an_icon_in_its_own_size(qtbot):
    label = QLabel()
    qtbot.addWidget(label)
    show_pixmap(label, "square", tokens().muted, 48)
    shown = label.pixmap()
    assert shown.deviceIndependentSize().toSize() == QSize(48, 48)
    assert shown.devicePixelRatio() == label.devicePixelRatioF()
