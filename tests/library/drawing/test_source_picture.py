"""Pictures to draw from: whatever the file is like, it becomes an upright RGB picture or one sentence."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from PIL import Image

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.drawing.source_picture import drawn_size, file_hash, read_mask, read_source

RED = Image.new("RGB", (40, 20), "red")


def rotated(path):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    RED.save(path, exif=exif)


FILES = {
    "cmyk.jpg": lambda path: RED.convert("CMYK").save(path),
    "palette.png": lambda path: RED.convert("P").save(path),
    "palette-alpha.png": lambda path: RED.convert("RGBA").quantize(4).save(path),
    "alpha.png": lambda path: RED.convert("RGBA").save(path),
    "grey-alpha.png": lambda path: RED.convert("LA").save(path),
    "bits.png": lambda path: RED.convert("1").save(path),
    "sixteen.png": lambda path: Image.fromarray(np.full((20, 40), 0x8000, np.uint16)).save(path),
    "float.tiff": lambda path: Image.fromarray(np.full((20, 40), 0.5, np.float32)).save(path),
    "lab.tiff": lambda path: Image.new("LAB", (40, 20)).save(path),
    "animated.gif": lambda path: RED.save(path, save_all=True, append_images=[Image.new("RGB", (40, 20), "blue")]),
    "animated.webp": lambda path: RED.save(path, save_all=True, append_images=[Image.new("RGB", (40, 20), "blue")]),
    "ycbcr.jpg": lambda path: RED.convert("YCbCr").save(path),
}


@pytest.mark.parametrize("name", list(FILES))
def test_any_mode_becomes_rgb_and_the_file_stays_as_it_is(tmp_path, name):
    path = tmp_path / name
    FILES[name](path)
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    picture, mask = read_source(path), read_mask(path)
    assert (picture.mode, picture.size, mask.mode, mask.size) == ("RGB", (40, 20), "L", (40, 20))
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_a_picture_is_turned_upright_and_keeps_its_colours(tmp_path):
    rotated(tmp_path / "a.jpg")
    assert read_source(tmp_path / "a.jpg").size == (20, 40)
    FILES["animated.gif"](tmp_path / "a.gif")
    assert read_source(tmp_path / "a.gif").getpixel((5, 5)) == (255, 0, 0)
    FILES["sixteen.png"](tmp_path / "a.png")
    assert read_source(tmp_path / "a.png").getpixel((5, 5)) == (128, 128, 128)


def test_transparency_is_white_in_a_picture_and_black_in_a_mask(tmp_path):
    clear = Image.new("RGBA", (8, 8), (255, 255, 255, 0))
    clear.putpixel((0, 0), (255, 255, 255, 255))
    clear.save(tmp_path / "a.png")
    assert read_source(tmp_path / "a.png").getpixel((3, 3)) == (255, 255, 255)
    mask = read_mask(tmp_path / "a.png")
    assert (mask.getpixel((0, 0)), mask.getpixel((3, 3))) == (255, 0)


def test_what_is_no_picture_is_one_sentence(tmp_path):
    RED.resize((400, 400)).save(tmp_path / "whole.png")
    whole = (tmp_path / "whole.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "empty.png").touch()
    (tmp_path / "folder.png").mkdir()
    for name in ("cut.png", "text.png", "empty.png", "folder.png", "missing.png"):
        for read in (read_source, read_mask):
            with pytest.raises(SketchDeskError) as refused:
                read(tmp_path / name)
            assert refused.value.kind is ErrorKind.BAD_INPUT
            assert name in refused.value.message


def test_a_changed_file_is_noticed(tmp_path):
    path = tmp_path / "a.png"
    RED.save(path)
    mark = file_hash(path)
    assert mark == hashlib.sha256(path.read_bytes()).hexdigest()
    Image.new("RGB", (40, 20), "blue").save(path)
    assert file_hash(path) != mark
    path.unlink()
    with pytest.raises(SketchDeskError):
        file_hash(path)


@pytest.mark.parametrize(
    ("size", "drawn"),
    [
        ((512, 512), (512, 512)), ((512, 768), (512, 768)), ((515, 770), (512, 768)), ((4000, 3000), (584, 440)),
        ((64, 64), (512, 512)), ((1, 1), (512, 512)), ((16000, 10), (16000, 8)),
    ],
)  # fmt: skip
def test_pictures_are_drawn_at_their_size_or_at_one_the_model_knows(size, drawn):
    assert drawn_size(size, 512, 8) == drawn
