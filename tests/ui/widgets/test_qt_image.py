"""Pillow's pictures as Qt's: the same pixels, whatever the width."""

from __future__ import annotations

import pytest
from PIL import Image

from sketchdesk.ui.widgets.qt_image import qt_image


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("L", 200, (200, 200, 200, 255)),
        ("RGB", (10, 20, 30), (10, 20, 30, 255)),
        ("RGBA", (255, 0, 0, 0), (0, 0, 0, 0)),
    ],
)
def test_every_pixel_is_where_it_was(mode, colour, expected):
    picture = Image.new(mode, (7, 3))
    picture.putpixel((6, 2), colour)
    image = qt_image(picture)
    assert (image.width(), image.height()) == (7, 3)
    assert image.pixelColor(6, 2).getRgb() == expected
    assert image.pixelColor(0, 0).getRgb()[:3] == (0, 0, 0)
