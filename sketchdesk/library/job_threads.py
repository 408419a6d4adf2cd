"""How many threads a job computes with on a processor, where the job itself leaves that open, and with which it did."""

from __future__ import annotations

import msgspec
from msgspec import Struct

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


class Threads(Struct, frozen=True, kw_only=True):
    """With how many threads of the processor a run computed."""

    asked: int | None = None
    """None where that was left to the engine."""
    used: int | None = None
    """None where the engine did not tell."""

    def are_for(self, wanted: int | None, device: str) -> bool:
        """Tell whether a job that asks for so many, or leaves it to the engine (None), computes as fast on a device.

        How much faster more threads are depends on the model and on what else the machine does: nothing is scaled. On a
        graphics card they hardly count.
        """
        if device != "cpu":
            return True
        return self.asked is None if wanted is None else wanted == (self.used or self.asked)
