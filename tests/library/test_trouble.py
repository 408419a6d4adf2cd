"""A clock that goes backwards, folders that cannot be written or are gone, two programs in one: nothing is lost."""

from __future__ import annotations

import itertools
import os
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import ImageSaved, JobEnded, PreviewReady
from sketchdesk.contracts.jobs import GenerateJob, PromptRow
from sketchdesk.library.drawing.unsaved import save_unsaved, unsaved_dir
from sketchdesk.library.images.metadata import ImageRecord, read_record, save_new_image
from sketchdesk.library.index.index import ImageIndex, Query
from sketchdesk.library.paths import images_dir, index_file
from sketchdesk.library.runs import runs
from sketchdesk.library.runs.state import RunState
from sketchdesk.library.trash.trash import move_to_trash, restore

PICTURE = Image.new("RGB", (8, 8), "red")


def record(seed: int) -> ImageRecord:
    return ImageRecord(
        prompt="a fox", seed=seed, num_inference_steps=5, guidance_scale=2.0, sampler="ddim", width=8, height=8,
        model="m",
    )  # fmt: skip


def test_a_clock_that_goes_backwards_loses_neither_pictures_nor_what_is_told_of_them(home, monkeypatch):
    now = itertools.count(2_000_000_000, -3600)
    monkeypatch.setattr(time, "time", lambda: float(next(now)))
    job = GenerateJob(model="m", prompts=(PromptRow(prompt="a fox"),), out_dir=str(images_dir()), count=4)
    run = runs.create_run(job, "Foxes")
    runs.start(run, os.getpid())
    paths = []
    for seed in range(4):
        path = save_new_image(PICTURE, images_dir() / "fox.png", record(seed))
        os.utime(path, (time.time(), time.time()))
        saved = ImageSaved(path=str(path), prompt="a fox", seed=seed, width=8, height=8, seconds=1, time_s=time.time())
        runs.append_event(run.folder, saved)
        paths.append(path)
    runs.finish(run, JobEnded(state="done"))
    assert runs.status_of(run).state is RunState.DONE
    with ImageIndex(index_file(), [images_dir()]) as index:
        index.refresh()
        assert {image.record.seed for image in index.images(index.ids(Query(run="Foxes")))} == {0, 1, 2, 3}
        batch = move_to_trash(paths[:2])
        index.refresh()
        assert index.count(Query()) == 2
        back = restore(batch)
        assert set(back.values()) == set(paths[:2])
        index.refresh()
        assert index.count(Query(run="Foxes")) == 4


def test_what_was_drawn_before_the_clock_was_set_back_keeps_its_run_when_it_is_saved(home):
    job = GenerateJob(model="m", prompts=(PromptRow(prompt="a fox"),), out_dir=str(images_dir()), keep=False)
    run = runs.create_run(job, "Foxes")
    path = save_new_image(PICTURE, unsaved_dir(run.folder) / "fox.png", record(1))
    drawn_s = time.time() + 86_400  # by a clock that was a day ahead
    os.utime(path, (drawn_s, drawn_s))
    told = PreviewReady(path=str(path), prompt="a fox", seed=1, step=5, total=5, time_s=drawn_s + 0.5)
    runs.append_event(run.folder, told)
    saved = save_unsaved([path])[path]
    with ImageIndex(index_file(), [images_dir()]) as index:
        index.refresh()
        assert index.find(saved).run == "Foxes"


@pytest.fixture
def read_only(tmp_path) -> Path:
    """A folder that nobody can write into, not even root."""
    if os.name == "nt":
        pytest.skip("folders are not read-only there")
    if os.geteuid() == 0:
        if not Path("/sys/kernel").is_dir():
            pytest.skip("no folder refuses root here")
        return Path("/sys/kernel")
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    return folder


def test_a_read_only_folder_is_told_and_what_was_drawn_without_keeping_stays(home, read_only):
    with pytest.raises(SketchDeskError) as refused:
        save_new_image(PICTURE, read_only / "fox.png", record(1))
    assert refused.value.kind is ErrorKind.NOT_WRITABLE
    job = GenerateJob(model="m", prompts=(PromptRow(prompt="a fox"),), out_dir=str(read_only), keep=False)
    run = runs.create_run(job)
    waiting = save_new_image(PICTURE, unsaved_dir(run.folder) / "fox.png", record(1))
    with pytest.raises(SketchDeskError) as refused:
        save_unsaved([waiting])
    assert refused.value.kind is ErrorKind.NOT_WRITABLE
    assert read_record(waiting) == record(1)


def test_a_folder_deleted_under_our_feet_is_made_again_for_the_next_picture(home):
    first = save_new_image(PICTURE, images_dir() / "today" / "fox.png", record(1))
    shutil.rmtree(images_dir())
    second = save_new_image(PICTURE, images_dir() / "today" / "fox.png", record(2))
    assert first == second
    with ImageIndex(index_file(), [images_dir()]) as index:
        index.refresh()
        assert [(image.path, image.record.seed) for image in index.images(index.ids(Query()))] == [(second, 2)]


OTHER_ENGINE = """
import sys
from pathlib import Path
from PIL import Image
from sketchdesk.library.images.metadata import ImageRecord, save_new_image
who, folder = int(sys.argv[1]), Path(sys.argv[2])
sys.stdin.read(1)
for number in range(15):
    made = ImageRecord(prompt="a fox", seed=100 * who + number, num_inference_steps=5, guidance_scale=2.0,
                       sampler="ddim", width=8, height=8, model="m")
    save_new_image(Image.new("RGB", (8, 8)), folder / f"{number:05d}-a-fox.png", made)
"""


def test_two_programs_that_draw_into_one_folder_take_no_number_twice_and_lose_no_record(home):
    engines = [
        subprocess.Popen([sys.executable, "-c", OTHER_ENGINE, str(who), str(images_dir())], stdin=subprocess.PIPE)
        for who in (1, 2)
    ]
    for engine in engines:
        engine.communicate(b"!")
    assert [engine.returncode for engine in engines] == [0, 0]
    with ImageIndex(index_file(), [images_dir()]) as index:
        index.refresh()
        seeds = sorted(image.record.seed for image in index.images(index.ids(Query())))
    assert seeds == sorted(100 * who + number for who in (1, 2) for number in range(15))
