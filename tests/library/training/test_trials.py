"""What trials measured is read from their runs; one that measured nothing tells nothing."""

from __future__ import annotations

import msgspec
import pytest

from sketchdesk.contracts.events import JobEnded, JobStarted
from sketchdesk.contracts.jobs import TrainJob
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


def test_it_is_told_in_sentences():
    assert trial_text(RESULT) == "A step takes 2.00 s. Memory at its most: 2.25 GiB; the forecast was 2.50 GiB."
    assert trial_text(RESULT | {"memory_forecast_gib": None}).endswith("Memory at its most: 2.25 GiB.")
    assert trial_text({}) == ""
