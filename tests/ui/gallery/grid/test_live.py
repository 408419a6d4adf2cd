from __future__ import annotations

from pathlib import Path

import pytest

from sketchdesk.contracts.events import ImageSaved, JobEnded, PreviewReady
from sketchdesk.contracts.jobs import GenerateJob, PromptRow, TrainJob
from sketchdesk.library.runs.state import ACTIVE
from sketchdesk.ui.gallery.grid.live import LiveCells


@pytest.fixture
def runner(make_runner):
    return make_runner("stubborn")


@pytest.fixture
def live(runner):
    live = LiveCells(runner)
    yield live
    live.shutdown()


def draws(runner) -> str:
    return runner.submit(GenerateJob(model="m", prompts=(PromptRow(prompt="a fox"),), out_dir="o"))


def preview(job_id: str, number: int, seed: int, step: int) -> PreviewReady:
    return PreviewReady(job_id=job_id, path=f"{number:02d}.jpg", prompt="a fox", seed=seed, step=step, total=10)


def test_previews_take_their_places_and_are_told_ten_times_a_second(qtbot, runner, live):
    job_id = draws(runner)
    with qtbot.waitSignal(live.changed):
        for step in range(1, 6):
            for number in range(2):
                runner.preview_ready.emit(preview(job_id, number, 7 + number, step))
    assert [(cell.path, cell.seed, cell.fraction) for cell in live.cells()] == [
        (Path("00.jpg"), 7, 0.5), (Path("01.jpg"), 8, 0.5),
    ]  # fmt: skip
    assert len({cell.version for cell in live.cells()}) == 2
    with qtbot.assertNotEmitted(live.changed, wait=250):
        pass


def test_a_finished_picture_takes_the_place_of_its_preview_and_the_end_of_all(qtbot, runner, live):
    job_id = draws(runner)
    for number in range(3):
        runner.preview_ready.emit(preview(job_id, number, 7 + number, 1))
    runner.image_saved.emit(
        ImageSaved(job_id=job_id, path="x.png", prompt="a fox", seed=8, width=8, height=8, seconds=1.0)
    )
    assert [cell.seed for cell in live.cells()] == [7, 9]
    runner.job_ended.emit(JobEnded(job_id=job_id, state="canceled"))
    assert live.cells() == []


def test_that_something_is_drawn_is_known_before_there_is_anything_to_see(qtbot, runner, live):
    assert not live.is_drawing
    with qtbot.waitSignal(live.changed):
        job_id = draws(runner)
        qtbot.waitUntil(lambda: runner.state(job_id) in ACTIVE)
    assert live.is_drawing
    assert live.cells() == []
    runner.cancel(job_id)
    qtbot.waitUntil(lambda: not live.is_drawing, timeout=30_000)


def test_samples_of_a_training_belong_to_its_dashboard(runner, live):
    job_id = runner.submit(TrainJob(model="m", dataset="d", out_dir="o"))
    runner.preview_ready.emit(preview(job_id, 0, 7, 1))
    assert live.cells() == []
