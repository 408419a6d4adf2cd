"""A data set is counted, and what is wrong with it said, before anything is trained on it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.demo.dataset import NAMED_COUNT, NAMED_SETS
from sketchdesk.library.dataset.glance import DatasetCheck, check_dataset


def folder_of(tmp_path: Path, **captions: str) -> Path:
    rows = [json.dumps({"file_name": f"{name}.png", "text": caption}) for name, caption in captions.items()]
    (tmp_path / "metadata.jsonl").write_text("\n".join(rows))
    return tmp_path


@pytest.mark.parametrize("name", NAMED_SETS)
def test_the_demos_sets_are_known_before_they_are_drawn(name):
    assert check_dataset(name) == DatasetCheck(pictures=NAMED_COUNT)


def test_pictures_that_are_not_there_and_captions_that_say_nothing_are_counted(tmp_path):
    folder = folder_of(tmp_path, a="a cat", b=" ", c="a dog")
    for name in ("a", "b"):
        Image.new("RGB", (8, 8)).save(tmp_path / f"{name}.png")
    assert check_dataset(str(folder)) == DatasetCheck(pictures=2, missing=1, without_caption=1)


def test_a_set_without_a_single_picture_is_refused(tmp_path):
    for folder in (folder_of(tmp_path, a="a cat"), tmp_path / "nowhere"):
        with pytest.raises(SketchDeskError) as caught:
            check_dataset(str(folder))
        assert caught.value.kind is ErrorKind.DATASET_UNREADABLE


def test_pictures_without_captions_and_those_in_folders_that_are_not_read_are_counted(tmp_path):
    for name in ("a.png", "b.png", "2_style/c.png", "loose.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", (8, 8)).save(tmp_path / name)
    assert check_dataset(str(tmp_path)) == DatasetCheck(pictures=1, unshown=3)
    (tmp_path / "2_style").rename(tmp_path / "style")
    (tmp_path / "a.txt").write_text("a cat")
    assert check_dataset(str(tmp_path)) == DatasetCheck(pictures=1, without_caption=3)
