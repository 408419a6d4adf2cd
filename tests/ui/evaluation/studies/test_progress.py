"""How far a study is, counted from what its engine says."""

from __future__ import annotations

import os
import time

import pytest

from sketchdesk.contracts.events import ImageSaved, ScoreReady, StageChanged, StepDone
from sketchdesk.library.runs.state import RunState
from sketchdesk.ui.evaluation.studies.progress import SHOWN, Progress, StudyWatch


@pytest.fixture
def working(qtbot, make_runner, background, study):
    """A watch, its runner, and the id of a study at work on an engine that says nothing but its first step."""
    runner = make_runner("stubborn")
    watch = StudyWatch(runner, background)
    job_id = runner.submit(study.job)
    qtbot.waitUntil(lambda: watch.of(job_id) is not None and watch.of(job_id).step is not None, timeout=20_000)
    yield watch, runner, job_id
    watch.shutdown()
    runner.cancel(job_id)
    qtbot.waitUntil(lambda: runner.state(job_id) is RunState.CANCELED, timeout=20_000)


def test_the_time_left_counts_the_drawing_and_not_the_start_of_the_engine(study):
    progress = Progress(study.job, started_s=time.time() - 1000)
    progress.begin("loading")
    progress.begin("drawing")
    assert progress.eta_s is None
    progress.drawing_since_s -= 8
    progress.drawn = 8
    left = progress.to_draw - 8
    assert progress.eta_s == pytest.approx(left, rel=0.1)
    progress.begin("loading")
    progress.begin("drawing")
    assert progress.eta_s == pytest.approx(left, rel=0.1)


def saved(job_id, number):
    return ImageSaved(job_id=job_id, path=f"/x/{number}.png", prompt="p", seed=0, width=1, height=1, seconds=0.1)


def test_pictures_and_scores_are_counted_and_told_seldom(qtbot, working):
    watch, runner, job_id = working
    told = []
    watch.changed.connect(told.append)
    runner.stage_changed.emit(StageChanged(job_id=job_id, stage="drawing", index=1, total=11))
    for number in range(500):
        runner.image_saved.emit(saved(job_id, number))
    progress = watch.of(job_id)
    assert (progress.drawn, len(progress.pictures), progress.pictures[0].name) == (500, SHOWN, "499.png")
    assert told == []
    qtbot.waitUntil(lambda: told == [job_id])
    runner.stage_changed.emit(StageChanged(job_id=job_id, stage="scoring", index=9, total=11))
    runner.step_done.emit(StepDone(job_id=job_id, step=16, total=24, eta_s=3.0))
    for _each in range(6):
        runner.score_ready.emit(ScoreReady(job_id=job_id, path="/x/1.png", prompt="p", values={}))
    assert (progress.draw_fraction, progress.score_fraction, progress.eta_s) == (1.0, 0.25, 3.0)


def test_pictures_of_an_earlier_start_count_as_drawn(qtbot, make_runner, background, study, folder):
    for file in folder.rglob("*.png"):
        os.utime(file, (1, 1))
    runner = make_runner("stubborn")
    watch = StudyWatch(runner, background)
    job_id = runner.submit(study.job)
    qtbot.waitUntil(lambda: watch.of(job_id) is not None and watch.of(job_id).ready > 0, timeout=20_000)
    assert watch.of(job_id).ready == 24
    watch.shutdown()
    runner.cancel(job_id)
    qtbot.waitUntil(lambda: runner.state(job_id) is RunState.CANCELED, timeout=20_000)
    assert watch.of(job_id) is None


def test_a_picture_at_work_counts_by_its_steps(study):
    progress = Progress(study.job)
    progress.begin("drawing")
    progress.step = StepDone(step=50, total=150)
    assert (progress.to_draw, progress.drawn_in_all) == (24, 2.0)
    assert progress.draw_fraction == pytest.approx(2 / 24)
    assert progress.fraction == pytest.approx(0.8 * 2 / 24)
    progress.drawn = 3
    progress.begin("drawing")
    assert progress.drawn_in_all == 3.0


def test_the_time_left_follows_from_the_pictures_of_this_start(study):
    progress = Progress(study.job, ready=12)
    assert progress.eta_s is None
    progress.begin("drawing")
    progress.drawn = 6
    progress.drawing_since_s -= 60
    assert progress.eta_s == pytest.approx(60, rel=0.01)
