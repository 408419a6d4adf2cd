"""Pictures drawn without keeping them can be saved later, whole, with their records and all that is known of them."""

from __future__ import annotations

import pytest
from PIL import Image

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import PreviewReady
from sketchdesk.contracts.jobs import GenerateJob, PromptRow
from sketchdesk.library.drawing.keeping import keep_images
from sketchdesk.library.drawing.unsaved import is_unsaved, save_unsaved, unsaved_dir, unsaved_images
from sketchdesk.library.images.metadata import ImageRecord, read_record, save_png
from sketchdesk.library.images.stars import Stars
from sketchdesk.library.index.index import ImageIndex, Query
from sketchdesk.library.paths import images_dir, index_file
from sketchdesk.library.runs.runs import append_event, create_run
from sketchdesk.library.trash.trash import move_to_trash, restore

RECORD = ImageRecord(
    prompt="a fox", seed=3, num_inference_steps=5, guidance_scale=2.0, sampler="ddim", width=8, height=8, model="m"
)


@pytest.fixture
def run(home):
    """A run that drew three pictures without keeping them, and told so."""
    job = GenerateJob(model="m", prompts=(PromptRow(prompt="a fox"),), out_dir=str(images_dir() / "today"), keep=False)
    made = create_run(job, "Foxes")
    for number in range(3):
        path = unsaved_dir(made.folder) / f"{number:05d}-a-fox.png"
        save_png(Image.new("RGB", (8, 8), "red"), path, RECORD)
        append_event(made.folder, PreviewReady(path=str(path), prompt="a fox", seed=3, step=5, total=5, time_s=100.0))
    return made


def test_one_is_saved_where_its_run_was_to_draw_and_the_others_stay(run):
    first, second, third = unsaved_images()
    saved = save_unsaved([second])
    assert saved == {second: images_dir() / "today" / second.name}
    assert read_record(saved[second]) == RECORD
    assert unsaved_images(run.folder) == [first, third]
    assert is_unsaved(first)
    assert not is_unsaved(saved[second])


def test_the_gallery_knows_them_and_what_is_saved_keeps_run_and_star(run):
    with ImageIndex(index_file(), [images_dir()]) as index:
        index.refresh()
        assert index.count(Query(unsaved=True)) == 3
        assert {image.run for image in index.images(index.ids(Query()))} == {"Foxes"}
        first, *_rest = unsaved_images()
        Stars.load().toggle([first])
        saved = keep_images([index.find(first)], index)
        index.rebuild()
        assert index.count(Query(unsaved=True)) == 2
        image = index.find(saved[first])
        assert (image.run, image.starred, image.unsaved) == ("Foxes", True, False)
        assert index.find(first) is None


def test_what_is_dropped_goes_to_the_trash_and_comes_back_unsaved(run):
    batch = move_to_trash(unsaved_images())
    assert unsaved_images() == []
    restore(batch)
    assert len(unsaved_images()) == 3


def test_nothing_that_lies_there_is_replaced_and_what_is_gone_is_left_out(run, tmp_path):
    first, *_rest = unsaved_images()
    older = tmp_path / "kept" / first.name
    older.parent.mkdir()
    older.write_bytes(b"older")
    saved = save_unsaved([first, first], tmp_path / "kept")
    assert older.read_bytes() == b"older"
    assert [path.stem for path in saved.values()] == [f"{first.stem}-2"]
    assert save_unsaved([first]) == {}


def test_a_folder_that_cannot_be_written_loses_nothing(run, tmp_path):
    (tmp_path / "kept").write_text("a file is in the way")
    with pytest.raises(SketchDeskError) as refused:
        save_unsaved(unsaved_images(), tmp_path / "kept")
    assert refused.value.kind is ErrorKind.NOT_WRITABLE
    assert len(unsaved_images()) == 3


def test_other_files_are_not_moved(run, tmp_path):
    mine = tmp_path / "mine.png"
    mine.write_bytes(b"mine")
    with pytest.raises(SketchDeskError) as refused:
        save_unsaved([mine], tmp_path / "kept")
    assert refused.value.kind is ErrorKind.BAD_INPUT
    assert mine.read_bytes() == b"mine"
