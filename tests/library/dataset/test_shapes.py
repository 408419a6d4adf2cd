"""Aspect buckets hold no more pixels than the square, and a picture goes where it loses least."""

from __future__ import annotations

import pytest
from PIL import Image

from sketchdesk.library.dataset.shapes import Shape, buckets, cut, is_cropped, shape_for


@pytest.mark.parametrize(("side", "step"), [(512, 64), (768, 64), (256, 64), (128, 32), (32, 4), (64, 64)])
def test_buckets_fit_their_area_and_step_and_come_in_both_directions(side, step):
    shapes = buckets(side, step)
    assert Shape(side, side) in shapes
    for width, height in shapes:
        assert width % step == height % step == 0 or (width, height) == (side, side)
        assert 0.5 * side**2 <= width * height <= side**2
        assert max(width, height) <= 2 * min(width, height)
        assert Shape(height, width) in shapes


def test_the_buckets_of_stable_diffusion():
    tall = [shape for shape in buckets(512, 64) if shape.height >= shape.width]
    assert tall == [(320, 640), (384, 640), (448, 576), (512, 512)]


@pytest.mark.parametrize(("size", "shape"), [
    ((1000, 1000), (512, 512)), ((3000, 1000), (640, 320)), ((600, 1000), (384, 640)), ((1000, 950), (512, 512)),
])  # fmt: skip
def test_a_picture_goes_to_the_nearest_aspect(size, shape):
    assert shape_for(*size, buckets(512, 64)) == shape


def test_where_a_part_is_cut_is_seen():
    picture = Image.new("RGB", (60, 20), "blue")
    picture.paste("red", (0, 0, 20, 20))
    assert cut(picture, Shape(20, 20), (0.0, 0.5)).getpixel((10, 10)) == (255, 0, 0)
    assert cut(picture, Shape(20, 20), (1.0, 0.5)).getpixel((10, 10)) == (0, 0, 255)
    assert is_cropped(60, 20, Shape(20, 20))
    assert not is_cropped(60, 20, Shape(30, 10))
