"""Reading pictures of every kind, and the measure of colour."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from sketchdesk.engine.evaluation.pictures import MAX_ASPECT, colourfulness, read_picture, without_long_ends


def test_a_transparent_picture_lies_on_white(tmp_path):
    path = tmp_path / "a.png"
    picture = Image.new("RGBA", (4, 4), (255, 0, 0, 0))
    picture.putpixel((0, 0), (255, 0, 0, 255))
    picture.save(path)
    read = read_picture(path)
    assert (read.mode, read.getpixel((0, 0)), read.getpixel((3, 3))) == ("RGB", (255, 0, 0), (255, 255, 255))


def test_a_palette_with_a_transparent_colour_lies_on_white(tmp_path):
    path = tmp_path / "a.png"
    picture = Image.new("P", (2, 1))
    picture.putpalette([0, 0, 0, 0, 0, 255])
    picture.putpixel((1, 0), 1)
    picture.save(path, transparency=0)
    assert np.asarray(read_picture(path)).tolist() == [[[255, 255, 255], [0, 0, 255]]]


def test_a_photo_taken_sideways_is_upright(tmp_path):
    path = tmp_path / "a.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right to see it upright
    Image.new("RGB", (8, 4)).save(path, exif=exif)
    assert read_picture(path).size == (4, 8)


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\xff\xd8\xff\xe0broken"])
def test_what_is_no_picture_is_none(tmp_path, content):
    path = tmp_path / "a.png"
    path.write_bytes(content)
    assert read_picture(path) is None


def test_a_cut_off_picture_is_none(tmp_path):
    path = tmp_path / "a.png"
    Image.effect_noise((64, 64), 50).save(path)
    path.write_bytes(path.read_bytes()[:-900])
    assert read_picture(path) is None


def test_a_picture_too_large_for_memory_is_none(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    Image.new("RGB", (64, 64)).save(path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 3000)
    assert read_picture(path) is None


def test_only_a_long_strip_loses_its_ends():
    square = Image.new("RGB", (80, 10))
    assert without_long_ends(square) is square
    strip = Image.new("RGB", (1, 101))
    strip.putpixel((0, 50), (255, 255, 255))
    middle = without_long_ends(strip)
    assert middle.size == (1, MAX_ASPECT)
    assert np.asarray(middle)[:, 0, 0].argmax() == 4


def test_greys_have_no_colour_and_pure_red_has_the_most():
    assert colourfulness(Image.effect_noise((16, 16), 60).convert("RGB")) == 0
    assert colourfulness(Image.new("RGB", (3, 3), (255, 0, 0))) == 1
    half = Image.new("RGB", (2, 1), (255, 255, 255))
    half.putpixel((0, 0), (100, 151, 49))
    assert colourfulness(half) == pytest.approx(102 / 255 / 2)
