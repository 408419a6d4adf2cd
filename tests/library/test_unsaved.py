"""Pictures drawn without keeping them can be saved later, whole and with their records."""

from __future__ import annotations

import pytest
from PIL import Image

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.images import ImageRecord, read_record, save_png
from sketchdesk.library.unsaved import drop_unsaved, save_unsaved, unsaved_dir, unsaved_images

RECORD = ImageRecord(
    prompt="a fox", seed=3, num_inference_steps=5, guidance_scale=2.0, sampler="ddim", width=8, height=8, model="m"
)


@pytest.fixture
def run_dir(tmp_path):
    for number in range(3):
        save_png(Image.new("RGB", (8, 8), "red"), unsaved_dir(tmp_path / "run") / f"{number:05d}-a-fox.png", RECORD)
    return tmp_path / "run"


def test_one_is_saved_and_the_others_stay_until_they_are_dropped(run_dir, tmp_path):
    first, second, third = unsaved_images(run_dir)
    (saved,) = save_unsaved([second], tmp_path / "kept")
    assert saved == tmp_path / "kept" / second.name
    assert read_record(saved) == RECORD
    assert unsaved_images(run_dir) == [first, third]
    drop_unsaved(run_dir)
    assert unsaved_images(run_dir) == []
    assert saved.is_file()


def test_nothing_that_lies_there_is_replaced_and_what_is_gone_is_left_out(run_dir, tmp_path):
    first, *_rest = unsaved_images(run_dir)
    older = tmp_path / "kept" / first.name
    older.parent.mkdir()
    older.write_bytes(b"older")
    (saved,) = save_unsaved([first, first], tmp_path / "kept")
    assert older.read_bytes() == b"older"
    assert saved.stem == f"{first.stem}-2"


def test_a_folder_that_cannot_be_written_loses_nothing(run_dir, tmp_path):
    (tmp_path / "kept").write_text("a file is in the way")
    with pytest.raises(SketchDeskError) as refused:
        save_unsaved(unsaved_images(run_dir), tmp_path / "kept")
    assert refused.value.kind is ErrorKind.NOT_WRITABLE
    assert len(unsaved_images(run_dir)) == 3
