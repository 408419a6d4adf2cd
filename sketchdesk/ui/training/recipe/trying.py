"""The trial of a recipe, followed through the runner."""

from __future__ import annotations

import msgspec

from sketchdesk.contracts.jobs import TrainJob, TrialJob
from sketchdesk.ui.training.following import Following


class Trying(Following):
    """Starts and stops the job that does two steps of a recipe.

    Signals:
        progressed(): As Following's.
    """

    def begin(self, job: TrainJob, title: str) -> None:
        """Put a recipe's trial into the queue. Raises SketchDeskError(DISK_FULL or NOT_WRITABLE)."""
        self.begin_anew()
        self.runner.submit(TrialJob(training=msgspec.structs.replace(job, out_dir="")), title)
        self.tell()

    def is_ours(self, job_id: str) -> bool:
        """See Following."""
        return isinstance(self.runner.run(job_id).job, TrialJob)
