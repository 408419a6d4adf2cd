"""The threads a person set reach every job that computes and does not say itself."""

from __future__ import annotations

import pytest

from sketchdesk.contracts.jobs import (
    CaptionJob,
    DistillJob,
    DownloadJob,
    EvaluateJob,
    GenerateJob,
    StudyJob,
    TrainJob,
    TrialJob,
)
from sketchdesk.library.job_threads import with_threads

TRAIN = TrainJob(model="m", dataset="d", out_dir="o")
JOBS = [
    TRAIN, GenerateJob(model="m", prompts=(), out_dir="o"), EvaluateJob(images_dir="i", out_dir="o"),
    StudyJob(title="t", out_dir="o", prompts=(), models=()), DistillJob(model="m", out_dir="o"),
    CaptionJob(dataset="d", captions_file="f"), TrialJob(training=TRAIN),
]  # fmt: skip


@pytest.mark.parametrize("job", JOBS, ids=lambda job: type(job).__name__)
def test_a_job_that_leaves_it_open_takes_the_number_and_keeps_it(job):
    given = with_threads(job, 3)
    assert (job.num_threads, given.num_threads) == (None, 3)
    assert with_threads(given, 5) == given
    assert with_threads(job, None) == job


def test_what_computes_nothing_stays_as_it_is():
    job = DownloadJob(repos=("a/b",))
    assert with_threads(job, 3) == job
