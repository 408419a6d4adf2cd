"""How many threads a job computes with on a processor, where the job itself leaves that open."""

from __future__ import annotations

import msgspec

from sketchdesk.contracts.jobs import (
    CaptionJob,
    DistillJob,
    EvaluateJob,
    GenerateJob,
    Job,
    StudyJob,
    TrainJob,
    TrialJob,
)


def with_threads(job: Job, count: int | None) -> Job:
    """Return the job with so many threads, unless it says how many itself; None leaves it to the engine."""
    if isinstance(job, TrialJob):
        training = with_threads(job.training, count)
        assert isinstance(training, TrainJob)
        return msgspec.structs.replace(job, training=training)
    if not isinstance(job, GenerateJob | TrainJob | EvaluateJob | StudyJob | DistillJob | CaptionJob):
        return job
    if count is None or job.num_threads is not None:
        return job
    return msgspec.structs.replace(job, num_threads=count)
