"""The folders that runs were promised, which may not be there yet."""

from __future__ import annotations

from collections.abc import Iterable

from sketchdesk.contracts.jobs import DistillJob, TrainJob
from sketchdesk.library.training.train_runs import Training
from sketchdesk.workers.runner import JobRunner


def promised(runner: JobRunner, trainings: Iterable[Training] = ()) -> set[str]:
    """Return where trainings and distillations write: those in the runner's list, and these."""
    jobs = [runner.run(job_id).job for job_id in runner.job_ids()] + [training.job for training in trainings]
    return {job.out_dir for job in jobs if isinstance(job, TrainJob | DistillJob)}
