"""Copies in a folder: whole, under free names, and the images as they were."""

from __future__ import annotations

import pytest

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.export.folder import copy_file, export_folder


def test_images_are_copied_byte_for_byte_and_what_is_there_stays(make, tmp_path):
    images = [make(), make()]
    target = tmp_path / "out"
    target.mkdir()
    (target / "1.png").write_text("mine")
    heard = []
    done = export_folder(images, target, lambda *numbers: heard.append(numbers))
    assert [file.name for file in done.files] == ["1 (2).png", "2.png"]
    assert [file.read_bytes() for file in done.files] == [image.path.read_bytes() for image in images]
    assert (target / "1.png").read_text() == "mine"
    assert (done.images, done.left_out, heard) == (2, (), [(1, 2), (2, 2)])


def test_names_can_follow_a_pattern(make, tmp_path):
    done = export_folder([make(), make()], tmp_path / "out", pattern="{prompt}-{seed}")
    assert [file.name for file in done.files] == ["a zebra-1.png", "a zebra-2.png"]


def test_images_that_are_gone_are_left_out_and_told(make, tmp_path):
    gone = make.gone()
    done = export_folder([gone, make()], tmp_path / "out")
    assert (done.images, done.left_out) == (1, (gone.path,))
    assert len(list((tmp_path / "out").iterdir())) == 1


def test_none_and_none_left_are_told(make, tmp_path):
    for images in ([], [make.gone()]):
        with pytest.raises(SketchDeskError) as caught:
            export_folder(images, tmp_path / "out")
        assert caught.value.kind is ErrorKind.BAD_INPUT


def test_stopped_it_leaves_whole_copies_only(make, tmp_path, stop_at_2):
    with pytest.raises(stop_at_2.error):
        export_folder([make(), make(), make()], tmp_path / "out", stop_at_2)
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["1.png", "2.png"]


def test_a_place_that_cannot_be_written_is_told(make, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SketchDeskError) as caught:
        export_folder([make()], tmp_path / "file")
    assert caught.value.kind is ErrorKind.NOT_WRITABLE


def test_a_file_is_copied_beside_itself_under_another_name(make):
    path = make().path
    assert copy_file(path, path.parent).name == "1 (2).png"
    assert copy_file(path, path.parent, "new.png").name == "new.png"
