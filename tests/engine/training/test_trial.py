"""The trial of a training: two real steps whose memory and time are told, and nothing kept."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import CheckpointSaved, JobEnded, MetricLogged, PreviewReady, StageChanged
from sketchdesk.contracts.jobs import TrainJob, TrialJob
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.session import run_job
from sketchdesk.engine.training import trial
from sketchdesk.engine.training.row_store import RowStore
from sketchdesk.library.paths import cache_dir
from sketchdesk.library.runs import runs
from sketchdesk.library.runs.state import RunState
from sketchdesk.library.training.forecast import forecast_time, known_step_s
from sketchdesk.library.training.memory import measured_gib
from sketchdesk.library.training.trials import list_trials


def recipe(model: Path, balls: Path, **changes: object) -> TrainJob:
    values = {
        "model": str(model), "dataset": str(balls), "out_dir": "", "train_batch_size": 2, "precision": "fp32",
        "optimizer": "adamw", "max_train_steps": 500, "device": "cpu", "num_threads": 1,
    }  # fmt: skip
    return TrainJob(**(values | changes))


def tried(job: TrainJob) -> tuple[JobEnded, list]:
    """Try a recipe as the command line does, as a run of the data folder."""
    entry, events = runs.create_run(TrialJob(training=job)), []
    runs.start(entry, 1)
    ended = run_job(entry.job, Reporter(events.append, run_dir=entry.folder))
    runs.finish(entry, ended)
    return ended, events


def test_two_steps_are_measured_and_nothing_of_them_is_kept(tiny_sd, balls):
    job = recipe(tiny_sd, balls, ema_device="disk", validation_share=0.3, checkpointing_steps=1)
    ended, events = tried(job)
    assert ended.state == "done", ended.details
    result = ended.result
    assert result["steps"] == 2
    assert result["memory_gib"] > 0.1
    assert result["memory_forecast_gib"] > 0.1
    assert result["step_s"] == pytest.approx(2 / result["images_per_s"])
    assert [event.step for event in events if isinstance(event, MetricLogged)] == [1, 2]
    assert not [event for event in events if isinstance(event, CheckpointSaved | PreviewReady)]
    (run,) = runs.list_runs()
    assert sorted(path.name for path in run.folder.iterdir()) == ["events.jsonl", "job.json", "state.json"]


def test_what_a_killed_trial_left_is_gone_when_the_next_one_begins(tiny_sd, balls):
    killed = runs.create_run(TrialJob(training=recipe(tiny_sd, balls)))
    runs.start(killed, 1)
    left = killed.folder / "trial-abc"
    left.mkdir()
    (left / "average").write_bytes(b"w")
    runs.move(killed, RunState.FAILED)
    ended, _events = tried(recipe(tiny_sd, balls))
    assert (ended.state, left.exists(), killed.folder.exists()) == ("done", False, True)


def test_what_was_measured_corrects_the_forecasts_of_recipes_alike_and_of_no_others(tiny_sd, balls):
    job = recipe(tiny_sd, balls)
    ended, _events = tried(job)
    (found,) = list_trials()
    longer = recipe(tiny_sd, balls, max_train_steps=1000, learning_rate=1e-3)
    larger = recipe(tiny_sd, balls, train_batch_size=3)
    assert measured_gib(longer, "cpu", [found.peak]) == ended.result["memory_gib"]
    assert known_step_s(longer, "cpu", [found.speed]) == pytest.approx(ended.result["step_s"])
    low, high = forecast_time(longer, "cpu", [found.speed])
    assert low < 1000 * ended.result["step_s"] < high
    assert measured_gib(larger, "cpu", [found.peak]) is None
    assert known_step_s(larger, "cpu", [found.speed]) is None
    assert forecast_time(larger, "cpu", [found.speed]) is not None  # for want of better


def test_only_the_pictures_of_these_steps_are_read(tiny_sd, tmp_path, balls):
    many = tmp_path / "many"
    many.mkdir()
    for number in range(60):
        name = sorted(balls.glob("*.png"))[number % 6]
        (many / f"{number}.png").write_bytes(name.read_bytes() + bytes([number]))
        (many / f"{number}.txt").write_text(f"ball {number}")
    ended, _events = tried(recipe(tiny_sd, many, train_batch_size=3, random_flip=False))
    assert ended.state == "done", ended.details
    (folder,) = (cache_dir() / "latents").iterdir()
    assert 6 <= len(RowStore(folder, print).names()) < 400


def test_prompts_to_watch_are_drawn_once_since_they_take_memory_too(tiny_sd, balls):
    ended, events = tried(recipe(tiny_sd, balls, validation_prompts=("a red ball",)))
    assert ended.state == "done", ended.details
    stages = [event.stage for event in events if isinstance(event, StageChanged)]
    assert stages == ["loading", "encoding", "training", "drawing"]


def test_it_can_be_stopped_between_its_steps(tiny_sd, balls):
    def stop(event: object) -> None:
        if isinstance(event, MetricLogged):
            reporter.cancel()

    reporter = Reporter(stop)
    assert run_job(TrialJob(training=recipe(tiny_sd, balls)), reporter).state == "canceled"
    assert list_trials() == []


def test_the_time_in_which_it_is_held_is_no_step_s(tiny_sd, balls):
    held_s, said = 0.5, []

    def hold(event: object) -> None:
        if isinstance(event, MetricLogged):
            said.append(2 / event.values["images_per_s"])
            if event.step == 2:
                reporter.set_paused(True)
                threading.Timer(held_s, reporter.set_paused, [False]).start()

    reporter = Reporter(hold)
    ended = run_job(TrialJob(training=recipe(tiny_sd, balls)), reporter)
    assert said[-1] <= ended.result["step_s"] < said[-1] + held_s


def test_what_the_training_would_refuse_is_refused(tiny_sd, balls):
    with pytest.raises(SketchDeskError) as refused:
        trial.run(TrialJob(training=recipe(tiny_sd, balls / "nowhere")), Reporter(lambda _event: None))
    assert refused.value.kind is ErrorKind.DATASET_UNREADABLE
