"""What trials measured is read from their runs; one that measured nothing tells nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path

import msgspec
import pytest

from sketchdesk.contracts.events import JobEnded, JobStarted
from sketchdesk.contracts.jobs import Job, TrainJob, TrialJob
from sketchdesk.library.paths import runs_dir
from sketchdesk.library.runs import runs
from sketchdesk.library.runs.leftovers import find_leftovers
from sketchdesk.library.runs.state import RunState
from sketchdesk.library.training.forecast import forecast_time
from sketchdesk.library.training.trials import trial_in, trial_text

JOB = TrainJob(model="m", dataset="d", out_dir="", train_batch_size=4, max_train_steps=100)
STARTED = JobStarted(pid=1, device="cpu")
RESULT = {"steps": 2, "memory_gib": 2.25, "memory_forecast_gib": 2.5, "step_s": 2.0, "images_per_s": 2.0}


def test_a_trial_tells_memory_and_speed():
    found = trial_in(JOB, [STARTED, JobEnded(state="done", result=RESULT)])
    assert (found.peak.gib, found.peak.device, found.speed.images_per_s) == (2.25, "cpu", 2.0)
    assert forecast_time(JOB, "cpu", [found.speed]) == pytest.approx((170, 230))


def test_a_trial_tells_nothing_of_how_long_it_takes_with_another_number_of_threads():
    """The setting for threads may have been changed since; a job that asks for none has the setting's by then."""
    tried = msgspec.structs.replace(JOB, num_threads=2)
    started = msgspec.structs.replace(STARTED, num_threads=2)
    speed = trial_in(tried, [started, JobEnded(state="done", result=RESULT)]).speed
    assert forecast_time(tried, "cpu", [speed]) == pytest.approx((170, 230))
    assert forecast_time(JOB, "cpu", [speed]) is None
    assert forecast_time(msgspec.structs.replace(JOB, num_threads=1), "cpu", [speed]) is None


@pytest.mark.parametrize(
    "events",
    [
        [], [STARTED], [JobEnded(state="done", result=RESULT)],
        [STARTED, JobEnded(state="done", result=RESULT | {"memory_gib": None})],
        [STARTED, JobEnded(state="done", result=RESULT | {"images_per_s": 0})],
        [STARTED, JobEnded(state="done", result=RESULT), STARTED],
    ],
)  # fmt: skip
def test_one_that_says_too_little_tells_nothing(events):
    assert trial_in(JOB, events) is None


def left_by(job: Job, state: RunState) -> Path:
    """Make a run in a state and with a folder as a trial has while it works; return that."""
    run = runs.create_run(job)
    if state is not RunState.QUEUED:
        runs.start(run, os.getpid())
    if state not in (RunState.QUEUED, RunState.RUNNING):
        runs.move(run, state)
    folder = run.folder / "trial-abc" / "average"
    folder.mkdir(parents=True)
    (folder / "weights").write_bytes(b"w")
    return folder.parent


def killed(folder: Path) -> None:
    """Let a run look as if it was still at work when its process died."""
    file = folder.parent / "state.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"pid_created": 0.0}))


def test_what_killed_trials_left_is_gone_at_the_next_start_and_what_runs_is_let_alone(data_folder):
    trial = TrialJob(training=JOB)
    failed, running = left_by(trial, RunState.FAILED), left_by(trial, RunState.RUNNING)
    dead = left_by(trial, RunState.RUNNING)
    killed(dead)
    training, strange = left_by(JOB, RunState.FAILED), runs_dir() / "mine" / "trial-of-mine"
    strange.mkdir(parents=True)
    assert [run.folder for run in find_leftovers().interrupted] == [dead.parent]
    assert [folder.exists() for folder in (failed, dead, running, training, strange)] == [False] * 2 + [True] * 3
    assert (failed.parent / "job.json").is_file()


def test_it_is_told_in_sentences():
    assert trial_text(RESULT) == "A step takes 2.00 s. Memory at its most: 2.25 GiB; the forecast was 2.50 GiB."
    assert trial_text(RESULT | {"memory_forecast_gib": None}).endswith("Memory at its most: 2.25 GiB.")
    assert trial_text({}) == ""
