"""One archive, whole or not at all."""

from __future__ import annotations

import os
from zipfile import ZipFile

import pytest

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.library.export.zip import export_zip


def test_the_archive_holds_the_images_as_they_are(make, tmp_path):
    images = [make(name="a.png"), make(name="sub/a.png")]
    os.utime(images[0].path, (1_000, 1_000))  # before the years a ZIP archive knows
    done = export_zip(images, tmp_path / "out" / "a.zip")
    assert done.files == (tmp_path / "out" / "a.zip",)
    with ZipFile(done.target) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["a.png", "a (2).png"]
        assert [archive.read(name) for name in archive.namelist()] == [image.path.read_bytes() for image in images]


def test_images_that_are_gone_are_left_out_and_told(make, tmp_path):
    gone = make.gone()
    done = export_zip([make(), gone], tmp_path / "a.zip")
    assert (done.images, done.left_out) == (1, (gone.path,))


def test_stopped_or_with_nothing_in_it_there_is_no_archive_and_an_old_one_stays(make, tmp_path, stop_at_2):
    target = tmp_path / "out" / "a.zip"
    target.parent.mkdir()
    target.write_text("old")
    with pytest.raises(stop_at_2.error):
        export_zip([make(), make(), make()], target, stop_at_2)
    for images in ([], [make.gone()]):
        with pytest.raises(SketchDeskError):
            export_zip(images, target)
    assert [(file.name, file.read_text()) for file in target.parent.iterdir()] == [("a.zip", "old")]
