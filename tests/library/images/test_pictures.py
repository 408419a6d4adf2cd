"""How large a picture is, told without decoding it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import ExifTags, Image

from sketchdesk.library.images.pictures import picture_size, read_picture


@pytest.mark.parametrize("turn", range(1, 9))
def test_the_size_is_that_of_the_upright_picture(tmp_path: Path, turn: int) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = turn
    Image.new("RGB", (30, 20)).save(tmp_path / "a.jpg", exif=exif)
    assert picture_size(tmp_path / "a.jpg") == read_picture(tmp_path / "a.jpg").size


def test_what_cannot_be_read_has_none(tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"no picture")
    assert [picture_size(tmp_path / name) for name in ("bad.png", "gone.png")] == [None, None]
